"""Genotypes as numbers for any classifier of scikit-learn.

Imported only by those who use scikit-learn: importing this module imports scikit-learn.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from forensics.errors import UsageError
from forensics.messages import _


def checked(estimator: Any, X: ArrayLike, *, reset: bool, missing: bool = True) -> np.ndarray:
    """Return `X` as float64, checked as scikit-learn does from 1.4 on; names of columns are kept.

    scikit-learn 1.6 made the method ``_validate_data`` a function.

    Parameters
    ----------
    estimator : estimator of scikit-learn
        It gets ``n_features_in_`` and, of a DataFrame, ``feature_names_in_``.
    X : array-like or DataFrame, shape (n, d)
    reset : bool
        Whether these are the columns to remember; else they are compared with those.
    missing : bool
        Whether NaN is allowed; it is kept.
    """
    finite: bool | str = "allow-nan" if missing else True
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before 1.6
        return estimator._validate_data(X, reset=reset, dtype=np.float64, force_all_finite=finite)
    return validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_all_finite=finite)


class GenotypeEncoder(TransformerMixin, BaseEstimator):
    """Turn allele codes into doses: how many copies of each allele an animal has.

    Parameters
    ----------
    ploidy : {2, 1}
        Columns a locus. With 2, columns ``2 l`` and ``2 l + 1`` are the copies of locus ``l``, in
        any order (`Genotypes.to_array`).

    Attributes
    ----------
    categories_ : list of numpy.ndarray of float64
        Alleles of each locus seen in training, in ascending order. Others have no column.
    means_ : numpy.ndarray of float64, shape (A,)
        Mean dose in training; it stands in for what was not typed.
    n_features_in_ : int

    Notes
    -----
    A genotype of which one copy is missing is missing. Where all training animals have one copy
    and NaN beside it, the locus is taken as haploid.

    Examples
    --------
    >>> X = [[0, 1, 2, 2], [1, 1, float("nan"), float("nan")]]
    >>> GenotypeEncoder().fit_transform(X)
    array([[1., 1., 2.],
           [0., 2., 2.]])
    """

    def __init__(self, ploidy: int = 2) -> None:
        self.ploidy = ploidy

    def fit(self, X: ArrayLike, y: object = None) -> "GenotypeEncoder":
        """Learn alleles and mean doses.

        Parameters
        ----------
        X : array-like of float, shape (n, ploidy * L)
            Allele codes, NaN where missing.
        y : ignored
        """
        pairs = self._pairs(checked(self, X, reset=True))
        self.haploid_ = np.isnan(pairs[:, :, -1]).all(axis=0) & (self.ploidy == 2)
        self.categories_ = []
        for locus in range(pairs.shape[1]):
            values = np.unique(pairs[:, locus][self._typed(pairs)[:, locus]])
            self.categories_.append(values[~np.isnan(values)])
        doses, typed = self._doses(pairs)
        counts = typed.sum(axis=0)
        totals = np.where(typed, doses, 0.0).sum(axis=0)
        self.means_ = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return doses; float64, shape (n, A)."""
        check_is_fitted(self)
        doses, typed = self._doses(self._pairs(checked(self, X, reset=False)))
        return np.where(typed, doses, self.means_)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return ``locus_allele`` for each column; names of the loci are those of first copies."""
        check_is_fitted(self)
        if input_features is None:
            input_features = getattr(
                self, "feature_names_in_", [f"x{place}" for place in range(self.n_features_in_)]
            )
        names = list(input_features)[:: self.ploidy]
        return np.array(
            [
                f"{name}_{value:g}"
                for name, values in zip(names, self.categories_)
                for value in values
            ],
            dtype=object,
        )

    def _pairs(self, X: np.ndarray) -> np.ndarray:
        if self.ploidy not in (1, 2):
            raise UsageError(
                _("ploidy {found}; expected 1 or 2 columns a locus").format(found=self.ploidy)
            )
        if X.shape[1] % self.ploidy:
            raise ValueError(
                _(
                    "{count} columns; two a locus are expected (ploidy=2), so their number is "
                    "even. For one column a locus set ploidy=1"
                ).format(count=X.shape[1])
            )
        return X.reshape(len(X), -1, self.ploidy)

    def _typed(self, pairs: np.ndarray) -> np.ndarray:
        whole = ~np.isnan(pairs).any(axis=2)
        return np.where(self.haploid_, ~np.isnan(pairs[:, :, 0]), whole)

    def _doses(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        typed = self._typed(pairs)
        doses = [
            (pairs[:, locus, :, None] == values).sum(axis=1).astype(np.float64)
            for locus, values in enumerate(self.categories_)
        ]
        sizes = [len(values) for values in self.categories_]
        return np.hstack(doses), np.repeat(typed, sizes, axis=1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _more_tags(self) -> dict[str, bool]:  # before scikit-learn 1.6
        return {"allow_nan": True}
