"""The probability of two genotypes at a locus, under a relationship.

One table a locus and relationship holds everything: theta by the sampling formula of Balding &
Nichols (1994, doi:10.1016/0379-0738(94)90222-4), identity by descent by k0, k1, k2, mutation of the
allele that is shared, and what the laboratory may have done to either genotype (dropout, mistyping).
Tables are symmetric by construction: neither the order of alleles nor that of profiles matters.

With ordered alleles a, b, c, d and q(x | seen) = (n_x theta + (1 - theta) p_x) / (1 + (n - 1) theta),
n_x of n alleles seen being x:

- k2: both pairs are the same two alleles: ``p_a q(b | a)``
- k1: allele a is shared: ``p_a q(b | a) q(c | a, b)``, genotypes a/b and a/c
- k0: none is: ``p_a q(b | a) q(c | a, b) q(d | a, b, c)``
"""

import functools
from dataclasses import dataclass

import numpy as np

from forensics.errors import UsageError
from forensics.individual.frequencies import Frequencies
from forensics.messages import N_, _

__all__ = [
    "RELATIONSHIPS",
    "LaboratoryErrors",
    "Relationship",
    "genotype_count",
    "genotype_index",
    "genotype_square",
    "joint_table",
    "ratio_tables",
    "typed_given_true",
]

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


@dataclass(frozen=True)
class LaboratoryErrors:
    """What may have happened between an animal's genotype and the one that was typed.

    Attributes
    ----------
    dropout : float
        Probability that of a heterozygote one allele only is seen; either is equally likely.
    mistyping : float
        Probability, of each of the two alleles that are read after dropout, that it is read as
        another one; the others are equally likely (the two classes of errors of Wang 2004,
        Genetics 166:1963-1979). A stutter or a neighbouring peak changes one allele and leaves
        the other as it is; a genotype replaced whole is a swapped sample, and no model of it.
    """

    dropout: float = 0.0
    mistyping: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.dropout < 1 and 0 <= self.mistyping < 1):
            raise UsageError(_("Rates of dropout and mistyping lie from 0 to below 1."))


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
    first: LaboratoryErrors = LaboratoryErrors(),
    second: LaboratoryErrors = LaboratoryErrors(),
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
    first, second : LaboratoryErrors
        Of the two typings.

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
        raise UsageError(_("theta and the mutation rate lie from 0 to below 1."))
    if count > MAX_ALLELES:
        raise UsageError(
            _("{count} alleles at one locus; at most {most} can be worked with.").format(
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
    return _typed(count, first) @ table @ _typed(count, second).T


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


def _typed(count: int, errors: LaboratoryErrors) -> np.ndarray:
    """Return the probability of what is typed (rows) given what the animal has (columns); not to be written to."""
    return _typed_of_few(count, errors) if count <= _MAX_FEW else _compute_typed(count, errors)


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
        Each column sums to 1.
    """
    return _typed(alleles, errors).copy()


def ratio_tables(
    frequencies: Frequencies,
    relationship: Relationship,
    *,
    against: Relationship = RELATIONSHIPS["unrelated"],
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...] = LaboratoryErrors(),
) -> list[np.ndarray]:
    """Return the logarithm (natural) of the likelihood ratio of two genotypes, a table a locus.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    relationship, against : Relationship
        Numerator and denominator.
    errors : LaboratoryErrors, or one a locus
        Of both typings.

    Returns
    -------
    list of numpy.ndarray of float64, shape (G, G)
        Minus infinity where the relationship makes two genotypes impossible.
    """
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)
    tables = []
    for p, rate in zip(frequencies.values, rates):
        numerator, denominator = (
            joint_table(p, relation, theta=theta, mutation=mutation, first=rate, second=rate)
            for relation in (relationship, against)
        )
        with np.errstate(divide="ignore"):
            tables.append(np.log(numerator) - np.log(denominator))
    return tables
