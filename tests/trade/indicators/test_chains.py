"""In and out along trade chains, as ETIS counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_simulation import etis_example, seizure_table

from forensics.errors import UsageError
from forensics.trade.indicators.chains import Chain, accounts, chains_of
from forensics.trade.indicators.seizures import seizures_of


@pytest.fixture
def example():
    return chains_of(seizures_of(etis_example()), ivory=True)


def test_the_example_of_etis_is_out_for_those_who_could_have_seized_it(example):
    (chain,) = example
    assert chain.out(trade_flow=False) == {"UG": 200, "KE": 1000, "AE": 1000}


def test_the_example_of_etis_by_trade_flow_is_out_for_the_destination_too(example):
    (chain,) = example
    assert chain.out(trade_flow=True) == {"UG": 200, "KE": 1000, "AE": 1000, "CN": 1000}


def test_the_example_of_etis_in_the_table(example):
    table = accounts(example).table.set_index("country")
    assert set(table.index) == {"UG", "KE", "AE", "CN", "SG"}  # MY never had it in custody
    assert table["seizures_out"].to_dict() == {"AE": 1, "CN": 0, "KE": 1, "SG": 0, "UG": 1}
    assert table["seizures_out_flow"].to_dict() == {"AE": 1, "CN": 1, "KE": 1, "SG": 0, "UG": 1}
    assert table["kg_out_flow"].to_dict() == {
        "AE": 1000, "CN": 1000, "KE": 1000, "SG": 0, "UG": 200
    }  # fmt: skip
    assert table.loc["SG", ["seizures_in", "kg_in"]].tolist() == [1, 1000]


def test_an_origin_that_did_not_export_gives_its_share():
    table = etis_example().assign(departure="TZ")
    (chain,) = chains_of(seizures_of(table))
    assert chain.out(trade_flow=False) == {"UG": 200, "KE": 800, "TZ": 1000, "AE": 1000}


def test_raw_and_worked_ivory_of_one_seizure_are_two_in_raw_equivalents():
    table = etis_example().assign(term=["TUS", "IVC"], departure="")
    chains = chains_of(seizures_of(table), ivory=True)
    assert [chain.weight for chain in chains] == pytest.approx([200, 800 / 0.7])
    assert accounts(chains).table.set_index("country")["seizures_in"]["SG"] == 2


def test_a_transit_country_after_the_seizure_counts_by_trade_flow_alone():
    table = etis_example().assign(transit="AE;MY;TH", not_reached="TH")
    (chain,) = chains_of(seizures_of(table))
    assert "TH" not in chain.out(trade_flow=False)
    assert chain.out(trade_flow=True)["TH"] == 1000


def test_regions_and_the_unknown_are_no_countries():
    table = etis_example().assign(origin=["XF", "XX"], departure="")
    (chain,) = chains_of(seizures_of(table))
    assert chain.out(trade_flow=False) == {"AE": 1000}


def test_a_seizure_without_a_weight_counts_and_is_told():
    table = etis_example()
    table.loc[1, "quantity"] = np.nan
    found = accounts(chains_of(seizures_of(table)))
    held = found.table.set_index("country")
    assert held["seizures_out"]["KE"] == 1
    assert held["kg_out"].to_dict() == {"AE": 0, "CN": 0, "KE": 0, "SG": 0, "UG": 200}
    assert any(label == "Weights" for label, _text in found.notes)


def test_years_have_rows_of_their_own():
    found = accounts(chains_of(seizures_of(seizure_table())), by_year=True).table
    whole = accounts(chains_of(seizures_of(seizure_table()))).table
    assert found["seizures_in"].sum() == whole["seizures_in"].sum() == 200
    assert found.groupby("country")["seizures_out"].sum().to_dict() == (
        whole.set_index("country")["seizures_out"].to_dict()
    )


def test_ivory_asked_of_seizures_without_is_refused():
    with pytest.raises(UsageError, match="TUS"):
        chains_of(seizures_of(seizure_table()), ivory=True)


def test_no_chains_make_an_empty_table():
    assert isinstance(accounts([]).table, pd.DataFrame)


codes = st.sampled_from(["KE", "UG", "AE", "MY", "SG", "CN", "XX"])


@given(codes, st.dictionaries(codes, st.floats(0, 100), max_size=3), st.lists(codes, max_size=2),
       st.lists(codes, max_size=3), codes)  # fmt: skip
def test_nobody_is_out_with_more_than_the_shipment_or_for_its_own_seizure(
    discovery, origins, export, transit, destination
):
    weight = sum(origins.values()) + 1
    chain = Chain("1", 2020, discovery, weight, origins, tuple(export), tuple(transit), (),
                  destination)  # fmt: skip
    narrow, wide = chain.out(trade_flow=False), chain.out(trade_flow=True)
    assert set(narrow) <= set(wide)
    assert discovery not in wide and "XX" not in wide
    assert all(0 <= one <= weight for one in wide.values())
    assert all(narrow[country] <= wide[country] for country in narrow)
