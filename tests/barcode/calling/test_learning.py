"""Learning: a curve measured on species that the trees did not see, and its error."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.calling.calibration import Curve
from forensics.barcode.calling.learning import fit_curve

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
    assert Curve.from_dict(curve.to_dict()) == curve
