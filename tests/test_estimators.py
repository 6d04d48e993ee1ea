"""Every estimator of the package passes the checks of scikit-learn; one that is new cannot be forgotten."""

import functools
import importlib

import numpy as np
import pandas as pd
import pytest
from isotope_simulation import plane
from sklearn import config_context
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.estimator_checks import parametrize_with_checks

from forensics.age.estimators import ClockRegressor
from forensics.genetics.encoder import GenotypeEncoder
from forensics.individual.captive.classifier import HusbandryClassifier
from forensics.origin.estimators import PopulationAssigner
from forensics.origin.haplotype_classifier import HaplotypeClassifier
from forensics.origin.isotope_regressor import IsotopeRegressor
from forensics.origin.place_regressor import PlaceRegressor


class OneTarget(IsotopeRegressor):
    """The regressor with an isoscape for each column, and latitudes as its one target.

    The checks give columns of any number and one target. All else is the regressor's own.
    """

    def _maps(self):
        names = getattr(self, "feature_names_in_", [f"x{n}" for n in range(self.n_features_in_)])
        return [plane(str(name), north=-1.0, east=0.0, error=0.1) for name in names]

    def _read_places(self, y):
        y = column_or_1d(
            check_array(y, ensure_2d=False, dtype=np.float64, input_name="y"), warn=True
        )
        self.middle_, self.spread_ = y.mean(), np.abs(y - y.mean()).max() or 1.0
        longitudes = np.linspace(-9, 19, len(y))  # each animal is of a place of its own
        return np.column_stack([50 + 9 * (y - self.middle_) / self.spread_, longitudes])

    def predict(self, X):
        return (super().predict(X)[:, 0] - 50) / 9 * self.spread_ + self.middle_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output, tags.target_tags.single_output = False, True
        return tags

    def _more_tags(self):  # before scikit-learn 1.6
        return {"allow_nan": True}


class OnePlace(PlaceRegressor):
    """The regressor with scikit-learn's one target laid along the equator, in five rows.

    The target is the longitude, of three values; rows and values make sites of several animals, as
    places have. All else is the regressor's own.
    """

    def fit(self, X, y):
        if y is None:
            return super().fit(X, y)
        y = column_or_1d(
            check_array(y, ensure_2d=False, dtype=np.float64, input_name="y"), warn=True
        )
        self.middle_, self.spread_ = y.mean(), np.abs(y - y.mean()).max() or 1.0
        longitudes = 9 * np.round((y - self.middle_) / self.spread_)
        return super().fit(X, np.column_stack([np.arange(len(y)) % 5 - 2.0, longitudes]))

    def predict(self, X):
        return super().predict(X)[:, 1] / 9 * self.spread_ + self.middle_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output, tags.target_tags.single_output = False, True
        return tags

    def _more_tags(self):  # before scikit-learn 1.6
        return {"multioutput": False, "multioutput_only": False}


# What is checked of each estimator. With ploidy=2 an odd number of columns is refused, and the checks use odd
# numbers; with ploidy=1 it is the same code with one column a locus.
CHECKED = {
    GenotypeEncoder: [GenotypeEncoder(ploidy=1)],
    PopulationAssigner: [PopulationAssigner(ploidy=1), PopulationAssigner(ploidy=1, method="shrunk")],
    HaplotypeClassifier: [HaplotypeClassifier()],
    HusbandryClassifier: [HusbandryClassifier()],
    IsotopeRegressor: [OneTarget()],
    PlaceRegressor: [OnePlace(ploidy=1, cells=8, land=False)],
    ClockRegressor: [ClockRegressor()],
}  # fmt: skip
SLOW = {ClockRegressor}

# Checks that cannot pass, with the reason. These fit five samples a class in three or more dimensions; a class needs
# three groups more than there are dimensions, since two are left out in turn (forensics.individual.captive.densities).
# The last two do so before scikit-learn 1.6 only.
EXPECTED = {
    HusbandryClassifier: {
        "check_n_features_in_after_fitting": "5 groups in 4 dimensions",
        "check_estimators_nan_inf": "5 groups in 3 dimensions",
        "check_estimators_dtypes": "few groups in 5 dimensions",
        "check_dtype_object": "few groups in 10 dimensions",
    }
}
TOO_FEW = "independent groups"


def _name_of(check):
    while isinstance(check, functools.partial):
        check = check.func
    return check.__name__


def _fast(estimators):
    return [each for kind in estimators if kind not in SLOW for each in estimators[kind]]


def _is_repetition(estimator, check):
    """Return whether a check of an estimator that takes seconds is made once more: memory that is only read is also that of float32."""
    kind = isinstance(estimator, (OneTarget, OnePlace)) and _name_of(check)
    more = getattr(check, "keywords", {}) if isinstance(check, functools.partial) else {}
    return kind == "check_regressors_train" and set(more) == {"readonly_memmap"}


def _checks(estimators, *, repetitions):
    """Return the checks of estimators as `parametrize_with_checks` does: those that take seconds again, or the others."""
    mark = parametrize_with_checks(estimators)
    pairs = [
        pair
        for pair in mark.args[1]
        if _is_repetition(*getattr(pair, "values", pair)) == repetitions
    ]
    return pytest.mark.parametrize(mark.args[0], pairs, **mark.kwargs)


def _run(estimator, check):
    expected = EXPECTED.get(type(estimator), {})
    try:
        check(estimator)
    except ValueError as error:
        if _name_of(check) not in expected or TOO_FEW not in str(error):
            raise


@_checks(_fast(CHECKED), repetitions=False)
def test_scikit_learns_own_checks_pass(estimator, check):
    _run(estimator, check)


@pytest.mark.slow
@_checks(_fast(CHECKED), repetitions=True)
def test_scikit_learns_own_checks_pass_with_memory_that_is_only_read(estimator, check):
    _run(estimator, check)


@pytest.mark.slow
@parametrize_with_checks([each for kind in SLOW for each in CHECKED[kind]])
def test_scikit_learns_own_checks_pass_where_a_fit_takes_long(estimator, check):
    _run(estimator, check)


def _estimators_of_the_package(root):
    """Return the estimators that the modules of the package define."""
    for path in sorted((root / "forensics").rglob("*.py")):
        if "sklearn" in path.read_text("utf-8") and path.name != "__main__.py":
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))
    waiting, found = [BaseEstimator], set()
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found.update(kind for kind in below if kind.__module__.startswith("forensics."))
    return found


def test_no_estimator_of_the_package_is_left_out(root):
    assert _estimators_of_the_package(root) == CHECKED.keys()


def test_what_is_expected_to_fail_is_what_a_fit_with_enough_samples_does_not():
    X = np.random.default_rng(1).normal(size=(14, 4))
    y = np.repeat([0, 1], 7)
    assert HusbandryClassifier().fit(X, y).n_features_in_ == 4
    with pytest.raises(ValueError, match=TOO_FEW):
        HusbandryClassifier().fit(X[1:], y[1:])


# Data that every estimator can be fitted to.
NAMES = ["a", "b"]
FRAME = pd.DataFrame(np.random.default_rng(2).integers(0, 3, (24, 2)).astype(float), columns=NAMES)
LABELS = np.repeat(["north", "south"], 12)
VALUES = np.linspace(1, 12, 24)


def _fitted(estimator, X=FRAME):
    return clone(estimator).fit(X, LABELS if is_classifier(estimator) else VALUES)


@pytest.mark.parametrize(
    "estimator", [each for kind in CHECKED for each in CHECKED[kind]], ids=repr
)
def test_frames_are_taken_and_their_names_compared(estimator):
    model = _fitted(estimator)
    assert model.feature_names_in_.tolist() == NAMES
    method = model.transform if hasattr(model, "transform") else model.predict
    assert len(method(FRAME)) == len(FRAME)
    with pytest.raises(ValueError, match="feature names"):
        method(FRAME[NAMES[::-1]])


TRANSFORMERS = [each for kind in CHECKED for each in CHECKED[kind] if hasattr(each, "transform")]


def test_the_transformers_are_those_that_have_transform():
    assert {type(each) for each in TRANSFORMERS} == {GenotypeEncoder}


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)
def test_transformers_give_frames_with_names_and_the_index(transformer):
    X = FRAME.set_axis([f"animal {n}" for n in range(len(FRAME))])
    plain = clone(transformer).fit(X).transform(X)
    frame = clone(transformer).set_output(transform="pandas").fit_transform(X)
    assert isinstance(frame, pd.DataFrame) and frame.index.equals(X.index)
    assert frame.columns.tolist() == clone(transformer).fit(X).get_feature_names_out().tolist()
    assert frame.to_numpy() == pytest.approx(plain)
    with config_context(transform_output="pandas"):
        pipeline = make_pipeline(clone(transformer), StandardScaler()).fit(X)
        scaled = pipeline.transform(X)
    assert scaled.columns.tolist() == frame.columns.tolist()
    assert pipeline[:-1].get_feature_names_out().tolist() == frame.columns.tolist()
