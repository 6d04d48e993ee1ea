"""Where an animal is from by regression of the place on its alleles (ridge regression).

Places are points in three dimensions, so that no longitude is an edge. Each site's animals weigh less
the more they are, as they share their place (`site_weights`). A locus that was not typed counts as the
mean of the reference.
"""

from dataclasses import dataclass

import numpy as np

from forensics.origin.globe import EARTH_RADIUS_KM
from forensics.origin.smoothing import Doses

__all__ = [
    "PENALTIES",
    "PlaceRidge",
    "error_km",
    "fit_ridge",
    "left_out_places",
    "site_weights",
    "unit_vectors",
]

# Penalties that are tried, as shares of the mean squared length of a genotype.
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
# Correlation of animals of one site, for their weights: the design effect is 1 + (n - 1) x this.
SITE_CORRELATION = 0.1
# The intercept is a column so long that its penalty does not matter.
_INTERCEPT = 30.0
# Rows of a matrix up to which it is inverted by its LU factors.
_SMALL = 1500


@dataclass(frozen=True, eq=False)
class PlaceRidge:
    """A regression of places on doses of alleles.

    Attributes
    ----------
    means : numpy.ndarray of float64, shape (A,)
        Mean dose of each allele where its locus was typed.
    slopes : numpy.ndarray of float64, shape (A, 3)
    intercept : numpy.ndarray of float64, shape (3,)
        Earth radii.
    sd_km : float
        Error of a coordinate on left-out sites.
    spread_km : float
        Error of a coordinate where the mean place of the reference is named, at least `sd_km`.
    penalty : float
        Of `PENALTIES`.
    """

    means: np.ndarray
    slopes: np.ndarray
    intercept: np.ndarray
    sd_km: float
    spread_km: float
    penalty: float

    def predict(self, doses: Doses) -> np.ndarray:
        """Return places as vectors in Earth radii; float64, shape (n, 3)."""
        return np.asarray(_centred(doses, self.means) @ self.slopes + self.intercept)


def unit_vectors(latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
    """Return places as unit vectors; float64, shape (n, 3)."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )


def site_weights(site_of: np.ndarray) -> np.ndarray:
    """Return the weight of each animal, 1 / design effect of its site; float64, shape (n,).

    References
    ----------
    Kish 1965, Survey Sampling, section 5.4.
    """
    sizes = np.bincount(site_of)[site_of]
    return np.asarray(1.0 / (1.0 + (sizes - 1) * SITE_CORRELATION))


def _means_of(doses: Doses, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean dose of each allele where its locus was typed."""
    weights = weights.astype(doses.alleles.dtype)
    typed = weights @ (doses.typed > 0)
    return np.asarray((weights @ doses.alleles) / np.maximum(typed, 1e-9)[doses.locus_of])


def _centred(doses: Doses, means: np.ndarray) -> np.ndarray:
    """Return doses less their means; 0 where a locus was not typed; float, shape (n, A)."""
    result = doses.alleles - means.astype(doses.alleles.dtype)
    untyped = doses.typed == 0
    if untyped.any():
        result[untyped[:, doses.locus_of]] = 0.0
    return np.asarray(result)


def _design(doses: Doses, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the weighted design with its intercept, the means, and the mean squared length."""
    means = _means_of(doses, weights)
    table = _centred(doses, means)
    scale = float((table**2).sum(axis=1).mean()) or 1.0
    column = np.full((len(table), 1), _INTERCEPT * np.sqrt(scale), dtype=table.dtype)
    root = np.sqrt(weights).astype(table.dtype)[:, None]
    return np.hstack([table, column]) * root, means, scale


def fit_ridge(
    doses: Doses,
    places: np.ndarray,
    weights: np.ndarray,
    penalty: float,
    sd_km: float,
    spread_km: float,
) -> PlaceRidge:
    """Return the regression of places, unit vectors of shape (n, 3), with a penalty."""
    design, means, scale = _design(doses, weights)
    target = (places * np.sqrt(weights)[:, None]).astype(design.dtype)
    size = design.shape[1]
    if size <= len(design):
        matrix = design.T @ design + penalty * scale * np.eye(size, dtype=design.dtype)
        slopes = np.linalg.solve(matrix.astype(np.float64), (design.T @ target).astype(np.float64))
    else:
        matrix = design @ design.T + penalty * scale * np.eye(len(design), dtype=design.dtype)
        slopes = design.T @ np.linalg.solve(matrix, target)
    return PlaceRidge(
        means.astype(np.float64),
        slopes[:-1].astype(np.float64),
        (slopes[-1] * _INTERCEPT * np.sqrt(scale)).astype(np.float64),
        sd_km,
        spread_km,
        penalty,
    )


def left_out_places(
    doses: Doses,
    places: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    penalties: tuple[float, ...] = PENALTIES,
) -> list[np.ndarray]:
    """Return the places of animals by regressions without their group, for each penalty.

    Parameters
    ----------
    doses : Doses
        n animals.
    places : numpy.ndarray of float64, shape (n, 3)
        Unit vectors.
    weights : numpy.ndarray of float64, shape (n,)
    groups : numpy.ndarray of int, shape (n,)
        Animals of one group are left out together.

    Returns
    -------
    list of numpy.ndarray of float64, shape (n, 3)
        Earth radii.

    Notes
    -----
    No regression is fitted anew: with the hat matrix H the residuals of a group without itself are
    ``(I - H_gg)^-1`` times those with it. Only the means that stand for untyped loci are of all
    animals.
    """
    design, _means, scale = _design(doses, weights)
    root = np.sqrt(weights)[:, None]
    target = places * root
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    results = []
    few_columns = design.shape[1] <= len(design)
    product = design.T @ design if few_columns else design @ design.T
    for penalty in penalties:
        ridge = penalty * scale
        matrix = product + ridge * np.eye(len(product), dtype=design.dtype)
        result = np.empty_like(places)
        if few_columns:
            inverse = _invert(matrix.astype(np.float64))
            half = design @ inverse
            errors = target - half @ (design.T @ target)
        else:
            inverse = _invert(matrix)
            errors = ridge * (inverse @ target)
        for rows in members:
            if few_columns:
                block = np.eye(len(rows)) - half[rows] @ design[rows].T
            else:
                block = ridge * inverse[np.ix_(rows, rows)].astype(np.float64)
            result[rows] = places[rows] - np.linalg.solve(block, errors[rows]) / root[rows]
        results.append(result)
    return results


def _invert(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse of a symmetric, positive definite matrix.

    A large one by its Cholesky factor, which takes half of the time; a small one as it always was.
    """
    if len(matrix) <= _SMALL:
        return np.asarray(np.linalg.inv(matrix))
    from scipy.linalg.lapack import get_lapack_funcs

    factorise, invert = get_lapack_funcs(("potrf", "potri"), (matrix,))
    factor, failed = factorise(matrix, lower=False, clean=False)
    if failed:
        return np.asarray(np.linalg.inv(matrix))
    inverse, _failed = invert(factor, lower=False, overwrite_c=True)
    upper = np.triu(inverse)
    return np.asarray(upper + np.triu(inverse, 1).T)


def error_km(predicted: np.ndarray, places: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return the weighted mean error and the sd of a coordinate, km, of vectors in Earth radii."""
    away = np.sqrt(((predicted - places) ** 2).sum(axis=1)) * EARTH_RADIUS_KM
    share = weights / weights.sum()
    return float(share @ away), float(np.sqrt((share @ away**2) / 2))
