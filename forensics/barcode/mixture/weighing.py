"""From counts and identifications to what is said of each sample, with what must be known of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forensics.barcode.identification import Identification
from forensics.barcode.mixture.amplicons import Amplicon
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.limits import FALLBACK_SHARE, PCRS_NEEDED, Limits
from forensics.barcode.mixture.presence import (
    PcrReads,
    Presence,
    TaxonInControl,
    TaxonInPcr,
    TaxonInSample,
    describe_sequence,
)
from forensics.barcode.mixture.results import Mixture, Mixtures
from forensics.barcode.mixture.shares import estimate_share
from forensics.barcode.mixture.sheet import BLANK, POSITIVE, SAMPLE, Pcr
from forensics.barcode.mixture.taxa import HUMAN, Taxon, group_by_taxon
from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.messages import _
from forensics.notices import mixture as notices

__all__ = ["FEW_READS", "AmpliconSequences", "weigh_samples"]

# Under it, a component of 1 % is expected to have fewer than ten reads.
FEW_READS = 1000
# Under it, more reads were lost on the way than were kept.
_MANY_LOST = 0.5


@dataclass(frozen=True)
class AmpliconSequences:
    """The sequences of one amplicon, counted and identified.

    Attributes
    ----------
    amplicon : Amplicon
    examined : dict of str to int
        Reads of each PCR, by its name, that were merged and good enough.
    sequences : list of Denoised
        Chimeras among them.
    identified : list of (Denoised, Identification)
        Of those that are no chimeras.
    """

    amplicon: Amplicon
    examined: dict[str, int]
    sequences: list[Denoised]
    identified: list[tuple[Denoised, Identification]]

    @property
    def counted(self) -> Counter[str]:
        """Reads of each PCR that shares are of: in sequences that are no chimeras.

        The others are mostly reads with errors, which all taxa lose alike.
        """
        counts: Counter[str] = Counter()
        for sequence in self.sequences:
            if not sequence.chimera:
                counts.update(sequence.reads)
        return counts

    def count_reads(self, pcr: Pcr, counts: Mapping[str, int]) -> PcrReads:
        """Return what became of the reads of a PCR; `counts` are those of `sort_reads`."""
        return PcrReads(
            amplicon=self.amplicon.name,
            pcr=pcr.name,
            role=pcr.role,
            given=counts.get("reads"),
            sorted=counts.get("sorted", 0),
            examined=self.examined.get(pcr.name, 0),
            sequences=sum(sequence.reads.get(pcr.name, 0) for sequence in self.sequences),
            chimeras=sum(
                sequence.reads.get(pcr.name, 0) for sequence in self.sequences if sequence.chimera
            ),
        )


class _Weighed:
    """An amplicon of a run with its taxa and their limits."""

    def __init__(self, amplicon: AmpliconSequences, pcrs: Sequence[Pcr]) -> None:
        self.amplicon = amplicon
        self.taxa = group_by_taxon(amplicon.identified)
        self._counted = amplicon.counted
        self._controls = [pcr for pcr in pcrs if pcr.control]
        setting_limits = {
            str(number): taxon.reads
            for number, taxon in enumerate(self.taxa)
            if taxon.status != HUMAN
        }
        self.limits = Limits(pcrs, self._counted, setting_limits)

    def weigh(self, taxon: Taxon, pcrs: Sequence[Pcr]) -> TaxonInSample:
        """Return what is said of a taxon in the sample that these PCRs are of."""
        in_pcrs = tuple(
            TaxonInPcr(
                pcr.name,
                pcr.role,
                taxon.reads.get(pcr.name, 0),
                self._counted[pcr.name],
                self.limits.set_limit(taxon.reads, pcr),
            )
            for pcr in pcrs
        )
        share = estimate_share([(pcr.reads, pcr.counted) for pcr in in_pcrs])
        names = {pcr.name for pcr in pcrs}
        return TaxonInSample(
            amplicon=self.amplicon.amplicon.name,
            presence=_decide_presence(taxon, in_pcrs),
            status=taxon.status,
            rank=taxon.rank,
            name=taxon.name,
            label=taxon.label,
            share=share.share,
            low=share.low,
            high=share.high,
            interval=share.method,
            pcrs=in_pcrs,
            controls=tuple(
                TaxonInControl(
                    pcr.name, pcr.role, taxon.reads.get(pcr.name, 0), self._counted[pcr.name]
                )
                for pcr in self._controls
                if taxon.reads.get(pcr.name)
            ),
            sequences=()
            if taxon.status == HUMAN
            else tuple(
                describe_sequence(sequence, call)
                for sequence, call in taxon.members
                if not names.isdisjoint(sequence.reads)
            ),
            weighed=taxon,
        )


def _decide_presence(taxon: Taxon, in_pcrs: Sequence[TaxonInPcr]) -> Presence:
    """Return what is said of a taxon by the PCRs in which it is above its limit."""
    if taxon.status == HUMAN:
        return Presence.CONTAMINATION
    above = sum(pcr.above for pcr in in_pcrs)
    if above >= min(PCRS_NEEDED, len(in_pcrs)):
        return Presence.PRESENT
    return Presence.ONE_PCR if above else Presence.BELOW


def weigh_samples(
    pcrs: Sequence[Pcr],
    counts: Mapping[str, Mapping[str, int]],
    lost: Sequence[Mapping[str, int]],
    amplicons: Sequence[AmpliconSequences],
    provenance: Provenance,
) -> Mixtures:
    """Return the results, from what was counted and identified.

    Parameters
    ----------
    pcrs : sequence of Pcr
        Of all the run.
    counts : mapping of str to (mapping of str to int)
        Of each PCR what `sort_reads` counted.
    lost : sequence of mapping
        Of each set of files what belongs to no PCR.
    amplicons : sequence of AmpliconSequences
    provenance : Provenance
    """
    roles = {pcr.sample: pcr.role for pcr in pcrs if pcr.role in (SAMPLE, POSITIVE)}
    weighed = [_Weighed(amplicon, pcrs) for amplicon in amplicons]
    results = []
    for sample, role in roles.items():
        own_pcrs = [pcr for pcr in pcrs if pcr.sample == sample]
        reads = tuple(
            amplicon.count_reads(pcr, counts[pcr.name])
            for amplicon in amplicons
            for pcr in own_pcrs
        )
        taxa = [
            amplicon.weigh(taxon, own_pcrs)
            for amplicon in weighed
            for taxon in amplicon.taxa
            if any(taxon.reads.get(pcr.name) for pcr in own_pcrs)
        ]
        taxa.sort(key=lambda taxon: (-taxon.reads, taxon.label))
        results.append(
            Mixture(
                sample=sample,
                role=role,
                reads=reads,
                taxa=tuple(taxa),
                limit_bases={part.amplicon.amplicon.name: part.limits.basis for part in weighed},
                notices=(
                    *_notices_of_controls(pcrs, counts),
                    *_notices_of_reads(reads, lost),
                    *_notices_of_taxa(taxa),
                ),
                provenance=provenance,
            )
        )
    return Mixtures(results)


def _notices_of_controls(
    pcrs: Sequence[Pcr], counts: Mapping[str, Mapping[str, int]]
) -> Iterator[Notice]:
    """Yield what must be known of the controls of the run."""
    if not any(pcr.role == BLANK for pcr in pcrs):
        yield notices.NO_BLANKS(share=FALLBACK_SHARE)
    if not any(pcr.control for pcr in pcrs):
        yield notices.JUMPS_UNKNOWN()
    empty = [pcr.name for pcr in pcrs if pcr.control and counts[pcr.name].get("reads") == 0]
    if empty:
        yield notices.EMPTY_CONTROL(pcrs=", ".join(empty))


def _notices_of_reads(
    reads: Sequence[PcrReads], lost: Sequence[Mapping[str, int]]
) -> Iterator[Notice]:
    """Yield what must be known of the reads of a sample: whether they are enough, and what was lost."""
    sorted_reads = {pcr.pcr: pcr.sorted for pcr in reads}
    if len(sorted_reads) < PCRS_NEEDED:
        yield notices.ONE_PCR()
    few = [pcr for pcr in reads if pcr.counted < FEW_READS]
    if few:
        yield notices.FEW_READS(
            least=FEW_READS, pcrs=", ".join(f"{pcr.pcr} ({pcr.counted})" for pcr in few)
        )
    given = sum(counts.get("reads", 0) for counts in lost)
    without = sum(counts.get("no_primers", 0) + counts.get("unknown_tags", 0) for counts in lost)
    ready = sum(sorted_reads.values())
    examined = sum(pcr.examined for pcr in reads)
    if without > _MANY_LOST * given or examined < _MANY_LOST * ready:
        yield notices.READS_LOST(without=without, given=given, ready=ready, examined=examined)
    in_sequences = sum(pcr.sequences for pcr in reads)
    if examined and in_sequences < _MANY_LOST * examined:
        yield notices.READS_NOT_TOLD(count=examined - in_sequences, examined=examined)


def _notices_of_taxa(taxa: Sequence[TaxonInSample]) -> Iterator[Notice]:
    """Yield what must be known of the taxa of a sample: those in blanks, and human ones."""
    in_blank = [taxon.label for taxon in taxa if taxon.max_reads(BLANK) and not taxon.is_human]
    if in_blank:
        yield notices.TAXON_IN_BLANK(taxa=_("; ").join(in_blank))
    human_reads = sum(taxon.reads for taxon in taxa if taxon.is_human)
    if human_reads:
        yield notices.HUMAN_READS(count=human_reads)
