"""FST and theta beside brute force over all pairs of copies, and on simulated drift."""

import itertools

import numpy as np
import pytest

from forensics.genetics.counts import (
    estimate_differentiation,
    estimate_theta_among,
    matching_within,
)

OFFSETS = np.array([0, 3, 5])


def drawn(shares, animals, random):
    """Return copies of alleles of simulated animals; shape (animals, A)."""
    return np.concatenate([random.multinomial(2, p, size=animals) for p in shares], axis=1).astype(
        float
    )


def brute_matching(animals, offsets, pairs):
    """Return matching of copies of pairs of animals, one after the other."""
    result = []
    for start, stop in itertools.pairwise(offsets):
        same = sum(float(animals[a, start:stop] @ animals[b, start:stop]) for a, b in pairs)
        all_ = sum(animals[a, start:stop].sum() * animals[b, start:stop].sum() for a, b in pairs)
        result.append(same / all_)
    return np.array(result)


@pytest.fixture(scope="module")
def animals():
    random = np.random.default_rng(1)
    held = drawn([[0.5, 0.3, 0.2], [0.6, 0.4]], 9, random)
    held[4, :3] = 0  # a locus that was not typed
    return held


def test_matching_is_that_of_all_pairs_of_different_animals(animals):
    pairs = list(itertools.combinations(range(9), 2))
    assert matching_within(animals, OFFSETS) == pytest.approx(
        brute_matching(animals, OFFSETS, pairs)
    )


def test_pairs_of_one_cluster_and_kin_are_left_out(animals):
    clusters, related = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]), (np.array([0, 3]), np.array([5, 4]))
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(9), 2)
        if clusters[a] != clusters[b] and (a, b) not in {(0, 5), (3, 4)}
    ]
    found = matching_within(animals, OFFSETS, clusters=clusters, related=related)
    assert found == pytest.approx(brute_matching(animals, OFFSETS, pairs))


def test_without_a_pair_of_animals_there_is_no_estimate(animals):
    assert np.isnan(matching_within(animals[:1], OFFSETS)).all()
    found = estimate_differentiation(animals[:1], animals.sum(axis=0), OFFSETS)
    assert np.isnan(found.fst) and found.loci == 0


@pytest.mark.parametrize("theta", [0.0, 0.05, 0.2])
def test_simulated_drift_is_found_again(theta):
    random, offsets = np.random.default_rng(3), np.arange(0, 301, 6)
    base = [random.dirichlet(np.full(6, 2.0)) for _locus in range(50)]
    own = base if not theta else [random.dirichlet(p * (1 - theta) / theta) for p in base]
    animals, reference = drawn(own, 200, random), drawn(base, 100, random)
    found = estimate_differentiation(animals, reference.sum(axis=0), offsets)
    assert found.loci == 50
    assert found.theta == pytest.approx(theta, abs=4 * found.theta_error)
    assert found.fst == pytest.approx(theta / 2, abs=4 * found.fst_error)
    assert found.theta_error < 0.03 and found.fst_error < 0.015


def test_theta_among_populations_of_a_structured_reference():
    random, offsets, theta = np.random.default_rng(4), np.arange(0, 601, 6), 0.1
    base = [random.dirichlet(np.full(6, 2.0)) for _locus in range(100)]
    counts = np.array([
        drawn([random.dirichlet(p * (1 - theta) / theta) for p in base], 60, random).sum(axis=0)
        for _population in range(8)
    ])  # fmt: skip
    found = estimate_theta_among(counts, offsets)
    assert found.theta == pytest.approx(theta, abs=0.02)
    assert np.isnan(estimate_theta_among(counts[:1], offsets).theta)
