"""What a quantity stands for: animals, raw ivory. Every conversion is an assumption, and recorded as one.

The factors are in ``data/factors.toml``, versioned, each with its source and status; a laboratory may give a
table of its own. `records` gives a pandas table with what was converted, from which counts and notebooks start.

>>> from forensics.trade import records
>>> table = records("seizures.db", year=2019)                              # doctest: +SKIP
>>> table.groupby("country")["animals"].sum()                              # doctest: +SKIP
"""

import functools
import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.core.stored import utc_now
from forensics.errors import InputError
from forensics.io.files import AnyPath, load_toml, read_limited
from forensics.io.numbers import day_of, year_of
from forensics.messages import _
from forensics.trade.listing import name_of
from forensics.trade.mapping import one_of, only_keys, table_of, text_of, texts_of
from forensics.trade.record import Seizure, Specimen, is_of_seizure
from forensics.trade.store import Store, open_store
from forensics.trade.vocabulary import (
    NUMBER_COLUMNS,
    SEIZURE_COLUMNS,
    SPECIMEN_COLUMNS,
    terms,
    unit_meant,
    units,
)

if TYPE_CHECKING:
    import pandas


_FILE = Path(__file__).parent / "data" / "factors.toml"
_KEYS = {
    "id", "measure", "terms", "taxa", "unit", "divide", "multiply", "low", "high", "assumption",
    "source", "status",
}  # fmt: skip
_KINGDOMS = {"*animals": "animals", "*plants": "plants"}


@dataclass(frozen=True)
class Factor:
    """An assumption by which quantities are converted.

    Attributes
    ----------
    id, measure : str
        Measure: what comes out, such as ``animals``.
    terms, taxa : frozenset of str
        Of which specimens; ``*animals`` stands for every animal.
    unit : str
        In which the quantity must be, or one that differs from it by a fixed factor.
    value, low, high : float
        Number by which is multiplied, and its range.
    assumption, source, status : str
        In words; what it rests on; ``published``, ``official``, ``house``, ``to be confirmed`` …
    """

    id: str
    measure: str
    terms: frozenset[str]
    taxa: frozenset[str]
    unit: str
    value: float
    low: float
    high: float
    assumption: str
    source: str
    status: str


@dataclass(frozen=True)
class Factors:
    """A table of factors with its version and hash."""

    factors: tuple[Factor, ...]
    version: str
    sha256: str


@dataclass(frozen=True)
class Conversion:
    """A converted quantity.

    Attributes
    ----------
    factor : Factor
    measure : str
    low, high : float or None
        Range of the result: of the quantity and of the factor together; None: open.
    middle : float or None
        By the factor's own value, where the quantity is one number.
    """

    factor: Factor
    measure: str
    low: float | None
    high: float | None
    middle: float | None


@functools.cache
def packaged_factors() -> Factors:
    """Return the packaged table."""
    return read_factors(_FILE)


def read_factors(path: AnyPath) -> Factors:
    """Read a table of factors.

    Raises
    ------
    InputError
        If it is no TOML or a factor lacks something.
    """
    data = read_limited(path, 2**20)
    name = Path(path).name
    try:
        given = load_toml(data)
        one_of(given.get("format"), (1,), "format")
        text_of(given.get("version"), "version")
        rows = given.get("factor")
        if not isinstance(rows, list) or not rows:
            raise ValueError(_("expected one [[factor]] or more"))
        factors = tuple(_factor(row, number) for number, row in enumerate(rows, 1))
    except (ValueError, RecursionError) as error:
        raise InputError(
            _("This is not a table of factors: {error}").format(error=error), source=name
        ) from error
    ids = [factor.id for factor in factors]
    if twice := {identifier for identifier in ids if ids.count(identifier) > 1}:
        raise InputError(
            _("The id {id} occurs twice.").format(id=", ".join(sorted(twice))), source=name
        )
    return Factors(factors, given["version"], hashlib.sha256(data).hexdigest())


def _factor(given: object, number: int) -> Factor:
    place = f"factor {number}"
    row = table_of({place: given}, place)
    only_keys(row, _KEYS, place)
    for key in ("id", "measure", "unit", "assumption", "source", "status"):
        if not text_of(row.get(key), f"{place}, {key}").strip():
            raise ValueError(_("{name}: expected text").format(name=f"{place}, {key}"))
    codes = texts_of(row.get("terms"), f"{place}, terms")
    for code in codes:
        one_of(code, terms(), f"{place}, terms")
    taxa = texts_of(row.get("taxa"), f"{place}, taxa")
    one_of(row["unit"], units(), f"{place}, unit")
    if ("divide" in row) == ("multiply" in row):
        raise ValueError(_("{place}: expected divide or multiply").format(place=place))
    key = "divide" if "divide" in row else "multiply"
    stated = [row.get(name, row[key]) for name in ("low", key, "high")]
    numbers = [value for value in stated if type(value) in (int, float) and 0 < value < math.inf]
    if len(numbers) < len(stated) or numbers != sorted(numbers):
        raise ValueError(
            _("{place}: expected numbers above 0 with low <= {key} <= high").format(
                place=place, key=key
            )
        )
    low, value, high = [1 / number for number in reversed(numbers)] if key == "divide" else numbers
    return Factor(
        row["id"], row["measure"], frozenset(codes), frozenset(taxa), row["unit"],
        float(value), float(low), float(high), row["assumption"], row["source"], row["status"],
    )  # fmt: skip


def convert(
    specimen: Specimen, seizure: Seizure | None = None, factors: Factors | None = None
) -> list[Conversion]:
    """Return what a quantity stands for by each factor that fits; of several the nearest taxon counts.

    Parameters
    ----------
    specimen : Specimen
    seizure : Seizure, optional
        Whose day says which nomenclature is meant.
    factors : Factors, optional
        Default: the packaged ones.
    """
    factors = factors or packaged_factors()
    unit = unit_meant(specimen.text("unit"))
    if unit is None or unit.factor is None or not specimen.get("species"):
        return []
    if specimen.low is None and specimen.high is None:
        return []
    name = name_of(specimen.get("species"), day_of(seizure.get("date")) if seizure else None)
    best: dict[str, tuple[int, Factor, float]] = {}
    for factor in factors.factors:
        target = units()[factor.unit]
        if specimen.get("term") not in factor.terms or target.dimension != unit.dimension:
            continue
        if target.factor is None:
            continue
        distance = _distance(factor.taxa, name.levels, name.kingdom)
        if distance is not None and distance < best.get(factor.measure, (math.inf,))[0]:
            best[factor.measure] = (distance, factor, unit.factor / target.factor)
    return [_converted(factor, specimen, scale) for _distance_, factor, scale in best.values()]


def _distance(taxa: Iterable[str], levels: tuple[str, ...], kingdom: str) -> int | None:
    """Return how far above the name the taxon of a factor stands; None where it is none of it."""
    places = [levels.index(taxon) for taxon in taxa if taxon in levels]
    if places:
        return min(places)
    if any(_KINGDOMS.get(taxon) == kingdom for taxon in taxa):
        return len(levels)
    return None


def _converted(factor: Factor, specimen: Specimen, ratio: float) -> Conversion:
    low = None if specimen.low is None else specimen.low * ratio * factor.low
    high = None if specimen.high is None else specimen.high * ratio * factor.high
    middle = None
    if specimen.low is not None and specimen.low == specimen.high:
        middle = specimen.low * ratio * factor.value
    return Conversion(factor, factor.measure, low, high, middle)


def animals_of(
    specimen: Specimen, seizure: Seizure | None = None, factors: Factors | None = None
) -> tuple[float | None, float | None, float | None]:
    """Return low, middle and high of the animals that a quantity stands for; None where no factor fits."""
    for conversion in convert(specimen, seizure, factors):
        if conversion.measure == "animals":
            return conversion.low, conversion.middle, conversion.high
    return None, None, None


def convert_store(
    store: Store, *, factors: Factors | None = None, year: int | None = None, dry_run: bool = False
) -> list[tuple[Seizure, Specimen, Conversion]]:
    """Convert all records and keep each conversion with its assumption.

    What was converted by the same factor of the same table before is not doubled.
    """
    factors = factors or packaged_factors()
    conversions = [
        (seizure, specimen, conversion)
        for seizure in store.seizures(year=year)
        for specimen in seizure.specimens
        for conversion in convert(specimen, seizure, factors)
    ]
    at = utc_now()
    with store.changing(dry_run=dry_run):
        for _seizure, specimen, conversion in conversions:
            store.add_conversion(
                specimen=specimen.id, factor=conversion.factor.id, table_version=factors.version,
                table_sha256=factors.sha256, assumption=conversion.factor.assumption,
                source=conversion.factor.source, from_low=specimen.low, from_high=specimen.high,
                from_unit=specimen.get("unit"), low=conversion.low, middle=conversion.middle,
                high=conversion.high, measure=conversion.measure, at=at,
            )  # fmt: skip
    return conversions


_MEASURES = {"animals": "animals", "raw ivory, kg": "raw_ivory_kg"}
_CONVERTED = tuple(f"{name}{end}" for name in _MEASURES.values() for end in ("_low", "", "_high"))
COLUMNS = (
    "seizure", "specimen", "number", *SEIZURE_COLUMNS, *SPECIMEN_COLUMNS, "year", *_CONVERTED,
    "file", "row", "is_seizure",
)  # fmt: skip
"""Columns of the table: ids, fields, year, animals and raw ivory with their ranges, where it was read, and
whether it was seized (`record.is_of_seizure`)."""


def records(
    store: Store | AnyPath,
    *,
    year: int | None = None,
    factors: Factors | None = None,
) -> "pandas.DataFrame":
    """Return the records of a store that count, a row a specimen, with its seizure.

    What waits for a decision or was set aside is not in it; see `standing.uncounted`. Lines of the legal trade
    are in it, with ``is_seizure`` False.

    Parameters
    ----------
    store : Store or path
    year : int, optional
        Of the date of seizure.
    factors : Factors, optional
        By which animals and raw ivory are computed; default: the packaged ones.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`. Texts are ``object``, None where nothing is stated (the code ``NA`` is Namibia);
        quantities, coordinates and ``animals`` are float64, NaN where nothing is stated or the
        bound is open; ``approximate`` and ``is_seizure`` are bool, ``year`` Int64. ``transit`` and ``nationality`` are codes
        separated by ``"; "``.
    """
    if isinstance(store, Store):
        return frame_of(store.seizures(year=year), factors=factors)
    with open_store(store) as opened:
        return frame_of(opened.seizures(year=year), factors=factors)


def frame_of(seizures: Iterable[Seizure], *, factors: Factors | None = None) -> "pandas.DataFrame":
    """Return records that are in memory as a table; see `records`."""
    import pandas

    rows = []
    for seizure in seizures:
        for specimen in seizure.specimens:
            row: dict[str, object] = dict.fromkeys(COLUMNS)
            row |= {"seizure": seizure.id, "specimen": specimen.id, "number": specimen.number}
            row |= {**seizure.values, **specimen.values}
            row |= {"file": specimen.file or None, "row": specimen.row or None}
            row["year"] = year_of(seizure.get("date"))
            row["is_seizure"] = is_of_seizure(seizure.get("basis"), specimen.get("source"))
            row["approximate"] = bool(specimen.get("approximate"))
            for conversion in convert(specimen, seizure, factors):
                name = _MEASURES.get(conversion.measure)
                if name:
                    row |= {
                        f"{name}_low": conversion.low,
                        name: conversion.middle,
                        f"{name}_high": conversion.high,
                    }
            rows.append(row)
    # object first: pandas must not take the code of Namibia, or None among texts, for a number.
    table = pandas.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    for name in (*NUMBER_COLUMNS, *_CONVERTED):
        table[name] = table[name].astype("float64")
    for name in ("seizure", "specimen", "number"):
        table[name] = table[name].astype("int64")
    for name in ("year", "row"):
        table[name] = table[name].astype("Int64")
    for name in ("approximate", "is_seizure"):
        table[name] = table[name].astype(bool)
    return table
