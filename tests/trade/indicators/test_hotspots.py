"""Clusters in space and time, planted and not."""

import itertools

import numpy as np
import pandas as pd
import pytest
from indicator_simulation import seizure_table

from forensics.errors import UsageError
from forensics.trade.indicators.hotspots import SIGNIFICANCE, _Scan, hotspots
from forensics.trade.indicators.seizures import seizures_of


def planted(extra=15):
    table = seizure_table(150, seed=2)
    more = pd.DataFrame(
        [
            {**table.iloc[0], "reference": f"X{number}", "date": "2021-05-01", "place": "HK 1",
             "country": "HK"}
            for number in range(extra)
        ]
    )  # fmt: skip
    return pd.concat([table, more], ignore_index=True)


def test_a_planted_cluster_is_found_where_and_when_it_is():
    first = hotspots(seizures_of(planted()), permutations=199).table.iloc[0]
    assert first["places"] == ("HK 1, HK",)
    assert (first["first"], first["last"]) == ("2021", "2021")
    assert first["p"] < SIGNIFICANCE
    assert first["seizures"] > first["expected"]


def test_months_find_it_in_its_month():
    table = planted()
    found = hotspots(seizures_of(table), period="month", permutations=39).table.iloc[0]
    assert found["first"] <= "2021-05" <= found["last"]


def test_a_year_in_which_all_seize_much_is_no_hotspot():
    table = seizure_table(150, seed=2)
    again = table.assign(date="2021-05-01", reference=[f"Y{one}" for one in range(len(table))])
    found = hotspots(seizures_of(pd.concat([table, again])), permutations=199).table
    assert found["p"].min() > SIGNIFICANCE


def test_near_places_are_joined_and_far_ones_are_not():
    table = planted(0)
    table["latitude"] = np.where(table["country"] == "HK", 22.3, 1.3)
    table["longitude"] = np.where(table["country"] == "HK", 114.2, 103.8)
    near = [
        {**table.iloc[0], "reference": f"N{number}", "date": "2021-05-01", "country": "HK",
         "place": f"HK {1 + number % 3}", "latitude": 22.3 + 0.01 * (number % 3),
         "longitude": 114.2}
        for number in range(36)
    ]  # fmt: skip
    found = hotspots(seizures_of(pd.concat([table, pd.DataFrame(near)])), permutations=99).table
    assert len(found["places"][0]) > 1
    assert all(place.endswith("HK") for place in found["places"][0])
    assert 0 < found["radius_km"][0] < 5


def test_a_place_on_the_antimeridian_lies_there_and_not_at_greenwich():
    table = planted(0)
    table["latitude"], table["longitude"] = 1.3, 103.8
    near = [
        {**table.iloc[0], "reference": f"N{number}", "date": "2021-05-01", "country": "FJ",
         "place": f"FJ {1 + number % 2}", "latitude": -16.8, "longitude": (-179.9, 180, 179.9)[number % 3]}
        for number in range(36)
    ]  # fmt: skip
    found = hotspots(seizures_of(pd.concat([table, pd.DataFrame(near)])), permutations=9).table
    assert found["places"][0] == ("FJ 1, FJ", "FJ 2, FJ") and found["radius_km"][0] < 50


def test_the_statistic_is_that_of_the_formula_on_every_cylinder():
    generator = np.random.default_rng(1)
    counts = generator.poisson(3, (3, 5)).astype(float)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    order = np.array([[0, 1, 2], [1, 0, 2], [2, 1, 0]])
    scan = _Scan(order, np.ones_like(order, dtype=bool), expected)
    found, total = scan.statistic(counts), counts.sum()
    for centre, size, window in itertools.product(range(3), range(3), range(len(scan.windows))):
        first, last = scan.windows[window]
        held = order[centre, : size + 1]
        count = counts[held, first : last + 1].sum()
        mean = expected[held, first : last + 1].sum()
        value = 0.0
        allowed = size == 0 or expected[held].sum() <= total / 2
        if count > mean and count >= 2 and allowed:
            rest = total - count
            value = count * np.log(count / mean) + rest * np.log(rest / (total - mean))
        assert found[centre, size, window] == pytest.approx(value)


def test_p_values_of_chance_alone_are_rarely_small():
    small = 0
    for seed in range(30):
        table = seizure_table(60, seed=seed, years=range(2018, 2023))
        found = hotspots(seizures_of(table), permutations=39, seed=seed).table
        small += bool(len(found)) and found["p"].min() <= 0.05
    assert small <= 5  # 1.5 expected; six or more would be a chance of 0.004


def test_seizures_without_a_place_are_told_and_too_few_refused():
    table = planted()
    table.loc[:4, ["place", "country"]] = ""
    assert any(label == "Left out" for label, _text in hotspots(
        seizures_of(table), permutations=19).notes)  # fmt: skip
    with pytest.raises(UsageError):
        hotspots(seizures_of(table.iloc[10:11]))
