from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.locus import (
    AMBIGUOUS,
    EQUALITIES,
    IUPAC,
    ambiguous_count,
    clean,
    reverse_complement,
)

SEQUENCES = st.text(alphabet=sorted(IUPAC))


def test_cleaning_removes_gaps_blanks_and_outer_n_and_reads_u_as_t():
    assert clean("NN-ac.gu NAC\tGT\r\nNnn") == "ACGTNACGT"


def test_cleaning_leaves_foreign_letters_to_the_reader():
    assert clean("acE*ßſé") == "ACE*ßſé"


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
