"""From the rows of a file to one table: which sheet is meant, which row is the header, how wide a row may be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forensics.errors import InputError
from forensics.io.cells import plain, printable
from forensics.io.rows import Row, Sheet, trim_row
from forensics.io.sources import Source
from forensics.io.workbooks import XLSX, refuse_several_sheets
from forensics.messages import _, ngettext

__all__ = ["RowStream", "choose_sheet", "describe_unread_sheets", "gather_rows", "listed"]

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
        "only the first sheet of the workbook that is not empty was read. Not read: {titles}. To read "
        "another one, save it as a file of its own, or name it with the option sheet"
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
    return RowStream(header, head.line, _checked(filled, header, source, narrow_rows, no_rows))


def _checked(
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
        if count > width:
            raise InputError(
                ngettext(
                    "{found} cells where the header names {expected} column. Is the decimal sign "
                    "also the separator, or a name of a column missing? (R: write.csv, or "
                    "write.table with col.names = NA)",
                    "{found} cells where the header names {expected} columns. Is the decimal sign "
                    "also the separator, or a name of a column missing? (R: write.csv, or "
                    "write.table with col.names = NA)",
                    width,
                ).format(found=count, expected=width),
                source=source,
                line=row.line,
            )
        if len(row.cells) < width and not narrow:
            raise InputError(
                ngettext(
                    "{found} cell where the header names {expected} columns; was the row cut off?",
                    "{found} cells where the header names {expected} columns; was the row cut off?",
                    len(row.cells),
                ).format(found=len(row.cells), expected=width),
                source=source,
                line=row.line,
            )
        yield row if len(row.cells) == width else Row(row.line, row.cells[:width], row.typed)
    if empty and not no_rows:
        raise InputError(_("the table has no rows"), source=source)
