import numpy
import pytest

from forensics.trade import import_file, records
from forensics.trade.conversion import COLUMNS
from forensics.trade.store import create_store

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
