"""Reads two bands of a GeoTIFF or NetCDF map on WGS 84, within bounded memory.

rasterio (extra ``geo``) reads both kinds with what its wheels bring; its reader is chosen by the
first bytes of the file, so that a text that calls itself ``.tif`` never reaches the hundred other
formats that GDAL knows, some of which fetch from the network. Files beside the raster
(``.aux.xml``, ``.ovr``) are not read: they could change values unseen.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forensics.errors import InputError, UsageError, importing
from forensics.io.formats import recognise
from forensics.io.inputs import open_input
from forensics.messages import _

__all__ = ["MAX_CELLS", "Raster", "read_raster"]

# Cells that are kept: 32 MB a band as float64. A world map of 0.1 degrees has 6.5 million and is
# to be cut or coarsened; isoscapes are smooth over more than that.
MAX_CELLS = 4_000_000
# Cells that are read in order to be averaged; more than this takes minutes.
MAX_SOURCE_CELLS = 1_000_000_000
# Cells of one block of the file, which GDAL unpacks at once.
_MAX_BLOCK = 50_000_000
_STRIP = 2_000_000  # cells of one strip while averaging

#: GDAL's drivers of the formats of `forensics.io.formats` that are read.
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
    path: str | os.PathLike[str],
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
    rasterio = _rasterio()
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


def _rasterio() -> Any:
    with importing("geo", instead=_("Or give the isoscape as a table.")):
        import rasterio
        import rasterio.crs
        import rasterio.warp
        import rasterio.windows
    return rasterio


def _raster_error(path: Path, text: str) -> InputError:
    return InputError(text, source=str(path))


def _driver(path: str | os.PathLike[str]) -> tuple[Path, str]:
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
                "this is neither a GeoTIFF nor a NetCDF file by its first bytes, whatever its "
                "name; export the isoscape as GeoTIFF"
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
