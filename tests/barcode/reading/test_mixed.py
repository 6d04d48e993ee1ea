"""Double peaks of SIMULATED chromatograms, whose truth is known."""

import random
from functools import cache

import numpy
import pytest
from simulation import mutate, random_sequence
from trace_simulation import simulate

from forensics.barcode.reading.chromatogram import (
    Chromatogram,
    code_of,
    double_peaks,
    secondary_peaks,
)
from forensics.barcode.reading.sanger import MANY_SITES, Site, assemble, superposed_from
from forensics.barcode.sequence import IUPAC

RNG = random.Random(7)
ONE = random_sequence(RNG, 600)
OTHER = mutate(RNG, ONE, substitutions=60)
SHORTER = ONE[:300] + ONE[307:]


@cache
def pair(templates, seed=1, **options):
    rng = numpy.random.default_rng(seed)
    return tuple(
        simulate(rng, list(templates), reverse=reverse, **options) for reverse in (False, True)
    )


def test_one_template_is_not_called_mixed():
    for seed in range(6):
        reads = pair(((ONE, 1.0),), seed)
        for given in (reads, reads[:1], reads[1:]):
            mixture = assemble(given).mixture
            assert not mixture.mixed
            assert mixture.counted < MANY_SITES


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_mixture_is_seen_on_one_strand_and_on_both(share):
    reads = pair(((ONE, share), (OTHER, 1 - share)))
    for given in (reads, reads[:1], reads[1:]):
        mixture = assemble(given).mixture
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
    (peak,) = double_peaks(chromatogram)
    assert (peak.position, peak.base, peak.other, peak.code) == (20, "A", "G", "R")
    assert peak.ratio == pytest.approx(0.5, abs=0.02)


def test_the_shoulder_of_a_high_neighbour_is_no_second_peak():
    heights = [300 if n % 2 else 3000 for n in range(40)]
    assert double_peaks(drawn("AC" * 20, heights)) == []


def test_what_a_colour_shows_under_most_bases_of_a_kind_is_pull_up():
    seconds = [(n, "G", 0.4) for n in range(0, 40, 4)]  # G under every A
    assert double_peaks(drawn("ACGT" * 10, [1000] * 40, seconds=seconds)) == []


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
    (peak,) = double_peaks(unsure)
    assert (peak.base, peak.other) == ("A", "T")


def test_without_curves_there_are_no_peaks():
    bare = Chromatogram("ACGT", (40,) * 4, 0, 4)
    assert secondary_peaks(bare) == []
    assert double_peaks(bare) == []
    assert superposed_from(bare) is None


@pytest.mark.parametrize("code", IUPAC)
def test_codes_are_those_of_their_bases(code):
    assert code_of(IUPAC[code]) == code


def test_a_site_counts_where_it_is_clear_and_no_other_read_speaks_against_it():
    assert Site(0, "R", 0.5, "both", True).counts
    assert Site(0, "R", 0.5, "alone", True).counts
    assert not Site(0, "R", 0.5, "one", True).counts
    assert not Site(0, "R", 0.5, "both", False).counts
