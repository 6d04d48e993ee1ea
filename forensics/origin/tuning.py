"""How a spatial model is tuned and calibrated: on sites that were left out.

Several experts speak of every place: frequencies smoothed at several widths, and a regression of the
place on the alleles. The posterior is their logarithmic pool::

    p(x) ~ prior(x) exp(sum_k power_k f_k(x))

The powers are those under which the places of animals of left-out sites are most probable. That is a
conditional logit, which has one optimum and no grid of settings to jump between. Powers of a
product of loci are below 1, since loci are not independent and sites drift. Then the regions are
calibrated: a temper of the whole, and a stray share of the posterior that is spread as the prior. The
point is calibrated apart, by a power of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.stats.choice import greatest

__all__ = [
    "LEFT_OUT_LEVELS",
    "SpatialCalibration",
    "calibrate",
    "fit_powers",
    "groups_of",
    "log_gains",
    "point_weights",
    "pool",
    "posteriors",
    "rank_truth",
]

# Pairs of temper and stray share that the calibration compares.
TEMPERS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25)
STRAYS = (0.002, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3)
SHARED = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
# Powers of the likelihood in the weights whose median is the point.
SHARPNESSES = (0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
# Levels of the regions that the calibration holds true.
LEFT_OUT_LEVELS = (0.50, 0.90, 0.95)
# A joint region of all animals of a site must hold so many of the left-out sites.
TARGET = 0.90
# Stray share while the powers are fitted: no single outlier decides them.
_STRAY = 0.02
# The penalty of the squares of the powers, in animals.
_PENALTY = 3.0


@dataclass(frozen=True)
class SpatialCalibration:
    """How the posterior was made true, and what that gave on left-out sites.

    Attributes
    ----------
    temper : float
        Power of the likelihood.
    stray : float
        Share of the posterior that is spread as the prior.
    score : float
        Mean log of posterior density over prior density at the true place, nats, over left-out
        animals weighted by their site (`ridge.site_weights`). Above 0 the model is better than
        the prior.
    coverage : float
        Share of left-out animals that their 90 % region holds, weighted likewise.
    shared : float
        How far animals of one place repeat each other (their common drift counts once), 0-1.
        The evidence of m animals of one place is their product to the power
        ``1 / (1 + (m - 1) shared)``, the design effect of clustered observations.
    joint_coverage : float
        Share of left-out sites that the 90 % region of all animals of the site holds.
    sharpness : float
        Power of the likelihood in the weights whose geometric median is the point.
    """

    temper: float
    stray: float
    score: float
    coverage: float
    shared: float
    joint_coverage: float
    sharpness: float


def pool(experts: np.ndarray, powers: np.ndarray) -> np.ndarray:
    """Return pooled log-likelihoods; float, shape (n, p), the greatest of each animal 0.

    Parameters
    ----------
    experts : numpy.ndarray of float, shape (K, n, p)
    powers : numpy.ndarray of float64, shape (K,)
    """
    result = np.zeros(experts.shape[1:], dtype=experts.dtype)
    for power, logs in zip(powers, experts):
        if power:
            result += experts.dtype.type(power) * logs
    return np.asarray(result - result.max(axis=1, keepdims=True))


def fit_powers(
    experts: np.ndarray, priors: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the powers of a logarithmic pool that makes the true places most probable.

    Parameters
    ----------
    experts : numpy.ndarray of float, shape (K, n, p)
        Log-likelihoods of animals at places, by experts without the animal's site.
    priors : numpy.ndarray of float64, shape (n, p)
        Prior of the places for each animal; each row sums to 1.
    truth : numpy.ndarray of intp, shape (n,)
        True place. An animal whose true place has no prior is passed over.
    weights : numpy.ndarray of float64, shape (n,)

    Returns
    -------
    numpy.ndarray of float64, shape (K,)
        At least 0.

    References
    ----------
    Genest & Zidek 1986, Statistical Science 1:114 (pools of opinions); McFadden 1974, in
    Frontiers in Econometrics (the conditional logit).
    """
    from scipy.optimize import minimize

    rows = np.flatnonzero(priors[np.arange(len(truth)), truth] > 0)
    if not rows.size:
        return np.zeros(len(experts))
    parts = experts[:, rows]
    parts = parts - parts.max(axis=2, keepdims=True)
    places, weights = truth[rows], weights[rows]
    prior = priors[rows].astype(experts.dtype)
    at, index = prior[np.arange(rows.size), places].astype(np.float64), np.arange(rows.size)
    true_logs = parts[:, index, places].astype(np.float64)
    total = float(weights.sum())

    def loss(powers: np.ndarray) -> tuple[float, np.ndarray]:
        logs = np.tensordot(powers.astype(experts.dtype), parts, axes=1)
        logs -= logs.max(axis=1, keepdims=True)
        posterior = prior * np.exp(logs)
        posterior /= posterior.sum(axis=1, keepdims=True)
        own = posterior[index, places].astype(np.float64)
        mixed = (1 - _STRAY) * own + _STRAY * at
        pulls = weights * (1 - _STRAY) * own / mixed
        expected = np.array([(posterior * part).sum(axis=1, dtype=np.float64) for part in parts])
        value = -float(weights @ np.log(mixed / at)) + _PENALTY * float(powers @ powers)
        slope = -((true_logs - expected) @ pulls) + 2 * _PENALTY * powers
        return value / total, slope / total

    start = np.full(len(experts), 0.5 / len(experts))
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(experts),
        options={"maxiter": 60},
    )  # fmt: skip
    powers = np.asarray(found.x)
    return np.where(powers < 1e-3, 0.0, powers)


def rank_truth(
    gains: np.ndarray, priors: np.ndarray, truth: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is needed to score a posterior under every stray share.

    Parameters
    ----------
    gains : numpy.ndarray of float, shape (n, p)
        Posterior over prior.
    priors : numpy.ndarray of float64, shape (n, p) or (p,)
    truth : numpy.ndarray of intp, shape (n,)

    Returns
    -------
    gain : numpy.ndarray of float64, shape (n,)
        In the true cell; 0 where it has no prior.
    posterior_above, prior_above : numpy.ndarray of float64, shape (n,)
        Posterior and prior in cells of higher gain, half of the true cell's own included; 1 and 1
        where the true cell has no prior: no region holds it.

    Notes
    -----
    Mixed with the prior in a share e the gain is ``(1 - e) gain + e``: the order of the cells
    stays, so the rank is ``(1 - e) posterior_above + e prior_above``.
    """
    rows = np.arange(len(gains))
    priors = np.broadcast_to(priors, gains.shape)
    own = priors[rows, truth]
    gain = np.where(own > 0, gains[rows, truth], 0.0)
    higher = (gains > gain[:, None] * (1 + 1e-6)) & (priors > 0)
    posterior = (np.where(higher, gains, 0.0) * priors).sum(axis=1) + gain * own / 2
    prior = (higher * priors).sum(axis=1) + own / 2
    outside = own <= 0
    posterior[outside], prior[outside] = 1.0, 1.0
    return gain, posterior, prior


def _gains(logs: np.ndarray, priors: np.ndarray) -> np.ndarray:
    """Return posteriors over priors; float64, shape (n, p)."""
    result = np.exp((logs - logs.max(axis=1, keepdims=True)).astype(np.float64))
    result /= (result * priors).sum(axis=1, keepdims=True)
    return np.asarray(result)


def calibrate(
    logs: np.ndarray,
    priors: np.ndarray,
    truth: np.ndarray,
    site_of: np.ndarray,
    weights: np.ndarray,
    vectors: np.ndarray,
) -> SpatialCalibration:
    """Return the temper, stray share and sharpness that make regions and points true.

    Temper and stray share are those of the best compromise of two deviances: that of the shares
    of left-out animals that regions of 50, 90 and 95 % hold (binomial, in the weights' number of
    animals), and that of the score. Levels are asked for with one site more than there is, as
    conformal prediction does, since the next sample is of one site more. Then the least
    `SpatialCalibration.shared` with which the joint 90 % region of all animals of a left-out site
    holds the site 90 % of the time; then the sharpness of least mean error.

    Parameters
    ----------
    logs : numpy.ndarray of float, shape (n, p)
        Pooled log-likelihoods without the animal's site.
    priors : numpy.ndarray of float64, shape (n, p)
    truth : numpy.ndarray of intp, shape (n,)
        Cell of the true place.
    site_of : numpy.ndarray of int, shape (n,)
    weights : numpy.ndarray of float64, shape (n,)
    vectors : numpy.ndarray of float64, shape (p, 3)
        Unit vectors of the cells.
    """
    share, total = weights / weights.sum(), float(weights.sum())
    sites = np.unique(site_of)
    wanted = np.minimum(np.array(LEFT_OUT_LEVELS) * (1 + 1 / len(sites)), 0.99)
    tried = []
    for temper in TEMPERS:
        ranked = rank_truth(_gains(temper * logs, priors), priors, truth)
        gain, posterior, prior = ranked
        for stray in STRAYS:
            inside = gain > 0
            score = float(share[inside] @ np.log((1 - stray) * gain[inside] + stray))
            rank = (1 - stray) * posterior + stray * prior
            covered = np.array([float(share @ (rank < level)) for level in LEFT_OUT_LEVELS])
            misfit = float((((covered - wanted) ** 2) / (wanted * (1 - wanted))).sum())
            tried.append((total * (misfit - 2 * score), score, covered[1], temper, stray))
    _cost, score, coverage, temper, stray = min(tried)
    gains = _gains(temper * logs, priors)
    mixed = np.log((1 - stray) * gains + stray)
    shared, joint = _share_drift(mixed, priors, truth, site_of, sites)
    sharpness = _sharpen(logs, priors, truth, weights, vectors)
    return SpatialCalibration(temper, stray, score, float(coverage), shared, joint, sharpness)


def _share_drift(
    mixed: np.ndarray, priors: np.ndarray, truth: np.ndarray, site_of: np.ndarray,
    sites: np.ndarray,
) -> tuple[float, float]:  # fmt: skip
    """Return the least `shared` with which joint regions hold their sites, and how often they do."""
    sums = np.array([mixed[site_of == site].sum(axis=0) for site in sites])
    first = np.array([np.flatnonzero(site_of == site)[0] for site in sites])
    sizes = np.array([(site_of == site).sum() for site in sites])
    # The site's place is the cell in which most of its animals were taken.
    places = np.array([np.bincount(truth[site_of == site]).argmax() for site in sites])
    for shared in SHARED:
        scaled = sums / (1 + (sizes - 1) * shared)[:, None]
        gains = _gains(scaled, priors[first])
        _gain, posterior, _prior = rank_truth(gains, priors[first], places)
        joint = float((posterior < TARGET).mean())
        if joint >= TARGET:
            break
    return shared, joint


def _sharpen(
    logs: np.ndarray, priors: np.ndarray, truth: np.ndarray, weights: np.ndarray,
    vectors: np.ndarray,
) -> float:  # fmt: skip
    """Return the power of the likelihood whose best cell is nearest to the truth on average."""
    apart = np.sqrt(np.maximum(2.0 - 2.0 * vectors @ vectors.T, 0.0)).astype(np.float32)
    known = priors > 0
    errors = {}
    for power in SHARPNESSES:
        sharp = (_gains(power * logs, priors) * priors).astype(np.float32)
        expected = np.where(known, sharp @ apart, np.inf)
        errors[power] = float(weights @ apart[truth, greatest(-expected, axis=1)])
    return min(errors, key=lambda power: (errors[power], abs(np.log(power))))


def log_gains(logs: np.ndarray, weights: np.ndarray, temper: float, stray: float) -> np.ndarray:
    """Return log of calibrated posterior over prior: ``log((1 - stray) gain + stray)``.

    Parameters
    ----------
    logs : numpy.ndarray of float, shape (n, p)
        Log-likelihoods.
    weights : numpy.ndarray of float64, shape (p,)
        Prior of the cells; sums to 1.
    temper, stray : float
        Of a `SpatialCalibration`.
    """
    ratios = temper * logs
    ratios = np.exp(ratios - ratios.max(axis=1, keepdims=True))
    return np.asarray(np.log((1 - stray) * ratios / (ratios @ weights)[:, None] + stray))


def posteriors(logs: np.ndarray, priors: np.ndarray, calibration: SpatialCalibration) -> np.ndarray:
    """Return calibrated posteriors of cells; float64, shape (n, p), each row sums to 1.

    Parameters
    ----------
    logs : numpy.ndarray of float, shape (n, p)
        Pooled log-likelihoods.
    priors : numpy.ndarray of float64, shape (n, p)
    calibration : SpatialCalibration
    """
    gains = _gains(calibration.temper * logs, priors)
    result = ((1 - calibration.stray) * gains + calibration.stray) * priors
    return np.asarray(result / result.sum(axis=1, keepdims=True))


def point_weights(
    logs: np.ndarray, priors: np.ndarray, calibration: SpatialCalibration
) -> np.ndarray:
    """Return weights of cells whose geometric median is the point; shape (n, p), rows sum to 1."""
    return np.asarray(_gains(calibration.sharpness * logs, priors) * priors)


def groups_of(sites: int, folds: int, seed: int) -> Sequence[np.ndarray]:
    """Return sites in groups that are left out together; each site is in one."""
    order = np.random.default_rng(seed).permutation(sites)
    return [order[start::folds] for start in range(min(folds, sites))]
