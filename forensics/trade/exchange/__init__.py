"""Seizure records for others, and back: each format says what it cannot carry.

``aitr``         annual illegal trade report, CSV or XLSX; with all columns nothing is lost
``etis``         ETIS, 44 columns: elephant specimens, a row a seizure
``geojson``      GeoJSON, a feature a seizure; nothing is lost
``flat``         records as rows, and rows that became records again
``reading``      recognises these formats when a file is imported
``tables``       CSV and XLSX whose texts no spreadsheet program takes for formulas
"""

import importlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from forensics.io.dates import year_of
from forensics.messages import _
from forensics.trade.exchange.flat import WAITS, Export, LeftOut, select_seizures
from forensics.trade.record import Problem, Seizure
from forensics.trade.rules import ERROR, WARNING
from forensics.trade.store import Store
from forensics.trade.validating import find_faults

__all__ = ["FORMATS", "Format", "export_seizures", "export_store"]


class Format(NamedTuple):
    """A format: the endings of its files, and whether it has everything, right or wrong, or is a report."""

    endings: tuple[str, ...]
    everything: bool


FORMATS = {
    "aitr": Format(("csv", "xlsx"), everything=False),
    "etis": Format(("csv", "xlsx"), everything=False),
    "geojson": Format(("geojson",), everything=True),
}


def export_store(store: Store, name: str, *, year: int | None = None, **options: Any) -> Export:
    """Return the records of a store in a format; a report has none with an error.

    Parameters
    ----------
    store : Store
    name : str
        One of `FORMATS`.
    year : int, optional
        Of the date of seizure; default: all.
    **options
        Of the module of the format.
    """
    seizures = store.seizures(everything=True)
    faults = find_faults(store, year=year, severities=(ERROR, WARNING))
    return export_seizures(seizures, name, year=year, faults=faults, **options)


def export_seizures(
    seizures: Iterable[Seizure],
    name: str,
    *,
    year: int | None = None,
    faults: Mapping[int, list[Problem]] | None = None,
    **options: Any,
) -> Export:
    """Return records in a format; see `export_store`.

    Parameters
    ----------
    seizures : iterable of Seizure
    name : str
    year : int, optional
    faults : mapping of int to list of Problem
        Errors and warnings by seizure.
    **options
        Of the module of the format.
    """
    everything = FORMATS[name].everything or bool(options.get("everything"))
    given, left = list(seizures), list[LeftOut]()
    chosen = list(select_seizures(given, left, year=year, trade=everything))
    waiting = any(record.why == _(WAITS) for record in left)
    found = {}
    for seizure in chosen:
        errors = [fault for fault in (faults or {}).get(seizure.id, ()) if fault.severity == ERROR]
        if errors:
            found[seizure.id] = errors
    chosen = [
        seizure
        for seizure in chosen
        if everything and (year is None or year_of(seizure.get("date"))) or seizure.id not in found
    ]
    write = importlib.import_module(f"{__name__}.{name}").write
    made: Export = write(chosen, **options)
    warnings = Counter(
        fault.code
        for seizure in made.written
        for fault in (faults or {}).get(seizure, ())
        if fault.severity == WARNING
    )
    return made._replace(
        left_out=(*left, *made.left_out), seizures=len(given), faults=found, waiting=waiting,
        warnings=warnings,
    )  # fmt: skip
