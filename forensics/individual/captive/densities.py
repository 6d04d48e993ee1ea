"""Where a further animal of a class is to be expected: Student t densities of measurements.

Samples of one animal, or of one farm, resemble each other, and a questioned sample comes from
another one. So groups count, not samples: the mean ``m`` is that of the groups' means, and the
covariance ``S`` is the scatter of samples about it, each group with the same weight, divided by
``G - 1`` for ``G`` groups. It holds the spread between groups and that within them. A sample of a
further group then follows

    t_v(m, V),   v = G - d,   V = (1 + 1/G) (G - 1) / (G - d) S

for ``d`` measurements: with one sample a group the exact predictive distribution of a normal class
whose mean and covariance are not known. ``Q / d`` of a sample, with
``Q = (x - m)' V^-1 (x - m)``, follows F(d, v); its upper tail is the share of such samples that lie
as far out or farther. With few groups both are wide, as they should be. There is no shrinkage
towards other classes: it would borrow from them how much this one varies.

Left-out samples of a reference say how far its densities are to be believed:

**Temperature.** Log densities are divided by a temperature of 1 or more, that with the best mean log
posterior of samples whose group was left out: posteriors become no surer than the model says.

**Bounds.** A density says anything about places where no sample was ever seen. So a ratio is cut off
where the reference no longer shows that it is better than saying nothing. For a court that convicts
from a ratio of ``t`` on, an acquittal of the first class (ratio at most ``t``) costs 1 and a false
conviction (a second-class ratio above ``t``) costs ``t``; saying nothing costs 1, for ``t`` of 1 or
more. One misleading ratio, as misleading as can be, is added to each class: of ``G`` ratios of which
none misleads it follows only that fewer than one in ``G + 1`` do. The bound is the first ``t`` from 1
on at which the ratios cost more than saying nothing. It is at most ``G + 1`` of the second class.

**Between the classes.** An animal of a place that the reference lacks may lie between two classes, and a ratio says
which one is nearer. Seen from the other class it lies at the near edge of the one that it resembles. So of each
class the share of its left-out groups is counted whose ratio over the other class is as small: a conformal p-value,
one-sided, in the one direction that matters.

**Tails.** The share of groups whose left-out samples lie as far out of their own class as a sample
does: a conformal p-value, which needs no normal distribution.

References
----------
Geisser 1964, Posterior odds for multivariate normal classifications, J. R. Stat. Soc. B 26:69-76
(the density); Hotelling 1931, doi:10.1214/aoms/1177732979 (the F distribution); Guo, Pleiss, Sun & Weinberger 2017, On calibration of modern neural networks, arXiv:1706.04599
(temperature); Vergeer, van Es, de Jongh, Alberink & Stoel 2016, Numerical likelihood ratios outputted
by LR systems are often based on extrapolation: when to stop extrapolating? Science & Justice
56:482-491, doi:10.1016/j.scijus.2016.06.003 (bounds, ELUB); Vovk, Gammerman & Shafer 2005,
doi:10.1007/b106715 (tails).
"""

from dataclasses import dataclass

import numpy as np

from forensics.stats import greatest

# Groups of a class above the number of measurements: one is left out to calibrate, another one to
# evaluate what was calibrated, and one degree of freedom must be left.
SPARE_GROUPS = 3
# Added to the covariance, in pooled variances: a spread below a thousandth of that of all samples
# is rounding, and no class is known so well.
_FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class GroupSums:
    """Sums over groups, by fold and class; a fold is left out by subtracting it.

    Attributes
    ----------
    groups : numpy.ndarray of float64, shape (F, K)
    means : numpy.ndarray of float64, shape (F, K, d)
        Of the groups' means.
    squares : numpy.ndarray of float64, shape (F, K, d, d)
        Of the groups' means of products.
    """

    groups: np.ndarray
    means: np.ndarray
    squares: np.ndarray

    def total(self) -> "GroupSums":
        """Return the sums over all folds; shape (K, …)."""
        return GroupSums(self.groups.sum(axis=0), self.means.sum(axis=0), self.squares.sum(axis=0))

    def without(self, total: "GroupSums") -> "GroupSums":
        """Return `total` without each of these folds."""
        return GroupSums(
            total.groups - self.groups, total.means - self.means, total.squares - self.squares
        )

    def dropping(self, place: int) -> "GroupSums":
        """Return sums in which one fold has no groups."""
        sums = tuple(part.copy() for part in (self.groups, self.means, self.squares))
        for part in sums:
            part[place] = 0.0
        return GroupSums(*sums)


@dataclass(frozen=True, eq=False)
class Densities:
    """Student t densities; the leading axes are any, the last one before d is that of classes.

    Attributes
    ----------
    means : numpy.ndarray of float64, shape (…, K, d)
    inverses : numpy.ndarray of float64, shape (…, K, d, d)
        Inverses of V.
    constants : numpy.ndarray of float64, shape (…, K)
        Logarithm of the density at the mean.
    freedom : numpy.ndarray of float64, shape (…, K)
    """

    means: np.ndarray
    inverses: np.ndarray
    constants: np.ndarray
    freedom: np.ndarray

    def at(self, X: np.ndarray, places: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return log densities and p-values of samples in each class.

        Parameters
        ----------
        X : numpy.ndarray of float64, shape (n, d)
        places : numpy.ndarray of intp, shape (n,), optional
            Which of several sets of densities to take for each sample.

        Returns
        -------
        logs, p_values : numpy.ndarray of float64, shape (n, K)
        """
        from scipy.special import fdtrc

        parameters = (self.means, self.inverses, self.constants, self.freedom)
        if places is not None:
            parameters = tuple(part[places] for part in parameters)
        means, inverses, constants, freedom = parameters
        apart = X[:, None, :] - means
        width = X.shape[1]
        inverses = np.broadcast_to(inverses, (*apart.shape, width))
        squared = np.maximum(np.einsum("nki,nkij,nkj->nk", apart, inverses, apart), 0.0)
        logs = constants - (freedom + width) / 2 * np.log1p(squared / freedom)
        return logs, fdtrc(width, freedom, squared / width)


def group_sums(X: np.ndarray, weights: np.ndarray, fold: np.ndarray) -> GroupSums:
    """Return the sums over groups.

    Parameters
    ----------
    X : numpy.ndarray of float64, shape (n, d)
        Best standardised, so that sums of squares lose nothing.
    weights : numpy.ndarray of float64, shape (n, K)
        What each sample counts in each class; see `group_weights`. A group may have samples of several classes.
    fold : numpy.ndarray of intp, shape (n,)
        All samples of a group are in one fold.
    """
    shape, width = (int(fold.max()) + 1, weights.shape[1]), X.shape[1]
    groups = np.zeros(shape)
    means, squares = np.zeros((*shape, width)), np.zeros((*shape, width, width))
    np.add.at(groups, fold, weights)
    np.add.at(means, fold, weights[..., None] * X[:, None, :])
    products = X[:, :, None] * X[:, None, :]
    np.add.at(squares, fold, weights[..., None, None] * products[:, None])
    return GroupSums(groups, means, squares)


def group_weights(own: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the weight of each sample: 1 by the samples of its group and class; shape (n,)."""
    _pairs, which, sizes = np.unique(
        np.column_stack([own, group]), axis=0, return_inverse=True, return_counts=True
    )
    return 1.0 / sizes[which.ravel()]


def densities_of(sums: GroupSums) -> Densities:
    """Return the density of a sample of a further group, in each class."""
    from scipy.special import gammaln

    groups, width = sums.groups, sums.means.shape[-1]
    means = sums.means / groups[..., None]
    scatter = sums.squares - groups[..., None, None] * means[..., :, None] * means[..., None, :]
    covariance = scatter / (groups - 1)[..., None, None] + _FLOOR * np.eye(width)
    freedom = groups - width
    factor = (1 + 1 / groups) * (groups - 1) / freedom
    scale = covariance * factor[..., None, None]
    _sign, logdet = np.linalg.slogdet(scale)
    constants = (
        gammaln((freedom + width) / 2)
        - gammaln(freedom / 2)
        - width / 2 * np.log(freedom * np.pi)
        - logdet / 2
    )
    return Densities(means, np.linalg.inv(scale), constants, freedom)


# The greatest temperature (a reference in need of more tells its classes apart by nothing that these
# densities see), and the halvings of the range of its inverse: to 0.000001.
_HOTTEST = 8.0
_HALVINGS = 20


@dataclass(frozen=True, eq=False)
class Tails:
    """P-values, or ratios, of left-out samples in their own class.

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (n,)
        Ascending.
    sums : numpy.ndarray of float64, shape (n + 1,)
        Groups that the first so many of them are worth.
    """

    values: np.ndarray
    sums: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, weights: np.ndarray) -> "Tails":
        """Return the tails of samples; those that are not independent share a weight of 1."""
        order = np.argsort(values, kind="stable")
        return cls(values[order], np.concatenate([[0.0], np.cumsum(weights[order])]))

    @property
    def groups(self) -> float:
        """Groups that all of them are worth."""
        return float(self.sums[-1])

    def at_most(self, values: np.ndarray) -> np.ndarray:
        """Return the groups that samples of at most these values are worth; of any shape."""
        return self.sums[np.searchsorted(self.values, values, side="right")]

    def calibrated(self, tails: np.ndarray) -> np.ndarray:
        """Return the share of groups that lie as far out of their own class; of any shape."""
        # Of the same sample one tail may come out by another way of adding: 1e-12 is not a distance.
        reached = tails + 1e-12 * np.abs(tails)
        return (1.0 + self.at_most(reached)) / (1.0 + self.groups)

    def is_beyond(self, tails: np.ndarray) -> np.ndarray:
        """Return whether samples lie farther out than every sample of the reference; of any shape."""
        return tails * (1 + 1e-12) < self.values[0]

    def extended(self, tails: np.ndarray) -> np.ndarray:
        """Return `calibrated`, continued beyond what the groups show; of any shape.

        Farther out than every left-out sample, a share cannot be counted. There the density says how
        much rarer a sample is than the outermost one of the reference. If tails are uniform, as they
        are where the density is right, a share ``p`` of samples of the classes comes out at ``p`` or
        less, however few the groups are: ``P(tail <= p (G + 1) min)`` with ``E(min) = 1 / (G + 1)``.
        """
        counted = self.calibrated(tails)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = tails / self.values[0] / (1.0 + self.groups)
        return np.where(self.is_beyond(tails), share, counted)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What left-out samples say.

    Attributes
    ----------
    temperature : float
        1 or more.
    bounds : numpy.ndarray of float64, shape (K, K)
        Greatest log ratio of a class over another one; 0 on the diagonal.
    ratios : dict of (int, int) to Tails
        Log ratios of samples of the first class over the second one, not bounded.
    """

    temperature: float
    bounds: np.ndarray
    tails: Tails
    ratios: dict[tuple[int, int], Tails]

    def between(self, logs: np.ndarray) -> np.ndarray:
        """Return the share of groups of each class that lie as far towards another one; shape (n, K).

        Parameters
        ----------
        logs : numpy.ndarray of float64, shape (n, K)
            Log densities.
        """
        shares = np.ones(logs.shape)
        for (this, other), ratios in self.ratios.items():
            share = ratios.calibrated((logs[:, this] - logs[:, other]) / self.temperature)
            shares[:, this] = np.minimum(shares[:, this], share)
        return shares

    def bounded(self, logs: np.ndarray) -> np.ndarray:
        """Return log densities less that of the likeliest class, none beyond its bound.

        Parameters
        ----------
        logs : numpy.ndarray of float64, shape (n, K)
        """
        logs = logs / self.temperature
        best = greatest(logs, axis=1, are_logs=True)
        behind = logs[np.arange(len(logs)), best][:, None] - logs
        return -np.minimum(behind, self.bounds[best])


def posteriors_of(logs: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return posteriors of log densities, shape (n, K), and a prior, shape (K,) or (n, K)."""
    from scipy.special import softmax

    posteriors: np.ndarray = softmax(logs + np.log(prior), axis=1)
    return posteriors


def calibrate(
    logs: np.ndarray, p_values: np.ndarray, own: np.ndarray, weights: np.ndarray
) -> Calibration:
    """Return what left-out samples say.

    Parameters
    ----------
    logs, p_values : numpy.ndarray of float64, shape (n, K)
        Of samples whose group was left out.
    own : numpy.ndarray of intp, shape (n,)
        Class of each sample.
    weights : numpy.ndarray of float64, shape (n,)
        Samples that are not independent share a weight of 1.
    """
    rows = np.arange(len(own))
    temperature = _temperature(logs, own, weights)
    logs = logs / temperature
    count = logs.shape[1]
    bounds = np.zeros((count, count))
    ratios = {}
    for this in range(count):
        for other in range(count):
            if this != other:
                first, second = own == this, own == other
                ratio = logs[:, this] - logs[:, other]
                bounds[this, other] = log_bound(
                    ratio[first], ratio[second], weights[first], weights[second]
                )
                ratios[this, other] = Tails.of(ratio[first], weights[first])
    return Calibration(temperature, bounds, Tails.of(p_values[rows, own], weights), ratios)


def _temperature(logs: np.ndarray, own: np.ndarray, weights: np.ndarray) -> float:
    """Return the temperature with the best mean log posterior, classes and groups weighing alike."""
    from scipy.special import softmax

    weights = weights / np.bincount(own, weights=weights)[own]
    behind = logs - logs[np.arange(len(own)), own][:, None]

    def slope(power: float) -> float:  # of the mean log posterior, which is concave in the power
        return -float(weights @ (softmax(power * behind, axis=1) * behind).sum(axis=1))

    low, high = 1 / _HOTTEST, 1.0
    if slope(high) >= 0:
        return 1.0
    for _step in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return 1 / high


def log_bound(
    first: np.ndarray,
    second: np.ndarray,
    first_weights: np.ndarray | None = None,
    second_weights: np.ndarray | None = None,
) -> float:
    """Return the logarithm of the greatest ratio of the first class over the second one.

    Parameters
    ----------
    first, second : numpy.ndarray of float64, shape (n,), (m,)
        Logarithms of ratios of samples of the first and of the second class, each left out.
    first_weights, second_weights : numpy.ndarray of float64, optional
        1 by default. Samples that are not independent share a weight of 1.

    Returns
    -------
    float
        0 or more.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(np.exp(log_bound(np.full(99, 9.0), np.full(99, -9.0)))), 6)
    99.0
    """
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    places = np.unique(np.concatenate([[0.0], first[first > 0], second[second > 0]]))
    of_first, of_second = (
        Tails.of(values, np.ones(len(values)) if weights is None else np.asarray(weights))
        for values, weights in ((first, first_weights), (second, second_weights))
    )
    missed = (of_first.at_most(places) + 1) / (of_first.groups + 1)
    false = (of_second.groups - of_second.at_most(places) + 1) / (of_second.groups + 1)
    # Between two places both shares stay, and the cost missed + t false is 1 at this t.
    with np.errstate(divide="ignore"):
        equal = np.log(np.maximum(1 - missed, 0.0) / false)
    ends = np.append(places[1:], np.inf)
    failed = np.flatnonzero(equal < ends)  # beyond the greatest first ratio always
    return max(0.0, float(max(places[failed[0]], equal[failed[0]])))
