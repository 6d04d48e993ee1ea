"""Alleles counted by group, side by side for all loci, as every likelihood needs them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.genetics.genotypes import Genotypes

__all__ = ["AlleleCounts", "count_alleles", "doses", "offsets_of"]

# Copies of alleles that are held at once; 32 MB of float64.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class AlleleCounts:
    """Alleles counted by group.

    Attributes
    ----------
    groups : tuple of str, length G
        Names of the groups (populations, sites), in order.
    loci : tuple of str, length L
    alleles : tuple of tuples of str, length L
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Alleles of locus ``l`` are columns ``offsets[l]:offsets[l + 1]``.
    counts : numpy.ndarray of float64, shape (G, A)
        Copies of each allele; A is the number of alleles of all loci.
    animals : numpy.ndarray of int64, shape (G,)
        Animals of each group, typed or not.
    """

    groups: tuple[str, ...]
    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    offsets: np.ndarray
    counts: np.ndarray
    animals: np.ndarray

    @property
    def totals(self) -> np.ndarray:
        """Copies typed, by group and locus; float64, shape (G, L)."""
        return np.add.reduceat(self.counts, self.offsets[:-1], axis=1)

    @property
    def locus_of(self) -> np.ndarray:
        """Locus of each column of `counts`; intp, shape (A,)."""
        return np.repeat(np.arange(len(self.loci)), np.diff(self.offsets))


def offsets_of(alleles: Sequence[Sequence[str]]) -> np.ndarray:
    """Return where the alleles of each locus begin; intp, shape (L + 1,).

    A locus without any allele gets one column, so that every locus has its place.
    """
    return np.concatenate(([0], np.cumsum([max(1, len(labels)) for labels in alleles]))).astype(
        np.intp
    )


def doses(genotypes: Genotypes, *, complete: bool = True) -> np.ndarray:
    """Return how many copies of each allele each animal has; float64, shape (n, A).

    Parameters
    ----------
    complete : bool
        Leave out genotypes of which one of two copies was not typed.
    """
    offsets = offsets_of(genotypes.alleles)
    result = np.zeros((len(genotypes), offsets[-1]))
    use = genotypes.typed if complete else np.ones(genotypes.codes.shape[:2], dtype=bool)
    for copy in range(2):
        rows, loci = np.nonzero((genotypes.codes[:, :, copy] >= 0) & use)
        np.add.at(result, (rows, offsets[loci] + genotypes.codes[rows, loci, copy]), 1.0)
    return result


def count_alleles(
    genotypes: Genotypes, groups: Sequence[str], *, order: Sequence[str] | None = None
) -> AlleleCounts:
    """Return the alleles of each group.

    Parameters
    ----------
    genotypes : Genotypes
        n animals.
    groups : sequence of str, length n
        Group of each animal; "" leaves an animal out.
    order : sequence of str, optional
        The groups and their order; by default sorted.
    """
    names = tuple(sorted({name for name in groups if name})) if order is None else tuple(order)
    place = {name: number for number, name in enumerate(names)}
    offsets = offsets_of(genotypes.alleles)
    counts = np.zeros((len(names), offsets[-1]))
    animals = np.zeros(len(names), dtype=np.int64)
    step = max(1, _BLOCK // max(1, int(offsets[-1])))
    for start in range(0, len(genotypes), step):
        block = genotypes.take(np.arange(start, min(start + step, len(genotypes))))
        for copies, name in zip(doses(block), groups[start : start + step]):
            if name in place:
                counts[place[name]] += copies
                animals[place[name]] += 1
    return AlleleCounts(names, genotypes.loci, genotypes.alleles, offsets, counts, animals)
