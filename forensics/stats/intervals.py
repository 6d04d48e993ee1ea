"""Intervals of what was counted: shares, counts, ratios of counts, and parts of a finite population.

Wilson's interval is here since scipy's takes whole counts alone, and clusters or weights are worth
broken ones; the hypergeometric bound is counted in whole numbers. All other limits are quantiles of
scipy's distributions, imported when they are asked for: an identification needs the first two.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from forensics.core.stored import reported, stored, to_stored

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Level of an interval: of intervals made so, 95 in 100 hold the true rate.
LEVEL = 0.95
_Z_OF_LEVEL = 1.9599639845400536  # quantile (1 + LEVEL) / 2 of the standard normal distribution


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

    KEYS: ClassVar = ("count", "total", "share", "low", "high", "effective_size")

    count: int
    total: int
    low: float
    high: float
    size: float = field(metadata=stored("effective_size"))

    @property
    @reported("share")
    def share(self) -> float | None:
        """The share; None where nothing was counted."""
        return self.count / self.total if self.total else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return to_stored(self)


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
    z = _Z_OF_LEVEL
    if level != LEVEL:
        from statistics import NormalDist  # an identification needs the usual level alone

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
    filled = [list(cluster) for cluster in clusters]
    filled = [cluster for cluster in filled if cluster]
    total, count = sum(map(len, filled)), sum(map(sum, filled))
    size = float(total)
    if filled and len(filled) < total:
        share = count / total
        spread = sum((sum(cluster) - share * len(cluster)) ** 2 for cluster in filled)
        if 0 < count < total and len(filled) > 1 and spread > 0:
            variance = len(filled) / (len(filled) - 1) * spread / total**2
            size = min(size, share * (1 - share) / variance)
        else:
            size = float(len(filled))
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
    weights = list(weights)
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


def hypergeometric_lower(
    population: int, drawn: int, successes: int, *, level: float = LEVEL
) -> int:
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
    if not 0 <= successes <= drawn <= population:
        raise ValueError(f"{successes} of {drawn} of {population}")

    from fractions import Fraction

    # In whole numbers: where the probability is 0.05 exactly, no rounding decides.
    ways, allowed = math.comb(population, drawn), 1 - Fraction(str(level))

    def not_excluded(marked: int) -> bool:
        """Return whether `successes` or more among those drawn are likely enough if so many have it."""
        tail = sum(
            math.comb(marked, k) * math.comb(population - marked, drawn - k)
            for k in range(max(successes, drawn - (population - marked)), min(drawn, marked) + 1)
        )
        return tail > allowed * ways

    # The tail grows with `having`; the first that the sample does not speak against is sought.
    low, high = successes, population - (drawn - successes)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if not_excluded(middle) else (middle + 1, high)
    return low


def binomial_upper(count: int, total: int, *, level: float = LEVEL) -> float:
    """Return the exact one-sided upper limit of a binomial share.

    Parameters
    ----------
    count, total : int
        So many of so many.
    level : float
        Level of the one-sided limit, 0-1.

    References
    ----------
    Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> round(binomial_upper(0, 60), 4), binomial_upper(0, 0)
    (0.0487, 1.0)
    """
    if count >= total:
        return 1.0
    from scipy.stats import beta

    return float(beta.ppf(level, count + 1, total - count))


def poisson_upper(count: int, *, level: float = LEVEL) -> float:
    """Return the exact one-sided upper limit of the mean of a Poisson distribution after one count.

    References
    ----------
    Garwood 1936, doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    >>> round(poisson_upper(0), 3), round(poisson_upper(10), 2)
    (2.996, 16.96)
    """
    from scipy.special import gammaincinv

    return float(gammaincinv(count + 1, level))


def poisson_interval(
    count: "npt.ArrayLike", *, level: float = LEVEL
) -> "tuple[np.ndarray, np.ndarray]":
    """Return the exact two-sided interval of the mean of a Poisson distribution, of each count.

    Parameters
    ----------
    count : array_like of int or float, any shape

    Returns
    -------
    tuple of numpy.ndarray of float64, shape as `count`

    References
    ----------
    Garwood 1936, doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    >>> [round(float(limit), 2) for limit in poisson_interval(10)]
    [4.8, 18.39]
    """
    import numpy as np
    from scipy.stats import chi2

    counts, tail = np.asarray(count, dtype=np.float64), (1.0 - level) / 2.0
    low = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0)
    return low, chi2.ppf(1.0 - tail, 2 * counts + 2) / 2
