"""Corrections as a report states them: beside what they correct, and all of them together."""

from collections.abc import Iterator
from typing import Any

from forensics.messages import _
from forensics.report.entries import Correction
from forensics.report.statement import Statement

__all__ = ["annotate_event", "list_corrections"]

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
            else _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). The report states the original: read it with this correction.")
        )  # fmt: skip
        yield text.format(
            corrects=correction.corrects, event=correction.event, by=correction.by, what=what,
            reason=correction.reason or _("(erased by order)"),
        )  # fmt: skip
        if correction.applied and any(change.field == "quantity" for change in correction.changes):
            yield _("What remains was reckoned from the quantity that was recorded first.")


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
