"""Genotype likelihoods: how probable the reads of an animal are under each genotype.

With few reads a genotype cannot be called: one read of a heterozygote looks like a homozygote. The
likelihoods of the three genotypes of a locus with two alleles keep what the reads say, and no more.

References
----------
Nielsen R., Paul J. S., Albrechtsen A. & Song Y. S. (2011). Genotype and SNP calling from
next-generation sequencing data. Nature Reviews Genetics 12, 443-451. doi:10.1038/nrg2986
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from forensics.genetics.genotypes import MISSING, Genotypes
from forensics.stats.choice import greatest

__all__ = ["GENOTYPES", "GenotypeLikelihoods", "relative_logs"]

# The genotypes of two alleles, in the order of their likelihoods.
GENOTYPES = ((0, 0), (0, 1), (1, 1))


@dataclass(frozen=True, eq=False)
class GenotypeLikelihoods:
    """Likelihoods of the three genotypes of each animal at loci of two alleles.

    Attributes
    ----------
    animals : tuple of str, length n
        Names, each once.
    loci : tuple of str, length L
    alleles : tuple of pairs of str, length L
    logs : numpy.ndarray of float32, shape (n, L, 3)
        Natural logarithms of the likelihoods of `GENOTYPES`, the greatest of the three 0; all 0 where
        the reads say nothing. Minus infinity is a genotype that is ruled out.
    populations, units, latitudes, longitudes, fields, source, sha256, notes, read_with
        As in `Genotypes`.
    """

    animals: tuple[str, ...]
    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    logs: np.ndarray
    populations: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None
    latitudes: np.ndarray | None = None
    longitudes: np.ndarray | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    read_with: Mapping[str, object] | None = None

    def __len__(self) -> int:
        return len(self.animals)

    @property
    def informative(self) -> np.ndarray:
        """Whether the reads say anything of each genotype; bool, shape (n, L)."""
        return (self.logs != 0).any(axis=2)

    def take(self, rows: Sequence[int] | np.ndarray) -> "GenotypeLikelihoods":
        """Return the animals at `rows` (places, or bool of shape (n,)), in that order."""
        places = np.arange(len(self))[np.asarray(rows)]

        def select(values: Sequence[str]) -> tuple[str, ...]:
            return tuple(values[row] for row in places)

        return replace(
            self,
            animals=select(self.animals),
            logs=self.logs[places],
            populations=None if self.populations is None else select(self.populations),
            units=None if self.units is None else select(self.units),
            latitudes=None if self.latitudes is None else self.latitudes[places],
            longitudes=None if self.longitudes is None else self.longitudes[places],
            fields={name: select(values) for name, values in self.fields.items()},
        )

    def call_genotypes(self, *, min_ratio: float = 1.0) -> Genotypes:
        """Return the most likely genotypes, as if they were certain.

        With few reads they are often wrong, and heterozygotes are too few: an assignment by them is
        too sure. They are for loci with many reads, and for comparison.

        Parameters
        ----------
        min_ratio : float
            A genotype that is not at least so many times likelier than the next one is not typed.
        """
        ordered = np.sort(self.logs, axis=2)
        with np.errstate(invalid="ignore"):
            sure = ordered[:, :, 2] - ordered[:, :, 1] >= np.log(min_ratio)
        sure &= self.informative
        pairs = np.array(GENOTYPES, dtype=np.int16)[greatest(self.logs, axis=2, are_logs=True)]
        pairs[~sure] = MISSING
        return Genotypes(
            self.animals, self.loci, self.alleles, pairs, populations=self.populations,
            units=self.units, latitudes=self.latitudes, longitudes=self.longitudes,
            fields=self.fields, source=self.source, sha256=self.sha256, notes=self.notes,
            read_with=self.read_with,
        )  # fmt: skip


def relative_logs(logs: np.ndarray) -> np.ndarray:
    """Return logarithms of likelihoods relative to the greatest of each three; float32.

    Parameters
    ----------
    logs : numpy.ndarray of float64, shape (..., 3)
        Natural logarithms; one of the three is finite.
    """
    return np.asarray(logs - logs.max(axis=-1, keepdims=True), dtype=np.float32)
