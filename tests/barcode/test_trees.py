"""Trees: walked here as scikit-learn walks them."""

import random

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from forensics.barcode import trees
from forensics.barcode.trees import Trees, grow


def simulated(size=400, seed=3):
    """Return SIMULATED samples whose truth depends on the first feature."""
    rng = random.Random(seed)
    x = [[rng.uniform(0, 10), rng.randrange(5), rng.random()] for _ in range(size)]
    y = [row[0] + rng.gauss(0, 2) > 5 for row in x]
    return x, y


def test_a_sum_of_trees_equals_that_of_scikit_learn(monkeypatch):
    x, y = simulated()
    models = []

    class Kept(HistGradientBoostingClassifier):
        def fit(self, *arguments, **options):
            models.append(self)
            return super().fit(*arguments, **options)

    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingClassifier", Kept)
    grown = grow(x, y, [1.0] * len(x), list(range(len(x))), [1, 0, 0])
    expected = models[-1].decision_function(np.array(x))
    assert [grown.margin(row) for row in x] == pytest.approx(expected, abs=1e-9)


def test_a_rising_feature_never_lowers_the_probability():
    x, y = simulated()
    grown = grow(x, y, [1.0] * len(x), list(range(len(x))), [1, 0, 0])
    line = [grown.probability([value / 10, 2, 0.5]) for value in range(101)]
    assert line == sorted(line)
    assert line[0] < 0.2 < 0.8 < line[-1]


def test_probabilities_survive_json():
    import json

    x, y = simulated()
    grown = grow(x, y, [1.0] * len(x), list(range(len(x))), [1, 0, 0])
    again = Trees(**json.loads(json.dumps(grown.to_dict())))
    assert [again.probability(row) for row in x] == [grown.probability(row) for row in x]


def test_the_same_samples_grow_the_same_trees():
    x, y = simulated()
    arguments = (x, y, [1.0] * len(x), list(range(len(x))), [1, 0, 0])
    assert grow(*arguments) == grow(*arguments)


def test_samples_that_are_all_alike_give_their_rate_and_no_certainty():
    grown = grow([[1.0]] * 8, [True] * 8, [1.0] * 8, list(range(8)), [0])
    assert grown.trees == []
    assert grown.probability([1.0]) == pytest.approx(9 / 10)  # Laplace: (8 + 1) / (8 + 2)


def test_the_walk_goes_left_where_the_feature_is_at_most_the_threshold():
    stump = Trees(0.0, 1.0, 0.0, [[[0, 2.0, 1, 2], [-1.0], [1.0]]])
    assert stump.margin([2.0]) == -1.0
    assert stump.margin([2.0000001]) == 1.0
    assert trees.__all__ == ["Trees", "grow"]
