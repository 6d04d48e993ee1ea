import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

sys.path.insert(0, str(Path(__file__).parent))
from bomb import bomb_curve

from forensics.age.radiocarbon import LEVELS, calibrate, cells, highest_density
from forensics.errors import InputError, UsageError

CURVE = bomb_curve()
values = st.floats(0.9, 2.0)
errors = st.floats(0.001, 0.02)


@given(values, errors, st.floats(1960.0, 2026.0))
def test_probabilities_sum_to_one_and_ranges_hold_at_least_their_level(f14c, sd, until):
    found = calibrate(f14c, sd, CURVE, until=until)
    assert found.probabilities.sum() == pytest.approx(1.0)
    assert found.years[-1] <= until
    for level in LEVELS:
        ranges = found.ranges(level)
        assert sum(one.probability for one in ranges) >= level - 1e-9
        assert all(one.start < one.end for one in ranges)
        assert all(a.end < b.start for a, b in zip(ranges, ranges[1:]))


@given(values, errors, st.floats(1900.0, 2030.0))
def test_formation_after_falls_with_the_date(f14c, sd, year):
    found = calibrate(f14c, sd, CURVE, until=2016.0)
    one, other = found.formed_after(year), found.formed_after(year + 3)
    assert 0.0 <= other <= one <= 1.0 + 1e-12


def test_a_value_after_the_peak_and_one_before_are_both_named():
    ranges = calibrate(1.4, 0.004, CURVE, until=2016.0).ranges(0.95)
    assert len(ranges) == 2
    assert ranges[0].end < 1964.5 < ranges[1].start
    # Where the curve is steep fewer years fit: the rise is the less probable.
    assert ranges[0].probability < ranges[1].probability


def test_the_seizure_excludes_later_years():
    ranges = calibrate(1.4, 0.004, CURVE, until=1965.0).ranges(0.95)
    assert len(ranges) == 1 and ranges[0].end <= 1965.0


def test_the_probability_of_the_steep_rise_is_that_of_exact_integration():
    f14c, sd = 1.5, 0.002
    found = calibrate(f14c, sd, CURVE, until=2016.0, since=1955.0)

    def likelihood(year):
        mean, error = CURVE.at(np.array([year]))
        variance = error[0] ** 2 + sd**2
        return np.exp(-0.5 * (mean[0] - f14c) ** 2 / variance) / np.sqrt(variance)

    edges = np.arange(1955.0, 2016.01, 0.5)  # the curve bends only there
    pieces = [quad(likelihood, a, b, limit=200)[0] for a, b in zip(edges, edges[1:])]
    exact = sum(p for p, a in zip(pieces, edges) if a < 1964.5) / sum(pieces)
    before = 1.0 - found.formed_after(1964.5)
    assert before == pytest.approx(exact, rel=0.01)


def test_the_highest_density_range_is_the_shortest():
    years, widths = cells(2000.0, 2010.0)
    weights = np.exp(-0.5 * (years - 2004.3) ** 2) * widths
    (one,) = highest_density(years, widths, weights / weights.sum(), 0.95)
    assert (one.start, one.end) == (
        pytest.approx(2002.34, abs=0.06),
        pytest.approx(2006.26, abs=0.06),
    )


def test_a_value_that_no_year_explains_gets_no_statement():
    found = calibrate(2.2, 0.004, CURVE, until=2016.0, position="last_formed")
    assert "NO_YEAR_FITS" in found.codes
    said = found.statements(1990.0)
    assert [said[k] for k in ("formed_after", "died_after_at_least", "died_before")] == [None] * 3


@pytest.mark.parametrize("position", ["unknown", "other"])
def test_death_before_a_date_is_not_spoken_of_unless_the_tissue_formed_last(position):
    found = calibrate(1.7, 0.004, CURVE, until=2016.0, position=position)
    said = found.statements(1990.0)
    assert said["died_before"] is None
    # Formed before the ban for certain, and nothing follows of death: the bound is empty.
    assert said["died_after_at_least"] < 1e-6
    assert set(said) == {"year", "formed_after", "died_after_at_least", "died_before"}
    assert ("POSITION_UNKNOWN" in found.codes) == (position == "unknown")


def test_of_tissue_that_formed_last_death_before_a_date_is_the_rest():
    found = calibrate(1.2, 0.004, CURVE, until=2016.0, position="last_formed")
    said = found.statements(1990.0)
    assert said["died_after_at_least"] == said["formed_after"]
    assert said["died_before"] == pytest.approx(1.0 - said["formed_after"])


def test_formation_is_a_lower_bound_for_death_in_simulated_animals():
    # Simulated: tissue of a known year, an animal that dies some years later.
    rng = np.random.default_rng(4)
    bound, died = [], []
    for _number in range(300):
        year = rng.uniform(1966, 2005)
        mean, error = CURVE.at(np.array([year]))
        value = rng.normal(mean[0], np.hypot(error[0], 0.004))
        found = calibrate(value, 0.004, CURVE, until=2016.0)
        bound.append(found.statements(1990.0)["died_after_at_least"])
        died.append(year + rng.exponential(10.0) > 1990.0)
    assert np.mean(bound) <= np.mean(died)
    assert np.mean(bound) > 0.3


def test_where_the_tissue_may_be_younger_than_the_curve_death_before_is_not_spoken_of():
    curve = bomb_curve(2010.0)
    end = float(curve.f14c[-1])
    late = calibrate(end - 0.01, 0.004, curve, until=2016.0, position="last_formed")
    assert {"CURVE_ENDS", "AFTER_CURVE"} <= late.codes
    assert late.statements(1990.0)["died_before"] is None
    early = calibrate(1.5, 0.004, curve, until=2016.0, position="last_formed")
    assert "AFTER_CURVE" not in early.codes and "CURVE_ENDS" in early.codes
    assert early.statements(1990.0)["died_before"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("f14c", "sd"),
    [(0, 0.003), (-1, 0.003), (105.0, 0.3), (float("nan"), 0.003), (1.1, 0), (1.1, float("inf")),
     (1.1, 1e-9)],
)  # fmt: skip
def test_what_is_no_measurement_is_refused(f14c, sd):
    with pytest.raises(InputError):
        calibrate(f14c, sd, CURVE, until=2016.0)


def test_bounds_without_a_year_and_unknown_positions_are_refused():
    with pytest.raises(UsageError, match="no year"):
        calibrate(1.1, 0.003, CURVE, until=1500.0)
    with pytest.raises(UsageError, match="position"):
        calibrate(1.1, 0.003, CURVE, until=2000.0, position="tip")
