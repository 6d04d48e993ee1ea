"""Assignment by isotopes: posterior, warnings, evaluation and storage."""

import io
import json
import math

import numpy as np
import pandas
import pytest
from isotope_simulation import BETWEEN, INTERCEPT, SLOPE, WITHIN, animals, plane

from forensics.core.notice import codes_of
from forensics.core.stored import from_stored, to_stored
from forensics.errors import InputError, ModelError, UsageError
from forensics.origin.isotope_models import fit_isotopes, leave_one_out
from forensics.origin.isotopes import (
    WEIGHTINGS,
    IsotopeModel,
    TissueCalibration,
    calibrate,
    number_places,
)
from forensics.origin.models import unpacking
from forensics.origin.polygons import make_range_map


@pytest.fixture(scope="module")
def isoscape():
    return plane()


@pytest.fixture(scope="module")
def oxygen():
    return plane("d18O", north=-0.5, east=2.0)


@pytest.fixture(scope="module")
def model(isoscape):
    return fit_isotopes(animals(isoscape), [isoscape], site="site")


@pytest.fixture(scope="module")
def both(isoscape, oxygen):
    table = animals(isoscape, second=oxygen, correlation=0.6, sites=200)
    return fit_isotopes(table, [isoscape, oxygen], site="site")


def codes(result):
    return [notice.code for notice in result.notices]


def test_posterior_is_the_density_times_the_prior(model, isoscape):
    line = model.calibrations[0]
    found = model.assign({"d2H": -10.0}).surface
    mean, variance = line.predict(isoscape.mean, isoscape.error)
    from scipy.stats import t

    weights = t.pdf((-10.0 - mean) / np.sqrt(variance), line.degrees) / np.sqrt(variance)
    weights = weights * model.grid.areas()
    assert found.probabilities == pytest.approx(weights / weights.sum(), rel=1e-9)


def test_two_isotopes_are_taken_by_their_joint_density(both, isoscape, oxygen):
    from scipy.stats import multivariate_t

    degrees = min(one.degrees for one in both.calibrations)
    values = {"d2H": -10.0, "d18O": 20.0}
    found = both.assign(values).surface
    row, column, logs = 3, 7, []
    for place in ((row, column), (12, 20)):
        moments = [
            line.predict(one.mean[place], one.error[place])
            for line, one in zip(both.calibrations, both.isoscapes)
        ]
        sd = np.sqrt([variance for _mean, variance in moments])
        shape = both.correlation * np.outer(sd, sd)
        mean = [one for one, _variance in moments]
        logs.append(multivariate_t(mean, shape, df=degrees).logpdf(list(values.values())))
    ratio = found.density[row, column] / found.density[12, 20]
    assert math.log(ratio) == pytest.approx(logs[0] - logs[1], rel=1e-9)


def test_correlation_is_that_of_the_simulated_residuals(both):
    assert both.correlation[0, 1] == pytest.approx(0.6, abs=0.08)


def test_a_second_isotope_narrows_the_region(both):
    one, two = both.assign({"d2H": -10.0}), both.assign({"d2H": -10.0, "d18O": 20.0})
    assert one.missing == ("d18O",) and two.missing == ()
    assert two.surface.region_area(0.9) < 0.7 * one.surface.region_area(0.9)
    assert both.assign({"d2H": -10.0, "d18O": math.nan}).missing == ("d18O",)


def test_a_larger_laboratory_error_widens_the_region(model):
    narrow = model.assign({"d2H": -10.0}, sd={"d2H": 0.5})
    wide = model.assign({"d2H": -10.0}, sd={"d2H": 15.0})
    assert wide.surface.region_area(0.9) > 1.3 * narrow.surface.region_area(0.9)


def test_a_value_of_no_place_is_told(model):
    assert codes(model.assign({"d2H": -10.0})) == []
    far = model.assign({"d2H": 150.0})
    assert "NO_PLACE" in codes(far) and far.nearest > 3
    assert "No place in the isoscape explains this value" in far.notices[0].message


def test_extrapolation_is_told(isoscape):
    south = animals(isoscape)
    south = south[south["latitude"] < 46]
    found = fit_isotopes(south, [isoscape], site="site").assign({"d2H": -38.0})
    assert "EXTRAPOLATED" in codes(found)


def test_a_range_map_keeps_the_posterior_inside(isoscape):
    held = make_range_map([[[(0, 45), (10, 45), (10, 50), (0, 50)]]])
    model = fit_isotopes(animals(isoscape), [isoscape], site="site", range_map=held)
    surface = model.assign({"d2H": -10.0}).surface
    assert model.prior_name == "equal by area over the range map"
    assert surface.probabilities[held.mask(isoscape.grid())].sum() == pytest.approx(1)


def test_a_given_prior_multiplies_and_must_be_named(isoscape, model):
    prior = np.where(isoscape.longitudes[None, :] > 5, 3.0, 1.0) * isoscape.grid().areas()
    with pytest.raises(UsageError, match="prior_name"):
        fit_isotopes(animals(isoscape), [isoscape], prior=prior)
    given = fit_isotopes(
        animals(isoscape), [isoscape], site="site", prior=prior, prior_name="east three times"
    )
    first, second = (one.assign({"d2H": -10.0}).surface.density for one in (model, given))
    ratio = second / first
    assert ratio[0, -1] / ratio[0, 0] == pytest.approx(3)
    for wrong in (-prior, prior[:2], prior * 0):
        with pytest.raises(UsageError):
            fit_isotopes(animals(isoscape), [isoscape], prior=wrong, prior_name="wrong")


@pytest.mark.parametrize(
    ("values", "options", "text"),
    [
        ({}, {}, "at least one is needed"),
        ({"d2H": math.nan}, {}, "at least one is needed"),
        ({"d2H": math.inf}, {}, "infinite"),
        ({"d13C": 1.0}, {}, "no isotope d13C"),
        ({"d2H": 1.0}, {"sd": {"d2H": -1}}, "0 or more"),
    ],
)
def test_samples_that_cannot_be_used_are_refused(model, values, options, text):
    with pytest.raises(InputError, match=text):
        model.assign(values, name="A1", **options)


def test_a_table_is_assigned_row_by_row_and_its_faults_are_told_by_row(model):
    table = pandas.DataFrame({"id": ["A", "B"], "d2H": ["-10", "-30.5"], "d2H.sd": [2.0, None]})
    found = model.assign_table(table, name="id")
    assert [one.name for one in found] == ["A", "B"]
    alone = model.assign({"d2H": -10.0}, sd={"d2H": 2.0})
    assert np.array_equal(found[0].surface.probabilities, alone.surface.probabilities)
    table.loc[1, "d2H"] = "-30,5?"
    with pytest.raises(InputError, match="record 2: d2H of sample B is not a number: -30,5"):
        model.assign_table(table, name="id")
    table.loc[1, "d2H"] = "NA"
    with pytest.raises(InputError, match="record 2: no value"):
        model.assign_table(table, name="id")
    with pytest.raises(InputError, match="no column id, d2H"):
        model.assign_table(pandas.DataFrame({"x": [1]}), name="id")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda t: t.drop(columns="d2H"), "no column d2H"),
        (lambda t: t.assign(d2H=["x", *t["d2H"][1:]]), "record 1: d2H is not a number: x"),
        (lambda t: t.assign(latitude=[None, *t["latitude"][1:]]), "record 1: latitude"),
    ],
)
def test_bad_known_samples_are_refused(isoscape, change, text):
    with pytest.raises(InputError, match=text):
        fit_isotopes(change(animals(isoscape)), [isoscape])


def test_isotopes_of_different_animals_need_a_correlation(isoscape, oxygen):
    table = animals(isoscape, second=oxygen)
    table.loc[::2, "d2H"] = np.nan
    table.loc[1::2, "d18O"] = np.nan
    with pytest.raises(InputError, match="0 known samples have both"):
        fit_isotopes(table, [isoscape, oxygen], site="site")
    given = fit_isotopes(table, [isoscape, oxygen], site="site", correlation=[[1, 0.5], [0.5, 1]])
    assert given.correlation[0, 1] == 0.5
    for wrong in ([[1, 2], [2, 1]], [[1, 1], [1, 1]], [[1]]):
        with pytest.raises(UsageError, match="correlation"):
            fit_isotopes(table, [isoscape, oxygen], site="site", correlation=wrong)


@pytest.mark.slow
def test_regions_hold_simulated_animals_as_often_as_they_say(isoscape):
    # Places are uniform over degrees, and the prior over area: told by a prior of equal cells.
    table = animals(isoscape, sites=200, each=1, seed=4)
    found = leave_one_out(
        table, [isoscape], prior=np.ones(isoscape.mean.shape), prior_name="equal by cell"
    )
    for level in (0.5, 0.9, 0.95):
        for rate in (found.coverage(level), found.prediction_coverage(level)):
            assert rate.low - 0.02 <= level <= rate.high + 0.02
    assert abs(found.ranks.mean() - 0.5) < 0.06
    assert found.to_json()["animals"] == 200


def test_the_left_out_site_does_not_help(isoscape):
    # One site far off the line: the model that assigns its animals must not know of it.
    table = animals(isoscape, sites=12, each=3)
    table.loc[table["site"] == 0, "d2H"] += 300
    found = leave_one_out(table, [isoscape], site="site", clusters=table["site"])
    odd = found.standardized[found.sites == 0]
    rest = fit_isotopes(table[table["site"] != 0], [isoscape], site="site").calibrations[0]
    mean, error = isoscape.at(table["latitude"][:1], table["longitude"][:1])
    expected, variance = rest.predict(mean, error)
    assert odd[0, 0] == pytest.approx((table["d2H"][0] - expected[0]) / math.sqrt(variance[0]))


def test_a_table_of_text_is_evaluated_as_its_numbers_are(isoscape):
    table = animals(isoscape, sites=12, each=2).assign(**{"d2H.sd": 1.5})
    table.loc[3, "d2H"] = np.nan
    text = table.map(lambda value: "" if value != value else str(value).replace(".", ","))
    numbers, texts = (leave_one_out(each, [isoscape], site="site") for each in (table, text))
    assert texts.standardized == pytest.approx(numbers.standardized, nan_ok=True)
    assert len(texts.sites) == len(table) - 1


def test_a_model_comes_back_whole_from_npz_and_json(both):
    arrays, metadata = both.to_arrays()
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as stored:
        back = IsotopeModel.from_arrays(dict(stored), json.loads(json.dumps(metadata)))
    values = {"d2H": -10.0, "d18O": 20.0}
    first, second = both.assign(values), back.assign(values)
    assert np.array_equal(first.surface.probabilities, second.surface.probabilities)
    assert back.prior_name == both.prior_name


@pytest.mark.parametrize(
    "change",
    [
        lambda a, m: (a | {"prior": a["prior"] * 2}, m),
        lambda a, m: (a | {"correlation": np.full((2, 2), 1.0)}, m),
        lambda a, m: (a | {"mean_0": a["mean_0"][:3]}, m),
        lambda a, m: (a | {"inside": a["inside"].astype(float)}, m),
        lambda a, m: ({k: v for k, v in a.items() if k != "error_1"}, m),
        lambda a, m: (a | {"mean_0": np.array([["x"]])}, m),
        lambda a, m: (a, m | {"format": 99}),
        lambda a, m: (a, m | {"calibrations": m["calibrations"][:1]}),
        lambda a, m: (a, m | {"calibrations": [m["calibrations"][0] | {"between": -1.0}] * 2}),
        lambda a, m: (a, {}),
    ],
)
def test_a_damaged_model_is_refused(both, change):
    with pytest.raises(ModelError, match="do not belong together"), unpacking():
        IsotopeModel.from_arrays(*change(*both.to_arrays()))


def test_a_model_of_other_parts_is_refused(model, both, isoscape):
    with pytest.raises(UsageError, match="calibration of its isotope"):
        IsotopeModel(
            both.isoscapes, model.calibrations, np.eye(2), model.grid, model.prior, "prior"
        )
    with pytest.raises(UsageError, match="density"):
        fit_isotopes(animals(isoscape), [isoscape], density="cauchy")
    with pytest.raises(UsageError, match="at least one isoscape"):
        fit_isotopes(animals(isoscape), [])


def test_normal_density_is_narrower_in_its_tails(isoscape):
    few = animals(isoscape, sites=6)
    area = {
        one: fit_isotopes(few, [isoscape], site="site", density=one)
        .assign({"d2H": -10.0})
        .surface.region_area(0.95)
        for one in ("t", "normal")
    }
    assert area["normal"] < area["t"]


def test_calibration_alone_and_in_the_model_agree(model, isoscape):
    assert model.calibrations == (fit(animals(isoscape), isoscape),)


# -- Tissue on isoscape: the line, its variances, and what it refuses


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
def test_standard_errors_are_those_of_repeated_studies(weighting, isoscape):
    lines = [
        fit(animals(isoscape, sites=40, seed=seed), isoscape, weighting=weighting, sd=1.0)
        for seed in range(60)
    ]
    slopes = np.array([one.slope for one in lines])
    stated = np.sqrt(np.mean([one.covariance[2] for one in lines]))
    assert slopes.mean() == pytest.approx(SLOPE, abs=0.02)
    assert stated == pytest.approx(slopes.std(), rel=0.25)


def test_prediction_intervals_of_new_sites_hold_their_share(isoscape):
    line = fit(animals(isoscape, sites=80), isoscape)
    new = animals(isoscape, sites=4000, each=1, seed=9)
    expected, variance = line.predict(*isoscape.at(new["latitude"], new["longitude"]))
    away = np.abs(new["d2H"] - expected) / np.sqrt(variance)
    assert (away < 1.645).mean() == pytest.approx(0.90, abs=0.03)


def test_equal_weights_are_least_squares(isoscape):
    table = animals(isoscape)
    x = isoscape.at(table["latitude"], table["longitude"])[0]
    line = fit(table, isoscape, weighting="equal")
    slope, intercept = np.polyfit(x, table["d2H"], 1)
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept))
    assert line.r_squared == pytest.approx(np.corrcoef(x, table["d2H"])[0, 1] ** 2)


def test_measurement_weights_are_weighted_least_squares(isoscape):
    table = animals(isoscape)
    sd = np.random.default_rng(3).uniform(0.5, 3, len(table))
    x = isoscape.at(table["latitude"], table["longitude"])[0]
    line = fit(table, isoscape, weighting="measurement", sd=sd)
    assert (line.slope, line.intercept) == pytest.approx(
        tuple(np.polyfit(x, table["d2H"], 1, w=1 / sd))
    )


def test_many_animals_of_one_site_do_not_pull_the_line(isoscape):
    table = animals(isoscape, sites=30, each=2)
    odd = table.iloc[:1].assign(d2H=table["d2H"].iloc[0] + 60)
    many = pandas.concat([table, *[odd] * 300], ignore_index=True)
    few = fit(table, isoscape).slope
    assert abs(fit(many, isoscape).slope - few) < abs(
        fit(many, isoscape, weighting="equal").slope - few
    )


def test_the_laboratorys_error_of_a_new_sample_takes_the_place_of_the_known_ones(isoscape):
    line = fit(animals(isoscape), isoscape, sd=2.0)
    mean, error = np.array([-20.0]), np.array([3.0])
    usual = line.predict(mean, error)[1][0]
    assert line.predict(mean, error, sd=2.0)[1][0] == pytest.approx(usual)
    assert line.predict(mean, error, sd=6.0)[1][0] == pytest.approx(usual - 4 + 36)


def test_variance_grows_with_the_maps_error_and_beyond_the_known_sites(isoscape):
    line = fit(animals(isoscape), isoscape)
    near, far = (line.predict(np.array([x]), np.array([3.0]))[1][0] for x in (-25.0, -400.0))
    assert far > near
    assert line.predict(np.array([-25.0]), np.array([10.0]))[1][0] == pytest.approx(
        near + line.slope**2 * (100 - 9)
    )


def test_places_off_the_map_are_counted(isoscape):
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
def test_samples_that_give_no_line_are_refused(change, text, isoscape):
    with pytest.raises((InputError, UsageError), match=text):
        fit(change(animals(isoscape)), isoscape)


def test_arguments_that_do_not_fit_are_refused(isoscape):
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


def test_few_sites_and_a_flat_line_are_warned_of(isoscape):
    assert [notice.code for notice in fit(animals(isoscape, sites=5), isoscape).notices()] == [
        "FEW_SITES"
    ]
    table = animals(isoscape)
    table["d2H"] = np.random.default_rng(2).normal(size=len(table))
    assert "NO_SLOPE" in codes_of(fit(table, isoscape).notices())
    assert fit(animals(isoscape), isoscape).notices() == []


def test_stored_calibration_comes_back_and_a_damaged_one_does_not(isoscape):
    line = fit(animals(isoscape), isoscape)
    values = to_stored(line)
    assert from_stored(TissueCalibration, values) == line and line.is_sound()
    for change in ({"slope": "steep"}, {"slope": math.nan}, {"covariance": [1]}, {"sites": 3.5}):
        with pytest.raises(InputError, match="not a stored result"):
            from_stored(TissueCalibration, values | change)
    for change in ({"between": -1.0}, {"slope": math.inf}, {"sites": 2}):
        assert not from_stored(TissueCalibration, values | change).is_sound()
