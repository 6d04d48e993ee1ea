"""Places by a regressor of scikit-learn: the point that it predicts, and how far off it has been.

A regressor gives a point and no uncertainty. So the density around its point is that of its errors on
left-out sites: a mixture of von Mises-Fisher densities, the same in every direction, which falls with the
distance. Importing this module does not import scikit-learn.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.errors import InputError
from forensics.messages import _
from forensics.origin.geography import Grid
from forensics.origin.globe import EARTH_RADIUS_KM
from forensics.origin.pooled_field import cell_vectors

__all__ = [
    "REGRESSOR_ENGINE",
    "RadialDensity",
    "RegressedField",
    "fit_radial_density",
    "predict_places",
]

REGRESSOR_ENGINE = "regressor with a radial density 1"
"""Name of this estimator in stored models."""
# Widths of the mixture, as multiples of the median error.
_WIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# Least width, km: below it an error is rounding of the places.
_MIN_WIDTH_KM = 1.0
_STEPS = 500


@dataclass(frozen=True, eq=False)
class RadialDensity:
    """The density of the true place around a predicted one.

    Attributes
    ----------
    widths_km : numpy.ndarray of float64, shape (K,)
        Standard deviation of a coordinate, of each part.
    weights : numpy.ndarray of float64, shape (K,)
        They sum to 1.
    """

    widths_km: np.ndarray
    weights: np.ndarray

    def log_density(self, cosines: np.ndarray) -> np.ndarray:
        """Return the log density per steradian at angles with these cosines; of the same shape."""
        return np.asarray(
            np.logaddexp.reduce(
                [
                    np.log(weight) + _log_part(cosines, width)
                    for width, weight in zip(self.widths_km, self.weights)
                    if weight > 0
                ],
                axis=0,
            )
        )


def _log_part(cosines: np.ndarray, width_km: float) -> np.ndarray:
    """Return the log of a von Mises-Fisher density per steradian."""
    concentration = (EARTH_RADIUS_KM / width_km) ** 2
    whole = np.log(concentration / (2 * np.pi)) - np.log1p(-np.exp(-2 * concentration))
    return np.asarray(whole + concentration * (cosines - 1.0))


def fit_radial_density(
    predicted: np.ndarray, places: np.ndarray, weights: np.ndarray
) -> RadialDensity:
    """Return the density of the places around what was predicted without their sites.

    Parameters
    ----------
    predicted, places : numpy.ndarray of float64, shape (n, 3)
        Unit vectors.
    weights : numpy.ndarray of float64, shape (n,)

    Notes
    -----
    Only the weights of the parts are fitted, by expectation maximisation: their likelihood has one
    optimum.
    """
    cosines = (predicted * places).sum(axis=1).clip(-1.0, 1.0)
    median = float(np.median(np.arccos(cosines))) * EARTH_RADIUS_KM
    widths = np.maximum(np.array(_WIDTHS) * median, _MIN_WIDTH_KM)
    logs = np.array([_log_part(cosines, width) for width in widths])
    share, parts = weights / weights.sum(), np.full(len(widths), 1.0 / len(widths))
    logs -= logs.max(axis=0)
    for _step in range(_STEPS):
        joint = parts[:, None] * np.exp(logs)
        parts = (joint / joint.sum(axis=0)) @ share
    return RadialDensity(widths, np.asarray(parts / parts.sum()))


@dataclass(frozen=True, eq=False)
class RegressedField:
    """A fitted regressor, and how densely true places lie around its points.

    Attributes
    ----------
    offsets, counts, latitudes, longitudes
        As of `forensics.origin.pooled_field.PooledField`.
    width_km : float
        Median error on left-out sites.
    pipeline : estimator of scikit-learn
        Takes allele codes, as `Genotypes.to_array` of genotypes coded as the reference, and gives
        vectors in three dimensions.
    name : str
        Of the class of the regressor.
    density : RadialDensity
    probes : numpy.ndarray of float64, shape (m, 2 L)
        Allele codes that were drawn.
    probe_places : numpy.ndarray of float64, shape (m, 3)
        What was predicted of them when the regressor was fitted.
    """

    offsets: np.ndarray
    counts: np.ndarray
    latitudes: np.ndarray
    longitudes: np.ndarray
    width_km: float
    pipeline: Any
    name: str
    density: RadialDensity
    probes: np.ndarray
    probe_places: np.ndarray

    def log_likelihood(self, codes: np.ndarray, typed_share: np.ndarray, grid: Grid) -> np.ndarray:
        """Return log-likelihoods at the allowed cells of a grid; float64, shape (n, p).

        Parameters
        ----------
        codes : numpy.ndarray of float64, shape (n, 2 L)
        typed_share : numpy.ndarray of float64, shape (n,)
            Typed loci of all: the fewer, the weaker the evidence.
        grid : Grid
        """
        cosines = predict_places(self.pipeline, codes) @ cell_vectors(grid).T
        return np.asarray(self.density.log_density(cosines) * typed_share[:, None])


def predict_places(pipeline: Any, codes: np.ndarray) -> np.ndarray:
    """Return the predicted places as unit vectors; float64, shape (n, 3).

    Raises
    ------
    InputError
        If the regressor does not give three numbers for each animal.
    """
    predicted = np.asarray(pipeline.predict(codes), dtype=np.float64)
    if predicted.shape != (len(codes), 3) or not np.isfinite(predicted).all():
        raise InputError(_("The regressor did not give a place for each animal."))
    lengths = np.sqrt((predicted**2).sum(axis=1, keepdims=True))
    if (lengths < 1e-9).any():
        raise InputError(_("The regressor did not give a place for each animal."))
    return np.asarray(predicted / lengths)
