"""Whether samples look as if they came from the population that the frequencies are of.

Animals of several populations, or of a small and inbred one, have fewer heterozygotes than the
pooled frequencies let expect (Wahlund 1928, doi:10.1111/j.1601-5223.1928.tb02483.x). Then animals of
one place look like kin, or like one individual, and no rate by chance that rests on these
frequencies is true. Dropout and theta make homozygotes, too; both are in what is expected.
"""

from dataclasses import dataclass

import numpy as np

from forensics.core.notice import Notice
from forensics.individual.frequencies import Frequencies
from forensics.individual.pairs import (
    RELATIONSHIPS,
    LaboratoryErrors,
    genotype_index,
    joint_table,
    typed_given_true,
)
from forensics.notices import individual as notices

__all__ = ["Heterozygotes", "count_heterozygotes"]

# A deficit below this is of no account: it moves an allele's probability, given that one was seen,
# by no more than rounding theta does (a stated choice).
MIN_DEFICIT = 0.03
# So many standard errors; chance alone makes it once in 700 files.
MIN_Z = 3.0


@dataclass(frozen=True)
class Heterozygotes:
    """Heterozygous genotypes in samples, beside what is expected.

    Attributes
    ----------
    genotypes : int
        Typed in all samples.
    observed, expected : float
        Share of heterozygotes; expected of the frequencies, theta, dropout and mistyping.
    z : float
        Difference in standard errors, over samples; negative where there are too few.
    """

    genotypes: int
    observed: float
    expected: float
    z: float

    @property
    def deficit(self) -> float:
        """Share of the expected heterozygotes that is missing; FIS above what theta allows for."""
        return 1 - self.observed / self.expected if self.expected else 0.0

    @property
    def too_few(self) -> bool:
        """Whether there are fewer than the frequencies, theta and dropout explain."""
        return self.deficit > MIN_DEFICIT and self.z < -MIN_Z

    def notice(self, theta: float) -> Notice | None:
        """Return what too few heterozygotes mean, and the theta that would explain them.

        Parameters
        ----------
        theta : float
            With which they were counted.

        Returns
        -------
        Notice or None
            None where there are not too few.
        """
        if not self.too_few:
            return None
        return notices.FEW_HETEROZYGOTES(
            observed=self.observed,
            expected=self.expected,
            theta=min(0.99, 1 - (1 - theta) * self.observed / self.expected),
        )


def count_heterozygotes(
    frequencies: Frequencies, codes: np.ndarray, *, theta: float, errors: LaboratoryErrors
) -> Heterozygotes:
    """Count heterozygous genotypes.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    codes : numpy.ndarray of int32, shape (n, L)
        From `Frequencies.genotypes_of`.
    """
    seen, shares = np.zeros(codes.shape, dtype=bool), np.empty(codes.shape[1])
    for locus, p in enumerate(frequencies.values):
        size = len(p)
        homozygotes = genotype_index(np.arange(size), np.arange(size))
        true = np.diagonal(joint_table(p, RELATIONSHIPS["same"], theta=theta))
        typed = typed_given_true(size, errors) @ true
        shares[locus] = 1 - typed[homozygotes].sum()
        seen[:, locus] = ~np.isin(codes[:, locus], homozygotes)
    known = codes >= 0
    genotypes = int(known.sum())
    if not genotypes:
        return Heterozygotes(0, 0.0, 0.0, 0.0)
    by_sample = ((seen - shares) * known).sum(axis=1)
    error = float(np.sqrt((by_sample**2).sum()))
    return Heterozygotes(
        genotypes,
        float((seen & known).sum() / genotypes),
        float((shares * known).sum() / genotypes),
        float(by_sample.sum() / error) if error else 0.0,
    )
