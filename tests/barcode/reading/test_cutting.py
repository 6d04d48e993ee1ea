import gzip
import random
import re

import pytest

from forensics.barcode.locus import MAX_GENE_LENGTH, find_locus, reverse_complement
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reading.cutting import REPRESENTATIVES, cut_into_loci, representatives
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library
from forensics.examination import identify
from forensics.io.files import folder

FOUND = ["12S", "16S", "COI", "CR", "cytb"]


def genome(name: str) -> str:
    path = folder("reference_sequences") / f"{name}_mitogenome.fasta.gz"
    text = gzip.decompress(path.read_bytes()).decode("ascii")
    return "".join(text.upper().splitlines()[1:])


@pytest.fixture(scope="module")
def elephant():
    return genome("demonstration/elephant")


@pytest.fixture(scope="module")
def elephants_pieces(embedded, elephant):
    return cut(elephant, embedded)


def cut(sequence: str, library, loci=None) -> dict[str, Query]:
    found = cut_into_loci(Query("g", sequence), library, loci or library.loci)
    assert {piece.name for piece, _its_loci in found} == {"g"}
    return {piece.part: piece for piece, _its_loci in found}


def codes(query) -> list[str]:
    return [note.code for note in query.notes]


def test_an_elephants_genome_gives_every_locus_that_the_library_holds(elephant, elephants_pieces):
    found = elephants_pieces
    assert list(found) == FOUND
    for name, piece in found.items():
        assert codes(piece)[0] == "CUT_FROM" and piece.problem is None
        assert abs(len(piece.sequence) - find_locus(name).expected_length) <= 20
    exhibits = (folder("reference_sequences") / "demonstration/exhibits.fasta").read_text("ascii")
    tusk = exhibits.partition(">tusk\n")[2].partition("\n")[0]  # the whole gene of the same animal
    assert tusk.find(found["COI"].sequence) == 47
    # Said once, of the whole.
    assert [name for name, piece in found.items() if len(piece.notes) > 1] == ["12S"]
    rest = found["12S"].notes[1]
    assert rest.code == "REST_NOT_COMPARED"
    outside = len(elephant) - sum(len(piece.sequence) for piece in found.values())
    assert f"{outside} of the {len(elephant)} bases" in rest.message
    assert "Not found in it: ITS, matK, rbcL, trnL." in rest.message


@pytest.fixture(scope="module")
def of_sharks(embedded, tmp_path_factory):
    """COI of elephants, and 12S, 16S and control regions of sharks and rays."""
    records = [pair for pair in embedded.records("COI") if pair[0].family == "Elephantidae"]
    for locus in ("12S", "16S", "CR"):
        sharks = [p for p in embedded.records(locus) if p[0].class_ == "Chondrichthyes"]
        assert len(sharks) > 50
        records += sharks[:60]
    path = tmp_path_factory.mktemp("sharks") / "library"
    write_library(path, records, name="sharks", calibrated=False)
    return open_library(path)


def test_each_piece_is_compared_with_its_own_locus(embedded, elephant):
    results = identify(f">g\n{elephant}\n", library=embedded)
    assert [result.locus for result in results] == FOUND
    assert [result.query for result in results] == ["g"] * len(FOUND)
    assert [result.part for result in results] == FOUND
    assert not any("DUPLICATE_NAME" in result.codes for result in results)
    assert [result.index for result in results] == [1, 2, 3, 4, 5]
    for result in results:
        assert result.status == "identified"
        assert result.candidates[0].genus == "Loxodonta"


@pytest.mark.slow
def test_no_elephant_becomes_a_shark(of_sharks, elephant):
    results = identify(f">g\n{elephant}\n", library=of_sharks)
    assert [result.locus for result in results] == ["12S", "16S", "COI"]
    for result in results:
        if result.locus == "COI":
            assert {found.family for found in result.candidates} == {"Elephantidae"}
        else:  # the library has these of no elephant
            assert (result.status, result.taxon) == ("nothing_near", None)


# Within 12S, within COI, and within the control region.
@pytest.mark.parametrize("turn, strand", [(700, "+"), (5700, "-"), (15_600, "-")])
def test_the_pieces_do_not_depend_on_where_a_circle_was_opened(
    embedded, elephant, elephants_pieces, turn, strand
):
    turned = elephant[turn:] + elephant[:turn]
    turned = reverse_complement(turned) if strand == "-" else turned
    found = cut(turned, embedded)
    assert {n: p.sequence for n, p in found.items()} == {
        n: p.sequence for n, p in elephants_pieces.items()
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
    "name", ["demonstration/elephant", "contaminants/human", "contaminants/orang"]
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


def test_a_long_amplicon_of_two_loci_gives_both(embedded, elephant, elephants_pieces):
    amplicon = elephant[500:2520]
    assert len(amplicon) > MAX_GENE_LENGTH
    found = cut(amplicon, embedded)
    assert list(found) == ["12S", "16S"]
    for name, piece in found.items():
        assert piece.sequence == elephants_pieces[name].sequence


def test_a_named_locus_is_the_only_one(embedded, elephant):
    (result,) = identify(f">g\n{elephant}\n", library=embedded, locus="COX1")
    assert (result.query, result.part, result.locus) == ("g", "COI", "COI")
    assert result.length == 658


def test_primers_tell_where_no_record_does(of_sharks):
    human = genome("contaminants/human")
    found = cut(human, of_sharks)
    region = found["CR"]
    assert "primers L15996, H408" in region.notes[0].message
    assert region.sequence in human + human  # across the point where the circle was opened
    assert "primers" not in found["16S"].notes[0].message


def simulated(length: int, letters: str = "ACGT") -> str:
    return "".join(random.Random(5).choices(letters, k=length))


@pytest.mark.parametrize(
    "made",
    [
        lambda elephant: elephant[
            ::-1
        ],  # as rich in each base as an elephant, and related to nothing
        lambda elephant: simulated(16_000),
        lambda elephant: simulated(16_000, "AAAATTTTCG"),
        lambda elephant: simulated(4000) + "N" * 3000 + simulated(4000),
        lambda elephant: "AT" * 5000,
    ],
    ids=["reversed", "random", "rich in A and T", "a gap", "a repeat"],
)
def test_nothing_is_found_in_what_is_no_relative(embedded, elephant, made):
    found = cut(made(elephant), embedded)
    assert list(found) == [""]
    assert codes(found[""]) == ["NOTHING_TO_CUT"]
    assert found[""].sequence == made(elephant)


def test_a_gap_in_an_assembly_does_not_hide_a_locus(embedded, elephant, elephants_pieces):
    gapped = elephant[:9000] + "N" * 2000 + elephant[9000:]
    found = cut(gapped, embedded)
    assert {n: p.sequence for n, p in found.items()} == {
        n: p.sequence for n, p in elephants_pieces.items()
    }
    # Where the gap is in the locus, the piece says that it cannot be examined.
    hidden = elephant[:5700] + "N" * 100 + elephant[5800:]
    assert cut(hidden, embedded, ("COI",))["COI"].problem.code == "TOO_AMBIGUOUS"


def test_what_reading_found_stays_with_each_piece(embedded, elephant):
    query = Query("g", elephant, source="f.fasta", sha256="0" * 64, record=3, line=7)
    for piece, its_loci in cut_into_loci(query, embedded, ("COI", "cytb")):
        assert (piece.source, piece.sha256, piece.record, piece.line) == (
            "f.fasta", "0" * 64, 3, 7,
        )  # fmt: skip
        assert (piece.name, (piece.part,)) == ("g", its_loci)


def test_a_barcode_is_not_cut(embedded, elephant):
    whole_gene = elephant[5328:6876]
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
