"""Places by isotopes with the interface of scikit-learn. Importing this module imports scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from forensics.errors import InputError
from forensics.genetics.encoder import checked
from forensics.messages import _
from forensics.origin.geography import surface_from_log
from forensics.origin.isoscape import Isoscape
from forensics.origin.isotope_fitting import fit_isotopes
from forensics.origin.isotopes import IsotopeModel
from forensics.origin.range_map import RangeMap

__all__ = ["IsotopeRegressor"]

_SITE = "site"
_PLACE = ("latitude", "longitude")


class IsotopeRegressor(RegressorMixin, BaseEstimator):
    """Place animals on isoscapes by their isotopes; a regressor for scikit-learn.

    It fits what `forensics.origin.isotope_fitting.fit_isotopes` fits, and places as
    `IsotopeModel.assign` does.

    Parameters
    ----------
    isoscapes : sequence of Isoscape
        The first one gives the cells.
    range_map : RangeMap, optional
        Only its cells are allowed.
    density : {"t", "normal"}
    weighting : {"site", "equal", "measurement"}
        See `forensics.origin.calibration.calibrate`.

    Attributes
    ----------
    model_ : IsotopeModel
    columns_ : tuple of str
        What each column of `X` is: an isotope, or the laboratory's standard deviation of one.
    n_features_in_ : int

    Notes
    -----
    A column of `X` is an isotope, in the order of the isoscapes. A DataFrame names them, in any
    order, and may have the laboratory's standard deviations in ``d2H.sd`` and so on. A point has
    no uncertainty; ``model_.assign`` gives the posterior over the map.
    """

    def __init__(
        self,
        isoscapes: Sequence[Isoscape] = (),
        range_map: RangeMap | None = None,
        density: str = "t",
        weighting: str = "site",
    ) -> None:
        self.isoscapes = isoscapes
        self.range_map = range_map
        self.density = density
        self.weighting = weighting

    def fit(
        self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None
    ) -> "IsotopeRegressor":
        """Calibrate the isoscapes by animals of known place.

        Parameters
        ----------
        X : array-like of float, shape (n, K)
            Values, per mil; NaN where missing.
        y : array-like of float, shape (n, 2)
            Latitude and longitude of each animal, degrees.
        groups : array-like, shape (n,), optional
            Site of each animal; by default a site is a place.

        Raises
        ------
        ValueError
            If columns and isoscapes do not belong together, `y` has not two columns, or the
            places and values allow no calibration.
        UsageError
            If `density` or `weighting` is not known.
        """
        if y is None:
            raise ValueError(
                "This IsotopeRegressor estimator requires y to be passed, but the target y is None."
            )
        values = checked(self, X, reset=True)
        places = self._read_places(y)
        check_consistent_length(values, places, groups)
        isoscapes = tuple(self._maps())
        self.columns_ = self._name_columns([isoscape.name for isoscape in isoscapes])
        known = self._frame(values).assign(**dict(zip(_PLACE, places.T)))
        if groups is not None:
            known[_SITE] = column_or_1d(groups)
        try:
            self.model_ = fit_isotopes(
                known,
                isoscapes,
                site=None if groups is None else _SITE,
                range_map=self.range_map,
                density=self.density,
                weighting=self.weighting,
            )
        except InputError as error:
            raise ValueError(f"{error} (n_samples = {len(values)})") from error
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return latitude and longitude of the median of each posterior; float64, shape (n, 2).

        An animal without a value gets the median of the prior.
        """
        check_is_fitted(self)
        frame = self._frame(checked(self, X, reset=False))
        isotopes = list(self.model_.isotopes)
        measured = frame[isotopes].notna().any(axis=1).to_numpy()
        places = np.empty((len(frame), 2))
        if measured.any():
            assignments = self.model_.assign_table(frame[measured])
            places[measured] = [assignment.surface.median() for assignment in assignments]
        if not measured.all():
            places[~measured] = _median_of_prior(self.model_)
        return places

    def _maps(self) -> Sequence[Isoscape]:
        return self.isoscapes

    def _read_places(self, y: ArrayLike) -> np.ndarray:
        """Return latitudes and longitudes; float64, shape (n, 2)."""
        places = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
        if places.ndim != 2 or places.shape[1] != 2:
            raise ValueError(
                f"y has the shape {places.shape}; two columns are expected, latitude and longitude"
            )
        return np.asarray(places)

    def _name_columns(self, isotopes: Sequence[str]) -> tuple[str, ...]:
        """Return what each column is; columns without names are in the order of the isoscapes."""
        names = getattr(self, "feature_names_in_", None)
        if names is None and self.n_features_in_ == len(isotopes):
            return tuple(isotopes)
        known = {*isotopes, *(f"{isotope}.sd" for isotope in isotopes)}
        if names is None or not set(isotopes) <= set(names) <= known:
            raise ValueError(
                _("the columns of X are {columns}; the isoscapes are of {isotopes}").format(
                    columns=self.n_features_in_ if names is None else ", ".join(names),
                    isotopes=", ".join(isotopes) or "-",
                )
            )
        return tuple(map(str, names))

    def _frame(self, values: np.ndarray) -> Any:
        import pandas

        return pandas.DataFrame(values, columns=list(self.columns_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        return tags

    def _more_tags(self) -> dict[str, Any]:  # before scikit-learn 1.6
        return {"allow_nan": True, "multioutput": True, "multioutput_only": True}


def _median_of_prior(model: IsotopeModel) -> tuple[float, float]:
    with np.errstate(divide="ignore"):
        logs = np.log(model.prior[model.grid.inside])
    return surface_from_log(model.grid, logs).median()
