"""Seals, and what is packed into containers."""

from forensics.custody.acts.common import (
    AT_WORK,
    CASE,
    IN_HAND,
    ITEM,
    ITEM_LIST,
    add_label,
    item_not_quarantined,
    item_unsealed,
    items_of,
    known_item,
    new_label,
)
from forensics.custody.fields import (
    IDENTIFIER,
    LONG_TEXT,
    NAMES,
    TEXT,
    Field,
    Labels,
    record,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import Seal, State
from forensics.messages import N_, _

_SEALED = record(
    Field("thing", IDENTIFIER, help=ITEM.help),
    Field("seal", IDENTIFIER, help=N_("Number of the seal that is put on it.")),
    many=True,
)
_CONTAINER = Field("container", IDENTIFIER, help=N_("Container."))


def break_seal(state: State, act: Act, name: str, number: str, *, by: str) -> None:
    """Record that a seal is no longer whole; `by` is empty where nobody says who broke it."""
    item = state.things[name]
    item.seals = tuple(seal for seal in item.seals if seal != number)
    item.opened, item.gross = True, None
    for use in state.seals.get(number, ()):
        if use.thing == name and not use.broken:
            use.broken, use.broken_by = act.seq, by


def compare_seals(state: State, act: Act, names: list[str]) -> None:
    """Flag seals that were read and are not those in the book."""
    if "seals" in act.fields:
        expected = {seal for name in names for seal in state.things[name].seals}
        if expected != set(act["seals"]):
            state.flag(act.seq, "SEAL-MISMATCH", names[0])


def _unused(state: State, act: Act) -> None:
    seen, inside = set(), Labels()
    for row in act["sealed"]:
        number = row["seal"]
        if number in state.seals or number in seen:
            uses = state.seals.get(number)
            raise refusal(
                "SEAL-USED",
                _("The seal {number} was used in event {seq}; take another.").format(
                    number=number, seq=uses[0].applied if uses else act.seq
                ),
            )
        new_label(state.seal_labels, number)
        new_label(inside, number)
        inside.add(number)
        seen.add(number)


def _documented(state: State, act: Act) -> None:
    for name in items_of(act):
        if state.things[name].opened and not (
            "condition" in act.fields and "attachments" in act.fields
        ):
            raise refusal(
                "SEAL-PHOTOGRAPH",
                _("{name} was opened: state its condition and attach a photograph.").format(
                    name=name
                ),
            )


def _is_sealed(state: State, act: Act) -> None:
    if not state.things[act["thing"]].seals:
        raise refusal("SEAL-UNKNOWN", _("{name} has no seal.").format(name=act["thing"]))


def _container_open(state: State, act: Act) -> None:
    name = act["container"]
    item = state.things.get(name)
    if item is None or item.kind != "container" or item.case != act["case"]:
        raise refusal(
            "CONTAINER",
            _("{name} is not a container of case {case}.").format(name=name, case=act["case"]),
        )
    item_unsealed(act, name, item)
    item_not_quarantined(act, name, item)
    if item.gone or item.offer or item.container or item.holder != act.actor:
        raise refusal(
            "HELD-BY",
            _("The container {name} is not with {actor}.").format(name=name, actor=act.actor),
        )


def _not_itself(state: State, act: Act) -> None:
    # What is in hand is in no container, and the container is in hand: no ring can arise.
    if act["container"] in act["things"]:
        raise refusal("CONTAINER", _("{name} cannot hold itself.").format(name=act["container"]))


def _inside(state: State, act: Act) -> None:
    from_here = act["container"]
    for name in act["things"]:
        if known_item(state, name).container != from_here:
            raise refusal(
                "CONTAINER",
                _("{name} is not in {container}.").format(name=name, container=from_here),
            )


# -- what they change -------------------------------------------------------------------


def _seal(state: State, act: Act) -> None:
    for row in act["sealed"]:
        item = state.things[row["thing"]]
        item.seals, item.opened = (*item.seals, row["seal"]), False
        item.gross = None  # a new seal weighs something too
        add_label(state, state.seal_labels, act, row["seal"])
        state.seals[row["seal"]] = [Seal(row["thing"], act.seq)]


def _open(state: State, act: Act) -> None:
    compare_seals(state, act, [act["thing"]])
    for number in state.things[act["thing"]].seals:
        break_seal(state, act, act["thing"], number, by=act.actor)


def _pack(state: State, act: Act) -> None:
    container = state.things[act["container"]]
    for name in act["things"]:
        item = state.things[name]
        item.container, item.holder = act["container"], ""
        # What holds something opened must be sealed itself before it moves.
        container.opened = container.opened or item.opened
    container.contents += len(act["things"])


def _unpack(state: State, act: Act) -> None:
    container = state.things[act["container"]]
    for name in act["things"]:
        state.things[name].container, state.things[name].holder = "", act.actor
    container.contents -= len(act["things"])


TYPES = (
    EventType(
        "seal",
        N_("sealing"),
        N_("Put numbered seals on things."),
        N_("{actor} sealed {sealed}"),
        ("custodian", "analyst"),
        (
            CASE,
            Field("sealed", _SEALED, help=N_("What is sealed with which seal.")),
            Field("condition", LONG_TEXT, False, help=N_("Condition, if it had been opened.")),
        ),
        (*IN_HAND, _unused, _documented),
        _seal,
    ),
    EventType(
        "open",
        N_("opening of a seal"),
        N_("Break the seals of a thing to work on it."),
        N_("{actor} opened {thing}, condition: {condition}"),
        ("custodian", "analyst"),
        (
            CASE,
            ITEM,
            Field(
                "seals", NAMES, False, help=N_("Numbers as read; others than recorded: an alert.")
            ),
            Field("condition", LONG_TEXT, help=N_("Condition found.")),
            Field("kept", TEXT, False, help=N_("Where the broken seals are kept.")),
        ),
        (*AT_WORK, _is_sealed),
        _open,
    ),
    EventType(
        "pack",
        N_("packing"),
        N_("Put things into a container."),
        N_("{actor} put {things} into {container}"),
        ("custodian", "analyst"),
        (CASE, _CONTAINER, ITEM_LIST),
        (*AT_WORK, _container_open, _not_itself),
        _pack,
    ),
    EventType(
        "unpack",
        N_("unpacking"),
        N_("Take things out of a container."),
        N_("{actor} took {things} out of {container}"),
        ("custodian", "analyst"),
        (CASE, _CONTAINER, ITEM_LIST),
        (_container_open, _inside),
        _unpack,
    ),
)
