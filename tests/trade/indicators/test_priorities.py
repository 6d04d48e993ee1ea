"""Targets in order, with reasons and uncertainty."""

import numpy as np
import pandas as pd
import pytest
from indicator_simulation import seizure_table

from forensics.errors import UsageError
from forensics.stats.intervals import poisson_interval
from forensics.trade.indicators.priorities import CRITERIA, priorities
from forensics.trade.indicators.seizures import seizures_of


@pytest.fixture(scope="module")
def taken():
    table = seizure_table(150, seed=4)
    rising = pd.DataFrame(
        [
            {**table.iloc[0], "reference": f"R{number}", "date": f"{2022 + number % 3}-01-01",
             "species": "Panthera tigris", "quantity": 100.0, "animals": 50.0,
             "animals_low": 40.0, "animals_high": 60.0, "place": "TH 9", "country": "TH"}
            for number in range(60)
        ]
    )  # fmt: skip
    return seizures_of(pd.concat([table, rising], ignore_index=True))


def test_a_taxon_that_is_seized_much_and_more_comes_first(taken):
    found = priorities(taken, kinds=["species"], weights={"seizures": 1, "growth": 1}, draws=200)
    first = found.table.iloc[0]
    assert (first["target"], first["rank"]) == ("Panthera tigris", 1)
    assert first["growth"] == pytest.approx((60.5 / 3) / (0.5 / 7))
    assert first["p_top"] == 1


def test_the_reasons_hold_the_figures_that_made_the_order(taken):
    first = priorities(taken, kinds=["species"], draws=100).table.iloc[0]
    assert f"seizures in 2022-2024: {first['seizures']:.0f}" in first["reasons"]
    assert f"countries in its chains: {first['reach']:.0f}" in first["reasons"]


def test_criteria_are_plain_counts_of_the_table(taken):
    found = priorities(taken, kinds=["species"], draws=50).table.set_index("target")
    rows = taken.rows[taken.rows["year"] >= 2022]
    assert found["seizures"].to_dict() == rows.groupby("species")["number"].nunique().to_dict()
    assert found["amount"].to_dict() == pytest.approx(rows.groupby("species")["kg"].sum().to_dict())


def test_weights_decide_the_order(taken):
    by_reach = priorities(taken, kinds=["place"], weights={"reach": 1}, draws=50).table
    assert by_reach["reach"].is_monotonic_decreasing
    by_growth = priorities(taken, kinds=["place"], weights={"growth": 1}, draws=50).table
    assert by_growth["growth"].is_monotonic_decreasing


def test_few_seizures_leave_the_rank_open(taken):
    found = priorities(taken, kinds=["route"], draws=200).table
    rare = found[found["seizures"] == 1].iloc[0]
    assert rare["rank_high"] - rare["rank_low"] > 5
    assert ((found["rank_low"] <= found["rank"] + 1) | (found["seizures"] < 3)).all()


def test_a_target_of_nobody_is_none(taken):
    found = priorities(taken, draws=20).table
    assert not found.loc[found["kind"] != "route", "target"].str.contains("?", regex=False).any()


def record(reference, species, year, kg=None):
    return {"reference": reference, "date": str(year), "species": species, "quantity": kg, "unit": "kg",
            "country": "SG"}  # fmt: skip


@pytest.fixture(scope="module")
def partly():
    """Return seizures of which one taxon never states a weight, one sometimes, one none any more."""
    rows = [record(f"K{n}", "Manis javanica", 2020 + n % 4, 5.0 + n) for n in range(12)]
    rows += [record(f"U{n}", "Panthera tigris", 2020 + n % 4) for n in range(12)]
    rows += [
        record(f"P{n}", "Pavo muticus", 2020 + n % 4, None if n % 3 else 2.0) for n in range(12)
    ]
    rows += [record(f"O{n}", "Python regius", 2020, 9.0) for n in range(4)]
    return seizures_of(pd.DataFrame(rows))


def test_an_amount_that_nobody_stated_is_not_known_and_not_0(partly):
    found = priorities(partly, kinds=["species"], draws=60).table.set_index("target")
    tiger, python = found.loc["Panthera tigris"], found.loc["Python regius"]
    assert np.isnan(tiger[["amount", "amount_low", "amount_high"]].astype(float)).all()
    assert tiger["unknown"] == ("amount",) and "kg: not known" in tiger["reasons"]
    assert "(0-0)" not in " ".join(found["reasons"])
    assert (python["seizures"], python["amount"], python["unknown"]) == (0, 0, ())
    assert (
        "kg: 0;" in python["reasons"]
        and "seizures in 2021-2023: 0 (95 % 0.0-3.7)" in python["reasons"]
    )
    assert "stated by 3 of 9 seizures" in found.loc["Pavo muticus"]["reasons"]


def test_what_is_not_known_neither_lifts_nor_lowers_a_score(partly):
    weights = {"seizures": 1, "amount": 1}
    found = priorities(partly, kinds=["species"], weights=weights, draws=20).table
    found = found.set_index("target")
    # Three taxa have 9 seizures each and share what they exceed; the tiger has that share alone.
    assert found.loc["Panthera tigris", "score"] == pytest.approx(2 / 3)
    assert found.loc["Manis javanica", "score"] == pytest.approx((2 / 3 + 1) / 2)


def test_a_target_of_which_nothing_is_known_has_no_rank(partly):
    found = priorities(partly, kinds=["species"], weights={"amount": 1}, draws=20).table
    last = found.iloc[-1]
    assert last["target"] == "Panthera tigris"
    assert np.isnan(last[["rank", "rank_low", "rank_high", "p_top", "score"]].astype(float)).all()
    assert found["rank"].tolist()[:3] == [1, 2, 3]


def test_limits_are_exact_where_they_can_be_and_missing_where_none_holds(taken):
    found = priorities(taken, kinds=["species"], draws=20).table
    low, high = poisson_interval(found["seizures"].to_numpy())
    assert found["seizures_low"].tolist() == low.tolist()
    assert found["seizures_high"].tolist() == high.tolist()
    assert (found["amount_low"] < found["amount"]).all()
    for name in ("amount_high", "reach_low", "reach_high"):
        assert found[name].isna().all()
    assert (found["growth_low"] <= found["growth"]).all()
    assert (found["growth"] <= found["growth_high"]).all()


def test_one_seed_gives_one_list(taken):
    lists = [priorities(taken, draws=50, seed=3).table for _turn in range(2)]
    assert lists[0].equals(lists[1])


@pytest.mark.parametrize(
    "settings",
    [
        {"weights": {"beauty": 1}},
        {"weights": dict.fromkeys(CRITERIA, 0)},
        {"weights": {"growth": -1}},
        {"weights": {"growth": float("nan")}},
        {"kinds": ["person"]},
        {"window": 10},
        {"measure": "tons"},
    ],
)
def test_what_cannot_be_weighed_is_refused(taken, settings):
    with pytest.raises(UsageError):
        priorities(taken, **settings)


def test_of_very_many_targets_the_most_frequent_are_ranked_and_the_others_told(taken, monkeypatch):
    from forensics.trade.indicators import priorities as room

    monkeypatch.setattr(room, "MAX_TARGETS", 2)
    found = priorities(taken, kinds=["species"], draws=20)
    often = taken.rows["species"].value_counts().index[:2]
    assert set(found.table["target"]) == set(often)
    assert any("left out: 1;" in text for _label, text in found.notes)
