import hashlib
import json
import random
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.curating.neighbours import find_neighbours
from forensics.barcode.locus import IUPAC
from forensics.barcode.matching import kernel, reference
from forensics.barcode.matching.far import FarIndex
from forensics.barcode.matching.index import _PREFIX, Index, K, _padded
from forensics.barcode.matching.reference import MOST_READINGS
from forensics.barcode.matching.search import candidates_of, search
from forensics.barcode.options import FLOOR
from forensics.barcode.reading.cutting import representatives
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import LibraryError


def records_of(sequences):
    return [
        (
            ReferenceRecord.named(f"S{i:03}", f"Fictus {'abcdefgh'[i % 8] * 3}", locus="COI"),
            sequence,
        )
        for i, sequence in enumerate(sequences)
    ]


def family(seed, size=40):
    rng = random.Random(seed)
    ancestor = random_sequence(rng, 200)
    sequences = [
        mutate(rng, ancestor, substitutions=rng.randrange(30), codes=rng.choice([0, 0, 2]))[
            rng.randrange(20) :
        ]
        for _ in range(size)
    ]
    return records_of([*sequences, *sequences[:5], "ACGT", "R" * 50])


RECORDS = family(6)


@pytest.fixture(scope="module")
def index():
    return Index.build(RECORDS, locus="COI", source={"x": "y"})


def test_what_was_put_in_comes_out(index):
    found = {
        (record, index.sequence(haplotype))
        for haplotype in range(index.size)
        for record in index.records(haplotype)
    }
    assert found == set(RECORDS)
    assert index.record_count == len(RECORDS)
    assert index.size == len({sequence for _record, sequence in RECORDS})
    assert index.species_count == 8
    assert index.source == {"x": "y"}


def test_haplotypes_go_from_the_shortest_to_the_longest(index):
    lengths = [len(index.sequence(haplotype)) for haplotype in range(index.size)]
    assert lengths == sorted(lengths) == list(index.lengths)
    below = [0]
    for haplotype in range(index.size):
        assert index.records_below(haplotype) == below[-1]
        below.append(below[-1] + len(index.records(haplotype)))


def test_records_of_a_species_are_counted(index):
    labels = Counter(record.label for record, _sequence in RECORDS)
    for haplotype in range(index.size):
        expected = sorted({record.label for record in index.records(haplotype)})
        numbers = index.species(haplotype)
        assert [index.species_records(number) for number in numbers] == [
            labels[x] for x in expected
        ]


def code_of(kmer):
    return sum("ACGT".index(base) << 2 * (K - 1 - place) for place, base in enumerate(kmer))


def kmers_side_by_side(sequence, step):
    """Return the k-mers without an IUPAC code that begin at every so many bases."""
    pieces = (sequence[at : at + K] for at in range(0, len(sequence) - K + 1, step))
    return [code_of(piece) for piece in pieces if set(piece) <= set("ACGT")]


def readings(sequence):
    """Return what the k-mer that begins at each base can stand for."""
    pieces = (sequence[at : at + K] for at in range(len(sequence) - K + 1))
    return [{code_of(letters) for letters in product(*map(IUPAC.get, piece))} for piece in pieces]


def test_the_table_says_which_haplotypes_have_a_kmer(index):
    expected = {}
    for haplotype in range(index.size):
        for kmers in readings(index.sequence(haplotype)):
            for kmer in kmers if len(kmers) <= MOST_READINGS else ():
                expected.setdefault(kmer, set()).add(haplotype)
    kinds, read = Counter(), reference.Tables(index.tables, index.size)
    for kmer, haplotypes in expected.items():
        kinds.update(["bitmap" if index.tables[0][kmer] > (index.size + 31) // 32 else "list"])
        assert set(np.flatnonzero(read.haplotypes_with(kmer))) == haplotypes
    assert kinds["bitmap"] and kinds["list"]
    absent = set(range(4**K)) - expected.keys()
    assert not any(read.haplotypes_with(kmer).any() for kmer in absent)


@pytest.mark.parametrize(
    ("middle", "hidden"),
    [("ACG", 0), ("NNN", 0), ("RYKMSWNN", 1), ("NNNN", 1), ("NNNNACGTACNNNN", 2), (20 * "N", 3)],
)
def test_a_kmer_that_can_stand_for_too_many_is_hidden_and_those_side_by_side_are_counted(
    middle, hidden
):
    text = "ACGTTGCAAC" + middle + "GGATCCTTAC"
    *table, counted = kernel.kmer_table([text, "ACGTTGCA"], K)
    assert memoryview(counted).cast("I").tolist() == [hidden, 0]
    told = {kmer for kmers in readings(text) if len(kmers) <= MOST_READINGS for kmer in kmers}
    counts = memoryview(table[0]).cast("I")
    assert {kmer for kmer in range(4**K) if counts[kmer]} == told | {code_of("ACGTTGCA")}
    # Of the k-mers side by side as many can be hidden as is said, wherever they begin.
    of_each = [len(kmers) > MOST_READINGS for kmers in readings(text)]
    assert max(sum(of_each[first::K]) for first in range(K)) <= hidden


def test_records_with_iupac_codes_are_excluded_like_others():
    rng = random.Random(5)
    texts = [random_sequence(rng, 300) for _ in range(200)]
    coded = ["".join("N" if at % 60 == 7 else base for at, base in enumerate(t)) for t in texts]
    index = Index.build(records_of(coded), locus="COI")
    assert not search(index, random_sequence(rng, 150), floor=0.9).aligned
    (near,) = search(index, texts[3][40:190], floor=0.9).hits
    assert (index.sequence(near.haplotype), near.edits) == (coded[3], 0)


def test_counters_of_hidden_kmers_and_pieces_that_are_lacking_are_right(index):
    read = reference.Tables(index.tables, index.size)
    sequences = [index.sequence(haplotype) for haplotype in range(index.size)]
    hidden = memoryview(kernel.kmer_table(sequences, K)[3]).cast("I").tolist()
    assert read.hidden.tolist() == hidden and any(hidden)
    known = kmers_side_by_side(sequences[-1], 1)
    lacking = [sum(p not in known for p in kmers_side_by_side(s, K)) for s in sequences]
    assert read.lacking_pieces(known, 0, index.size).tolist() == lacking and any(lacking)
    assert read.lacking_pieces(known, 3, 7).tolist() == lacking[3:7]


def test_slots_of_one_length_have_families_and_species_beside_each_other():
    rng = random.Random(2)
    records = [
        (
            ReferenceRecord.named(str(n), name, locus="COI", family=family),
            random_sequence(rng, length),
        )
        for n, (name, family, length) in enumerate(
            (name, family, length)
            for length in (90, 80)
            for _turn in range(3)
            for name, family in (
                ("Aus albus", "Zidae"),
                ("Bus albus", "Aidae"),
                ("Cus albus", "Zidae"),
            )
        )
    ]
    index = Index.build(records, locus="COI")
    order = list(index.tables[5])
    assert sorted(order) == list(range(index.size))
    assert [index.lengths[haplotype] for haplotype in order] == list(index.lengths)
    names = [index.first_record(haplotype).name[:3] for haplotype in order]
    assert names == 2 * (3 * ["Bus"] + 3 * ["Aus"] + 3 * ["Cus"])


@given(st.integers(0, 1000))
def test_the_order_of_the_records_does_not_matter(seed):
    shuffled = RECORDS[:]
    random.Random(seed).shuffle(shuffled)
    assert Index.serialise(shuffled, locus="COI") == Index.serialise(RECORDS, locus="COI")


def test_a_mapped_file_is_the_index_in_memory(tmp_path, index):
    path = tmp_path / "index.bin"
    path.write_bytes(Index.serialise(RECORDS, locus="COI"))
    opened = Index.open(path)
    assert opened.locus == index.locus
    assert [opened.records(h) for h in range(opened.size)] == [
        index.records(h) for h in range(index.size)
    ]


def test_the_smallest_index_works():
    smallest = Index.build(records_of(["A"]), locus="COI")
    assert (smallest.size, smallest.sequence(0)) == (1, "A")
    assert reference.Tables(smallest.tables, 1).lacking_pieces([], 0, 1).tolist() == [0]


def test_nothing_makes_no_index():
    with pytest.raises(LibraryError, match="COI"):
        Index.build([], locus="COI")


def test_a_damaged_header_is_refused(tmp_path):
    path = tmp_path / "index.bin"
    content = Index.serialise(RECORDS, locus="COI")
    end = content.index(b"}", content.index(b'"species"'))
    rng = random.Random(7)
    for place in rng.sample([place for place in range(end) if place != 17], 100):  # 17 is padding
        damaged = bytearray(content)
        damaged[place] ^= rng.randrange(1, 256)
        path.write_bytes(damaged)
        with pytest.raises(LibraryError, match=r"index\.bin"):
            Index.open(path)


# -- files with a header that is whole and says what is not so ---------------------------

WHOLE = Index.serialise(RECORDS, locus="COI")
_magic, _version, _length, _digest = _PREFIX.unpack_from(WHOLE)
HEADER = json.loads(WHOLE[_PREFIX.size : _PREFIX.size + _length])
REST = WHOLE[_padded(_PREFIX.size + _length) :]
SECTIONS = HEADER["sections"]


def signed(text, rest=REST):
    """Return the bytes of an index whose header is this text, with the digest that it has."""
    text = text.encode()
    prefix = _PREFIX.pack(_magic, _version, len(text), hashlib.sha256(text).digest())
    start = _PREFIX.size + len(text)
    return prefix + text + bytes(_padded(start) - start) + rest


def test_a_header_signed_anew_is_that_of_the_file():
    assert Index.loaded(signed(json.dumps(HEADER))).record(0) == Index.loaded(WHOLE).record(0)


STRANGE = (
    None,
    True,
    -1,
    0,
    1,
    7,
    2**31,
    2**32,
    2**64,
    10**30,
    0.5,
    "",
    "8",
    [],
    [0],
    {},
    {"a": 1},
)


@pytest.mark.parametrize("name", HEADER)
def test_a_header_that_promises_what_cannot_be_is_refused(name):
    fitting = {"locus": (str,), "source": (dict,)}.get(name, ())
    for value in STRANGE:
        if isinstance(value, fitting):
            continue
        with pytest.raises(LibraryError, match="damaged or cut off"):
            Index.loaded(signed(json.dumps(HEADER | {name: value})))
    with pytest.raises(LibraryError, match="damaged or cut off"):
        Index.loaded(signed(json.dumps({key: v for key, v in HEADER.items() if key != name})))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_that_lies_elsewhere_or_is_longer_than_it_can_be_is_refused(name):
    offset, length = SECTIONS[name]
    strange = [STRANGE, *STRANGE, [offset], [offset, length, 0], [offset + 4, length]]
    strange += [
        [HEADER["length"], length + 8],
        [HEADER["length"] + 8, length],
        [offset - 8**9, length],
    ]
    if name not in ("sequences", "rows"):  # whose ends their offsets tell
        strange += [[offset, length + 1], [offset, length - 1]]
    if not name.endswith(("planes", "data")):
        strange += [[offset, length + 8]]
        strange += [[offset, 0]] if name != "genera" else []  # no record may have a genus
    for value in strange:
        sections = SECTIONS | {name: value}
        with pytest.raises(LibraryError, match="damaged or cut off"):
            Index.loaded(signed(json.dumps(HEADER | {"sections": sections})))
    for sections in (
        {**SECTIONS, "more": [0, 8]},
        {k: v for k, v in SECTIONS.items() if k != name},
    ):
        with pytest.raises(LibraryError, match="damaged or cut off"):
            Index.loaded(signed(json.dumps(HEADER | {"sections": sections})))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 100_000, "9" * 5000, "{}", '{"haplotypes": 1}', "\0", "é"]
)
def test_a_header_that_is_none_is_refused(text):
    with pytest.raises(LibraryError, match="damaged or cut off"):
        Index.loaded(signed(text))


@pytest.mark.parametrize("length", [0, 1, 40, _PREFIX.size - 1, _PREFIX.size, 300, len(WHOLE) - 1])
def test_a_file_that_is_cut_off_is_refused(length, tmp_path):
    with pytest.raises(LibraryError, match="index"):
        Index.loaded(WHOLE[:length])
    (tmp_path / "index.bin").write_bytes(WHOLE[:length])
    with pytest.raises(LibraryError, match=r"index\.bin"):
        Index.open(tmp_path / "index.bin")


def spoilt(rng):
    """Return the index with some bytes or numbers of its sections changed, and its true header."""
    content, start = bytearray(WHOLE), len(WHOLE) - len(REST)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        offset, length = SECTIONS[rng.choice(list(SECTIONS))]
        width = rng.choice((1, 4, 8, 64, 4096))
        place = start + offset + rng.randrange(max(1, length // width)) * width
        width = min(width, start + offset + length - place)
        value = rng.choice((0, 1, 2, HEADER["haplotypes"], HEADER["records"], 2**31, 2**32 - 1, -1))
        if value < 0:
            content[place : place + width] = rng.randbytes(width)
        else:
            content[place : place + width] = value.to_bytes(max(width, 4), "little")[:width]
    assert len(content) == len(WHOLE)
    return bytes(content)


QUERIES = [RECORDS[0][1], RECORDS[3][1][:170], RECORDS[7][1][::-1], "R" * 60]


def everything(index):
    """Ask an index for all that it can tell."""
    for query in QUERIES:
        found = search(index, query, of_species=2)
        candidates_of(index, found.hits, floor=FLOOR)
        if kernel.is_compiled():  # else it is a search
            find_neighbours(index, query, floor=FLOOR)
    FarIndex(index).nearest(QUERIES[0])
    representatives(index)
    for haplotype in range(index.size):
        index.sequence(haplotype)
        index.records(haplotype)
        [index.species_records(number) for number in index.species(haplotype)]
    for position in range(index.record_count):
        index.positions_of(index.species_at(position))
        index.haplotype_at(position)
    for record in map(index.record, range(index.record_count)):
        index.positions_labelled(record.label)
        index.species_in(record.genus)


def spoil(monkeypatch, cases, *, compiled):
    if not compiled:
        monkeypatch.setattr(kernel, "implementation", reference)
    elif not kernel.is_compiled():
        pytest.skip("built without a compiler")
    refused = 0
    for case in cases:
        content = spoilt(random.Random(case))
        try:
            everything(Index.loaded(content))
        except LibraryError as error:
            assert "damaged or cut off" in str(error)
            refused += 1
    return refused


@pytest.mark.parametrize("compiled", [True, False])
def test_sections_that_contradict_each_other_are_told_and_nothing_crashes(monkeypatch, compiled):
    count = 300 if compiled else 24  # the reference takes many times as long
    assert count / 3 < spoil(monkeypatch, range(count), compiled=compiled) < count


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [True, False])
def test_thousands_of_damaged_indexes_do_no_harm(monkeypatch, compiled):
    last = 11_000 if compiled else 2_000
    spoil(monkeypatch, range(1000, last), compiled=compiled)


def test_k_lets_the_default_floor_be_proved():
    assert K == 8
    assert 1 - 1 / K < FLOOR


def test_records_are_found_by_species_label_and_haplotype(index):
    records = [index.record(position) for position in range(index.record_count)]
    for position in range(index.record_count):
        assert position in index.positions(index.haplotype_at(position))
        assert position in index.positions_of(index.species_at(position))
    for label in {record.label for record in records}:
        expected = [position for position, record in enumerate(records) if record.label == label]
        assert index.positions_labelled(label) == expected
        assert index.positions_of(index.species_at(expected[0])) == expected
    for unknown in ("", "Fict", "Fictus", "S000", "\t", "\n", "Zz", "é"):
        assert index.positions_labelled(unknown) == []


NAMES = st.text("AÉb", max_size=3)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=12))
def test_a_genus_has_each_of_its_species_and_families(given_names):
    """The oracle reads every record."""
    records = [
        ReferenceRecord(f"A{n}", "x", species=species, genus=genus, family=family)
        for n, (species, genus, family) in enumerate(given_names)
    ]
    index = Index.build([(record, RECORDS[0][1]) for record in records], locus="COI")
    stored = [index.record(position) for position in range(index.record_count)]
    for genus in {record.genus for record in stored} - {""}:
        found = index.species_in(genus)
        assert {r.genus for r in found} == {genus}
        told = [(r.species, r.family) for r in found]
        assert set(told) == {(r.species, r.family) for r in stored if r.genus == genus}
    for label in {record.label for record in stored}:
        expected = [n for n, record in enumerate(stored) if record.label == label]
        assert index.positions_labelled(label) == expected
    assert index.species_in("") == index.species_in("C") == index.species_in("A\n") == []
