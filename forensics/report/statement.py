"""Everything that a report says, typed: the form of a report in JSON, whose keys are the names of the fields.

Keys are never translated. A finding has its record and what was read back from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, TypeAlias, get_type_hints

from forensics.core.result import Result
from forensics.core.stored import from_stored, stored, to_stored
from forensics.custody.findings import canonical_value
from forensics.errors import InputError
from forensics.messages import N_
from forensics.stored_results import find_kind


class DetailKind(StrEnum):
    """What an entry of the details is; the values are for people."""

    TEXT = N_("text")
    TEXTS = N_("list of texts")
    DAY = N_("date")
    EVENTS = N_("list of numbers")
    OPINION = "opinion"


DetailText: TypeAlias = Annotated[str | None, DetailKind.TEXT]
"""A text that is an entry of the details; of other kinds it is said at the field, in the same way."""


def details_of(cls: type) -> dict[str, DetailKind]:
    """Return the fields of a class that are entries of the details of a report, by what their types say."""
    return {
        name: kind
        for name, hint in get_type_hints(cls, include_extras=True).items()
        for kind in getattr(hint, "__metadata__", ())
        if isinstance(kind, DetailKind)
    }


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A result that was read back.

    Attributes
    ----------
    kind : str
        The name of its `forensics.stored_results.ResultKind`.
    result : PlainResult, mapping or None
        Typed; of the kind ``other`` as it was recorded.
    problem : str
        Why a result of this kind could not be read; it is then stated as it was recorded.
    contradicted : tuple of str
        Places of the record that say otherwise than its own figures: what a report states follows from
        the figures, and the record must not say something else.
    """

    kind: str
    result: Any
    problem: str = ""
    contradicted: tuple[str, ...] = ()


def read_back(finding: str, record: Mapping[str, Any] | None) -> ReadBack:
    """Return what a record says.

    Parameters
    ----------
    finding : str
        Kind of the finding, as the ledger has it.
    record : mapping or None
        With ``sample`` and ``provenance``.

    Returns
    -------
    ReadBack
        Of the kind ``other`` where a person wrote it, or no result of a known form is recorded.
    """
    kind = find_kind(record, finding)
    if record is None or kind is None:
        return ReadBack("other", record)
    try:
        result = kind.read(record)
    except InputError as error:
        return ReadBack("other", record, str(error))
    if not isinstance(result, Result):
        return ReadBack(kind.name, result)
    return ReadBack(kind.name, result, contradicted=tuple(_find_contradictions(record, result)))


# Sentences, in the language of whoever examined, by the version of then; and how it was reached.
_NOT_COMPARED = ("result", "explanation", "limits", "warnings", "provenance")


def _find_contradictions(record: Mapping[str, Any], result: Result) -> Iterator[str]:
    """Yield the places at which a record says otherwise than what was read from it.

    Keys that the record or the result has alone are passed over.
    """
    computed = canonical_value(to_stored(result))
    for key, value in canonical_value(dict(record)).items():
        if key not in _NOT_COMPARED and key in computed:
            yield from _differing(value, computed[key], key)


def _differing(recorded: Any, computed: Any, place: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for key in filter(recorded.__contains__, computed):
            yield from _differing(recorded[key], computed[key], f"{place}.{key}")
    elif isinstance(recorded, list) and isinstance(computed, list):
        if len(recorded) != len(computed):
            yield place
        for number, (value, other) in enumerate(zip(recorded, computed)):
            yield from _differing(value, other, f"{place}.{number}")
    elif recorded != computed and not _is_same_number(recorded, computed):
        yield place


def _is_same_number(recorded: object, computed: object) -> bool:
    """Return whether both are one number: scripts record whole numbers, and 1.0 may stand as 1."""
    try:
        return isinstance(computed, str) and float(str(recorded)) == float(computed)
    except ValueError:
        return False


Number = Any
"""A number of a record: as decimal text in what comes from the ledger, as a number in what a report computes."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read, without the folder in which it lay."""

    file: str
    sha256: Any


@dataclass(frozen=True, slots=True)
class MadeWith:
    """Program and version that made a finding; None where that is not recorded."""

    software: Any
    version: Any


@dataclass(frozen=True, slots=True)
class Way:
    """Right and wrong calls in one way of validating: species in the library, or taken out of it.

    Attributes
    ----------
    way : str
        ``known`` or ``species_out``.
    wrong, calls, trials, species : int
    upper : float
        Upper bound of the share of wrong calls, 0-1.
    """

    way: str
    wrong: int
    calls: int
    trials: int
    species: int
    upper: float


@dataclass(frozen=True, slots=True)
class SpeciesError:
    """Of how many species at least one call was wrong, counted as badly as it can be."""

    wrong: int
    species: int
    upper: float


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors among calls like the one reported, in a validation that the laboratory accepted.

    Attributes
    ----------
    event : int
        The acceptance.
    rank : str
        Where it is genus, calls of a species count by their genus.
    locus : str
    length : str
        ``full``, or bases.
    wrong, calls, species : int
    ways : tuple of Way
    by_call : float
        Upper bound that takes the calls as independent.
    by_species : SpeciesError
    upper : float
        The larger of both bounds.
    level : float
        Of the bounds.
    """

    event: int
    rank: str
    locus: str
    length: str
    wrong: int
    calls: int
    species: int
    ways: tuple[Way, ...]
    by_call: float
    by_species: SpeciesError
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How the laboratory accepted what a finding rests on."""

    event: int
    name: Any
    scope: Any
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorCall:
    """The call of a sequence under another prior.

    Attributes
    ----------
    prior : str
        That the library holds the species.
    status : str
    rank, taxon : str or None
        None where no name is given.
    probability : number or None
        Of the call.
    none : number or None
        Of a species that the library lacks.
    not_excluded : tuple of str
        Species.
    reported : number or None
        Probability, under this prior, of the taxon that is reported in the end.
    shares : mapping of str to number
        Under an even prior, of each species that was compared and of ``none`` of the library.
    interval : tuple of (number, number), or None
        Under an even prior, of the species that was called, 95 %.
    missing : tuple of str
        Under an even prior, species of the genus that the library lacks.
    """

    prior: str
    status: str
    rank: str | None
    taxon: str | None
    probability: Number
    none: Number
    not_excluded: tuple[str, ...]
    reported: Number = None
    shares: Mapping[str, Number] = field(default_factory=dict)
    interval: tuple[Number, Number] | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparedRecord:
    """The record by which a species is nearest to the questioned sequence; "" for what is not recorded of it.

    Attributes
    ----------
    species, accession, voucher, institution, country : str
    differences : tuple of str
        As ``12 A/G``: the base of the questioned sequence, from 1, with its letter and that of the record; ``-`` is
        a gap.
    """

    species: str
    accession: str
    voucher: str
    institution: str
    country: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExaminedSequence:
    """What was examined when an identification was computed again.

    Attributes
    ----------
    sequence : str
        The questioned sequence, in capital letters.
    primers : tuple of str
        What was said of primers that were cut off.
    records : tuple of ComparedRecord
        Of the nearest species, best first.
    """

    sequence: str
    primers: tuple[str, ...]
    records: tuple[ComparedRecord, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Two propositions that somebody asked the laboratory to weigh.

    Attributes
    ----------
    event : int
    thing : str
        Exhibit or sample.
    kind : str
        Of the findings that answer it.
    asked_by : str or None
        None where it was erased by order.
    question : str
        In words.
    named, against : str
        What the propositions name; "" where none were recorded.
    beside : str or None
        The other animal, of individuals and kin.
    """

    event: int
    thing: str
    kind: str
    asked_by: str | None
    question: str
    named: str
    against: str
    beside: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a finding; `blind` where it was made before the reviewer saw the call.

    `authorised` is the event in which a second person let one person make both reviews.
    """

    event: int
    reviewer: str
    reviewer_name: str
    at: str
    stage: str
    outcome: str
    blind: Any
    interpretation: str | None
    comment: str | None
    authorised: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is attached to a finding; `base64` is empty where its file is not the recorded one."""

    name: str
    kind: str
    sha256: str
    base64: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What protects a taxon that is reported.

    Attributes
    ----------
    taxon : str
    day : str
        On which it was asked for.
    basis : str
        What happened on that day: ``seizure``, ``receipt`` or ``finding``.
    as_of : str
        Day of the list of Appendices.
    appendices : tuple of str
    lines : tuple of (str, str)
        What a text is of (`forensics.taxonomy.listings.results.LABELS`), and the text.
    """

    taxon: str
    day: str
    basis: str
    as_of: str
    appendices: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Animals of an evaluation whose posterior was about `stated`, and of how many the name was right."""

    stated: Number
    animals: int
    right: int


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding of the ledger in a report.

    Attributes
    ----------
    event : int
    kind : str
        As the ledger has it.
    sample, exhibit : str
    found_at : str
    analyst, analyst_name : str
    runs : tuple of str
    result : mapping or None
        As it was recorded; `read` is what it says.
    text : str or None
        What a person wrote down instead.
    explanation : str or None
    library, parameters, dependencies : mapping or None
    plugins : mapping or None
        Those that took part, as provenance has them; None where there are none.
    inputs : tuple of InputFile
    software : MadeWith
    errors : dict of str to ErrorRate or None
        By rank; empty where the finding is not an identification.
    accepted : Acceptance or None
    priors : tuple of PriorCall, or None
        None where no call was computed again.
    differs : tuple of str, or None
        Places that came out otherwise when it was computed again; None where it was not.
    reviews : tuple of Review
    figures : tuple of Picture
    prior_reason : str or None
        Why the prior was used, from the details.
    priors_missing : str or None
        Why there are no `priors`.
    noted : tuple of str, or None
        Limits and warnings of the result that was computed again and came out the same.
    again : str or None
        Of other kinds than identification: ``same`` or ``differs``; None where it was not computed
        again.
    again_missing : str or None
        Why it was not.
    again_by_default : bool or None
        Whether its tables were then read with the default options.
    listings : tuple of Listing
    reliability : tuple of Bin
        Of the model of an origin that was computed again: what its evaluation by leaving out each animal gave.
    asked : tuple of Question
        Those that it answers: recorded before it where there are any, else after it.
    examined : ExaminedSequence or None
        Of an identification that was computed again.
    """

    event: int
    kind: str
    sample: str
    exhibit: str
    found_at: str
    analyst: str
    analyst_name: str
    runs: tuple[str, ...]
    result: Mapping[str, Any] | None
    text: str | None
    explanation: str | None
    library: Mapping[str, Any] | None
    parameters: Mapping[str, Any] | None
    inputs: tuple[InputFile, ...]
    software: MadeWith
    dependencies: Mapping[str, Any] | None
    plugins: Mapping[str, Any] | None = None
    errors: dict[str, ErrorRate | None]
    accepted: Acceptance | None
    priors: tuple[PriorCall, ...] | None = None
    differs: tuple[str, ...] | None = None
    reviews: tuple[Review, ...]
    figures: tuple[Picture, ...]
    prior_reason: str | None = None
    priors_missing: str | None = None
    noted: tuple[str, ...] | None = None
    again: str | None = None
    again_missing: str | None = None
    again_by_default: bool | None = None
    listings: tuple[Listing, ...] = ()
    reliability: tuple[Bin, ...] = ()
    asked: tuple[Question, ...] = ()
    examined: ExaminedSequence | None = None

    @cached_property
    def read(self) -> ReadBack:
        """The result, read back from the record."""
        return read_back(self.kind, self._record())

    @property
    def weighed(self) -> tuple[Question, ...]:
        """Those questions that have two propositions."""
        return tuple(question for question in self.asked if question.named)

    def _record(self) -> dict[str, Any] | None:
        """Return the result with its provenance, as it was stored before the ledger took them apart."""
        if not self.result:
            return None
        return {
            "sample": self.sample,
            **self.result,
            "provenance": {
                "software": self.software.software,
                "version": self.software.version,
                "library": self.library,
                "parameters": self.parameters,
                "dependencies": self.dependencies,
                **({"plugins": self.plugins} if self.plugins else {}),
            },
        }

    @property
    def is_computed_again(self) -> bool:
        """Whether its figures were computed again when the report was built, whatever came of it."""
        return bool(self.priors or self.again)

    @property
    def is_demonstration(self) -> bool:
        """Whether it rests on data that casework must not use."""
        return bool((self.library or {}).get("demonstration"))

    @property
    def options(self) -> Mapping[str, Any]:
        """The parameters with which it was made; empty where none are recorded."""
        return self.parameters or {}

    @property
    def technical_reviews(self) -> tuple[Review, ...]:
        """The technical reviews, in their order; the last word counts."""
        return tuple(review for review in self.reviews if review.stage == "technical")

    @property
    def is_agreed(self) -> bool:
        """Whether the last technical review agrees."""
        return [review.outcome for review in self.technical_reviews[-1:]] == ["agrees"]


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
    kind, population : str or None
        Kind of specimen, and the country in which it lived, as `forensics.listing_of` reads them.
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
    kind: str | None
    population: str | None


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
class Opinion:
    """An opinion, and whether its author was authorised for opinions on the day of issue."""

    author: DetailText
    kind: Annotated[str | None, DetailKind.OPINION]
    text: DetailText
    findings: Annotated[tuple[int, ...] | None, DetailKind.EVENTS]
    author_name: str | None
    authorised: bool


@dataclass(frozen=True, slots=True)
class OutsideWork:
    """Work by an outside provider, and the findings that rest on it."""

    provider: DetailText
    work: DetailText
    findings: Annotated[tuple[int, ...] | None, DetailKind.EVENTS]


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

    number: DetailText
    title: DetailText
    language: DetailText
    issued: Annotated[str | None, DetailKind.DAY]
    replaces: DetailText
    reason: DetailText


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Who made the report; `sites` are where the work was done."""

    name: str | None
    address: DetailText
    sites: Annotated[tuple[str, ...] | None, DetailKind.TEXTS]
    accreditation: DetailText


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asked for the report."""

    name: DetailText
    address: DetailText
    contact: DetailText


@dataclass(frozen=True, slots=True)
class Request:
    """The information that the analyst had; what was asked is recorded in the ledger."""

    information_given: DetailText


@dataclass(frozen=True, slots=True)
class Method:
    """How the laboratory examined, in its own words."""

    name: DetailText
    reference: DetailText
    deviations: DetailText
    uncertainty: DetailText
    limits: DetailText
    prior: DetailText


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
    """Who authorises the report; `enrolled` says whether the ledger knows the person, `is_manager` in which role.

    `relaxed` is the second person who let others have several parts in it: id, name, and the event.
    """

    person: DetailText
    name: str | None
    function: DetailText
    enrolled: bool
    is_manager: bool
    relaxed: tuple[str, str, int] | None = None


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
    unanswered : tuple of Question
        Of which the report has no finding.
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
        The law package that was given, and the event in which a manager accepted it (`accepted`, or None).
    draft : tuple of str
        Why it is but a draft; empty where it is none.
    """

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
    unanswered: tuple[Question, ...] = ()
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
    def questions(self) -> tuple[Question, ...]:
        """All questions, in the order in which they were recorded."""
        asked = {each.event: each for finding in self.findings for each in finding.asked}
        asked |= {each.event: each for each in self.unanswered}
        return tuple(asked[event] for event in sorted(asked))

    def number_of(self, event: int) -> int:
        """Return the number under which the report has a finding, counted from 1; the event where it has none."""
        events = [finding.event for finding in self.findings]
        return events.index(event) + 1 if event in events else event

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
