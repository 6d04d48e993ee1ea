import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import random_sequence

from forensics.barcode.locus import (
    AMBIGUOUS,
    EQUALITIES,
    IUPAC,
    LOCI,
    MAX_GENE_LENGTH,
    MAXIMUM_AMBIGUOUS,
    MAXIMUM_LENGTH,
    MITOCHONDRIAL,
    PLASTID,
    ambiguous_count,
    check_sequence,
    clean,
    find_locus,
    reverse_complement,
    sequence_warnings,
)
from forensics.barcode.translation import TABLES
from forensics.errors import UsageError

PRIMERS = [(locus, primer) for locus in LOCI for primer in locus.primers]


def test_names_and_synonyms_are_unique_however_they_are_written():
    keys = [
        (find_key(name), locus.name) for locus in LOCI for name in {locus.name, *locus.synonyms}
    ]
    owners = {}
    for key, owner in keys:
        assert owners.setdefault(key, owner) == owner, key


def find_key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum() or letter in "()")


@pytest.mark.parametrize("locus", LOCI, ids=lambda locus: locus.name)
def test_every_name_and_synonym_finds_its_locus(locus):
    for name in (locus.name, *locus.synonyms):
        for written in (name, name.upper(), name.lower(), name.replace(" ", "_")):
            assert find_locus(written) is locus


def test_names_of_loci_that_results_have_stay():
    assert {locus.name for locus in LOCI} >= {
        "COI", "cytb", "12S", "16S", "CR", "ITS", "rbcL", "matK", "trnL",
    }  # fmt: skip


@pytest.mark.parametrize("locus", LOCI, ids=lambda locus: locus.name)
def test_lengths_have_a_source_and_primers_are_of_both_strands(locus):
    assert 0 < locus.minimum_length <= locus.expected_length < MAX_GENE_LENGTH
    assert locus.source
    assert {primer.strand for primer in locus.primers} == {"+", "-"}


def test_an_unknown_locus_lists_the_known_ones():
    with pytest.raises(UsageError) as caught:
        find_locus("18S")
    assert "18S" in str(caught.value)
    for locus in LOCI:
        assert locus.name in str(caught.value)


def test_coding_loci_have_the_codes_of_their_genome():
    coding = [locus for locus in LOCI if locus.genetic_codes]
    assert {locus.name for locus in coding} >= {"COI", "cytb", "rbcL", "matK"}
    for locus in coding:
        assert set(locus.genetic_codes) <= set(TABLES)
        expected = {MITOCHONDRIAL: {2, 4, 5, 9, 13, 14}, PLASTID: {11}}
        assert set(locus.genetic_codes) == expected[locus.genome]


def test_names_of_primers_are_unique():
    names = [primer.name.casefold() for _locus, primer in PRIMERS]
    assert len(names) > 90 and len(set(names)) == len(names)


@pytest.mark.parametrize("locus, primer", PRIMERS, ids=lambda value: value.name)
def test_primers_are_iupac_have_a_strand_and_a_source(locus, primer):
    assert 17 <= len(primer.sequence) <= 35 and set(primer.sequence) <= IUPAC.keys()
    assert primer.strand in ("+", "-")
    assert (
        "doi:10." in primer.source
        or any(letter.isdigit() for letter in primer.source)
        or ("BOLD" in primer.source)
    )


@pytest.mark.parametrize(
    "name, length",
    [
        ("COI", 1602),  # Python bivittatus, Varanus niloticus
        ("16S", 1676),  # Carcharhinus leucas
        ("16S", 1710),  # Anguilla mossambica
        ("CR", 1688),  # Panthera leo
    ],
)
def test_whole_genes_of_vertebrates_in_trade_are_no_outliers(name, length):
    locus = find_locus(name)
    assert locus.minimum_length <= length <= locus.maximum_length


GOOD = random_sequence(random.Random(1), 600)
SHORTEST = min(locus.minimum_length for locus in LOCI)


def test_a_good_sequence_has_neither_problem_nor_warning():
    assert check_sequence(GOOD) is None
    assert sequence_warnings(GOOD) == []


@pytest.mark.parametrize(
    "sequence, code, part",
    [
        ("", "EMPTY", "is empty"),
        (GOOD[: SHORTEST - 1], "TOO_SHORT", f"Only {SHORTEST - 1} bases"),
        ("MTNIRKTHPLLKIINDAFIDL", "NOT_NUCLEOTIDE", "protein"),
        (GOOD + "1", "NOT_NUCLEOTIDE", "'1' at base 601"),
        (GOOD + "?*", "NOT_NUCLEOTIDE", "Allowed are"),
        (GOOD + "é", "NOT_NUCLEOTIDE", "'é' at base 601"),
        ("A" * (MAXIMUM_LENGTH + 1), "TOO_LONG", str(MAXIMUM_LENGTH)),
        ("N" * 40 + GOOD[:560], "TOO_AMBIGUOUS", "6.7%"),
    ],
)
def test_problems_say_what_was_found(sequence, code, part):
    problem = check_sequence(sequence)
    assert problem.code == code
    assert part in problem.message


def test_limits_themselves_are_allowed():
    assert check_sequence(GOOD[:SHORTEST]) is None
    at_limit = int(len(GOOD) * MAXIMUM_AMBIGUOUS)
    assert check_sequence("N" * at_limit + GOOD[at_limit:]) is None


def test_ambiguous_bases_and_shortness_are_told():
    codes = [w.code for w in sequence_warnings("R" * 8 + GOOD[:200])]
    assert codes == ["AMBIGUOUS_BASES", "SHORT_QUERY"]


SEQUENCES = st.text(alphabet=sorted(IUPAC))


def test_cleaning_removes_gaps_blanks_and_outer_n_and_reads_u_as_t():
    assert clean("NN-ac.gu NAC\tGT\r\nNnn") == "ACGTNACGT"
    assert clean("acE*ßſé") == "ACE*ßſé"  # foreign letters are left to the reader


@given(SEQUENCES)
def test_cleaning_twice_changes_nothing(sequence):
    assert clean(clean(sequence)) == clean(sequence)


@given(SEQUENCES)
def test_the_other_strand_of_the_other_strand_is_the_sequence(sequence):
    assert reverse_complement(reverse_complement(sequence)) == sequence


def test_complements_stand_for_complementary_bases():
    pairs = {"A": "T", "C": "G", "G": "C", "T": "A"}
    for code, bases in IUPAC.items():
        assert {pairs[base] for base in bases} == set(IUPAC[reverse_complement(code)])


def test_equalities_are_the_pairs_that_share_a_base():
    expected = {
        frozenset((one, other))
        for one in IUPAC
        for other in IUPAC
        if one != other and set(IUPAC[one]) & set(IUPAC[other])
    }
    assert {frozenset(pair) for pair in EQUALITIES} == expected
    assert len(EQUALITIES) == len(expected)


@given(SEQUENCES)
def test_ambiguous_bases_are_counted(sequence):
    assert ambiguous_count(sequence) == sum(letter in AMBIGUOUS for letter in sequence)
