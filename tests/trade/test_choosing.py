"""Workbooks with several sheets: all that hold records are read, the others are named."""

import pytest
from workbooks import workbook

from forensics.errors import InputError, UsageError
from forensics.trade import import_file
from forensics.trade.mapping import choose_sheets
from forensics.trade.sheets import read_sheets
from forensics.trade.store import memory_store

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")

HEADER = ["Reference", "Date", "Species", "Term", "Quantity", "Unit", "Country"]
FIRST = [HEADER, ["R1", "2025-03-01", "Manis javanica", "SCA", 36, "kg", "SG"]]
SECOND = [HEADER, ["R2", "2025-04-01", "Loxodonta africana", "TUS", 651, "kg", "KE"]]


@pytest.fixture
def store():
    with memory_store() as made:
        yield made


def test_the_second_sheet_is_read_too(store, tmp_path):
    path = workbook(tmp_path / "s.xlsx", Scales=FIRST, Ivory=SECOND)
    report = import_file(store, path)
    assert (report.account.read, report.seizures, report.specimens) == (2, 2, 2)
    assert report.sheets == ("Scales", "Ivory") and not report.unread
    held = [one.specimens[0] for one in store.seizures()]
    assert [one.low for one in held] == [36, 651]
    assert [(one.file, one.row) for one in held] == [("s.xlsx [Scales]", 2), ("s.xlsx [Ivory]", 2)]
    assert [row["sheet"] for row in store.table("files")] == ["Scales", "Ivory"]


def test_a_sheet_of_no_records_is_named_with_the_reason(store, tmp_path):
    path = workbook(
        tmp_path / "s.xlsx", Notes=[["Made by amina"], ["see the file"]], Ivory=SECOND,
        ByCountry=[["Country", "Quantity"], ["KE", 651]],
    )  # fmt: skip
    report = import_file(store, path)
    assert report.sheets == ("Ivory",) and report.account.read == 1
    assert [name for name, _why in report.unread] == ["Notes", "ByCountry"]
    assert "date or a reference" in dict(report.unread)["ByCountry"]
    assert report.to_dict()["unread_sheets"][1]["sheet"] == "ByCountry"


def test_empty_and_hidden_sheets(store, tmp_path):
    path = workbook(tmp_path / "s.xlsx", Empty=[], Ivory=SECOND)
    assert import_file(store, path).sheets == ()  # one sheet: no title is needed
    assert next(store.seizures()).specimens[0].file == "s.xlsx"
    book = openpyxl.load_workbook(workbook(tmp_path / "h.xlsx", Scales=FIRST, Ivory=SECOND))
    book["Ivory"].sheet_state = "veryHidden"
    book.save(tmp_path / "h.xlsx")
    assert [sheet.title for sheet in read_sheets(tmp_path / "h.xlsx")] == ["Scales", "Ivory"]


def test_rows_of_one_reference_may_stand_in_several_sheets(store, tmp_path):
    more = [HEADER, ["R1", "2025-03-01", "Manis javanica", "LIV", 3, "", "SG"]]
    report = import_file(store, workbook(tmp_path / "s.xlsx", One=FIRST, Two=more))
    assert (report.seizures, report.specimens) == (1, 2)


def test_sheets_are_chosen_by_their_titles(store, tmp_path):
    path = workbook(tmp_path / "s.xlsx", Scales=FIRST, Ivory=SECOND)
    report = import_file(store, path, sheets=["Ivory"])
    assert report.sheets == ("Ivory",) and not report.unread
    assert [name for name, _why in report.skipped] == ["Scales"]
    with pytest.raises(UsageError, match="no sheet Bones; it has: Scales, Ivory|no sheet Bones"):
        import_file(store, path, sheets=["Bones"])


def test_a_sheet_that_was_imported_is_left_alone_and_named(store, tmp_path):
    path = workbook(tmp_path / "s.xlsx", Scales=FIRST, Ivory=SECOND)
    import_file(store, path, sheets=["Scales"])
    report = import_file(store, path)
    assert report.sheets == ("Ivory",)
    assert report.skipped == (("Scales", "it was imported before"),)
    with pytest.raises(UsageError, match="imported before"):
        import_file(store, path)


def test_a_failed_second_sheet_leaves_nothing_of_the_first(store, tmp_path):
    bad = [["N", "Date", "Species", "Case"], ["1", "2025-01-01", "Manis javanica", "unknown"]]
    path = workbook(tmp_path / "s.xlsx", One=FIRST, Two=bad)
    from forensics.trade.linking import Links

    names = {"case": frozenset(), "exhibit": frozenset(), "finding": frozenset()}
    with pytest.raises(InputError, match=r"s\.xlsx \[Two\].*no case unknown"):
        import_file(store, path, links=Links("ledger", names))
    assert store.counts()["rows"] == 0


def test_no_readable_sheet_is_an_error(store, tmp_path):
    path = workbook(tmp_path / "s.xlsx", A=[["x", "y"], [1, 2]], B=[["z"], [3]])
    with pytest.raises(UsageError, match="no mapping"):
        choose_sheets(store, path, read_sheets(path), None)


def test_a_workbook_that_was_imported_before_is_said_to_be(store, tmp_path):
    path = workbook(tmp_path / "s.xlsx", Ivory=SECOND, Notes=[["x", "y"], [1, 2]])
    import_file(store, path)
    with pytest.raises(UsageError, match="Ivory: it was imported before; Notes: "):
        import_file(store, path)
