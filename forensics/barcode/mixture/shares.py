"""Intervals of a share of reads. It is a share of reads, never of material.

What they hold: with one PCR, that so many of so many reads were drawn; with several, also that
PCRs differ. What they do not hold: primers that fit one species better than another, more
mitochondria in one tissue than in another, DNA that was lost. Those may shift a share by ten times.

References
----------
Korn & Graubard 1998, Survey Methodology 24:193-201 (counts of several PCRs). Bias of PCR: McLaren,
Willis & Callahan 2019, doi:10.7554/eLife.46923.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.stats.intervals import LEVEL, wilson

__all__ = ["BETWEEN", "COUNTING", "Share", "estimate_share"]

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
    method : str
        `COUNTING` or `BETWEEN`.
    """

    share: float | None
    low: float
    high: float
    method: str


def estimate_share(counts: Sequence[tuple[int, int]], *, level: float = LEVEL) -> Share:
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
        return Share(share, *wilson(share, total, level=level), COUNTING)
    size = _effective_size(filled, share, total, level)
    return Share(share, *wilson(share, size, level=level), BETWEEN)


def _effective_size(
    counts: Sequence[tuple[int, int]], share: float, total: int, level: float
) -> float:
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
    quantile = (1 + level) / 2
    ratio = float(stdtrit(max(total - 1, 1), quantile) / stdtrit(len(counts) - 1, quantile))
    return size * ratio**2
