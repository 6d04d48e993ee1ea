import hashlib
import json
from dataclasses import asdict

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from workbooks import workbook

from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.tables import Row, xlsx_bytes
from forensics.trade import create_store, import_file, open_store, validate
from forensics.trade.importing import import_sheets
from forensics.trade.mapping import Choice, packaged
from forensics.trade.sheets import Sheet, clean, read_sheets
from forensics.trade.store import memory_store
from forensics.trade.vocabulary import FIELDS

CSV = """Reference;Date of seizure;Species;Term;Quantity;Country;Origin
R1;2019-03-05;Manis javanica;SCA;12,5 kg;Namibia;NA
R1;2019-03-05;Manis javanica;LIV;3 pcs;NA;ID
R2;03/04/2019;Loxodonta africana;défense;1.200 kg;Kenya;KE
R3;2019-03-06;Loxodonta africana;TUS;une dizaine;KE;
"""


@pytest.fixture
def store(tmp_path):
    with create_store(tmp_path / "store.db") as made:
        yield made


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "seizures.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_rows_of_a_reference_are_one_seizure(store, file):
    report = import_file(store, file)
    assert (report.account.read, report.seizures, report.specimens) == (4, 3, 4)
    first = next(store.seizures())
    assert first.get("country") == "NA" and [one.get("term") for one in first.specimens] == [
        "SCA",
        "LIV",
    ]
    assert first.specimens[0].low == 12.5 and first.specimens[0].get("unit") == "kg"


def test_what_has_two_readings_is_told_and_left_out(store, file):
    report = import_file(store, file)
    told = {(one.row, one.code, one.field) for one in report.problems}
    assert told == {
        (4, "DATE_AMBIGUOUS", "date"), (4, "QUANTITY_AMBIGUOUS", "quantity"),
        (5, "QUANTITY_APPROXIMATE", "quantity"),
    }  # fmt: skip
    second = list(store.seizures())[1]
    assert (
        second.specimens[0].low is None and second.specimens[0].get("quantity_text") == "1.200 kg"
    )
    assert (report.parsed, report.flagged) == (3, 2)


def test_options_settle_it(store, file):
    report = import_file(store, file, date_order="dmy", decimal=",")
    assert {one.code for one in report.problems} == {"QUANTITY_APPROXIMATE"}
    second = list(store.seizures())[1]
    assert second.get("date") == "2019-04-03" and second.specimens[0].low == 1200


def test_every_row_is_kept_as_it_stood_with_its_hash(store, file):
    import_file(store, file)
    rows = list(store.table("rows"))
    assert [row["number"] for row in rows] == [2, 3, 4, 5]
    for row, line in zip(rows, CSV.splitlines()[1:]):
        assert json.loads(row["cells"]) == line.split(";")
        joined = line.replace(";", "\x1f").encode()
        assert row["sha256"] == hashlib.sha256(joined).hexdigest()
    (held,) = store.table("files")
    assert held["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert store.original(1)["Quantity"] == "12,5 kg"


def test_rows_of_which_nothing_can_be_made_are_kept_too(store, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text(
        "Reference,Species,Quantity\n,,\nx,,\na,b,1,surplus\n?,n/a,-\n", encoding="utf-8"
    )
    report = import_file(store, path)
    assert (
        report.account.read == 3 == store.counts()["rows"]
    )  # the empty line has no cell that says anything
    # A reference alone may be a note; a cell beside the columns may be a shifted row; dashes are no record.
    assert [(one.row, one.code) for one in report.problems] == [
        (3, "ROW_UNIDENTIFIED"),
        (4, "ROW_WIDER"),
    ]
    assert asdict(report.account) == {"read": 3, "recorded": 0, "waiting": 2, "aside": 1}


def test_a_failure_in_the_middle_leaves_nothing(store, file, monkeypatch):
    added = store.add_row

    def failing(file, row, standing):
        if row.line == 4:
            raise InputError("the disk is gone")
        return added(file, row, standing)

    monkeypatch.setattr(store, "add_row", failing)
    with pytest.raises(InputError):
        import_file(store, file)
    assert not any(store.counts().values())


def test_the_same_content_is_not_imported_twice(store, file, tmp_path):
    import_file(store, file)
    again = tmp_path / "other_name.csv"
    again.write_bytes(file.read_bytes())
    with pytest.raises(UsageError, match="imported before"):
        import_file(store, again)
    assert store.counts()["files"] == 1


def test_rows_that_differ_on_the_seizure_are_seizures_of_their_own_and_told(store, tmp_path):
    path = tmp_path / "differs.csv"
    path.write_text("Reference,Country,Species\nR1,KE,Manis\nR1,UG,Manis\nR1,KE,Panthera\n")
    report = import_file(store, path)
    assert [len(one.specimens) for one in store.seizures()] == [2, 1]
    assert [(one.code, one.row) for one in report.problems] == [("SEIZURE_DIFFERS", 3)]


@pytest.mark.parametrize(
    "header",
    [
        "Référence,Date de la saisie,Espèce,Description du spécimen,Quantité,Unité,Pays de la saisie",
        "Referência,Data da apreensão,Espécie,Descrição do espécime,Quantidade,Unidade,País da apreensão",
        "REFERENCE,date,species,term,quantity,unit,country",
    ],
)
def test_columns_in_three_languages_are_known(store, tmp_path, header):
    path = tmp_path / "table.csv"
    path.write_text(f"{header}\nR1,2019-03-05,Manis javanica,escamas,3,quilos,Cameroun\n", "utf-8")
    report = import_file(store, path)
    (seizure,) = store.seizures()
    assert seizure.get("country") == "CM" and not report.unmapped and not report.problems
    assert {**seizure.specimens[0].values} == {
        "species": "Manis javanica", "term": "SCA", "quantity_low": 3.0, "quantity_high": 3.0, "unit": "kg",
    }  # fmt: skip


def test_windows_1252_and_a_workbook_are_read_alike(tmp_path):
    header, row = ["Référence", "Espèce", "Quantité", "Lieu"], ["=R1", "Manis", "2", "Thiès"]
    text = ";".join(header) + "\n" + ";".join(row) + "\n"
    (tmp_path / "old.csv").write_bytes(text.encode("cp1252"))
    (tmp_path / "new.xlsx").write_bytes(xlsx_bytes(header, [row]))
    found = []
    for name in ("old.csv", "new.xlsx"):
        with memory_store() as store:
            import_file(store, tmp_path / name)
            (seizure,) = store.seizures()
            found.append((dict(seizure.values), dict(seizure.specimens[0].values)))
    assert found[0] == found[1] and found[0][0]["reference"] == "=R1"


def test_numbers_of_a_workbook_have_one_reading(store, tmp_path):
    path = workbook(
        tmp_path / "x.xlsx",
        ["Reference", "Species", "Quantity", "Unit"],
        ["R1", "Manis", 1.234, "kg"],
        ["R2", "Manis", "1.234", "kg"],
    )
    report = import_file(store, path)
    assert [one.specimens[0].low for one in store.seizures()] == [1.234, None]
    assert [(one.row, one.code) for one in report.problems] == [(3, "QUANTITY_AMBIGUOUS")]


def test_two_units_that_differ_are_told(store, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Reference,Species,Quantity,Unit\nR1,Manis,5 kg,g\n")
    report = import_file(store, path)
    assert [one.code for one in report.problems] == ["UNIT_CONTRADICTORY"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x00\x01\x02", "neither a table of text"), (b"", "no row with names"), (b'Reference,Species\n"x', "quotation marks"),
        (b"PK\x03\x04broken", "cannot be read"), (b"what,ever\n1,2\n", "no mapping is known"),
        (b'{"type": "FeatureCollection", "features": [1]}', "expected named values"),
        (b"[[[", "cannot be read as seizures"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_with_a_reason(store, tmp_path, content, expected):
    path = tmp_path / "hostile"
    path.write_bytes(content)
    with pytest.raises((InputError, UsageError), match=expected):
        import_file(store, path)
    assert not any(store.counts().values())


def test_a_mapping_of_ones_own_is_followed(store, tmp_path):
    mapping = tmp_path / "own.toml"
    mapping.write_text(
        'format = 1\nname = "own"\ndate_order = "dmy"\ndecimal = ","\ndefault_unit = "kg"\n'
        '[columns]\nreference = "Nr"\ndate = "Tag"\nspecies = "Art"\nquantity = "Menge"\n'
        '[constants]\ncountry = "CH"\n[values.species]\n"Elfenbein" = "Loxodonta africana"\n'
    )
    path = tmp_path / "x.csv"
    path.write_text("Nr;Tag;Art;Menge;Sonst\n1;03.04.2019;Elfenbein;1,250;x\n")
    report = import_file(store, path, mapping=mapping)
    (seizure,) = store.seizures()
    assert dict(seizure.values) == {"reference": "1", "date": "2019-04-03", "country": "CH"}
    assert seizure.specimens[0].low == 1.25 and seizure.specimens[0].get("unit") == "kg"
    assert report.unmapped == ("Sonst",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no toml [", "not TOML"), ("format = 2", "format: found 2"),
        ('format = 1\n[columns]\nspeices = "x"', "columns: found 'speices'"),
        ('format = 1\nfoo = 1', "the mapping has foo"),
        ('format = 1\n[columns]\nspecies = 3', "expected a text"),
        ('format = 1\ndecimal = ";"\n[columns]\nspecies = "x"', "decimal: found ';'"),
        ('format = 1\n[columns]\nspecies = "x"\n[values.source]\nwild = "Z9"', "values.source: found 'Z9'"),
        ("format = 1", "names no column"),
    ],
)  # fmt: skip
def test_a_mapping_that_is_wrong_is_told(store, file, tmp_path, text, expected):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=expected):
        import_file(store, file, mapping=path)


def test_a_store_is_what_it_was_made(tmp_path):
    path = tmp_path / "store.db"
    create_store(path).close()
    with pytest.raises(UsageError, match="already exists"):
        create_store(path)
    with open_store(path) as store:
        store.database().execute("DROP TRIGGER rows_update")
    with pytest.raises(VerificationError, match="rows_update"):
        open_store(path)
    with pytest.raises(InputError, match="No store of seizures"):
        open_store(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("hello")
    with pytest.raises(VerificationError, match="not a store of seizures"):
        open_store(tmp_path / "text.db")


def test_rows_and_history_refuse_to_be_changed(store, file):
    import sqlite3

    import_file(store, file)
    for act in ("UPDATE rows SET cells = '[]'", "DELETE FROM files", "DELETE FROM rows"):
        with pytest.raises(sqlite3.IntegrityError):
            store.database().execute(act)


def test_cells_are_cleaned_for_the_record_only(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Reference\n'=1+1\x07\n", encoding="utf-8")
    (sheet,) = read_sheets(path)
    (row,) = sheet.rows
    assert row.cells == ("'=1+1\x07",) and clean(row.cells[0]) == "=1+1"


def test_numbers_that_are_none_and_broken_letters_of_json_are_told(store, tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": '
        '[NaN, 1e999]}, "properties": {"reference": "\\ud800", "specimens": [{"quantity": 1e400}]}}]}'
    )
    report = import_file(store, path)
    assert [one.code for one in report.problems] == [
        "NUMBER_UNREADABLE", "NUMBER_UNREADABLE", "QUANTITY_UNREADABLE",
    ]  # fmt: skip
    (seizure,) = store.seizures()
    assert dict(seizure.values) == {"reference": "\\ud800"}


cells = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=15),
    st.sampled_from(
        ["NA", "12,5 kg", "03/04/2019", "2019", "Manis javanica", "TUS", "I", "1.200", "99 %"]
    ),
)


@examples(150)
@given(st.lists(st.lists(cells, max_size=len(FIELDS) + 1), max_size=4))
def test_no_table_breaks_reading_or_validation_and_every_row_is_kept(table):
    rows = tuple(Row(number, tuple(row)) for number, row in enumerate(table, 2))
    sheet = Sheet("simulated.csv", "0" * 64, 1, tuple(FIELDS), rows)
    with memory_store() as store:
        report = import_sheets(store, Choice(((sheet, packaged()["aitr"]),)))
        kept = [(row["number"], tuple(json.loads(row["cells"]))) for row in store.table("rows")]
        validate(store)
    assert kept == [(row.line, row.cells) for row in rows] and report.account.read == len(rows)
