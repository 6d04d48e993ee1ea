"""How typical an animal's log-likelihood is of a population's own animals, as rubias tells it.

Where `exclusion` takes expectation and variance from the frequencies, here they are those of the
log-likelihoods, locus by locus, of the population's own animals, each left out.
"""

import numpy as np

from forensics.origin.baseline import Baseline
from forensics.origin.likelihood import CodedAnimals

__all__ = ["own_by_locus", "z_scores"]

_CHUNK = 500


def own_by_locus(coded: CodedAnimals, baseline: Baseline, own: np.ndarray) -> np.ndarray:
    """Return each animal's log-likelihood in its own population without it, locus by locus.

    Parameters
    ----------
    coded : CodedAnimals
        Animals of which the baseline was made.
    baseline : Baseline
    own : numpy.ndarray of intp, shape (n,)
        Place of each animal's population.

    Returns
    -------
    numpy.ndarray of float64, shape (n, L)
        NaN where the locus is not typed.
    """
    starts = baseline.offsets[:-1]
    result = np.empty((len(coded), len(baseline.loci)))
    for start in range(0, len(coded), _CHUNK):
        rows = slice(start, min(start + _CHUNK, len(coded)))
        doses, copies = coded.doses(rows, baseline)
        pooled = baseline.counts.sum(axis=0) - doses
        y = baseline.counts[own[rows]] - doses + baseline.pseudocopies(pooled)
        n = np.add.reduceat(y, starts, axis=1)
        same = doses == 2
        terms = doses * np.log(y) + np.where(same, np.log1p(1 / y), 0.0)
        values = np.add.reduceat(terms, starts, axis=1) - np.log(n)
        pairs = copies == 2
        values -= np.where(pairs, np.log1p(n), 0.0)
        mixed = pairs & ~np.logical_or.reduceat(same, starts, axis=1)
        values += np.where(mixed, np.log(2), 0.0)
        result[rows] = np.where(copies > 0, values, np.nan)
    return result


def z_scores(
    coded: CodedAnimals, baseline: Baseline, values: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Return the z-score of each animal in each population, as rubias.

    Parameters
    ----------
    coded : CodedAnimals
        Animals of which the baseline was made.
    baseline : Baseline
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods, each animal left out.
    own : numpy.ndarray of intp, shape (n,)

    Returns
    -------
    numpy.ndarray of float64, shape (n, P)
        NaN where nothing was typed, or the population has no two animals typed.

    References
    ----------
    Moran & Anderson 2019, doi:10.1139/cjfas-2018-0016 (rubias).
    """
    by_locus = own_by_locus(coded, baseline, own)
    shape = (len(baseline.populations), len(baseline.loci))
    means, variances = np.zeros(shape), np.zeros(shape)
    for place in range(shape[0]):
        rows = by_locus[own == place]
        known = ~np.isnan(rows)
        count = known.sum(axis=0)
        sums = np.where(known, rows, 0.0).sum(axis=0)
        means[place] = sums / np.maximum(count, 1)
        squares = np.where(known, (rows - means[place]) ** 2, 0.0).sum(axis=0)
        variances[place] = squares / np.maximum(count - 1, 1)
    typed = coded.typed.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = (values - typed @ means.T) / np.sqrt(typed @ variances.T)
    return np.where(np.isfinite(result), result, np.nan)
