"""Where things are, under which seal, and who has them: containers, storage, hand-over, also on paper, and loss."""

from datetime import timedelta

from forensics.custody.acts.common import (
    AT_WORK,
    CASE,
    IN_HAND,
    ITEM,
    ITEM_LIST,
    REASON,
    add_label,
    each,
    hand,
    item_not_quarantined,
    item_unsealed,
    items_of,
    known_item,
    latest,
    new_labels,
    not_offered,
    person_known,
    present,
    same_case,
    valid_key,
)
from forensics.custody.canonical import parse_time
from forensics.custody.fields import (
    IDENTIFIER,
    LONG_TEXT,
    NAMES,
    TEXT,
    TIME,
    Field,
    record,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import Item, Offer, Seal, State
from forensics.messages import N_, _

_SEALED = record(
    ITEM,
    Field("seal", IDENTIFIER, help=N_("Number of the seal that is put on it.")),
    many=True,
)
_CONTAINER = Field("container", IDENTIFIER, help=N_("Container."))

_WITNESS = Field("witness", IDENTIFIER, False, help=N_("Who saw it."))
_LOCATION = Field("location", IDENTIFIER, help=N_("Location."))
_SEALS = Field(
    "seals",
    NAMES,
    False,
    help=N_("Seal numbers as read; if they differ from those recorded, an alert is raised."),
)
_PAPER = Field("paper", IDENTIFIER, False, help=N_("Number of the form that was signed on paper."))
_ON_BEHALF = Field(
    "on_behalf_of", IDENTIFIER, False, help=N_("Person without a key who signed the form.")
)
_EVERYBODY = ("custodian", "analyst", "manager", "outside")


# -- seals and containers --------------------------------------------------------------


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
    seen = set()
    numbers = [row["seal"] for row in act["sealed"]]
    for number in numbers:
        if number in state.seals or number in seen:
            uses = state.seals.get(number)
            raise refusal(
                "SEAL-USED",
                _("The seal {number} was already used in event {seq}; use another."),
                number=number,
                seq=uses[0].applied if uses else act.seq,
            )
        seen.add(number)
    new_labels(state.seal_labels, numbers)


@each
def _documented(act: Act, name: str, item: Item) -> None:
    if item.opened and not ("condition" in act.fields and "attachments" in act.fields):
        raise refusal(
            "SEAL-PHOTOGRAPH",
            _("{name} was opened: state its condition and attach a photograph."),
            name=name,
        )


def _is_sealed(state: State, act: Act) -> None:
    if not state.things[act["thing"]].seals:
        raise refusal("SEAL-UNKNOWN", _("{name} has no seal."), name=act["thing"])


def _container_open(state: State, act: Act) -> None:
    name = act["container"]
    item = state.things.get(name)
    if item is None or item.kind != "container" or item.case != act["case"]:
        raise refusal(
            "CONTAINER",
            _("{name} is not a container of case {case}."),
            name=name,
            case=act["case"],
        )
    item_unsealed(act, name, item)
    item_not_quarantined(act, name, item)
    if item.gone or item.offer or item.container or item.holder != act.actor:
        raise refusal(
            "HELD-BY",
            _("The container {name} is not with {actor}."),
            name=name,
            actor=act.actor,
        )


def _not_itself(state: State, act: Act) -> None:
    # What is in hand is in no container, and the container is in hand: no ring can arise.
    if act["container"] in act["things"]:
        raise refusal("CONTAINER", _("{name} cannot contain itself."), name=act["container"])


def _inside(state: State, act: Act) -> None:
    from_here = act["container"]
    for name in act["things"]:
        if known_item(state, name).container != from_here:
            raise refusal(
                "CONTAINER",
                _("{name} is not in {container}."),
                name=name,
                container=from_here,
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


# -- storage ---------------------------------------------------------------------------


def _new_location(state: State, act: Act) -> None:
    if act["location"] in state.locations:
        raise refusal(
            "LOCATION-KNOWN",
            _("The location {name} already exists."),
            name=act["location"],
        )
    if act.get("parent") is not None:
        _location_known(state, act["parent"])


def _location_known(state: State, name: str) -> None:
    if name not in state.locations:
        raise refusal(
            "LOCATION-UNKNOWN",
            _("The ledger has no location {name}; see forensics custody location."),
            name=name,
        )


def _store_where(state: State, act: Act) -> None:
    _location_known(state, act["location"])


@each
def by_a_person(act: Act, name: str, item: Item) -> None:
    """Refuse moving on what lies in a location."""
    if item.location:
        raise refusal(
            "LOCATION-TO-LOCATION",
            _("{name} is in {location}; a person must retrieve it first."),
            name=name,
            location=item.location,
        )


@each
def _stored(act: Act, name: str, item: Item) -> None:
    if not item.location:
        raise refusal(
            "NOT-STORED",
            _("{name} is in no location; it is with {place}."),
            name=name,
            place=item.holder or item.container,
        )


def _witnessed(state: State, act: Act) -> None:
    witness = act.get("witness")
    if witness is None and state.policy["storage_witness"]:
        raise refusal("WITNESS", _("The policy requires a witness; name one (--witness)."))
    if witness == act.actor:
        raise refusal("WITNESS", _("{person} cannot be their own witness."), person=witness)


@each
def closed(act: Act, name: str, item: Item) -> None:
    """Refuse moving what was opened and not sealed again."""
    if item.opened:
        raise refusal(
            "SEAL-OPEN",
            _("{name} was opened; seal it first, with its condition and a photograph."),
            name=name,
        )


def _set_location(state: State, act: Act) -> None:
    state.locations[act["location"]] = act.get("parent", "")


def _store(state: State, act: Act) -> None:
    for name in items_of(act):
        item = state.things[name]
        item.holder, item.location = "", act["location"]


def _retrieve(state: State, act: Act) -> None:
    for name in items_of(act):
        item = state.things[name]
        item.holder, item.location = act.actor, ""


# -- hand-over and loss ----------------------------------------------------------------


def _has_key(state: State, person: str, when: str) -> bool:
    return any(valid_key(state, key, when) for key in state.people[person].keys)


def _to_another(state: State, act: Act) -> None:
    if act["to"] == hand(act):
        raise refusal("SELF", _("{person} has it already."), person=act["to"])


def _in_time(state: State, act: Act) -> None:
    deadline, begin = parse_time(act["deadline"]), parse_time(act["occurred_at"])
    longest = timedelta(hours=state.policy["transit_hours"])
    if not begin < deadline <= begin + longest:
        raise refusal(
            "DEADLINE",
            _("The deadline {deadline} must be within {hours} hours of {begin}."),
            deadline=act["deadline"],
            hours=state.policy["transit_hours"],
            begin=act["occurred_at"],
        )


def _offered_on_paper(state: State, act: Act) -> None:
    """Refuse an offer to, or on behalf of, a person without a key that names no new form."""
    paper = act.get("paper")
    if paper is not None and paper in state.forms:
        raise refusal(
            "PAPER-USED",
            _("The form {paper} was used in event {seq}."),
            paper=paper,
            seq=state.forms[paper],
        )
    if paper is None and not _has_key(state, act["to"], latest(state, act)):
        raise refusal(
            "PAPER-FORM",
            _("{person} has no key: give the number of the form to be signed (--paper)."),
            person=act["to"],
        )
    _on_behalf(state, act, paper, other=act["to"])


def _on_behalf(state: State, act: Act, paper: str | None, *, other: str) -> None:
    person = act.get("on_behalf_of")
    if person is None:
        return
    if _has_key(state, person, latest(state, act)):
        raise refusal("PAPER-KEY", _("{person} has a key and must sign with it."), person=person)
    if paper is None:
        raise refusal("PAPER-FORM", _("Give the number of the form that was signed (--paper)."))
    if "attachments" not in act.fields or act.actor == other:
        raise refusal(
            "PAPER-ATTESTED",
            _(
                "Attach a photograph of the form {paper}; somebody other than {other} must "
                "attest it."
            ),
            paper=paper,
            other=other,
        )


def _answers(state: State, act: Act) -> None:
    """Refuse an answer that is not to one offer of these things, by its receiver."""
    offers = {state.things[name].offer for name in items_of(act)}
    if 0 in offers or len(offers) > 1:
        raise refusal("NOT-OFFERED", _("These things were not offered together in one event."))
    offer = state.offers[offers.pop()]
    allowed = {offer.receiver} if act.type == "accept" else {offer.receiver, offer.giver}
    if hand(act) not in allowed:
        raise refusal(
            "RECEIVER",
            _("It was offered to {receiver}, so {receiver} answers, not {actor}."),
            receiver=offer.receiver,
            actor=hand(act),
        )
    if act.get("paper", offer.paper) != offer.paper:
        raise refusal(
            "PAPER-FORM",
            _("The form {found} is not that of the offer, {expected}."),
            found=act["paper"],
            expected=offer.paper or _("none"),
        )
    _on_behalf(state, act, offer.paper or None, other=offer.attested_by or offer.giver)
    if offer.attested_by == act.actor and act.type == "accept":
        raise refusal(
            "PAPER-ATTESTED",
            _("{person} attested the offer, so somebody else must accept it."),
            person=act.actor,
        )


def _out_of_quarantine(state: State, act: Act) -> None:
    """Refuse an acceptance that would end a quarantine without looking at the thing."""
    for name in items_of(act):
        item = state.things[name]
        if not item.quarantine:
            continue
        roles = state.people[act.actor].roles
        if (
            "on_behalf_of" in act.fields
            or roles.isdisjoint(("custodian", "manager"))
            or "condition" not in act.fields
            or (item.seals and "seals" not in act.fields)
        ):
            raise refusal(
                "QUARANTINE",
                _(
                    "{name} was lost and found in event {seq}. A custodian or manager must "
                    "accept it with their own key, and state its condition and the seals read."
                ),
                name=name,
                seq=item.quarantine,
            )


@each
def _lost(act: Act, name: str, item: Item) -> None:
    if item.gone != "lost":
        raise refusal("GONE", _("{name} was not lost."), name=name)


def _offer(state: State, act: Act) -> None:
    names = tuple(items_of(act))
    compare_seals(state, act, list(names))
    paper, attested = act.get("paper", ""), act.actor if "on_behalf_of" in act.fields else ""
    state.offers[act.seq] = Offer(hand(act), act["to"], names, act["deadline"], paper, attested)
    if paper:
        state.forms[paper] = act.seq
    for name in names:
        state.things[name].offer = act.seq
    if attested:
        state.flag(act.seq, "PAPER", act["on_behalf_of"])


def _answered(state: State, act: Act) -> Offer:
    names = items_of(act)
    seq = state.things[names[0]].offer
    offer = state.offers[seq]
    for name in names:
        state.things[name].offer = 0
    offer.things = tuple(name for name in offer.things if name not in names)
    if not offer.things:
        del state.offers[seq]
    if "on_behalf_of" in act.fields:
        state.flag(act.seq, "PAPER", act["on_behalf_of"])
    return offer


def _refuse(state: State, act: Act) -> None:
    _answered(state, act)


def _accept(state: State, act: Act) -> None:
    offer = _answered(state, act)
    names = items_of(act)
    compare_seals(state, act, names)
    for name in names:
        state.things[name].holder = offer.receiver
        state.things[name].quarantine = 0
        for number in set(state.things[name].seals) & set(act.get("broken_seals", ())):
            break_seal(state, act, name, number, by="")
            state.flag(act.seq, "SEAL-BROKEN", number)
    if act["occurred_at"] > offer.deadline:
        state.flag(act.seq, "TRANSIT-LATE", names[0])


def _lose(state: State, act: Act) -> None:
    for name in items_of(act):
        item = state.things[name]
        item.gone = "lost"
        offer = state.offers.get(item.offer)
        if offer:
            offer.things = tuple(other for other in offer.things if other != name)
            if not offer.things:
                del state.offers[item.offer]
        item.offer = 0
        state.flag(act.seq, "LOST", name)


def _find(state: State, act: Act) -> None:
    for name in items_of(act):
        item = state.things[name]
        if item.container:
            state.things[item.container].contents -= 1
        item.gone = item.location = item.container = ""
        item.holder, item.quarantine = act.actor, act.seq
        state.flag(act.seq, "FOUND", name)


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
            _SEALS,
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
    EventType(
        "offer",
        N_("offer of a hand-over"),
        N_("Offer things to another person, who accepts or refuses."),
        N_("{actor} offered {things} to {to}"),
        _EVERYBODY,
        (
            CASE,
            ITEM_LIST,
            Field("to", IDENTIFIER, help=N_("Person to whom.")),
            Field("deadline", TIME, help=N_("Until when it must have arrived.")),
            Field("carrier", TEXT, False, help=N_("Courier and number of the consignment.")),
            _SEALS,
            _PAPER,
            _ON_BEHALF,
        ),
        (
            person_known("to"),
            person_known("on_behalf_of"),
            same_case,
            present,
            by_a_person,
            *IN_HAND,
            _to_another,
            closed,
            _in_time,
            _offered_on_paper,
        ),
        _offer,
    ),
    EventType(
        "accept",
        N_("acceptance of a hand-over"),
        N_("Accept an offer; the things are then in your custody."),
        N_("{actor} accepted {things}"),
        _EVERYBODY,
        (
            CASE,
            ITEM_LIST,
            _SEALS,
            Field(
                "broken_seals", NAMES, False, help=N_("Numbers of seals that were found broken.")
            ),
            Field("condition", LONG_TEXT, False, help=N_("Condition found.")),
            _PAPER,
            _ON_BEHALF,
        ),
        (person_known("on_behalf_of"), same_case, present, _answers, _out_of_quarantine),
        _accept,
    ),
    EventType(
        "refuse",
        N_("refusal of a hand-over"),
        N_("Refuse an offer, or withdraw your own."),
        N_("{actor} ended the offer of {things}"),
        _EVERYBODY,
        (CASE, ITEM_LIST, REASON, _PAPER, _ON_BEHALF),
        (person_known("on_behalf_of"), same_case, present, _answers),
        _refuse,
    ),
    EventType(
        "lost",
        N_("loss"),
        N_("Report things lost."),
        N_("{actor} reported {things} lost"),
        (),
        (CASE, ITEM_LIST, Field("circumstances", LONG_TEXT, help=N_("What is known."))),
        (same_case, present),
        _lose,
    ),
    EventType(
        "found",
        N_("recovery of what was lost"),
        N_("Report lost things found; you keep them until a second person accepts them."),
        N_("{actor} reported {things} found again"),
        _EVERYBODY,
        (CASE, ITEM_LIST, Field("circumstances", LONG_TEXT, help=N_("Where and how."))),
        (same_case, _lost),
        _find,
    ),
    EventType(
        "location",
        N_("new location"),
        N_("Set up a location: a room, a freezer, a shelf in it."),
        N_("{actor} set up the location {location}"),
        ("custodian", "administrator"),
        (
            _LOCATION,
            Field("parent", IDENTIFIER, False, help=N_("Location that it is in.")),
            Field("description", TEXT, False, help=N_("What it is.")),
        ),
        (_new_location,),
        _set_location,
    ),
    EventType(
        "store",
        N_("storing"),
        N_("Put things into a location."),
        N_("{actor} put {things} into {location}"),
        ("custodian", "analyst"),
        (CASE, ITEM_LIST, _LOCATION, _WITNESS),
        (
            same_case,
            present,
            by_a_person,
            *IN_HAND,
            _store_where,
            closed,
            person_known("witness"),
            _witnessed,
        ),
        _store,
    ),
    EventType(
        "retrieve",
        N_("taking out of storage"),
        N_("Take things out of a location."),
        N_("{actor} took {things} out of storage"),
        ("custodian", "analyst"),
        (CASE, ITEM_LIST, _WITNESS),
        (same_case, present, not_offered, _stored, person_known("witness"), _witnessed),
        _retrieve,
    ),
)
