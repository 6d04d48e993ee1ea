"""Animals with the same genotype, or nearly the same: one animal sampled twice, or a mix-up."""

from dataclasses import dataclass

import numpy as np

from forensics.genetics.genotypes import Genotypes

__all__ = ["MAX_LISTED", "Duplicate", "chance_matches", "find_duplicates"]

# Pairs that are listed; all are counted.
MAX_LISTED = 1000
_ROWS = 512


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

    Parameters
    ----------
    genotypes : Genotypes
    mismatches, min_loci : int

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
    columns = np.full((animals, loci), -1, dtype=np.int64)
    start = 0
    for locus in range(loci):
        rows = np.flatnonzero(typed[:, locus])
        if len(rows):
            _pairs, inverse = np.unique(genotypes.codes[rows, locus], axis=0, return_inverse=True)
            columns[rows, locus] = start + inverse.ravel()
            start += len(_pairs)
    known = typed.astype(np.float32)
    pairs: list[tuple[int, int, int, int]] = []
    count = 0
    for begin in range(0, animals, _ROWS):
        end = min(animals, begin + _ROWS)
        both = known[begin:end] @ known.T
        same = np.zeros_like(both)
        if start <= 20_000:
            same = _hot(columns[begin:end], start) @ _hot(columns, start).T
        else:  # many loci of many genotypes: locus by locus
            for locus in range(loci):
                own = columns[begin:end, locus]
                same += (own[:, None] == columns[:, locus]) & (own[:, None] >= 0)
        odd = both - same
        near = (both >= min_loci) & (odd <= mismatches)
        near &= np.arange(animals) > np.arange(begin, end)[:, None]
        count += int(near.sum())
        rows, others = np.nonzero(near)
        for row, other in zip(rows[:MAX_LISTED], others[:MAX_LISTED]):
            pairs.append(
                (int(odd[row, other]), begin + int(row), int(other), int(both[row, other]))
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
