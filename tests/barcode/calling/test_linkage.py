"""What linked loci say together: the strongest counts, and what contradicts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joint_evidence import HELD, A, B, C, codes, found

from forensics.barcode.calling.combine import MIN_PROBABILITY, combine

SHARES = st.floats(0.02, 0.98)
_LEAST_SHARES = 2 * MIN_PROBABILITY  # of the two rivals


def call_of(*loci):
    return combine(loci, held=HELD, confidence=0.95).call


@given(SHARES, SHARES, SHARES, SHARES)
def test_counterfactual_a_second_locus_that_agrees_never_lowers_a_call(a, b, c, d):
    first = found("COI", {A: a * 0.99, B: (1 - a) * 0.98 * b}, genus={"Fictus": 0.99})
    second = found("12S", {A: c * 0.99, C: (1 - c) * 0.98 * d}, genus={"Fictus": 0.99})
    for locus, own, rival in ((first, a * 0.99, B), (second, c * 0.99, C)):
        shares = locus.call.probabilities["species"]
        if shares[A] < shares[rival] or shares["none"] > 0.1 or own < 0.5:
            return  # it does not agree, or speaks for none
    both = combine([first, second], held=HELD, confidence=0.9)
    if "LOCI_CONFLICT" in codes(both):
        return
    joined = both.call.probabilities
    for locus in (first, second):
        # A rival keeps a thousandth of the odds of the best, which one locus may have had lower.
        assert joined["species"][A] >= locus.call.probabilities["species"][A] - _LEAST_SHARES
        assert joined["species"]["none"] <= locus.call.probabilities["species"]["none"] + 1e-9


@given(st.floats(0.5, 0.98), st.floats(0.0, 0.4))
def test_counterfactual_a_second_locus_that_contradicts_lowers_a_call(own, other):
    first = found("COI", {A: own, B: 0.001})
    second = found("12S", {A: other * 0.5, B: 0.95 - other})
    both = combine([first, second], held=HELD, confidence=0.99)
    if both.call.probabilities is None:
        assert "LOCI_CONFLICT" in codes(both)
    elif other * 0.5 < 0.95 - other:
        assert both.call.probabilities["species"][A] < own


def test_counterfactual_a_second_locus_that_speaks_for_none_lowers_a_call():
    first, second = found("COI", {A: 0.9}), found("12S", {A: 0.6})
    assert call_of(first, second).probabilities["species"][A] < 0.9


def test_the_genus_does_not_lose_by_a_second_locus_that_agrees():
    first = found("COI", {A: 0.46, B: 0.46}, genus={"Fictus": 0.96})
    second = found("12S", {A: 0.46, B: 0.46}, genus={"Fictus": 0.93})
    joined = call_of(first, second).probabilities["genus"]["Fictus"]
    assert joined >= 0.96 - 1e-9


def test_novelty_has_one_prior():
    """Two loci that say nothing beyond the prior leave the prior; squared it would be 0.988."""
    first, second = found("COI", {A: 0.9}), found("ITS", {A: 0.9})
    assert combine([first, second], held=HELD).call.probabilities["species"]["none"] == (
        pytest.approx(0.1)
    )


def test_agreement_takes_nothing_from_a_locus_that_is_surer():
    first, second = found("COI", {A: 0.99}), found("12S", {A: 0.91})
    call = combine([first, second], held=HELD).call
    assert call.probabilities["species"][A] >= 0.99 - 1e-9


def test_agreement_of_linked_loci_adds_nothing_to_the_surest_and_that_of_molecules_does():
    first, second = found("COI", {A: 0.94}), found("12S", {A: 0.92})
    linked = call_of(first, second)
    assert linked.probabilities["species"][A] == pytest.approx(0.94)
    assert linked.probabilities["species"]["none"] == pytest.approx(0.06)
    apart = call_of(first, found("ITS", {A: 0.92}))
    assert apart.probabilities["species"]["none"] < 0.05
    (notice,) = (each for each in linked.warnings if each.code == "LINKED_LOCI")
    assert "only COI, the strongest" in notice.message


def test_what_a_linked_locus_says_against_a_species_counts_beside_the_strongest_for_it():
    """COI says 94:6 with a prior of 9:1, 12S says 60:40: the ratios, not the shares, are joined."""
    call = call_of(found("COI", {A: 0.94}), found("12S", {A: 0.6}))
    odds = (0.94 / 0.06) * (0.6 / 0.4) / 9
    assert call.probabilities["species"]["none"] == pytest.approx(1 / (1 + odds))
