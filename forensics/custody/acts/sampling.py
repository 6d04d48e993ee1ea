"""Samples and containers that are made of exhibits, and how things end."""

from decimal import Decimal

from forensics.custody.acts.common import (
    AT_WORK,
    AUTHORISATION,
    CASE,
    ITEM,
    ITEM_LIST,
    authorised,
    case_known,
    items_of,
    unsealed,
    use_authorisation,
)
from forensics.custody.acts.exhibits import labels_unlike, names_unused
from forensics.custody.acts.labels import add_label
from forensics.custody.acts.quantities import enough, same_unit, sparing, withdraw
from forensics.custody.fields import (
    DECIMAL_TEXT,
    IDENTIFIER,
    LONG_TEXT,
    TEXT,
    UNIT,
    Field,
    convert,
    record,
    same_dimension,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import Item, State
from forensics.messages import N_, _

_SAMPLES = record(
    Field("sample", IDENTIFIER, help=N_("Name of the sample; unique in the ledger.")),
    Field("description", LONG_TEXT, False, help=N_("What it is.")),
    Field("quantity", DECIMAL_TEXT, help=N_("How much.")),
    Field("unit", UNIT, help=N_("Its unit.")),
    Field(
        "taken",
        DECIMAL_TEXT,
        False,
        help=N_("How much was taken for it, in the unit of what it is taken from, if another."),
    ),
    many=True,
)


def _new_samples(state: State, act: Act) -> None:
    names = [row["sample"] for row in act["samples"]]
    names_unused(state, names)
    labels_unlike(state, names)


def _new_container(state: State, act: Act) -> None:
    names_unused(state, [act["container"]])
    labels_unlike(state, [act["container"]])


def _taken(state: State, act: Act) -> tuple[Decimal, Decimal]:
    """Return what is taken off the parent by a split, and what of it is used up for good."""
    parent = state.things[act["thing"]]
    whole, used = Decimal(0), Decimal(act.get("loss", "0"))
    for row in act["samples"]:
        if same_dimension(row["unit"], parent.unit):
            whole += convert(Decimal(row["quantity"]), row["unit"], parent.unit)
        else:  # an extract: what went into it is no longer there to be examined
            used += Decimal(row["taken"])
    return whole + used, used


def _units_fit(state: State, act: Act) -> None:
    parent = state.things[act["thing"]]
    if not parent.unit:
        same_unit(act["thing"], parent, act["samples"][0]["unit"])
    for row in act["samples"]:
        if same_dimension(row["unit"], parent.unit) == ("taken" in row):
            raise refusal(
                "UNIT",
                _(
                    "{sample}: say how much was taken of {thing}, in {unit}, "
                    "where the sample is in a unit of another kind, and only there."
                ).format(sample=row["sample"], thing=act["thing"], unit=parent.unit),
            )


def _enough(state: State, act: Act) -> None:
    whole, used = _taken(state, act)
    enough(state, act["thing"], whole)
    sparing(state, act, act["thing"], used)


def _disposable(state: State, act: Act) -> None:
    for name in items_of(act):
        item = state.things[name]
        hold = item.hold or state.cases[item.case].hold
        if hold:
            raise refusal(
                "HOLD",
                _("{name} is under legal hold since event {seq}; a manager releases it.").format(
                    name=name, seq=hold
                ),
            )
        if item.contents:
            raise refusal("NOT-EMPTY", _("{name} is not empty; unpack it first.").format(name=name))
    authorised(state, act)


def _split(state: State, act: Act) -> None:
    parent = state.things[act["thing"]]
    whole, used = _taken(state, act)
    withdraw(state, act, act["thing"], whole, used=used)
    for row in act["samples"]:
        amount = Decimal(row["quantity"])
        state.things[row["sample"]] = Item(
            "sample",
            act["case"],
            act.seq,
            parent.root,
            act["thing"],
            parent.purpose,
            row["unit"],
            amount,
            amount,
            holder=act.actor,
            last=act["occurred_at"],
        )
        add_label(state, state.item_labels, act, row["sample"])
    use_authorisation(state, act)


def _make_container(state: State, act: Act) -> None:
    name = act["container"]
    state.things[name] = Item(
        "container", act["case"], act.seq, name, holder=act.actor, last=act["occurred_at"]
    )
    add_label(state, state.item_labels, act, name)


def _dispose(state: State, act: Act) -> None:
    for name in items_of(act):
        item = state.things[name]
        item.gone, item.holder = "disposed of", ""
    use_authorisation(state, act)


TYPES = (
    EventType(
        "split",
        N_("taking of samples"),
        N_("Take samples from an exhibit or a sample."),
        N_("{actor} took {samples} from {thing}"),
        ("analyst",),
        (
            CASE,
            ITEM,
            Field("samples", _SAMPLES, help=N_("The samples.")),
            Field("loss", DECIMAL_TEXT, False, help=N_("What was lost, in the unit of the thing.")),
            Field("method", TEXT, False, help=N_("How they were taken.")),
            AUTHORISATION,
        ),
        (*AT_WORK, unsealed, _new_samples, _units_fit, _enough),
        _split,
    ),
    EventType(
        "container",
        N_("new container"),
        N_("Set up a container: a bag, tube rack or box into which things of a case are packed."),
        N_("{actor} began the container {container}"),
        ("custodian", "analyst"),
        (
            CASE,
            Field("container", IDENTIFIER, help=N_("Name of the container; unique in the ledger.")),
            Field("description", LONG_TEXT, False, help=N_("What it is.")),
        ),
        (case_known, _new_container),
        _make_container,
    ),
    EventType(
        "dispose",
        N_("disposal"),
        N_("Dispose of things; takes two people."),
        N_("{actor} disposed of {things}, method: {method}"),
        ("custodian",),
        (
            CASE,
            ITEM_LIST,
            Field("method", TEXT, help=N_("How: destroyed, returned to the owner, given away.")),
            Field("order", TEXT, False, help=N_("Order that it follows.")),
            AUTHORISATION,
        ),
        (*AT_WORK, _disposable),
        _dispose,
    ),
)
