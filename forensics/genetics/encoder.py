"""Genotypes as numbers for any classifier of scikit-learn.

Imported only by those who use scikit-learn: importing this module imports scikit-learn.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from forensics.errors import UsageError
from forensics.genetics.cells import (
    CODES_END,
    SEPARATORS,
    allele,
    glued,
    is_missing,
    number_of,
    parted,
)
from forensics.messages import _


def checked(
    estimator: Any, X: ArrayLike, *, reset: bool, missing: bool = True, dtype: Any = np.float64
) -> np.ndarray:
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
    dtype : dtype or None
        None for an array of the type that it has.
    """
    finite: bool | str = "allow-nan" if missing else True
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before 1.6
        return estimator._validate_data(X, reset=reset, dtype=dtype, force_all_finite=finite)
    return validate_data(estimator, X, reset=reset, dtype=dtype, ensure_all_finite=finite)


def allele_codes(estimator: Any, X: ArrayLike, *, reset: bool) -> np.ndarray:
    """Return the allele codes of a table of numbers or of texts, checked as `checked` does.

    Parameters
    ----------
    estimator : estimator of scikit-learn with a parameter ``ploidy``
        It gets ``ploidy_``, ``copies_``, ``labels_`` and ``zero_is_missing_`` (`GenotypeEncoder`).
    X : array-like or DataFrame, shape (n, ploidy * L)
    reset : bool
        Whether these are the columns and labels to remember; else those are used.

    Returns
    -------
    numpy.ndarray of float64, shape (n, L, copies)
        NaN where missing.

    Raises
    ------
    UsageError
        If the ploidy is neither None, 1 nor 2.
    ValueError
        If the number of columns is odd with ploidy 2, or a cell has more alleles than it may have.
    TypeError
        If a cell is neither a number nor a text.
    """
    if estimator.ploidy not in (None, 1, 2):
        raise UsageError(
            _("ploidy {found}; expected 1 or 2 columns a locus").format(found=estimator.ploidy)
        )
    values = checked(estimator, X, reset=reset, dtype=None)
    is_text = values.dtype.kind in "OU" and any(isinstance(cell, str) for cell in values.flat)
    if is_text or not (reset or estimator.copies_ == estimator.ploidy_):
        codes = _read_cells(estimator, values.astype(object), reset)
    else:
        codes = checked(estimator, X, reset=False)[:, :, None]
        if reset:
            estimator.labels_, estimator.zero_is_missing_ = {}, False
    has_pairs = codes.shape[2] == 2 and not np.isnan(codes[:, :, 1]).all()
    count = codes.shape[1]
    if reset:
        estimator.ploidy_ = estimator.ploidy or (1 if has_pairs or count % 2 else 2)
        estimator.copies_ = 2 if has_pairs else estimator.ploidy_
        if estimator.ploidy is None and count % 2 and count > 1 and not has_pairs:
            warnings.warn(
                _(
                    "{count} columns, an odd number: each is taken as a locus with one copy. Set "
                    "ploidy=1 if so; with two columns a locus one is missing"
                ).format(count=count),
                stacklevel=3,
            )
    if estimator.ploidy_ == 2 and count % 2:
        raise ValueError(
            _(
                "{count} columns; two a locus are expected (ploidy=2), so their number is "
                "even. For one column a locus set ploidy=1"
            ).format(count=count)
        )
    if has_pairs and (estimator.ploidy_ == 2 or estimator.copies_ == 1):
        row, column = np.argwhere(~np.isnan(codes[:, :, 1]))[0]
        raise ValueError(
            _("row {row}, column {column}: two alleles in a cell; expected one").format(
                row=row + 1, column=column + 1
            )
        )
    if estimator.ploidy_ == 2:
        return codes[:, :, 0].reshape(len(codes), -1, 2)
    return codes[:, :, : estimator.copies_]


def _read_cells(estimator: Any, values: np.ndarray, reset: bool) -> np.ndarray:
    """Return the codes of cells as tables of genotypes have them; float64, shape (n, d, 2).

    A number is its own code; other labels have codes below 0, in their order. The second code is NaN
    where a cell has one allele.
    """
    import pandas

    labels: dict[str, float] = {} if reset else dict(estimator.labels_)

    def code_of(text: str) -> float:
        if is_missing(text):
            return np.nan
        number = number_of(text)
        if number is not None:
            return float(number)
        return labels.setdefault(allele(text) or text.strip(), -1.0 - len(labels))

    def is_pair(pair: tuple[str, str] | None, mark: str) -> bool:  # "Hap-1" is one label
        return pair is not None and (
            mark in "/|" or all(is_missing(half) or allele(half) for half in pair)
        )

    def codes_of(cell: str) -> tuple[float, float]:
        pair = None
        if not is_missing(cell) and allele(cell) is None:
            halves = [(mark, parted(cell, mark)) for mark in SEPARATORS]
            pair = glued(cell) or next((pair for mark, pair in halves if is_pair(pair, mark)), None)
        return (code_of(cell), np.nan) if pair is None else (code_of(pair[0]), code_of(pair[1]))

    flat = values.ravel()
    codes = np.full((len(flat), 2), np.nan)
    known: dict[object, tuple[float, float]] = {}
    for place in np.flatnonzero(~pandas.isna(flat)):
        cell = flat[place]
        if not isinstance(cell, (str, int, float, np.number)):
            raise TypeError(f"argument must be a string or a real number, not {cell!r:.40}")
        if cell not in known:
            known[cell] = codes_of(str(cell))
        codes[place] = known[cell]
    if reset:
        order = {label: place - float(len(labels)) for place, label in enumerate(sorted(labels))}
        sorted_codes = np.array([order[label] for label in labels])
        codes[codes < 0] = sorted_codes[(-1 - codes[codes < 0]).astype(np.intp)]
        estimator.labels_ = order
        estimator.zero_is_missing_ = bool((codes >= CODES_END).any())
    if estimator.zero_is_missing_:
        codes[codes == 0] = np.nan
    return codes.reshape(*values.shape, 2)


class GenotypeEncoder(TransformerMixin, BaseEstimator):
    """Turn allele codes into doses: how many copies of each allele an animal has.

    Parameters
    ----------
    ploidy : {None, 2, 1}
        Columns a locus. With 2, columns ``2 l`` and ``2 l + 1`` are the copies of locus ``l``, in
        any order (`Genotypes.to_array`). None: 1 where cells have both copies, as ``120/124`` or
        ``AT``; else 2 for an even number of columns, 1 for an odd one (with a warning).

    Attributes
    ----------
    ploidy_, copies_ : int
        Columns, and copies, of a locus.
    labels_ : dict of str to float
        Codes of the alleles in cells of text that are no numbers, all below 0.
    zero_is_missing_ : bool
        Whether 0 in cells of text means "not typed": where a number is 10 or more, a length.
    categories_ : list of numpy.ndarray of float64
        Alleles of each locus seen in training, in ascending order. Others have no column.
    means_ : numpy.ndarray of float64, shape (A,)
        Mean dose in training; it stands in for what was not typed.
    n_features_in_ : int

    Notes
    -----
    A genotype of which one copy is missing is missing. Where all training animals have one copy
    and NaN beside it, the locus is taken as haploid. Cells may be texts; ``""`` and whatever means "not
    typed" in a table of genotypes (`forensics.genetics.cells.MISSING_CELLS`) is missing.

    Examples
    --------
    >>> X = [[0, 1, 2, 2], [1, 1, float("nan"), float("nan")]]
    >>> GenotypeEncoder().fit_transform(X)
    array([[1., 1., 2.],
           [0., 2., 2.]])
    >>> GenotypeEncoder().fit_transform([["A/T"], ["T/T"], [""]])
    array([[1. , 1. ],
           [0. , 2. ],
           [0.5, 1.5]])
    """

    def __init__(self, ploidy: int | None = None) -> None:
        self.ploidy = ploidy

    def fit(self, X: ArrayLike, y: object = None) -> "GenotypeEncoder":
        """Learn alleles and mean doses.

        Parameters
        ----------
        X : array-like of float or str, shape (n, ploidy * L)
            Allele codes, NaN where missing; or cells of a table of genotypes.
        y : ignored
        """
        pairs = allele_codes(self, X, reset=True)
        self.haploid_ = np.isnan(pairs[:, :, -1]).all(axis=0) & (self.copies_ == 2)
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
        doses, typed = self._doses(allele_codes(self, X, reset=False))
        return np.where(typed, doses, self.means_)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return ``locus_allele`` for each column; names of the loci are those of first copies."""
        check_is_fitted(self)
        if input_features is None:
            input_features = getattr(
                self, "feature_names_in_", [f"x{place}" for place in range(self.n_features_in_)]
            )
        names = list(input_features)[:: self.ploidy_]
        labels = {code: label for label, code in self.labels_.items()}
        return np.array(
            [
                f"{name}_{labels.get(value, f'{value:g}')}"
                for name, values in zip(names, self.categories_)
                for value in values
            ],
            dtype=object,
        )

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
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # before scikit-learn 1.6
        return {"allow_nan": True, "X_types": ["2darray", "string"]}
