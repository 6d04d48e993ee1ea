"""CSV and XLSX for others."""

import csv
import io
from collections.abc import Iterable, Sequence

from forensics.io.cells import defused
from forensics.io.workbooks import xlsx_bytes

__all__ = ["csv_bytes", "table_bytes"]


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], ending: str) -> bytes:
    """Return a table as ``csv`` or ``xlsx``."""
    if ending == "xlsx":
        return xlsx_bytes(header, rows, title="report")
    return csv_bytes(header, rows)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table in UTF-8 with the mark by which spreadsheet programs know it."""
    from forensics.trade.record import number_text

    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in (header, *rows):
        safe = defused(_numbered(row))
        writer.writerow(
            [number_text(value) if isinstance(value, float) else value for value in safe.values()]
        )
    return stream.getvalue().encode("utf-8-sig")


def _numbered(row: Sequence[object]) -> dict[str, object]:
    """Return the cells under their places: names of columns may repeat."""
    return {str(place): value for place, value in enumerate(row)}
