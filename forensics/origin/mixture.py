"""Proportions of reference populations in a sample of many animals, such as one seizure.

Alleles of the sample are not added to the reference: the likelihood of each animal is the one it
has alone (conditional likelihood: Millar 1987; the model of rubias, Moran & Anderson 2019,
doi:10.1139/cjfas-2018-0016).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.assignment import values_of
from forensics.origin.baseline import Baseline
from forensics.stats import MAX_R_HAT, split_r_hat

CHAINS = 4
SWEEPS = 2000
BURN_IN = 500
LEVEL = 0.95
# EM stops when no proportion changes by more than this; a hundredth of what is printed.
TOLERANCE = 1e-8
MAX_STEPS = 20_000


@dataclass(frozen=True, eq=False)
class Mixture:
    """Proportions of populations and units in a sample.

    Attributes
    ----------
    animals : tuple of str, length n
        Those with at least one typed locus.
    populations : tuple of str, length P
    units : tuple of str, length U
    maximum : numpy.ndarray of float64, shape (P,)
        Proportions of greatest likelihood (EM).
    steps : int
        Steps of EM.
    mean, low, high : numpy.ndarray of float64, shape (P,)
        Posterior mean and limits of the credible interval (Gibbs).
    unit_maximum, unit_mean, unit_low, unit_high : numpy.ndarray of float64, shape (U,)
    posterior : numpy.ndarray of float64, shape (n, P)
        Of each animal, averaged over the proportions drawn.
    level : float
        Level of the credible intervals.
    r_hat : float
        Greatest split R-hat over the proportions of populations and units.
    notices : tuple of Notice
        Of all animals.
    animal_notices : dict of str to tuple of Notice
        Of animals of which something must be known, by their names.
    """

    animals: tuple[str, ...]
    populations: tuple[str, ...]
    units: tuple[str, ...]
    maximum: np.ndarray
    steps: int
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    unit_maximum: np.ndarray
    unit_mean: np.ndarray
    unit_low: np.ndarray
    unit_high: np.ndarray
    posterior: np.ndarray
    level: float
    r_hat: float
    seed: int
    notices: tuple[Notice, ...]
    animal_notices: dict[str, tuple[Notice, ...]]


def em(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the proportions of greatest likelihood and the steps that were needed.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.

    References
    ----------
    Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x.
    """
    likelihood = np.exp(values - values.max(axis=1, keepdims=True))
    proportions = np.full(values.shape[1], 1.0 / values.shape[1])
    steps, change = 0, np.inf
    while change > TOLERANCE and steps < MAX_STEPS:
        joint = likelihood * proportions
        new = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        change = np.abs(new - proportions).max()
        proportions, steps = new, steps + 1
    return proportions, steps


def gibbs(
    values: np.ndarray,
    prior: np.ndarray,
    *,
    sweeps: int = SWEEPS,
    burn_in: int = BURN_IN,
    chains: int = CHAINS,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw proportions and the populations of the animals from their joint posterior.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.
    prior : numpy.ndarray of float64, shape (P,)
        Dirichlet parameters.
    sweeps, burn_in : int
        Sweeps of each chain that are kept, and that are thrown away before.
    chains : int
        Each starts from proportions drawn evenly at random.

    Returns
    -------
    drawn : numpy.ndarray of float64, shape (chains, sweeps, P)
    posterior : numpy.ndarray of float64, shape (n, P)
        Mean over kept sweeps of the probabilities from which animals were drawn.
    """
    likelihood = np.exp(values - values.max(axis=1, keepdims=True))
    count, size = likelihood.shape
    drawn = np.empty((chains, sweeps, size))
    posterior = np.zeros_like(likelihood)
    for chain in range(chains):
        generator = np.random.default_rng([seed, chain])
        proportions = generator.dirichlet(np.ones(size))
        for sweep in range(-burn_in, sweeps):
            joint = likelihood * proportions
            edges = np.cumsum(joint, axis=1)
            total = edges[:, -1:]
            if sweep >= 0:
                posterior += joint / total
            places = (edges < generator.random((count, 1)) * total).sum(axis=1)
            counts = np.bincount(np.minimum(places, size - 1), minlength=size)
            # A share below 1e-300 would be drawn as 0, and a population at 0 cannot come back
            # while its likelihood is the only one; the floor keeps every population possible.
            proportions = np.maximum(generator.dirichlet(prior + counts), 1e-300)
            if sweep >= 0:
                drawn[chain, sweep] = proportions
    return drawn, posterior / (chains * sweeps)


def estimate_mixture(
    genotypes: Genotypes,
    baseline: Baseline,
    *,
    prior: Mapping[str, float] | None = None,
    sweeps: int = SWEEPS,
    burn_in: int = BURN_IN,
    chains: int = CHAINS,
    level: float = LEVEL,
    seed: int = 1,
) -> Mixture:
    """Estimate which share of a sample comes from each population.

    Parameters
    ----------
    genotypes : Genotypes
        The sample; animals without any typed locus are left out with a caution.
    baseline : Baseline
        Its temperature divides the log-likelihoods.
    prior : mapping of str to float, optional
        Dirichlet parameter of each population; by default 1/P each, as rubias.
    sweeps, burn_in, chains, seed : int
        See `gibbs`.
    level : float
        Level of the credible intervals.

    Raises
    ------
    InputError
        If no animal has a typed locus.
    UsageError
        If the prior does not name each population with a number above 0, or there is less than
        one chain or fewer than four sweeps.
    """
    if chains < 2 or sweeps < 4 or burn_in < 0 or not 0 < level < 1:
        raise UsageError(_("at least 2 chains, 4 sweeps and a level between 0 and 1 are needed"))
    size = len(baseline.populations)
    parameters = np.full(size, 1.0 / size)
    if prior is not None:
        if set(prior) != set(baseline.populations) or not all(
            np.isfinite(value) and value > 0 for value in prior.values()
        ):
            raise UsageError(
                _("the prior must give each population of the reference a number above 0")
            )
        parameters = np.array([float(prior[name]) for name in baseline.populations])
    coded = values_of(genotypes, baseline)
    use = coded.loci_typed > 0
    if not use.any():
        raise InputError(
            _("no animal of the sample has a typed locus of the reference"),
            source=genotypes.source or None,
        )
    values = (coded.log_likelihoods / baseline.temperature)[use]
    maximum, steps = em(values)
    drawn, posterior = gibbs(
        values, parameters, sweeps=sweeps, burn_in=burn_in, chains=chains, seed=seed
    )
    membership = baseline.membership
    unit_drawn = drawn @ membership
    tail = (1 - level) / 2
    # Counted, not -1: a reference without units has none of them, and nothing to reshape.
    rows = drawn.shape[0] * drawn.shape[1]
    flat, unit_flat = drawn.reshape(rows, size), unit_drawn.reshape(rows, membership.shape[1])
    low, high = np.quantile(flat, [tail, 1 - tail], axis=0)
    unit_low, unit_high = np.quantile(unit_flat, [tail, 1 - tail], axis=0)
    r_hat = float(np.max(np.concatenate([split_r_hat(drawn), split_r_hat(unit_drawn)])))
    common = list(coded.notices)
    if r_hat > MAX_R_HAT:
        common.append(notices.NOT_CONVERGED(found=r_hat, most=MAX_R_HAT))
    if steps >= MAX_STEPS:
        common.append(notices.EM_NOT_CONVERGED(count=MAX_STEPS))
    of_animals = zip(coded.animals, coded.animal_notices)
    return Mixture(
        animals=tuple(name for name, good in zip(coded.animals, use) if good),
        populations=baseline.populations,
        units=baseline.unit_names,
        maximum=maximum,
        steps=steps,
        mean=flat.mean(axis=0),
        low=low,
        high=high,
        unit_maximum=maximum @ membership,
        unit_mean=unit_flat.mean(axis=0),
        unit_low=unit_low,
        unit_high=unit_high,
        posterior=posterior,
        level=level,
        r_hat=r_hat,
        seed=seed,
        notices=tuple(common),
        animal_notices={animal: known for animal, known in of_animals if known},
    )
