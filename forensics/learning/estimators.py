"""Estimators of scikit-learn by their names; importing this module imports scikit-learn."""

import importlib
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier

from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = [
    "check_kind",
    "load_named",
    "prepare_estimator",
    "scores_of",
]

# A probability below this is taken as this, since many classifiers say 0 of what they have not seen.
_MIN_PROBABILITY = 1e-6


def load_named(name: str) -> Any:
    """Return the estimator of ``module:Class``, or of ``module:name`` of an estimator or of a function
    that makes one; a classifier or not.

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


def check_kind(estimator: Any, kind: str) -> None:
    """Raise a `UsageError` if an estimator is not a classifier, or another kind of model was asked for.

    Parameters
    ----------
    estimator : estimator of scikit-learn
    kind : str
        The kind that is wanted: ``auto``, ``populations`` or ``classifier``.
    """
    if kind not in ("auto", "populations", "classifier"):
        raise UsageError(
            _("--estimator assigns to populations; --kind {kind} does not fit.").format(kind=kind)
        )
    prepare_estimator(estimator, seed=1)


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
