"""An isoscape: isotope values predicted over a map, each with its standard error.

It is made of arrays, or read from two bands of a GeoTIFF or NetCDF map, within bounded memory.
rasterio (extra ``geo``) reads both kinds with what its wheels bring; its reader is chosen by the
first bytes of the file, so that a text that calls itself ``.tif`` never reaches the hundred other
formats that GDAL knows, some of which fetch from the network. Files beside the raster
(``.aux.xml``, ``.ovr``) are not read: they could change values unseen.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, UsageError, importing
from forensics.io.files import AnyPath, open_input, recognise, sha256
from forensics.learning.arrays import array, model_part
from forensics.messages import _, numeral
from forensics.origin.geography import Grid

# Cells that are kept: 32 MB a band as float64. A world map of 0.1 degrees has 6.5 million and is
# to be cut or coarsened; isoscapes are smooth over more than that.
MAX_CELLS = 4_000_000
# Cells that are read in order to be averaged; more than this takes minutes.
MAX_SOURCE_CELLS = 1_000_000_000
# Cells of one block of the file, which GDAL unpacks at once.
_MAX_BLOCK = 50_000_000
_STRIP = 2_000_000  # cells of one strip while averaging

#: GDAL's drivers of the formats of `forensics.io.files` that are read.
_DRIVERS = {"geotiff": "GTiff", "netcdf": "netCDF"}
_WGS84 = "EPSG:4326"


@dataclass(frozen=True, eq=False)
class Raster:
    """Bands on a grid of equal degrees of WGS 84.

    Attributes
    ----------
    latitudes : numpy.ndarray of float64, shape (R,)
        Of centres of cells, descending.
    longitudes : numpy.ndarray of float64, shape (C,)
        Ascending; may exceed 180.
    bands : tuple of numpy.ndarray of float64, shape (R, C)
        NaN where there is no value.
    projected : bool
        Whether the file was in another projection and was brought to degrees.
    """

    latitudes: np.ndarray
    longitudes: np.ndarray
    bands: tuple[np.ndarray, ...]
    projected: bool


def read_raster(
    path: AnyPath,
    bands: tuple[int | str, ...],
    *,
    crs: str | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    coarsen: int = 1,
    max_cells: int = MAX_CELLS,
) -> Raster:
    """Return bands of a raster file.

    Parameters
    ----------
    path : path
        GeoTIFF, or NetCDF 3 or 4.
    bands : tuple of int or str
        Number of a band, counted from 1, or name of a variable of a NetCDF file.
    crs : str, optional
        Projection of a file that states none, such as ``"EPSG:4326"``.
    bounds : tuple of float, optional
        West, south, east, north in the file's own units; only this part is read.
    coarsen : int
        So many cells by so many are averaged to one. Cells without value are left out.
    max_cells : int
        Most cells that are kept.

    Raises
    ------
    InputError
        If the file is missing, damaged, of another kind, has no such band, no projection, is
        rotated, or has more cells than are read.
    UsageError
        If the extra ``geo`` is not installed or an argument is out of range.
    """
    if coarsen < 1:
        raise UsageError(_("coarsen is {number}; at least 1 is expected").format(number=coarsen))
    rasterio = import_rasterio(instead=_("Or give the isoscape as a table."))
    path, driver = _driver(path)
    arrays, transform, system = [], None, None
    for number, band in enumerate(bands):
        with _open_band(rasterio, path, driver, band) as (source, index):
            values, cells = _read(rasterio, source, index, path, bounds, coarsen, max_cells)
            if transform is not None and (
                values.shape != arrays[0].shape or not cells.almost_equals(transform, 1e-9)
            ):
                raise _raster_error(
                    path, _("band {band} is not on the same cells").format(band=band)
                )
            if number == 0:
                transform, system = cells, source.crs
            arrays.append(values)
    if not system:
        if crs is None:
            raise _raster_error(
                path,
                _(
                    "it states no projection; give it as crs, for example crs='EPSG:4326' if its "
                    "coordinates are degrees of WGS 84"
                ),
            )
        system = rasterio.crs.CRS.from_user_input(crs)
    return _bring_to_wgs84(rasterio, path, arrays, transform, system, max_cells)


def import_rasterio(*, instead: str) -> Any:
    """Return rasterio with the parts that are used; `instead` says what does without it."""
    with importing("geo", instead=instead):
        import rasterio
        import rasterio.crs
        import rasterio.errors
        import rasterio.transform
        import rasterio.warp
        import rasterio.windows
    return rasterio


def _raster_error(path: Path, text: str) -> InputError:
    return InputError(text, source=str(path))


def _driver(path: AnyPath) -> tuple[Path, str]:
    """Return the absolute path and the reader that the first bytes ask for."""
    path = Path(path)
    # Not through GDAL's own names ("/vsicurl/…", "netcdf:…"): only a file of this computer.
    with open_input(path, str(path)) as stream:
        known = recognise(stream.read(4))
    driver = _DRIVERS.get(known.name) if known else None
    if driver is None:
        raise _raster_error(
            path,
            _(
                "by its first bytes this is neither a GeoTIFF nor a NetCDF file; export the "
                "isoscape as GeoTIFF"
            ),
        )
    return path.resolve(), driver


@contextmanager
def _open_band(rasterio: Any, path: Path, driver: str, band: int | str) -> Iterator[Any]:
    """Yield a data set and the number of the band in it."""
    options = {
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_CACHEMAX": 128,
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    }
    try:
        with rasterio.Env(**options), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(path, driver=driver) as source:
                variables = {dataset.rsplit(":", 1)[-1]: dataset for dataset in source.subdatasets}
                if not variables:
                    yield source, _index(path, source, band)
                    return
            with rasterio.open(_variable(path, variables, band), driver=driver) as source:
                yield source, 1
    except (rasterio.errors.RasterioError, rasterio.errors.CRSError, MemoryError) as error:
        raise _raster_error(
            path,
            _(
                "it is damaged, cut off or not what its first bytes say, and cannot be read "
                "whole; get the file again"
            ),
        ) from error


def _index(path: Path, source: Any, band: int | str) -> int:
    if isinstance(band, str):
        names = list(source.descriptions)
        if band in names:
            return names.index(band) + 1
        raise _raster_error(
            path,
            _("it has no band named {band}; it has {names}").format(
                band=band, names=", ".join(str(name) for name in names)
            ),
        )
    if not 1 <= band <= source.count:
        raise _raster_error(
            path,
            _("it has no band {band}; it has {count}").format(band=band, count=source.count),
        )
    return band


def _variable(path: Path, variables: dict[str, str], band: int | str) -> str:
    names = list(variables)
    if isinstance(band, int) and 1 <= band <= len(names):
        band = names[band - 1]
    if band not in variables:
        raise _raster_error(
            path,
            _("it has no variable {band}; it has {names}").format(
                band=band, names=", ".join(names[:20])
            ),
        )
    return variables[band]


def _read(
    rasterio: Any,
    source: Any,
    index: int,
    path: Path,
    bounds: tuple[float, float, float, float] | None,
    coarsen: int,
    max_cells: int,
) -> tuple[np.ndarray, Any]:
    """Return one band as float64 with NaN for missing, and its transform."""
    if source.transform.is_identity or source.transform.b or source.transform.d:
        raise _raster_error(
            path,
            _("it has no place on the globe or is rotated; export it north up, with its place"),
        )
    whole = rasterio.windows.Window(0, 0, source.width, source.height)
    window = whole
    if bounds is not None:
        requested = rasterio.windows.from_bounds(*bounds, transform=source.transform)
        requested = requested.round_offsets().round_lengths(op="ceil")
        try:
            window = requested.intersection(whole)
        except rasterio.errors.WindowError as error:
            raise _raster_error(
                path, _("it does not overlap the bounds {bounds}").format(bounds=bounds)
            ) from error
    width, height = int(window.width) // coarsen, int(window.height) // coarsen
    block = max(rows * columns for rows, columns in source.block_shapes)
    if (
        width * height > max_cells
        or width * height * coarsen**2 > MAX_SOURCE_CELLS
        or block > _MAX_BLOCK
    ):
        raise _raster_error(
            path,
            _(
                "it has {columns} x {rows} cells to keep; at most {most} are kept. Read a part "
                "with bounds=(west, south, east, north), or average cells with coarsen=10"
            ).format(columns=width, rows=height, most=max_cells),
        )
    if width < 2 or height < 2:
        raise _raster_error(path, _("fewer than 2 x 2 cells are left"))
    left, top = int(window.col_off), int(window.row_off)
    result = np.empty((height, width))
    strip = max(1, _STRIP // (width * coarsen**2))
    for first in range(0, height, strip):
        rows = min(strip, height - first)
        part = rasterio.windows.Window(left, top + first * coarsen, width * coarsen, rows * coarsen)
        result[first : first + rows] = _average(_values(source, index, part, path), coarsen)
    corner = source.window_transform(rasterio.windows.Window(left, top, 1, 1))
    transform = type(corner)(corner.a * coarsen, 0.0, corner.c, 0.0, corner.e * coarsen, corner.f)
    return result, transform


def _values(source: Any, index: int, window: Any, path: Path) -> np.ndarray:
    masked_values = source.read(index, window=window, masked=True)
    if masked_values.dtype.kind not in "fiu":
        raise _raster_error(
            path, _("its values are not numbers but {kind}").format(kind=masked_values.dtype)
        )
    values = masked_values.astype(np.float64).filled(np.nan)
    values[~np.isfinite(values)] = np.nan
    return np.asarray(values * source.scales[index - 1] + source.offsets[index - 1])


def _average(values: np.ndarray, coarsen: int) -> np.ndarray:
    if coarsen == 1:
        return values
    rows, columns = values.shape[0] // coarsen, values.shape[1] // coarsen
    blocks = values.reshape(rows, coarsen, columns, coarsen)
    known = np.isfinite(blocks)
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0.0).sum(axis=(1, 3))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _bring_to_wgs84(
    rasterio: Any, path: Path, arrays: list[np.ndarray], transform: Any, system: Any, max_cells: int
) -> Raster:
    projected = not (system.is_geographic and _is_wgs84(system))
    if projected:
        arrays, transform = _reproject(rasterio, path, arrays, transform, system, max_cells)
    rows, columns = arrays[0].shape
    latitudes = transform.f + transform.e * (np.arange(rows) + 0.5)
    longitudes = transform.c + transform.a * (np.arange(columns) + 0.5)
    if transform.e > 0:
        latitudes, arrays = latitudes[::-1].copy(), [array[::-1].copy() for array in arrays]
    if transform.a < 0:
        longitudes, arrays = longitudes[::-1].copy(), [array[:, ::-1].copy() for array in arrays]
    if max(abs(latitudes[0]), abs(latitudes[-1])) > 90 or np.abs(longitudes).max() > 360:
        raise _raster_error(
            path,
            _(
                "its coordinates reach latitude {latitude} and longitude {longitude} but are "
                "said to be degrees; export it with its true projection"
            ).format(latitude=f"{latitudes[0]:.6g}", longitude=f"{longitudes[-1]:.6g}"),
        )
    if not np.isfinite(arrays[0]).any():
        raise _raster_error(path, _("no cell has a value: every one is missing or not a number"))
    return Raster(latitudes, longitudes, tuple(arrays), projected)


def _is_wgs84(system: Any) -> bool:
    """Whether degrees of a system are those of WGS 84 to within 200 m (NAD 83, ETRS 89, …)."""
    text = system.to_wkt().upper().replace("_", " ")
    return any(name in text for name in ("WGS 84", "WGS 1984", "NAD83", "NORTH AMERICAN 1983"))


def _reproject(
    rasterio: Any, path: Path, arrays: list[np.ndarray], transform: Any, system: Any, max_cells: int
) -> tuple[list[np.ndarray], Any]:
    rows, columns = arrays[0].shape
    bounds = rasterio.transform.array_bounds(rows, columns, transform)
    try:
        target, width, height = rasterio.warp.calculate_default_transform(
            system, _WGS84, columns, rows, *bounds
        )
        if width * height > 4 * max_cells or width < 2 or height < 2:
            raise _raster_error(
                path,
                _("brought to degrees it has {columns} x {rows} cells; coarsen it").format(
                    columns=width, rows=height
                ),
            )
        result = []
        for array in arrays:
            placed = np.full((height, width), np.nan)
            rasterio.warp.reproject(
                array,
                placed,
                src_transform=transform,
                src_crs=system,
                dst_transform=target,
                dst_crs=_WGS84,
                src_nodata=np.nan,
                dst_nodata=np.nan,
                resampling=rasterio.warp.Resampling.bilinear,
            )
            result.append(placed)
    except (rasterio.errors.RasterioError, rasterio.errors.CRSError) as error:
        raise _raster_error(
            path, _("its projection cannot be brought to degrees of WGS 84; export it so")
        ) from error
    return result, target


@model_part
class Isoscape:
    """Predicted isotope values on cells of equal degrees (WGS 84)."""

    name: str  # the isotope, as the columns of samples are named: ``d2H``, ``d18O``, ``d13C``, …
    latitudes: np.ndarray = array("R")  # of centres of cells, degrees, descending
    longitudes: np.ndarray = array("C")  # ascending; beyond 180 across the antimeridian
    # Predicted value, per mil (or the unit of the ratio), and one standard deviation of the prediction;
    # NaN where there is none.
    mean: np.ndarray = array("R, C", has_gaps=True)
    error: np.ndarray = array("R, C", has_gaps=True)
    source: str = ""  # file or description
    sha256: str = ""  # of the file; "" of arrays

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
    path: AnyPath,
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
    name : str
        The isotope, ``d2H`` for example.
    mean_band, error_band : int or str
        Number of the band, from 1, or name of the NetCDF variable, of the prediction and of its
        standard deviation.
    error : float, optional
        One standard deviation for all cells, instead of `error_band`. A file of one band needs
        it: without an error no probability can be stated.
    crs, bounds, coarsen, max_cells
        See `forensics.origin.isoscape.read_raster`. The error of averaged cells is the mean
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
