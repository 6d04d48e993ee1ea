"""Clocks trained on simulated methylation; no real animals are here."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_values import json_values

from forensics.age.methylation import age_of, read_clock, save_trained, train_clock
from forensics.age.options import STEPS
from forensics.age.tables import known_ages_of, read_table
from forensics.errors import ForensicsError, InputError, UsageError

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
    found = [age_of(clock, dict(zip(SITES, row))) for row in values]
    off = np.array([one.age for one in found]) - ages
    assert np.abs(off).mean() < 6
    # What the nested cross-validation promised is what new animals show.
    assert np.abs(off).mean() == pytest.approx(clock.card["mae"], rel=0.3)
    held = np.mean([one.interval[0] <= age <= one.interval[1] for one, age in zip(found, ages)])
    assert 0.90 <= held <= 0.99
    assert found[0].level == 0.95


def test_the_sites_that_go_with_age_are_in_it(clock):
    assert set(SITES[:8]) <= set(clock.coefficients)


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


def test_it_is_saved_and_read_again_as_one_file(clock, tmp_path):
    path = tmp_path / "made.json"
    save_trained(clock, path)
    again = read_clock(path)
    values = dict(zip(SITES, simulated(1, 5)[0][0]))
    assert age_of(again, values) == age_of(clock, values)
    assert again == clock
    assert clock.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads(path.read_text())["animals"] == 80
    with pytest.raises(UsageError, match="exists"):
        save_trained(clock, path)


NAMES = ["format", "name", "transform", "intercept", "coefficients", "errors", "typical", "oldest"]


@given(st.sampled_from(NAMES), json_values() | st.floats() | st.lists(st.floats(0), min_size=1))
def test_a_damaged_clock_is_read_or_refused_and_never_crashes(clock, tmp_path_factory, name, value):
    path = tmp_path_factory.getbasetemp() / "damaged_clock.json"
    path.write_text(json.dumps({**clock.card, name: value}))
    try:
        found = age_of(read_clock(path), dict(zip(SITES, simulated(1, 5)[0][0])))
    except ForensicsError:
        return
    assert found.interval[0] <= found.interval[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", "wildlife-forensics clock 2"), ("transform", "universal3"), ("errors", []),
     ("errors", [-1.0]), ("errors", [float("nan")]), ("coefficients", {}), ("typical", {"cg9": 0.1}),
     ("intercept", "1"), ("intercept", 10**400), ("oldest", True), ("species", None)],
)  # fmt: skip
def test_what_is_wrong_in_a_clock_is_named(clock, tmp_path, name, value):
    path = tmp_path / "made.json"
    path.write_text(json.dumps({**clock.card, name: value}))
    expected = "format" if value == 10**400 else name
    with pytest.raises(InputError, match=expected):
        read_clock(path)


def test_of_several_samples_of_an_animal_the_greatest_error_counts_once():
    values, ages = simulated(80, 1)
    animals = [f"a{n // 2}" for n in range(80)]
    steps = []
    found = trained(animals=animals, progress=lambda: steps.append(1))
    assert len(found.card["errors"]) == found.card["animals"] == 40
    assert found.card["samples"] == 80 and len(steps) == STEPS


@pytest.mark.slow
def test_the_same_seed_gives_the_same_clock(clock):
    assert trained().card == clock.card


@pytest.mark.slow
def test_ages_on_the_log_scale_are_never_below_minus_two():
    found = trained(transform="universal1")
    values = dict(zip(SITES, simulated(1, 6)[0][0]))
    one = age_of(found, values)
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


SHEET = "sample;age;animal\ns1;1,5;a\ns2;3;b\n"
BETAS = "site;s1;s2\ncg1;0,25;0,5\ncg2;0,75;NA\n"


def test_a_sheet_and_its_beta_values_by_hand(tmp_path):
    (tmp_path / "sheet.csv").write_text(SHEET)
    (tmp_path / "betas.csv").write_text(BETAS)
    known = known_ages_of(read_table(tmp_path / "sheet.csv"), read_table(tmp_path / "betas.csv"))
    assert known.samples == ("s1", "s2") and known.animals == ("a", "b")
    assert known.ages == (1.5, 3.0)
    assert known.sites == ("cg1",) and known.incomplete == ("cg2",)
    assert known.methylation.tolist() == [[0.25], [0.5]]


@given(
    st.sampled_from(["sheet.csv", "betas.csv"]), st.integers(0, 40), st.integers(0, 5),
    st.text(max_size=4),
)  # fmt: skip
def test_damaged_tables_are_read_or_refused(tmp_path_factory, name, place, length, text):
    folder = tmp_path_factory.getbasetemp()
    for file, content in (("sheet.csv", SHEET), ("betas.csv", BETAS)):
        if file == name:
            content = content[:place] + text + content[place + length :]
        (folder / file).write_bytes(content.encode("utf-8", "replace"))
    try:
        known = known_ages_of(read_table(folder / "sheet.csv"), read_table(folder / "betas.csv"))
    except ForensicsError:
        return
    assert known.methylation.shape == (len(known.samples), len(known.sites))
    assert np.isfinite(known.methylation).all() and np.isfinite(known.ages).all()


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
    for name, text in (("species", " "), ("tissue", ""), ("name", "")):
        with pytest.raises(UsageError, match=f"{name} is empty"):
            train_clock(values, ages, SITES, **held | {name: text})


@pytest.mark.parametrize("level", [float("nan"), float("inf"), 0.0, 1.0, -1.0])
def test_a_level_that_is_no_share_is_refused(clock, level):
    with pytest.raises(UsageError, match="no interval"):
        clock.margin(level)


def test_too_high_a_level_is_refused(clock):
    with pytest.raises(UsageError, match="80 animals"):
        age_of(clock, dict(zip(SITES, simulated(1, 5)[0][0])), level=0.999)
