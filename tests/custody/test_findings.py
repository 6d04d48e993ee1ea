"""A result enters the ledger with how it was reached."""

import pytest
from population_simulation import simulated_populations
from simulation import SPECIES, query

import forensics
from forensics.custody import record_identification, record_origin
from forensics.errors import RefusedError, UsageError
from forensics.origin.training import assign_with, train_genotypes


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


@pytest.fixture(scope="module")
def reference():
    return simulated_populations(populations=2, animals=60, fst=0.3)


@pytest.fixture(scope="module")
def model(reference, tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "model"
    return train_genotypes(
        reference, folder, name="simulated", version="1", kind="populations", evaluated=False
    )


def test_an_origin_is_recorded_once_its_model_was_accepted(lab, model, reference):
    found = next(one for one in assign_with(model, reference) if one.origin)
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    accepted = {"name": "simulated", "scope": "none", "attachments": [lab.photo("v.pdf")]}
    lab.amina.validate(library="cd" * 32, **accepted)  # another model
    before = lab.size
    with pytest.raises(RefusedError, match=f"VALIDATION.*{model.sha256}"):
        record_origin(lab.bruno, "S1", found, runs=["R1"])
    assert lab.size == before
    lab.amina.validate(library=model.sha256, **accepted)
    with pytest.raises(RefusedError, match="FINDING-BATCHES"):
        record_origin(lab.bruno, "S1", found)
    event = lab.amina.event(record_origin(lab.bruno, "S1", found, runs=["R1"]).seq)
    said = event.fields["result"]
    assert event.fields["kind"] == "origin" and said["kind"] == "populations"
    assert said["origin"] == found.origin and said["probability"] == repr(found.probability)
    assert event.fields["library"] == event.fields["provenance"]["library"]["sha256"]
    assert event.fields["library"] == model.sha256
    assert lab.verify().ok
