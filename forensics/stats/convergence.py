"""Whether draws of several chains tell of one distribution, and how many independent ones they are.

Two numbers with one published definition each, kept here rather than taken from arviz-stats: no release
of that serves all Pythons that this package does (0.8 on 3.11, 1.3 from 3.12 on), and they are printed
and stored, so that they must not depend on the Python. arviz-stats is the second opinion in the tests.

References
----------
Gelman A, Rubin DB 1992, doi:10.1214/ss/1177011136. Vehtari A et al. 2021, Rank-normalization, folding,
and localization: an improved R-hat, doi:10.1214/20-BA1221. Geyer CJ 1992, doi:10.1214/ss/1177011137
(initial monotone sequence).
"""

import numpy as np

# Vehtari et al. 2021, section 4: chains agree below it.
MAX_R_HAT = 1.01
# At least so many effective draws are needed for R-hat to be believed (Vehtari et al. 2021, section 4).
MIN_EFFECTIVE_DRAWS = 400


def split_r_hat(draws: np.ndarray) -> np.ndarray:
    """Return the rank-normalised R-hat of each quantity, chains cut in halves.

    Parameters
    ----------
    draws : numpy.ndarray of float64, shape (chains, draws, quantities)

    Returns
    -------
    numpy.ndarray of float64, shape (quantities,)
        1 where nothing varies.
    """
    half = draws.shape[1] // 2
    scores = _normal_scores(np.concatenate([draws[:, :half], draws[:, half : 2 * half]]))
    length = scores.shape[1]
    within = scores.var(axis=1, ddof=1).mean(axis=0)
    between = scores.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.sqrt((within * (length - 1) / length + between) / within)
    return np.where(within > 0, result, 1.0)


def folded_r_hat(draws: np.ndarray) -> float:
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


def _normal_scores(parts: np.ndarray) -> np.ndarray:
    """Return normal scores of the ranks of each quantity over all chains, shape as `parts`."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    chains, length, quantities = parts.shape
    ranks = rankdata(parts.reshape(chains * length, quantities), axis=0)
    return ndtri((ranks - 0.375) / (len(ranks) + 0.25)).reshape(parts.shape)
