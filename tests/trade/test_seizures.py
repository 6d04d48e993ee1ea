"""The table that all indicators take: what is settled, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_simulation import etis_example, seizure_table

from forensics.errors import InputError, UsageError
from forensics.trade.conversion import records
from forensics.trade.seizures import (
    equivalents,
    open_seizures,
    seizures_of,
    seizures_of_records,
    with_animals,
)
from forensics.trade.store import create_store


def test_rows_of_one_reference_are_one_seizure():
    found = seizures_of(etis_example())
    assert len(found) == 1
    assert len(found.rows) == 2
    assert found.rows["kg"].sum() == 1000


@pytest.mark.parametrize("unit", ["kg", "t"])
def test_units_of_mass_become_kilograms(unit):
    assert seizures_of(etis_example(unit)).rows["kg"].tolist() == pytest.approx([200, 800])


def test_pieces_are_not_kilograms_and_boxes_are_neither():
    table = etis_example().assign(unit=["", "boxes"])
    rows = seizures_of(table).rows
    assert rows["pieces"][0] == 200
    assert np.isnan(rows["kg"]).all()
    assert np.isnan(rows["pieces"][1])


def test_namibia_stays_a_country_and_a_former_code_becomes_its_heir(tmp_path):
    path = tmp_path / "seizures.csv"
    path.write_text("reference;date;species;country;origin\n1;2020;Manis javanica;NA;ZR\n")
    rows = seizures_of(path).rows
    assert rows["country"].tolist() == ["NA"]
    assert rows["origin"].tolist() == ["CD"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("date", "31/12/2020"),
        ("date", ""),
        ("species", " "),
        ("country", "QQ"),
        ("country", "Kenya"),
        ("transit", "AE;Q1"),
        ("not_reached", "FR"),
        ("quantity", "-3"),
        ("quantity", "many"),
        ("quantity", "nan"),
        ("quantity", "1,234"),
        ("quantity", "1_000"),
        ("quantity", "٣"),
        ("quantity", "1e300"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path, column, value):
    table = etis_example().astype(object)
    table[column] = table[column] if column in table else ""
    table.loc[1, column] = value
    path = tmp_path / "seizures.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        seizures_of(path)
    assert caught.value.line == 3


def test_rows_of_a_seizure_that_contradict_each_other_are_refused():
    table = etis_example()
    table.loc[1, "country"] = "MY"
    with pytest.raises(InputError, match="country"):
        seizures_of(table)


def test_limits_of_animals_must_be_in_order():
    table = etis_example().assign(animals=5, animals_low=6, animals_high=7)
    with pytest.raises(InputError, match="in order"):
        seizures_of(table)


def test_missing_and_doubled_columns_are_refused():
    table = etis_example()
    with pytest.raises(InputError, match="species"):
        seizures_of(table.drop(columns="species"))
    table.insert(0, "date", "2020", allow_duplicates=True)
    with pytest.raises(InputError):
        seizures_of(table)
    with pytest.raises(InputError):
        seizures_of(etis_example().iloc[:0])


def test_years_can_be_taken_and_none_is_refused():
    found = seizures_of(seizure_table())
    part = found.select(first=2016, last=2017)
    assert set(part.rows["year"]) == {2016, 2017}
    assert part.rows["number"].max() == len(part) - 1
    with pytest.raises(UsageError, match="2015 to 2024"):
        found.select(last=1990)


@given(st.lists(st.text(max_size=20), min_size=9, max_size=9))
def test_no_cell_makes_it_fail_otherwise_than_by_a_clear_error(cells):
    columns = ["reference", "date", "species", "quantity", "unit", "country", "transit", "origin",
               "animals"]  # fmt: skip
    import pandas as pd

    try:
        found = seizures_of(pd.DataFrame([cells], columns=columns))
    except InputError as error:
        assert error.record in (1, None)
    else:
        assert len(found) == 1


def test_scales_become_animals_by_the_packaged_factors_and_ivory_does_not():
    table = etis_example()
    table["species"], table["term"] = ["Manis javanica", "Elephas maximus"], ["SCA", "IVC"]
    found = seizures_of(table)
    animals, _low, _high = equivalents(found)
    assert animals[0] == pytest.approx(200 / 0.36)
    assert np.isnan(animals[1])


def test_the_range_of_a_factor_is_carried_through():
    table = etis_example().assign(species="Manis", term="SCA")
    middle, low, high = equivalents(seizures_of(table))
    assert low[0] == pytest.approx(200 / 3.6)
    assert middle[0] == pytest.approx(200 / 0.6)
    assert high[0] == pytest.approx(200 / 0.36)


def test_animals_that_a_row_states_are_not_reckoned_anew():
    table = etis_example().assign(species="Manis javanica", term="SCA", animals=[7, None])
    found = with_animals(seizures_of(table))
    assert found.rows["animals"].tolist() == pytest.approx([7, 800 / 0.36])
    assert any("factors" in text for _label, text in found.notes)


def test_a_store_gives_the_same_table_and_tells_what_is_left_out(tmp_path):
    path = tmp_path / "seizures.db"
    with create_store(path) as store, store.changing():
        for number, (day, species) in enumerate(
            [("2020-03-01", "Manis javanica"), (None, "Manis javanica"), ("2020-04-01", None)]
        ):
            seizure = store.add_seizure(
                {"reference": "same", "date": day, "country": "SG", "transit": "AE; MY"}
            )
            store.add_specimen(
                seizure, 1, None,
                {"species": species, "term": "SCA", "unit": "kg", "quantity_low": 3.6,
                 "quantity_high": 3.6 + number},
            )  # fmt: skip
    found = open_seizures(path)
    assert len(found) == 1
    assert found.rows["transit"].tolist() == [("AE", "MY")]
    assert found.rows["animals"].tolist() == pytest.approx([10.0])
    told = " ".join(text for _label, text in found.notes)
    assert "Seizures without a date, left out: 1" in told
    assert "Specimens without a taxon, left out: 1" in told


def test_the_records_frame_is_taken_as_it_is(tmp_path):
    path = tmp_path / "seizures.db"
    with create_store(path) as store, store.changing():
        seizure = store.add_seizure({"date": "2020", "country": "NA", "departure": "KE"})
        store.add_specimen(
            seizure, 1, None,
            {"species": "Manis", "term": "SCA", "unit": "kg", "quantity_low": 3.0,
             "quantity_high": 6.0},
        )  # fmt: skip
        store.add_specimen(
            seizure, 2, None,
            {"species": "Manis", "term": "SCA", "unit": "kg", "quantity_low": 3.0},
        )  # fmt: skip
    rows = seizures_of_records(records(path)).rows
    assert rows["country"].tolist() == ["NA", "NA"]
    assert rows["departure"].tolist() == [("KE",), ("KE",)]
    assert rows["kg"][0] == 4.5 and np.isnan(rows["kg"][1])  # an open end is not known
    assert rows["animals_low"][0] < rows["animals"][0] < rows["animals_high"][0]
    assert np.isnan(rows["animals"][1])
