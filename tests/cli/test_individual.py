"""``forensics individual`` on cattle that come with the project (their kinship is not known)."""

import csv
import gzip
import io
import json

import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.io.files import folder

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
    """A reference of 50 Borgou cattle, and three of them sampled again."""
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


@pytest.fixture(scope="module")
def both(files):
    reference, again = files
    path = reference.with_name("both.csv")
    path.write_text(
        reference.read_text(encoding="utf-8")
        + "".join(again.read_text(encoding="utf-8").splitlines(keepends=True)[1:]),
        encoding="utf-8",
    )
    return path


def test_kinship_finds_the_same_animal_twice(files, both):
    reference, _again = files
    found = run("kinship", both, "--reference", reference, *RATES, "--format", "csv")
    assert found.exit_code == 0, found.output
    assert found.stdout.count("again-") >= 3


def test_a_profile_with_too_few_loci_is_not_assessable_rather_than_no_match(files, tmp_path):
    reference, again = files
    with again.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    rows[1].update(dict.fromkeys(list(rows[1])[5:], ""))  # the animal and four loci stay
    poor = table(tmp_path / "poor.csv", rows[:2])
    asked = ("match", poor, reference, "--reference", reference, *RATES)
    found = run(*asked, "--format", "json")
    assert found.exit_code == 0, found.output
    whole, part = (json.loads(line) for line in found.stdout.splitlines())
    assert whole["status"] == "match" and part["status"] == "not_assessable"
    assert part["not_assessable"] == 50 and whole["not_assessable"] == 0
    assert {one["status"] for one in part["matches"]} == {"not_assessable"}
    assert {one["matches"] for one in part["matches"]} == {None}
    assert "at most 4; 5" in part["result"] and "No match" not in part["result"]
    assert rows[1]["animal"] in found.stderr and "not assessable" in found.stderr
    said = run(*asked)
    assert "Not assessable: too few loci" in said.stdout and "No match" not in said.stdout
    row = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").stdout)))[-1]
    assert (row["matches"], row["status"]) == ("", "not_assessable")


def test_profiles_of_the_database_that_could_not_be_compared_are_counted(files, tmp_path):
    reference, again = files
    with reference.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[3:]  # the animals of `again` are not among them
    for row in rows[:2]:
        row.update(dict.fromkeys(list(row)[5:], ""))
    database = table(tmp_path / "database.csv", rows)
    found = run("match", again, database, "--reference", reference, *RATES)
    assert found.stdout.count("No match in the database") == 3, found.output
    assert found.stdout.count("2 profiles of the database have too few loci") == 3


def test_kinship_says_which_relationship_explains_a_pair_best(files, both):
    reference, _again = files
    found = run("kinship", both, "--reference", reference, *RATES,
                "--format", "csv")  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    pairs = {}
    for row in rows:
        pairs.setdefault((row["first"], row["second"]), []).append(row)
    several = [of_one for of_one in pairs.values() if len(of_one) > 1]
    assert several
    for of_one in several:
        best = max(of_one, key=lambda row: float(row["log10_lr"]))["relationship"]
        assert {row["best"] for row in of_one} == {best}
    again_ = [row for row in rows if row["second"] == f"again-{row['first']}"]
    assert {row["best"] for row in again_} == {"same"} and len(again_) > 3


@pytest.mark.parametrize("more", [("--limit", "nan"), ("--limit", "inf"), ("--theta", "nan")])
def test_what_is_no_finite_number_is_refused(files, more):
    found = run("kinship", files[0], *RATES, *more)
    assert found.exit_code == 2 and "finite number" in found.stderr and not found.stdout


def test_rates_may_have_a_decimal_comma(files):
    reference, again = files
    common = ("match", again, reference, "--reference", reference, "--format", "csv")
    point = run(*common, "--dropout", "0.02", "--mistyping", "0.01", "--theta", "0.03")
    comma = run(*common, "--dropout", "0,02", "--mistyping", "0,01", "--theta", "0,03")
    assert comma.exit_code == 0 and comma.stdout == point.stdout


def test_the_json_of_kinship_and_parentage_says_how_it_was_reached(files, both):
    reference = files[0]
    found = run("kinship", both, "--reference", reference, *RATES, "--format", "json", "--seed", 7)
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert rows and all(row["provenance"]["parameters"]["seed"] == 7 for row in rows)
    assert rows[0]["provenance"]["parameters"]["dropout"] == float(RATES[1])
    assert list(rows[0])[:6] == ["relationship", "first", "second", "loci", "log10_lr", "best"]
    found = run(
        "parentage", both, "--dams", reference, "--reference", reference, *RATES, "--format", "json"
    )
    claims = [json.loads(line) for line in found.stdout.splitlines()]
    assert claims and all("theta" in claim["provenance"]["parameters"] for claim in claims)


def test_the_head_of_csv_stands_there_without_a_pair(files, both):
    more = ("--reference", files[0], *RATES, "--limit", "900", "--format", "csv")
    assert run("kinship", both, *more).stdout == "relationship,first,second,loci,log10_lr,best\n"
