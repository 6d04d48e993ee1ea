"""Intervals and calibration against published values and against scipy."""

import random
import subprocess
import sys
from math import comb
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forensics.age.radiocarbon import highest_density
from forensics.core.stored import from_stored
from forensics.custody.findings import canonical_value
from forensics.origin.geography import make_grid, surface_from_log
from forensics.stats import (
    _Z_OF_LEVEL,
    LEVEL,
    Rate,
    binomial_upper,
    by_value,
    calibration_error,
    clustered_rate,
    descending,
    effective_draws,
    effective_size,
    evenly_spaced,
    folded_r_hat,
    greatest,
    hypergeometric_lower,
    poisson_interval,
    poisson_upper,
    ranked,
    reaches,
    reliability,
    smallest_set,
    split_r_hat,
    threshold,
    wilson,
)


# Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E,
# table I, method 3 (score without continuity correction).
@pytest.mark.parametrize(
    "count, total, low, high",
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_that_of_newcombe(count, total, low, high):
    found = wilson(count / total, total)
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_quantile_of_the_usual_level_is_that_of_the_normal_distribution():
    assert NormalDist().cdf(_Z_OF_LEVEL) == pytest.approx((1 + LEVEL) / 2, rel=1e-15)
    assert wilson(0.3, 50) == pytest.approx(wilson(0.3, 50, level=LEVEL + 1e-12), rel=1e-10)


def test_wilson_is_that_of_scipy():
    for count, total in ((0, 5), (3, 7), (7, 7), (50, 1000), (999, 1000)):
        expected = stats.binomtest(count, total).proportion_ci(method="wilson")
        assert wilson(count / total, total) == pytest.approx((expected.low, expected.high))


def test_nothing_counted_says_nothing():
    assert wilson(0.0, 0) == (0.0, 1.0)
    rate = clustered_rate([])
    assert rate.share is None and (rate.low, rate.high) == (0.0, 1.0)


def test_the_upper_limit_of_a_share_is_that_of_clopper_and_pearson():
    for count, total in ((0, 60), (1, 7), (6, 7), (3, 1000)):
        test = stats.binomtest(count, total, alternative="less")
        expected = test.proportion_ci(confidence_level=0.95, method="exact").high
        assert binomial_upper(count, total) == pytest.approx(expected, rel=1e-9)
    assert binomial_upper(7, 7) == binomial_upper(0, 0) == 1.0


def test_limits_of_a_count_leave_the_tails_that_they_say():
    for count in (1, 4, 100):
        low, high = poisson_interval(count)
        assert stats.poisson.sf(count - 1, low) == pytest.approx(0.025)
        assert stats.poisson.cdf(count, high) == pytest.approx(0.025)
        assert stats.poisson.cdf(count, poisson_upper(count)) == pytest.approx(0.05)
    assert poisson_interval(0)[0] == 0.0


def test_single_observations_give_the_plain_interval():
    rate = clustered_rate([[True]] * 8 + [[False]] * 2)
    assert (rate.count, rate.total, rate.size) == (8, 10, 10)
    assert (rate.low, rate.high) == wilson(0.8, 10)


def test_copies_of_an_observation_are_one_observation():
    """Every species with four like records is worth one record a species."""
    rate = clustered_rate([[True] * 4] * 8 + [[False] * 4] * 2)
    assert rate.total == 40
    assert rate.size == pytest.approx(9)  # the variance of ten clusters has nine degrees
    unanimous = clustered_rate([[False] * 4] * 10)
    assert unanimous.size == 10 and unanimous.high == wilson(0, 10)[1]


def test_clustered_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = random.Random(3)
    held = 0
    for _trial in range(400):
        clusters = []
        for _cluster in range(60):
            share = rng.betavariate(2, 2)
            clusters.append([rng.random() < share for _ in range(5)])
        rate = clustered_rate(clusters)
        held += rate.low <= 0.5 <= rate.high
    assert 0.92 <= held / 400 <= 0.98


def test_effective_size_of_unequal_weights_is_smaller():
    assert effective_size([1, 1, 1, 1]) == 4
    assert effective_size([3, 1]) == pytest.approx(1.6)
    assert effective_size([]) == 0


def test_reliability_of_true_probabilities_has_a_small_error():
    rng = random.Random(1)
    stated = [rng.random() for _ in range(20000)]
    true = [rng.random() < p for p in stated]
    bins = reliability(stated, true, [1.0] * len(stated), edges=[0, 0.25, 0.5, 0.75, 1])
    assert sum(one.count for one in bins) == 20000
    assert calibration_error(bins) < 0.01
    assert all(one.interval[0] <= one.observed <= one.interval[1] for one in bins)


def test_calibration_error_by_hand():
    bins = reliability([0.9, 0.9, 0.1, 1.0], [True, False, False, True], [1, 1, 2, 0],
                       edges=[0, 0.5, 1])  # fmt: skip
    assert [(one.stated, one.observed) for one in bins] == [(0.1, 0.0), (0.9, 0.5)]
    assert calibration_error(bins) == pytest.approx(0.5 * 0.1 + 0.5 * 0.4)
    assert calibration_error([]) is None


def test_threshold_counts_everything_above():
    stated, true = [0.99, 0.98, 0.97, 0.5], [True, True, False, True]
    assert threshold(stated, true, [1] * 4, wrong=0.01) == 0.98
    assert threshold(stated, true, [1] * 4, wrong=0.25) == 0.5
    assert threshold([0.9, 0.9], [True, False], [1, 1]) is None  # ties stay together


def test_it_needs_the_standard_library_alone():
    code = (
        "import sys; before = set(sys.modules); import forensics.stats;"
        "print({n.partition('.')[0] for n in set(sys.modules) - before}"
        " - set(sys.stdlib_module_names))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.strip() in (
        "{'forensics', 'lazy_loader'}",
        "{'lazy_loader', 'forensics'}",
    ), found.stderr


def test_a_tail_of_five_per_cent_exactly_is_spoken_against_whatever_rounding_says():
    """Of 5 among 100, one draw finds one with a probability of 0.05; floats made it a little more."""
    for population, drawn, found, expected in ((100, 1, 1, 6), (100, 5, 1, 2), (300, 1, 1, 16)):
        assert hypergeometric_lower(population, drawn, found) == expected


@given(st.integers(0, 60), st.data())
def test_the_hypergeometric_bound_is_the_least_that_the_sample_does_not_speak_against(size, data):
    drawn = data.draw(st.integers(0, size))
    found = data.draw(st.integers(0, drawn))
    at_least = hypergeometric_lower(size, drawn, found)

    def tail(having):  # counted out, with whole numbers
        ways = sum(
            comb(having, k) * comb(size - having, drawn - k) for k in range(found, drawn + 1)
        )
        return ways / comb(size, drawn)

    assert found <= at_least <= size - (drawn - found)
    assert tail(at_least) > 0.05 - 1e-9
    assert at_least == found or tail(at_least - 1) <= 0.05 + 1e-9


def test_numbers_that_cannot_be_have_no_bound():
    for numbers in ((5, 6, 1), (5, 3, 4), (5, 3, -1)):
        with pytest.raises(ValueError):
            hypergeometric_lower(*numbers)


def test_a_rate_is_read_back_from_json_and_from_the_ledger():
    for rate in (clustered_rate([[True, False], [True]]), clustered_rate([])):
        assert from_stored(Rate, rate.to_dict()) == rate
        assert from_stored(Rate, canonical_value(rate.to_dict())) == rate


# -- What is greatest, and in which order, does not hang on the last bit of a number


ROUNDING = (0.0, 1e-13, -1e-13)


@pytest.mark.parametrize("rounding", ROUNDING)
def test_of_equal_values_the_first_is_greatest(rounding):
    values = np.array([[0.1, 0.45, 0.45 * (1 + rounding)], [0.6 * (1 + rounding), 0.6, 0.1]])
    assert greatest(values, axis=1).tolist() == [1, 0]
    assert int(greatest(values)) == 3
    assert descending(values).tolist() == [[1, 2, 0], [0, 1, 2]]
    assert int(greatest(np.log(values[0]) - 700, are_logs=True)) == 1


def test_what_differs_by_more_than_rounding_is_not_equal():
    assert int(greatest([0.3, 0.3 * (1 + 1e-8)])) == 1
    assert descending([1e-12, 2e-12]).tolist() == [1, 0]
    assert descending([-2.0, -1.0]).tolist() == [1, 0]


def test_infinite_values_have_a_place():
    assert descending([-np.inf, 1.0, np.inf, -np.inf, np.inf]).tolist() == [2, 4, 1, 0, 3]
    assert int(greatest([-np.inf, -np.inf])) == 0
    assert int(greatest([1.0, np.inf, 2.0])) == 1


@pytest.mark.parametrize("rounding", ROUNDING)
def test_a_smallest_set_is_the_same_whatever_the_last_bit(rounding):
    ten = np.full(10, 0.1)
    ten[7] *= 1 + rounding
    assert smallest_set(ten, 0.5).tolist() == [True] * 5 + [False] * 5
    assert smallest_set(np.array([0.95 - 1e-12, 0.05 + 1e-12]), 0.95).tolist() == [True, False]


@pytest.mark.parametrize("rounding", ROUNDING)
def test_of_two_equal_peaks_of_a_map_the_northern_one_is_the_mode(rounding):
    grid = make_grid([14.0, -9.0], [-15.0, 40.0], cells=30, margin_km=100, land=False)
    places = (11.0, 25.0), (-5.0, 0.0)
    away = grid.distances(*map(list, zip(*places)))
    peaks = [int(away[:, place].argmin()) for place in range(2)]
    areas = grid.areas()[grid.inside]
    log = np.log(np.full(len(areas), 1e-3))
    log[peaks] = 0.0
    log[peaks[1]] += rounding
    mode = surface_from_log(grid, log + np.log(areas)).mode()
    rows, columns = grid.coordinates()
    first = min(peaks)
    assert mode == pytest.approx((rows[grid.inside][first], columns[grid.inside][first]))


def test_years_that_are_equally_probable_make_one_range():
    """A flat part of a calibrated date: rounding made dozens of ranges of a tenth of a year of it."""
    random = np.random.default_rng(3)
    years, widths = np.arange(1900.0, 1950.0, 0.25), np.full(200, 0.25)
    probabilities = np.full(200, 1 / 200) * (1 + 1e-13 * random.standard_normal(200))
    (only,) = highest_density(years, widths, probabilities, 0.68)
    assert (only.start, only.end) == pytest.approx((1899.875, 1949.875))
    probabilities[:100] *= 2
    (only,) = highest_density(years, widths, probabilities / probabilities.sum(), 0.66)
    assert (only.start, only.end) == pytest.approx((1899.875, 1924.875))


@pytest.mark.parametrize("rounding", ROUNDING)
def test_names_of_equal_values_are_in_the_order_of_the_alphabet(rounding):
    given = {"c": 0.2, "b": 0.4, "a": 0.4 * (1 + rounding)}
    assert [name for name, _value in by_value(given)] == ["a", "b", "c"]
    assert ranked(["x", "yy", "zz"], len) == ["yy", "zz", "x"]


def test_a_level_is_reached_but_for_rounding():
    assert reaches(0.9499999999999999, 0.95) and not reaches(0.9499, 0.95)
    assert reaches(np.array([0.2, 0.9]), 0.9).tolist() == [False, True]


def test_an_even_sample_has_both_ends():
    assert evenly_spaced(1001, 1000)[[0, -1]].tolist() == [0, 1000]
    assert len(evenly_spaced(1001, 1000)) == 1000
    assert evenly_spaced(3, 10).tolist() == [0, 1, 2]


# -- R-hat and effective draws on chains whose answer is known


@pytest.fixture
def generator():
    return np.random.default_rng(1)


def test_independent_draws_are_worth_their_number(generator):
    draws = generator.normal(size=(2000, 4))
    assert folded_r_hat(draws) < 1.005
    assert 0.85 * draws.size < effective_draws(draws) < 1.15 * draws.size


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_correlated_draws_are_worth_what_theory_says(generator, correlation):
    draws, value = np.empty((20000, 4)), np.zeros(4)
    for turn in range(len(draws)):
        noise = generator.normal(size=4) * np.sqrt(1 - correlation**2)
        value = correlation * value + noise
        draws[turn] = value
    expected = draws.size * (1 - correlation) / (1 + correlation)
    assert effective_draws(draws) == pytest.approx(expected, rel=0.15)


def test_a_chain_elsewhere_or_wider_is_seen(generator):
    moved = generator.normal(size=(1000, 4)) + np.array([0, 0, 0, 1])
    wider = generator.normal(size=(1000, 4)) * np.array([1, 1, 1, 3])
    assert folded_r_hat(moved) > 1.05
    assert folded_r_hat(wider) > 1.02


def test_draws_that_do_not_move_are_not_taken_for_many():
    stuck = np.tile(np.arange(4.0), (100, 1))
    assert folded_r_hat(stuck) > 2
    assert effective_draws(stuck) < 20


def test_r_hat_is_that_of_arviz(generator):
    stats = pytest.importorskip("arviz_stats.base").array_stats
    chains = generator.normal(size=(4, 500)) + 0.05 * generator.normal(size=(4, 500)).cumsum(axis=1)
    expected = float(stats.rhat(chains, chain_axis=0, draw_axis=1, method="rank"))
    assert folded_r_hat(chains.T) == pytest.approx(expected, rel=1e-12)
    plain = float(stats.rhat(chains, chain_axis=0, draw_axis=1, method="z_scale"))
    assert split_r_hat(chains[:, :, None])[0] == pytest.approx(plain, rel=1e-12)


def test_effective_draws_are_near_those_of_arviz_which_truncates_a_little_later(generator):
    stats = pytest.importorskip("arviz_stats.base").array_stats
    for slow in (0.0, 0.02, 0.05):
        chains = generator.normal(size=(4, 1000))
        chains = chains + slow * generator.normal(size=(4, 1000)).cumsum(axis=1)
        expected = float(stats.ess(chains, chain_axis=0, draw_axis=1, method="bulk"))
        assert effective_draws(chains.T) == pytest.approx(expected, rel=0.03)
