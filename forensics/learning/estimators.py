"""Estimators of scikit-learn by their names; importing this module imports scikit-learn."""

import importlib
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor

from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = [
    "kind_of_estimator",
    "load_estimator",
    "load_named",
    "prepare_estimator",
    "prepare_regressor",
    "scores_of",
]

# A probability below this is taken as this, since many classifiers say 0 of what they have not seen.
_MIN_PROBABILITY = 1e-6


def load_estimator(name: str, *, seed: int = 1) -> Any:
    """Return the classifier of ``module:Class``, or of ``module:name`` of an estimator or of a function
    that makes one.

    Parameters
    ----------
    seed : int
        Takes the place of every ``random_state`` that is None.

    Raises
    ------
    UsageError
        If there is no such thing, or it is not a classifier.
    """
    return prepare_estimator(load_named(name), seed=seed)


def load_named(name: str) -> Any:
    """Return the estimator of a name as of `load_estimator`, a classifier or not.

    Raises
    ------
    UsageError
        If there is no such thing.
    """
    module, _sign, attribute = name.partition(":")
    try:
        estimator = importlib.import_module(module)
        for part in attribute.split("."):
            estimator = getattr(estimator, part)
        if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
            estimator = estimator()  # type: ignore[operator]
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            _(
                "{name} is not an estimator ({why}); expected module:Class, such as {example}."
            ).format(name=name, why=error, example="sklearn.ensemble:RandomForestClassifier")
        ) from error
    return estimator


def prepare_estimator(estimator: Any, *, seed: int) -> Any:
    """Return a copy that is not fitted, with the seed wherever chance has a part.

    What a fitted estimator has learned is left behind: nobody could say how well it does on animals
    that it has not seen.

    Raises
    ------
    UsageError
        If it is not a classifier of scikit-learn.
    """
    try:
        copy = clone(estimator)
    except TypeError as error:
        raise UsageError(
            _("{name} is not a classifier of scikit-learn.").format(name=type(estimator).__name__)
        ) from error
    if not is_classifier(copy) or not (
        hasattr(copy, "predict_proba") or hasattr(copy, "decision_function")
    ):
        raise UsageError(
            _("{name} is not a classifier of scikit-learn.").format(name=type(copy).__name__)
        )
    return _with_seed(copy, seed)


def prepare_regressor(estimator: Any, *, seed: int) -> Any:
    """Return a copy of a regressor that is not fitted, as `prepare_estimator` does of a classifier.

    Raises
    ------
    UsageError
        If it is not a regressor of scikit-learn.
    """
    try:
        copy = clone(estimator)
    except TypeError as error:
        raise UsageError(
            _("{name} is not a regressor of scikit-learn.").format(name=type(estimator).__name__)
        ) from error
    if not is_regressor(copy) or not hasattr(copy, "predict"):
        raise UsageError(
            _("{name} is not a regressor of scikit-learn.").format(name=type(copy).__name__)
        )
    return _with_seed(copy, seed)


def kind_of_estimator(estimator: Any, kind: str = "auto") -> str:
    """Return the kind of model of origin that an estimator makes.

    Parameters
    ----------
    estimator : estimator of scikit-learn
    kind : str
        The kind that is wanted: ``auto``, ``populations``, ``classifier`` or ``places``.

    Returns
    -------
    {"classifier", "places"}
        A classifier assigns to populations; a regressor predicts places.

    Raises
    ------
    UsageError
        If the estimator does not make a model of the kind that is wanted.
    """
    if kind not in ("auto", "populations", "classifier", "places"):
        raise UsageError(
            _("--estimator assigns to populations or predicts places; --kind does not fit.")
        )
    try:
        regressor = is_regressor(estimator)
    except (AttributeError, TypeError):  # what is not an estimator at all has no tags
        regressor = False
    if kind == "places" or (kind == "auto" and regressor):
        prepare_regressor(estimator, seed=1)
        return "places"
    prepare_estimator(estimator, seed=1)
    return "classifier"


def _with_seed(copy: Any, seed: int) -> Any:
    """Return an estimator with the seed wherever its ``random_state`` is None."""
    seeds = {
        parameter: seed
        for parameter, value in copy.get_params().items()
        if value is None and parameter.split("__")[-1] == "random_state"
    }
    return copy.set_params(**seeds)


def scores_of(estimator: Any, X: np.ndarray, classes: int) -> np.ndarray:
    """Return a score of each class; float64, shape (n, classes).

    Logarithms of probabilities where the estimator has them, else its decision function. A class that
    the estimator has not seen gets the least score that there is.
    """
    if hasattr(estimator, "predict_proba"):
        values = np.log(np.maximum(estimator.predict_proba(X), _MIN_PROBABILITY))
    else:
        values = np.asarray(estimator.decision_function(X), dtype=np.float64)
        if values.ndim == 1:
            values = np.column_stack([-values / 2, values / 2])
    seen = np.asarray(estimator.classes_, dtype=np.intp)
    scores = np.full((len(X), classes), min(np.log(_MIN_PROBABILITY), float(values.min())))
    scores[:, seen] = values
    if not np.isfinite(scores).all():
        raise InputError(_("The estimator gave scores that are not numbers."))
    return scores
