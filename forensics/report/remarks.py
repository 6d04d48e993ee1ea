"""Corrections as a report tells them: beside what they correct, and all of them together."""

from collections.abc import Iterator

from forensics.messages import _

__all__ = ["all_corrections", "remarks"]

_LONGEST = 200  # of a value; what is longer stands in the ledger


def remarks(statement: dict, event: int, about: str = "") -> str:
    """Return what was corrected of an event, for a line beside what it states.

    Parameters
    ----------
    statement : dict
    event : int
        That the corrected statement was recorded in.
    about : str
        The item or sample, where an event states several.
    """
    return " ".join(
        text
        for one in statement["corrections"]
        if one["corrects"] == event and one["applied"]
        for text in _changes(one, about)
    )


def _changes(one: dict, about: str = "") -> Iterator[str]:
    for change in one["changes"]:
        if about and change["about"] and change["about"] != about:
            continue
        # About one item nothing needs to be said of which.
        name = (
            change["field"] if about or not change["about"] else "{about}, {field}".format(**change)
        )
        yield _("{name}: first recorded as “{old}”, corrected in event {event}: {reason}.").format(
            name=name,
            old=_shown(change["old"]),
            event=one["event"],
            reason=(one["reason"] or _("(erased by order)")).rstrip("."),
        )


def all_corrections(statement: dict) -> Iterator[str]:
    """Yield every correction with both values, its reason, and whether the report states the new one."""
    for one in statement["corrections"]:
        what = _("; ").join(
            _("{field}: {old} → {new}").format(
                field=" ".join(filter(None, (change["about"], change["field"]))),
                old=_shown(change["old"]), new=_shown(change["new"]),
            )
            for change in one["changes"]
        )  # fmt: skip
        text = (
            _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). The report states the corrected value.")
            if one["applied"]
            else _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). The report states the original: read it with this correction.")
        )  # fmt: skip
        yield text.format(
            corrects=one["corrects"], event=one["event"], by=one["by"], what=what,
            reason=one["reason"] or _("(erased by order)"),
        )  # fmt: skip
        if one["applied"] and any(change["field"] == "quantity" for change in one["changes"]):
            yield _("What remains was reckoned from the quantity that was recorded first.")


def _shown(value: object) -> str:
    if value is None:
        return _("(erased by order, or nothing)")
    if isinstance(value, list):
        text = ", ".join(map(_shown, value))
    elif isinstance(value, dict):
        text = " ".join(f"{name} {_shown(part)}" for name, part in value.items())
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
