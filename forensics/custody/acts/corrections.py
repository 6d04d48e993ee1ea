"""Corrections, erasure by order of a court, and discrepancies that people report."""

from typing import Any

from forensics.custody.acts.common import (
    AUTHORISATION,
    CASE,
    REASON,
    authorised,
    same_case,
    use_authorisation,
)
from forensics.custody.acts.movement import break_seal
from forensics.custody.fields import (
    ANY,
    ERASED,
    HASHES,
    IDENTIFIER,
    ITEM_NAMES,
    LONG_TEXT,
    NAMES,
    SEQ,
    TEXT,
    Field,
    choice,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import State
from forensics.messages import N_, _

_CASE = Field("case", IDENTIFIER, False, help=N_("Case of that event, if it has one."))
_EVENT = Field("event", SEQ, help=N_("Number of the event."))


def _target(act: Act) -> dict[str, Any]:
    earlier = act.earlier(act["event"]) if act["event"] < act.seq else None
    if earlier is None or earlier.get("case") != act.get("case"):
        raise refusal(
            "EVENT-UNKNOWN",
            _("{case} has no event {seq}."),
            seq=act["event"],
            case=act.get("case") or _("no case"),
        )
    return earlier


def _corrects(state: State, act: Act) -> None:
    target, name = _target(act), act["field"]
    if name not in target or name in ("type", "actor", "case"):
        raise refusal(
            "CORRECT-FIELD",
            _("Event {seq} has no field {name} that could be corrected; it has {known}."),
            seq=act["event"],
            name=name,
            known=", ".join(sorted(target)),
        )
    if name == "purpose":
        raise refusal("CORRECT-PURPOSE", _("The purpose of a sample cannot be changed."))
    if ERASED not in (target[name], act["old"]) and target[name] != act["old"]:
        raise refusal(
            "CORRECT-FIELD",
            _("{name} of event {seq} is not what is given as the old value."),
            name=name,
            seq=act["event"],
        )
    authorised(state, act, subject=str(act["event"]))


def erasable(type_name: str) -> frozenset[str]:
    """Return the names of the fields of a type that may be erased."""
    from forensics.custody.registry import TYPES as table

    return frozenset(field.name for field in table[type_name].known.values() if field.personal)


def _erases(state: State, act: Act) -> None:
    target = _target(act)
    attached = {entry["sha256"] for entry in target.get("attachments", ())}
    for field, allowed in (
        ("erased", erasable(target["type"]) & set(target)),
        ("erased_files", attached),
    ):
        strange = [name for name in act.get(field, ()) if name not in allowed]
        if strange:
            raise refusal(
                "ERASE-FIELD",
                _("Event {seq}: {names} cannot be erased; these can: {allowed}."),
                seq=act["event"],
                names=", ".join(strange),
                allowed=", ".join(sorted(allowed)) or _("none"),
            )
    if "erased" not in act.fields and "erased_files" not in act.fields:
        raise refusal("ERASE-FIELD", _("Say which fields or files are erased."))
    _no_copy_left(act, target)
    authorised(state, act, subject=str(act["event"]))


def _no_copy_left(act: Act, target: dict[str, Any]) -> None:
    """Refuse to erase values while the authorisation of the event still shows them."""
    agreed = target.get("authorisation")
    content = (act.earlier(agreed) or {}).get("content") if type(agreed) is int else None
    copied = set(act.get("erased", ())) & set(content if isinstance(content, dict) else ())
    if copied:
        raise refusal(
            "ERASE-FIELD",
            _(
                "{names} of event {seq} also occur in event {agreed}, which authorised it; erase "
                "the content of that event first."
            ),
            names=", ".join(sorted(copied)),
            seq=act["event"],
            agreed=agreed,
        )


def _erased(state: State, act: Act) -> None:
    use_authorisation(state, act)
    state.erased_files.update(act.get("erased_files", ()))


def _discrepancy(state: State, act: Act) -> None:
    state.flag(act.seq, "DISCREPANCY", act["kind"])
    if act["kind"] == "seal broken":
        for name in act.get("things", ()):
            for number in set(state.things[name].seals) & set(act.get("seals", ())):
                break_seal(state, act, name, number, by="")
                state.flag(act.seq, "SEAL-BROKEN", number)


TYPES = (
    EventType(
        "correct",
        N_("correction"),
        N_("Correct a statement; the original stays, and it takes two people."),
        N_("{actor} corrected {field} of event {event}: {new} instead of {old}"),
        (),
        (
            _CASE,
            _EVENT,
            Field("field", TEXT, help=N_("Field that is wrong.")),
            Field("old", ANY, True, True, help=N_("Its value.")),
            Field("new", ANY, True, True, help=N_("The right value.")),
            REASON,
            AUTHORISATION,
        ),
        (_corrects,),
        use_authorisation,
    ),
    EventType(
        "erase",
        N_("erasure"),
        N_("Erase names of persons and places by order of a court; takes two people."),
        N_("{actor} erased {erased} of event {event}, by the order {order}"),
        ("manager",),
        (
            _CASE,
            _EVENT,
            Field("erased", NAMES, False, help=N_("Fields that are erased.")),
            Field("erased_files", HASHES, False, help=N_("SHA-256 of attachments erased.")),
            Field(
                "left",
                NAMES,
                False,
                help=N_(
                    "Where the value also occurs and stays, such as 12:title, after a person "
                    "has checked it."
                ),
            ),
            Field("order", TEXT, help=N_("Order of the court.")),
            REASON,
            AUTHORISATION,
        ),
        (_erases,),
        _erased,
    ),
    EventType(
        "discrepancy",
        N_("discrepancy"),
        N_("Report a discrepancy; it is recorded in every case."),
        N_("{actor} reported a discrepancy ({kind}): {description}"),
        (),
        (
            CASE,
            Field("things", ITEM_NAMES, False, help=N_("Things it is about.")),
            Field(
                "kind",
                choice("seal broken", "seal number", "weight", "missing", "damage", "other"),
                help=N_("Kind of discrepancy."),
            ),
            Field("seals", NAMES, False, help=N_("Seal numbers it is about.")),
            Field("description", LONG_TEXT, help=N_("What was seen.")),
            Field("cause", LONG_TEXT, False, help=N_("Why, if that is known.")),
        ),
        (same_case,),
        _discrepancy,
    ),
)
