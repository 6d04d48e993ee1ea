"""Log-likelihoods at all cells of a map from those at some of them, for references of many loci.

Frequencies vary smoothly, so that their logarithms at p cells are combinations of those at far fewer
(an interpolative decomposition). The cells and the weights are learnt from a sample of the alleles, are
tried on others, and are used only where both are near enough; then time and memory fall by p over the
number of cells that are left. A log-likelihood is a sum over alleles, so the same weights hold for it.

References
----------
Cheng, Gimbutas, Martinsson & Rokhlin 2005, SIAM Journal on Scientific Computing 26:1389,
doi:10.1137/030602678.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forensics.origin.smoothing import Doses

__all__ = ["CellInterpolation", "learn_interpolation"]

# Alleles that the weights are learnt from, and alleles that they are tried on.
_LEARNT, _TRIED = 600, 200
# Size, relative to the greatest, below which what a further cell adds is left out.
_TOLERANCE = 1e-3
# Greatest root mean square error of a log frequency, nats: over 10,000 alleles some 0.5 in all.
_MAX_ERROR = 5e-3
_SEED = 1


@dataclass(frozen=True, eq=False)
class CellInterpolation:
    """Cells at which log-likelihoods are computed, and how the others follow from them.

    Attributes
    ----------
    cells : numpy.ndarray of intp, shape (r,)
        Places among all p cells.
    weights : numpy.ndarray of float32, shape (p, r)
        Each row sums to 1.
    """

    cells: np.ndarray
    weights: np.ndarray

    def spread(self, logs: np.ndarray) -> np.ndarray:
        """Return log-likelihoods at all cells, shape (..., p), from those at `cells`, (..., r)."""
        # Relative to the first, so that the size of a likelihood costs no digits.
        first = logs[..., :1]
        return np.asarray(first + (logs - first) @ self.weights.T)


def learn_interpolation(
    compute: Callable[[Doses], np.ndarray], offsets: np.ndarray, dtype: np.dtype
) -> CellInterpolation | None:
    """Return which cells stand for all; None where too many are needed, or they do not do.

    Parameters
    ----------
    compute : callable
        Gives the log-likelihoods, shape (m, p), of m animals.
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Columns of each locus.
    dtype : dtype
        Of the doses.
    """
    from scipy.linalg import qr, solve_triangular

    # Alleles that were seen: the last column of a locus is for those never seen.
    columns = np.setdiff1d(np.arange(offsets[-1]), offsets[1:] - 1)
    if len(columns) < _LEARNT + _TRIED:
        return None
    chosen = np.random.default_rng(_SEED).choice(columns, _LEARNT + _TRIED, replace=False)
    alleles = np.zeros((len(chosen), offsets[-1]), dtype=dtype)
    typed = np.zeros((len(chosen), len(offsets) - 1), dtype=dtype)
    every = np.arange(len(chosen))
    alleles[every, chosen] = 1.0
    typed[every, np.searchsorted(offsets, chosen, side="right") - 1] = 1.0
    logs = compute(Doses(offsets, alleles, typed)).astype(np.float64)
    learnt, tried = logs[:_LEARNT], logs[_LEARNT:]
    centre = int(np.abs(learnt - learnt.mean(axis=1, keepdims=True)).sum(axis=0).argmin())
    factor, pivots = qr(
        learnt - learnt[:, [centre]], mode="r", pivoting=True, check_finite=False
    )  # fmt: skip
    sizes = np.abs(np.diag(factor))
    rank = int((sizes > _TOLERANCE * sizes[0]).sum())
    cells = np.concatenate([[centre], pivots[:rank]])
    if not rank or 2 * len(cells) > logs.shape[1]:
        return None
    weights = np.empty((logs.shape[1], rank))
    weights[pivots] = solve_triangular(factor[:rank, :rank], factor[:rank]).T
    weights = np.column_stack([1.0 - weights.sum(axis=1), weights]).astype(np.float32)
    interpolation = CellInterpolation(cells.astype(np.intp), weights)
    errors = interpolation.spread(tried[:, cells]) - tried
    return interpolation if np.sqrt((errors**2).mean()) <= _MAX_ERROR else None
