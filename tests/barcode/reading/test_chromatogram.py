import random
import struct

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import ab1, abif, random_sequence
from trace_simulation import ab1_of, simulate

from forensics.barcode.reading.chromatogram import (
    CHROMATOGRAM_LIMIT,
    error_probability,
    read_chromatogram,
    trim,
)
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
    for qualities, tags in ((None, ("PBAS",)), ([0] * len(BASES), ("PBAS", "PCON"))):
        with pytest.raises(InputError, match="no base qualities.*base caller"):
            read_chromatogram(ab1(BASES, qualities, tags=tags), source="x.ab1")


@pytest.fixture(scope="module")
def traced():
    """A simulated chromatogram with curves."""
    return simulate(numpy.random.default_rng(1), [(BASES, 1.0)])


def test_curves_places_and_run_are_read(traced):
    found = read_chromatogram(ab1_of(traced), source="x.ab1")
    assert (found.sequence, found.qualities) == (traced.sequence, traced.qualities)
    assert found.positions == traced.positions
    for base in "ACGT":
        assert (found.channels[base] == traced.channels[base]).all()
    assert found.run == {"sample": "SIMULATED", "basecaller": "simulated"}
    assert (found.start, found.end) == trim(found.qualities)
    assert not found.edited
    called = numpy.array([place for place, base in enumerate(found.sequence) if base != "N"])
    highest = found.amplitudes.argmax(axis=1)
    assert "".join("ACGT"[highest[n]] for n in called) == found.sequence.replace("N", "")


def test_expected_errors_are_the_sum_of_those_of_the_kept_bases(traced):
    kept = traced.qualities[traced.start : traced.end]
    assert traced.expected_errors == pytest.approx(sum(10 ** (-q / 10) for q in kept))
    assert error_probability(30) == pytest.approx(0.001)


def test_a_file_without_curves_is_read_without_them():
    found = read_chromatogram(WHOLE, source="x.ab1")
    assert (found.positions, found.channels, found.amplitudes.shape) == ((), {}, (0, 4))


def test_bases_edited_by_hand_are_told_and_not_used():
    edited = "A" * len(BASES)
    items = [("PBAS", 1, 2, edited.encode()), ("PBAS", 2, 2, BASES.encode())]
    items.append(("PCON", 2, 2, bytes(QUALITIES)))
    found = read_chromatogram(abif(items), source="x.ab1")
    assert found.edited
    assert found.sequence == BASES


def items_of(traced, **changed):
    items = {
        "PBAS": (2, 2, traced.sequence.encode()),
        "PCON": (2, 2, bytes(traced.qualities)),
        "PLOC": (2, 4, numpy.array(traced.positions, ">i2").tobytes()),
        "FWO_": (1, 2, b"GATC"),
    } | changed
    curves = [
        ("DATA", 9 + n, 4, traced.channels[base].astype(">i2").tobytes())
        for n, base in enumerate("GATC")
    ]
    return abif([(tag, *rest) for tag, rest in items.items()] + curves)


@pytest.mark.parametrize(
    "changed",
    [
        {"PLOC": (2, 4, bytes(20))},  # too few
        {"PLOC": (2, 4, bytes(2 * 498) + struct.pack(">2h", 30000, 30001))},  # outside
        {"PLOC": (2, 4, struct.pack(">h", 500) + bytes(2 * 499))},  # falling
        {"PCON": (2, 2, bytes(300))},
        {"PCON": (2, 2, bytes([94] * 500))},
        {"PBAS": (2, 2, b"ACGE" * 125)},
    ],
)
def test_what_does_not_fit_together_is_called_damage(traced, changed):
    with pytest.raises(InputError, match="damaged or cut off; copy it again from the instrument"):
        read_chromatogram(items_of(traced, **changed), source="x.ab1")


def test_an_unknown_order_of_dyes_leaves_the_curves_out(traced):
    assert not read_chromatogram(items_of(traced, FWO_=(1, 2, b"GATT")), source="x").channels


def test_a_message_quotes_nothing_of_the_parser(traced):
    with pytest.raises(InputError) as caught:
        read_chromatogram(WHOLE[:100], source="x.ab1")
    assert str(caught.value) == (
        "x.ab1: the chromatogram is damaged or cut off; copy it again from the instrument"
    )


def test_sizes_are_checked_before_anything_is_unpacked(monkeypatch):
    monkeypatch.setattr("Bio.SeqIO.read", lambda *_: pytest.fail("it was read"))
    with pytest.raises(InputError, match="larger than 4 MB"):
        read_chromatogram(bytes(CHROMATOGRAM_LIMIT + 1), source="x.ab1")
    # A thousand items that all point to the same half megabyte.
    entry = struct.pack(">4sI2H4I", b"DATA", 1, 2, 1, 500_000, 500_000, 128, 0)
    directory = 128 + 500_000
    head = b"ABIF" + struct.pack(">H4sI2H3I", 101, b"tdir", 1, 1023, 28, 1000, 28_000, directory)
    bomb = head.ljust(directory, b"\0") + entry * 1000
    with pytest.raises(InputError, match="damaged"):
        read_chromatogram(bomb, source="x.ab1")


def test_damage_to_a_file_with_curves_never_ends_in_another_exception(traced):
    whole = ab1_of(traced)
    rng = random.Random(4)
    directory = len(whole) - 28 * 11
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[rng.choice([rng.randrange(34), rng.randrange(directory, len(whole))])] = (
                rng.randrange(256)
            )
        try:
            found = read_chromatogram(bytes(damaged), source="x.ab1")
        except InputError as error:
            assert str(error).startswith("x.ab1: ")
        else:
            assert len(found.sequence) == len(found.qualities)
            assert len(found.positions) in (0, len(found.sequence))
