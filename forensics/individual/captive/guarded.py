"""A laboratory's own classifier of scikit-learn on measurements, guarded by the densities of its classes.

The classifier says which class; whether the sample lies in the range of any class, it cannot say. So the densities
of `HusbandryClassifier` stand beside it: their conformal p-values exclude classes, as they do without it.

Its scores become log likelihood ratios by a line (Brümmer & du Preez 2006): ``a s + b`` of each class, fitted to
samples whose group was left out, each class with the same weight; so the shares of classes in its training have no
part. They are cut off where the reference no longer shows that they are better than saying nothing
(`forensics.individual.captive.calibration`). Of each left-out part the line is that of the other parts.

References
----------
Brümmer & du Preez 2006, doi:10.1016/j.csl.2005.08.001.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from forensics.errors import InputError
from forensics.individual.captive.classifier import HusbandryClassifier, Reference
from forensics.learning.estimators import scores_of
from forensics.messages import _

__all__ = ["FOLDS", "GuardedClassifier", "ScoreLine", "fit_guarded", "restore_guarded"]

# Sets of groups that are left out while the classifier is fitted anew.
FOLDS = 10
# Bounds of the logarithm of the slope, and a small price of lines far from "as it is": of scores that tell
# the classes apart without a mistake, any slope is better than the one before.
_STEEPEST = 3.0
_PRICE = 1e-3


@dataclass(frozen=True, eq=False)
class ScoreLine:
    """From scores to log likelihoods, but for what is the same for all classes.

    Attributes
    ----------
    offsets : numpy.ndarray of float64, shape (K,)
    """

    slope: float
    offsets: np.ndarray

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Return log likelihoods of scores; both float64, shape (n, K)."""
        return np.asarray(self.slope * scores + self.offsets)


class _ScoredReference(Reference):
    """Samples of known class, with the log likelihoods that a classifier gave them when left out."""

    def __init__(self, X: np.ndarray, own: np.ndarray, group: np.ndarray, logs: np.ndarray) -> None:
        super().__init__(X, own, group)
        self.logs = logs

    def left_out(self, place: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the classifier's log likelihoods, and the p-values of the densities; shape (n, K)."""
        return self.logs, super().left_out(place)[1]


class GuardedClassifier:
    """A fitted classifier with its calibration and its guard; it has what `HusbandryClassifier` has.

    Parameters
    ----------
    estimator : classifier of scikit-learn
        Fitted to all samples; its classes are numbers, in the order of those of the guard.
    guard : HusbandryClassifier
        Fitted to the same samples.
    reference : Reference
        With the log likelihoods of samples that were left out.

    Attributes
    ----------
    classes_, prior_, reference_, calibration_
        As of `HusbandryClassifier`; the calibration is that of the classifier's scores.
    name : str
        Of the class of the estimator.
    """

    def __init__(
        self, estimator: Any, guard: HusbandryClassifier, reference: Reference, line: ScoreLine
    ) -> None:
        self.estimator, self.guard, self.line = estimator, guard, line
        self.classes_, self.prior_ = guard.classes_, guard.prior_
        self.reference_ = reference
        self.calibration_ = reference.calibration()
        self.name = _name_of(estimator)

    def scores(self, X: np.ndarray) -> np.ndarray:
        """Return the classifier's scores; float64, shape (n, K)."""
        return scores_of(self.estimator, X, len(self.classes_))

    def log_ratios(self, X: np.ndarray) -> np.ndarray:
        """Return log likelihood ratios of each class to the likeliest one, bounded; shape (n, K)."""
        return self.calibration_.bounded(self.line.apply(self.scores(X)))

    def p_values(self, X: np.ndarray, *, extended: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Return the p-values of the densities, see `HusbandryClassifier.p_values`."""
        return self.guard.p_values(X, extended=extended)


def fit_guarded(
    estimator: Any,
    X: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray,
    *,
    prior: str | Mapping[Any, float] = "equal",
) -> GuardedClassifier:
    """Fit a classifier to samples of known class, and calibrate it on groups that are left out.

    Parameters
    ----------
    estimator : classifier of scikit-learn
        As `forensics.learning.estimators.prepare_estimator` gives it; it is copied.
    X : numpy.ndarray of float64, shape (n, d)
    classes, groups : numpy.ndarray, shape (n,)
    prior : "equal" or mapping of class to float

    Raises
    ------
    ValueError
        See `HusbandryClassifier.fit`.
    InputError
        If the classifier cannot be fitted to them.
    """
    guard = HusbandryClassifier(prior).fit(X, classes, groups=groups)
    known = guard.reference_
    scores = np.empty((len(X), len(guard.classes_)))
    part = known.fold % FOLDS
    try:
        for place in np.unique(part):
            out = part == place
            fitted = clone(estimator).fit(X[~out], known.own[~out])
            scores[out] = scores_of(fitted, X[out], len(guard.classes_))
        fitted = clone(estimator).fit(X, known.own)
    except ValueError as error:  # what scikit-learn says of data that an estimator cannot take
        raise InputError(
            _("{name} cannot be fitted to these measurements: {why}").format(
                name=_name_of(estimator), why=error
            )
        ) from error
    logs = np.empty_like(scores)
    for place in np.unique(part):
        out = part == place
        line = fit_line(scores[~out], known.own[~out], known.weights[~out])
        logs[out] = line.apply(scores[out])
    line = fit_line(scores, known.own, known.weights)
    reference = _ScoredReference(X, known.own, known.group, logs)
    return GuardedClassifier(fitted, guard, reference, line)


def restore_guarded(
    estimator: Any,
    X: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray,
    logs: np.ndarray,
    line: ScoreLine,
    *,
    prior: str | Mapping[Any, float] = "equal",
) -> GuardedClassifier:
    """Return what `fit_guarded` gave, from its parts; nothing but the guard is fitted.

    Raises
    ------
    ValueError
        See `HusbandryClassifier.fit`.
    """
    guard = HusbandryClassifier(prior).fit(X, classes, groups=groups)
    known = guard.reference_
    return GuardedClassifier(
        estimator, guard, _ScoredReference(X, known.own, known.group, logs), line
    )


def fit_line(scores: np.ndarray, own: np.ndarray, weights: np.ndarray) -> ScoreLine:
    """Return the line with the least logarithmic loss, each class with the same weight.

    Parameters
    ----------
    scores : numpy.ndarray of float64, shape (n, K)
        Of samples that the classifier has not seen.
    own : numpy.ndarray of intp, shape (n,)
    weights : numpy.ndarray of float64, shape (n,)
        Samples that are not independent share a weight of 1.
    """
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    count = scores.shape[1]
    each = weights / np.bincount(own, weights=weights, minlength=count)[own]
    rows = np.arange(len(own))

    def loss(parameters: np.ndarray) -> float:
        values = np.exp(parameters[0]) * scores + np.append(parameters[1:], 0.0)
        log_posterior = values[rows, own] - logsumexp(values, axis=1)
        return float(-(each * log_posterior).sum() + _PRICE * (parameters**2).sum())

    bounds = [(-_STEEPEST, _STEEPEST), *[(None, None)] * (count - 1)]
    best = minimize(loss, np.zeros(count), method="L-BFGS-B", bounds=bounds).x
    return ScoreLine(float(np.exp(best[0])), np.append(best[1:], 0.0))


def _name_of(estimator: Any) -> str:
    """Return the name of the class; of a pipeline those of its steps."""
    steps = getattr(estimator, "steps", None)
    return " + ".join(_name_of(step) for _key, step in steps) if steps else type(estimator).__name__
