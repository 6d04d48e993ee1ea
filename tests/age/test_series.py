import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from bomb import bomb_curve

from forensics.age.radiocarbon import UNEVEN, _shifted, calibrate, calibrate_series, likelihoods
from forensics.age.results import series_result
from forensics.errors import InputError, UsageError

CURVE = bomb_curve()
PLACES = np.array([0.0, 100.0, 200.0, 300.0, 400.0])


def tusk(rng, year, rate, *, places=PLACES, sd=0.004, uneven=UNEVEN):
    """Simulate values along a tusk (simulated, by the model that dates it)."""
    at = year - places / rate * (1 + uneven * rng.standard_normal(len(places)))
    mean, error = CURVE.at(at)
    return mean + np.hypot(error, sd) * rng.standard_normal(len(places))


def dated(values, **options):
    held = {"slowest": 10, "fastest": 80, "until": 2016.0, "places": PLACES, **options}
    places = held.pop("places")
    return calibrate_series(values, [0.004] * len(places), places, CURVE, **held)


def test_year_and_growth_rate_of_a_simulated_tusk_are_found():
    found = dated(tusk(np.random.default_rng(1), 1998.0, 30.0))
    assert any(one.start <= 1998.0 <= one.end for one in found.ranges(0.95))
    assert float((found.rates * found.rate_probabilities).sum()) == pytest.approx(30.0, rel=0.2)
    assert found.probabilities.sum() == pytest.approx(1.0)
    assert found.rate_probabilities.sum() == pytest.approx(1.0)
    assert found.ages[0] == 0 and found.ages == tuple(sorted(found.ages))
    assert found.notices == ()


def test_a_series_settles_which_side_of_the_peak_a_single_value_leaves_open():
    values = tusk(np.random.default_rng(2), 1975.0, 30.0, uneven=0.02)
    alone = calibrate(values[0], 0.004, CURVE, until=2016.0)
    assert len(alone.ranges(0.95)) == 2
    together = dated(values)
    assert together.formed_after(1965.0) > 0.999


def test_it_equals_direct_integration():
    # The slow way: every sample's uneven time by quadrature, on few rates.
    values, places = [1.42, 1.62], np.array([50.0, 200.0])
    found = calibrate_series(
        values, [0.01, 0.01], places, CURVE, slowest=15, fastest=60, until=2000.0, since=1940.0
    )
    z = np.linspace(-5, 5, 801)
    weight = np.exp(-0.5 * z**2)
    years = np.arange(1965.0, 2000.0, 0.25)
    total = np.zeros(len(years))
    for rate in np.exp(np.linspace(np.log(15), np.log(60), 61)):
        product = np.ones(len(years))
        for value, place in zip(values, places):
            before = place / rate
            spread = max(UNEVEN * before, 0.05)
            at = years[:, None] - before + spread * z
            mean, error = CURVE.at(at)
            variance = error**2 + 0.01**2
            held = np.exp(-0.5 * (mean - value) ** 2 / variance) / np.sqrt(variance)
            product *= (held * weight).sum(axis=1)
        total += product
    total /= total.sum()
    mean = float((years * total).sum())
    ours = found.probabilities / found.probabilities.sum()
    assert found.formed_after(1965.0) > 0.99
    assert float((found.years * ours).sum()) == pytest.approx(mean, abs=0.15)
    for year in (1975.0, 1980.0, 1985.0):
        assert found.formed_after(year) == pytest.approx(total[years >= year].sum(), abs=0.03)


def test_shifting_keeps_the_sum_and_moves_the_mean():
    grid = 1950.025 + 0.05 * np.arange(1200)
    start = likelihoods(grid, np.full(1200, 0.05), 1.5, 0.02, CURVE)
    (moved,) = _shifted(np.where(grid < 1990, start, 0), np.array([7.33]), 0.05)
    start = np.where(grid < 1990, start, 0)
    assert moved.sum() == pytest.approx(start.sum(), rel=1e-6)
    shift = (grid * moved).sum() / moved.sum() - (grid * start).sum() / start.sum()
    assert shift == pytest.approx(7.33, abs=1e-3)


def test_the_order_of_samples_does_not_matter():
    values = tusk(np.random.default_rng(3), 1990.0, 25.0)
    one, other = dated(values), dated(values[::-1], places=PLACES[::-1])
    assert one.ages == pytest.approx(other.ages[::-1])
    assert one.ranges(0.95)[0].start == pytest.approx(other.ranges(0.95)[0].start)


def test_a_sample_of_another_object_is_named():
    values = tusk(np.random.default_rng(5), 1998.0, 30.0)
    values[2] += 0.05
    found = dated(values)
    codes = [one.code for one in found.notices]
    assert "SAMPLE_OFF" in codes
    assert "Sample 3" in next(one.message for one in found.notices if one.code == "SAMPLE_OFF")


def test_values_that_no_growth_explains_are_refused():
    with pytest.raises(InputError, match="No year and growth rate"):
        dated([1.7, 1.1, 1.7, 1.1, 1.7])


def test_a_rate_beyond_the_bounds_is_told():
    found = dated(tusk(np.random.default_rng(6), 1998.0, 30.0), slowest=32, fastest=200)
    assert "RATE_AT_BOUND" in [one.code for one in found.notices]


def test_death_before_a_date_needs_the_tissue_that_formed_last():
    values = tusk(np.random.default_rng(1), 1998.0, 30.0)
    assert dated(values).statements(2010.0)["died_before"] is None
    said = dated(values, has_last=True).statements(2010.0)
    assert said["died_before"] == pytest.approx(1.0 - said["formed_after"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"places": [0, 0, 0, 0, 0]}, InputError),
        ({"places": [0, -1, 2, 3, 4]}, InputError),
        ({"places": [0, float("nan"), 2, 3, 4]}, InputError),
        ({"slowest": 0}, UsageError),
        ({"slowest": 90}, UsageError),
        ({"fastest": float("inf")}, UsageError),
        ({"fastest": 1e9}, UsageError),
        ({"until": 1500.0}, UsageError),
    ],
)
def test_bad_input_is_refused(change, error):
    with pytest.raises(error):
        dated([1.1, 1.2, 1.3, 1.4, 1.5], **change)


def test_a_series_needs_two_samples_with_all_numbers():
    with pytest.raises(InputError, match="two samples"):
        calibrate_series([1.1], [0.003], [0], CURVE, slowest=1, fastest=2, until=2016.0)
    with pytest.raises(InputError, match="expected"):
        calibrate_series([1.1, -1], [0.003] * 2, [0, 1], CURVE, slowest=1, fastest=2, until=2016.0)


def test_distances_from_the_wrong_end_give_no_date():
    rng = np.random.default_rng(11)
    failed = 0
    for year, rate in ((2008.5, 20.0), (1998.0, 30.0), (1990.0, 40.0)):
        values = tusk(rng, year, rate)
        try:
            found = dated(values, places=PLACES.max() - PLACES, has_last=True)
        except InputError:  # no year and rate are possible at all
            failed += 1
            continue
        assert not found.fit.passed and found.fit.p < 1e-6
        assert "NO_FIT" in [one.code for one in found.notices]
        said = found.statements(1975.0)
        assert said["formed_after"] is None and said["died_before"] is None
        result = series_result(found, CURVE, ["1975-01-01"])
        assert all(not one["ranges"] for one in result.to_dict()["last_formed"])
        assert result.headline().startswith("no date") and "95 %" not in result.explanation()
    assert failed < 3


def test_a_turned_series_that_happens_to_fit_is_told_by_the_other_end():
    # Three samples leave room for a wrong explanation, which is far less probable than the right one.
    rng, told = np.random.default_rng(4), 0
    for _number in range(12):
        places = np.array([0.0, 200.0, 400.0])
        values = tusk(rng, rng.uniform(1980, 2012), rng.uniform(15, 60), places=places)
        try:
            found = dated(values, places=400.0 - places)
        except InputError:
            continue
        directions = [one for one in found.fit.statistics if one.name == "direction"]
        told += bool(directions and directions[0].observed > 2)
        assert not found.fit.passed or directions[0].observed < 2.5
    assert told >= 3


def test_a_right_series_passes_and_says_with_what_probability():
    found = dated(tusk(np.random.default_rng(1), 1998.0, 30.0))
    assert found.fit.passed and found.fit.p > 0.05
    assert series_result(found, CURVE).to_dict()["fit"]["statistics"][0]["name"] == "deviance"
    assert "p = " in dict(series_result(found, CURVE).lines())["Fit"]


def test_no_sample_is_lost_in_the_tail_of_a_tiny_error():
    # One of 60 samples is of another object: the sum over all hardly sees it.
    rng, places = np.random.default_rng(8), np.linspace(0, 400, 60)
    values = tusk(rng, 1998.0, 30.0, places=places, uneven=0.0)
    values[30] += 0.05
    found = dated(values, places=places)
    assert not found.fit.passed and found.fit.worst.name == "least_tail"


@pytest.mark.slow
def test_ranges_of_200_simulated_tusks_hold_the_year():
    rng, held = np.random.default_rng(7), 0
    for _number in range(200):
        year, rate = rng.uniform(1966, 2015), np.exp(rng.uniform(np.log(10), np.log(80)))
        found = dated(tusk(rng, year, rate), since=1966.0, until=2015.0)
        held += any(one.start <= year <= one.end for one in found.ranges(0.95))
    # 95 % of 200 with a binomial standard deviation of 3.1.
    assert 181 <= held <= 199
