import random

import pytest
from simulation import random_sequence

from forensics.barcode.locus import (
    LOCI,
    MAXIMUM_AMBIGUOUS,
    MAXIMUM_LENGTH,
    check_sequence,
    sequence_warnings,
)

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
