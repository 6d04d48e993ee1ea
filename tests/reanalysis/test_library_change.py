"""Findings of a ledger, examined again with another library. Everything here is SIMULATED."""

import random
from dataclasses import replace

import pytest
from simulation import SPECIES, query, random_sequence, reference_records

import forensics
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library
from forensics.custody import record_identification
from forensics.custody.findings import canonical_value
from forensics.reanalysis.comparison import compare_calls, recompute_identification


@pytest.fixture(scope="module")
def renamed(tmp_path_factory):
    """The same records, the first species under another name."""
    records = [
        (replace(r, species="Novus albus", genus="Novus"), s) if r.species == SPECIES[0] else (r, s)
        for r, s in reference_records()
    ]
    path = tmp_path_factory.mktemp("renamed") / "renamed"
    write_library(path, records, name="renamed")
    return open_library(path)


@pytest.fixture
def recorded(lab, library, tmp_path):
    """Two findings with their input, one without."""
    lab.prepared(library.sha256)
    path = tmp_path / "S1.fasta"
    path.write_text(f">first\n{query()}\n>second\n{query(SPECIES[1])}\n")
    for result in forensics.identify(path, library=library):
        record_identification(lab.bruno, "S1", result, runs=["R1"], inputs=[path])
    alone = tmp_path / "alone.fasta"
    alone.write_text(f">third\n{query(SPECIES[2])}\n")
    (result,) = forensics.identify(alone, library=library)
    record_identification(lab.bruno, "S1", result, runs=["R1"])
    return lab


def recalled(lab, old, new):
    return list(compare_calls(lab.amina, old=old, new=new, identify=forensics.identify))


def test_only_findings_that_the_new_library_calls_otherwise_are_so(recorded, library, renamed):
    size = recorded.size
    first, second, third = recalled(recorded, library, renamed)
    assert (first.query, first.outcome, first.used) == ("first", "otherwise", "old")
    assert first.before["taxon"] == SPECIES[0]
    assert first.after["taxon"] == "Novus albus"
    assert first.reason == ""
    assert first.library == library.sha256
    assert (second.query, second.outcome) == ("second", "same")
    assert second.after["taxon"] == second.before["taxon"] == SPECIES[1]
    assert (third.query, third.outcome, third.after) == ("third", "not_recomputed", {})
    assert third.reason == "cannot be recomputed: its input is not in the ledger"
    assert recorded.size == size


def test_with_the_library_that_was_used_nothing_is_called_otherwise(recorded, library):
    outcomes = [finding.outcome for finding in recalled(recorded, library, library)]
    assert outcomes == ["same", "same", "not_recomputed"]


def test_a_finding_of_another_library_is_told_as_such(recorded, library, renamed):
    assert {f.used for f in recalled(recorded, renamed, renamed)} == {"other"}


def test_an_attached_file_that_was_changed_is_not_examined(recorded, library, renamed):
    event = next(e for e in recorded.amina.events() if e.type == "finding")
    path = recorded.amina.files / event.fields["attachments"][0]["sha256"]
    path.chmod(0o644)
    path.write_text(f">first\n{query(SPECIES[3])}\n")
    first, second, _third = recalled(recorded, library, renamed)
    assert first.outcome == second.outcome == "not_recomputed"
    assert "not the one that was recorded" in first.reason
    path.unlink()
    assert "missing beside the ledger" in recalled(recorded, library, renamed)[0].reason


def test_a_library_without_the_locus_says_so(recorded, library, tmp_path):
    (result,) = forensics.identify(str(query()), library=library, locus="COI")
    path = tmp_path / "x.fasta"
    path.write_text(f">fourth\n{query()}\n")
    (result,) = forensics.identify(path, library=library, locus="COI")
    record_identification(recorded.bruno, "S1", result, runs=["R1"], inputs=[path])
    write_library(
        tmp_path / "only", [p for p in reference_records() if p[0].locus == "12S"], name="only"
    )
    found = recalled(recorded, library, open_library(tmp_path / "only"))[-1]
    assert found.outcome == "not_recomputed"
    assert "has no COI" in found.reason


def test_where_the_software_makes_the_difference_that_is_told(recorded, library, renamed):
    def changed(path, **asked):
        """Stands for a later version of the software that calls nothing."""
        return [
            replace(result, call=result.call._replace(status="ambiguous", taxon=None, rank=None))
            for result in forensics.identify(path, **asked)
        ]

    found = list(compare_calls(recorded.amina, old=library, new=renamed, identify=changed))
    assert found[0].outcome == "otherwise"
    assert "with this version of the software" in found[0].reason


def test_parts_of_a_genome_are_examined_again(recorded, library, renamed, tmp_path):
    rng = random.Random(4)
    spacers = [random_sequence(rng, 900) for _ in range(3)]
    genome = spacers[0] + query(SPECIES[1], "12S") + spacers[1] + query() + spacers[2]
    path = tmp_path / "genome.fasta"
    path.write_text(f">long\n{genome}\n")
    seen = []
    for result in forensics.identify(path, library=library):
        receipt = record_identification(recorded.bruno, "S1", result, runs=["R1"], inputs=[path])
        event = recorded.amina.event(receipt.seq)
        again = recompute_identification(recorded.amina, event, library, forensics.identify)
        stored = event.fields["result"]
        assert {key: again.get(key) for key in stored} == stored
        assert (again["query"], again["part"]) == (result.query, result.part)
        assert canonical_value(again)["locus"] == result.locus
        seen.append((result.query, result.part))
    assert seen == [("long", "12S"), ("long", "COI")]
    changes = recalled(recorded, library, renamed)[3:]
    assert [(c.query, c.part, c.outcome) for c in changes] == [
        ("long", "12S", "same"), ("long", "COI", "otherwise"),
    ]  # fmt: skip
    assert "part" in changes[0].to_dict()
