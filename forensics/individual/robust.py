"""Kin without allele frequencies, by SNPs: an indication where no likelihood ratio can be calculated.

The kinship of a pair by KING-robust is

    phi = 1/2 - sum (x - y)^2 / (4 min(heterozygous genotypes of the one, of the other)),

over loci that both have, x and y the copies of one allele. It needs no frequencies: animals of one population
have about 0 however many populations there are, those of two have less. Dropout lowers it, inbreeding moves it.

Its error is that of a jackknife over blocks of neighbouring loci (as they stand in the file), so linked SNPs do not make it
too small. A pair is shown where its interval, corrected for all pairs that were compared, excludes pairs that are unrelated.

References
----------
Manichaikul et al. 2010, doi:10.1093/bioinformatics/btq559 (estimator, equation 11, and the bounds of degrees).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.messages import N_, _, numeral, thousands

# Kinship from which on a pair is of a degree: half-way, as powers of 2, between 1/2, 1/4, 1/8 and 1/16.
DEGREES = {
    "same": (2**-1.5, N_("one individual")),
    "first": (2**-2.5, N_("first degree")),
    "second": (2**-3.5, N_("second degree")),
}
# Below this a pair is unrelated to the authors.
UNRELATED = 2**-4.5
# Of 300 SNPs four in five of first degree are found (benchmarks/individual.md); fewer were not measured, and some loci are missing.
MIN_SNPS = 200
# Blocks of the jackknife: enough that its error is known to some 10 %.
BLOCKS = 50
LEVEL = 0.05  # of one pair or more that is shown falsely
_ROWS = 32  # samples that are compared with all others at a time
_MAX_SHOWN = 20


@dataclass(frozen=True)
class KinIndication:
    """Two samples of different seizures that look like kin.

    Attributes
    ----------
    degree : str
        Key of `DEGREES`, of the kinship itself.
    kinship : float
        1/2 of one individual, 1/4 of parents and full sibs.
    low, high : float
        Interval, corrected for all pairs that were compared.
    snps : int
        That both have.
    """

    first: str
    second: str
    first_seizure: str
    second_seizure: str
    degree: str
    kinship: float
    low: float
    high: float
    snps: int

    def in_words(self) -> str:
        """Return the pair with its degree and its kinship."""
        return _("{first} - {second}: {degree}, kinship {kinship} ({low} to {high})").format(
            first=self.first, second=self.second, degree=_(DEGREES[self.degree][1]),
            kinship=numeral(self.kinship, ".2f"), low=numeral(self.low, ".2f"),
            high=numeral(self.high, ".2f"),
        )  # fmt: skip


@dataclass(frozen=True)
class RobustKin:
    """What KING-robust says of samples whose frequencies are not known.

    Attributes
    ----------
    snps : int
        Diploid loci of two alleles.
    compared : int
        Pairs of samples of different seizures that have `MIN_SNPS` in common.
    pairs : tuple of KinIndication
        The closest first.
    """

    snps: int
    compared: int
    pairs: tuple[KinIndication, ...]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield label and text for people."""
        label = _("Without frequencies")
        if not self.compared:
            yield (
                label,
                _(
                    "no kin can be indicated: that needs {least} SNPs (of two alleles) that both of a pair have, "
                    "and there are {found}. Of microsatellites kinship needs frequencies that describe the animals"
                ).format(least=MIN_SNPS, found=thousands(self.snps)),
            )
            return
        yield (
            label,
            _(
                "{found} of {compared} pairs of samples of different seizures look like kin by {snps} SNPs "
                "(KING-robust). This is an indication and no likelihood ratio. Of the other pairs none is shown to be of second "
                "degree or closer"
            ).format(
                found=len(self.pairs), compared=thousands(self.compared), snps=thousands(self.snps)
            ),
        )
        for pair in self.pairs[:_MAX_SHOWN]:
            yield _("Indication"), pair.in_words()
        if len(self.pairs) > _MAX_SHOWN:
            yield (
                _("Indication"),
                _("… and {number} more").format(number=len(self.pairs) - _MAX_SHOWN),
            )


def indicate_kin(samples: Genotypes, seizures: Sequence[str]) -> RobustKin:
    """Return which samples of different seizures look like kin, without allele frequencies.

    Parameters
    ----------
    samples : Genotypes
        n samples. Loci of two copies and two alleles count; a genotype of which one copy was typed does not.
    seizures : sequence of str, length n

    Returns
    -------
    RobustKin
        Nothing is compared where there are fewer than `MIN_SNPS` loci.
    """
    use = ~samples.haploid & np.array([len(names) == 2 for names in samples.alleles], dtype=bool)
    snps = int(use.sum())
    if snps < MIN_SNPS:
        return RobustKin(snps, 0, ())
    codes = samples.codes[:, use]
    doses = np.where((codes >= 0).all(axis=2), codes.sum(axis=2), -1).astype(np.int8)
    place_of = np.unique(list(seizures), return_inverse=True)[1]
    found: list[tuple[int, int, float, float, float]] = []
    compared = 0
    for start in range(0, len(doses), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(doses)))
        kinship, error, common = robust_kinship(doses[rows], doses)
        usable = (common >= MIN_SNPS) & (place_of[rows, None] < place_of)
        compared += int(usable.sum())
        for row, other in np.argwhere(usable & (kinship >= DEGREES["second"][0])):
            at = row, other
            found.append(
                (
                    start + int(row),
                    int(other),
                    float(kinship[at]),
                    float(error[at]),
                    float(common[at]),
                )
            )
    width = _quantile(compared) if compared else 0.0
    pairs = [
        KinIndication(
            samples.animals[row], samples.animals[other], seizures[row], seizures[other],
            next(name for name, (least, _name) in DEGREES.items() if value >= least),
            value, value - width * error, value + width * error, int(common),
        )
        for row, other, value, error, common in found
        if value - width * error > UNRELATED
    ]  # fmt: skip
    pairs.sort(key=lambda pair: (-pair.kinship, pair.first, pair.second))
    return RobustKin(snps, compared, tuple(pairs))


def _quantile(pairs: int) -> float:
    """Return how many errors the interval of a pair goes to each side (Student's t, Bonferroni)."""
    from scipy.stats import t

    return float(t.isf(LEVEL / pairs / 2, BLOCKS - 1))


def robust_kinship(
    some: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the kinship of each of some samples with each of others, and its standard error.

    Parameters
    ----------
    some : numpy.ndarray of int8, shape (m, L)
        Copies of one allele, 0 to 2; -1 where a genotype was not typed. L is `BLOCKS` or more.
    others : numpy.ndarray of int8, shape (n, L)

    Returns
    -------
    kinship, error : numpy.ndarray of float64, shape (m, n)
        NaN where one of the two has no heterozygous genotype.
    common : numpy.ndarray of float64, shape (m, n)
        Loci that both have.
    """
    counted = np.zeros((4, BLOCKS, len(some), len(others)), dtype=np.float32)
    edges = np.linspace(0, some.shape[1], BLOCKS + 1).astype(int)
    for block, (start, stop) in enumerate(zip(edges, edges[1:])):
        x, y = (codes[:, start:stop].astype(np.float32) for codes in (some, others))
        known, known_y = (x >= 0).astype(np.float32), (y >= 0).astype(np.float32)
        x, y = x * known, y * known_y
        counted[0, block] = (x * x) @ known_y.T + known @ (y * y).T - 2 * x @ y.T
        counted[1, block] = (x == 1).astype(np.float32) @ known_y.T
        counted[2, block] = known @ (y == 1).astype(np.float32).T
        counted[3, block] = known @ known_y.T
    total = counted.sum(axis=1, dtype=np.float64)
    unlike, *heterozygous = total[:3, None] - counted[:3]  # without each block
    with np.errstate(divide="ignore", invalid="ignore"):
        kinship = 0.5 - total[0] / (4 * np.minimum(total[1], total[2]))
        left = 0.5 - unlike / (4 * np.minimum(*heterozygous))
        error = np.sqrt((BLOCKS - 1) * left.var(axis=0))
    return (
        np.where(np.isfinite(kinship), kinship, np.nan),
        np.where(np.isfinite(error), error, np.nan),
        total[3],
    )
