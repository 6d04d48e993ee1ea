"""Allele frequencies at any place, smoothed by kernels over the reference sites.

At a place x the frequency of allele a is that of weighted copies, as Rannala and Mountain have it
for one population::

    p_a(x) = (sum_s k(d_xs) c_sa + A g_a) / (sum_s k(d_xs) c_s + A),   k(d) = exp(-d / width)

with d the great-circle distance, g the base frequency and A the concentration of the locus, the
maximum of the Dirichlet-multinomial likelihood of the sites' counts (``A = 1 / FST - 1``): a locus
that does not differ between sites carries no information on places. A site of n copies weighs
``c_s = n / (1 + n / 50)``: what a site's own drift adds does not shrink with more animals of it. The
log-likelihood of a genotype at a place is the sum of the logs over its copies, a product of
matrices: doses of alleles by logs of frequencies.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from forensics.genetics.genotypes import MISSING, Genotypes
from forensics.origin.shrinkage import fit_concentrations

__all__ = [
    "Doses",
    "SiteCounts",
    "count_sites",
    "doses_of",
    "kriged_logs",
    "logs_without_animal",
    "smoothed_logs",
]

# The base frequencies add this many sites of equal frequencies (Jeffreys' half a count, of a
# site): an allele that was not seen at any site keeps a probability.
BASE_SITES = 0.5
# The least mean frequency at a place, as a share of the base frequency. A linear prediction can
# be below 0 beside a site where the allele is common; a frequency cannot.
MIN_SHARE = 0.02

# Copies beyond which a site says little more: 1 / FST of a site's own drift, at a drift of 0.02.
SATURATION = 50.0
# Share of the variance between sites that is of one site alone, in kriging.
NUGGET = 0.4
# Bounds of the concentrations: FST from 0.5 down to 0.002.
CONCENTRATIONS = (1.0, 500.0)
# Numbers held at once for the frequencies of a block of places.
_BLOCK = 8_000_000
# Numbers of a table up to which they are of double precision.
_DOUBLE = 4_000_000


@dataclass(frozen=True, eq=False)
class Doses:
    """Genotypes as counts of alleles.

    Attributes
    ----------
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Columns of each locus. The last column of a locus is for all alleles never seen.
    alleles : numpy.ndarray of float, shape (n, A)
        Copies of each allele. A genotype of which one of two copies was not typed is left out.
    typed : numpy.ndarray of float, shape (n, L)
        Copies that were typed. Single precision where the table is large, see `doses_of`.
    """

    offsets: np.ndarray
    alleles: np.ndarray
    typed: np.ndarray

    def take(self, rows: np.ndarray) -> "Doses":
        """Return some animals."""
        return Doses(self.offsets, self.alleles[rows], self.typed[rows])

    @property
    def locus_of(self) -> np.ndarray:
        """Locus of each column; intp, shape (A,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def typed_share(self) -> np.ndarray:
        """Share of the loci that each animal was typed at; float, shape (n,)."""
        return np.asarray((self.typed > 0).mean(axis=1))


def doses_of(genotypes: Genotypes, sizes: np.ndarray) -> Doses:
    """Return genotypes as counts of alleles.

    Parameters
    ----------
    genotypes : Genotypes
        Coded as the reference is (`Genotypes.coded_as`).
    sizes : numpy.ndarray of int, shape (L,)
        Alleles that the reference knows at each locus; a code from there on is one never seen.

    Returns
    -------
    Doses
        Of double precision; of single precision where more than 4 million numbers make memory and
        time matter more than the seventh digit.
    """
    sizes = np.asarray(sizes)
    offsets = np.concatenate(([0], np.cumsum(sizes + 1))).astype(np.intp)
    dtype = np.float64 if len(genotypes) * offsets[-1] <= _DOUBLE else np.float32
    alleles = np.zeros((len(genotypes), offsets[-1]), dtype=dtype)
    complete = (genotypes.codes != MISSING).all(axis=2)
    every = np.arange(len(genotypes))
    for locus in range(len(sizes)):
        for copy in range(2):
            codes = genotypes.codes[:, locus, copy]
            rows = every[(codes >= 0) & complete[:, locus]]
            alleles[rows, offsets[locus] + np.minimum(codes[rows], sizes[locus])] += 1.0
    return Doses(offsets, alleles, np.add.reduceat(alleles, offsets[:-1], axis=1))


@dataclass(frozen=True, eq=False)
class SiteCounts:
    """What the sites know of the frequencies.

    Attributes
    ----------
    offsets : numpy.ndarray of intp, shape (L + 1,)
    counts : numpy.ndarray of float64, shape (S, A)
        Copies of each allele at each site.
    weighted : numpy.ndarray of float, shape (S, A)
        The same, with the weight of a site's copies saturated.
    totals : numpy.ndarray of float, shape (S, L)
        Sums of `weighted` over the alleles of a locus.
    typed : numpy.ndarray of float64, shape (S, L)
        Sums of `counts`.
    concentrations : numpy.ndarray of float64, shape (L,)
        Copies that the base frequencies count for.
    """

    offsets: np.ndarray
    counts: np.ndarray
    weighted: np.ndarray
    totals: np.ndarray
    typed: np.ndarray
    concentrations: np.ndarray

    @cached_property
    def base(self) -> np.ndarray:
        """Base frequency of each allele; float64, shape (A,)."""
        return base_frequencies(self.counts, self.offsets)

    @cached_property
    def differences(self) -> np.ndarray:
        """Frequencies at the sites less the base, 0 where not typed; float64, shape (S, A)."""
        locus_of = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        differs = self.counts / np.maximum(self.typed, 1.0)[:, locus_of] - self.base
        differs[(self.typed == 0)[:, locus_of]] = 0.0
        return np.asarray(differs)

    def without(self, left_out: np.ndarray) -> "SiteCounts":
        """Return the sites that are not left out; `left_out` is bool, shape (S,)."""
        kept = ~left_out
        return SiteCounts(
            self.offsets,
            self.counts[kept],
            self.weighted[kept],
            self.totals[kept],
            self.typed[kept],
            self.concentrations,
        )


def count_sites(
    counts: np.ndarray,
    offsets: np.ndarray,
    dtype: Any,
    concentrations: np.ndarray | None = None,
) -> SiteCounts:
    """Return what sites know, from the copies of each allele, shape (S, A).

    The concentrations of the loci are fitted where none are given. `dtype` is that of the doses.
    """
    totals = np.add.reduceat(counts, offsets[:-1], axis=1)
    if concentrations is None:
        fitted = fit_concentrations(counts, totals, offsets[:-1], np.diff(offsets))
        concentrations = np.clip(fitted, *CONCENTRATIONS)
    weight = 1.0 / (1.0 + totals / SATURATION)
    locus_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return SiteCounts(
        offsets,
        counts,
        (counts * weight[:, locus_of]).astype(dtype),
        (totals * weight).astype(dtype),
        totals,
        np.asarray(concentrations, dtype=np.float64),
    )


def smoothed_logs(
    sites: SiteCounts, doses: Doses, distances: np.ndarray, widths_km: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods of animals at places, by frequencies smoothed at several widths.

    Parameters
    ----------
    sites : SiteCounts
    doses : Doses
        n animals.
    distances : numpy.ndarray of float64, shape (p, S)
        km from the places to the sites.
    widths_km : numpy.ndarray of float64, shape (K,)

    Returns
    -------
    numpy.ndarray of the dtype of the doses, shape (K, n, p)

    References
    ----------
    Rannala & Mountain 1997, PNAS 94:9197 (one population); Wasser et al. 2004, PNAS 101:14847
    (smooth frequencies over a map).
    """
    dtype, columns = doses.alleles.dtype, _columns_of(doses)
    base = (sites.base * np.repeat(sites.concentrations, np.diff(sites.offsets))).astype(dtype)
    strength = sites.concentrations.astype(dtype)
    alleles, weighted, base = doses.alleles[:, columns], sites.weighted[:, columns], base[columns]
    result = np.empty((len(widths_km), len(doses.alleles), len(distances)), dtype=dtype)
    step = max(1, _BLOCK // max(1, weighted.shape[1]))
    for start in range(0, len(distances), step):
        block = distances[start : start + step]
        for number, width in enumerate(widths_km):
            kernel = np.exp(-block / width).astype(dtype)
            logs = kernel @ weighted
            logs += base
            np.log(logs, out=logs)
            totals = kernel @ sites.totals
            totals += strength
            np.log(totals, out=totals)
            result[number, :, start : start + step] = alleles @ logs.T - doses.typed @ totals.T
    return result


def _columns_of(doses: Doses) -> slice | np.ndarray:
    """Return the columns with information on these animals.

    In single precision those of which an animal has a copy: the others are multiplied by 0. In double
    precision all: sums keep the order that they always had.
    """
    if doses.alleles.dtype == np.float64:
        return slice(None)
    return np.flatnonzero(doses.alleles.any(axis=0))


def _sum_loci(table: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return sums over the columns of each locus; float, shape (p, L)."""
    numbers = np.diff(offsets)
    if table.dtype == np.float64 or numbers.max() != numbers.min():
        return np.asarray(np.add.reduceat(table, offsets[:-1], axis=1))
    # Loci of as many columns, such as SNP: whole columns are added, four times as fast.
    result = table[:, 0 :: numbers[0]].copy()
    for place in range(1, numbers[0]):
        result += table[:, place :: numbers[0]]
    return np.asarray(result)


def kriged_logs(
    sites: SiteCounts,
    doses: Doses,
    distances: np.ndarray,
    apart: np.ndarray,
    widths_km: np.ndarray,
) -> np.ndarray:
    """Return log-likelihoods of animals at places, by frequencies kriged at several widths.

    Simple kriging around the base frequencies, with ``F = 1 / (A + 1)`` of the median concentration
    A, a share `NUGGET` of it of one site alone, and one matrix for all loci by the mean copies of a
    site. Sites that stand close together share their weight, which no kernel knows. Frequencies below
    a fiftieth of the base are cut off there.

    Parameters
    ----------
    sites, doses, distances, widths_km
        As for `smoothed_logs`.
    apart : numpy.ndarray of float64, shape (S, S)
        km between the sites.

    Returns
    -------
    numpy.ndarray of the dtype of the doses, shape (K, n, p)

    References
    ----------
    Cressie 1993, Statistics for Spatial Data, section 3.4.
    """
    dtype, columns = doses.alleles.dtype, _columns_of(doses)
    alleles, base = doses.alleles[:, columns], sites.base
    differs = sites.differences.astype(dtype)
    variance = 1.0 / (float(np.median(sites.concentrations)) + 1.0)
    smooth, local = variance * (1 - NUGGET), variance * NUGGET
    noise = (1 - variance) / np.maximum(sites.typed.mean(axis=1), 0.5)
    result = np.empty((len(widths_km), len(doses.alleles), len(distances)), dtype=dtype)
    step = max(1, _BLOCK // max(1, sites.counts.shape[1]))
    floor, base = (MIN_SHARE * base).astype(dtype), base.astype(dtype)
    for number, width in enumerate(widths_km):
        common = smooth * np.exp(-apart / width) + np.diag(local + noise)
        weights = (smooth * np.exp(-distances / width)) @ np.linalg.inv(common)
        for start in range(0, len(distances), step):
            logs = weights[start : start + step].astype(dtype) @ differs
            logs += base
            np.maximum(logs, floor, out=logs)
            totals, logs = _sum_loci(logs, sites.offsets), logs[:, columns]
            result[number, :, start : start + step] = (
                alleles @ np.log(logs, out=logs).T - doses.typed @ np.log(totals, out=totals).T
            )
    return result


def logs_without_animal(
    sites: SiteCounts, doses: Doses, animal: int, site: int, kernels: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods of an animal of the reference by frequencies without itself.

    The same as `smoothed_logs` with the animal's copies taken out, for its own alleles alone.

    Parameters
    ----------
    sites : SiteCounts
    doses : Doses
    animal : int
        Row in `doses`.
    site : int
        The animal's site.
    kernels : numpy.ndarray of float, shape (K, p, S)
        ``exp(-distance / width)``.

    Returns
    -------
    numpy.ndarray of the dtype of the doses, shape (K, p)
    """
    dtype = doses.alleles.dtype
    columns = np.flatnonzero(doses.alleles[animal])
    own = doses.alleles[animal, columns]
    loci, locus_of = np.unique(doses.locus_of[columns], return_inverse=True)
    typed = doses.typed[animal, loci]
    totals = sites.typed[:, loci]
    counts = sites.counts[:, columns]
    counts[site] -= own
    totals[site] -= typed
    frequencies = counts / np.maximum(totals, 1.0)[:, locus_of]
    flat = (BASE_SITES / np.diff(sites.offsets))[loci][locus_of]
    base = (frequencies.sum(axis=0) + flat) / ((totals > 0).sum(axis=0) + BASE_SITES)[locus_of]
    weight = 1.0 / (1.0 + totals / SATURATION)
    strength = sites.concentrations[loci]
    weighted = (counts * weight[:, locus_of]).astype(dtype)
    logs = np.log(kernels @ weighted + (base * strength[locus_of]).astype(dtype)) @ own
    sums = kernels @ (totals * weight).astype(dtype) + strength.astype(dtype)
    return np.asarray(logs - np.log(sums) @ typed)


def base_frequencies(counts: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the mean of the sites' frequencies, each site counted once; float64, shape (A,)."""
    locus_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    totals = np.add.reduceat(counts, offsets[:-1], axis=1)
    frequencies = counts / np.maximum(totals, 1.0)[:, locus_of]
    sites = (totals > 0).sum(axis=0)
    flat = BASE_SITES / np.diff(offsets)
    return np.asarray((frequencies.sum(axis=0) + flat[locus_of]) / (sites + BASE_SITES)[locus_of])
