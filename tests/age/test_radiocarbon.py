import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from forensics.age.radiocarbon import (
    LEVELS,
    UNEVEN,
    Curve,
    Series,
    _shifted,
    calibrate,
    calibrate_series,
    cells,
    f14c_of_age,
    highest_density,
    joined,
    likelihoods,
    read_curve,
)
from forensics.age.results import series_result
from forensics.errors import ForensicsError, InputError, UsageError


def bomb_curve(last: float = 2019.5) -> Curve:
    """Return a MADE curve: F14C flat to 1955, steep to 1.8 in 1964.5, then falling by a time of 17 years."""
    years = np.concatenate([np.arange(1600.0, 1955.0, 5.0), np.arange(1955.0, last + 0.01, 0.5)])
    rise = 0.975 + 0.825 * np.clip((years - 1955) / 9.5, 0, 1) ** 2
    fall = 0.975 + 0.825 * np.exp(-(years - 1964.5) / 17.0)
    return Curve(
        "made", years, np.where(years <= 1964.5, rise, fall), np.full(len(years), 0.002),
        ({"file": "made", "sha256": "0" * 64},),
    )  # fmt: skip


def states_no_year(found):
    """Nothing in a result that does not fit names a year, and a notice says why."""
    assert {"NO_FIT", "NO_YEAR_FITS"} & found.codes
    assert not any(found.ranges(level) for level in LEVELS)
    assert len(found.years) == len(found.widths) == len(found.probabilities) == 0
    assert set(found.statements(1990.0).values()) == {1990.0, None}
    if isinstance(found, Series):
        assert len(found.rates) == len(found.rate_probabilities) == len(found.ages) == 0
        assert found.misfits and "RATE_AT_BOUND" not in found.codes
    else:
        assert found.mode is found.mean is found.median is None


CURVE = bomb_curve()
values = st.floats(0.9, 2.0)
errors = st.floats(0.001, 0.02)


@given(values, errors, st.floats(1960.0, 2026.0))
def test_probabilities_sum_to_one_and_ranges_hold_at_least_their_level(f14c, sd, until):
    found = calibrate(f14c, sd, CURVE, until=until)
    if not found.fit.passed:
        states_no_year(found)
        return
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
    if not found.fit.passed:
        assert one is None and other is None
        return
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


@pytest.mark.parametrize("level", [95, 0, 1, float("nan")])
def test_a_level_is_a_share_and_no_percentage(level):
    with pytest.raises(UsageError, match="above 0 and below 1"):
        calibrate(1.4, 0.004, CURVE, until=2016.0).ranges(level)


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
    states_no_year(found)


@pytest.mark.parametrize("position", ["unknown", "other", "last_formed"])
def test_death_before_a_date_is_not_spoken_of_unless_the_tissue_formed_last(position):
    found = calibrate(1.7, 0.004, CURVE, until=2016.0, position=position)
    said = found.statements(1990.0)
    assert set(said) == {"year", "formed_after", "died_after_at_least", "died_before"}
    # Formed before the ban for certain, and nothing follows of death: the bound is empty.
    assert said["died_after_at_least"] == said["formed_after"] < 1e-6
    last = position == "last_formed"
    assert said["died_before"] == (pytest.approx(1.0 - said["formed_after"]) if last else None)
    assert ("POSITION_UNKNOWN" in found.codes) == (position == "unknown")


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
    for bounds in ({"until": float("nan")}, {"until": 2000.0, "since": float("nan")}):
        with pytest.raises(UsageError, match="no year"):
            calibrate(1.1, 0.003, CURVE, **bounds)
    with pytest.raises(UsageError, match="position"):
        calibrate(1.1, 0.003, CURVE, until=2000.0, position="tip")


TEXT = "# made\n" + "".join(f"{-x} {-100 * x} 8\n" for x in range(0, 10)) + "10 100 9\n"


def written(folder, text, name="made.14C"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_cal_bp_and_age_become_years_and_f14c(tmp_path):
    curve = read_curve(written(tmp_path, TEXT))
    assert curve.span == (1940.0, 1959.0)
    mean, error = curve.at(np.array([1950.0, 1955.0]))
    assert mean == pytest.approx([1.0, np.exp(500 / 8033)])
    assert error == pytest.approx([8 / 8033, np.exp(500 / 8033) * 8 / 8033])


def test_an_age_becomes_f14c_by_the_mean_life_of_libby():
    value, error = f14c_of_age(1234.0, 30.0)
    assert float(value) == pytest.approx(np.exp(-1234 / 8033))
    assert float(error) == pytest.approx(np.exp(-1234 / 8033) * 30 / 8033)


@pytest.mark.parametrize(
    "text",
    ["year,F14C,sd\n1950,1.0,0.002\n1960,1.25,0.003\n",
     "F14C;sd;year\n1,0;0,002;1950\n1,25;0,003;1960\n",
     '\ufeff"year"\t"sd"\t"F14C"\n1950\t0.002\t1.0\n1960\t0.003\t1.25\n'],
)  # fmt: skip
def test_tables_of_f14c_are_read_as_people_write_them(tmp_path, text):
    curve = read_curve(written(tmp_path, text, "x.csv"))
    assert curve.years.tolist() == [1950, 1960]
    assert curve.f14c.tolist() == [1.0, 1.25]
    assert curve.sd.tolist() == [0.002, 0.003]


@given(st.permutations(TEXT.splitlines()))
def test_the_order_of_lines_does_not_matter(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("x")
    one = read_curve(written(folder, TEXT))
    other = read_curve(written(folder, "\n".join(lines), "other.14C"))
    assert (one.years == other.years).all()
    assert (one.f14c == other.f14c).all() and (one.sd == other.sd).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no points"),
        ("# only\n1 2 3\n", "no points"),
        ("1 2\n3 4\n", "three numbers"),
        ("1 2 3\n1 5 3\n", "twice"),
        ("1 2 x\n", "expected cal BP"),
        ("1 2 3\n2 2 -3\n", "not below 0"),
        ("1 2 3\n2 nan 3\n", "expected cal BP"),
        ("1 -90000 3\n2 5 3\n", "must be between 0 and"),
        ("1 -1e308 3\n2 5 3\n", "must be between 0 and"),
        ("1 2 3\n1e300 5 3\n", "is its first column"),
        ("year,F14C\n1950,1\n", "expected cal BP"),
        ("# cal BP, F14C, sd\n0 0.98 0.002\n-15 1.8 0.002\n", "0.002'; expected cal BP, 14C age"),
    ],
)
def test_what_is_no_curve_is_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_curve(written(tmp_path, text))


@given(
    st.lists(
        st.tuples(st.integers(0, len(TEXT) - 1), st.binary(max_size=4), st.integers(0, 6)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_a_damaged_curve_is_read_or_refused_and_never_crashes(tmp_path_factory, changes):
    content = bytearray(TEXT.encode())
    for place, new, drop in changes:
        content[place : place + drop] = new
    path = written(tmp_path_factory.getbasetemp(), bytes(content), "damaged.14C")
    try:
        found = calibrate(1.05, 0.003, read_curve(path), until=1958.0)
    except ForensicsError:
        return
    assert not found.fit.passed or found.probabilities.sum() == pytest.approx(1.0)


def line(name, first, last, value):
    years = np.arange(first, last + 1.0)
    return Curve(name, years, np.full(len(years), value), np.full(len(years), 0.002), ({},))


def test_of_overlapping_curves_the_first_counts():
    curve = joined([line("a", 1945, 2000, 1.2), line("b", 1900, 1950, 0.98)])
    assert curve.span == (1900.0, 2000.0)
    assert curve.at(np.array([1944.0, 1945.0]))[0].tolist() == [0.98, 1.2]
    assert len(curve.sources) == 2


def test_years_between_two_curves_are_not_invented():
    with pytest.raises(InputError, match="uncovered"):
        joined([line("a", 1955, 2000, 1.2), line("b", 1800, 1900, 0.98)])
    with pytest.raises(InputError, match="No calibration curve"):
        joined([])


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


@given(
    st.lists(st.tuples(values, errors, st.floats(0.0, 400.0)), min_size=2, max_size=5),
    st.floats(1960.0, 2026.0),
)
@settings(max_examples=40)
def test_a_series_that_fits_has_ranges_and_any_other_states_nothing(samples, until):
    f14c, sd, places = zip(*samples)
    try:
        found = calibrate_series(f14c, sd, places, CURVE, slowest=10, fastest=80, until=until)
    except InputError:
        return
    if not found.fit.passed:
        states_no_year(found)
        return
    for level in LEVELS:
        assert sum(one.probability for one in found.ranges(level)) >= level - 1e-9
    assert len(found.ages) == len(samples) and found.formed_after(1500.0) == pytest.approx(1.0)


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
        states_no_year(found)
        result = series_result(found, CURVE, ["1975-01-01"])
        assert result.growth_rate_mean is None and result.years_before_last == ()
        assert all(not one["ranges"] for one in result.to_dict()["last_formed"])
        assert result.headline().startswith("no date") and "95 %" not in result.explanation()
    assert failed < 3


def test_a_turned_series_that_happens_to_fit_is_told_by_the_other_end():
    # Three samples leave room for a wrong explanation, which is far less probable than the right one.
    rng, told = np.random.default_rng(4), 0
    for _number in range(6):
        places = np.array([0.0, 200.0, 400.0])
        values = tusk(rng, rng.uniform(1980, 2012), rng.uniform(15, 60), places=places)
        try:
            found = dated(values, places=400.0 - places)
        except InputError:
            continue
        directions = [one for one in found.fit.statistics if one.name == "direction"]
        told += bool(directions and directions[0].observed > 2)
        assert not found.fit.passed or directions[0].observed < 2.5
    assert told >= 2


def test_a_right_series_passes_and_says_with_what_probability():
    found = dated(tusk(np.random.default_rng(1), 1998.0, 30.0))
    assert found.fit.passed and found.fit.p > 0.05
    assert series_result(found, CURVE).to_dict()["fit"]["statistics"][0]["name"] == "deviance"
    assert "p = " in dict(series_result(found, CURVE).lines())["Fit"]


def test_no_sample_is_lost_in_the_tail_of_a_tiny_error():
    # One of 30 samples is of another object: the sum over all hardly sees it.
    rng, places = np.random.default_rng(8), np.linspace(0, 400, 30)
    values = tusk(rng, 1998.0, 30.0, places=places, uneven=0.0)
    values[15] += 0.05
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
