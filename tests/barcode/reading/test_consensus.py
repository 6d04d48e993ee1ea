import random

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, nanopore_reads, random_sequence

from forensics.barcode.locus import IUPAC, reverse_complement
from forensics.barcode.reading import consensus
from forensics.barcode.reading.chromatogram import DoublePeak
from forensics.barcode.reading.consensus import (
    GAP,
    Habits,
    Read,
    ReadsDisagree,
    Run,
    Seen,
    call_run,
    habits_of,
    merge,
    polish,
)

WHOLE = random_sequence(random.Random(9), 400)


def read(number, sequence, error=0.001, **at):
    """Return a read; `at` gives the error at places (``p12=0.2``)."""
    errors = {int(name[1:]): value for name, value in at.items()}
    return [Seen(number, n, base, errors.get(n, error)) for n, base in enumerate(sequence)]


def changed(sequence, place, base):
    return sequence[:place] + base + sequence[place + 1 :]


def other(base):
    return "ACGT"["ACGT".index(base) - 1]


def test_overlapping_reads_become_one():
    merged = merge([read(0, WHOLE[:300]), read(1, WHOLE[100:])])
    assert merged.sequence == WHOLE
    assert (merged.overlap, merged.compared, merged.differing) == (200, 200, 0)
    assert merged.agreement == 1
    assert merged.reversed == (False, False)
    assert [len(column) for column in merged.columns] == [1] * 100 + [2] * 200 + [1] * 100


@given(st.integers(0, 150), st.integers(250, 400), st.booleans())
@examples(25)
def test_the_strand_of_the_second_is_found_from_its_bases(start, end, first_turned):
    reads = [WHOLE[:end], reverse_complement(WHOLE[start:])]
    merged = merge([read(n, text) for n, text in enumerate(reads)])
    assert merged.sequence == WHOLE
    assert merged.reversed == (False, True)
    turned = merge([read(n, text) for n, text in enumerate(reversed(reads))])
    assert turned.sequence == reverse_complement(WHOLE)


def test_agreement_gains_quality_as_edgar_and_flyvbjerg_say():
    # doi:10.1093/bioinformatics/btv401, equations for agreeing and for differing bases
    p, q = 0.01, 0.05
    merged = merge([read(0, WHOLE, p), read(1, WHOLE, q)])
    agree = p * q / 3 / (1 - p - q + 4 * p * q / 3)
    assert merged.errors == pytest.approx([agree] * len(WHOLE))
    p, q = 0.0001, 0.05
    wrong = changed(WHOLE, 200, other(WHOLE[200]))
    merged = merge([read(0, WHOLE, p), read(1, wrong, q)])
    assert merged.sequence == WHOLE
    differ = p * (1 - q / 3) / (p + q - 4 * p * q / 3)
    assert merged.errors[200] == pytest.approx(differ, rel=1e-6)


def test_where_neither_base_is_clearly_better_both_are_written():
    base = other(WHOLE[200])
    wrong = changed(WHOLE, 200, base)
    merged = merge([read(0, WHOLE), read(1, wrong, p200=0.002)])
    assert set(IUPAC[merged.sequence[200]]) == {WHOLE[200], base}
    assert changed(merged.sequence, 200, WHOLE[200]) == WHOLE
    ((place, column),) = merged.conflicts
    assert place == 200
    assert {(seen.read, seen.base, seen.error) for seen in column} == {
        (0, WHOLE[200], 0.001),
        (1, base, 0.002),
    }


def test_a_base_called_n_is_no_conflict_and_the_other_read_fills_it():
    merged = merge([read(0, changed(WHOLE, 200, "N"), p200=0.5), read(1, WHOLE)])
    assert merged.sequence == WHOLE
    assert merged.conflicts == ()


@pytest.mark.parametrize("missing", [False, True])
def test_a_base_too_many_is_settled_by_quality(missing):
    longer = WHOLE[:200] + other(WHOLE[200]) + WHOLE[200:]
    merged = merge([read(0, WHOLE), read(1, longer, p200=0.00001 if missing else 0.3)])
    assert merged.sequence == (longer if missing else WHOLE)
    ((_place, column),) = merged.conflicts
    assert GAP in {seen.base for seen in column}
    assert merged.agreement == pytest.approx(400 / 401)


def peak(base, second, ratio=0.6):
    return DoublePeak(0, base, second, ratio, 0.0)


def test_a_double_peak_of_both_strands_is_written_as_a_code_and_of_one_is_not():
    base, second = WHOLE[200], other(WHOLE[200])

    def with_peak(number):
        reads = read(number, WHOLE)
        reads[200] = Seen(number, 200, base, 0.02, peak(base, second), double=True)
        return reads

    both = merge([with_peak(0), with_peak(1)])
    assert set(IUPAC[both.sequence[200]]) == {base, second}
    assert both.conflicts == ()
    alone = merge([with_peak(0), read(1, WHOLE, 0.00001)])
    assert alone.sequence == WHOLE
    single = merge([with_peak(0)])
    assert set(IUPAC[single.sequence[200]]) == {base, second}


def test_reads_of_two_samples_are_refused():
    far = mutate(random.Random(1), WHOLE, substitutions=30)
    with pytest.raises(ReadsDisagree) as caught:
        merge([read(0, WHOLE), read(1, reverse_complement(far))])
    assert caught.value.read == 1
    assert caught.value.differing > 0.05 * caught.value.compared


def test_reads_that_hardly_meet_are_refused():
    with pytest.raises(ReadsDisagree) as caught:
        merge([read(0, WHOLE[:220]), read(1, WHOLE[200:])])
    assert caught.value.overlap < 50
    with pytest.raises(ReadsDisagree):
        merge([read(0, WHOLE), read(1, random_sequence(random.Random(10), 400))])


def test_errors_at_bad_bases_are_no_disagreement():
    rng = random.Random(2)
    bad = {n: rng.random() < 0.1 for n in range(400)}
    text = "".join(other(base) if bad[n] else base for n, base in enumerate(WHOLE))
    reads = [Seen(1, n, base, 0.2 if bad[n] else 0.001) for n, base in enumerate(text)]
    assert merge([read(0, WHOLE), reads]).sequence == WHOLE


def test_three_reads():
    reads = [WHOLE[:200], reverse_complement(WHOLE[100:350]), WHOLE[250:]]
    merged = merge([read(n, text) for n, text in enumerate(reads)])
    assert merged.sequence == WHOLE
    assert merged.reversed == (False, True, False)
    assert {seen.read for column in merged.columns for seen in column} == {0, 1, 2}


@given(st.data())
@examples(25)
def test_every_base_of_every_read_is_in_one_column(data):
    rng = random.Random(data.draw(st.integers(0, 10**6)))
    texts = [
        mutate(rng, WHOLE[a:b], substitutions=2, insertions=2, deletions=2)
        for a, b in ((0, 300), (80, 400))
    ]
    merged = merge([read(n, text, 0.2) for n, text in enumerate(texts)])
    kept = [seen for column in merged.columns for seen in column if seen.base != GAP]
    lost = [
        seen
        for _place, column in merged.conflicts
        if column not in merged.columns
        for seen in column
        if seen.base != GAP
    ]
    for number, text in enumerate(texts):
        ours = sorted(seen.position for seen in {*kept, *lost} if seen.read == number)
        assert ours == list(range(len(text)))


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


# As measured on real reads of pore R9.4, for runs of 0, 1 … 5 bases.
HABITS = [
    Habits(0.04, 0.01, 0.04),
    Habits(0.04, 0.01, 0.04),
    Habits(0.13, 0.015, 0.08),
    Habits(0.18, 0.04, 0.08),
    Habits(0.31, 0.045, 0.11),
    Habits(0.55, 0.05, 0.10),
]


def run(**votes):
    made = Run()
    for said, trust in votes.items():
        made.add("" if said == "nothing" else said, trust, 0)
    return made


def called(made, letter="T"):
    return call_run(letter, made, HABITS)[0][0]


@pytest.mark.parametrize("votes, letter, expected", [
    # Long, although most reads say short.
    ({"TTTTT": 92, "TTTTTT": 52, "TTTT": 41, "TTTTTTT": 9}, "T", "TTTTTT"),
    ({"CCC": 73, "CCCC": 50, "CC": 25, "C": 8}, "C", "CCCC"),
    # Short, and not made longer by errors.
    ({"TTTT": 129, "TTT": 45, "TTTTT": 15, "TT": 5}, "T", "TTTT"),
    ({"T": 187, "nothing": 25, "TT": 9}, "T", "T"),
    ({"nothing": 90, "A": 8}, "A", ""),
])  # fmt: skip
def test_a_run_is_called_as_long_as_the_habits_of_reads_say(votes, letter, expected):
    assert called(run(**votes), letter) == expected


def test_depth_makes_no_call_surer_than_its_shares_are():
    def wrong(times):
        return 1 - call_run("C", run(CCC=73 * times, CCCC=50 * times, CC=25 * times), HABITS)[0][1]

    assert wrong(1) > 0.001
    assert wrong(1000) > 0.5 * wrong(10)


@given(
    st.dictionaries(st.text("ACGT", max_size=8), st.floats(0.01, 500), min_size=1, max_size=8),
    st.sampled_from("ACGT"),
)
def test_the_probabilities_of_candidates_are_probabilities(votes, letter):
    made = Run()
    for said, trust in votes.items():
        made.add(said, trust, 0)
    candidates = call_run(letter, made, HABITS)
    chances = [chance for _said, chance in candidates]
    assert abs(sum(chances) - 1) < 1e-9
    assert chances == sorted(chances, reverse=True)
    assert {said for said, _chance in candidates} <= set(votes)


def test_habits_are_those_of_the_runs_of_that_length():
    runs = [run(A=90, nothing=10), run(CC=80, C=20)]
    _none, one, two, *_longer = habits_of(["A", "CC"] * 20, runs * 20)
    assert round(one.shorter, 2) == 0.09  # a little is added for want of data
    assert round(two.shorter, 1) == 0.2
    assert one.longer < 0.01
