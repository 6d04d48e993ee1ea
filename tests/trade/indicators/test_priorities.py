"""Targets in order, with reasons and uncertainty."""

import pandas as pd
import pytest
from indicator_simulation import seizure_table

from forensics.errors import UsageError
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

    monkeypatch.setattr(room, "MOST", 2)
    found = priorities(taken, kinds=["species"], draws=20)
    often = taken.rows["species"].value_counts().index[:2]
    assert set(found.table["target"]) == set(often)
    assert any("left out: 1;" in text for _label, text in found.notes)
