import gzip
import hashlib
import random
from dataclasses import replace

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, query, random_sequence

from forensics.barcode import contamination
from forensics.barcode.contamination import human, possibly_human, reagent_contaminants
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching import kernel, reference
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import LibraryError
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
            found = human(index.sequence(haplotype).decode())
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
    position = index.positions_with("Bos taurus")[0]
    cattle = index.sequence(index.haplotype_at(position)).decode()
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
