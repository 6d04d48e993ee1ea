"""Places by genotypes with the interface of scikit-learn. Importing this module imports scikit-learn."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted

from forensics.errors import InputError
from forensics.genetics.encoder import checked
from forensics.genetics.genotypes import Genotypes
from forensics.origin.estimators import genotypes_from_array
from forensics.origin.geography import CELLS
from forensics.origin.globe import spherical_mean
from forensics.origin.spatial import (
    allowed_grid,
    animal_log_likelihood,
    fit_spatial,
    prior_weights,
    surfaces_of,
)

__all__ = ["PlaceRegressor"]


class PlaceRegressor(RegressorMixin, BaseEstimator):
    """Place animals on the map by their genotypes; a regressor for scikit-learn.

    Parameters
    ----------
    ploidy : {2, 1}
        Columns a locus in `X`, as in `GenotypeEncoder`.
    prior : {"area", "sampling"}
        See `forensics.origin.spatial.PRIORS`.
    cells : int
        Along the side of the grid.
    land : bool
        Whether only land is allowed.
    seed : int
        Kept with the model; nothing in the fit is drawn.

    Attributes
    ----------
    model_ : SpatialModel
    n_features_in_ : int

    Notes
    -----
    A point has no uncertainty; `forensics.origin.spatial.locate` gives the posterior over the map.
    """

    def __init__(
        self,
        ploidy: int = 2,
        prior: str = "area",
        cells: int = CELLS,
        land: bool = True,
        seed: int = 1,
    ) -> None:
        self.ploidy = ploidy
        self.prior = prior
        self.cells = cells
        self.land = land
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike) -> "PlaceRegressor":
        """Learn where alleles are common.

        Parameters
        ----------
        X : array-like of float, shape (n, ploidy * L)
            Allele codes, NaN where missing.
        y : array-like of float, shape (n, 2)
            Latitude and longitude of each animal, degrees.

        Raises
        ------
        ValueError
            If `y` has not two columns, or the places allow no map.
        """
        if y is None:
            raise ValueError(
                "This PlaceRegressor estimator requires y to be passed, but the target y is None."
            )
        values = checked(self, X, reset=True)
        places = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
        check_consistent_length(values, places)
        if places.ndim != 2 or places.shape[1] != 2:
            raise ValueError(
                f"y has the shape {places.shape}; two columns are expected, latitude and longitude"
            )
        genotypes = genotypes_from_array(
            values, ploidy=self.ploidy, latitudes=places[:, 0], longitudes=places[:, 1]
        )
        self.haploid_ = genotypes.haploid
        try:
            self.model_ = fit_spatial(genotypes, seed=self.seed, cells=self.cells, land=self.land)
        except InputError as error:
            raise ValueError(f"{error} (n_samples = {len(values)})") from error
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return latitude and longitude of the median of each posterior; float64, shape (n, 2).

        An animal without a typed locus gets the middle of the reference.
        """
        check_is_fitted(self)
        model, animals = self.model_, self._genotypes(X)
        # As `locate` does, without what it states beside the place: States are slow to look up.
        grid = allowed_grid(model, None)
        weights = prior_weights(model, grid, self.prior)
        logs, loci, _unseen = animal_log_likelihood(model, animals, grid)
        middle = spherical_mean(model.field.latitudes, model.field.longitudes)
        places = np.tile(np.array(middle, dtype=np.float64), (len(animals), 1))
        for row in np.flatnonzero(loci):
            (surface,) = surfaces_of(model.calibration, grid, logs[row : row + 1], weights)
            places[row] = surface.median()
        return places

    def _genotypes(self, X: ArrayLike) -> Genotypes:
        values = checked(self, X, reset=False)
        return genotypes_from_array(values, ploidy=self.ploidy, haploid=self.haploid_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        # Alleles are names, not quantities: a line through their codes is not learnt.
        tags.regressor_tags.poor_score = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # before scikit-learn 1.6
        return {
            "allow_nan": True,
            "multioutput": True,
            "multioutput_only": True,
            "poor_score": True,
        }
