r"""Frequencies shrunk towards the whole reference, and posteriors that mean what they say.

A small sample says little about rare alleles, and pseudo-copies of 1/K say less than the other
populations do. Frequencies of a population are taken to be Dirichlet with mean ``q`` (the pooled
frequencies) and concentration ``c`` (pseudo-copies; in the F-model ``c = 1 / FST - 1``: Balding &
Nichols 1995, doi:10.1007/BF01441146). ``c`` of each locus is the maximum of the
Dirichlet-multinomial likelihood of the counts, times one factor for all loci. Linked loci and
relatives make posteriors too sure, so log-likelihoods are divided by a temperature. The factor
and the temperature are those with the best mean log posterior of the true population when each
animal of the reference is left out; no other data are looked at.
"""

from dataclasses import replace

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.origin.baseline import Baseline
from forensics.origin.likelihood import code_animals, log_likelihoods, own_rows
from forensics.stats.choice import TOLERANCE, evenly_spaced, greatest

__all__ = [
    "fit_concentrations",
    "fit_shrinkage",
    "locus_concentrations",
    "mean_log_posterior",
]

# Concentrations that are tried: FST from 0.83 down to 0.0002.
_GRID = np.exp(np.linspace(np.log(0.2), np.log(5000.0), 61))
# Factors on all concentrations that are tried.
_FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0)
# Temperatures that are tried; below 1 a posterior would be made surer than the model says.
_TEMPERATURES = np.exp(np.linspace(0.0, np.log(8.0), 43))
# Animals that set the factor and the temperature; more change neither (two numbers).
MAX_ANIMALS = 2000
# Fewer where there are many loci and populations: animals x loci x populations, and animals at least.
_MAX_VALUES, _MIN_ANIMALS = 100_000_000, 300


def locus_concentrations(baseline: Baseline) -> np.ndarray:
    """Return the concentration of each locus; float64, shape (L,).

    The maximum of the Dirichlet-multinomial likelihood over a grid of 61 values from 0.2 to 5000,
    made finer by a parabola through the best three.
    """
    return fit_concentrations(
        baseline.counts, baseline.totals, baseline.offsets[:-1], baseline.allele_numbers
    )


def fit_concentrations(
    counts: np.ndarray, totals: np.ndarray, starts: np.ndarray, numbers: np.ndarray
) -> np.ndarray:
    """Return the concentration of each locus; float64, shape (L,); see `locus_concentrations`.

    Parameters
    ----------
    counts : numpy.ndarray of float64, shape (P, A)
        Copies of each allele in each population.
    totals : numpy.ndarray of float64, shape (P, L)
        Typed copies.
    starts : numpy.ndarray of int, shape (L,)
        First column of each locus.
    numbers : numpy.ndarray of int, shape (L,)
        Columns of each locus.
    """
    from scipy.special import gammaln

    pooled = counts.sum(axis=0) + np.repeat(1.0 / numbers, numbers)
    q = pooled / np.repeat(np.add.reduceat(pooled, starts), numbers)
    scores = np.empty((len(_GRID), len(starts)))
    for row, value in enumerate(_GRID):
        prior = value * q
        terms = (gammaln(prior + counts) - gammaln(prior)).sum(axis=0)
        scores[row] = np.add.reduceat(terms, starts)
        scores[row] += (gammaln(value) - gammaln(value + totals)).sum(axis=0)
    best = greatest(scores, axis=0, are_logs=True)
    inner = np.clip(best, 1, len(_GRID) - 2)
    at = np.arange(len(starts))
    low, mid, high = scores[inner - 1, at], scores[inner, at], scores[inner + 1, at]
    bend = low - 2 * mid + high
    shift = np.where(
        (best == inner) & (bend < 0), (low - high) / (2 * np.minimum(bend, -1e-300)), 0
    )
    step = np.log(_GRID[1] / _GRID[0])
    return np.asarray(np.where(best == inner, _GRID[inner] * np.exp(shift * step), _GRID[best]))


def mean_log_posterior(values: np.ndarray, own: np.ndarray, temperature: float) -> float:
    """Return the mean log posterior of the true population under equal priors.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.
    own : numpy.ndarray of intp, shape (n,)
    temperature : float
    """
    scaled = values / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    return float((scaled[np.arange(len(own)), own] - np.log(np.exp(scaled).sum(axis=1))).mean())


def fit_shrinkage(
    baseline: Baseline, genotypes: Genotypes, *, max_animals: int | None = None
) -> Baseline:
    """Return the baseline with method "shrunk", fitted to its own animals.

    Parameters
    ----------
    baseline : Baseline
    genotypes : Genotypes
        The animals of which the baseline was made.
    max_animals : int, optional
        Animals that set the factor and the temperature: evenly spaced ones of the list sorted
        by population, so that each population is represented by its share. By default
        `MAX_ANIMALS`, fewer of many loci and populations.
    """
    if max_animals is None:
        most = _MAX_VALUES // (len(baseline.loci) * len(baseline.populations))
        max_animals = min(MAX_ANIMALS, max(_MIN_ANIMALS, most))
    own = own_rows(genotypes, baseline)
    rows = np.argsort(own, kind="stable")
    rows = rows[evenly_spaced(len(rows), max_animals)]
    coded, own = code_animals(genotypes.take(rows), baseline), own[rows]
    concentrations = locus_concentrations(baseline)
    best: tuple[float, Baseline] | None = None
    for factor in _FACTORS:
        trial = replace(baseline, method="shrunk", concentration=factor * concentrations)
        values = log_likelihoods(coded, trial, own=own)
        for temperature in _TEMPERATURES:
            score = mean_log_posterior(values, own, float(temperature))
            if best is None or score > best[0] + TOLERANCE:
                best = (score, replace(trial, temperature=float(temperature)))
    assert best is not None
    return best[1]
