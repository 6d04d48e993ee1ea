"""Tests of Hardy-Weinberg proportions and of independence between loci.

References
----------
Wigginton J. E., Cutler D. J., Abecasis G. R. (2005). A note on exact tests of Hardy-Weinberg
equilibrium. American Journal of Human Genetics 76, 887-893. doi:10.1086/429864
Guo S. W., Thompson E. A. (1992). Performing the exact test of Hardy-Weinberg proportion for multiple
alleles. Biometrics 48, 361-372. doi:10.2307/2532296
Zaykin D. V., Pudovkin A., Weir B. S. (2008). Correlation-based inference for linkage disequilibrium
with multiple alleles. Genetics 180, 533-545. doi:10.1534/genetics.108.089409
Benjamini Y., Hochberg Y. (1995). Controlling the false discovery rate. Journal of the Royal
Statistical Society B 57, 289-300. doi:10.1111/j.2517-6161.1995.tb02031.x
"""

from functools import lru_cache
from math import lgamma, log

import numpy as np

from forensics.genetics.counts import doses, offsets_of
from forensics.genetics.genotypes import Genotypes

__all__ = [
    "LINKAGE_PERMUTATIONS",
    "PERMUTATIONS",
    "adjusted",
    "hardy_weinberg",
    "hardy_weinberg_two_alleles",
    "linkage",
]

# Guo & Thompson: 17,000 permutations put the estimate within 0.01 of the p-value with 99 %
# confidence; a screening of hundreds of tests is done with fewer: within 0.025 for 2,700.
PERMUTATIONS = 2700
# Probabilities within this factor of each other are ties that rounding has parted.
_TIE = 1e-9
# Enough for a mean and a variance; their errors are near 7 and 10 %.
LINKAGE_PERMUTATIONS = 200
_CONSTANT = 1e-12  # variance of copies that rounding leaves where all animals are alike
_CHUNK = 4_000_000


@lru_cache(maxsize=1 << 14)
def hardy_weinberg_two_alleles(rare: int, animals: int, heterozygotes: int) -> float:
    """Return the exact p-value of the heterozygotes, given the alleles (Wigginton et al. 2005).

    Parameters
    ----------
    rare : int
        Copies of one of the two alleles.

    Examples
    --------
    >>> round(hardy_weinberg_two_alleles(21, 100, 13), 6)
    0.010293
    """
    rare = min(rare, 2 * animals - rare)
    possible = np.arange(rare % 2, rare + 1, 2)
    logs = np.array(
        [
            hets * log(2)
            - lgamma(hets + 1)
            - lgamma((rare - hets) / 2 + 1)
            - lgamma((2 * animals - rare - hets) / 2 + 1)
            for hets in possible
        ]
    )
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    observed = chances[(heterozygotes - rare % 2) // 2]
    return float(min(1.0, chances[chances <= observed * (1 + _TIE)].sum()))


def hardy_weinberg(
    pairs: np.ndarray, *, rng: np.random.Generator, permutations: int = PERMUTATIONS
) -> float:
    """Return the p-value of one locus in one population; NaN where it has one allele.

    Two alleles: exact. More: alleles are dealt to the animals anew `permutations` times; the p-value
    is the share of deals (the observed one with them) that are not more probable than the observed.

    Parameters
    ----------
    pairs : numpy.ndarray of int, shape (n, 2)
        Codes of completely typed animals.
    rng : numpy.random.Generator
    """
    if len(pairs) == 0:
        return np.nan
    _labels, codes = np.unique(pairs, return_inverse=True)
    codes = codes.reshape(-1, 2)
    count = int(codes.max()) + 1
    if count < 2:
        return np.nan
    if count == 2:
        hets = int((codes[:, 0] != codes[:, 1]).sum())
        return hardy_weinberg_two_alleles(int(codes.sum()), len(codes), hets)
    animals = len(codes)
    table = np.array([lgamma(number + 1) for number in range(animals + 1)])

    def chance(dealt: np.ndarray) -> np.ndarray:
        """Log probability, up to a constant, of genotypes of shape (R, n, 2)."""
        low, high = dealt.min(axis=2), dealt.max(axis=2)
        hets = (low != high).sum(axis=1)
        cells = count * count
        places = (low * count + high) + np.arange(len(dealt))[:, None] * cells
        numbers = np.bincount(places.ravel(), minlength=len(dealt) * cells)
        return hets * log(2) - table[numbers.reshape(len(dealt), cells)].sum(axis=1)

    observed = chance(codes[None])[0]
    alleles = codes.ravel().astype(np.int32)
    chunk = max(1, min(permutations, _CHUNK // max(count * count, len(alleles))))
    not_more, done = 0, 0
    while done < permutations:
        size = min(chunk, permutations - done)
        dealt = rng.permuted(np.tile(alleles, (size, 1)), axis=1).reshape(size, animals, 2)
        not_more += int((chance(dealt) <= observed + _TIE).sum())
        done += size
    return (not_more + 1) / (permutations + 1)


def linkage(
    genotypes: Genotypes,
    groups: list[np.ndarray],
    *,
    rng: np.random.Generator,
    permutations: int = LINKAGE_PERMUTATIONS,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Test whether the genotypes of pairs of loci depend on each other within populations.

    Zaykin, Pudovkin & Weir (2008): correlations between copies of alleles, which needs no phase and
    no Hardy-Weinberg proportions. In one population, with k and m alleles of which the copies vary
    among the n animals typed at both loci,

        T = (k - 1)(m - 1) / (k m) * sum over pairs of alleles of (n - 1) r^2,

    whose mean is (k - 1)(m - 1) when the loci are independent (n - 1 in place of their n: the mean
    of r^2 over permutations is 1 / (n - 1)). T and degrees are added over populations. With two
    alleles at both loci the sum is taken as chi-square. With more alleles than that and few animals
    it varies more; then the animals are dealt anew `permutations` times within populations, and a
    gamma distribution with the mean and the variance of these deals takes its place.

    Parameters
    ----------
    genotypes : Genotypes
        L loci.
    groups : list of numpy.ndarray of intp
        Rows of each population.
    rng : numpy.random.Generator
    permutations : int
        0 for chi-square at all loci.

    Returns
    -------
    first, second : numpy.ndarray of intp, shape (P,)
        The loci of each pair that could be tested.
    statistics, degrees, p_values : numpy.ndarray of float64, shape (P,)
    """
    from scipy.stats import chi2, gamma

    offsets = offsets_of(genotypes.alleles)
    count = len(genotypes.loci)
    copies = doses(genotypes)
    typed = genotypes.typed.astype(np.float64)
    parts = [(copies[rows], typed[rows]) for rows in groups if len(rows) > 2]
    statistics, degrees = np.zeros((count, count)), np.zeros((count, count))
    for own, there in parts:
        value, freedom = _association(own, there, offsets)
        statistics += value
        degrees += freedom
    first, second = np.triu_indices(count, 1)
    tested = degrees[first, second] > 0
    first, second = first[tested], second[tested]
    value, freedom = statistics[first, second], degrees[first, second]
    p_values = chi2.sf(value, freedom)
    width = np.diff(offsets)
    many = (width[first] > 2) | (width[second] > 2)
    if permutations and many.any():
        sums, squares = np.zeros((count, count)), np.zeros((count, count))
        locus_of = np.repeat(np.arange(count), width)
        for _deal in range(permutations):
            dealt = np.zeros((count, count))
            for own, there in parts:
                rows = rng.permuted(np.tile(np.arange(len(own)), (count, 1)), axis=1)
                dealt += _association(
                    np.take_along_axis(own, rows[locus_of].T, axis=0),
                    np.take_along_axis(there, rows.T, axis=0),
                    offsets,
                )[0]
            sums += dealt
            squares += dealt**2
        mean = (sums / permutations)[first, second]
        variance = (squares / permutations)[first, second] - mean**2
        usable = many & (mean > 0) & (variance > 0)
        shape = mean[usable] ** 2 / variance[usable]
        p_values[usable] = gamma.sf(value[usable], shape, scale=variance[usable] / mean[usable])
    return first, second, value, freedom, p_values


def _association(
    own: np.ndarray, there: np.ndarray, offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return T and its degrees of freedom of one population; float64, shape (L, L).

    Parameters
    ----------
    own : numpy.ndarray of float64, shape (n, A)
        Copies of each allele; 0 where not typed.
    there : numpy.ndarray of float64, shape (n, L)
        1 where typed.
    offsets : numpy.ndarray of intp, shape (L + 1,)
    """
    locus_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    both = there.T @ there  # animals typed at both
    with np.errstate(divide="ignore", invalid="ignore"):
        # Means of copies of each allele over the animals that are typed at the other locus.
        mean = (own.T @ there) / both[locus_of]
        variance = ((own**2).T @ there) / both[locus_of] - mean**2
        varies = variance > _CONSTANT
        cross = (own.T @ own) / both[np.ix_(locus_of, locus_of)]
        left, spread, moves = mean[:, locus_of], variance[:, locus_of], varies[:, locus_of]
        squared = (cross - left * left.T) ** 2 / (spread * spread.T)
    squared[~(moves & moves.T)] = 0.0
    total = np.add.reduceat(np.add.reduceat(squared, offsets[:-1], axis=0), offsets[:-1], axis=1)
    alleles = np.add.reduceat(varies.astype(np.float64), offsets[:-1], axis=0)
    use = (alleles > 1) & (alleles.T > 1)
    freedom = np.where(use, (alleles - 1) * (alleles.T - 1), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(use, freedom / (alleles * alleles.T) * (both - 1) * total, 0.0)
    return value, freedom


def adjusted(p_values: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for the rate of false discoveries (Benjamini-Hochberg).

    NaN stays NaN and counts as no test.
    """
    from scipy.stats import false_discovery_control

    p_values = np.asarray(p_values, dtype=np.float64)
    result = np.full(p_values.shape, np.nan)
    tested = ~np.isnan(p_values)
    if tested.any():
        result[tested] = false_discovery_control(p_values[tested])
    return result
