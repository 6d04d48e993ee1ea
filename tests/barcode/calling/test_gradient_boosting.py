"""Trees: walked here as scikit-learn walks them."""

import math
import random

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from forensics.barcode.calling.calibration import Trees
from forensics.barcode.calling.learning import grow_and_try


def grow(*samples):
    """Return the trees that are grown on samples."""
    return grow_and_try(*samples)[0]


def simulated(size=200, seed=3):
    """Return SIMULATED samples whose truth depends on the first feature."""
    rng = random.Random(seed)
    x = [[rng.uniform(0, 10), rng.randrange(5), rng.random()] for _ in range(size)]
    y = [row[0] + rng.gauss(0, 2) > 5 for row in x]
    return x, y


def test_a_sum_of_trees_equals_that_of_scikit_learn(monkeypatch):
    x, _truth = simulated()
    y = [2 < row[0] < 7 for row in x]  # no line sees this
    models = []

    class Kept(HistGradientBoostingClassifier):
        def fit(self, *arguments, **options):
            models.append(self)
            return super().fit(*arguments, **options)

    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingClassifier", Kept)
    grown = grow(x, y, [1.0] * len(x), list(range(len(x))), [0, 0, 0])
    assert grown.slope > 0
    expected = models[-1].decision_function(np.array(x))
    assert [grown.margin(row) for row in x] == pytest.approx(expected, abs=1e-9)


@pytest.fixture(scope="module")
def grown():
    x, y = simulated()
    return grow(x, y, [1.0] * len(x), list(range(len(x))), [1, 0, 0])


def test_a_rising_feature_never_lowers_the_probability(grown):
    line = [grown.probability([value / 10, 2, 0.5]) for value in range(101)]
    assert line == sorted(line)
    assert line[0] < 0.2 < 0.8 < line[-1]


def test_probabilities_survive_json(grown):
    import json

    x, _truth = simulated()
    again = Trees(**json.loads(json.dumps(grown.to_dict())))
    assert [again.probability(row) for row in x] == [grown.probability(row) for row in x]


def test_samples_that_are_all_alike_give_their_rate_and_no_certainty():
    grown = grow([[1.0]] * 8, [True] * 8, [1.0] * 8, list(range(8)), [0])
    assert grown.trees == []
    assert grown.probability([1.0]) == pytest.approx(9 / 10)  # Laplace: (8 + 1) / (8 + 2)


def test_the_walk_goes_left_where_the_feature_is_at_most_the_threshold():
    stump = Trees(0.0, 1.0, 0.0, [], [[[0, 2.0, 1, 2], [-1.0], [1.0]]])
    assert stump.margin([2.0]) == -1.0
    assert stump.margin([2.0000001]) == 1.0


def test_the_line_adds_to_the_trees():
    both = Trees(0.5, 2.0, 0.25, [3.0, -1.0], [])
    assert math.log(both.odds([1.0, 2.0, 9.0])) == pytest.approx(2 * 0.5 + 3 - 2 + 0.25)


def test_a_line_against_its_sign_has_no_weight():
    x, y = simulated()
    turned = grow(x, y, [1.0] * len(x), list(range(len(x))), [-1, 0, 0])
    assert turned.line[0] == 0.0
    line = [turned.probability([value / 10, 2, 0.5]) for value in range(101)]
    assert line == sorted(line, reverse=True)


def test_few_samples_are_decided_by_the_line_and_many_by_the_trees():
    def share_of_the_line(size):
        rng = random.Random(4)
        # SIMULATED: a step, which many samples show and few do not.
        x = [[rng.uniform(0, 10), 0.0, rng.random()] for _ in range(size)]
        y = [rng.random() < (0.95 if row[0] > 6 else 0.05) for row in x]
        grown = grow(x, y, [1.0] * size, list(range(size)), [1, 0, 0])
        ends = [[0.0, 0.0, 0.5], [10.0, 0.0, 0.5]]
        straight = grown.line[0] * 10
        return straight / (straight + grown.slope * (grown.margin(ends[1]) - grown.margin(ends[0])))

    assert share_of_the_line(50) > 0.5
    assert share_of_the_line(800) < 0.2


def test_weights_count_only_relative_to_each_other(grown):
    x, y = simulated()
    light = grow(x, y, [0.01] * len(x), list(range(len(x))), [1, 0, 0])
    assert [light.probability(row) for row in x] == pytest.approx(
        [grown.probability(row) for row in x]
    )
