"""A small part of benchmarks/destructive.py: wrong input makes no false statement. SIMULATED data."""

import pytest
from benchmark_modules import benchmark


@pytest.fixture(scope="module")
def destructive(root):
    with benchmark(root, "destructive") as module:
        yield module


# Kind of input, and seeds of it. Of the wrong ones the code before the check of fit made a false
# statement of each.
WRONG = {
    "wrong end, 5 samples": (0, 1, 2),
    "two populations (FST 0.15), reference of one": (0,),
    "third diet, one animal": (0, 1),
    "40 wild animals of a place half way to captive": (0, 1),
}
RIGHT = {
    "right, 5 samples": (0, 1, 2),
    "right, 60 animals, reference of 40": (0, 1),
    "right, one wild animal": (0, 1),
    "right, 40 captive animals of one farm": (0, 1),
}


def outcomes(module, what, seeds):
    (found,) = [one for part in module.KINDS.values() for one in part if one.what == what]
    return found, [found.run(seed) for seed in seeds]


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_makes_no_false_statement(destructive, what):
    found, runs = outcomes(destructive, what, WRONG[what])
    assert not found.right and not any(one.false for one in runs)


@pytest.mark.parametrize("what", RIGHT)
def test_right_input_is_not_refused(destructive, what):
    found, runs = outcomes(destructive, what, RIGHT[what])
    assert found.right and not any(one.refused or one.false for one in runs)


def test_every_kind_of_input_has_a_name_of_its_own(destructive):
    names = [one.what for part in destructive.KINDS.values() for one in part]
    assert len(set(names)) == len(names) >= 20
    assert all(one.command for part in destructive.KINDS.values() for one in part)
