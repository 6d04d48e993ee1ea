"""Whether allele frequencies describe the animals that are compared by them.

Rates by chance, likelihood ratios and the sorting of samples into individuals all rest on the
frequencies. Two things are compared with what the frequencies and theta predict:

``fst``
    FST between the animals and the reference. It is 0 where both are of one population, and half of
    theta where the animals are of one population that drifted from that of the frequencies.
``heterozygotes``
    The share of heterozygous genotypes: animals of several populations, or of an inbred one, have
    fewer (Wahlund 1928, doi:10.1111/j.1601-5223.1928.tb02483.x).

Replicates draw the true frequencies as the counts of the reference leave them open, let those of the
animals drift by theta (Balding & Nichols 1994, doi:10.1016/0379-0738(94)90222-4), and count the
alleles and heterozygotes of as many animals and of the reference anew.

What chance makes follows the frequencies and theta of the animals, not those that a likelihood ratio
is calculated with: with a stated theta of 0.03 it would be said to be several times too much where the
animals are of the reference. So it is simulated with the frequencies that the animals themselves show, and
the theta that their heterozygotes show. What is calculated of a pair keeps the stated theta.

Where heterozygotes are too few, animals of one place look like kin, or like one individual, and no rate
by chance that rests on these frequencies is true. Dropout and theta make homozygotes, too; both are in
what is expected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.core.notice import Figure, Notice
from forensics.fit import Fit, FitStatistic, predictive_p
from forensics.genetics.counts import (
    Differentiation,
    estimate_differentiation,
    jackknife_error,
    matching_of_copies,
    offsets_of,
)
from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    RELATIONSHIPS,
    genotype_index,
    joint_table,
    typed_given_true,
)
from forensics.individual.options import LaboratoryErrors
from forensics.notices import individual as notices

# A deficit below this is of no account: it moves an allele's probability, given that one was seen,
# by no more than rounding theta does (a stated choice).
MIN_DEFICIT = 0.03
# So many standard errors; chance alone makes it once in 700 files.
MIN_Z = 3.0


@dataclass(frozen=True)
class Heterozygotes:
    """Heterozygous genotypes in samples, beside what is expected.

    Attributes
    ----------
    genotypes : int
        Typed in all samples.
    observed, expected : float
        Share of heterozygotes; expected of the frequencies, theta, dropout and mistyping.
    z : float
        Difference in standard errors, over samples; negative where there are too few.
    """

    genotypes: int
    observed: float
    expected: float
    z: float

    @property
    def deficit(self) -> float:
        """Share of the expected heterozygotes that is missing; FIS above what theta allows for."""
        return 1 - self.observed / self.expected if self.expected else 0.0

    @property
    def too_few(self) -> bool:
        """Whether there are fewer than the frequencies, theta and dropout explain."""
        return self.deficit > MIN_DEFICIT and self.z < -MIN_Z

    def notice(self, theta: float) -> Notice | None:
        """Return what too few heterozygotes mean, and the theta that would explain them.

        Parameters
        ----------
        theta : float
            With which they were counted.

        Returns
        -------
        Notice or None
            None where there are not too few.
        """
        if not self.too_few:
            return None
        return notices.FEW_HETEROZYGOTES(
            observed=self.observed,
            expected=self.expected,
            theta=min(0.99, 1 - (1 - theta) * self.observed / self.expected),
        )


def count_heterozygotes(
    frequencies: Frequencies, codes: np.ndarray, *, theta: float, errors: LaboratoryErrors
) -> Heterozygotes:
    """Count heterozygous genotypes.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    codes : numpy.ndarray of int32, shape (n, L)
        From `Frequencies.genotypes_of`.
    """
    seen, shares = np.zeros(codes.shape, dtype=bool), np.empty(codes.shape[1])
    for locus, p in enumerate(frequencies.values):
        size = len(p)
        homozygotes = genotype_index(np.arange(size), np.arange(size))
        true = np.diagonal(joint_table(p, RELATIONSHIPS["same"], theta=theta))
        typed = typed_given_true(size, errors) @ true
        shares[locus] = 1 - typed[homozygotes].sum()
        seen[:, locus] = ~np.isin(codes[:, locus], homozygotes)
    known = codes >= 0
    genotypes = int(known.sum())
    if not genotypes:
        return Heterozygotes(0, 0.0, 0.0, 0.0)
    by_sample = ((seen - shares) * known).sum(axis=1)
    error = float(np.sqrt((by_sample**2).sum()))
    return Heterozygotes(
        genotypes,
        float((seen & known).sum() / genotypes),
        float((shares * known).sum() / genotypes),
        float(by_sample.sum() / error) if error else 0.0,
    )


# The check allows for this theta, whatever smaller one is stated: that of small, isolated groups
# (National Research Council 1996, recommendation 4.3). A smaller difference moves no statement much.
MIN_THETA = 0.03
# Data sets that are simulated: p-values, times two statistics, down to 0.004.
REPLICATES = 499
# With more no locus tells anything.
MAX_THETA = 0.99
# Of a standard normal distribution: one-sided 95 %.
_UPPER = 1.645


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceFit:
    """Whether frequencies describe animals, and the theta by which chance is simulated.

    Attributes
    ----------
    differentiation : Differentiation or None
        None where the frequencies are those of the animals themselves.
    values : tuple of numpy.ndarray of float64, length L
        Frequencies of the animals themselves, by which chance is simulated.
    theta : float
        Of the animals against these frequencies: their deficit of heterozygotes where that is beyond
        chance, and what counting so few copies leaves open.
    """

    fit: Fit
    differentiation: Differentiation | None
    values: tuple[np.ndarray, ...]
    theta: float

    def notice(self) -> Notice | None:
        """Return what speaks against the frequencies; None where the check passed."""
        worst = self.fit.worst
        if self.fit.passed or worst is None:
            return None
        return notices.NO_FIT(
            "fst" if worst.name == "fst" else "heterozygotes",
            observed=Figure(worst.observed, ".3f"),
            expected=Figure(worst.expected, ".3f"),
            **self.fit.parameters(),
        )


def allele_counts(frequencies: Frequencies, codes: np.ndarray) -> np.ndarray:
    """Return how many copies of each allele each animal has; float64, shape (n, A).

    Parameters
    ----------
    codes : numpy.ndarray of int32, shape (n, L)
        From `Frequencies.genotypes_of`.
    """
    offsets = offsets_of(frequencies.alleles)
    result = np.zeros((len(codes), offsets[-1]))
    rows, loci = np.nonzero(codes >= 0)
    number = codes[rows, loci].astype(np.int64)
    # The number of a genotype is high (high + 1) / 2 + low.
    high = ((np.sqrt(8.0 * number + 1) - 1) / 2).astype(np.int64)
    high += (high + 1) * (high + 2) // 2 <= number
    high -= high * (high + 1) // 2 > number
    for allele in (high, number - high * (high + 1) // 2):
        np.add.at(result, (rows, offsets[loci] + allele), 1.0)
    return result


def check_reference(
    frequencies: Frequencies,
    codes: np.ndarray,
    clusters: Sequence[str],
    *,
    theta: float,
    errors: LaboratoryErrors,
    seed: int,
    related: tuple[np.ndarray, np.ndarray] | None = None,
) -> ReferenceFit:
    """Compare animals with what the frequencies predict of them.

    Parameters
    ----------
    frequencies : Frequencies
        L loci; the counts of the reference are taken from it.
    codes : numpy.ndarray of int32, shape (n, L)
        An animal a row, each once.
    clusters : sequence of str, length n
        Animals that may be kin, such as those of one seizure: their alleles are not compared with
        each other. With one cluster alone all animals are.
    theta : float
        That is stated.
    seed : int
        Of the replicates.
    related : two numpy.ndarray of intp, shape (m,), optional
        Places of the animals of pairs that look like kin, which say nothing of their population.
    """
    offsets = offsets_of(frequencies.alleles)
    by_animal = allele_counts(frequencies, codes)
    counts = by_animal.sum(axis=0)
    apart = np.unique(np.asarray(clusters), return_inverse=True)[1].ravel()
    reference = np.concatenate(
        [raw * copies for raw, copies in zip(frequencies.raw, frequencies.copies)]
    )
    differentiation = None
    if not np.allclose(counts, reference):  # else these are the animals' own frequencies
        differentiation = estimate_differentiation(
            by_animal, reference, offsets, related=related,
            clusters=apart if apart.any() else None,
        )  # fmt: skip
    allowed = max(theta, MIN_THETA)
    seen = count_heterozygotes(frequencies, codes, theta=allowed, errors=errors)
    sizes = np.add.reduceat(counts, offsets[:-1])
    fst, shares = _replicates(
        frequencies, reference, sizes, (codes >= 0).sum(axis=0), allowed, errors, seed
    )
    statistics = []
    if differentiation is not None and np.isfinite(differentiation.fst):
        p = predictive_p(differentiation.fst, fst.tolist())
        statistics.append(
            FitStatistic("fst", differentiation.fst, float(fst.mean()), p, REPLICATES)
        )
    if seen.genotypes:
        p = predictive_p(-seen.observed, (-shares).tolist())
        statistics.append(
            FitStatistic("heterozygotes", seen.observed, float(shares.mean()), p, REPLICATES)
        )
    heterozygous = np.add.reduceat(by_animal == 1, offsets[:-1], axis=1) > 0
    inbred = _deficit(
        heterozygous.sum(axis=0), (codes >= 0).sum(axis=0), counts, frequencies, errors
    )
    values, copies = _own_frequencies(counts, reference, offsets, differentiation)
    deficit, error = inbred
    beyond = np.isfinite(error) and deficit > MIN_Z * error
    own_theta = (deficit if beyond else 0.0) + 1 / max(1.0, copies)
    return ReferenceFit(
        Fit(tuple(statistics)), differentiation, values, float(min(max(own_theta, 0.0), MAX_THETA))
    )


def _own_frequencies(
    counts: np.ndarray,
    reference: np.ndarray,
    offsets: np.ndarray,
    differentiation: Differentiation | None,
) -> tuple[tuple[np.ndarray, ...], float]:
    """Return the frequencies of the animals themselves, and how many copies they rest on.

    The reference counts as far as it tells of these animals: beyond a theta of t not even endless
    copies of it tell more than 1 / t copies of the animals.
    """
    starts = offsets[:-1]
    total = counts.astype(np.float64)
    if differentiation is not None:
        error = differentiation.fst_error if np.isfinite(differentiation.fst_error) else 0.0
        apart = (
            max(0.0, 2 * (differentiation.fst + _UPPER * error))
            if np.isfinite(differentiation.fst)
            else 1.0
        )
        copies = np.add.reduceat(reference, starts)
        total = total + reference * np.repeat(1 / (1 + apart * copies), np.diff(offsets))
    sizes = np.add.reduceat(total, starts)
    # Half a copy, shared by all alleles of a locus: none is impossible (Jeffreys' prior has half each).
    total = total + np.repeat(0.5 / np.diff(offsets), np.diff(offsets))
    values = tuple(total[a:b] / total[a:b].sum() for a, b in zip(starts, offsets[1:]))
    return values, float(sizes.mean())


def _deficit(
    seen: np.ndarray,
    typed: np.ndarray,
    counts: np.ndarray,
    frequencies: Frequencies,
    errors: LaboratoryErrors,
) -> tuple[float, float]:
    """Return the share of heterozygotes that is missing, and its standard error; NaN for nothing.

    Parameters
    ----------
    seen, typed : numpy.ndarray of int64, shape (L,)
        Heterozygous genotypes, and all.
    counts : numpy.ndarray of float64, shape (A,)
        Copies of each allele in the animals themselves: those of several populations have fewer
        heterozygotes than these let expect, whatever the reference is.
    """  # fmt: skip
    offsets = offsets_of(frequencies.alleles)
    (same,) = matching_of_copies(counts[None, :], offsets)
    expected = np.array(
        [
            float(typed_heterozygotes(np.array(1 - homozygosity), size, errors))
            for homozygosity, size in zip(same, np.diff(offsets))
        ]
    )
    use = np.isfinite(expected) & (typed > 0)
    above, below = seen[use].astype(np.float64), (expected * typed)[use]
    if not below.sum() > 0:
        return float("nan"), float("nan")
    return float(1 - above.sum() / below.sum()), jackknife_error(above, below)


def _replicates(
    frequencies: Frequencies,
    reference: np.ndarray,
    sizes: np.ndarray,
    typed: np.ndarray,
    theta: float,
    errors: LaboratoryErrors,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return FST and the share of heterozygotes of replicates; float64, shape (REPLICATES,).

    Parameters
    ----------
    reference : numpy.ndarray of float64, shape (A,)
        Copies of each allele in the reference.
    sizes, typed : numpy.ndarray, shape (L,)
        Copies, and genotypes, of the animals at each locus.
    theta, errors, seed
    """
    random = np.random.default_rng([seed, len(typed)])
    offsets = offsets_of(frequencies.alleles)
    inside, apart = np.zeros(REPLICATES), np.zeros(REPLICATES)
    seen = np.zeros(REPLICATES)
    for locus, (start, stop) in enumerate(zip(offsets, offsets[1:])):
        count = stop - start
        drawn = np.maximum(
            random.gamma(reference[start:stop] + 1 / count, size=(REPLICATES, count)), 1e-12
        )
        true = drawn / drawn.sum(axis=1, keepdims=True)
        drawn = np.maximum(random.gamma(true * (1 - theta) / theta), 1e-12)
        drifted = drawn / drawn.sum(axis=1, keepdims=True)
        copies = (int(sizes[locus]), int(round(frequencies.copies[locus])))
        if min(copies) > 1:
            first, second = (
                random.multinomial(size, shares).astype(np.float64)
                for size, shares in zip(copies, (drifted, true))
            )
            unlike = [
                1 - ((of**2).sum(axis=1) - size) / (size * (size - 1))
                for of, size in zip((first, second), copies)
            ]
            inside += (unlike[0] + unlike[1]) / 2
            apart += 1 - (first * second).sum(axis=1) / (copies[0] * copies[1])
        shares = typed_heterozygotes(1 - (drifted**2).sum(axis=1), count, errors)
        seen += random.binomial(int(typed[locus]), shares * (1 - MIN_DEFICIT))
    with np.errstate(invalid="ignore", divide="ignore"):
        fst = np.where(apart > 0, 1 - inside / apart, 0.0)
    return fst, seen / max(1, int(typed.sum()))


def typed_heterozygotes(true: np.ndarray, alleles: int, errors: LaboratoryErrors) -> np.ndarray:
    """Return the share of heterozygotes that is typed where `true` is the share there is.

    As `forensics.individual.kinship` has dropout and mistyping.
    """
    if alleles < 2:
        return np.zeros_like(true)
    wrong, others = errors.mistyping, alleles - 1
    left = true * (1 - errors.dropout)
    kept = 1 - 2 * wrong * (1 - wrong) / others - wrong**2 * (alleles - 2) / others**2
    made = 1 - (1 - wrong) ** 2 - wrong**2 / others
    return left * kept + (1 - left) * made
