"""Which sheets of a file hold records, and by which mapping: the others are named, not dropped."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.trade.mapping import Mapping, chosen
from forensics.trade.sheets import Sheet, read_sheets
from forensics.trade.store import Store

__all__ = ["Choice", "choose_sheets"]

_WHEN = frozenset(["date", "reference", "seizure"])
_WHAT = frozenset(["species", "term", "description", "quantity", "text"])
"""What the columns of a sheet of records say, one field of each at least, where a workbook has several sheets."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The sheets of a file that are to be read.

    Attributes
    ----------
    sheets : tuple of (Sheet, Mapping)
    unread : tuple of (str, str)
        Titles of those that do not hold records, or cannot be read, each with the reason.
    skipped : tuple of (str, str)
        Titles of those that were imported before or were not asked for, each with the reason.
    """

    sheets: tuple[tuple[Sheet, Mapping], ...]
    unread: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


def choose_sheets(
    store: Store,
    path: str | os.PathLike[str],
    sheets: Sequence[Sheet],
    mapping: str | os.PathLike[str] | None,
    titles: Sequence[str] = (),
) -> Choice:
    """Return the sheets that hold records, each with its mapping.

    Parameters
    ----------
    store : Store
        Sheets of a workbook that are in it already are not chosen, and named.
    path : path
        Of the file, read again where the mapping says in which row the names of columns are.
    sheets : sequence of Sheet
        All that are not empty.
    mapping : str or path, optional
        See `mapping.chosen`.
    titles : sequence of str
        Those that are meant; default: all that hold records.

    Raises
    ------
    UsageError, InputError
        If there is no such sheet, or none of them can be read.
    """
    if strange := [title for title in titles if title not in {sheet.title for sheet in sheets}]:
        raise UsageError(
            _("{file}: there is no sheet {names}; it has: {titles}").format(
                file=sheets[0].name,
                names=", ".join(strange),
                titles=", ".join(sheet.title for sheet in sheets if sheet.title) or _("one sheet"),
            )
        )
    if len(sheets) == 1:
        return Choice((_mapped(path, sheets[0], mapping),))
    before = store.imported_sheets(sheets[0].sha256)
    taken: list[tuple[Sheet, Mapping]] = []
    unread: list[tuple[str, str]] = []
    skipped: list[tuple[str, str]] = []
    first_error: InputError | UsageError | None = None
    for sheet in sheets:
        if titles and sheet.title not in titles:
            skipped.append((sheet.title, _("it was not asked for (--sheet)")))
            continue
        if sheet.title in before:
            skipped.append((sheet.title, _("it was imported before")))
            continue
        try:
            sheet, fitting = _mapped(path, sheet, mapping)
        except (InputError, UsageError) as error:
            if titles:
                raise
            first_error = first_error or error
            unread.append((sheet.title, str(error)))
            continue
        why = "" if titles else _lacking(sheet, fitting)
        if why:
            unread.append((sheet.title, why))
        else:
            taken.append((sheet, fitting))
    if not taken and first_error and not skipped:
        raise first_error
    if not taken:
        raise UsageError(
            _("{file}: no sheet was read; nothing was done. {reasons}").format(
                file=sheets[0].name,
                reasons="; ".join(f"{name}: {why}" for name, why in (*skipped, *unread)),
            )
        )
    return Choice(tuple(taken), tuple(unread), tuple(skipped))


def _mapped(
    path: str | os.PathLike[str], sheet: Sheet, mapping: str | os.PathLike[str] | None
) -> tuple[Sheet, Mapping]:
    """Return a sheet and its mapping, with the header in the row that the mapping says."""
    fitting = chosen(mapping, sheet.header, sheet.label)
    if fitting.head:
        reread = read_sheets(path, head=fitting.head)
        anew = [candidate for candidate in reread if sheet.title in ("", candidate.title)]
        if not anew:
            raise InputError(_("The table has no row with names of columns."), source=sheet.label)
        sheet = replace(anew[0], title=sheet.title)
    fitting.require(sheet.header, sheet.label)
    return sheet, fitting


def _lacking(sheet: Sheet, mapping: Mapping) -> str:
    """Return why the columns of a sheet are not those of records; empty where they are."""
    fields = set(mapping.places(sheet.header)) | set(mapping.constants)
    if not fields & _WHEN:
        return _("none of its columns is a date or a reference: {columns}").format(
            columns=", ".join(sheet.header[:12])
        )
    if not fields & _WHAT and not any("." in name for name in fields):
        return _("none of its columns says what was seized: {columns}").format(
            columns=", ".join(sheet.header[:12])
        )
    return ""
