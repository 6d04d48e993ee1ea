"""Names that may be misspelt or old. All sequences are SIMULATED."""

import random

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.reference.names import packaged_names, screen_old_names, screen_spelling
from forensics.barcode.reference.records import ReferenceRecord
from forensics.taxonomy.synonyms import Synonyms

RNG = random.Random("misspelt")
ONE, OTHER = random_sequence(RNG, 400), random_sequence(RNG, 400)


def named(accession, name, text=ONE, locus="COI", family="Fictidae"):
    return ReferenceRecord.named(accession, name, locus=locus, family=family), text


def told(*pairs):
    loci = {}
    for record, text in pairs:
        loci.setdefault(record.locus, []).append((record, text))
    return [(f.accession, f.code, f.suggested_action) for f in screen_spelling(loci)]


def test_a_rarer_name_with_an_identical_sequence_is_to_be_renamed():
    pairs = [named(f"A{n}", "Fictus alboides") for n in range(3)] + [named("B", "Fictus alboydes")]
    (finding,) = screen_spelling({"COI": pairs})
    assert (finding.accession, finding.code, finding.suggested_action) == (
        "B",
        "MISSPELT",
        "rename",
    )
    assert finding.score == pytest.approx((3 / 4 + 1) / 2)
    assert "differ by y>i" in finding.evidence and "100.0% identical" in finding.evidence


def test_two_species_that_are_truly_called_so_are_only_looked_at():
    """*Carduelis pinus* and *C. spinus* are 98.3 % identical at COI and two species."""
    near = mutate(RNG, ONE, substitutions=7)
    pairs = [named(f"S{n}", "Carduelis spinus") for n in range(5)]
    assert told(*pairs, named("P", "Carduelis pinus", near)) == [("P", "MISSPELT", "look")]


def test_the_nearer_the_sequences_the_higher_the_score():
    scores = []
    for text in (ONE, mutate(random.Random(1), ONE, substitutions=8), OTHER):
        pairs = [*(named(f"A{n}", "Fictus alboides") for n in range(3))]
        (finding,) = screen_spelling({"COI": [*pairs, named("B", "Fictus alboydes", text)]})
        scores.append(finding.score)
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3


def test_where_both_have_as_many_records_nothing_says_which_is_right():
    pairs = named("A", "Fictus alboides"), named("B", "Fictus alboydes")
    assert told(*pairs) == [("A", "MISSPELT", "look"), ("B", "MISSPELT", "look")]


def test_without_a_locus_in_common_it_is_looked_at():
    pairs = [named(f"A{n}", "Fictus alboides") for n in range(3)]
    (finding,) = screen_spelling(
        {"COI": pairs, "12S": [named("B", "Fictus alboydes", locus="12S")]}
    )
    assert (finding.suggested_action, finding.locus) == ("look", "12S")
    assert "no locus in common" in finding.evidence


def test_an_ending_of_another_gender_is_found():
    pairs = [named(f"A{n}", "Fictus ridibundus") for n in range(3)]
    assert told(*pairs, named("B", "Fictus ridibunda")) == [("B", "MISSPELT", "rename")]


def test_genera_of_two_families_are_two_genera():
    pairs = [named(f"A{n}", "Fictus alboides") for n in range(3)]
    stranger = named("B", "Fittus alboides", OTHER, family="Fittidae")
    assert told(*pairs, stranger) == []
    assert told(*pairs, named("B", "Fittus alboides", OTHER)) == [("B", "MISSPELT", "look")]


def test_the_laboratorys_table_of_synonyms_goes_first():
    table = Synonyms({"Fictus albus": "Novus albus"}, {"Fictus albus": "A List 2026"}, file="s.tsv")
    (finding,) = screen_old_names({"COI": [named("A", "Fictus albus")]}, synonyms=table)
    assert (finding.code, finding.suggested_action) == ("OLD_NAME", "rename")
    assert finding.evidence == "Fictus albus is Novus albus according to A List 2026"
    assert screen_old_names({"COI": [named("A", "Novus albus")]}, synonyms=table) == []


def test_a_packaged_name_counts_only_beside_the_other():
    old, accepted = "Neovison vison", packaged_names()["Neovison vison"][0]
    assert accepted == "Neogale vison"
    assert screen_old_names({"COI": [named("A", old)]}) == []
    found = screen_old_names({"COI": [named("A", old), named("B", accepted)]})
    assert [(f.accession, f.suggested_action) for f in found] == [("A", "look")]


def test_open_names_are_passed_over():
    pairs = [named("A", "Fictus sp."), named("B", "Fictus cf. albus"), named("C", "Fictus albus")]
    assert told(*pairs) == [] and screen_old_names({"COI": pairs}) == []
