import pytest
from Bio.Data import CodonTable
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.locus import LOCI
from forensics.barcode.translation import (
    NAMES,
    TABLES,
    UNKNOWN,
    codons,
    mitochondrial_code,
    stops,
    translate,
)


@pytest.mark.parametrize("code", TABLES)
def test_every_codon_stands_for_what_biopython_says(code):
    table = CodonTable.unambiguous_dna_by_id[code]
    expected = {**table.forward_table, **dict.fromkeys(table.stop_codons, "*")}
    assert codons(code) == expected
    assert stops(code) == set(table.stop_codons)


def test_every_code_of_the_loci_is_known_and_named():
    needed = {code for locus in LOCI for code in locus.genetic_codes}
    assert needed <= TABLES.keys()
    assert TABLES.keys() == NAMES.keys()


@given(st.text(alphabet="ACGTRYN-", max_size=40), st.sampled_from(sorted(TABLES)))
def test_a_translation_has_a_letter_for_every_whole_codon(sequence, code):
    amino = translate(sequence, code)
    assert len(amino) == len(sequence) // 3
    for place, letter in enumerate(amino):
        codon = sequence[3 * place : 3 * place + 3]
        assert (letter == UNKNOWN) == (not set(codon) <= set("ACGT"))


@pytest.mark.parametrize(
    ("phylum", "class_", "code"),
    [
        ("Chordata", "Aves", 2),
        ("Chordata", "Ascidiacea", 13),
        ("Echinodermata", "", 9),
        ("Arthropoda", "Insecta", 5),
        ("Cnidaria", "Anthozoa", 4),
    ],
)
def test_the_mitochondrial_code_follows_phylum_and_class(phylum, class_, code):
    assert mitochondrial_code(phylum, class_) == code
