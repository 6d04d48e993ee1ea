from dataclasses import replace

import numpy as np
import pytest
from population_simulation import simulated_populations

from forensics.errors import UsageError
from forensics.genetics.counts import offsets_of
from forensics.origin.assignment import build_baseline, own_rows
from forensics.origin.exclusion import exclude, fit_exclusion, moments
from forensics.origin.results import ExclusionPower, ExclusionTest
from forensics.stats import Rate, wilson


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
    assert not np.array_equal(normal.simulated, drawn.simulated)
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


def test_the_power_is_that_of_references_from_which_whole_populations_were_taken_out():
    genotypes = replace(reference(populations=6, fst=0.1)[0], units=None)
    baseline = build_baseline(genotypes)
    fit = fit_exclusion(genotypes, baseline)
    names = np.array(genotypes.populations)
    excluded = []
    for name in baseline.populations:
        kept = genotypes.take(names != name)
        smaller = build_baseline(kept)
        result = exclude(
            genotypes.take(names == name), smaller, fit_exclusion(kept, smaller), level=0.05
        )
        excluded.extend(result.excluded)
    power = fit.power(0.05)
    assert power.removed == "population" and power.groups == 6 and power.noticed.total == 360
    assert power.noticed.share == pytest.approx(np.mean(excluded), abs=0.03)
    assert 0.2 < power.noticed.share < 0.9


def test_the_false_rate_beside_the_power_is_at_most_the_level_and_near_it():
    _genotypes, _baseline, fit = reference(populations=6, animals=100)
    for level in (0.01, 0.05, 0.1):
        falsely = fit.power(level).falsely
        assert 0.5 * level <= falsely.share <= level


def test_populations_that_do_not_differ_give_no_power():
    _genotypes, _baseline, fit = reference(populations=6, fst=0.002)
    power = fit.power(0.05)
    assert power.noticed.share < 0.1 and not power.suffices


def test_whole_units_are_removed_where_there_are_three():
    genotypes = simulated_populations(populations=6, animals=30, loci=12, fst=0.2)
    units = {
        name: f"unit {place // 2}" for place, name in enumerate(sorted(set(genotypes.populations)))
    }
    baseline = build_baseline(genotypes, units=units)
    power = fit_exclusion(genotypes, baseline).power(0.05)
    assert power.removed == "unit" and power.groups == 3


def test_new_animals_of_the_reference_are_excluded_no_more_often_than_stated():
    genotypes = simulated_populations(populations=5, animals=160, loci=12, fst=0.15)
    half = np.arange(len(genotypes)) % 2 == 0
    known = genotypes.take(half)
    baseline = build_baseline(known)
    result = exclude(genotypes.take(~half), baseline, fit_exclusion(known, baseline), level=0.05)
    assert 0.02 < result.excluded.mean() < 0.08


def test_animals_with_few_typed_loci_are_not_excluded_for_that():
    genotypes = simulated_populations(populations=5, animals=120, loci=24, fst=0.2)
    half = np.arange(len(genotypes)) % 2 == 0
    known, new = genotypes.take(half), genotypes.take(~half)
    codes = new.codes.copy()
    codes[:, 8:] = -1
    baseline = build_baseline(known)
    result = exclude(
        replace(new, codes=codes), baseline, fit_exclusion(known, baseline), level=0.05
    )
    assert result.excluded.mean() < 0.1


def test_an_allele_that_no_reference_animal_has_speaks_for_elsewhere():
    genotypes, baseline, fit = reference(populations=5, loci=12)
    own = genotypes.take([0])
    strange = replace(
        own,
        alleles=tuple((*names, "never seen") for names in own.alleles),
        codes=np.where(
            np.arange(12)[None, :, None] < 5,
            np.array([len(names) for names in own.alleles])[None, :, None],
            own.codes,
        ).astype(np.int16),
    )
    p_own, p_strange = (exclude(animal, baseline, fit).p_any[0] for animal in (own, strange))
    assert p_strange <= 0.01 < p_own


def power_of(noticed, total):
    low, high = wilson(noticed / total, total)
    return ExclusionPower(
        "population",
        10,
        Rate(noticed, total, low, high, total),
        Rate(5, 100, *wilson(0.05, 100), 100),
    )


@pytest.mark.parametrize(
    ("power", "label", "words"),
    [
        (None, "Not excluded", "is not known"),
        (power_of(30, 100), "Not excluded", "detects 30.0% of animals from elsewhere"),
        (power_of(83, 100), "Not excluded", "detects 83.0%"),  # the interval reaches below 0.8
        (power_of(95, 100), "Fits", "detects 95.0%"),
    ],
)
def test_fits_is_said_only_where_the_test_would_have_noticed(power, label, words):
    test = ExclusionTest(0.05, False, 0.4, power=power)
    assert test.label() == label and words in test.in_words(12)
    assert ExclusionTest(0.05, True, 0.01, power=power).label() == "Excluded"


@pytest.mark.parametrize("p", [0.005, 0.5])
@pytest.mark.parametrize("sites", [False, True])
def test_a_p_value_is_never_worded_as_the_probability_of_an_origin(p, sites):
    text = ExclusionTest(0.01, p <= 0.01, p).in_words(12, sites=sites)
    assert "coming from" not in text and "12 reference" in text
    assert ("not a probability of origin" in text) == (p > 0.01)
    assert text.startswith("unlike") == (p <= 0.01)


def test_genotypes_of_two_alleles_have_the_probabilities_of_the_general_formula():
    from forensics.origin.exclusion import _genotypes

    y = np.random.default_rng(1).uniform(0.1, 30, (4, 7, 2))
    n = y.sum(axis=2)
    by_hand = np.stack(
        [y[..., 0] * (y[..., 0] + 1), 2 * y[..., 0] * y[..., 1], y[..., 1] * (y[..., 1] + 1)], axis=2
    ) / (n * (n + 1))[..., None]  # fmt: skip
    assert _genotypes(y, 2) == pytest.approx(by_hand)
    assert _genotypes(y, 2).sum(axis=2) == pytest.approx(np.ones((4, 7)))


def test_of_many_loci_fewer_animals_calibrate_the_exclusion(monkeypatch):
    from forensics.origin import exclusion

    genotypes, baseline, everyone = reference()
    monkeypatch.setattr(exclusion, "_MAX_DOSES", 20 * int(baseline.offsets[-1]))
    monkeypatch.setattr(exclusion, "_MIN_CALIBRATION", 10)
    some = exclusion.fit_exclusion(genotypes, baseline)
    assert (len(everyone.z), len(some.z)) == (len(genotypes), 20)
    assert set(some.animals) < set(everyone.animals)
