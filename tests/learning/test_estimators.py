"""Stored estimators: what fits together is opened, and each array that does not is refused."""

import copy

import numpy as np
import pytest
import scipy.sparse
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestCentroid
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR
from sklearn.tree import DecisionTreeClassifier

from forensics.errors import ModelError
from forensics.genetics.encoder import GenotypeEncoder
from forensics.learning.estimators import _AXES, check_fitted, estimator_bytes, estimator_from_bytes

X = np.random.default_rng(1).normal(size=(60, 4))
CODES = np.random.default_rng(2).integers(0, 3, (60, 4)).astype(float)
THREE, TWO = np.arange(60) % 3, np.arange(60) % 2
PLACES = X @ np.random.default_rng(3).normal(size=(4, 2))

CLASSIFIERS = [
    SVC(), NuSVC(nu=0.3), LinearSVC(), LogisticRegression(), RidgeClassifier(), SGDClassifier(),
    BernoulliNB(), GaussianNB(), LinearDiscriminantAnalysis(), QuadraticDiscriminantAnalysis(),
    KNeighborsClassifier(), KNeighborsClassifier(algorithm="brute"), NearestCentroid(),
    MLPClassifier(hidden_layer_sizes=(5, 3), max_iter=20), DummyClassifier(), DecisionTreeClassifier(max_depth=3),
    RandomForestClassifier(2, max_depth=3), GradientBoostingClassifier(n_estimators=2),
    HistGradientBoostingClassifier(max_iter=2), AdaBoostClassifier(n_estimators=2),
    BaggingClassifier(DecisionTreeClassifier(max_depth=2), 2, max_features=2),
    GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 2]}, cv=2),
]  # fmt: skip
REGRESSORS = [
    SVR(), NuSVR(), LinearSVR(), HistGradientBoostingRegressor(max_iter=2), Ridge(), LinearRegression(),
    MLPRegressor(hidden_layer_sizes=(5,), max_iter=20), DummyRegressor(),
]  # fmt: skip
OF_PLACES = [
    KernelRidge(), Ridge(), LinearRegression(), KNeighborsRegressor(), RandomForestRegressor(2, max_depth=3),
    ExtraTreesRegressor(2, max_depth=3), MultiOutputRegressor(Ridge()), MLPRegressor(hidden_layer_sizes=(5,), max_iter=20),
    TransformedTargetRegressor(KNeighborsRegressor(), transformer=StandardScaler()),
]  # fmt: skip
STEPS = [
    StandardScaler(), MinMaxScaler(), RobustScaler(), SimpleImputer(), PCA(2), PCA(0.9),
    PolynomialFeatures(2),
]  # fmt: skip


def fitted():
    for estimator in CLASSIFIERS:
        for classes in (THREE, TWO):
            yield copy.deepcopy(estimator).fit(X, classes)
    for estimator in REGRESSORS:
        yield copy.deepcopy(estimator).fit(X, X[:, 0])
    for estimator in OF_PLACES:
        yield copy.deepcopy(estimator).fit(X, PLACES)
    for step in STEPS:
        yield make_pipeline(copy.deepcopy(step), LogisticRegression()).fit(X, THREE)
    yield make_pipeline(GenotypeEncoder(), GaussianNB()).fit(CODES, THREE)


def arrays_of(part, path=(), seen=None):
    """Yield each array that is declared, with the object and the place in it that hold it."""
    seen = set() if seen is None else seen
    if id(part) in seen:
        return
    seen.add(id(part))
    if hasattr(part, "get_params") and type(part).__name__ not in ("GridSearchCV", "_BinMapper"):
        for name, value in vars(part).items():
            axes = _AXES.get(type(part).__name__, {}).get(name, "*")
            if axes == "*" or name in part.get_params(deep=False):
                continue
            for place, array in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(array, np.ndarray) and array.size and array.dtype != object:
                    yield part, name, place
    inside = vars(part).values() if hasattr(part, "__dict__") else ()
    for value in [*inside, *(part if isinstance(part, (list, tuple)) else ())]:
        if not isinstance(value, (str, np.ndarray, type)):
            yield from arrays_of(value, path, seen)


def changed(array):
    """Yield arrays that are not what an estimator learned."""
    for axis in range(array.ndim):
        yield np.delete(array, 0, axis)
        yield np.take(array, [0], axis) if array.shape[axis] > 1 else np.repeat(array, 2, axis)
    yield array[None]
    yield array.astype("U8")
    yield array.astype(complex)
    if array.dtype.kind == "f":
        wrong = array.copy()
        wrong.flat[0] = np.nan
        yield wrong
    else:
        for number in (-1, 10**6):
            wrong = array.astype(np.int64)
            wrong.flat[0] = number
            yield wrong


def _stored(estimator):
    """Return a file of skops of whatever it is given."""
    return pytest.importorskip("skops.io").dumps(estimator)


def test_support_vectors_without_their_coefficients_are_refused():
    machine = SVC().fit(X, THREE)
    machine._dual_coef_ = machine._dual_coef_[:, :1]
    with pytest.raises(ModelError, match=r"SVC\._dual_coef_ is 2 x 1, expected 2 x \d\d"):
        estimator_from_bytes(_stored(machine))


@pytest.mark.parametrize("estimator", list(fitted()), ids=lambda one: type(one).__name__)
def test_what_is_stored_is_opened_and_predicts_the_same(estimator):
    given = CODES if "genotypeencoder" in getattr(estimator, "named_steps", {}) else X
    try:
        stored = estimator_from_bytes(estimator_bytes(estimator))
    except ModelError as error:  # skops does not trust a part of it, as before
        assert "not trusted" in str(error)
        return
    again, first = stored.predict(given), estimator.predict(given)
    if first.dtype.kind == "f":  # a product of matrices depends on where they lie in memory
        np.testing.assert_allclose(again, first, rtol=1e-12)
    else:
        assert np.array_equal(again, first)


def test_what_cannot_be_checked_is_refused_when_it_is_stored():
    unlisted = make_pipeline(QuantileTransformer(n_quantiles=5), SVC()).fit(X, THREE)
    with pytest.raises(
        ModelError, match="cannot store QuantileTransformer.* Use one of AdaBoostClassifier, "
    ):
        estimator_from_bytes(_stored(unlisted))
    sparse = SVC().fit(scipy.sparse.csr_array(X), THREE)
    with pytest.raises(ModelError, match="not trusted"):
        estimator_from_bytes(_stored(sparse))


@pytest.mark.parametrize("estimator", list(fitted()), ids=lambda one: type(one).__name__)
def test_each_array_that_does_not_fit_is_refused(estimator):
    check_fitted(estimator)
    passed, tried = [], 0
    for part, name, place in list(arrays_of(estimator)):
        value = getattr(part, name)
        array = value if place is None else value[place]
        for wrong in changed(array):
            if name in NOT_FOLLOWED and wrong.shape == array.shape and wrong.dtype.kind == "i":
                continue
            if name == "coef_" and wrong.shape == (1, *array.shape):
                continue  # a linear model of one row, told so
            if (type(part).__name__, name) in OF_OUTPUTS and wrong.shape[:1] == array.shape[:1]:
                if wrong.dtype == array.dtype and wrong.size and not np.isnan(wrong).any():
                    continue  # an estimator of fewer or more outputs
            tried += 1
            if place is None:
                setattr(part, name, wrong)
            else:
                value[place] = wrong
            try:
                check_fitted(estimator)
                passed.append((type(part).__name__, name, array.shape, wrong.shape, wrong.dtype))
            except ValueError:
                pass
            if place is None:
                setattr(part, name, array)
            else:
                value[place] = array
    check_fitted(estimator)
    assert passed == []


NOT_FOLLOWED = {"_num_iter", "n_iter_", "_seeds", "haploid_", "support_"}
"""Whole numbers that lead nowhere."""
OF_OUTPUTS = {("KernelRidge", "dual_coef_"), ("KNeighborsRegressor", "_y")}
