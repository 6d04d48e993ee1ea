"""``forensics report`` and ``training case``, as a technician types them."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from forensics.cli import main


@pytest.fixture(scope="module")
def _made(tmp_path_factory, embedded):
    folder = tmp_path_factory.mktemp("made") / "case"
    result = CliRunner().invoke(main, ["training", "case", str(folder)])
    assert result.exit_code == 0, result.output
    assert "report.pdf: report   ledger 32 · " in result.output
    assert "for training only, no secret" in result.output
    return folder


@pytest.fixture
def run(_made, tmp_path, monkeypatch):
    shutil.copytree(_made, tmp_path / "case")
    monkeypatch.chdir(tmp_path / "case")
    monkeypatch.setenv("FORENSICS_LEDGER", "laboratory.db")

    def run(*arguments, expect=0):
        result = CliRunner().invoke(main, ["report", *map(str, arguments)])
        assert result.exit_code == expect, result.output
        return result

    return run


def test_what_the_documentation_shows_is_what_happens(run, tmp_path):
    found = run("build", "T-2026-001", "--details", "details.toml", "--output", "again.json")
    assert found.stdout.startswith("again.json: report   ledger 32 · ")
    assert run("check", "again.json").stdout == (
        "again.json: nothing is missing in form and words; whether it is TRUE was not checked "
        "(--ledger, --details)\n"
    )
    assert run("reproduce", "27").stdout == "finding 27: the same\n"
    deleted = json.loads((tmp_path / "case/again.json").read_text(encoding="utf-8"))
    del deleted["customer"]["name"]
    (tmp_path / "case/deleted.json").write_text(json.dumps(deleted), encoding="utf-8")
    assert run("check", "deleted.json", expect=4).stdout == (
        "CUSTOMER customer.name: a report needs name and contact of the customer (17025 7.8.2.1 e).\n"
        "deleted.json: form and words only; whether it is TRUE was not checked (--ledger, --details)\n"
    )
    found = json.loads(run("check", "deleted.json", "--format", "json", expect=4).stdout)
    (one,) = found["problems"]
    assert one == {"code": "CUSTOMER", "field": "customer.name", "found": ""}


def test_a_report_with_gaps_is_refused_and_a_draft_is_not(run, tmp_path):
    refused = run("build", "T-2026-001", "--output", "x.html", expect=5)
    assert "QUESTION request.question" in refused.stderr
    assert not (tmp_path / "case/x.html").exists()
    found = run("build", "T-2026-001", "--output", "x.html", "--draft")
    assert "x.html: draft" in found.stdout and "QUESTION request.question" in found.stderr


def test_the_case_that_was_made_is_not_overwritten(run, tmp_path):
    result = CliRunner().invoke(main, ["training", "case", str(tmp_path / "case")])
    assert result.exit_code == 2 and "exists" in result.output
    run("build", "T-2026-001", "--output", "report.pdf", expect=2)
    run("build", "T-2026-001", "--output", "report.docx", expect=2)


def test_a_template_is_copied_changed_and_used(run, tmp_path):
    run("template", "mine")
    path = tmp_path / "case/mine/template.toml"
    text = path.read_text(encoding="utf-8").replace("letterhead = []", 'letterhead = ["Ministère"]')
    path.write_text(text, encoding="utf-8")
    run(
        "build",
        "T-2026-001",
        "--details",
        "details.toml",
        "--template",
        "mine",
        "--output",
        "m.html",
    )
    assert "Ministère" in (tmp_path / "case/m.html").read_text(encoding="utf-8")
    run("template", "mine", expect=2)


@pytest.mark.parametrize("content, told", [
    ("", "is not a report in JSON"), ("[1]", "is not a report in JSON"), ("{}", "no table “report”"),
    ('{"report": 1}', None), ("{" * 100_000, "is not a report in JSON"),
    ('{"report": ' + "[" * 100_000, "is not a report in JSON"),
])  # fmt: skip
def test_a_hostile_file_is_told_and_nothing_crashes(run, tmp_path, content, told):
    (tmp_path / "case/bad.json").write_text(content, encoding="utf-8")
    found = run("check", "bad.json", expect=3 if told else 4)
    assert (told or "FORM") in found.output
    run("check", "none.json", expect=3)


def test_a_list_that_is_older_than_the_seizure_is_told_on_stderr_and_the_official_one_taken(
    run, tmp_path, monkeypatch
):
    asked = ("build", "T-2026-001", "--details", "details.toml", "--output")
    found = run(*asked, "old.json")
    assert "as of 2023-11-25, but the day of the seizure, 2026-03-02, is later" in found.stderr
    index = tmp_path / "index.csv"
    index.write_text("FullName,RankName,CurrentListing\nSmutsia,GENUS,I\n", encoding="utf-8")
    listed = ("--index", index, "--index-date", "2026-03-02")
    found = run(*asked, "new.json", *listed)
    assert "is later" not in found.stderr
    said = json.loads((tmp_path / "case/new.json").read_text(encoding="utf-8"))
    assert said["official_list"]["file"] == "index.csv"
    compared = ("--ledger", "laboratory.db", "--details", "details.toml")
    assert "--index" in run("check", "new.json", *compared, expect=2).stderr
    run("check", "new.json", *compared, *listed)
    assert "go together" in run(*asked, "no.json", "--index", index, expect=2).stderr
    monkeypatch.setenv("FORENSICS_CITES_INDEX", str(index))
    monkeypatch.setenv("FORENSICS_CITES_INDEX_DATE", "2026-03-02")
    run(*asked, "set.json")
    case = tmp_path / "case"
    assert (case / "set.json").read_bytes() == (case / "new.json").read_bytes()


def test_an_altered_attachment_leaves_with_4_and_a_missing_one_with_1(run, tmp_path):
    files = tmp_path / "case/laboratory.db.files"
    (file,) = [path for path in files.iterdir() if path.read_bytes().startswith(b">")]
    content = file.read_bytes()
    file.write_bytes(content.replace(b"A", b"T", 1))
    assert "not those recorded" in run("reproduce", "27", expect=4).stderr
    file.unlink()
    assert "missing beside the ledger" in run("reproduce", "27", expect=1).stderr


def test_a_finding_that_is_none_is_told(run):
    assert "is not a finding" in run("reproduce", "3", expect=2).stderr
    assert "no event 99" in run("reproduce", "99", expect=2).stderr


def test_a_report_that_says_something_else_than_its_ledger_is_told(run, tmp_path):
    run("build", "T-2026-001", "--details", "details.toml", "--output", "true.json")
    asked = ("--ledger", "laboratory.db", "--details", "details.toml")
    assert run("check", "true.json", *asked).stdout == (
        "true.json: nothing is missing, and it says what ledger and details say\n"
    )
    true = json.loads(run("check", "true.json", *asked, "--format", "json").stdout)
    assert true == {"problems": [], "compared_with_ledger": True, "not_checked": []}
    said = json.loads((tmp_path / "case/true.json").read_text(encoding="utf-8"))
    said["findings"][0]["errors"]["genus"]["calls"] = 5000
    said["exhibits"][0]["description"] = "ivory"
    (tmp_path / "case/false.json").write_text(json.dumps(said), encoding="utf-8")
    # Invented content passes alone, and the line and the JSON say what was not looked at.
    assert "whether it is TRUE was not checked" in run("check", "false.json").stdout
    alone = json.loads(run("check", "false.json", "--format", "json").stdout)
    assert alone == {"problems": [], "compared_with_ledger": False, "not_checked": ["content"]}
    found = run("check", "false.json", *asked, expect=4).stdout
    assert (
        "FALSE exhibits.0.description" in found and "FALSE findings.0.errors.genus.calls" in found
    )
    said = json.loads((tmp_path / "case/true.json").read_text(encoding="utf-8"))
    said["shown_in"] = "fr"
    (tmp_path / "case/french.json").write_text(json.dumps(said), encoding="utf-8")
    assert "--lang fr" in run("check", "french.json", *asked, expect=2).stderr
    run("check", "true.json", "--ledger", "laboratory.db", expect=2)


def test_nothing_is_computed_again_from_fields_that_nobody_signed(run):
    with closing(sqlite3.connect("laboratory.db")) as ledger:
        triggers = ledger.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _sql in triggers:
            ledger.execute(f'DROP TRIGGER "{name}"')
        change = (
            "UPDATE openings SET value = '\"Officer X\"' WHERE seq = 14 AND name = 'received_from'"
        )
        assert ledger.execute(change).rowcount == 1
        for _name, sql in triggers:
            ledger.execute(sql)
        ledger.commit()
    assert "received_from is not what was signed" in run("reproduce", "27", expect=4).stderr
