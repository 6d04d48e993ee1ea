"""Corrections in the ledger, applied to everything that a report states, and stated beside it.

The ledger keeps the original and its correction. A report states what is right, and beside it what was first
recorded and why it was changed. Three things are never taken from a correction: what a finding found and how (a
result that was wrong is found again), files, and names of things, by which the rest of the ledger goes. Those are
reported and not applied; a finding whose result was corrected by hand is refused (`forensics.report.linter`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from forensics.custody.fields import ERASED
from forensics.custody.reader import Event
from forensics.messages import _
from forensics.report.statement import Change, Correction, Statement

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


def unless_erased(value: Any) -> Any:
    """Return a value; None for what was erased by order, which a report cannot repeat."""
    return None if value is ERASED else value


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
    old, new = unless_erased(fields["old"]), unless_erased(fields["new"])
    return Correction(
        event=event.seq,
        corrects=fields["event"],
        at=fields["occurred_at"],
        by=names.get(fields["actor"], fields["actor"]),
        field=fields["field"],
        old=old,
        new=new,
        reason=unless_erased(fields.get("reason")),
        applied=event.seq in applied,
        changes=tuple(Change(*change) for change in changes(old, new, fields["field"])),
    )


_MAX_LENGTH = 200  # of a value; what is longer stands in the ledger


def annotate_event(statement: Statement, event: int, about: str = "") -> str:
    """Return what was corrected of an event, for a line beside what it states.

    Parameters
    ----------
    statement : Statement
    event : int
        That the corrected statement was recorded in.
    about : str
        The item or sample, where an event states several.
    """
    return " ".join(
        text
        for correction in statement.corrections
        if correction.corrects == event and correction.applied
        for text in _annotate(correction, about)
    )


def _annotate(correction: Correction, about: str) -> Iterator[str]:
    for change in correction.changes:
        if about and change.about and change.about != about:
            continue
        # About one item nothing needs to be said of which.
        name = change.field if about or not change.about else f"{change.about}, {change.field}"
        yield _("{name}: first recorded as “{old}”, corrected in event {event}: {reason}.").format(
            name=name,
            old=_shown(change.old),
            event=correction.event,
            reason=(correction.reason or _("(erased by order)")).rstrip("."),
        )


def list_corrections(statement: Statement) -> Iterator[str]:
    """Yield every correction with both values, its reason, and whether the report states the new one."""
    for correction in statement.corrections:
        what = _("; ").join(
            _("{field}: {old} → {new}").format(
                field=" ".join(filter(None, (change.about, change.field))),
                old=_shown(change.old), new=_shown(change.new),
            )
            for change in correction.changes
        )  # fmt: skip
        text = (
            _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). The report states the corrected value.")
            if correction.applied
            else _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). "
                   "The report states the original value; read it with this correction.")
        )  # fmt: skip
        yield text.format(
            corrects=correction.corrects, event=correction.event, by=correction.by, what=what,
            reason=correction.reason or _("(erased by order)"),
        )  # fmt: skip
        if correction.applied and any(change.field == "quantity" for change in correction.changes):
            yield _("The remaining quantity was calculated from the quantity first recorded.")


def _shown(value: Any) -> str:
    if value is None:
        return _("(erased by order, or nothing)")
    if isinstance(value, (list, tuple)):
        text = ", ".join(map(_shown, value))
    elif isinstance(value, dict):
        text = " ".join(f"{name} {_shown(part)}" for name, part in value.items())
    else:
        text = str(value)
    return text if len(text) <= _MAX_LENGTH else text[:_MAX_LENGTH] + "…"
