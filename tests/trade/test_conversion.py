"""What a quantity stands for, and records as a table."""

import numpy
import pytest

from forensics.errors import InputError
from forensics.trade import convert_store, import_file, records
from forensics.trade.conversion import COLUMNS, convert, packaged_factors, read_factors
from forensics.trade.record import Seizure, Specimen
from forensics.trade.store import create_store, memory_store


def specimen(species, term, low, unit, high=None):
    high = low if high is None else high
    return Specimen(
        {"species": species, "term": term, "quantity_low": low, "quantity_high": high, "unit": unit}
    )


@pytest.mark.parametrize(
    ("given", "measure", "bounds"),
    [
        (("Manis javanica", "SCA", 36.0, "kg"), "animals", [36 / 0.36] * 3),
        (("Manis pentadactyla", "SCA", 36.0, "kg"), "animals", [36 / 0.57] * 3),
        (("Phataginus tricuspis", "SCA", 36.0, "kg"), "animals", [36 / 0.6] * 3),
        (("Smutsia gigantea", "SCA", 36.0, "kg"), "animals", [36 / 3.6] * 3),
        (("Manis spp.", "SCA", 36.0, "kg"), "animals", [10, 60, 100]),  # no species, a range
        # Units are brought to that of the factor first.
        (("Manis javanica", "SCA", 360.0, "g"), "animals", [1] * 3),
        (("Manis javanica", "SCA", 0.36, "t"), "animals", [1000] * 3),
        (("Loxodonta africana", "IVC", 7.0, "kg"), "raw ivory, kg", [10] * 3),  # worked, and raw
        (("Loxodonta africana", "TUS", 7.0, "kg"), "raw ivory, kg", [7] * 3),
        # Tusks are of half as many elephants at least.
        (("Loxodonta africana", "TUS", 10.0, "no."), "animals", [5, 5, 10]),
        (("Psittacus erithacus", "LIV", 24.0, ""), "animals", [24] * 3),  # no unit: pieces
    ],
)
def test_a_quantity_stands_for_animals_or_raw_ivory(given, measure, bounds):
    (found,) = convert(specimen(*given), Seizure({"date": "2019-01-01"}))
    assert found.measure == measure
    assert [found.low, found.middle, found.high] == pytest.approx(bounds)


def test_ranges_of_the_quantity_are_carried_through():
    (found,) = convert(specimen("Manis javanica", "SCA", 3.6, "kg", 7.2))
    assert (found.low, found.high) == pytest.approx((10, 20)) and found.middle is None
    open_end = Specimen(
        {"species": "Manis javanica", "term": "SCA", "quantity_low": 3.6, "unit": "kg"}
    )
    (found,) = convert(open_end)
    assert found.low == pytest.approx(10) and found.high is None


def test_what_no_factor_is_known_for_stays_unconverted():
    assert not convert(specimen("Manis javanica", "MEA", 5.0, "kg"))
    assert not convert(specimen("Manis javanica", "SCA", 5.0, "bags"))
    assert not convert(specimen("Pterocarpus santalinus", "LOG", 5.0, "m3"))
    assert not convert(Specimen({"species": "Manis javanica", "term": "SCA", "unit": "kg"}))


def test_each_conversion_is_a_recorded_assumption_and_not_doubled():
    with memory_store() as store:
        with store.changing():
            key = store.add_seizure({"date": "2019-01-01"})
            store.add_specimen(key, 1, None, specimen("Manis javanica", "SCA", 36.0, "kg").values)
            open_end = {
                "species": "Manis javanica",
                "term": "SCA",
                "quantity_low": 3.6,
                "unit": "kg",
            }
            store.add_specimen(key, 2, None, open_end)
        convert_store(store, dry_run=True)
        assert not list(store.table("conversions"))
        convert_store(store)
        convert_store(store)
        held = list(store.table("conversions"))
    assert len(held) == 2
    assert "0.36 kg" in held[0]["assumption"] and "doi:10.1890/14.WB.001" in held[0]["source"]
    assert held[0]["table_sha256"] == packaged_factors().sha256
    assert held[0]["middle"] == pytest.approx(100) and held[1]["high"] is None


def test_every_packaged_factor_has_a_source_and_says_how_sure_it_is():
    statuses = {one.status for one in packaged_factors().factors}
    assert statuses == {"published", "to be confirmed", "house", "definition", "official"}
    assert all(one.source and one.assumption for one in packaged_factors().factors)


FACTOR = {
    "id": '"x"', "measure": '"animals"', "terms": '["SCA"]', "taxa": '["Manis"]', "unit": '"kg"',
    "divide": "0.5", "assumption": '"a"', "source": '"s"', "status": '"own"',
}  # fmt: skip


def factor_file(tmp_path, **changes):
    rows = {**FACTOR, **changes}
    lines = [f"{key} = {value}" for key, value in rows.items() if value is not None]
    path = tmp_path / "factors.toml"
    path.write_text('format = 1\nversion = "own"\n[[factor]]\n' + "\n".join(lines) + "\n")
    return path


def test_a_table_of_ones_own_is_used(tmp_path):
    own = read_factors(factor_file(tmp_path, low="0.25"))
    (found,) = convert(specimen("Manis javanica", "SCA", 1.0, "kg"), factors=own)
    assert (found.low, found.middle, found.high) == (2, 2, 4)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"divide": "0"}, "above 0"), ({"divide": None}, "divide or multiply"), ({"unit": '"viss"'}, "unit: found 'viss'"),
     ({"terms": '["QQQ"]'}, "terms: found 'QQQ'"), ({"source": None}, "source: expected text"), ({"low": "0.9"}, "low <="),
     ({"divide": "nan"}, "above 0"), ({"other": "1"}, "factor 1 has other")],
)  # fmt: skip
def test_a_table_that_is_wrong_is_told(tmp_path, changes, expected):
    with pytest.raises(InputError, match=expected):
        read_factors(factor_file(tmp_path, **changes))


CSV = """Reference,Date,Species,Term,Quantity,Unit,Country
R1,2019-03-05,Manis javanica,SCA,3.6,kg,NA
R2,2020,Loxodonta africana,IVC,7-14,kg,KE
R3,,,,a heap,,
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "x.csv").write_text(CSV)
    with create_store(tmp_path / "s.db") as store:
        import_file(store, tmp_path / "x.csv")
    return tmp_path / "s.db"


def test_a_row_a_specimen_with_its_seizure_and_what_it_stands_for(path):
    table = records(path)
    assert tuple(table.columns) == COLUMNS and len(table) == 3
    first, second, third = table.to_dict("records")
    assert (
        first["country"] == "NA" and first["year"] == 2019 and first["animals"] == pytest.approx(10)
    )
    assert (second["raw_ivory_kg_low"], second["raw_ivory_kg_high"]) == pytest.approx((10, 20))
    assert numpy.isnan(second["raw_ivory_kg"]) and third["country"] is None
    assert (first["file"], first["row"]) == ("x.csv", 2)


def test_a_year_is_chosen_and_types_hold_for_no_rows_too(path):
    assert list(records(path, year=2019)["reference"]) == ["R1"]
    empty = records(path, year=1999)
    assert len(empty) == 0 and list(empty.dtypes) == list(records(path).dtypes)
