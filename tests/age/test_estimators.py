"""The clock as a regressor of scikit-learn, on simulated methylation."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from forensics.age.methylation import ClockRegressor, age_of, train_clock
from forensics.errors import UsageError

SITES = [f"cg{n:02d}" for n in range(8)]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    ages = np.repeat(rng.uniform(0, 40, 30), 2)  # two samples of each of thirty animals
    slopes = np.array([0.006, -0.005, 0.004, -0.006, 0, 0, 0, 0])
    values = 0.5 + (ages[:, None] - 20) * slopes + rng.normal(0, 0.03, (60, 8))
    return pd.DataFrame(np.clip(values, 0, 1), columns=SITES), ages, np.repeat(np.arange(30), 2)


@pytest.mark.parametrize("transform", ["none", "universal1"])
def test_it_is_the_clock_that_train_clock_trains(data, transform):
    X, ages, animals = data
    clock = train_clock(
        X.to_numpy(), ages, SITES, name="made", species="Fictus albus", tissue="skin",
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
        {"clockregressor__folds": [3, 5]},
        cv=GroupKFold(3),
        scoring="neg_mean_absolute_error",
    ).fit(X, ages, groups=animals)
    assert search.best_score_ > -5
    with config_context(enable_metadata_routing=True):
        model = ClockRegressor().set_fit_request(groups=True)
        scores = cross_val_score(model, X, ages, cv=GroupKFold(3), params={"groups": animals})
    assert scores.mean() > 0.7


def test_it_remembers_the_names_of_sites(data):
    X, ages, _animals = data
    model = ClockRegressor().fit(X, ages)
    assert model.feature_names_in_.tolist() == SITES
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[SITES[::-1]])


def test_wrong_parameters_are_said(data):
    X, ages, _animals = data
    with pytest.raises(UsageError, match="universal9"):
        ClockRegressor("universal9").fit(X, ages)
    with pytest.raises(ValueError, match="2 animals"):
        ClockRegressor().fit(X, ages, groups=[0, 1] * 30)
    with pytest.raises(ValueError, match="0 years"):
        ClockRegressor("universal1").fit(X, ages - 30)
