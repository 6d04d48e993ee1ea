"""What an event is checked by: the rules by code, the policy, the type of an event, and what an authorisation approves.

A rule refuses what our own people are about to do. What has already happened is recorded, with
a flag: rules that refuse the past make people falsify it. The checks stand beside the
events that they guard (``acts``).

An authorisation commits to each decisive field of the act with a salt, as events do. The act that uses it
takes the same salts, so its own commitments are those that were approved, or it is refused. Commitments say
nothing about a value that is withheld or erased, and they can still be compared then.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from forensics.custody.fields import (
    ATTACHMENTS,
    DECIMAL_TEXT,
    FLAG,
    IDENTIFIER,
    INTEGER,
    LONG_TEXT,
    SEQ,
    TIME,
    Field,
    Kind,
    choice,
    record,
)
from forensics.custody.proofs import SALT_BYTES, Opening
from forensics.custody.state import Bulk, State
from forensics.errors import RefusedError
from forensics.messages import N_, _

RULES = {
    # every event
    "FIELDS": N_("An event has exactly the fields of its type, each with a value of its kind."),
    "TYPE": N_("The type of the event is one of those listed."),
    "ORDINAL": N_(
        "An event states its number within its case or series, and its number for each exhibit."
    ),
    "TALLY": N_("A tally names all events of no case or of another case on which the case rests."),
    "VERIFIES": N_("With the event, the ledger passes `forensics custody verify`."),
    "FIRST": N_("A ledger begins with init and has only one."),
    "ACTOR-KEY": N_("An event is signed with the key of the person who acts."),
    "KEY-UNKNOWN": N_("The key was enrolled by an earlier event."),
    "KEY-ENDED": N_("The key was not revoked or replaced by an earlier event."),
    "KEY-EXPIRED": N_(
        "The key had not expired when the event was recorded, nor when any earlier event or head was."
    ),
    "ROLE": N_("The person has a role that may do this."),
    "TIME-FUTURE": N_("No act is dated more than five minutes after it is recorded."),
    "LATE-REASON": N_("An act entered later than the laboratory's policy allows states a reason."),
    # people and keys
    "PERSON-KNOWN": N_("A person is enrolled once."),
    "PERSON-UNKNOWN": N_("A person that an event names is enrolled."),
    "KEY-SHARED": N_("A key belongs to one person and is enrolled once."),
    "KEY-PROOF": N_(
        "A person enrolled with a key proves by a signature that they have the private key."
    ),
    "KEY-OWN": N_("Only its own person rotates a key."),
    "LAST-KEY": N_("Somebody with a valid key can still enrol people."),
    "WITNESS-ROLE": N_(
        "A witness is of another agency, has a key, and has no other role before or after."
    ),
    # what takes two people
    "AUTHORISATION": N_("An act that takes two people names the authorisation of the second."),
    "AUTHORISATION-SCOPE": N_("An authorisation is for this act, on these things, by this person."),
    "AUTHORISATION-CONTENT": N_("The act matches, field by field, what was approved."),
    "AUTHORISATION-USED": N_("An authorisation is used once."),
    "AUTHORISATION-SELF": N_("Nobody uses their own authorisation."),
    # cases and exhibits
    "CASE-KNOWN": N_("A case is opened once."),
    "CASE-UNKNOWN": N_("The case was opened before."),
    "CASE-OTHER": N_("Every thing in an act belongs to the case that the act names."),
    "THING-KNOWN": N_("An exhibit, sample or container is named once in the ledger."),
    "LOOKS-LIKE": N_("A number given by the laboratory does not look like an earlier one."),
    "THING-UNKNOWN": N_("The thing was recorded before."),
    "GONE": N_("No physical act is recorded on a thing that was disposed of, used up or lost."),
    "QUARANTINE": N_(
        "A thing that was lost and found is not worked on until a second person accepts it."
    ),
    "HELD-BY": N_("The person who acts on a thing has it in custody."),
    "PACKED": N_("A thing inside a container moves with it; it is taken out first."),
    "CONTAINER": N_("Things are put into containers only, never into themselves."),
    "NOT-EMPTY": N_("A container is empty when it is disposed of."),
    "MERGED": N_(
        "A field ledger is merged with its copy, and merged again only if it has new events."
    ),
    "TRAINING": N_("Training has its own ledger, and nothing else enters it."),
    # seals
    "SEAL-USED": N_("A seal number is used once."),
    "SEAL-UNKNOWN": N_("The seal is on this thing."),
    "SEAL-CLOSED": N_("Nothing is taken out of a sealed thing or put into it."),
    "SEAL-OPEN": N_(
        "A thing that was opened is neither stored nor offered until it is sealed again."
    ),
    "SEAL-PHOTOGRAPH": N_("Sealing an opened thing states its condition and has a photograph."),
    # quantities
    "UNIT": N_("A quantity is in a unit of the same dimension as that of the thing."),
    "BALANCE": N_("No more is taken than there is, within the tolerance of the policy."),
    "SHARE": N_("Using more than the policy's share of an exhibit needs an authorisation."),
    "PORTION": N_(
        "Leaving less than the policy's portion for a second expert needs an authorisation."
    ),
    # movement
    "LOCATION-KNOWN": N_("A location is set up once."),
    "LOCATION-UNKNOWN": N_("The location was set up before."),
    "LOCATION-TO-LOCATION": N_("A stored thing is retrieved by a person before it moves on."),
    "NOT-STORED": N_("What is retrieved is in a location."),
    "WITNESS": N_("Where the policy asks for it, moves into and out of storage name a witness."),
    "SELF": N_("Nobody hands over to themselves."),
    "OFFERED": N_("A thing that is offered has no other act until the offer is answered."),
    "NOT-OFFERED": N_("Only what was offered is accepted, refused or lost on the way."),
    "RECEIVER": N_("Custody passes when the recipient of the offer signs."),
    "DEADLINE": N_("An offer has a deadline that has not passed."),
    "PAPER-FORM": N_("A person without a key signs a numbered form, which the event names."),
    "PAPER-ATTESTED": N_("The form is photographed, attached and attested by a second person."),
    "PAPER-USED": N_("A form number is used for one hand-over."),
    "PAPER-KEY": N_("A person with a valid key signs with it."),
    # holds and disposal
    "HOLD": N_("A legal hold blocks disposal."),
    "NOT-HELD": N_("Only an existing hold is lifted."),
    # the laboratory's work
    "RUN-KNOWN": N_("A run is recorded once under its name."),
    "RUN-UNKNOWN": N_("The run was recorded before."),
    "CONTROL-UNKNOWN": N_("The control is one of the run's."),
    "CONTROLS": N_("A report rests on runs with passed controls or with an approved deviation."),
    "FINDING-UNKNOWN": N_("The finding was recorded before, in this case."),
    "FINDING-BATCHES": N_("A laboratory finding names the runs that it rests on."),
    "VALIDATION": N_(
        "A casework identification, origin or age rests on a library, model, curve or clock that "
        "this laboratory has accepted."
    ),
    "REVIEW-SELF": N_("Nobody reviews their own finding."),
    "REVIEW-ROLES": N_(
        "The administrative review is by another person than the technical one, unless a second person authorised it."
    ),
    "REVIEWED": N_("A finding is reviewed by a second person before it is reported."),
    "REVIEW-BLIND": N_("A blind review states the reviewer's own interpretation of the raw data."),
    "REPORT-NUMBER": N_("A report number is used once."),
    "REPORT-UNKNOWN": N_("A report that is replaced was issued before, in this case."),
    "REPORT-REASON": N_("An amended report names the report that it replaces, and the reason."),
    "CASEWORK-DEPOSIT": N_("No casework sequence enters a library without an authorisation."),
    "QUESTION": N_("A question has both propositions or none, and of kin the other animal."),
    # corrections and erasure
    "EVENT-UNKNOWN": N_("The event exists, in this case."),
    "CORRECT-FIELD": N_("A correction names a field of the event and its present value."),
    "CORRECT-PURPOSE": N_("The purpose of a sample cannot be changed, not even by a correction."),
    "ERASE-FIELD": N_(
        "Only names of persons and places, and files of the event, can be erased, and no copy "
        "may stay anywhere."
    ),
}

FLAGS = {
    "CLOCK-BACK": N_("The clock was behind the time of the event before."),
    "TIME-ORDER": N_("The stated time is before the act that made it possible."),
    "LATE": N_("Entered later than the policy allows, with a reason."),
    "SEAL-BROKEN": N_("A seal was found broken."),
    "SEAL-MISMATCH": N_("The seals found are not those in the ledger."),
    "SEAL-TWICE": N_("The seal number was already used."),
    "LOOK-ALIKE": N_("The number can be mistaken for an earlier one."),
    "UNSEALED": N_("Received without a seal."),
    "WEIGHT": N_("A measured quantity differs from the ledger by more than the tolerance."),
    "BALANCE-OVER": N_("Slightly more was taken than the ledger has, within the tolerance."),
    "TRANSIT-LATE": N_("Received after the deadline of the transit."),
    "PAPER": N_("Signed on paper by a person without a key."),
    "LOST": N_("Reported lost."),
    "FOUND": N_("Found again after it was reported lost."),
    "POLICY-RELAXED": N_("The policy was made laxer."),
    "CONTROL-FAILED": N_("A control failed."),
    "COMPETENCE": N_("The person had no recorded competence for this at that time."),
    "DISCREPANCY": N_("A person reported a discrepancy."),
}


def refusal(code: str, text: str, /, **values: object) -> RefusedError:
    """Return the error of a rule that refuses.

    Parameters
    ----------
    code : str
        One of `RULES`.
    text : str
        Translated; it says what to do.
    **values
        Of its fields in braces, where it has any.
    """
    if code not in RULES:
        raise KeyError(code)  # a fault of ours, that no handler of refusals may hide
    return RefusedError(code, text.format(**values) if values else text)


WITHOUT_RUN = ("morphology", "other")
"""Kinds of findings that rest on no run in the laboratory."""
FINDING_KINDS = ("identification", "origin", "individual", "sex", "age", *WITHOUT_RUN)
RUN_KINDS = ("extraction", "amplification", "sequencing", "other")
CONTROL_KINDS = ("blank", "negative", "positive")

_CONTROLS = choice(*CONTROL_KINDS, many=True)

POLICY = record(
    Field("kind", choice("casework", "training"), False, help=N_("What the ledger is for.")),
    Field("tolerance_share", DECIMAL_TEXT, False, help=N_("Tolerance of a mass, as a share.")),
    Field("tolerance_mass", DECIMAL_TEXT, False, help=N_("Tolerance of a mass in g, if more.")),
    Field("tolerance_volume", DECIMAL_TEXT, False, help=N_("Tolerance of a volume in mL.")),
    Field("use_share", DECIMAL_TEXT, False, help=N_("Largest share used without authorisation.")),
    Field("keep_share", DECIMAL_TEXT, False, help=N_("Portion kept for a second expert.")),
    Field(
        "storage_witness",
        FLAG,
        False,
        help=N_("Whether moves into and out of storage need a witness."),
    ),
    Field("transit_hours", INTEGER, False, help=N_("Longest transit.")),
    Field("late_hours", INTEGER, False, help=N_("Hours after which an entry needs a reason.")),
    Field("extraction_controls", _CONTROLS, False, help=N_("Controls of an extraction.")),
    Field("amplification_controls", _CONTROLS, False, help=N_("Controls of an amplification.")),
    Field("sequencing_controls", _CONTROLS, False, help=N_("Controls of a sequencing run.")),
    Field("review", FLAG, False, help=N_("Whether a finding is reviewed before it is reported.")),
)

DEFAULT_POLICY = {
    "kind": "casework",
    # A laboratory balance repeats to about a milligram; handling loses up to a hundredth.
    "tolerance_share": "0.01",
    "tolerance_mass": "0.002",
    "tolerance_volume": "0.002",
    # Half for us, and at no time less than a quarter left for the defence's own expert.
    "use_share": "0.5",
    "keep_share": "0.25",
    "storage_witness": False,
    "transit_hours": 72,
    "late_hours": 24,
    "extraction_controls": ["blank"],
    "amplification_controls": ["negative", "positive"],
    "review": True,
}
"""Where the laboratory says nothing. These are starting points of ours, not a standard's: a
laboratory sets its own and is asked for its reasons."""


def policy_problem(policy: dict[str, Any]) -> str | None:
    """Return what is wrong with the values of a policy, or None."""
    for name in ("tolerance_share", "use_share", "keep_share"):
        if name in policy and Decimal(policy[name]) > 1:
            return _("{name} is a share of at most 1; found {value}.").format(
                name=name, value=policy[name]
            )
    return None


_MORE_IS_LAXER = (
    "tolerance_share", "tolerance_mass", "tolerance_volume", "use_share", "transit_hours",
    "late_hours",
)  # fmt: skip
_LESS_IS_LAXER = ("keep_share",)


def laxer(name: str, before: Any, after: Any) -> bool:
    """Return whether the value `after` of a part of the policy allows more than `before`.

    Parameters
    ----------
    name : str
        Part of the policy; None as a value means that it is not set.

    Raises
    ------
    KeyError
        If no direction is known for this part, so that a new one cannot be forgotten.
    """
    if name in _MORE_IS_LAXER:
        return Decimal(after) > Decimal(before)
    if name in _LESS_IS_LAXER:
        return Decimal(after) < Decimal(before)
    if name in ("storage_witness", "review"):
        return bool(before) and not after
    if name.endswith("_controls") and name.removesuffix("_controls") in RUN_KINDS:
        return bool(set(before or ()) - set(after or ()))
    if name == "kind":
        return False  # cannot be changed at all
    raise KeyError(name)


ROLES = {
    "administrator": N_("enrols people, changes the policy"),
    "manager": N_("authorises, holds, erases"),
    "custodian": N_("receives, stores and disposes of exhibits"),
    "analyst": N_("takes samples, works on them, reports findings"),
    "reviewer": N_("reviews findings"),
    "outside": N_("another agency or laboratory: only takes over and hands over"),
    "witness": N_("another laboratory or a court: countersigns heads, signs no event"),
}

ORDINALS = ("ordinal", "exhibit_ordinals")
"""Fields that the ledger adds by itself: which event this is (`custody.ordinals`)."""

COMMON_FIELDS = (
    Field("type", IDENTIFIER, help=N_("Type of the event.")),
    Field("actor", IDENTIFIER, help=N_("Person who acts and signs.")),
    Field("occurred_at", TIME, help=N_("When it happened; default: now.")),
    Field("late_reason", LONG_TEXT, False, help=N_("Reason for a late entry.")),
    Field("note", LONG_TEXT, False, True, help=N_("Any other remark.")),
    Field("attachments", ATTACHMENTS, False, help=N_("Files: photographs, chromatograms, forms.")),
    Field(
        "ordinal", SEQ, False, help=N_("Number of the event within its case, its run or the like.")
    ),
    Field(
        "exhibit_ordinals",
        record(
            Field("exhibit", IDENTIFIER, help=N_("Exhibit or container concerned.")),
            Field("ordinal", SEQ, help=N_("Number of the event about it.")),
            many=True,
        ),
        False,
        help=N_("Number of the event about each exhibit."),
    ),
)

_STATED_OTHERWISE = {"type", "actor", "occurred_at", "attachments", "approved", *ORDINALS}
COMMON_TYPED = tuple(each for each in COMMON_FIELDS if each.name not in _STATED_OTHERWISE)
"""Those of them that a person states as a field of the act."""


@dataclass(slots=True)
class Act:
    """One event, to be added or replayed.

    Attributes
    ----------
    key : str
        Id of the key that signs.
    fields : dict
        Name to value; `ERASED` where the opening was erased.
    earlier : callable
        ``seq -> dict`` of the fields of an earlier event, or None where there is none.
    commitments : dict
        Name to commitment, as they are signed.
    bulk : Bulk
        What it takes in a bundle; nothing where no bundle will be made of the state, as in a verification.
    exhibits : list of str, optional
        Exhibits that it is about, where that was looked up (`forensics.custody.ordinals`).
    """

    seq: int
    ledger: str
    key: str
    recorded_at: str
    fields: dict[str, Any]
    earlier: Callable[[int], dict[str, Any] | None]
    commitments: dict[str, str] = field(default_factory=dict)
    bulk: Bulk = Bulk()
    exhibits: list[str] | None = None

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: object = None) -> Any:
        """Return the value of a field, or `default` where it was not said.

        Of what type it is, its `forensics.custody.fields.Kind` says; it is checked before rules
        are applied.
        """
        return self.fields.get(name, default)

    @property
    def type(self) -> str:
        """Type of the event."""
        name: str = self.fields["type"]
        return name

    @property
    def actor(self) -> str:
        """Person who acts."""
        person: str = self.fields["actor"]
        return person


Rule = Callable[[State, Act], None]
"""Raises a refusal, or returns None; changes nothing."""


@dataclass(frozen=True)
class EventType:
    """A type of event: its fields, who may sign it, what it must keep to, what it changes.

    Attributes
    ----------
    noun : str
        What it is, as the reader of a report calls it.
    summary : str
        One line, for help and documentation.
    sentence : str
        What it says in a timeline, of its fields; those in it are not said again.
    roles : tuple of str
        Roles that may sign it; empty: everyone who is enrolled.
    fields : tuple of Field
        Beside `COMMON_FIELDS`.
    rules : tuple of callable
        Applied in order; each raises a refusal or returns None.
    change : callable
        ``(state, act) -> None``; is only called when every rule holds.
    """

    name: str
    noun: str
    summary: str
    sentence: str
    roles: tuple[str, ...]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    change: Callable[[State, Act], None] = lambda state, act: None
    known: dict[str, Field] = field(default_factory=dict)
    required: tuple[Field, ...] = ()

    @property
    def typed(self) -> list[Field]:
        """The fields that a person states, its own before the common ones."""
        own = (each for each in self.fields if each.name not in _STATED_OTHERWISE)
        return [*own, *COMMON_TYPED]

    @property
    def table(self) -> Field | None:
        """The field of which each row is a thing of the act, where there is one."""
        tables = (each for each in self.typed if each.kind.many and each.kind.parts)
        return next((each for each in tables if each.required), None)

    def __post_init__(self) -> None:
        self.known.update(
            {known_field.name: known_field for known_field in (*COMMON_FIELDS, *self.fields)}
        )
        required = tuple(known_field for known_field in self.known.values() if known_field.required)
        object.__setattr__(self, "required", required)


DECISIVE = {
    "policy": ("policy", "reason"),
    "reenrol": ("public_key", "key_expires"),
    "consume": ("quantity", "unit", "used_for", "run"),
    "split": ("samples", "loss", "method"),
    "dispose": ("method", "order"),
    "deviation": ("reason",),
    "reviewed": ("stage",),
    "report": ("number",),
    "deposit": ("name",),
    "correct": ("field", "old", "new", "reason"),
    "erase": ("erased", "erased_files", "left", "order", "reason"),
}
"""Type of act to the fields that are approved, beside the things, the case and the subject."""

_HEX = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")


def _is_content(value: object) -> bool:
    return (
        type(value) is dict
        and len(value) > 0
        and all(
            type(part) is dict
            and set(part) == {"salt", "value"}
            and type(part["salt"]) is str
            and _HEX.fullmatch(part["salt"]) is not None
            for part in value.values()
        )
    )


def _is_approved(value: object) -> bool:
    return (
        type(value) is dict
        and len(value) > 0
        and all(
            type(commitment) is str and _HEX.fullmatch(commitment) is not None
            for commitment in value.values()
        )
    )


CONTENT = Kind(
    "NAME=VALUE",
    N_("names, each with a salt and a value"),
    _is_content,
    annotation="dict[str, Any]",
)
APPROVED = Kind("COMMITMENTS", N_("names, each with 64 lower-case hex digits"), _is_approved)


def approving(content: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of an authorisation that approves `content`.

    Parameters
    ----------
    content : mapping
        Decisive field of the act to the value that is approved.

    Returns
    -------
    dict
        ``content`` with new salts, and ``approved`` with the commitments.
    """
    openings = [Opening(name, value) for name, value in content.items()]
    return {
        "content": {
            opening.name: {"salt": opening.salt.hex(), "value": opening.value}
            for opening in openings
        },
        "approved": {opening.name: opening.commitment for opening in openings},
    }


def opened(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Opening]:
    """Return the openings in the content of an authorisation, by name."""
    return {
        name: Opening(name, part["value"], bytes.fromhex(part["salt"]))
        for name, part in content.items()
    }


def salts(authorisation: Mapping[str, object] | None) -> dict[str, bytes]:
    """Return the salts that an act takes over from its authorisation (fields of that event)."""
    content: Any = (authorisation or {}).get("content")
    if not _is_content(content):
        return {}  # no authorisation, or erased: the rule says so
    return {name: bytes.fromhex(part["salt"]) for name, part in content.items()}
