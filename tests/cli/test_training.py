"""``forensics training``, as a trainer and a trainee use it."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from forensics.cli import main


@pytest.fixture(scope="module")
def made(training_round):
    """A round that the command made, and what it printed."""
    return training_round


@pytest.fixture
def grade(made, tmp_path):
    """Grade answers with the code that was printed, given through a file descriptor."""

    def grade(answers, *options, code=None):
        path, printed = made
        given = tmp_path / "answers.csv"
        given.write_text(answers, encoding="utf-8")
        code = code or printed.splitlines()[1].rpartition(": ")[2]
        with open(tmp_path / "code", "w+") as handle:
            handle.write(code + "\n")
            handle.flush()
            handle.seek(0)
            arguments = ["training", "grade", str(path), str(given), "--passphrase-fd"]
            return CliRunner().invoke(main, [*arguments, str(handle.fileno()), *options])

    return grade


def by_software(path):
    """Return the sheet of a trainee who writes down what ``identify`` says."""
    files = sorted(str(file) for file in (path / "samples").iterdir())
    options = ["--library", str(path / "library"), "--format", "csv"]
    found = CliRunner().invoke(main, ["identify", *files, *options])
    rows = csv.DictReader(io.StringIO(found.stdout))
    return "sample,conclusion,taxon\n" + "".join(
        f"{row['query']},{row['status']},{row['taxon']}\n" for row in rows
    )


def by_label(path):
    """Return the sheet of a trainee who believes the labels."""
    with open(path / "samples.csv", encoding="utf-8", newline="") as handle:
        rows = [f"{row['sample']},identified,{row['label']}\n" for row in csv.DictReader(handle)]
    return "sample,conclusion,taxon\n" + "".join(rows)


def test_new_prints_code_and_sha256_and_not_the_seed(made):
    path, printed = made
    assert "12 samples" in printed and "SHA-256 of the sealed file" in printed
    assert "seed" not in printed
    assert {file.name for file in path.iterdir()} == {
        "README.txt", "answers.csv", "library", "samples", "samples.csv", "sealed.json",
    }  # fmt: skip


def test_who_answers_as_the_evidence_says_passes(made, grade):
    found = grade(by_software(made[0]), "--format", "json")
    assert found.exit_code == 0, found.output
    result = json.loads(found.stdout)
    assert result["evaluation"] == "satisfactory" and result["points"] == 12


def test_who_believes_the_labels_fails_and_is_told_why(made, grade):
    found = grade(by_label(made[0]), "--format", "json")
    assert found.exit_code == 0
    result = json.loads(found.stdout)
    assert result["evaluation"] == "unsatisfactory"
    false = [one for one in result["samples"] if one["category"] == "false_name"]
    assert sorted(one["kind"] for one in false) == ["exchanged", "exchanged", "human"]
    assert all("A label is not evidence" in one["feedback"] for one in false)
    assert result["counts"]["unsupported"] > 2


def test_the_empty_sheet_is_questionable_and_has_no_error_rate(made, grade):
    found = grade((made[0] / "answers.csv").read_text(encoding="utf-8"))
    assert "questionable" in found.stdout and "12 not answered" in found.stdout
    assert "0 false of 0 answers" in found.stdout


def test_csv_has_a_row_a_sample(made, grade):
    found = grade(by_label(made[0]), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert len(rows) == 12 and {row["sample"] for row in rows} >= {"S01", "S12"}


def test_a_wrong_code_leaves_with_4(made, grade):
    found = grade(by_label(made[0]), code="AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")
    assert found.exit_code == 4 and "not its code" in found.output


def test_a_row_that_cannot_be_read_leaves_with_3_and_its_line(grade):
    found = grade("sample,conclusion,taxon\nS01,maybe,\n")
    assert found.exit_code == 3 and "answers.csv, line 2" in found.output


def test_a_folder_that_is_no_round_is_told_before_the_code_is_asked_for(tmp_path):
    found = CliRunner().invoke(main, ["training", "grade", str(tmp_path), "answers.csv"])
    assert found.exit_code == 3 and "sealed.json" in found.output


def test_a_folder_that_exists_leaves_with_2(made):
    found = CliRunner().invoke(main, ["training", "new", "--output", str(made[0])])
    assert found.exit_code == 2 and "already exists" in found.output
