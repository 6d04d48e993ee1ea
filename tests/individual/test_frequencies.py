"""Which theta is used, and whether ratios are right with it where the reference is structured."""

import numpy as np
import pytest

from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import (
    MIN_ANIMALS,
    choose_theta,
    frequencies_of,
    theta_of_parameters,
)
from forensics.individual.kinship import RELATIONSHIPS, log10_ratio, ratio_tables
from forensics.individual.options import THETA, LaboratoryErrors

LOCI, ALLELES, POPULATIONS, ANIMALS = 16, 8, 10, 30


def drawn_frequencies(fst, seed):
    """Return SIMULATED allele frequencies of populations, by the model of Balding & Nichols."""
    random = np.random.default_rng(seed)
    ancestral = random.dirichlet(np.full(ALLELES, 2.0), size=LOCI)
    if not fst:
        return np.repeat(ancestral[None], POPULATIONS, axis=0)
    weight = (1 - fst) / fst
    return np.array(
        [
            [random.dirichlet(np.maximum(p * weight, 1e-6)) for p in ancestral]
            for _ in range(POPULATIONS)
        ]
    )


def animals_of(populations, each, seed, *, named=True):
    """Return SIMULATED unrelated animals of every population."""
    random = np.random.default_rng(seed)
    codes = np.concatenate(
        [
            # The alleles that random.choice(ALLELES, 2, p=p) would draw locus by locus.
            (limits[:, None] <= random.random((each, LOCI, 2, 1))).sum(axis=-1, dtype=np.int16)
            for limits in np.cumsum(populations, axis=2)
            / np.sum(populations, axis=2, keepdims=True)
        ]
    )
    labels = tuple(f"P{number}" for number in range(len(populations)) for _ in range(each))
    return Genotypes(
        tuple(f"a{number}" for number in range(len(codes))),
        tuple(f"L{number}" for number in range(LOCI)),
        tuple(tuple(str(100 + 2 * k) for k in range(ALLELES)) for _ in range(LOCI)),
        np.sort(codes, axis=2),
        populations=labels if named else None,
    )


@pytest.mark.parametrize("fst", [0.05, 0.10, 0.20])
def test_theta_is_estimated_where_the_reference_names_its_populations(fst):
    theta = choose_theta(animals_of(drawn_frequencies(fst, 1), ANIMALS, 2))
    assert theta.source == "reference" and theta.populations == POPULATIONS
    assert abs(theta.value - fst) < max(0.02, 4 * theta.error)
    assert theta.parameters()["theta"] == theta.value
    assert "estimated from 10 populations of the reference" in theta.explanation()


def test_the_default_is_used_where_the_populations_differ_less():
    theta = choose_theta(animals_of(drawn_frequencies(0.0, 1), ANIMALS, 2))
    assert (theta.value, theta.source) == (THETA, "default")
    assert theta.estimate < THETA
    assert "populations of the reference show less" in theta.explanation()


def test_the_default_is_used_where_populations_are_not_known_or_too_small():
    reference = animals_of(drawn_frequencies(0.1, 1), ANIMALS, 2, named=False)
    assert choose_theta(reference).source == "default"
    few = animals_of(drawn_frequencies(0.1, 1), MIN_ANIMALS - 1, 2)
    assert (choose_theta(few).value, choose_theta(few).estimate) == (THETA, None)


def test_what_is_stated_is_used_as_it_is():
    reference = animals_of(drawn_frequencies(0.1, 1), ANIMALS, 2)
    assert (choose_theta(reference, 0.0).value, choose_theta(reference, 0.0).source) == (
        0.0,
        "stated",
    )
    with pytest.raises(UsageError, match="expected a number from 0 to below 1"):
        choose_theta(reference, 1.0)


def ratios_of_unrelated(fst, seed, pairs, *, theta=None):
    """Return ratios of full sibs of SIMULATED unrelated pairs, each of one population."""
    populations = drawn_frequencies(fst, seed)
    reference = animals_of(populations, ANIMALS, seed + 1)
    held = frequencies_of(reference)
    used = choose_theta(reference).value if theta is None else theta
    tables = ratio_tables(
        held, RELATIONSHIPS["full_sibs"], theta=used, mutation=0.0, errors=LaboratoryErrors()
    )
    each = pairs // POPULATIONS * 2
    codes = held.genotypes_of(animals_of(populations, each, seed + 2))
    return 10 ** log10_ratio(tables, codes[0::2], codes[1::2])


def check_of_unrelated(fst, seeds, pairs):
    ratios = np.concatenate([ratios_of_unrelated(fst, seed, pairs) for seed in seeds])
    return float(ratios.mean()), float((ratios > 100).mean())


@pytest.mark.parametrize("fst", [0.0, 0.05, 0.10])
def test_unrelated_animals_of_one_population_do_not_look_like_full_sibs(fst):
    mean, share = check_of_unrelated(fst, [10, 20], 2000)
    assert mean < 1.5  # about 1, or less: the mean of a ratio where the denominator is true
    assert share <= 0.01


def test_with_the_default_theta_alone_they_would():
    ratios = ratios_of_unrelated(0.10, 10, 2000, theta=THETA)
    assert ratios.mean() > 3


@pytest.mark.slow
@pytest.mark.parametrize("fst", [0.0, 0.05, 0.10])
def test_the_mean_ratio_of_unrelated_pairs_is_about_one(fst, record_property):
    mean, share = check_of_unrelated(fst, range(100, 400, 10), 10_000)
    record_property("mean", mean)
    record_property("above 100", share)
    assert mean < 1.2 and share <= 0.01


def test_a_theta_is_recorded_again_as_it_was_recorded():
    reference = animals_of(drawn_frequencies(0.1, 1), ANIMALS, 2)
    for theta in (choose_theta(reference), choose_theta(reference, 0.01)):
        assert theta_of_parameters(theta.parameters()).parameters() == theta.parameters()
    # A script may not say where its theta is from; numbers of a ledger may be texts.
    assert theta_of_parameters({"theta": "0.03"}).parameters() == {"theta": 0.03}
