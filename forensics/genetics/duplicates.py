"""Animals with the same genotype, or nearly the same: one animal sampled twice, or a mix-up."""

from dataclasses import dataclass

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.stats.choice import evenly_spaced

__all__ = ["MAX_LISTED", "Duplicate", "chance_matches", "find_duplicates"]

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
    return np.asarray(inverse.reshape(columns.shape) - lowest)


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
