"""What is greatest, and in which order, does not hang on the last bit of a number."""

import numpy as np
import pytest

from forensics.age.radiocarbon import highest_density
from forensics.origin.geography import make_grid, surface_from_log
from forensics.stats import (
    by_value,
    descending,
    evenly_spaced,
    greatest,
    ranked,
    reaches,
    smallest_set,
)

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
