import csv
import io
import json
import random

import pytest
from click.testing import CliRunner
from simulation import mutate

from forensics.barcode.library import write_library
from forensics.barcode.records import ReferenceRecord
from forensics.cli import main

COLUMNS = ["locus", "accession", "name", "code", "score", "evidence", "suggested_action"]
FAMILIES = {"Fictus albus": "Fictidae", "Exemplum primum": "Exemplidae", "Casus unus": "Casidae"}


def forensics(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def simulated():
    """Return SIMULATED records: three genera of three families, four records each."""
    rng = random.Random("check")
    records = []
    for name, family in FAMILIES.items():
        ancestor = "".join(rng.choice(["GCA", "CTT", "GTC", "CAA", "GGT"]) for _ in range(219))
        for copy in range(4):
            accession = f"SIM{family[:3].upper()}{copy}"
            record = ReferenceRecord.named(accession, name, locus="COI", family=family)
            records.append((record, mutate(rng, ancestor, substitutions=copy)))
    return records


@pytest.fixture
def clean(tmp_path):
    write_library(tmp_path / "clean", simulated(), name="clean", calibrated=False)
    return tmp_path / "clean"


@pytest.fixture
def swapped(tmp_path):
    """One record of Fictus albus and one of Casus unus have each other's sequence."""
    records = simulated()
    (a, x), (b, y) = records[2], records[9]
    records[2], records[9] = (a, y), (b, x)
    write_library(tmp_path / "swapped", records, name="swapped", calibrated=False)
    return tmp_path / "swapped"


def test_a_clean_library_has_nothing_to_look_at(clean):
    result = forensics("library", "check", clean)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 with the suggestion to drop" in result.stderr
    text = forensics("library", "check", clean, "--format", "csv").stdout
    assert text == ",".join(COLUMNS) + "\n"


def test_a_swap_is_found_in_every_format(swapped, tmp_path):
    output = tmp_path / "findings.tsv"
    before = {path: path.read_bytes() for path in swapped.rglob("*") if path.is_file()}
    table = forensics("library", "check", swapped, "--output", output)
    assert table.exit_code == 0
    assert "2 with the suggestion to drop" in table.stderr
    assert "drop  MISLABELLED  2" in table.stderr
    for accession in ("SIMFIC2", "SIMCAS1"):
        assert accession in table.stdout
    with open(output, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        rows = list(reader)
    assert reader.fieldnames == COLUMNS
    assert sorted(row["accession"] for row in rows) == ["SIMCAS1", "SIMFIC2"]
    assert {(row["code"], row["suggested_action"]) for row in rows} == {("MISLABELLED", "drop")}
    text = forensics("library", "check", swapped, "--format", "csv").stdout
    assert list(csv.DictReader(io.StringIO(text))) == rows
    found = json.loads(forensics("library", "check", swapped, "--format", "json").stdout)
    assert found["name"] == "swapped" and len(found["sha256"]) == 64
    assert [finding["accession"] for finding in found["findings"]] == [
        row["accession"] for row in rows
    ]
    # Nothing is dropped.
    assert before == {path: path.read_bytes() for path in swapped.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["records.tsv", "records.fasta.gz", "manifest.json"])
def test_a_library_that_is_not_what_it_says_leaves_with_4(swapped, name):
    path = swapped / "COI" / name
    path.write_bytes(path.read_bytes() + b"\n")
    result = forensics("library", "check", swapped)
    assert (result.exit_code, result.stdout) == (4, "")
    assert name in result.stderr


def test_a_file_that_is_missing_leaves_with_4(swapped):
    (swapped / "COI" / "records.tsv").unlink()
    result = forensics("library", "check", swapped)
    assert (result.exit_code, result.stdout) == (4, "")


def test_what_is_no_library_leaves_with_1(tmp_path):
    assert forensics("library", "check", tmp_path).exit_code == 1


def test_what_asks_for_a_decision_comes_first(tmp_path):
    records = simulated()
    shared, _sequence = records[0]
    other = ReferenceRecord.named("SIMAAA", "Fictus niger", locus="COI", family="Fictidae")
    short = ReferenceRecord.named("SIMZZZ", "Casus unus", locus="COI", family="Casidae")
    records += [(other, records[0][1]), (short, records[9][1][:140])]
    write_library(tmp_path / "mixed", records, name="mixed", calibrated=False)
    result = forensics("library", "check", tmp_path / "mixed", "--format", "json")
    found = [
        (finding["accession"], finding["code"], finding["suggested_action"])
        for finding in json.loads(result.stdout)["findings"]
    ]
    assert found[0] == ("SIMZZZ", "OUTLYING_LENGTH", "drop")
    assert set(found[1:]) == {
        (shared.accession, "SHARED_HAPLOTYPE", "keep"),
        ("SIMAAA", "SHARED_HAPLOTYPE", "keep"),
    }
