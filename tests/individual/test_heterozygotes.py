"""Simulated samples of one population, and of several whose frequencies are pooled."""

import numpy as np
import pytest
from individual_simulation import frequencies, seen

from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import LaboratoryErrors
from forensics.individual.reference_fit import count_heterozygotes


def drawn(held, count, seed):
    random = np.random.default_rng(seed)
    return np.stack([random.choice(len(p), (count, 2), p=p) for p in held.values], axis=1)


def counted(held, genotypes, theta=0.0, **errors):
    codes = held.genotypes_of(genotypes)
    return count_heterozygotes(held, codes, theta=theta, errors=LaboratoryErrors(**errors))


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_dropout_that_is_stated_is_no_deficit(dropout):
    held = frequencies(loci=12)
    genotypes = seen(
        held, drawn(held, 80, 1), [f"a{n}" for n in range(80)], dropout=dropout, missing=0.1
    )
    found = counted(held, genotypes, dropout=dropout)
    assert not found.too_few and abs(found.z) < 3
    if dropout:
        assert counted(held, genotypes, dropout=0.0).too_few


def test_populations_that_are_pooled_have_too_few():
    parts = [frequencies(loci=12, alleles=3, seed=seed) for seed in (1, 2, 3, 4)]
    names = [f"a{n}" for n in range(200)]
    animals = np.concatenate([drawn(one, 50, seed) for seed, one in enumerate(parts)])
    genotypes = seen(parts[0], animals, names)
    pooled = frequencies_of(genotypes)
    found = counted(pooled, genotypes)
    assert found.too_few and found.deficit > 0.05
    # The theta that explains it does.
    assert not counted(pooled, genotypes, theta=found.deficit).too_few


def test_nothing_typed_says_nothing():
    held = frequencies(loci=5)
    genotypes = seen(held, drawn(held, 2, 1), ["a", "b"])
    genotypes.codes[:] = -1
    assert not counted(held, genotypes).too_few
