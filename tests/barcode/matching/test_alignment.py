import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import SPECIES, ancestors, mutate, query, random_sequence

from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.search import GAP, align, exhaustive_search, lay


def gapless(written):
    return written.replace(GAP, "")


@given(seed=st.integers(0, 10**6))
def test_an_alignment_costs_what_the_search_counted(library, seed):
    rng = random.Random(seed)
    index = library.index("COI")
    sequence = mutate(
        rng,
        ancestors("COI")[rng.choice(SPECIES)],
        substitutions=rng.randrange(20),
        insertions=rng.randrange(3),
        deletions=rng.randrange(3),
        codes=rng.randrange(5),
    )
    way = rng.randrange(4)
    if way == 1:  # sticks out on the right
        sequence = sequence[60:] + random_sequence(rng, 60)
    elif way == 2:
        sequence = random_sequence(rng, 60) + sequence[:-60]
    elif way == 3:
        sequence = sequence[50:-50]
    if rng.random() < 0.5:
        sequence = reverse_complement(sequence)
    for hit in exhaustive_search(index, sequence).hits[:4]:
        record = index.sequence(hit.haplotype).decode()
        found = align(sequence, record, hit)
        strand = sequence if hit.strand == "+" else reverse_complement(sequence)
        assert len(found.query) == len(found.record)
        assert len(found.differences()) <= hit.edits
        assert strand[found.query_start :].startswith(gapless(found.query))
        assert record[found.record_start :].startswith(gapless(found.record))


def test_equal_sequences_need_no_alignment(library):
    index = library.index("COI")
    sequence = index.sequence(0).decode()[30:400]
    (hit,) = exhaustive_search(index, sequence, among=[0]).hits
    found = align(sequence, index.sequence(0).decode(), hit)
    assert found.query == found.record == sequence
    assert (found.query_start, found.record_start, found.differences()) == (0, 30, [])


def test_iupac_codes_that_fit_are_no_difference(library):
    index = library.index("COI")
    sequence = index.sequence(0).decode()
    coded = "N" * 0 + sequence[:100] + "N" + sequence[101:]
    (hit,) = exhaustive_search(index, coded, among=[0]).hits
    assert align(coded, sequence, hit).differences() == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_sequence_is_laid_over_another_letter_by_letter(turned):
    one, other = query()[100:500], query()
    if turned:
        one, other = other, one
    laid = lay(one, other, least=0.9)
    assert len(laid) == len(other)
    assert gapless(laid) == (one if not turned else other)


@given(seed=st.integers(0, 10**6))
def test_what_is_laid_is_what_an_alignment_has_over_the_record(seed):
    rng = random.Random(seed)
    other = random_sequence(rng, rng.randrange(50, 300))
    one = mutate(rng, other, substitutions=rng.randrange(9), insertions=rng.randrange(4),
                 deletions=rng.randrange(4))  # fmt: skip
    one = one[rng.randrange(20) :] + random_sequence(rng, rng.choice([0, 0, 40]))
    inner, outer = sorted((one, other), key=len)
    if len(one) == len(other):
        inner, outer = one, other
    edlib = pytest.importorskip("edlib", reason="edlib is not installed: no third opinion")
    found = edlib.align(inner, outer, mode="HW", task="path")
    written = edlib.getNiceAlignment(found, inner, outer)
    above, below = written["query_aligned"], written["target_aligned"]
    pairs = list(zip(above, below) if inner is one else zip(below, above))
    letters = "".join(letter for letter, of_record in pairs if of_record != GAP)
    start = found["locations"][0][0] if inner is one else 0
    assert lay(one, other, least=0.5) == (GAP * start + letters).ljust(len(other), GAP)


def test_what_is_of_another_piece_is_not_laid():
    rng = random.Random(1)
    assert lay(random_sequence(rng, 300), query(), least=0.65) == ""
