"""Haplotypes of localities with the interface of scikit-learn. Importing this module imports scikit-learn."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from forensics.errors import UsageError
from forensics.genetics.encoder import checked
from forensics.messages import _
from forensics.origin.haplotypes import ELSEWHERE, estimate_frequencies, haplotype_reference
from forensics.stats.choice import greatest

__all__ = ["HaplotypeClassifier"]


class HaplotypeClassifier(ClassifierMixin, BaseEstimator):
    """Say which locality a haplotype is likely from; a classifier for scikit-learn.

    Parameters
    ----------
    places : dict of label to (latitude, longitude), optional
        Of each locality, degrees. Without them all localities are taken as equally near each other.
    elsewhere : float
        Probability beforehand of a locality that was not sampled, 0 to below 1; of
        `elsewhere_proba` alone.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (G,)
        Localities.
    reference_ : HaplotypeReference
    n_features_in_ : int

    Notes
    -----
    A haplotype is a row: one column with its number, or a column for each variable site of the
    sequence. Rows that differ anywhere are different haplotypes.

    Examples
    --------
    >>> X, y = [[1], [1], [1], [2], [2], [2]], ["north"] * 3 + ["south"] * 3
    >>> HaplotypeClassifier().fit(X, y).predict([[2], [1]]).tolist()
    ['south', 'north']
    """

    def __init__(
        self,
        places: Mapping[Any, tuple[float, float]] | None = None,
        elsewhere: float = ELSEWHERE,
    ) -> None:
        self.places = places
        self.elsewhere = elsewhere

    def fit(self, X: ArrayLike, y: ArrayLike) -> "HaplotypeClassifier":
        """Count haplotypes by locality.

        Parameters
        ----------
        X : array-like of float, shape (n, d)
            Haplotype of each animal; nothing may be missing.
        y : array-like, shape (n,)
            Locality of each animal.

        Raises
        ------
        ValueError
            If there is one locality only, or values are missing.
        UsageError
            If a locality has no place, or `elsewhere` is not a probability.
        """
        if y is None:
            raise ValueError(
                "This HaplotypeClassifier estimator requires y to be passed, but the target y is "
                "None."
            )
        if not 0 <= self.elsewhere < 1:
            raise UsageError(
                _("probability {value} of elsewhere; 0 to below 1 is expected").format(
                    value=self.elsewhere
                )
            )
        haplotypes = _names(checked(self, X, reset=True, missing=False))
        labels = column_or_1d(y, warn=True)
        check_consistent_length(haplotypes, labels)
        check_classification_targets(labels)
        self.classes_, own = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"Classifier can't train when only one class is present: {self.classes_[0]!r}"
            )
        width = len(str(len(self.classes_)))  # so that the order of names is that of the classes
        localities = [f"{place:0{width}d}" for place in own]
        self.reference_ = haplotype_reference(haplotypes, localities, *self._coordinates()[:, own])
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return posteriors of the localities, each as likely beforehand; float64, shape (n, G)."""
        frequencies, _base = self._frequencies(X)
        return np.asarray(frequencies / frequencies.sum(axis=1, keepdims=True))

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Return logarithms of posteriors; float64, shape (n, G)."""
        return np.asarray(np.log(self.predict_proba(X)))

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the locality with the greatest posterior; it says nothing of others."""
        best = greatest(self.predict_proba(X), axis=1)
        return np.asarray(self.classes_[best])

    def elsewhere_proba(self, X: ArrayLike) -> np.ndarray:
        """Return the posterior of a locality that was not sampled; float64, shape (n,)."""
        frequencies, base = self._frequencies(X)
        sampled = (1 - self.elsewhere) * frequencies.mean(axis=1)
        return np.asarray(self.elsewhere * base / (sampled + self.elsewhere * base))

    def _frequencies(self, X: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the frequency of each row at each locality, and over all."""
        check_is_fitted(self)
        names, rows = np.unique(
            _names(checked(self, X, reset=False, missing=False)), return_inverse=True
        )
        pairs = [estimate_frequencies(self.reference_, str(name)) for name in names]
        frequencies, bases = (np.array(column) for column in zip(*pairs))
        return frequencies[rows], bases[rows]

    def _coordinates(self) -> np.ndarray:
        """Return latitude and longitude of each class; float64, shape (2, G)."""
        if self.places is None:
            return np.zeros((2, len(self.classes_)))
        for label in self.classes_:
            if label not in self.places:
                raise UsageError(
                    _("locality {name} has no latitude and longitude").format(name=label)
                )
        return np.array([self.places[label] for label in self.classes_], dtype=np.float64).T


def _names(X: np.ndarray) -> list[str]:
    """Return a name for each row; equal rows have one name."""
    return ["|".join(map(repr, row)) for row in (X + 0.0).tolist()]  # no -0.0
