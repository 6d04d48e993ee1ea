"""Which locus a sequence is of, where nothing is near."""

import gzip
import random
from pathlib import Path

import pytest
from Bio.Align import PairwiseAligner, substitution_matrices
from simulation import far_sequence, random_sequence, reference_records

from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.recognition import (
    AMINO,
    BASES,
    MIN_ENTROPY,
    MIN_LEAD,
    NO_LOCUS,
    TELLING,
    Exemplar,
    Recogniser,
    WordIndex,
    decide_locus,
    find_foreign,
    judge_scores,
    packaged_exemplars,
    packaged_recogniser,
    read_exemplars,
    triplet_entropy,
)
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import LibraryError
from forensics.examination import identify

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
def test_pieces_of_the_evaluation_data_have_their_locus(evaluation_data, locus):
    """Without the exemplars of their genus; benchmarks/loci.py has the figures of all."""
    path = evaluation_data / "barcodes" / f"{locus}.fasta.gz"
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


# -- A sequence of no locus of a library is not said to be missing from it


def exemplar(locus, species=""):
    return next(
        e.sequence for e in packaged_exemplars() if e.locus == locus and species in e.species
    )


FOREIGN = {
    "poly-A": ("A" * 650, "low_complexity"),
    "a microsatellite": ("GATA" * 100, "low_complexity"),
    "E. coli 16S": (exemplar(NO_LOCUS, "Escherichia")[300:1000], "ribosomal"),
    "E. coli 16S, other strand": (
        reverse_complement(exemplar(NO_LOCUS, "Escherichia")[300:1000]),
        "ribosomal",
    ),
    "ITS of a plant": (exemplar("ITS"), "other_locus"),
    "random": (random_sequence(random.Random(4), 650), "no_locus"),
}


@pytest.fixture(scope="module")
def of_one_locus(tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "coi"
    write_library(path, [pair for pair in reference_records() if pair[0].locus == "COI"], name="a")
    return open_library(path)


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_of_no_locus_of_the_library_gets_no_probability(of_one_locus, name):
    sequence, kind = FOREIGN[name]
    foreign = find_foreign(sequence, of_one_locus, ("COI",))
    assert foreign is not None and foreign.kind == kind
    (result,) = identify(sequence, library=of_one_locus)
    assert (result.probability, result.call.probabilities, result.candidates) == (None, None, ())
    if kind == "other_locus":  # the library lacks it, as with several loci
        assert result.status == "nothing_near" and result.recognised.locus == "ITS"
        assert "LOCUS_NOT_IN_LIBRARY" in result.codes
    else:
        assert result.status == "unusable" and "NOT_THIS_LOCUS" in result.codes
        assert "not of the locus" in result.headline() and "amplified" in result.advice()


def test_a_locus_that_the_library_has_and_that_was_not_asked_for_is_named():
    (result,) = identify(exemplar("ITS"), locus="COI")
    (notice,) = (notice for notice in result.notices if notice.code == "NOT_THIS_LOCUS")
    assert result.status == "unusable" and notice.message.endswith("it is ITS.")


def test_a_genuine_sequence_of_a_far_animal_is_in_question_and_not_foreign(of_one_locus):
    for strand in (far_sequence(), reverse_complement(far_sequence())):
        assert find_foreign(strand, of_one_locus, ("COI",)) is None
        assert identify(strand, library=of_one_locus)[0].status == "nothing_near"


def test_where_genuine_sequences_are_unlike_each_other_nothing_is_said_of_random_ones(of_one_locus):
    sequence = random_sequence(random.Random(4), 650)
    assert "CR" not in TELLING and "ITS" not in TELLING
    for loci in (("CR",), ("ITS",), ("COI", "CR")):
        assert find_foreign(sequence, of_one_locus, loci) is None
    short = sequence[: TELLING["COI"] - 1]
    assert find_foreign(short, of_one_locus, ("COI",)) is None


@pytest.mark.parametrize("locus", sorted(TELLING))
def test_exemplars_without_those_of_their_species_are_like_their_locus(locus):
    """benchmarks/foreign.py has the figures, without all of their order."""
    recogniser = packaged_recogniser()
    for one in [e for e in packaged_exemplars() if e.locus == locus][:6]:
        piece = one.sequence[: max(TELLING[locus], 300)]
        scores = [
            (e, bits)
            for e, bits in recogniser.similar(piece)
            if e.species.split()[0] != one.species.split()[0]
        ]
        if any(e.locus == locus for e, _bits in scores):
            assert judge_scores(scores, piece, (locus,)) is None


def test_exemplars_are_far_from_repeating_themselves():
    assert min(triplet_entropy(e.sequence) for e in packaged_exemplars()) > MIN_ENTROPY + 0.8


# -- Stretches that two sequences share


def test_scores_are_those_of_blosum62():
    matrix = substitution_matrices.load("BLOSUM62")
    letters = "ARNDCQEGHILKMFPSTWYV"
    for one in letters:
        for other in letters:
            score = memoryview(AMINO.scores).cast("b")[128 * ord(one) + ord(other)]
            assert score == matrix[one][other]


def test_a_shared_stretch_is_found_whole():
    rng = random.Random(1)
    shared = random_sequence(rng, 60)
    text = random_sequence(rng, 40) + shared + random_sequence(rng, 40)
    query = random_sequence(rng, 25) + shared + random_sequence(rng, 25)
    ((number, score, places),) = WordIndex([text], BASES).chains(query)
    assert number == 0 and score >= 300
    assert any(start <= 25 and end >= 85 for start, end in places)


@pytest.mark.parametrize("seed", range(8))
def test_a_chain_scores_no_more_than_the_best_alignment(seed):
    """With prices of gaps no higher than ours, Smith-Waterman is an upper bound."""
    rng = random.Random(seed)
    text = random_sequence(rng, 300)
    letters = [base if rng.random() > 0.2 else rng.choice("ACGT") for base in text]
    del letters[150:153]
    query = "".join(letters)
    aligner = PairwiseAligner(mode="local", match_score=5, mismatch_score=-4)
    aligner.open_gap_score, aligner.extend_gap_score = -2, -2
    ((_number, score, places),) = WordIndex([text], BASES).chains(query)
    assert 0 < score <= aligner.score(query, text)
    assert places == sorted(places) and places


def test_segments_are_chained_as_far_as_they_follow_each_other_in_both_sequences():
    rng = random.Random(3)
    one, other, between = (random_sequence(rng, length) for length in (20, 25, 40))
    words = WordIndex([one + between + other], BASES._replace(least=80))
    shift = BASES.shift + BASES.letter * len(between)
    (apart,), (crossed,) = (words.chains(query) for query in (one + other, other + one))
    assert apart == (0, 5 * (20 + 25) - shift, [(0, 20), (20, 45)])
    assert crossed == (0, 5 * 25, [(0, 25)])


def test_proteins_need_two_words_on_a_diagonal():
    text = "MKVLAAGIVGLPNVGKSTLF"
    assert WordIndex([text], AMINO).chains("AAGIVGLPNVG")
    assert not WordIndex([text], AMINO).chains("WWWGIVWWW")
