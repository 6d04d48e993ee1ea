"""Whether frequencies describe animals. SIMULATED samples of one population, and of several that are pooled."""

import numpy as np
import pytest
from individual_simulation import frequencies, profiles, seen

from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import (
    RELATIONSHIPS,
    genotype_index,
    joint_table,
    typed_given_true,
)
from forensics.individual.options import LaboratoryErrors
from forensics.individual.reference_fit import (
    allele_counts,
    check_reference,
    count_heterozygotes,
    typed_heterozygotes,
)

RATES = LaboratoryErrors(dropout=0.02, mistyping=0.002)


def animals_of(held, count, seed, prefix="a"):
    names = [f"{prefix}{number}" for number in range(count)]
    return seen(held, profiles(held, [None] * count, seed=seed), names, dropout=0.02, seed=seed)


def checked(samples, reference, *, theta=0.03):
    held = frequencies_of(reference, also=[samples])
    clusters = [f"S{number % 4}" for number in range(len(samples))]
    return check_reference(
        held, held.genotypes_of(samples), clusters, theta=theta, errors=RATES, seed=1
    )


@pytest.fixture(scope="module")
def one():
    return frequencies(loci=16)


@pytest.fixture(scope="module")
def other():
    return frequencies(loci=16, seed=77)


@pytest.mark.parametrize("theta", [0.0, 0.03])
def test_animals_of_the_reference_pass_whatever_theta_is_stated(one, theta):
    found = checked(animals_of(one, 80, 1), animals_of(one, 60, 2, "r"), theta=theta)
    assert found.fit.passed and found.notice() is None
    assert abs(found.differentiation.fst) < 0.02 and found.theta < 0.02
    assert [one_.name for one_ in found.fit.statistics] == ["fst", "heterozygotes"]


def test_animals_of_another_population_do_not(one, other):
    found = checked(animals_of(other, 80, 1), animals_of(one, 60, 2, "r"))
    assert not found.fit.passed and found.fit.worst.name == "fst"
    assert "does not describe these animals: FST" in found.notice().message


def test_their_own_frequencies_are_checked_by_heterozygotes_alone(one):
    samples = animals_of(one, 80, 1)
    found = checked(samples, samples)
    assert found.differentiation is None and found.fit.passed
    assert [one_.name for one_ in found.fit.statistics] == ["heterozygotes"]


def test_more_dropout_than_stated_fails(one):
    names = [f"a{number}" for number in range(200)]
    bad = seen(one, profiles(one, [None] * 200, seed=1), names, dropout=0.25, seed=1)
    found = checked(bad, animals_of(one, 100, 2, "r"))
    assert not found.fit.passed and found.fit.worst.name == "heterozygotes"
    assert "dropped out" in found.notice().message


def test_copies_are_counted_from_numbers_of_genotypes(one):
    samples = animals_of(one, 30, 5)
    held = frequencies_of(samples)
    counted = allele_counts(held, held.genotypes_of(samples))
    expected = np.concatenate([raw * n for raw, n in zip(held.raw, held.copies)])
    assert counted.sum(axis=0) == pytest.approx(expected)
    assert set(np.unique(counted)) <= {0.0, 1.0, 2.0}


@pytest.mark.parametrize("count", [2, 5])
def test_typed_heterozygotes_are_those_of_the_tables(count):
    p, errors = (
        np.random.default_rng(count).dirichlet(np.full(count, 3.0)),
        LaboratoryErrors(0.1, 0.04),
    )
    true = np.diagonal(joint_table(p, RELATIONSHIPS["same"]))
    homozygotes = genotype_index(np.arange(count), np.arange(count))
    typed = 1 - (typed_given_true(count, errors) @ true)[homozygotes].sum()
    share = typed_heterozygotes(np.array(1 - (p**2).sum()), count, errors)
    assert float(share) == pytest.approx(typed)


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
