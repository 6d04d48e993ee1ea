"""Counts, sums and routes, with their intervals."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_simulation import etis_example, seizure_table

from forensics.errors import UsageError
from forensics.stats import poisson_interval
from forensics.trade.choices import KEYS
from forensics.trade.counts import counts, graph_of, legs_of, network, sum_lower_limit
from forensics.trade.seizures import seizures_of


def test_counts_and_sums_are_those_of_pandas():
    table = seizure_table()
    found = counts(seizures_of(table), ["species"]).table.set_index("species")
    grouped = table.groupby("species")
    assert found["seizures"].to_dict() == grouped["reference"].nunique().to_dict()
    np.testing.assert_allclose(found["kg"], grouped["quantity"].sum())
    np.testing.assert_allclose(found["animals"], grouped["animals"].sum())


@pytest.mark.parametrize("key", KEYS)
def test_each_key_divides_all_rows(key):
    found = counts(seizures_of(seizure_table(50)), [key])
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
    assert found["pieces_low"].isna().all()
    assert found["kg_high"].isna().all()  # one seizure cannot show how large others may be
    assert 0 < found["kg_low"][0] < 1000 * 0.03  # exact Poisson, of one seizure: 0.025


def test_the_lower_limit_of_animals_takes_the_lowest_factor():
    table = seizure_table(300)
    lowest = table.assign(animals=table["animals_low"], animals_high=table["animals_low"])
    first, second = (counts(seizures_of(one), ["species"]).table for one in (table, lowest))
    assert first["animals_low"].tolist() == pytest.approx(second["animals_low"].tolist())
    assert (first["animals"] > second["animals"]).all()


def limits_of(sizes):
    """Return the lower limit of sums in cells; `sizes` are the sizes of each cell."""
    cell = np.repeat(np.arange(len(sizes)), [len(one) for one in sizes])
    return sum_lower_limit(np.arange(len(cell)), cell, np.concatenate(sizes), len(sizes))


@pytest.mark.parametrize("expected", [3, 8, 60])
@pytest.mark.parametrize(
    ("draw", "mean"),
    [
        (lambda generator, size: np.ones(size), 1.0),
        (lambda generator, size: generator.exponential(1.0, size), 1.0),
        (lambda generator, size: generator.lognormal(0.0, 2.0, size), np.exp(2.0)),
        (lambda generator, size: generator.pareto(1.2, size) + 1.0, 6.0),
    ],
    ids=["alike", "exponential", "lognormal", "Pareto"],
)
def test_the_lower_limit_of_a_sum_holds_whatever_the_sizes_are(draw, mean, expected):
    # SIMULATED compound Poisson, 2,000 sums each: 2.5 % may miss; 70 are three standard errors more.
    generator = np.random.default_rng(5)
    sizes = [draw(generator, generator.poisson(expected)) for _turn in range(2000)]
    assert (limits_of(sizes) > expected * mean).sum() <= 70


def test_no_upper_limit_of_a_sum_is_printed():
    # Before, the bootstrap of such sizes was printed as 95 % and held 50-60 % of the time.
    found = counts(seizures_of(seizure_table(300)), ["species"]).table
    for name in ("kg", "animals"):
        assert found[f"{name}_high"].isna().all()
        assert (found[f"{name}_low"] < found[name]).all() and (found[f"{name}_low"] > 0).all()


def test_the_lower_limit_of_equal_sizes_is_that_of_their_number():
    found = limits_of([np.full(count, 3.0) for count in (1, 10, 100)])
    np.testing.assert_allclose(found, 3 * poisson_interval(np.array([1, 10, 100]))[0])


def test_rows_of_one_seizure_are_one_amount():
    whole = sum_lower_limit(np.array([0, 1]), np.array([0, 0]), np.array([10.0, 6.0]), 1)
    parts = sum_lower_limit(np.array([0, 0, 1]), np.zeros(3, int), np.array([4.0, 6.0, 6.0]), 1)
    assert whole == pytest.approx(parts)
    assert sum_lower_limit(np.array([0]), np.array([1]), np.array([0.0]), 2).tolist() == [0, 0]


@pytest.mark.parametrize("by", [[], ["colour"], ["year", "year"]])
def test_unknown_or_doubled_keys_are_refused(by):
    with pytest.raises(UsageError):
        counts(seizures_of(etis_example()), by)


def test_the_way_of_a_seizure_is_made_up_to_it_and_intended_beyond():
    legs, countries = network(seizures_of(etis_example()))
    held = {(row.start, row.end): row.made for row in legs.table.itertuples()}
    assert held == {
        ("UG", "KE"): 1, ("KE", "AE"): 1, ("AE", "MY"): 1, ("MY", "SG"): 1, ("SG", "CN"): 0
    }  # fmt: skip
    table = countries.table.set_index("country")
    assert table["between"].to_dict() == {"AE": 1, "CN": 0, "KE": 1, "MY": 1, "SG": 1, "UG": 0}
    assert table.loc["KE", ["as_origin", "as_export"]].tolist() == [1, 1]


def test_a_transit_country_that_was_not_reached_comes_after_the_seizure():
    legs, _countries = network(seizures_of(etis_example().assign(not_reached="MY")))
    held = {(row.start, row.end): bool(row.made) for row in legs.table.itertuples()}
    assert held[("AE", "SG")] and not held[("SG", "MY")] and not held[("MY", "CN")]


def test_a_leg_reaches_over_what_is_not_known():
    assert [(leg.start, leg.end) for leg in legs_of(["XF"], [], ["XX"], [], "SG", "")] == []
    found = legs_of(["KE"], [], ["XX"], [], "SG", "CN")
    assert [(leg.start, leg.end) for leg in found] == [("KE", "SG"), ("SG", "CN")]


def test_legs_are_counted_once_a_seizure_with_poisson_intervals():
    taken = seizures_of(seizure_table())
    legs, countries = network(taken)
    assert legs.table["seizures"].is_monotonic_decreasing
    assert (legs.table["made"] + legs.table["intended"] == legs.table["seizures"]).all()
    assert (legs.table["seizures_low"] < legs.table["seizures"]).all()
    assert countries.table["as_seizing"].sum() == len(taken)


def test_a_leg_of_which_no_weight_is_known_has_none():
    legs, countries = network(seizures_of(seizure_table().assign(unit="no.", quantity=3)))
    assert legs.table["kg"].isna().all()
    assert {link["kg"] for link in graph_of(legs, countries)["links"]} == {None}


def test_the_graph_names_all_ends_of_its_links():
    graph = graph_of(*network(seizures_of(seizure_table())))
    nodes = {node["id"] for node in json.loads(json.dumps(graph))["nodes"]}
    assert {end for link in graph["links"] for end in (link["source"], link["target"])} <= nodes
    assert "NA" in nodes


codes = st.sampled_from(["KE", "AE", "SG", "CN", "XX", ""])


@given(st.lists(codes), st.lists(codes), st.lists(codes), codes, codes)
def test_no_leg_leads_nowhere_or_to_its_start(origins, departure, transit, country, destination):
    legs = legs_of(origins, departure, transit, transit[:1], country, destination)
    assert all(leg.start != leg.end and {leg.start, leg.end} <= {"KE", "AE", "SG", "CN"}
               for leg in legs)  # fmt: skip
    assert len({(leg.start, leg.end) for leg in legs}) == len(legs)


def test_an_empty_way_makes_empty_tables():
    taken = seizures_of(etis_example()[["reference", "date", "species"]])
    legs, countries = network(taken)
    assert (len(legs.table), len(countries.table)) == (0, 0)
    assert graph_of(legs, countries)["links"] == []


@pytest.mark.parametrize("number", [0, 1])
def test_both_tables_carry_provenance_and_limits(number):
    found = network(seizures_of(etis_example()))[number]
    assert "skips countries" in found.explanation()
    assert found.to_dict()["provenance"]["software"] == "forensics"
