"""A result enters the ledger with how it was reached."""

from hashlib import sha256

import pytest
from husbandry_simulation import table
from population_simulation import simulated_populations
from read_set_simulation import insert
from simulation import SPECIES, query

import forensics
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.results import AmpliconSequences, weigh_samples
from forensics.barcode.mixture.sheet import SAMPLE, Pcr
from forensics.barcode.mixture.sorting import Amplicon
from forensics.barcode.reading.reads import Query
from forensics.custody import record_finding, record_identification, record_origin
from forensics.errors import RefusedError, UsageError, VerificationError
from forensics.examination import identify_each
from forensics.individual.captive.examining import examine
from forensics.individual.captive.measurements import read_measurements
from forensics.origin.predict import assign_with
from forensics.origin.training import train_genotypes
from forensics.taxonomy import names


@pytest.fixture
def result(library, tmp_path):
    path = tmp_path / "S1.fasta"
    path.write_text(f">S1\n{query()}\n")
    (found,) = forensics.identify(path, library=library)
    return path, found


def test_an_identification_is_recorded_with_its_provenance(lab, library, result):
    path, found = result
    lab.prepared(library.sha256)
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


def test_a_result_of_an_index_that_was_not_compared_is_not_recorded(
    lab, library_folder, monkeypatch
):
    monkeypatch.setattr("forensics.barcode.reference.library.MAX_BYTES_ALWAYS_CHECKED", 1)
    large = forensics.open_library(library_folder)
    lab.prepared(large.sha256)
    before = lab.size
    (found,) = forensics.identify(f">S1\n{query()}\n", library=large)
    with pytest.raises(UsageError, match="check_library=True"):
        record_identification(lab.bruno, "S1", found, runs=["R1"])
    assert lab.size == before
    (found,) = forensics.identify(f">S1\n{query()}\n", library=large, check_library=True)
    receipt = record_identification(lab.bruno, "S1", found, runs=["R1"])
    assert lab.amina.event(receipt.seq).fields["library"] == large.sha256
    assert lab.verify().ok


def test_a_result_of_packaged_tables_that_were_changed_is_not_recorded(
    lab, library_folder, tmp_path, monkeypatch
):
    library = forensics.open_library(library_folder)
    lab.prepared(library.sha256)
    (found,) = forensics.identify(f">S1\n{query()}\n", library=library)
    changed = tmp_path / "lineages.tsv"
    changed.write_bytes(names.TABLE.read_bytes() + b"\n")
    monkeypatch.setattr(names, "TABLE", changed)
    before = lab.size
    with pytest.raises(VerificationError, match="lineages"):
        record_identification(lab.bruno, "S1", found, runs=["R1"])
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


def test_what_isotopes_support_is_recorded_with_the_reference_that_taught_it(lab, tmp_path):
    known, asked = tmp_path / "known.csv", tmp_path / "S1.csv"
    table(30).to_csv(known, index=False)
    asked.write_text("sample,d13C,d15N\nS1,-24.5,5\n", encoding="utf-8")
    (found,) = examine(
        read_measurements(asked), read_measurements(known, classes="origin", groups="farm")
    )
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    receipt = record_finding(lab.bruno, "S1", found, kind="individual", runs=["R1"], inputs=[asked])
    event = lab.amina.event(receipt.seq)
    assert event.fields["result"]["status"] == found.status
    assert event.fields["library"] == sha256(known.read_bytes()).hexdigest()
    assert event.fields["provenance"]["input"]["sha256"] == event.fields["attachments"][0]["sha256"]
    assert lab.verify().ok


def test_a_mixture_is_recorded_with_its_shares_and_library(lab, library):
    lab.prepared(library.sha256)
    one = Denoised("0" * 40, insert(SPECIES[0]), False, {"soup/1": 900})
    (call,) = identify_each(iter([Query("x", one.sequence)]), library=library, locus="12S")
    (result,) = weigh_samples(
        [Pcr("soup", "1", SAMPLE, ("a",))], {"soup/1": {"reads": 1000, "sorted": 1000}}, [{}],
        [AmpliconSequences(Amplicon("V5"), {"soup/1": 950}, [one], [(one, call)])], call.provenance,
    )  # fmt: skip
    receipt = record_finding(lab.bruno, "S1", result, kind="identification", runs=["R1"])
    event = lab.amina.event(receipt.seq)
    (found,) = event.fields["result"]["found"]
    assert (found["taxon"], found["share_of_reads"]) == (SPECIES[0], "1.0")
    assert event.fields["library"] == library.sha256
    assert lab.verify().ok
