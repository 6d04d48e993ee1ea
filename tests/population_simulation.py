"""SIMULATED genotypes of populations that drifted apart, with known truth."""

import numpy as np

from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes

__all__ = ["simulated_populations"]


def simulated_populations(
    *,
    populations: int = 4,
    animals: int = 30,
    loci: int = 10,
    alleles: int = 6,
    fst: float = 0.1,
    missing: float = 0.05,
    haploid: int = 0,
    seed: int = 1,
) -> Genotypes:
    """Draw animals of populations whose frequencies are Dirichlet about common ones.

    Two populations a unit, in order. The last `haploid` loci have one copy.
    """
    generator = np.random.default_rng(seed)
    count = populations * animals
    codes = np.empty((count, loci, 2), dtype=np.int16)
    own = np.repeat(np.arange(populations), animals)
    for locus in range(loci):
        common = generator.dirichlet(np.ones(alleles))
        for place in range(populations):
            own_frequencies = generator.dirichlet(common * (1 / fst - 1) + 1e-6)
            rows = own == place
            codes[rows, locus] = generator.choice(alleles, (rows.sum(), 2), p=own_frequencies)
    codes.sort(axis=2)
    if haploid:
        codes[:, loci - haploid :, 1] = ABSENT
    lost = generator.random((count, loci)) < missing
    codes[lost] = MISSING
    if haploid:
        codes[:, loci - haploid :, 1] = ABSENT
    return Genotypes(
        tuple(f"animal{row}" for row in range(count)),
        tuple(f"locus{locus}" for locus in range(loci)),
        tuple(tuple(str(100 + 2 * one) for one in range(alleles)) for _locus in range(loci)),
        codes,
        populations=tuple(f"population{place}" for place in own),
        units=tuple(f"unit{place // 2}" for place in own),
    )
