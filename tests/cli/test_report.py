"""``forensics report`` on the training case: what the golden scenes do not show."""

import json
import shutil
from pathlib import Path

import pytest
from certificates import PASSPHRASE, issue
from command_line import records, typed
from tampering import tampering

from forensics.cli import options

BUILD = "build T-2026-001 --details details.toml --output"
COMPARED = "--ledger laboratory.db --details details.toml"
AUTHORITY = issue("Authority")


@pytest.fixture(scope="module")
def _made(tmp_path_factory, embedded):
    folder = tmp_path_factory.mktemp("made") / "case"
    typed("training case", folder)
    return folder


@pytest.fixture
def run(_made, tmp_path, monkeypatch):
    shutil.copytree(_made, tmp_path / "case")
    monkeypatch.chdir(tmp_path / "case")
    monkeypatch.setenv("FORENSICS_LEDGER", "laboratory.db")
    return lambda line, *more, **options: typed(f"report {line}", *more, **options)


def test_the_case_that_was_made_is_not_overwritten(run):
    assert "exists" in typed("training case .", expect=2).output
    run(f"{BUILD} report.pdf", expect=2)


@pytest.mark.parametrize("content", ["{" * 100_000, '{"report": ' + "[" * 100_000])
def test_a_hostile_file_is_told_and_nothing_crashes(tmp_path, content):
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    found = typed("report check", tmp_path / "bad.json", expect=3)
    assert "is not a report in JSON" in found.output


def test_a_list_that_is_older_than_the_seizure_is_told_on_stderr_and_the_official_one_taken(
    run, monkeypatch
):
    later = "as of 2023-11-25, but the day of the seizure, 2026-03-02, is later"
    assert later in run(f"{BUILD} old.json").stderr
    Path("index.csv").write_text("FullName,RankName,CurrentListing\nManis,GENUS,I\n")
    typed("law build law --as-of 2026-03-02 --official index.csv")
    listed = "--law law"
    assert "is later" not in run(f"{BUILD} new.json {listed}").stderr
    said = json.loads(Path("new.json").read_text(encoding="utf-8"))
    assert said["official_list"]["file"] == "law"
    assert "--law" in run(f"check new.json {COMPARED}", expect=2).stderr
    run(f"check new.json {COMPARED} {listed}")
    Path("laboratory.toml").write_text('law = "law"\n', encoding="utf-8")
    monkeypatch.setenv("FORENSICS_SETTINGS", str(Path("laboratory.toml").resolve()))
    monkeypatch.delenv("FORENSICS_NO_SETTINGS", raising=False)
    run(f"{BUILD} set.json")
    assert Path("set.json").read_bytes() == Path("new.json").read_bytes()
    # One that was shown in another language is compared in that.
    Path("french.json").write_text(json.dumps(said | {"shown_in": "fr"}), encoding="utf-8")
    assert "--lang fr" in run(f"check french.json {COMPARED}", expect=2).stderr
    run("check new.json --ledger laboratory.db", expect=2)


def test_an_altered_attachment_leaves_with_4_and_a_missing_one_with_1(run):
    files = Path("laboratory.db.files").iterdir()
    (file,) = [path for path in files if path.read_bytes().startswith(b">")]
    file.write_bytes(file.read_bytes().replace(b"A", b"T", 1))
    assert "not those recorded" in run("reproduce 28", expect=4).stderr
    file.unlink()
    assert "missing beside the ledger" in run("reproduce 28", expect=1).stderr


def test_nothing_is_computed_again_from_fields_that_nobody_signed(run):
    with tampering("laboratory.db") as ledger:
        change = (
            "UPDATE openings SET value = '\"Officer X\"' WHERE seq = 14 AND name = 'received_from'"
        )
        assert ledger.execute(change).rowcount == 1
    assert "received_from is not what was signed" in run("reproduce 28", expect=4).stderr


@pytest.fixture
def certified(run, monkeypatch):
    """The certificate of a laboratory in the settings, beside the case."""
    Path("laboratory.p12").write_bytes(issue("Laboratory", AUTHORITY).p12())
    Path("authorities.pem").write_bytes(AUTHORITY.pem())
    Path("settings.toml").write_text(
        'certificate = "laboratory.p12"\nroots = "authorities.pem"\n', encoding="utf-8"
    )
    monkeypatch.delenv("FORENSICS_NO_SETTINGS")
    monkeypatch.setattr(options.click, "get_app_dir", lambda _name: str(Path("user").resolve()))
    monkeypatch.setenv("FORENSICS_SETTINGS", str(Path("settings.toml").resolve()))
    return run


def test_a_report_is_signed_and_checked_by_what_the_settings_name(certified):
    said = certified("sign report.pdf --output signed.pdf", phrase=PASSPHRASE).output
    assert "signed.pdf: signed; statement SHA-256 " in said and PASSPHRASE not in said
    told = certified("check signed.pdf").stdout
    assert "its pages print the statement inside" in told and "CN=Laboratory" in told
    assert "NOT checked (--roots)" not in told
    (found,) = records(certified(f"check signed.pdf {COMPARED} --format json"))
    assert found["problems"] == [] and found["compared_with_ledger"]
    assert found["pdf"]["signature"]["trusted"] is True
    assert set(found["pdf"]["files"]) == {"statement.json"}
    # Where authorities are named, a signature is expected.
    assert "SIGNATURE signature" in certified("check report.pdf", expect=4).stdout
    certified("sign signed.pdf --output twice.pdf", phrase=PASSPHRASE, expect=2)
    certified("sign report.pdf --output signed.pdf", phrase=PASSPHRASE, expect=2)
    assert "passphrase is wrong" in certified(
        "sign report.pdf --output x.pdf", phrase="a wrong one", expect=4
    ).stderr  # fmt: skip
    certified(f"{BUILD} again.json")
    assert "written as .pdf" in certified("sign again.json --output x.pdf", expect=2).stderr
    certified("build T-2026-001 --draft --output draft.pdf")
    assert "is a draft" in certified("sign draft.pdf --output x.pdf", expect=2).stderr
    assert not Path("x.pdf").exists()


def test_a_report_that_was_changed_is_neither_passed_nor_signed(certified, monkeypatch):
    content = Path("report.pdf").read_bytes()
    place = content.index(b"/Title(") + 7
    Path("changed.pdf").write_bytes(content[:place] + b"x" + content[place + 1 :])
    assert "PRINTED pages" in certified("check changed.pdf", expect=4).stdout
    said = certified("sign changed.pdf --output x.pdf", phrase=PASSPHRASE, expect=4).stderr
    assert "PRINTED pages" in said
    Path("other.pdf").write_bytes(b"%PDF-1.4 and no more")
    assert "cannot be read as a report" in certified("check other.pdf", expect=3).stderr
    older = content.replace(b"CreatorTool>Typst 0", b"CreatorTool>Typst 1")
    Path("older.pdf").write_bytes(older)
    monkeypatch.delenv("FORENSICS_SETTINGS")  # and with it the authorities
    (found,) = records(certified("check older.pdf --format json", expect=3))
    assert found["not_checked"] == ["content", "pages"]
    assert [one["code"] for one in found["problems"]] == ["UNCOMPARED"]
    assert "--lang en" in certified("check report.pdf --lang fr", expect=2).stderr
