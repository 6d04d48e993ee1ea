"""``forensics training``, as a trainer and a trainee use it."""

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
