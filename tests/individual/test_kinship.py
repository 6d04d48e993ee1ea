"""How many unrelated pairs reach a limit by chance. SIMULATED profiles."""

import math

import numpy as np
import pytest

from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import by_chance, simulated_ratios
from forensics.individual.pairs import RELATIONSHIPS, LaboratoryErrors
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
