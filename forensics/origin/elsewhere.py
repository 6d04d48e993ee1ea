r"""Does an animal come from a population that the reference lacks? Two statistics that notice.

Each animal is compared with the population ``b`` of the reference in which it is likeliest, on the
loci that it was typed at:

typicality
    ``log P(x | b)``: an animal from elsewhere has alleles that are rare or absent there.
gain
    ``log P(x | b) - log P(x | new)``, where ``new`` is a population whose frequencies are drawn round
    the mean of the reference's populations, ``Dirichlet(M f)`` with ``M = (1 - theta) / theta``. By
    the lemma of Neyman and Pearson the likelihood ratio of the two hypotheses is what notices most,
    on average over such populations; ``theta`` is the one under which whole populations of the
    reference, each taken out of the mean, are likeliest.

Both are standardised by their expectation and variance under the predictive distribution of ``b``,
exact sums over the genotypes of each typed locus, so that animals with few loci are comparable. Both
are calibrated on the reference's own animals, each left out (conformal p-values). The smaller of the
two is a statistic again and is calibrated in the same way: of the reference's animals no more than
the level are excluded, over the reference as a whole.

The power is measured on the same animals with their whole population, or reporting unit, taken out of
the reference. How much a test can notice depends on the markers: where populations hardly differ, an
animal from elsewhere looks like one from here (``benchmarks/exclusion.py``).
"""

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from forensics.origin.baseline import Baseline
from forensics.origin.crosses import cross_gains, with_flat_prior
from forensics.origin.likelihood import CodedAnimals, log_likelihoods
from forensics.stats.choice import evenly_spaced, greatest

__all__ = ["MIN_UNITS", "ElsewhereFit", "Statistics", "compute_statistics", "fit_elsewhere"]

# Differentiation of a population that the reference lacks is sought among these.
THETAS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4)
# From so many reporting units on whole units are removed to measure the power: a population with near
# relatives left in its unit cannot be distinguished from them, nor need it be.
MIN_UNITS = 3
# Animals that theta is fitted on, and animals that calibrate the test without a group: the likelihood is
# flat near its greatest value, and 1000 give p-values down to 0.001.
_MAX_FITTED = 1000
# Fewer calibrate it where there are many groups and loci, for the time that it takes.
_MIN_CALIBRATION = 200
_MAX_VALUES = 120_000_000
# Genotype probabilities of one chunk; 32 MB of float64.
_CHUNK_VALUES = 4_000_000


@dataclass(frozen=True, eq=False)
class Statistics:
    """Both statistics of n animals, standardised; NaN without typed loci.

    Attributes
    ----------
    typicality, gain : numpy.ndarray of float64, shape (n,)
    """

    typicality: np.ndarray
    gain: np.ndarray


@dataclass(frozen=True, eq=False)
class ElsewhereFit:
    """What the reference's own animals say of the two statistics.

    Attributes
    ----------
    theta : float
        Differentiation of a population that the reference lacks.
    removed : str
        "population" or "unit": what was taken out to measure the power.
    typicality, gain : numpy.ndarray of float64, shape (m,)
        Of the reference's animals, each left out, in the order of `ExclusionFit`; 0, their expectation,
        of an animal whose loci do not vary.
    absent : numpy.ndarray of float64, shape (m,)
        p-value of each with its whole group removed from the reference.
    groups : numpy.ndarray of intp, shape (m,)
        Which group each is of.
    crossed : numpy.ndarray of float64, shape (c,)
        `crosses.cross_gains` of animals of the reference, each left out.
    """

    theta: float
    removed: str
    typicality: np.ndarray
    gain: np.ndarray
    absent: np.ndarray
    groups: np.ndarray
    crossed: np.ndarray

    def cross_p_values(self, gains: np.ndarray) -> np.ndarray:
        """Return the share of the reference's animals for which a cross is as much likelier, or more.

        Parameters
        ----------
        gains : numpy.ndarray of float64, shape (n,)
            Of `crosses.cross_gains`.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
        """
        count = len(self.crossed)
        below = np.searchsorted(np.sort(self.crossed), gains, side="left")
        return np.asarray((1.0 + count - below) / (1.0 + count))

    def p_values(self, statistics: Statistics, *, own: bool = False) -> np.ndarray:
        """Return the p-value of "the animal is of one of the reference populations".

        Parameters
        ----------
        statistics : Statistics
            Of n animals.
        own : bool
            The animals are among those of the fit, each left out: they are not counted twice.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
            1 without typed loci.
        """
        extra = 0.0 if own else 1.0
        count = len(self.typicality)

        def combine(values: Statistics, extra: float) -> np.ndarray:
            shares = [
                (extra + np.searchsorted(np.sort(known), got, side="right")) / (extra + count)
                for known, got in (
                    (self.typicality, values.typicality),
                    (self.gain, values.gain),
                )
            ]
            return np.asarray(np.minimum(*shares))

        calibration = np.sort(combine(Statistics(self.typicality, self.gain), 0.0))
        smaller = combine(statistics, extra)
        # A rank is a whole number over the count: a hair more, so that equal ones are equal.
        below = np.searchsorted(calibration, smaller + 1e-12, side="right")
        result = (extra + below) / (extra + count)
        return np.where(np.isfinite(statistics.typicality), np.minimum(result, 1.0), 1.0)


def fit_elsewhere(coded: CodedAnimals, baseline: Baseline, own: np.ndarray) -> ElsewhereFit:
    """Return the calibration and the power of the test on the reference's own animals.

    Parameters
    ----------
    coded : CodedAnimals
        m animals of the reference, each with a typed locus.
    baseline : Baseline
        Of any method; the flat prior of Rannala & Mountain is used here (it notices more than
        frequencies that are drawn together).
    own : numpy.ndarray of intp, shape (m,)
        Place of each animal's population.
    """
    crossed = _gains_of_crosses(coded, baseline, own)
    baseline = with_flat_prior(baseline)
    values = log_likelihoods(coded, baseline, own=own)
    labels = baseline.populations
    removed = "population"
    if len(baseline.unit_names) >= MIN_UNITS:
        assert baseline.units is not None
        labels, removed = baseline.units, "unit"
    _names, group_of = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    theta = _fit_theta(coded, baseline, own, group_of)
    everything = np.ones(len(baseline.populations), dtype=bool)
    known = _statistics(coded, baseline, values, everything, theta, own)
    groups = group_of[own].astype(np.intp)
    fit = ElsewhereFit(
        theta,
        removed,
        np.nan_to_num(known.typicality),
        np.nan_to_num(known.gain),
        np.ones(len(own)),
        groups,
        crossed,
    )
    absent = np.ones(len(own))
    there = np.unique(groups)
    most = _MAX_VALUES // (len(there) * int(baseline.offsets[-1]))
    for group in there:
        kept = group_of != group
        others = np.flatnonzero(groups != group)
        others = others[evenly_spaced(len(others), min(max(most, _MIN_CALIBRATION), _MAX_FITTED))]
        rows = np.flatnonzero(groups == group)
        inside = _statistics(
            _take(coded, others), baseline, values[others], kept, theta, own[others]
        )
        outside = _statistics(_take(coded, rows), baseline, values[rows], kept, theta, None)
        calibration = replace(
            fit,
            typicality=np.nan_to_num(inside.typicality),
            gain=np.nan_to_num(inside.gain),
        )
        absent[rows] = calibration.p_values(outside)
    return replace(fit, absent=absent)


def _gains_of_crosses(coded: CodedAnimals, baseline: Baseline, own: np.ndarray) -> np.ndarray:
    """Return by how much a cross is likelier, for animals of the reference, each left out."""
    most = _MAX_VALUES // (len(baseline.populations) * int(baseline.offsets[-1]))
    rows = evenly_spaced(len(own), min(max(most, _MIN_CALIBRATION), _MAX_FITTED))
    some = _take(coded, rows)
    values = log_likelihoods(some, baseline, own=own[rows])
    return cross_gains(some, baseline, values, own=own[rows])[0]


def compute_statistics(
    coded: CodedAnimals,
    baseline: Baseline,
    theta: float,
    *,
    own: np.ndarray | None = None,
    kept: np.ndarray | None = None,
) -> Statistics:
    """Return both statistics of animals.

    Parameters
    ----------
    coded : CodedAnimals
        n animals.
    baseline : Baseline
    theta : float
        Of `ElsewhereFit`.
    own : numpy.ndarray of intp, shape (n,), optional
        Population in which each animal was counted, -1 for none; it is left out.
    kept : numpy.ndarray of bool, shape (P,), optional
        Populations of the reference that it is compared with; by default all.
    """
    baseline = with_flat_prior(baseline)
    values = log_likelihoods(coded, baseline, own=own)
    if kept is None:
        kept = np.ones(len(baseline.populations), dtype=bool)
    return _statistics(coded, baseline, values, kept, theta, own)


def _take(coded: CodedAnimals, rows: np.ndarray) -> CodedAnimals:
    return replace(
        coded,
        animals=tuple(coded.animals[row] for row in rows),
        codes=coded.codes[rows],
        typed=coded.typed[rows],
        copies=coded.copies[rows],
        unseen=coded.unseen[rows],
    )


def _frequencies(y: np.ndarray, baseline: Baseline) -> np.ndarray:
    n = np.add.reduceat(y, baseline.offsets[:-1], axis=-1)
    return np.asarray(y / np.repeat(n, baseline.allele_numbers, axis=-1))


def _fit_theta(
    coded: CodedAnimals, baseline: Baseline, own: np.ndarray, group_of: np.ndarray
) -> float:
    """Return the differentiation under which whole groups, left out of the mean, are likeliest."""
    frequencies = _frequencies(baseline.counts + baseline.pseudocopies(), baseline)
    rows = evenly_spaced(len(own), _MAX_FITTED)
    sums = np.zeros(len(THETAS))
    for group in np.unique(group_of[own[rows]]):
        some = _take(coded, rows[group_of[own[rows]] == group])
        mean = frequencies[group_of != group].mean(axis=0)
        doses, copies = some.doses(slice(0, len(some)), baseline)
        for place, theta in enumerate(THETAS):
            y = (1 - theta) / theta * mean[None]
            sums[place] += _log_probabilities(doses, copies, y, baseline).sum()
    return THETAS[int(greatest(sums, are_logs=True))]


def _statistics(
    coded: CodedAnimals,
    baseline: Baseline,
    values: np.ndarray,
    kept: np.ndarray,
    theta: float,
    own: np.ndarray | None,
) -> Statistics:
    """Return the statistics in a reference of the populations that are kept.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods in all populations.
    kept : numpy.ndarray of bool, shape (P,)
    own : numpy.ndarray of intp, shape (n,), or None
        Population that an animal is left out of; it is one of those that are kept.
    """
    mass = (1.0 - theta) / theta
    y_all = baseline.counts + baseline.pseudocopies()
    frequencies = _frequencies(y_all, baseline)
    mean = frequencies[kept].mean(axis=0)
    best = greatest(np.where(kept, values, -np.inf), axis=1, are_logs=True)
    typicality, gain = np.full(len(coded), np.nan), np.full(len(coded), np.nan)
    numbers = baseline.allele_numbers
    size = max(1, _CHUNK_VALUES // int((numbers * (numbers + 1) // 2).sum()))
    for start in range(0, len(coded), size):
        rows = slice(start, min(start + size, len(coded)))
        doses, copies = coded.doses(rows, baseline)
        likeliest = best[rows]
        y = y_all[likeliest]
        new = np.repeat(mean[None], len(doses), axis=0)
        if own is not None:
            inside = np.flatnonzero(own[rows] >= 0)
            mine = own[rows][inside]
            without = y_all[mine] - doses[inside]
            new[inside] += (_frequencies(without, baseline) - frequencies[mine]) / kept.sum()
            at_home = likeliest[inside] == mine
            y[inside[at_home]] = without[at_home]
        new *= mass
        place = np.arange(rows.start, rows.stop)
        likelihood = values[place, likeliest]
        difference = likelihood - _log_probabilities(doses, copies, new, baseline)
        for row, locus in np.argwhere(coded.unseen[rows]):
            difference[row] -= _log_new_unseen(
                coded.codes[rows.start + row, locus], baseline, kept, int(locus), mass
            )
        expected, variance, gained, gained_variance = _moments(y, new, coded.copies[rows], baseline)
        with np.errstate(divide="ignore", invalid="ignore"):
            typicality[rows] = (likelihood - expected) / np.sqrt(variance)
            gain[rows] = (difference - gained) / np.sqrt(gained_variance)
    known = np.isfinite(typicality) & np.isfinite(gain)
    return Statistics(np.where(known, typicality, np.nan), np.where(known, gain, np.nan))


def _log_probabilities(
    doses: np.ndarray, copies: np.ndarray, y: np.ndarray, baseline: Baseline
) -> np.ndarray:
    """Return the log-probability of each animal, each with its own pseudo-counts; shape (n,)."""
    starts = baseline.offsets[:-1]
    n = np.add.reduceat(y, starts, axis=1)
    homozygous, pairs = doses == 2, copies == 2
    terms = doses * np.log(y) + np.where(homozygous, np.log1p(1 / y), 0.0)
    heterozygous = pairs.sum(axis=1) - homozygous.sum(axis=1)
    return np.asarray(
        terms.sum(axis=1)
        - np.where(copies > 0, np.log(n), 0.0).sum(axis=1)
        - np.where(pairs, np.log1p(n), 0.0).sum(axis=1)
        + np.log(2) * heterozygous
    )


def _log_new_unseen(
    codes: np.ndarray, baseline: Baseline, kept: np.ndarray, locus: int, mass: float
) -> float:
    """Return the log-probability, in a new population, of a genotype with an allele never seen.

    As in `likelihood.log_likelihoods` the locus is taken to have these alleles too.
    """
    present = [int(code) for code in codes if code >= 0]
    known = int(baseline.allele_numbers[locus])
    number = known + len({code for code in present if code >= known})
    start = baseline.offsets[locus]
    counts = baseline.counts[kept, start : start + known]
    n = counts.sum(axis=1) + 1.0

    def y(code: int) -> float:
        own = counts[:, code] if code < known else 0.0
        return mass * float(((own + 1.0 / number) / n).mean())

    result = np.log(y(present[0]) / mass)
    if len(present) == 2:
        same = present[0] == present[1]
        result += np.log((y(present[1]) + same) / (mass + 1.0)) + (0.0 if same else np.log(2))
    return float(result)


def _moments(
    y: np.ndarray, new: np.ndarray, copies: np.ndarray, baseline: Baseline
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and variance of log P(x | y), and of log P(x | y) - log P(x | new), x drawn from y.

    Sums over the typed loci of each animal; float64, shape (n,) each. Loci with as many alleles are
    taken together.
    """
    sums = np.zeros((4, len(y)))
    numbers = baseline.allele_numbers
    order = np.argsort(numbers, kind="stable")
    for count, loci_of in groupby(order, key=lambda locus: int(numbers[locus])):
        loci = np.fromiter(loci_of, dtype=np.intp)
        columns = (baseline.offsets[loci][:, None] + np.arange(count)).ravel()
        shape = (len(y), len(loci), count)
        mine, other = y[:, columns].reshape(shape), new[:, columns].reshape(shape)
        for number, present in ((2, baseline.double), (1, baseline.single)):
            typed = (copies[:, loci] == number).astype(np.float64)
            if not present.any() or not typed.any():
                continue
            probabilities = _genotypes(mine, number)
            logs = np.log(probabilities)
            ratios = logs - np.log(_genotypes(other, number))
            for place, what in ((0, logs), (2, ratios)):
                first = (probabilities * what).sum(axis=2)
                second = np.maximum((probabilities * what**2).sum(axis=2) - first**2, 0.0)
                sums[place] += (typed * first).sum(axis=1)
                sums[place + 1] += (typed * second).sum(axis=1)
    return sums[0], sums[1], sums[2], sums[3]


def _genotypes(y: np.ndarray, copies: int) -> np.ndarray:
    """Return the probability of every genotype; shape (n, l, G)."""
    n = y.sum(axis=2, keepdims=True)
    if copies == 1:
        return np.asarray(y / n)
    first, second = np.triu_indices(y.shape[2])
    if y.shape[2] == 2:  # most SNP: the same, without the indices
        result = np.empty((*y.shape[:2], 3))
        for place, (one, other) in enumerate(zip(first, second)):
            np.multiply(y[:, :, one], y[:, :, other] + (one == other), out=result[:, :, place])
        result[:, :, 1] *= 2.0
        result /= n * (n + 1.0)
        return result
    same = first == second
    return np.asarray(
        y[:, :, first] * (y[:, :, second] + same) * np.where(same, 1.0, 2.0) / (n * (n + 1.0))
    )
