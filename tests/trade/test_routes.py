"""The network of countries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_simulation import etis_example, seizure_table

from forensics.trade.counts import graph_of, legs_of, network
from forensics.trade.seizures import seizures_of


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
    assert "reaches over countries" in found.explanation()
    assert found.to_dict()["provenance"]["software"] == "forensics"
