"""Excel workbooks: cells of a stranger's, bounded and read only; and a table written as one sheet."""

import io
import math
import numbers
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from forensics.errors import InputError, importing
from forensics.io.cells import defused
from forensics.io.inputs import open_archive
from forensics.messages import _

__all__ = ["XLSX", "refuse_several_sheets", "titled_sheets_of", "xlsx_bytes"]


#: First bytes of a workbook.
XLSX = b"PK\x03\x04"
# What a parser keeps at a time is a row, or an entry of the shared strings; other parts are kept whole.
_ENTRY = re.compile(rb"<(?:\w+:)?(?:row|si)[\s/>]")
# Of one of them; 16,384 cells have 100,000. In memory up to 200 bytes each.
_MAX_TAGS = 1_000_000
# From one tag to the next: a cell may hold 32,767 characters, each written as up to ten bytes.
_MAX_TEXT = 2**20
_BLOCK = 1 << 18


def titled_sheets_of(
    data: bytes, source: str, max_bytes: int
) -> Iterator[tuple[str, Iterator[tuple[int, tuple[object, ...]]]]]:
    """Yield the title of each sheet of a workbook, hidden ones too, and its rows that have cells, by number.

    A sheet's rows are read before the next sheet is asked for.

    Parameters
    ----------
    data : bytes
        Content of an .xlsx file.
    source : str
        Its name, for messages.
    max_bytes : int
        It may unpack to.

    Raises
    ------
    InputError
        If openpyxl (the extra ``excel``) is not installed, or the workbook is damaged or too large.
    """
    with importing("excel", source=source, instead=_("Or save the table as CSV.")):
        import openpyxl
    try:
        with open_archive(io.BytesIO(data), max_bytes) as archive:
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
            yield (
                str(sheet.title),
                _guarded(enumerate(sheet.iter_rows(values_only=True), 1), source),
            )
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise _unreadable(error, source) from error


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
            if (
                value is None
                or value == ""
                or isinstance(value, float)
                and not math.isfinite(value)
            ):
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
    while block := stream.read(_BLOCK):
        first = block.find(b"<")
        text += first if first >= 0 else len(block)
        entries = [match.start() for match in _ENTRY.finditer(end + block)]
        tags = tags + block.count(b"<") if not entries else (end + block).count(b"<", entries[-1])
        if b"<!" in end + block:
            raise ValueError(
                _("{part} has what no spreadsheet program writes (<!)").format(part=name)
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
                "The workbook has {count} sheets that are not empty ({titles}); expected one, so that "
                "none is lost. Save the sheet that is meant as a file of its own."
            ).format(count=len(titles), titles=", ".join(titles)),
            source=source,
        )


def _guarded(
    rows: Iterator[tuple[int, tuple[object, ...]]], source: str
) -> Iterator[tuple[int, tuple[object, ...]]]:
    try:
        yield from (row for row in rows if row[1])
    except Exception as error:
        raise _unreadable(error, source) from error


def _unreadable(error: Exception, source: str) -> InputError:
    return InputError(_("The XLSX cannot be read: {error}").format(error=error), source=source)
