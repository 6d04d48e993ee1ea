"""Records looked at one by one."""

import random

import pytest

from forensics.barcode.curating.checks import check_sequences, count_stops, genetic_code, open_frame
from forensics.barcode.locus import LOCI
from forensics.barcode.reference.records import ReferenceRecord

GOOD = "".join(random.Random(3).choice(["GCA", "CTT", "GTC", "CAA", "GGT"]) for _ in range(100))


def named(accession, locus="COI"):
    return ReferenceRecord(
        accession, "A b", "A b", "A", class_="Aves", phylum="Chordata", locus=locus
    )


@pytest.mark.parametrize(
    ("sequence", "code", "stops"),
    [
        ("ATGTAAATG", 2, 1),
        ("ATGAGAATG", 2, 1),
        ("ATGAGAATG", 5, 0),
        ("ATGTGAATG", 5, 0),
        ("ATGTGAATG", 11, 1),
        ("ATGNNNATG", 2, 0),
        ("AT", 2, 0),
    ],
)
def test_stop_codons(sequence, code, stops):
    assert count_stops(sequence, code, 0) == stops


def test_the_frame_with_fewest_stop_codons():
    assert open_frame("G" + "TAA" * 3 + "C", 2) == (0, 0)
    assert open_frame("TAAATAAATAAATAA", 2)[0] >= 1


def test_the_stop_codon_at_the_end_of_a_gene_is_its_own():
    for behind in ("", "G", "GG"):  # and so with a base or two of what follows the gene
        assert open_frame(GOOD + "TAA" + behind, 2) == (0, 0)
        assert check_sequences([(named("A"), GOOD + "TAA" + behind)]) == []


def test_every_locus_has_its_lengths_and_code():
    for locus in LOCI:
        assert locus.minimum_length <= locus.expected_length <= locus.maximum_length
        assert (genetic_code(named("A", locus.name)) is None) == (not locus.genetic_codes)
    assert [genetic_code(named("A", locus)) for locus in ("COI", "cytb", "12S", "rbcL", "matK")] == [
        2, 2, None, 11, 11
    ]  # fmt: skip


def test_records_are_checked_one_by_one():
    records = [
        (named("A"), GOOD),
        (named("A"), GOOD),
        (named("B"), GOOD[:60]),
        (named("C"), "N" * 9 + GOOD[9:]),
        (named("D"), "TAAATAAATAAA" * 20),
        (named("E", "12S"), "TAAATAAATAAA" * 20),
    ]
    found = check_sequences(records)
    assert [(f.locus, f.accession, f.code, f.score) for f in found] == [
        ("COI", "A", "DUPLICATE", 1.0),
        ("COI", "B", "OUTLYING_LENGTH", 60.0),
        ("COI", "C", "AMBIGUOUS", 0.03),
        ("COI", "D", "STOP_CODON", 19.0),
    ]
    assert all(f.suggested_action == "drop" and f.evidence for f in found)
    assert [f.accession for f in check_sequences(records[4:], lengths=(10, 20))] == ["D", "E"]


def test_a_record_on_the_other_strand_is_told_as_such():
    (found,) = check_sequences([(named("A"), "TAAA" * 60)])
    assert found.code == "STOP_CODON" and found.evidence.endswith("the other strand is open")
    (found,) = check_sequences([(named("A"), "TAAATTTATTAACTAAG" * 12)])
    assert found.code == "STOP_CODON" and "other strand" not in found.evidence


def test_a_record_that_is_too_short_is_dropped_and_one_that_is_too_long_is_cut():
    for number, action in ((72, "drop"), (73, None), (1100, None), (1101, "cut")):
        found = check_sequences([(named("A", "12S"), ("GCATC" * 300)[:number])])
        assert [(f.code, f.suggested_action) for f in found] == (
            [("OUTLYING_LENGTH", action)] if action else []
        )
