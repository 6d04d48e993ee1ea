"""The one reader of tables: columns by their names, cells as text until a column asks for more.

>>> import io
>>> SAMPLE = Column("sample", TEXT, filled=True)
>>> D13C = Column("d13C", NUMBER, also=("delta13C",))
>>> table = read_table(io.StringIO("Sample;Delta13C\\nA1;-21,3\\nA2;\\n"))
>>> [(record[SAMPLE], record[D13C]) for record in table.records(SAMPLE, D13C)]
[('A1', -21.3), ('A2', nan)]

What columns are named by data (sites of a clock, loci), or a table is transposed, the header and the
rows are read as they stand: `Table.header`, `Table.rows`.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Literal, TypeVar

from forensics.errors import InputError
from forensics.io.cells import plain, printable
from forensics.io.dates import parse_day
from forensics.io.inputs import Budget
from forensics.io.numbers import AmbiguousNumberError, find_decimal_sign, parse_number
from forensics.io.rows import Row, read_sheets, rows_of_frame
from forensics.io.sheets import choose_sheet, gather_rows, listed
from forensics.io.sources import TABLE_BUDGET, Source, open_source
from forensics.messages import N_, _

__all__ = [
    "DAY",
    "NUMBER",
    "TEXT",
    "Column",
    "Kind",
    "Record",
    "Table",
    "column_key",
    "describe_ambiguity",
    "find_column",
    "is_frame",
    "number_kind",
    "parse_cell",
    "read_table",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """What the cells of a column hold.

    Attributes
    ----------
    expected : str
        In words, for messages; translated where it is used.
    read : function
        From the text of a cell that is not empty, and the decimal sign that other cells of the column
        show (see `forensics.io.numbers.find_decimal_sign`), to the value; raises ValueError.
    empty : object
        The value of an empty cell.
    numeric : bool
        Whether the cells are numbers, whose decimal sign the column shows.
    """

    expected: str
    read: Callable[[str, str], T]
    empty: T
    numeric: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Column(Generic[T]):
    """A column that a reader asks for.

    Attributes
    ----------
    name : str
        As messages call it. Case, blanks and underscores do not matter in a file.
    kind : Kind
    also : tuple of str
        Other names.
    required : bool
        Whether the column must be there.
    filled : bool
        Whether every cell of it must be.
    several : {"refuse", "first"}
        What to do where several columns of a file bear one of the names.
    """

    name: str
    kind: Kind[T]
    also: tuple[str, ...] = ()
    required: bool = True
    filled: bool = False
    several: Literal["refuse", "first"] = "refuse"

    def matches(self, header: str) -> bool:
        """Return whether a column of a file with this name is meant."""
        return column_key(header) in {column_key(name) for name in (self.name, *self.also)}


class Record:
    """One row as the columns read it: ``record[COLUMN]``."""

    __slots__ = ("_values", "line")

    def __init__(self, line: int, values: Mapping[Column[Any], object]) -> None:
        self.line, self._values = line, values

    def __getitem__(self, column: Column[T]) -> T:
        """Return the value of a column; of one that the file does not have what an empty cell gives."""
        return self._values[column]  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A header and its rows, as text.

    Attributes
    ----------
    line : int
        Of the header.
    source : str or None
        File, for messages; "DataFrame" of a DataFrame.
    sha256 : str
        Of the file; empty of a DataFrame.
    other_sheets : tuple of str
        Titles of the other sheets of the workbook that are not empty.
    """

    header: tuple[str, ...]
    line: int
    rows: tuple[Row, ...]
    source: str | None
    sha256: str
    other_sheets: tuple[str, ...] = ()

    def has(self, column: Column[Any]) -> bool:
        """Return whether the file has a column."""
        return any(map(column.matches, self.header))

    def records(self, *columns: Column[Any], pass_blank: bool = False) -> Iterator[Record]:
        """Yield the rows as these columns read them.

        Parameters
        ----------
        *columns : Column
        pass_blank : bool
            Whether rows in which all these columns are empty are passed over.

        Raises
        ------
        InputError
            If a column is missing or stands there twice, or a cell cannot be read; with the line, the
            column, what was found and what was expected.
        """
        places = {column: self._place(column) for column in columns}
        missing = [column.name for column, place in places.items() if place is None]
        required = {column.name for column in columns if column.required}
        if absent := [name for name in missing if name in required]:
            raise InputError(
                _("found the columns {found}; missing: {missing}").format(
                    found=listed(self.header), missing=", ".join(absent)
                ),
                source=self.source,
                line=self.line,
            )
        signs = {
            column: find_decimal_sign(plain(_cell(row, place).strip()) for row in self.rows)
            for column, place in places.items()
            if place is not None and column.kind.numeric
        }
        for row in self.rows:
            texts = {
                column: plain(_cell(row, place).strip()) if place is not None else ""
                for column, place in places.items()
            }
            if pass_blank and not any(texts.values()):
                continue
            yield Record(
                row.line,
                {
                    column: self._value(
                        column, text, places[column], signs.get(column, ""), row.line
                    )
                    for column, text in texts.items()
                },
            )

    def _place(self, column: Column[Any]) -> int | None:
        return find_column(
            self.header, column.matches, several=column.several, source=self.source, line=self.line
        )

    def _value(self, column: Column[T], text: str, place: int | None, decimal: str, line: int) -> T:
        if not text:
            if column.filled and place is not None:
                raise InputError(
                    _("the column '{column}' is empty").format(column=self.header[place]),
                    source=self.source,
                    line=line,
                )
            return column.kind.empty
        name = column.name if place is None else self.header[place]
        return parse_cell(
            text, column.kind, column=name, decimal=decimal, source=self.source, line=line
        )


def _cell(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def column_key(name: str) -> str:
    """Return the name of a column as it is compared.

    Examples
    --------
    >>> column_key(" True  species") == column_key("true_species")
    True
    """
    return "_".join(name.replace("_", " ").split()).casefold()


def find_column(
    header: Sequence[str],
    matches: Callable[[str], bool],
    *,
    several: Literal["refuse", "first"] = "refuse",
    source: str | None,
    line: int = 1,
) -> int | None:
    """Return the place of a column; None where there is none.

    Raises
    ------
    InputError
        If several columns match and that is refused.
    """
    places = [place for place, name in enumerate(header) if matches(name)]
    if len(places) > 1 and several == "refuse":
        raise InputError(
            _("two columns mean the same: {columns}.").format(
                columns=", ".join(printable(header[place]) for place in places)
            ),
            source=source,
            line=line,
        )
    return places[0] if places else None


def parse_cell(
    text: str, kind: Kind[T], *, column: str, decimal: str = "", source: str | None, line: int
) -> T:
    """Return the value of a cell that is not empty.

    Raises
    ------
    InputError
        With the line, the column, what was found and what was expected.
    """
    try:
        return kind.read(text, decimal)
    except AmbiguousNumberError as error:
        raise InputError(describe_ambiguity(error, column), source=source, line=line) from error
    except ValueError as error:
        fault = _("column '{column}': found {found!r}; expected {expected}").format(
            column=printable(column), found=printable(text), expected=_(kind.expected)
        )
        raise InputError(fault, source=source, line=line) from error


def describe_ambiguity(error: AmbiguousNumberError, column: str) -> str:
    """Return in words which numbers a cell may mean, and what to do."""
    return _(
        "column '{column}': {found!r} may be {readings}; write it with a decimal point"
    ).format(
        column=printable(column),
        found=printable(error),
        readings=_(" or ").join(f"{reading:g}" for reading in error.readings),
    )


def number_kind(
    expected: str = N_("a number"), *, minimum: float = -math.inf, maximum: float = math.inf
) -> Kind[float]:
    """Return the kind of a measured number, NaN where the cell is empty.

    The bounds decide between two readings of a comma; see `forensics.io.numbers.parse_number`.
    """
    return Kind(
        expected,
        lambda text, decimal: parse_number(text, decimal=decimal, minimum=minimum, maximum=maximum),
        math.nan,
        numeric=True,
    )


TEXT: Kind[str] = Kind(N_("text"), lambda text, _decimal: text, "")
NUMBER: Kind[float] = number_kind()
DAY: Kind[date | None] = Kind(
    N_("year, month and day, such as 2019-07-01"), lambda text, _decimal: parse_day(text), None
)


def is_frame(source: object) -> bool:
    """Return whether a table of pandas was given, without loading pandas."""
    return hasattr(source, "itertuples") and hasattr(source, "columns")


def read_table(
    source: Any,
    *,
    budget: Budget = TABLE_BUDGET,
    sheet: str | None = None,
    first_sheet: bool = False,
    narrow_rows: bool = False,
    no_rows: bool = False,
    blanks: bool = False,
    padded: bool = True,
) -> Table:
    """Read a table: CSV (comma, semicolon or tabulator), an .xlsx workbook or a DataFrame.

    Text is UTF-8, UTF-16 with its mark, or Windows-1252; gzip is unpacked. The header is the first row
    that is not empty.

    Parameters
    ----------
    source : path, ``"-"``, open file, Source, or pandas.DataFrame
    sheet : str, optional
        Title of the sheet to read.
    first_sheet : bool
        Whether of several sheets that are not empty the first is read, and the others are named in
        `Table.other_sheets`; else such a workbook is refused, so that none is lost.
    narrow_rows : bool
        Whether rows may have fewer cells than the header; the others are empty then.
    no_rows : bool
        Whether a table may have a header alone.
    blanks, padded : bool
        See `forensics.io.rows.read_sheets`.

    Raises
    ------
    InputError
        If it cannot be read as a table, has no header or no row, or a row is wider than the header;
        with the file and the line.
    """
    if is_frame(source):
        stream = gather_rows(rows_of_frame(source), "DataFrame")
        return Table(stream.header, stream.line, tuple(stream.rows), "DataFrame", "")
    if not isinstance(source, Source):
        with open_source(source, budget=budget) as opened:
            return read_table(
                opened,
                sheet=sheet,
                first_sheet=first_sheet,
                narrow_rows=narrow_rows,
                no_rows=no_rows,
                blanks=blanks,
                padded=padded,
            )
    sheets = read_sheets(source, blanks=blanks, padded=padded)
    rows, others = choose_sheet(sheets, source, sheet=sheet, first=first_sheet)
    stream = gather_rows(rows, source.label, narrow_rows=narrow_rows, no_rows=no_rows)
    return Table(
        stream.header, stream.line, tuple(stream.rows), source.label, source.sha256, others
    )
