"""The map as a regressor of scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from spatial_simulation import simulated_animals

from forensics.origin.globe import great_circle
from forensics.origin.place_regressor import PlaceRegressor
from forensics.origin.spatial import PRIORS, fit_spatial, locate


@pytest.fixture(scope="module")
def data():
    genotypes = simulated_animals(seed=4, sites=9, animals=5, missing=0.0)
    names = [f"{locus}.{copy}" for locus in genotypes.loci for copy in "ab"]
    places = np.column_stack([genotypes.latitudes, genotypes.longitudes])
    return genotypes, pd.DataFrame(genotypes.to_array(), columns=names), places


@pytest.mark.parametrize("prior", PRIORS)
def test_it_gives_the_medians_of_locate(data, prior):
    genotypes, X, y = data
    model = PlaceRegressor(cells=15, prior=prior).fit(X, y)
    spatial = fit_spatial(genotypes, seed=1, cells=15)
    assert spatial.wide is not None  # `locate` computes on more cells than it places animals in
    expected = [location.surface.median() for location in locate(spatial, genotypes, prior=prior)]
    assert model.predict(X) == pytest.approx(np.array(expected))
    assert model.feature_names_in_.tolist() == list(X.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[X.columns[::-1]])


def test_places_do_not_depend_on_how_the_animals_are_given(data):
    # The checks of scikit-learn (tests/test_estimators.py) do this with one target and columns that
    # tell nothing; here the places differ.
    _genotypes, X, y = data
    before, model = X.copy(), PlaceRegressor(cells=12)
    places = model.fit(X, y).predict(X)
    assert places.dtype == np.float64 and places.shape == y.shape
    assert (np.ptp(places, axis=0) > 1).all()
    assert model.predict(X[::-1])[::-1] == pytest.approx(places)
    alone = [model.predict(X.iloc[[row]])[0] for row in range(len(X))]
    assert np.array(alone) == pytest.approx(places)
    single = clone(model).fit(X.to_numpy(np.float32), y.tolist())
    assert single.predict(X.to_numpy(np.float32)) == pytest.approx(places)
    assert model.fit(X, y).predict(X) == pytest.approx(places, abs=0)
    pd.testing.assert_frame_equal(X, before)


def test_the_order_of_the_reference_does_not_matter(data):
    _genotypes, X, y = data
    places = PlaceRegressor(cells=12).fit(X, y).predict(X)
    shuffled = np.random.default_rng(3).permutation(len(X))
    again = PlaceRegressor(cells=12).fit(X.iloc[shuffled], y[shuffled]).predict(X)
    assert again == pytest.approx(places, abs=1e-4)  # degrees; 11 m


def test_sites_are_left_out_and_a_grid_is_searched(data):
    _genotypes, X, y = data
    sites = np.unique(y, axis=0, return_inverse=True)[1].ravel()
    model = PlaceRegressor(cells=12)
    placed = cross_val_predict(model, X, y, groups=sites, cv=GroupKFold(3))
    error = great_circle(y[:, 0], y[:, 1], placed[:, 0], placed[:, 1])
    middle = great_circle(y[:, 0], y[:, 1], *y.mean(axis=0))
    assert np.median(error) < np.median(middle)
    search = GridSearchCV(
        model,
        {"prior": ["area", "sampling"]},
        cv=GroupKFold(3),  # of nine sites six stay; five are needed
        scoring="neg_mean_absolute_error",
        error_score="raise",
    ).fit(X, y, groups=sites)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_params_["prior"] in ("area", "sampling")


def test_an_untyped_animal_gets_the_middle_and_a_single_column_is_refused(data):
    _genotypes, X, y = data
    model = PlaceRegressor(cells=12).fit(X, y)
    middle = model.predict(X.iloc[:1] * np.nan)[0]
    assert great_circle(*middle, *y.mean(axis=0)) < 200
    with pytest.raises(ValueError, match="latitude and longitude"):
        PlaceRegressor().fit(X, y[:, 0])
    with pytest.raises(ValueError, match="2 sites"):
        PlaceRegressor().fit(X[:10], np.repeat([[1.0, 2.0], [3.0, 4.0]], 5, axis=0))
