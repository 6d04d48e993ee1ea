"""``forensics trade``: what no report may have, dates that cannot be read, sheets that were not."""

import re

import pytest
from command_line import rows, typed


def trade(line, *more, **options):
    return typed(f"trade {line}", *more, **options)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def imported(tmp_path):
    """Return a function that imports a table into a new store."""

    def imported(text):
        (tmp_path / "x.csv").write_text(text)
        return trade("import s.db x.csv --new")

    return imported


# Fourteen seizures as an office sent them: a total, one of another year, and errors of every kind.
FOURTEEN = """Reference;Date;Country;Species;Term;Quantity;Unit;Appendix
A1;2024-03-05;CM;Loxodonta africana;TUS;12;kg;I
A2;31/06/2024;CM;Loxodonta africana;TUS;12;kg;I
A3;2024-03-07;CM;Manis tricuspis;SCA;3;viss;I
A4;2024-03-08;XQ;Manis tricuspis;SCA;3;kg;I
A5;2024-03-09;CM;;SCA;3;kg;I
A6;2024-03-10;CM;Manis tricuspis;;3;kg;I
A7;2024-03-11;CM;Manis tricuspis;SCA;;kg;I
A8;2024-03-12;CM;Manis tricuspis;SCA;1.200;kg;I
A9;03/04/2024;CM;Manis tricuspis;SCA;3;kg;I
B1;;CM;Manis tricuspis;SCA;3;kg;I
B2;2024-03-15;CM;Manis tricuspis;TUS;3;kg;I
B3;2024-03-16;CM;Manis tricuspis;SCA;3;kg;IV
B4;2023-03-17;CM;Manis tricuspis;SCA;3;kg;I
Total;;;;;69;kg;
"""
WRONG = ["A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "B1", "B2", "B3"]


@pytest.mark.parametrize("form, is_report", [("aitr", True), ("etis", True), ("geojson", False)])
def test_no_report_has_a_record_with_an_error_and_every_seizure_is_accounted_for(
    imported, tmp_path, form, is_report
):
    imported(FOURTEEN)
    output = tmp_path / ("out.csv" if is_report else "out.geojson")
    said = trade(f"export s.db --to {form} --year 2024 --output", output, expect=3).stderr
    text = output.read_text(encoding="utf-8-sig")
    kept = set() if is_report else {*WRONG} - {"A2", "A9", "B1"}  # of these the year is not known
    assert "A1" in text and {number for number in WRONG if number in text} == kept
    assert "B4" not in text and "69" not in text
    assert "(13 B4)" in said and "(14 Total)" in said
    counts = re.search(
        r"14 seizures in the store: (\d+) written, (\d+) not valid, (\d+) left out", said
    )
    assert list(map(int, counts.groups())) == ([1, 11, 2] if is_report else [9, 3, 2])
    assert "11 seizures" in said and "then trade fix" in said
    for number in WRONG:
        assert re.search(rf"\(error\) x\.csv, row \d+, seizure \d+, {number}: \w+: found", said)


def test_where_no_record_is_valid_no_report_is_written(imported, tmp_path):
    head, _valid, *wrong = FOURTEEN.splitlines()
    imported("\n".join([head, *wrong[:2]]))
    found = trade("export s.db --to aitr --output r.csv", expect=3)
    assert "Nothing was written" in found.stderr and not (tmp_path / "r.csv").exists()


OF_YEARS = """Reference,Date,Species,Term,Quantity,Unit,Country,Origin,Destination
R1,2025-03-01,Manis javanica,SCA,36,kg,SG,ID,CN
R2,03/04/2025,Manis javanica,SCA,12,kg,SG,ID,CN
R3,spring 2025,Manis javanica,SCA,7,kg,SG,ID,CN
R4,,Manis javanica,SCA,5,kg,SG,ID,CN
R5,2024-03-01,Manis javanica,SCA,9,kg,SG,ID,CN
"""
UNREAD = ("R2", "R3", "R4")


def test_validation_of_a_year_counts_and_names_what_has_no_readable_date(imported):
    imported(OF_YEARS)
    found = trade("validate s.db --year 2025 --format csv")
    assert "3 of these seizures have no date that can be read; they may be of 2025" in found.stderr
    for name in UNREAD:
        assert f" {name}: date" in found.stderr
    assert "'spring 2025'" in found.stderr and "R5" not in found.output
    dates = [row for row in rows(found) if row["field"] == "date"]
    assert {(row["reference"], row["code"]) for row in dates} == {
        ("R2", "DATE_AMBIGUOUS"), ("R3", "DATE_NOT_A_DATE"), ("R4", "DATE_MISSING"),
    }  # fmt: skip


@pytest.mark.parametrize("form", ["aitr", "geojson", "etis"])
def test_an_export_of_a_year_counts_and_names_what_has_no_readable_date(imported, tmp_path, form):
    imported(OF_YEARS)
    output = tmp_path / ("out.json" if form == "geojson" else "out.csv")
    said = trade(f"export s.db --to {form} --year 2025 --output", output, expect=3).stderr
    assert "5 seizures in the store: " in said and "3 not valid" in said
    for reference in UNREAD:
        assert f"{reference}: date: found" in said
    if form == "etis":
        assert "(1 R1)" in said and not output.exists()
        return
    text = output.read_text(encoding="utf-8-sig")
    assert "R1" in text and not any(one in text for one in (*UNREAD, "R5"))
    assert "left out 1 times: record: not in the year of the report (5 R5)" in said


def test_what_is_converted_or_counted_names_what_has_no_readable_date(imported):
    imported(OF_YEARS)
    found = trade("convert s.db --year 2025", expect=3)
    assert "3 seizures in the output are not valid:" in found.stderr
    found = trade("analyse s.db --format csv")
    assert [row["seizures"] for row in rows(found)] == ["1", "1"]
    assert "Seizures without a date, left out: 3 (seizures 2, 3, 4)" in found.stderr


def test_converting_says_what_is_of_the_legal_trade(imported):
    head, first, *_others = OF_YEARS.splitlines()
    imported(f"{head},Basis,Source\n{first},trade report,W\n{first},trade report,I\n")
    found = trade("convert s.db")
    assert "1 of the converted specimens is not of a seizure" in found.stderr


def test_a_sheet_that_cannot_be_read_is_named_and_the_command_leaves_with_3(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    head, first, *_others = OF_YEARS.splitlines()
    book = openpyxl.Workbook()
    book.active.title = "Scales"
    ivory = "R9,2025-03-09,Loxodonta africana,TUS,651,kg,KE,KE,CN"
    for sheet, line in ((book.active, first), (book.create_sheet("Ivory"), ivory)):
        sheet.append(head.split(","))
        sheet.append(line.split(","))
    book.save("two.xlsx")
    said = trade("import s.db two.xlsx --new --dry-run").stderr
    assert "2 rows read" in said and "Sheets read: Scales, Ivory" in said
    book.create_sheet("Notes").append(["made by", "amina"])
    book.save("three.xlsx")
    for line in ("import s.db three.xlsx --new", "validate three.xlsx"):
        assert "Sheet NOT read: Notes" in trade(line, expect=3).stderr
    said = trade("validate three.xlsx --sheet Ivory").stderr
    assert "Sheet left alone: Scales" in said


def test_a_search_says_how_many_more_there_are(imported):
    imported(FOURTEEN)
    assert "… and 9 more" in trade("show s.db --search manis --limit 1").stderr
    assert "more" not in trade("show s.db --search manis --limit", 10**20).stderr


def test_the_table_of_problems_is_csv_and_no_workbook(imported):
    imported(FOURTEEN)
    said = trade("validate s.db --output problems.xlsx", expect=2).stderr
    assert "'.xlsx'; expected .csv" in said
    trade("import t.db x.csv --new --problems problems.json", expect=2)
