"""Seizure records for others, and back: each format says what it cannot carry.

``aitr``         annual illegal trade report, CSV or XLSX; with all columns nothing is lost
``etis``         ETIS, 44 columns: elephant specimens, a row a seizure
``geojson``      GeoJSON, a feature a seizure; nothing is lost
``earthranger``  events of EarthRanger, JSON; nothing is lost of seizures that have a day
``darwin``       Darwin Core occurrences, CSV; nothing is lost
``links``        legs of routes and ties to cases, CSV for analysts; it is not read back
``flat``         records as rows, and rows that became records again
``reading``      recognises these formats when a file is imported
``tables``       CSV and XLSX whose texts no spreadsheet program takes for formulas
"""

import importlib
from collections.abc import Callable, Iterable

from forensics.trade.record import Seizure

__all__ = ["FORMATS", "writer_of"]

FORMATS = {
    "aitr": ("csv", "xlsx"),
    "etis": ("csv", "xlsx"),
    "geojson": ("geojson",),
    "earthranger": ("json",),
    "darwin": ("csv",),
    "links": ("csv",),
}
"""Formats, and the endings of their files."""


def writer_of(name: str) -> Callable[[Iterable[Seizure]], object]:
    """Return the function that writes a format; see its module for the options."""
    write: Callable[[Iterable[Seizure]], object] = importlib.import_module(
        f"{__name__}.{name}"
    ).write
    return write
