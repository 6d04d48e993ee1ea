import numpy as np
import pytest
from population_simulation import simulated_populations

from forensics.core.notice import codes_of
from forensics.errors import InputError, UsageError
from forensics.origin.populations import evaluate_populations, folds_of


@pytest.mark.parametrize("folds", [None, 5])
@pytest.mark.parametrize("method", ["rannala_mountain", "shrunk"])
def test_rates_rows_and_confusion_tell_the_same(method, folds):
    genotypes = simulated_populations(populations=4, animals=25, fst=0.15)
    result = evaluate_populations(genotypes, method=method, folds=folds)
    assert result.population.count == result.right.sum() == np.trace(result.confusion)
    assert result.population.total == 100 == result.confusion.sum()
    assert result.unit.count == result.unit_right.sum() >= result.population.count
    assert sum(row.right.count for row in result.rows) == result.population.count
    assert all(row.small for row in result.rows)
    assert sum(one.count for one in result.reliability) == 100
    assert result.population.low < result.population.share < result.population.high
    assert result.scheme == ("leave-one-out" if folds is None else "5-fold")


def test_small_baselines_are_warned_of():
    small = evaluate_populations(simulated_populations(animals=49))
    assert "SMALL_POPULATIONS" in codes_of(small.notices)
    large = evaluate_populations(simulated_populations(animals=50))
    assert not large.notices and not any(row.small for row in large.rows)


def test_where_there_is_nothing_to_tell_the_rate_is_that_of_chance():
    genotypes = simulated_populations(populations=4, animals=100, fst=1e-4)
    assert 0.15 < evaluate_populations(genotypes).population.share < 0.35


def test_posteriors_under_the_model_are_true():
    genotypes = simulated_populations(populations=6, animals=120, loci=8, fst=0.08, missing=0)
    for one in evaluate_populations(genotypes, folds=10).reliability:
        low, high = one.interval
        assert low - 0.05 <= one.stated <= high + 0.05


def test_folds_hold_each_animal_once_and_spread_the_populations():
    own = np.repeat(np.arange(5), [20, 20, 30, 10, 7])
    held = list(folds_of(own, 5))
    assert sorted(np.concatenate(held)) == list(range(87))
    for rows in held:
        assert np.abs(np.bincount(own[rows], minlength=5) - np.bincount(own) / 5).max() < 1
    with pytest.raises(UsageError, match="folds"):
        list(folds_of(own, 1))


def test_without_populations_there_is_nothing_to_evaluate():
    genotypes = simulated_populations()
    with pytest.raises(InputError, match="no animal has a population"):
        evaluate_populations(genotypes.take([]))
