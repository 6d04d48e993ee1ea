"""The estimator of places, tuned and calibrated on sites that were left out.

Several experts speak of every place: frequencies smoothed at several widths, and a regression of the
place on the alleles. The posterior is their logarithmic pool::

    p(x) ~ prior(x) exp(sum_k power_k f_k(x))

The powers are those under which the places of animals of left-out sites are most probable. That is a
conditional logit, which has one optimum and no grid of settings to jump between. Powers of a
product of loci are below 1, since loci are not independent and sites drift. Then the regions are
calibrated: a temper of the whole, and a stray share of the posterior that is spread as the prior. The
point is calibrated apart, by a power of its own. `fit_field` learns it all from animals of known places.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

import numpy as np

from forensics.core.stored import not_stored
from forensics.learning.arrays import ABOVE_0, array, model_part
from forensics.origin.fields import (
    PENALTIES,
    CellInterpolation,
    Doses,
    PlaceRidge,
    SiteCounts,
    count_sites,
    error_km,
    fit_ridge,
    kriged_logs,
    learn_interpolation,
    left_out_places,
    site_weights,
    smoothed_logs,
)
from forensics.origin.geography import (
    EARTH_RADIUS_KM,
    Grid,
    check_places,
    great_circle,
    unit_vectors,
)
from forensics.origin.place_fit import LeftOutPlaces
from forensics.origin.ranges import Range
from forensics.stats import evenly_spaced, greatest

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
        Mean log of posterior density at the true place, nats, over that of a genotype of no animal
        (the mean evidence of all), over left-out animals weighted by their site
        (`fields.site_weights`). Above 0 the genotypes tell places apart. Without any, kernels
        already prefer places near many sites.
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

    def is_sound(self) -> bool:
        """Return whether the values are possible, as they may not be in a model that was damaged."""
        return (
            0 < self.temper <= 2
            and 0 <= self.stray < 1
            and 0 <= self.shared <= 1
            and 0 < self.sharpness < np.inf
        )


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
    blind = np.broadcast_to(logs.mean(axis=0), logs.shape)
    gain, _posterior, _prior = rank_truth(_gains(temper * blind, priors), priors, truth)
    inside = gain > 0
    score -= float(share[inside] @ np.log((1 - stray) * gain[inside] + stray))
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


ENGINE = "pooled kernels of counts, kriging and regression 1"
"""Name of this estimator in stored models; models before it have none."""
# Widths of the kernels, as shares of the greatest distance between two sites.
WIDTHS = (0.02, 0.04, 0.08, 0.16, 0.32)

# Widths of the kriged fields, likewise.
KRIGED_WIDTHS = (0.08, 0.25, 0.8)

# Animals of a site that the powers of a large reference are fitted on: 30 weigh like 7.7 independent
# ones, 80 like 9 (`ridge.site_weights`).
MAX_TUNED = 30

Step = Callable[[], object]
"""Called after each step of a long fit."""


@model_part
class PooledField:
    """What the reference shows of any place."""

    offsets: np.ndarray = array("O", np.intp)  # the last column of a locus: all alleles never seen
    counts: np.ndarray = array("S, A", least=0)  # copies of each allele at each site
    latitudes: np.ndarray = array("S", key="site_latitudes")  # degrees
    longitudes: np.ndarray = array("S", key="site_longitudes")
    # Copies that the base frequencies of a locus count for, in kriging.
    concentrations: np.ndarray = array("L", least=ABOVE_0)
    widths_km: np.ndarray = array("K", least=ABOVE_0)  # of the kernels
    kriged_widths_km: np.ndarray = array("J", least=ABOVE_0)  # of the kriged fields
    powers: np.ndarray = array(
        "E", least=0
    )  # of each kernel, each kriged field, and the regression
    ridge: PlaceRidge = field(metadata=not_stored())

    def is_sound(self) -> bool:
        """Return whether the parts belong together, as they do not in a model that was damaged."""
        check_places(self.latitudes, self.longitudes)
        return (
            len(self.powers) == len(self.widths_km) + len(self.kriged_widths_km) + 1
            and len(self.concentrations) == len(self.offsets) - 1
            and len(self.ridge.means) == self.counts.shape[1] == self.offsets[-1]
        )

    @property
    def width_km(self) -> float:
        """Mean width of kernels and kriged fields, by their powers (geometric); of all if all are 0."""
        logs = np.log(np.concatenate([self.widths_km, self.kriged_widths_km]))
        powers = self.powers[:-1] if self.powers[:-1].any() else np.ones(len(logs))
        return float(np.exp(powers @ logs / powers.sum()))

    def counted(self, dtype: np.dtype) -> SiteCounts:
        """Return what the sites know, in the precision of the doses."""
        return count_sites(self.counts, self.offsets, dtype, self.concentrations)

    def middle(self) -> np.ndarray:
        """Return the mean place of the sites as a vector in Earth radii; float64, shape (3,)."""
        return np.asarray(unit_vectors(self.latitudes, self.longitudes).mean(axis=0))

    def log_likelihood(self, doses: Doses, grid: Grid) -> np.ndarray:
        """Return pooled log-likelihoods at the allowed cells of a grid; float64, shape (n, p)."""
        distances = grid.distances(self.latitudes, self.longitudes)
        result = np.zeros((len(doses.alleles), len(distances)))
        counted = self.counted(doses.alleles.dtype)
        powers, kriged = np.split(self.powers[:-1], [len(self.widths_km)])
        apart = site_distances(self.latitudes, self.longitudes)
        fields = (
            smoothed_logs(counted, doses, distances, self.widths_km[powers > 0]),
            kriged_logs(counted, doses, distances, apart, self.kriged_widths_km[kriged > 0]),
        )
        used = self.powers[:-1][self.powers[:-1] > 0]
        for power, logs in zip(used, chain.from_iterable(fields)):
            result += power * logs
        if self.powers[-1]:
            result += self.powers[-1] * regression_logs(
                self.ridge.predict(doses), self.middle(), self.ridge.sd_km, self.ridge.spread_km,
                doses, grid,
            )  # fmt: skip
        return result


@dataclass(frozen=True, eq=False)
class KnownAnimals:
    """Animals of known places, as they are fitted and left out.

    Attributes
    ----------
    doses : Doses
        n animals.
    site_of : numpy.ndarray of int, shape (n,)
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    site_latitudes, site_longitudes : numpy.ndarray of float64, shape (S,)
    site_counts : numpy.ndarray of float64, shape (S, A), optional
        Copies of each allele at each site, where not all of its animals are among these.
    """

    doses: Doses
    site_of: np.ndarray
    latitudes: np.ndarray
    longitudes: np.ndarray
    site_latitudes: np.ndarray
    site_longitudes: np.ndarray
    site_counts: np.ndarray | None = None

    @property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.site_latitudes)

    def counts(self) -> np.ndarray:
        """Return copies of each allele at each site; float64, shape (S, A)."""
        if self.site_counts is not None:
            return self.site_counts
        return np.stack(
            [
                self.doses.alleles[self.site_of == site].sum(axis=0, dtype=np.float64)
                for site in range(self.sites)
            ]
        )

    def without(self, left_out: np.ndarray) -> "KnownAnimals":
        """Return the animals of other sites than those numbered in `left_out`."""
        kept = np.setdiff1d(np.arange(self.sites), left_out)
        rows = np.flatnonzero(np.isin(self.site_of, kept))
        return KnownAnimals(
            self.doses.take(rows),
            np.searchsorted(kept, self.site_of[rows]),
            self.latitudes[rows],
            self.longitudes[rows],
            self.site_latitudes[kept],
            self.site_longitudes[kept],
        )

    def thin_rows(self, most: int) -> np.ndarray:
        """Return at most so many animals of each site, evenly taken; intp."""
        turns = [np.flatnonzero(self.site_of == site) for site in range(self.sites)]
        return np.sort(np.concatenate([own[evenly_spaced(len(own), most)] for own in turns]))

    def take(self, rows: np.ndarray) -> "KnownAnimals":
        """Return some animals; the sites count all of theirs."""
        return replace(
            self,
            doses=self.doses.take(rows),
            site_of=self.site_of[rows],
            latitudes=self.latitudes[rows],
            longitudes=self.longitudes[rows],
            site_counts=self.counts(),
        )

    def widths_km(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the widths of the kernels and of the kriged fields, km."""
        extent = float(site_distances(self.site_latitudes, self.site_longitudes).max())
        return np.array(WIDTHS) * extent, np.array(KRIGED_WIDTHS) * extent


def site_distances(latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
    """Return km between sites; float64, shape (S, S)."""
    return great_circle(latitudes[:, None], longitudes[:, None], latitudes, longitudes)


def regression_logs(
    predicted: np.ndarray,
    middle: np.ndarray,
    sd_km: float,
    spread_km: float,
    doses: Doses,
    grid: Grid,
) -> np.ndarray:
    """Return what a regression says of each cell, as log-likelihoods; float, shape (n, p).

    The normal density of the cell around the predicted place over that around the middle of the
    reference: a regression that has learned nothing names the middle, and that is no evidence. It
    is weaker the fewer loci were typed; without any it says nothing.

    Parameters
    ----------
    predicted : numpy.ndarray of float, shape (n, 3)
        Earth radii.
    middle : numpy.ndarray of float, shape (3,)
    sd_km, spread_km : float
        Errors of a coordinate of the prediction, and of the middle.
    """
    vectors, radius = grid.vectors(), EARTH_RADIUS_KM
    squares = (
        (predicted.astype(np.float64) ** 2).sum(axis=1)[:, None] + 1.0
        - 2.0 * predicted.astype(np.float64) @ vectors.T
    )  # fmt: skip
    before = ((vectors - middle) ** 2).sum(axis=1) / (2.0 * (spread_km / radius) ** 2)
    logs = before - squares / (2.0 * (sd_km / radius) ** 2)
    return np.asarray(logs * doses.typed_share[:, None], dtype=doses.alleles.dtype)


def priors_without(
    known: KnownAnimals, grid: Grid, range_: Range, distances: np.ndarray
) -> np.ndarray:
    """Return for each site the prior of the cells without it; float64, shape (S, p).

    By area. A range that was given is known without the animals. One that is a distance around
    the sites is drawn around the other sites alone: the cells of the site that is left out may
    then have no prior.
    """
    areas = grid.areas()[grid.inside]
    if range_.kind != "sites" or range_.distance_km is None:
        return np.tile(grid.area_shares(), (known.sites, 1))
    near = distances <= range_.distance_km
    cells = grid.allowed_cell_of(known.latitudes, known.longitudes)
    holds = np.zeros_like(near)
    holds[cells, known.site_of] = True
    allowed = near | holds
    result = np.empty((known.sites, len(areas)))
    for site in range(known.sites):
        others = np.delete(allowed, site, axis=1).any(axis=1)
        result[site] = np.where(others, areas, 0.0)
    return np.asarray(result / result.sum(axis=1, keepdims=True))


def sampling_density(away: np.ndarray, animals: np.ndarray, width_km: float) -> np.ndarray:
    """Return how densely places are sampled, up to a factor; float64, shape (p,).

    Parameters
    ----------
    away : numpy.ndarray of float64, shape (p, S)
        km from places to sites.
    animals : numpy.ndarray of int, shape (S,)
    """
    logs = np.log(animals) - away / width_km
    # Relative to the greatest, so that not all of it underflows where all sites are far.
    return np.asarray(np.exp(np.logaddexp.reduce(logs, axis=1) - logs.max()))


def priors_of_sites(
    known: KnownAnimals,
    grid: Grid,
    range_: Range,
    distances: np.ndarray,
    width_km: float,
    *,
    without: bool = True,
) -> dict[str, np.ndarray]:
    """Return for each site the priors of the cells, by their names; float64, shape (S, p) each.

    Parameters
    ----------
    distances : numpy.ndarray of float64, shape (p, S)
        km from the cells to the sites.
    width_km : float
        Of the prior ``sampling``.
    without : bool
        Without the site itself.
    """
    animals = np.bincount(known.site_of, minlength=known.sites)
    if without:
        area = priors_without(known, grid, range_, distances)
        near = [
            sampling_density(np.delete(distances, site, axis=1), np.delete(animals, site), width_km)
            for site in range(known.sites)
        ]
    else:
        area = np.tile(grid.area_shares(), (known.sites, 1))
        near = [sampling_density(distances, animals, width_km)]
    sampling = area * np.array(near)
    return {"area": area, "sampling": sampling / sampling.sum(axis=1, keepdims=True)}


def left_out_fields(
    known: KnownAnimals,
    grid: Grid,
    widths_km: tuple[np.ndarray, np.ndarray],
    sites: Iterable[int],
    *,
    concentrations: np.ndarray | None = None,
    progress: Step | None = None,
) -> np.ndarray:
    """Return what the smoothed and kriged fields say of the animals of some sites, each left out.

    Parameters
    ----------
    widths_km : tuple of numpy.ndarray of float64, shapes (K,) and (J,)
        Of the kernels and of the kriged fields.
    sites : iterable of int
        Animals of other sites get 0.
    concentrations : numpy.ndarray of float64, shape (L,), optional
        Of the loci; by default fitted to all sites.
    progress : callable, optional
        Called after each site.

    Returns
    -------
    numpy.ndarray of float, shape (K + J, n, p)
    """
    dtype = known.doses.alleles.dtype
    counted = count_sites(known.counts(), known.doses.offsets, dtype, concentrations)
    distances = grid.distances(known.site_latitudes, known.site_longitudes)
    apart = site_distances(known.site_latitudes, known.site_longitudes)
    count = sum(map(len, widths_km))
    fields = np.zeros((count, len(known.site_of), len(distances)), dtype=dtype)
    shortcuts = _interpolations(counted, distances, apart, widths_km, dtype)
    for site in sites:
        rows = np.flatnonzero(known.site_of == site)
        left_out = np.arange(known.sites) == site
        others, own = counted.without(left_out), known.doses.take(rows)
        away, between = distances[:, ~left_out], apart[np.ix_(~left_out, ~left_out)]
        for number, shortcut in enumerate(shortcuts):
            fields[number, rows] = _field_logs(
                others, own, away, between, widths_km, number, shortcut
            )
        if progress is not None:
            progress()
    return fields


def _field_logs(
    sites: SiteCounts,
    doses: Doses,
    distances: np.ndarray,
    apart: np.ndarray,
    widths_km: tuple[np.ndarray, np.ndarray],
    number: int,
    shortcut: CellInterpolation | None = None,
) -> np.ndarray:
    """Return the log-likelihoods of one field, the smoothed ones first; float, shape (n, p)."""
    places = distances if shortcut is None else distances[shortcut.cells]
    kernels = len(widths_km[0])
    if number < kernels:
        logs = smoothed_logs(sites, doses, places, widths_km[0][[number]])[0]
    else:
        logs = kriged_logs(sites, doses, places, apart, widths_km[1][[number - kernels]])[0]
    return logs if shortcut is None else shortcut.spread(logs)


def _interpolations(
    sites: SiteCounts,
    distances: np.ndarray,
    apart: np.ndarray,
    widths_km: tuple[np.ndarray, np.ndarray],
    dtype: np.dtype,
) -> list[CellInterpolation | None]:
    """Return how each field is interpolated between cells; in double precision none is.

    Kernels are not: near a site that is left out narrow ones differ from all that were learnt with it.
    """
    kernels = len(widths_km[0])
    if dtype == np.float64:
        return [None] * sum(map(len, widths_km))
    return [None] * kernels + [
        learn_interpolation(
            partial(
                _field_logs,
                sites,
                distances=distances,
                apart=apart,
                widths_km=widths_km,
                number=number,
            ),
            sites.offsets,
            dtype,
        )
        for number in range(kernels, kernels + len(widths_km[1]))
    ]


def left_out_experts(
    known: KnownAnimals,
    grid: Grid,
    widths_km: tuple[np.ndarray, np.ndarray],
    *,
    penalty: float | None = None,
    sd_km: float | None = None,
    progress: Step | None = None,
) -> tuple[np.ndarray, float, float, float]:
    """Return what each expert says of each animal's place without the animal's site.

    Parameters
    ----------
    widths_km : tuple of numpy.ndarray of float64, shapes (K,) and (J,)
        Of the kernels and of the kriged fields.
    penalty, sd_km : float, optional
        Of the regression; by default the penalty of least error, and its error.
    progress : callable, optional
        Called after each site.

    Returns
    -------
    experts : numpy.ndarray of float, shape (K + J + 1, n, p)
    penalty, sd_km, spread_km : float
        Of the regression.
    """
    fields = left_out_fields(known, grid, widths_km, range(known.sites), progress=progress)
    places, weights = unit_vectors(known.latitudes, known.longitudes), site_weights(known.site_of)
    penalties = PENALTIES if penalty is None else (penalty,)
    predicted = left_out_places(known.doses, places, weights, known.site_of, penalties)
    errors = [error_km(tried, places, weights) for tried in predicted]
    best = int(greatest([-mean for mean, _sd in errors]))
    sd_km = max(1.0, errors[best][1] if sd_km is None else sd_km)
    centres = unit_vectors(known.site_latitudes, known.site_longitudes)
    middle = centres.mean(axis=0)
    spread_km = max(sd_km, error_km(np.broadcast_to(middle, places.shape), places, weights)[1])
    regression = regression_logs(predicted[best], middle, sd_km, spread_km, known.doses, grid)
    return np.concatenate([fields, regression[None]]), penalties[best], sd_km, spread_km


def fit_field(
    known: KnownAnimals,
    grid: Grid,
    range_: Range,
    *,
    widths_km: tuple[np.ndarray, np.ndarray] | None = None,
    progress: Step | None = None,
    to_place: bool = True,
) -> tuple[PooledField, dict[str, SpatialCalibration], LeftOutPlaces]:
    """Return the field of known animals, how true it is on sites that are left out, by prior, and where it puts these.

    Parameters
    ----------
    grid : Grid
        Coarse: the cells among which an animal is placed in the calibration. It must hold the
        animals in allowed cells.
    widths_km : tuple of numpy.ndarray of float64, optional
        Of the kernels and of the kriged fields; by default those of the animals.
    progress : callable, optional
        Called after each site.
    to_place : bool
        Whether the field is to place animals. Else the slopes of its regression are not needed, and of
        a large reference they are those of the animals that tune it.
    """
    widths = known.widths_km() if widths_km is None else widths_km
    # Of a large reference some animals of each site say which powers are right; all count in the sites.
    is_large = known.doses.alleles.dtype != np.float64
    rows = known.thin_rows(MAX_TUNED) if is_large else np.arange(len(known.site_of))
    tuned = known.take(rows)
    experts, penalty, sd_km, spread_km = left_out_experts(tuned, grid, widths, progress=progress)
    distances = grid.distances(known.site_latitudes, known.site_longitudes)
    priors = priors_without(known, grid, range_, distances)[tuned.site_of]
    truth = grid.allowed_cell_of(tuned.latitudes, tuned.longitudes)
    weights = site_weights(tuned.site_of)
    regressed = known if to_place else tuned
    places = unit_vectors(regressed.latitudes, regressed.longitudes)
    counts = known.counts()
    field = PooledField(
        known.doses.offsets,
        counts,
        known.site_latitudes,
        known.site_longitudes,
        count_sites(counts, known.doses.offsets, known.doses.alleles.dtype).concentrations,
        *widths,
        fit_powers(experts, priors, truth, weights),
        fit_ridge(
            regressed.doses, places, site_weights(regressed.site_of), penalty, sd_km, spread_km
        ),
    )
    logs, vectors = pool(experts, field.powers), grid.vectors()
    calibrations = {
        name: calibrate(logs, each[tuned.site_of], truth, tuned.site_of, weights, vectors)
        for name, each in priors_of_sites(known, grid, range_, distances, field.width_km).items()
    }
    best = greatest(np.where(priors > 0, logs, -np.inf), axis=1, are_logs=True)
    latitudes, longitudes = (degrees[grid.inside][best] for degrees in grid.coordinates())
    return field, calibrations, LeftOutPlaces(rows, latitudes, longitudes)
