"""Learning: whose turn it is, trees as scikit-learn walks them, and a curve measured on what they did not see."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from forensics.barcode.calling.calibration import Trees
from forensics.barcode.calling.learning import fit_curve, grow_and_try, in_turns

SPECIES = st.dictionaries(
    st.integers(0, 9), st.lists(st.integers(0, 99), min_size=1, max_size=6, unique=True), max_size=6
)


@given(SPECIES, st.integers(0, 2**32))
def test_every_haplotype_has_its_turn_once(of_species, seed):
    drawn = in_turns(of_species, random.Random(seed))
    assert sorted(drawn) == sorted((s, h) for s, held in of_species.items() for h in held)


@given(SPECIES, st.integers(0, 2**32))
def test_no_species_has_a_second_turn_before_each_had_its_first(of_species, seed):
    drawn = in_turns(of_species, random.Random(seed))
    assert {species for species, _ in drawn[: len(of_species)]} == of_species.keys()


def test_the_same_generator_draws_the_same():
    of_species = {1: [3, 4, 5], 2: [6, 7]}
    assert in_turns(of_species, random.Random(7)) == in_turns(of_species, random.Random(7))


# -- trees -----------------------------------------------------------------------------


def grow(*samples):
    """Return the trees that are grown on samples."""
    return grow_and_try(*samples)[0]


def graded(size=200, seed=3):
    """Return SIMULATED samples whose truth depends on the first feature."""
    rng = random.Random(seed)
    x = [[rng.uniform(0, 10), rng.randrange(5), rng.random()] for _ in range(size)]
    y = [row[0] + rng.gauss(0, 2) > 5 for row in x]
    return x, y


@pytest.mark.parametrize("size", [200, 1200])  # fewer and more values than bins
def test_a_sum_of_trees_equals_that_of_scikit_learn_with_bins_of_its_own(size, monkeypatch):
    x, _truth = graded(size)
    x += [[5.0, 1, row[2]] for row in x[: size // 3]]  # one value that many samples have
    y = [2 < row[0] < 7 for row in x]  # no line sees this
    weights = np.random.default_rng(1).uniform(0.1, 4, len(x))
    models = []

    class Kept(HistGradientBoostingClassifier):
        def fit(self, *arguments, **options):
            models.append(self)
            return super().fit(*arguments, **options)

    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingClassifier", Kept)
    grown = grow(x, y, weights.tolist(), list(range(len(x))), [0, 0, 0])
    assert grown.slope > 0
    plain = HistGradientBoostingClassifier(**models[-1].get_params())
    plain.fit(np.array(x), y, sample_weight=weights * len(weights) / weights.sum())
    expected = plain.decision_function(np.array(x))
    assert [grown.margin(row) for row in x] == pytest.approx(expected, abs=1e-9)
    split = {(node[0], node[1]) for tree in grown.trees for node in tree if len(node) > 1}
    assert split == {
        (int(node["feature_idx"]), float(node["num_threshold"]))
        for (tree,) in plain._predictors
        for node in tree.nodes
        if not node["is_leaf"]
    }


@pytest.fixture(scope="module")
def grown():
    x, y = graded()
    return grow(x, y, [1.0] * len(x), list(range(len(x))), [1, 0, 0])


def test_a_rising_feature_never_lowers_the_probability(grown):
    line = [grown.probability([value / 10, 2, 0.5]) for value in range(101)]
    assert line == sorted(line)
    assert line[0] < 0.2 < 0.8 < line[-1]


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
    x, y = graded()
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
    x, y = graded()
    light = grow(x, y, [0.01] * len(x), list(range(len(x))), [1, 0, 0])
    assert [light.probability(row) for row in x] == pytest.approx(
        [grown.probability(row) for row in x]
    )


# -- the curve -------------------------------------------------------------------------


PIECE, WHOLE = math.log(150), math.log(650)


def truth(log_odds, length):
    """Return the SIMULATED truth: trees that are too timid in the middle, and too sure of pieces."""
    bent = 1.15 * log_odds - 0.5 * np.tanh(log_odds + 2) + 0.3 * np.tanh(log_odds - 3)
    return bent * np.where((length == WHOLE) | (bent > 0), 1.0, 0.8)


def simulated(seed, known=1000, missing=1000):
    """Return what `fit_curve` takes, of as many known as missing species, and what to add to the truth for it."""
    rng = np.random.default_rng(seed)
    z = rng.choice([-2.8, 3.0], 4 * (known + missing)) + rng.normal(0, 1.3, 4 * (known + missing))
    length = rng.choice([PIECE, WHOLE], len(z))
    novel = rng.random(len(z)) < 1 / (1 + np.exp(-truth(z, length)))
    share = novel.mean()
    taken = np.concatenate([np.flatnonzero(~novel)[:known], np.flatnonzero(novel)[:missing]])
    weights = np.where(novel[taken], 1 / missing, 1 / known)
    samples = z[taken], novel[taken], weights, length[taken], (known, missing)
    return samples, -math.log(share / (1 - share))


def test_what_the_trees_say_too_timidly_or_too_surely_is_put_right():
    samples, shift = simulated(1, 4000, 4000)
    curve = fit_curve(*samples)
    for length in (PIECE, WHOLE):
        for log_odds in (-4.0, -2.5, -1.0, 1.0, 3.0):
            value, error = curve.at(log_odds, length)
            assert value == pytest.approx(truth(log_odds, length) + shift, abs=0.45)
            assert 0 < error < 0.5
    assert curve.at(-4.0, PIECE)[0] > curve.at(-4.0, WHOLE)[0] + 0.3


def test_between_two_lengths_lies_what_is_between_them():
    curve = fit_curve(*simulated(2)[0])
    piece, middle, whole = (curve.at(-3.0, length)[0] for length in (PIECE, math.log(312), WHOLE))
    assert whole < middle < piece
    assert curve.at(-3.0, math.log(90)) == curve.at(-3.0, PIECE)
    assert curve.at(-3.0, math.log(1500)) == curve.at(-3.0, WHOLE)


def test_more_species_make_the_error_smaller():
    few, many = (fit_curve(*simulated(3, n, n)[0]) for n in (100, 2000))
    assert all(many.at(z, WHOLE)[1] < few.at(z, WHOLE)[1] for z in (-3.0, 0.0, 3.0))


def test_where_no_missing_species_was_seen_it_claims_no_more_than_so_many_species_can_show():
    n = 200
    z = np.concatenate([np.linspace(-9, -5, n), np.linspace(5, 9, n)])
    missing = z > 0
    curve = fit_curve(z, missing, np.full(2 * n, 1 / n), np.full(2 * n, WHOLE), (n, n))
    value, error = curve.at(-9.0, WHOLE)
    assert math.exp(value + 1.96 * error) > 1 / n


@pytest.mark.slow
def test_the_interval_holds_the_simulated_truth_in_93_to_97_of_100():
    held = []
    for seed in range(60):
        samples, shift = simulated(seed, 400, 400)
        curve = fit_curve(*samples)
        rng = np.random.default_rng(1000 + seed)
        for place in rng.choice(len(samples[0]), 100):
            value, error = curve.at(samples[0][place], samples[3][place])
            off = value - truth(samples[0][place], samples[3][place]) - shift
            held.append(abs(off) <= 1.96 * error)
    assert 0.93 <= np.mean(held) <= 0.97


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.booleans(), st.floats(4, 7)), min_size=1, max_size=40),
    st.floats(-12, 12), st.floats(0, 5), st.floats(3, 8), st.floats(0, 3),
)  # fmt: skip
def test_higher_odds_never_become_lower_nor_does_a_longer_query_say_less(
    samples, log_odds, more, length, longer
):
    z, missing, lengths = map(list, zip(*samples))
    curve = fit_curve(z, missing, [1 / len(z)] * len(z), lengths, (30, 30))
    value, error = curve.at(log_odds, length)
    assert math.isfinite(value) and error > 0
    assert curve.at(log_odds + more, length)[0] >= value - 1e-9
    assert curve.at(log_odds, length + longer)[0] <= value + 1e-9
