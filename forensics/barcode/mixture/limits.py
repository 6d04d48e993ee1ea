"""From which number of reads on a taxon is present, set from the controls of its own run.

Reads get into a PCR from elsewhere in two ways, and each has its limit; the greater one counts.

**Contamination**, seen in blanks. The limit is the upper bound (Poisson, 95 %) of the most reads
that any blank has of the taxon, and at least the most reads that any blank has of any taxon: what
came into one tube may come into another. A PCR that was sequenced deeper than the median one has
a limit that is higher in proportion. Of a contaminant that comes as often into samples as into
blanks, the most in *n* blanks is exceeded in one PCR of *n* + 1 by chance, which is why a second
PCR is asked for. Human reads are distinguished and set no limit to others.

**Jumps between samples**, seen in tag pairs that were not used, or, without those, in blanks. The
share of the run's reads that the worst of these controls has (its upper bound) is the share of a
taxon's reads elsewhere in the run that may have come into this PCR; the limit is the 95 % quantile
of Poisson's distribution with that mean.

Without blanks the contamination of the run is not known, and a plain share of the PCR's reads
takes its place.

References
----------
The most reads in controls, together with a share of the sample's reads, kept false detections out
best of the rules compared by Drake et al. 2022, doi:10.1111/2041-210X.13780. Tag jumps: Schnell,
Bohmann & Gilbert 2015, doi:10.1111/1755-0998.12402. Replicates: Ficetola et al. 2015,
doi:10.1111/1755-0998.12338.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from forensics.barcode.mixture.sheet import BLANK, SAMPLE, UNUSED, Pcr
from forensics.core.stored import reported, stored
from forensics.stats.intervals import poisson_upper

__all__ = ["BOUND", "FALLBACK_SHARE", "PCRS_NEEDED", "Limit", "LimitBasis", "Limits"]

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
    reads : mapping of str to (mapping of str to int)
        Of each taxon that can set limits (no human ones), its reads in each PCR.
    """

    def __init__(
        self,
        pcrs: Sequence[Pcr],
        counted: Mapping[str, int],
        reads: Mapping[str, Mapping[str, int]],
    ) -> None:
        self._counted, self._reads = counted, reads
        self.blanks = [pcr for pcr in pcrs if pcr.role == BLANK]
        self.unused = [pcr for pcr in pcrs if pcr.role == UNUSED]
        self._depth = statistics.median(
            [counted.get(pcr.name, 0) for pcr in pcrs if pcr.role == SAMPLE] or [0]
        )
        self._max_in_blank = max(
            (counts.get(pcr.name, 0) for counts in reads.values() for pcr in self.blanks), default=0
        )
        self.jump_rate = self._find_jump_rate()

    def _find_jump_rate(self) -> float:
        controls = self.unused or self.blanks
        total = sum(sum(counts.values()) for counts in self._reads.values())
        if not controls or not total:
            return 0.0
        worst = max(
            sum(counts.get(pcr.name, 0) for counts in self._reads.values()) for pcr in controls
        )
        return min(1.0, poisson_upper(worst, level=BOUND) / total)

    def set_limit(self, reads: Mapping[str, int], pcr: Pcr) -> Limit:
        """Return the limit for a taxon with these reads in each PCR, in one of them."""
        counted = self._counted.get(pcr.name, 0)
        if self.blanks:
            worst = max(reads.get(blank.name, 0) for blank in self.blanks)
            deeper = max(1.0, counted / self._depth) if self._depth else 1.0
            contamination = deeper * max(poisson_upper(worst, level=BOUND), self._max_in_blank)
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
            jump_rate=self.jump_rate if self.blanks or self.unused else None,
            fallback_share=None if self.blanks else FALLBACK_SHARE,
            bound=BOUND,
            pcrs_needed=PCRS_NEEDED,
        )


def _poisson_quantile(mean: float, *, level: float = BOUND) -> float:
    """Return the least number that is not exceeded with this probability."""
    from scipy.special import pdtr, pdtrik

    if mean <= 0:
        return 0.0
    if mean < -math.log(level):  # none at all is likely enough
        return 0.0
    number = math.ceil(float(pdtrik(level, mean)) - 1e-9)
    return float(number if pdtr(number, mean) >= level else number + 1)
