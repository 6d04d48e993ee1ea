"""What a sample holds of each taxon: its reads in each PCR, their share, and the limit from which it is present.

Sequences of a run are put together by what was identified. What is said of each taxon is stored as
it stands (`forensics.core.stored`); the result of a sample is made of it
(`forensics.barcode.mixture.results`).

**Shares** are of reads, never of material. With one PCR their interval says that so many of so many
reads were drawn; with several, also that PCRs differ. It does not hold primers that fit one species
better than another, more mitochondria in one tissue than in another, DNA that was lost. Those may
shift a share by ten times.

**Limits** are set from the controls of the run. Reads get into a PCR from elsewhere in two ways, and
each has its limit; the greater one counts.

*Contamination*, seen in blanks. The limit is the upper bound (Poisson, 95 %) of the most reads
that any blank has of the taxon, and at least the most reads that any blank has of any taxon: what
came into one tube may come into another. A PCR that was sequenced deeper than the median one has
a limit that is higher in proportion. Of a contaminant that comes as often into samples as into
blanks, the most in *n* blanks is exceeded in one PCR of *n* + 1 by chance, which is why a second
PCR is asked for. Human reads are distinguished and set no limit to others.

*Jumps between samples*, seen in tag pairs that were not used, or, without those, in blanks. The
share of the run's reads that the worst of these controls has (its upper bound) is the share of a
taxon's reads elsewhere in the run that may have come into this PCR; the limit is the 95 % quantile
of Poisson's distribution with that mean.

Without blanks the contamination of the run is not known, and a plain share of the PCR's reads
takes its place.

References
----------
Counts of several PCRs: Korn & Graubard 1998, Survey Methodology 24:193-201. Bias of PCR: McLaren,
Willis & Callahan 2019, doi:10.7554/eLife.46923.
The most reads in controls, together with a share of the sample's reads, kept false detections out
best of the rules compared by Drake et al. 2022, doi:10.1111/2041-210X.13780. Tag jumps: Schnell,
Bohmann & Gilbert 2015, doi:10.1111/1755-0998.12402. Replicates: Ficetola et al. 2015,
doi:10.1111/1755-0998.12338.
"""

import math
import statistics
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import ClassVar

from forensics.barcode.identification import Identification
from forensics.barcode.matching.search import NearestRecord
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.sheet import BLANK, SAMPLE, UNUSED, Pcr
from forensics.barcode.reference.library import UNIT
from forensics.core.grouping import grouped
from forensics.core.notice import Notice
from forensics.core.stored import not_stored, reported, stored
from forensics.messages import _, name_some
from forensics.notices import SEQUENCE_SUBJECTS, Kinds
from forensics.stats import LEVEL, poisson_upper, wilson

HUMAN = "human"
# Of a person, or perhaps: neither bases nor digest of such a sequence leave the working folder.
_PERSONAL = frozenset({"HUMAN", "POSSIBLY_HUMAN", "ELIMINATION_MATCH"})
_CERTAIN = frozenset({"HUMAN", "ELIMINATION_MATCH"})
_MAX_NAMED = 3  # species of a set that a name gives before it stops


@dataclass(frozen=True)
class Taxon:
    """What was identified, and the sequences that were identified so.

    Attributes
    ----------
    status : str
        As of an identification, or ``human``.
    rank, name : str or None
        Of the call.
    label : str
        What people read.
    members : tuple of (Denoised, Identification)
        The most frequent first.
    reads : dict of str to int
        Of each PCR, by its name.
    """

    status: str
    rank: str | None
    name: str | None
    label: str
    members: tuple[tuple[Denoised, Identification], ...]
    reads: dict[str, int]


def is_of_person(call: Identification) -> bool:
    """Return whether a sequence is, or may be, of a person."""
    return not _PERSONAL.isdisjoint(warning.code for warning in call.warnings)


def group_by_taxon(identified: Iterable[tuple[Denoised, Identification]]) -> list[Taxon]:
    """Put sequences together that have one call; the taxon with most reads comes first.

    Sequences to which nothing is near stay apart: they may be of several animals. So do
    inconclusive ones that have not the same species left.
    """
    taxa = []
    for members in grouped(identified, lambda pair: _key(*pair)).values():
        members.sort(key=lambda member: (-member[0].read_count, member[0].digest))
        reads: Counter[str] = Counter()
        for denoised, _call in members:
            reads.update(denoised.reads)
        call = members[0][1]
        status = _status(call)
        taxa.append(
            Taxon(
                status,
                call.rank,
                call.taxon,
                label_taxon(status, call),
                tuple(members),
                dict(reads),
            )
        )
    return sorted(taxa, key=lambda taxon: (-sum(taxon.reads.values()), taxon.label))


def _status(call: Identification) -> str:
    if not _CERTAIN.isdisjoint(warning.code for warning in call.warnings):
        return HUMAN
    return call.status


def _key(sequence: Denoised, call: Identification) -> Hashable:
    """Return what sequences of one taxon have in common."""
    status = _status(call)
    if status == HUMAN:
        return (status,)
    if status == "identified":
        return status, call.rank, call.taxon
    if status == "inconclusive":
        return status, is_of_person(call), _species(call)
    if status == "unusable":
        return status, call.warnings[0].code
    return status, sequence.digest


def _species(call: Identification) -> tuple[str, ...]:
    """Return the species that are not excluded; without such a set the nearest one."""
    return tuple(call.call.not_excluded) or tuple(
        candidate.species for candidate in call.candidates[:1]
    )


def label_taxon(status: str, call: Identification) -> str:
    """Return what people read of a taxon, in their language, by the call of its first sequence."""
    if status == HUMAN:
        return _("human")
    if status == "identified":
        if call.rank == "species":
            return str(call.taxon)
        if call.rank == UNIT:
            return call.headline()
        return _("{taxon} (genus or family; the species is not settled)").format(taxon=call.taxon)
    if is_of_person(call):
        return _("possibly human, or another ape")
    if status == "unusable":
        return call.warnings[0].message.rstrip(".")
    best = call.candidates[0] if call.candidates else None
    if best is None:
        return _("nothing near enough in the library: no record reaches {floor:.0%}").format(
            floor=call.floor
        )
    if status == "inconclusive":
        return _("inconclusive; nearest: {names} ({identity:.1%})").format(
            names=name_some(_species(call), _MAX_NAMED), identity=best.identity
        )
    return _("nothing near enough in the library; nearest: {species} ({identity:.1%})").format(
        species=best.species, identity=best.identity
    )


COUNTING = "Wilson, counting of reads alone"
BETWEEN = "Korn & Graubard, between PCRs"


@dataclass(frozen=True)
class Share:
    """A share of reads with its interval.

    Attributes
    ----------
    share : float or None
        Pooled over the PCRs, 0-1; None without reads.
    low, high : float
        Limits of the interval at the level of 95 %.
    interval : str
        How it was reached: `COUNTING` or `BETWEEN`.
    """

    share: float | None
    low: float
    high: float
    interval: str


def estimate_share(counts: Sequence[tuple[int, int]]) -> Share:
    """Return the share of reads over one or several PCRs.

    Parameters
    ----------
    counts : sequence of (int, int)
        Of each PCR the reads of the taxon and all that count.

    Examples
    --------
    >>> alone = estimate_share([(50, 1000)])
    >>> pair = estimate_share([(20, 500), (30, 500)])
    >>> alone.share == pair.share, pair.high > alone.high
    (True, True)
    """
    filled = [(count, total) for count, total in counts if total]
    total = sum(pcr_total for _count, pcr_total in filled)
    count = sum(pcr_count for pcr_count, _total in filled)
    if not total:
        return Share(None, 0.0, 1.0, COUNTING)
    share = count / total
    if len(filled) < 2:
        return Share(share, *wilson(share, total), COUNTING)
    return Share(share, *wilson(share, _effective_size(filled, share, total)), BETWEEN)


def _effective_size(counts: Sequence[tuple[int, int]], share: float, total: int) -> float:
    """Return how many independent reads those of several PCRs are worth."""
    from scipy.special import stdtrit

    spread = sum((count - share * pcr_total) ** 2 for count, pcr_total in counts)
    size = float(total)
    if 0 < share < 1 and spread > 0:
        variance = len(counts) / (len(counts) - 1) * spread / total**2
        size = min(size, share * (1 - share) / variance)
    elif share in (0, 1):
        size = float(len(counts))
    # Few PCRs tell little of how PCRs differ.
    quantile = (1 + LEVEL) / 2
    ratio = float(stdtrit(max(total - 1, 1), quantile) / stdtrit(len(counts) - 1, quantile))
    return size * ratio**2


# One-sided level of bounds.
BOUND = 0.95
# Share of a PCR's reads that stands in for blanks. Drake et al. 2022 compared shares from 0.01 %
# up and found that none fits all data; 1 % is a strict one of those in use.
FALLBACK_SHARE = 0.01
# Independent PCRs in which a taxon must be above its limit, where there are as many.
PCRS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, in reads, and what set it.

    Attributes
    ----------
    contamination : float
        By blanks, or by `FALLBACK_SHARE`.
    jumps : float
        By reads that came from other PCRs; 0 without controls.
    """

    KEYS: ClassVar[tuple[str, ...]] = ("reads", "contamination", "jumps")

    contamination: float
    jumps: float

    @property
    @reported("reads")
    def reads(self) -> float:
        """A taxon is above the limit with more reads."""
        return max(self.contamination, self.jumps)


@dataclass(frozen=True, slots=True)
class LimitBasis:
    """What the limits of an amplicon were set from.

    Attributes
    ----------
    blanks, unused_tags : tuple of str
        Names of the controls.
    max_reads_in_blank : int or None
        The most reads that any blank has of any taxon; None without blanks.
    jump_rate : float or None
        Share of a taxon's reads elsewhere in the run that may have come into a PCR, 0-1; None
        without controls.
    fallback_share : float or None
        Share of a PCR's reads that stands in for blanks, 0-1; None where there are blanks.
    bound : float
        Level of the bounds.
    pcrs_needed : int
        PCRs in which a taxon must be above its limit.
    """

    blanks: tuple[str, ...]
    unused_tags: tuple[str, ...]
    max_reads_in_blank: int | None = field(metadata=stored("most_reads_of_a_taxon_in_a_blank"))
    jump_rate: float | None
    fallback_share: float | None
    bound: float
    pcrs_needed: int


class Limits:
    """The limits of one amplicon in a run.

    Parameters
    ----------
    pcrs : sequence of Pcr
        All of the run.
    counted : mapping of str to int
        Reads that count in each PCR, by its name.
    reads : sequence of (mapping of str to int)
        Of each taxon that can set limits (no human ones), its reads in each PCR.
    """

    def __init__(
        self,
        pcrs: Sequence[Pcr],
        counted: Mapping[str, int],
        reads: Sequence[Mapping[str, int]],
    ) -> None:
        self.counted, self._reads = counted, reads
        self.controls = [pcr for pcr in pcrs if pcr.control]
        self.blanks = [pcr for pcr in self.controls if pcr.role == BLANK]
        self.unused = [pcr for pcr in self.controls if pcr.role == UNUSED]
        self._depth = statistics.median(
            [counted.get(pcr.name, 0) for pcr in pcrs if pcr.role == SAMPLE] or [0]
        )
        self._max_in_blank = max(
            (counts.get(pcr.name, 0) for counts in reads for pcr in self.blanks), default=0
        )
        self.jump_rate = self._find_jump_rate()

    def _find_jump_rate(self) -> float:
        controls = self.unused or self.blanks
        total = sum(sum(counts.values()) for counts in self._reads)
        if not controls or not total:
            return 0.0
        worst = max(sum(counts.get(pcr.name, 0) for counts in self._reads) for pcr in controls)
        return min(1.0, poisson_upper(worst) / total)

    def set_limit(self, reads: Mapping[str, int], pcr: Pcr) -> Limit:
        """Return the limit for a taxon with these reads in each PCR, in one of them."""
        counted = self.counted.get(pcr.name, 0)
        if self.blanks:
            worst = max(reads.get(blank.name, 0) for blank in self.blanks)
            deeper = max(1.0, counted / self._depth) if self._depth else 1.0
            contamination = deeper * max(poisson_upper(worst), self._max_in_blank)
        else:
            contamination = FALLBACK_SHARE * counted
        elsewhere = sum(reads.values()) - reads.get(pcr.name, 0)
        return Limit(contamination, _poisson_quantile(self.jump_rate * elsewhere))

    @property
    def basis(self) -> LimitBasis:
        """What the limits were set from."""
        return LimitBasis(
            blanks=tuple(pcr.name for pcr in self.blanks),
            unused_tags=tuple(pcr.name for pcr in self.unused),
            max_reads_in_blank=self._max_in_blank if self.blanks else None,
            jump_rate=self.jump_rate if self.controls else None,
            fallback_share=None if self.blanks else FALLBACK_SHARE,
            bound=BOUND,
            pcrs_needed=PCRS_NEEDED,
        )


def _poisson_quantile(mean: float) -> float:
    """Return the least number that is not exceeded with the probability `BOUND`."""
    from scipy.special import pdtr, pdtrik

    if mean < -math.log(BOUND):  # none at all is likely enough
        return 0.0
    number = math.ceil(float(pdtrik(BOUND, mean)) - 1e-9)
    return float(number if pdtr(number, mean) >= BOUND else number + 1)


NOTICE_KINDS = Kinds(*SEQUENCE_SUBJECTS, "listings", "mixture")
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
class TaxonInControl:
    """A taxon in a control: its reads, and those that count there."""

    pcr: str
    role: str
    reads: int
    counted: int


@dataclass(frozen=True, slots=True)
class TaxonInPcr(TaxonInControl):
    """A taxon in a PCR of the sample: its reads, those that count there, and its limit."""

    KEYS: ClassVar[tuple[str, ...]] = ("pcr", "role", "reads", "counted", "limit", "above")

    limit: Limit

    @property
    @reported("above")
    def above(self) -> bool:
        """Whether there are more reads than the limit."""
        return self.reads > self.limit.reads


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
        nearest=NearestRecord(*(getattr(best, f.name) for f in fields(NearestRecord)))
        if best
        else None,
        not_excluded=tuple(call.call.not_excluded),
        notices=tuple(call.warnings),
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
        How the interval was reached.
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
