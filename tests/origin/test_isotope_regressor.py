"""Isotopes as a regressor of scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from isotope_simulation import animals, plane
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from forensics.errors import UsageError
from forensics.origin.globe import great_circle
from forensics.origin.isotope_fitting import fit_isotopes
from forensics.origin.isotope_regressor import IsotopeRegressor


@pytest.fixture(scope="module")
def isoscapes():
    return plane("d2H"), plane("d18O", north=0.2, east=0.9, error=0.3)


@pytest.fixture(scope="module")
def data(isoscapes):
    frame = animals(isoscapes[0], second=isoscapes[1], sites=30, each=3)
    return frame[["d2H", "d18O"]], frame[["latitude", "longitude"]], frame["site"]


def test_it_gives_the_medians_of_the_model(data, isoscapes):
    X, y, _sites = data
    model = fit_isotopes(pd.concat([X, y], axis=1), isoscapes)
    expected = [place.surface.median() for place in model.assign_table(X[:8])]
    regressor = IsotopeRegressor(isoscapes).fit(X, y)
    assert regressor.predict(X[:8]) == pytest.approx(np.array(expected))
    assert IsotopeRegressor(isoscapes).fit(X.to_numpy(), y).predict(
        X[:8].to_numpy()
    ) == pytest.approx(np.array(expected))


def test_columns_are_known_by_their_names_and_may_have_errors_of_the_laboratory(data, isoscapes):
    X, y, _sites = data
    turned = IsotopeRegressor(isoscapes).fit(X[["d18O", "d2H"]], y)
    assert turned.columns_ == ("d18O", "d2H")
    straight = IsotopeRegressor(isoscapes).fit(X, y)
    assert turned.predict(X[["d18O", "d2H"]]) == pytest.approx(straight.predict(X))
    with pytest.raises(ValueError, match="feature names"):
        turned.predict(X)
    unsure = X.assign(**{"d2H.sd": 2.0})
    with_sd = IsotopeRegressor(isoscapes).fit(unsure, y)
    assert with_sd.columns_ == ("d2H", "d18O", "d2H.sd")
    exact = with_sd.predict(unsure[:1].assign(**{"d2H.sd": 0.01}))
    assert exact != pytest.approx(with_sd.predict(unsure[:1].assign(**{"d2H.sd": 60.0})), abs=0.01)


def test_sites_are_left_out_and_a_grid_is_searched(data, isoscapes):
    X, y, sites = data
    model = make_pipeline(FunctionTransformer(), IsotopeRegressor(isoscapes))
    places = y.to_numpy()
    placed = cross_val_predict(model, X, y, groups=sites, cv=GroupKFold(5))
    error = great_circle(*places.T, *placed.T)
    assert np.median(error) < 0.5 * np.median(great_circle(*places.T, *places.mean(axis=0)))
    assert cross_val_score(model, X, y, groups=sites, cv=GroupKFold(3)).mean() > 0.3
    grid = {"weighting": ["site", "equal"]}
    search = GridSearchCV(IsotopeRegressor(isoscapes), grid, cv=GroupKFold(2))
    assert search.fit(X, y, groups=sites).best_params_["weighting"] in ("site", "equal")


def test_animals_of_one_site_are_taken_together(data, isoscapes):
    X, y, sites = data
    near = y + np.random.default_rng(1).uniform(-0.2, 0.2, y.shape)
    by_place = IsotopeRegressor(isoscapes).fit(X, near).model_.calibrations[0]
    by_site = IsotopeRegressor(isoscapes).fit(X, near, groups=sites).model_.calibrations[0]
    assert (by_place.sites, by_site.sites) == (90, 30)


def test_an_animal_without_a_value_gets_the_middle_of_the_map(data, isoscapes):
    X, y, _sites = data
    model = IsotopeRegressor(isoscapes).fit(X, y)
    places = model.predict(pd.concat([X[:1], X[:1] * np.nan]))
    assert great_circle(*places[1], 50, 5) < 150
    assert places[0] == pytest.approx(model.predict(X[:1])[0])


def test_what_does_not_fit_is_refused(data, isoscapes):
    X, y, _sites = data
    with pytest.raises(ValueError, match="latitude and longitude"):
        IsotopeRegressor(isoscapes).fit(X, y["latitude"])
    with pytest.raises(ValueError, match=r"columns of X are d2H, d18O; the isoscapes are of d2H$"):
        IsotopeRegressor(isoscapes[:1]).fit(X, y)
    with pytest.raises(ValueError, match="columns of X are 2"):
        IsotopeRegressor(isoscapes[:1]).fit(X.to_numpy(), y)
    with pytest.raises(ValueError, match="isoscapes are of -"):
        IsotopeRegressor().fit(X, y)
    with pytest.raises(ValueError, match="2 sites"):
        IsotopeRegressor(isoscapes).fit(X[:6], y[:6])
    with pytest.raises(UsageError, match="density"):
        IsotopeRegressor(isoscapes, density="flat").fit(X, y)
