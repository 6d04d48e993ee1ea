import gzip
import hashlib
import random
from dataclasses import replace

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import SPECIES, mutate, query, random_sequence

from forensics.barcode import contamination
from forensics.barcode.contamination import (
    OVERLAP,
    Batch,
    Haplotypes,
    Known,
    human,
    possibly_human,
    read_haplotypes,
    reagent_contaminants,
)
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching import kernel, reference
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import InputError, LibraryError
from forensics.examination import identify
from forensics.io.files import folder

PLACE = folder("reference_sequences") / "contaminants"
# Of the reference, in its own numbering.
REGIONS = {"COI": (5960, 6618), "cytb": (14747, 15887), "16S": (2400, 2950), "CR": (16024, 16400)}


def genomes(name):
    with gzip.open(PLACE / name, "rt") as handle:
        entries = handle.read().split(">")[1:]
    return {e.split("\n", 1)[0]: "".join(e.split("\n", 1)[1].split()) for e in entries}


(HUMAN,) = genomes("human_mitogenome.fasta.gz").values()
(ORANG,) = genomes("orang_mitogenome.fasta.gz").values()
COII = genomes("apes_COII.fasta.gz")


def pieces(sequence, length, step=97):
    return [sequence[s : s + length] for s in range(0, len(sequence) - length + 1, step)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("locus", REGIONS)
def test_a_human_sequence_is_known_at_every_locus_and_on_both_strands(locus, turned):
    start, end = REGIONS[locus]
    sequence = HUMAN[start:end]
    # Simulated: one base in a hundred differs, more than among most people.
    sequence = mutate(random.Random(1), sequence, substitutions=len(sequence) // 100)
    found = human(reverse_complement(sequence) if turned else sequence)
    assert found.sure and not found.part


def test_human_genomes_are_known_wherever_the_circle_was_opened():
    assert human(HUMAN).sure
    assert human(HUMAN[9000:] + HUMAN[:9000]).sure
    assert human(HUMAN[16400:] + HUMAN[:300]).sure


@pytest.mark.parametrize("header", COII)
@pytest.mark.parametrize("length", [684, 300, 100])
def test_no_ape_is_called_human_and_every_human_of_300_bases_is(header, length):
    """Real COII of six people, five chimpanzees, four bonobos, six gorillas, three orangutans."""
    for piece in pieces(COII[header], length, step=29):
        found = human(piece)
        if "Homo" in header:
            assert found is not None
            assert found.sure or length == 100
        else:
            assert found is None


@pytest.mark.parametrize("length", [100, 150, 300, 658])
def test_no_piece_of_an_orangutan_is_called_human(length):
    assert not any(found and found.sure for found in map(human, pieces(ORANG, length)))


def test_a_slow_piece_is_called_possibly_human_at_most():
    """Bases of the 12S gene where human and orangutan differ by three of 170."""
    found = human(HUMAN[1090:1260])
    assert not found.sure and found.identity == 1.0


def test_other_animals_are_not_human(embedded):
    rng = random.Random(2)
    for locus in embedded.loci:
        index = embedded.index(locus)
        for haplotype in rng.sample(range(index.size), min(index.size, 60)):
            if {r.genus for r in index.records(haplotype)} & {"Homo", "Pongo"}:
                continue
            found = human(index.sequence(haplotype))
            assert found is None or not found.sure


def test_a_part_that_is_human_is_found():
    (start, end), other = REGIONS["COI"], query()
    assert human(other) is None
    for sequence in (HUMAN[start : start + 300] + other[300:], other[:300] + HUMAN[start:end]):
        found = human(sequence)
        assert found.sure and found.part


@pytest.mark.slow
@examples(100)
@given(st.integers(0, 2**32), st.sampled_from([60, 100, 130, 300, 700, 1600]))
def test_looking_where_pieces_lie_finds_what_the_whole_genome_has(seed, length):
    rng = random.Random(seed)
    start = rng.randrange(len(HUMAN))
    sequence = (2 * HUMAN)[start : start + length]  # also over where the circle was opened
    changes = rng.randrange(length // 15)
    sequence = mutate(
        rng, sequence, substitutions=changes // 2, insertions=changes // 4,
        deletions=changes // 4, codes=rng.choice([0, 0, 3]),
    )  # fmt: skip
    if rng.random() < 0.5:
        sequence += random_sequence(rng, rng.randrange(2 * length))
    if rng.random() < 0.5:
        sequence = reverse_complement(sequence)
    found = human(sequence)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(contamination, "_stretches", lambda *_asked: [(0, 2 * len(HUMAN))])
        assert found == human(sequence)
        patched.setattr(kernel, "implementation", reference)
        assert found == human(sequence)


def test_the_genome_has_no_code_that_could_hide_a_piece_and_none_twice():
    assert set(HUMAN) == set("ACGT")
    assert len(contamination._pieces()) == 2 * (len(HUMAN) // contamination._PIECE)


def test_ambiguous_bases_do_not_hide_a_human_sequence():
    start, end = REGIONS["COI"]
    sequence = mutate(random.Random(3), HUMAN[start:end], codes=20)
    assert human(sequence).sure


@pytest.mark.parametrize("locus", ["auto", "COI"])
def test_a_human_sequence_goes_no_further(embedded, locus):
    start, end = REGIONS["COI"]
    (result,) = identify(
        f">exhibit\n{HUMAN[start:end]}\n", library=embedded, locus=locus, reasons=True, tree=True
    )
    assert [w.code for w in result.warnings] == ["HUMAN"]
    assert (result.status, result.candidates, result.strand) == ("unusable", (), None)
    assert (result.reasons, result.tree, result.call.probabilities) == (None, None, None)
    assert "Homo" not in result.to_json()
    for text in (result.to_json(), repr(result.to_row()), result._repr_html_(), repr(result)):
        assert HUMAN[start : start + 20] not in text
    assert "person" in result.headline()


def test_a_human_genome_is_not_cut_into_loci(embedded):
    (result,) = identify(HUMAN, library=embedded)
    assert [w.code for w in result.warnings] == ["HUMAN"]


def test_a_name_of_a_library_makes_no_sequence_human(tmp_path):
    """A chimpanzee whose library holds people alone: never human, never Homo."""
    records = [
        (ReferenceRecord.named("A1", "Homo sapiens", locus="COI"), COII["Hsa1 Homo sapiens"]),
        (ReferenceRecord.named("A2", "Bos taurus", locus="COI"), query()),
    ]
    write_library(tmp_path / "library", records, name="people")
    (result,) = identify(COII["Ptr1 Pan troglodytes"], library=tmp_path / "library")
    assert (result.status, result.taxon) == ("inconclusive", None)
    assert "POSSIBLY_HUMAN" in [w.code for w in result.warnings]


def test_possibly_human_is_not_said_where_a_record_is_nearer():
    found = contamination.Human(False, 0.98)
    assert possibly_human(found, 1.0, "Pan") is None
    assert possibly_human(found, 0.97, "Pan").code == "POSSIBLY_HUMAN"
    assert possibly_human(None, 0.97, "Pan") is None
    assert possibly_human(None, 0.91, "Homo").code == "POSSIBLY_HUMAN"


def test_animals_of_reagents_are_told_by_call_and_by_nearest_record(embedded):
    index = embedded.index("COI")
    position = index.positions_labelled("Bos taurus")[0]
    cattle = index.sequence(index.haplotype_at(position))
    (result,) = identify(cattle, library=embedded, locus="COI")
    assert "REAGENT_CONTAMINANT" in [w.code for w in result.warnings]
    best = result.candidates[0]
    assert reagent_contaminants(None, best)
    assert reagent_contaminants("Bos taurus", replace(best, species="Bubalus bubalis"))
    assert not reagent_contaminants(None, replace(best, identity=0.96))
    assert not reagent_contaminants("Bubalus bubalis", replace(best, species="Bubalus bubalis"))


def test_the_packaged_sequences_are_those_that_were_described():
    digests = {
        name: hashlib.sha256(sequence.encode()).hexdigest()[:16]
        for name, sequence in (("human", HUMAN), ("orang", ORANG))
    }
    text = (PLACE / "SOURCES.md").read_text(encoding="utf-8")
    assert (len(HUMAN), len(ORANG)) == (16569, 16499)
    for digest in digests.values():
        assert digest in text


def test_a_missing_sequence_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(contamination, "folder", lambda name: tmp_path)
    with pytest.raises(LibraryError, match="install the package again"):
        contamination._read("human_mitogenome.fasta.gz")


ONE = query()


def codes(result):
    return [warning.code for warning in result.warnings]


@given(st.integers(0, 10**6))
def test_every_identical_overlap_is_found_on_either_strand(seed):
    rng = random.Random(seed)
    known = [random_sequence(rng, rng.randrange(OVERLAP, 700)) for _ in range(5)]
    store = Haplotypes()
    for number, sequence in enumerate(known):
        store.add(Known(str(number)), sequence)
    number = rng.randrange(5)
    length = rng.randrange(OVERLAP, len(known[number]) + 1)
    way = rng.randrange(3)
    if way == 0:  # what sticks out to the right of the known one
        asked = known[number][-length:] + random_sequence(rng, rng.randrange(200))
    elif way == 1:
        asked = random_sequence(rng, rng.randrange(200)) + known[number][:length]
    else:
        start = rng.randrange(len(known[number]) - length + 1)
        asked = known[number][start : start + length]
    if rng.random() < 0.5:
        asked = reverse_complement(asked)
    ((found, overlap),) = store.same(asked)
    assert (found.name, overlap) == (str(number), length)


@given(st.integers(0, 10**6))
def test_with_the_reference_the_same_sequences_are_found(seed):
    rng = random.Random(seed)
    root = random_sequence(rng, 400)
    found = []
    for implementation in (kernel.implementation, reference):
        rng.seed(seed)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(kernel, "implementation", implementation)
            store = Haplotypes()
            for number in range(20):
                first, length = rng.randrange(300), rng.choice([20, 60, 200, 400])
                one = mutate(rng, root, codes=rng.choice([0, 0, 2]))[first : first + length]
                store.add(Known(str(number)), one)
            asked = [root, root[50:], reverse_complement(root[:200]), root[:20], root[100:150]]
            found.append([store.same(one) for one in asked])
    assert found[0] == found[1] and any(found[0])


@given(st.integers(0, 657))
def test_one_other_base_is_another_haplotype(place):
    store = Haplotypes()
    store.add(Known("a"), ONE)
    place %= len(ONE)
    other = ONE[:place] + ("A" if ONE[place] != "A" else "C") + ONE[place + 1 :]
    assert store.same(other) == []


def test_an_iupac_code_that_fits_is_no_difference():
    store = Haplotypes()
    store.add(Known("a"), ONE)
    assert store.same(ONE[:200] + "N" + ONE[201:])
    coded = Haplotypes()
    coded.add(Known("a"), ONE[:200] + "N" + ONE[201:])
    assert coded.same(ONE)


def test_short_sequences_must_be_equal():
    store = Haplotypes()
    store.add(Known("a"), ONE[:50])
    assert store.same(ONE[:50])
    assert store.same(reverse_complement(ONE[:50]))
    assert not store.same(ONE[20:60])


@given(st.integers(0, 10**6), st.integers(32, OVERLAP))
def test_what_is_short_is_found_within_what_is_long_and_the_other_way_round(seed, length):
    rng = random.Random(seed)
    whole = random_sequence(rng, 300)
    start = rng.randrange(len(whole) - length + 1)
    part = whole[start : start + length]
    for known, asked in ((part, whole), (part, reverse_complement(whole))):
        store = Haplotypes()
        store.add(Known("a"), known)
        assert [overlap for _known, overlap in store.same(asked)] == [length]
    if length >= 63:  # a whole piece of the longer one lies in it, wherever it begins
        store = Haplotypes()
        store.add(Known("a"), whole)
        assert [overlap for _known, overlap in store.same(part)] == [length]


def test_of_a_conserved_gene_only_what_has_two_pieces_in_a_row_is_compared(monkeypatch):
    """Else each of many queries would be compared with all before it."""
    compared, identical = [], contamination._identical

    def counted(*args, **more):
        compared.append(args)
        return identical(*args, **more)

    monkeypatch.setattr(contamination, "_identical", counted)
    rng = random.Random(1)
    store, conserved = Haplotypes(), random_sequence(rng, 32)
    for number in range(50):
        sequence = random_sequence(rng, 320) + conserved + random_sequence(rng, 320)
        assert not store.same(sequence)
        store.add(Known(str(number)), sequence)
    assert not compared
    assert store.same(sequence) and compared


def test_no_more_is_remembered_than_was_said():
    store = Haplotypes(most=3)
    rng = random.Random(1)
    sequences = [random_sequence(rng, 200) for _ in range(5)]
    for number, sequence in enumerate(sequences):
        store.add(Known(str(number)), sequence)
    assert len(store) == 3
    assert [bool(store.same(sequence)) for sequence in sequences] == [True] * 3 + [False] * 2


def test_the_same_haplotype_later_in_a_run_is_told_with_the_first(library):
    text = f">a\n{ONE}\n>b\n{query(SPECIES[1])}\n>c\n{reverse_complement(ONE)[40:]}\n"
    results = identify(text, library=library)
    assert ["SAME_HAPLOTYPE_IN_RUN" in codes(result) for result in results] == [False, False, True]
    (message,) = [w.message for w in results[2].warnings if w.code == "SAME_HAPLOTYPE_IN_RUN"]
    assert "a (1)" in message and str(len(ONE) - 40) in message


def test_queries_of_one_name_or_of_one_sample_are_not_compared(library):
    same = identify(f">a\n{ONE}\n>a\n{ONE}\n", library=library)
    assert "SAME_HAPLOTYPE_IN_RUN" not in codes(same[1])
    one = identify(f">a\n{ONE}\n>b\n{ONE}\n", library=library, one_sample=True)
    assert "SAME_HAPLOTYPE_IN_RUN" not in codes(one[1])


def test_controls_and_recent_cases_are_compared_with(tmp_path, library):
    (tmp_path / "controls.fasta").write_text(f">positive_control\n{ONE[10:]}\n")
    (tmp_path / "cases.fasta").write_text(f">case_7\n{query(SPECIES[2])}\n")
    files = [tmp_path / "controls.fasta", tmp_path / "cases.fasta"]
    results = identify([ONE, query(SPECIES[1])], library=library, compare_with=files)
    (warning,) = [w for w in results[0].warnings if w.code == "SAME_HAPLOTYPE_AS"]
    assert "positive_control" in warning.message and "controls.fasta" in warning.message
    assert "SAME_HAPLOTYPE_AS" not in codes(results[1])
    compared = results[0].provenance.parameters["compared_with"]
    assert [len(entry["sha256"]) for entry in compared] == [64, 64]


@pytest.mark.parametrize("turned", [False, True])
def test_a_match_with_the_elimination_set_names_nobody(tmp_path, library, turned):
    path = tmp_path / "staff.fasta"
    path.write_text(f">Jane_Doe\n{ONE}\n")
    asked = reverse_complement(ONE) if turned else ONE
    results = identify([asked, query(SPECIES[1])], library=library, elimination=path, reasons=True)
    assert codes(results[0]) == ["ELIMINATION_MATCH"]
    assert (results[0].status, results[0].candidates) == ("unusable", ())
    assert results[1].status == "identified"
    for text in (results.to_json(), results._repr_html_(), repr(results)):
        assert "Jane" not in text and "staff.fasta" not in text and ONE[:20] not in text
    assert results[0].provenance.parameters["elimination"] is True


def test_an_elimination_set_that_cannot_be_read_names_nobody(tmp_path, library):
    path = tmp_path / "staff.fasta"
    path.write_text(">Jane_Doe\nACGT*\n")
    with pytest.raises(InputError) as caught:
        identify(ONE, library=library, elimination=path)
    assert "Jane" not in str(caught.value)


def test_files_that_cannot_be_compared_with_are_refused(tmp_path):
    path = tmp_path / "controls.fasta"
    path.write_text(">a\nACGT\n")
    with pytest.raises(InputError, match="a cannot be compared with"):
        read_haplotypes([path])
    path.write_text(f">a\n{'ACGT' * 6000}\n")
    with pytest.raises(InputError, match="24000 bases"):
        read_haplotypes([path])
    with pytest.raises(InputError, match="no such file"):
        Batch(compare_with=[tmp_path / "none.fasta"])


def test_too_many_to_compare_with_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contamination, "MAX_COMPARED", 2)
    rng = random.Random(1)
    path = tmp_path / "controls.fasta"
    path.write_text("".join(f">s{n}\n{random_sequence(rng, 200)}\n" for n in range(3)))
    with pytest.raises(InputError, match="more than 2"):
        read_haplotypes([path])


def test_reads_of_one_amplicon_are_compared_within_bounds():
    """Many that share pieces: the time for each does not grow without end."""
    rng = random.Random(1)
    batch = Batch()
    for number in range(300):
        batch.warnings(str(number), number, mutate(rng, ONE, substitutions=3))
    assert batch.warnings("last", 301, ONE[:50]) is not None
