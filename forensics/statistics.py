"""Intervals and calibration: how far a rate, or a stated probability, can be trusted.

Functions from numbers to numbers, with the standard library alone, so that every room
may use them and a court's expert can read them in one sitting.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

__all__ = [
    "LEVEL",
    "Bin",
    "Rate",
    "calibration_error",
    "clustered_rate",
    "effective_size",
    "hypergeometric_lower",
    "reliability",
    "threshold",
    "wilson",
]

# Level of an interval: of intervals made so, 95 in 100 hold the true rate.
LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """A share with its interval.

    Attributes
    ----------
    count, total : int
        So many of so many.
    low, high : float
        Limits of the interval, 0-1; (0, 1) where nothing was counted.
    size : float
        Independent observations that the counts are worth; at most `total`.
    """

    count: int
    total: int
    low: float
    high: float
    size: float

    @property
    def share(self) -> float | None:
        """The share; None where nothing was counted."""
        return self.count / self.total if self.total else None

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {
            "count": self.count,
            "total": self.total,
            "share": self.share,
            "low": self.low,
            "high": self.high,
            "effective_size": self.size,
        }


def wilson(share: float, size: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's score interval of a binomial share.

    Parameters
    ----------
    share : float
        Observed share, 0-1.
    size : float
        Number of observations; need not be whole, see `effective_size`.
    level : float
        Level of the interval, 0-1.

    Returns
    -------
    tuple of float
        Lower and upper limit; (0, 1) without observations.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953; recommended for small counts by
    Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286.

    Examples
    --------
    >>> low, high = wilson(81 / 263, 263)  # Newcombe 1998, table I
    >>> f"{low:.4f} {high:.4f}"
    '0.2553 0.3662'
    """
    if size <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = share + z * z / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    scale = 1 + z * z / size
    # At 0 and at 1 the limit is exact; rounding must not leave it beside them.
    low = 0.0 if share <= 0 else max(0.0, (centre - half) / scale)
    high = 1.0 if share >= 1 else min(1.0, (centre + half) / scale)
    return low, high


def clustered_rate(clusters: Iterable[Sequence[bool]], *, level: float = LEVEL) -> Rate:
    """Return the rate of observations that come in clusters, such as records of a species.

    Observations of one cluster resemble each other, so a plain interval would be too
    narrow. The variance between clusters tells how many independent observations the
    counts are worth, and Wilson's interval is taken of so many. Where all observations
    agree, the clusters are counted.

    Parameters
    ----------
    clusters : iterable of sequences of bool
        Of each cluster its observations; empty ones are left out.
    level : float
        Level of the interval, 0-1.

    References
    ----------
    Korn & Graubard 1998, Survey Methodology 24:193-201 (the effective sample size).

    Examples
    --------
    >>> clustered_rate([[True], [True], [False], [True]]).count
    3
    """
    held = [list(cluster) for cluster in clusters]
    held = [cluster for cluster in held if cluster]
    total, count = sum(map(len, held)), sum(map(sum, held))
    size = float(total)
    if held and len(held) < total:
        share = count / total
        spread = sum((sum(cluster) - share * len(cluster)) ** 2 for cluster in held)
        if 0 < count < total and len(held) > 1 and spread > 0:
            variance = len(held) / (len(held) - 1) * spread / total**2
            size = min(size, share * (1 - share) / variance)
        else:
            size = float(len(held))
    low, high = wilson(count / total if total else 0.0, size, level=level)
    return Rate(count, total, low, high, size)


def effective_size(weights: Iterable[float]) -> float:
    """Return how many equally weighted observations weighted ones are worth.

    References
    ----------
    Kish 1965, Survey Sampling, section 11.7.

    Examples
    --------
    >>> effective_size([2.0, 2.0, 2.0])
    3.0
    """
    held = list(weights)
    squares = sum(weight * weight for weight in held)
    return sum(held) ** 2 / squares if squares else 0.0


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
    held = list(bins)
    if not held:
        return None
    return sum(one.weight * abs(one.stated - one.observed) for one in held)


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
    found, untrue, total = None, 0.0, 0.0
    for place, (probability, is_true, weight) in enumerate(ordered):
        total += weight
        untrue += 0.0 if is_true else weight
        tied = place + 1 < len(ordered) and ordered[place + 1][0] == probability
        if tied or not total:
            continue
        if untrue / total <= wrong:
            found = probability
    return found


def hypergeometric_lower(population: int, drawn: int, found: int, *, level: float = LEVEL) -> int:
    """Return how many of a finite population have a property, at least, after some were drawn.

    If fewer had it, so many among those drawn at random, or more, would come up with a probability
    of no more than ``1 - level``.

    Parameters
    ----------
    population, drawn, found : int
        All; those examined; those among them that have the property.
    level : float
        Level of the one-sided bound, 0-1.

    Raises
    ------
    ValueError
        If the numbers cannot be.

    References
    ----------
    Aitken & Taroni 2004, Statistics and the Evaluation of Evidence, doi:10.1002/0470011238,
    chapter 6; ENFSI, Guidelines on Representative Drug Sampling, 2016.

    Examples
    --------
    >>> hypergeometric_lower(100, 13, 13), hypergeometric_lower(300, 5, 5), hypergeometric_lower(9, 9, 4)
    (81, 166, 4)
    """
    if not 0 <= found <= drawn <= population:
        raise ValueError(f"{found} of {drawn} of {population}")

    # In whole numbers: where the probability is 0.05 exactly, no rounding decides.
    ways, allowed = math.comb(population, drawn), 1 - Fraction(str(level))

    def not_excluded(having: int) -> bool:
        """Return whether `found` or more among those drawn are likely enough if so many have it."""
        tail = sum(
            math.comb(having, k) * math.comb(population - having, drawn - k)
            for k in range(max(found, drawn - (population - having)), min(drawn, having) + 1)
        )
        return tail > allowed * ways

    # The tail grows with `having`; the first that the sample does not speak against is sought.
    low, high = found, population - (drawn - found)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if not_excluded(middle) else (middle + 1, high)
    return low
