"""Tables of genotypes as people keep them: CSV, spreadsheets, pandas; a row an animal.

This module brings rows together; `forensics.genetics.columns` finds out what each column is.
"""

import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.errors import InputError
from forensics.genetics.sources import MAX_BYTES, Source, printable
from forensics.genetics.store import Cells
from forensics.io.cells import plain
from forensics.io.workbooks import sheets_of
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    import pandas

__all__ = ["Table", "delimiter_of", "table_of_frame", "table_of_lines", "table_of_workbook"]

DELIMITERS = "\t;,"
_SAMPLED = 30  # lines looked at to find what separates cells


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
    source : str or None
    """

    header: tuple[str, ...]
    cells: Cells
    lines: tuple[int, ...]
    source: str | None


def delimiter_of(lines: Sequence[str]) -> str | None:
    """Return what separates the cells of the first lines of a table, or None.

    It is the sign that gives all of them the same number of cells, above one.
    """
    best, best_key = None, (0.0, 0)
    for mark in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=mark) if any(row)]
        except csv.Error:
            continue
        if rows and len(rows[0]) > 1:
            width = len(rows[0])
            even = sum(len(row) == width for row in rows) / len(rows)
            if (even, width) > best_key and even > 0.5:
                best, best_key = mark, (even, width)
    if best is None:  # fewer even lines, but one sign in all of them
        for mark in DELIMITERS:
            if lines and all(mark in line for line in lines if line.strip()):
                return mark
    return best


def table_of_lines(source: Source) -> Table:
    """Read a table whose cells are separated by tabulators, semicolons, commas or blanks."""
    head = list(itertools.islice((line for line in source.lines() if line.strip()), _SAMPLED))
    mark = delimiter_of(head)
    if mark is None and len({len(line.split()) for line in head}) == 1:
        rows = ((number, line.split()) for number, line in enumerate(source.lines(), 1))
    else:
        rows = _csv_rows(source, mark or ",")
    return _gather(rows, source.label)


def _csv_rows(source: Source, mark: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(source.lines(), delimiter=mark, skipinitialspace=True, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                _(
                    "the quotation marks do not fit together there ({error}). A cell that begins "
                    "with one must end with one; export the table again"
                ).format(error=printable(error)),
                source=source.label,
                line=reader.line_num,
            ) from error
        if row is None:
            return
        yield reader.line_num, row


def table_of_frame(frame: "pandas.DataFrame") -> Table:
    """Read a DataFrame; a named index, or one that is not 0, 1, 2…, is the first column."""
    import pandas

    if isinstance(frame.columns, pandas.MultiIndex):
        raise InputError(
            _("the DataFrame has several rows of column names; give it one"), source="DataFrame"
        )
    counted = isinstance(frame.index, pandas.RangeIndex) and frame.index.name is None
    if isinstance(frame.index, pandas.MultiIndex) or not counted:
        frame = frame.reset_index()
        if frame.columns[0] == "index":
            frame = frame.rename(columns={"index": ""})
    header = [_text(name) for name in frame.columns]
    rows = itertools.chain(
        [(0, header)],
        (
            (number, [_text(value) for value in row])
            for number, row in enumerate(frame.itertuples(index=False, name=None), 1)
        ),
    )
    return _gather(rows, "DataFrame")


def table_of_workbook(source: Source) -> Table:
    """Read the first sheet of an .xlsx workbook.

    Raises
    ------
    InputError
        If openpyxl (the extra ``excel``) is not installed, or the workbook is damaged.
    """
    rows = []
    for sheet in sheets_of(source.binary().read(), source.label or "", most_bytes=MAX_BYTES):
        rows = [(number, [_text(value) for value in row]) for number, row in sheet]
        break  # the first sheet
    # All rows of a sheet are as wide as the widest one.
    width = max((len(_trimmed(row)) for _number, row in rows), default=0)
    return _gather(
        ((number, row[:width] + [""] * (width - len(row))) for number, row in rows), source.label
    )


def _text(value: object) -> str:
    """Return a value of a spreadsheet or of pandas as text; 138.0 as 138."""
    if value is None or value != value:  # NaN, NaT
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return "/".join(_text(one) or "?" for one in value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _gather(rows: Iterable[tuple[int, Sequence[str]]], source: str | None) -> Table:
    header: tuple[str, ...] | None = None
    lines = []
    for number, row in rows:
        filled = _trimmed(row)
        if not filled:
            continue  # an empty row, or the empty ones that spreadsheets leave at the end
        if header is None:
            header = tuple(plain(name.strip().lstrip("\ufeff")) for name in row)
            cells = Cells(len(header), source=source)
            continue
        if len(filled) > len(header):
            raise InputError(
                ngettext(
                    "{found} cells where the header names {expected} column. Is the decimal sign "
                    "also the separator, or a name of a column missing? (R: write.csv, or "
                    "write.table with col.names = NA)",
                    "{found} cells where the header names {expected} columns. Is the decimal sign "
                    "also the separator, or a name of a column missing? (R: write.csv, or "
                    "write.table with col.names = NA)",
                    len(header),
                ).format(found=len(filled), expected=len(header)),
                source=source,
                line=number,
            )
        if len(row) < len(header):
            raise InputError(
                ngettext(
                    "{found} cell where the header names {expected} columns; was the row cut off?",
                    "{found} cells where the header names {expected} columns; was the row cut off?",
                    len(row),
                ).format(found=len(row), expected=len(header)),
                source=source,
                line=number,
            )
        cells.add(row[: len(header)])
        lines.append(number)
    if header is None:
        raise InputError(_("the table has no header"), source=source)
    if not lines:
        raise InputError(
            _("the table has a header and no row below it; a row an animal is expected"),
            source=source,
        )
    cells.close()
    return Table(header, cells, tuple(lines), source)
