"""Rates by weighted draws, beside plain simulation of the same pairs."""

import numpy as np
import pytest
from individual_simulation import frequencies

from forensics.individual.kinship import RELATIONSHIPS, simulated_ratios
from forensics.individual.links import (
    KINDS,
    compared_relationships,
    simulate_link_rates,
    state_kinds,
)
from forensics.individual.options import LaboratoryErrors

RATES = LaboratoryErrors(dropout=0.03, mistyping=0.005)
PLAIN = 100_000  # pairs of plain simulation


@pytest.fixture(scope="module")
def held():
    return frequencies(loci=9, alleles=6)


def link_rates(held, known=None, **options):
    options = {"kinds": list(KINDS), "limit": 1.0, "match_limit": 1.0, "seed": 1} | options
    patterns = [np.ones((1, len(held.loci)), dtype=bool)] if known is None else known
    return simulate_link_rates(held, patterns, theta=0.02, mutation=0.001, errors=RATES, **options)


@pytest.mark.parametrize("truth", RELATIONSHIPS)
def test_rates_are_those_of_plain_simulation(held, truth):
    found = link_rates(held)
    plain = simulated_ratios(
        held, RELATIONSHIPS[truth], tested={n: RELATIONSHIPS[n] for n in compared_relationships(KINDS)},
        pairs=PLAIN, seed=7, theta=0.02, mutation=0.001, errors=RATES,
    )  # fmt: skip
    stated = state_kinds(plain, limit=1.0, match_limit=1.0)
    looked_at = 0
    for place, kind in enumerate(KINDS):
        count = int((stated == place).sum())
        if count < 100:  # too few to say anything
            continue
        looked_at += 1
        share = count / PLAIN
        # Six standard deviations of the count, and 7 % for the weighted draws.
        assert found.stated[truth][kind][0] == pytest.approx(share, rel=6 / count**0.5 + 0.07)
    assert looked_at >= 2
    if truth == "unrelated":
        for kind in ("parent", "full_sibs", "half_sibs"):
            assert found.rates(kind)[0] == pytest.approx(found.stated[truth][kind][0])


def test_a_ratio_comes_up_by_chance_at_most_as_often_as_its_inverse(held):
    found = link_rates(held)
    for kind in found.kinds:
        rates = [float(found.rates(kind, least)[0]) for least in (1, 2, 3, 4, 6, 30)]
        assert rates == sorted(rates, reverse=True)
        assert all(0 < rate <= 10.0**-least for rate, least in zip(rates, (1, 2, 3, 4, 6, 30)))


def test_fewer_loci_make_fewer_links_of_what_is_true(held):
    few = np.zeros((1, len(held.loci)), dtype=bool)
    few[0, :5] = True
    found = link_rates(held, [few, np.ones_like(few)])
    assert found.stated["parent"]["parent"][0] < found.stated["parent"]["parent"][1]
    assert found.stated["same"]["match"][0] < found.stated["same"]["match"][1]


def test_half_sibs_are_stated_only_where_they_are_asked_for(held):
    found = link_rates(held, kinds=["parent"])
    assert "half_sibs" not in found.kinds
    with pytest.raises(KeyError):
        found.rates("half_sibs")


def test_impossible_genotypes_do_not_spoil_the_rates(held):
    """With rates of 0 an unlike locus excludes: ratios of 0, not of NaN."""
    found = simulate_link_rates(
        held, [np.ones((1, 9), dtype=bool)], kinds=list(KINDS), limit=1.0, seed=1
    )
    for truth, of in found.stated.items():
        for share in of.values():
            assert np.isfinite(share).all() and (share <= 1.05).all(), truth
    assert found.stated["same"]["match"][0] > 0.5
