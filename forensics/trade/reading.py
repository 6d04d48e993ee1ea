"""One row of a file as values of a record, and what could not be read in one way only.

What is not understood stays as it was written, and validation tells of it; a number or a date that has two
readings is left out of the record, stays in the original row, and is reported here. Quantities are read as people
write them. Free text that lists what was seized is split into specimens, each with its quantity, or flagged; what a
word for an animal means is proposed, never put in: *papa-capim* is several species.

>>> read_quantity("12,5 kg")
Reading(low=12.5, high=12.5, unit='kg', rest='', approximate=False, problem='', readings=())
>>> read_quantity("1.200 kg").problem, read_quantity("1.200 kg").readings
('QUANTITY_AMBIGUOUS', (1.2, 1200.0))
"""

import functools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from forensics.io.numbers import (
    MAX_DEGREES,
    MAX_QUANTITY,
    Axis,
    fold,
    parse_degrees,
    read_date,
    read_number,
)
from forensics.io.tables import Row
from forensics.messages import _
from forensics.trade.mapping import LINKS, ColumnMapping
from forensics.trade.problems import RECORD, Problem
from forensics.trade.record import number_text, quantity_text
from forensics.trade.sheets import clean
from forensics.trade.vocabulary import (
    FIELDS,
    SEIZURE_FIELDS,
    SPECIMEN_FIELDS,
    code_of,
    country_of,
    term_of,
    unit_of,
    vernaculars,
)

_NUMBER = r"\d[\d.,'\u00a0\u202f ]*\d|\d"
_JOINED = r"(?:~|–|—|-|\.\.\.?|\bto\b|\bà\b|\ba\b|\bate\b|\bbis\b)"
_RANGE = re.compile(rf"^({_NUMBER})\s*{_JOINED}\s*({_NUMBER})(?![\d])\s*(.*)$")
_BETWEEN = re.compile(
    rf"^(?:between|entre|from|de)\s+({_NUMBER})\s*(?:and|et|e|to|à|a)\s+({_NUMBER})\s*(.*)$"
)
_ABOUT = re.compile(
    r"^(?:environ|env\.?|about|approx(?:imately|imativement)?\.?|around|circa|ca\.?|c\.|~|≈|±|\+/-"
    r"|cerca de|aproximadamente|aprox\.?|mais ou menos|some|presque|quase|nearly|almost)\s*"
)
_OVER = re.compile(
    r"^(?:over|more than|at least|plus de|au moins|mais de|pelo menos|acima de|>=?|≥)\s*"
)
_UNDER = re.compile(
    r"^(?:less than|under|at most|up to|moins de|au plus|jusqu'a|menos de|ate|no maximo|<=?|≤)\s*"
)
_COUNTED = re.compile(rf"^({_NUMBER})(?![\d])\s*(.*)$")
_ORDER = re.compile(r"^(?:n[o°º.]+\s*)\d")

_ONES = {
    "zero": 0, "a": 1, "an": 1, "one": 1, "un": 1, "une": 1, "um": 1, "uma": 1,
    "two": 2, "deux": 2, "dois": 2, "duas": 2, "three": 3, "trois": 3, "tres": 3,
    "four": 4, "quatre": 4, "quatro": 4, "five": 5, "cinq": 5, "cinco": 5, "six": 6, "seis": 6,
    "seven": 7, "sept": 7, "sete": 7, "eight": 8, "huit": 8, "oito": 8, "nine": 9, "neuf": 9,
    "nove": 9, "ten": 10, "dix": 10, "dez": 10, "eleven": 11, "onze": 11, "twelve": 12,
    "douze": 12, "doze": 12, "thirteen": 13, "treize": 13, "treze": 13, "fourteen": 14,
    "quatorze": 14, "catorze": 14, "fifteen": 15, "quinze": 15, "sixteen": 16, "seize": 16,
    "dezesseis": 16, "dezasseis": 16, "seventeen": 17, "dezessete": 17, "dezassete": 17,
    "eighteen": 18, "dezoito": 18, "nineteen": 19, "dezenove": 19, "dezanove": 19, "twenty": 20,
    "vingt": 20, "vingts": 20, "vinte": 20, "thirty": 30, "trente": 30, "trinta": 30, "forty": 40,
    "quarante": 40, "quarenta": 40, "fifty": 50, "cinquante": 50, "cinquenta": 50, "sixty": 60,
    "soixante": 60, "sessenta": 60, "seventy": 70, "septante": 70, "setenta": 70, "eighty": 80,
    "huitante": 80, "oitenta": 80, "ninety": 90, "nonante": 90, "noventa": 90, "cem": 100,
    "cento": 100, "duzentos": 200, "duzentas": 200, "trezentos": 300, "trezentas": 300,
    "quatrocentos": 400, "quatrocentas": 400, "quinhentos": 500, "quinhentas": 500,
    "seiscentos": 600, "setecentos": 700, "oitocentos": 800, "novecentos": 900,
}  # fmt: skip
_TIMES = {
    "hundred": 100, "cent": 100, "cents": 100, "thousand": 1000, "mille": 1000, "mil": 1000,
    "million": 1_000_000, "millions": 1_000_000, "milhao": 1_000_000, "milhoes": 1_000_000,
}  # fmt: skip
# "A dozen" may be twelve; the others only say about how many.
_ABOUT_SO_MANY = {
    "dizaine": 10, "dezena": 10, "dozen": 12, "douzaine": 12, "duzia": 12, "quinzaine": 15,
    "vingtaine": 20, "score": 20, "trentaine": 30, "quarantaine": 40, "cinquantaine": 50,
    "soixantaine": 60, "centaine": 100, "centena": 100, "millier": 1000, "milhar": 1000,
    "half-dozen": 6, "demi-douzaine": 6, "meia duzia": 6,
}  # fmt: skip
# After a number: "2 mil", "5 dozen".
_MULTIPLIER = re.compile(
    rf"({'|'.join(re.escape(word) for word in _TIMES if not word.startswith('cent'))}"
    rf"|(?:{'|'.join(re.escape(word) for word in _ABOUT_SO_MANY)})s?)\b(?:\s+(?:de|d'|of)\b)?\s*(.*)"
)
# What such a word makes of the number before it is not read: "2 and a half", "une demi-tonne", "6k".
_NOT_READ = re.compile(
    r"(?:(?:and|et|e)\s+(?:(?:a|an|one|un|une|um|uma)\s+)?)?"
    r"(?:half|halves|demie?s?|mei[oa]s?|quarters?|quarts?|thirds?|tiers|tercos?|k|cents?|milliards?"
    r"|billions?|bilhao|bilhoes)\b"
)
_AND = {"and", "et", "e"}
_ARTICLES = {"a", "an", "un", "une", "um", "uma"}


Columns = dict[str, Any]
"""Values of a record by column."""


@dataclass(frozen=True)
class Reading:
    """What a text says of a quantity.

    Attributes
    ----------
    low, high : float or None
        Bounds; equal where one number is stated, None where a side is open or nothing was read.
    unit : str
        Unit in the text, or empty.
    rest : str
        Text after it.
    approximate : bool
        Whether the text says "about".
    problem : str
        Code where it could not be read in one way only, or empty.
    readings : tuple of float
        What it may mean, where that is several.
    """

    low: float | None = None
    high: float | None = None
    unit: str = ""
    rest: str = ""
    approximate: bool = False
    problem: str = ""
    readings: tuple[float, ...] = ()

    def columns(self) -> Columns:
        """Return the columns of a specimen that the text fills; none where it cannot be read in one way."""
        if self.problem not in ("", "QUANTITY_APPROXIMATE"):
            return {}
        return {
            "quantity_low": self.low, "quantity_high": self.high,
            "approximate": int(self.approximate), "unit": self.unit or None,
        }  # fmt: skip


def read_quantity(
    text: str, *, decimal: str = "", default_unit: str = "", things: bool = False
) -> Reading:
    """Return what a text says of a quantity, or why it does not say it.

    Parameters
    ----------
    text : str
        Such as ``12,5 kg``, ``30 ~ 40 pcs``, ``about 20``, ``une dizaine``, ``01 (UM) pássaro``.
    decimal : str
        See `read_number`.
    default_unit : str
        Unit where the text has none.
    things : bool
        Whether what is counted follows in the text: "a parrot" is one then.

    Returns
    -------
    Reading
        Its `problem` is empty, or ``QUANTITY_AMBIGUOUS`` (a separator may be decimal or of
        thousands), ``QUANTITY_APPROXIMATE`` (read, but it is a guess of who wrote it),
        ``QUANTITY_CONTRADICTORY`` (``02 (three)``), ``QUANTITY_SEVERAL`` (more than one),
        ``QUANTITY_UNREADABLE``.

    Examples
    --------
    >>> found = read_quantity("30 ~ 40 pcs")
    >>> found.low, found.high, found.unit
    (30.0, 40.0, 'no.')
    >>> read_quantity("une dizaine").low, read_quantity("une dizaine").problem
    (10.0, 'QUANTITY_APPROXIMATE')
    """
    bare = re.sub(r"^(?:[-•*·–.;:]+\s+)+", "", " ".join(text.split())).strip(" ;:")
    lowered = fold(bare)
    if len(lowered) != len(bare):  # letters that fold to two: work on the folded text alone
        bare = lowered
    about = over = under = False
    for pattern in (_ABOUT, _OVER, _UNDER, _ABOUT):
        if match := pattern.match(lowered):
            about |= pattern is _ABOUT
            over |= pattern is _OVER
            under |= pattern is _UNDER
            lowered, bare = lowered[match.end() :], bare[match.end() :]
    if _ORDER.match(lowered):  # "No. 5" names a thing, it counts none
        return Reading(problem="QUANTITY_UNREADABLE", rest=bare)
    ends = _two_ends(lowered, decimal)
    if isinstance(ends, Reading):
        return replace(ends, rest=bare)
    low: float | None
    high: float | None
    if ends:
        low, high, rest = ends
    else:
        number = _read_single_number(lowered, decimal, things)
        if isinstance(number, Reading):
            return replace(number, rest=bare, unit=number.unit or default_unit)
        value, rest, loose = number
        low = high = value
        about |= loose
    if over:
        high = None
    if under:
        low, high = None, high
    rest = bare[len(bare) - len(rest) :]
    unit, rest = _unit_and_rest(rest)
    if _another_quantity(rest) or (unit and rest[:1].isdigit()):  # "1 kg 500", "1kg500"
        return Reading(problem="QUANTITY_SEVERAL", rest=bare)
    problem = "QUANTITY_APPROXIMATE" if about or over or under else ""
    return Reading(low, high, unit or default_unit, rest, about, problem)


def _two_ends(text: str, decimal: str) -> tuple[float, float, str] | Reading | None:
    """Return both ends of a range and the text after it; a Reading where an end is unclear."""
    match = _BETWEEN.match(text) or _RANGE.match(text)
    if not match:
        return None
    low, high = (read_number(match[index], decimal) for index in (1, 2))
    if isinstance(low, tuple):
        return Reading(problem="QUANTITY_AMBIGUOUS", readings=low)
    if isinstance(high, tuple):
        return Reading(problem="QUANTITY_AMBIGUOUS", readings=high)
    if low is None or high is None or low >= high:
        return Reading(problem="QUANTITY_UNREADABLE")
    # "500 - 2 mil": of one end or both?
    if _MULTIPLIER.match(match[3]) or _NOT_READ.match(match[3]):
        return Reading(problem="QUANTITY_UNREADABLE")
    return low, high, match[3]


def _read_single_number(text: str, decimal: str, things: bool) -> tuple[float, str, bool] | Reading:
    """Return number, the text after it and whether it is a loose one; or a Reading with why not."""
    match = _COUNTED.match(text)
    if match:
        value, rest = read_number(match[1], decimal), match[2]
        if value is None and " " in match[1]:  # "05 2 kg": the blank divides no thousands
            return Reading(problem="QUANTITY_SEVERAL")
        if isinstance(value, tuple):
            unit, _left = _unit_and_rest(rest)
            return Reading(problem="QUANTITY_AMBIGUOUS", readings=value, unit=unit)
        if value is None:
            return Reading(problem="QUANTITY_UNREADABLE")
        if re.match(r"[a-z]?[/%x×*]\s*\d", rest) or re.match(r"[\d.,]", rest):
            return Reading(problem="QUANTITY_SEVERAL")
        if re.match(r"[a-z]+[+-]?\d", rest) and not _unit_and_rest(rest)[0]:  # 1e5, 12B4
            return Reading(problem="QUANTITY_UNREADABLE")
        value, rest, loose = _multiplied(value, rest)
        bracket = re.match(r"\(([a-z -]+)\)\s*(.*)", rest)
        if bracket and (spelt := _spelt(bracket[1])) and not spelt[1].strip():
            if spelt[0] != value:
                return Reading(problem="QUANTITY_CONTRADICTORY", readings=(value, float(spelt[0])))
            value, rest, loose_after = _multiplied(value, bracket[2])
            loose |= loose_after
        if _NOT_READ.match(rest) or value > MAX_QUANTITY:
            return Reading(problem="QUANTITY_UNREADABLE")
        return value, rest, loose
    spelt = _spelt(text)
    if spelt is None:
        return Reading(problem="QUANTITY_UNREADABLE")
    count, rest, loose = spelt
    bracket = re.match(r"\((\d{1,6})\)\s*(.*)", rest)
    if bracket:
        if float(bracket[1]) != count:
            return Reading(
                problem="QUANTITY_CONTRADICTORY", readings=(float(count), float(bracket[1]))
            )
        number, rest, loose_after = _multiplied(float(count), bracket[2])
        count, loose = int(number), loose or loose_after
    if _NOT_READ.match(rest) or count > MAX_QUANTITY:
        return Reading(problem="QUANTITY_UNREADABLE")
    if rest and text.partition(" ")[0] in _ARTICLES and not _unit_and_rest(rest)[0] and not things:
        return Reading(problem="QUANTITY_UNREADABLE")  # "a heap" is not one
    return float(count), rest, loose


def _multiplied(value: float, text: str) -> tuple[float, str, bool]:
    """Return a number times the word that follows it, the text after it, and whether it is a loose one.

    "2 mil" is 2,000 and "5 dozen" about 60; where no such word follows, the number itself.
    """
    match = _MULTIPLIER.match(text)
    if match is None:
        return value, text, False
    word = match[1]
    loose = word not in _TIMES
    factor = _TIMES.get(word) or _ABOUT_SO_MANY.get(word) or _ABOUT_SO_MANY[word.removesuffix("s")]
    return value * factor, match[2], loose


def _spelt(text: str) -> tuple[int, str, bool] | None:
    """Return the number that the first words spell, the text after them, and whether it is loose."""
    for words, value in _ABOUT_SO_MANY.items():
        if match := re.match(rf"(?:(\w+) )?{words}s?\b(?: (?:de|d'|of)\b)?\s*(.*)", text):
            many = _ONES.get(match[1], None) if match[1] else 1
            if many is not None:
                return many * value, match[2], True
    total, current, used, looked = 0, 0, 0, 0
    tokens = list(re.finditer(r"[a-z]+", text))
    for place, token in enumerate(tokens):
        if text[looked : token.start()].strip(" -"):
            break
        looked = token.end()
        word = token[0]
        follows = tokens[place + 1][0] if place + 1 < len(tokens) else ""
        if word in _TIMES and (current or word in ("cent", "mille", "mil")):
            factor = _TIMES[word]
            current = (current or 1) * factor
            if factor >= 1000:
                total, current = total + current, 0
        elif word in ("vingt", "vingts") and current == 4:
            current = 80
        elif word in _ONES and (not used or word not in ("a", "an")):
            current += _ONES[word]
        elif word in _AND and used and _ONES.get(follows, 1000) < (100 if current else 1000):
            continue  # "mil e duzentos"
        else:
            break
        used = token.end()
    if not used:
        return None
    return total + current, text[used:].strip(), False


def _unit_and_rest(text: str) -> tuple[str, str]:
    """Return the unit with which a text begins, and what comes after it."""
    text = text.strip()
    words = re.match(r"(?:de |d'|of )?([^\W\d_]+[²³23]?\.?(?:[ -][^\W\d_]+)?)", text)
    if not words:
        return "", text
    for candidate in (words[1], re.split(r"[ -]", words[1])[0]):
        if unit := unit_of(candidate):
            end = words.start(1) + len(candidate)
            rest = re.sub(r"^\s*(?:\([a-z ]*\)\s*)?(?:de |d'|of )?", "", text[end:], flags=re.I)
            return unit, rest.strip()
    return "", text


def _another_quantity(text: str) -> bool:
    """Whether a second quantity with a unit stands in the text."""
    return any(
        unit_of(match[2]) and match[2] not in ("no", "nos")  # "ring 2.8 No 042122"
        for match in re.finditer(rf"({_NUMBER})\s*([^\W\d_]+[²³]?)", fold(text))
    )


_KINDS = (
    # Said of the thing itself; a bare word for an animal does not say whether it was alive.
    ("LIV", re.compile(r"\bviv[oa]s?\b|\bvivants?\b|\bvivantes?\b|\blive\b|\balive\b")),
    (
        "BOD",
        re.compile(r"\bmort[oa]s?\b|\bcarcaca\b|\babatid[oa]s?\b|\beviscerad[oa]s?\b|\bcarcass"),
    ),
    ("MEA", re.compile(r"\bcarnes?\b|\bviande\b|\bmeat\b")),
    ("SKI", re.compile(r"\bcouros?\b|\bpeles?\b|\bpeaux?\b|\bskins?\b")),
    ("EGG", re.compile(r"\bovos?\b|\boeufs?\b|\beggs?\b")),
    ("TEE", re.compile(r"\bdentes?\b|\bdents?\b|\bteeth\b|\btooth\b")),
)
# "10 birds, of which 02 (two) X, 06 Y": the parts of a total.
_OF_WHICH = re.compile(r"\bsendo\b|\bdont\b|\bof which\b|\bnamely\b")
_PART = re.compile(r"(?:^|[,;:\n]|\be|\bsendo)\s*(?:- ?)?(\d{1,5})(?=\s*(?:\([a-z ]+\))?\s*[a-z])")
_RING = re.compile(r"\banilhas?\b|\bibama\b|\bsispass?\b|\bn[o°º]\b|\bring\b|\bbague\b")
_NEGATED = re.compile(r"\bsem\b|\bsans\b|\bwithout\b")


class ReadSpecimen(NamedTuple):
    """The columns of one kind of specimen, and what is wrong with them."""

    values: Columns
    problems: tuple[Problem, ...]


def items_of(text: str, mapping: ColumnMapping) -> Iterator[ReadSpecimen]:
    """Yield what a text lists, between the separators of a mapping and in the words of its country."""
    entries = [" ".join(entry.split()) for entry in text.split(mapping.separator)]
    counts: dict[str, int] = {}
    for entry in entries:
        if re.search(r"\w", entry):
            counts[entry] = counts.get(entry, 0) + 1
    for entry, times in counts.items():
        values, problems = _read(entry, mapping)
        if times > 1:
            problems.append(
                Problem(
                    "TEXT_REPEATED", "description", _("{count} times the same words").format(count=times),
                    _("each thing once; the words are taken once here")
                )
            )  # fmt: skip
        yield ReadSpecimen(values, tuple(problems))


def _read(entry: str, mapping: ColumnMapping) -> tuple[Columns, list[Problem]]:
    values: Columns = {"description": entry, "quantity_text": entry}
    problems = []
    folded = fold(entry)
    reading = read_quantity(
        entry, decimal=mapping.decimal, default_unit=mapping.default_unit, things=True
    )
    parts = [int(match[1]) for match in _PART.finditer(_before_ring(folded))]
    whole = _OF_WHICH.search(folded)
    if not reading.problem and len(parts) > 1 and not whole:
        reading = Reading(problem="QUANTITY_SEVERAL", rest=entry)
    if whole and len(parts) > 1:
        if reading.low == sum(parts[1:]):
            expected = _("a row for each part; the parts add up to the total, which is taken here")
        else:
            expected = _("a row for each part; the parts do not add up to the total")
            reading = Reading(problem="QUANTITY_SEVERAL", rest=entry)
        problems.append(Problem("TEXT_SEVERAL_KINDS", "species", entry, expected))
    values |= reading.columns()
    if reading.problem:
        problems.append(quantity_problem(reading, entry))
    kinds = [code for code, pattern in _KINDS if _matches(pattern, folded)]
    if len(kinds) == 1:
        values["term"] = kinds[0]
    name = _scientific(entry)
    if name:
        values["species"] = name
    elif mapping.country and not any(problem.code == "TEXT_SEVERAL_KINDS" for problem in problems):
        taxa = _named(folded, mapping.country)
        if taxa:
            word, taxon = taxa[0]
            only = len({name for _word, name in taxa}) == 1
            problems.append(
                Problem(
                    "TAXON_VERNACULAR", "species", word if only else ", ".join(w for w, _t in taxa),
                    _("a scientific name; this word is used of {taxa}").format(
                        taxa=", ".join(dict.fromkeys(name for _word, name in taxa))
                    ),
                    taxon if only else ""
                )
            )  # fmt: skip
    return values, problems


def _before_ring(folded: str) -> str:
    """Return the text up to the numbers of rings, which count nothing."""
    match = _RING.search(folded)
    return folded[: match.start()] if match else folded


def _matches(pattern: re.Pattern[str], folded: str) -> bool:
    match = pattern.search(folded)
    if match is None:
        return False
    return not _NEGATED.search(folded[max(0, match.start() - 6) : match.start()])


@functools.cache
def _species_names() -> dict[str, str]:
    """Return known scientific names of species by folded name."""
    from forensics.trade.listing import known_names

    names = {taxon for words in vernaculars().values() for taxon in words.values()}
    return {fold(name): name for name in {*names, *known_names()} if name.count(" ") == 1}


def _scientific(entry: str) -> str:
    """Return the one known scientific name that stands in a text, or nothing."""
    words = re.findall(r"[a-z]+", fold(entry))
    names = {
        _species_names()[f"{first} {two}"]
        for first, two in zip(words, words[1:])
        if f"{first} {two}" in _species_names()
    }
    return names.pop() if len(names) == 1 else ""


def _named(folded: str, country: str) -> list[tuple[str, str]]:
    """Return the words for animals in a text, the longest where several overlap, and their taxa."""
    known = vernaculars().get(country, {})
    words = re.sub(r"[^a-z]+", " ", folded).strip()
    taxa = []
    for word, taxon in sorted(known.items(), key=lambda pair: -len(pair[0])):
        pattern = r"\b" + r"e?s? ".join(word.split("-")) + r"(?:e?s|is|oes|aes)?\b"
        if re.search(pattern, words):
            taxa.append((word, taxon))
            words = re.sub(pattern, " ", words)
    return taxa


# "NA" is not here: it is Namibia.
_ABSENT = {"", "-", "--", "n/a", "n.a.", "n.d.", "nd", "none", "null", "?", "néant", "neant"}
# "1,000 USD", "USD 1,000"
_CURRENCY = re.compile(r"(?:(\d[\d.,'\u00a0\u202f ]*?)\s*([A-Za-z]{3})|([A-Za-z]{3})\s*(\d.*))")


@dataclass(frozen=True)
class ReadRow:
    """What a row says.

    Attributes
    ----------
    seizure : dict
        Columns of a seizure.
    problems : tuple of Problem
        What was wrong with the row or the seizure.
    key : str
        What says that rows are of one seizure, where the file has such a column.
    links : tuple of (str, str)
        Kind and name of what it is tied to in a ledger.
    aside : bool
        Whether the row is no record: it names the columns again, or says nothing.
    """

    seizure: Columns
    specimens: tuple[ReadSpecimen, ...]
    problems: tuple[Problem, ...]
    key: str = ""
    links: tuple[tuple[str, str], ...] = ()
    aside: bool = False


class RowReader:
    """Reads the rows of a sheet by a mapping; what was read of a cell before is not read again.

    Parameters
    ----------
    header : sequence of str
    mapping : ColumnMapping
    source : str
        Name of the sheet, for messages.

    Raises
    ------
    InputError
        If the mapping does not fit the header; see `ColumnMapping.require`.
    """

    def __init__(self, header: Sequence[str], mapping: ColumnMapping, source: str) -> None:
        self.places = mapping.require(header, source)
        self._header, self._mapping = header, mapping
        self._folded = [fold(name) for name in header]
        self._read: dict[str, dict[tuple[str, bool], _Cell]] = {
            name: {} for name in (*FIELDS, *self.places)
        }
        self._levels = [
            [
                (name, self.places.get(name, len(header)), self._read[name])
                for name in names
                if name in self.places or name in mapping.constants
            ]
            for names in (SEIZURE_FIELDS, SPECIMEN_FIELDS)
        ]
        self._others = [name for name in self.places if name not in FIELDS]
        self._unnamed = [place for place, name in enumerate(header) if not name]
        self.untaken = {
            place: name
            for place, name in enumerate(header)
            if name and place not in self.places.values() and fold(name) not in mapping.ignored
        }

    def read(self, row: Row) -> ReadRow:
        """Return what a row says."""
        cells, typed = row.cells, row.typed
        width = min(len(cells), len(self._header))
        if len(cells) == len(self._folded) and self._is_head(cells):
            return ReadRow({}, (), (), aside=True)
        if not any(map(self._says, cells)):
            return ReadRow({}, (), (), aside=True)
        problems: list[Problem] = []
        strange = [cells[place] for place in self._unnamed if place < len(cells)]
        strange = [cell for cell in (*strange, *cells[len(self._header) :]) if cell.strip()]
        if strange:
            problems.append(_beside(strange, len(self._header)))
        seizure: Columns = {}
        specimen: Columns = {}
        about: list[Problem] = []
        for names, into, told in zip(self._levels, (seizure, specimen), (problems, about)):
            for name, place, known in names:
                raw = cells[place] if place < width else ""
                cell = known.get((raw, place in typed)) or self._cell(name, row)
                if name == "unit" and "unit" in into and cell.values.get("unit") != into["unit"]:
                    if cell.text:
                        told.append(_contradictory(self._cell("quantity", row).text, cell.text))
                    continue
                into |= cell.values
                if cell.problem:
                    told.append(cell.problem)
        if "unit" not in specimen and _is_read(specimen):
            if unit := self._unit_beside(self._cell("quantity", row)):
                specimen["unit"] = unit
        texts = {name: self._cell(name, row).text for name in self._others}
        if texts.get("quantity_text"):
            specimen["quantity_text"] = texts["quantity_text"]
        listed = [ReadSpecimen(specimen, tuple(about))]
        if texts.get("text"):
            listed = [
                ReadSpecimen({**specimen, **values}, (*about, *found))
                for values, found in items_of(texts["text"], self._mapping)
            ]
        elif self._mapping.kinds:
            listed = list(_kinds(texts, self._mapping, specimen, about))
        if not any(_is_read(values) or "quantity_text" in values for values, _about in listed):
            problems += self._elsewhere(row)
        for values, _about in listed:
            if _is_read(values) and values.get("quantity_text") in (
                quantity_text(values),
                values.get("description"),
            ):
                values.pop("quantity_text", None)  # it says no more than the record
        return ReadRow(
            seizure, tuple(listed), tuple(problems), texts.get("seizure", ""),
            tuple((kind, name.strip()) for kind in LINKS for name in texts.get(kind, "").split(";")
                  if name.strip()),
        )  # fmt: skip

    def _elsewhere(self, row: Row) -> Iterator[Problem]:
        """Yield that a row without a quantity has a number in a column that no field takes."""
        numbers = {
            name: clean(row.cells[place])
            for place, name in self.untaken.items()
            if place < len(row.cells) and read_number(row.cells[place], self._mapping.decimal)
        }
        if not numbers:
            return
        units = {f"{number} {unit}" for name, number in numbers.items() for unit in _units_in(name)}
        yield Problem(
            "QUANTITY_ELSEWHERE", "quantity", "; ".join(f"{name}: {number}" for name, number in numbers.items()),
            _("a quantity in its own column; these columns no field takes"),
            units.pop() if len(units) == 1 else "",
        )  # fmt: skip

    def _unit_beside(self, quantity: "_Cell") -> str:
        """Return the unit of a quantity that states none of the list: its words, or that of the file or column."""
        rest = read_quantity(quantity.text).rest if quantity.problem else ""
        if not rest:
            place = self.places.get("quantity")  # None: the mapping says one for all
            named = set() if place is None else _units_in(self._header[place])
            return self._mapping.default_unit or (named.pop() if len(named) == 1 else "")
        # "120 barrels" are no 120 kg; that "barrels" is in no list validation says.
        return unit_of(rest.strip("() ")) or ("" if term_of(rest) else rest[:_LONGEST_UNIT])

    def _is_head(self, cells: Sequence[str]) -> bool:
        """Whether a row says the names of the columns again, as on each page of a long table."""
        first = next((place for place, name in enumerate(self._folded) if name), 0)
        if self._header[first] not in cells[first]:
            return False
        return [fold(clean(cell)) for cell in cells] == self._folded

    @staticmethod
    def _says(cell: str) -> bool:
        return bool(cell) and clean(cell).casefold() not in _ABSENT

    def _cell(self, name: str, row: Row) -> "_Cell":
        """Return what the column of a field says in a row."""
        place = self.places.get(name)
        raw = row.cells[place] if place is not None and place < len(row.cells) else ""
        typed = place in row.typed
        read = self._read[name]
        if (cell := read.get((raw, typed))) is None:
            if len(read) >= _MOST_KEPT:
                read.clear()
            cell = read[raw, typed] = self._read_cell(name, raw, typed)
        return cell

    def _read_cell(self, name: str, raw: str, typed: bool) -> "_Cell":
        text = clean(raw)
        if _absent(name, text):
            text = ""
        text = text or self._mapping.constants.get(name, "")
        if pairs := self._mapping.translations.get(name):
            text = pairs.get(fold(text), text)
        if not text or name not in FIELDS:
            return _Cell(text, {}, None)
        decimal = "." if typed else self._mapping.decimal
        values, problem = read_value(
            name, text, date_order=self._mapping.date_order, decimal=decimal
        )
        return _Cell(text, {key: v for key, v in values.items() if v is not None}, problem)


class _Cell(NamedTuple):
    """What a cell says: its text, the columns of a record that it fills, and what is wrong with it."""

    text: str
    values: Columns
    problem: Problem | None


_LONGEST_UNIT = 60
_MOST_KEPT = 20_000
"""Cells of a column of which it is kept what they say."""


def _is_read(values: Mapping[str, object]) -> bool:
    return values.get("quantity_low") is not None or values.get("quantity_high") is not None


def _beside(cells: Sequence[str], count: int) -> Problem:
    return Problem(
        "ROW_WIDER", RECORD, " | ".join(cells)[:200],
        _("nothing but cells below the {count} names of columns. It is not counted until somebody decides").format(
            count=count
        ),
    )  # fmt: skip


def _units_in(name: str) -> set[str]:
    """Return the units that the name of a column says, such as ``Poids (kg)``."""
    return set(filter(None, map(unit_of, re.split(r"[\s()\[\],;/]+", name))))


def _contradictory(quantity: str, unit: str) -> Problem:
    return Problem(
        "UNIT_CONTRADICTORY", "unit", f"{quantity} / {unit}",
        _("one unit in the quantity and in its own column"),
    )  # fmt: skip


def _absent(name: str, cell: str) -> bool:
    """Whether a cell says that nothing is known; "none" is a method of concealment."""
    field = FIELDS.get(name)
    if cell.casefold() not in _ABSENT:
        return False
    return not (field and field.list and code_of(field.list, cell))


def _kinds(
    cells: dict[str, str], mapping: ColumnMapping, common: Columns, about: list[Problem]
) -> Iterator[ReadSpecimen]:
    """Yield the kinds of specimens that have pieces or a weight in columns of their own."""
    for number, kind in enumerate(mapping.kinds):
        problems = list(about)
        amounts: dict[str, Columns] = {}
        for name, unit in (("pieces", "no."), ("weight", "kg")):
            text = cells.get(f"{number}.{name}", "")
            if not text:
                continue
            amount, problem = _quantity(text, mapping.decimal)
            if problem:
                problems.append(problem)
            if amount.get("quantity_high") == 0:  # nought says that there was none
                continue
            if _is_read(amount) and not amount.get("unit"):
                amount["unit"] = unit
            amounts[name] = amount
        if not amounts and len(problems) == len(about):
            continue
        values = dict(common)
        term = kind.get("term") or cells.get(f"{number}.name", "")
        if term:
            values["term"] = term_of(term) or term
        origin = cells.get(f"{number}.origin", "")
        if origin:
            values["origin"] = country_of(origin) or origin
        pieces, weight = amounts.get("pieces"), amounts.get("weight")
        values |= {key: v for key, v in (weight or pieces or {}).items() if v is not None}
        if pieces and weight:
            values["pieces"] = pieces.get("quantity_low")
        yield ReadSpecimen(values, tuple(problems))


def read_value(
    name: str, text: str, *, date_order: str = "", decimal: str = ""
) -> tuple[Columns, Problem | None]:
    """Return the columns that the text of a field fills, and what is wrong with it.

    Parameters
    ----------
    name : str
        Of a field.
    text : str
    date_order, decimal : str
        See `mapping.ColumnMapping`.

    Examples
    --------
    >>> read_value("country", "Côte d'Ivoire")[0], read_value("transit", "UAE, Malaysia")[0]
    ({'country': 'CI'}, {'transit': 'AE; MY'})
    >>> read_value("date", "03/04/2019")[1].suggestion
    ''
    """
    field = FIELDS[name]
    if field.kind == "date":
        return _date(name, text, date_order)
    if field.kind == "quantity":
        return _quantity(text, decimal)
    if field.is_number:
        return _measure(name, field.kind, text, decimal)
    if field.kind == "codes":
        return {name: "; ".join(_countries(text))}, None
    if field.kind == "code":
        code = unit_of(text) if field.list == "unit" else code_of(field.list, text)
        return {name: code or text}, None
    if field.kind == "taxon":
        return {name: " ".join(text.split())}, None
    if field.kind == "currency":
        return {name: text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else text}, None
    return {name: text}, None


def _countries(text: str) -> list[str]:
    if whole := country_of(text):
        return [whole]
    for separator in (";", "/", ",", "-", " "):
        parts = [part.strip() for part in text.split(separator) if part.strip()]
        codes = [code for code in map(country_of, parts) if code]
        if len(parts) > 1 and len(codes) == len(parts):
            return codes
    separator = ";" if ";" in text else ","
    parts = [part.strip() for part in text.split(separator) if part.strip()]
    return [country_of(part) or part.replace(";", ",") for part in parts]


def _date(name: str, text: str, order: str) -> tuple[Columns, Problem | None]:
    day = read_date(text, order)
    if isinstance(day, tuple):
        return {name: text}, Problem(
            "DATE_AMBIGUOUS", name, text,
            _(
                "a date with one reading; it may be {readings}. Say the order of the file: "
                "--date-order dmy gives the first, mdy the second"
            ).format(readings=_(" or ").join(day)),
        )  # fmt: skip
    return {name: day or text}, None


def _quantity(text: str, decimal: str) -> tuple[Columns, Problem | None]:
    reading = read_quantity(text, decimal=decimal)
    values = {"quantity_text": text, **reading.columns()}
    if reading.problem:
        return values, quantity_problem(reading, text)
    if reading.rest:
        return values, Problem(
            "QUANTITY_MORE_TEXT", "quantity", text,
            _("a number with its unit; the cell also has: {rest}").format(rest=reading.rest),
        )  # fmt: skip
    return values, None


def quantity_problem(reading: Reading, text: str) -> Problem:
    """Return what is wrong with a quantity, with the reading that may be accepted if there is one."""
    expected = {
        "QUANTITY_AMBIGUOUS": _(
            "a quantity with one reading; it may be {readings}. Say the decimal sign: --decimal"
        ),
        "QUANTITY_APPROXIMATE": _("a counted or weighed quantity; recorded as stated"),
        "QUANTITY_CONTRADICTORY": _("one quantity; figure and words say {readings}"),
        "QUANTITY_SEVERAL": _("one quantity per row; this one has several"),
        "QUANTITY_UNREADABLE": _("a number with its unit"),
    }[reading.problem]
    shown = [number_text(value) for value in reading.readings]
    return Problem(
        reading.problem, "quantity", text, expected.format(readings=_(" or ").join(shown)),
    )  # fmt: skip


def _measure(name: str, kind: str, text: str, decimal: str) -> tuple[Columns, Problem | None]:
    currency = _CURRENCY.fullmatch(text) if name == "value" else None
    if currency:
        text = currency[1] or currency[4]
        values, problem = _measure(name, kind, text, decimal)
        return {**values, "currency": (currency[2] or currency[3]).upper()}, problem
    if kind in MAX_DEGREES:
        return _degrees(name, kind, text)
    number = read_number(text, decimal)
    if isinstance(number, tuple):
        return {}, Problem(
            "NUMBER_AMBIGUOUS", name, text,
            _("a number with one reading; it may be {readings}. Say the decimal sign: --decimal").format(
                readings=_(" or ").join(map(number_text, number))
            ),
        )  # fmt: skip
    if number is None:
        return {}, Problem("NUMBER_UNREADABLE", name, text, _("a number"))
    return {name: number}, None


def _degrees(name: str, axis: Axis, text: str) -> tuple[Columns, Problem | None]:
    try:
        value = parse_degrees(text, axis)
    except ValueError:
        value = math.inf
    if abs(value) > MAX_DEGREES[axis]:
        return {}, Problem("NUMBER_UNREADABLE", name, text, _("degrees, such as -12.5"))
    return {name: value}, None
