"""Three genotypes at a locus, against full counts and published formulae."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.individual.kinship import (
    HYPOTHESES,
    LaboratoryErrors,
    TrioLocus,
    exclusion_probabilities,
    genotype_count,
    genotype_index,
)

P = np.array([0.1, 0.2, 0.3, 0.4])


def number(a, b):
    return int(genotype_index(min(a, b), max(a, b)))


def ratio(theta, child, dam, sire, against="dam"):
    locus = TrioLocus(P, theta=theta)
    found = locus.likelihoods(number(*child), number(*dam), number(*sire))
    return found[0] / found[HYPOTHESES.index(against)]


@pytest.mark.parametrize("theta", [0.0, 0.03])
def test_paternity_index_with_theta_follows_evett_and_weir(theta):
    p = P[1]
    assert ratio(theta, (0, 1), (0, 0), (1, 1)) == pytest.approx(
        (1 + 3 * theta) / (2 * theta + (1 - theta) * p)
    )
    assert ratio(theta, (0, 1), (0, 0), (1, 2)) == pytest.approx(
        (1 + 3 * theta) / (2 * (theta + (1 - theta) * p))
    )
    assert ratio(theta, (0, 0), (0, 0), (0, 0)) == pytest.approx(
        (1 + 3 * theta) / (4 * theta + (1 - theta) * P[0])
    )


def test_a_trio_that_mendel_forbids_is_impossible_without_errors_and_mutation():
    assert ratio(0.0, (2, 3), (0, 0), (1, 1), "neither") == 0
    loose = TrioLocus(P, mutation=0.001)
    assert loose.likelihoods(number(1, 2), number(0, 0), number(1, 1))[0] > 0


@settings(max_examples=30)
@given(st.floats(0, 0.3), st.floats(0, 0.1), st.floats(0, 0.3), st.floats(0, 0.3))
def test_every_hypothesis_sums_to_1_over_all_typings(theta, mutation, dropout, mistyping):
    locus = TrioLocus(
        np.array([0.2, 0.3, 0.5]), theta, mutation, LaboratoryErrors(dropout, mistyping)
    )
    size = genotype_count(3)
    total = sum(locus.likelihoods(*one) for one in itertools.product(range(size), repeat=3))
    assert np.allclose(total, 1)


@settings(max_examples=30)
@given(st.floats(0, 0.3), st.tuples(*[st.integers(-1, 9)] * 3))
def test_dam_and_sire_can_be_exchanged(theta, trio):
    locus = TrioLocus(P, theta, 0.01, LaboratoryErrors(0.1, 0.02))
    child, dam, sire = trio
    one, two = locus.likelihoods(child, dam, sire), locus.likelihoods(child, sire, dam)
    assert np.allclose(one, two[[0, 2, 1, 3]])


def test_without_a_sire_a_trio_is_a_parent_and_its_offspring():
    from forensics.individual.kinship import RELATIONSHIPS, joint_table

    errors = LaboratoryErrors(0.1, 0.02)
    locus = TrioLocus(P, 0.02, 0.0, errors)
    pair = joint_table(P, RELATIONSHIPS["parent"], theta=0.02, first=errors, second=errors)
    none = joint_table(P, RELATIONSHIPS["unrelated"], theta=0.02, first=errors, second=errors)
    for child, dam in itertools.product(range(10), repeat=2):
        found = locus.likelihoods(child, dam, -1)
        assert found[0] == pytest.approx(pair[child, dam])
        assert found[3] == pytest.approx(none[child, dam])


def test_exclusion_probabilities_by_a_full_count():
    p = np.array([0.2, 0.3, 0.5])
    locus = TrioLocus(p)
    genotypes = [(a, b) for b in range(3) for a in range(b + 1)]
    chance = {number(a, b): p[a] * p[b] * (1 + (a != b)) for a, b in genotypes}
    one = second = pair = 0.0
    for child, dam, sire in itertools.product(chance, repeat=3):
        not_dam, _not_sire, not_both = locus.mismatches(child, dam, sire)
        random = chance[child] * chance[dam] * chance[sire]
        one += random * not_dam
        pair += random * not_both
        mother_true = locus.likelihoods(child, dam, sire)[HYPOTHESES.index("dam")]
        second += mother_true * not_both
    assert exclusion_probabilities(p) == pytest.approx((one, second, pair))


def test_mismatches_of_what_was_not_typed_are_none():
    locus = TrioLocus(P)
    assert locus.mismatches(-1, 0, 0) == (False, False, False)
    assert locus.mismatches(number(1, 2), number(0, 0), -1) == (True, False, False)
    assert locus.mismatches(number(0, 1), number(0, 1), number(2, 3)) == (False, True, True)
    # Each could be a parent, both together could not.
    assert locus.mismatches(number(0, 1), number(0, 2), number(0, 3)) == (False, False, True)


def test_simulated_trios_have_the_probabilities_of_the_table():
    locus = TrioLocus(np.array([0.4, 0.6]), 0.02, 0.01, LaboratoryErrors(0.2, 0.05))
    count = 200_000
    trios = np.stack(locus.simulated(np.random.default_rng(1), count))
    for one in itertools.product(range(3), repeat=3):
        share = (trios == np.array(one)[:, None]).all(axis=0).mean()
        expected = locus.likelihoods(*one)[0]
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected / count) + 1e-6)


def test_rates_of_mismatches_are_those_counted_one_by_one():
    locus = TrioLocus(P, 0.02, 0.01, LaboratoryErrors(0.2, 0.05))
    trios = locus.simulated(np.random.default_rng(2), 500)
    counted = np.mean([locus.mismatches(*map(int, one)) for one in zip(*trios)], axis=0)
    assert np.allclose(locus.mismatch_rates(*trios), counted) and counted[2] > 0


def test_mismatches_of_all_trios_by_hand():
    locus, alleles = TrioLocus(P), {-1: None}
    alleles |= {number(a, b): (a, b) for b in range(4) for a in range(b + 1)}
    for trio in itertools.product(alleles, repeat=3):
        child, dam, sire = (alleles[one] for one in trio)
        if child is None:
            assert locus.mismatches(*trio) == (False, False, False)
            continue
        not_dam, not_sire = (known and not set(child) & set(known) for known in (dam, sire))
        pairs = itertools.product(dam or (), sire or ())
        not_both = dam and sire and not any(sorted(pair) == sorted(child) for pair in pairs)
        expected = tuple(map(bool, (not_dam, not_sire, not_both)))
        assert locus.mismatches(*trio) == expected, trio


def test_a_locus_of_one_allele_says_nothing():
    locus = TrioLocus(np.array([1.0]), theta=0.03, mutation=0.01)
    assert locus.likelihoods(0, 0, 0) == pytest.approx(1)
    assert locus.likelihoods(0, -1, 0) == pytest.approx(1)


def test_what_is_kept_of_trios_is_given_up_and_computed_again(monkeypatch):
    monkeypatch.setattr("forensics.individual.kinship._REMEMBERED", 2)
    locus = TrioLocus(P)
    wanted = {trio: locus._computed(*trio) for trio in itertools.product(range(2), repeat=3)}
    sizes = []
    for trio in [*wanted, *wanted]:
        assert np.array_equal(locus.likelihoods(*trio), wanted[trio])
        sizes.append(len(locus._known))
    assert max(sizes) == 2


def test_simulated_animals_of_no_declared_parents_are_drawn_from_the_population():
    locus = TrioLocus(np.array([0.3, 0.7]), errors=LaboratoryErrors(0.1, 0.02))
    count = 100_000
    trios = np.stack(locus.simulated(np.random.default_rng(3), count, truth="neither"))
    for one in itertools.product(range(3), repeat=3):
        share = (trios == np.array(one)[:, None]).all(axis=0).mean()
        expected = locus.likelihoods(*one)[HYPOTHESES.index("neither")]
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected / count) + 1e-6)


def test_what_mutates_is_taken_from_what_does_not():
    locus = TrioLocus(np.array([0.4, 0.6]), theta=0.03, mutation=0.05)
    total = sum(locus.likelihoods(*trio) for trio in itertools.product(range(3), repeat=3))
    assert total == pytest.approx(1)
