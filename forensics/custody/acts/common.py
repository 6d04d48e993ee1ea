"""Rules that every event keeps to, and those that many types share."""

from datetime import timedelta

from forensics.custody.act import Act
from forensics.custody.fields import ERASED, IDENTIFIER, SEQ, THINGS, Field
from forensics.custody.rules import refusal
from forensics.custody.state import State, Thing
from forensics.custody.times import parse_time
from forensics.messages import N_, _

__all__ = [
    "AUTHORISATION",
    "CASE",
    "FUTURE_TOLERANCE",
    "IN_HAND",
    "THING",
    "THING_LIST",
    "authorised",
    "case_known",
    "hand",
    "held",
    "is_late",
    "not_offered",
    "person_known",
    "present",
    "same_case",
    "signer",
    "things_of",
    "times",
    "unsealed",
    "use_authorisation",
    "valid_key",
]

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a time that a person states may lie ahead of the clock: two clocks on one bench differ."""

CASE = Field("case", IDENTIFIER, help=N_("Case."))
THING = Field("thing", IDENTIFIER, help=N_("Exhibit, sample or container."))
THING_LIST = Field("things", THINGS, help=N_("Exhibits, samples or containers."))
AUTHORISATION = Field(
    "authorisation", SEQ, False, help=N_("Number of the event in which the second person agreed.")
)


def things_of(act: Act) -> list[str]:
    """Return the names of the things that an act is about."""
    if "things" in act.fields:
        return act["things"]
    if "thing" in act.fields:
        return [act["thing"]]
    for name in ("sealed", "loaded"):  # one row a thing and what is put on it, or where it is put
        if name in act.fields:
            return list(dict.fromkeys(row["thing"] for row in act[name]))
    return []


def hand(act: Act) -> str:
    """Return whose hands it is about: the actor's, or those of a person who signed on paper."""
    return act.get("on_behalf_of", act.actor)


# -- every event ------------------------------------------------------------------------


def valid_key(state: State, key: str, when: str) -> bool:
    """Return whether a key may sign what is recorded at `when`."""
    known = state.keys.get(key)
    return known is not None and not known.ended and not (known.expires and known.expires < when)


def signer(state: State, act: Act, roles: tuple[str, ...]) -> None:
    """Refuse an act whose key is not valid, is not the actor's, or lacks the role."""
    key = state.keys.get(act.key)
    if key is None:
        raise refusal(
            "KEY-UNKNOWN",
            _("The key {key} is not enrolled in this ledger; an administrator enrols it.").format(
                key=act.key
            ),
        )
    if key.ended:
        raise refusal(
            "KEY-ENDED",
            _("The key {key} of {person} ended with event {seq}; sign with the new one.").format(
                key=act.key, person=key.person, seq=key.ended
            ),
        )
    if key.expires and key.expires < act.recorded_at:
        raise refusal(
            "KEY-EXPIRED",
            _("The key {key} of {person} expired on {time}; two others enrol a new one.").format(
                key=act.key, person=key.person, time=key.expires
            ),
        )
    if key.person != act.actor:
        raise refusal(
            "ACTOR-KEY",
            _("The key {key} is that of {person}, not of {actor}.").format(
                key=act.key, person=key.person, actor=act.actor
            ),
        )
    have = state.people[key.person].roles
    if roles and have.isdisjoint(roles):
        raise refusal(
            "ROLE",
            _("{person} is {have}; “{type}” is signed by: {roles}.").format(
                person=key.person,
                have=", ".join(sorted(have)),
                type=act.type,
                roles=", ".join(roles),
            ),
        )


def times(state: State, act: Act) -> None:
    """Refuse what has not happened yet, and what is late without a reason."""
    occurred, recorded = parse_time(act["occurred_at"]), parse_time(act.recorded_at)
    if occurred - recorded > FUTURE_TOLERANCE:
        raise refusal(
            "TIME-FUTURE",
            _("It is said to have happened at {occurred}, the clock says {recorded}.").format(
                occurred=act["occurred_at"], recorded=act.recorded_at
            ),
        )
    if is_late(state, act) and "late_reason" not in act.fields:
        raise refusal(
            "LATE-REASON",
            _("{occurred} is more than {hours} hours ago; say why it is entered now.").format(
                occurred=act["occurred_at"], hours=state.policy["late_hours"]
            ),
        )


def is_late(state: State, act: Act) -> bool:
    """Return whether the act is entered later than the policy allows without a reason."""
    late = parse_time(act.recorded_at) - parse_time(act["occurred_at"])
    return late > timedelta(hours=state.policy["late_hours"])


# -- people and cases -------------------------------------------------------------------


def person_known(name: str):
    """Return the rule that the person in field `name` is enrolled."""

    def rule(state: State, act: Act) -> None:
        person = act.get(name)
        if person is not None and person not in state.people:
            raise refusal(
                "PERSON-UNKNOWN",
                _("{person} is not enrolled; see forensics custody enrol.").format(person=person),
            )

    return rule


def case_known(state: State, act: Act) -> None:
    """Refuse what is about a case that nobody opened."""
    case = act.get("case")
    if case is not None and case not in state.cases:
        raise refusal(
            "CASE-UNKNOWN",
            _("There is no case {case}; see forensics custody case.").format(case=case),
        )


def same_case(state: State, act: Act) -> None:
    """Refuse things that were never recorded or belong to another case."""
    case_known(state, act)
    for name in things_of(act):
        thing = state.things.get(name)
        if thing is None:
            raise refusal(
                "THING-UNKNOWN",
                _("There is no exhibit, sample or container {name}.").format(name=name),
            )
        if thing.case != act.get("case"):
            raise refusal(
                "CASE-OTHER",
                _("{name} is of case {case}, the act of {other}; make two events.").format(
                    name=name, case=thing.case, other=act.get("case")
                ),
            )


# -- things -----------------------------------------------------------------------------


def _each(check):
    def rule(state: State, act: Act) -> None:
        for name in things_of(act):
            check(act, name, state.things[name])

    return rule


def _present(act: Act, name: str, thing: Thing) -> None:
    if thing.gone:
        raise refusal(
            "GONE",
            _("{name} is {gone}; nothing can be done with it any more.").format(
                name=name, gone=thing.gone
            ),
        )


def _not_offered(act: Act, name: str, thing: Thing) -> None:
    if thing.offer:
        raise refusal(
            "OFFERED",
            _("{name} was offered in event {seq} and waits for accept or refuse.").format(
                name=name, seq=thing.offer
            ),
        )


def _unsealed(act: Act, name: str, thing: Thing) -> None:
    if thing.seals:
        raise refusal(
            "SEAL-CLOSED",
            _("{name} is sealed ({seals}); record that it is opened first (open).").format(
                name=name, seals=", ".join(thing.seals)
            ),
        )


def _held(act: Act, name: str, thing: Thing) -> None:
    if thing.container:
        raise refusal(
            "PACKED",
            _("{name} is in container {container}; take it out first (unpack).").format(
                name=name, container=thing.container
            ),
        )
    if thing.holder != hand(act):
        raise refusal(
            "HELD-BY",
            _("{name} is with {place}, not with {actor}.").format(
                name=name, place=thing.holder or thing.location, actor=hand(act)
            ),
        )


present = _each(_present)
not_offered = _each(_not_offered)
held = _each(_held)
unsealed = _each(_unsealed)
IN_HAND = (same_case, present, not_offered, held)
"""What every physical act asks for: the things exist, in this case, in the hands of who acts."""


# -- two people -------------------------------------------------------------------------


def authorised(state: State, act: Act, *, subject: str = "") -> None:
    """Refuse an act without a second person's authorisation for it.

    Parameters
    ----------
    subject : str
        What beside things the authorisation must name: a person, a run, a number of an event.
    """
    seq = act.get("authorisation")
    if seq is None:
        raise refusal(
            "AUTHORISATION",
            _("This takes two people: a manager records “authorise {type}” first.").format(
                type=act.type
            ),
        )
    found = state.authorisations.get(seq)
    if found is None:
        raise refusal("AUTHORISATION", _("Event {seq} is no authorisation.").format(seq=seq))
    if found.by == act.actor:
        raise refusal(
            "AUTHORISATION-SELF",
            _("The authorisation {seq} is {person}'s own; a second person is needed.").format(
                seq=seq, person=act.actor
            ),
        )
    if found.used:
        raise refusal(
            "AUTHORISATION-USED",
            _("The authorisation {seq} was used in event {used}.").format(seq=seq, used=found.used),
        )
    fits = (
        found.act == act.type
        and found.case == act.get("case", "")
        and (not found.person or found.person == act.actor)
        and found.things.issuperset(things_of(act))
        and found.subject == subject
    )
    if not fits:
        raise refusal(
            "AUTHORISATION-SCOPE",
            _("The authorisation {seq} is for another act, thing, subject or person.").format(
                seq=seq
            ),
        )


def use_authorisation(state: State, act: Act) -> None:
    """Mark the authorisation that an act names as used."""
    seq = act.get("authorisation")
    if seq is not None and seq is not ERASED and seq in state.authorisations:
        state.authorisations[seq].used = act.seq
