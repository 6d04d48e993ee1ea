"""Whether frequencies describe animals: simulated animals of the reference, and of other populations."""

import numpy as np
import pytest
from individual_simulation import frequencies, profiles, seen

from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import (
    RELATIONSHIPS,
    LaboratoryErrors,
    genotype_index,
    joint_table,
    typed_given_true,
)
from forensics.individual.reference_fit import allele_counts, check_reference, typed_heterozygotes

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
