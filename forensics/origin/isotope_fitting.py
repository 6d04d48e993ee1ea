"""Fits the model that assigns by isotopes: calibrations, their correlation, cells and prior."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.origin.calibration import TissueCalibration, calibrate
from forensics.origin.geography import Grid
from forensics.origin.isoscape import Isoscape
from forensics.origin.isotope_tables import known_values
from forensics.origin.isotopes import IsotopeModel
from forensics.origin.range_map import RangeMap

if TYPE_CHECKING:
    import pandas

__all__ = ["calibrate_all", "fit_isotopes", "residual_correlation"]

# Fewer animals with both isotopes tell too little of their correlation (standard error 0.3).
_MIN_PAIRS = 10
# A correlation of 1 would make the covariance singular: the laboratory's error alone prevents it.
_MAX_CORRELATION = 0.99


def fit_isotopes(
    known: "pandas.DataFrame",
    isoscapes: Sequence[Isoscape],
    *,
    latitude: str = "latitude",
    longitude: str = "longitude",
    site: str | None = None,
    range_map: RangeMap | None = None,
    prior: np.ndarray | None = None,
    prior_name: str = "",
    correlation: ArrayLike | None = None,
    density: str = "t",
    weighting: str = "site",
    source: str = "table",
) -> IsotopeModel:
    """Calibrate isoscapes by known-origin samples and return the model that assigns.

    Parameters
    ----------
    known : pandas.DataFrame
        A row a sample: a column for each isotope, named as its isoscape, with the laboratory's
        standard deviation in ``d2H.sd`` and so on if known; latitude and longitude.
    isoscapes : sequence of Isoscape
        The first one gives the cells; others are interpolated to their centres.
    latitude, longitude, site : str
        Names of columns; without `site`, a site is a place.
    range_map : RangeMap, optional
        Only its cells are allowed.
    prior : array_like of float, shape (R, C), optional
        Weights of cells; by default their areas.
    prior_name : str
        What a given prior is, in words; needed with it, since the result states it.
    correlation : array_like of float, shape (K, K), optional
        Of residuals; by default estimated from samples that have all isotopes.
    density : {"t", "normal"}
        Student t has as many degrees of freedom as the fewest sites less two.
    weighting : str
        See `forensics.origin.calibration.calibrate`.

    Raises
    ------
    InputError
        If a column is missing or no numbers, sites are too few, or the range map lies elsewhere.
    UsageError
        If arguments do not fit together.
    """
    if not isoscapes:
        raise UsageError(_("at least one isoscape is needed"))
    names = [isoscape.name for isoscape in isoscapes]
    table = known_values(known, names, latitude, longitude, site, source)
    sites = None if site is None else np.asarray(known[site])
    calibrations, correlation = calibrate_all(
        table,
        isoscapes,
        latitude=latitude,
        longitude=longitude,
        sites=sites,
        correlation=correlation,
        weighting=weighting,
    )
    regridded = _on_common_grid(isoscapes)
    grid = regridded[0].grid(
        np.logical_and.reduce([np.isfinite(isoscape.mean) for isoscape in regridded])
    )
    if range_map is not None:
        grid = Grid(grid.latitudes, grid.longitudes, grid.inside & range_map.mask(grid))
    weights, words = _prior(grid, prior, prior_name, range_map)
    return IsotopeModel(
        isoscapes=regridded,
        calibrations=calibrations,
        correlation=correlation,
        grid=grid,
        prior=weights,
        prior_name=words,
        density=density,
    )


def calibrate_all(
    table: Mapping[str, np.ndarray],
    isoscapes: Sequence[Isoscape],
    *,
    latitude: str,
    longitude: str,
    sites: Sequence[Hashable] | np.ndarray | None = None,
    correlation: ArrayLike | None = None,
    weighting: str = "site",
) -> tuple[tuple[TissueCalibration, ...], np.ndarray]:
    """Return the calibration of every isotope and the correlation of their residuals.

    `table` is of `known_values`; for the rest see `fit_isotopes`.
    """
    calibrations = tuple(
        calibrate(
            isoscape,
            table[isoscape.name],
            table[latitude],
            table[longitude],
            sites=sites,
            sd=table.get(f"{isoscape.name}.sd"),
            weighting=weighting,
        )
        for isoscape in isoscapes
    )
    if correlation is None:
        correlation = residual_correlation(
            isoscapes, calibrations, table, table[latitude], table[longitude]
        )
    return calibrations, np.asarray(correlation, dtype=np.float64)


def residual_correlation(
    isoscapes: Sequence[Isoscape],
    calibrations: Sequence[TissueCalibration],
    values: Mapping[str, np.ndarray],
    latitudes: ArrayLike,
    longitudes: ArrayLike,
) -> np.ndarray:
    """Return the correlation of residuals between isotopes, by samples that have both.

    It holds what the isotopes share of the animals, of the sites and of the maps' errors. It is
    taken to be the same everywhere.

    Returns
    -------
    numpy.ndarray of float64, shape (K, K)

    Raises
    ------
    InputError
        If fewer than ten samples have two isotopes: independence must not be assumed, it would
        make regions too small.
    """
    residuals = []
    for isoscape, line in zip(isoscapes, calibrations):
        mean = isoscape.at(latitudes, longitudes)[0]
        residuals.append(np.asarray(values[isoscape.name]) - line.intercept - line.slope * mean)
    result = np.eye(len(residuals))
    for j in range(len(residuals)):
        for k in range(j):
            both = np.isfinite(residuals[j]) & np.isfinite(residuals[k])
            if both.sum() < _MIN_PAIRS:
                raise InputError(
                    _(
                        "{found} known samples have both {first} and {second}; at least {least} "
                        "are needed for their correlation, or give it"
                    ).format(
                        found=int(both.sum()),
                        first=isoscapes[j].name,
                        second=isoscapes[k].name,
                        least=_MIN_PAIRS,
                    )
                )
            correlation = np.corrcoef(residuals[j][both], residuals[k][both])[0, 1]
            result[j, k] = result[k, j] = float(
                np.clip(np.nan_to_num(correlation), -_MAX_CORRELATION, _MAX_CORRELATION)
            )
    return result


def _on_common_grid(isoscapes: Sequence[Isoscape]) -> tuple[Isoscape, ...]:
    """Return all isoscapes on the cells of the first one."""
    first = isoscapes[0]
    result = [first]
    latitudes, longitudes = Grid(
        first.latitudes, first.longitudes, np.ones(first.mean.shape, dtype=bool)
    ).coordinates()
    for isoscape in isoscapes[1:]:
        mean, error = isoscape.at(latitudes.ravel(), longitudes.ravel())
        shape = first.mean.shape
        result.append(
            Isoscape(
                isoscape.name,
                first.latitudes,
                first.longitudes,
                mean.reshape(shape),
                error.reshape(shape),
                isoscape.source,
                isoscape.sha256,
            )
        )
    return tuple(result)


def _prior(
    grid: Grid, prior: np.ndarray | None, prior_name: str, range_map: RangeMap | None
) -> tuple[np.ndarray, str]:
    if prior is None:
        weights = np.where(grid.inside, grid.areas(), 0.0)
        words = (
            _("equal by area over the map")
            if range_map is None
            else _("equal by area over the range map")
        )
        return weights / weights.sum(), words
    weights = np.array(prior, dtype=np.float64)
    if not prior_name:
        raise UsageError(_("say what the prior is (prior_name); the result must state it"))
    if weights.shape != grid.inside.shape or not np.isfinite(weights[grid.inside]).all():
        raise UsageError(_("the prior must have one finite weight for each cell of the grid"))
    weights = np.where(grid.inside, weights, 0.0)
    if (weights < 0).any() or weights.sum() <= 0:
        raise UsageError(_("the prior must be 0 or more, and not 0 everywhere"))
    return weights / weights.sum(), prior_name
