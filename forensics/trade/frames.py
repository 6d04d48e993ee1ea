"""Records as a pandas table: what indicators, networks and notebooks start from.

>>> from forensics.trade import records
>>> table = records("seizures.db", year=2019)                              # doctest: +SKIP
>>> table.groupby("country")["animals"].sum()                              # doctest: +SKIP
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from forensics.io.dates import year_of
from forensics.trade.conversion import Factors, convert
from forensics.trade.record import Seizure, is_of_seizure
from forensics.trade.schema import SEIZURE_COLUMNS, SPECIMEN_COLUMNS
from forensics.trade.store import Store, open_store

if TYPE_CHECKING:
    import pandas

__all__ = ["COLUMNS", "frame_of", "records"]

_MEASURES = {"animals": "animals", "raw ivory, kg": "raw_ivory_kg"}
_NUMBERS = ("latitude", "longitude", "quantity_low", "quantity_high", "value", "pieces")
_CONVERTED = tuple(f"{name}{end}" for name in _MEASURES.values() for end in ("_low", "", "_high"))
COLUMNS = (
    "seizure", "specimen", "number", *SEIZURE_COLUMNS, *SPECIMEN_COLUMNS, "year", *_CONVERTED,
    "file", "row", "is_seizure",
)  # fmt: skip
"""Columns of the table: ids, fields, year, animals and raw ivory with their ranges, where it was read, and
whether it was seized (`record.is_of_seizure`)."""


def records(
    store: Store | str | os.PathLike[str],
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
    for name in (*_NUMBERS, *_CONVERTED):
        table[name] = table[name].astype("float64")
    for name in ("seizure", "specimen", "number"):
        table[name] = table[name].astype("int64")
    for name in ("year", "row"):
        table[name] = table[name].astype("Int64")
    for name in ("approximate", "is_seizure"):
        table[name] = table[name].astype(bool)
    return table
