import gzip
import random
import re

import pytest

from forensics.barcode.locus import MAX_GENE_LENGTH, find_locus
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reading.cutting import REPRESENTATIVES, cut_into_loci, representatives
from forensics.barcode.reading.reads import Query
from forensics.barcode.sequence import reverse_complement
from forensics.examination import identify
from forensics.resources import folder

FOUND = ["12S", "16S", "COI", "CR", "cytb"]


def genome(name: str) -> str:
    path = folder("reference_sequences") / f"{name}_mitogenome.fasta.gz"
    if not path.is_file():
        pytest.skip(f"no genome {path.name} in this checkout")
    text = gzip.decompress(path.read_bytes()).decode("ascii")
    return "".join(text.upper().splitlines()[1:])


@pytest.fixture(scope="module")
def whale():
    return genome("demonstration/fin_whale")


@pytest.fixture(scope="module")
def whales_pieces(embedded, whale):
    return cut(whale, embedded)


def cut(sequence: str, library, loci=None) -> dict[str, Query]:
    found = cut_into_loci(Query("g", sequence), library, loci or library.loci)
    assert {piece.name for piece, _its_loci in found} == {"g"}
    return {piece.part: piece for piece, _its_loci in found}


def codes(query) -> list[str]:
    return [note.code for note in query.notes]


def test_a_whale_genome_gives_every_locus_that_the_library_holds(whale, whales_pieces):
    found = whales_pieces
    assert list(found) == FOUND
    for name, piece in found.items():
        assert codes(piece)[0] == "CUT_FROM" and piece.problem is None
        assert abs(len(piece.sequence) - find_locus(name).expected_length) <= 20
    lines = (folder("reference_sequences") / "demonstration/scale.fasta").read_text("ascii")
    assert found["COI"].sequence == "".join(lines.split("\n")[1:])
    # Said once, of the whole.
    assert [name for name, piece in found.items() if len(piece.notes) > 1] == ["12S"]
    rest = found["12S"].notes[1]
    assert rest.code == "REST_NOT_COMPARED"
    outside = len(whale) - sum(len(piece.sequence) for piece in found.values())
    assert f"{outside} of the {len(whale)} bases" in rest.message
    assert "Not found in it: ITS, rbcL, trnL." in rest.message


def test_each_piece_is_compared_with_its_own_locus_and_no_whale_becomes_a_python(whale, embedded):
    results = identify(f">g\n{whale}\n", library=embedded)
    assert [result.locus for result in results] == FOUND
    assert [result.query for result in results] == ["g"] * len(FOUND)
    assert [result.part for result in results] == FOUND
    assert not any("DUPLICATE_NAME" in result.codes for result in results)
    assert [result.index for result in results] == [1, 2, 3, 4, 5]
    for result in results:
        if result.locus == "COI":
            assert (result.status, result.taxon) == ("identified", "Balaenoptera physalus")
        else:  # the library has these of no whale
            assert (result.status, result.taxon) == ("nothing_near", None)


# Within 12S, within COI, within the control region, and as deposited.
@pytest.mark.parametrize(
    "turn, strand", [(1000, "+"), (6200, "+"), (0, "-"), (6200, "-"), (16_100, "-")]
)
def test_the_pieces_do_not_depend_on_where_a_circle_was_opened(
    embedded, whale, whales_pieces, turn, strand
):
    turned = whale[turn:] + whale[:turn]
    turned = reverse_complement(turned) if strand == "-" else turned
    found = cut(turned, embedded)
    assert {n: p.sequence for n, p in found.items()} == {
        n: p.sequence for n, p in whales_pieces.items()
    }
    for piece in found.values():
        first, last, total, told = re.search(
            r"bases (\d+) to (\d+) of (\d+), strand ([+-])", piece.notes[0].message
        ).groups()
        assert (int(total), told) == (len(turned), strand)
        first, last = int(first) - 1, int(last)
        quoted = turned[first:last] if first < last else turned[first:] + turned[:last]
        assert piece.sequence == (quoted if strand == "+" else reverse_complement(quoted))
        at = [piece.cut.place(position) for position in range(1, len(piece.sequence) + 1)]
        read = "".join(turned[base - 1] for base in at)
        assert piece.sequence == (read if strand == "+" else reverse_complement(read[::-1]))


@pytest.mark.parametrize(
    "name", ["demonstration/fin_whale", "contaminants/human", "contaminants/orang"]
)
def test_coi_is_the_folmer_region_to_ten_bases(embedded, name):
    text = genome(name)
    piece = cut(text, embedded, ("COI",))["COI"].sequence
    at = text.find(piece)
    primers = {primer.name: primer.sequence for primer in find_locus("COI").primers}

    def place(wanted):
        edits, places = semiglobal_placements(wanted, text)
        assert edits <= 1
        return places[0]

    assert abs(at - place(primers["jgLCO1490"])[1]) <= 10
    assert abs(at + len(piece) - place(reverse_complement(primers["jgHCO2198"]))[0]) <= 10


def test_a_long_amplicon_of_two_loci_gives_both(embedded, whale, whales_pieces):
    amplicon = whale[930:2960]
    assert len(amplicon) > MAX_GENE_LENGTH
    found = cut(amplicon, embedded)
    assert list(found) == ["12S", "16S"]
    for name, piece in found.items():
        assert piece.sequence == whales_pieces[name].sequence


def test_a_named_locus_is_the_only_one(embedded, whale):
    (result,) = identify(f">g\n{whale}\n", library=embedded, locus="COX1")
    assert (result.query, result.part, result.locus) == ("g", "COI", "COI")
    assert result.length == 658


def test_primers_tell_where_no_record_does(whale, whales_pieces):
    region = whales_pieces["CR"]
    assert "primers L15995, Dlp5" in region.notes[0].message
    assert region.sequence in whale
    assert "primers" not in whales_pieces["cytb"].notes[0].message


def simulated(length: int, letters: str = "ACGT") -> str:
    return "".join(random.Random(5).choices(letters, k=length))


@pytest.mark.parametrize(
    "made",
    [
        lambda whale: whale[::-1],  # as rich in each base as a whale, and related to nothing
        lambda whale: simulated(16_000),
        lambda whale: simulated(16_000, "AAAATTTTCG"),
        lambda whale: simulated(4000) + "N" * 3000 + simulated(4000),
        lambda whale: "AT" * 5000,
    ],
    ids=["reversed", "random", "rich in A and T", "a gap", "a repeat"],
)
def test_nothing_is_found_in_what_is_no_relative(embedded, whale, made):
    found = cut(made(whale), embedded)
    assert list(found) == [""]
    assert codes(found[""]) == ["NOTHING_TO_CUT"]
    assert found[""].sequence == made(whale)


def test_a_gap_in_an_assembly_does_not_hide_a_locus(embedded, whale, whales_pieces):
    gapped = whale[:9000] + "N" * 2000 + whale[9000:]
    found = cut(gapped, embedded)
    assert {n: p.sequence for n, p in found.items()} == {
        n: p.sequence for n, p in whales_pieces.items()
    }
    # Where the gap is in the locus, the piece says that it cannot be examined.
    hidden = whale[:5900] + "N" * 100 + whale[6000:]
    assert cut(hidden, embedded, ("COI",))["COI"].problem.code == "TOO_AMBIGUOUS"


def test_what_reading_found_stays_with_each_piece(embedded, whale):
    query = Query("g", whale, source="f.fasta", sha256="0" * 64, record=3, line=7)
    for piece, its_loci in cut_into_loci(query, embedded, ("COI", "cytb")):
        assert (piece.source, piece.sha256, piece.record, piece.line) == (
            "f.fasta", "0" * 64, 3, 7,
        )  # fmt: skip
        assert (piece.name, (piece.part,)) == ("g", its_loci)


def test_a_barcode_is_not_cut(embedded, whale):
    whole_gene = whale[5792:7340]
    assert len(whole_gene) <= MAX_GENE_LENGTH
    (result,) = identify(f">g\n{whole_gene}\n", library=embedded, locus="COI")
    assert result.query == "g" and result.length == len(whole_gene)
    assert not {"CUT_FROM", "NOTHING_TO_CUT"} & {w.code for w in result.warnings}


@pytest.mark.parametrize("locus", ["COI", "cytb", "12S", "CR", "trnL"])
def test_representatives_are_few_always_the_same_and_as_long_as_the_locus(embedded, locus):
    index = embedded.index(locus)
    chosen = representatives(index)
    assert chosen == representatives(index)
    assert len(chosen) == len(set(chosen)) == min(REPRESENTATIVES, index.size)
    expected = find_locus(locus).expected_length
    off = sorted(abs(length - expected) for length in index.lengths)
    assert max(abs(len(one) - expected) for one in chosen) <= off[len(chosen) - 1]


def test_a_library_with_one_record_of_a_locus_is_enough(library):
    for locus in library.loci:
        assert representatives(library.index(locus))
