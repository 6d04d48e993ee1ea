"""PIKE observed, and the trend on simulated carcasses."""

import json

import numpy as np
import pytest
from indicator_simulation import carcass_table

from forensics.errors import UsageError
from forensics.trade.pike import (
    GAMMA_RATE,
    GAMMA_SHAPE,
    YEAR_PRECISION,
    observed,
    read_carcasses,
    trend,
)

QUICK = {"draws": 600, "warm_up": 200, "chains": 2}


def carcasses(tmp_path, **settings):
    table, truth = carcass_table(**settings)
    path = tmp_path / "carcasses.csv"
    table.to_csv(path, index=False)
    return read_carcasses(path), table, truth


def test_the_observed_series_adds_up_all_sites(tmp_path):
    found, table, _truth = carcasses(tmp_path)
    ours = observed(found)
    sums = table.groupby("year")[["NumberOfIllegalCarcasses", "TotalNumberOfCarcasses"]].sum()
    expected = sums.iloc[:, 0] / sums.iloc[:, 1]
    np.testing.assert_allclose(ours["observed"], expected, rtol=0, atol=1e-12)


def test_a_year_without_carcasses_has_no_observed_proportion(tmp_path):
    table, _truth = carcass_table(years=2)
    table.loc[table["year"] == 2001, table.columns[-2:]] = 0
    path = tmp_path / "carcasses.csv"
    table.to_csv(path, index=False)
    found = read_carcasses(path)
    assert observed(found)["observed"].isna().tolist() == [False, True]
    assert trend(found, "Africa", **QUICK).table["year"].tolist() == [2000]


def test_with_many_carcasses_the_trend_is_the_mean_over_sites(tmp_path):
    found, table, _truth = carcasses(tmp_path, most=20000)
    ours = trend(found, "Africa", **QUICK)
    share = table["NumberOfIllegalCarcasses"] / table["TotalNumberOfCarcasses"]
    np.testing.assert_allclose(ours.table["mean"], share.groupby(table["year"]).mean(), atol=0.004)


def test_the_same_seed_gives_the_same_trend_and_another_one_nearly(tmp_path):
    found, _table, _truth = carcasses(tmp_path)
    first, again = (trend(found, "Africa", **QUICK) for _turn in range(2))
    other = trend(found, "Africa", seed=2, **QUICK)
    assert (first.table["mean"] == again.table["mean"]).all()
    assert (first.table["mean"] != other.table["mean"]).any()
    away = (first.table["mean"] - other.table["mean"]).abs() / first.table["sd"]
    assert away.max() < 0.5  # some 200 effective draws each: a tenth, five times over


def test_silent_sites_widen_the_interval(tmp_path):
    found, table, _truth = carcasses(tmp_path, sites=12)
    full = trend(found, "Africa", **QUICK)
    table.loc[(table["year"] == 2002) & (table.index % 3 > 0), table.columns[-2:]] = 0
    path = tmp_path / "silent.csv"
    table.to_csv(path, index=False)
    silent = trend(read_carcasses(path), "Africa", **QUICK)
    assert silent.table["sd"][2] > 1.3 * full.table["sd"][2]


def test_too_few_draws_are_told(tmp_path):
    found, _table, _truth = carcasses(tmp_path)
    short = trend(found, "Africa", draws=20, warm_up=0, chains=2)
    assert not short.converged
    assert any(label == "Not converged" for label, _text in short.lines())


def test_a_subregion_is_fitted_by_itself(tmp_path):
    found, table, _truth = carcasses(tmp_path)
    west = trend(found, "West", **QUICK)
    assert west.sites == table.loc[table["SubregionName"] == "West", "MIKEsiteID"].nunique()


def test_the_change_between_years_is_that_of_the_draws(tmp_path):
    found, _table, _truth = carcasses(tmp_path)
    ours = trend(found, "Africa", **QUICK)
    change, low, high, fell = ours.change(2000, 2004)
    assert change == pytest.approx(ours.table["mean"][4] - ours.table["mean"][0], abs=1e-9)
    assert low < change < high
    assert 0 <= fell <= 1
    with pytest.raises(UsageError):
        ours.change(1990, 2004)


def test_the_result_is_valid_json_and_a_table(tmp_path):
    ours = trend(carcasses(tmp_path)[0], "Africa", **QUICK)
    held = json.loads(ours.to_json())
    assert held["years"][0]["year"] == 2000
    assert held["provenance"]["parameters"]["seed"] == 1
    assert held["provenance"]["input"]["files"][0]["sha256"]
    assert ours.to_frame().columns[0] == "area"


def test_one_site_or_one_chain_is_refused(tmp_path):
    found, _table, _truth = carcasses(tmp_path, sites=1)
    with pytest.raises(UsageError, match="one site"):
        trend(found, "Africa", **QUICK)
    with pytest.raises(UsageError):
        trend(found, "Africa", chains=1)


def test_the_priors_are_those_of_the_published_model():
    assert (YEAR_PRECISION, GAMMA_SHAPE, GAMMA_RATE) == (0.001, 0.001, 0.001)


@pytest.mark.slow
def test_95_per_cent_intervals_hold_the_truth_of_simulated_carcasses(tmp_path):
    inside = []
    for seed in range(40):
        found, _table, truth = carcasses(tmp_path, sites=12, years=5, seed=seed)
        table = trend(found, "Africa", draws=1000, warm_up=300, chains=2).table
        inside.append((table["low"] <= truth) & (truth <= table["high"]))
    share = np.mean(inside)  # 200 years; those of one data set are not independent
    assert 0.90 <= share <= 0.99
