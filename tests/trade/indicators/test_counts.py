"""Counts and their intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_simulation import etis_example, seizure_table

from forensics.errors import UsageError
from forensics.trade.indicators.counts import KEYS, animal_draws, counts
from forensics.trade.indicators.resampling import poisson_interval, sums
from forensics.trade.indicators.seizures import seizures_of


def test_counts_and_sums_are_those_of_pandas():
    table = seizure_table()
    found = counts(seizures_of(table), ["species"]).table.set_index("species")
    grouped = table.groupby("species")
    assert found["seizures"].to_dict() == grouped["reference"].nunique().to_dict()
    np.testing.assert_allclose(found["kg"], grouped["quantity"].sum())
    np.testing.assert_allclose(found["animals"], grouped["animals"].sum())


@pytest.mark.parametrize("key", KEYS)
def test_each_key_divides_all_rows(key):
    found = counts(seizures_of(seizure_table(50)), [key], draws=20)
    assert found.table["kg"].sum() == pytest.approx(seizure_table(50)["quantity"].sum())


def test_a_seizure_of_two_specimens_counts_once():
    assert counts(seizures_of(etis_example()), ["year"]).table["seizures"].tolist() == [1]


def test_a_year_without_a_seizure_has_a_row():
    table = seizure_table(40)
    table = table[~table["date"].str.startswith("2019")]
    found = counts(seizures_of(table), ["year"]).table.set_index("year")
    assert found["seizures"][2019] == 0
    assert found["seizures_high"][2019] == pytest.approx(3.689, abs=0.001)


def test_what_is_not_known_is_neither_zero_nor_given_an_interval():
    found = counts(seizures_of(etis_example()), ["year"]).table
    assert found["kg"].tolist() == [1000]
    assert found["pieces"].isna().all()
    assert found["kg_low"].isna().all()  # one seizure cannot show how large others may be


def test_intervals_of_counts_are_exact_poisson():
    # Garwood 1936, as tabulated: 0 (0-3.69), 1 (0.025-5.57), 10 (4.80-18.39), 100 (81.36-121.63)
    low, high = poisson_interval(np.array([0, 1, 10, 100]))
    np.testing.assert_allclose(low, [0, 0.0253, 4.795, 81.364], atol=5e-4)
    np.testing.assert_allclose(high, [3.6889, 5.5716, 18.390, 121.627], atol=5e-4)


def test_conversion_widens_the_interval_of_animals():
    table = seizure_table(300)
    exact = table.assign(animals_low=table["animals"], animals_high=table["animals"])
    wide = counts(seizures_of(table), ["species"]).table
    narrow = counts(seizures_of(exact), ["species"]).table
    spread = [(one["animals_high"] - one["animals_low"]).sum() for one in (wide, narrow)]
    assert spread[0] > 1.3 * spread[1]


@pytest.mark.parametrize("side", ["low", "high"])
def test_doubt_on_one_side_of_a_factor_moves_draws_to_that_side_alone(side):
    table = seizure_table(60)
    table["animals_low"] = table["animals"] * (0.5 if side == "low" else 1)
    table["animals_high"] = table["animals"] * (3 if side == "high" else 1)
    taken = seizures_of(table)
    cells = np.zeros(len(table), dtype=int)
    doubted = animal_draws(taken, cells, 1, draws=200, seed=1)
    exact = sums(taken.rows["number"].to_numpy(), cells, table["animals"].to_numpy(), 1,
                 draws=200, seed=1)  # fmt: skip
    ratio = doubted / exact
    if side == "low":
        assert 0.5 <= ratio.min() < 0.6 and ratio.max() == pytest.approx(1)
    else:
        assert ratio.min() == pytest.approx(1) and 2.8 < ratio.max() <= 3
    assert 0.35 < (np.abs(ratio - 1) < 1e-9).mean() < 0.65  # the other half of the range


def test_intervals_of_sums_hold_the_truth_nineteen_times_in_twenty():
    # SIMULATED compound Poisson: 60 seizures expected, of exponential size.
    generator, held = np.random.default_rng(5), 0
    for _turn in range(200):
        size = generator.exponential(10.0, generator.poisson(60))
        number = np.arange(len(size))
        drawn = sums(number, np.zeros_like(number), size, 1, draws=300, seed=1)
        low, high = np.quantile(drawn, [0.025, 0.975])
        held += low <= 600 <= high
    assert 180 <= held <= 198  # binomial, 0.95: five standard deviations below, near all above


@given(st.integers(1, 60), st.integers(0, 10**6))
def test_limits_enclose_the_value_and_draws_repeat(count, seed):
    values = np.random.default_rng(seed).exponential(size=count)
    numbers, cells = np.arange(count), np.zeros(count, dtype=int)
    first = sums(numbers, cells, values, 1, draws=150, seed=seed)
    assert (first == sums(numbers, cells, values, 1, draws=150, seed=seed)).all()
    assert first.min() <= values.sum() * 1.0001


@pytest.mark.parametrize("by", [[], ["colour"], ["year", "year"]])
def test_unknown_or_doubled_keys_are_refused(by):
    with pytest.raises(UsageError):
        counts(seizures_of(etis_example()), by)
