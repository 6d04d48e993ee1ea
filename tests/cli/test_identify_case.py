"""``forensics identify --case``: from files to findings, and on again where it was broken off."""

import json
import os
import shutil

import pytest
from command_line import records, typed

from forensics.custody import open_ledger
from forensics.demonstration import CASE, PASSPHRASE, make_case
from forensics.io.files import folder


@pytest.fixture(scope="module")
def _made(tmp_path_factory, embedded):
    make_case(case := tmp_path_factory.mktemp("made") / "case")
    return case


@pytest.fixture
def run(_made, tmp_path, monkeypatch):
    shutil.copytree(_made, tmp_path / "case")
    monkeypatch.chdir(tmp_path / "case")
    monkeypatch.setenv("FORENSICS_LEDGER", "laboratory.db")

    def run(line, *, person="bruno", start=f"identify --case {CASE}", **options):
        asked = f"{start} --run SEQ-7 --as {person} {line}"
        return typed(asked, phrase=PASSPHRASE, **options)

    return run


def findings():
    with open_ledger("laboratory.db") as ledger:
        return [event for event in ledger.events() if event.type == "finding"]


def test_what_was_found_before_is_passed_over_unless_it_is_asked_for_again(run):
    assert run("S1.fasta").stdout == "S1: already recorded in event 28\n"
    assert len(findings()) == 1
    found = run("S1.fasta --again").stdout
    assert found.startswith("S1: Manis temminckii (species)   event 34   ledger 34 · ")
    one, other = (event.fields["result"] for event in findings())
    assert one["candidates"] == other["candidates"]


def test_strands_are_put_together_and_both_are_attached(run):
    source = folder("reference_sequences") / "demonstration"
    for strand in "FR":
        shutil.copy(source / f"Bombus_ignitus_short_{strand}.ab1.gz", f"S1_{strand}.ab1.gz")
    assert "S1: nothing near; Hymenoptera (order" in run("S1_F.ab1.gz S1_R.ab1.gz").stdout
    last = findings()[-1].fields
    attached = [one for one in last["attachments"] if not one["media_type"].startswith("image/")]
    assert [one["name"] for one in attached] == ["S1_F.ab1.gz", "S1_R.ab1.gz"]
    assert run("S1_F.ab1.gz S1_R.ab1.gz").stdout == "S1: already recorded in event 34\n"


def test_files_of_no_sample_are_refused_before_anything_is_recorded(run):
    shutil.copy("S1.fasta", "other.fasta")
    told = run("S1.fasta other.fasta --again", expect=2).stderr
    assert "other.fasta" in told and "S1" in told
    assert len(findings()) == 1


def test_what_cannot_be_examined_is_a_finding_and_what_cannot_be_read_is_none(run):
    with open("S1.fasta", "w") as file:
        file.write(">S1\n12345\n")
    assert "S1: unusable" in run("S1.fasta", expect=3).stdout
    assert len(findings()) == 2
    os.unlink("S1.fasta")
    assert "S1.fasta" in run("S1.fasta", expect=3).stderr
    assert len(findings()) == 2


def test_a_draft_of_the_report_is_built_and_says_what_it_lacks(run):
    found = run("S1.fasta --again --report draft.json --details details.toml")
    assert "draft.json: draft" in found.stdout and "REVIEWED findings.1.reviews" in found.stderr
    with open("draft.json", encoding="utf-8") as file:
        assert json.load(file)["draft"]
    run("S1.fasta --report draft.json", expect=2)


def test_programs_get_the_results_and_not_what_was_recorded(run):
    result = run("S1.fasta --again --format json")
    assert [record["taxon"] for record in records(result)] == ["Manis temminckii"]
    assert "event 34 (finding) recorded" in result.stderr
    assert run("S1.fasta --format json").stdout == ""


@pytest.mark.parametrize(
    "options", ["--sample S1", "--combine", "--consensus", "--tree t.svg", "--format blast6"]
)
def test_what_does_not_go_with_a_case_is_refused(run, options):
    run(f"S1.fasta {options}", expect=2)
    assert len(findings()) == 1


def test_a_case_that_is_none_is_told_and_what_is_for_a_case_needs_one(run):
    assert "no case C9" in run("S1.fasta", start="identify --case C9", expect=2).output
    told = run("S1.fasta --again", start="identify --ledger laboratory.db", expect=2)
    assert "--case" in told.stderr
