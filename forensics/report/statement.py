"""Everything that a report says, typed: the form of a report in JSON.

The keys of the JSON are the names of the fields and are never translated. Reports of older versions are
read for ever: what those did not write has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forensics.core.stored import from_stored, stored, to_stored
from forensics.report.entries import (
    Correction,
    Exhibit,
    Moment,
    Omitted,
    Opinion,
    OutsideWork,
    Person,
    Plan,
    Run,
    Sample,
)
from forensics.report.finding import Finding

__all__ = [
    "FORMAT",
    "Authorisation",
    "Customer",
    "Laboratory",
    "LedgerMark",
    "Method",
    "OpenedCase",
    "ReportHead",
    "Request",
    "Software",
    "Statement",
    "TemplateMark",
    "read_statement",
]

FORMAT = 1
"""Version of the statement's form."""


@dataclass(frozen=True, slots=True)
class Software:
    """The program that made a report."""

    name: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class ReportHead:
    """Number, title and date of a report; `replaces` and `reason` where it amends another."""

    number: str | None
    title: str | None
    language: str | None
    issued: str | None
    replaces: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Who made the report; `sites` are where the work was done."""

    name: str | None
    address: str | None
    sites: tuple[str, ...] | None
    accreditation: str | None


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asked for the report."""

    name: str | None
    address: str | None
    contact: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """The question, and the information that the analyst had."""

    question: str | None
    propositions: tuple[str, ...] | None
    information_given: str | None


@dataclass(frozen=True, slots=True)
class Method:
    """How the laboratory examined, in its own words."""

    name: str | None
    reference: str | None
    deviations: str | None
    uncertainty: str | None
    limits: str | None
    prior: str | None


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """The case, as it was opened in the ledger; texts that were erased by order are None."""

    id: str
    opened: str
    agency: str | None
    reference: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who authorises the report; `enrolled` says whether the ledger knows the person."""

    person: str | None
    name: str | None
    function: str | None
    enrolled: bool


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """The ledger from which a report was built; `size` is the number of its events then."""

    id: str
    size: int
    fingerprint: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class TemplateMark:
    """The template of the pages."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Everything that a report says.

    Attributes
    ----------
    format : int
        `FORMAT`.
    software : Software
    report : ReportHead
    laboratory : Laboratory
    customer : Customer
    request : Request
    method : Method
    case : OpenedCase
    exhibits, samples, plans, runs : tuple
        Of `Exhibit`, `Sample`, `Plan`, `Run`.
    findings : tuple of Finding
    omitted : tuple of Omitted
    opinions, outside : tuple
        Of `Opinion`, `OutsideWork`: from the details.
    authorisation : Authorisation
    timeline, corrections, people : tuple
        Of `Moment`, `Correction`, `Person`.
    ledger : LedgerMark
    details_sha256 : str
        "" where no details were given.
    template : TemplateMark or None
    shown_in : str
        Language of the words.
    official_list : mapping or None
        The official list of Appendices that was given.
    draft : tuple of str
        Why it is but a draft; empty where it is none.
    """

    KEYS: ClassVar = (
        "format", "software", "report", "laboratory", "customer", "request", "method", "case",
        "exhibits", "samples", "plans", "runs", "findings", "omitted", "opinions", "outside",
        "authorisation", "timeline", "corrections", "people", "ledger", "details_sha256", "template",
        "shown_in", "official_list", "draft",
    )  # fmt: skip

    format: Any = FORMAT
    software: Software
    report: ReportHead
    laboratory: Laboratory
    customer: Customer
    request: Request
    method: Method
    case: OpenedCase
    exhibits: tuple[Exhibit, ...]
    samples: tuple[Sample, ...]
    plans: tuple[Plan, ...]
    runs: tuple[Run, ...]
    findings: tuple[Finding, ...]
    omitted: tuple[Omitted, ...]
    opinions: tuple[Opinion, ...]
    outside: tuple[OutsideWork, ...]
    authorisation: Authorisation
    timeline: tuple[Moment, ...]
    corrections: tuple[Correction, ...]
    people: tuple[Person, ...]
    ledger: LedgerMark
    details_sha256: str
    template: TemplateMark | None = None
    shown_in: str = ""
    official_list: Mapping[str, Any] | None = field(default=None, metadata=stored(omit_none=True))
    draft: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON has them."""
        return to_stored(self)

    @property
    def is_training(self) -> bool:
        """Whether its ledger is one for training: nothing in it is casework."""
        return self.ledger.kind == "training"


def read_statement(record: object) -> Statement:
    """Return what a report in JSON says.

    Parameters
    ----------
    record : mapping
        Plain values, as they are read from the file; see `forensics.core.stored.missing_keys` for what
        may be missing.

    Raises
    ------
    forensics.core.stored.WrongRecord
        If a key is missing, or a value is not of its type.
    """
    return from_stored(Statement, record)
