"""Rows of text as they stand in a file: CSV, TSV, Excel workbooks and DataFrames, each with its line.

Nothing is inferred here: a cell is the text that was written, and what a spreadsheet program keeps as
a number or a day becomes the shortest text that means the same.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from forensics.errors import InputError
from forensics.io.cells import printable
from forensics.io.inputs import read_up_to
from forensics.io.sources import Source
from forensics.io.workbooks import XLSX, titled_sheets_of
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = [
    "DELIMITERS",
    "Row",
    "Sheet",
    "cell_text",
    "find_delimiter",
    "parse_rows",
    "read_sheets",
    "rows_of_frame",
    "trim_row",
]

DELIMITERS = "\t;,"
_SAMPLED = 30  # lines looked at to find what separates cells


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    line : int
        Line of a CSV file on which it ends, row of a sheet; counted from 1.
    typed : frozenset of int
        Places of cells that a program kept as a number or a day: they have one reading, whatever
        decimal sign people there use.
    """

    line: int
    cells: tuple[str, ...]
    typed: frozenset[int] = frozenset()


class Sheet(NamedTuple):
    """A sheet of a workbook, or a file of text; its rows are read before the next sheet is.

    Attributes
    ----------
    title : str
        Empty where the file has no sheets.
    """

    title: str
    rows: Iterator[Row]


def find_delimiter(lines: Sequence[str]) -> str | None:
    """Return what separates the cells of the first lines of a table, or None.

    It is the sign that gives most of them the same number of cells, above one; else a sign that
    stands in all of them.

    Examples
    --------
    >>> find_delimiter(["name;share", "a;12,5", "b;7,25"])
    ';'
    """
    best, best_key = None, (0.0, 0)
    for sign in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=sign) if any(row)]
        except csv.Error:
            continue
        if rows and len(rows[0]) > 1:
            width = len(rows[0])
            even = sum(len(row) == width for row in rows) / len(rows)
            if (even, width) > best_key and even > 0.5:
                best, best_key = sign, (even, width)
    if best is None:  # fewer even lines, but one sign in all of them
        for sign in DELIMITERS:
            if lines and all(sign in line for line in lines if line.strip()):
                return sign
    return best


def read_sheets(
    source: Source,
    *,
    delimiter: str | None = None,
    blanks: bool = False,
    padded: bool = False,
    damaged: bool = False,
) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, hidden ones too; a file of text is one sheet without a title.

    Parameters
    ----------
    delimiter : str, optional
        What separates the cells of a text; default: what `find_delimiter` finds, else the most
        frequent of `DELIMITERS` in the first line.
    blanks : bool
        Whether blanks separate the cells of a text where nothing else does.
    padded : bool
        Whether blanks after a delimiter do not belong to the cell.
    damaged : bool
        Whether letters that cannot be decoded are kept as U+FFFD; else the file is refused.

    Raises
    ------
    InputError
        If there is more in it than the budget of the source allows, it is not text and not a workbook, a quotation mark is wrong, or openpyxl (the extra
        ``excel``) is not installed.
    """
    count = _Count(source)
    if source.start.startswith(XLSX):
        data = read_up_to(source.binary(), source.budget.max_bytes)
        for title, rows in titled_sheets_of(data, source.label or "", source.budget.max_bytes):
            yield Sheet(title, count.rows(_typed_rows(rows)))
        return
    head = list(islice((line for line in source.lines() if line.strip()), _SAMPLED))
    sign = delimiter or find_delimiter(head)
    lines = source.lines() if damaged else _checked(source)
    if sign is None and blanks and len({len(line.split()) for line in head}) == 1:
        words = (Row(number, tuple(line.split())) for number, line in enumerate(lines, 1))
        yield Sheet("", count.rows(words))
        return
    if sign is None:
        sign = max(",;\t", key=head[0].count) if head else ","
    yield Sheet("", count.rows(parse_rows(lines, sign, source=source.label, padded=padded)))


class _Count:
    """Counts what is read of a file, in all of its sheets, and stops where its budget ends."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows = self._cells = self._letters = 0

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows.

        Raises
        ------
        InputError
        """
        budget = self._source.budget
        for row in rows:
            width = len(row.cells)
            self._rows += bool(width)
            self._cells += width
            self._letters += sum(map(len, row.cells))
            # A row more is the header.
            if self._rows > budget.max_rows + 1:
                text = _("More than {most} rows; split the file.").format(most=budget.max_rows)
            elif width > budget.max_columns:
                text = _("More than {most} columns; split the file, or delete cells far away from the others.").format(
                    most=budget.max_columns
                )  # fmt: skip
            elif self._cells > budget.max_cells:
                text = _("More than {most} cells; split the file, or delete cells far away from the others.").format(
                    most=budget.max_cells
                )  # fmt: skip
            elif self._letters > budget.max_bytes:
                text = _(budget.too_long).format(most=budget.max_bytes)
            else:
                yield row
                continue
            raise InputError(text, source=self._source.label, line=row.line)


def parse_rows(
    lines: Iterable[str],
    delimiter: str,
    *,
    source: str | None,
    padded: bool = False,
    strict: bool = True,
) -> Iterator[Row]:
    """Yield the rows of CSV.

    Parameters
    ----------
    lines : iterable of str
        With their ends.
    source : str or None
        File, for messages.
    padded : bool
        Whether blanks after a delimiter do not belong to the cell.
    strict : bool
        Whether a quotation mark that does not fit is refused. Else it is text, as in exports that
        quote nothing; a mark that swallows whole rows is refused all the same.

    Raises
    ------
    InputError
        With the line of a quotation mark that does not fit.
    """
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=padded, strict=strict)
    width = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InputError(
                _(
                    "the quotation marks do not fit together there ({error}). A cell that begins "
                    "with one must end with one; export the table again"
                ).format(error=printable(error)),
                source=source,
                line=reader.line_num,
            ) from error
        if cells is None:
            return
        if not strict:
            width = width or len(cells)
            if any(_swallows(cell, delimiter, width) for cell in cells):
                raise InputError(
                    _("a quotation mark is not closed; whole rows lie in one cell"),
                    source=source,
                    line=reader.line_num,
                )
        yield Row(reader.line_num, tuple(cells))


def _swallows(cell: str, delimiter: str, width: int) -> bool:
    return "\n" in cell and any(
        line.count(delimiter) >= max(1, width - 1) for line in cell.split("\n")
    )


def _checked(source: Source) -> Iterator[str]:
    for line in source.lines():
        if "\x00" in line or "\ufffd" in line:
            raise InputError(
                _("This is neither a table of text (CSV) nor XLSX."), source=source.label
            )
        yield line


def _typed_rows(rows: Iterable[tuple[int, tuple[object, ...]]]) -> Iterator[Row]:
    for number, values in rows:
        typed = frozenset(
            place
            for place, value in enumerate(values)
            if isinstance(value, (int, float, date)) and not isinstance(value, bool)
        )
        yield Row(number, trim_row(tuple(map(cell_text, values))), typed)


def rows_of_frame(frame: "pandas.DataFrame") -> Iterator[Row]:
    """Yield the names of the columns of a DataFrame as row 0, then its rows from 1.

    A named index, or one that is not 0, 1, 2…, is the first column.

    Raises
    ------
    InputError
        If the columns have several rows of names.
    """
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
    yield Row(0, tuple(map(cell_text, frame.columns)))
    for number, values in enumerate(frame.itertuples(index=False, name=None), 1):
        yield Row(number, tuple(map(cell_text, values)))


def cell_text(value: object) -> str:
    """Return a value of a spreadsheet or of pandas as text: 138.0 as ``138``, a day without its hour.

    Examples
    --------
    >>> cell_text(138.0), cell_text(9.3), cell_text(float("nan")), cell_text((138, None))
    ('138', '9.3', '', '138/?')
    >>> cell_text(datetime(2019, 3, 5)), cell_text(datetime(2019, 3, 5, 8, 15))
    ('2019-03-05', '2019-03-05T08:15:00')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return "/".join(cell_text(part) or "?" for part in value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, datetime):
        midnight = value.time() == time.min  # `value.min` of pandas has an hour
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        if math.isinf(value):
            return str(value)
        # A spreadsheet keeps doubles; the shortest text that means the same is what was typed.
        return format(Decimal(repr(float(value))), "f").removesuffix(".0")
    return str(value)


def trim_row(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row without the empty cells at its end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
