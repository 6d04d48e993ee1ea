"""Findings of a ledger, examined again from what was attached to them."""

import shutil

import pytest

import forensics
from forensics.custody import record_identification
from forensics.custody.findings import canonical_value
from forensics.io.files import folder
from forensics.reanalysis.comparison import recompute_identification
from forensics.reanalysis.recorded import CannotRecompute

STRANDS = ("Bombus_ignitus_F.ab1.gz", "Bombus_ignitus_R.ab1.gz")


@pytest.fixture
def merged(lab, embedded, tmp_path):
    """A finding on both strands of a real sample, whose files the laboratory no longer has."""
    lab.prepared(embedded.sha256)
    source = folder("reference_sequences") / "demonstration"
    files = [shutil.copy(source / name, tmp_path / name) for name in STRANDS]
    (result,) = forensics.identify(
        [tmp_path / name for name in STRANDS], library=embedded, reasons=True
    )
    receipt = record_identification(lab.bruno, "S1", result, runs=["R1"], inputs=files)
    for file in files:
        (tmp_path / file).unlink()
    return lab.amina, lab.amina.event(receipt.seq)


def test_two_strands_are_merged_again_and_give_the_same(merged, embedded):
    ledger, event = merged
    again = recompute_identification(ledger, event, embedded, forensics.identify)
    before = event.fields["result"]
    assert before["reasons"] is None or again["reasons"]
    assert {name: again[name] for name in before} == before
    assert len(event.fields["provenance"]["input"]["files"]) == 2


def test_what_is_changed_changes_and_nothing_else(merged, embedded):
    ledger, event = merged
    again = recompute_identification(
        ledger, event, embedded, forensics.identify, in_library_prior=0.1
    )
    asked = again["provenance"]["parameters"]
    recorded = event.fields["provenance"]["parameters"]
    assert asked == {**recorded, "in_library_prior": canonical_value(0.1)}


def test_one_of_two_files_missing_is_told(merged, embedded):
    ledger, event = merged
    one = event.fields["provenance"]["input"]["files"][1]
    (ledger.files / one["sha256"]).unlink()
    with pytest.raises(CannotRecompute, match="missing beside the ledger"):
        recompute_identification(ledger, event, embedded, forensics.identify)


def test_a_name_that_no_file_can_have_is_told(merged, embedded):
    ledger, event = merged
    for one, name in zip(event.fields["provenance"]["input"]["files"], ("..", "a\0b")):
        one["file"] = name
    with pytest.raises(CannotRecompute, match="cannot be recomputed"):
        recompute_identification(ledger, event, embedded, forensics.identify)


def test_a_chromatogram_alone_keeps_the_name_of_its_file(merged, embedded, tmp_path):
    ledger, event = merged
    one = event.fields["provenance"]["input"]["files"][0]
    source = folder("reference_sequences") / "demonstration" / STRANDS[0]
    (result,) = forensics.identify(source, library=embedded)
    event.fields.update(canonical_value({"result": result.to_dict()}))
    event.fields["provenance"] = event.fields["result"].pop("provenance")
    assert event.fields["provenance"]["input"]["sha256"] == one["sha256"]
    again = recompute_identification(ledger, event, embedded, forensics.identify)
    assert again["query"] == event.fields["result"]["query"] == "Bombus_ignitus_F"
