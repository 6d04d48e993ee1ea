"""An act as rules see it, and a type of event as the table of types says it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from forensics.custody.fields import (
    ATTACHMENTS,
    IDENTIFIER,
    LONG_TEXT,
    SEQ,
    TIME,
    Field,
    records,
)
from forensics.custody.state import State
from forensics.messages import N_

__all__ = ["COMMON_FIELDS", "ORDINALS", "ROLES", "Act", "EventType", "Rule"]

ROLES = {
    "administrator": N_("enrols people, changes the policy"),
    "manager": N_("authorises, holds, erases"),
    "custodian": N_("receives, stores and disposes of exhibits"),
    "analyst": N_("takes samples, works on them, reports findings"),
    "reviewer": N_("reviews findings"),
    "outside": N_("another agency or laboratory: takes over and hands over only"),
    "witness": N_("another laboratory or a court: countersigns heads, signs no event"),
}

ORDINALS = ("ordinal", "exhibit_ordinals")
"""Fields that the ledger adds by itself: which event this is (`custody.ordinals`)."""

COMMON_FIELDS = (
    Field("type", IDENTIFIER, help=N_("Type of the event.")),
    Field("actor", IDENTIFIER, help=N_("Person who acts and signs.")),
    Field("occurred_at", TIME, help=N_("When it happened; now where nothing is said.")),
    Field("late_reason", LONG_TEXT, False, help=N_("Why it is entered later than it happened.")),
    Field("note", LONG_TEXT, False, True, help=N_("Anything else to be said.")),
    Field("attachments", ATTACHMENTS, False, help=N_("Files: photographs, chromatograms, forms.")),
    Field("ordinal", SEQ, False, help=N_("Which event of its case, or of its run …, it is.")),
    Field(
        "exhibit_ordinals",
        records(
            Field("exhibit", IDENTIFIER, help=N_("Exhibit or container that it is about.")),
            Field("ordinal", SEQ, help=N_("Which event about it this is.")),
        ),
        False,
        help=N_("Which event about each exhibit it is."),
    ),
)


@dataclass(slots=True)
class Act:
    """One event, to be added or replayed.

    Attributes
    ----------
    seq : int
    ledger : str
    key : str
        Id of the key that signs.
    recorded_at : str
    fields : dict
        Name to value; `ERASED` where the opening was erased.
    earlier : callable
        ``seq -> dict`` of the fields of an earlier event, or None where there is none.
    commitments : dict
        Name to commitment, as they are signed.
    """

    seq: int
    ledger: str
    key: str
    recorded_at: str
    fields: dict[str, Any]
    earlier: Callable[[int], dict[str, Any] | None]
    commitments: dict[str, str] = field(default_factory=dict)

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
    name : str
    summary : str
        One line, for help and documentation.
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
    summary: str
    roles: tuple[str, ...]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    change: Callable[[State, Act], None] = lambda state, act: None
    known: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known.update(
            {known_field.name: known_field for known_field in (*COMMON_FIELDS, *self.fields)}
        )
