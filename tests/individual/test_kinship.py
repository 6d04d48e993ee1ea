"""How many unrelated pairs reach a limit by chance. SIMULATED profiles."""

import math

import numpy as np
import pytest

from forensics.errors import UsageError
from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import Frequencies, frequencies_of
from forensics.individual.kinship import (
    RELATIONSHIPS,
    LaboratoryErrors,
    by_chance,
    log10_ratio,
    pairs_above,
    ratio_tables,
    simulated_ratios,
)
from forensics.individual.results import individuals_of


@pytest.fixture
def held(tmp_path):
    rng = np.random.default_rng(4)
    head = "id," + ",".join(f"L{locus}_{copy}" for locus in range(6) for copy in "ab")
    rows = [f"A{n}," + ",".join(map(str, rng.integers(100, 104, 12) * 1)) for n in range(10)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return read_genotypes(path)


def test_every_pair_reaches_a_limit_below_all(held):
    found = by_chance(
        frequencies_of(held), ["parent"], profiles=10, limit=-math.inf, seed=1, simulated=500
    )
    assert found["parent"]["expected"] == 45 == pytest.approx(found["parent"]["high"])
    assert found["parent"]["simulated"] == 500 and found["parent"]["low"] < 45


def test_the_expected_number_is_the_simulated_share_of_all_pairs(held):
    frequencies, rates = frequencies_of(held), {"theta": 0.01, "mutation": 0.001}
    found = by_chance(
        frequencies, ["same", "full_sibs"], profiles=4, limit=0.0, seed=2, simulated=400, **rates
    )
    ratios = simulated_ratios(
        frequencies, RELATIONSHIPS["unrelated"], pairs=400, seed=2,
        tested={name: RELATIONSHIPS[name] for name in found}, **rates,
    )  # fmt: skip
    for name, told in found.items():
        assert told["expected"] == pytest.approx(6 * np.mean(ratios[name] >= 0.0))
        assert told["low"] <= told["expected"] <= told["high"]
    assert found["full_sibs"]["expected"] > found["same"]["expected"]


def test_each_questioned_profile_is_compared_with_all_of_the_database(held):
    found = individuals_of(held, held, held, theta=0.0, errors=LaboratoryErrors(0.01, 0.001))
    assert [one.sample for one in found] == list(held.animals)
    assert {one.searched for one in found} == {10}
    assert all(one.matches[0].other == one.sample for one in found)
    assert found[0].provenance.parameters["dropout"] == 0.01


def test_pairs_from_a_limit_on_are_those_of_a_full_count(held):
    frequencies, rng = frequencies_of(held), np.random.default_rng(7)
    codes = rng.integers(-1, 10, (150, 6)).astype(np.int32)  # more than two blocks of rows
    codes[5] = -1  # nothing typed: its ratio is 1 with every other
    tables = {
        name: ratio_tables(frequencies, RELATIONSHIPS[name], errors=LaboratoryErrors(0.05, 0.01))
        for name in ("same", "parent")
    }
    done = []
    found = pairs_above(tables, codes, limit=0.0, progress=done.append)
    assert done == [64, 128, 150]
    for name, pairs in found.items():
        first, second = np.triu_indices(150, 1)
        ratios = log10_ratio(tables[name], codes[first], codes[second])
        wanted = {(a, b) for a, b, ratio in zip(first, second, ratios) if ratio >= 0}
        assert set(zip(pairs.first, pairs.second)) == wanted and len(pairs.first) == len(wanted)
        assert sum(5 in pair for pair in wanted) == 149
        both = ((codes[pairs.first] >= 0) & (codes[pairs.second] >= 0)).sum(axis=1)
        assert np.array_equal(pairs.loci, both) and (pairs.log10 >= 0).all()
    assert not pairs_above({"same": tables["same"]}, codes, limit=99.0)["same"].loci.size
    with pytest.raises(UsageError, match="A limit is a number"):
        pairs_above(tables, codes, limit=math.nan)


def test_ratios_are_products_over_the_loci_that_both_have(held):
    tables = [np.log(np.array([[4.0, 0.5], [0.5, 8.0]])), np.zeros((0, 0)),
              np.log(np.array([[10.0, 1.0], [1.0, 100.0]]))]  # fmt: skip
    first = np.array([[0, -1, 0], [1, -1, -1], [-1, -1, 1], [0, -1, 1]])
    second = np.array([[0, -1, 0], [1, -1, 0], [1, -1, 1], [1, -1, 1]])
    found = log10_ratio(tables, first, second)
    assert 10**found == pytest.approx([40, 8, 100, 50])


def test_simulated_pairs_reach_a_limit_that_is_reached_exactly():
    one = (np.array([1.0]),)
    frequencies = Frequencies("", ("L",), (("100",),), one, one, np.array([4.0]))
    found = by_chance(frequencies, ["same"], profiles=3, limit=0.0, seed=1, simulated=10)
    assert found["same"]["expected"] == 3  # a locus of one allele: every ratio is 1


def test_simulated_ratios_of_relatives_have_the_errors_of_each_locus(held):
    frequencies = frequencies_of(held)
    options = {"tested": {"same": RELATIONSHIPS["same"]}, "pairs": 2000, "seed": 3}
    exact = simulated_ratios(frequencies, RELATIONSHIPS["same"], **options)["same"]
    assert np.isfinite(exact).all()
    errors = (LaboratoryErrors(),) * 5 + (LaboratoryErrors(0.5, 0.0),)
    loose = simulated_ratios(frequencies, RELATIONSHIPS["same"], errors=errors, **options)["same"]
    assert np.isfinite(loose).all() and loose.mean() < exact.mean()
