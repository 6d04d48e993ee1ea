"""People, their keys and roles, and the laboratory's policy: tightened by one person, relaxed by two."""

from forensics.custody.acts.common import (
    AUTHORISATION,
    REASON,
    authorised,
    latest,
    person_known,
    use_authorisation,
    valid_key,
)
from forensics.custody.canonical import canonical, unbase64
from forensics.custody.fields import (
    IDENTIFIER,
    KEY,
    SIGNATURE,
    TEXT,
    TIME,
    Field,
    choice,
)
from forensics.custody.keys import SIGNATURE_BYTES, PublicKey
from forensics.custody.rules import (
    DEFAULT_POLICY,
    POLICY,
    ROLES,
    Act,
    EventType,
    laxer,
    policy_problem,
    refusal,
)
from forensics.custody.state import Key, Person, Relaxed, State
from forensics.errors import InputError
from forensics.messages import N_, _

RULES_VERSION = "1"
"""Of the rules that a ledger is kept by; a change that could refuse an old event gets another."""
_PERSON = Field("person", IDENTIFIER, help=N_("Short name of the person in this ledger."))
_NAME = Field("name", TEXT, True, True, help=N_("Full name."))
_ROLES = Field("roles", choice(*ROLES, many=True), help=N_("Roles."))
_KEY = Field("public_key", KEY, help=N_("Public key."))
_EXPIRES = Field("key_expires", TIME, False, help=N_("When the key expires."))
_PROOF = Field("proof", SIGNATURE, help=N_("Signature that proves possession of the private key."))


def _relaxing(state: State, act: Act) -> list[str]:
    return [
        name for name, value in act["policy"].items() if laxer(name, state.policy.get(name), value)
    ]


def relaxing_agreed(state: State, act: Act) -> None:
    """Refuse to relax the policy without a second person."""
    relaxing = _relaxing(state, act)
    if "authorisation" in act.fields:
        authorised(state, act)
    elif relaxing:
        raise refusal(
            "AUTHORISATION",
            _(
                "This makes the policy laxer ({names}), which takes two people: another manager "
                "or administrator must record “authorise policy” first."
            ),
            names=", ".join(relaxing),
        )


def set_policy(state: State, act: Act) -> None:
    """Change the policy; remember what was relaxed, from when and until when."""
    for relaxation in state.relaxed:
        value = act["policy"].get(relaxation.name, relaxation.after)
        if not relaxation.until and not laxer(relaxation.name, relaxation.before, value):
            relaxation.until, relaxation.until_at = act.seq, act.recorded_at
    authorisation = state.authorisations.get(act.get("authorisation", 0))
    for name in _relaxing(state, act):
        before, after = state.policy.get(name), act["policy"][name]
        state.relaxed.append(
            Relaxed(
                act.seq,
                act.recorded_at,
                act.actor,
                authorisation.by if authorisation else "",
                name,
                before,
                after,
            )
        )
        state.flag(act.seq, "POLICY-RELAXED", name)
    state.policy = {**state.policy, **act["policy"]}
    use_authorisation(state, act)


def proof_message(ledger: str, person: str, public_key: str) -> bytes:
    """Return what the new key of a person signs to show that the person has it."""
    return b"forensics-enrol-1\x00" + canonical([ledger, person, public_key])


def _key_id(act: Act) -> str:
    return PublicKey.from_text(act["public_key"]).id


def _first(state: State, act: Act) -> None:
    if state.seq or act.seq != 1:
        raise refusal("FIRST", _("This ledger has already begun."))
    if _key_id(act) != act.key or act["person"] != act.actor:
        raise refusal("ACTOR-KEY", _("The first event must be signed by the person it enrols."))
    if "administrator" not in act["roles"]:
        raise refusal(
            "LAST-KEY", _("The first person must be an administrator, to enrol the others.")
        )
    if act["rules"] != RULES_VERSION:
        raise refusal(
            "FIELDS",
            _("The ledger uses rules {found}; use a newer version of the software."),
            found=act["rules"],
        )
    _policy_fits(state, act)


def _witness_apart(state: State, act: Act) -> None:
    """Refuse a witness who is one of the laboratory's own, and one of whom no key is known."""
    before = state.people[act["person"]].roles if act["person"] in state.people else frozenset()
    if "witness" not in before | set(act["roles"]):
        return
    if act["roles"] != ["witness"] or (before and before != {"witness"}):
        raise refusal(
            "WITNESS-ROLE",
            _(
                "{person} cannot be a witness and also have another role, now or earlier, "
                "because a witness is from outside. Enrol the witness under a separate name."
            ),
            person=act["person"],
        )
    if act.type == "enrol" and not ("public_key" in act.fields and "agency" in act.fields):
        raise refusal(
            "WITNESS-ROLE",
            _("Enrol the witness {person} with an agency and a key (--request)."),
            person=act["person"],
        )


def _policy_fits(state: State, act: Act) -> None:
    problem = policy_problem(act.get("policy", {}))
    if problem:
        raise refusal("FIELDS", problem)


def _unknown_person(state: State, act: Act) -> None:
    if act["person"] in state.people:
        raise refusal(
            "PERSON-KNOWN",
            _("{person} is enrolled already; see rotate, reenrol and roles."),
            person=act["person"],
        )


def _new_key(state: State, act: Act) -> None:
    if "public_key" not in act.fields:
        return
    try:
        key = PublicKey.from_text(act["public_key"])
    except InputError as error:
        raise refusal("FIELDS", error.message) from None
    if key.id in state.keys:
        raise refusal(
            "KEY-SHARED",
            _("The key {key} is already enrolled, for {person}; make a new one."),
            key=key.id,
            person=state.keys[key.id].person,
        )
    message = proof_message(act.ledger, act["person"], act["public_key"])
    proof = act.get("proof")
    if proof is None or not key.verify(unbase64(proof, SIGNATURE_BYTES), message):
        raise refusal(
            "KEY-PROOF",
            _("The proof of {person} does not match the key; make it with the new key."),
            person=act["person"],
        )


def _own(state: State, act: Act) -> None:
    if act["person"] != act.actor:
        raise refusal(
            "KEY-OWN",
            _("Only {person} can rotate this key; others use reenrol."),
            person=act["person"],
        )


def _by_two_others(state: State, act: Act) -> None:
    authorised(state, act, subject=act["person"])
    if act["person"] in (act.actor, state.authorisations[act["authorisation"]].by):
        raise refusal(
            "AUTHORISATION-SELF",
            _("{person} cannot take part in their own re-enrolment; two other people must do it."),
            person=act["person"],
        )


def _ending(state: State, act: Act) -> list[str]:
    return [act["revoked_key"]] if "revoked_key" in act.fields else state.people[act["person"]].keys


def _revocable(state: State, act: Act) -> None:
    for key in _ending(state, act):
        if key not in state.keys or state.keys[key].person != act["person"]:
            raise refusal(
                "KEY-UNKNOWN",
                _("{key} is not a key of {person}."),
                key=key,
                person=act["person"],
            )
    _somebody_left(state, act, without_keys=frozenset(_ending(state, act)))


def _roles_left(state: State, act: Act) -> None:
    if "administrator" not in act["roles"]:
        _somebody_left(state, act, without_person=act["person"])


def _somebody_left(
    state: State, act: Act, *, without_keys: frozenset[str] = frozenset(), without_person: str = ""
) -> None:
    for person, known in state.people.items():
        if person != without_person and "administrator" in known.roles:
            if any(
                key not in without_keys and valid_key(state, key, latest(state, act))
                for key in known.keys
            ):
                return
    raise refusal(
        "LAST-KEY",
        _("{person} is the last administrator with a key; enrol another first."),
        person=act["person"],
    )


# -- what they change -------------------------------------------------------------------


def _add_key(state: State, act: Act) -> None:
    if "public_key" in act.fields:
        key = _key_id(act)
        state.keys[key] = Key(act["person"], act["public_key"], act.seq, act.get("key_expires", ""))
        state.people[act["person"]].keys.append(key)


def _end_keys(state: State, act: Act, keys: list[str]) -> None:
    for key in keys:
        known = state.keys[key]
        if not known.ended:
            known.ended, known.ended_at = act.seq, act.recorded_at


def _begin(state: State, act: Act) -> None:
    state.ledger = act.ledger
    state.policy = {**DEFAULT_POLICY, **act.get("policy", {})}
    _enrol(state, act)


def _enrol(state: State, act: Act) -> None:
    person = Person(frozenset(act["roles"]), act.seq, agency=act.get("agency", ""))
    state.people[act["person"]] = person
    _add_key(state, act)


def _rotate(state: State, act: Act) -> None:
    _end_keys(state, act, [act.key])
    _add_key(state, act)


def _reenrol(state: State, act: Act) -> None:
    _end_keys(state, act, state.people[act["person"]].keys)
    _add_key(state, act)
    use_authorisation(state, act)


def _revoke(state: State, act: Act) -> None:
    _end_keys(state, act, _ending(state, act))


def _set_roles(state: State, act: Act) -> None:
    state.people[act["person"]].roles = frozenset(act["roles"])


def _competence(state: State, act: Act) -> None:
    entry = (act["competence"], act["valid_from"], act["valid_until"])
    state.people[act["person"]].competences.append(entry)


def _same_kind(state: State, act: Act) -> None:
    if act["policy"].get("kind", state.policy["kind"]) != state.policy["kind"]:
        raise refusal(
            "TRAINING", _("A ledger is for casework or for training from its first event on.")
        )


TYPES = (
    EventType(
        "init",
        N_("beginning of the ledger"),
        N_("Begin a ledger."),
        N_("{actor} began the ledger of {laboratory}"),
        (),
        (
            Field("laboratory", TEXT, help=N_("Name of the laboratory.")),
            Field("rules", choice(RULES_VERSION), help=N_("Version of the rules.")),
            _PERSON,
            _NAME,
            _ROLES,
            _KEY,
            _EXPIRES,
            Field("policy", POLICY, False, help=N_("The laboratory's policy.")),
        ),
        (_first, _witness_apart),
        _begin,
    ),
    EventType(
        "policy",
        N_("change of the policy"),
        N_("Change the laboratory's policy; relaxing it takes two people."),
        N_("{actor} changed the policy of the laboratory: {policy}"),
        ("administrator",),
        (Field("policy", POLICY, help=N_("What changes.")), REASON, AUTHORISATION),
        (_policy_fits, _same_kind, relaxing_agreed),
        set_policy,
    ),
    EventType(
        "enrol",
        N_("enrolment of a person"),
        N_("Enrol a person, with a key or without one."),
        N_("{actor} enrolled {person} ({name}) as {roles}"),
        ("administrator",),
        (
            _PERSON,
            _NAME,
            _ROLES,
            Field("agency", TEXT, False, help=N_("Agency or laboratory, if another.")),
            Field("public_key", KEY, False, help=_KEY.help),
            _EXPIRES,
            Field("proof", SIGNATURE, False, help=_PROOF.help),
        ),
        (_unknown_person, _witness_apart, _new_key),
        _enrol,
    ),
    EventType(
        "rotate",
        N_("change of a key"),
        N_("Replace your own key by a new one."),
        N_("{actor} replaced their own key by a new one"),
        (),
        (_PERSON, _KEY, _EXPIRES, _PROOF),
        (_own, _new_key),
        _rotate,
    ),
    EventType(
        "reenrol",
        N_("new enrolment"),
        N_("Re-enrol a person who lost the key or passphrase; takes two other people."),
        N_("{actor} gave {person} a new key"),
        ("administrator",),
        (_PERSON, _KEY, _EXPIRES, _PROOF, REASON, AUTHORISATION),
        (person_known("person"), _by_two_others, _new_key),
        _reenrol,
    ),
    EventType(
        "revoke",
        N_("revocation of a key"),
        N_("End a key, or all keys of a person."),
        N_("{actor} revoked the key of {person}"),
        ("administrator", "manager"),
        (
            _PERSON,
            Field("revoked_key", IDENTIFIER, False, help=N_("Key id; all of them if left out.")),
            REASON,
        ),
        (person_known("person"), _revocable),
        _revoke,
    ),
    EventType(
        "roles",
        N_("change of roles"),
        N_("Change the roles of a person."),
        N_("{actor} gave {person} the roles {roles}"),
        ("administrator",),
        (_PERSON, _ROLES, REASON),
        (person_known("person"), _witness_apart, _roles_left),
        _set_roles,
    ),
    EventType(
        "competence",
        N_("competence"),
        N_("Record what a person is competent in, and until when."),
        N_(
            "{actor} recorded that {person} is competent in {competence}, from {valid_from} until {valid_until}"
        ),
        ("administrator", "manager"),
        (
            _PERSON,
            Field("competence", TEXT, help=N_("Kind of act or run, such as extraction.")),
            Field("valid_from", TIME, help=N_("From when.")),
            Field("valid_until", TIME, help=N_("Until when.")),
        ),
        (person_known("person"),),
        _competence,
    ),
)
