"""The probability of three genotypes at a locus: an animal and two that are declared its parents.

The two declared parents are founders: four alleles drawn by the sampling formula of Balding &
Nichols (`forensics.individual.pairs`), so theta is in all that follows. A parent passes on either
of its alleles, which may mutate. What is passed on by an unknown parent is drawn next from the same
population, given the four alleles seen. Each of the three typings has its dropout and mistyping.
With A[g, a] the probability that genotype g passes on a, and W[d, s] the probability of both
declared parents and of what was typed in them, everything is a product with the K x K table
``A' W A``, so that loci with many alleles cost little.
"""

from dataclasses import dataclass

import numpy as np

from forensics.individual.pairs import (
    RELATIONSHIPS,
    LaboratoryErrors,
    genotype_square,
    joint_table,
    typed_given_true,
)

__all__ = ["HYPOTHESES", "TrioLocus", "exclusion_probabilities"]

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
    errors: LaboratoryErrors = LaboratoryErrors()

    def __post_init__(self) -> None:
        count = len(self.p)
        self._index = genotype_square(count)
        self._founders = joint_table(self.p, RELATIONSHIPS["unrelated"], theta=self.theta)
        self._typed = typed_given_true(count, self.errors)
        size = len(self._founders)
        self._copies = np.zeros((size, count))  # half the copies of each allele
        for a in range(count):
            for b in range(a, count):
                self._copies[self._index[a, b], a] += 0.5
                self._copies[self._index[a, b], b] += 0.5
        change = np.full((count, count), self.mutation / max(count - 1, 1))
        np.fill_diagonal(change, 1 - self.mutation if count > 1 else 1.0)
        self._passed = self._copies @ change
        self._alleles = np.zeros((size, 2), dtype=np.int64)
        for a in range(count):
            for b in range(a, count):
                self._alleles[self._index[a, b]] = (a, b)
        self._known: dict[tuple[int, int, int], np.ndarray] = {}

    def likelihoods(self, offspring: int, dam: int, sire: int) -> np.ndarray:
        """Return the probability of three typed genotypes under each of `HYPOTHESES`.

        Parameters
        ----------
        offspring, dam, sire : int
            Genotype numbers of `forensics.individual.pairs.genotype_index`; -1 where not typed.

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
        size = len(self._founders)
        cumulated = np.cumsum(self._founders.ravel())
        drawn = np.searchsorted(cumulated, random.random(count) * cumulated[-1], side="right")
        dam, sire = np.divmod(np.minimum(drawn, size * size - 1), size)
        if truth == "both":
            left, right = (_drawn(random, self._passed, parent) for parent in (dam, sire))
        else:
            left, right = (random.choice(len(self.p), count, p=self.p) for _side in range(2))
        child = self._index[left, right]
        child, dam, sire = (_drawn(random, self._typed.T, true) for true in (child, dam, sire))
        return child, dam, sire


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
