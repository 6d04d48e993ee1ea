"""Whether draws of several chains tell of one distribution, and how many independent ones they are.

References
----------
Vehtari A et al. 2021, Rank-normalization, folding, and localization: an improved R-hat.
doi:10.1214/20-BA1221. Geyer CJ 1992, doi:10.1214/ss/1177011137 (initial monotone sequence).
"""

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from forensics.origin.mixture import MAX_R_HAT, split_r_hat

__all__ = ["LARGEST_RHAT", "SMALLEST_ESS", "effective_draws", "r_hat"]

LARGEST_RHAT = MAX_R_HAT
# At least so many effective draws are needed for R-hat to be believed (Vehtari et al. 2021, sec. 4).
SMALLEST_ESS = 400


def r_hat(draws: np.ndarray) -> float:
    """Return the rank-normalised split R-hat: the larger of bulk and folded.

    Parameters
    ----------
    draws : numpy.ndarray of float64, shape (draws, chains)

    Examples
    --------
    >>> import numpy as np
    >>> apart = np.random.default_rng(1).normal(size=(500, 4)) + np.array([0, 0, 0, 3])
    >>> r_hat(apart) > 1.3
    True
    """
    chains = np.asarray(draws).T[:, :, None]
    if (np.ptp(chains, axis=1) == 0).any() and np.ptp(chains) > 0:
        return float("inf")  # a chain that does not move agrees with none that does
    folded = np.abs(chains - np.median(chains))
    return float(max(split_r_hat(chains)[0], split_r_hat(folded)[0]))


def effective_draws(draws: np.ndarray) -> float:
    """Return the bulk effective sample size: so many independent draws are as good.

    Parameters
    ----------
    draws : numpy.ndarray of float64, shape (draws, chains)
    """
    scores = _normal_scores(_split(draws))
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


def _split(draws: np.ndarray) -> np.ndarray:
    half = len(draws) // 2
    return np.concatenate([draws[:half], draws[len(draws) - half :]], axis=1)


def _normal_scores(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(values).reshape(values.shape)
    return ndtri((ranks - 0.375) / (values.size + 0.25))
