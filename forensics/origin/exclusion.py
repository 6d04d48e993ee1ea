"""Does an animal come from none of the reference populations?

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

The p-value of a population is the greater of the two. An animal of a reference population is excluded at
level ``a`` with a probability of at most ``a``, if the reference's animals are a fair sample of it.

**From none of them.** The p-value of "any of the reference" has statistics of its own, whose power is
measured. Each animal is compared with the population ``b`` of the reference in which it is likeliest, on
the loci that it was typed at:

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
the level are excluded, over the reference as a whole. The power is measured on the same animals with
their whole population, or reporting unit, taken out of the reference. How much a test can notice depends
on the markers: where populations hardly differ, an animal from elsewhere looks like one from here
(``benchmarks/exclusion.py``).

**Crosses.** At a locus the two copies of an animal come both from the first population, one from each, or both from
the second; a class of cross says how often:

=================  ======  =======  ======
class              both 1  1 and 2  both 2
=================  ======  =======  ======
first generation           1
second generation  1/4     1/2      1/4
backcross to 1     1/2     1/2
backcross to 2             1/2      1/2
=================  ======  =======  ======

(Anderson & Thompson 2002, doi:10.1093/genetics/160.3.1217). Frequencies are not taken as known: two copies of one
population have the probability of the compound Dirichlet-multinomial with the pseudo-copies of the reference, one
copy its mean. Where pseudo-copies are those of the whole reference ("shrunk"), an allele that is rare in the one
population is not taken at once for the other's. Loci are taken as unlinked. Loci with one copy, and genotypes with an
allele that the whole reference lacks, are left out.
"""

from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np

from forensics.core.stored import not_stored, stored
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.learning.arrays import ABOVE_0, array, model_part
from forensics.messages import _
from forensics.origin.assignment import (
    Baseline,
    CodedAnimals,
    build_baseline,
    code_animals,
    log_likelihoods,
    log_probabilities,
    own_rows,
)
from forensics.origin.options import LEVEL
from forensics.origin.results import MIN_POWER, ExclusionPower
from forensics.stats import TOLERANCE, Rate, clustered_rate, evenly_spaced, greatest, wilson

CROSSES = ((0.0, 1.0, 0.0), (0.25, 0.5, 0.25), (0.5, 0.5, 0.0), (0.0, 0.5, 0.5))
"""Of each class of cross the shares of loci with both copies of population 1, one of each, both of population 2."""


def with_flat_prior(baseline: Baseline) -> Baseline:
    """Return the reference with the pseudo-copies of Rannala & Mountain, whatever its method."""
    return replace(baseline, method="rannala_mountain", concentration=None, temperature=1.0)


def cross_gains(
    coded: CodedAnimals,
    baseline: Baseline,
    values: np.ndarray,
    *,
    own: np.ndarray | None = None,
    whole: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much a cross of the likeliest population and another is likelier than any population.

    Parameters
    ----------
    coded : CodedAnimals
        n animals.
    baseline : Baseline
        Of any method.
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods of the populations.
    own : numpy.ndarray of intp, shape (n,), optional
        Population in which each animal was counted, -1 for none; it is left out.
    whole : bool
        That population is left out with all its animals.

    Returns
    -------
    gains : numpy.ndarray of float64, shape (n,)
        Greatest log-likelihood of a cross minus that of the likeliest population.
    partners : numpy.ndarray of intp, shape (n,)
        The other population of that cross.
    """
    use, columns, same = _columns(coded, baseline)
    doses = coded.doses(slice(0, len(coded)), baseline)[0] if own is not None else None
    y = baseline.counts + baseline.pseudocopies()
    if whole and own is not None:
        values = np.where(own[:, None] == np.arange(len(y)), -np.inf, values)
    best = greatest(values, axis=1, are_logs=True)

    def left_out(rows: np.ndarray, populations: np.ndarray) -> _Copies:
        """Return the copies of a population for each of some animals, without its own."""
        mine = y[populations]
        if own is not None and doses is not None:
            mine = mine - np.where((own[rows] == populations)[:, None], doses[rows], 0.0)
        return _Copies(mine, columns[rows], same[rows], baseline)

    def copies_of(place: int) -> _Copies:
        result = _Copies(y[place], columns, same, baseline)
        if own is not None:
            rows = np.flatnonzero(own == place)
            without = left_out(rows, own[rows])
            result.both[rows], result.alleles[rows] = without.both, without.alleles
        return result

    home = left_out(np.arange(len(coded)), best)
    alone = np.where(use, np.log(home.both), 0.0).sum(axis=1)
    gains = np.full(len(coded), -np.inf)
    partners = np.zeros(len(coded), dtype=np.intp)
    for place in range(len(y)):
        other = copies_of(place)
        mixed = _mixed(home, other, same)
        for a, b, c in CROSSES:
            cross = np.log(a * home.both + b * mixed + c * other.both)
            gain = np.where(use, cross, 0.0).sum(axis=1) - alone
            better = (gain > gains + TOLERANCE) & (best != place)
            if whole and own is not None:
                better &= own != place
            gains[better], partners[better] = gain[better], place
    return gains, partners


def _columns(coded: CodedAnimals, baseline: Baseline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which loci can be used, the columns of both alleles, and whether they are the same.

    Returns
    -------
    use : numpy.ndarray of bool, shape (n, L)
    columns : numpy.ndarray of intp, shape (n, L, 2)
    same : numpy.ndarray of bool, shape (n, L)
    """
    use = coded.typed & ~coded.unseen & (coded.copies == 2)
    codes = np.where(use[:, :, None], coded.codes, 0).astype(np.intp)
    return use, baseline.offsets[:-1][:, None] + codes, codes[:, :, 0] == codes[:, :, 1]


class _Copies:
    """Probabilities of the alleles of animals in one population.

    Attributes
    ----------
    both : numpy.ndarray of float64, shape (n, L)
        Of the genotype, both copies from this population.
    alleles : numpy.ndarray of float64, shape (n, L, 2)
        Of one copy.
    """

    def __init__(
        self, y: np.ndarray, columns: np.ndarray, same: np.ndarray, baseline: Baseline
    ) -> None:
        n = np.add.reduceat(y, baseline.offsets[:-1], axis=-1)
        if y.ndim == 1:
            mine = y[columns]
        else:
            flat = columns.reshape(len(columns), 2 * columns.shape[1])  # also of no animals
            mine = np.take_along_axis(y, flat, axis=1).reshape(columns.shape)
            n = np.asarray(n)
        self.alleles = mine / n[..., None]
        second = mine[:, :, 1] + same
        self.both = np.where(same, 1.0, 2.0) * mine[:, :, 0] * second / (n * (n + 1.0))


def _mixed(one: _Copies, two: _Copies, same: np.ndarray) -> np.ndarray:
    """Return the probability of the genotype with one copy of each population; shape (n, L)."""
    there = one.alleles[:, :, 0] * two.alleles[:, :, 1]
    back = one.alleles[:, :, 1] * two.alleles[:, :, 0]
    return np.asarray(np.where(same, there, there + back))


# Differentiation of a population that the reference lacks is sought among these.
THETAS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4)
# From so many reporting units on whole units are removed to measure the power: a population with near
# relatives left in its unit cannot be distinguished from them, nor need it be.
MIN_UNITS = 3
# Animals that theta is fitted on, and animals that calibrate the test without a group: the likelihood is
# flat near its greatest value, and 1000 give p-values down to 0.001.
_MAX_FITTED = 1000
# Fewer calibrate it where there are many groups and loci, for the time that it takes.
_MIN_ANIMALS = 200
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

    def p_values(self, statistics: "Statistics", *, own: bool = False) -> np.ndarray:
        """Return p-values of other animals, as these (m) show: the smaller rank of both, ranked again.

        Parameters
        ----------
        statistics : Statistics
            Of n animals.
        own : bool
            The animals are among these, each left out: they are not counted twice.

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

        calibration = np.sort(combine(self, 0.0))
        smaller = combine(statistics, extra)
        # A rank is a whole number over the count: a hair more, so that equal ones are equal.
        below = np.searchsorted(calibration, smaller + 1e-12, side="right")
        result = (extra + below) / (extra + count)
        return np.where(np.isfinite(statistics.typicality), np.minimum(result, 1.0), 1.0)


@model_part
class ElsewhereFit:
    """What the reference's own animals (m) say of the two statistics."""

    # Differentiation of a population that the reference lacks.
    theta: float = field(metadata=stored("exclusion theta"))
    # What was taken out to measure the power: "population" or "unit".
    removed: str = field(metadata=stored("power removed"))
    # Of the reference's animals, each left out, in the order of `ExclusionFit`; 0, their expectation, of an
    # animal whose loci do not vary.
    typicality: np.ndarray = array("m", key="fit_typicality")
    gain: np.ndarray = array("m", key="fit_gain")
    # p-value of each with its whole group removed from the reference, and which group it is of.
    absent: np.ndarray = array("m", key="fit_absent", least=ABOVE_0, most=1)
    groups: np.ndarray = array("m", np.intp, key="fit_groups")
    # `cross_gains` of animals of the reference, each left out.
    crossed: np.ndarray = array("c", key="fit_crossed")
    # The same with the whole population of each left out: what animals of a new one look like.
    crossed_new: np.ndarray = array("c", key="fit_crossed_new")

    def is_sound(self) -> bool:
        """Return whether the values are possible, as they may not be in a model that was damaged."""
        return (
            0 < self.theta < 1 and self.removed in ("population", "unit") and len(self.crossed) > 0
        )

    def cross_p_values(self, gains: np.ndarray, *, new: bool = False) -> np.ndarray:
        """Return the share of the reference's animals for which a cross is as much likelier, or more.

        Parameters
        ----------
        gains : numpy.ndarray of float64, shape (n,)
            Of `cross_gains`.
        new : bool
            Of animals whose whole population was left out.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
        """
        known = np.sort(self.crossed_new if new else self.crossed)
        below = np.searchsorted(known, gains, side="left")
        return np.asarray((1.0 + len(known) - below) / (1.0 + len(known)))

    def p_values(self, statistics: Statistics, *, own: bool = False) -> np.ndarray:
        """Return the p-value of "the animal is of one of the reference populations"; see `Statistics.p_values`."""
        return Statistics(self.typicality, self.gain).p_values(statistics, own=own)


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
    crossed, crossed_new = _gains_of_crosses(coded, baseline, own)
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
        crossed_new,
    )
    absent = np.ones(len(own))
    there = np.unique(groups)
    most = _MAX_VALUES // (len(there) * int(baseline.offsets[-1]))
    for group in there:
        kept = group_of != group
        others = np.flatnonzero(groups != group)
        others = others[evenly_spaced(len(others), min(max(most, _MIN_ANIMALS), _MAX_FITTED))]
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


def _gains_of_crosses(
    coded: CodedAnimals, baseline: Baseline, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much a cross is likelier, for animals of the reference, each, or its population, left out."""
    most = _MAX_VALUES // (len(baseline.populations) * int(baseline.offsets[-1]))
    rows = evenly_spaced(len(own), min(max(most, _MIN_ANIMALS), _MAX_FITTED))
    some = _take(coded, rows)
    values = log_likelihoods(some, baseline, own=own[rows])
    alone, whole = (
        cross_gains(some, baseline, values, own=own[rows], whole=whole)[0]
        for whole in (False, True)
    )
    # Of two populations one remains, and no cross of it.
    return alone, np.where(np.isfinite(whole), whole, 0.0)


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
            sums[place] += log_probabilities(doses, copies, y, baseline.offsets).sum()
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
        difference = likelihood - log_probabilities(doses, copies, new, baseline.offsets)
        for row, locus in np.argwhere(coded.unseen[rows]):
            difference[row] -= _log_new_unseen(
                coded.codes[rows.start + row, locus], baseline, kept, int(locus), mass
            )
        part = standardise(likelihood, difference, y, new, coded.copies[rows], baseline.offsets)
        typicality[rows], gain[rows] = part.typicality, part.gain
    return Statistics(typicality, gain)


def standardise(
    logs: np.ndarray, gains: np.ndarray, y: np.ndarray, new: np.ndarray, copies: np.ndarray,
    offsets: np.ndarray,
) -> Statistics:  # fmt: skip
    """Return both statistics of animals by their expectation and variance, if they are drawn from `y`.

    Parameters
    ----------
    logs, gains : numpy.ndarray of float64, shape (n,)
        ``log P(x | y)``, and by how much it is above ``log P(x | new)``.
    y, new : numpy.ndarray of float64, shape (n, A)
        Copies and pseudo-copies, for each animal.
    copies : numpy.ndarray, shape (n, L)
        Typed copies.
    offsets : numpy.ndarray of intp, shape (L + 1,)
    """
    expected, variance, gained, gained_variance = _moments(y, new, copies, offsets)
    with np.errstate(divide="ignore", invalid="ignore"):
        typicality = (logs - expected) / np.sqrt(variance)
        gain = (gains - gained) / np.sqrt(gained_variance)
    known = np.isfinite(typicality) & np.isfinite(gain)
    return Statistics(np.where(known, typicality, np.nan), np.where(known, gain, np.nan))


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
    y: np.ndarray, new: np.ndarray, copies: np.ndarray, offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and variance of log P(x | y), and of log P(x | y) - log P(x | new), x drawn from y.

    Sums over the typed loci of each animal; float64, shape (n,) each. Loci with as many alleles are
    taken together.
    """
    sums = np.zeros((4, len(y)))
    numbers = np.diff(offsets)
    order = np.argsort(numbers, kind="stable")
    for count, loci_of in groupby(order, key=lambda locus: int(numbers[locus])):
        loci = np.fromiter(loci_of, dtype=np.intp)
        columns = (offsets[loci][:, None] + np.arange(count)).ravel()
        shape = (len(y), len(loci), count)
        mine, other = y[:, columns].reshape(shape), new[:, columns].reshape(shape)
        for number in (2, 1):
            typed = (copies[:, loci] == number).astype(np.float64)
            if not typed.any():
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


# Simulated animals a population: p-values down to 0.0005.
SIMULATIONS = 2000
# From so many typed loci on the normal distribution is used instead of simulation.
NORMAL_LOCI = 1000
# Animals whose left-out fit is the calibration; 2000 give p-values down to 0.0005.
MAX_CALIBRATION = 5000
# Fewer where there are many loci, for the time that it takes: animals x alleles, and animals at least.
_MAX_DOSES, _MIN_CALIBRATION = 20_000_000, 1000


@model_part
class ExclusionFit:
    """How well the reference's own animals (m) fit their populations, each left out."""

    animals: tuple[str, ...] = field(
        metadata=not_stored()
    )  # of a model that was read none is known
    own: np.ndarray = array("m", np.intp, key="fit_own", least=0)  # place of the population of each
    z: np.ndarray = array("m", key="fit_z")
    # Of the test of "from none of them", and its power.
    elsewhere: ElsewhereFit = field(metadata=not_stored())

    def is_sound(self) -> bool:
        """Return whether both parts are of the same animals."""
        return len(self.own) == len(self.elsewhere.groups) > 0

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
    simulated : numpy.ndarray of float64, shape (n, P)
        p-values by simulation alone; 1 without typed loci, 0 without simulations.
    p_values : numpy.ndarray of float64, shape (n, P)
        The greater of these and of the calibrated ones.
    p_any : numpy.ndarray of float64, shape (n,)
        Of "the animal is of one of the reference populations".
    power : ExclusionPower
        How many animals from elsewhere the test notices at this level.
    cross_p, cross_new_p : numpy.ndarray of float64, shape (n,)
        Share of the reference's animals for which a cross of two populations is as much likelier than any
        one population; and of its animals without their population.
    partners : numpy.ndarray of intp, shape (n, 2)
        Places of the two populations of the likeliest cross.
    """

    animals: tuple[str, ...]
    populations: tuple[str, ...]
    z: np.ndarray
    simulated: np.ndarray
    p_values: np.ndarray
    p_any: np.ndarray
    level: float
    power: ExclusionPower
    cross_p: np.ndarray
    cross_new_p: np.ndarray
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
        probabilities = _genotypes(y[:, None, start:stop], 1 if single else 2)[:, 0]
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
    fit : ExclusionFit
        Of `fit_exclusion` for the same baseline.
    level : float
        Greatest probability with which an animal of the reference may be excluded.
    simulations : int
        Simulated animals a population; 0 where p-values of single populations are not wanted, as those of
        the sites of a map: they are the calibrated ones then.
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
    simulated = np.zeros_like(z)
    if simulations:
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
        p_values=p_values,
        p_any=fit.elsewhere.p_values(statistics, own=leave_one_out),
        level=level,
        power=fit.power(level),
        cross_p=fit.elsewhere.cross_p_values(gains),
        cross_new_p=fit.elsewhere.cross_p_values(gains, new=True),
        partners=np.column_stack([greatest(values, axis=1, are_logs=True), partner]),
    )


def check_level(level: float, fit: ExclusionFit, simulations: int) -> None:
    """Raise a `UsageError` if no p-value can be as small as the level."""
    animals = len(fit.z)
    least = 1.0 / animals
    if simulations:
        least = max(least, 1.0 / (simulations + 1))
    if 0 < level < 1 and level >= least:
        return
    if not simulations:
        raise UsageError(
            _(
                "level {level} cannot be reached: with {animals} animals of the reference the smallest "
                "p-value is {least:.4f}. Give a greater level, or add animals to the reference"
            ).format(level=level, animals=animals, least=least)
        )
    raise UsageError(
        _(
            "level {level} cannot be reached: with {simulations} simulations and {animals} "
            "animals of the reference the smallest p-value is {least:.4f}. Give a greater "
            "level, or add animals to the reference"
        ).format(level=level, simulations=simulations, animals=animals, least=least)
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
        mean, variance = _moments(y, y, copies, baseline.offsets)[:2]
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
        probabilities = _genotypes(y[None, None, start:stop], copies)[0, 0]
        edges = np.cumsum(probabilities)
        places = np.searchsorted(edges / edges[-1], generator.random(simulations), side="right")
        result[:, locus] = np.log(probabilities)[np.minimum(places, len(probabilities) - 1)]
    return result


# The default level of an exclusion, and those that are usual beside it.
USUAL_LEVELS = (0.01, 0.05, 0.1)
# Level of the table by group, where the shares are large enough to be compared.
_LEVEL_OF_GROUPS = 0.05
# Groups of the table by group.
_MAX_GROUPS = 200


def evaluate_exclusion(genotypes: Genotypes, *, sites: bool = False) -> dict[str, Any]:
    """Return how many animals from elsewhere the exclusion notices, as plain values.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known population; others are left out.
    sites : bool
        Whether populations are the sites of the animals.
    """
    if sites:
        from forensics.origin.spatial import sites_of

        genotypes = replace(genotypes, populations=sites_of(genotypes), units=None)
    genotypes = genotypes.take([bool(name) for name in genotypes.populations or ()])
    baseline = build_baseline(genotypes)
    names: tuple[str, ...] = baseline.populations
    fit = fit_exclusion(genotypes, baseline)
    if fit.elsewhere.removed == "unit":
        names = baseline.unit_names
    return describe_power(fit, names, removed="site" if sites else None)


def describe_power(
    fit: ExclusionFit, names: tuple[str, ...], *, removed: str | None = None
) -> dict[str, Any]:
    """Return power and false rate at `USUAL_LEVELS`, and the power by group.

    Parameters
    ----------
    names : tuple of str
        Of the groups that were removed.
    removed : str, optional
        How they are called, where they are not populations or units.
    """
    rows = []
    for level in USUAL_LEVELS:
        power = fit.power(level)
        rows.append(
            {
                "level": level,
                "noticed": power.noticed.share,
                "low": power.noticed.low,
                "high": power.noticed.high,
                "falsely excluded": power.falsely.share,
                "falsely low": power.falsely.low,
                "falsely high": power.falsely.high,
                "fits may be said": "yes" if power.suffices else "no",
            }
        )
    groups = fit.elsewhere.groups
    by_group = []
    for place in np.unique(groups)[:_MAX_GROUPS]:
        noticed = fit.elsewhere.absent[groups == place] <= _LEVEL_OF_GROUPS
        low, high = wilson(float(noticed.mean()), len(noticed))
        by_group.append(
            {
                "removed": names[place],
                "animals": len(noticed),
                "noticed": float(noticed.mean()),
                "low": low,
                "high": high,
            }
        )
    return {
        "removed, one at a time": removed or fit.elsewhere.removed,
        "groups": len(np.unique(groups)),
        "animals": len(groups),
        "power that 'fits' needs": MIN_POWER,
        "by level": rows,
        f"by {removed or fit.elsewhere.removed} at {_LEVEL_OF_GROUPS:g}": by_group,
    }
