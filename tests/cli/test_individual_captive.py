"""``forensics individual captive`` on simulated measurements."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from husbandry_simulation import animals, table

from forensics.cli import main

ASKED = "sample;d13C;d15N\nA;-24,5;5,0\n\x1b[31mB;-21,4;7,1\nC;-8,0;16\nD;-24,5;\n"


def run(*arguments):
    return CliRunner().invoke(main, ["individual", "captive", *map(str, arguments)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    place = tmp_path_factory.mktemp("captive")
    table(120).to_csv(place / "known.csv", index=False)
    (place / "asked.csv").write_text(ASKED, encoding="utf-8")
    return place / "asked.csv", (
        "--reference", place / "known.csv", "--class-column", "origin", "--group-column", "farm"
    )  # fmt: skip


def test_people_read_the_answer_with_its_limits_and_what_the_reference_is_worth(files):
    asked, options = files
    found = run(asked, *options)
    assert found.exit_code == 0, found.output
    assert found.stdout.count("The reference tested on itself") == 2  # D has one isotope only
    assert "fits no class" in found.stdout and found.stdout.count("Limits") == 1
    assert "\x1b" not in found.stdout
    details = run(asked, *options, "--details")
    assert "support wild rather than captive" in details.stdout
    assert "this reference does not describe this sample" in details.stdout
    assert details.stdout.count("Limits") == 4 and "\x1b" not in details.stdout


def test_forty_animals_of_a_shipment_get_one_statement_and_a_line_each(files, tmp_path):
    values, _farm = animals("wild", 40, seed=7)
    held = tmp_path / "shipment.csv"
    rows = [f"q{place},K\x1b1,{one:.2f},{two:.2f}\n" for place, (one, two) in enumerate(values)]
    held.write_text("sample,shipment,d13C,d15N\n" + "".join(rows), encoding="utf-8")
    found = run(held, *files[1], "--consignment", "shipment")
    assert found.exit_code == 0, found.output
    assert "all 40 samples together" in found.stdout and "Dependence" in found.stdout
    assert found.stdout.count("\n") < 110 and "\x1b" not in found.stdout
    lines = run(
        held, *files[1], "--consignment", "shipment", "--format", "json"
    ).stdout.splitlines()
    assert len(lines) == 41 and json.loads(lines[-1])["fit"]["passed"] is True
    table_ = run(held, *files[1], "--consignment", "shipment", "--format", "csv").stdout
    assert len(list(csv.DictReader(io.StringIO(table_)))) == 41


def test_a_row_that_cannot_be_read_is_named_and_does_not_stop_the_others(files, tmp_path):
    held = tmp_path / "asked.csv"
    held.write_text("sample,d13C,d15N\nA,-24.5,5\nB,,\n,-20,8\nD,x,8\nE,-20,8\n", encoding="utf-8")
    found = run(held, *files[1], "--format", "json")
    assert found.exit_code == 3, found.output
    assert [json.loads(line)["sample"] for line in found.stdout.splitlines()] == ["A", "E"]
    for line in (3, 4, 5):
        assert f"asked.csv, line {line}:" in found.stderr


def test_names_of_classes_do_not_steer_the_terminal(files, tmp_path):
    frame = table(12)
    frame["origin"] = "\x1b[2J" + frame["origin"]
    frame.to_csv(tmp_path / "known.csv", index=False)
    found = run(files[0], "--reference", tmp_path / "known.csv", "--class-column", "origin")
    assert found.exit_code == 0, found.output
    assert "\x1b" not in found.output and "[2Jwild" in found.stdout


def test_programs_read_a_line_a_sample(files):
    asked, options = files
    found = run(asked, *options, "--format", "json", "--class-prior", "wild=0,2",
                "--class-prior", "captive=0.8", "--columns", "d13C,d15N")  # fmt: skip
    assert found.exit_code == 0, found.output
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [one["status"] for one in lines][2] == "neither"
    assert lines[0]["prior"] == {"captive": 0.8, "wild": 0.2}
    assert lines[3]["values"] == {"d13C": -24.5}


def test_spreadsheets_read_a_row_a_sample(files, tmp_path):
    asked, options = files
    held = tmp_path / "asked.csv"
    held.write_text("sample,d13C,d15N\n=1+1,-24.5,5\n", encoding="utf-8")
    found = run(held, *options, "--format", "csv")
    assert found.exit_code == 0, found.output
    (row,) = csv.DictReader(io.StringIO(found.stdout))
    assert row["sample"] == "'=1+1" and float(row["posterior wild"]) > 0.9
    assert "Likeliest class right" in found.stderr


def test_bad_inputs_and_options_have_their_exit_codes(files, tmp_path):
    asked, options = files
    bad = tmp_path / "bad.csv"
    bad.write_text("sample,d13C,d15N\nA,-24.5,x\n", encoding="utf-8")
    found = run(bad, *options)
    assert found.exit_code == 3 and "bad.csv, line 2: sample A, column d15N" in found.stderr
    assert run(tmp_path / "none.csv", *options).exit_code == 3
    assert run(asked, "--reference", bad).exit_code == 2
    for prior in ("wild", "wild=x", "wild=0.5"):
        found = run(asked, *options, "--class-prior", prior)
        assert found.exit_code == 2 and "class" in found.stderr, found.output
    found = run(asked, *options, "--ledger", tmp_path / "no.db", "--sample", "S1")
    assert found.exit_code == 2 and "4 samples" in found.stderr and not found.stdout


def test_texts_that_mean_not_measured_can_be_named(files, tmp_path):
    _asked, options = files
    path = tmp_path / "asked.csv"
    path.write_text("sample,d13C,d15N\nA,-24.5,lost\n", encoding="utf-8")
    assert run(path, *options).exit_code == 3
    found = run(path, *options, "--missing", "LOST", "--format", "json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["values"] == {"d13C": -24.5}


def test_an_empty_file_is_not_said_to_lack_genotypes(files, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    found = run(path, *files[1])
    assert found.exit_code == 3 and "empty" in found.stderr and "genotype" not in found.stderr


def test_options_of_captive_are_finite_and_may_have_a_comma(files):
    asked, options = files
    for more in (("--confidence", "nan"), ("--class-prior", "wild=nan")):
        found = run(asked, *options, *more)
        assert found.exit_code == 2 and not found.stdout, found.output
    point, comma = (
        run(asked, *options, "--confidence", text, "--exclusion-level", "0,05") for text in
        ("0.9", "0,9")
    )  # fmt: skip
    assert comma.exit_code == 0 and comma.stdout == point.stdout
