"""Likelihood ratios of relationships: of a pair, of all pairs of many profiles, of an offspring and two parents.

**A pair.** One table a locus and relationship holds everything: theta by the sampling formula of Balding &
Nichols (1994, doi:10.1016/0379-0738(94)90222-4), identity by descent by k0, k1, k2, mutation of the
allele that is shared, and what the laboratory may have done to either genotype (dropout, mistyping).
Tables are symmetric by construction: neither the order of alleles nor that of profiles matters.

With ordered alleles a, b, c, d and q(x | seen) = (n_x theta + (1 - theta) p_x) / (1 + (n - 1) theta),
n_x of n alleles seen being x:

- k2: both pairs are the same two alleles: ``p_a q(b | a)``
- k1: allele a is shared: ``p_a q(b | a) q(c | a, b)``, genotypes a/b and a/c
- k0: none is: ``p_a q(b | a) q(c | a, b) q(d | a, b, c)``

**A trio.** The two declared parents are founders: four alleles drawn by the sampling formula of Balding &
Nichols; so theta is in all that follows. A parent passes on either
of its alleles, which may mutate. What is passed on by an unknown parent is drawn next from the same
population, given the four alleles seen. Each of the three typings has its dropout and mistyping.
With A[g, a] the probability that genotype g passes on a, and W[d, s] the probability of both
declared parents and of what was typed in them, everything is a product with the K x K table
``A' W A``, so that loci with many alleles cost little.
"""

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.errors import UsageError
from forensics.individual.frequencies import Frequencies
from forensics.individual.options import NO_ERRORS, STATED_RELATIONSHIPS, LaboratoryErrors
from forensics.messages import N_, _
from forensics.stats import wilson

# Tables have (K (K + 1) / 2)^2 cells; more alleles than this would need over 100 MB a locus.
MAX_ALLELES = 80
# Tables of up to so many alleles are kept: 0.4 MB each.
_MAX_FEW = 20


@dataclass(frozen=True)
class Relationship:
    """A relationship of two animals.

    Attributes
    ----------
    name : str
        As a person reads it, before translation.
    k0, k1, k2 : float
        Probabilities of sharing 0, 1, 2 alleles by descent; they sum to 1.
    """

    name: str
    k0: float
    k1: float
    k2: float

    def __post_init__(self) -> None:
        if min(self.k0, self.k1, self.k2) < 0 or abs(self.k0 + self.k1 + self.k2 - 1) > 1e-9:
            raise UsageError(
                _(
                    "k0, k1, k2 of a relationship are 0 or more and sum to 1; found {values}."
                ).format(values=f"{self.k0:g}, {self.k1:g}, {self.k2:g}")
            )


RELATIONSHIPS = {
    "same": Relationship(N_("the same individual"), 0.0, 0.0, 1.0),
    "parent": Relationship(N_("parent and offspring"), 0.0, 1.0, 0.0),
    "full_sibs": Relationship(N_("full sibs"), 0.25, 0.5, 0.25),
    "half_sibs": Relationship(N_("half sibs, or others of the second degree"), 0.5, 0.5, 0.0),
    "unrelated": Relationship(N_("unrelated"), 1.0, 0.0, 0.0),
}


def genotype_index(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the number of a genotype from its allele codes, low <= high.

    Examples
    --------
    >>> [int(genotype_index(a, b)) for a, b in ((0, 0), (0, 1), (1, 1), (0, 2))]
    [0, 1, 2, 3]
    """
    return high * (high + 1) // 2 + low


def genotype_count(alleles: int) -> int:
    """Return how many genotypes so many alleles make."""
    return alleles * (alleles + 1) // 2


def joint_table(
    frequencies: np.ndarray,
    relationship: Relationship,
    *,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors = NO_ERRORS,
) -> np.ndarray:
    """Return the joint probability of what is typed in two animals.

    Parameters
    ----------
    frequencies : numpy.ndarray of float64, shape (K,)
        Above 0, sum 1.
    theta : float
        FST of the animals' local population against that of the frequencies, 0 to below 1.
    mutation : float
        Probability that the one allele shared by descent (k1) changed into another, each of the
        K - 1 others equally likely.
    errors : LaboratoryErrors
        Of both typings.

    Returns
    -------
    numpy.ndarray of float64, shape (G, G)
        G genotypes, numbered by `genotype_index`; the sum is 1.

    Raises
    ------
    UsageError
        If theta or mutation is out of range, or there are too many alleles.
    """
    p = np.asarray(frequencies, dtype=np.float64)
    count = len(p)
    if not (0 <= theta < 1 and 0 <= mutation < 1):
        raise UsageError(_("theta and the mutation rate must be at least 0 and below 1."))
    if count > MAX_ALLELES:
        raise UsageError(
            _("{count} alleles at one locus; the maximum is {most}.").format(
                count=count, most=MAX_ALLELES
            )
        )
    size = genotype_count(count)
    index = genotype_square(count)
    same = np.eye(count)
    # Probability of two alleles, and of three, drawn one after the other: the more alleles of a kind
    # were drawn, the likelier is the next one of that kind.
    two = p[:, None] * (theta * same + (1 - theta) * p[None, :])
    table = np.zeros((size, size))
    if relationship.k2:
        diagonal = np.bincount(index.ravel(), two.ravel(), size)
        table[np.arange(size), np.arange(size)] += relationship.k2 * diagonal
    if relationship.k0 or relationship.k1:
        drawn = same[:, None, :] + same[None, :, :]
        three = two[:, :, None] * (drawn * theta + (1 - theta) * p) / (1 + theta)
        if relationship.k1:
            table += relationship.k1 * _share_one_allele(index, three, mutation)
        if relationship.k0:
            table += relationship.k0 * _share_no_allele(index, three, p, theta)
    typed = typed_given_true(count, errors)
    return typed @ table @ typed.T


def genotype_square(count: int) -> np.ndarray:
    """Return the genotype of each two alleles; int64, shape (K, K)."""
    code = np.arange(count)
    return genotype_index(
        np.minimum(code[:, None], code[None, :]), np.maximum(code[:, None], code[None, :])
    )


def _share_one_allele(index: np.ndarray, three: np.ndarray, mutation: float) -> np.ndarray:
    """Return the joint probability of two genotypes with one allele by descent; shape (G, G)."""
    count, size = len(index), genotype_count(len(index))
    cells = (index[:, :, None] * size + index[:, None, :]).ravel()
    unchanged = np.bincount(cells, three.ravel(), size * size).reshape(size, size)
    if not mutation or count == 1:
        return unchanged
    # The second animal has a' instead of a, with c beside it.
    changed = np.zeros((size, size))
    other = (1 - np.eye(count)) / (count - 1)
    for allele in range(count):
        rows = np.repeat(index[allele], count * count)
        spread = three[allele][:, None, :] * other[allele][None, :, None]  # b, a', c
        columns = np.tile(index.ravel(), count)
        changed += np.bincount(rows * size + columns, spread.ravel(), size * size).reshape(
            size, size
        )
    # Which of the two animals carries the changed allele is not known.
    return (1 - mutation) * unchanged + mutation * (changed + changed.T) / 2


def _share_no_allele(
    index: np.ndarray, three: np.ndarray, p: np.ndarray, theta: float
) -> np.ndarray:
    """Return the joint probability of two genotypes without an allele by descent; shape (G, G)."""
    count, size = len(index), genotype_count(len(index))
    same = np.eye(count)
    table = np.zeros(size * size)
    for allele in range(count):
        four = (
            three[:, :, allele, None]
            * ((same[:, None, :] + same[None, :, :] + same[allele]) * theta + (1 - theta) * p)
            / (1 + 2 * theta)
        )  # a, b, d
        cells = index[:, :, None] * size + index[allele][None, None, :]
        table += np.bincount(cells.ravel(), four.ravel(), size * size)
    return table.reshape(size, size)


@functools.lru_cache(maxsize=64)
def _typed_of_few(count: int, errors: LaboratoryErrors) -> np.ndarray:
    # The same for every relationship and for every locus with as many alleles.
    result = _compute_typed(count, errors)
    result.flags.writeable = False
    return result


def _compute_typed(count: int, errors: LaboratoryErrors) -> np.ndarray:
    size, index = genotype_count(count), genotype_square(count)
    result = np.eye(size)
    if errors.dropout:
        for a in range(count):
            for b in range(a + 1, count):
                true = index[a, b]
                result[true, true] = 1 - errors.dropout
                result[index[a, a], true] += errors.dropout / 2
                result[index[b, b], true] += errors.dropout / 2
    if errors.mistyping and count > 1:
        read = np.full((count, count), errors.mistyping / (count - 1))  # rows: what is read
        np.fill_diagonal(read, 1 - errors.mistyping)
        misread = np.empty((size, size))
        flat = index.ravel()
        for a in range(count):
            for b in range(a, count):
                both = np.outer(read[:, a], read[:, b]).ravel()
                misread[:, index[a, b]] = np.bincount(flat, both, size)
        result = misread @ result
    return result


def typed_given_true(alleles: int, errors: LaboratoryErrors) -> np.ndarray:
    """Return the probability of what is typed (rows) given what the animal has (columns).

    Parameters
    ----------
    alleles : int
        K alleles of the locus.

    Returns
    -------
    numpy.ndarray of float64, shape (G, G)
        Each column sums to 1; not to be written to.
    """
    return (
        _typed_of_few(alleles, errors) if alleles <= _MAX_FEW else _compute_typed(alleles, errors)
    )


def ratio_tables(
    frequencies: Frequencies,
    relationship: Relationship,
    *,
    against: Relationship = RELATIONSHIPS["unrelated"],
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors = NO_ERRORS,
) -> list[np.ndarray]:
    """Return the logarithm (natural) of the likelihood ratio of two genotypes, a table a locus.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    relationship, against : Relationship
        Numerator and denominator.
    errors : LaboratoryErrors
        Of both typings.

    Returns
    -------
    list of numpy.ndarray of float64, shape (G, G)
        Minus infinity where the relationship makes two genotypes impossible.
    """
    tables = []
    for p in frequencies.values:
        numerator, denominator = (
            joint_table(p, relation, theta=theta, mutation=mutation, errors=errors)
            for relation in (relationship, against)
        )
        with np.errstate(divide="ignore"):
            tables.append(np.log(numerator) - np.log(denominator))
    return tables


# Who the parents are: both declared ones, one of them and an unrelated animal, neither.
HYPOTHESES = ("both", "dam", "sire", "neither")
# Trios of genotypes a locus, some 350 bytes each; they outlive a call (see `parentage`).
_REMEMBERED = 10_000


@dataclass(eq=False)
class TrioLocus:
    """One locus, ready for trios.

    Parameters
    ----------
    p : numpy.ndarray of float64, shape (K,)
        Frequencies above 0, sum 1.
    errors : LaboratoryErrors
        Of all three typings.
    """

    p: np.ndarray
    theta: float = 0.0
    mutation: float = 0.0
    errors: LaboratoryErrors = NO_ERRORS

    def __post_init__(self) -> None:
        count = len(self.p)
        self._index = genotype_square(count)
        self._founders = joint_table(self.p, RELATIONSHIPS["unrelated"], theta=self.theta)
        self._typed = typed_given_true(count, self.errors)
        size = len(self._founders)
        self._copies = np.zeros((size, count))  # half the copies of each allele
        self._alleles = np.zeros((size, 2), dtype=np.int64)
        for a in range(count):
            for b in range(a, count):
                self._copies[self._index[a, b], a] += 0.5
                self._copies[self._index[a, b], b] += 0.5
                self._alleles[self._index[a, b]] = (a, b)
        change = np.full((count, count), self.mutation / max(count - 1, 1))
        np.fill_diagonal(change, 1 - self.mutation if count > 1 else 1.0)
        self._passed = self._copies @ change
        self._known: dict[tuple[int, int, int], np.ndarray] = {}

    def likelihoods(self, offspring: int, dam: int, sire: int) -> np.ndarray:
        """Return the probability of three typed genotypes under each of `HYPOTHESES`.

        Parameters
        ----------
        offspring, dam, sire : int
            Genotype numbers of `forensics.individual.kinship.genotype_index`; -1 where not typed.

        Returns
        -------
        numpy.ndarray of float64, shape (4,)
        """
        key = (offspring, dam, sire)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._computed(*key)
        return self._known[key]

    def _seen(self, typed: int) -> np.ndarray:
        return np.ones(len(self._founders)) if typed < 0 else self._typed[typed]

    def _computed(self, offspring: int, dam: int, sire: int) -> np.ndarray:
        weights = self._seen(dam)[:, None] * self._founders * self._seen(sire)[None, :]
        child = self._seen(offspring)[self._index]  # by the alleles from dam and from sire
        copies, passed, theta, p = self._copies, self._passed, self.theta, self.p
        of_dam, of_sire = weights.sum(axis=1), weights.sum(axis=0)
        total = of_dam.sum()

        def next_allele(given: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
            """Probability of (allele passed on, allele drawn from the population next)."""
            return (2 * theta * (own + other) + (1 - theta) * given[:, None] * p[None, :]) / (
                1 + 3 * theta
            )

        both = passed.T @ weights @ passed
        crossed = passed.T @ weights @ copies
        dam_only = next_allele(passed.T @ of_dam, passed.T @ (of_dam[:, None] * copies), crossed)
        crossed = passed.T @ weights.T @ copies
        sire_only = next_allele(passed.T @ of_sire, passed.T @ (of_sire[:, None] * copies), crossed)
        # Neither: two alleles from the population, given four.
        one_sided = copies.T @ weights @ copies
        twice = 4 * (
            copies.T @ (of_dam[:, None] * copies)
            + copies.T @ (of_sire[:, None] * copies)
            + one_sided
            + one_sided.T
        )
        once = 2 * (copies.T @ of_dam + copies.T @ of_sire)
        mean = theta * once + (1 - theta) * p * total  # of the first allele, times (1 + 3 theta)
        neither = (
            theta**2 * twice
            + theta * (1 - theta) * once[:, None] * p[None, :]
            + theta * (1 - theta) * p[:, None] * once[None, :]
            + (1 - theta) ** 2 * p[:, None] * p[None, :] * total
            + theta * np.diag(mean)
        ) / ((1 + 3 * theta) * (1 + 4 * theta))
        return np.array([(table * child).sum() for table in (both, dam_only, sire_only, neither)])

    def mismatches(self, offspring: int, dam: int, sire: int) -> tuple[bool, bool, bool]:
        """Return whether the offspring cannot be of the dam, of the sire, of both together.

        As typed, without errors or mutation; False where one of them was not typed.
        """
        if offspring < 0:
            return False, False, False
        a, b = self._alleles[offspring]
        mothers = None if dam < 0 else set(self._alleles[dam])
        fathers = None if sire < 0 else set(self._alleles[sire])
        not_dam = mothers is not None and a not in mothers and b not in mothers
        not_sire = fathers is not None and a not in fathers and b not in fathers
        if mothers is None or fathers is None:
            return not_dam, not_sire, False
        fits = (a in mothers and b in fathers) or (b in mothers and a in fathers)
        return not_dam, not_sire, not fits

    def mismatch_rates(
        self, offspring: np.ndarray, dam: np.ndarray, sire: np.ndarray
    ) -> np.ndarray:
        """Return the shares of `mismatches` in many trios that are typed; float64, shape (3,)."""
        a, b = self._alleles[offspring].T
        mothers, fathers = self._alleles[dam], self._alleles[sire]
        a_of_dam, b_of_dam = ((alleles[:, None] == mothers).any(axis=1) for alleles in (a, b))
        a_of_sire, b_of_sire = ((alleles[:, None] == fathers).any(axis=1) for alleles in (a, b))
        fits = (a_of_dam & b_of_sire) | (b_of_dam & a_of_sire)
        excluded = (~(a_of_dam | b_of_dam), ~(a_of_sire | b_of_sire), ~fits)
        return np.array([is_excluded.mean() for is_excluded in excluded])

    def simulated(
        self, random: np.random.Generator, count: int, *, truth: str = "both"
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return simulated typings of offspring, dam and sire.

        Parameters
        ----------
        random : numpy.random.Generator
        truth : str
            ``both`` (the declared are the parents) or ``neither`` (unrelated; without theta
            between the offspring and the declared ones).

        Returns
        -------
        tuple of three numpy.ndarray of int64, shape (count,)
        """
        dam, sire = np.divmod(draw_cells(random, self._founders, count), len(self._founders))
        if truth == "both":
            left, right = (_drawn(random, self._passed, parent) for parent in (dam, sire))
        else:
            left, right = (random.choice(len(self.p), count, p=self.p) for _side in range(2))
        child = self._index[left, right]
        child, dam, sire = (_drawn(random, self._typed.T, true) for true in (child, dam, sire))
        return child, dam, sire


def draw_cells(random: np.random.Generator, table: np.ndarray, count: int) -> np.ndarray:
    """Draw cells of a table of probabilities, as places in `table.ravel()`; int64, shape (count,)."""
    cumulated = np.cumsum(table)
    places = np.searchsorted(cumulated, random.random(count) * cumulated[-1], side="right")
    return np.minimum(places, table.size - 1)


def _drawn(random: np.random.Generator, table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Draw one column of a table of probabilities (rows sum to 1) for each of many `rows`."""
    size, width = table.shape
    # All rows end to end, the n-th from n to n + 1: one search, whatever the number of columns.
    cumulated = np.cumsum(table, axis=1)
    flat = (cumulated / cumulated[:, -1:] + np.arange(size)[:, None]).ravel()
    places = np.searchsorted(flat, rows + random.random(len(rows)), side="right")
    return np.clip(places - rows * width, 0, width - 1)


def exclusion_probabilities(p: np.ndarray) -> tuple[float, float, float]:
    """Return the shares of unrelated animals that a locus excludes as parents.

    Parameters
    ----------
    p : numpy.ndarray of float64, shape (K,)

    Returns
    -------
    first : float
        One unrelated animal, the other parent not typed.
    second : float
        One unrelated animal, the other parent known and typed.
    pair : float
        A pair of unrelated animals.

    References
    ----------
    Jamieson & Taylor 1997, Animal Genetics 28:397-400. A test compares each with a full count.
    """
    a2, a3, a4, a5, a6 = (float((np.asarray(p) ** power).sum()) for power in range(2, 7))
    first = 1 - 4 * a2 + 2 * a2**2 + 4 * a3 - 3 * a4
    second = 1 - 2 * a2 + a3 + 2 * a4 - 3 * a5 - 2 * a2**2 + 3 * a2 * a3
    pair = 1 + 4 * a4 - 4 * a5 - 3 * a6 - 8 * a2**2 + 8 * a2 * a3 + 2 * a3**2
    return first, second, pair


SIMULATED = 100_000
"""Unrelated pairs of which the command counts how many reach a limit: one in 30,000 is seen with a
probability of 0.96. The choice is ours."""

# Rows of pairs worked on at a time: 64 of 10,000 profiles are 5 MB a relationship.
_BLOCK = 64
_LN10 = float(np.log(10.0))


@dataclass(frozen=True, eq=False)
class PairRatios:
    """Pairs whose ratio reaches a limit, for one relationship.

    Attributes
    ----------
    first, second : numpy.ndarray of int64, shape (k,)
        Places of the profiles, first < second.
    log10 : numpy.ndarray of float64, shape (k,)
        Logarithm of the likelihood ratio against unrelated.
    loci : numpy.ndarray of int64, shape (k,)
        Loci that both have.
    """

    first: np.ndarray
    second: np.ndarray
    log10: np.ndarray
    loci: np.ndarray

    def take(self, rows: np.ndarray) -> "PairRatios":
        """Return the pairs at `rows` (places, or bool)."""
        return PairRatios(self.first[rows], self.second[rows], self.log10[rows], self.loci[rows])


def log10_ratio(tables: Sequence[np.ndarray], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return log10 likelihood ratios of pairs of profiles.

    Parameters
    ----------
    tables : sequence of numpy.ndarray, length L
        From `forensics.individual.kinship.ratio_tables`.
    first, second : numpy.ndarray of int32, shape (..., L)
        Genotype numbers, -1 where not typed; such loci say nothing.

    Returns
    -------
    numpy.ndarray of float64, shape (...)
    """
    total = np.zeros(np.broadcast_shapes(first.shape[:-1], second.shape[:-1]))
    for number, table in enumerate(tables):
        if not table.size:  # a locus of the reference at which no sample was typed
            continue
        a, b = np.broadcast_arrays(first[..., number], second[..., number])
        total += np.where((a >= 0) & (b >= 0), table[a, b], 0.0)
    return total / _LN10


def all_pairs(
    frequencies: Frequencies,
    codes: np.ndarray,
    *,
    relationships: Sequence[str] = STATED_RELATIONSHIPS,
    limit: float = 3.0,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors = NO_ERRORS,
    progress: Callable[[int], None] | None = None,
) -> dict[str, PairRatios]:
    """Compare every profile with every other one.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    codes : numpy.ndarray of int32, shape (n, L)
        From `Frequencies.genotypes_of`.
    relationships : sequence of str
        Keys of `RELATIONSHIPS`.
    limit : float
        Pairs are kept from this log10 ratio on.
    theta, mutation, errors
        As in `ratio_tables`.
    progress : callable, optional
        Is given the number of profiles that are done.

    Returns
    -------
    dict of str to PairRatios
        Memory is that of one block of rows and of the pairs that are kept.
    """
    tables = {
        name: ratio_tables(
            frequencies, RELATIONSHIPS[name], theta=theta, mutation=mutation, errors=errors
        )
        for name in relationships
    }
    return pairs_above(tables, codes, limit=limit, progress=progress)


def pairs_above(
    tables: Mapping[str, Sequence[np.ndarray]],
    codes: np.ndarray,
    *,
    limit: float,
    progress: Callable[[int], None] | None = None,
) -> dict[str, PairRatios]:
    """Compare every profile with every other one by tables that are made already.

    Parameters
    ----------
    tables : mapping of str to sequence of numpy.ndarray of float64, length L
        Of each question its logarithms (natural) of likelihood ratios, a table a locus.
    codes : numpy.ndarray of int32, shape (n, L)
        Rows and columns of the tables, -1 where not typed.
    limit, progress
        As in `all_pairs`.

    Raises
    ------
    UsageError
        If the limit is not a number.
    """
    if math.isnan(limit):  # nothing would reach it
        raise UsageError(_("A limit is a number: log10 of a likelihood ratio."))
    # One more row and column for "not typed": it says nothing.
    padded = {
        name: [np.pad(table, ((0, 1), (0, 1))).astype(np.float32) for table in of_loci]
        for name, of_loci in tables.items()
    }
    pairs_of: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in tables}
    columns = [np.ascontiguousarray(codes[:, number]) for number in range(codes.shape[1])]
    typed = codes >= 0
    for start in range(0, len(codes), _BLOCK):
        stop = min(start + _BLOCK, len(codes))
        for name, of_loci in padded.items():
            total = np.zeros((len(codes) - start, stop - start), dtype=np.float32)
            for table, column in zip(of_loci, columns):
                # Of each other profile one row is copied: what its genotype is beside the block's.
                total += np.ascontiguousarray(table[column[start:stop]].T)[column[start:]]
            rows, others = np.nonzero((total >= limit * _LN10).T)
            keep = others > rows
            pairs_of[name].append((rows[keep] + start, others[keep] + start))
        if progress:
            progress(stop)
    result = {}
    for name, parts in pairs_of.items():
        first = np.concatenate([part[0] for part in parts]).astype(np.int64)
        second = np.concatenate([part[1] for part in parts]).astype(np.int64)
        result[name] = PairRatios(
            first,
            second,
            log10_ratio(tables[name], codes[first], codes[second]),
            (typed[first] & typed[second]).sum(axis=1),
        )
    return result


def simulated_ratios(
    frequencies: Frequencies,
    truth: Relationship,
    *,
    tested: Mapping[str, Relationship],
    pairs: int,
    seed: int,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors = NO_ERRORS,
) -> dict[str, np.ndarray]:
    """Return log10 ratios of simulated pairs whose true relationship is known.

    Their share above a limit is the rate of false positives (truth: unrelated) or of recall.

    Parameters
    ----------
    truth : Relationship
        That the pairs have.
    tested : mapping of str to Relationship
        That are asked for, each against unrelated.
    theta, mutation, errors
        As in `ratio_tables`; also of the simulation.

    Returns
    -------
    dict of str to numpy.ndarray of float64, shape (pairs,)
    """
    random = np.random.default_rng(seed)
    result = {name: np.zeros(pairs) for name in tested}
    options: dict[str, Any] = {"theta": theta, "mutation": mutation, "errors": errors}
    for p in frequencies.values:
        joint = joint_table(p, truth, **options)
        a, b = np.divmod(draw_cells(random, joint, pairs), joint.shape[1])
        unrelated = joint_table(p, RELATIONSHIPS["unrelated"], **options)
        for name, relationship in tested.items():
            with np.errstate(divide="ignore"):
                table = np.log10(joint_table(p, relationship, **options)) - np.log10(unrelated)
            result[name] += table[a, b]
    return result


@dataclass(frozen=True, slots=True)
class Chance:
    """Pairs of unrelated animals that would reach the limit.

    Attributes
    ----------
    expected, low, high : float
        Pairs; Wilson's 95 % interval.
    simulated : int
        Pairs from which they were counted.
    """

    expected: float
    low: float
    high: float
    simulated: int


def by_chance(
    frequencies: Frequencies,
    relationships: Iterable[str],
    *,
    profiles: int,
    limit: float,
    seed: int,
    simulated: int = SIMULATED,
    **rates: Any,
) -> dict[str, Chance]:
    """Return how many pairs of unrelated animals reach a limit by chance, by simulation.

    Parameters
    ----------
    relationships : iterable of str
        That are asked for, each against unrelated.
    profiles : int
        All of their pairs are compared.
    limit : float
        Least log10 of the likelihood ratio.
    **rates
        ``theta``, ``mutation`` and ``errors`` of `simulated_ratios`.
    """
    names, pairs = tuple(relationships), profiles * (profiles - 1) // 2
    ratios = simulated_ratios(
        frequencies, RELATIONSHIPS["unrelated"], tested={name: RELATIONSHIPS[name] for name in names},
        pairs=simulated, seed=seed, **rates,
    )  # fmt: skip
    counts = {}
    for name in names:
        share = float((ratios[name] >= limit).mean())
        low, high = wilson(share, simulated)
        counts[name] = Chance(share * pairs, low * pairs, high * pairs, simulated)
    return counts
