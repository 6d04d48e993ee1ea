"""Rows of a CSV or XLSX file as they stand there, each with its number: nothing is left out.

Unlike the lists of custody, where one wrong row refuses the whole, rows of any width are taken; what is wrong
with them is reported row by row.
"""

import hashlib
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from forensics.errors import InputError
from forensics.io.cells import plain
from forensics.io.files import read_limited
from forensics.io.rows import Row, trim_row
from forensics.io.rows import read_sheets as read_raw
from forensics.io.sources import Limits, Source
from forensics.io.workbooks import refuse_several_sheets
from forensics.messages import _

__all__ = [
    "MAX_FILE",
    "MAX_ROWS",
    "Row",
    "Sheet",
    "clean",
    "read_sheet",
    "read_sheets",
    "row_sha256",
    "sheet_label",
    "sheet_of",
    "sheets_of",
]

MAX_FILE = 256 * 2**20
MAX_UNPACKED = 1024 * 2**20
"""Bytes of a file, and of an XLSX when unpacked; a million rows of twenty cells take some 100 MB."""
_LIMITS = Limits(max_bytes=MAX_UNPACKED)
MAX_ROWS = 2_000_000
MAX_CELL = 100_000
"""Longest cell: a text of twenty pages."""
# Signs that no XLSX can hold, and no record needs; lines and tabulators stay.
_CONTROL = {
    code: None for code in (*range(9), 11, 12, *range(13, 32), *range(127, 160), 0xFFFE, 0xFFFF)
}


@dataclass(frozen=True)
class Sheet:
    """A file, or a sheet of a workbook, with its rows; the first one that has a cell is the header.

    Attributes
    ----------
    name, sha256, size : str, str, int
        Of the file.
    header : tuple of str
    rows : tuple of Row
    title : str
        Of the sheet, where a workbook has several that are not empty; else empty.
    machine : bool
        Whether a program wrote each row as a record (GeoJSON, events, Darwin Core): none can be a total.
    """

    name: str
    sha256: str
    size: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str = ""
    machine: bool = False

    @property
    def label(self) -> str:
        """Name of the file, with that of the sheet where there are several."""
        return sheet_label(self.name, self.title)


def row_sha256(row: Row) -> str:
    """Return the hash of the cells of a row, joined by the sign that separates units."""
    return hashlib.sha256("\x1f".join(row.cells).encode()).hexdigest()


def sheet_label(name: str, title: str) -> str:
    """Return the name of a file with the title of a sheet in it.

    Examples
    --------
    >>> sheet_label("seizures.xlsx", "2025"), sheet_label("seizures.csv", "")
    ('seizures.xlsx [2025]', 'seizures.csv')
    """
    return f"{name} [{title}]" if title else name


def read_sheet(path: str | os.PathLike[str], *, header: int | None = None) -> Sheet:
    """Read a table.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab; UTF-8 or Windows-1252) or XLSX with one sheet that is not empty.
    header : int, optional
        Number of the row with the names of the columns; default: the first that is not empty.

    Raises
    ------
    InputError
        If it cannot be read as a table, or a workbook has several sheets that are not empty.
    """
    path = Path(path)
    return sheet_of(read_limited(path, MAX_FILE), path.name, header=header)


def read_sheets(path: str | os.PathLike[str], *, header: int | None = None) -> tuple[Sheet, ...]:
    """Read all sheets of a file that are not empty, hidden ones too; a CSV file is one sheet.

    Raises
    ------
    InputError
        If it cannot be read as a table, or has no row.
    """
    path = Path(path)
    return sheets_of(read_limited(path, MAX_FILE), path.name, header=header)


def sheet_of(data: bytes, name: str, *, header: int | None = None) -> Sheet:
    """Return the rows of a table that is in memory; see `read_sheet`."""
    sheets = sheets_of(data, name, header=header)
    refuse_several_sheets([sheet.title for sheet in sheets], name)
    return sheets[0]


def sheets_of(data: bytes, name: str, *, header: int | None = None) -> tuple[Sheet, ...]:
    """Return the sheets of a file that is in memory; see `read_sheets`."""
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise InputError(_("The table has no row with names of columns."), source=name)
    sheets = []
    with Source(BytesIO(data), name, limits=_LIMITS) as source:
        for title, rows in read_raw(source, max_bytes=MAX_UNPACKED, max_rows=MAX_ROWS + 100):
            title = clean(title)
            columns, kept = _read_rows(rows, sheet_label(name, title), header)
            if columns is not None:
                sheets.append(Sheet(name, digest, len(data), columns, kept, title))
    if not sheets:
        raise InputError(_("The table has no row with names of columns."), source=name)
    if len(sheets) == 1:
        return (replace(sheets[0], title=""),)
    return tuple(sheets)


def _read_rows(
    rows: Iterable[Row], source: str, header: int | None
) -> tuple[tuple[str, ...] | None, tuple[Row, ...]]:
    """Return the names of the columns, and the rows below; None where no row is a header."""
    columns: tuple[str, ...] | None = None
    kept: list[Row] = []
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        if columns is None:
            if header is None or row.line >= header:
                columns = tuple(clean(cell) for cell in trim_row(row.cells))
            continue
        if len(kept) == MAX_ROWS:
            raise InputError(
                _("More than {most} rows; split the file.").format(most=MAX_ROWS), source=source
            )
        if any(len(cell) > MAX_CELL for cell in row.cells):
            raise InputError(
                _("A cell is longer than {most} characters.").format(most=MAX_CELL),
                source=source,
                line=row.line,
            )
        kept.append(row)
    return columns, tuple(kept)


def clean(cell: str) -> str:
    """Return what a cell says: in one Unicode form, without what spreadsheet programs put around it.

    Examples
    --------
    >>> clean(" '=5 kg_x000D_ ")
    '=5 kg'
    """
    # _x000D_ is how XLSX writes a carriage return, and some exports leave it there.
    text = cell.replace("_x000D_", "").replace("\r\n", "\n").translate(_CONTROL)
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair, from JSON
    return plain(unicodedata.normalize("NFC", text).strip())
