"""What the events so far amount to: people, keys, things, seals, offers, runs.

State is no record. It is what a replay gives, when an event is added and again in verification;
`registry.step` is the only thing that changes it. What is kept of it (`checked`) spares a command the replay.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from forensics.custody.fields import Labels
from forensics.errors import UsageError
from forensics.messages import _


@dataclass(slots=True)
class Key:
    """A public key (base64) and when it ceased to be valid, if it did."""

    person: str
    public_key: str
    enrolled: int
    expires: str = ""
    ended: int = 0
    ended_at: str = ""


@dataclass(slots=True)
class Person:
    """A person by id; the name is in a field that may be erased."""

    roles: frozenset[str]
    enrolled: int
    keys: list[str] = field(default_factory=list)
    competences: list[tuple[str, str, str]] = field(default_factory=list)
    agency: str = ""


@dataclass(slots=True)
class Case:
    """A case; `hold` is the event of a legal hold on all of it."""

    opened: int
    hold: int = 0


ItemKind = Literal["exhibit", "sample", "container"]


@dataclass(slots=True)
class Item:
    """An exhibit, a sample or a container.

    Exactly one of `holder` (person), `location` and `container` says where it is, while it
    exists. `used` counts on exhibits what was consumed of their whole lineage; `drift` is how
    far measurements moved the book since one was flagged. `gross` is the last weight with the
    packaging, as long as nothing was opened or taken since. `quarantine` is the event in which
    it was found after a loss, until a second person has accepted it.
    """

    kind: ItemKind
    case: str
    made: int
    root: str
    parent: str = ""
    purpose: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    remaining: Decimal | None = None
    drift: Decimal = Decimal(0)
    gross: Decimal | None = None
    used: Decimal = Decimal(0)
    holder: str = ""
    location: str = ""
    container: str = ""
    offer: int = 0
    seals: tuple[str, ...] = ()
    opened: bool = False
    gone: str = ""
    hold: int = 0
    quarantine: int = 0
    contents: int = 0
    last: str = ""

    @property
    def balance(self) -> Decimal:
        """What is left of it by the book, in its unit.

        Raises
        ------
        TypeError
            If it has no quantity, as a container has none.
        """
        if self.remaining is None:
            raise TypeError("a thing without a quantity")
        return self.remaining

    @property
    def whole(self) -> Decimal:
        """What it was when it was received or made, in its unit.

        Raises
        ------
        TypeError
            If it has no quantity.
        """
        if self.quantity is None:
            raise TypeError("a thing without a quantity")
        return self.quantity


@dataclass(slots=True)
class Seal:
    """One use of a seal number."""

    thing: str
    applied: int
    broken: int = 0
    broken_by: str = ""


@dataclass(slots=True)
class Offer:
    """A hand-over that waits for the receiver."""

    giver: str
    receiver: str
    things: tuple[str, ...]
    deadline: str
    paper: str = ""
    attested_by: str = ""


class Bulk(NamedTuple):
    """What events take in a bundle: bytes, but for proofs, and attached files, each time that one is named."""

    bytes: int = 0
    files: int = 0

    def plus(self, other: "Bulk") -> "Bulk":
        """Return what both take."""
        return Bulk(self.bytes + other.bytes, self.files + other.files)


@dataclass(slots=True)
class Authorisation:
    """What one person allows another to do once; `approved` maps field to commitment."""

    by: str
    act: str
    case: str
    things: frozenset[str]
    person: str
    subject: str
    approved: dict[str, str] = field(default_factory=dict)
    bulk: Bulk = Bulk()
    used: int = 0


@dataclass(slots=True)
class Run:
    """A batch in the laboratory; `controls` maps name to (kind, result)."""

    kind: str
    recorded: int
    things: set[str] = field(default_factory=set)
    controls: dict[str, tuple[str, str]] = field(default_factory=dict)
    deviation: int = 0


@dataclass(slots=True)
class Finding:
    """A finding by the number of its event."""

    by: str
    thing: str
    case: str
    runs: tuple[str, ...]
    reviewed: int = 0
    reviewer: str = ""


@dataclass(slots=True)
class Relaxed:
    """A part of the policy that was made laxer in event `seq`, until event `until` (0: still)."""

    seq: int
    at: str
    by: str
    agreed_by: str
    name: str
    before: Any
    after: Any
    until: int = 0
    until_at: str = ""


@dataclass(slots=True)
class Flag:
    """Something that was recorded although it is not as it should be."""

    seq: int
    code: str
    about: str = ""


@dataclass(slots=True)
class Series:
    """Events that are numbered together: those of a case, of a run, about keys (`custody.ordinals`).

    `events` and `authorisations` are numbers of events, the latter of those that have no case and are used
    by events of this series. `bulk` is of both. `rests_on` names other series.
    """

    count: int = 0
    events: list[int] = field(default_factory=list)
    authorisations: list[int] = field(default_factory=list)
    bulk: Bulk = Bulk()
    rests_on: set[str] = field(default_factory=set)


@dataclass(slots=True)
class State:
    """Everything that rules look at.

    `recorded_at` is the latest time at which any event so far was recorded. `head_time` is the latest
    time of a head that was signed over events so far; heads are not events, so a replay
    sets it where it has checked them. `exhibit_events` counts the events about each exhibit and container. `resting` maps a series to those that
    rest on it (`Series.rests_on`). `series_corrected` and
    `exhibits_corrected` are those of corrections and erasures, by their number.
    """

    seq: int = 0
    ledger: str = ""
    recorded_at: str = ""
    head_time: str = ""
    policy: dict[str, Any] = field(default_factory=dict[str, Any])
    relaxed: list[Relaxed] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    things: dict[str, Item] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    seals: dict[str, list[Seal]] = field(default_factory=dict)
    offers: dict[int, Offer] = field(default_factory=dict)
    forms: dict[str, int] = field(default_factory=dict)
    authorisations: dict[int, Authorisation] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    findings: dict[int, Finding] = field(default_factory=dict)
    reports: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    libraries: dict[str, int] = field(default_factory=dict)
    merged: dict[str, int] = field(default_factory=dict)
    erased_files: set[str] = field(default_factory=set)
    series: dict[str, Series] = field(default_factory=dict)
    resting: dict[str, set[str]] = field(default_factory=dict)
    exhibit_events: dict[str, int] = field(default_factory=dict)
    series_corrected: dict[int, str] = field(default_factory=dict)
    exhibits_corrected: dict[int, tuple[str, ...]] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    item_labels: Labels = field(default_factory=Labels)
    seal_labels: Labels = field(default_factory=Labels)
    case_labels: Labels = field(default_factory=Labels)

    def find_thing(self, name: str) -> Item:
        """Return a thing by its name.

        Raises
        ------
        UsageError
            If the ledger has none of that name.
        """
        item = self.things.get(name)
        if item is None:
            raise UsageError(
                _("The ledger has no exhibit, sample or container {name}.").format(name=name)
            )
        return item

    def require_case(self, case: str) -> None:
        """Raise `UsageError` if there is no such case."""
        if case not in self.cases:
            raise UsageError(_("The ledger has no case {case}.").format(case=case))

    def flag(self, seq: int, code: str, about: str = "") -> None:
        """Record a discrepancy, once for each event and thing."""
        new = Flag(seq, code, about)
        for known in reversed(self.flags[-50:]):
            if known.seq != seq:
                break
            if known == new:
                return
        self.flags.append(new)
