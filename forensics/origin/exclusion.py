r"""Does an animal come from none of the reference populations?

For each population the log-likelihood of the animal is compared with what animals of that
population have at the same loci. Its expectation and variance under the population's predictive
distribution (frequencies with their sampling error: the compound Dirichlet-multinomial) are exact
sums over genotypes, locus by locus; ``z`` is the distance from the expectation in standard
deviations. Two p-values are made of it:

simulated
    Genotypes are drawn from the predictive distribution of the population (Rannala & Mountain
    1997; Paetkau et al. 2004), and those at least as improbable as the animal are counted. With
    more than `NORMAL_LOCI` typed loci the normal distribution is used, the limit of the same.
calibrated
    The share of the reference's own animals that, each left out, fit their own population as
    badly. It holds whatever the model misses (linkage, null alleles, relatives), for the
    reference as a whole; a conformal p-value (Vovk, Gammerman & Shafer 2005, "Algorithmic
    learning in a random world").

The p-value of a population is the greater of the two. The p-value of "any of the reference" is that
of `forensics.origin.elsewhere`, whose power is measured. An animal of a reference population is excluded at level ``a`` with a probability of at most ``a``, if the
reference's animals are a fair sample of it.
"""

from dataclasses import dataclass

import numpy as np

from forensics.core.notice import Notice
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.assignment import notices_of_animals, notices_of_reference
from forensics.origin.baseline import Baseline
from forensics.origin.crosses import cross_gains
from forensics.origin.defaults import LEVEL
from forensics.origin.elsewhere import (
    ElsewhereFit,
    Statistics,
    compute_statistics,
    fit_elsewhere,
)
from forensics.origin.likelihood import CodedAnimals, code_animals, log_likelihoods, own_rows
from forensics.origin.population_results import ExclusionPower
from forensics.stats.choice import evenly_spaced, greatest
from forensics.stats.intervals import Rate, clustered_rate

__all__ = [
    "LEVEL",
    "NORMAL_LOCI",
    "SIMULATIONS",
    "Exclusion",
    "ExclusionFit",
    "exclude",
    "fit_exclusion",
    "moments",
]

# Simulated animals a population: p-values down to 0.0005.
SIMULATIONS = 2000
# From so many typed loci on the normal distribution is used instead of simulation.
NORMAL_LOCI = 1000
# Animals whose left-out fit is the calibration; 2000 give p-values down to 0.0005.
MAX_CALIBRATION = 5000
# Fewer where there are many loci, for the time that it takes: animals x alleles, and animals at least.
_MAX_DOSES, _MIN_CALIBRATION = 20_000_000, 1000


@dataclass(frozen=True, eq=False)
class ExclusionFit:
    """How well the reference's own animals fit their populations, each left out.

    Attributes
    ----------
    animals : tuple of str, length m
    own : numpy.ndarray of intp, shape (m,)
        Place of the population of each.
    z : numpy.ndarray of float64, shape (m,)
    elsewhere : ElsewhereFit
        Of the test of "from none of them", and its power.
    """

    animals: tuple[str, ...]
    own: np.ndarray
    z: np.ndarray
    elsewhere: ElsewhereFit

    def power(self, level: float) -> ExclusionPower:
        """Return how many animals from elsewhere the test notices."""
        fit = self.elsewhere
        falsely = fit.p_values(Statistics(fit.typicality, fit.gain), own=True) <= level
        noticed, there = fit.absent <= level, np.unique(fit.groups)

        def rate(of: np.ndarray) -> Rate:
            return clustered_rate([of[fit.groups == group].tolist() for group in there])

        return ExclusionPower(
            removed=fit.removed, groups=len(there), noticed=rate(noticed), falsely=rate(falsely)
        )


@dataclass(frozen=True, eq=False)
class Exclusion:
    """Whether animals come from none of the reference populations.

    Attributes
    ----------
    animals : tuple of str, length n
    populations : tuple of str, length P
    z : numpy.ndarray of float64, shape (n, P)
        Standardised log-likelihood; NaN without typed loci.
    simulated, calibrated : numpy.ndarray of float64, shape (n, P)
        p-values; 1 without typed loci.
    p_values : numpy.ndarray of float64, shape (n, P)
        The greater of the two.
    p_any : numpy.ndarray of float64, shape (n,)
        Of "the animal is of one of the reference populations".
    level : float
    simulations : int
    seed : int
    normal : numpy.ndarray of bool, shape (n,)
        Whether `simulated` was taken from the normal distribution.
    notices : tuple of Notice
        Of all animals.
    animal_notices : tuple of tuple of Notice, length n
        Of each animal.
    power : ExclusionPower
        How many animals from elsewhere the test notices at this level.
    cross_p : numpy.ndarray of float64, shape (n,)
        Share of the reference's animals for which a cross of two populations is as much likelier than any
        one population.
    partners : numpy.ndarray of intp, shape (n, 2)
        Places of the two populations of the likeliest cross.
    """

    animals: tuple[str, ...]
    populations: tuple[str, ...]
    z: np.ndarray
    simulated: np.ndarray
    calibrated: np.ndarray
    p_values: np.ndarray
    p_any: np.ndarray
    level: float
    simulations: int
    seed: int
    normal: np.ndarray
    notices: tuple[Notice, ...]
    animal_notices: tuple[tuple[Notice, ...], ...]
    power: ExclusionPower
    cross_p: np.ndarray
    partners: np.ndarray

    def is_crossed(self, row: int) -> bool:
        """Return whether a cross of two populations is likelier than hardly ever for a reference animal."""
        return bool(self.cross_p[row] <= self.level)

    @property
    def excluded(self) -> np.ndarray:
        """Whether each animal is excluded from all populations; bool, shape (n,)."""
        return self.p_any <= self.level


def moments(
    y: np.ndarray, offsets: np.ndarray, *, single: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return expectation and variance of the log-likelihood of a genotype drawn from itself.

    Parameters
    ----------
    y : numpy.ndarray of float64, shape (r, A)
        Copies and pseudo-copies.
    offsets : numpy.ndarray of intp, shape (L + 1,)
    single : bool
        Of one copy instead of two.

    Returns
    -------
    mean, variance : numpy.ndarray of float64, shape (r, L)
    """
    mean = np.empty((len(y), len(offsets) - 1))
    variance = np.empty_like(mean)
    for locus, (start, stop) in enumerate(zip(offsets, offsets[1:])):
        probabilities = _genotype_probabilities(y[:, start:stop], single=single)
        logs = np.log(probabilities)
        mean[:, locus] = (probabilities * logs).sum(axis=1)
        variance[:, locus] = (probabilities * logs**2).sum(axis=1) - mean[:, locus] ** 2
    return mean, np.maximum(variance, 0.0)


def fit_exclusion(
    genotypes: Genotypes, baseline: Baseline, *, max_animals: int | None = None
) -> ExclusionFit:
    """Return the fit of the reference's own animals, each left out of its population.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of which the baseline was made.
    baseline : Baseline
    max_animals : int, optional
        Evenly spaced animals of the list sorted by population, at most so many; by default
        `MAX_CALIBRATION`, fewer of many loci.
    """
    if max_animals is None:
        most = max(_MIN_CALIBRATION, _MAX_DOSES // int(baseline.offsets[-1]))
        max_animals = min(MAX_CALIBRATION, most)
    own = own_rows(genotypes, baseline)
    rows = np.argsort(own, kind="stable")
    rows = rows[own[rows] >= 0]
    if not len(rows):
        raise UsageError(_("none of these animals is of a population of the reference"))
    rows = rows[evenly_spaced(len(rows), max_animals)]
    coded, own = code_animals(genotypes.take(rows), baseline), own[rows]
    z = _own_z(coded, baseline, own, log_likelihoods(coded, baseline, own=own))
    use = np.flatnonzero(np.isfinite(z))
    if not len(use):
        raise UsageError(_("none of these animals has a typed locus"))
    some = genotypes.take(rows[use])
    return ExclusionFit(
        some.animals,
        own[use],
        z[use],
        fit_elsewhere(code_animals(some, baseline), baseline, own[use]),
    )


def exclude(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: ExclusionFit,
    *,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = 1,
    leave_one_out: bool = False,
) -> Exclusion:
    """Test whether animals come from none of the populations of a reference.

    Parameters
    ----------
    genotypes : Genotypes
        n animals.
    baseline : Baseline
    fit : ExclusionFit
        Of `fit_exclusion` for the same baseline.
    level : float
        Greatest probability with which an animal of the reference may be excluded.
    simulations : int
        Simulated animals a population.
    seed : int
    leave_one_out : bool
        The animals are those of the reference: each is taken out of its own population, and out
        of `fit`.

    Raises
    ------
    UsageError
        If the level is not between 0 and 1, or too small for the simulations or the reference.

    References
    ----------
    Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197; Paetkau, Slade, Burden & Estoup 2004,
    doi:10.1111/j.1365-294X.2004.02008.x.
    """
    check_level(level, fit, simulations)
    coded = code_animals(genotypes, baseline)
    own = own_rows(genotypes, baseline) if leave_one_out else None
    values = log_likelihoods(coded, baseline, own=own)
    y = baseline.counts + baseline.pseudocopies()
    means, variances = _by_copies(coded, y, baseline)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (values - means) / np.sqrt(variances)
    if own is not None:
        inside = np.flatnonzero(own >= 0)
        z[inside, own[inside]] = _own_z(coded, baseline, own, values)[inside]
    calibrated = calibrate_p_values(z, fit, coded.animals if leave_one_out else None)
    normal = coded.typed.sum(axis=1) > NORMAL_LOCI
    simulated = _simulate_p_values(
        coded, baseline, y, z, means, variances, normal, simulations, seed
    )
    empty = ~np.isfinite(z)
    calibrated[empty] = simulated[empty] = 1.0
    p_values = np.maximum(simulated, calibrated)
    gains, partner = cross_gains(coded, baseline, values, own=own)
    statistics = compute_statistics(coded, baseline, fit.elsewhere.theta, own=own)
    return Exclusion(
        animals=coded.animals,
        populations=baseline.populations,
        z=np.where(empty, np.nan, z),
        simulated=simulated,
        calibrated=calibrated,
        p_values=p_values,
        p_any=fit.elsewhere.p_values(statistics, own=leave_one_out),
        level=level,
        simulations=simulations,
        seed=seed,
        normal=normal,
        notices=notices_of_reference(coded.ignored, baseline),
        animal_notices=notices_of_animals(coded, baseline),
        power=fit.power(level),
        cross_p=fit.elsewhere.cross_p_values(gains),
        partners=np.column_stack([greatest(values, axis=1, are_logs=True), partner]),
    )


def check_level(level: float, fit: ExclusionFit, simulations: int) -> None:
    """Raise a `UsageError` if no p-value can be as small as the level."""
    least = 1.0 / (min(simulations, len(fit.z) - 1) + 1)
    if not 0 < level < 1 or level < least:
        raise UsageError(
            _(
                "level {level} cannot be reached: with {simulations} simulations and {animals} "
                "animals of the reference the smallest p-value is {least:.4f}. Give a greater "
                "level, or add animals to the reference"
            ).format(level=level, simulations=simulations, animals=len(fit.z), least=least)
        )


def _genotype_probabilities(y: np.ndarray, *, single: bool) -> np.ndarray:
    """Return the probability of every genotype of a locus; shape (r, G)."""
    n = y.sum(axis=1, keepdims=True)
    if single:
        return np.asarray(y / n)
    first, second = np.triu_indices(y.shape[1])
    same = first == second
    return np.asarray(
        y[:, first] * (y[:, second] + same) * np.where(same, 1.0, 2.0) / (n * (n + 1.0))
    )


def _by_copies(
    coded: CodedAnimals, y: np.ndarray, baseline: Baseline
) -> tuple[np.ndarray, np.ndarray]:
    """Return expectation and variance over the typed loci of each animal; shape (n, P)."""
    means = np.zeros((len(coded), len(y)))
    variances = np.zeros_like(means)
    for copies, present in ((2, baseline.double), (1, baseline.single)):
        if present.any():
            mean, variance = moments(y, baseline.offsets, single=copies == 1)
            mask = (coded.copies == copies).astype(np.float64)
            means += mask @ mean.T
            variances += mask @ variance.T
    return means, variances


def _own_z(
    coded: CodedAnimals, baseline: Baseline, own: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Return z of each animal in its own population without it; NaN for other animals."""
    result = np.full(len(coded), np.nan)
    size = max(1, 2_000_000 // int(baseline.offsets[-1]))
    for start in range(0, len(coded), size):
        rows = slice(start, min(start + size, len(coded)))
        doses, copies = coded.doses(rows, baseline)
        mine = own[rows]
        if baseline.concentration is None:
            prior = baseline.pseudocopies()
        else:
            prior = baseline.pseudocopies(baseline.counts.sum(axis=0) - doses)
        y = np.maximum(baseline.counts[mine] - doses, 0.0) + prior
        mean = np.zeros(len(mine))
        variance = np.zeros(len(mine))
        for number, present in ((2, baseline.double), (1, baseline.single)):
            if present.any():
                locus_mean, locus_variance = moments(y, baseline.offsets, single=number == 1)
                mean += np.where(copies == number, locus_mean, 0.0).sum(axis=1)
                variance += np.where(copies == number, locus_variance, 0.0).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            standardised = (values[np.arange(rows.start, rows.stop), mine] - mean) / np.sqrt(
                variance
            )
        result[rows] = np.where((mine >= 0) & (variance > 0), standardised, np.nan)
    return result


def calibrate_p_values(
    z: np.ndarray, fit: ExclusionFit, animals: tuple[str, ...] | None
) -> np.ndarray:
    """Return (1 + reference animals that fit no better) / (1 + reference animals)."""
    below = np.searchsorted(np.sort(fit.z), np.where(np.isfinite(z), z, 0.0), side="right")
    total = np.full((len(z), 1), len(fit.z))
    if animals is not None:
        own_z = dict(zip(fit.animals, fit.z))
        for row, animal in enumerate(animals):
            if animal in own_z:
                below[row] -= own_z[animal] <= z[row]
                total[row] -= 1
    return (1.0 + below) / (1.0 + total)


def _simulate_p_values(
    coded: CodedAnimals,
    baseline: Baseline,
    y: np.ndarray,
    z: np.ndarray,
    means: np.ndarray,
    variances: np.ndarray,
    normal: np.ndarray,
    simulations: int,
    seed: int,
) -> np.ndarray:
    """Return the share of simulated animals that fit no better, on the same typed loci."""
    from scipy.special import ndtr

    result = np.ones_like(z)
    result[normal] = ndtr(z[normal])
    rows = np.flatnonzero(~normal & coded.typed.any(axis=1))
    if not len(rows):
        return result
    patterns, which = np.unique(coded.copies[rows], axis=0, return_inverse=True)
    which = which.ravel()
    for place in range(len(y)):
        # One stream a population: a result does not depend on which others are in the reference.
        generator = np.random.default_rng([seed, *baseline.populations[place].encode()])
        drawn = {
            number: _draw_logs(y[place], baseline.offsets, number, simulations, generator)
            for number, present in ((2, baseline.double), (1, baseline.single))
            if present.any()
        }
        for start in range(0, len(patterns), 500):
            chunk = patterns[start : start + 500]
            sums = sum(
                logs @ (chunk == number).T.astype(np.float64) for number, logs in drawn.items()
            )
            sums.sort(axis=0)
            in_chunk = np.flatnonzero((which >= start) & (which < start + len(chunk)))
            for position in in_chunk:
                row = rows[position]
                # The animal's z on the scale of the draws; left out, its own scale differs.
                limit = means[row, place] + z[row, place] * np.sqrt(variances[row, place])
                below = np.searchsorted(
                    sums[:, which[position] - start], limit + 1e-9, side="right"
                )
                result[row, place] = (1.0 + below) / (1.0 + simulations)
    return result


def _draw_logs(
    y: np.ndarray,
    offsets: np.ndarray,
    copies: int,
    simulations: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return log-probabilities of genotypes drawn at each locus; shape (simulations, L)."""
    result = np.empty((simulations, len(offsets) - 1))
    for locus, (start, stop) in enumerate(zip(offsets, offsets[1:])):
        probabilities = _genotype_probabilities(y[None, start:stop], single=copies == 1)[0]
        edges = np.cumsum(probabilities)
        places = np.searchsorted(edges / edges[-1], generator.random(simulations), side="right")
        result[:, locus] = np.log(probabilities)[np.minimum(places, len(probabilities) - 1)]
    return result
