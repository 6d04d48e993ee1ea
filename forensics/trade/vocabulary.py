"""The words of a seizure record: fields, value lists, terms, units, countries; each list versioned.

The lists are tables in ``data/``, our own, with what they rest on in ``SOURCES.md``. `VERSION` changes with
every change of one of them and is kept with each file that is imported.
"""

import csv
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from forensics.io.numbers import fold
from forensics.taxonomy.listings.table import country_names

VERSION = "2026.11"
"""Of the fields and value lists together."""

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Field:
    """A field of a record.

    Attributes
    ----------
    level : str
        ``seizure`` or ``specimen``.
    kind : str
        ``text``, ``date``, ``code``, ``codes``, ``taxon``, ``quantity``, ``number``, ``latitude``,
        ``longitude`` or ``currency``.
    list : str
        List of its codes (`names_of`); empty for other kinds.
    number : int or None
        Its number in the annual illegal trade report; None: the report has no such field.
    labels : tuple of str
        Column name in English, French and Portuguese.
    words : tuple of str
        Other column names.
    status : str
        ``official`` (its title is in the form of CITES), ``proposed`` or ``house`` (our own).
    """

    name: str
    level: str
    kind: str
    list: str
    number: int | None
    labels: tuple[str, str, str]
    words: tuple[str, ...]
    status: str

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers; those of a quantity stand in `QUANTITY_COLUMNS`."""
        return self.kind in ("number", "latitude", "longitude")


@dataclass(frozen=True)
class Term:
    """A kind of specimen, as the guidelines of CITES for annual reports name it.

    Attributes
    ----------
    names : tuple of str
        The name of the guidelines, then others, in English, French and Portuguese.
    units : tuple of str
        Preferred unit first, then alternative ones.
    kingdom : str
        ``animals``, ``plants`` or empty for both.
    taxa : frozenset of str
        Families and higher taxa that have such a thing; empty where it is not bounded so.
    """

    code: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    kingdom: str
    taxa: frozenset[str]


@dataclass(frozen=True)
class Unit:
    """A unit, as a multiple of the base unit of its dimension; a package has no factor."""

    code: str
    names: tuple[str, ...]
    dimension: str
    factor: float | None


@dataclass(frozen=True)
class Country:
    """A code of ISO 3166-1 (``country``), of CITES (``cites``) or one no longer in use (``former``).

    `now` is the code that took its place, where there is one only.
    """

    code: str
    names: tuple[str, ...]
    kind: str
    now: str


def _rows(file: str) -> list[dict[str, str]]:
    text = (_DATA / file).read_text(encoding="utf-8")
    # The code of Namibia is NA: these tables are read as text, never with pandas' missing values.
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def _words(*texts: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for text in texts for word in (text or "").split(";") if word.strip())


FIELDS: Mapping[str, Field] = {
    row["name"]: Field(
        row["name"], row["level"], row["kind"], row["list"], int(row["number"] or 0) or None,
        (row["label"], row["french"], row["portuguese"]), _words(row["words"]), row["status"],
    )
    for row in _rows("fields.tsv")
}  # fmt: skip
"""Fields by name: those of the annual illegal trade report first, in its order."""
SEIZURE_FIELDS = tuple(name for name, field in FIELDS.items() if field.level == "seizure")
SPECIMEN_FIELDS = tuple(name for name, field in FIELDS.items() if field.level == "specimen")
QUANTITY_COLUMNS = ("quantity_low", "quantity_high", "approximate", "quantity_text")
"""A quantity with its bounds (None: open, or not read), whether it was stated as "about", its words."""
SEIZURE_COLUMNS = SEIZURE_FIELDS
SPECIMEN_COLUMNS = tuple(
    column
    for name in SPECIMEN_FIELDS
    for column in (QUANTITY_COLUMNS if name == "quantity" else (name,))
)
"""Columns of a record: a quantity has several, every other field the one of its name."""
NUMBER_COLUMNS = (
    *(name for name, field in FIELDS.items() if field.is_number), "quantity_low", "quantity_high",
)  # fmt: skip


@functools.cache
def values() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the values of each list with their other names."""
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows("values.tsv"):
        names = (row["french"], row["portuguese"], *_words(row["words"]))
        lists.setdefault(row["list"], {})[row["value"]] = names
    return lists


@functools.cache
def terms() -> Mapping[str, Term]:
    """Return the terms by code."""
    return {
        row["code"]: Term(
            row["code"], (row["name"], *_words(row["words"], row["french"], row["portuguese"])),
            tuple(row["units"].split()), row["kingdom"] or "", frozenset((row["taxa"] or "").split()),
        )
        for row in _rows("terms.tsv")
    }  # fmt: skip


@functools.cache
def units() -> Mapping[str, Unit]:
    """Return the units by code."""
    return {
        row["unit"]: Unit(
            row["unit"], _words(row["words"]), row["dimension"],
            float(row["factor"]) if row["factor"] else None,
        )
        for row in _rows("units.tsv")
    }  # fmt: skip


@functools.cache
def countries() -> Mapping[str, Country]:
    """Return the countries by code: those of ISO 3166-1, codes of CITES, former countries.

    The names of today's countries stand in one table, that of the listings; the one here has further
    words, and another form of a name where seizure reports print it so.
    """
    own = {row["code"]: row for row in _rows("countries.tsv")}
    countries_by_code = {}
    for code, listed in country_names().items():
        row = own.pop(code, {})
        columns = zip(("name", "french", "portuguese", "spanish"), listed, strict=True)
        called = (row.get(column) or name for column, name in columns)
        names = tuple(dict.fromkeys((*called, *_words(row.get("words")))))
        countries_by_code[code] = Country(code, names, "country", "")
    for code, row in own.items():
        kind, _mark, now = row["kind"].partition(":")
        names = (row["name"], row["french"], row["portuguese"], *_words(row["words"]))
        countries_by_code[code] = Country(code, names, kind, now)
    return countries_by_code


def is_country(code: str) -> bool:
    """Return whether a code is that of one country, not of a region or of none known.

    Examples
    --------
    >>> is_country("NA"), is_country("XF"), is_country("")
    (True, False, False)
    """
    return code in countries() and countries()[code].kind == "country"


@functools.cache
def range_states() -> Mapping[str, frozenset[str]]:
    """Return the countries in which some often seized species live, by their name in CITES."""
    return {row["taxon"]: frozenset(row["countries"].split()) for row in _rows("range_states.tsv")}


@functools.cache
def _above() -> Mapping[str, str]:
    return {row["taxon"]: row["above"] for row in _rows("higher.tsv")}


def higher_taxa(taxa: Iterable[str]) -> tuple[str, ...]:
    """Return taxa with those above them, as far as they are known here; up to the class at best.

    Examples
    --------
    >>> higher_taxa(["Manis javanica", "Manis"])[2:]
    ('Manidae', 'Pholidota', 'Mammalia')
    """
    higher = list(taxa)
    for taxon in higher:
        above = _above().get(taxon)
        if above and above not in higher:
            higher.append(above)
    return tuple(higher)


@functools.cache
def vernaculars() -> Mapping[str, Mapping[str, str]]:
    """Return scientific names by country and by the folded word of that country for them."""
    names: dict[str, dict[str, str]] = {}
    for row in _rows("vernacular.tsv"):
        names.setdefault(row["country"], {})[row["word"]] = row["taxon"]
    return names


@functools.cache
def names_of(codes: str) -> Mapping[str, tuple[str, ...]]:
    """Return the names of each code of a list: ``country``, ``term``, ``unit`` or one of `values`."""
    tables: dict[str, Callable[[], Mapping[str, Country | Term | Unit]]] = {
        "country": countries, "term": terms, "unit": units,
    }  # fmt: skip
    if codes not in tables:
        return values()[codes]
    return {code: entry.names for code, entry in tables[codes]().items()}


@functools.cache
def _index(codes: str) -> dict[str, str | None]:
    """Return code by folded name; a name that stands for two codes stands for none."""
    index: dict[str, str | None] = {}
    for code, names in names_of(codes).items():
        for name in filter(None, (code, *names)):
            key = fold(name)
            index[key] = code if index.get(key, code) == code else None
    return index


def code_of(codes: str, text: str) -> str | None:
    """Return the code of a list (`names_of`) by itself or by a name, or None.

    Examples
    --------
    >>> code_of("transport", "By air"), code_of("transport", "avion"), code_of("source", "w")
    ('air', 'air', 'W')
    """
    return _index(codes).get(fold(text))


def term_of(text: str) -> str | None:
    """Return the code of a term by its code or a name, or None.

    Examples
    --------
    >>> term_of("Écailles"), term_of("TUS"), term_of("presas"), term_of("thing")
    ('SCA', 'TUS', 'TUS', None)
    """
    return code_of("term", text)


def unit_of(text: str) -> str | None:
    """Return the code of a unit by a word for it, or None.

    Examples
    --------
    >>> unit_of("Kgs"), unit_of("pièces"), unit_of("m³"), unit_of("tons")
    ('kg', 'no.', 'm3', None)
    """
    return code_of("unit", text) or code_of("unit", fold(text).rstrip("."))


def unit_meant(code: str) -> Unit | None:
    """Return the unit of a quantity; one without a unit is in pieces, as in the annual reports of CITES."""
    return units().get(code or "no.")


def country_of(text: str) -> str | None:
    """Return the code of a country by its code or its name in three languages, or None.

    Examples
    --------
    >>> country_of("NA"), country_of("Namibie"), country_of("Cote d'Ivoire"), country_of("Atlantis")
    ('NA', 'NA', 'CI', None)
    """
    return code_of("country", text)
