"""The command line of the law package: made, shown, accepted by a manager, used."""

# ruff: noqa: F811  (fixtures are arguments)

import hashlib
import json
from pathlib import Path

import pytest
from command_line import typed
from custody_office import PASSPHRASE, _opened, office  # noqa: F401

from forensics.custody import verify

INDEX = "FullName,RankName,CurrentListing\nOkapia johnstoni,SPECIES,I\n"


@pytest.fixture
def law(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("index.csv").write_text(INDEX)
    typed("law build law_2026 --as-of 2026-11-20 --official index.csv")
    return tmp_path / "law_2026"


def accepted(office, law, *more, **options):
    given = {"phrase": PASSPHRASE, "FORENSICS_LEDGER": str(office.ledger)}
    return typed("law accept", law, *more, **given, **options)


def test_what_is_made_is_shown_with_its_hash_and_what_it_covers(law):
    shown = json.loads(typed("law info", law, "--format", "json").stdout)
    assert shown["sha256"] == hashlib.sha256((law / "law.json").read_bytes()).hexdigest()
    assert shown["files"][0]["role"] == "index" and shown["kingdoms"] == []
    text = " ".join(typed("law info", law).stdout.split())
    assert "no kingdom and no taxon as a whole" in text
    assert "The packaged table answers, and says so." in text


def test_a_manager_accepts_it_in_the_ledger_with_its_manifest(office, law):
    size = office.size
    accepted(office, law, "--as", "bruno", "--dry-run")
    assert office.size == size
    accepted(office, law, "--as", "bruno")
    event = office.event(-1)
    sha256 = hashlib.sha256((law / "law.json").read_bytes()).hexdigest()
    assert (event["type"], event["library"]) == ("validate", sha256)
    assert event["name"] == "law package law_2026 of 2026-11-20" and "index.csv" in event["scope"]
    assert [one["sha256"] for one in event["attachments"]] == [sha256]
    assert office.state.libraries[sha256] == office.size and verify(office.ledger).ok


def test_nobody_else_accepts_it_and_nobody_accepts_one_that_was_changed(office, law):
    size = office.size
    office.run("person add dora --name Dora --role analyst --as amina", new=True)
    assert "ROLE" in accepted(office, law, "--as", "dora", expect=5).stderr
    (law / "index.csv").write_text(INDEX.replace(",I", ",II"))
    accepted(office, law, "--as", "bruno", expect=4)
    assert office.size == size + 1


def test_listings_are_looked_up_in_it(law):
    given = ("listing", "Okapia johnstoni", "--date", "2026-11-20")
    shown = " ".join(typed(*given, "--law", law).stdout.split())
    assert "CITES Appendix I. Listed" in shown and "reported" not in shown
    assert "Law law_2026, as of 2026-11-20, SHA-256" in shown
