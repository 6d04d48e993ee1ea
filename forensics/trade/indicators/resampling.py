"""Intervals of what is counted and added up over seizures.

Seizures are taken as independent events of a Poisson process. A count then has the exact Poisson
interval. For sums (kilograms, animals), whose sizes follow no simple law, seizures are drawn again:
each enters a draw 0, 1, 2… times (Poisson, mean 1), whole, with all its rows.

References
----------
Garwood F 1936, Fiducial limits for the Poisson distribution. doi:10.1093/biomet/28.3-4.437.
Hanley JA, MacGibbon B 2006, Creating non-parametric bootstrap samples using Poisson frequencies.
doi:10.1016/j.cmpb.2006.04.006.
"""

import numpy as np
from scipy import sparse
from scipy.stats import chi2

from forensics.messages import N_
from forensics.statistics import LEVEL

__all__ = [
    "DRAWS",
    "FEWEST",
    "INTERVALS",
    "SEED",
    "frequencies",
    "poisson_interval",
    "quantiles",
    "sums",
]

DRAWS = 1000  # limits of 95 % are then known to about a fiftieth of the interval
SEED = 1
# A bootstrap of fewer seizures cannot show what larger ones there might have been.
FEWEST = 5
_AT_ONCE = 100  # draws held in memory together

INTERVALS = N_(
    "Counts have exact Poisson intervals, sums a Poisson bootstrap over whole seizures (95 %), none "
    "where fewer than {fewest} seizures were made. They say how far chance moves such figures, not "
    "what was never seized or never reported."
)


def poisson_interval(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of the mean of a Poisson count.

    Examples
    --------
    >>> [round(float(one), 2) for one in poisson_interval(10)]
    [4.8, 18.39]
    """
    count, tail = np.asarray(count, dtype=np.float64), (1.0 - LEVEL) / 2.0
    low = np.where(count > 0, chi2.ppf(tail, 2 * np.maximum(count, 1)) / 2, 0.0)
    return low, chi2.ppf(1.0 - tail, 2 * count + 2) / 2


def frequencies(count: int, draws: int, seed: int):
    """Yield how often each of `count` seizures enters each draw, some draws at a time.

    Yields
    ------
    numpy.ndarray of float64, shape (up to 100, count)
    """
    generator = np.random.default_rng(seed)
    for start in range(0, draws, _AT_ONCE):
        yield generator.poisson(1.0, (min(_AT_ONCE, draws - start), count)).astype(np.float64)


def sums(
    seizure: np.ndarray, cell: np.ndarray, values: np.ndarray, cells: int, *, draws: int, seed: int
) -> np.ndarray:
    """Return sums over cells in each draw.

    Parameters
    ----------
    seizure, cell : numpy.ndarray of int64, shape (n,)
        Numbers from 0, of each row. Draws of one seed weigh a seizure alike in all cells.
    values : numpy.ndarray of float64, shape (n,)
    cells, draws, seed : int

    Returns
    -------
    numpy.ndarray of float64, shape (draws, cells)
    """
    count = int(seizure.max()) + 1 if len(seizure) else 0
    table = sparse.csr_matrix((values, (seizure, cell)), shape=(count, cells))
    parts = [(table.T @ taken.T).T for taken in frequencies(count, draws, seed)]
    return np.concatenate(parts) if parts else np.zeros((draws, cells))


def quantiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper limit over draws (the first axis)."""
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail], axis=0)
    return low, high
