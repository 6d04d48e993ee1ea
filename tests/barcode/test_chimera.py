import operator
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import query, random_sequence

from forensics.barcode.chimera import (
    MIN_GAIN,
    check_chimera,
    check_ends,
    check_two_parents,
    crowded_part,
    find_composite,
    of_two_genera,
)
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import align, search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.examination import identify


@pytest.fixture(scope="module")
def vertebrates(embedded):
    """Real COI barcodes of 658 bases that need no alignment to be joined, one a genus."""
    index, found = embedded.index("COI"), {}
    for haplotype in range(index.size):
        record = index.records(haplotype)[0]
        usual = index.lengths[haplotype] == 658 and record.class_ in ("Aves", "Mammalia")
        if usual and record.genus != "Homo":  # of which nothing would be searched
            found.setdefault(record.genus, (record, index.sequence(haplotype)))
    # A few lie elsewhere in the gene: side by side they are like nothing.
    _leopard, usual = found["Panthera"]
    return [
        (record, sequence)
        for record, sequence in found.values()
        if sum(map(operator.eq, sequence, usual)) > 0.7 * 658
    ]


def checked(sequence, index):
    hits = search(index, sequence).hits
    if not hits:
        return of_two_genera(sequence, index)
    record = index.sequence(hits[0].haplotype)
    return check_chimera(sequence, hits, align(sequence, record, hits[0]), index)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("at", [0.3, 0.4, 0.5, 0.6, 0.7])
def test_a_chimera_of_two_genera_is_told_and_nothing_is_named(embedded, vertebrates, at, turned):
    """Simulated from real records."""
    rng = random.Random(at)
    for _ in range(2):
        (one, first), (other, last) = rng.sample(vertebrates, 2)
        cut = round(at * 658)
        sequence = first[:cut] + last[cut:]
        if turned:
            sequence = reverse_complement(sequence)
        warning = checked(sequence, embedded.index("COI"))
        assert warning is not None and warning.code == "CHIMERA"
        assert one.genus in warning.message and other.genus in warning.message
        (result,) = identify(sequence, library=embedded, locus="COI")
        assert (result.status, result.taxon, result.call.probability) == (
            "inconclusive",
            None,
            None,
        )
        assert result.call.doubted


def test_the_part_is_told_where_it_lies_in_the_query(embedded, vertebrates):
    of_genus = {record.genus: sequence for record, sequence in vertebrates}
    first, last = of_genus["Panthera"], of_genus["Agapornis"]
    message = checked(first[:400] + last[400:], embedded.index("COI")).message
    start, end = (int(word) for word in message.split()[1:4:2])
    assert end == 658 and abs(start - 401) < 30
    turned = checked(reverse_complement(first[:400] + last[400:]), embedded.index("COI")).message
    start, end = (int(word) for word in turned.split()[1:4:2])
    assert start == 1 and abs(end - 258) < 30


def test_records_of_the_library_are_no_chimeras(embedded):
    index = embedded.index("COI")
    rng = random.Random(5)
    for haplotype in rng.sample(range(index.size), 40):
        sequence = index.sequence(haplotype)
        if len(sequence) >= 300:
            assert checked(sequence, index) is None


def test_two_species_of_one_genus_are_not_called_a_chimera(library):
    one, other = query("Fictus albus"), query("Fictus niger")
    found = checked(one[:300] + other[300:], library.index("COI"))
    assert found is None


def test_ends_of_two_genera_are_told_where_the_whole_is_near_to_nothing(library):
    one, other = query("Fictus albus"), query("Exemplum primum")
    sequence = one[: len(one) // 2] + other[len(other) // 2 :]
    warning = of_two_genera(sequence, library.index("COI"))
    assert "Exemplum" in warning.message and "Fictus" in warning.message
    assert of_two_genera(one, library.index("COI")) is None
    assert of_two_genera(one[:200], library.index("COI")) is None


@given(st.sets(st.integers(0, 199), max_size=40))
def test_the_crowded_part_gains_nothing_at_worst(places):
    found = crowded_part(sorted(places), 200)
    if not places:
        assert found is None
        return
    start, end, gain = found
    assert 0 <= start < end <= 200
    assert gain > -1e-9
    inside = sum(start <= place < end for place in places)
    assert inside / (end - start) >= len(places) / 200 - 1e-9


def test_the_more_crowded_the_more_is_gained():
    even = crowded_part(range(0, 600, 20), 600)
    crowded = crowded_part(range(400, 600, 7), 600)
    assert crowded[2] > 20 > 1 > even[2]
    assert 390 <= crowded[0] <= 400


# -- Chimeras of two species of a genus, simulated


LEFT, RIGHT, THIRD = "Fictus albus", "Fictus niger", "Fictus ruber"


def changed(generator, sequence, number):
    letters = list(sequence)
    for place in generator.sample(range(len(letters)), number):
        letters[place] = generator.choice("ACGT".replace(letters[place], ""))
    return "".join(letters)


@pytest.fixture(scope="module")
def parents():
    """Three species 5 % apart, two haplotypes each that differ at two bases."""
    generator = random.Random(5)
    root = random_sequence(generator, 650)
    return {name: changed(generator, root, 16) for name in (LEFT, RIGHT, THIRD)}


@pytest.fixture(scope="module")
def index(parents):
    generator = random.Random(6)
    records = []
    for name, sequence in parents.items():
        for number in range(3):
            record = ReferenceRecord.named(f"{name[:9]}{number}", name, locus="COI")
            records.append((record, changed(generator, sequence, 2) if number else sequence))
    return Index.build(records, locus="COI")


def two_parents(sequence, index):
    return check_two_parents(sequence, search(index, sequence).hits, index)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_chimera_of_congeners_is_told_with_both_and_the_place(parents, index, share, turned):
    cut = round(650 * share)
    sequence = parents[LEFT][:cut] + parents[RIGHT][cut:]
    expected = (LEFT, RIGHT)
    if turned:
        sequence, cut, expected = reverse_complement(sequence), 650 - cut, (RIGHT, LEFT)
    composite = find_composite(sequence, search(index, sequence).hits, index)
    assert (composite.left, composite.right) == expected
    assert composite.unexplained == 0 and composite.gain >= MIN_GAIN
    differing = [
        n for n, (a, b) in enumerate(zip(parents[LEFT], parents[RIGHT], strict=True)) if a != b
    ]
    if turned:
        differing = [649 - n for n in differing]
    between = sorted((cut, composite.breakpoint))
    assert not any(between[0] <= n < between[1] for n in differing)
    notice = two_parents(sequence, index)
    assert notice.code == "CHIMERA" and LEFT in notice.message and RIGHT in notice.message


def test_nothing_is_named_of_it(parents, index, library_of):
    sequence = parents[LEFT][:325] + parents[RIGHT][325:]
    (result,) = identify(f">q\n{sequence}\n", library=library_of(index), locus="COI")
    assert (result.status, result.taxon) == ("inconclusive", None)
    assert "CHIMERA" in result.codes and result.call.doubted


@pytest.fixture
def library_of(tmp_path):
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.writing import write_library

    def write(index):
        pairs = [
            (index.record(p), index.sequence(index.haplotype_at(p)))
            for p in range(index.record_count)
        ]
        write_library(tmp_path / "l", pairs, name="l", calibrated=False)
        return open_library(tmp_path / "l")

    return write


def test_a_mosaic_of_haplotypes_of_one_species_is_not_told(parents, index):
    own = [index.sequence(h) for h in range(index.size)]
    own = [s for s in own if sum(a != b for a, b in zip(s, parents[LEFT], strict=True)) <= 2]
    assert len(own) == 3
    for first in own:
        for second in own:
            assert two_parents(first[:325] + second[325:], index) is None


def test_a_species_that_the_library_lacks_is_not_told(parents, index):
    generator = random.Random(8)
    for _ in range(20):
        missing = changed(generator, parents[LEFT], 20)
        assert two_parents(missing, index) is None


def test_what_a_few_bases_explain_is_not_told(parents, index):
    """Where the parents differ at less than four bases on one side, chance and a variant do the same."""
    differing = [
        n for n, (a, b) in enumerate(zip(parents[LEFT], parents[RIGHT], strict=True)) if a != b
    ]
    cut = differing[MIN_GAIN - 1]
    assert two_parents(parents[RIGHT][:cut] + parents[LEFT][cut:], index) is None
    cut = differing[MIN_GAIN - 1] + 1
    assert two_parents(parents[RIGHT][:cut] + parents[LEFT][cut:], index) is not None


def test_a_chimera_with_errors_beyond_what_reads_have_is_left_to_other_checks(parents, index):
    sequence = parents[LEFT][:325] + parents[RIGHT][325:]
    assert two_parents(changed(random.Random(1), sequence, 2), index) is not None
    assert two_parents(changed(random.Random(1), sequence, 8), index) is None


def test_an_exact_match_is_not_looked_at(parents, index):
    assert two_parents(parents[LEFT], index) is None


def test_one_species_alone_has_no_composite(parents):
    record = ReferenceRecord.named("A1", LEFT, locus="COI")
    alone = Index.build([(record, parents[LEFT])], locus="COI")
    sequence = changed(random.Random(3), parents[LEFT], 10)
    assert find_composite(sequence, search(alone, sequence).hits, alone) is None


# -- Do the ends of a sequence belong to its middle?


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
def index_of_ends(record, other):
    pairs = [("A1", "Exemplum album", record), ("B1", "Alienum bonum", other)]
    return Index.build(
        [(ReferenceRecord.named(a, name, locus="COI"), s) for a, name, s in pairs], locus="COI"
    )


def test_differences_spread_evenly_flag_no_end(index_of_ends, record):
    rng = random.Random(3)
    # A tenth and a little more, the middle by chance under the floor: 32 of its 320 bases.
    middle = rng.sample(range(160, 480), 30)
    ends = rng.sample([*range(160), *range(480, LENGTH)], 38)
    query = differing(rng, record, [*middle, *ends])
    assert check_ends(query, index_of_ends, FLOOR) is None


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("at_start", [False, True])
def test_an_end_of_no_gene_is_told_with_its_bases(index_of_ends, record, turned, at_start):
    rng = random.Random(4)
    foreign = random_sequence(rng, 160)
    query = foreign + record[160:] if at_start else record[:480] + foreign
    if turned:
        query = reverse_complement(query)
    warning = check_ends(query, index_of_ends, FLOOR)
    assert warning.code == "ENDS_DO_NOT_FIT"
    assert "A1 (100.0%)" in warning.message
    expected = "bases 1 to 160 " if at_start != turned else "bases 481 to 640 "
    assert expected in warning.message


def test_an_end_that_fits_another_genus_is_a_chimera(index_of_ends, record, other):
    rng = random.Random(5)
    query = differing(rng, record[:480] + other[480:], rng.sample(range(480), 20))
    warning = check_ends(query, index_of_ends, FLOOR)
    assert warning.code == "CHIMERA"
    assert "Alienum" in warning.message
    assert "Exemplum" in warning.message


def test_what_the_record_does_not_cover_is_not_judged(record):
    rng = random.Random(6)
    pair = ReferenceRecord.named("A2", "Exemplum album", locus="COI"), record[150:490]
    short = Index.build([pair], locus="COI")
    foreign = random_sequence(rng, 150)
    assert check_ends(foreign + record[150:490] + foreign, short, FLOOR) is None


def test_a_middle_that_is_near_to_nothing_flags_nothing(index_of_ends):
    assert check_ends(random_sequence(random.Random(7), LENGTH), index_of_ends, FLOOR) is None


def test_a_sequence_as_far_at_its_ends_as_in_its_middle_is_not_flagged(index_of_ends, record):
    """Of 200 sequences that differ at one rate, near the floor, none is flagged."""
    rng = random.Random(8)
    flagged = 0
    for _turn in range(200):
        query = differing(rng, record, rng.sample(range(LENGTH), rng.randint(60, 72)))
        flagged += check_ends(query, index_of_ends, FLOOR) is not None
    assert flagged == 0
