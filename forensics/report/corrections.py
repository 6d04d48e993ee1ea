"""Corrections in the ledger, applied to everything that a report states.

The ledger keeps the original and its correction. A report states what is right, and beside it what
was first recorded and why it was changed. Three things are never taken from a correction: what a
finding found and how (a result that was wrong is found anew), files, and names of things, which the
rest of the ledger goes by. Those are reported beside, and not applied; a finding whose result a hand corrected is
refused (`forensics.report.linter`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from forensics.custody.fields import ERASED
from forensics.custody.reader import Event
from forensics.report.entries import Change, Correction

__all__ = ["EVIDENCE", "apply_corrections", "changes", "correction_of"]

EVIDENCE = (
    "result", "provenance", "library", "attachments", "outcome", "stage", "blind", "interpretation",
)  # fmt: skip
"""Fields that no correction changes here: they are the finding, or the word of a reviewer."""

_NAMES = (
    "thing",
    "things",
    "run",
    "runs",
    "case",
    "finding",
    "findings",
    "event",
    "person",
    "kind",
)
_RECORDS = {"exhibits": "exhibit", "samples": "sample", "sealed": "thing", "loaded": "thing"}


def apply_corrections(events: Sequence[Event]) -> tuple[list[Event], frozenset[int]]:
    """Return events with every correction applied that can be, and the events of those.

    A correction may itself be corrected; the last one of a field counts.

    Parameters
    ----------
    events : sequence of Event
        All of a ledger, in their order.

    Returns
    -------
    events : list of Event
        Those that nothing corrects are the same objects.
    applied : frozenset of int
        Numbers of the corrections that were applied.
    """
    by_number = {event.seq: event for event in events}
    fields: dict[int, dict[str, Any]] = {}  # of the events that are corrected

    def now(seq: int) -> dict[str, Any]:
        return fields.get(seq, by_number[seq].fields)

    corrections = [event for event in events if event.type == "correct"]
    applied = set()
    # What is about later events comes first, so that a correction is right before it is applied; of
    # those of one event the last one comes last.
    for correction in sorted(corrections, key=lambda one: (-one.fields["event"], one.seq)):
        stated = now(correction.seq)
        seq, name, new = stated["event"], stated["field"], stated["new"]
        before = now(seq)
        if _fits(by_number[seq].type, name, before.get(name), new):
            fields[seq] = {**before, name: new}
            applied.add(correction.seq)
    return [
        replace(event, fields=fields[event.seq]) if event.seq in fields else event
        for event in events
    ], frozenset(applied)


def _fits(type_: str, name: str, old: Any, new: Any) -> bool:
    """Return whether a report may state the new value in the place of the old one."""
    if name in EVIDENCE or name in _NAMES or ERASED in (old, new):
        return False
    if type_ == "correct":
        return name == "new"
    if old is not None and type(old) is not type(new):
        return False
    if name in _RECORDS:
        key = _RECORDS[name]
        named = [[row.get(key) if isinstance(row, dict) else None for row in rows]
                 for rows in (old or (), new)]  # fmt: skip
        return named[0] == named[1] and None not in named[1]
    return True


def changes(old: Any, new: Any, field: str) -> Iterator[tuple[str, str, object, object]]:
    """Yield what a correction changes: the item it is about, the field, and both values.

    Examples
    --------
    >>> row = {"exhibit": "C1/1", "quantity": "5"}
    >>> list(changes([row], [{**row, "quantity": "6"}], "exhibits"))
    [('C1/1', 'quantity', '5', '6')]
    >>> list(changes("a", "b", "condition"))
    [('', 'condition', 'a', 'b')]
    """
    key = _RECORDS.get(field)
    rows = key and all(isinstance(value, list) for value in (old, new)) and len(old) == len(new)
    if not rows or not all(isinstance(row, dict) for row in (*old, *new)):
        yield "", field, old, new
        return
    for before, after in zip(old, new):
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                about = str(before.get(key, ""))
                yield about, name, before.get(name), after.get(name)


def correction_of(event: Event, applied: frozenset[int], names: dict[str, str]) -> Correction:
    """Return a correction as a statement has it.

    Parameters
    ----------
    event : Event
        Of type ``correct``, as it was recorded.
    applied : frozenset of int
        From `apply_corrections`.
    names : dict
        Of people.
    """
    fields = event.fields

    def plain(value: Any) -> Any:
        return None if value is ERASED else value

    old, new = plain(fields["old"]), plain(fields["new"])
    return Correction(
        event=event.seq,
        corrects=fields["event"],
        at=fields["occurred_at"],
        by=names.get(fields["actor"], fields["actor"]),
        field=fields["field"],
        old=old,
        new=new,
        reason=plain(fields.get("reason")),
        applied=event.seq in applied,
        changes=tuple(Change(*change) for change in changes(old, new, fields["field"])),
    )
