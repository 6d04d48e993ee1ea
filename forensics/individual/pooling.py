"""Several samples of one individual as one profile.

At each locus an individual has one genotype, unknown; each of its samples shows what dropout and
mistyping have left of it. What the samples show together is a likelihood of each genotype, and a
pair of individuals is compared by these, so that a sample more never counts as an animal more.
Different things that were seen are few at a locus; each has a number, and tables of ratios have a
row and a column a number, as `forensics.individual.pairs.ratio_tables` has them a genotype.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.individual.frequencies import Frequencies
from forensics.individual.pairs import (
    RELATIONSHIPS,
    LaboratoryErrors,
    Relationship,
    joint_table,
    typed_given_true,
)

__all__ = ["Pooled", "pooled"]


@dataclass(frozen=True, eq=False)
class Pooled:
    """Profiles of individuals, each from one sample or more.

    Attributes
    ----------
    frequencies : Frequencies
        L loci.
    codes : numpy.ndarray of int32, shape (n, L)
        Number of what was seen; -1 where nothing was typed.
    seen : tuple of numpy.ndarray of float64, shape (E, G), length L
        Of each number the likelihood of the genotypes; the greatest is 1.
    """

    frequencies: Frequencies
    codes: np.ndarray
    seen: tuple[np.ndarray, ...]

    def ratio_tables(
        self, relationship: Relationship, *, theta: float = 0.0, mutation: float = 0.0
    ) -> list[np.ndarray]:
        """Return the logarithm (natural) of the likelihood ratio against unrelated, a table a locus.

        Returns
        -------
        list of numpy.ndarray of float64, shape (E, E)
        """
        tables = []
        for p, seen in zip(self.frequencies.values, self.seen):
            with np.errstate(divide="ignore"):
                above, below = (
                    np.log(seen @ joint_table(p, relation, theta=theta, mutation=mutation) @ seen.T)
                    for relation in (relationship, RELATIONSHIPS["unrelated"])
                )
            tables.append(above - below)
        return tables


def pooled(
    frequencies: Frequencies,
    codes: np.ndarray,
    groups: Sequence[Sequence[int]],
    *,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...],
) -> Pooled:
    """Return the profiles of groups of samples.

    Parameters
    ----------
    codes : numpy.ndarray of int32, shape (m, L)
        Of the samples; from `Frequencies.genotypes_of`.
    groups : sequence of sequences of int, length n
        Places of the samples of each individual.
    errors : LaboratoryErrors, or one a locus
    """
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)
    result = np.full((len(groups), codes.shape[1]), -1, dtype=np.int32)
    everything = []
    for locus, (p, rate) in enumerate(zip(frequencies.values, rates)):
        column = codes[:, locus].tolist()
        numbers: dict[tuple[int, ...], int] = {}
        for place, group in enumerate(groups):
            # Sorted, so that the order of samples makes no difference.
            known = tuple(sorted(column[row] for row in group if column[row] >= 0))
            if known:
                result[place, locus] = numbers.setdefault(known, len(numbers))
        with np.errstate(divide="ignore"):
            single = np.log(typed_given_true(len(p), rate))
        seen = np.empty((len(numbers), single.shape[1]))
        for known, number in numbers.items():
            total = single[list(known)].sum(axis=0)
            seen[number] = np.exp(total - total.max())
        everything.append(seen)
    return Pooled(frequencies, result, tuple(everything))
