"""The quality of a set of genotypes, before anything is concluded from it.

Per locus and population: missing genotypes, observed and expected heterozygosity, the test of
Hardy-Weinberg proportions and null alleles. Over populations: dependence between loci, private and
fixed alleles. Per animal: missing genotypes, and others with the same genotype, or nearly the same: one
animal sampled twice, or a mix-up. Adjusted p-values (Benjamini-Hochberg) are over all tests of one kind.

How often an allele fails to appear is estimated from repeated typings of the same animals. Without repeats
it cannot be: a heterozygote of which one allele failed looks like a homozygote. Faeces, ivory and horn
need repeats.

References
----------
Nei M. (1978). Estimation of average heterozygosity and genetic distance from a small number of
individuals. Genetics 89, 583-590. doi:10.1093/genetics/89.3.583
Brookfield J. F. Y. (1996). A simple new method for estimating null allele frequency from
heterozygote deficiency. Molecular Ecology 5, 453-455. doi:10.1046/j.1365-294X.1996.00098.x
Chakraborty R. et al. (1992). Paternity exclusion by DNA markers: effects of paternal mutations and
null alleles. Human Biology 64.
Broquet T., Petit E. (2004). Quantifying genotyping errors in noninvasive population genetics.
Molecular Ecology 13, 3601-3608. doi:10.1111/j.1365-294X.2004.02352.x
Wigginton J. E., Cutler D. J., Abecasis G. R. (2005). A note on exact tests of Hardy-Weinberg
equilibrium. American Journal of Human Genetics 76, 887-893. doi:10.1086/429864
Guo S. W., Thompson E. A. (1992). Performing the exact test of Hardy-Weinberg proportion for multiple
alleles. Biometrics 48, 361-372. doi:10.2307/2532296
Zaykin D. V., Pudovkin A., Weir B. S. (2008). Correlation-based inference for linkage disequilibrium
with multiple alleles. Genetics 180, 533-545. doi:10.1534/genetics.108.089409
Benjamini Y., Hochberg Y. (1995). Controlling the false discovery rate. Journal of the Royal
Statistical Society B 57, 289-300. doi:10.1111/j.2517-6161.1995.tb02031.x
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import lgamma, log
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.core.grouping import gathered
from forensics.core.stored import to_plain
from forensics.genetics.counts import doses, offsets_of
from forensics.genetics.genotypes import Genotypes, require_one_each
from forensics.messages import _, ngettext
from forensics.stats import descending, evenly_spaced

if TYPE_CHECKING:
    import pandas


# Pairs that are listed; all are counted.
MAX_LISTED = 1000
_ROWS = 512
# Loci at which all pairs are compared first, where there are more than twice as many.
_SCREENED = 256
# Pairs of a block up to which those that pass are compared one by one.
_MAX_CANDIDATES = 20_000


@dataclass(frozen=True)
class Duplicate:
    """Two animals whose genotypes agree.

    Attributes
    ----------
    animals : tuple of two str
    populations : tuple of two str
        "" where unknown.
    loci : int
        Loci at which both are completely typed.
    mismatches : int
        Of these, loci at which they differ.
    """

    animals: tuple[str, str]
    populations: tuple[str, str]
    loci: int
    mismatches: int

    @property
    def across(self) -> bool:
        """Whether the two stand in different populations."""
        return self.populations[0] != self.populations[1]


def find_duplicates(
    genotypes: Genotypes, *, mismatches: int, min_loci: int
) -> tuple[tuple[Duplicate, ...], int]:
    """Return pairs that differ at no more than `mismatches` of at least `min_loci` loci.

    Returns
    -------
    listed : tuple of Duplicate
        The first `MAX_LISTED`, fewest mismatches first.
    count : int
        Of all.
    """
    animals, loci = len(genotypes), len(genotypes.loci)
    typed = genotypes.typed
    # One column for each genotype that occurs: the product of two rows counts equal genotypes.
    columns = np.full((animals, loci), -1, dtype=np.int32)
    start = 0
    for locus in range(loci):
        rows = np.flatnonzero(typed[:, locus])
        if len(rows):
            codes = genotypes.codes[rows, locus].astype(np.int64)
            _pairs, inverse = np.unique(codes[:, 0] * 2**16 + codes[:, 1], return_inverse=True)
            columns[rows, locus] = start + inverse.ravel()
            start += len(_pairs)
    # Where there are many loci, pairs that differ at too many of some are not compared at all.
    some = evenly_spaced(loci, _SCREENED) if loci > 2 * _SCREENED else None
    screened = None if some is None else _renumbered(columns[:, some])
    pairs: list[tuple[int, int, int, int]] = []
    count = 0
    for begin in range(0, animals, _ROWS):
        block = slice(begin, min(animals, begin + _ROWS))
        later = np.arange(animals) > np.arange(block.start, block.stop)[:, None]
        near = None
        if screened is not None:
            odd, _both = _compare_block(screened, block)
            near = np.nonzero((odd <= mismatches) & later)
        if near is not None and len(near[0]) <= _MAX_CANDIDATES:
            rows, others = near
            differ, both_at = _compare_pairs(columns, begin + rows, others)
        else:
            odd, both = _compare_block(columns, block)
            rows, others = np.nonzero((odd <= mismatches) & later)
            differ, both_at = odd[rows, others], both[rows, others]
        alike = (both_at >= min_loci) & (differ <= mismatches)
        count += int(alike.sum())
        for place in np.flatnonzero(alike)[:MAX_LISTED]:
            pairs.append(
                (
                    int(differ[place]),
                    begin + int(rows[place]),
                    int(others[place]),
                    int(both_at[place]),
                )
            )
    pairs.sort()
    names = genotypes.populations or ("",) * animals
    listed = tuple(
        Duplicate(
            (genotypes.animals[first], genotypes.animals[second]),
            (names[first], names[second]),
            typed_at,
            odd,
        )
        for odd, first, second, typed_at in pairs[:MAX_LISTED]
    )
    return listed, count


def _renumbered(columns: np.ndarray) -> np.ndarray:
    """Return columns without gaps in their numbers; -1 stays."""
    _numbers, inverse = np.unique(columns, return_inverse=True)
    lowest = 1 if (columns < 0).any() else 0
    return inverse.reshape(columns.shape) - lowest


def _compare_block(columns: np.ndarray, block: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return at how many loci animals of a block differ from each, and how many both are typed at."""
    known = (columns >= 0).astype(np.float32)
    both = known[block] @ known.T
    same = np.zeros_like(both)
    width = int(columns.max(initial=-1)) + 1
    if width <= 20_000:
        same = _hot(columns[block], width) @ _hot(columns, width).T
    else:  # many loci of many genotypes: locus by locus
        for locus in range(columns.shape[1]):
            own = columns[block, locus]
            same += (own[:, None] == columns[:, locus]) & (own[:, None] >= 0)
    return both - same, both


def _compare_pairs(
    columns: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return at how many loci the animals of each pair differ, and how many both are typed at."""
    differ, both = np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=np.int64)
    for start in range(0, len(first), _ROWS):
        rows = slice(start, start + _ROWS)
        left, right = columns[first[rows]], columns[second[rows]]
        typed = (left >= 0) & (right >= 0)
        both[rows] = typed.sum(axis=1)
        differ[rows] = (typed & (left != right)).sum(axis=1)
    return differ, both


def _hot(columns: np.ndarray, width: int) -> np.ndarray:
    hot = np.zeros((len(columns), width), dtype=np.float32)
    rows, loci = np.nonzero(columns >= 0)
    hot[rows, columns[rows, loci]] = 1.0
    return hot


def chance_matches(genotypes: Genotypes) -> float:
    """Return how many pairs of unrelated animals would agree at all loci by chance.

    The number of pairs times the probability of identity, the product over loci of the sum of
    p_i^4 and (2 p_i p_j)^2, for frequencies of all animals together: populations and kin make
    true matches more frequent. Haploid loci: the sum of p_i^2.

    References
    ----------
    Paetkau D., Strobeck C. (1994). Microsatellite analysis of genetic variation in black bear
    populations. Molecular Ecology 3, 489-495.
    """
    logs = 0.0
    for locus, haploid in enumerate(genotypes.haploid):
        codes = genotypes.codes[:, locus].ravel()
        counts = np.bincount(codes[codes >= 0], minlength=1).astype(np.float64)
        if not counts.sum():
            continue
        p = counts / counts.sum()
        squares = (p**2).sum()
        # sum of (2 p_i p_j)^2 over i < j is 2 ((sum p^2)^2 - sum p^4)
        logs += np.log(squares if haploid else 2 * squares**2 - (p**4).sum())
    return float(np.exp(logs) * len(genotypes) * (len(genotypes) - 1) / 2)


@dataclass(frozen=True)
class Dropout:
    """Errors at one locus, or at all of them (`locus` is "").

    Attributes
    ----------
    heterozygote_typings, dropouts : int
        Typings of animals whose consensus is heterozygous, and those that show one allele of it.
    homozygote_typings, false_alleles : int
        Typings of animals whose consensus is homozygous, and those that show another allele.
    """

    locus: str
    heterozygote_typings: int
    dropouts: int
    homozygote_typings: int
    false_alleles: int

    @property
    def dropout_rate(self) -> float:
        """Broquet & Petit's p; NaN without heterozygotes."""
        return self.dropouts / self.heterozygote_typings if self.heterozygote_typings else np.nan

    @property
    def false_allele_rate(self) -> float:
        """Broquet & Petit's f, of homozygotes; NaN without them."""
        return self.false_alleles / self.homozygote_typings if self.homozygote_typings else np.nan


def allelic_dropout(genotypes: Genotypes, animals: Sequence[str]) -> tuple[Dropout, ...]:
    """Estimate dropout and false alleles from repeats.

    The consensus of an animal at a locus has the alleles that at least two of its typings show. It
    needs two complete typings, and one or two such alleles.

    Parameters
    ----------
    genotypes : Genotypes
        A row a typing.
    animals : sequence of str, length n
        The animal of each typing; "" leaves it out.

    Returns
    -------
    tuple of Dropout
        A locus each, and all of them at the end. Empty where no animal was typed twice.

    Raises
    ------
    UsageError
        If `animals` has another length.
    """
    require_one_each(animals, genotypes)
    rows = gathered((name, row) for row, name in enumerate(animals) if name)
    repeated = [typings for typings in rows.values() if len(typings) > 1]
    if not repeated:
        return ()
    result = []
    for locus, name in enumerate(genotypes.loci):
        if genotypes.haploid[locus]:
            continue
        hets = drops = homs = false = 0
        for typings in repeated:
            pairs = [
                {int(code) for code in genotypes.codes[row, locus]}
                for row in typings
                if genotypes.typed[row, locus]
            ]
            if len(pairs) < 2:
                continue
            shown = [code for pair in pairs for code in pair]
            consensus = {code for code in shown if shown.count(code) >= 2}
            if len(consensus) == 2:
                hets += len(pairs)
                drops += sum(len(pair) == 1 and pair < consensus for pair in pairs)
            elif len(consensus) == 1:
                homs += len(pairs)
                false += sum(bool(pair - consensus) for pair in pairs)
        result.append(Dropout(name, hets, drops, homs, false))
    sums = [sum(getattr(dropout, part) for dropout in result) for part in _PARTS]
    return (*result, Dropout("", *sums))


_PARTS = ("heterozygote_typings", "dropouts", "homozygote_typings", "false_alleles")


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


def find_linkage(
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


# With more loci the pairs are so many that single ones say little; half a million tests fill a
# page nobody reads. `linkage=True` tests them all the same.
LINKAGE_LOCI = 300
# A duplicate is looked for among animals typed at this share of the loci, at least.
_LOCI_SHARE = 0.5


@dataclass(frozen=True)
class LocusQuality:
    """One locus in one population; `population` is "" where all animals are one.

    Attributes
    ----------
    animals, typed : int
        Animals, and those completely typed.
    alleles : int
        Different alleles seen.
    observed : float
        Share of heterozygotes; NaN at a haploid locus.
    expected : float
        Unbiased expected heterozygosity (Nei 1978); at a haploid locus gene diversity.
    fis : float
        1 - observed / expected.
    hardy_weinberg_p, hardy_weinberg_q : float
        p-value and adjusted p-value; NaN where it was not tested (one allele, haploid).
    null_brookfield, null_chakraborty : float
        Frequency of a null allele that would explain missing heterozygotes: (He - Ho) / (1 + He)
        and (He - Ho) / (He + Ho), with He not corrected for the number of animals. Negative where
        there are more heterozygotes than expected. Brookfield's holds animals of which nothing was
        seen for failures of bad DNA, Chakraborty's for homozygotes of the null. Both presume that nothing else removes
        heterozygotes (kin, several populations in one).
    """

    locus: str
    population: str
    animals: int
    typed: int
    alleles: int
    observed: float
    expected: float
    fis: float
    hardy_weinberg_p: float
    hardy_weinberg_q: float
    null_brookfield: float
    null_chakraborty: float

    @property
    def missing(self) -> float:
        """Share of animals that are not completely typed."""
        return 1 - self.typed / self.animals if self.animals else np.nan


@dataclass(frozen=True)
class LinkageTest:
    """Two loci within populations; see `forensics.genetics.quality.find_linkage`."""

    first: str
    second: str
    statistic: float
    degrees: float
    p: float
    q: float


@dataclass(frozen=True)
class PrivateAllele:
    """An allele that one population alone has, and its copies there."""

    locus: str
    allele: str
    population: str
    copies: int


@dataclass(frozen=True, eq=False)
class Quality:
    """The report on a set of genotypes.

    Attributes
    ----------
    source, sha256 : str
        Of the file.
    parameters : dict
        What the report was asked for: seed, permutations, mismatches…
    linkage : tuple of LinkageTest
        Ascending in p.
    fixed : tuple of str
        Loci with one allele in all animals.
    untyped : tuple of str
        Loci at which nobody was typed.
    missing_by_animal : dict of str to float
        Share of the loci that are not completely typed.
    duplicate_count : int
        Of all pairs, also those that are not listed.
    expected_matches : float
        Pairs of unrelated animals that would agree by chance.
    dropout : tuple of Dropout
        Empty without repeated typings.
    statements : tuple of str
        What could not be estimated, and why; notes of the reader.
    """

    source: str
    sha256: str
    animals: int
    loci: int
    parameters: dict[str, object]
    by_locus: tuple[LocusQuality, ...]
    linkage: tuple[LinkageTest, ...]
    fixed: tuple[str, ...]
    untyped: tuple[str, ...]
    private: tuple[PrivateAllele, ...]
    missing_by_animal: dict[str, float]
    duplicates: tuple[Duplicate, ...]
    duplicate_count: int
    expected_matches: float
    dropout: tuple[Dropout, ...]
    statements: tuple[str, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """Return `by_locus`, a row each."""
        import pandas

        return pandas.DataFrame(
            [asdict(locus) | {"missing": locus.missing} for locus in self.by_locus],
            columns=[*LocusQuality.__dataclass_fields__, "missing"],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON takes it: NaN becomes None."""
        values = asdict(self)
        for row, locus in zip(values["by_locus"], self.by_locus):
            row["missing"] = locus.missing
        for row, dropout in zip(values["dropout"], self.dropout):
            row["dropout_rate"] = dropout.dropout_rate
            row["false_allele_rate"] = dropout.false_allele_rate
        for row, duplicate in zip(values["duplicates"], self.duplicates):
            row["across"] = duplicate.across
        return {key: to_plain(value, null=np.nan) for key, value in values.items()}

    def _repr_html_(self) -> str:
        from html import escape

        statements = "".join(f"<li>{escape(text)}</li>" for text in self.statements)
        return self.to_frame().to_html(index=False) + f"<ul>{statements}</ul>"


def quality_report(
    genotypes: Genotypes,
    *,
    groups: Sequence[str] | None = None,
    typings_of: Sequence[str] | None = None,
    linkage: bool | None = None,
    mismatches: int = 1,
    min_loci: int | None = None,
    permutations: int = PERMUTATIONS,
    seed: int | np.random.Generator = 0,
) -> Quality:
    """Examine a set of genotypes.

    Parameters
    ----------
    groups : sequence of str, length n, optional
        Population of each animal; by default `genotypes.populations`. "" leaves an animal out of
        the tests by population.
    typings_of : sequence of str, length n, optional
        The animal of each row, where rows are repeated typings: allelic dropout is estimated.
    linkage : bool, optional
        Whether pairs of loci are tested; by default with at most `LINKAGE_LOCI` loci.
    mismatches : int
        Loci at which two animals may differ and still be named as duplicates.
    min_loci : int, optional
        Loci at which both must be typed; by default half of them.
    permutations : int
        Of the Hardy-Weinberg test at loci of three alleles and more.
    seed : int or numpy.random.Generator

    Notes
    -----
    A small p-value in one population in twenty is expected. A locus that deviates in most
    populations has null alleles or is misread; a population that deviates at most loci is several.
    """
    rng = np.random.default_rng(seed)
    names = groups if groups is not None else genotypes.populations
    require_one_each(genotypes if names is None else names, genotypes)
    labels = sorted({name for name in names if name}) if names is not None else []
    if labels:
        parts = [
            (label, np.flatnonzero([name == label for name in names]))  # type: ignore[union-attr]
            for label in labels
        ]
    else:
        parts = [("", np.arange(len(genotypes)))]
    statements = list(genotypes.notes)
    by_locus = _by_locus(genotypes, parts, rng, permutations)
    tested = linkage if linkage is not None else len(genotypes.loci) <= LINKAGE_LOCI
    pairs: tuple[LinkageTest, ...] = ()
    if tested:
        pairs = _linkage(genotypes, [rows for _label, rows in parts], rng)
    else:
        statements.append(
            _("dependence between loci was not tested: {count} loci are more than {most}").format(
                count=len(genotypes.loci), most=LINKAGE_LOCI
            )
        )
    if min_loci is None:
        min_loci = max(1, int(np.ceil(_LOCI_SHARE * len(genotypes.loci))))
    duplicates, count = find_duplicates(genotypes, mismatches=mismatches, min_loci=min_loci)
    expected = chance_matches(genotypes)
    if count > len(duplicates):
        statements.append(
            _("{count} pairs of animals agree; the first {most} are listed").format(
                count=count, most=len(duplicates)
            )
        )
    if count and expected >= 1:
        statements.append(
            _(
                "too few loci to distinguish animals: {expected:.0f} pairs of unrelated animals "
                "would match at all loci by chance"
            ).format(expected=expected)
        )
    across = sum(duplicate.across for duplicate in duplicates)
    if across:
        statements.append(
            ngettext(
                "{count} of the listed pairs with (nearly) the same genotype is from two "
                "populations: one animal sampled twice, or samples mixed up",
                "{count} of the listed pairs with (nearly) the same genotype are from two "
                "populations: animals sampled twice, or samples mixed up",
                across,
            ).format(count=across)
        )
    dropout = allelic_dropout(genotypes, typings_of) if typings_of is not None else ()
    if not dropout:
        statements.append(
            _(
                "allelic dropout cannot be estimated: no animal was typed twice. Type a part of "
                "the samples again, and say with typings_of which rows are one animal"
            )
        )
    counted = [
        np.bincount(codes[codes >= 0], minlength=max(1, len(alleles)))
        for codes, alleles in zip(genotypes.codes.transpose(1, 0, 2), genotypes.alleles)
    ]
    return Quality(
        source=genotypes.source,
        sha256=genotypes.sha256,
        animals=len(genotypes),
        loci=len(genotypes.loci),
        parameters={
            "permutations": permutations,
            "seed": seed if isinstance(seed, int) else None,
            "mismatches": mismatches,
            "min_loci": min_loci,
            "linkage": tested,
        },
        by_locus=by_locus,
        linkage=pairs,
        fixed=tuple(
            locus for locus, copies in zip(genotypes.loci, counted) if (copies > 0).sum() == 1
        ),
        untyped=tuple(locus for locus, copies in zip(genotypes.loci, counted) if not copies.any()),
        private=_private(genotypes, parts),
        missing_by_animal={
            animal: float(share)
            for animal, share in zip(genotypes.animals, 1 - genotypes.typed.mean(axis=1))
        },
        duplicates=duplicates,
        duplicate_count=count,
        expected_matches=expected,
        dropout=dropout,
        statements=tuple(statements),
    )


def _by_locus(
    genotypes: Genotypes,
    parts: Sequence[tuple[str, np.ndarray]],
    rng: np.random.Generator,
    permutations: int,
) -> tuple[LocusQuality, ...]:
    rows = []
    haploid = genotypes.haploid
    typed = genotypes.typed
    for number, locus in enumerate(genotypes.loci):
        for label, members in parts:
            use = members[typed[members, number]]
            codes = genotypes.codes[use, number]
            copies = codes[codes >= 0]
            counts = np.bincount(copies) if len(copies) else np.zeros(1, dtype=int)
            observed = expected = fis = p = np.nan
            null = (np.nan, np.nan)
            # Pairs of copies of two alleles, of all pairs: whole numbers, so that what is equal has no difference.
            apart, every = len(copies) ** 2 - int((counts**2).sum()), len(copies) ** 2
            if len(copies) > 1:
                expected = apart / (every - len(copies))
            if len(use) and not haploid[number]:
                unlike = int((codes[:, 0] != codes[:, 1]).sum())
                observed = unlike / len(use)
                p = hardy_weinberg(codes, rng=rng, permutations=permutations)
                if apart:
                    known, seen = apart * len(use), unlike * every
                    lost = known - seen
                    null = (lost / (every * len(use) + known), lost / (known + seen))
                    fis = (known - unlike * (every - len(copies))) / known
            rows.append(
                LocusQuality(
                    locus=locus,
                    population=label,
                    animals=len(members),
                    typed=len(use),
                    alleles=int((counts > 0).sum()),
                    observed=observed,
                    expected=expected,
                    fis=fis,
                    hardy_weinberg_p=p,
                    hardy_weinberg_q=np.nan,
                    null_brookfield=null[0],
                    null_chakraborty=null[1],
                )
            )
    q_values = adjusted(np.array([row.hardy_weinberg_p for row in rows]))
    return tuple(replace(row, hardy_weinberg_q=float(q)) for row, q in zip(rows, q_values))


def _linkage(
    genotypes: Genotypes, groups: list[np.ndarray], rng: np.random.Generator
) -> tuple[LinkageTest, ...]:
    first, second, statistics, degrees, p_values = find_linkage(genotypes, groups, rng=rng)
    q_values = adjusted(p_values)
    pairs = np.lexsort((second, first))
    order = pairs[descending(-p_values[pairs])]
    return tuple(
        LinkageTest(
            genotypes.loci[first[place]],
            genotypes.loci[second[place]],
            float(statistics[place]),
            float(degrees[place]),
            float(p_values[place]),
            float(q_values[place]),
        )
        for place in order
    )


def _private(
    genotypes: Genotypes, parts: Sequence[tuple[str, np.ndarray]]
) -> tuple[PrivateAllele, ...]:
    if len(parts) < 2:
        return ()
    private = []
    for number, (locus, alleles) in enumerate(zip(genotypes.loci, genotypes.alleles)):
        counts = np.zeros((len(parts), max(1, len(alleles))), dtype=np.int64)
        for place, (_label, members) in enumerate(parts):
            codes = genotypes.codes[members, number].ravel()
            counts[place] = np.bincount(codes[codes >= 0], minlength=counts.shape[1])
        alone = np.flatnonzero((counts > 0).sum(axis=0) == 1)
        for allele in alone:
            place = int(np.argmax(counts[:, allele]))
            private.append(
                PrivateAllele(locus, alleles[allele], parts[place][0], int(counts[place, allele]))
            )
    return tuple(private)
