"""``forensics individual`` on cattle that come with the project (their kinship is not known)."""

import csv
import gzip
import json

import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.resources import folder

RATES = ("--dropout", "0.02", "--mistyping", "0.01")


def run(*arguments):
    return CliRunner().invoke(main, ["individual", *map(str, arguments)])


def table(path, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A reference of 60 Borgou cattle, and three of them sampled again."""
    place = tmp_path_factory.mktemp("individual")
    with gzip.open(folder("models") / "data" / "microbov.csv.gz", "rt", encoding="utf-8") as stream:
        held = [row for row in csv.DictReader(stream) if row["breed"] == "Borgou"]
    rows = [{k: v for k, v in row.items() if k not in ("breed", "country")} for row in held]
    again = [{**row, "animal": f"again-{row['animal']}"} for row in rows[:3]]
    return table(place / "reference.csv", rows), table(place / "again.csv", again)


def test_a_second_sample_matches_its_animal_and_no_other(files):
    reference, again = files
    found = run("match", again, reference, "--reference", reference, *RATES, "--format", "json")
    assert found.exit_code == 0, found.output
    results = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(results) == 3
    for result in results:
        matched = [one["other"] for one in result["matches"] if one["matches"]]
        assert matched == [result["sample"].removeprefix("again-")]


def test_rates_of_the_laboratory_must_be_said(files):
    reference, again = files
    found = run("match", again, reference, "--reference", reference)
    assert found.exit_code == 2
    assert "--dropout" in found.output


def test_kinship_finds_the_same_animal_twice(files, tmp_path):
    reference, again = files
    both = tmp_path / "both.csv"
    both.write_text(
        reference.read_text(encoding="utf-8")
        + "".join(again.read_text(encoding="utf-8").splitlines(keepends=True)[1:]),
        encoding="utf-8",
    )
    found = run("kinship", both, "--reference", reference, *RATES, "--format", "csv")
    assert found.exit_code == 0, found.output
    assert found.stdout.count("again-") >= 3
