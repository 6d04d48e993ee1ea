"""From counts and identifications to what is said of each sample, with what must be known of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forensics.barcode.identification import Identification
from forensics.barcode.mixture.amplicons import Amplicon
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.limits import FALLBACK_SHARE, PCRS_NEEDED, Limits
from forensics.barcode.mixture.results import (
    BELOW,
    CONTAMINATION,
    ONE_PCR,
    PRESENT,
    Found,
    InPcr,
    Mixture,
    Mixtures,
    Reads,
)
from forensics.barcode.mixture.shares import share_of
from forensics.barcode.mixture.sheet import BLANK, POSITIVE, SAMPLE, Pcr
from forensics.barcode.mixture.taxa import HUMAN, Taxon, taxa_of
from forensics.barcode.quality import QueryWarning
from forensics.core.provenance import Provenance
from forensics.messages import _

__all__ = ["FEW_READS", "Part", "results_of"]

# Under it, a component of 1 % is expected to have fewer than ten reads.
FEW_READS = 1000
# Under it, more reads were lost on the way than were kept.
_MANY_LOST = 0.5


@dataclass(frozen=True)
class Part:
    """What was found for one amplicon.

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
        """Reads of each PCR that shares are of: in sequences that are told, and no chimeras.

        The others are mostly reads with errors, which all taxa lose alike.
        """
        found: Counter[str] = Counter()
        for one in self.sequences:
            if not one.chimera:
                found.update(one.reads)
        return found


def results_of(
    pcrs: Sequence[Pcr],
    counts: dict[str, dict[str, int]],
    lost: Sequence[dict[str, int]],
    parts: Sequence[Part],
    provenance: Provenance,
) -> Mixtures:
    """Return the results, from what was counted and identified.

    Parameters
    ----------
    pcrs : sequence of Pcr
        Of all the run.
    counts : dict of str to dict
        Of each PCR what `sort_reads` counted.
    lost : sequence of dict
        Of each set of files what belongs to no PCR.
    parts : sequence of Part
    provenance : Provenance
    """
    samples = {pcr.sample: pcr.role for pcr in pcrs if pcr.role in (SAMPLE, POSITIVE)}
    weighed = [_weighed(part, pcrs) for part in parts]
    results = []
    for sample, role in samples.items():
        own = [pcr for pcr in pcrs if pcr.sample == sample]
        found, reads, limits = [], [], {}
        for part, (taxa, rule) in zip(parts, weighed):
            limits[part.amplicon.name] = rule.to_dict()
            reads += [(part.amplicon.name, _reads(part, pcr, counts)) for pcr in own]
            for taxon in taxa:
                if any(taxon.reads.get(pcr.name) for pcr in own):
                    found.append(_found(part, taxon, own, pcrs, rule))
        found.sort(key=lambda one: (-one.reads, one.taxon.label))
        results.append(
            Mixture(
                sample,
                role,
                tuple(reads),
                tuple(found),
                limits,
                tuple(_warnings(own, pcrs, counts, reads, found, lost)),
                provenance,
            )
        )
    return Mixtures(results)


def _weighed(part: Part, pcrs: Sequence[Pcr]) -> tuple[list[Taxon], Limits]:
    taxa = taxa_of(part.identified)
    setting = {
        str(number): taxon.reads for number, taxon in enumerate(taxa) if taxon.status != HUMAN
    }
    return taxa, Limits(pcrs, part.counted, setting)


def _reads(part: Part, pcr: Pcr, counts) -> Reads:
    return Reads(
        pcr.name,
        pcr.role,
        counts[pcr.name].get("reads"),
        counts[pcr.name].get("sorted", 0),
        part.examined.get(pcr.name, 0),
        sum(one.reads.get(pcr.name, 0) for one in part.sequences),
        sum(one.reads.get(pcr.name, 0) for one in part.sequences if one.chimera),
    )


def _found(part: Part, taxon: Taxon, own, pcrs, rule: Limits) -> Found:
    counted = part.counted

    def there(pcr: Pcr, limit=None) -> InPcr:
        return InPcr(
            pcr.name,
            pcr.role,
            taxon.reads.get(pcr.name, 0),
            counted[pcr.name],
            limit,
        )

    here = tuple(there(pcr, rule.of(taxon.reads, pcr)) for pcr in own)
    above = sum(one.above for one in here)
    if taxon.status == HUMAN:
        presence = CONTAMINATION
    elif above >= min(PCRS_NEEDED, len(own)):
        presence = PRESENT
    else:
        presence = ONE_PCR if above else BELOW
    return Found(
        part.amplicon.name,
        taxon,
        presence,
        share_of([(one.reads, one.counted) for one in here]),
        here,
        tuple(there(pcr) for pcr in pcrs if pcr.control and taxon.reads.get(pcr.name)),
    )


def _warnings(own, pcrs, counts, reads, found: Sequence[Found], lost) -> Iterator[QueryWarning]:
    if not any(pcr.role == BLANK for pcr in pcrs):
        yield QueryWarning(
            "NO_BLANKS",
            _(
                "There are no blanks: contamination of this run is not known. {share:.0%} of the "
                "reads of a PCR stands in for a limit; it was not set from the run."
            ).format(share=FALLBACK_SHARE),
        )
    if not any(pcr.control for pcr in pcrs):
        yield QueryWarning(
            "JUMPS_UNKNOWN",
            _(
                "There are neither blanks nor unused tag pairs: how many reads jumped between "
                "samples is not known."
            ),
        )
    empty = [pcr.name for pcr in pcrs if pcr.control and counts[pcr.name].get("reads") == 0]
    if empty:
        yield QueryWarning(
            "EMPTY_CONTROL",
            _(
                "There is not one read in the file of {pcrs}. It counts as clean; make sure that the "
                "file was copied whole."
            ).format(pcrs=", ".join(empty)),
        )
    if len(own) < PCRS_NEEDED:
        yield QueryWarning(
            "ONE_PCR",
            _("There is one PCR of this sample, and nothing that confirms what is in it."),
        )
    few = [one for _name, one in reads if one.counted < FEW_READS]
    if few:
        yield QueryWarning(
            "FEW_READS",
            _("Fewer than {least} reads count in {pcrs}: what is rare may be missed.").format(
                least=FEW_READS,
                pcrs=", ".join(f"{one.pcr} ({one.counted})" for one in few),
            ),
        )
    given = sum(one.get("reads", 0) for one in lost)
    without = sum(one.get("no_primers", 0) + one.get("unknown_tags", 0) for one in lost)
    ready = {one.pcr: one.sorted for _name, one in reads}
    examined = sum(one.examined for _name, one in reads)
    if without > _MANY_LOST * given or examined < _MANY_LOST * sum(ready.values()):
        yield QueryWarning(
            "READS_LOST",
            _(
                "Many reads were lost: {without} of {given} of the run have not both primers, or "
                "unknown tags; of {ready} of this sample {examined} could be merged and are good "
                "enough."
            ).format(without=without, given=given, ready=sum(ready.values()), examined=examined),
        )
    told = sum(one.sequences for _name, one in reads)
    if examined and told < _MANY_LOST * examined:
        yield QueryWarning(
            "READS_NOT_TOLD",
            _(
                "{count} of {examined} reads are in no sequence that can be told from errors: they "
                "have errors, or are of what is rare in all of the run."
            ).format(count=examined - told, examined=examined),
        )
    blank = [one.taxon.label for one in found if one.most_in(BLANK) and one.taxon.status != HUMAN]
    if blank:
        yield QueryWarning(
            "TAXON_IN_BLANK",
            _("Also in a blank: {taxa}. Nothing was subtracted.").format(taxa=_("; ").join(blank)),
        )
    people = sum(one.reads for one in found if one.taxon.status == HUMAN)
    if people:
        yield QueryWarning(
            "HUMAN_READS",
            _("{count} reads are human; they are not shown and not searched further.").format(
                count=people
            ),
        )
