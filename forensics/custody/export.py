"""Taking a ledger out: every event, or a view, as CSV.

An export is a convenience and proves nothing; a bundle (`disclosing`) does.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from forensics.custody.canonical import canonical
from forensics.custody.fields import ERASED
from forensics.custody.reader import Reader
from forensics.errors import UsageError
from forensics.io.numbers import RowWriter
from forensics.messages import _

_COLUMNS = ("event", "recorded_at", "occurred_at", "type", "actor", "case", "key", "hash")


def events_csv(ledger: Reader, case: str | None = None) -> Iterator[str]:
    """Yield the lines of a CSV with a row for each event, and a column for each field in use.

    Parameters
    ----------
    case : str, optional
        Only its events.

    Yields
    ------
    str
        Lists and records stand in their cell as JSON; an erased field is ``(erased)``.
    """
    names = sorted({name for event in ledger.events(case=case) for name in event.fields})
    columns = [*_COLUMNS, *(name for name in names if name not in _COLUMNS)]
    hashes = ledger.hashes()
    yield from _lines(
        columns,
        (
            {
                "event": event.seq,
                "recorded_at": event.recorded_at,
                "key": event.key,
                "hash": hashes[event.seq - 1].hex(),
                **{name: _cell(value) for name, value in event.fields.items()},
            }
            for event in ledger.events(case=case)
        ),
    )


def view_csv(ledger: Reader, view: str) -> Iterator[str]:
    """Yield the lines of a view, such as ``exhibits`` or ``samples``, as CSV.

    Raises
    ------
    UsageError
        If there is no such view.
    """
    from forensics.store.schema import read_view

    tables = ledger.tables()
    try:
        names = sorted(tables.view_names())
        if view not in names:
            raise UsageError(
                _("There is no view {view}; there are {names}.").format(
                    view=view, names=", ".join(names)
                )
            )
        yield from _lines(*read_view(tables, view))
    finally:
        tables.close()


def _lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = RowWriter(buffer, columns)
    for row in rows:
        writer.write([row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if head := buffer.getvalue():  # where there is no row
        yield head


def _cell(value: object) -> object:
    if value is ERASED:
        return "(erased)"
    return value if isinstance(value, (str, int)) else canonical(value).decode()
