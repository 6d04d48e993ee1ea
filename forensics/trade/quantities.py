"""Quantities as people write them: parsed where one reading exists, told where none or two do.

>>> read_quantity("12,5 kg")
Reading(low=12.5, high=12.5, unit='kg', rest='', approximate=False, problem='', readings=())
>>> read_quantity("1.200 kg").problem, read_quantity("1.200 kg").readings
('QUANTITY_AMBIGUOUS', (1.2, 1200.0))
"""

import re
from dataclasses import dataclass, replace

from forensics.io.cells import fold
from forensics.io.numbers import MAX_QUANTITY, read_number
from forensics.trade.vocabulary import unit_of

__all__ = ["Reading", "read_number", "read_quantity"]

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
