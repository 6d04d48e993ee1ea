"""An epigenetic clock with the interface of scikit-learn. Importing this module imports scikit-learn."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from forensics.age.clock_training import fit_net
from forensics.age.methylation import years_of
from forensics.age.options import INNER_FOLDS, TRAINABLE
from forensics.errors import UsageError
from forensics.genetics.encoder import checked
from forensics.messages import _

__all__ = ["ClockRegressor"]


class ClockRegressor(RegressorMixin, BaseEstimator):
    """Predict ages from methylation by an elastic net; a regressor for scikit-learn.

    It fits what `forensics.age.clock_training.train_clock` fits. A clock for casework is trained by that
    function, which measures prediction intervals on animals left out and writes the clock with its card.

    Parameters
    ----------
    age_transform : {"none", "universal1"}
        Scale on which ages are fitted: years, or log(years + 2).
    folds : int
        Of the cross-validation that chooses penalty and mixing.

    Attributes
    ----------
    coef_ : numpy.ndarray of float64, shape (k,)
        Weights of the sites, on the scale of the transform.
    intercept_ : float
    alpha_, l1_ratio_ : float
        Penalty and mixing that were chosen.
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> ages = np.arange(30.0)
    >>> methylation = np.column_stack([0.2 + 0.01 * ages, 0.9 - 0.02 * ages])
    >>> model = ClockRegressor().fit(methylation, ages)
    >>> bool(abs(model.predict([[0.35, 0.6]])[0] - 15) < 1)
    True
    """

    def __init__(self, age_transform: str = "none", folds: int = INNER_FOLDS) -> None:
        self.age_transform = age_transform
        self.folds = folds

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> "ClockRegressor":
        """Choose penalty and mixing, and fit the weights of all sites.

        Parameters
        ----------
        X : array-like of float, shape (n, k)
            Beta values; none may be missing.
        y : array-like of float, shape (n,)
            Ages, years.
        groups : array-like, shape (n,), optional
            Animal of each sample; samples of one animal stay together in each fold. By default each
            sample is of another animal.

        Raises
        ------
        ValueError
            If values are missing, or there are fewer animals than folds.
        UsageError
            If the transform cannot be trained with.
        """
        if y is None:
            raise ValueError(
                "This ClockRegressor estimator requires y to be passed, but the target y is None."
            )
        if self.age_transform not in TRAINABLE:
            raise UsageError(
                _("{value!r} is not a transform; expected one of {known}.").format(
                    value=self.age_transform, known=", ".join(TRAINABLE)
                )
            )
        values = checked(self, X, reset=True, missing=False)
        ages = np.asarray(column_or_1d(y, warn=True), dtype=np.float64)
        check_consistent_length(values, ages, groups)
        if not np.isfinite(ages).all():
            raise ValueError("Input y contains NaN or infinity.")
        animals = np.arange(len(ages))
        if groups is not None:
            animals = np.unique(column_or_1d(groups), return_inverse=True)[1]
        count = len(np.unique(animals))
        if count < self.folds:
            raise ValueError(
                f"{count} animals (n_samples = {len(ages)}); a clock needs as many as there are "
                f"folds, {self.folds}."
            )
        target = ages
        if self.age_transform != "none":
            if not (ages >= 0).all():
                raise ValueError("Ages are 0 years or more.")
            target = np.log(ages + 2.0)
        self.coef_, self.intercept_, (self.alpha_, self.l1_ratio_) = fit_net(
            values, target, animals, folds=self.folds
        )
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return ages in years; float64, shape (n,).

        Raises
        ------
        InputError
            If a sum of the clock is not an age of any animal.
        """
        check_is_fitted(self)
        linear = checked(self, X, reset=False, missing=False) @ self.coef_ + self.intercept_
        return np.array([years_of(float(value), self.age_transform) for value in linear])
