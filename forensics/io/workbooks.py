"""Excel workbooks: cells of a stranger's, bounded and read only; and a table written as one sheet."""

import io
import math
import numbers
import zipfile
from collections.abc import Iterable, Iterator, Sequence

from forensics.errors import InputError, importing
from forensics.io.cells import defused
from forensics.messages import _

__all__ = ["XLSX", "refuse_several_sheets", "titled_sheets_of", "xlsx_bytes"]


#: First bytes of a workbook.
XLSX = b"PK\x03\x04"


def titled_sheets_of(
    data: bytes,
    source: str,
    *,
    most_bytes: int,
    most_rows: int | None = None,
    most_columns: int | None = None,
) -> Iterator[tuple[str, Iterator[tuple[int, tuple[object, ...]]]]]:
    """Yield the title of each sheet of a workbook, hidden ones too, and its rows from number 1.

    A sheet's rows are read before the next sheet is asked for.

    Parameters
    ----------
    data : bytes
        Content of an .xlsx file.
    source : str
        Its name, for messages.
    most_bytes : int
        It may unpack to.
    most_rows, most_columns : int, optional
        What lies beyond is not read.

    Raises
    ------
    InputError
        If openpyxl (the extra ``excel``) is not installed, or the workbook is damaged or too large.
    """
    with importing("excel", source=source, instead=_("Or save the table as CSV.")):
        import openpyxl
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > most_bytes:
                raise InputError(_("The XLSX is too large; save as CSV."), source=source)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True, max_row=most_rows, max_col=most_columns)
            yield str(sheet.title), _guarded(enumerate(rows, 1), source)
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
        yield from rows
    except Exception as error:
        raise _unreadable(error, source) from error


def _unreadable(error: Exception, source: str) -> InputError:
    return InputError(_("The XLSX cannot be read: {error}").format(error=error), source=source)
