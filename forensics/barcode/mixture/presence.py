"""What a sample holds of each taxon: its reads in each PCR, their share, its sequences.

Everything here is stored as it stands (`forensics.core.stored`); the result of a sample is made of it
(`forensics.barcode.mixture.results`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from forensics.barcode.identification import Identification
from forensics.barcode.matching.candidates import ReportedCandidate
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.limits import Limit
from forensics.barcode.mixture.taxa import HUMAN, Taxon, is_of_person
from forensics.core.notice import Notice, NoticeKind
from forensics.core.stored import not_stored, reported, stored
from forensics.notices import calls, checks, listings, loci, mixture, search, sequence, unusable

__all__ = [
    "NOTICE_KINDS",
    "NearestRecord",
    "PcrReads",
    "Presence",
    "SequenceCall",
    "TaxonInControl",
    "TaxonInPcr",
    "TaxonInSample",
    "describe_sequence",
]

NOTICE_KINDS: Mapping[str, NoticeKind] = {
    code: kind
    for module in (unusable, sequence, search, checks, calls, loci, listings, mixture)
    for code, kind in module.KINDS.items()
}
"""Of a sample, and of the identifications of its sequences."""


class Presence(StrEnum):
    """What is said of a taxon in a sample."""

    PRESENT = "present"
    """Above its limit in as many PCRs as are needed."""
    ONE_PCR = "one_pcr"
    """Above its limit, in fewer PCRs than are needed."""
    BELOW = "below_limit"
    """Not above its limit in any PCR."""
    CONTAMINATION = "contamination"
    """Human."""


@dataclass(frozen=True, slots=True)
class PcrReads:
    """What became of the reads of a PCR, for one amplicon.

    Attributes
    ----------
    amplicon, pcr, role : str
    given : int or None
        Reads, or pairs, of the file; None where several PCRs are in it.
    sorted : int
        Those with the tags of this PCR and both primers, of all amplicons.
    examined : int
        Merged and good enough, of this amplicon.
    sequences : int
        Those in a sequence that could be distinguished from errors.
    chimeras : int
        Those in sequences put together from others.
    """

    KEYS: ClassVar[tuple[str, ...]] = (
        "amplicon", "pcr", "role", "given", "sorted", "examined", "sequences", "chimeras", "counted",
    )  # fmt: skip

    amplicon: str
    pcr: str
    role: str
    given: int | None
    sorted: int
    examined: int
    sequences: int
    chimeras: int

    @property
    @reported("counted")
    def counted(self) -> int:
        """Those that shares are of: in sequences, without chimeras."""
        return self.sequences - self.chimeras


@dataclass(frozen=True, slots=True)
class TaxonInPcr:
    """A taxon in a PCR of the sample: its reads, those that count there, and its limit."""

    KEYS: ClassVar[tuple[str, ...]] = ("pcr", "role", "reads", "counted", "limit", "above")

    pcr: str
    role: str
    reads: int
    counted: int
    limit: Limit

    @property
    @reported("above")
    def above(self) -> bool:
        """Whether there are more reads than the limit."""
        return self.reads > self.limit.reads


@dataclass(frozen=True, slots=True)
class TaxonInControl:
    """A taxon in a control: its reads, and those that count there."""

    pcr: str
    role: str
    reads: int
    counted: int


@dataclass(frozen=True, slots=True)
class NearestRecord:
    """The record that is nearest to a sequence; as of `forensics.barcode.matching.candidates`."""

    species: str
    identity: float
    coverage: float
    mismatches: int
    accession: str
    records: int


@dataclass(frozen=True, slots=True)
class SequenceCall:
    """A sequence of a taxon, and how it was identified.

    Attributes
    ----------
    sha1, sequence : str or None
        None where it may be of a person.
    length : int
        Bases.
    reads : dict of str to int
        In each PCR of the run, by its name.
    locus : str or None
    probability : float or None
        Of its call, 0-1; None where the library is not calibrated.
    nearest : NearestRecord or None
    not_excluded : tuple of str
        Species that the call does not exclude.
    notices : tuple of Notice
    """

    sha1: str | None
    sequence: str | None
    length: int
    reads: dict[str, int]
    locus: str | None
    probability: float | None
    nearest: NearestRecord | None
    not_excluded: tuple[str, ...]
    notices: tuple[Notice, ...] = field(metadata=stored("warnings"))


def describe_sequence(sequence: Denoised, call: Identification) -> SequenceCall:
    """Return what is stored of a sequence and its identification."""
    best = call.candidates[0] if call.candidates else None
    hidden = is_of_person(call)
    return SequenceCall(
        sha1=None if hidden else sequence.digest,
        sequence=None if hidden else sequence.sequence,
        length=call.length,
        reads=sequence.reads,
        locus=call.locus,
        probability=call.call.probability,
        nearest=_describe_nearest(best) if best else None,
        not_excluded=tuple(call.call.not_excluded),
        notices=tuple(call.warnings),
    )


def _describe_nearest(candidate: ReportedCandidate) -> NearestRecord:
    return NearestRecord(
        candidate.species,
        candidate.identity,
        candidate.coverage,
        candidate.mismatches,
        candidate.accession,
        candidate.records,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxonInSample:
    """A taxon in a sample.

    Attributes
    ----------
    amplicon : str
    presence : Presence
    status : str
        As of an identification, or ``human``.
    rank, name : str or None
        Of the call.
    label : str
        What people read, in the language of the run.
    share : float or None
        Of the reads that count, 0-1; None without reads.
    low, high : float
        Limits of its interval.
    interval : str
        How the interval was reached (`forensics.barcode.mixture.shares`).
    pcrs : tuple of TaxonInPcr
        Of the sample.
    controls : tuple of TaxonInControl
        Blanks and unused tags that have reads of it.
    sequences : tuple of SequenceCall
        Those with reads in the sample, the most frequent of the run first; none of a human one.
    weighed : Taxon or None
        The taxon of the run that it is of, with its identifications; None where it was read back.
    """

    KEYS: ClassVar[tuple[str, ...]] = (
        "amplicon", "presence", "status", "rank", "taxon", "label", "reads", "share_of_reads", "low",
        "high", "interval", "pcrs", "controls", "sequences",
    )  # fmt: skip

    amplicon: str
    presence: Presence
    status: str
    rank: str | None
    name: str | None = field(metadata=stored("taxon"))
    label: str
    share: float | None = field(metadata=stored("share_of_reads"))
    low: float
    high: float
    interval: str
    pcrs: tuple[TaxonInPcr, ...]
    controls: tuple[TaxonInControl, ...]
    sequences: tuple[SequenceCall, ...]
    weighed: Taxon | None = field(
        default=None, repr=False, compare=False, metadata=not_stored()
    )  # its calls are not stored whole

    @property
    @reported("reads")
    def reads(self) -> int:
        """Reads in all PCRs of the sample."""
        return sum(pcr.reads for pcr in self.pcrs)

    @property
    def counted(self) -> int:
        """Reads that count in all PCRs of the sample."""
        return sum(pcr.counted for pcr in self.pcrs)

    @property
    def pcrs_above(self) -> int:
        """PCRs in which it is above the limit."""
        return sum(pcr.above for pcr in self.pcrs)

    @property
    def is_named(self) -> bool:
        """Whether it is stated as present and was identified."""
        return self.presence == Presence.PRESENT and self.status == "identified"

    @property
    def is_human(self) -> bool:
        """Whether it is human."""
        return self.status == HUMAN

    @property
    def sequence_count(self) -> int | None:
        """Its sequences in the sample; None of a human one that was read back."""
        if self.weighed is not None and self.is_human:
            names = {pcr.pcr for pcr in self.pcrs}
            return sum(
                not names.isdisjoint(sequence.reads) for sequence, _call in self.weighed.members
            )
        return None if self.is_human else len(self.sequences)

    def max_reads(self, role: str) -> int:
        """Return the most reads that a control of that role has."""
        return max((control.reads for control in self.controls if control.role == role), default=0)
