"""The words of a seizure record: fields, value lists, terms, units, countries; each list versioned.

The lists are tables in ``data/``, our own, with what they rest on in ``SOURCES.md``. `VERSION` changes with
every change of one of them and is kept with each file that is imported.
"""

import csv
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from forensics.io.numbers import fold
from forensics.taxonomy.listings.places import country_names

VERSION = "2026.11"
"""Of the fields and value lists together."""

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Field:
    """A field of a record.

    Attributes
    ----------
    name : str
    level : str
        ``seizure`` or ``specimen``.
    kind : str
        ``text``, ``date``, ``country``, ``countries``, ``taxon``, ``term``, ``quantity``, ``unit``,
        ``number``, ``latitude``, ``longitude``, ``currency`` or ``value`` (of `list`).
    list : str
        Value list; empty for other kinds.
    number : int or None
        Its number in the annual illegal trade report; None: the report has no such field.
    labels : tuple of str
        Column name in English, French and Portuguese.
    words : tuple of str
        Other column names.
    status : str
        ``official`` (its title is in the form of CITES), ``proposed`` or ``house`` (our own).
    note : str
    """

    name: str
    level: str
    kind: str
    list: str
    number: int | None
    labels: tuple[str, str, str]
    words: tuple[str, ...]
    status: str
    note: str


@dataclass(frozen=True)
class Value:
    """A value of a list, ``official`` or ``proposed``, and what it rests on."""

    list: str
    value: str
    names: tuple[str, ...]
    status: str
    basis: str


@dataclass(frozen=True)
class Term:
    """A kind of specimen, as the guidelines of CITES for annual reports name it.

    Attributes
    ----------
    code, name : str
    words : tuple of str
        Other names, in English, French and Portuguese.
    units : tuple of str
        Preferred unit first, then alternative ones.
    kingdom : str
        ``animals``, ``plants`` or empty for both.
    taxa : frozenset of str
        Families and higher taxa that have such a thing; empty where it is not bounded so.
    """

    code: str
    name: str
    words: tuple[str, ...]
    units: tuple[str, ...]
    kingdom: str
    taxa: frozenset[str]


@dataclass(frozen=True)
class Unit:
    """A unit, as a multiple of the base unit of its dimension; a package has no factor."""

    code: str
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


def _fields() -> Mapping[str, Field]:
    return {
        row["name"]: Field(
            row["name"], row["level"], row["kind"], row["list"], int(row["number"] or 0) or None,
            (row["label"], row["french"], row["portuguese"]), _words(row["words"]), row["status"],
            row["note"] or "",
        )
        for row in _rows("fields.tsv")
    }  # fmt: skip


FIELDS = _fields()
"""Fields by name: those of the annual illegal trade report first, in its order."""
SEIZURE_FIELDS = tuple(name for name, field in FIELDS.items() if field.level == "seizure")
SPECIMEN_FIELDS = tuple(name for name, field in FIELDS.items() if field.level == "specimen")


@functools.cache
def values() -> Mapping[str, Mapping[str, Value]]:
    """Return the values of each list."""
    lists: dict[str, dict[str, Value]] = {}
    for row in _rows("values.tsv"):
        names = (row["french"], row["portuguese"], *_words(row["words"]))
        lists.setdefault(row["list"], {})[row["value"]] = Value(
            row["list"], row["value"], names, row["status"], row["basis"]
        )
    return lists


@functools.cache
def terms() -> Mapping[str, Term]:
    """Return the terms by code."""
    return {
        row["code"]: Term(
            row["code"], row["name"], _words(row["words"], row["french"], row["portuguese"]),
            tuple(row["units"].split()), row["kingdom"] or "", frozenset((row["taxa"] or "").split()),
        )
        for row in _rows("terms.tsv")
    }  # fmt: skip


@functools.cache
def units() -> Mapping[str, Unit]:
    """Return the units by code."""
    return {
        row["unit"]: Unit(
            row["unit"], row["dimension"], float(row["factor"]) if row["factor"] else None
        )
        for row in _rows("units.tsv")
    }


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
        columns = zip(("name", "french", "portuguese"), listed)
        names = tuple(row.get(column) or name for column, name in columns)
        countries_by_code[code] = Country(code, (*names, *_words(row.get("words"))), "country", "")
    for code, row in own.items():
        kind, _mark, now = row["kind"].partition(":")
        names = (row["name"], row["french"], row["portuguese"], *_words(row["words"]))
        countries_by_code[code] = Country(code, names, kind, now)
    return countries_by_code


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


def _index(pairs: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str | None]:
    """Return code by folded name; a name that stands for two codes stands for none."""
    index: dict[str, str | None] = {}
    for code, names in pairs:
        for name in names:
            if name:
                key = fold(name)
                index[key] = code if index.get(key, code) == code else None
    return index


@functools.cache
def _term_index() -> dict[str, str | None]:
    return _index((term.code, (term.code, term.name, *term.words)) for term in terms().values())


@functools.cache
def _unit_index() -> dict[str, str | None]:
    return _index((row["unit"], (row["unit"], *_words(row["words"]))) for row in _rows("units.tsv"))


@functools.cache
def _country_index() -> dict[str, str | None]:
    return _index(
        (country.code, (country.code, *country.names)) for country in countries().values()
    )


@functools.cache
def _value_index(name: str) -> dict[str, str | None]:
    return _index((value.value, (value.value, *value.names)) for value in values()[name].values())


def term_of(text: str) -> str | None:
    """Return the code of a term by its code or a name, or None.

    Examples
    --------
    >>> term_of("Écailles"), term_of("TUS"), term_of("presas"), term_of("thing")
    ('SCA', 'TUS', 'TUS', None)
    """
    return _term_index().get(fold(text))


def unit_of(text: str) -> str | None:
    """Return the code of a unit by a word for it, or None.

    Examples
    --------
    >>> unit_of("Kgs"), unit_of("pièces"), unit_of("m³"), unit_of("tons")
    ('kg', 'no.', 'm3', None)
    """
    return _unit_index().get(fold(text)) or _unit_index().get(fold(text).rstrip("."))


def country_of(text: str) -> str | None:
    """Return the code of a country by its code or its name in three languages, or None.

    Examples
    --------
    >>> country_of("NA"), country_of("Namibie"), country_of("Cote d'Ivoire"), country_of("Atlantis")
    ('NA', 'NA', 'CI', None)
    """
    return _country_index().get(fold(text))


def value_of(name: str, text: str) -> str | None:
    """Return the value of a list that a text stands for, or None.

    Examples
    --------
    >>> value_of("transport", "By air"), value_of("transport", "avion"), value_of("source", "w")
    ('air', 'air', 'W')
    """
    return _value_index(name).get(fold(text))
