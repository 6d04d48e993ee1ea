r"""Does an animal come from none of the reference populations, where its genotypes are uncertain?

The statistics are those of `forensics.origin.exclusion` and `forensics.origin.elsewhere`: sums over loci
of a function ``t`` of the genotype, such as ``log P(g | population)``. The genotype is not known, so its
expectation under the hypothesis is taken, given the reads, and standardised by what the reads can tell:

.. math:: z = \frac{\sum_l E[t \mid reads] - E[t]}{\sqrt{\sum_l Var(t) - Var(t \mid reads)}}

Under the hypothesis the numerator has expectation 0, by the law of total expectation, and the
denominator is the square root of an unbiased estimate of its variance, by the law of total variance (the
missing information of Louis 1982). Nothing is assumed of the reads. A locus without reads adds nothing to
either; where one genotype alone is possible, z is that of the called genotype.

Where the hypothesis is wrong, reads that contradict it make ``Var(t | reads)`` too great. So its
expectation is computed too, for as many reads as the likelihoods tell of and a stated rate of errors, and
the smaller sum of the two is taken: that can only make the test more careful.

The calibration is that of the model. It was made with certain genotypes; how many animals from
elsewhere the test notices with few reads is not known, so no power is stated.

References
----------
Louis T. A. (1982). Finding the observed information matrix when using the EM algorithm. Journal of the
Royal Statistical Society B 44, 226-233. doi:10.1111/j.2517-6161.1982.tb01203.x
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb

import numpy as np

from forensics.genetics.likelihoods import GENOTYPES
from forensics.origin.baseline import Baseline
from forensics.origin.crosses import CLASSES, CROSSES, with_flat_prior
from forensics.origin.elsewhere import Statistics
from forensics.origin.exclusion import (
    SIMULATIONS,
    Exclusion,
    ExclusionFit,
    calibrate_p_values,
    check_level,
)
from forensics.origin.uncertain_genotypes import (
    CodedLikelihoods,
    allele_probabilities,
    chunk_rows,
    genotype_probabilities,
    read_log_likelihoods,
)
from forensics.stats.choice import greatest

__all__ = [
    "MAX_READS",
    "READ_ERROR",
    "Hypothesis",
    "Standardised",
    "count_reads",
    "exclude_uncertain",
    "expected_left",
    "information_of",
    "prepare_hypothesis",
    "standardise",
]

# Rate of errors with which reads are counted from likelihoods, that of a base of quality 20.
READ_ERROR = 0.01
# From so many reads on a genotype is as good as certain.
MAX_READS = 20
# Logarithm of a likelihood that counts as 0.
_MIN_LOG = -1000.0
# Information of an animal, in variances of its statistic, below which it is taken as unknown.
_MIN_VARIANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Standardised:
    """A statistic of n animals under one hypothesis.

    Attributes
    ----------
    z : numpy.ndarray of float64, shape (n,)
        NaN where the reads say nothing.
    share : numpy.ndarray of float64, shape (n,)
        Of the variance that certain genotypes at these loci would have, the part that the reads hold.
    """

    z: np.ndarray
    share: np.ndarray


def count_reads(logs: np.ndarray) -> np.ndarray:
    """Return as how many reads the likelihoods of genotypes look; float64 from 0 to `MAX_READS`.

    Reads of one allele alone make the heterozygote ``2 (1 - e)`` times less likely each; a read of each
    allele makes both homozygotes ``4 e (1 - e)`` times less likely together.

    Parameters
    ----------
    logs : numpy.ndarray of float64, shape (..., 3)
        The greatest of the three is 0.
    """
    logs = np.maximum(logs, _MIN_LOG)
    of_one = -logs[..., 1] / np.log(2 * (1 - READ_ERROR))
    of_both = (logs[..., 0] + logs[..., 2]) / np.log(4 * READ_ERROR * (1 - READ_ERROR))
    return np.asarray(np.clip(np.where(logs[..., 1] < 0, of_one, of_both), 0.0, MAX_READS))


def expected_left(prior: np.ndarray, statistic: np.ndarray) -> np.ndarray:
    """Return the expected variance of a statistic of the genotype that is left after 0, 1, 2… reads.

    Parameters
    ----------
    prior, statistic : numpy.ndarray of float64, shape (M, 3)

    Returns
    -------
    numpy.ndarray of float64, shape (MAX_READS + 1, M)
    """
    share = np.array([READ_ERROR, 0.5, 1 - READ_ERROR])
    result = np.zeros((MAX_READS + 1, len(prior)))
    for reads in range(MAX_READS + 1):
        for second in range(reads + 1):
            joint = prior * (comb(reads, second) * share**second * (1 - share) ** (reads - second))
            total = joint.sum(axis=1)
            mean = (joint * statistic).sum(axis=1) / total
            result[reads] += (joint * (statistic - mean[:, None]) ** 2).sum(axis=1)
    return result


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A statistic of the genotypes of each locus, and how it is distributed under a hypothesis.

    Attributes
    ----------
    prior : numpy.ndarray of float64, shape (M, 3)
        Probabilities of the genotypes; they sum to 1.
    centred : numpy.ndarray of float64, shape (M, 3)
        The statistic less its expectation.
    variance : numpy.ndarray of float64, shape (M,)
    left : numpy.ndarray of float64, shape (MAX_READS + 1, M)
        Of `expected_left`.
    """

    prior: np.ndarray
    centred: np.ndarray
    variance: np.ndarray
    left: np.ndarray


def prepare_hypothesis(probabilities: np.ndarray, statistic: np.ndarray) -> Hypothesis:
    """Return what `standardise` needs of a hypothesis, computed once for all animals.

    Parameters
    ----------
    probabilities : numpy.ndarray of float64, shape (M, 3)
        Of the genotypes under the hypothesis; made to sum to 1.
    statistic : numpy.ndarray of float64, shape (M, 3)
    """
    prior = probabilities / probabilities.sum(axis=1, keepdims=True)
    centred = statistic - (prior * statistic).sum(axis=1)[:, None]
    variance = (prior * centred**2).sum(axis=1)
    return Hypothesis(prior, centred, variance, expected_left(prior, centred))


def standardise(logs: np.ndarray, use: np.ndarray, hypothesis: Hypothesis) -> Standardised:
    """Return the standardised expectation of a statistic of the genotypes, given the reads.

    Parameters
    ----------
    logs : numpy.ndarray of float32, shape (n, M, 3)
        As in `GenotypeLikelihoods`.
    use : numpy.ndarray of bool, shape (n, M)
    hypothesis : Hypothesis
    """
    logs = logs.astype(np.float64)
    weights = np.exp(logs) * hypothesis.prior
    weights /= weights.sum(axis=2, keepdims=True)
    expected = np.einsum("nmg,mg->nm", weights, hypothesis.centred)
    left = np.einsum("nmg,mg->nm", weights, hypothesis.centred**2) - expected**2
    reads = count_reads(logs)
    fewer = np.minimum(reads.astype(np.intp), MAX_READS - 1)
    step, loci = reads - fewer, np.arange(len(hypothesis.prior))
    left_expected = (
        hypothesis.left[fewer, loci] * (1 - step) + hypothesis.left[fewer + 1, loci] * step
    )

    def add(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.where(use, values, 0.0).sum(axis=1))

    whole = add(np.broadcast_to(hypothesis.variance, use.shape))
    known = whole - np.minimum(add(left), add(left_expected))
    known = np.where(known > _MIN_VARIANCE * np.maximum(whole, 1.0), known, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Standardised(add(expected) / np.sqrt(known), np.clip(known / whole, 0.0, 1.0))


def exclude_uncertain(
    coded: CodedLikelihoods, baseline: Baseline, fit: ExclusionFit, *, level: float, seed: int = 1
) -> Exclusion:
    """Test whether animals come from none of the populations of a reference.

    Parameters
    ----------
    coded : CodedLikelihoods
        n animals.
    baseline : Baseline
    fit : ExclusionFit
        Of `forensics.origin.exclusion.fit_exclusion` for the same baseline.
    level : float
        Greatest probability with which an animal of the reference may be excluded.
    seed : int
        It is recorded; nothing is drawn.

    Raises
    ------
    UsageError
        If the level is not between 0 and 1, or too small for the reference.
    """
    from scipy.special import ndtr

    check_level(level, fit, SIMULATIONS)
    probabilities = genotype_probabilities(coded, baseline)
    values = read_log_likelihoods(coded, probabilities)
    z = np.full(values.shape, np.nan)
    for place, probability in enumerate(probabilities):
        hypothesis = prepare_hypothesis(probability, np.log(probability))
        for rows in chunk_rows(coded):
            z[rows, place] = standardise(coded.logs[rows], coded.informative[rows], hypothesis).z
    empty = ~np.isfinite(z)
    simulated, calibrated = ndtr(z), calibrate_p_values(z, fit, None)
    simulated[empty] = calibrated[empty] = 1.0
    p_values = np.maximum(simulated, calibrated)
    p_any, cross_p, partners = p_values.max(axis=1), None, None
    if fit.elsewhere is not None:
        if fit.elsewhere.crossed is not None:
            gains, partner = _cross_gains(coded, baseline, probabilities, values)
            cross_p = fit.elsewhere.cross_p_values(gains)
            partners = np.column_stack([greatest(values, axis=1, are_logs=True), partner])
        p_any = fit.elsewhere.p_values(
            _statistics(coded, with_flat_prior(baseline), fit.elsewhere.theta)
        )
    return Exclusion(
        animals=coded.animals,
        populations=baseline.populations,
        z=z,
        simulated=simulated,
        calibrated=calibrated,
        p_values=p_values,
        p_any=p_any,
        level=level,
        simulations=0,
        seed=seed,
        normal=np.ones(len(coded), dtype=bool),
        notices=(),
        animal_notices=((),) * len(coded),
        power=None,
        cross_p=cross_p,
        partners=partners,
    )


def information_of(coded: CodedLikelihoods, baseline: Baseline) -> np.ndarray:
    """Return which share of the information of certain genotypes at all loci the reads hold.

    Of the statistic ``log P(g | population)`` of the likeliest population; float64 from 0 to 1, shape
    (n,). Loci of the reference without reads count as 0.
    """
    probabilities = genotype_probabilities(coded, baseline)
    best = greatest(read_log_likelihoods(coded, probabilities), axis=1, are_logs=True)
    share = np.zeros(len(coded))
    for place in np.unique(best):
        hypothesis = prepare_hypothesis(probabilities[place], np.log(probabilities[place]))
        for rows in _rows_of(best, place, coded):
            use = np.ones((len(rows), len(coded.loci)), dtype=bool)
            share[rows] = np.nan_to_num(standardise(coded.logs[rows], use, hypothesis).share)
    return share * len(coded.loci) / len(baseline.loci)


def _rows_of(best: np.ndarray, place: int, coded: CodedLikelihoods) -> Iterator[np.ndarray]:
    """Yield the animals whose likeliest population is this one, by chunks that bound the memory."""
    mine = np.flatnonzero(best == place)
    size = next(chunk_rows(coded)).stop
    for start in range(0, len(mine), size):
        yield mine[start : start + size]


def _statistics(coded: CodedLikelihoods, baseline: Baseline, theta: float) -> Statistics:
    """Return typicality and gain, see `forensics.origin.elsewhere`, of a reference with a flat prior."""
    probabilities = genotype_probabilities(coded, baseline)
    new = _new_probabilities(coded, baseline, (1.0 - theta) / theta)
    best = greatest(read_log_likelihoods(coded, probabilities), axis=1, are_logs=True)
    typicality, gain = np.full(len(coded), np.nan), np.full(len(coded), np.nan)
    for place in np.unique(best):
        fit = np.log(probabilities[place])
        for statistic, result in ((fit, typicality), (fit - np.log(new), gain)):
            hypothesis = prepare_hypothesis(probabilities[place], statistic)
            for rows in _rows_of(best, place, coded):
                result[rows] = standardise(coded.logs[rows], coded.informative[rows], hypothesis).z
    known = np.isfinite(typicality) & np.isfinite(gain)
    return Statistics(np.where(known, typicality, np.nan), np.where(known, gain, np.nan))


def _new_probabilities(coded: CodedLikelihoods, baseline: Baseline, mass: float) -> np.ndarray:
    """Return the probability of each genotype in a population that the reference lacks; shape (M, 3).

    Its frequencies are drawn round the mean of the populations, Dirichlet with `mass` copies.
    """
    n = (baseline.totals + 1.0)[:, coded.loci]
    result = np.empty((len(coded.loci), 3))
    numbers = baseline.allele_numbers[coded.loci]
    starts = baseline.offsets[coded.loci]
    for genotype, pair in enumerate(GENOTYPES):
        codes = coded.codes[:, list(pair)]
        strange = codes >= numbers[:, None]
        # An allele that the reference lacks is added to those of its locus, as often as it is another.
        added = strange.sum(axis=1) - (strange.all(axis=1) & (codes[:, 0] == codes[:, 1]))
        y = np.empty((len(codes), 2))
        for copy in range(2):
            seen = ~strange[:, copy]
            columns = starts + np.where(seen, codes[:, copy], 0)
            copies = np.where(seen, baseline.counts[:, columns], 0.0)
            y[:, copy] = mass * ((copies + 1.0 / (numbers + added)) / n).mean(axis=0)
        same = float(pair[0] == pair[1])
        result[:, genotype] = (2.0 - same) * y[:, 0] * (y[:, 1] + same) / (mass * (mass + 1.0))
    return result


def _cross_gains(
    coded: CodedLikelihoods, baseline: Baseline, probabilities: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return `forensics.origin.crosses.cross_gains` for reads; loci with a strange allele are left out."""
    usable = ~coded.unseen(baseline)
    some = replace(
        coded,
        logs=coded.logs[:, usable],
        informative=coded.informative[:, usable],
        loci=coded.loci[usable],
        codes=coded.codes[usable],
    )
    gains = np.full(len(coded), -np.inf)
    partners = np.zeros(len(coded), dtype=np.intp)
    if not usable.any():
        return np.zeros(len(coded)), partners
    alleles = allele_probabilities(some, baseline)
    both = probabilities[:, usable]
    best = greatest(values, axis=1, are_logs=True)
    for home in np.unique(best):
        rows = np.flatnonzero(best == home)
        mine = replace(
            some,
            animals=tuple(some.animals[row] for row in rows),
            logs=some.logs[rows],
            informative=some.informative[rows],
        )
        alone = read_log_likelihoods(mine, both[home][None])[:, 0]
        for other in range(len(baseline.populations)):
            if other == home:
                continue
            first, second = alleles[home], alleles[other]
            mixed = np.stack(
                [
                    first[:, 0] * second[:, 0],
                    first[:, 0] * second[:, 1] + first[:, 1] * second[:, 0],
                    first[:, 1] * second[:, 1],
                ],
                axis=1,
            )
            crosses = np.stack(
                [
                    a * both[home] + b * mixed + c * both[other]
                    for a, b, c in (CLASSES[name] for name in CROSSES)
                ]
            )
            gain = (read_log_likelihoods(mine, crosses) - alone[:, None]).max(axis=1)
            better = gain > gains[rows]
            gains[rows[better]], partners[rows[better]] = gain[better], other
    return gains, partners
