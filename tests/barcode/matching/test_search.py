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
from simulation import (
    SPECIES,
    ancestors,
    mutate,
    placed_whole,
    query,
    random_sequence,
    reference_records,
)

from forensics.barcode.locus import IUPAC, find_locus, reverse_complement
from forensics.barcode.matching import kernel, reference
from forensics.barcode.matching import search as module
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import (
    GAP,
    MARGIN,
    MINIMUM_COVERAGE,
    PARTIAL_FLOOR,
    align,
    candidates_of,
    exhaustive_search,
    lay,
    search,
    search_loci,
    shown,
)
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import LibraryError

EPSILON = 1e-9


# -- the proof -------------------------------------------------------------------------


@contextmanager
def minimum_coverage(least):
    """Compare records that cover less of the locus, or more, than they must."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MINIMUM_COVERAGE", least)
        yield


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
    with minimum_coverage(coverage), bounded(compiled):
        query = module.IndexQuery(index, sequence)
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
        record = index.sequence(haplotype)
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
    asked = {"floor": floor}
    with minimum_coverage(coverage), bounded(True):
        found = [
            search(index, sequence, **asked),
            search(index, sequence, **asked, down_to_floor=True),
        ]
    with minimum_coverage(coverage), bounded(False):
        expected = [
            search(index, sequence, **asked),
            search(index, sequence, **asked, down_to_floor=True),
        ]
    assert [one._replace(aligned=0) for one in found] == [
        one._replace(aligned=0) for one in expected
    ]


@WAYS
@examples(150)
@given(SEEDS, st.integers(20, 120), FLOORS, COVERAGES, st.integers(1, 8), st.integers(1, 5))
def test_of_each_species_the_nearest_are_found_and_all_that_tie_with_the_best(
    compiled, seed, length, floor, coverage, of_species, species
):
    rng = random.Random(seed)
    ancestor = random_sequence(rng, length)
    index = index_of(relatives(rng, ancestor, 25), species)
    (sequence,) = relatives(rng, ancestor, 1, most=0.05)
    with minimum_coverage(coverage), bounded(compiled):
        every = search(index, sequence, floor=floor)
        found = search(index, sequence, floor=floor, of_species=of_species)
    expected = []
    for place, hit in enumerate(every.hits):
        nearer = [number for one in every.hits[:place] for number in index.species(one.haplotype)]
        rare = any(nearer.count(number) < of_species for number in index.species(hit.haplotype))
        if rare or hit.identity == every.hits[0].identity:
            expected.append(hit)
    assert list(found.hits) == expected
    assert found[1:3] == every[1:3] and found.short == every.short
    assert found.aligned <= every.aligned


@WAYS
@pytest.mark.parametrize("number", [-1, kernel.MAX_OF_SPECIES + 1])
def test_more_haplotypes_of_a_species_than_are_counted_are_not_a_damaged_index(compiled, number):
    index, sequence = family(6, length=100, count=10)
    with bounded(compiled), pytest.raises(ValueError, match="of_species"):
        search(index, sequence, of_species=number)
    with bounded(compiled):
        assert search(index, sequence, of_species=kernel.MAX_OF_SPECIES).hits


@WAYS
def test_of_a_species_with_many_records_most_are_not_aligned(compiled):
    rng = random.Random(15)
    ancestor = random_sequence(rng, 300)
    # Of two species: since there is no third, everything is looked for down to the horizon.
    index = index_of([mutate(rng, ancestor, substitutions=1 + n % 23) for n in range(200)], 2)
    with bounded(compiled):
        every, found = search(index, ancestor), search(index, ancestor, of_species=2)
    assert len(every.hits) > 150 and len(found.hits) < 20
    assert found.aligned < every.aligned / 4


@WAYS
def test_tables_that_contradict_each_other_are_refused_and_not_followed(compiled):
    rng = random.Random(14)
    index = index_of(relatives(rng, random_sequence(rng, 300), 40))
    query = index.sequence(20)
    everything = (1 << 32) - 1
    for place, name in {0: "counts", 1: "offsets", 2: "data", 5: "order", 8: "records"}.items():
        sections = list(index.tables)
        sections[place] = memoryview(array("I", [everything] * len(sections[place])))
        with pytest.MonkeyPatch.context() as patch, bounded(compiled):
            patch.setitem(index.__dict__, "tables", tuple(sections))
            try:
                search(index, query)
            except LibraryError as error:
                assert "damaged" in str(error), name
            else:  # an entry that names nobody excludes, but is never followed out of the file
                assert name == "data" or (name == "records" and not compiled)


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(150)
@given(SEEDS, st.integers(20, 200), COVERAGES, st.sampled_from(["ACGT", "AC"]))
def test_no_bound_of_the_kernel_is_below_that_of_the_reference(seed, length, coverage, letters):
    index, sequence = family(seed, length=length, count=12, letters=letters)
    with minimum_coverage(coverage):
        query = module.IndexQuery(index, sequence)
    found = []
    for compiled in (True, False):
        with bounded(compiled):
            told = {}
            for bound in module.bounds_of(query, 0.0, 0.0):
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
    assert found._replace(aligned=0) == expected._replace(aligned=0)


def same(found, expected, down_to):
    return list(found.hits) == [hit for hit in expected.hits if hit.identity >= down_to - EPSILON]


@examples(500)
@given(SEEDS, st.integers(20, 200), FLOORS, COVERAGES, st.sampled_from(["ACGT", "ACGT", "AC"]))
def test_search_finds_what_comparing_with_everything_finds(seed, length, floor, coverage, letters):
    index, sequence = family(seed, length=length, count=15, letters=letters)
    with minimum_coverage(coverage):
        expected = exhaustive_search(index, sequence, floor=floor)
        found = search(index, sequence, floor=floor)
        every = search(index, sequence, floor=floor, down_to_floor=True)
    assert found.proved_to >= floor
    assert same(found, expected, found.proved_to)
    assert found.not_compared == expected.not_compared
    if expected.hits:
        best = expected.hits[0]
        assert found.hits[0] == best
        assert found.proved_to <= max(floor, best.identity - MARGIN) + EPSILON
    assert every.hits == expected.hits


@examples(200)
@given(SEEDS, st.integers(12, 60), FLOORS)
def test_identities_and_edits_are_those_of_a_plain_table(seed, length, floor):
    index, sequence = family(seed, length=length, count=8)
    hits = {
        hit.haplotype: hit for hit in search(index, sequence, floor=floor, down_to_floor=True).hits
    }
    least = MINIMUM_COVERAGE * len(sequence)
    for haplotype in range(index.size):
        record = index.sequence(haplotype)
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


def test_a_whole_placement_is_preferred_to_an_equally_good_part_of_it():
    repeat = "ACGGTCATTC" * 20
    hit = the_hit(repeat[:150], repeat)
    assert (hit.placement, hit.edits, hit.length) == ("whole", 0, 150)


def test_short_records_are_counted_and_not_compared():
    sequences = [X[:74], X[:74], X[10:80], X[:75], X[:100]]
    index = index_of(sequences)
    found = search(index, X[:100])
    assert found.not_compared == 3
    assert [index.sequence(hit.haplotype) for hit in found.hits] == [X[:100], X[:75]]
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
    assert {index.sequence(hit.haplotype) for hit in tied} == ties


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


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
def test_a_query_is_one_call_of_the_kernel(monkeypatch):
    index, sequence = family(3, length=300, count=30)
    expected = search(index, sequence)
    for name in ("StrandBounds", "prepare_query", "compare_many"):
        monkeypatch.setattr(kernel, name, None)
    assert search(index, sequence) == expected and expected.hits


def test_an_exhaustive_search_of_some_haplotypes_looks_for_none_that_is_too_short():
    index = index_of([X[:100], X])
    assert exhaustive_search(index, X).short and not exhaustive_search(index, X, among=[1]).short


def test_an_exhaustive_search_may_be_limited_to_some_haplotypes():
    rng = random.Random(12)
    index = index_of(relatives(rng, random_sequence(rng, 400), 20))
    query = index.sequence(7)
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


def test_where_no_record_is_long_enough_there_are_no_bounds():
    assert (
        module.bounds_of(SimpleNamespace(first=5, index=SimpleNamespace(size=5)), 0.9, 0.95) == []
    )


RNG = random.Random(14)
SEQUENCE = random_sequence(RNG, 600)
# Names and how many bases each of their records differs from the query in.
NEAR = {
    "Fictus albus": (0, 1, 9),
    "Fictus niger": (3, 3),
    "Fictus sp. 1": (5,),
    "Fictus ruber": (6,),
}


@pytest.fixture(scope="module")
def index():
    records = [
        (
            ReferenceRecord.named(f"{name}-{i}", name, locus="COI"),
            mutate(RNG, SEQUENCE, substitutions=count),
        )
        for name, counts in NEAR.items()
        for i, count in enumerate(counts)
    ]
    return Index.build(records, locus="COI")


@pytest.fixture(scope="module")
def found(index):
    return candidates_of(index, search(index, SEQUENCE).hits)


def test_every_species_has_its_best_hit_and_no_species_comes_twice(index, found):
    assert [candidate.species for candidate in found[:2]] == ["Fictus albus", "Fictus niger"]
    names = [candidate.species for candidate in found]
    assert len(names) == len(set(names)) >= 3
    identities = [candidate.identity for candidate in found]
    assert identities == sorted(identities, reverse=True)
    hits = search(index, SEQUENCE, down_to_floor=True).hits
    for candidate in found:
        best = next(
            hit
            for hit in hits
            if candidate.species in {record.label for record in index.records(hit.haplotype)}
        )
        assert candidate.hit == best
        assert (candidate.identity, candidate.mismatches) == (best.identity, best.edits)
        assert candidate.records == len(NEAR[candidate.species])


def test_a_record_without_species_name_is_a_candidate_under_its_own(found):
    named = {candidate.species: candidate.named for candidate in found}
    assert named["Fictus sp. 1"] is False
    assert named["Fictus albus"] is True


def test_at_most_twenty_candidates_and_all_ties_are_shown(found):
    best = found[0]
    tied = [replace(best, species=f"Fictus {i}") for i in range(35)]
    further = [replace(best, species=f"Fictus f{i}", identity=0.9) for i in range(35)]
    assert shown(tied + further) == tuple(tied)
    assert shown(tied[:3] + further) == tuple(tied[:3] + further[:17])
    assert shown([]) == ()


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
        record = index.sequence(hit.haplotype)
        found = align(sequence, record, hit)
        strand = sequence if hit.strand == "+" else reverse_complement(sequence)
        assert len(found.query) == len(found.record)
        assert len(found.differences()) <= hit.edits
        assert strand[found.query_start :].startswith(gapless(found.query))
        assert record[found.record_start :].startswith(gapless(found.record))


def test_iupac_codes_that_fit_are_no_difference(library):
    index = library.index("COI")
    sequence = index.sequence(0)
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


# -- A query compared with many records at once: as one by one, and no damaged file is followed


compiled = pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")


@compiled
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
    with minimum_coverage(coverage):
        query, plain = (module.IndexQuery(index, sequence) for _ in "ab")
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


@compiled
@pytest.mark.parametrize("codes", [0, 2])
def test_a_shift_is_found_where_it_costs_less_than_substitutions(codes):
    # Laid over each other they differ in hundreds of bases.
    rng = random.Random(3)
    record = random_sequence(rng, 658)
    sequence = mutate(rng, record[:300] + record[301:] + "A", codes=codes)
    index = index_of([record, *relatives(rng, random_sequence(rng, 658), 20)])
    best = search(index, sequence).hits[0]
    assert index.sequence(best.haplotype) == record
    assert best == exhaustive_search(index, sequence).hits[0]
    assert best.edits <= 2


@pytest.fixture(scope="module")
def crowd():
    """More records than are counted at once."""
    return crowd_of(9000)


@pytest.fixture(scope="module")
def groups():
    """Records of several groups that are bounded together."""
    return crowd_of(1500)


def crowd_of(count):
    """Return an index of records of several lengths, groups near and far, and their ancestors."""
    rng = random.Random(11)
    ancestors = [random_sequence(rng, rng.randrange(90, 120)) for _ in range(60)]
    records = set(ancestors)
    while len(records) < count:
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


@compiled
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


@compiled
def test_bounds_come_in_their_order_and_none_comes_late(crowd):
    index, ancestors = crowd
    query = module.IndexQuery(index, ancestors[5])
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


def around(rng, pieces, length):
    """Return a sequence of random bases with some pieces in it, each beginning where a window may."""
    text = random_sequence(rng, length)
    for piece in pieces:
        place = rng.randrange(length // 128) * 128 + rng.choice(
            [0, 0, 1, -1, 127, rng.randrange(128)]
        )
        place = max(0, min(place, length - len(piece)))
        text = text[:place] + piece + text[place + len(piece) :]
    return text


@compiled
@examples(100)
@given(SEEDS, st.integers(520, 3000), st.sampled_from([0.9, 0.95]))
def test_in_a_query_much_longer_than_the_records_nothing_is_missed(groups, seed, length, floor):
    """It is bounded in windows, which must hold whatever lies across them."""
    index, ancestors = groups
    rng = random.Random(seed)
    pieces = [
        mutate(rng, rng.choice(ancestors), substitutions=rng.randrange(6), codes=rng.choice([0, 0, 2]),
               insertions=rng.choice([0, 9]), deletions=rng.choice([0, 9]))
        for _ in range(rng.randrange(1, 4))
    ]  # fmt: skip
    sequence = around(rng, pieces, length).strip("N")
    sequence = rng.choice([sequence, reverse_complement(sequence)])
    with minimum_coverage(0.13):  # from 86 bases on
        expected = exhaustive_search(index, sequence, floor=floor)
        assert search(index, sequence, floor=floor, down_to_floor=True).hits == expected.hits
        found = search(index, sequence, floor=floor)
        assert same(found, expected, found.proved_to)
        bounds = module.bounds_of(module.IndexQuery(index, sequence), floor, floor)
    told = {
        (haplotype, bound.strand): edits
        for bound in bounds
        if bound.placement == "whole"
        for edits in bound.levels(20)
        for haplotype in bound.haplotypes_at(edits)
    }
    whole = [hit for hit in expected.hits if hit.placement == "whole"]
    assert all(told[hit.haplotype, hit.strand] <= hit.edits for hit in whole)


@compiled
def test_a_long_query_excludes_what_lies_nowhere_in_it():
    """It has most k-mers somewhere, so that neither they nor those of a record exclude anything by themselves."""
    rng = random.Random(12)
    records = [random_sequence(rng, 300) for _ in range(1024)]
    sequence = around(rng, records[:1], 60_000)
    with minimum_coverage(0.4):
        bounds = module.bounds_of(module.IndexQuery(index_of(records), sequence), 0.91, 1.0)
        whole = [bound for bound in bounds if bound.placement == "whole"]
        number = sum(
            len(bound.haplotypes_at(edits)) for bound in whole for edits in bound.levels(30)
        )
    assert 0 < number < 10


@compiled
@pytest.mark.parametrize("place", [6, 7])
def test_sequences_that_lie_outside_the_file_are_refused_and_not_followed(place, monkeypatch):
    rng = random.Random(14)
    index = index_of(relatives(rng, random_sequence(rng, 300), 40))
    query = index.sequence(20)
    sections = list(index.tables)
    if place == 6:  # where each begins
        sections[place] = memoryview(array("Q", [(1 << 64) - 1] * (index.size + 1)))
    else:
        sections[place] = sections[place][: len(sections[place]) // 3]
    monkeypatch.setitem(index.__dict__, "tables", tuple(sections))
    with pytest.raises(LibraryError, match="damaged"):
        search(index, query)
    numbers = range(index.size)
    with pytest.raises(LibraryError, match="damaged"):
        list(module.IndexQuery(index, query).compare(numbers, [0.5] * index.size, "+", "whole"))


@compiled
@pytest.mark.parametrize("by", [kernel.implementation, reference])
@pytest.mark.parametrize(
    "changed",
    [
        {"placement": 3},
        {"needed": array("d", [1.5]).tobytes()},
        {"needed": b""},
        {"offsets": b"12345678"},
        {"records": array("I", [1]).tobytes()},
        {"shared": b"1"},
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
        "shared": array("I", [1]).tobytes(),
    }
    edits, lengths, aligned = by.compare_many(prepared, *asked.values())
    assert (array("i", edits)[0], array("i", lengths)[0], aligned) == (0, 8, 1)
    with pytest.raises(ValueError):
        by.compare_many(prepared, *(asked | changed).values())
    for sequence, least in ((b"", 1), (b"ACGT", 0), (b"ACGT", 5)):
        with pytest.raises(ValueError):
            by.prepare_query(sequence, least)


# -- A long sequence is searched in windows, with the answer of a search of all of it at once


def at_once(monkeypatch, index, sequence, **options):
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_LENGTH_AT_ONCE", 10**9)
        return search(index, sequence, **options)


def answer(found):
    return (
        [(h.haplotype, h.strand, h.placement, h.identity, h.length) for h in found.hits],
        found.proved_to, found.not_compared, [h.haplotype for h in found.short],
    )  # fmt: skip


@pytest.fixture(scope="module")
def index_of_windows(library):
    return library.index("COI")


@pytest.fixture(scope="module")
def records(index_of_windows):
    return [index_of_windows.sequence(haplotype) for haplotype in range(index_of_windows.size)]


def places(index):
    """Yield where a record may lie in a sequence of 4 windows: at ends, within, across borders."""
    width, overlap = module._window(index, 0.9)
    step = width - overlap
    yield from (
        0,
        1,
        100,
        step - 300,
        step,
        step + 1,
        width - 300,
        width - overlap // 2,
        2 * step - 5,
    )


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_record_is_found_wherever_it_lies(monkeypatch, index_of_windows, records, strand):
    rng = random.Random(4)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    width, _overlap = module._window(index_of_windows, 0.9)
    for number, place in enumerate(places(index_of_windows)):
        record = mutate(rng, records[number % len(records)], substitutions=20, insertions=3)
        text = random_sequence(rng, place) + record
        text += random_sequence(rng, max(0, 2 * width - len(text)))
        text = text if strand == "+" else reverse_complement(text)
        found = search(index_of_windows, text)
        assert found.hits and answer(found) == answer(at_once(monkeypatch, index_of_windows, text))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"down_to_floor": True},
        {"floor": 0.8},
        {"exclude_species": 0},
        {"exclude_species": {0, 1}},
        {"of_species": 2},
    ],
)
def test_options_give_the_answer_of_a_search_at_once(
    monkeypatch, index_of_windows, records, options
):
    rng = random.Random(5)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    pieces = [mutate(rng, text, substitutions=15) for text in records[:6]]
    text = random_sequence(rng, 500).join(["", *pieces, ""])
    found = search(index_of_windows, text, **options)
    assert found.hits and answer(found) == answer(
        at_once(monkeypatch, index_of_windows, text, **options)
    )


def test_records_that_stick_out_at_the_ends_are_found(monkeypatch, index_of_windows, records):
    rng = random.Random(6)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    width, _overlap = module._window(index_of_windows, 0.9)
    text = records[0][120:] + random_sequence(rng, 2 * width) + records[1][:-120]
    found = search(index_of_windows, text)
    assert {hit.placement for hit in found.hits} == {"left", "right"} or len(found.hits) > 1
    assert answer(found) == answer(at_once(monkeypatch, index_of_windows, text))


def test_what_is_no_relative_has_no_hit_and_aligns_next_to_nothing(monkeypatch, index_of_windows):
    text = random_sequence(random.Random(7), 60_000)
    found = search(index_of_windows, text)
    assert found.hits == () and found.proved_to == 0.9
    whole = exhaustive_search(index_of_windows, text)
    assert whole.hits == () and found.not_compared == whole.not_compared
    assert found.aligned < whole.aligned


def test_records_longer_than_a_window_do_not_recur(tmp_path, monkeypatch):
    from forensics import open_library

    rng = random.Random(8)
    record = reference_records()[0][0]
    genome = random_sequence(rng, 12_000)
    write_library(tmp_path / "x", [(record, genome)], name="x", calibrated=False)
    index = open_library(tmp_path / "x").index(record.locus)
    found = search(index, random_sequence(rng, 30_000) + genome + random_sequence(rng, 30_000))
    assert [hit.identity for hit in found.hits] == [1.0]


def test_records_too_short_to_be_compared_are_told(monkeypatch, tmp_path):
    from forensics import open_library

    rng = random.Random(9)
    record = reference_records()[0][0]
    short = random_sequence(rng, 200)
    long = random_sequence(rng, 658)
    pairs = [(record, long), (replace(record, accession="SHORT"), short)]
    write_library(tmp_path / "x", pairs, name="x", calibrated=False)
    index = open_library(tmp_path / "x").index(record.locus)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    for inside in (
        short,
        reverse_complement(short),
        short + long,
        reverse_complement(short) + long,
    ):
        text = random_sequence(rng, 3000) + inside + random_sequence(rng, 3000)
        found = search(index, text)
        assert found.short and answer(found) == answer(at_once(monkeypatch, index, text))


@WAYS
def test_together_and_alone_sequences_have_the_same_hits(monkeypatch, library, compiled):
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    rng = random.Random(11)
    indexes = {locus: library.index(locus) for locus in library.loci}
    queries = [
        (random_sequence(rng, before) + mutate(rng, index.sequence(0), substitutions=5), loci)
        for index in indexes.values()
        for before, loci in (
            (0, [*indexes]),
            (7000, [index.locus]),
            (20, [*indexes][::-1]),
            (3, ()),
        )
    ]
    with bounded(compiled):
        together = search_loci(queries, indexes.get, floor=0.9, of_species=2)
        alone = [
            {locus: search(indexes[locus], text, floor=0.9, of_species=2) for locus in loci}
            for text, loci in queries
        ]
    assert together == alone and [*map(list, together)] == [list(loci) for _text, loci in queries]
    assert any(found.hits for searches in alone for found in searches.values())
