"""What is a seizure: one rule for reports, indicators, publication and checks."""

import sqlite3

import pandas
import pytest

from forensics.errors import InputError, UsageError
from forensics.trade import import_file, validate
from forensics.trade.exchange import export_seizures
from forensics.trade.publishing.writing import publish
from forensics.trade.record import Seizure, Specimen, is_of_seizure, seized_part
from forensics.trade.seizures import open_seizures, seizures_of
from forensics.trade.store import create_store

CSV = """Reference,Date,Species,Term,Quantity,Unit,Basis,Source,Country of export,Destination
legal,2015,Manis javanica,SKI,100,,trade report,W,TH,US
taken,2015,Manis javanica,SKI,7,,trade report,I,TH,US
own,2015-03-01,Manis javanica,SKI,3,,,,TH,US
own2,2015-03-02,Manis javanica,SKI,2,,seizure,W,TH,US
odd,2015-03-03,Manis javanica,SKI,50,,hearsay,,TH,US
"""
SEIZED = {"taken", "own", "own2"}


@pytest.fixture
def store(tmp_path):
    (tmp_path / "s.csv").write_text(CSV)
    with create_store(tmp_path / "s.db") as made:
        import_file(made, tmp_path / "s.csv")
        yield made


@pytest.mark.parametrize(
    ("basis", "source", "expected"),
    [(None, None, True), ("", "I", True), ("seizure", "W", True), ("trade report", None, False),
     ("trade report", "W", False), ("trade report", "I", True), ("trade report", "I/W", True),
     ("trade report", "i", True), ("hearsay", None, False)],
)  # fmt: skip
def test_the_rule(basis, source, expected):
    assert is_of_seizure(basis, source) is expected


def test_of_a_line_with_two_specimens_the_confiscated_one_is_seized():
    legal, taken = Specimen({"source": "W"}), Specimen({"source": "I"})
    record = Seizure({"basis": "trade report"}, (legal, taken))
    assert seized_part(record).specimens == (taken,)
    assert seized_part(Seizure({"basis": "trade report"}, (legal,))) is None
    assert seized_part(Seizure({}, ())) is not None


def test_indicators_count_seizures_and_say_what_they_left_out(store):
    found = open_seizures(store.path)
    assert {text.split(": ")[1] for text in found.rows["reference"]} == SEIZED
    assert found.rows["pieces"].sum() == 12
    told = " ".join(text for _label, text in found.notes)
    assert "rows of legal trade, not seizures, left out: 1" in told
    assert "source I (confiscated or seized), counted as seizures: 1" in told
    assert "basis that is in no list, left out: 1" in told


def test_reports_hold_confiscations_and_no_legal_trade(store):
    made = export_seizures(store.seizures(), "aitr", year=2015)
    text = made.data.decode()
    assert "taken" in text and "own2" in text and "legal,2015" not in text and "hearsay" not in text
    assert '"legal"' not in text
    assert {one.seizure for one in made.left_out if not one.field} >= {1, 5}


def test_all_columns_of_the_report_lose_nothing(store):
    made = export_seizures(store.seizures(), "aitr", everything=True)
    assert made.records == 5 and b"legal" in made.data and b"hearsay" in made.data


def test_publication_has_seizures_alone(store, tmp_path):
    publish(store, tmp_path / "site", unlinked=True)
    with sqlite3.connect(tmp_path / "site" / "secretariat.db") as database:
        found = {row[0] for row in database.execute("SELECT reference FROM seizures")}
    assert found == SEIZED


def test_a_basis_of_no_list_is_an_error_of_validation(store):
    (problem,) = [one for one in validate(store).problems if one.code == "BASIS_UNKNOWN"]
    assert (problem.reference, problem.found) == ("odd", "hearsay")


def test_a_table_of_ones_own_goes_by_the_same_rule():
    rows = [
        {"reference": str(number), "date": "2015", "species": "Manis javanica", "basis": basis,
         "source": source, "quantity": 1}
        for number, (basis, source) in enumerate(
            [("trade report", "W"), ("Trade report", "I"), ("", ""), ("seizure", "")]
        )
    ]  # fmt: skip
    found = seizures_of(pandas.DataFrame(rows))
    assert found.rows["reference"].tolist() == ["1", "2", "3"]
    assert "legal trade, not seizures, left out: 1" in found.notes[0][1]
    with pytest.raises(UsageError, match="none is a seizure"):
        seizures_of(pandas.DataFrame(rows[:1]))
    with pytest.raises(InputError, match="column 'basis': found 'hearsay'"):
        seizures_of(pandas.DataFrame([{**rows[0], "basis": "hearsay"}]))


def test_of_3631_real_trade_lines_those_of_source_i_are_seizures(tmp_path, evaluation_data):
    with create_store(tmp_path / "s.db") as store:
        import_file(store, evaluation_data / "trade" / "manidae.csv")
    found = open_seizures(tmp_path / "s.db")
    table = pandas.read_csv(evaluation_data / "trade" / "manidae.csv", keep_default_na=False)
    assert len(table) == 3631
    assert len(found.rows) == (table["source"] == "I").sum()
