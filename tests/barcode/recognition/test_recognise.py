"""Which locus a sequence is of, where nothing is near."""

import os
import random
from pathlib import Path

import pytest
from simulation import random_sequence, reference_records

from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.recognition import (
    MIN_LEAD,
    NO_LOCUS,
    Exemplar,
    Recogniser,
    decide_locus,
    packaged_exemplars,
    packaged_recogniser,
    read_exemplars,
)
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import LibraryError
from forensics.examination import identify

DATA = Path(os.environ.get("FORENSICS_EVALUATION_DATA", Path(__file__).parents[4] / "shared/data"))
LOCI = ("COI", "cytb", "12S", "16S", "rbcL")


def mutated(rng, sequence, share):
    letters = list(sequence)
    for place in rng.sample(range(len(letters)), round(share * len(letters))):
        letters[place] = rng.choice([base for base in "ACGT" if base != letters[place]])
    return "".join(letters)


@pytest.fixture(scope="module")
def fin_whale_coi():
    """COI of the fin whale without what the exemplars have of its genus."""
    return next(e.sequence for e in packaged_exemplars() if e.name == "fin_whale-COI")[57:715]


def test_every_exemplar_is_of_a_known_locus_and_clean():
    exemplars = packaged_exemplars()
    assert {e.locus for e in exemplars} > {"COI", "cytb", "12S", "16S", "CR", "rbcL", "matK", "ITS"}
    for exemplar in exemplars:
        assert exemplar.locus == NO_LOCUS or find_locus(exemplar.locus).name == exemplar.locus
        assert not set(exemplar.sequence) - set("ACGTN")
    assert len({(e.name, e.locus) for e in exemplars}) == len(exemplars)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("length", [150, 658])
def test_a_sequence_far_from_everything_has_its_locus(fin_whale_coi, turned, length):
    others = [e for e in packaged_exemplars() if not e.species.startswith("Balaenoptera")]
    query = fin_whale_coi[-length:]
    found = Recogniser(others).recognise(reverse_complement(query) if turned else query)
    assert found.locus == "COI"
    assert found.lead >= MIN_LEAD


@pytest.mark.parametrize("length", [100, 150, 650, 1500])
def test_a_random_sequence_has_no_locus(length):
    rng = random.Random(length)
    recogniser = packaged_recogniser()
    given = [recogniser.recognise(random_sequence(rng, length)) for _turn in range(4500 // length)]
    assert [found for found in given if found] == []


def test_bacterial_ribosomal_rna_has_no_locus():
    """E. coli has none when only another bacterium is known as foreign, and the mitochondrial ones are."""
    exemplars = packaged_exemplars()
    query = next(e.sequence for e in exemplars if e.name == "NC_000913.3-rrn16")
    recogniser = Recogniser(e for e in exemplars if e.name != "NC_000913.3-rrn16")
    assert recogniser.recognise(query) is None
    for start in range(0, len(query) - 150, 150):
        assert recogniser.recognise(query[start : start + 150]) is None


def test_a_sequence_that_two_loci_have_alike_has_none():
    one, other = (Exemplar(name, name, "Fictus albus", "") for name in ("12S", "16S"))
    assert decide_locus([(one, 200.0), (other, 199.0)], 300) is None
    assert decide_locus([(one, 200.0), (other, 100.0)], 300).locus == "12S"
    foreign = Exemplar("rrn16", NO_LOCUS, "Escherichia coli", "")
    assert decide_locus([(one, 200.0), (foreign, 199.0)], 300) is None


def test_more_bases_need_a_higher_score():
    one = Exemplar("one", "12S", "Fictus albus", "")
    assert decide_locus([(one, 45.0)], 150).locus == "12S"
    assert decide_locus([(one, 45.0)], 1200) is None


def test_a_far_relative_gets_its_locus_and_a_probability():
    """COI at 88 % to a record, with synonymous changes alone: once it had no probability."""
    library = open_library()
    rng = random.Random(3)
    sequence = next(
        sequence
        for record, sequence in library.records("COI")
        if record.class_ == "Aves" and len(sequence) == 658 and not set(sequence) - set("ACGT")
    )
    # The barcode begins with the second base of a codon; C and T are alike at third places.
    places = [place for place in range(1, 658, 3) if sequence[place] in "CT"]
    letters = list(sequence)
    for place in rng.sample(places, 79):
        letters[place] = "CT"[letters[place] == "C"]
    result = identify("".join(letters), library=library)[0]
    assert result.candidates == ()
    assert (result.status, result.locus) == ("nothing_near", "COI")
    assert result.probability is not None
    assert result.to_dict()["locus_recognised"]["locus"] == "COI"
    assert "NO_LOCUS" not in {warning.code for warning in result.warnings}


def test_a_locus_that_the_library_lacks_is_named_and_has_no_probability(library):
    query = next(e.sequence for e in packaged_exemplars() if e.name == "AF142731.1")
    result = identify(query, library=library)[0]
    assert (result.status, result.locus, result.probability) == ("nothing_near", None, None)
    assert result.recognised.locus == "matK"
    (warning,) = [w for w in result.warnings if w.code == "LOCUS_NOT_IN_LIBRARY"]
    assert "matK" in warning.message


def test_records_of_the_library_are_asked_where_the_packaged_exemplars_do_not_decide(tmp_path):
    rng = random.Random(9)
    control = random_sequence(rng, 600)
    records = [
        (ReferenceRecord.named(f"C{n}", "Fictus albus", locus="CR"), mutated(rng, control, 0.02))
        for n in range(5)
    ]
    records += [pair for pair in reference_records() if pair[0].locus == "12S"]
    write_library(tmp_path / "library", records, name="control")
    query = mutated(rng, control, 0.18)
    assert packaged_recogniser().recognise(query) is None
    assert identify(query, library=open_library(tmp_path / "library"))[0].locus == "CR"


def test_a_random_sequence_has_no_locus_in_a_result():
    # The embedded library holds the control region, which orders do not share.
    result = identify(random_sequence(random.Random(6), 658))[0]
    assert (result.status, result.locus, result.recognised) == ("nothing_near", None, None)
    assert "NO_LOCUS" in {warning.code for warning in result.warnings}


@pytest.mark.parametrize("text", [">a|COI|Fictus albus\nACGT", "ACGT", ">a|COI|b|c\n>d|COI|e|f"])
def test_a_damaged_file_of_exemplars_is_refused_with_its_line(text):
    with pytest.raises(LibraryError, match="damaged in line"):
        list(read_exemplars(text.splitlines(), Path("exemplars.fasta")))


@pytest.mark.parametrize("locus", LOCI)
def test_pieces_of_the_evaluation_data_have_their_locus(locus):
    """Without the exemplars of their genus; benchmarks/loci.py has the figures of all."""
    import gzip

    path = DATA / "barcodes" / f"{locus}.fasta.gz"
    if not path.is_file():
        pytest.skip("the evaluation data are not here")
    with gzip.open(path, "rt", encoding="ascii") as handle:
        entries = [entry.split("\n", 1) for entry in handle.read().split(">")[1:]]
    rng = random.Random(locus)
    long = [(h.split("|")[1], "".join(s.split()).upper()) for h, s in entries]
    drawn = rng.sample([pair for pair in long if len(pair[1]) >= 150], 20)
    recogniser = packaged_recogniser()
    for name, sequence in drawn:
        start = rng.randrange(len(sequence) - 149)
        piece = sequence[start : start + 150]
        others = (
            (exemplar, bits)
            for exemplar, bits in recogniser.similar(piece)
            if exemplar.species.split()[0] != name.split()[0]
        )
        found = decide_locus(others, len(piece))
        assert found is not None, name
        assert found.locus == locus
