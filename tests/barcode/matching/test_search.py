"""The heart: nothing nearer than what `search` reports exists, and a plain yardstick agrees."""

import math
import random
from array import array
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from neighbourhoods import COVERAGES, FLOORS, SEEDS, changed, family, index_of, relatives
from simulation import mutate, placed_whole, random_sequence

from forensics.barcode.locus import IUPAC, find_locus, reverse_complement
from forensics.barcode.matching import kernel, reference
from forensics.barcode.matching import search as module
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import (
    MARGIN,
    MINIMUM_COVERAGE,
    PARTIAL_FLOOR,
    exhaustive_search,
    search,
)
from forensics.barcode.options import FLOOR
from forensics.errors import LibraryError

EPSILON = 1e-9


# -- the proof -------------------------------------------------------------------------


@contextmanager
def bounded(compiled):
    """Bounds and edits by the compiled kernel, or by the reference."""
    with pytest.MonkeyPatch.context() as patch:
        if not compiled:
            patch.setattr(kernel, "implementation", reference)
        yield


WAYS = pytest.mark.parametrize(
    "compiled",
    [
        False,
        pytest.param(
            True,
            marks=pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler"),
        ),
    ],
)


def truth_of(placement, strand, record, least):
    if placement == "whole":
        return placed_whole(*sorted((strand, record), key=len))
    # The first or last bases of the query must lie in the record.
    return placed_whole(strand[:least] if placement == "right" else strand[-least:], record)


@WAYS
@examples(100)
@given(SEEDS, st.integers(12, 60), COVERAGES, st.sampled_from(["ACGT", "AC", "A"]))
def test_no_bound_exceeds_the_true_edits(compiled, seed, length, coverage, letters):
    index, sequence = family(seed, length=length, count=8, letters=letters)
    query = module.IndexQuery(index, sequence, coverage)
    with bounded(compiled):
        found = module.bounds_of(query, 0.0, 0.0)
    told = {}
    for bound in found:
        for most in (0, 3, query.length):
            levels = list(bound.levels(most))
            assert levels == sorted(set(levels)) and set(levels) <= set(range(most + 1))
            assert {edits for edits in range(most + 1) if list(bound.haplotypes_at(edits))} <= set(
                levels
            )
        for edits in range(query.length + 1):
            for haplotype in bound.haplotypes_at(edits):
                key = (haplotype, bound.strand, bound.placement)
                assert key not in told
                told[key] = (edits, bound)
            for first in (1, index.size // 2, index.size):
                later = [
                    haplotype for haplotype in bound.haplotypes_at(edits) if haplotype >= first
                ]
                assert list(bound.haplotypes_at(edits, first)) == later
    # With no limit, every record that is long enough has one bound for each way of placing it.
    assert {key[0] for key in told} == set(range(query.first, index.size))
    for (haplotype, strand, placement), (edits, bound) in told.items():
        record = index.sequence(haplotype).decode()
        sequence = query.strands[strand].decode()
        truth = truth_of(placement, sequence, record, query.least)
        if placement == "whole":
            assert edits <= truth
        else:  # stated over the whole query, so that of the least overlap alone it is less
            shorter = min(query.length, len(record))
            assert bound.reach(edits, shorter) >= 1 - truth / query.least - EPSILON
    # An overlap of the whole query is no partial one.
    ways = 2 if query.least == query.length else 6
    assert len(told) == ways * (index.size - query.first)


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(150)
@given(SEEDS, st.integers(20, 200), FLOORS, COVERAGES)
def test_with_the_kernel_and_with_the_reference_the_answers_are_the_same(
    seed, length, floor, coverage
):
    index, sequence = family(seed, length=length, count=15)
    asked = {"floor": floor, "minimum_coverage": coverage}
    with bounded(True):
        found = [
            search(index, sequence, **asked),
            search(index, sequence, **asked, down_to_floor=True),
        ]
    with bounded(False):
        expected = [
            search(index, sequence, **asked),
            search(index, sequence, **asked, down_to_floor=True),
        ]
    assert [replace(one, aligned=0) for one in found] == [
        replace(one, aligned=0) for one in expected
    ]


@WAYS
def test_tables_that_contradict_each_other_are_refused_and_not_followed(compiled):
    rng = random.Random(14)
    index = index_of(relatives(rng, random_sequence(rng, 300), 40))
    query = index.sequence(20).decode()
    everything = (1 << 32) - 1
    for place, name in enumerate(("counts", "offsets", "data")):
        for table in ("all", "cut"):
            damaged = Index.build(
                [
                    (r, index.sequence(h).decode())
                    for h in range(index.size)
                    for r in index.records(h)
                ],
                locus="COI",
            )
            sections = list(damaged._tables[table])
            numbers = list(sections[place])
            sections[place] = memoryview(array("I", [everything] * len(numbers)))
            damaged._tables[table] = tuple(sections)
            try:
                with bounded(compiled):
                    search(damaged, query)
            except LibraryError as error:
                assert "damaged" in str(error), name
            else:  # an entry that names nobody excludes, but is never followed out of the file
                assert (name, table) in {("data", "cut"), ("counts", "cut"), ("data", "all")}


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(150)
@given(SEEDS, st.integers(20, 200), COVERAGES, st.sampled_from(["ACGT", "AC"]))
def test_no_bound_of_the_kernel_is_below_that_of_the_reference(seed, length, coverage, letters):
    index, sequence = family(seed, length=length, count=12, letters=letters)
    query = module.IndexQuery(index, sequence, coverage)
    found = []
    for compiled in (True, False):
        with bounded(compiled):
            told = {}
            for bound in module.bounds_of(query, 0.0, 0.0) + module.bounds_of_short(query, length):
                for edits in bound.levels(query.length):
                    for haplotype in bound.haplotypes_at(edits):
                        told[haplotype, bound.strand, bound.placement] = edits
            found.append(told)
    sharp, plain = found
    assert sharp.keys() <= plain.keys()
    assert all(plain[key] <= edits for key, edits in sharp.items())


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
def test_queries_too_long_for_the_bounds_of_the_kernel_are_bounded_by_the_reference(monkeypatch):
    index, sequence = family(6, length=400, count=40)
    expected = search(index, sequence)
    bounded_by = []
    whole = reference.bound_strand
    monkeypatch.setattr(
        reference, "bound_strand", lambda *asked: bounded_by.append(1) or whole(*asked)
    )
    monkeypatch.setattr(kernel, "MAX_BOUNDED_LENGTH", len(sequence))
    assert search(index, sequence) == expected and not bounded_by
    monkeypatch.setattr(kernel, "MAX_BOUNDED_LENGTH", len(sequence) - 1)
    found = search(index, sequence)
    assert bounded_by and expected.hits
    assert replace(found, aligned=0) == replace(expected, aligned=0)


def same(found, expected, down_to):
    return list(found.hits) == [hit for hit in expected.hits if hit.identity >= down_to - EPSILON]


@examples(500)
@given(SEEDS, st.integers(20, 200), FLOORS, COVERAGES, st.sampled_from(["ACGT", "ACGT", "AC"]))
def test_search_finds_what_comparing_with_everything_finds(seed, length, floor, coverage, letters):
    index, sequence = family(seed, length=length, count=15, letters=letters)
    expected = exhaustive_search(index, sequence, floor=floor, minimum_coverage=coverage)
    found = search(index, sequence, floor=floor, minimum_coverage=coverage)
    assert found.proved_to >= floor
    assert same(found, expected, found.proved_to)
    assert found.not_compared == expected.not_compared
    if expected.hits:
        best = expected.hits[0]
        assert found.hits[0] == best
        assert found.proved_to <= max(floor, best.identity - MARGIN) + EPSILON
    every = search(index, sequence, floor=floor, minimum_coverage=coverage, down_to_floor=True)
    assert every.hits == expected.hits


@examples(40)
@given(SEEDS, FLOORS)
def test_search_finds_everything_among_many_long_records(seed, floor):
    index, sequence = family(seed, length=500, count=120)
    expected = exhaustive_search(index, sequence, floor=floor)
    found = search(index, sequence, floor=floor)
    assert same(found, expected, found.proved_to)


@examples(200)
@given(SEEDS, st.integers(12, 60), FLOORS)
def test_identities_and_edits_are_those_of_a_plain_table(seed, length, floor):
    index, sequence = family(seed, length=length, count=8)
    hits = {
        hit.haplotype: hit for hit in search(index, sequence, floor=floor, down_to_floor=True).hits
    }
    least = MINIMUM_COVERAGE * len(sequence)
    for haplotype in range(index.size):
        record = index.sequence(haplotype).decode()
        shorter = min(len(sequence), len(record))
        edits = min(
            placed_whole(*sorted((strand, record), key=len))
            for strand in (sequence, reverse_complement(sequence))
        )
        identity = (shorter - edits) / shorter
        hit = hits.get(haplotype)
        if len(record) < least - EPSILON:
            assert hit is None
        elif hit and hit.placement == "whole":
            assert (hit.edits, hit.length) == (edits, shorter)
            assert hit.identity == pytest.approx(identity)
            assert hit.coverage == pytest.approx(shorter / len(sequence))
        elif hit:  # a partial overlap counts where it is nearer
            assert hit.identity >= max(PARTIAL_FLOOR, floor, identity) - EPSILON
            assert hit.length >= least - EPSILON
        else:
            assert identity < floor


def overlaps(query, record, least):
    """Return edits and length of every way in which `query` sticks out right and `record` left."""
    found = set()
    for start in range(1, len(record) - least + 1):
        part = record[start:]
        for edits, end in at_start_of(query, part):
            if least <= end < len(query):
                found.add((edits, min(len(part), end)))
    return found


def at_start_of(query, part):
    """Yield the edits between `part` and every beginning of `query`, with its length."""
    row = list(range(len(query) + 1))
    for i, letter in enumerate(part, 1):
        above, row = row, [i]
        for j, other in enumerate(query, 1):
            same = above[j - 1] + (not set(IUPAC[letter]) & set(IUPAC[other]))
            row.append(min(same, above[j] + 1, row[j - 1] + 1))
    return zip(row, range(len(query) + 1))


@examples(60)
@given(SEEDS, st.integers(25, 45), st.booleans(), st.booleans())
def test_partial_overlaps_are_overlaps_and_the_plain_one_is_found(seed, length, left, change):
    rng = random.Random(seed)
    whole = random_sequence(rng, 2 * length)
    out = rng.randrange(1, length // 4)
    query, record = whole[:length], whole[out : out + length]
    place = rng.randrange(out + 3, length - 3)
    query = changed(query, place) if change else query
    index = index_of([query[::-1] if left else record])
    hits = exhaustive_search(index, record[::-1] if left else query, floor=0.95).hits
    plain = (length - out - change) / (length - out)
    if plain < PARTIAL_FLOOR or length - out < MINIMUM_COVERAGE * length:
        return
    (hit,) = hits
    assert hit.identity >= plain - EPSILON
    if hit.placement != "whole" and hit.strand == "+":
        least = math.ceil(MINIMUM_COVERAGE * length)
        # The query's left end sticks out; read backwards, that is its right end.
        given, other = (record, query) if left else (query[::-1], record[::-1])
        assert (hit.edits, hit.length) in overlaps(given, other, least)


# -- what counts, by hand --------------------------------------------------------------

X = random_sequence(random.Random(8), 400)
OTHER = random_sequence(random.Random(9), 400)


def the_hit(query, record, **options):
    index = index_of([record])
    found, expected = search(index, query, **options), exhaustive_search(index, query, **options)
    assert found.hits == expected.hits
    return found.hits[0] if found.hits else None


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "query, record, edits, length",
    [
        (X[:200], X[:200], 0, 200),
        (X[50:250], X, 0, 200),  # the query inside the record
        (X, X[:320], 0, 320),  # the record inside the query
        (changed(X[50:250], 20, 90, 150), X, 3, 200),
        (X[50:150] + "A" + X[150:250], X, 1, 201),
        (X[50:150] + X[153:250], X, 3, 197),
        (X[50:150] + "N" + X[151:250], X, 0, 200),
        (X[50:250], X[:100] + "NNN" + X[103:], 0, 200),
    ],
)  # fmt: skip
def test_the_shorter_is_placed_whole_inside_the_longer(query, record, edits, length, turned):
    hit = the_hit(reverse_complement(query) if turned else query, record)
    assert (hit.edits, hit.length, hit.placement) == (edits, length, "whole")
    assert hit.strand == ("-" if turned else "+")
    assert hit.identity == pytest.approx(1 - edits / length)
    assert hit.coverage == pytest.approx(length / len(query))


def test_iupac_codes_match_what_they_can_stand_for():
    index = index_of([X[:200]])
    place = X.index("A", 50)
    fitting, foreign = X[:place] + "R" + X[place + 1 : 200], X[:place] + "Y" + X[place + 1 : 200]
    assert search(index, fitting).hits[0].edits == 0
    assert search(index, foreign).hits[0].edits == 1
    assert search(index_of([fitting]), X[:200]).hits[0].edits == 0
    assert search(index_of([fitting]), X[:place] + "M" + X[place + 1 : 200]).hits[0].edits == 0
    assert search(index_of([fitting]), foreign).hits[0].edits == 1


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "query, record, placement",
    [
        (X[:150], X[30:200], "left"),  # the query sticks out on the left
        (X[30:180], X[:150], "right"),  # … and on the right
    ],
)
def test_a_partial_overlap_is_compared_on_its_overlap(query, record, placement, turned):
    """120 of 150 bases overlap; a query on the other strand is described as that strand reads."""
    overlap = slice(30, 150) if placement == "left" else slice(0, 120)
    for edits, places in ((0, ()), (3, (10, 60, 110)), (6, (10, 30, 50, 70, 90, 110))):
        given = changed(query, *(overlap.start + place for place in places))
        hit = the_hit(reverse_complement(given) if turned else given, record)
        assert (hit.placement, hit.edits, hit.length) == (placement, edits, 120)
        assert hit.strand == ("-" if turned else "+")
        assert hit.identity == pytest.approx(1 - edits / 120)
        assert hit.coverage == pytest.approx(0.8)


def test_the_last_base_of_an_overlap_is_compared_too():
    hit = the_hit(X[30:180], changed(X[:150], 149))
    assert (hit.placement, hit.edits, hit.length) == ("right", 1, 120)
    hit = the_hit(X[:150], changed(X[30:200], 0))
    assert (hit.placement, hit.edits, hit.length) == ("left", 1, 120)


@pytest.mark.parametrize("insert", [False, True])
def test_a_partial_overlap_with_a_gap_is_counted_over_the_shorter_part(insert):
    record = X[30:200]
    query = X[:90] + "A" * insert + X[90 + (not insert) : 150]
    hit = the_hit(query, record)
    # The record's part has 120 bases, the query's one more or one fewer.
    assert (hit.placement, hit.edits, hit.length) == ("left", 1, 120 if insert else 119)


def test_a_partial_overlap_must_be_nearly_the_same():
    places = range(33, 150, 15)  # 8 of 120: 0.933
    query = changed(X[:150], *places)
    assert 1 - len(places) / 120 < PARTIAL_FLOOR
    assert the_hit(query, X[30:200]) is None


@pytest.mark.parametrize("overlap, found", [(113, True), (112, False)])
def test_a_partial_overlap_must_reach_the_minimum_coverage(overlap, found):
    record = X[150 - overlap : 300]
    hit = the_hit(X[:150], record)  # 0.75 of 150 are 112.5
    assert bool(hit) is found
    assert not hit or (hit.length, hit.placement) == (113, "left")


def test_what_overlaps_in_part_is_not_forced_into_a_whole_placement():
    hit = the_hit(X[:150], X[10:200])  # 140 of 150 overlap: whole would cost about 10 edits
    assert (hit.placement, hit.edits, hit.length) == ("left", 0, 140)


def test_a_whole_placement_is_preferred_to_an_equally_good_part_of_it():
    repeat = "ACGGTCATTC" * 20
    hit = the_hit(repeat[:150], repeat)
    assert (hit.placement, hit.edits, hit.length) == ("whole", 0, 150)


def test_short_records_are_counted_and_not_compared():
    sequences = [X[:74], X[:74], X[10:80], X[:75], X[:100]]
    index = index_of(sequences)
    found = search(index, X[:100])
    assert found.not_compared == 3
    assert [index.sequence(hit.haplotype).decode() for hit in found.hits] == [X[:100], X[:75]]
    assert [hit.coverage for hit in found.hits] == [1, 0.75]


def test_coverage_is_measured_against_the_locus_where_the_query_is_longer():
    rng = random.Random(10)
    genome = random_sequence(rng, 5000)
    expected = find_locus("COI").expected_length
    index = index_of([genome[1000 : 1000 + expected], genome[1000 : 1000 + expected // 2]])
    for sequence in (genome, reverse_complement(genome)):
        found = search(index, sequence)
        assert found.not_compared == 1
        (hit,) = found.hits
        assert (hit.edits, hit.length, hit.coverage, hit.placement) == (0, expected, 1, "whole")


def test_all_ties_are_found():
    rng = random.Random(11)
    ties = {changed(X, place) for place in rng.sample(range(400), 60)}
    others = [mutate(rng, X, substitutions=40) for _ in range(60)]
    index = index_of([*ties, *others], species=10)
    found = search(index, X)
    tied = [hit for hit in found.hits if hit.identity == found.hits[0].identity]
    assert {index.sequence(hit.haplotype).decode() for hit in tied} == ties


def test_hits_are_ordered_by_identity_then_length():
    index = index_of([X[:320], X[:350], changed(X, 5), OTHER])
    found = search(index, X, down_to_floor=True)
    assert [(hit.edits, hit.length) for hit in found.hits] == [(0, 350), (0, 320), (1, 400)]


def test_nothing_near_is_nothing():
    found = search(index_of([OTHER]), X)
    assert (found.hits, found.proved_to) == ((), FLOOR)


def test_a_query_shorter_than_every_kmer_is_searched():
    found = search(index_of([X]), X[100:105])
    assert found.hits[0].edits == 0


def test_the_order_of_records_does_not_change_the_result():
    rng = random.Random(12)
    records = relatives(rng, X, 40)

    def sequences_of(given):
        index = index_of(given, species=1)
        hits = search(index, X, floor=0.8).hits
        return [(index.sequence(hit.haplotype), hit) for hit in hits]

    first = sequences_of(records)
    for _ in range(3):
        rng.shuffle(records)
        assert sequences_of(records) == first


def test_the_bound_saves_most_of_the_work():
    rng = random.Random(13)
    records = [random_sequence(rng, 650) for _ in range(300)] + relatives(rng, X, 20)
    index = index_of(records)
    assert search(index, X).aligned < exhaustive_search(index, X).aligned / 5


def test_an_exhaustive_search_may_be_limited_to_some_haplotypes():
    rng = random.Random(12)
    index = index_of(relatives(rng, random_sequence(rng, 400), 20))
    query = index.sequence(7).decode()
    everything = {hit.haplotype: hit for hit in exhaustive_search(index, query, floor=0.6).hits}
    among = [3, 7, 11, 7]
    found = exhaustive_search(index, query, floor=0.6, among=among).hits
    assert {hit.haplotype: hit for hit in found} == {
        haplotype: everything[haplotype] for haplotype in set(among) & everything.keys()
    }


# -- bounds as a test states them --------------------------------------------------------


def stated(placement, smallest, *, length=100):
    """Return the bounds of a query of so many bases, of which the smallest is stated."""
    query = SimpleNamespace(index=None, length=length)
    by_number = SimpleNamespace(smallest={module.NUMBERS[placement]: smallest}.__getitem__)
    return module.PlacementBounds(query, "+", placement, by_number)


@pytest.mark.parametrize("placement", [module.WHOLE, module.RIGHT, module.LEFT])
@pytest.mark.parametrize("smallest, possible, levels", [
    (None, False, []), (0, True, [0, 1, 2]), (2, True, [2]), (3, True, []), (100, True, []),
    (101, False, []),
])  # fmt: skip
def test_there_may_be_a_record_up_to_as_many_edits_as_bases(placement, smallest, possible, levels):
    bounds = stated(placement, smallest)
    assert bool(bounds) == possible and list(bounds.levels(2)) == levels


def test_the_identity_that_a_bound_leaves_is_over_the_shorter_or_of_a_part_over_the_query():
    assert stated(module.WHOLE, 0).reach(5, 50) == 0.9
    for placement in (module.RIGHT, module.LEFT):
        assert stated(placement, 0).reach(5, 50) == 0.95


def test_where_no_record_is_long_enough_or_none_is_too_short_there_are_no_bounds():
    assert (
        module.bounds_of(SimpleNamespace(first=5, index=SimpleNamespace(size=5)), 0.9, 0.95) == []
    )
    assert module.bounds_of_short(SimpleNamespace(first=0), 10) == []
