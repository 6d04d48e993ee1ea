"""Tissue on isoscape: the line, its variances, and what it refuses."""

import math

import numpy as np
import pandas
import pytest
from isotope_simulation import BETWEEN, INTERCEPT, SLOPE, WITHIN, animals, plane

from forensics.core.notice import codes_of
from forensics.core.stored import from_stored, to_stored
from forensics.errors import InputError, UsageError
from forensics.origin.isotopes import WEIGHTINGS, TissueCalibration, calibrate, number_places


def fit(table, isoscape, **options):
    return calibrate(
        isoscape,
        table["d2H"],
        table["latitude"],
        table["longitude"],
        sites=table["site"],
        **options,
    )


def test_simulated_line_and_variances_are_found():
    isoscape = plane(error=3.0)
    line = fit(animals(isoscape, sites=2000, each=5), isoscape)
    assert line.slope == pytest.approx(SLOPE, abs=0.02)
    assert line.intercept == pytest.approx(INTERCEPT, abs=1.0)
    # The map's own error is not counted among the sites'.
    assert math.sqrt(line.between) == pytest.approx(BETWEEN, abs=0.3)
    assert math.sqrt(line.within) == pytest.approx(WITHIN, abs=0.1)
    assert (line.samples, line.sites, line.dropped) == (10_000, 2000, 0)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_standard_errors_are_those_of_repeated_studies(weighting):
    isoscape = plane()
    lines = [
        fit(animals(isoscape, sites=40, seed=seed), isoscape, weighting=weighting, sd=1.0)
        for seed in range(60)
    ]
    slopes = np.array([one.slope for one in lines])
    stated = np.sqrt(np.mean([one.covariance[2] for one in lines]))
    assert slopes.mean() == pytest.approx(SLOPE, abs=0.02)
    assert stated == pytest.approx(slopes.std(), rel=0.25)


def test_prediction_intervals_of_new_sites_hold_their_share():
    isoscape = plane()
    line = fit(animals(isoscape, sites=80), isoscape)
    new = animals(isoscape, sites=4000, each=1, seed=9)
    expected, variance = line.predict(*isoscape.at(new["latitude"], new["longitude"]))
    away = np.abs(new["d2H"] - expected) / np.sqrt(variance)
    assert (away < 1.645).mean() == pytest.approx(0.90, abs=0.03)


def test_equal_weights_are_least_squares():
    isoscape = plane()
    table = animals(isoscape)
    x = isoscape.at(table["latitude"], table["longitude"])[0]
    line = fit(table, isoscape, weighting="equal")
    slope, intercept = np.polyfit(x, table["d2H"], 1)
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept))
    assert line.r_squared == pytest.approx(np.corrcoef(x, table["d2H"])[0, 1] ** 2)


def test_measurement_weights_are_weighted_least_squares():
    isoscape = plane()
    table = animals(isoscape)
    sd = np.random.default_rng(3).uniform(0.5, 3, len(table))
    x = isoscape.at(table["latitude"], table["longitude"])[0]
    line = fit(table, isoscape, weighting="measurement", sd=sd)
    assert (line.slope, line.intercept) == pytest.approx(
        tuple(np.polyfit(x, table["d2H"], 1, w=1 / sd))
    )


def test_many_animals_of_one_site_do_not_pull_the_line():
    isoscape = plane()
    table = animals(isoscape, sites=30, each=2)
    odd = table.iloc[:1].assign(d2H=table["d2H"].iloc[0] + 60)
    many = pandas.concat([table, *[odd] * 300], ignore_index=True)
    few = fit(table, isoscape).slope
    assert abs(fit(many, isoscape).slope - few) < abs(
        fit(many, isoscape, weighting="equal").slope - few
    )


def test_the_laboratorys_error_of_a_new_sample_takes_the_place_of_the_known_ones():
    isoscape = plane()
    line = fit(animals(isoscape), isoscape, sd=2.0)
    mean, error = np.array([-20.0]), np.array([3.0])
    usual = line.predict(mean, error)[1][0]
    assert line.predict(mean, error, sd=2.0)[1][0] == pytest.approx(usual)
    assert line.predict(mean, error, sd=6.0)[1][0] == pytest.approx(usual - 4 + 36)


def test_variance_grows_with_the_maps_error_and_beyond_the_known_sites():
    isoscape = plane()
    line = fit(animals(isoscape), isoscape)
    near, far = (line.predict(np.array([x]), np.array([3.0]))[1][0] for x in (-25.0, -400.0))
    assert far > near
    assert line.predict(np.array([-25.0]), np.array([10.0]))[1][0] == pytest.approx(
        near + line.slope**2 * (100 - 9)
    )


def test_places_off_the_map_are_counted():
    isoscape = plane()
    table = animals(isoscape)
    table.loc[:3, "latitude"] = 10.0
    table.loc[4, "d2H"] = np.nan
    line = fit(table, isoscape)
    assert (line.samples, line.dropped) == (len(table) - 5, 4)


def test_sites_are_places_by_default():
    assert number_places([1.0, 1.0001, 2], [3.0, 3, 3]).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda t: t[t["site"] < 2], "2 sites are on the isoscape"),
        (lambda t: t.assign(latitude=0.0), "0 sites"),
        (lambda t: t.assign(latitude=50.0, longitude=5.0), "one value"),
        (lambda t: t.assign(latitude=t["longitude"] + 100), "Are the two exchanged"),
    ],
)
def test_samples_that_give_no_line_are_refused(change, text):
    isoscape = plane()
    with pytest.raises((InputError, UsageError), match=text):
        fit(change(animals(isoscape)), isoscape)


def test_arguments_that_do_not_fit_are_refused():
    isoscape = plane()
    table = animals(isoscape)
    for options, text in (
        ({"weighting": "best"}, "are known"),
        ({"sd": -1.0}, "above 0"),
        ({"weighting": "measurement"}, "above 0"),
    ):
        with pytest.raises(UsageError, match=text):
            fit(table, isoscape, **options)
    with pytest.raises(UsageError, match="as many of each"):
        calibrate(isoscape, table["d2H"][:5], table["latitude"], table["longitude"])


def test_few_sites_and_a_flat_line_are_warned_of():
    isoscape = plane()
    assert [notice.code for notice in fit(animals(isoscape, sites=5), isoscape).notices()] == [
        "FEW_SITES"
    ]
    table = animals(isoscape)
    table["d2H"] = np.random.default_rng(2).normal(size=len(table))
    assert "NO_SLOPE" in codes_of(fit(table, isoscape).notices())
    assert fit(animals(isoscape), isoscape).notices() == []


def test_stored_calibration_comes_back_and_a_damaged_one_does_not():
    isoscape = plane()
    line = fit(animals(isoscape), isoscape)
    values = to_stored(line)
    assert from_stored(TissueCalibration, values) == line and line.is_sound()
    for change in ({"slope": "steep"}, {"slope": math.nan}, {"covariance": [1]}, {"sites": 3.5}):
        with pytest.raises(InputError, match="not a stored result"):
            from_stored(TissueCalibration, values | change)
    for change in ({"between": -1.0}, {"slope": math.inf}, {"sites": 2}):
        assert not from_stored(TissueCalibration, values | change).is_sound()
