"""Stretches that two sequences share."""

import random

import pytest
from Bio.Align import PairwiseAligner, substitution_matrices
from simulation import random_sequence

from forensics.barcode.recognition import AMINO, BASES, WordIndex, best_chain


def test_scores_are_those_of_blosum62():
    matrix = substitution_matrices.load("BLOSUM62")
    letters = "ARNDCQEGHILKMFPSTWYV"
    for one in letters:
        for other in letters:
            assert AMINO.scores[one + other] == matrix[one][other]


def test_a_shared_stretch_is_found_whole():
    rng = random.Random(1)
    shared = random_sequence(rng, 60)
    text = random_sequence(rng, 40) + shared + random_sequence(rng, 40)
    query = random_sequence(rng, 25) + shared + random_sequence(rng, 25)
    best = max(WordIndex([text], BASES).segments(query)[0], key=lambda segment: segment[3])
    start, end, shift, score = best
    assert start <= 25 and end >= 85
    assert shift == 15
    assert score >= 300


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
    score, places = best_chain(WordIndex([text], BASES).segments(query).get(0, []), BASES)
    assert 0 < score <= aligner.score(query, text)
    assert places == sorted(places) and places


def test_segments_that_cross_are_not_chained():
    assert best_chain([(0, 20, 50, 80), (25, 50, 0, 90)], BASES) == (90, [(25, 50)])
    assert best_chain([], BASES) == (0, [])


def test_proteins_need_two_words_on_a_diagonal():
    text = "MKVLAAGIVGLPNVGKSTLF"
    assert WordIndex([text], AMINO).segments("AAGIVGLPNVG")
    assert not WordIndex([text], AMINO).segments("WWWGIVWWW")
