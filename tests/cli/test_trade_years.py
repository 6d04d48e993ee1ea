"""Rows of a year whose date cannot be read are named, sheets that are not read are named, and totals wait."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from forensics.cli import main

CSV = """Reference,Date,Species,Term,Quantity,Unit,Country,Origin,Destination
R1,2025-03-01,Manis javanica,SCA,36,kg,SG,ID,CN
R2,03/04/2025,Manis javanica,SCA,12,kg,SG,ID,CN
R3,spring 2025,Manis javanica,SCA,7,kg,SG,ID,CN
R4,,Manis javanica,SCA,5,kg,SG,ID,CN
R5,2024-03-01,Manis javanica,SCA,9,kg,SG,ID,CN
"""
UNREAD = ("R2", "R3", "R4")


def run(*arguments):
    return CliRunner().invoke(main, ["trade", *map(str, arguments)])


@pytest.fixture
def store(tmp_path):
    (tmp_path / "x.csv").write_text(CSV)
    assert run("import", tmp_path / "s.db", tmp_path / "x.csv", "--new").exit_code == 0
    return tmp_path / "s.db"


def test_validation_of_a_year_counts_and_names_what_has_no_readable_date(store):
    found = run("validate", store, "--year", 2025, "--format", "csv")
    assert found.exit_code == 0
    assert "3 of these seizures have no date that can be read; they may be of 2025" in found.stderr
    for name in UNREAD:
        assert f" {name}: date" in found.stderr
    assert "'spring 2025'" in found.stderr and "R5" not in found.output
    rows = [row for row in csv.DictReader(io.StringIO(found.stdout)) if row["field"] == "date"]
    assert {(row["reference"], row["code"]) for row in rows} == {
        ("R2", "DATE_AMBIGUOUS"), ("R3", "DATE_NOT_A_DATE"), ("R4", "DATE_MISSING"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["aitr", "geojson", "etis"])
def test_an_export_of_a_year_counts_and_names_what_has_no_readable_date(store, tmp_path, name):
    output = tmp_path / f"out.{'csv' if name in ('aitr', 'etis') else 'json'}"
    found = run("export", store, "--to", name, "--year", 2025, "--output", output)
    assert found.exit_code == 3, found.output
    assert "5 seizures in the store: " in found.stderr and "3 not valid" in found.stderr
    for reference in UNREAD:
        assert f"{reference}: date: found" in found.stderr
    if name == "etis":
        assert "(1 R1)" in found.stderr and not output.exists()
        return
    text = output.read_text(encoding="utf-8-sig")
    assert "R1" in text and not any(one in text for one in (*UNREAD, "R5"))
    assert "left out 1 times: record: not in the year of the report (5 R5)" in found.stderr


def test_what_is_converted_of_a_year_names_them_too(store):
    found = run("convert", store, "--year", 2025)
    assert found.exit_code == 3 and "3 seizures in the output are not valid:" in found.stderr


def test_indicators_leave_an_unreadable_date_out_and_name_it(store):
    found = run("analyse", store, "--format", "csv")
    assert found.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert [row["seizures"] for row in rows] == ["1", "1"]
    assert "Seizures without a date, left out: 3 (seizures 2, 3, 4)" in found.stderr


def test_a_sheet_that_cannot_be_read_is_named_and_the_command_leaves_with_3(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.Workbook()
    book.active.title = "Scales"
    for line in CSV.splitlines()[:2]:
        book.active.append(line.split(","))
    other = book.create_sheet("Ivory")
    for line in (CSV.splitlines()[0], "R9,2025-03-09,Loxodonta africana,TUS,651,kg,KE,KE,CN"):
        other.append(line.split(","))
    book.save(tmp_path / "two.xlsx")
    found = run("import", tmp_path / "s.db", tmp_path / "two.xlsx", "--new", "--dry-run")
    assert found.exit_code == 0 and "2 rows read" in found.stderr
    assert "Sheets read: Scales, Ivory" in found.stderr
    book.create_sheet("Notes").append(["made by", "amina"])
    book.save(tmp_path / "three.xlsx")
    for arguments in (
        ("import", tmp_path / "s.db", tmp_path / "three.xlsx", "--new"),
        ("validate", tmp_path / "three.xlsx"),
    ):
        found = run(*arguments)
        assert found.exit_code == 3, found.output
        assert "Sheet NOT read: Notes" in found.stderr
    book.save(tmp_path / "again.xlsx")
    found = run("validate", tmp_path / "again.xlsx", "--sheet", "Ivory")
    assert found.exit_code == 0 and "Sheet left alone: Scales" in found.stderr


def test_a_total_waits_and_is_set_aside_and_counted_again(tmp_path):
    text = CSV.splitlines()[0] + "\nR1,2025-03-01,Manis javanica,SCA,36,kg,SG,ID,CN\n"
    (tmp_path / "x.csv").write_text(text + "Total,2025,Manis javanica,SCA,36,kg,,,\n")
    found = run("import", tmp_path / "s.db", tmp_path / "x.csv", "--new")
    assert "1 recorded, 1 waiting" in found.stderr and "ROW_TOTAL (error)" in found.stdout
    years = run("analyse", tmp_path / "s.db", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(years.stdout))
    assert (row["seizures"], row["kg"]) == ("1", "36.0")
    assert "wait for a decision, left out: 1" in years.stderr
    found = run("fix", tmp_path / "s.db", "--accept", "ROW_TOTAL", "--by", "amina")
    assert found.exit_code == 0 and "set aside" in found.stdout
    listed = run("show", tmp_path / "s.db", "--uncounted", "--format", "json")
    held = json.loads(listed.stdout)
    assert (held["seizure"], held["standing"], held["decided_by"]) == (2, "set aside", "amina")
    shown = run("show", tmp_path / "s.db", 2)
    assert "NOT COUNTED: set aside" in shown.stdout and "amina" in shown.stdout
    shown = json.loads(run("show", tmp_path / "s.db", 2, "--format", "json").stdout)
    assert [one["standing"] for one in shown["decisions"]] == ["waiting", "set aside"]
    found = run("fix", tmp_path / "s.db", "--restore", 2, "--by", "joao", "--reason", "a seizure")
    assert found.exit_code == 0 and "counted again" in found.stderr
    (row,) = csv.DictReader(
        io.StringIO(run("analyse", tmp_path / "s.db", "--format", "csv").stdout)
    )
    assert row["seizures"] == "2"
    found = run(
        "fix", tmp_path / "s.db", "--set-aside", 1, "--by", "joao", "--reason", "x", "--dry-run"
    )
    assert "nothing was changed" in found.stderr
    assert run("show", tmp_path / "s.db", "--uncounted").stderr.startswith("0 kinds")


def test_converting_says_what_is_of_the_legal_trade(tmp_path):
    head = CSV.splitlines()[0] + ",Basis,Source"
    rows = ("A,2025-03-01,Manis javanica,SCA,36,kg,SG,ID,CN,trade report,W",
            "B,2025-03-01,Manis javanica,SCA,36,kg,SG,ID,CN,trade report,I")  # fmt: skip
    (tmp_path / "x.csv").write_text("\n".join((head, *rows)) + "\n")
    assert run("import", tmp_path / "s.db", tmp_path / "x.csv", "--new").exit_code == 0
    found = run("convert", tmp_path / "s.db")
    assert "1 of the converted specimens is not of a seizure" in found.stderr
