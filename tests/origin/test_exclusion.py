from dataclasses import replace

import numpy as np
import pytest
from population_simulation import simulated_populations

from forensics.errors import UsageError
from forensics.genetics.counts import offsets_of
from forensics.origin.baseline import build_baseline
from forensics.origin.exclusion import exclude, fit_exclusion, moments
from forensics.origin.likelihood import own_rows
from forensics.origin.population_results import ExclusionTest


def reference(**options):
    genotypes = simulated_populations(**{"animals": 60, "loci": 12, "fst": 0.2, **options})
    baseline = build_baseline(genotypes)
    return genotypes, baseline, fit_exclusion(genotypes, baseline)


def test_moments_are_those_of_all_genotypes_written_out():
    y = np.array([[3.5, 1.5, 0.5]])
    n = y.sum()
    probabilities = [
        y[0, i] * (y[0, j] + (i == j)) * (1 if i == j else 2) / (n * (n + 1))
        for i in range(3)
        for j in range(i, 3)
    ]
    mean, variance = moments(y, offsets_of([("a", "b", "c")]))
    expected = sum(p * np.log(p) for p in probabilities)
    assert sum(probabilities) == pytest.approx(1)
    assert mean[0, 0] == pytest.approx(expected)
    assert variance[0, 0] == pytest.approx(
        sum(p * np.log(p) ** 2 for p in probabilities) - expected**2
    )


@pytest.mark.parametrize("level", [0.01, 0.05])
def test_animals_of_the_reference_are_excluded_no_more_often_than_stated(level):
    genotypes, baseline, fit = reference(populations=6)
    result = exclude(genotypes, baseline, fit, level=level, leave_one_out=True)
    own = result.p_values[np.arange(len(genotypes)), own_rows(genotypes, baseline)]
    assert (own <= level).mean() <= level
    assert result.excluded.mean() <= level


def test_under_the_model_the_simulated_p_value_is_near_uniform():
    genotypes, baseline, fit = reference(populations=6, animals=100)
    result = exclude(genotypes, baseline, fit, leave_one_out=True)
    own = result.simulated[np.arange(len(genotypes)), own_rows(genotypes, baseline)]
    assert 0.4 < own.mean() < 0.6
    assert (own <= 0.05).mean() < 0.09


def test_animals_of_a_population_that_is_not_there_are_excluded():
    genotypes = simulated_populations(populations=6, animals=60, loci=25, fst=0.3)
    names = np.array(genotypes.populations)
    kept = genotypes.take(names != "population5")
    baseline = build_baseline(kept)
    result = exclude(
        genotypes.take(names == "population5"), baseline, fit_exclusion(kept, baseline)
    )
    assert result.excluded.mean() > 0.9


def test_an_animal_without_typed_loci_is_never_excluded():
    genotypes, baseline, fit = reference()
    empty = replace(genotypes.take([0]), codes=np.full((1, 12, 2), -1, dtype=np.int16))
    result = exclude(empty, baseline, fit)
    assert result.p_any[0] == 1 and not result.excluded[0] and np.isnan(result.z).all()


def test_simulation_and_the_normal_distribution_agree_where_there_are_many_loci(monkeypatch):
    genotypes, baseline, fit = reference(loci=200, populations=3, animals=20)
    drawn = exclude(genotypes, baseline, fit, level=0.05, simulations=2000)
    monkeypatch.setattr("forensics.origin.exclusion.NORMAL_LOCI", 100)
    normal = exclude(genotypes, baseline, fit, level=0.05)
    assert normal.normal.all() and not drawn.normal.any()
    assert np.abs(normal.simulated - drawn.simulated).max() < 0.05


def test_the_same_seed_gives_the_same_p_values_and_batches_change_nothing():
    genotypes, baseline, fit = reference()
    one = exclude(genotypes, baseline, fit, seed=3)
    two = exclude(genotypes.take([5, 2]), baseline, fit, seed=3)
    assert np.array_equal(one.p_values[[5, 2]], two.p_values)


def test_a_level_that_the_reference_cannot_reach_is_refused():
    genotypes, baseline, _fit = reference(animals=10, populations=3)
    with pytest.raises(UsageError, match="cannot be reached"):
        exclude(genotypes, baseline, fit_exclusion(genotypes, baseline), level=0.01)


def test_haploid_loci_are_tested_too():
    genotypes, baseline, fit = reference(haploid=6)
    result = exclude(genotypes, baseline, fit, level=0.05, leave_one_out=True)
    assert np.isfinite(result.z).all()
    assert result.excluded.mean() <= 0.05


@pytest.mark.parametrize("p", [0.005, 0.5])
@pytest.mark.parametrize("sites", [False, True])
def test_a_p_value_is_never_worded_as_the_probability_of_an_origin(p, sites):
    text = ExclusionTest(0.01, p <= 0.01, p).in_words(12, sites=sites)
    assert "coming from" not in text and "12 reference" in text
    assert ("no probability of an origin" in text) == (p > 0.01)
    assert text.startswith("unlike") == (p <= 0.01)
