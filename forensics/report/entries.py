"""The entries of a statement: items, samples, plans, runs, events, people, corrections, opinions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forensics.core.stored import not_stored, stored, to_stored
from forensics.report.finding import Review

__all__ = [
    "Bound",
    "Change",
    "Control",
    "Correction",
    "Exhibit",
    "Flag",
    "Moment",
    "Omitted",
    "Opinion",
    "OutsideWork",
    "Person",
    "Plan",
    "Run",
    "Sample",
]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An item that was received.

    Attributes
    ----------
    exhibit, description, quantity, unit : str
        The quantity as decimal text.
    remaining : str or None
    condition : str or None
        On receipt.
    seals, broken_seals : tuple of str
    received_at, received_by : str
    event : int
        The receipt.
    gone : str or None
        How it ceased to be.
    seized_at, seizing_agency, seizure_place, received_from : str or None
    """

    exhibit: str
    description: str
    quantity: str
    unit: str
    remaining: str | None
    condition: str | None
    seals: tuple[str, ...]
    broken_seals: tuple[str, ...]
    received_at: str
    received_by: str
    event: int
    gone: str | None
    seized_at: str | None
    seizing_agency: str | None
    seizure_place: str | None
    received_from: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was taken of an item or of another sample."""

    sample: str
    source: str = field(metadata=stored("from"))
    exhibit: str
    quantity: str
    unit: str
    remaining: str | None
    method: str | None
    taken_at: str
    event: int


@dataclass(frozen=True, slots=True)
class Bound:
    """How many of all items have a taxon at least.

    Attributes
    ----------
    taxon : str
    of, named : int
        Items that were chosen, and of these reported as the taxon.
    at_least : int
        Of all.
    rest, rest_at_least : int
        Items that were not chosen, and how many of them have the taxon at least.
    level : float
        Confidence.
    """

    taxon: str
    of: int
    named: int
    at_least: int
    rest: int
    rest_at_least: int
    level: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How items were chosen from more.

    Attributes
    ----------
    population : int
    grouping : str or None
    method : str or None
        By which they were chosen.
    chosen : int
        How many.
    reference : str or None
        The guideline.
    things : tuple of str
        Items and samples of the plan.
    chosen_by : str
    event : int
    examined : int
        Items of the plan with a finding that counts.
    bounds : tuple of Bound
    """

    population: int
    grouping: str | None
    method: str | None
    chosen: int
    reference: str | None
    things: tuple[str, ...]
    chosen_by: str
    event: int
    examined: int = 0
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a run; `result` is None while it is open."""

    control: str
    kind: str
    result: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """A batch in the laboratory, with its controls."""

    run: str
    kind: str
    performed_at: str
    protocol: str | None
    instrument: str | None
    provider: str | None
    controls: tuple[Control, ...]
    missing_or_failed: tuple[str, ...]
    deviation: str | None
    event: int


@dataclass(frozen=True, slots=True)
class Omitted:
    """A finding of the case that is not in the report."""

    event: int
    kind: str
    sample: str
    reviews: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class _FromDetails:
    """An entry of the details, which keeps the order in which people wrote its keys.

    Attributes
    ----------
    keys : tuple of str
        In their order; empty where it was read back.
    """

    keys: tuple[str, ...] = field(default=(), kw_only=True, metadata=not_stored())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON has them."""
        values = to_stored(self)
        return {key: values[key] for key in (*self.keys, *values) if key in values}


@dataclass(frozen=True, slots=True)
class Opinion(_FromDetails):
    """An opinion, and whether its author was authorised for opinions on the day of issue."""

    author: str | None = field(default=None, metadata=stored(omit_none=True))
    kind: str | None = field(default=None, metadata=stored(omit_none=True))
    text: str | None = field(default=None, metadata=stored(omit_none=True))
    findings: tuple[int, ...] | None = field(default=None, metadata=stored(omit_none=True))
    author_name: str | None = None
    authorised: bool = False


@dataclass(frozen=True, slots=True)
class OutsideWork(_FromDetails):
    """Work by an outside provider, and the findings that rest on it."""

    provider: str | None = field(default=None, metadata=stored(omit_none=True))
    work: str | None = field(default=None, metadata=stored(omit_none=True))
    findings: tuple[int, ...] | None = field(default=None, metadata=stored(omit_none=True))


@dataclass(frozen=True, slots=True)
class Flag:
    """What the ledger flagged of an event."""

    code: str
    about: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An event of the case in its timeline.

    Attributes
    ----------
    event : int
    at, recorded_at : str
    not_later_than : str or None
        When somebody outside countersigned a head that covers it.
    by : str
    type : str
    about : mapping
        Fields of the event, by name.
    flags : tuple of Flag
    corrected_by : tuple of int
        Events.
    """

    event: int
    at: str
    recorded_at: str
    not_later_than: str | None
    by: str
    type: str
    about: Mapping[str, Any]
    flags: tuple[Flag, ...]
    corrected_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a correction changes; `about` is the item, where an event states several."""

    about: str
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction in the ledger; `applied` where the report states the new value."""

    event: int
    corrects: int
    at: str
    by: str
    field: str
    old: Any
    new: Any
    reason: str | None
    applied: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acted in the case; a competence is a name with its first and last day."""

    person: str
    name: str
    agency: str | None
    roles: tuple[str, ...]
    competences: tuple[tuple[str, str, str], ...]
