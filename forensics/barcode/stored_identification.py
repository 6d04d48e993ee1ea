"""Reads identifications back: from the JSON of ``forensics identify``, and from findings of the ledger."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeVar

from forensics.barcode.calling.combine import Combination, Member, Voice
from forensics.barcode.calling.criteria import Evaluation
from forensics.barcode.calling.decision import Call, Probabilities
from forensics.barcode.calling.far import FarPlacement
from forensics.barcode.calling.reasons import Reasons
from forensics.barcode.identification import Identification, ListedCall, RecordedListings
from forensics.barcode.locus import DECIDING, LOCI
from forensics.barcode.matching.search import (
    HORIZON,
    MARGIN,
    NearestRecord,
    ReportedCandidate,
    reported_candidate,
    reporting_cutoff,
)
from forensics.barcode.recognition import Recognised
from forensics.barcode.reference.library import Where, living_in
from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.stored import Written, from_stored, names_of_fields, wrong_value
from forensics.messages import N_
from forensics.notices import SEQUENCE_SUBJECTS, Kinds

Status = Literal["identified", "inconclusive", "nothing_near", "unusable"]
Rank = Literal["species", "unit", "genus", "family"]


@dataclass(frozen=True, slots=True)
class _StoredCandidate(NearestRecord):
    """What is stored of a candidate; its probability stands among those of the call, too."""

    deposited: str = ""


@dataclass(frozen=True, slots=True)
class _StoredIdentification:
    """What is stored of an `Identification`; what is left out where there is none has a default."""

    query: str
    index: int
    length: int
    locus: str | None
    strand: str | None
    status: Status
    rank: Rank | None
    taxon: str | None
    probability: float | None
    candidates: tuple[_StoredCandidate, ...]
    search_exhaustive: bool
    floor: float
    warnings: tuple[Notice, ...]
    provenance: Provenance
    probabilities: Probabilities | None
    listings: tuple[dict[str, Any], ...]
    listing_of_call: ListedCall | None
    reasons: dict[str, Any] | None
    criteria: dict[str, Any] | None
    locus_recognised: Recognised | None
    placement: FarPlacement | None = None
    description: str = ""
    part: str = ""
    probability_interval: tuple[float, float] | None = None
    missing_congeners: tuple[str, ...] = ()
    missing_in_region: Where = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _StoredCombination:
    """What is stored of a `Combination`, below ``combined``."""

    queries: tuple[str, ...]
    molecules: tuple[Voice, ...]
    compared: tuple[str, ...]
    left_out: tuple[str, ...]
    status: Status
    rank: Rank | None
    taxon: str | None
    probability: float | None
    not_excluded: tuple[str, ...]
    confidence: float
    warnings: tuple[Notice, ...]
    provenance: Provenance
    probabilities: Probabilities | None
    members: tuple[Member, ...]
    missing_congeners: tuple[str, ...] = ()
    missing_in_region: Where = field(default_factory=dict)


def _lacking(known: _StoredIdentification | _StoredCombination) -> Where:
    """Return the missing congeners, each with the countries of the region where it lives."""
    return living_in(known.missing_congeners, known.missing_in_region)


MadeT = TypeVar("MadeT", Call, Identification, Combination)


def _made(kind: type[MadeT], known: object, **other: Any) -> MadeT:
    """Return a result from what is stored of it: what both call by one name, and the rest as it is given."""
    shared = {name: getattr(known, name) for name in names_of_fields(kind) if hasattr(known, name)}
    return kind(**(shared | other))


_KINDS = Kinds(*SEQUENCE_SUBJECTS, "mixture")


def read_identification(record: Mapping[str, Any]) -> Identification:
    """Return the identification that `Identification.to_dict` wrote, from its JSON or from the ledger.

    Parameters
    ----------
    record : mapping
        Plain values; numbers may be texts.

    Raises
    ------
    InputError
        If it is not such a record.
    """
    known = from_stored(_StoredIdentification, record, kinds=_KINDS)
    reasons = None
    if known.reasons is not None and known.locus is not None:
        reasons = Reasons.from_stored(known.reasons, known.locus)
    result = _made(
        Identification,
        known,
        call=_made(
            Call,
            known,
            interval=known.probability_interval,
            doubted=any(notice.code in DECIDING for notice in known.warnings),
        ),
        candidates=_read_candidates(known, reasons),
        proved_to=_proved_to(known),
        reasons=reasons,
        criteria=None if known.criteria is None else Evaluation.from_stored(known.criteria),
        recognised=known.locus_recognised,
        lacking=_lacking(known),
        listings=RecordedListings(known.listings, known.listing_of_call),
    )
    return replace(result, written=Written.compare(record, result.to_dict()))


def _read_candidates(
    known: _StoredIdentification, reasons: Reasons | None
) -> tuple[ReportedCandidate, ...]:
    lengths = {}
    for compared in (reasons.subject, reasons.other) if reasons else ():
        if compared:
            lengths[compared.species, compared.accession] = compared.length
    return tuple(
        reported_candidate(
            length=lengths.get((each.species, each.accession)) or _length_compared(each, known),
            **asdict(each),
        )
        for each in known.candidates
    )


def _length_compared(candidate: _StoredCandidate, known: _StoredIdentification) -> int | None:
    """Return the bases compared, which follow from identity or coverage; None where they do not."""
    if candidate.mismatches and candidate.identity < 1:
        return round(candidate.mismatches / (1 - candidate.identity))
    expected = {locus.name: locus.expected_length for locus in LOCI}.get(known.locus or "")
    if expected is None:
        return None
    basis = min(known.length, expected)
    if candidate.coverage < 1 or basis == known.length:
        return round(candidate.coverage * basis)
    return None  # at least so many as are expected, at most as many as the query has


def _proved_to(known: _StoredIdentification) -> float:
    """Return the identity that no other species reaches, which follows from the candidates."""
    if known.status == "unusable":
        return 1.0
    parameters = known.provenance.parameters
    return reporting_cutoff(
        (candidate.identity for candidate in known.candidates),
        floor=known.floor,
        margin=float(parameters.get("margin", MARGIN)),
        horizon=float(parameters.get("horizon", HORIZON)),
    )


def read_combination(record: Mapping[str, Any]) -> Combination:
    """Return the combination of loci that `Combination.to_dict` wrote.

    Raises
    ------
    InputError
        If it is not such a record.
    """
    combined = record.get("combined") if isinstance(record, Mapping) else record
    if not isinstance(combined, Mapping):
        raise wrong_value("combined", combined, N_("named values"))
    known = from_stored(_StoredCombination, combined, kinds=_KINDS, place="combined")
    result = _made(
        Combination,
        known,
        voices=known.molecules,
        call=_made(Call, known),
        lacking=_lacking(known),
    )
    return replace(result, written=Written.compare(record, result.to_dict()))
