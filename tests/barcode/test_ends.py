"""Do the ends of a sequence belong to its middle?"""

import random

import pytest
from simulation import random_sequence

from forensics.barcode.chimera import check_ends
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.records import ReferenceRecord

LENGTH = 640
FLOOR = 0.9


def differing(rng, sequence, places):
    """Return the sequence with another base at each of these places."""
    letters = list(sequence)
    for place in places:
        letters[place] = rng.choice([base for base in "ACGT" if base != letters[place]])
    return "".join(letters)


@pytest.fixture(scope="module")
def record():
    return random_sequence(random.Random(1), LENGTH)


@pytest.fixture(scope="module")
def other():
    return random_sequence(random.Random(2), LENGTH)


@pytest.fixture(scope="module")
def index(record, other):
    pairs = [("A1", "Exemplum album", record), ("B1", "Alienum bonum", other)]
    return Index.build(
        [(ReferenceRecord.named(a, name, locus="COI"), s) for a, name, s in pairs], locus="COI"
    )


def test_differences_spread_evenly_flag_no_end(index, record):
    rng = random.Random(3)
    # A tenth and a little more, the middle by chance under the floor: 32 of its 320 bases.
    middle = rng.sample(range(160, 480), 30)
    ends = rng.sample([*range(160), *range(480, LENGTH)], 38)
    query = differing(rng, record, [*middle, *ends])
    assert check_ends(query, index, FLOOR) is None


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("at_start", [False, True])
def test_an_end_of_no_gene_is_told_with_its_bases(index, record, turned, at_start):
    rng = random.Random(4)
    foreign = random_sequence(rng, 160)
    query = foreign + record[160:] if at_start else record[:480] + foreign
    if turned:
        query = reverse_complement(query)
    warning = check_ends(query, index, FLOOR)
    assert warning.code == "ENDS_DO_NOT_FIT"
    assert "A1 (100.0%)" in warning.message
    expected = "bases 1 to 160 " if at_start != turned else "bases 481 to 640 "
    assert expected in warning.message


def test_an_end_that_fits_another_genus_is_a_chimera(index, record, other):
    rng = random.Random(5)
    query = differing(rng, record[:480] + other[480:], rng.sample(range(480), 20))
    warning = check_ends(query, index, FLOOR)
    assert warning.code == "CHIMERA"
    assert "Alienum" in warning.message
    assert "Exemplum" in warning.message


def test_what_the_record_does_not_cover_is_not_judged(record):
    rng = random.Random(6)
    pair = ReferenceRecord.named("A2", "Exemplum album", locus="COI"), record[150:490]
    short = Index.build([pair], locus="COI")
    foreign = random_sequence(rng, 150)
    assert check_ends(foreign + record[150:490] + foreign, short, FLOOR) is None


def test_a_middle_that_is_near_to_nothing_flags_nothing(index):
    assert check_ends(random_sequence(random.Random(7), LENGTH), index, FLOOR) is None


def test_a_sequence_as_far_at_its_ends_as_in_its_middle_is_not_flagged(index, record):
    """Of 200 sequences that differ at one rate, near the floor, none is flagged."""
    rng = random.Random(8)
    flagged = 0
    for _turn in range(200):
        query = differing(rng, record, rng.sample(range(LENGTH), rng.randint(60, 72)))
        flagged += check_ends(query, index, FLOOR) is not None
    assert flagged == 0
