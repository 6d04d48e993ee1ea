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
    """Return the sheet of a trainee who writes down what ``identify`` says, and looks at nothing else."""
    files = sorted((path / "samples").iterdir())
    found = typed("identify --format csv --library", path / "library", *files, expect=3)
    return "sample,conclusion,taxon,record,next\n" + "".join(
        f"{row['query']},{row['status']},{row['taxon']},whole,report\n" for row in rows(found)
    )


def by_truth(path, graded):
    """Return the sheet that says what is true, from what grading says of it."""
    said = []
    for row in graded["samples"]:
        taxon = {"set": row["not_excluded"], "": ""}.get(row["supported"])
        rank = row["supported"]
        conclusion = "identified" if rank else "unusable"
        if taxon is None:
            taxon = row["truth"] if rank == "species" else row["supported_taxon"]
        said.append([row["sample"], conclusion, taxon, row["true_record"], row["true_next"]])
    lines = [",".join([*fields[:4], fields[4].split("; ")[0]]) for fields in said]
    return "sample,conclusion,taxon,record,next\n" + "\n".join(lines) + "\n"


def test_new_prints_code_and_sha256_and_not_the_seed(training_round):
    path, printed = training_round
    assert "14 samples" in printed and "SHA-256 of the sealed file" in printed
    assert "seed" not in printed
    assert {file.name for file in path.iterdir()} == {
        "README.txt", "answers.csv", "blank.fasta", "custody.csv", "library", "samples", "samples.csv",
        "sealed.json",
    }  # fmt: skip


def test_who_writes_down_what_identify_says_does_not_pass(training_round, grade):
    (result,) = records(grade(by_software(training_round[0]), "--format json"))
    assert result["evaluation"] == "unsatisfactory"
    assert result["points"] < 0.7 * result["most_points"]
    unsafe = {row["kind"] for row in result["samples"] if row["unsafe"]}
    assert {"contaminated", "exchanged", "unsealed"} <= unsafe


def test_who_says_what_is_true_has_every_point(training_round, grade):
    (result,) = records(grade("sample,conclusion,taxon\n", "--format json"))
    assert result["points"] == 0 and result["evaluation"] == "questionable"
    (result,) = records(grade(by_truth(training_round[0], result), "--format json"))
    assert result["points"] == result["most_points"] == 28
    assert result["evaluation"] == "satisfactory"


def test_pages_are_written_for_the_learner_and_the_trainer(grade, tmp_path):
    grade("sample,conclusion,taxon\n", f"--pages {tmp_path / 'pages'}")
    names = {path.name for path in (tmp_path / "pages").iterdir()}
    assert names == {"learner.html", "_trainer.html"}
    said = grade("sample,conclusion,taxon\n", f"--pages {tmp_path / 'pages'}", expect=2)
    assert "already exists" in said.stderr


@pytest.mark.slow
def test_learners_of_a_file_get_folders_and_their_sheets_are_found_there(tmp_path):
    names = tmp_path / "names.txt"
    names.write_bytes("Élie N.\r\n\r\nAwa\r\n".encode("cp1252"))
    made = typed("training new --seed 3 --library embedded --learners", names, "--output",
                 tmp_path / "round").stdout  # fmt: skip
    code = made.splitlines()[2].rpartition(": ")[2]
    assert {"Élie N.", "Awa", "library", "sealed.json"} == {
        path.name for path in (tmp_path / "round").iterdir()
    }
    found = typed("training grade", tmp_path / "round", "--pages", tmp_path / "pages", phrase=code)
    assert "Élie N." in found.stdout and "Awa" in found.stdout
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {
        "Élie N..html", "Awa.html", "_trainer.html"
    }  # fmt: skip
