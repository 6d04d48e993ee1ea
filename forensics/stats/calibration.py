"""Calibration: whether stated probabilities come true as often as they say.

Functions from numbers to numbers, with the standard library alone: a court's expert can read them in
one sitting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forensics.stats.intervals import effective_size, wilson


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram.

    Attributes
    ----------
    low, high : float
        Limits of the stated probabilities.
    stated, observed : float
        Weighted means of the stated probability and of what was true.
    interval : tuple of float
        Wilson's interval of `observed`.
    count : int
        Observations.
    weight : float
        Share of all weight.
    """

    low: float
    high: float
    stated: float
    observed: float
    interval: tuple[float, float]
    count: int
    weight: float


def reliability(
    stated: Sequence[float],
    true: Sequence[bool],
    weights: Sequence[float],
    *,
    edges: Sequence[float],
) -> list[Bin]:
    """Return bins of stated probabilities with the share that was true; empty bins are left out.

    Parameters
    ----------
    stated : sequence of float, length n
        Probabilities, 0-1.
    true : sequence of bool, length n
    weights : sequence of float, length n
    edges : sequence of float
        Ascending, from 0 to 1; a bin holds its lower edge, the last one both.

    References
    ----------
    Murphy & Winkler 1977, doi:10.2307/2346866.
    """
    everything = sum(weights)
    bins = []
    for place, (low, high) in enumerate(zip(edges, edges[1:])):
        last = place == len(edges) - 2
        rows = [
            (p, y, w)
            for p, y, w in zip(stated, true, weights)
            if w > 0 and (low <= p < high or (last and p == high))
        ]
        if not rows:
            continue
        weight = sum(w for _p, _y, w in rows)
        observed = sum(w for _p, y, w in rows if y) / weight
        size = effective_size(w for _p, _y, w in rows)
        bins.append(
            Bin(
                low=low,
                high=high,
                stated=sum(p * w for p, _y, w in rows) / weight,
                observed=observed,
                interval=wilson(observed, size),
                count=len(rows),
                weight=weight / everything,
            )
        )
    return bins


def calibration_error(bins: Iterable[Bin]) -> float | None:
    """Return the expected calibration error: mean distance of stated and observed, by weight.

    Chance alone gives some error in small bins, so a perfect calibration does not reach 0.

    References
    ----------
    Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602.
    """
    filled = list(bins)
    if not filled:
        return None
    return sum(part.weight * abs(part.stated - part.observed) for part in filled)


def threshold(
    stated: Sequence[float],
    true: Sequence[bool],
    weights: Sequence[float],
    *,
    wrong: float = 0.01,
) -> float | None:
    """Return the least probability from which on at most a share `wrong` is untrue.

    Everything with at least this probability is counted together. None where even the
    most certain are wrong more often.

    Parameters
    ----------
    stated, true, weights : sequences, length n
        As in `reliability`.
    wrong : float
        Share that may be untrue, 0-1.

    Examples
    --------
    >>> threshold([0.9, 0.8, 0.7], [True, True, False], [1, 1, 1])
    0.8
    """
    ordered = sorted(zip(stated, true, weights), key=lambda row: -row[0])
    least: float | None = None
    untrue = total = 0.0
    for place, (probability, is_true, weight) in enumerate(ordered):
        total += weight
        untrue += 0.0 if is_true else weight
        tied = place + 1 < len(ordered) and ordered[place + 1][0] == probability
        if tied or not total:
            continue
        if untrue / total <= wrong:
            least = probability
    return least
