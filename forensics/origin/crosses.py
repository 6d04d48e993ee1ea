r"""How probable a genotype is in a cross of two reference populations.

At a locus the two copies of an animal come both from the first population, one from each, or both from
the second; a class of cross says how often:

=================  ======  =======  ======
class              both 1  1 and 2  both 2
=================  ======  =======  ======
first generation           1
second generation  1/4     1/2      1/4
backcross to 1     1/2     1/2
backcross to 2             1/2      1/2
=================  ======  =======  ======

(Anderson & Thompson 2002, doi:10.1093/genetics/160.3.1217). Frequencies are not taken as known: two
copies of one population have the probability of the compound Dirichlet-multinomial with the pseudo-copies
of the reference, one copy its mean. Where pseudo-copies are those of the whole reference ("shrunk"), an
allele that is rare in the one population is not taken at once for the other's. Loci are taken as unlinked. Loci with one copy,
and genotypes with an allele that the whole reference lacks, are left out.
"""

from dataclasses import replace

import numpy as np

from forensics.origin.baseline import Baseline
from forensics.origin.likelihood import CodedAnimals
from forensics.stats.choice import TOLERANCE, greatest

__all__ = ["CROSSES", "cross_gains", "with_flat_prior"]

CROSSES = ((0.0, 1.0, 0.0), (0.25, 0.5, 0.25), (0.5, 0.5, 0.0), (0.0, 0.5, 0.5))
"""Of each class of cross the shares of loci with both copies of population 1, one of each, both of population 2."""


def with_flat_prior(baseline: Baseline) -> Baseline:
    """Return the reference with the pseudo-copies of Rannala & Mountain, whatever its method."""
    return replace(baseline, method="rannala_mountain", concentration=None, temperature=1.0)


def cross_gains(
    coded: CodedAnimals,
    baseline: Baseline,
    values: np.ndarray,
    *,
    own: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much a cross of the likeliest population and another is likelier than any population.

    Parameters
    ----------
    coded : CodedAnimals
        n animals.
    baseline : Baseline
        Of any method.
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods of the populations.
    own : numpy.ndarray of intp, shape (n,), optional
        Population in which each animal was counted, -1 for none; it is left out.

    Returns
    -------
    gains : numpy.ndarray of float64, shape (n,)
        Greatest log-likelihood of a cross minus that of the likeliest population.
    partners : numpy.ndarray of intp, shape (n,)
        The other population of that cross.
    """
    use, columns, same = _columns(coded, baseline)
    doses = coded.doses(slice(0, len(coded)), baseline)[0] if own is not None else None
    y = baseline.counts + baseline.pseudocopies()
    best = greatest(values, axis=1, are_logs=True)

    def left_out(rows: np.ndarray, populations: np.ndarray) -> _Copies:
        """Return the copies of a population for each of some animals, without its own."""
        mine = y[populations]
        if own is not None and doses is not None:
            mine = mine - np.where((own[rows] == populations)[:, None], doses[rows], 0.0)
        return _Copies(mine, columns[rows], same[rows], baseline)

    def copies_of(place: int) -> _Copies:
        result = _Copies(y[place], columns, same, baseline)
        if own is not None:
            rows = np.flatnonzero(own == place)
            without = left_out(rows, own[rows])
            result.both[rows], result.alleles[rows] = without.both, without.alleles
        return result

    home = left_out(np.arange(len(coded)), best)
    alone = np.where(use, np.log(home.both), 0.0).sum(axis=1)
    gains = np.full(len(coded), -np.inf)
    partners = np.zeros(len(coded), dtype=np.intp)
    for place in range(len(y)):
        other = copies_of(place)
        mixed = _mixed(home, other, same)
        for a, b, c in CROSSES:
            cross = np.log(a * home.both + b * mixed + c * other.both)
            gain = np.where(use, cross, 0.0).sum(axis=1) - alone
            better = (gain > gains + TOLERANCE) & (best != place)
            gains[better], partners[better] = gain[better], place
    return gains, partners


def _columns(coded: CodedAnimals, baseline: Baseline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which loci can be used, the columns of both alleles, and whether they are the same.

    Returns
    -------
    use : numpy.ndarray of bool, shape (n, L)
    columns : numpy.ndarray of intp, shape (n, L, 2)
    same : numpy.ndarray of bool, shape (n, L)
    """
    use = coded.typed & ~coded.unseen & (coded.copies == 2)
    codes = np.where(use[:, :, None], coded.codes, 0).astype(np.intp)
    return use, baseline.offsets[:-1][:, None] + codes, codes[:, :, 0] == codes[:, :, 1]


class _Copies:
    """Probabilities of the alleles of animals in one population.

    Attributes
    ----------
    both : numpy.ndarray of float64, shape (n, L)
        Of the genotype, both copies from this population.
    alleles : numpy.ndarray of float64, shape (n, L, 2)
        Of one copy.
    """

    def __init__(
        self, y: np.ndarray, columns: np.ndarray, same: np.ndarray, baseline: Baseline
    ) -> None:
        n = np.add.reduceat(y, baseline.offsets[:-1], axis=-1)
        if y.ndim == 1:
            mine = y[columns]
        else:
            flat = columns.reshape(len(columns), 2 * columns.shape[1])  # also of no animals
            mine = np.take_along_axis(y, flat, axis=1).reshape(columns.shape)
            n = np.asarray(n)
        self.alleles = mine / n[..., None]
        second = mine[:, :, 1] + same
        self.both = np.where(same, 1.0, 2.0) * mine[:, :, 0] * second / (n * (n + 1.0))


def _mixed(one: _Copies, two: _Copies, same: np.ndarray) -> np.ndarray:
    """Return the probability of the genotype with one copy of each population; shape (n, L)."""
    there = one.alleles[:, :, 0] * two.alleles[:, :, 1]
    back = one.alleles[:, :, 1] * two.alleles[:, :, 0]
    return np.asarray(np.where(same, there, there + back))
