from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.reading.consensus import Habits, Run, call_run, habits_of

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


def test_a_long_run_is_called_long_although_most_reads_say_short():
    assert called(run(TTTTT=92, TTTTTT=52, TTTT=41, TTTTTTT=9)) == "TTTTTT"
    assert called(run(CCC=73, CCCC=50, CC=25, C=8), "C") == "CCCC"


def test_a_short_run_is_not_made_longer_by_errors():
    assert called(run(TTTT=129, TTT=45, TTTTT=15, TT=5)) == "TTTT"
    assert called(run(T=187, nothing=25, TT=9)) == "T"


def test_a_base_that_is_not_there_is_called_missing():
    assert called(run(nothing=90, A=8), "A") == ""


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
