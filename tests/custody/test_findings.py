"""An identification enters the ledger with how it was reached."""

import pytest
from simulation import SPECIES, query

import forensics
from forensics.custody import record_identification
from forensics.errors import RefusedError, UsageError


@pytest.fixture
def result(library, tmp_path):
    path = tmp_path / "S1.fasta"
    path.write_text(f">S1\n{query()}\n")
    (found,) = forensics.identify(path, library=library)
    return path, found


def prepared(lab, library):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.amina.validate(
        library=library.sha256, name="simulated", scope="none", attachments=[lab.photo("v.pdf")]
    )


def test_an_identification_is_recorded_with_its_provenance(lab, library, result):
    path, found = result
    prepared(lab, library)
    receipt = record_identification(lab.bruno, "S1", found, runs=["R1"], inputs=[path])
    event = lab.amina.event(receipt.seq)
    assert event.fields["result"]["taxon"] == SPECIES[0]
    assert float(event.fields["result"]["probability"] or 0) == (
        found.to_dict()["probability"] or 0
    )
    assert event.fields["library"] == library.sha256
    assert event.fields["provenance"]["input"]["sha256"] == event.fields["attachments"][0]["sha256"]
    assert event.fields["provenance"]["version"] == forensics.__version__
    assert lab.verify().ok


def test_a_library_that_was_not_accepted_makes_no_casework_finding(lab, result):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    before = lab.size
    with pytest.raises(RefusedError, match="VALIDATION"):
        record_identification(lab.bruno, "S1", result[1], runs=["R1"])
    with pytest.raises(UsageError, match="no exhibit"):
        record_identification(lab.bruno, "S9", result[1], runs=["R1"])
    assert lab.size == before
