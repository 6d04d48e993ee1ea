"""``forensics training``, as a trainer and a trainee use it."""

import csv

import pytest
from command_line import records, rows, typed


@pytest.fixture
def grade(training_round, tmp_path):
    """Grade answers with the code that was printed."""

    def grade(answers, options="", *, code=None, **more):
        path, printed = training_round
        given = tmp_path / "answers.csv"
        given.write_text(answers, encoding="utf-8")
        code = code or printed.splitlines()[1].rpartition(": ")[2]
        return typed(f"training grade {options}", path, given, phrase=code, **more)

    return grade


def by_software(path):
    """Return the sheet of a trainee who writes down what ``identify`` says."""
    files = sorted((path / "samples").iterdir())
    found = typed("identify --format csv --library", path / "library", *files, expect=3)
    return "sample,conclusion,taxon\n" + "".join(
        f"{row['query']},{row['status']},{row['taxon']}\n" for row in rows(found)
    )


def by_label(path):
    """Return the sheet of a trainee who believes the labels."""
    with open(path / "samples.csv", encoding="utf-8", newline="") as handle:
        rows = [f"{row['sample']},identified,{row['label']}\n" for row in csv.DictReader(handle)]
    return "sample,conclusion,taxon\n" + "".join(rows)


def test_new_prints_code_and_sha256_and_not_the_seed(training_round):
    path, printed = training_round
    assert "12 samples" in printed and "SHA-256 of the sealed file" in printed
    assert "seed" not in printed
    assert {file.name for file in path.iterdir()} == {
        "README.txt", "answers.csv", "library", "samples", "samples.csv", "sealed.json",
    }  # fmt: skip


def test_who_answers_as_the_evidence_says_passes(training_round, grade):
    (result,) = records(grade(by_software(training_round[0]), "--format json"))
    assert result["evaluation"] == "satisfactory" and result["points"] == 12


def test_who_believes_the_labels_fails_and_is_told_why(training_round, grade):
    answers = by_label(training_round[0])
    (result,) = records(grade(answers, "--format json"))
    assert result["evaluation"] == "unsatisfactory"
    false = [one for one in result["samples"] if one["category"] == "false_name"]
    assert sorted(one["kind"] for one in false) == ["exchanged", "exchanged", "human"]
    assert all("A label is not evidence" in one["feedback"] for one in false)
    assert result["counts"]["unsupported"] > 2
    found = rows(grade(answers, "--format csv"))
    assert len(found) == 12 and {row["sample"] for row in found} >= {"S01", "S12"}


def test_the_empty_sheet_is_questionable_and_has_no_error_rate(training_round, grade):
    found = grade((training_round[0] / "answers.csv").read_text(encoding="utf-8"))
    assert "questionable" in found.stdout and "12 not answered" in found.stdout
    assert "0 false of 0 answers" in found.stdout


def test_a_wrong_code_leaves_with_4(training_round, grade):
    answers, code = by_label(training_round[0]), "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"
    assert "not its code" in grade(answers, code=code, expect=4).output


def test_a_row_that_cannot_be_read_leaves_with_3_and_its_line(grade):
    found = grade("sample,conclusion,taxon\nS01,maybe,\n", expect=3)
    assert "answers.csv, line 2" in found.output


def test_a_folder_that_is_no_round_is_told_before_the_code_is_asked_for(tmp_path):
    assert "sealed.json" in typed("training grade", tmp_path, "answers.csv", expect=3).output


def test_a_folder_that_exists_leaves_with_2(training_round):
    found = typed("training new --output", training_round[0], expect=2)
    assert "already exists" in found.output
