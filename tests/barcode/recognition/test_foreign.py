"""A sequence of no locus of a library is not said to be missing from it."""

import random

import pytest
from simulation import far_sequence, random_sequence, reference_records

from forensics import identify
from forensics.barcode.locus import reverse_complement
from forensics.barcode.recognition import (
    MIN_ENTROPY,
    NO_LOCUS,
    TELLING,
    find_foreign,
    judge_scores,
    packaged_exemplars,
    packaged_recogniser,
    triplet_entropy,
)
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library


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
