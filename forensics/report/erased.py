"""What a report says that a court had erased since: it can no longer be compared, and is not false.

A value that was erased is gone with its salt, so nobody can tell whether the report had it right. The
statement is built once more with a mark in place of each erased text. Where the mark stands, the
report may say anything in its place; around it, it must say what is said now.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from forensics.custody.fields import ERASED
from forensics.custody.reader import Event, Reader
from forensics.messages import _
from forensics.report.collecting import collect
from forensics.report.details import Details
from forensics.report.linter import Problem

__all__ = ["ErasedValues"]

_MARK = "\ue000{seq}:{name}\ue001"
"""Characters for private use, which no text of a ledger has a reason to contain."""
_MARKED = re.compile("\ue000([0-9]+):([a-z_]+)\ue001")


class ErasedValues:
    """The places of a statement in which erased values would stand.

    Parameters
    ----------
    ledger : Reader
        With all its events.
    size : int
        Number of events that the statement is built from.
    case : str
    details : Details
    findings : sequence of int
        Events of the findings that are reported.
    """

    def __init__(
        self, ledger: Reader, size: int, case: str, details: Details, findings: Sequence[int]
    ) -> None:
        self._orders = {
            (event.fields["event"], name): event.seq
            for event in ledger.events()
            if event.type == "erase"
            for name in event.fields.get("erased", ())
        }
        self._statement: dict[str, Any] | None = None
        if self._orders:
            with closing(_MarkingReader(ledger.path, most=size)) as marking:
                self._statement = collect(marking, case, details, findings=findings).to_dict()

    def find_problem(self, place: str, stated: object) -> Problem | None:
        """Return that the value at a place was erased, or None where that does not explain it.

        Parameters
        ----------
        place : str
            Such as ``exhibits.0.received_from``.
        stated : object
            What the report says there.
        """
        marked = _value_at(self._statement, place)
        if not isinstance(marked, str) or not isinstance(stated, str):
            return None
        marks = list(_MARKED.finditer(marked))
        pattern = ".+".join(re.escape(part) for part in _MARKED.split(marked)[::3])
        if not marks or not re.fullmatch(pattern, stated, re.DOTALL):
            return None
        orders = sorted({self._orders[int(mark[1]), mark[2]] for mark in marks})
        events = ", ".join(map(str, orders))
        return Problem("ERASED", place, _("erased by order, event {events}").format(events=events))


class _MarkingReader(Reader):
    """A ledger in which a mark stands in place of each text that was erased."""

    def events(self, *, case: str | None = None, first: int = 1) -> Iterator[Event]:
        for event in super().events(case=case, first=first):
            marks = {
                name: _MARK.format(seq=event.seq, name=name)
                for name, value in event.fields.items()
                if value is ERASED and _is_text(event, name)
            }
            yield replace(event, fields=event.fields | marks) if marks else event


def _is_text(event: Event, name: str) -> bool:
    """Return whether an erased field held one text; corrections and authorisations hold any value."""
    return event.type not in ("authorise", "correct") or name == "note"


def _value_at(statement: object, place: str) -> Any:
    value: Any = statement
    try:
        for part in place.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return value
