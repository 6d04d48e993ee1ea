import hashlib
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_values import json_values
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from forensics.age.methylation import (
    ClockRegressor,
    age_of,
    read_clock,
    save_trained,
    train_clock,
    years_of,
)
from forensics.age.options import STEPS, LifeHistory
from forensics.age.tables import known_ages_of, methylation_of, read_table
from forensics.errors import ForensicsError, InputError, UsageError

ELEPHANT = LifeHistory(species="Loxodonta africana", gestation=1.76, maturity=9.0, lifespan=65.0)
TEXT = "index,var,beta_clock\n1,Intercept,0.5\n2,cg1,2.0\n3,cg2,-1.0\n"


def clock_of(folder, transform, text=TEXT):
    path = folder / "made.csv"
    path.write_text(text, encoding="utf-8")
    return read_clock(path, transform=transform)


# The sum is 0.5 + 2 * 0.75 - 1 * 0.25 = 1.75 in every case.
BETAS = {"cg1": 0.75, "cg2": 0.25, "cg9": 0.1}


@pytest.mark.parametrize("transform, age", [("none", 1.75), ("universal1", 3.754603)])
def test_clocks_without_a_life_history_by_hand(tmp_path, transform, age):
    # e^1.75 = 5.754603, of which universal clock 1 takes 2
    assert age_of(clock_of(tmp_path, transform), BETAS).age == pytest.approx(age, abs=1e-6)


def test_universal_clock_2_by_hand(tmp_path):
    # e^-1.75 = 0.173774; e^-0.173774 = 0.840487; 1.3 * 65 + 1.76 = 86.26; 0.840487 * 86.26 - 1.76
    found = age_of(clock_of(tmp_path, "universal2"), BETAS, life=ELEPHANT)
    assert found.age == pytest.approx(70.7404, abs=2e-3)
    # Of man the lifespan is not lengthened: 0.840487 * (122.5 + 0.75) - 0.75
    man = LifeHistory(species="Homo sapiens", gestation=0.75, maturity=13.5, lifespan=122.5)
    assert age_of(clock_of(tmp_path, "universal2"), BETAS, life=man).age == pytest.approx(
        0.840487 * 123.25 - 0.75, abs=1e-3
    )


def test_universal_clock_3_by_hand(tmp_path):
    # (1.76 / 9)^0.38 = e^(0.38 * -1.631911) = 0.537880; m = 2.689400
    # grown: x = m * 2.75 = 7.395850; 7.395850 * 10.76 - 1.76 = 77.8193
    found = age_of(clock_of(tmp_path, "universal3"), BETAS, life=ELEPHANT)
    assert found.age == pytest.approx(77.819, abs=0.02)
    # young: y = -0.5; x = m e^-0.5 = 2.689400 * 0.606531 = 1.631204; * 10.76 - 1.76 = 15.7918
    young = clock_of(tmp_path, "universal3", TEXT.replace("0.5", "-1.75"))
    found = age_of(young, BETAS, life=ELEPHANT)
    assert found.linear == pytest.approx(-0.5)
    assert found.age == pytest.approx(15.79, abs=0.02)


@pytest.mark.parametrize(
    ("name", "transform"),
    [("clock1", "universal1"), ("clock2", "universal2"), ("clock3", "universal3")],
)
def test_published_clocks_at_half_methylation(evaluation_data, name, transform):
    path = evaluation_data / "methylation" / f"{name}.csv"
    if not path.is_file():
        pytest.skip("no clocks in the evaluation data")
    rows = [line.split(",") for line in path.read_text().splitlines()[1:] if line]
    y = sum(float(row[2]) * (1.0 if row[1] == "Intercept" else 0.5) for row in rows)
    clock = read_clock(path, transform=transform)
    assert len(clock.coefficients) == len(rows) - 1
    found = age_of(clock, dict.fromkeys(clock.coefficients, 0.5), life=ELEPHANT)
    assert found.linear == pytest.approx(y)
    m = 5 * (1.76 / 9) ** 0.38
    by_hand = {
        "universal1": lambda: math.exp(y) - 2,
        "universal2": lambda: math.exp(-math.exp(-y)) * (1.3 * 65 + 1.76) - 1.76,
        "universal3": lambda: (m * (y + 1) if y >= 0 else m * math.exp(y)) * (9 + 1.76) - 1.76,
    }
    assert found.age == pytest.approx(by_hand[transform]())


@pytest.mark.parametrize("transform", ["universal1", "universal2", "universal3"])
def test_transforms_are_the_inverse_of_those_published(transform):
    # Forward, as published: log(age + 2); -log(-log(relative age)); log-linear relative adult age.
    g, a, m = 1.76, 9.0, 65.0
    for years in (0.0, 5.0, 20.0, 60.0):
        relative, adult = (years + g) / (1.3 * m + g), (years + g) / (a + g)
        tuned = 5 * (g / a) ** 0.38
        y = {
            "universal1": math.log(years + 2),
            "universal2": -math.log(-math.log(relative)),
            "universal3": adult / tuned - 1 if adult >= tuned else math.log(adult / tuned),
        }[transform]
        assert years_of(y, transform, ELEPHANT) == pytest.approx(years)


def test_a_missing_site_is_not_taken_as_unmethylated(tmp_path):
    with pytest.raises(InputError, match="1 of the 2 sites"):
        age_of(clock_of(tmp_path, "none"), {"cg1": 0.5})
    many = "var,b\nIntercept,0\n" + "".join(f"cg{n},1\n" for n in range(40))
    clock = clock_of(tmp_path, "none", many)
    values = {f"cg{n}": 0.5 for n in range(39)}
    with pytest.raises(InputError, match="cg39"):
        age_of(clock, values)
    found = age_of(clock, values, typical={"cg39": 0.25})
    assert found.age == pytest.approx(39 * 0.5 + 0.25) and found.missing == ("cg39",)


def test_values_that_are_no_betas_and_histories_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(InputError, match="between 0 and 1"):
        age_of(clock_of(tmp_path, "none"), {"cg1": 4.2, "cg2": 0.1})
    with pytest.raises(UsageError, match="in years"):
        LifeHistory(species="Loxodonta africana", gestation=660, maturity=9, lifespan=65 / 365)
    with pytest.raises(UsageError, match="needs the species"):
        age_of(clock_of(tmp_path, "universal2"), BETAS)
    with pytest.raises(InputError, match="not an age"):
        years_of(900.0, "universal1")


@given(st.binary(max_size=6), st.integers(0, len(TEXT)), st.integers(0, 8))
def test_a_damaged_clock_is_read_or_refused(tmp_path_factory, new, place, drop):
    content = bytearray(TEXT.encode())
    content[place : place + drop] = new
    path = tmp_path_factory.getbasetemp() / "clock.csv"
    path.write_bytes(bytes(content))
    try:
        age_of(read_clock(path, transform="universal1"), BETAS)
    except ForensicsError:
        pass


@pytest.mark.parametrize(
    "text",
    ["sample,cg1,cg2\na,0.1,0.2\nb,0.3,NA\n", "site;a;b\ncg1;0,1;0,3\ncg2;0,2;\nother;1;1\n"],
)
def test_samples_may_be_rows_or_columns(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    found = methylation_of(read_table(path), ["cg1", "cg2"])
    assert found == {"a": {"cg1": 0.1, "cg2": 0.2}, "b": {"cg1": 0.3}}


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n1\n", "was the row cut off"), ("a\n", "no rows"), ("sample,cg1\na,x\n", "number"),
     ("sample,cg1\na,1\na,1\n", "twice"), ("q,r\na,1\n", "neither")],
)  # fmt: skip
def test_bad_tables_are_refused(tmp_path, text, said):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        methylation_of(read_table(path), ["cg1", "cg2"])


def test_a_dataframe_is_read_as_its_file_is(tmp_path):
    frame = pd.DataFrame({"sample": ["a", "b"], "cg1": [0.1, 0.3], "cg2": [0.2, float("nan")]})
    frame.to_csv(tmp_path / "x.csv", index=False)
    one, other = read_table(frame), read_table(tmp_path / "x.csv")
    assert one.header == other.header
    assert [row.cells for row in one.rows] == [row.cells for row in other.rows]
    assert (one.source, one.sha256) == ("DataFrame", "")
    clock = read_clock(
        pd.DataFrame({"var": ["Intercept", "cg1"], "beta": [0.5, 2.0]}), transform="none"
    )
    assert (clock.intercept, dict(clock.coefficients)) == (0.5, {"cg1": 2.0})


@pytest.mark.parametrize(
    ("text", "said"),
    [("var,b\nIntercept,1\ncg1,x\n", "line 3"), ("var,b\nIntercept,1\ncg1,nan\n", "line 3"),
     ("var,b\nIntercept,1\ncg1,1\ncg1,2\n", "line 4: 'cg1' occurs twice"),
     ("var,b\nIntercept,1\nIntercept,2\ncg1,1\n", "twice"), ("var,b\ncg1,1\n", "intercept"),
     ("b,var\n1,Intercept\n", "'var'"), ("site,b\nIntercept,1\n", "'var'")],
)  # fmt: skip
def test_a_table_that_is_no_clock_is_refused_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        clock_of(tmp_path, "none", text)


# -- Clocks trained on simulated methylation; no real animals are here


SITES = [f"cg{n:03d}" for n in range(24)]


def simulated(count, seed):
    """Return simulated beta values, of which the first eight go with age, and the ages."""
    rng = np.random.default_rng(seed)
    ages = rng.uniform(0, 50, count)
    slope = np.zeros(24)
    slope[:8] = [0.006, -0.005, 0.004, 0.005, -0.006, 0.004, -0.004, 0.005]
    values = 0.5 + (ages[:, None] - 25) * slope + rng.normal(0, 0.05, (count, 24))
    return np.clip(values, 0, 1), ages


def trained(samples=80, **options):
    values, ages = simulated(samples, 1)
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
    animals = [f"a{n // 2}" for n in range(40)]
    steps = []
    found = trained(40, animals=animals, progress=lambda: steps.append(1))
    assert len(found.card["errors"]) == found.card["animals"] == 20
    assert found.card["samples"] == 40 and len(steps) == STEPS


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
BETA_SHEET = "site;s1;s2\ncg1;0,25;0,5\ncg2;0,75;NA\n"


def test_a_sheet_and_its_beta_values_by_hand(tmp_path):
    (tmp_path / "sheet.csv").write_text(SHEET)
    (tmp_path / "betas.csv").write_text(BETA_SHEET)
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
    for file, content in (("sheet.csv", SHEET), ("betas.csv", BETA_SHEET)):
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


# -- The clock as a regressor of scikit-learn, on simulated methylation


EIGHT_SITES = [f"cg{n:02d}" for n in range(8)]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    ages = np.repeat(rng.uniform(0, 40, 30), 2)  # two samples of each of thirty animals
    slopes = np.array([0.006, -0.005, 0.004, -0.006, 0, 0, 0, 0])
    values = 0.5 + (ages[:, None] - 20) * slopes + rng.normal(0, 0.03, (60, 8))
    return (
        pd.DataFrame(np.clip(values, 0, 1), columns=EIGHT_SITES),
        ages,
        np.repeat(np.arange(30), 2),
    )


@pytest.mark.parametrize("transform", [pytest.param("none", marks=pytest.mark.slow), "universal1"])
def test_it_is_the_clock_that_train_clock_trains(data, transform):
    X, ages, animals = data
    clock = train_clock(
        X.to_numpy(), ages, EIGHT_SITES, name="made", species="Fictus albus", tissue="skin",
        animals=[f"{animal:02d}" for animal in animals], transform=transform,
    )  # fmt: skip
    order = np.random.RandomState(1).permutation(30)[animals]  # the folds of train_clock
    model = ClockRegressor(transform).fit(X, ages, groups=order)
    assert model.alpha_ == pytest.approx(clock.card["alpha"])
    expected = [age_of(clock, dict(row)).age for _index, row in X.iterrows()]
    assert model.predict(X) == pytest.approx(np.array(expected))


def test_it_works_in_a_pipeline_a_grid_and_with_groups(data):
    X, ages, animals = data
    search = GridSearchCV(
        make_pipeline(StandardScaler(), ClockRegressor()),
        {"clockregressor__folds": [3]},
        cv=GroupKFold(2),
        scoring="neg_mean_absolute_error",
    ).fit(X, ages, groups=animals)
    assert search.best_score_ > -5
    with config_context(enable_metadata_routing=True):
        model = ClockRegressor(folds=3).set_fit_request(groups=True)
        scores = cross_val_score(model, X, ages, cv=GroupKFold(2), params={"groups": animals})
    assert scores.mean() > 0.7


def test_wrong_parameters_are_said(data):
    X, ages, _animals = data
    with pytest.raises(UsageError, match="universal9"):
        ClockRegressor("universal9").fit(X, ages)
    with pytest.raises(ValueError, match="2 animals"):
        ClockRegressor().fit(X, ages, groups=[0, 1] * 30)
    with pytest.raises(ValueError, match="0 years"):
        ClockRegressor("universal1").fit(X, ages - 30)
