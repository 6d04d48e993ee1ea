import random

from hypothesis import given
from hypothesis import strategies as st
from simulation import nanopore_reads, random_sequence

from forensics.barcode.reading import consensus
from forensics.barcode.reading.consensus import Read, polish

TRUTH = random_sequence(random.Random(1), 300)


def as_reads(pairs, error=0.1):
    return [Read(sequence, (1 - error,) * len(sequence), error) for sequence, _qualities in pairs]


def simulated(count, truth=TRUTH, **more):
    return as_reads(nanopore_reads(random.Random(2), truth, count, turned=0, **more))


def test_forty_reads_with_a_tenth_wrong_give_the_sequence():
    draft = polish(simulated(40))
    # The first and last bases may stay open: few reads reach them.
    assert draft.sequence in TRUTH
    assert len(draft.sequence) >= len(TRUTH) - 3
    assert draft.errors < 3


def test_a_stretch_that_the_first_draft_lacks_is_put_back():
    reads = simulated(40)
    short = TRUTH[:150] + TRUTH[155:]
    reads = [Read(short, (0.99,) * len(short), 0.01), *reads]
    assert TRUTH[140:165] in polish(reads).sequence


def test_where_neither_of_two_bases_wins_both_are_written():
    other = TRUTH[:150] + next(b for b in "ACGT" if b not in TRUTH[149:152]) + TRUTH[151:]
    reads = as_reads([(TRUTH, "")] * 20 + [(other, "")] * 20, 0.01)
    sequence = polish(reads).sequence
    assert len(sequence) == 300
    assert [place for place, base in enumerate(sequence) if base not in "ACGT"] == [150]


def test_equal_reads_are_their_own_consensus():
    draft = polish(as_reads([(TRUTH, "")] * 5, 0.01))
    assert draft.sequence == TRUTH


def test_ends_that_few_reads_reach_are_cut():
    reads = as_reads([(TRUTH[40:], "")] * 12 + [(TRUTH, "")] * 4, 0.01)
    sequence = polish(reads).sequence
    assert TRUTH.endswith(sequence)
    assert 255 <= len(sequence) <= 262


def test_a_turned_read_is_the_other_strand_and_says_so():
    turned = Read("AACG", (0.9, 0.8, 0.7, 0.6), 0.2).turned()
    assert (turned.sequence, turned.trust, turned.reverse) == ("CGTT", (0.6, 0.7, 0.8, 0.9), True)
    assert turned.turned() == Read("AACG", (0.9, 0.8, 0.7, 0.6), 0.2)


@given(st.text("ACGT", min_size=20, max_size=60), st.text("ACGT", min_size=20, max_size=60))
def test_the_pieces_of_a_read_follow_one_another(draft, read):
    places = [match.span() for match in consensus._RUN.finditer(draft)]
    pieces = list(consensus._pieces(draft, places, read))
    assert all(0 <= start <= end <= len(read) for _run, start, end in pieces)
    assert all(one[2] == two[1] for one, two in zip(pieces, pieces[1:]))
    assert [run for run, _start, _end in pieces] == sorted({run for run, _s, _e in pieces})


def test_a_base_more_in_one_run_and_a_base_less_in_the_next_is_not_a_wrong_base():
    draft, read = "GACTGACCCTTTTTGACTGA", "GACTGACCCCTTTTGACTGA"
    places = [match.span() for match in consensus._RUN.finditer(draft)]
    said = {
        draft[slice(*places[run])]: read[s:e]
        for run, s, e in consensus._pieces(draft, places, read)
    }
    assert said["CCC"] == "CCCC"
    assert said["TTTTT"] == "TTTT"
