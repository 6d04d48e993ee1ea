import json
import os
import random
import re

import pandas
import pytest
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from simulation import SPECIES, ancestors, far_sequence, mutate, query, random_sequence

import forensics
from forensics.barcode.locus import reverse_complement
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import InputError, LibraryError, UsageError
from forensics.examination import identify, identify_each

ONE = query()


def test_everything_that_a_script_has_is_identified(tmp_path, library):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{ONE}\n")
    given = {
        "path": path,
        "str path": str(path),
        "str sequence": ONE,
        "FASTA text": f">a\n{ONE}\n",
        "Seq": Seq(ONE),
        "SeqRecord": SeqRecord(Seq(ONE), id="a"),
        "list": [ONE, SeqRecord(Seq(ONE), id="a"), path],
        "DataFrame": pandas.DataFrame({"id": ["a", "b"], "sequence": [ONE, ONE]}),
        "Series": pandas.Series([ONE, ONE]),
        "generator": (sequence for sequence in [ONE]),
    }
    for kind, inputs in given.items():
        results = forensics.identify(inputs, library=library)
        assert {result.taxon for result in results} == {SPECIES[0]}, kind
    assert len(forensics.identify([], library=library)) == 0


def test_a_library_is_given_opened_or_as_a_folder(library):
    for given in (library, library.path, str(library.path)):
        assert identify(ONE, library=given)[0].taxon == SPECIES[0]
    assert forensics.open_library(library.path).name == "simulated"


def test_an_open_library_stays_where_it_is(library, monkeypatch, tmp_path):
    opened = forensics.open_library(os.path.relpath(library.path))
    monkeypatch.chdir(tmp_path)
    assert identify(ONE, library=opened)[0].taxon == SPECIES[0]


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("locus", ["COI", "12S"])
@pytest.mark.parametrize("turned", [False, True])
def test_locus_and_strand_are_found(library, species, locus, turned):
    sequence = query(species, locus, substitutions=1)
    (result,) = identify(reverse_complement(sequence) if turned else sequence, library=library)
    assert (result.status, result.taxon, result.locus) == ("identified", species, locus)
    assert result.strand == ("-" if turned else "+")
    assert result.search_exhaustive
    best = result.candidates[0]
    assert (best.species, best.records) == (species, 3)


def test_numbers_of_the_best_candidate_are_those_of_the_alignment(library):
    sequence = mutate(random.Random(1), ancestors("COI")[SPECIES[0]], substitutions=0)
    (result,) = identify(sequence, library=library)
    best = result.candidates[0]
    assert (best.identity, best.mismatches, best.coverage) == (1, 0, 1)
    assert best.accession == "SIMCOI00"
    other = result.closest_other_species
    assert other.species != best.species
    assert other.species.startswith("Fictus ")


def test_an_index_tells_queries_of_the_same_name_apart(library):
    text = f">a\n{ONE}\n>b\n{ONE}\n>a\n{ONE}\n"
    results = identify(text, library=library)
    assert [(r.query, r.index) for r in results] == [("a", 1), ("b", 2), ("a", 3)]
    duplicates = [[w for w in r.warnings if w.code == "DUPLICATE_NAME"] for r in results]
    assert [len(found) for found in duplicates] == [0, 0, 1]
    assert "Sequence 1 of this run" in duplicates[2][0].message


def test_two_runs_are_identical_in_all_but_time(library, monkeypatch):
    def run():
        text = identify([ONE, "ACGT" * 150, Seq("MTNI" * 50)], library=library).to_json()
        return re.sub(r'"time": "[^"]*"', "", text)

    first = run()
    monkeypatch.setattr("time.time", lambda: 4_000_000_000)
    assert run() == first


def test_the_time_is_that_of_source_date_epoch(library, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    (result,) = identify(ONE, library=library)
    assert result.provenance.time == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize("value", ["soon", "-1", "99999999999999999999"])
def test_a_source_date_epoch_that_is_none_is_told(library, monkeypatch, value):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    try:
        (result,) = identify(ONE, library=library)
    except UsageError as error:
        assert "SOURCE_DATE_EPOCH" in str(error)
    else:
        assert value == "-1" and result.provenance.time == "1969-12-31T23:59:59Z"


def test_the_time_is_utc_to_the_second(library):
    (result,) = identify(ONE, library=library)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result.provenance.time)


def test_provenance_says_what_is_needed_to_do_it_again(tmp_path, library):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{ONE}\n")
    found = identify(path, library=library, floor=0.91)[0].to_dict()["provenance"]
    assert found["version"] == forensics.__version__
    assert found["library"]["sha256"] == library.sha256
    assert found["parameters"]["floor"] == 0.91
    assert found["input"]["file"] == str(path)
    assert len(found["input"]["sha256"]) == 64
    assert "threads" not in found["parameters"]


def test_more_than_twenty_ties_are_all_candidates(tmp_path):
    sequence = random_sequence(random.Random(2), 600)
    records = [
        (ReferenceRecord.named(f"A{i}", f"Fictus {'a' * (i + 2)}", locus="COI"), sequence)
        for i in range(30)
    ]
    write_library(tmp_path / "library", records, name="ties")
    (result,) = identify(sequence, library=tmp_path / "library")
    assert len(result.candidates) == 30
    assert result.rank != "species"
    assert len(json.loads(result.to_json())["listings"]) == 30


def test_an_unknown_sequence_is_not_in_the_library(library):
    (result,) = identify(far_sequence(), library=library)
    assert (result.status, result.locus, result.strand) == ("nothing_near", "COI", None)
    assert result.candidates == () and result.search_exhaustive


def test_the_locus_may_be_given_by_any_of_its_names(library):
    for name in ("COI", "cox1", "CO1"):
        (result,) = identify(ONE, library=library, locus=name)
        assert result.provenance.parameters["locus"] == "COI"
        assert result.taxon == SPECIES[0]
    (result,) = identify(far_sequence("12S", "Gallus gallus"), library=library, locus="12S")
    assert (result.status, result.locus) == ("nothing_near", "12S")


def test_options_that_do_not_fit_are_told(library):
    with pytest.raises(UsageError, match="has no cytb; it has 12S, COI"):
        identify(ONE, library=library, locus="cytb")
    with pytest.raises(UsageError, match="Unknown locus"):
        identify(ONE, library=library, locus="18S")
    for floor in (0, -1, 1.1, float("nan")):
        with pytest.raises(UsageError, match="floor"):
            identify(ONE, library=library, floor=floor)


def test_what_cannot_be_read_or_opened_is_told(tmp_path, library):
    with pytest.raises(InputError, match="no such file"):
        identify(tmp_path / "missing.fasta", library=library)
    with pytest.raises(LibraryError, match="is not a library"):
        identify(ONE, library=tmp_path)


def test_a_demonstration_library_says_so(tmp_path):
    record = ReferenceRecord.named("A1", SPECIES[0], locus="COI")
    write_library(tmp_path / "library", [(record, ONE)], name="demo", demonstration=True)
    (result,) = identify(ONE, library=open_library(tmp_path / "library"))
    assert "DEMONSTRATION_LIBRARY" in [warning.code for warning in result.warnings]


def test_short_records_and_partial_overlaps_are_told(tmp_path):
    records = [
        (ReferenceRecord.named("A1", SPECIES[0], locus="COI"), ONE[:300]),
        (ReferenceRecord.named("A2", SPECIES[0], locus="COI"), ONE[60:] + "ACGTTGCA" * 10),
    ]
    write_library(tmp_path / "library", records, name="x")
    (result,) = identify(ONE, library=tmp_path / "library")
    codes = {warning.code: warning.message for warning in result.warnings}
    assert "1 record is too short" in codes["RECORDS_NOT_COMPARED"]
    assert f"{len(ONE) - 60} bases were compared" in codes["PARTIAL_OVERLAP"]


def test_a_calibration_on_fewer_samples_than_usual_is_told(tmp_path, monkeypatch):
    rng, records = random.Random(5), []
    for number in range(80):
        root = random_sequence(rng, 658)
        for copy in range(3):
            name = f"Fictus sp{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}"
            records.append(
                (
                    ReferenceRecord.named(f"S{number}-{copy}", name, locus="COI"),
                    mutate(rng, root, substitutions=2 * copy),
                )
            )
    write_library(tmp_path / "whole", records, name="whole")
    monkeypatch.setattr("forensics.barcode.calling.learning._MAX_WORK", 150 * len(records))
    write_library(tmp_path / "sampled", records, name="sampled")
    told = {}
    for name in ("whole", "sampled"):
        (found,) = identify(records[0][1], library=open_library(tmp_path / name))
        told[name] = {one.code: one.message for one in found.warnings}
        assert "UNCALIBRATED" not in told[name]
    assert "SAMPLED_CALIBRATION" not in told["whole"]
    assert "150 sampled records" in told["sampled"]["SAMPLED_CALIBRATION"]


def test_a_long_sequence_tells_how_far_it_has_come(library, monkeypatch):
    monkeypatch.setattr("forensics.barcode.examination.MIN_LENGTH_SHOWN", 2000)
    rng, told = random.Random(3), []
    long = f">long\n{random_sequence(rng, 3000)}\n>short\n{random_sequence(rng, 600)}\n"
    results = list(
        identify_each(
            as_queries(long), library=library,
            progress=lambda name, done, total: told.append((name, done, total)),
        )
    )  # fmt: skip
    assert [result.query for result in results] == ["long", "short"]
    steps = 2 * len(library.loci)
    assert told == [("long", done, steps) for done in range(steps + 1)]


def test_a_genome_that_is_cut_has_done_all_its_steps(library, monkeypatch):
    monkeypatch.setattr("forensics.barcode.examination.MIN_LENGTH_SHOWN", 2000)
    rng, told = random.Random(4), []
    genome = random_sequence(rng, 2000) + query() + random_sequence(rng, 2000)
    (piece, *_more) = identify_each(
        as_queries(f">long\n{genome}\n"), library=library,
        progress=lambda name, done, total: told.append((done, total)),
    )  # fmt: skip
    assert (piece.query, piece.part, piece.taxon) == ("long", "COI", "Fictus albus")
    assert told[-1] == (2 * len(library.loci),) * 2
