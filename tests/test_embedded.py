"""The library that the package ships, and the demonstration."""

import csv
import gzip
from pathlib import Path

import Bio
import pytest

from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.panels import TRAFFICKED, cover_library, read_panel, summary
from forensics.examination import identify
from forensics.resources import folder


@pytest.fixture(scope="module")
def demonstration(embedded):
    return folder("reference_sequences") / "demonstration"


@pytest.fixture(scope="module")
def sequences(embedded):
    return {locus: embedded.records(locus) for locus in embedded.loci}


def test_every_locus_opens_and_every_file_is_what_its_manifest_says(embedded, sequences):
    assert {"COI", "cytb", "12S", "16S", "CR", "ITS"} <= set(embedded.loci)
    embedded.verify()
    for locus, records in sequences.items():
        assert len(records) == embedded.manifest(locus)["records"]
        assert len(records) == embedded.index(locus).record_count
        assert {record.locus for record, _sequence in records} == {locus}


def test_it_says_that_it_is_for_demonstration(embedded):
    assert embedded.demonstration
    assert "not for casework" in embedded.statement


def test_records_say_where_they_come_from(sequences):
    for records in sequences.values():
        for record, sequence in records:
            assert record.accession and record.genus and record.source and record.licence
            assert sequence


def test_the_fin_whale_of_the_readme_is_identified(embedded, demonstration):
    (result,) = identify(demonstration / "fin_whale_COI.fasta")
    assert (result.status, result.rank) == ("identified", "species")
    assert result.taxon == "Balaenoptera physalus"
    assert result.locus == "COI" and result.search_exhaustive
    assert result.closest_other_species.species != "Balaenoptera physalus"
    assert "DEMONSTRATION_LIBRARY" in [warning.code for warning in result.warnings]


def test_the_bumblebee_that_the_library_lacks_gets_at_most_a_genus(sequences, demonstration):
    held = {record.species for record, _s in sequences["COI"] if record.genus == "Bombus"}
    assert len(held) >= 5 and "Bombus ignitus" not in held
    files = sorted(demonstration.glob("*.ab1.gz"))
    assert files
    for path in files:
        (result,) = identify(path)
        assert result.rank in (None, "genus", "family")
        if result.status == "identified":
            assert result.taxon in ("Bombus", "Apidae")


def test_what_read_a_chromatogram_stands_in_the_provenance(demonstration):
    (pair,) = identify([demonstration / f"Bombus_ignitus_short_{s}.ab1.gz" for s in "FR"])
    assert pair.provenance.dependencies["biopython"] == Bio.__version__
    assert [Path(one["file"]).name for one in pair.provenance.input["files"]] == [
        "Bombus_ignitus_short_F.ab1.gz", "Bombus_ignitus_short_R.ab1.gz",
    ]  # fmt: skip
    (whale,) = identify(demonstration / "fin_whale_COI.fasta")
    assert set(whale.provenance.dependencies) == {"python"}


def held_out(demonstration):
    with open(demonstration / "held_out.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_no_query_that_was_held_out_is_in_the_library(sequences, demonstration):
    accessions = {row["accession"] for row in held_out(demonstration)}
    accessions |= {"NC_001321", "NC_001321.1"}
    for path in demonstration.glob("*.fasta*"):
        data = path.read_bytes()
        text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode()
        accessions |= {
            line[1:].split()[0].split("|")[0] for line in text.splitlines() if line.startswith(">")
        }
    assert len(accessions) > 2
    for records in sequences.values():
        found = {record.accession for record, _s in records}
        assert not found & accessions
        assert not {name.partition(".")[0] for name in found} & accessions


def test_held_out_queries_get_no_wrong_species(embedded, demonstration):
    """Of records held out at random the demonstration may show no false name."""
    truth = {row["query"]: row for row in held_out(demonstration)}
    results = identify(demonstration / "held_out.fasta")
    assert [result.query for result in results] == list(truth)
    wrong = [
        (result.query, result.taxon, truth[result.query]["species"])
        for result in results
        if result.rank == "species" and result.taxon != truth[result.query]["species"]
    ]
    assert not wrong
    found = [
        result for result in results if truth[result.query]["expected"] == "species in library"
    ]
    assert any(result.rank == "species" for result in found)


def test_targets_are_listed_with_what_is_missing(embedded):
    coverage = cover_library(embedded, read_panel(TRAFFICKED))
    assert {row["taxon"] for row in coverage.rows() if row["status"] == "missing"}
    assert set(coverage.missing) < {taxon.taxon for taxon in coverage.panel.taxa}


def test_the_summary_counts_what_is_there(embedded, sequences):
    assert {row["locus"]: row["records"] for row in summary(embedded)} == {
        locus: len(records) for locus, records in sequences.items()
    }


def test_opening_by_name_and_by_default_is_the_same(embedded):
    assert open_library("embedded").sha256 == embedded.sha256
