"""Statistics that several packages need: intervals of counts, calibration, choices among many, convergence.

Intervals. Wilson's interval is here since scipy's takes whole counts alone, and clusters or weights are worth
broken ones; the hypergeometric bound is counted in whole numbers. All other limits are quantiles of
scipy's distributions, imported when they are asked for: an identification needs the first two.

Calibration says whether stated probabilities come true as often as they say, with the standard library alone.

Choices among many (the greatest, an order, a smallest set, an even sample) are made alike on every processor.
Processors and builds of BLAS round sums differently: values that are equal in mathematics differ by some 1e-16
to 1e-12 of themselves, and the last bit would decide which of them is shown. Here values are equal that differ by
less than `TOLERANCE` of the greater one, and of equal values the first counts, in the order in which they are given:
populations, loci and samples as in their file, cells from north to south and from west to east, years from the
earliest, names by the alphabet.

Convergence says whether draws of several chains are of one distribution, and how many independent ones they are:
two numbers with one published definition each, kept here rather than taken from arviz-stats: no release
of that serves all Pythons that this package does (0.8 on 3.11, 1.3 from 3.12 on), and they are printed
and stored, so that they must not depend on the Python. arviz-stats is the second opinion in the tests.

References
----------
Gelman A, Rubin DB 1992, doi:10.1214/ss/1177011136. Vehtari A et al. 2021, Rank-normalization, folding,
and localization: an improved R-hat, doi:10.1214/20-BA1221. Geyer CJ 1992, doi:10.1214/ss/1177011137
(initial monotone sequence).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from forensics.core.stored import reported, stored, to_stored
from forensics.errors import UsageError
from forensics.messages import _

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


# A thousand times what rounding was seen to do, and far less than anything that is shown.
TOLERANCE = 1e-9

Item = TypeVar("Item")


def greatest(
    values: "npt.ArrayLike", *, axis: int | None = None, are_logs: bool = False
) -> "np.ndarray":
    """Return the place of the greatest value, the first of equal ones; intp, as `numpy.argmax`.

    Parameters
    ----------
    values : array_like of float
        The negative ones of what is to be least.
    axis : int, optional
        By default the place among all values, flat.
    are_logs : bool
        Natural or common logarithms: equal where they differ by `TOLERANCE`, or by that share if they are
        above 1.

    Examples
    --------
    >>> int(greatest([0.2, 0.4, 0.4 + 1e-13]))
    1
    """
    import numpy as np

    values = np.asarray(values)
    top = values.max(axis=axis, keepdims=True)
    return np.asarray((values >= top - _apart(top, are_logs)).argmax(axis=axis))


def descending(values: "npt.ArrayLike", *, are_logs: bool = False) -> "np.ndarray":
    """Return the order from the greatest value to the least, equal ones as given; intp, as `numpy.argsort`.

    Values that differ little from their neighbours in the order are equal in a chain.

    Parameters
    ----------
    values : array_like of float, shape (..., k)
        The last axis is ordered.
    are_logs : bool
        As in `greatest`.

    Examples
    --------
    >>> descending([0.1, 0.4, 0.1 + 1e-15, 0.4 + 1e-13]).tolist()
    [1, 3, 0, 2]
    """
    import numpy as np

    values = np.asarray(values, dtype=np.float64)
    order = np.argsort(-values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    before, after = ordered[..., :-1], ordered[..., 1:]
    with np.errstate(invalid="ignore"):  # of infinite values
        is_less = ~((before == after) | (before - after <= _apart(before, are_logs)))
    group = np.zeros(order.shape, dtype=np.intp)
    np.cumsum(is_less, axis=-1, out=group[..., 1:])
    # Two keys in one number, from which the second is taken back: faster than `numpy.lexsort`.
    count = max(order.shape[-1], 1)
    return np.sort(group * count + order, axis=-1) % count


def _apart(values: "np.ndarray", are_logs: bool) -> "np.ndarray":
    """Return by how much a value may differ from these and be equal to them."""
    import numpy as np

    size = np.where(np.isfinite(values), np.abs(values), 0.0)
    return np.asarray(TOLERANCE * (np.maximum(size, 1.0) if are_logs else size))


def reaches(value: Any, level: Any) -> Any:
    """Return whether a number, or each of an array, is at least a level, but for rounding: bool, or an array of it.

    Examples
    --------
    >>> reaches(0.9499999999999999, 0.95), reaches(0.9499, 0.95)
    (True, False)
    """
    return value >= level - TOLERANCE * abs(level)


def smallest_set(
    probabilities: "np.ndarray", level: float, *, density: "np.ndarray | None" = None
) -> "np.ndarray":
    """Return the smallest set that holds a level, of the greatest values first.

    Of cells with a density those that are equal to the last one are in the set, too: where a surface or a
    date is flat, nothing prefers one cell to another.

    Parameters
    ----------
    probabilities : numpy.ndarray of float64, shape (..., k)
        The last axis sums to 1.
    level : float
        0-1.
    density : numpy.ndarray of float64, shape (..., k), optional
        What orders cells of unlike size; by default the probabilities order what is of no size.

    Returns
    -------
    numpy.ndarray of bool, shape (..., k)

    Raises
    ------
    UsageError
        If `level` is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> smallest_set(np.array([0.1, 0.2, 0.7]), 0.9).tolist()
    [False, True, True]
    """
    import numpy as np

    if not 0 < level < 1:
        raise UsageError(_("level {level}; above 0 and below 1 is expected").format(level=level))
    order = descending(probabilities if density is None else density)
    before = np.cumsum(np.take_along_axis(probabilities, order, axis=-1), axis=-1)[..., :-1]
    is_needed = np.ones(order.shape, dtype=bool)
    is_needed[..., 1:] = ~reaches(before, level)
    result = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(result, order, is_needed, axis=-1)
    if density is not None:
        result |= reaches(density, np.where(result, density, np.inf).min(axis=-1, keepdims=True))
    return result


def by_value(values: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return names with their values, the greatest first, and equal ones by name.

    Examples
    --------
    >>> by_value({"b": 0.3, "c": 0.4, "a": 0.3 - 1e-15})
    [('c', 0.4), ('a', 0.299999999999999), ('b', 0.3)]
    """
    return ranked(sorted(values.items()), lambda item: item[1])


def ranked(items: Iterable[Item], value: Callable[[Item], float]) -> list[Item]:
    """Return items by a value of each, the greatest first, and equal ones as they are given.

    Examples
    --------
    >>> ranked(["fox", "badger", "otter", "wolverine"], len)
    ['wolverine', 'badger', 'otter', 'fox']
    """
    items = list(items)
    return [items[place] for place in descending([value(item) for item in items]).tolist()]


def evenly_spaced(count: int, most: int) -> "np.ndarray":
    """Return at most so many of `count` places, evenly spaced from the first to the last; intp.

    Examples
    --------
    >>> evenly_spaced(10, 4).tolist(), evenly_spaced(3, 4).tolist(), evenly_spaced(0, 4).tolist()
    ([0, 3, 6, 9], [0, 1, 2], [])
    """
    import numpy as np

    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.intp))


# Vehtari et al. 2021, section 4: chains agree below it.
MAX_R_HAT = 1.01
# At least so many effective draws are needed for R-hat to be believed (Vehtari et al. 2021, section 4).
MIN_EFFECTIVE_DRAWS = 400


def split_r_hat(draws: "np.ndarray") -> "np.ndarray":
    """Return the rank-normalised R-hat of each quantity, chains cut in halves.

    Parameters
    ----------
    draws : numpy.ndarray of float64, shape (chains, draws, quantities)

    Returns
    -------
    numpy.ndarray of float64, shape (quantities,)
        1 where nothing varies.
    """
    import numpy as np

    half = draws.shape[1] // 2
    scores = _normal_scores(np.concatenate([draws[:, :half], draws[:, half : 2 * half]]))
    length = scores.shape[1]
    within = scores.var(axis=1, ddof=1).mean(axis=0)
    between = scores.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.sqrt((within * (length - 1) / length + between) / within)
    return np.where(within > 0, result, 1.0)


def folded_r_hat(draws: "np.ndarray") -> float:
    """Return the larger R-hat of the draws and of their distances from the median.

    Parameters
    ----------
    draws : numpy.ndarray of float64, shape (draws, chains)

    Examples
    --------
    >>> import numpy as np
    >>> apart = np.random.default_rng(1).normal(size=(500, 4)) + np.array([0, 0, 0, 3])
    >>> folded_r_hat(apart) > 1.3
    True
    """
    import numpy as np

    chains = np.asarray(draws).T[:, :, None]
    if (np.ptp(chains, axis=1) == 0).any() and np.ptp(chains) > 0:
        return float("inf")  # a chain that does not move agrees with none that does
    folded = np.abs(chains - np.median(chains))
    return float(max(split_r_hat(chains)[0], split_r_hat(folded)[0]))


def effective_draws(draws: "np.ndarray") -> float:
    """Return the bulk effective sample size: so many independent draws are as good.

    Parameters
    ----------
    draws : numpy.ndarray of float64, shape (draws, chains)
    """
    import numpy as np

    half = len(draws) // 2
    parts = np.concatenate([draws[:half], draws[len(draws) - half :]], axis=1)
    scores = np.ascontiguousarray(_normal_scores(parts.T[:, :, None])[:, :, 0].T)
    count, chains = scores.shape
    within = scores.var(axis=0, ddof=1).mean()
    total = within * (count - 1) / count + scores.mean(axis=0).var(ddof=1)
    if not total:
        return float(count * chains)
    spectrum = np.fft.rfft(scores - scores.mean(axis=0), 2 * count, axis=0)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[:count].mean(axis=1) / count
    correlation = 1.0 - (within - covariance * count / (count - 1)) / total
    correlation[0] = 1.0
    pairs = correlation[: count // 2 * 2].reshape(-1, 2).sum(axis=1)
    end = int(np.argmax(pairs < 0)) if (pairs < 0).any() else len(pairs)
    time = -1.0 + 2.0 * np.minimum.accumulate(pairs[:end]).sum()
    return float(count * chains / max(time, 1.0 / np.log10(count * chains)))


def _normal_scores(parts: "np.ndarray") -> "np.ndarray":
    """Return normal scores of the ranks of each quantity over all chains, shape as `parts`."""

    from scipy.special import ndtri
    from scipy.stats import rankdata

    chains, length, quantities = parts.shape
    ranks = rankdata(parts.reshape(chains * length, quantities), axis=0)
    return ndtri((ranks - 0.375) / (len(ranks) + 0.25)).reshape(parts.shape)
