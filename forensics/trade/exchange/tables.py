"""CSV and XLSX for others: texts are texts, numbers are numbers, and nothing is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from forensics.errors import importing
from forensics.io.cells import defused
from forensics.messages import _

__all__ = ["csv_bytes", "table_bytes", "xlsx_bytes"]


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], ending: str) -> bytes:
    """Return a table as ``csv`` or ``xlsx``."""
    return (xlsx_bytes if ending == "xlsx" else csv_bytes)(header, rows)


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


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as a workbook of one sheet.

    Raises
    ------
    UsageError
        If openpyxl (the extra ``excel``) is not installed.
    """
    with importing("excel", instead=_("Or write CSV.")):
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    book = Workbook(write_only=True)
    sheet = book.create_sheet("report")
    for row in (header, *rows):
        cells = []
        for value in defused(_numbered(row)).values():
            cell = WriteOnlyCell(sheet, value=None)
            if isinstance(value, str):
                # Set by hand: openpyxl makes a formula of what begins with "=".
                cell._value, cell.data_type = value, "s"
            elif value is not None:
                cell.value = value
            cells.append(cell if value not in (None, "") else None)
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _numbered(row: Sequence[object]) -> dict[str, object]:
    """Return the cells under their places: names of columns may repeat."""
    return {str(place): value for place, value in enumerate(row)}
