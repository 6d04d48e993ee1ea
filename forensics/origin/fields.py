"""Allele frequencies as smooth fields over space, and the likelihood of a genotype at a place.

The frequency of an allele is taken as a random field around a base frequency g. Sites that are
near to each other resemble each other:

    Cov(f_s, f_t) = g (1 - g) F [(1 - h) exp(-d_st / width) + h (s = t)]

F is the variance among places on the scale of FST, h the share of it that is of one place alone
(the nugget, drift of a site), d the great-circle distance. A site of n typed copies adds its
sampling variance g (1 - g) (1 - F) / n. The best linear prediction (simple kriging) gives at
any place the mean frequencies m and a variance v, in units of g (1 - g); a Dirichlet
distribution with this mean and variance has concentration A = 1 / v - 1. The genotype's
probability is then that of two copies drawn from it (Dirichlet-multinomial), so that what the
reference does not tell about the frequencies is in the likelihood.
"""

from dataclasses import dataclass

import numpy as np

from forensics.genetics.genotypes import MISSING, Genotypes

__all__ = [
    "AlleleCopies",
    "FrequencyField",
    "base_frequencies",
    "copies_of",
    "log_likelihood",
    "predict_frequencies",
]

# The base frequencies add this many sites of equal frequencies (Jeffreys' half a count, of a
# site): an allele that was not seen at any site keeps a probability.
BASE_SITES = 0.5
# The least mean frequency at a place, as a share of the base frequency. A linear prediction can
# be below 0 beside a site where the allele is common; a frequency cannot.
MIN_SHARE = 0.02
# Limits of the variance at a place: concentrations from 0.02 to 999.
VARIANCES = (1e-3, 0.98)
# Numbers held at once for the frequencies of a block of places.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class FrequencyField:
    """Allele counts at sites and how frequencies vary between places.

    Attributes
    ----------
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Columns of each locus. The last column of a locus is for all alleles never seen.
    counts : numpy.ndarray of float64, shape (S, A)
        Copies of each allele at each site.
    latitudes, longitudes : numpy.ndarray of float64, shape (S,)
        Of the sites, degrees.
    width_km : float
        Distance at which the correlation has fallen to 1/e.
    variance : float
        F, 0-1.
    nugget : float
        h, 0-1.
    """

    offsets: np.ndarray
    counts: np.ndarray
    latitudes: np.ndarray
    longitudes: np.ndarray
    width_km: float
    variance: float
    nugget: float

    @property
    def locus_of(self) -> np.ndarray:
        """Locus of each column; intp, shape (A,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


@dataclass(frozen=True, eq=False)
class AlleleCopies:
    """Genotypes as the likelihood needs them.

    Attributes
    ----------
    once, twice : numpy.ndarray of float64, shape (n, A)
        1 where an animal has at least one copy, two copies of an allele.
    typed_once, typed_twice : numpy.ndarray of float64, shape (n, L)
        1 where at least one copy, two copies were typed.
    """

    once: np.ndarray
    twice: np.ndarray
    typed_once: np.ndarray
    typed_twice: np.ndarray

    def take(self, rows: np.ndarray) -> "AlleleCopies":
        """Return some animals."""
        return AlleleCopies(
            self.once[rows], self.twice[rows], self.typed_once[rows], self.typed_twice[rows]
        )


def copies_of(genotypes: Genotypes, sizes: np.ndarray) -> tuple[AlleleCopies, np.ndarray]:
    """Return copies by allele, and the counts of which they are made.

    Parameters
    ----------
    genotypes : Genotypes
        Coded as the reference is (`Genotypes.coded_as`).
    sizes : numpy.ndarray of int, shape (L,)
        Alleles that the reference knows at each locus; a code from there on is one never seen.

    Returns
    -------
    copies : AlleleCopies
    doses : numpy.ndarray of float64, shape (n, A)
        A is the sum of ``sizes + 1``. A genotype of which one of two copies was not typed is
        left out.
    """
    offsets = np.concatenate(([0], np.cumsum(np.asarray(sizes) + 1))).astype(np.intp)
    doses = np.zeros((len(genotypes), offsets[-1]))
    complete = (genotypes.codes != MISSING).all(axis=2)
    for copy in range(2):
        rows, loci = np.nonzero((genotypes.codes[:, :, copy] >= 0) & complete)
        slots = np.minimum(genotypes.codes[rows, loci, copy], np.asarray(sizes)[loci])
        np.add.at(doses, (rows, offsets[loci] + slots), 1.0)
    typed = np.add.reduceat(doses, offsets[:-1], axis=1)
    copies = AlleleCopies(
        (doses >= 1).astype(float),
        (doses == 2).astype(float),
        (typed >= 1).astype(float),
        (typed == 2).astype(float),
    )
    return copies, doses


def base_frequencies(counts: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the mean of the sites' frequencies, each site counted once; float64, shape (A,)."""
    locus_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    totals = np.add.reduceat(counts, offsets[:-1], axis=1)
    frequencies = counts / np.maximum(totals, 1.0)[:, locus_of]
    sites = (totals > 0).sum(axis=0)
    flat = BASE_SITES / np.diff(offsets)
    return np.asarray((frequencies.sum(axis=0) + flat[locus_of]) / (sites + BASE_SITES)[locus_of])


def predict_frequencies(
    field: FrequencyField, distances: np.ndarray, apart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the Dirichlet distribution of the allele frequencies at places.

    Parameters
    ----------
    field : FrequencyField
    distances : numpy.ndarray of float64, shape (p, S)
        km from the places to the sites.
    apart : numpy.ndarray of float64, shape (S, S)
        km between the sites.

    Returns
    -------
    mean : numpy.ndarray of float64, shape (p, A)
        Sums to 1 over the alleles of each locus.
    concentration : numpy.ndarray of float64, shape (p, L)

    References
    ----------
    Cressie 1993, Statistics for Spatial Data, section 3.4 (simple kriging); Wasser et al. 2004,
    PNAS 101:14847 (smooth allele frequencies for assignment, "SCAT"); Balding & Nichols 1995,
    Genetica 96:3 (the Dirichlet with F).
    """
    locus_of, offsets = field.locus_of, field.offsets
    base = base_frequencies(field.counts, offsets)
    totals = np.add.reduceat(field.counts, offsets[:-1], axis=1)
    frequencies = field.counts / np.maximum(totals, 1.0)[:, locus_of] - base
    smooth, local = field.variance * (1 - field.nugget), field.variance * field.nugget
    towards = smooth * np.exp(-distances / field.width_km)
    common = smooth * np.exp(-apart / field.width_km) + local * np.eye(len(apart))
    variance = np.empty((len(distances), totals.shape[1]))
    weights = np.empty(field.counts.shape)
    # Loci typed in the same numbers share one matrix; often that is all of them.
    patterns, which = np.unique(totals, axis=1, return_inverse=True)
    for number, typed in enumerate(patterns.T):
        sampled = typed > 0
        # A site where the locus was not typed says nothing; it has no row at this locus.
        matrix = common[np.ix_(sampled, sampled)] + np.diag((1 - field.variance) / typed[sampled])
        inverse = np.linalg.inv(matrix)
        loci = np.flatnonzero(which.ravel() == number)
        seen = towards[:, sampled]
        variance[:, loci] = (field.variance - ((seen @ inverse) * seen).sum(axis=1))[:, None]
        columns = np.isin(locus_of, loci)
        part = np.zeros((len(typed), int(columns.sum())))
        part[sampled] = inverse @ frequencies[np.ix_(sampled, columns)]
        weights[:, columns] = part
    mean = np.maximum(base + towards @ weights, MIN_SHARE * base)
    mean /= np.add.reduceat(mean, offsets[:-1], axis=1)[:, locus_of]
    return mean, 1.0 / np.clip(variance, *VARIANCES) - 1.0


def log_likelihood(
    field: FrequencyField, copies: AlleleCopies, distances: np.ndarray, apart: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods of animals at places; float64, shape (n, p).

    Notes
    -----
    At a locus, with alpha = A m: a homozygote ``alpha_a (alpha_a + 1) / (A (A + 1))``, a
    heterozygote ``2 alpha_a alpha_b / (A (A + 1))``, one copy ``alpha_a / A``. The 2 is the same
    at all places and left out. Loci are multiplied.
    """
    result = np.empty((len(copies.once), len(distances)))
    step = max(1, _BLOCK // field.counts.shape[1])
    for start in range(0, len(distances), step):
        mean, concentration = predict_frequencies(field, distances[start : start + step], apart)
        alpha = concentration[:, field.locus_of] * mean
        result[:, start : start + step] = (
            copies.once @ np.log(alpha).T
            + copies.twice @ np.log1p(alpha).T
            - copies.typed_once @ np.log(concentration).T
            - copies.typed_twice @ np.log1p(concentration).T
        )
    return result
