import operator
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import query

from forensics.barcode.chimera import check_chimera, crowded_part, of_two_genera
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.search import align, search
from forensics.examination import identify


@pytest.fixture(scope="module")
def vertebrates(embedded):
    """Real COI barcodes of 658 bases that need no alignment to be joined, one a genus."""
    index, found = embedded.index("COI"), {}
    for haplotype in range(index.size):
        record = index.records(haplotype)[0]
        usual = index.lengths[haplotype] == 658 and record.class_ in ("Aves", "Mammalia")
        if usual and record.genus != "Homo":  # of which nothing would be searched
            found.setdefault(record.genus, (record, index.sequence(haplotype).decode()))
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
    record = index.sequence(hits[0].haplotype).decode()
    return check_chimera(sequence, hits, align(sequence, record, hits[0]), index)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("at", [0.3, 0.4, 0.5, 0.6, 0.7])
def test_a_chimera_of_two_genera_is_told_and_nothing_is_named(embedded, vertebrates, at, turned):
    """Simulated from real records."""
    rng = random.Random(at)
    for _ in range(4):
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
        sequence = index.sequence(haplotype).decode()
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
