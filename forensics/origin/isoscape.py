"""An isoscape: isotope values predicted over a map, each with its standard error.

Reading GeoTIFF and NetCDF needs the extra ``geo``; arrays need nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, LibraryError, UsageError
from forensics.messages import _, numeral
from forensics.origin.geography import Grid
from forensics.origin.raster_files import MAX_CELLS, Raster, read_raster
from forensics.resources import sha256

__all__ = ["Isoscape", "make_isoscape", "read_isoscape"]


@dataclass(frozen=True, eq=False)
class Isoscape:
    """Predicted isotope values on cells of equal degrees (WGS 84).

    Attributes
    ----------
    name : str
        The isotope, as the columns of samples are named: ``d2H``, ``d18O``, ``d13C``, …
    latitudes : numpy.ndarray of float64, shape (R,)
        Of centres of cells, degrees, descending.
    longitudes : numpy.ndarray of float64, shape (C,)
        Ascending; beyond 180 where the map crosses the antimeridian.
    mean : numpy.ndarray of float64, shape (R, C)
        Predicted value, per mil (or the unit of the ratio); NaN where there is none.
    error : numpy.ndarray of float64, shape (R, C)
        One standard deviation of the prediction, same unit; NaN where `mean` is.
    source : str
        File or description.
    sha256 : str
        Of the file; empty for arrays.
    """

    name: str
    latitudes: np.ndarray
    longitudes: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    source: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        shape = (len(self.latitudes), len(self.longitudes))
        if self.mean.shape != shape or self.error.shape != shape:
            raise UsageError(
                _("isoscape {name}: {rows} x {columns} cells, but values of shape {shape}").format(
                    name=self.name, rows=shape[0], columns=shape[1], shape=self.mean.shape
                )
            )
        known = np.isfinite(self.mean)
        if not known.any():
            raise InputError(
                _("isoscape {name}: no cell has a value and an error").format(name=self.name)
            )
        if (self.error[known] < 0).any() or not np.isfinite(self.error[known]).all():
            raise InputError(
                _(
                    "isoscape {name}: errors must be standard deviations, 0 or more; the least is "
                    "{least}. Is another band the error, or is it one number for all cells?"
                ).format(name=self.name, least=numeral(np.nanmin(self.error), ".6g"))
            )
        self.grid()  # refuses uneven or unordered cells

    def grid(self, inside: np.ndarray | None = None) -> Grid:
        """Return the cells that have a value, and that `inside` (bool, shape (R, C)) allows."""
        known = np.isfinite(self.mean)
        return Grid(self.latitudes, self.longitudes, known if inside is None else known & inside)

    def at(self, latitude: ArrayLike, longitude: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and error at places; NaN in and beyond cells without value.

        Values are interpolated bilinearly between the four nearest centres, first along the
        meridian; where one of two neighbours has no value the other one counts. The place's own
        cell must have a value.

        Parameters
        ----------
        latitude, longitude : array_like of float, degrees, shape (n,)

        Returns
        -------
        mean, error : numpy.ndarray of float64, shape (n,)
        """
        latitude = np.atleast_1d(np.asarray(latitude, dtype=np.float64))
        longitude = np.atleast_1d(np.asarray(longitude, dtype=np.float64))
        row, column = Grid(
            self.latitudes, self.longitudes, np.ones(self.mean.shape, dtype=bool)
        ).cell_of(latitude, longitude)
        height = (self.latitudes[0] - self.latitudes[-1]) / (len(self.latitudes) - 1)
        width = (self.longitudes[-1] - self.longitudes[0]) / (len(self.longitudes) - 1)
        down = (self.latitudes[0] - latitude) / height
        across = (longitude - self.longitudes[0] + width / 2) % 360.0 / width - 0.5
        own = np.isfinite(self.mean[row, column]) & (row >= 0)
        mean, error = (
            np.where(own, self._interpolated(values, down, across, width), np.nan)
            for values in (self.mean, self.error)
        )
        return mean, error

    def _interpolated(
        self, values: np.ndarray, down: np.ndarray, across: np.ndarray, width: int
    ) -> np.ndarray:
        rows, columns = values.shape
        # A map of the whole globe has no east end.
        whole = columns * width >= 360.0 - width / 2
        with np.errstate(invalid="ignore"):
            row = np.floor(np.nan_to_num(down)).astype(np.intp)
            column = np.floor(np.nan_to_num(across)).astype(np.intp)

        def cell(cell_row: np.ndarray, cell_column: np.ndarray) -> np.ndarray:
            is_inside = (cell_row >= 0) & (cell_row < rows)
            cell_column = cell_column % columns if whole else cell_column
            is_inside &= (cell_column >= 0) & (cell_column < columns)
            result = np.full(cell_row.shape, np.nan)
            result[is_inside] = values[cell_row[is_inside], cell_column[is_inside]]
            return result

        west = _interpolate(cell(row, column), cell(row + 1, column), down - row)
        east = _interpolate(cell(row, column + 1), cell(row + 1, column + 1), down - row)
        return _interpolate(west, east, across - column)

    def to_arrays(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return arrays (for NPZ) and plain values (for JSON); see `from_arrays`."""
        return (
            {
                "latitudes": self.latitudes,
                "longitudes": self.longitudes,
                "mean": self.mean,
                "error": self.error,
            },
            {"name": self.name, "source": self.source, "sha256": self.sha256},
        )

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], metadata: dict[str, Any]) -> "Isoscape":
        """Return what `to_arrays` took apart.

        Raises
        ------
        LibraryError
            If something is missing or of another kind.
        """
        try:
            values = {
                key: np.asarray(arrays[key], dtype=np.float64)
                for key in ("latitudes", "longitudes", "mean", "error")
            }
            name, source, sha256 = (str(metadata[key]) for key in ("name", "source", "sha256"))
            return cls(name, **values, source=source, sha256=sha256)
        except (KeyError, TypeError, ValueError, UsageError, InputError) as error:
            raise LibraryError(
                _("the stored isoscape is damaged or of another version: {reason}").format(
                    reason=error
                )
            ) from error


def _interpolate(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Interpolate; where one of two is missing, take the other."""
    mixed = (1 - share) * first + share * second
    return np.where(np.isnan(first), second, np.where(np.isnan(second), first, mixed))


def make_isoscape(
    latitudes: ArrayLike,
    longitudes: ArrayLike,
    mean: ArrayLike,
    error: ArrayLike,
    *,
    name: str,
    source: str = "arrays",
    sha256: str = "",
) -> Isoscape:
    """Return an isoscape of arrays.

    Parameters
    ----------
    latitudes : array_like of float, shape (R,), degrees
        Centres of cells, evenly spaced, in either order.
    longitudes : array_like of float, shape (C,), degrees
    mean : array_like of float, shape (R, C)
        NaN where there is no value.
    error : float or array_like of float, shape (R, C)
        One standard deviation of the prediction. Cells that have a mean but no error are left
        out: without it no probability can be stated.
    name : str
        The isotope, ``d2H`` for example.

    Raises
    ------
    InputError
        If no cell has both, or an error is negative.
    UsageError
        If shapes do not fit or cells are uneven.
    """
    latitudes = np.asarray(latitudes, dtype=np.float64)
    longitudes = np.asarray(longitudes, dtype=np.float64)
    mean = np.array(mean, dtype=np.float64)
    shape = (latitudes.size, longitudes.size)
    error = np.asarray(error, dtype=np.float64)
    if error.ndim not in (0, 2) or (error.ndim == 2 and error.shape != mean.shape):
        raise UsageError(
            _("isoscape {name}: the error must be one number or one a cell").format(name=name)
        )
    error = np.array(np.broadcast_to(error, mean.shape))
    if mean.shape == shape and latitudes.size > 1 and latitudes[0] < latitudes[-1]:
        latitudes, mean, error = latitudes[::-1].copy(), mean[::-1].copy(), error[::-1].copy()
    missing = ~np.isfinite(mean) | ~np.isfinite(error)
    mean[missing] = error[missing] = np.nan
    return Isoscape(name, latitudes, longitudes, mean, error, source, sha256)


def read_isoscape(
    path: str | os.PathLike[str],
    *,
    name: str,
    mean_band: int | str = 1,
    error_band: int | str | None = 2,
    error: float | None = None,
    crs: str | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    coarsen: int = 1,
    max_cells: int = MAX_CELLS,
) -> Isoscape:
    """Read an isoscape from GeoTIFF or NetCDF; needs the extra ``geo``.

    Parameters
    ----------
    path : path
    name : str
        The isotope, ``d2H`` for example.
    mean_band, error_band : int or str
        Number of the band, from 1, or name of the NetCDF variable, of the prediction and of its
        standard deviation.
    error : float, optional
        One standard deviation for all cells, instead of `error_band`. A file of one band needs
        it: without an error no probability can be stated.
    crs, bounds, coarsen, max_cells
        See `forensics.origin.raster_files.read_raster`. The error of averaged cells is the mean
        of their errors, as neighbours err together.

    Raises
    ------
    InputError
        If the file cannot be used; the text says why.
    UsageError
        If the extra is not installed or both errors are given.
    """
    if error is not None:
        if not 0 <= error < float("inf"):
            raise UsageError(_("error is {error}; a number from 0 is expected").format(error=error))
        error_band = None
    elif error_band is None:
        raise UsageError(
            _("give error_band, the band with the standard deviation, or error, one number")
        )
    bands = (mean_band,) if error_band is None else (mean_band, error_band)
    read = partial(read_raster, path, crs=crs, bounds=bounds, coarsen=coarsen, max_cells=max_cells)
    try:
        raster = read(bands)
    except InputError as problem:
        if error_band is not None and mean_band != error_band:
            _explain_error_band(read, mean_band, problem)
        raise
    spread = error if error_band is None else raster.bands[1]
    assert spread is not None  # without a band it was given
    return make_isoscape(
        raster.latitudes,
        raster.longitudes,
        raster.bands[0],
        spread,
        name=name,
        source=Path(path).name,
        sha256=sha256(Path(path)),
    )


def _explain_error_band(
    read: Callable[[tuple[int | str, ...]], Raster], mean_band: int | str, problem: InputError
) -> None:
    """Where only the error band is at fault, say what to do about that."""
    try:
        read((mean_band,))
    except InputError:
        return
    raise InputError(
        _(
            "{problem}. The band of standard errors is needed: name it with error_band, or give "
            "one number as error (one standard deviation, in the unit of the isoscape)"
        ).format(problem=problem.message),
        source=problem.source,
    ) from problem
