"""First-generation migrants: likelihood at home against the greatest, with its simulated distribution."""

from dataclasses import replace

import numpy as np
import pytest
from population_simulation import simulated_populations

from forensics.origin.baseline import build_baseline
from forensics.origin.likelihood import code_animals, log_likelihoods, own_rows
from forensics.origin.migrants import find_migrants


def moved(count=6, **options):
    """Return animals of which the first `count` of population0 are written under population1."""
    genotypes = simulated_populations(
        **{"populations": 4, "animals": 50, "loci": 15, "fst": 0.2, **options}
    )
    names = list(genotypes.populations)
    names[:count] = ["population1"] * count
    return replace(genotypes, populations=tuple(names), units=None)


def test_animals_born_elsewhere_are_noticed_and_their_birth_place_is_named():
    found = find_migrants(moved())
    rows = found.rows(0.01)
    named = {row["animal"]: row for row in rows}
    migrants = [f"animal{number}" for number in range(6)]
    assert sum(animal in named for animal in migrants) >= 5
    assert all(
        named[animal]["likeliest"] == "population0" for animal in migrants if animal in named
    )
    record = found.to_dict(0.01)
    assert record["noticed"] == len(rows) and record["by chance, at most"] == 2.0
    assert all(row["sampled in"] != row["likeliest"] for row in rows)


@pytest.mark.parametrize("level", [0.01, 0.05])
def test_animals_born_at_home_are_noticed_about_as_often_as_stated(level):
    found = find_migrants(moved(0, animals=80))
    # The left-out animal's own copies are missing from its population, in the simulated ones they are not.
    assert (found.p_values <= level).mean() <= 2.5 * level


def test_the_statistic_is_the_ratio_of_likelihoods():
    genotypes = moved()
    baseline = build_baseline(genotypes)
    own = own_rows(genotypes, baseline)
    values = log_likelihoods(code_animals(genotypes, baseline), baseline, own=own)
    expected = values.max(axis=1) - values[np.arange(len(own)), own]
    found = find_migrants(genotypes)
    assert found.statistic == pytest.approx(expected)
    assert (found.p_values[expected == 0] > 0.2).all()


def test_a_seed_gives_the_same_values_and_populations_do_not_share_draws():
    genotypes = moved(fst=0.03)
    one, two = find_migrants(genotypes, seed=5), find_migrants(genotypes, seed=5)
    other = find_migrants(genotypes, seed=6)
    assert np.array_equal(one.p_values, two.p_values)
    assert not np.array_equal(one.p_values, other.p_values)


def test_haploid_loci_count_too():
    found = find_migrants(moved(haploid=5))
    assert {row["animal"] for row in found.rows(0.01)} & {f"animal{n}" for n in range(6)}
