"""Rules that every event keeps to, and those that many types share; names of new things, which must not look alike."""

import json
from collections.abc import Callable
from datetime import timedelta

from forensics.custody.canonical import parse_time
from forensics.custody.fields import ERASED, IDENTIFIER, ITEM_NAMES, LONG_TEXT, SEQ, Field, Labels
from forensics.custody.rules import DECISIVE, Act, Rule, refusal
from forensics.custody.state import Item, State
from forensics.messages import N_, _

_SHOWN = 500
"""Characters of one value in a message: what was approved is shown, a list of 300 is cut."""

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a time that a person states may lie ahead of the clock: two clocks on one bench differ."""

CASE = Field("case", IDENTIFIER, help=N_("Case."))
ITEM = Field("thing", IDENTIFIER, help=N_("Exhibit, sample or container."))
ITEM_LIST = Field("things", ITEM_NAMES, help=N_("Exhibits, samples or containers."))
REASON = Field("reason", LONG_TEXT, help=N_("Why."))
AUTHORISATION = Field(
    "authorisation", SEQ, False, help=N_("Number of the event in which the second person agreed.")
)


def items_of(act: Act) -> list[str]:
    """Return the names of the things that an act is about."""
    if "things" in act.fields:
        names: list[str] = act["things"]
        return names
    if "thing" in act.fields:
        return [act["thing"]]
    for name in ("sealed", "loaded"):  # one row a thing and what is put on it, or where it is put
        if name in act.fields:
            return list(dict.fromkeys(row["thing"] for row in act[name]))
    return []


def hand(act: Act) -> str:
    """Return whose hands it is about: the actor's, or those of a person who signed on paper."""
    person: str = act.get("on_behalf_of", act.actor)
    return person


# -- every event ------------------------------------------------------------------------


def latest(state: State, act: Act) -> str:
    """Return the latest time that had passed when an act was recorded, as far as anything tells.

    A clock that was set back does not make a key valid again: what counts is the clock of the act,
    of every event before it, and of every head that was signed over those. Times of witnesses
    say when a head existed at the latest, not that nothing had followed it; they do not count.
    """
    return max(act.recorded_at, state.recorded_at, state.head_time)


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
            _("The key {key} is not enrolled in this ledger; an administrator enrols it."),
            key=act.key,
        )
    if key.ended:
        raise refusal(
            "KEY-ENDED",
            _("The key {key} of {person} ended with event {seq}; sign with the new one."),
            key=act.key,
            person=key.person,
            seq=key.ended,
        )
    if key.expires and key.expires < (reached := latest(state, act)):
        if act.recorded_at <= key.expires:
            raise refusal(
                "KEY-EXPIRED",
                _(
                    "The key {key} of {person} expired on {time}. The clock shows {clock}, but "
                    "the ledger had reached {reached}; was the clock set back? Two other people "
                    "must enrol a new key."
                ),
                key=act.key,
                person=key.person,
                time=key.expires,
                clock=act.recorded_at,
                reached=reached,
            )
        raise refusal(
            "KEY-EXPIRED",
            _(
                "The key {key} of {person} expired on {time}; two other people must enrol a new "
                "one."
            ),
            key=act.key,
            person=key.person,
            time=key.expires,
        )
    if key.person != act.actor:
        raise refusal(
            "ACTOR-KEY",
            _("The key {key} is that of {person}, not of {actor}."),
            key=act.key,
            person=key.person,
            actor=act.actor,
        )
    have = state.people[key.person].roles
    if "witness" in have:
        raise refusal(
            "ROLE",
            _("{person} is a witness; witnesses countersign heads and sign no events."),
            person=key.person,
        )
    if roles and have.isdisjoint(roles):
        raise refusal(
            "ROLE",
            _("{person} has the roles {have}; “{type}” needs one of: {roles}."),
            person=key.person,
            have=", ".join(sorted(have)),
            type=act.type,
            roles=", ".join(roles),
        )


def times(state: State, act: Act) -> None:
    """Refuse what has not happened yet, and what is late without a reason."""
    occurred, recorded = parse_time(act["occurred_at"]), parse_time(act.recorded_at)
    if occurred - recorded > FUTURE_TOLERANCE:
        raise refusal(
            "TIME-FUTURE",
            _("The stated time, {occurred}, is later than the clock, {recorded}."),
            occurred=act["occurred_at"],
            recorded=act.recorded_at,
        )
    if is_late(state, act) and "late_reason" not in act.fields:
        raise refusal(
            "LATE-REASON",
            _("{occurred} is more than {hours} hours ago; state why it is entered late."),
            occurred=act["occurred_at"],
            hours=state.policy["late_hours"],
        )


def is_late(state: State, act: Act) -> bool:
    """Return whether the act is entered later than the policy allows without a reason."""
    late = parse_time(act.recorded_at) - parse_time(act["occurred_at"])
    return late > timedelta(hours=state.policy["late_hours"])


# -- people and cases -------------------------------------------------------------------


def person_known(name: str) -> Rule:
    """Return the rule that the person in field `name` is enrolled."""

    def rule(state: State, act: Act) -> None:
        person = act.get(name)
        if person is not None and person not in state.people:
            raise refusal(
                "PERSON-UNKNOWN",
                _("{person} is not enrolled; see forensics custody person add."),
                person=person,
            )

    return rule


def case_known(state: State, act: Act) -> None:
    """Refuse what is about a case that nobody opened."""
    case = act.get("case")
    if case is not None and case not in state.cases:
        raise refusal(
            "CASE-UNKNOWN",
            _("The ledger has no case {case}; see forensics custody case."),
            case=case,
        )


def known_item(state: State, name: str) -> Item:
    """Return a thing; refuse one that was never recorded."""
    item = state.things.get(name)
    if item is None:
        raise refusal(
            "THING-UNKNOWN",
            _("The ledger has no exhibit, sample or container {name}."),
            name=name,
        )
    return item


def same_case(state: State, act: Act) -> None:
    """Refuse things that were never recorded or belong to another case."""
    case_known(state, act)
    for name in items_of(act):
        item = known_item(state, name)
        if item.case != act.get("case"):
            raise refusal(
                "CASE-OTHER",
                _("{name} is of case {case}, but the act is of {other}; record two events."),
                name=name,
                case=item.case,
                other=act.get("case"),
            )


# -- things -----------------------------------------------------------------------------


def each(check: Callable[[Act, str, Item], None]) -> Rule:
    """Return the rule that checks each thing that an act is about."""

    def rule(state: State, act: Act) -> None:
        for name in items_of(act):
            check(act, name, state.things[name])

    return rule


def _present(act: Act, name: str, item: Item) -> None:
    if item.gone:
        raise refusal(
            "GONE",
            _("{name} is {gone}; no further act is possible."),
            name=name,
            gone=item.gone,
        )


def _not_offered(act: Act, name: str, item: Item) -> None:
    if item.offer:
        raise refusal(
            "OFFERED",
            _("{name} was offered in event {seq} and waits for accept or refuse."),
            name=name,
            seq=item.offer,
        )


def item_unsealed(act: Act, name: str, item: Item) -> None:
    """Refuse to put something into a thing, or to take something out of it, while it is sealed."""
    if item.seals:
        raise refusal(
            "SEAL-CLOSED",
            _("{name} is sealed ({seals}); record first that it is opened (open)."),
            name=name,
            seals=", ".join(item.seals),
        )


def _with_the_actor(act: Act, name: str, item: Item) -> None:
    if item.container:
        raise refusal(
            "PACKED",
            _("{name} is in container {container}; take it out first (unpack)."),
            name=name,
            container=item.container,
        )
    if item.holder != hand(act):
        raise refusal(
            "HELD-BY",
            _("{name} is with {place}, not with {actor}."),
            name=name,
            place=item.holder or item.location,
            actor=hand(act),
        )


def item_not_quarantined(act: Act, name: str, item: Item) -> None:
    """Refuse work on a thing that was lost and found, and that no second person has accepted."""
    if item.quarantine:
        raise refusal(
            "QUARANTINE",
            _(
                "{name} was lost and found in event {seq}. It may only be kept or offered until "
                "a custodian or manager other than the finder has accepted it."
            ),
            name=name,
            seq=item.quarantine,
        )


present = each(_present)
not_quarantined = each(item_not_quarantined)
not_offered = each(_not_offered)
with_the_actor = each(_with_the_actor)
unsealed = each(item_unsealed)
IN_HAND = (same_case, present, not_offered, with_the_actor)
"""What every physical act asks for: the things exist, in this case, in the hands of who acts."""
AT_WORK = (*IN_HAND, not_quarantined)
"""The same, for acts that do more than keep or hand over."""


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
            _("This takes two people: a manager must record “authorise {type}” first."),
            type=act.type,
        )
    authorisation = state.authorisations.get(seq)
    if authorisation is None:
        raise refusal("AUTHORISATION", _("Event {seq} is not an authorisation."), seq=seq)
    if authorisation.by == act.actor:
        raise refusal(
            "AUTHORISATION-SELF",
            _("The authorisation {seq} is by {person}; a second person must authorise the act."),
            seq=seq,
            person=act.actor,
        )
    if authorisation.used:
        raise refusal(
            "AUTHORISATION-USED",
            _("The authorisation {seq} was already used in event {used}."),
            seq=seq,
            used=authorisation.used,
        )
    pairs = {
        "act": (authorisation.act, act.type),
        "case": (authorisation.case, act.get("case", "")),
        "things": (sorted(authorisation.things), sorted(items_of(act))),
        "subject": (authorisation.subject, subject),
        "person": (authorisation.person or act.actor, act.actor),
    }
    other = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if other:
        raise refusal(
            "AUTHORISATION-SCOPE",
            _(
                "The authorisation {seq} is for another act, thing, subject or person. "
                "Authorised: {authorised}. Attempted: {attempted}."
            ),
            seq=seq,
            authorised=_listed({name: pair[0] for name, pair in other.items()}),
            attempted=_listed({name: pair[1] for name, pair in other.items()}),
        )
    _as_approved(act, authorisation.approved)


def _as_approved(act: Act, approved: dict[str, str]) -> None:
    """Refuse an act whose decisive fields are not, one by one, those that were approved."""
    stated = {name for name in DECISIVE[act.type] if name in act.fields}
    other = [
        name
        for name in DECISIVE[act.type]
        if (name in stated) != (name in approved)
        or (name in stated and act.commitments.get(name) != approved[name])
    ]
    if not other:
        return
    content = (act.earlier(act["authorisation"]) or {}).get("content")
    known = content if isinstance(content, dict) else {}
    raise refusal(
        "AUTHORISATION-CONTENT",
        _(
            "The authorisation {seq} approves other content. Approved: {approved}. Attempted: "
            "{attempted}. Do what was approved, or have this approved."
        ),
        seq=act["authorisation"],
        approved=_listed(
            {
                name: (known[name]["value"] if name in known else ERASED)
                if name in approved
                else _("not stated")
                for name in other
            }
        ),
        attempted=_listed(
            {name: act[name] if name in stated else _("not stated") for name in other}
        ),
    )


def _listed(values: dict[str, object]) -> str:
    """Return names and values for a message, each of bounded length."""
    return _("; ").join(
        f"{name}: {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}"
        for name, text in ((name, _shown(value)) for name, value in values.items())
    )


def _shown(value: object) -> str:
    if value is ERASED:
        return _("(erased by order)")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\n", " ") or _("none")


def use_authorisation(state: State, act: Act) -> None:
    """Mark the authorisation that an act names as used."""
    seq = act.get("authorisation")
    if seq is not None and seq is not ERASED and seq in state.authorisations:
        state.authorisations[seq].used = act.seq


def new_label(labels: Labels, name: str) -> None:
    """Refuse a name of our own that looks like one that was given before."""
    other, _wider = labels.alike(name)
    if other is not None:
        raise refusal(
            "LOOKS-LIKE",
            _("{name} ({points}) looks like {other}, which was given before; choose another."),
            name=name,
            points=_points(name),
            other=other,
        )


def new_labels(labels: Labels, names: list[str]) -> None:
    """Refuse names of our own that look like one that was given before, or like another of them."""
    inside = Labels()
    for name in names:
        new_label(labels, name)
        new_label(inside, name)
        inside.add(name)


def add_label(state: State, labels: Labels, act: Act, name: str) -> None:
    """Remember a name, and flag it if it can be taken for another."""
    alike, wider = labels.alike(name)
    other = alike or wider
    if other is not None:
        state.flag(act.seq, "LOOK-ALIKE", f"{name} / {other}")
    labels.add(name)


def _points(name: str) -> str:
    """Return the code points of what is not ASCII, since the eye cannot tell; else the length."""
    strange = [f"U+{ord(character):04X}" for character in name if not character.isascii()]
    if strange:
        return " ".join(strange)
    return _("{number} characters").format(number=len(name))
