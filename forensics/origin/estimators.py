"""Population assignment with the interface of scikit-learn.

``PopulationAssigner`` is a classifier like any other; any other works through
``make_pipeline(GenotypeEncoder(), LogisticRegression())``. Importing this module imports
scikit-learn.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from forensics.errors import UsageError
from forensics.genetics.encoder import checked
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.messages import _
from forensics.origin.assignment import code_animals, log_likelihoods, posteriors, prior_of
from forensics.origin.baseline import build_baseline
from forensics.stats import greatest


def genotypes_from_array(
    X: np.ndarray, *, ploidy: int = 2, haploid: np.ndarray | None = None, **known: Any
) -> Genotypes:
    """Return genotypes of an array of allele codes.

    Parameters
    ----------
    X : numpy.ndarray of float64, shape (n, ploidy * L)
        Codes; any numbers, NaN where missing.
    ploidy : {2, 1}
        Columns a locus.
    haploid : numpy.ndarray of bool, shape (L,), optional
        Loci with one copy, of two columns; by default those without any second copy.
    **known
        Other attributes of `Genotypes`.

    Raises
    ------
    UsageError
        If the ploidy is neither 1 nor 2.
    ValueError
        If the number of columns is odd with ploidy 2.
    """
    if ploidy not in (1, 2):
        raise UsageError(_("ploidy {found}; expected 1 or 2 columns a locus").format(found=ploidy))
    if X.shape[1] % ploidy:
        raise ValueError(
            _(
                "{count} columns; two a locus are expected (ploidy=2), so their number is "
                "even. For one column a locus set ploidy=1"
            ).format(count=X.shape[1])
        )
    pairs = X.reshape(len(X), -1, ploidy)
    codes = np.full((len(X), pairs.shape[1], 2), MISSING, dtype=np.int16)
    if ploidy == 1:
        codes[:, :, 1] = ABSENT
    alleles = []
    for locus in range(pairs.shape[1]):
        values = np.unique(pairs[:, locus])
        values = values[~np.isnan(values)]
        if len(values) > np.iinfo(np.int16).max:
            raise UsageError(
                _("column {number}: {count} different alleles; is it a locus?").format(
                    number=locus * ploidy + 1, count=len(values)
                )
            )
        alleles.append(tuple(repr(float(value)) for value in values))
        places = np.searchsorted(values, np.nan_to_num(pairs[:, locus]))
        codes[:, locus, :ploidy] = np.where(np.isnan(pairs[:, locus]), MISSING, places)
    if ploidy == 2:
        if haploid is None:
            second = (codes[:, :, 1] != MISSING).any(axis=0)
            haploid = ~second & (codes[:, :, 0] != MISSING).any(axis=0)
        codes[:, haploid & (codes[:, :, 1] == MISSING).all(axis=0), 1] = ABSENT
        low, high = codes[:, :, 0].copy(), codes[:, :, 1].copy()
        swap = ((low > high) & (high >= 0)) | ((low == MISSING) & (high >= 0))
        codes[:, :, 0], codes[:, :, 1] = np.where(swap, high, low), np.where(swap, low, high)
    return Genotypes(
        tuple(str(row) for row in range(len(X))),
        tuple(f"x{locus}" for locus in range(pairs.shape[1])),
        tuple(alleles),
        codes,
        **known,
    )


class PopulationAssigner(ClassifierMixin, BaseEstimator):
    """Assign animals to populations; a classifier for scikit-learn.

    Parameters
    ----------
    ploidy : {2, 1}
        Columns a locus in `X`, as in `GenotypeEncoder`.
    method : {"rannala_mountain", "shrunk"}
        See `build_baseline`.
    prior : {"populations", "animals"} or dict of label to float
        Prior probability of each class; equal by default.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (P,)

    References
    ----------
    Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197.
    """

    def __init__(
        self,
        ploidy: int = 2,
        method: str = "rannala_mountain",
        prior: str | Mapping[Any, float] = "populations",
    ) -> None:
        self.ploidy = ploidy
        self.method = method
        self.prior = prior

    def fit(self, X: ArrayLike, y: ArrayLike) -> "PopulationAssigner":
        """Count the alleles of each population.

        Parameters
        ----------
        X : array-like of float, shape (n, ploidy * L)
            Allele codes, NaN where missing.
        y : array-like, shape (n,)
            Population of each animal.
        """
        if y is None:
            raise ValueError(
                "This PopulationAssigner estimator requires y to be passed, but the target y is "
                "None."
            )
        from sklearn.utils import check_consistent_length, column_or_1d

        X = checked(self, X, reset=True)
        y = column_or_1d(y, warn=True)
        check_consistent_length(X, y)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"Classifier can't train when only one class is present: {self.classes_[0]!r}"
            )
        width = len(str(len(self.classes_)))
        names = [f"{place:0{width}d}" for place in range(len(self.classes_))]
        genotypes = genotypes_from_array(
            X, ploidy=self.ploidy, populations=tuple(names[place] for place in places)
        )
        self.haploid_ = genotypes.haploid
        self.baseline_ = build_baseline(genotypes, method=self.method)
        if isinstance(self.prior, str):
            self.prior_, _name = prior_of(self.baseline_, self.prior)
        else:
            given = {
                names[place]: self.prior[label]
                for place, label in enumerate(self.classes_)
                if self.prior.get(label) is not None
            }
            if not len(self.prior) == len(given) == len(names):
                raise UsageError(_("the prior must name every population once"))
            self.prior_, _name = prior_of(self.baseline_, given)
        return self

    def log_likelihoods(self, X: ArrayLike) -> np.ndarray:
        """Return the log-likelihood in each class; float64, shape (n, P)."""
        check_is_fitted(self)
        X = checked(self, X, reset=False)
        genotypes = genotypes_from_array(X, ploidy=self.ploidy, haploid=self.haploid_)
        return log_likelihoods(code_animals(genotypes, self.baseline_), self.baseline_)

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return posteriors; float64, shape (n, P)."""
        values = self.log_likelihoods(X)
        return posteriors(values, self.prior_, temperature=self.baseline_.temperature)

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Return logarithms of posteriors; float64, shape (n, P)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the class with the greatest posterior of each animal."""
        best = greatest(self.predict_proba(X), axis=1)
        return np.asarray(self.classes_[best])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # before scikit-learn 1.6
        return {"allow_nan": True}
