"""The index by the user's own weights."""

import numpy as np
import pytest
from indicator_simulation import seizure_table

from forensics.errors import InputError, UsageError
from forensics.trade.indicators.seizures import seizures_of
from forensics.trade.indicators.weighting import Weights, read_weights, weighted_index

BY_KILOGRAM = Weights({("*", "*", "kg"): 1.0}, "weights.csv", "00")


def write(path, *rows):
    path.write_text("\n".join(["species;term;unit;weight", *rows]) + "\n", encoding="utf-8")
    return path


def test_the_index_is_value_over_that_of_the_base_year():
    table = seizure_table()
    found = weighted_index(seizures_of(table), BY_KILOGRAM, base=2018).table.set_index("year")
    sums = table["quantity"].groupby(table["date"].str[:4].astype(int)).sum()
    np.testing.assert_allclose(found["index"], 100 * sums / sums[2018])
    assert (found["value_low"] < found["value"]).all() and (found["value_low"] > 0).all()


def test_the_index_has_no_interval_and_says_why():
    # A ratio of sums of uneven amounts: none that was tried holds.
    found = weighted_index(seizures_of(seizure_table()), BY_KILOGRAM, base=2018)
    for name in ("index_low", "index_high", "value_high"):
        assert found.table[name].isna().all()
    assert any("The index has no interval" in text for _label, text in found.notes)


def test_twice_the_weight_is_the_same_index_of_twice_the_value():
    taken = seizures_of(seizure_table())
    one, two = (
        weighted_index(taken, Weights({("*", "*", "kg"): weight})).table for weight in (1, 2)
    )
    np.testing.assert_allclose(two["value"], 2 * one["value"])
    np.testing.assert_allclose(two["index"], one["index"])


def test_a_weight_by_the_gram_is_a_thousand_by_the_kilogram(tmp_path):
    weights = read_weights(write(tmp_path / "w.csv", "Manis;SCA;g;0,5"))
    assert weights.of("Manis javanica", "SCA", "kg") == pytest.approx(500)


def test_what_has_no_weight_is_left_out_and_told():
    taken = seizures_of(seizure_table())
    found = weighted_index(taken, Weights({("Manis javanica", "*", "kg"): 1.0}))
    missing = int((seizure_table()["species"] == "Loxodonta africana").sum())
    assert found.table["rows_left_out"].sum() == missing
    assert any("Loxodonta africana SCA kg" in text for _label, text in found.notes)


def test_it_says_whose_weights_they_are_and_claims_no_other_name():
    found = weighted_index(seizures_of(seizure_table()), BY_KILOGRAM)
    text = found.explanation() + found.sample + str(found.to_dict())
    assert "own weights" in found.sample
    assert "weights.csv" in text
    assert "UNODC" not in text and "World Wildlife Crime" not in text


@pytest.mark.parametrize(
    "rows",
    [
        ("Manis;SCA;kg;-1",),
        ("Manis;SCA;kg;nan",),
        ("Manis;SCA;kg;much",),
        ("Manis;SCA;boxes;1",),
        (";SCA;kg;1",),
        ("Manis;SCA;kg;1", "Manis;SCA;g;1"),
    ],
)
def test_weights_that_cannot_be_are_refused_with_their_line(tmp_path, rows):
    with pytest.raises(InputError) as caught:
        read_weights(write(tmp_path / "w.csv", *rows))
    assert caught.value.line == len(rows) + 1


def test_no_weight_at_all_or_an_empty_base_year_is_refused():
    taken = seizures_of(seizure_table())
    with pytest.raises(UsageError):
        weighted_index(taken, Weights({("Panthera", "*", "kg"): 1.0}))
    with pytest.raises(UsageError, match="1999"):
        weighted_index(taken, BY_KILOGRAM, base=1999)
