"""The likelihood ratio of two propositions on a taxon: from the posteriors at an even prior, within what validation supports."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forensics.barcode.ratio import (
    NoRatio,
    Tried,
    genus_ratio,
    species_ratio,
    supported_at,
    supported_ratio,
)
from forensics.verbal import CONGENER, MISSING, OTHER

WIDE = {"known": 1e9, "species_out": 1e9}
SHARES = {
    "Manis javanica": 0.90,
    "Manis pentadactyla": 0.06,
    "Smutsia gigantea": 0.01,
    "none": 0.03,
}


def ratio(against, named="Manis javanica", missing=("Manis culionensis",), limits=WIDE, **more):
    return species_ratio(SHARES, named, against, missing=missing, limits=limits, **more)


@pytest.mark.parametrize(("against", "expected"), [
    ("Manis pentadactyla", 0.90 / 0.06),
    ("Smutsia gigantea", 0.90 / 0.01),
    (MISSING, 0.90 / 0.03),
    ("Manis culionensis", 0.90 / 0.03),  # a species that the library lacks
    (CONGENER, 0.90 / 0.06),  # the congener that explains it best
    (OTHER, 0.90 / 0.06),
])  # fmt: skip
def test_the_ratio_is_that_of_the_posteriors_at_an_even_prior(against, expected):
    assert 10 ** ratio(against).log10 == pytest.approx(expected)


def test_a_congener_that_the_library_lacks_counts_among_the_congeners():
    shares = {"Manis javanica": 0.9, "none": 0.1}
    found = species_ratio(shares, "Manis javanica", CONGENER, missing=["Manis x"], limits=WIDE)
    assert 10**found.log10 == pytest.approx(9)
    with pytest.raises(NoRatio, match="lacks no known species"):
        species_ratio(shares, "Manis javanica", CONGENER, missing=(), limits=WIDE)


@pytest.mark.parametrize("named", ["Manis javanica", "Panthera leo"])
def test_a_species_that_was_not_compared_has_no_ratio(named):
    with pytest.raises(NoRatio, match="Panthera leo is not among the species"):
        ratio("Panthera leo" if named == "Manis javanica" else MISSING, named=named)


def test_a_ratio_is_no_larger_than_the_validation_supports():
    limits = {"known": 1e9, "species_out": 12.0}
    found = ratio(MISSING, limits=limits, interval=(0.8, 0.95))
    assert found.limited and 10**found.log10 == pytest.approx(12) and found.low is None
    assert not ratio("Smutsia gigantea", limits=limits).limited  # the library holds it
    with pytest.raises(NoRatio, match="supports no ratio above 1"):
        ratio(MISSING, limits={"known": 1e9, "species_out": 0.9})


def test_the_supported_ratio_is_the_share_of_right_calls_over_the_limit_of_wrong_ones():
    # Clopper and Pearson: none of 60 leaves 1 - 0.05 ** (1 / 60).
    assert supported_ratio(Tried(50, 0, 100), Tried(0, 0, 60)) == pytest.approx(
        0.5 / (1 - 0.05 ** (1 / 60))
    )
    assert supported_ratio(Tried(0, 0, 100), Tried(0, 0, 60)) == 0
    assert supported_ratio(Tried(0, 0, 0), Tried(0, 0, 60)) == 0


def test_what_has_a_posterior_is_compared_with_those_that_had_as_much():
    bins = [(0.5, 100, 40), (0.9, 100, 90), (0.999, 800, 799)]
    for stated, alike in ((0.9999, bins[2:]), (0.95, bins[1:]), (0.2, bins)):
        right, tried = sum(each[2] for each in alike), sum(each[1] for each in alike)
        expected = supported_ratio(Tried(right, 0, 1000), Tried(0, tried - right, 1000))
        assert supported_at(bins, stated) == pytest.approx(expected)


def test_a_genus_has_the_ratio_of_the_less_favourable_half_of_the_validation():
    known, out = Tried(99, 0, 100), Tried(20, 3, 100)
    expected = min(
        supported_ratio(known, out), supported_ratio(out, out), supported_ratio(out, known)
    )
    assert 10 ** genus_ratio(known, out).log10 == pytest.approx(expected)
    with pytest.raises(NoRatio):
        genus_ratio(known, Tried(1, 50, 100))


@given(st.lists(st.floats(1e-4, 1), min_size=3, max_size=6), st.floats(0.05, 0.95))
def test_the_interval_of_a_missing_species_holds_the_ratio(weights, middle):
    total = sum(weights)
    names = [f"Manis {chr(97 + i)}" for i in range(len(weights) - 1)]
    shares = {name: weight / total for name, weight in zip([*names, "none"], weights)}
    own = shares[names[0]] / (1 - shares["none"])
    assume(0.02 < 1 - shares["none"] < 0.98)
    bounds = [own * (1 - shares["none"]) * factor for factor in (0.99, 1.01)]
    found = species_ratio(shares, names[0], MISSING, missing=(), limits=WIDE, interval=bounds)
    assert found.low < found.log10 < found.high
    assert (
        found.log10 <= math.log10((1 - shares["none"]) / shares["none"]) + 1e-9
    )  # one of the library


@given(st.lists(st.floats(1e-3, 1), min_size=4, max_size=8))
def test_the_ratio_against_several_is_no_larger_than_against_any_of_them(weights):
    names = [f"Manis {chr(97 + i)}" for i in range(len(weights) - 1)]
    shares = {name: weight / sum(weights) for name, weight in zip([*names, "none"], weights)}
    one = [
        species_ratio(shares, names[0], against, missing=(), limits=WIDE).log10
        for against in (*names[1:], MISSING)
    ]
    every = species_ratio(shares, names[0], OTHER, missing=(), limits=WIDE).log10
    assert every == pytest.approx(min(one))
