r"""Where a further animal of a class is to be expected: Student t densities of measurements.

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

References
----------
Geisser 1964, Posterior odds for multivariate normal classifications, J. R. Stat. Soc. B 26:69-76
(the density); Hotelling 1931, doi:10.1214/aoms/1177732979 (the F distribution).
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "SPARE_GROUPS",
    "Densities",
    "GroupSums",
    "densities_of",
    "group_sums",
    "group_weights",
]

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


def group_sums(X: np.ndarray, own: np.ndarray, group: np.ndarray, fold: np.ndarray) -> GroupSums:
    """Return the sums over groups.

    Parameters
    ----------
    X : numpy.ndarray of float64, shape (n, d)
        Best standardised, so that sums of squares lose nothing.
    own : numpy.ndarray of intp, shape (n,)
        Class of each sample. A group may have samples of several classes.
    group, fold : numpy.ndarray of intp, shape (n,)
        All samples of a group are in one fold.
    """
    classes, width = int(own.max()) + 1, X.shape[1]
    shape = (int(fold.max()) + 1, classes)
    weights = group_weights(own, group)
    at = fold * classes + own
    cells = shape[0] * classes

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(at, weights=weights * values, minlength=cells).reshape(shape)

    means, squares = np.empty((*shape, width)), np.empty((*shape, width, width))
    for row in range(width):
        means[..., row] = summed(X[:, row])
        for column in range(row + 1):
            squares[..., row, column] = squares[..., column, row] = summed(X[:, row] * X[:, column])
    return GroupSums(summed(np.ones(len(X))), means, squares)


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
