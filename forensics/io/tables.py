"""The one reader of tables: columns by their names, cells as text until a column asks for more.

>>> import io
>>> SAMPLE = Column("sample", TEXT, filled=True)
>>> D13C = Column("d13C", NUMBER, also=("delta13C",))
>>> table = read_table(io.StringIO("Sample;Delta13C\\nA1;-21,3\\nA2;\\n"))
>>> [(record[SAMPLE], record[D13C]) for record in table.records(SAMPLE, D13C)]
[('A1', -21.3), ('A2', nan)]

Where columns are named by data (sites of a clock, loci), or a table is transposed, the header and the
rows are read as they stand: `Table.header`, `Table.rows`.

In this order: the bytes of a table (`Source`), workbooks of Excel, rows as they stand in CSV, TSV,
workbooks and DataFrames (`read_sheets`), the sheet and the header that are meant (`choose_sheet`,
`gather_rows`), and cells as values (`read_table`).

A file is passed through twice: once for its sum, its encoding and its size, once for its content,
so that memory follows what is kept of it and not the file. Nothing is inferred: a cell is the text
that was written, and what a spreadsheet program keeps as a number or a day becomes the shortest text
that means the same.
"""

import codecs
import csv
import hashlib
import io
import math
import numbers
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, cast

from forensics.errors import InputError, UsageError, importing
from forensics.io.files import (
    GZIP,
    STDIN,
    Budget,
    open_archive,
    open_input,
    read_up_to,
    report_damage,
    unpack,
)
from forensics.io.numbers import (
    AmbiguousNumberError,
    defused,
    find_decimal_sign,
    parse_day,
    parse_number,
    plain,
    printable,
)
from forensics.messages import N_, _, ngettext

if TYPE_CHECKING:
    import pandas


_SPOOL = 64 * 2**20
_BLOCK = 1 << 20
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PATH = 4096

TABLE_BUDGET = Budget()


class Source:
    """A file whose sum and encoding are known.

    Attributes
    ----------
    name : str
        As messages call it; "" for a text without a name.
    sha256 : str
        Of the bytes as they were given (packed, where it is packed).
    start : bytes
        The first unpacked bytes, at most 4,096.
    """

    def __init__(self, raw: IO[bytes], name: str, *, budget: Budget = TABLE_BUDGET) -> None:
        self.name, self._raw, self.budget = name, raw, budget
        self.label = name or None
        self.sha256, self.start, self._encoding = "", b"", "utf-8"
        self._examine()

    def _examine(self) -> None:
        digest = hashlib.sha256()
        self._raw.seek(0)
        while block := self._raw.read(_BLOCK):
            digest.update(block)
        self.sha256 = digest.hexdigest()
        length = 0
        with self.binary() as stream, report_damage(self.label or ""):
            block = self.start = stream.read(4096)
            for bom, encoding in _BOMS:
                if self.start.startswith(bom):
                    self._encoding = encoding
            decoder = codecs.getincrementaldecoder("utf-8")() if self._encoding == "utf-8" else None
            while True:
                length += len(block)
                if length > self.budget.max_bytes:
                    raise InputError(
                        _(self.budget.too_long).format(most=self.budget.max_bytes),
                        source=self.label,
                    )
                if decoder is not None:
                    try:
                        decoder.decode(block, final=not block)
                    except UnicodeDecodeError:
                        self._encoding, decoder = "cp1252", None
                if not block:
                    break
                block = stream.read(_BLOCK)
        if not length:
            raise InputError(_("the file is empty; rows of data are expected"), source=self.label)

    @property
    def is_packed(self) -> bool:
        """Whether the file is gzipped."""
        self._raw.seek(0)
        return self._raw.read(2) == GZIP

    def binary(self) -> io.BufferedReader:
        """Return the unpacked bytes from their start; closing it leaves the file open."""
        return unpack(self._raw, self.label or "")

    def lines(self) -> Iterator[str]:
        """Yield lines with their ends, whatever ends them.

        Raises
        ------
        InputError
            At a line that is longer than the limit.
        """
        # Five bytes mean nothing in Windows-1252; they become the sign of a damaged letter.
        text = io.TextIOWrapper(
            self.binary(),
            encoding=self._encoding,
            errors="replace",
            newline="",
        )
        number = 0
        most = self.budget.max_line
        while line := text.readline(most + 1):
            number += 1
            if len(line) > most:
                raise InputError(
                    _(self.budget.line_too_long).format(most=most), source=self.label, line=number
                )
            yield line

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_error: object) -> None:
        self._raw.close()


def open_source(source: object, *, budget: Budget = TABLE_BUDGET) -> Source:
    """Open a path, ``-`` (standard input), or an open text or binary file.

    Raises
    ------
    InputError
        If it is missing, a folder, a device, empty, damaged or longer than the limit.
    UsageError
        If it is nothing that can be read.
    """
    if hasattr(source, "read"):
        name = getattr(source, "name", "")
        label = printable(name, most=_PATH) if isinstance(name, str) else ""
        return Source(_spooled(source, budget), label, budget=budget)
    if not isinstance(source, (str, os.PathLike)):
        raise UsageError(
            _("{kind}: a path, an open file or a pandas DataFrame is expected").format(
                kind=type(source).__name__
            )
        )
    name = os.fspath(source)
    label = _("standard input") if name == STDIN else printable(name, most=_PATH)
    raw = open_input(source, label)
    try:
        return Source(raw, label, budget=budget)
    except BaseException:
        raw.close()
        raise


def _spooled(stream: Any, budget: Budget) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)
    length = 0
    while block := stream.read(_BLOCK):
        data = block.encode("utf-8", "replace") if isinstance(block, str) else block
        length += len(data)
        if length > budget.max_bytes:
            spool.close()
            raise InputError(_(budget.too_long).format(most=budget.max_bytes))
        spool.write(data)
    spool.seek(0)
    return cast(IO[bytes], spool)


#: First bytes of a workbook.
XLSX = b"PK\x03\x04"
# What a parser keeps at a time is a row, or an entry of the shared strings; other parts are kept whole.
_ENTRY = re.compile(rb"<(?:\w+:)?(?:row|si)[\s/>]")
# Of one of them; 16,384 cells have 100,000. In memory up to 200 bytes each.
_MAX_TAGS = 1_000_000
# From one tag to the next: a cell may hold 32,767 characters, each written as up to ten bytes.
_MAX_TEXT = 2**20
_SHEET_BLOCK = 1 << 18


def xlsx_bytes(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "results"
) -> bytes:
    """Return a table as a workbook of one sheet: texts are texts, numbers are numbers, nothing is a formula.

    Raises
    ------
    ForensicsError
        If openpyxl (the extra ``excel``) is not installed.
    """
    with importing("excel", instead=_("Or write CSV.")):
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in (header, *rows):
        cells: list[object] = []
        for value in defused({str(place): value for place, value in enumerate(row)}).values():
            is_lost = isinstance(value, float) and not math.isfinite(value)
            if value is None or value == "" or is_lost:
                cells.append(None)
            elif isinstance(value, (bool, numbers.Real)):
                cells.append(value)
            else:
                cell = WriteOnlyCell(sheet, value=None)
                # Set by hand: openpyxl makes a formula of what begins with "=".
                cell._value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value))
                cell.data_type = "s"
                cells.append(cell)
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _check_part(stream: IO[bytes], name: str) -> None:
    """Refuse a part that a parser would need much memory for, by looking at its tags.

    Raises
    ------
    ValueError
    """
    tags, text, end = 0, 0, b""
    while block := stream.read(_SHEET_BLOCK):
        first = block.find(b"<")
        text += first if first >= 0 else len(block)
        entries = [match.start() for match in _ENTRY.finditer(end + block)]
        tags = tags + block.count(b"<") if not entries else (end + block).count(b"<", entries[-1])
        if b"<!" in end + block:
            raise ValueError(
                _("{part} has a declaration (<!), which no spreadsheet program writes").format(
                    part=name
                )
            )
        if text > _MAX_TEXT or tags > _MAX_TAGS:
            raise ValueError(
                _("{part} has a cell of more than {text} bytes, or an entry of more than {tags} tags").format(
                    part=name, text=_MAX_TEXT, tags=_MAX_TAGS
                )
            )  # fmt: skip
        if first >= 0:
            text = len(block) - block.rfind(b"<")
        end = block[-64:]


def refuse_several_sheets(titles: Sequence[str], source: str) -> None:
    """Refuse a workbook with several sheets that are not empty, where one table is expected.

    Parameters
    ----------
    titles : sequence of str
        Of the sheets that are not empty.
    source : str
        Its name, for the message.

    Raises
    ------
    InputError
        If there are two or more.
    """
    if len(titles) > 1:
        raise InputError(
            _(
                "The workbook has {count} sheets that are not empty ({titles}); expected one, so "
                "that none is lost. Save the sheet to read as a separate file."
            ).format(count=len(titles), titles=", ".join(titles)),
            source=source,
        )


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
        for title, rows in _sheets_of_workbook(source):
            yield Sheet(title, count.rows(rows))
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


def _sheets_of_workbook(source: Source) -> Iterator[Sheet]:
    with importing("excel", source=source.label or "", instead=_("Or save the table as CSV.")):
        import openpyxl
    try:
        data = read_up_to(source.binary(), source.budget.max_bytes)
        with open_archive(io.BytesIO(data), source.budget.max_bytes) as archive:
            pictures = {one for one in archive.namelist() if one.startswith("xl/media/")}
            if b"/media/" in archive.read("[Content_Types].xml"):
                raise ValueError(_("a part of it has the name of a picture"))
            for name in archive.namelist():
                if name not in pictures:
                    with archive.open(name) as stream:
                        _check_part(stream, name)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = book.worksheets
        if len({sheet._worksheet_path for sheet in sheets}) < len(sheets):
            raise ValueError(_("two sheets are one part of the file"))
        if any(sheet._worksheet_path in pictures for sheet in sheets):
            raise ValueError(_("a part of it has the name of a picture"))
        for sheet in sheets:
            # The stated size of a sheet may be wrong; one cell far away would fill all rows before it.
            sheet.reset_dimensions()
            rows = enumerate(sheet.iter_rows(values_only=True), 1)
            yield Sheet(str(sheet.title), _rows_of_sheet(rows, source.label))
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise _unreadable(error, source.label) from error


def _rows_of_sheet(
    rows: Iterable[tuple[int, tuple[object, ...]]], source: str | None
) -> Iterator[Row]:
    try:
        for number, values in rows:
            typed = frozenset(
                place
                for place, value in enumerate(values)
                if isinstance(value, (int, float, date)) and not isinstance(value, bool)
            )
            if values:
                yield Row(number, trim_row(tuple(map(cell_text, values))), typed)
    except Exception as error:
        raise _unreadable(error, source) from error


def _unreadable(error: Exception, source: str | None) -> InputError:
    return InputError(_("The XLSX cannot be read: {error}").format(error=error), source=source)


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
            text = _(
                "the quotation marks do not match there ({error}). A cell that begins with one "
                "must end with one; export the table again"
            ).format(error=printable(error))
            raise InputError(text, source=source, line=reader.line_num) from error
        if cells is None:
            return
        if not strict:
            width = width or len(cells)
            if any(_swallows(cell, delimiter, width) for cell in cells):
                text = _("a quotation mark is not closed, so whole rows are in one cell")
                raise InputError(text, source=source, line=reader.line_num)
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
            _("the DataFrame has several rows of column names; it must have one"),
            source="DataFrame",
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


MAX_SHOWN = 20  # columns named in a message


@dataclass(frozen=True, slots=True, eq=False)
class RowStream:
    """A header and its rows, which are read once.

    Attributes
    ----------
    line : int
        Of the header.
    rows : iterator of Row
        Each as wide as the header, or narrower where that is allowed; empty ones are left out.
    """

    header: tuple[str, ...]
    line: int
    rows: Iterator[Row]


def listed(names: Sequence[str]) -> str:
    """Return names of columns as a message shows them."""
    shown = ", ".join(printable(name) for name in names[:MAX_SHOWN] if name)
    return (shown or "-") + (" …" if len(names) > MAX_SHOWN else "")


def choose_sheet(
    sheets: Iterable[Sheet], source: Source, *, sheet: str | None = None, first: bool = False
) -> tuple[Iterable[Row], tuple[str, ...]]:
    """Return the rows of the sheet that is meant, and the titles of the others that are not empty.

    All rows of a sheet of a workbook are as wide as its widest one, as in the CSV that spreadsheet
    programs write of it.

    Raises
    ------
    InputError
        If there is no such sheet, or several and none is chosen.
    """
    if not source.start.startswith(XLSX):
        return next(iter(sheets)).rows, ()
    filled: list[tuple[str, list[Row]]] = []
    for title, rows in sheets:
        kept = list(rows)
        if any(trim_row(row.cells) for row in kept):
            filled.append((title, kept))
    titles = [title for title, _rows in filled]
    if sheet is not None:
        if sheet not in titles:
            raise InputError(
                _("the workbook has no sheet {sheet} that is not empty; it has: {titles}").format(
                    sheet=printable(sheet), titles=listed(titles)
                ),
                source=source.label,
            )
        chosen = titles.index(sheet)
    else:
        if not first:
            refuse_several_sheets(titles, source.label or "")
        chosen = 0
    rows_of_it = filled[chosen][1] if filled else []
    width = max((len(trim_row(row.cells)) for row in rows_of_it), default=0)
    padded = (Row(row.line, (row.cells + ("",) * width)[:width], row.typed) for row in rows_of_it)
    return padded, tuple(title for place, title in enumerate(titles) if place != chosen)


def describe_unread_sheets(titles: Sequence[str]) -> str:
    """Return in words that of a workbook one sheet was read, and which were not."""
    return _(
        "only the first sheet of the workbook that is not empty was read. Not read: {titles}. To "
        "read another one, save it as a separate file, or name it with the option sheet"
    ).format(titles=listed(titles))


def gather_rows(
    rows: Iterable[Row],
    source: str | None,
    *,
    narrow_rows: bool = False,
    no_rows: bool = False,
) -> RowStream:
    """Return the header, and the rows below it, each checked against its width.

    Raises
    ------
    InputError
        If there is no header or no row below it; while the rows are read, if one has more cells than
        the header, or fewer where that is not allowed, with its line.
    """
    filled = (row for row in rows if trim_row(row.cells))
    head = next(filled, None)
    if head is None:
        raise InputError(_("the table has no header"), source=source)
    header = tuple(plain(name.strip().lstrip("\ufeff")) for name in head.cells)
    return RowStream(
        header, head.line, _checked_sheet(filled, header, source, narrow_rows, no_rows)
    )


def _checked_sheet(
    rows: Iterator[Row],
    header: tuple[str, ...],
    source: str | None,
    narrow: bool,
    no_rows: bool,
) -> Iterator[Row]:
    width, empty = len(header), True
    for row in rows:
        empty = False
        count = len(trim_row(row.cells))
        fault = ""
        if count > width:
            fault = ngettext(
                "{found} cells, but the header names {expected} column. Is the decimal sign also "
                "the separator, or does a column lack its name? (R: write.csv, or write.table "
                "with col.names = NA)",
                "{found} cells, but the header names {expected} columns. Is the decimal sign "
                "also the separator, or does a column lack its name? (R: write.csv, or "
                "write.table with col.names = NA)",
                width,
            )
        elif len(row.cells) < width and not narrow:
            count = len(row.cells)
            fault = ngettext(
                "{found} cell, but the header names {expected} columns; was the row cut off?",
                "{found} cells, but the header names {expected} columns; was the row cut off?",
                count,
            )
        if fault:
            text = fault.format(found=count, expected=width)
            raise InputError(text, source=source, line=row.line)
        yield row if len(row.cells) == width else Row(row.line, row.cells[:width], row.typed)
    if empty and not no_rows:
        raise InputError(_("the table has no rows"), source=source)


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
            _("two columns have the same meaning: {columns}.").format(
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
        See `forensics.io.tables.read_sheets`.

    Raises
    ------
    InputError
        If it cannot be read as a table, has no header or no row, or a row is wider than the header;
        with the file and the line.
    """
    if is_frame(source):
        stream = gather_rows(rows_of_frame(source), "DataFrame")
        return Table(stream.header, stream.line, tuple(stream.rows), "DataFrame", "")
    context: AbstractContextManager[Source] = (
        nullcontext(source) if isinstance(source, Source) else open_source(source, budget=budget)
    )
    with context as opened:
        sheets = read_sheets(opened, blanks=blanks, padded=padded)
        rows, others = choose_sheet(sheets, opened, sheet=sheet, first=first_sheet)
        stream = gather_rows(rows, opened.label, narrow_rows=narrow_rows, no_rows=no_rows)
        kept = tuple(stream.rows)
    return Table(stream.header, stream.line, kept, opened.label, opened.sha256, others)
