import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import ab1, random_sequence

from forensics.barcode.chromatogram import read_chromatogram, trim
from forensics.errors import InputError

BASES = random_sequence(random.Random(2), 500)
QUALITIES = [5] * 30 + [40] * 420 + [4] * 50
WHOLE = ab1(BASES, QUALITIES)


def test_the_stretch_of_good_bases_is_kept():
    found = read_chromatogram(WHOLE, source="x.ab1")
    assert found.sequence == BASES
    assert (found.start, found.end) == (30, 450)
    assert found.trimmed == BASES[30:450]


def test_a_good_base_before_bad_ones_does_not_begin_the_stretch():
    qualities = [40] * 3 + [5] * 40 + [40] * 400 + [4] * 57
    found = read_chromatogram(ab1(BASES, qualities), source="x.ab1")
    assert (found.start, found.end) == (43, 443)


def test_a_repeat_does_not_move_the_stretch():
    found = read_chromatogram(ab1("ACGT" * 125, QUALITIES), source="x.ab1")
    assert (found.start, found.end) == (30, 450)


def test_nothing_good_keeps_nothing():
    assert read_chromatogram(ab1(BASES, [3] * 500), source="x.ab1").trimmed == ""


@given(st.lists(st.integers(0, 60), max_size=40))
def test_trimming_finds_the_largest_sum(qualities):
    worth = [0.05 - 10 ** (quality / -10) for quality in qualities]
    ends = range(len(worth) + 1)
    best = max(sum(worth[start:end]) for end in ends for start in range(end + 1))
    start, end = trim(qualities)
    assert sum(worth[start:end]) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("kept", [4, 20, 60, 130, 400, 700, len(WHOLE) - 1])
def test_a_file_that_was_cut_off_is_refused(kept):
    with pytest.raises(InputError, match=r"^x\.ab1: the chromatogram is damaged or cut off.*again"):
        read_chromatogram(WHOLE[:kept], source="x.ab1")


def test_damage_never_ends_in_another_exception():
    rng = random.Random(3)
    for _ in range(200):
        damaged = bytearray(WHOLE)
        for _ in range(5):
            damaged[rng.choice([rng.randrange(34), rng.randrange(len(WHOLE))])] = rng.randrange(256)
        try:
            read_chromatogram(bytes(damaged), source="x.ab1")
        except InputError as error:
            assert str(error).startswith("x.ab1: ")


def test_no_bases_no_qualities_and_fragment_analyses_are_told():
    with pytest.raises(InputError, match="no called bases"):
        read_chromatogram(ab1("", []), source="x.ab1")
    with pytest.raises(InputError, match="no called bases"):
        read_chromatogram(ab1("", [], tags=()), source="x.ab1")
    with pytest.raises(InputError, match="no base qualities"):
        read_chromatogram(ab1(BASES, None, tags=("PBAS",)), source="x.ab1")
