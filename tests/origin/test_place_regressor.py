"""The map as a regressor of scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from spatial_simulation import simulated_animals

from forensics.origin.globe import great_circle
from forensics.origin.place_regressor import PlaceRegressor
from forensics.origin.spatial import fit_spatial, locate


@pytest.fixture(scope="module")
def data():
    genotypes = simulated_animals(seed=4, sites=9, animals=5, missing=0.0)
    names = [f"{locus}.{copy}" for locus in genotypes.loci for copy in "ab"]
    places = np.column_stack([genotypes.latitudes, genotypes.longitudes])
    return genotypes, pd.DataFrame(genotypes.to_array(), columns=names), places


def test_it_gives_the_medians_of_locate(data):
    genotypes, X, y = data
    model = PlaceRegressor(cells=15).fit(X, y)
    spatial = fit_spatial(genotypes, seed=1, cells=15)
    expected = [location.surface.median() for location in locate(spatial, genotypes)]
    assert model.predict(X) == pytest.approx(np.array(expected))
    assert model.feature_names_in_.tolist() == list(X.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[X.columns[::-1]])


def test_sites_are_left_out_and_a_grid_is_searched(data):
    _genotypes, X, y = data
    sites = np.unique(y, axis=0, return_inverse=True)[1].ravel()
    model = PlaceRegressor(cells=12)
    placed = cross_val_predict(model, X, y, groups=sites, cv=GroupKFold(3))
    error = great_circle(y[:, 0], y[:, 1], placed[:, 0], placed[:, 1])
    middle = great_circle(y[:, 0], y[:, 1], *y.mean(axis=0))
    assert np.median(error) < np.median(middle)
    search = GridSearchCV(
        model, {"prior": ["area", "sampling"]}, cv=GroupKFold(2), scoring="neg_mean_absolute_error"
    ).fit(X, y, groups=sites)
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
