"""``forensics library diff``. The libraries are SIMULATED."""

import csv
import io
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from simulation import SPECIES, reference_records

from forensics.barcode.reference.writing import write_library
from forensics.cli import main


def forensics(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    records = [
        (replace(r, species="Novus albus", genus="Novus"), s) if r.species == SPECIES[0] else (r, s)
        for r, s in reference_records()
        if r.species != SPECIES[4]
    ]
    path = tmp_path_factory.mktemp("other") / "other"
    write_library(path, records, name="other", calibrated=False)
    return path


def test_the_table_names_both_libraries_and_counts(library, other):
    result = forensics("library", "diff", library.path, other)
    assert result.exit_code == 0, result.stderr
    assert library.sha256 in result.stdout
    assert "Species gained: 1\n  Novus albus" in result.stdout
    assert f"Species lost: 2\n  {SPECIES[4]}\n  {SPECIES[0]}" in result.stdout
    assert "Records renamed: 6" in result.stdout
    assert "Findings" not in result.stdout


def test_json_and_csv_say_the_same(library, other):
    found = json.loads(forensics("library", "diff", library.path, other, "--format", "json").stdout)
    assert (found["species_gained"], found["old"]["sha256"]) == (["Novus albus"], library.sha256)
    assert "findings" not in found
    text = forensics("library", "diff", library.path, other, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    records = [row for row in rows if row["what"] == "record"]
    assert len(records) == len(found["records"]) == 12
    assert {row["new_name"] for row in rows if row["change"] == "gained"} == {"Novus albus"}


def test_the_same_library_is_said_to_be_so(library):
    result = forensics("library", "diff", library.path, library.path)
    assert result.exit_code == 0
    assert "Both have the same content." in result.stdout


def test_what_is_no_library_leaves_with_1(library, tmp_path):
    result = forensics("library", "diff", library.path, tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not a library" in result.stderr


def test_a_ledger_that_is_not_there_is_named(library, tmp_path):
    result = forensics(
        "library", "diff", library.path, library.path, "--ledger", tmp_path / "none.db"
    )
    assert result.exit_code not in (0, None)
    assert "none.db" in result.stderr and "Traceback" not in result.stderr
