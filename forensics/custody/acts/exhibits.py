"""Exhibits: how they come in, what samples and containers are made of them, and how they end."""

from decimal import Decimal

from forensics.custody.acts.common import (
    AT_WORK,
    AUTHORISATION,
    CASE,
    ITEM,
    ITEM_LIST,
    add_label,
    authorised,
    case_known,
    items_of,
    new_labels,
    unsealed,
    use_authorisation,
)
from forensics.custody.acts.quantities import AMOUNT, enough, same_unit, sparing, withdraw
from forensics.custody.fields import (
    ATTACHMENTS,
    DECIMAL_TEXT,
    HASH,
    IDENTIFIER,
    LONG_TEXT,
    NAMES,
    PLACE,
    SEQ,
    SPECIMEN,
    TEXT,
    TIME,
    Field,
    choice,
    convert,
    record,
    same_dimension,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import Item, Seal, State
from forensics.messages import N_, _

PURPOSES = (
    N_("casework"), N_("reference"), N_("validation"), N_("control"), N_("proficiency"), N_("training"),
)  # fmt: skip
_EXHIBITS = record(
    Field("exhibit", IDENTIFIER, help=N_("Item number; unique in the ledger.")),
    Field("description", LONG_TEXT, help=N_("What it is.")),
    *AMOUNT,
    Field(
        "kind",
        SPECIMEN,
        False,
        help=N_("Kind of specimen, on which CITES listings depend: tusks, live, TUS."),
    ),
    Field(
        "population",
        PLACE,
        False,
        help=N_(
            "Country in which the animal or plant lived, where it is known; not that of the seizure."
        ),
    ),
    Field("condition", LONG_TEXT, False, help=N_("Condition on arrival.")),
    Field("seals", NAMES, False, help=N_("Numbers of the seals on it.")),
    Field("broken_seals", NAMES, False, help=N_("Numbers of those that were found broken.")),
    many=True,
)
_LISTED = Field("exhibits", _EXHIBITS, help=N_("The exhibits."))
_PURPOSE = Field("purpose", choice(*PURPOSES), False, help=N_("Their purpose."))
_FROM = Field("received_from", TEXT, False, True, help=N_("Who brought them."))
_WHAT = Field("description", LONG_TEXT, False, help=N_("What it is."))
_SAMPLES = record(
    Field("sample", IDENTIFIER, help=N_("Name of the sample; unique in the ledger.")),
    _WHAT,
    *AMOUNT,
    Field(
        "taken",
        DECIMAL_TEXT,
        False,
        help=N_(
            "Amount taken for it, in the unit of the thing it is taken from, if the units differ."
        ),
    ),
    many=True,
)


def purpose_of(state: State, act: Act) -> str:
    """Return the purpose of what is received: as said, or what the ledger is for."""
    purpose: str = act.get("purpose", state.policy["kind"])
    return purpose


def _purpose_fits(state: State, act: Act) -> None:
    if (purpose_of(state, act) == "training") != (state.policy["kind"] == "training"):
        raise refusal(
            "TRAINING",
            _("The ledger is for {kind}, but the purpose is {purpose}; use another ledger."),
            kind=state.policy["kind"],
            purpose=purpose_of(state, act),
        )


def names_unused(state: State, names: list[str]) -> None:
    """Refuse names that a thing has already, or that stand twice in a list."""
    seen = set()
    for name in names:
        if name in state.things or name in seen:
            raise refusal(
                "THING-KNOWN",
                _("The name {name} is already used; choose another."),
                name=name,
            )
        seen.add(name)


def _own_labels(state: State, act: Act) -> None:
    new_labels(state.item_labels, [row["exhibit"] for row in act["exhibits"]])


def _new_exhibits(state: State, act: Act) -> None:
    names_unused(state, [row["exhibit"] for row in act["exhibits"]])
    for row in act["exhibits"]:
        strange = set(row.get("broken_seals", ())) - set(row.get("seals", ()))
        if strange:
            raise refusal(
                "SEAL-UNKNOWN",
                _("{name}: broken seals must also be among the seals; missing: {seals}."),
                name=row["exhibit"],
                seals=", ".join(sorted(strange)),
            )


def _only_grew(state: State, act: Act) -> None:
    before = state.merged.get(act["field_ledger"], 0)
    if act["size"] <= before:
        raise refusal(
            "MERGED",
            _("The field ledger {ledger} was already merged with {size} events."),
            ledger=act["field_ledger"],
            size=before,
        )
    if act["field_ledger"] == act.ledger:
        raise refusal("MERGED", _("A ledger is not merged into itself."))
    if act["copy"] not in {entry["sha256"] for entry in act["attachments"]}:
        raise refusal("MERGED", _("The copy of the field ledger is not among the attachments."))


def _merge(state: State, act: Act) -> None:
    _receive(state, act)
    state.merged[act["field_ledger"]] = act["size"]


def _receive(state: State, act: Act) -> None:
    purpose = purpose_of(state, act)
    for row in act["exhibits"]:
        name, amount = row["exhibit"], Decimal(row["quantity"])
        seals, broken = row.get("seals", []), row.get("broken_seals", [])
        state.things[name] = Item(
            "exhibit",
            act["case"],
            act.seq,
            name,
            purpose=purpose,
            unit=row["unit"],
            quantity=amount,
            remaining=amount,
            holder=act.actor,
            seals=tuple(seal for seal in seals if seal not in broken),
            opened=bool(broken),
            last=act["occurred_at"],
        )
        add_label(state, state.item_labels, act, name)
        if not seals:
            state.flag(act.seq, "UNSEALED", name)
        for number in seals:
            # Another agency's numbers may collide with ours: it has happened, so it is flagged.
            uses = state.seals.setdefault(number, [])
            if uses:
                state.flag(act.seq, "SEAL-TWICE", number)
            add_label(state, state.seal_labels, act, number)
            uses.append(Seal(name, act.seq, act.seq if number in broken else 0))
        for number in broken:
            state.flag(act.seq, "SEAL-BROKEN", number)


def _new_samples(state: State, act: Act) -> None:
    names = [row["sample"] for row in act["samples"]]
    names_unused(state, names)
    new_labels(state.item_labels, names)


def _new_container(state: State, act: Act) -> None:
    names_unused(state, [act["container"]])
    new_labels(state.item_labels, [act["container"]])


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
                    "{sample}: state how much was taken of {thing}, in {unit}, if and only if "
                    "the sample is in a unit of another kind."
                ),
                sample=row["sample"],
                thing=act["thing"],
                unit=parent.unit,
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
                _(
                    "{name} has been under legal hold since event {seq}; a manager must lift it "
                    "first."
                ),
                name=name,
                seq=hold,
            )
        if item.contents:
            raise refusal("NOT-EMPTY", _("{name} is not empty; unpack it first."), name=name)
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
        "receive",
        N_("receipt"),
        N_("Receive exhibits from outside: one, or a list in one act."),
        N_("{actor} received {exhibits}"),
        ("custodian",),
        (
            CASE,
            _LISTED,
            _PURPOSE,
            Field("seized_at", TIME, False, help=N_("When they were seized.")),
            Field("seizing_agency", TEXT, False, help=N_("Who seized them.")),
            Field("seizure_place", TEXT, False, True, help=N_("Where they were seized.")),
            Field(
                "seizure_position", TEXT, False, True, help=N_("Latitude and longitude, WGS 84.")
            ),
            _FROM,
            Field("paper", IDENTIFIER, False, help=N_("Number of the form that was signed.")),
        ),
        (case_known, _purpose_fits, _new_exhibits, _own_labels),
        _receive,
    ),
    EventType(
        "merge",
        N_("entry from a field ledger"),
        N_("Take in exhibits that were recorded offline, in a field ledger of one case."),
        N_("{actor} took in {exhibits} from the field ledger {field_ledger}"),
        ("custodian",),
        (
            CASE,
            _LISTED,
            _PURPOSE,
            Field("field_ledger", IDENTIFIER, help=N_("Id of the field ledger.")),
            Field("size", SEQ, help=N_("Number of its events.")),
            Field("root", HASH, help=N_("Root of its tree.")),
            Field("copy", HASH, help=N_("SHA-256 of its copy among the attachments.")),
            _FROM,
            Field("attachments", ATTACHMENTS, help=N_("The field ledger and its files.")),
        ),
        (case_known, _purpose_fits, _new_exhibits, _only_grew),
        _merge,
    ),
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
            _WHAT,
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
