"""MIKE's table, and PIKE observed and as a trend on simulated carcasses."""

import numpy as np
import pytest
from indicator_simulation import carcass_table

from forensics.errors import InputError, UsageError
from forensics.trade.choices import PikeOptions
from forensics.trade.pike import (
    GAMMA_RATE,
    GAMMA_SHAPE,
    YEAR_PRECISION,
    observed,
    read_carcasses,
    trend,
)


@pytest.fixture
def written(tmp_path):
    table, _truth = carcass_table()

    def write(change=None):
        held = table.astype(object).copy()
        if change:
            change(held)
        path = tmp_path / "carcasses.csv"
        held.to_csv(path, index=False)
        return path

    return write


def put(column, value, row=3):
    def change(table):
        table.loc[row, column] = value

    return change


def test_a_table_is_read_whole(written):
    found = read_carcasses(written())
    table, _truth = carcass_table()
    assert len(found.rows) == len(table)
    assert found.rows["total"].sum() == table["TotalNumberOfCarcasses"].sum()
    assert found.areas() == ("Africa", "East", "West")


def test_namibia_is_no_missing_value(written):
    found = read_carcasses(written(put("MIKEsiteID", "NA")))
    assert "NA" in set(found.rows["site"])


def test_several_rows_of_a_site_and_year_are_added_up_and_told(written, tmp_path):
    path = written()
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n")
    twice, once = read_carcasses(path), read_carcasses(written())
    assert twice.repeated == ("S0 2000",)
    assert len(twice.rows) == len(once.rows)
    assert twice.rows["total"][0] == 2 * once.rows["total"][0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("year", "20x4"),
        ("year", "12"),
        ("TotalNumberOfCarcasses", "-1"),
        ("TotalNumberOfCarcasses", "1.5"),
        ("NumberOfIllegalCarcasses", "1_0"),
        ("NumberOfIllegalCarcasses", "999"),
        ("NumberOfIllegalCarcasses", ""),
        ("NumberOfIllegalCarcasses", "٣"),
        ("MIKEsiteID", ""),
        ("SubregionName", "Elsewhere"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(written, column, value):
    with pytest.raises(InputError) as caught:
        read_carcasses(written(put(column, value)))
    assert caught.value.line in (5, 6)  # of two rows that contradict each other, the second


def test_a_missing_column_and_an_empty_table_are_refused(written, tmp_path):
    def drop(table):
        del table["year"]

    with pytest.raises(InputError, match="missing: year"):
        read_carcasses(written(drop))
    path = written()
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError):
        read_carcasses(path)


def test_an_area_or_years_without_carcasses_are_refused_by_name(written):
    found = read_carcasses(written())
    with pytest.raises(UsageError, match="East, West"):
        found.select("Atlantis")
    with pytest.raises(UsageError):
        found.select("East", first=2050)


QUICK = {"draws": 600, "warm_up": 200, "chains": 2}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The simulated carcasses, their table, and the trend of the continent."""
    found, table, _truth = carcasses(tmp_path_factory.mktemp("carcasses"))
    return found, table, trend(found, "Africa", PikeOptions(**QUICK))


def carcasses(tmp_path, **settings):
    table, truth = carcass_table(**settings)
    return read(table, tmp_path), table, truth


def read(table, folder):
    table.to_csv(folder / "carcasses.csv", index=False)
    return read_carcasses(folder / "carcasses.csv")


def test_the_observed_series_adds_up_all_sites(usual):
    found, table, _trend = usual
    ours = observed(found)
    sums = table.groupby("year")[["NumberOfIllegalCarcasses", "TotalNumberOfCarcasses"]].sum()
    expected = sums.iloc[:, 0] / sums.iloc[:, 1]
    np.testing.assert_allclose(ours["observed"], expected, rtol=0, atol=1e-12)


def test_a_year_without_carcasses_has_no_observed_proportion(tmp_path):
    _found, table, _truth = carcasses(tmp_path, years=2)
    table.loc[table["year"] == 2001, table.columns[-2:]] = 0
    found = read(table, tmp_path)
    assert observed(found)["observed"].isna().tolist() == [False, True]
    assert trend(found, "Africa", PikeOptions(**QUICK)).table["year"].tolist() == [2000]


def test_with_many_carcasses_the_trend_is_the_mean_over_sites(tmp_path):
    found, table, _truth = carcasses(tmp_path, most=20000)
    ours = trend(found, "Africa", PikeOptions(**QUICK))
    share = table["NumberOfIllegalCarcasses"] / table["TotalNumberOfCarcasses"]
    np.testing.assert_allclose(ours.table["mean"], share.groupby(table["year"]).mean(), atol=0.004)


def test_the_same_seed_gives_the_same_trend_and_another_one_nearly(usual):
    found, _table, first = usual
    again = trend(found, "Africa", PikeOptions(**QUICK))
    other = trend(found, "Africa", PikeOptions(seed=2, **QUICK))
    assert (first.table["mean"] == again.table["mean"]).all()
    assert (first.table["mean"] != other.table["mean"]).any()
    away = (first.table["mean"] - other.table["mean"]).abs() / first.table["sd"]
    assert away.max() < 0.5  # some 200 effective draws each: a tenth, five times over


def test_silent_sites_widen_the_interval(tmp_path):
    found, table, _truth = carcasses(tmp_path, sites=12)
    full = trend(found, "Africa", PikeOptions(**QUICK))
    table.loc[(table["year"] == 2002) & (table.index % 3 > 0), table.columns[-2:]] = 0
    silent = trend(read(table, tmp_path), "Africa", PikeOptions(**QUICK))
    assert silent.table["sd"][2] > 1.3 * full.table["sd"][2]


def test_too_few_draws_are_told(usual):
    short = trend(usual[0], "Africa", PikeOptions(draws=20, warm_up=0, chains=2))
    assert not short.converged
    assert any(label == "Not converged" for label, _text in short.lines())


def test_a_subregion_is_fitted_by_itself(usual):
    found, table, _trend = usual
    west = trend(found, "West", PikeOptions(**QUICK))
    assert west.sites == table.loc[table["SubregionName"] == "West", "MIKEsiteID"].nunique()


def test_the_change_between_years_is_that_of_the_draws(usual):
    ours = usual[2]
    change, low, high, fell = ours.change(2000, 2004)
    assert change == pytest.approx(ours.table["mean"][4] - ours.table["mean"][0], abs=1e-9)
    assert low < change < high
    assert 0 <= fell <= 1
    with pytest.raises(UsageError):
        ours.change(1990, 2004)


def test_one_site_or_one_chain_is_refused(tmp_path):
    found, _table, _truth = carcasses(tmp_path, sites=1)
    with pytest.raises(UsageError, match="one site"):
        trend(found, "Africa", PikeOptions(**QUICK))
    with pytest.raises(UsageError):
        trend(found, "Africa", PikeOptions(chains=1))


def test_the_priors_are_those_of_the_published_model():
    assert (YEAR_PRECISION, GAMMA_SHAPE, GAMMA_RATE) == (0.001, 0.001, 0.001)


@pytest.mark.slow
def test_95_per_cent_intervals_hold_the_truth_of_simulated_carcasses(tmp_path):
    inside = []
    for seed in range(40):
        found, _table, truth = carcasses(tmp_path, sites=12, years=5, seed=seed)
        table = trend(found, "Africa", PikeOptions(draws=1000, warm_up=300, chains=2)).table
        inside.append((table["low"] <= truth) & (truth <= table["high"]))
    share = np.mean(inside)  # 200 years; those of one data set are not independent
    assert 0.90 <= share <= 0.99
