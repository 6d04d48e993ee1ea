"""How probable it is that two animals share a profile by chance."""

from collections.abc import Sequence

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies
from forensics.individual.pairs import RELATIONSHIPS, joint_table

__all__ = ["pid", "pid_sibs", "pid_unbiased", "random_match_probability"]


def pid(frequencies: Sequence[float] | np.ndarray) -> float:
    """Return the probability of identity of two unrelated animals at a locus.

    References
    ----------
    Paetkau & Strobeck 1994, doi:10.1111/j.1365-294X.1994.tb00127.x.

    Examples
    --------
    >>> pid([0.5, 0.5])
    0.375
    """
    p = np.asarray(frequencies, dtype=np.float64)
    square = float((p**2).sum())
    return 2 * square**2 - float((p**4).sum())


def pid_unbiased(frequencies: Sequence[float] | np.ndarray, copies: float) -> float:
    """Return the probability of identity, corrected for the number of copies counted.

    References
    ----------
    Waits, Luikart & Taberlet 2001, doi:10.1046/j.1365-294X.2001.01185.x.
    """
    p, n = np.asarray(frequencies, dtype=np.float64), float(copies)
    a2, a3, a4 = (float((p**power).sum()) for power in (2, 3, 4))
    above = n**3 * (2 * a2**2 - a4) - 2 * n**2 * (a3 + 2 * a2) + n * (9 * a2 + 2) - 6
    return above / ((n - 1) * (n - 2) * (n - 3))


def pid_sibs(frequencies: Sequence[float] | np.ndarray) -> float:
    """Return the probability of identity of full sibs at a locus.

    References
    ----------
    Evett & Weir 1998, Interpreting DNA Evidence; as used by Waits et al. 2001.
    """
    p = np.asarray(frequencies, dtype=np.float64)
    square = float((p**2).sum())
    return 0.25 + 0.5 * square + 0.5 * square**2 - 0.25 * float((p**4).sum())


def random_match_probability(
    frequencies: Frequencies, genotypes: Genotypes, *, theta: float
) -> np.ndarray:
    """Return the probability that another, unrelated animal has the profile.

    Given that the first animal has it; with ``theta`` for the population that both are of:
    ``2 (theta + (1-theta) p_i) (theta + (1-theta) p_j) / ((1+theta) (1+2 theta))`` and, of a
    homozygote, ``(2 theta + (1-theta) p) (3 theta + (1-theta) p) / ((1+theta) (1+2 theta))``.

    Parameters
    ----------
    frequencies : Frequencies
    genotypes : Genotypes
        n profiles.
    theta : float
        0 to below 1.

    Returns
    -------
    numpy.ndarray of float64, shape (n, L)
        By locus; NaN where nothing was typed. The profile's is the product over what was typed.

    References
    ----------
    Balding & Nichols 1994, doi:10.1016/0379-0738(94)90222-4.
    """
    codes = frequencies.genotypes_of(genotypes)
    result = np.full(codes.shape, np.nan)
    for number, p in enumerate(frequencies.values):
        joint = joint_table(p, RELATIONSHIPS["unrelated"], theta=theta)
        chance = np.diagonal(joint) / joint.sum(axis=1)
        typed = codes[:, number] >= 0
        result[typed, number] = chance[codes[typed, number]]
    return result
