"""Double peaks of SIMULATED chromatograms, whose truth is known."""

import random
import struct
from functools import cache

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import ab1, abif, mutate, random_sequence
from trace_simulation import ab1_of, simulate

from forensics.barcode.locus import IUPAC
from forensics.barcode.reading.chromatogram import (
    CHROMATOGRAM_LIMIT,
    Chromatogram,
    code_of,
    double_peaks,
    error_probability,
    read_chromatogram,
    secondary_peaks,
    trim,
)
from forensics.barcode.reading.sanger import MANY_SITES, Site, assemble, superposed_from
from forensics.errors import InputError

BASES = random_sequence(random.Random(2), 500)
QUALITIES = [5] * 30 + [40] * 420 + [4] * 50
WHOLE = ab1(BASES, QUALITIES)


@pytest.mark.parametrize("bases, qualities, start, end", [
    (BASES, QUALITIES, 30, 450),
    (BASES, [40] * 3 + [5] * 40 + [40] * 400 + [4] * 57, 43, 443),  # a good base before bad ones
    ("ACGT" * 125, QUALITIES, 30, 450),  # a repeat does not move it
    (BASES, [3] * 500, 0, 0),
])  # fmt: skip
def test_the_stretch_of_good_bases_is_kept(bases, qualities, start, end):
    found = read_chromatogram(ab1(bases, qualities), source="x.ab1")
    assert (found.sequence, found.trimmed) == (bases, bases[start:end])
    assert start == end or (found.start, found.end) == (start, end)


@given(st.lists(st.integers(0, 60), max_size=40))
def test_trimming_finds_the_largest_sum(qualities):
    worth = [0.05 - 10 ** (quality / -10) for quality in qualities]
    ends = range(len(worth) + 1)
    best = max(sum(worth[start:end]) for end in ends for start in range(end + 1))
    start, end = trim(qualities)
    assert sum(worth[start:end]) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("kept", [4, 20, 60, 100, 130, 400, 700, len(WHOLE) - 1])
def test_a_file_that_was_cut_off_is_refused_and_nothing_of_the_parser_quoted(kept):
    with pytest.raises(InputError) as caught:
        read_chromatogram(WHOLE[:kept], source="x.ab1")
    assert str(caught.value) == (
        "x.ab1: the chromatogram is damaged or cut off; copy it again from the instrument"
    )


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


RNG = random.Random(7)
ONE = random_sequence(RNG, 600)
OTHER = mutate(RNG, ONE, substitutions=60)
SHORTER = ONE[:300] + ONE[307:]


def peaks_of(chromatogram):
    return double_peaks(chromatogram, chromatogram.start, chromatogram.end)


@cache
def pair(templates, seed=1, **options):
    rng = numpy.random.default_rng(seed)
    return tuple(
        simulate(rng, list(templates), reverse=reverse, **options) for reverse in (False, True)
    )


def test_one_template_is_not_called_mixed():
    for seed in range(3):
        reads = pair(((ONE, 1.0),), seed)
        for some in (reads, reads[:1], reads[1:]):
            mixture = assemble(some).mixture
            assert not mixture.mixed
            assert mixture.counted < MANY_SITES


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_mixture_is_seen_on_one_strand_and_on_both(share):
    reads = pair(((ONE, share), (OTHER, 1 - share)))
    for some in (reads, reads[:1], reads[1:]):
        mixture = assemble(some).mixture
        assert mixture.many
        assert mixture.counted > 15


def test_a_tenth_is_seen_on_both_strands_only():
    reads = pair(((ONE, 0.9), (OTHER, 0.1)))
    both = assemble(reads).mixture
    assert both.faint
    assert not both.many
    assert not assemble(reads[:1]).mixture.mixed


def test_sites_are_where_the_templates_differ_and_their_codes_are_written():
    assembly = assemble(pair(((ONE, 0.6), (OTHER, 0.4))))
    clear = [site for site in assembly.mixture.sites if site.counts]
    # Where the consensus begins in the template is found from its plain bases.
    offsets = {
        ONE.find(assembly.sequence[n : n + 15]) - n
        for n in range(0, 500)
        if ONE.find(assembly.sequence[n : n + 15]) >= 0
    }
    (offset,) = offsets
    right = [
        site
        for site in clear
        if set(IUPAC[site.code]) == {ONE[site.position + offset], OTHER[site.position + offset]}
    ]
    assert len(right) >= 0.95 * len(clear)
    written = sum(assembly.sequence[site.position] == site.code for site in right)
    assert written > 0.8 * len(right)


def test_a_shifted_template_is_told_from_where_it_begins():
    forward, reverse = pair(((ONE, 0.5), (SHORTER, 0.5)))
    assert superposed_from(forward) == pytest.approx(300, abs=12)
    assert superposed_from(reverse) == pytest.approx(600 - 307, abs=12)
    assert assemble([forward]).mixture.superposed
    assert superposed_from(pair(((ONE, 1.0),))[0]) is None


def drawn(bases, heights, *, seconds=()):
    """Return a chromatogram with clean peaks, and second peaks (place, base, ratio)."""
    scans = numpy.arange(12 * (len(bases) + 2))
    channels = {base: numpy.zeros(len(scans)) for base in "ACGT"}
    positions = [12 * (n + 1) for n in range(len(bases))]

    def add(base, centre, height):
        channels[base] += height * numpy.exp(-0.5 * ((scans - centre) / 3.6) ** 2)

    for at, base, height in zip(positions, bases, heights):
        add(base, at, height)
    for place, base, ratio in seconds:
        add(base, positions[place], ratio * heights[place])
    return Chromatogram(
        bases, (40,) * len(bases), 0, len(bases), positions=tuple(positions), channels=channels
    )


def test_a_second_peak_is_found_with_its_height():
    bases = "ACGT" * 10
    chromatogram = drawn(bases, [1000] * 40, seconds=[(20, "G", 0.5)])
    (peak,) = peaks_of(chromatogram)
    assert (peak.position, peak.base, peak.other, peak.code) == (20, "A", "G", "R")
    assert peak.ratio == pytest.approx(0.5, abs=0.02)


def test_the_shoulder_of_a_high_neighbour_is_no_second_peak():
    heights = [300 if n % 2 else 3000 for n in range(40)]
    assert peaks_of(drawn("AC" * 20, heights)) == []


def test_what_a_colour_shows_under_most_bases_of_a_kind_is_pull_up():
    seconds = [(n, "G", 0.4) for n in range(0, 40, 4)]  # G under every A
    assert peaks_of(drawn("ACGT" * 10, [1000] * 40, seconds=seconds)) == []


def test_a_base_called_n_is_taken_by_its_highest_peak():
    bases = "ACGT" * 10
    chromatogram = drawn(bases, [1000] * 40, seconds=[(20, "T", 0.9)])
    unsure = Chromatogram(
        bases[:20] + "N" + bases[21:],
        chromatogram.qualities,
        0,
        40,
        positions=chromatogram.positions,
        channels=chromatogram.channels,
    )
    (peak,) = peaks_of(unsure)
    assert (peak.base, peak.other) == ("A", "T")


def test_without_curves_there_are_no_peaks():
    bare = Chromatogram("ACGT", (40,) * 4, 0, 4)
    assert secondary_peaks(bare) == []
    assert peaks_of(bare) == []
    assert superposed_from(bare) is None


@pytest.mark.parametrize("code", IUPAC)
def test_codes_are_those_of_their_bases(code):
    assert code_of(IUPAC[code]) == code


def test_a_site_counts_where_it_is_clear_and_no_other_read_speaks_against_it():
    assert Site(0, "R", 0.5, "both", True).counts
    assert Site(0, "R", 0.5, "alone", True).counts
    assert not Site(0, "R", 0.5, "one", True).counts
    assert not Site(0, "R", 0.5, "both", False).counts
