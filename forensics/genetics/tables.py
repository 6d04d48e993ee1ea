"""Tables of genotypes as people keep them: CSV, spreadsheets, pandas; a row an animal.

`forensics.io.tables` reads the rows; here each distinct cell is kept once. What each column is,
`forensics.genetics.columns` finds out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.genetics.sources import Source
from forensics.genetics.store import Cells
from forensics.io.rows import Row, read_sheets, rows_of_frame
from forensics.io.sheets import choose_sheet, gather_rows

if TYPE_CHECKING:
    import pandas

__all__ = ["Table", "read_frame", "read_source"]


@dataclass(frozen=True, eq=False)
class Table:
    """A header and its rows.

    Attributes
    ----------
    header : tuple of str, length C
    cells : Cells
        n rows of C cells.
    lines : tuple of int, length n
        Line (or row of the sheet) in which each row stands.
    other_sheets : tuple of str
        Titles of the other sheets of a workbook that are not empty.
    """

    header: tuple[str, ...]
    cells: Cells
    lines: tuple[int, ...]
    source: str | None
    other_sheets: tuple[str, ...] = ()


def read_source(source: Source, *, sheet: str | None = None) -> Table:
    """Read a table whose cells are separated by tabulators, semicolons, commas or blanks, or a workbook.

    Parameters
    ----------
    sheet : str, optional
        Title of the sheet of a workbook; default: the first one that is not empty.

    Raises
    ------
    InputError
        If it cannot be read as a table; see `forensics.io.tables.gather_rows`.
    """
    sheets = read_sheets(source, blanks=True, padded=True, damaged=True)
    rows, others = choose_sheet(sheets, source, sheet=sheet, first=True)
    return _gather(rows, source.label, others)


def read_frame(frame: "pandas.DataFrame") -> Table:
    """Read a DataFrame; a named index, or one that is not 0, 1, 2…, is the first column."""
    return _gather(rows_of_frame(frame), "DataFrame")


def _gather(rows: Iterable[Row], source: str | None, others: tuple[str, ...] = ()) -> Table:
    stream = gather_rows(rows, source)
    cells = Cells(len(stream.header), source=source)
    lines = []
    for row in stream.rows:
        cells.add(row.cells)
        lines.append(row.line)
    cells.close()
    return Table(stream.header, cells, tuple(lines), source, others)
