"""Posterior draws of a binomial model with effects of year, of site and of each site-year.

``illegal ~ Binomial(found, p)``, ``logit p = year + site + site-year``. Years are free
(normal prior of variance 1000), sites and site-years are normal about 0 with variances that are
learnt (inverse-gamma priors, shape and rate 0.001). This is the model and the priors of the
published trend. It is drawn from by Gibbs steps, here in place of JAGS:

1. logit p of each site-year, by itself, from a t distribution near its mode, accepted or not
   (Metropolis-Hastings; nine in ten are accepted);
2. all years and sites together, which are normal given step 1: years first with the sites
   integrated out, then each site;
3. both variances, given the effects (conjugate), and again given the effects in units of their
   standard deviation, which moves them where the data say little (interweaving); that of sites a
   third time, with site-years giving way, so that p stays as it is.

References
----------
CITES MIKE Programme 2020, https://github.com/CITESmike2020/MIKE-GLMM (model, priors).
Yu Y, Meng X-L 2011, To center or not to center. doi:10.1198/jcgs.2011.203main (interweaving).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

__all__ = ["Draws", "draw"]

# Priors of the published model, in JAGS: dnorm(0, 0.001), and dgamma(0.001, 0.001) of precisions.
YEAR_PRECISION = 0.001
GAMMA_SHAPE = GAMMA_RATE = 0.001
# Of our own steps; they change speed, not the distribution.
_FREEDOM = 5.0  # of the t proposal: heavier tails than the target has
_NEWTON = 3
_REPORT_EVERY = 100  # draws between two words to whoever waits
_LOG_STEPS = (0.6, 0.3)  # standard deviation of the step of log sd, of sites and of site-years


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of the posterior, with D draws of each of C chains.

    Attributes
    ----------
    mean : numpy.ndarray of float64, shape (D, C, Y)
        Mean of p over all sites, those that did not report in a year filled in by the model.
    typical : numpy.ndarray of float64, shape (D, C, Y)
        p of a site whose effects are 0: back-transformed effect of the year.
    sd : numpy.ndarray of float64, shape (D, C, 2)
        Standard deviations of sites, and of site-years, on the logit scale.
    accepted : float
        Share of proposals in step 1 that were accepted.
    """

    mean: np.ndarray
    typical: np.ndarray
    sd: np.ndarray
    accepted: float


def draw(
    total: np.ndarray,
    illegal: np.ndarray,
    year: np.ndarray,
    site: np.ndarray,
    *,
    draws: int,
    warm_up: int,
    chains: int,
    seed: int,
    progress: Callable[[int], None] = lambda _turns: None,
) -> Draws:
    """Draw from the posterior; all chains advance together.

    Parameters
    ----------
    total, illegal : numpy.ndarray of int64, shape (n,)
        Of each site-year with at least one carcass.
    year, site : numpy.ndarray of int64, shape (n,)
        Numbers from 0; each pair once.
    draws, warm_up, chains, seed : int
        Draws kept and thrown away of each chain.
    progress : callable
        Is told now and then how many draws of each chain were made since.
    """
    n, k = total.astype(np.float64), illegal.astype(np.float64)
    years, sites = int(year.max()) + 1, int(site.max()) + 1
    generator = np.random.default_rng(seed)
    design = np.zeros((sites, years))
    design[site, year] = 1.0
    state = _State(chains, years, sites, generator)
    empirical = np.log((k + 0.5) / (n - k + 0.5))
    theta = np.tile(empirical, (chains, 1))
    weight = (k + 0.5) * (n - k + 0.5) / (n + 1.0)

    def likelihood(value: np.ndarray) -> np.ndarray:
        result: np.ndarray = k * value - n * np.logaddexp(0.0, value)
        return result

    height = likelihood(theta)  # kept beside theta: it is what costs time
    means, typical = np.empty((draws, chains, years)), np.empty((draws, chains, years))
    sds, accepted = np.empty((draws, chains, 2)), 0.0
    for turn in range(-warm_up, draws):
        # 1: each site-year
        centre, precision = state.linear(year, site), state.sd[:, 1, None] ** -2.0
        mode = (weight * empirical + precision * centre) / (weight + precision)
        for _step in range(_NEWTON):
            p = expit(mode)
            slope = k - n * p - precision * (mode - centre)
            mode += np.clip(slope / (n * p * (1 - p) + precision), -1.0, 1.0)
        p = expit(mode)
        scale = (n * p * (1 - p) + precision) ** -0.5
        step, was = generator.standard_t(_FREEDOM, theta.shape), (theta - mode) / scale
        other = mode + scale * step
        height_there = likelihood(other)
        gain = height_there - height
        gain -= 0.5 * precision * ((other - centre) ** 2 - (theta - centre) ** 2)
        gain += (_FREEDOM + 1) / 2 * (np.log1p(step**2 / _FREEDOM) - np.log1p(was**2 / _FREEDOM))
        taken = np.log(generator.random(theta.shape)) < gain
        theta, height = np.where(taken, other, theta), np.where(taken, height_there, height)
        accepted += taken.mean() / (warm_up + draws)
        # 2 and 3
        state.draw_effects(theta, design, year, site)
        theta, height = state.draw_deviations(theta, height, likelihood, year, site)
        if (turn + warm_up + 1) % _REPORT_EVERY == 0:
            progress(_REPORT_EVERY)
        if turn >= 0:
            shape = (chains, sites, years)
            full = state.site[:, :, None] + state.year[:, None, :]
            full += state.sd[:, 1, None, None] * generator.standard_normal(shape)
            full[:, site, year] = theta
            means[turn] = expit(full).mean(axis=1)
            typical[turn] = expit(state.year)
            sds[turn] = state.sd
    return Draws(means, typical, sds, float(accepted))


class _State:
    """Effects and deviations of all chains: year (C, Y), site (C, S), sd of sites and site-years."""

    def __init__(self, chains: int, years: int, sites: int, generator: np.random.Generator) -> None:
        self.generator = generator
        self.year: np.ndarray = generator.normal(0.0, 1.0, (chains, years))
        self.site: np.ndarray = np.zeros((chains, sites))
        self.sd = np.exp(generator.normal(0.0, 0.5, (chains, 2)))

    def linear(self, year: np.ndarray, site: np.ndarray) -> np.ndarray:
        sums: np.ndarray = self.year[:, year] + self.site[:, site]
        return sums

    def draw_effects(
        self, theta: np.ndarray, design: np.ndarray, year: np.ndarray, site: np.ndarray
    ) -> None:
        """Draw years with the sites integrated out, then sites given years."""
        sites, years = design.shape
        chains = len(theta)
        precision = self.sd[:, 1] ** -2.0
        by_site, by_year = np.zeros((chains, sites)), np.zeros((chains, years))
        for chain in range(chains):
            by_site[chain] = np.bincount(site, theta[chain], sites) * precision[chain]
            by_year[chain] = np.bincount(year, theta[chain], years) * precision[chain]
        own = precision[:, None] * design.sum(axis=1) + self.sd[:, 0, None] ** -2.0
        cross = precision[:, None, None] * design  # (C, S, Y)
        shared = np.swapaxes(cross, 1, 2) @ (cross / own[:, :, None])
        total = -shared
        diagonal = np.arange(years)
        total[:, diagonal, diagonal] += precision[:, None] * design.sum(axis=0) + YEAR_PRECISION
        right = by_year - (np.swapaxes(cross, 1, 2) @ (by_site / own)[:, :, None])[:, :, 0]
        root = np.linalg.cholesky(total)
        noise = self.generator.standard_normal((chains, years, 1))
        half = np.linalg.solve(root, right[:, :, None]) + noise
        self.year = np.linalg.solve(np.swapaxes(root, 1, 2), half)[:, :, 0]
        mean = (by_site - (cross @ self.year[:, :, None])[:, :, 0]) / own
        self.site = mean + self.generator.standard_normal((chains, sites)) * own**-0.5

    def draw_deviations(
        self,
        theta: np.ndarray,
        height: np.ndarray,
        likelihood: Callable[[np.ndarray], np.ndarray],
        year: np.ndarray,
        site: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw both standard deviations, given the effects and given the effects in their units."""
        chains, generator = len(theta), self.generator
        for place, effects in ((0, self.site), (1, theta - self.linear(year, site))):
            shape = GAMMA_SHAPE + effects.shape[1] / 2.0
            rate = GAMMA_RATE + 0.5 * (effects**2).sum(axis=1)
            self.sd[:, place] = (generator.gamma(shape, size=chains) / rate) ** -0.5
        self._stretch_sites(theta, year, site)
        for place in (0, 1):
            change = generator.normal(0.0, _LOG_STEPS[place], chains)
            old = np.log(self.sd[:, place])
            factor = np.exp(change)[:, None]
            effects = self.site[:, site] if place == 0 else theta - self.linear(year, site)
            moved = theta + (factor - 1.0) * effects
            height_there = likelihood(moved)
            gain = (height_there - height).sum(axis=1)
            gain += _log_prior(old + change) - _log_prior(old)
            taken = np.log(generator.random(chains)) < gain
            theta = np.where(taken[:, None], moved, theta)
            height = np.where(taken[:, None], height_there, height)
            self.sd[:, place] = np.where(taken, np.exp(old + change), self.sd[:, place])
            if place == 0:
                self.site = np.where(taken[:, None], self.site * factor, self.site)
        return theta, height

    def _stretch_sites(self, theta: np.ndarray, year: np.ndarray, site: np.ndarray) -> None:
        """Draw the sd of sites given the sites in its units, while p stays: site-years give way."""
        change = self.generator.normal(0.0, _LOG_STEPS[0], len(theta))
        old, before = np.log(self.sd[:, 0]), theta - self.linear(year, site)
        factor = np.exp(change)[:, None]
        after = before - (factor - 1.0) * self.site[:, site]
        gain = 0.5 * (before**2 - after**2).sum(axis=1) * self.sd[:, 1] ** -2.0
        gain += _log_prior(old + change) - _log_prior(old)
        taken = np.log(self.generator.random(len(theta))) < gain
        self.sd[:, 0] = np.where(taken, np.exp(old + change), self.sd[:, 0])
        self.site = np.where(taken[:, None], self.site * factor, self.site)


def _log_prior(log_sd: np.ndarray) -> np.ndarray:
    """Return the log density of log sd, where the precision is gamma distributed."""
    return -2.0 * GAMMA_SHAPE * log_sd - GAMMA_RATE * np.exp(-2.0 * log_sd)
