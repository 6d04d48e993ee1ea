"""Locations, and how things get into storage and out of it."""

from forensics.custody.acts.common import (
    CASE,
    IN_HAND,
    ITEM_LIST,
    items_of,
    not_offered,
    person_known,
    present,
    same_case,
)
from forensics.custody.fields import IDENTIFIER, TEXT, Field
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import State
from forensics.messages import N_, _

_WITNESS = Field("witness", IDENTIFIER, False, help=N_("Who saw it."))
_LOCATION = Field("location", IDENTIFIER, help=N_("Location."))


def _new_location(state: State, act: Act) -> None:
    if act["location"] in state.locations:
        raise refusal(
            "LOCATION-KNOWN",
            _("The location {name} was set up before.").format(name=act["location"]),
        )
    if act.get("parent") is not None:
        _location_known(state, act["parent"])


def _location_known(state: State, name: str) -> None:
    if name not in state.locations:
        raise refusal(
            "LOCATION-UNKNOWN",
            _("There is no location {name}; see forensics custody location.").format(name=name),
        )


def _store_where(state: State, act: Act) -> None:
    _location_known(state, act["location"])


def by_a_person(state: State, act: Act) -> None:
    """Refuse moving on what lies in a location."""
    for name in items_of(act):
        if state.things[name].location:
            raise refusal(
                "LOCATION-TO-LOCATION",
                _("{name} is in {location}; a person retrieves it first.").format(
                    name=name, location=state.things[name].location
                ),
            )


def _stored(state: State, act: Act) -> None:
    for name in items_of(act):
        if not state.things[name].location:
            item = state.things[name]
            raise refusal(
                "NOT-STORED",
                _("{name} is in no location but with {place}.").format(
                    name=name, place=item.holder or item.container
                ),
            )


def _witnessed(state: State, act: Act) -> None:
    witness = act.get("witness")
    if witness is None and state.policy["storage_witness"]:
        raise refusal("WITNESS", _("The policy asks for a witness; name one (--witness)."))
    if witness == act.actor:
        raise refusal("WITNESS", _("{person} cannot be the own witness.").format(person=witness))


def closed(state: State, act: Act) -> None:
    """Refuse moving what was opened and not sealed again."""
    for name in items_of(act):
        if state.things[name].opened:
            raise refusal(
                "SEAL-OPEN",
                _("{name} was opened; seal it first, with condition and photograph.").format(
                    name=name
                ),
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


TYPES = (
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
