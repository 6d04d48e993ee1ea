"""Clocks trained on simulated methylation; no real animals are here."""

import json

import numpy as np
import pytest

from forensics.age.clock_training import read_trained, save_trained, train_clock
from forensics.age.methylation import age_of
from forensics.errors import InputError, UsageError, VerificationError

SITES = [f"cg{n:03d}" for n in range(24)]


def simulated(count, seed):
    """Return simulated beta values, of which the first eight go with age, and the ages."""
    rng = np.random.default_rng(seed)
    ages = rng.uniform(0, 50, count)
    slope = np.zeros(24)
    slope[:8] = [0.006, -0.005, 0.004, 0.005, -0.006, 0.004, -0.004, 0.005]
    values = 0.5 + (ages[:, None] - 25) * slope + rng.normal(0, 0.05, (count, 24))
    return np.clip(values, 0, 1), ages


def trained(**options):
    values, ages = simulated(80, 1)
    held = {"name": "made", "species": "Fictus albus", "tissue": "skin (simulated)", **options}
    return train_clock(values, ages, SITES, **held)


@pytest.fixture(scope="module")
def clock():
    return trained()


def test_a_trained_clock_tells_the_age_of_simulated_animals_it_has_not_seen(clock):
    values, ages = simulated(300, 2)
    found = [clock.age_of(dict(zip(SITES, row))) for row in values]
    off = np.array([one.age for one in found]) - ages
    assert np.abs(off).mean() < 6
    # What the nested cross-validation promised is what new animals show.
    assert np.abs(off).mean() == pytest.approx(clock.card["mae"], rel=0.3)
    held = np.mean([one.interval[0] <= age <= one.interval[1] for one, age in zip(found, ages)])
    assert 0.90 <= held <= 0.99
    assert found[0].level == 0.95


def test_the_sites_that_go_with_age_are_in_it(clock):
    assert set(SITES[:8]) <= set(clock.clock.coefficients)


@pytest.mark.slow
def test_methylation_without_age_in_it_promises_nothing():
    rng = np.random.default_rng(3)
    values, ages = rng.uniform(0, 1, (60, 24)), rng.uniform(0, 50, 60)
    try:
        found = train_clock(values, ages, SITES, name="x", species="x", tissue="x")
    except InputError as error:
        assert "No site goes with age" in str(error)
        return
    # Chosen and judged on other animals, so chance does not look like skill.
    assert found.card["mae"] > 0.8 * np.abs(ages - ages.mean()).mean()


def test_it_is_saved_and_read_again(clock, tmp_path):
    path = tmp_path / "made.csv"
    card = save_trained(clock, path)
    again = read_trained(path, card)
    values = dict(zip(SITES, simulated(1, 5)[0][0]))
    assert again.age_of(values) == clock.age_of(values)
    assert again.clock.sha256 == clock.clock.sha256
    assert age_of(again.clock, values).age == clock.age_of(values).age
    assert json.loads(card.read_text())["animals"] == 80
    with pytest.raises(UsageError, match="exists"):
        save_trained(clock, path)
    path.write_text(path.read_text().replace("cg", "ch", 1))
    with pytest.raises(VerificationError, match="SHA-256"):
        read_trained(path, card)
    card.write_text('{"format": []}')
    with pytest.raises(InputError, match="no card"):
        read_trained(path, card)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_clock(clock):
    assert trained().card == clock.card


@pytest.mark.slow
def test_ages_on_the_log_scale_are_never_below_minus_two():
    found = trained(transform="universal1")
    values = dict(zip(SITES, simulated(1, 6)[0][0]))
    one = found.age_of(values)
    assert one.interval[0] >= 0 and one.interval[0] < one.age < one.interval[1]


@pytest.mark.slow
def test_samples_of_one_animal_stay_together():
    # Simulated: each animal has a signature of its own, twice; by it a left-out twin would be known.
    rng = np.random.default_rng(8)
    ages = np.repeat(rng.uniform(0, 50, 30), 2)
    values = np.clip(np.repeat(rng.uniform(0, 1, (30, 24)), 2, axis=0), 0, 1)
    names = np.repeat([f"a{n}" for n in range(30)], 2)
    try:
        found = train_clock(
            values, ages, SITES, name="x", species="x", tissue="x", animals=names
        )  # fmt: skip
    except InputError:
        return
    assert found.card["mae"] > 0.7 * np.abs(ages - ages.mean()).mean()


def test_what_cannot_be_trained_on_is_refused():
    values, ages = simulated(80, 1)
    held = {"name": "x", "species": "x", "tissue": "x"}
    with pytest.raises(InputError, match="row a sample"):
        train_clock(values[:, :5], ages, SITES, **held)
    with pytest.raises(InputError, match="Beta values"):
        train_clock(values * 100, ages, SITES, **held)
    with pytest.raises(InputError, match="Ages"):
        train_clock(values, -ages, SITES, **held)
    with pytest.raises(InputError, match="20 or more"):
        train_clock(values[:10], ages[:10], SITES, **held)
    with pytest.raises(UsageError, match="transform"):
        train_clock(values, ages, SITES, transform="universal2", **held)


def test_too_high_a_level_is_refused(clock):
    with pytest.raises(UsageError, match="80 samples"):
        clock.age_of(dict(zip(SITES, simulated(1, 5)[0][0])), level=0.999)
