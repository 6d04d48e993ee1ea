"""The posterior over a map in files that geographic information systems read: GeoTIFF, GeoJSON, CSV."""

import io
import json
import math
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from forensics.core.stored import to_stored
from forensics.errors import InputError, UsageError, importing
from forensics.io.cells import RowWriter
from forensics.io.files import write_new
from forensics.messages import _
from forensics.origin.defaults import POINT_ESTIMATE
from forensics.origin.geography import LEVELS, Surface
from forensics.origin.region_outlines import outline_cells
from forensics.origin.results import Origin

__all__ = ["CELL_COLUMNS", "EXPORTED", "NODATA", "export_map", "geojson_of", "rows_of_cells"]

CELL_COLUMNS = ("sample", "latitude", "longitude", "area_km2", "probability", "region")
"""Columns of the table of cells."""
NODATA = -9999.0
"""Value of a cell of a GeoTIFF that the prior does not allow."""
_DIGITS = 6  # decimals of degrees in GeoJSON: 0.1 m, as RFC 7946 (section 11.2) advises


def export_map(results: Sequence[Origin], path: str | os.PathLike[str]) -> int:
    """Write the posteriors of results to a new file; the end of its name says which form.

    Parameters
    ----------
    results : sequence of Origin
        Those without a map are left out.
    path : path
        Ends in one of `EXPORTED`.

    Returns
    -------
    int
        How many results have a map and stand in the file.

    Raises
    ------
    UsageError
        If the name has another ending, the file exists, a library is missing, or maps of a GeoTIFF
        have different cells.
    InputError
        If no result has a map.
    """
    path = Path(path)
    form = path.suffix.lower()
    if form not in EXPORTED:
        raise UsageError(
            _("{path} ends in none of {known}.").format(path=path, known=", ".join(EXPORTED))
        )
    mapped = [result for result in results if result.surface is not None]
    if not mapped:
        raise InputError(_("no sample has a map; there is nothing to export"))
    write_new(path, EXPORTED[form](mapped))
    return len(mapped)


def _surface_of(result: Origin) -> Surface:
    assert result.surface is not None  # `export_map` leaves the others out
    return result.surface


def _geotiff(results: Sequence[Origin]) -> bytes:
    """Return a GeoTIFF with a band a sample: the posterior of each cell, WGS 84, float32.

    Cells that the prior does not allow are `NODATA`. Longitudes of a grid across the antimeridian go
    beyond 180. ``DESCRIPTION`` and the tags of each band name the sample, the model and its SHA-256.
    """
    rasterio = _import_rasterio()
    first = _surface_of(results[0]).grid
    for result in results[1:]:
        grid = _surface_of(result).grid
        if not (
            np.array_equal(grid.latitudes, first.latitudes)
            and np.array_equal(grid.longitudes, first.longitudes)
        ):
            raise UsageError(_("maps with different cells do not fit in one GeoTIFF"))
    height, width = first.steps
    transform = rasterio.transform.Affine(
        width, 0.0, float(first.longitudes[0]) - width / 2,
        0.0, -height, float(first.latitudes[0]) + height / 2,
    )  # fmt: skip
    rows, columns = first.inside.shape
    with warnings.catch_warnings(), rasterio.MemoryFile() as file:
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with file.open(
            driver="GTiff", height=rows, width=columns, count=len(results), dtype="float32",
            crs="EPSG:4326", transform=transform, nodata=NODATA, compress="deflate",
            interleave="band",
        ) as target:  # fmt: skip
            target.update_tags(
                AREA_OR_POINT="Area", TIFFTAG_SOFTWARE=_software(results[0]),
                QUANTITY="posterior probability of the cell",
            )  # fmt: skip
            for band, result in enumerate(results, 1):
                surface = _surface_of(result)
                values = np.where(surface.grid.inside, surface.probabilities, NODATA)
                target.write(values.astype(np.float32), band)
                target.set_band_description(band, result.sample)
                latitude, longitude = surface.point()
                target.update_tags(
                    band,
                    SAMPLE=result.sample,
                    **_model_of(result),
                    POINT_ESTIMATE=POINT_ESTIMATE,
                    LATITUDE=f"{latitude:.{_DIGITS}f}",
                    LONGITUDE=f"{longitude:.{_DIGITS}f}",
                )
        return bytes(file.read())


def _import_rasterio() -> Any:
    with importing("geo", instead=_("Or write .geojson or .csv.")):
        import rasterio
        import rasterio.errors
        import rasterio.transform
    return rasterio


def _software(result: Origin) -> str:
    return f"{result.provenance.software} {result.provenance.version}"


def _model_of(result: Origin) -> dict[str, str]:
    model = result.provenance.library
    return {
        "MODEL": f"{model['name']} {model['version']}",
        "MODEL_SHA256": str(model["sha256"]),
    }


def geojson_of(results: Sequence[Origin]) -> dict[str, Any]:
    """Return a FeatureCollection: of each sample its regions, the widest first, and its point.

    Parameters
    ----------
    results : sequence of Origin
        With a surface each.

    References
    ----------
    Butler et al. 2016, The GeoJSON Format, doi:10.17487/RFC7946.
    """
    features = []
    for result in results:
        surface = _surface_of(result)
        known: dict[str, Any] = {
            "sample": result.sample,
            "status": result.status,
            "origin": result.origin,
            "probability": result.probability,
        }
        for level in sorted(LEVELS, reverse=True):
            region = surface.region(level)
            polygons = [
                [np.round(ring, _DIGITS).tolist() for ring in polygon]
                for polygon in outline_cells(surface.grid, region)
            ]
            features.append(
                _feature(
                    {"type": "MultiPolygon", "coordinates": polygons},
                    {**known, "shows": "region", "level": level,
                     "area_km2": float(surface.grid.areas()[region].sum())},
                )
            )  # fmt: skip
        latitude, longitude = surface.point()
        if math.isfinite(latitude):
            point = {
                "type": "Point",
                "coordinates": [round(longitude, _DIGITS), round(latitude, _DIGITS)],
            }
            features.append(
                _feature(point, {**known, "shows": "point", "estimate": POINT_ESTIMATE})
            )
    return {
        "type": "FeatureCollection",
        "features": features,
        "provenance": [to_stored(result.provenance) for result in results[:1]],
    }


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _geojson(results: Sequence[Origin]) -> bytes:
    text = json.dumps(geojson_of(results), ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def rows_of_cells(result: Origin) -> list[dict[str, Any]]:
    """Return a row a cell that the prior allows, under `CELL_COLUMNS`; from north to south.

    ``region`` is the smallest of `forensics.origin.geography.LEVELS` whose region has the cell; None
    outside all.
    """
    surface = _surface_of(result)
    smallest = np.ones(surface.grid.inside.shape)
    for level in sorted(LEVELS, reverse=True):
        smallest[surface.region(level)] = level
    latitudes, longitudes = surface.grid.coordinates()
    columns = (latitudes, longitudes, surface.grid.areas(), surface.probabilities, smallest)
    return [
        {
            "sample": result.sample, "latitude": latitude, "longitude": longitude,
            "area_km2": area, "probability": probability, "region": level if level < 1 else None,
        }
        for latitude, longitude, area, probability, level in zip(
            *(values[surface.grid.inside].tolist() for values in columns)
        )
    ]  # fmt: skip


def _csv(results: Sequence[Origin]) -> bytes:
    stream = io.StringIO()
    writer = RowWriter(stream, CELL_COLUMNS)
    for result in results:
        writer.write(rows_of_cells(result))
    return stream.getvalue().encode()


EXPORTED = {".tif": _geotiff, ".geojson": _geojson, ".csv": _csv}
"""Endings of names of files, and what makes their content."""
