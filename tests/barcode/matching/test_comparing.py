"""A query compared with many records at once: as one by one, and no damaged file is followed."""

import random
from array import array

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from neighbourhoods import FLOORS, SEEDS, family, index_of, relatives
from simulation import mutate, random_sequence

from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching import kernel, reference
from forensics.barcode.matching import search as module
from forensics.barcode.matching.search import PARTIAL_FLOOR, exhaustive_search, search
from forensics.errors import LibraryError

EPSILON = 1e-9

pytestmark = pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")


@examples(300)
@given(
    SEEDS,
    st.sampled_from([12, 40, 63, 64, 65, 128, 200, 650]),
    FLOORS,
    st.sampled_from([0.3, 0.75, 1.0]),
    st.sampled_from(["ACGT", "ACGT", "AC", "A"]),
)
def test_many_are_compared_as_the_reference_compares_them(seed, length, floor, coverage, letters):
    index, sequence = family(seed, length=length, count=10, letters=letters)
    query, plain = (module.IndexQuery(index, sequence, coverage) for _ in "ab")
    rng = random.Random(seed)
    compared = range(query.first, index.size)
    for strand in query.strands:
        for placement in (module.WHOLE, module.RIGHT, module.LEFT):
            least = floor if placement == module.WHOLE else max(floor, PARTIAL_FLOOR)
            needed = [max(least, rng.choice([0, 0.9, 0.97, 1])) for _ in compared]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(kernel, "implementation", reference)
                expected = list(plain.compare(compared, needed, strand, placement))
            assert list(query.compare(compared, needed, strand, placement)) == expected
    assert query.aligned <= plain.aligned  # what cannot end within the query is not aligned


@pytest.mark.parametrize("codes", [0, 2])
def test_a_shift_is_found_where_it_costs_less_than_substitutions(codes):
    # Laid over each other they differ in hundreds of bases.
    rng = random.Random(3)
    record = random_sequence(rng, 658)
    sequence = mutate(rng, record[:300] + record[301:] + "A", codes=codes)
    index = index_of([record, *relatives(rng, random_sequence(rng, 658), 20)])
    best = search(index, sequence).hits[0]
    assert index.sequence(best.haplotype).decode() == record
    assert best == exhaustive_search(index, sequence).hits[0]
    assert best.edits <= 2


@pytest.fixture(scope="module")
def crowd():
    """More records than are counted at once, of several lengths: groups near and far."""
    rng = random.Random(11)
    ancestors = [random_sequence(rng, rng.randrange(90, 120)) for _ in range(60)]
    records = set(ancestors)
    while len(records) < 9000:
        one = rng.choice(ancestors)
        begin, end = rng.choice([0, 0, 0, rng.randrange(20)]), rng.choice([0, 0, rng.randrange(20)])
        one = mutate(
            rng,
            one[begin : len(one) - end],
            substitutions=rng.randrange(12),
            insertions=rng.choice([0, 0, 1]),
            deletions=rng.choice([0, 0, 1]),
            codes=rng.choice([0, 0, 0, 1]),
        ).strip("N")
        records.add(rng.choice([one, one, reverse_complement(one)]))
    return index_of(sorted(records)), ancestors


@pytest.mark.parametrize("floor", [0.9, 0.8])
@pytest.mark.parametrize("number", range(4))
def test_search_finds_everything_among_more_than_are_counted_at_once(crowd, floor, number):
    index, ancestors = crowd
    rng = random.Random(number)
    sequence = mutate(rng, ancestors[number], substitutions=3, codes=number % 2)
    longer = random_sequence(rng, 8) + sequence + random_sequence(rng, 8)
    sequence = [sequence, reverse_complement(sequence), sequence[15:], longer][number]
    found = search(index, sequence, floor=floor)
    expected = exhaustive_search(index, sequence, floor=floor)
    assert found.hits
    assert list(found.hits) == [
        hit for hit in expected.hits if hit.identity >= found.proved_to - EPSILON
    ]
    assert search(index, sequence, floor=floor, down_to_floor=True).hits == expected.hits
    assert found.aligned < expected.aligned / 4


def test_bounds_come_in_their_order_and_none_comes_late(crowd):
    index, ancestors = crowd
    query = module.IndexQuery(index, ancestors[5], 0.75)
    for bound in module.bounds_of(query, 0.0, 0.0):
        told, levels = set(), bound.levels(query.length)
        for edits in range(query.length + 1):
            now = list(bound.haplotypes_at(edits))
            assert now == sorted(now)
            assert not told & set(now)
            assert not now or edits in levels
            told |= set(now)
        # Asked again, and with all others stabbed, no level has got any more.
        assert told == set(range(query.first, index.size))
        assert sum(len(bound.haplotypes_at(edits)) for edits in range(query.length + 1)) == len(
            told
        )


@pytest.mark.parametrize("place", [-2, -1])
def test_sequences_that_lie_outside_the_file_are_refused_and_not_followed(place, monkeypatch):
    rng = random.Random(14)
    index = index_of(relatives(rng, random_sequence(rng, 300), 40))
    query = index.sequence(20).decode()
    sections = list(index.tables)
    if place == -2:  # where each begins
        sections[place] = memoryview(array("Q", [(1 << 64) - 1] * (index.size + 1)))
    else:
        sections[place] = sections[place][: len(sections[place]) // 3]
    monkeypatch.setitem(index.__dict__, "tables", tuple(sections))
    with pytest.raises(LibraryError, match="damaged"):
        search(index, query)
    numbers = range(index.size)
    with pytest.raises(LibraryError, match="damaged"):
        list(
            module.IndexQuery(index, query, 0.75).compare(numbers, [0.5] * index.size, "+", "whole")
        )


@pytest.mark.parametrize("by", [kernel.implementation, reference])
@pytest.mark.parametrize(
    "changed",
    [
        {"placement": 3},
        {"needed": array("d", [1.5]).tobytes()},
        {"needed": b""},
        {"offsets": b"12345678"},
        {"records": array("I", [1]).tobytes()},
    ],
)
def test_what_does_not_fit_is_refused(by, changed):
    prepared = by.prepare_query(b"ACGTACGT", 4)
    asked = {
        "placement": 0,
        "sequences": b"ACGTACGT",
        "offsets": array("Q", [0, 8]).tobytes(),
        "records": array("I", [0]).tobytes(),
        "needed": array("d", [0.5]).tobytes(),
    }
    edits, lengths, aligned = by.compare_many(prepared, *asked.values())
    assert (array("i", edits)[0], array("i", lengths)[0], aligned) == (0, 8, 1)
    with pytest.raises(ValueError):
        by.compare_many(prepared, *(asked | changed).values())
    for sequence, least in ((b"", 1), (b"ACGT", 0), (b"ACGT", 5)):
        with pytest.raises(ValueError):
            by.prepare_query(sequence, least)
