"""A range map: polygons that say where a species lives, as a mask of a grid.

GeoJSON is read with the standard library; shapefiles with pyshp (extra ``geo``). Coordinates are
degrees of WGS 84, longitude first, as RFC 7946 says.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, UsageError
from forensics.io.files import read_limited
from forensics.messages import _
from forensics.origin.geography import Grid
from forensics.origin.globe import in_rings

__all__ = ["RangeMap", "make_range_map", "read_range_map", "unwrap_ring"]

# A range map of the IUCN has up to some 100,000 corners; these bounds keep hostile files small.
_MAX_BYTES = 64 * 2**20
_MAX_CORNERS = 2_000_000
_MAX_DEPTH = 20
# Points along the side of a cell: a cell that the range only touches is allowed too, since a
# place that is wrongly left out can never be found.
_POINTS = 5
# Values beyond this are metres or feet of a projection, not degrees typed wrongly.
_METRES = 400.0


@dataclass(frozen=True, eq=False)
class RangeMap:
    """Polygons with holes.

    Attributes
    ----------
    polygons : tuple of tuples of numpy.ndarray, shape (k, 2)
        Of each polygon its rings, the outer one first, then holes: longitude and latitude of
        corners, degrees.
    source : str
    sha256 : str
        Of the file; empty where it was made of rings.
    """

    polygons: tuple[tuple[np.ndarray, ...], ...]
    source: str = ""
    sha256: str = ""

    def contains(self, latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
        """Return which places lie in the range; bool of the shape of the arguments."""
        result = np.zeros(np.shape(latitudes), dtype=bool)
        for rings in self.polygons:
            result |= in_rings(latitudes, longitudes, rings)
        return result

    def mask(self, grid: Grid, *, touching: bool = True) -> np.ndarray:
        """Return the cells of a grid that lie in the range; bool, shape (R, C).

        Parameters
        ----------
        grid : Grid
        touching : bool
            Allow cells of which a part lies in the range, not only those whose centre does.

        Raises
        ------
        InputError
            If the range has no cell that the grid allows.
        """
        height, width = grid.steps
        offsets = (np.arange(_POINTS) + 0.5) / _POINTS - 0.5 if touching else np.zeros(1)
        latitudes = (grid.latitudes[:, None] - offsets * height).ravel()
        longitudes = (grid.longitudes[:, None] + offsets * width).ravel()
        result = np.zeros((latitudes.size, longitudes.size), dtype=bool)
        for rings in self.polygons:
            _fill(result, latitudes, longitudes, rings)
        size = offsets.size
        cells = result.reshape(len(grid.latitudes), size, len(grid.longitudes), size)
        mask = np.asarray(cells.any(axis=(1, 3)))
        if touching:
            # A range smaller than a cell may lie between all points.
            for rings in self.polygons:
                if (np.ptp(rings[0], axis=0) >= (width, height)).all():
                    continue
                row, column = grid.cell_of(rings[0][:, 1], rings[0][:, 0])
                mask[row[row >= 0], column[row >= 0]] = True
        if not (mask & grid.inside).any():
            raise InputError(self._nowhere(grid), source=self.source or None)
        return mask

    def _nowhere(self, grid: Grid) -> str:
        corners = np.concatenate([ring for rings in self.polygons for ring in rings])
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        text = _(
            "no cell of the map lies in this range: the range reaches from latitude {south} to "
            "{north} and longitude {west} to {east}, the map from latitude {low} to {high} and "
            "longitude {left} to {right}"
        ).format(
            south=f"{south:.6g}",
            north=f"{north:.6g}",
            west=f"{west:.6g}",
            east=f"{east:.6g}",
            low=f"{grid.latitudes[-1]:.6g}",
            high=f"{grid.latitudes[0]:.6g}",
            left=f"{grid.longitudes[0]:.6g}",
            right=f"{grid.longitudes[-1]:.6g}",
        )
        row, _column = grid.cell_of(corners[:, 0], corners[:, 1])
        if (row >= 0).any():
            text += " " + _(
                "With latitude and longitude exchanged it would lie in it: the order in the file "
                "must be longitude, latitude."
            )
        return text


def _fill(
    result: np.ndarray, latitudes: np.ndarray, longitudes: np.ndarray, rings: Sequence[np.ndarray]
) -> None:
    """Mark the points of one polygon, row by row: even-odd rule over all of its rings."""
    starts = np.concatenate(rings)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    level = starts[:, 1] == ends[:, 1]
    starts, ends = starts[~level], ends[~level]
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    slope = (ends[:, 0] - starts[:, 0]) / (ends[:, 1] - starts[:, 1])
    for number, latitude in enumerate(latitudes):
        cut = (low <= latitude) & (latitude < high)
        if not cut.any():
            continue
        crossings = np.sort(starts[cut, 0] + slope[cut] * (latitude - starts[cut, 1]))
        for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
            inside = np.searchsorted(crossings, longitudes + turn, side="right") % 2 == 1
            result[number] |= inside


def make_range_map(
    polygons: Iterable[Iterable[Any]], *, source: str = "", antimeridian: str = "refuse"
) -> RangeMap:
    """Return a range map of rings.

    Parameters
    ----------
    polygons : iterable of iterables of array_like, shape (k, 2)
        Of each polygon its rings, the outer one first: longitude, latitude.
    source : str
        File, for messages.
    antimeridian : {"refuse", "shorter"}
        What to do with a side that spans more than 180 degrees of longitude. It means either
        a ring across the antimeridian or a range wider than half the globe; "shorter" takes it
        for the former.

    Raises
    ------
    InputError
        If a ring has fewer than three corners, a corner is not a place, coordinates are metres or
        exchanged, or a side spans more than 180 degrees.
    UsageError
        If `antimeridian` is not known.
    """
    if antimeridian not in ("refuse", "shorter"):
        raise UsageError(
            _("antimeridian is {found}; refuse or shorter is expected").format(found=antimeridian)
        )
    label = source or None
    result, corners = [], 0
    for number, rings in enumerate(polygons, start=1):
        kept = []
        for ring in rings:
            kept.append(_ring(ring, label, number, antimeridian))
            corners += len(kept[-1])
            if corners > _MAX_CORNERS:
                raise InputError(
                    _("the range has more than {most} corners; simplify it").format(
                        most=_MAX_CORNERS
                    ),
                    source=label,
                )
        if kept:
            result.append(tuple(kept))
    if not result:
        raise InputError(
            _("it holds no polygon; a range map is made of polygons, not of points or lines"),
            source=label,
        )
    return RangeMap(tuple(result), source)


def _ring(ring: Iterable[Any], source: str | None, number: int, antimeridian: str) -> np.ndarray:
    try:
        corners = np.asarray([tuple(corner)[:2] for corner in ring], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            _("a corner is not two numbers, longitude and latitude"), source=source, record=number
        ) from error
    if corners.ndim != 2 or corners.shape[1:] != (2,) or not np.isfinite(corners).all():
        raise InputError(
            _("a corner is not two numbers, longitude and latitude"), source=source, record=number
        )
    if len(corners) > 1 and np.array_equal(corners[0], corners[-1]):
        corners = corners[:-1]
    if len(corners) < 3:
        raise InputError(_("a ring has fewer than three corners"), source=source, record=number)
    _check_degrees(corners, source, number)
    return unwrap_ring(corners, source, number, antimeridian)


def _check_degrees(ring: np.ndarray, source: str | None, number: int) -> None:
    longitude, latitude = np.abs(ring).max(axis=0)
    if latitude <= 90 and longitude <= 360:
        return
    corner = ring[np.argmax((np.abs(ring[:, 1]) > 90) | (np.abs(ring[:, 0]) > 360))]
    if max(longitude, latitude) > _METRES:
        text = _(
            "the corner {x}, {y} is not in degrees but in metres or feet of a projection; export "
            "the range map in WGS 84 degrees (EPSG:4326)"
        )
    elif latitude <= 360 and longitude <= 90:
        text = _(
            "the corner {x}, {y} has a latitude beyond 90; latitude and longitude seem to be "
            "exchanged: longitude, latitude is expected"
        )
    else:
        text = _(
            "the corner {x}, {y} is no place: longitude -360 to 360 and latitude -90 to 90 are "
            "expected"
        )
    raise InputError(
        text.format(x=f"{corner[0]:.8g}", y=f"{corner[1]:.8g}"), source=source, record=number
    )


def unwrap_ring(
    ring: np.ndarray, source: str | None, number: int, antimeridian: str = "refuse"
) -> np.ndarray:
    """Return a ring of which no side spans more than half the globe.

    Parameters
    ----------
    ring : numpy.ndarray of float64, shape (k, 2)
        Longitude and latitude of corners.
    source : str or None
        File, for messages.
    number : int
        Of the record, for messages.
    antimeridian : {"refuse", "shorter"}
        What to do with a side that spans more than half the globe, see `make_range_map`.

    Raises
    ------
    InputError
        If a side spans more than half the globe and is refused, or the ring goes round a pole.
    """
    longitudes = ring[:, 0]
    steps = np.diff(np.append(longitudes, longitudes[0]))
    # From -180 to 180 exactly is the world's own frame, as in a box of the whole globe.
    wide = (np.abs(steps) > 180) & (np.abs(steps) < 360)
    if not wide.any():
        return ring
    if antimeridian == "refuse":
        side = int(np.argmax(wide))
        raise InputError(
            _(
                "a side runs from longitude {first} to {second}: either the ring crosses the "
                "antimeridian or it is wider than half the globe. Split it at 180 degrees "
                "(RFC 7946, 3.1.9), or say antimeridian='shorter' if it crosses"
            ).format(
                first=f"{longitudes[side]:.6g}",
                second=f"{longitudes[(side + 1) % len(longitudes)]:.6g}",
            ),
            source=source,
            record=number,
        )
    turns = np.where(wide, -360.0 * np.sign(steps), 0.0)
    if abs(turns.sum()) > 1:
        raise InputError(
            _("a ring goes round a pole; split it at 180 degrees and along the pole"),
            source=source,
            record=number,
        )
    return np.column_stack((longitudes + np.append(0.0, np.cumsum(turns)[:-1]), ring[:, 1]))


def read_range_map(path: str | os.PathLike[str], *, antimeridian: str = "refuse") -> RangeMap:
    """Read a range map from GeoJSON or a shapefile (``.shp``; needs the extra ``geo``).

    Raises
    ------
    InputError
        If the file cannot be read, holds no polygon, or is not in degrees of WGS 84; see
        `make_range_map`.
    UsageError
        If the extra is not installed.
    """
    path = Path(path)
    polygons = _read_shapefile(path) if path.suffix.lower() == ".shp" else _read_geojson(path)
    made = make_range_map(polygons, source=str(path), antimeridian=antimeridian)
    return replace(made, sha256=hashlib.sha256(read_limited(path, _MAX_BYTES)).hexdigest())


def _read_geojson(path: Path) -> list[Any]:
    try:
        document = json.loads(
            read_limited(path, _MAX_BYTES).decode("utf-8-sig"), parse_constant=_refuse_number
        )
    except (ValueError, RecursionError) as error:
        raise InputError(
            _("this is not GeoJSON; export the range map as GeoJSON or as a shapefile (.shp)"),
            source=str(path),
        ) from error
    if not isinstance(document, dict):
        raise InputError(_("this is JSON but not GeoJSON"), source=str(path))
    _check_crs(document.get("crs"), path)
    result: list[Any] = []
    _collect_polygons(document, result, path, 0)
    return result


def _refuse_number(text: str) -> float:
    raise ValueError(text)


def _check_crs(crs: Any, path: Path) -> None:
    """Refuse the projection of old GeoJSON files that is not WGS 84."""
    if crs is None:
        return
    name = json.dumps(crs).upper()
    if "CRS84" in name or "4326" in name or "4269" in name:
        return
    raise InputError(
        _(
            "its coordinates are of another projection ({name}); export the range map in WGS 84 "
            "degrees (EPSG:4326)"
        ).format(name=name[:80]),
        source=str(path),
    )


def _collect_polygons(node: Any, result: list[Any], path: Path, depth: int) -> None:
    """Gather polygons of features and collections."""
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        raise InputError(_("this is JSON but not GeoJSON"), source=str(path))
    kind = str(node.get("type"))
    if kind == "Feature":
        if node.get("geometry") is not None:
            _collect_polygons(node["geometry"], result, path, depth + 1)
        return
    members = {"FeatureCollection": "features", "GeometryCollection": "geometries"}.get(kind)
    coordinates = {"Polygon", "MultiPolygon"} & {kind}
    if not (members or coordinates):
        return
    parts = node.get(members or "coordinates")
    if not isinstance(parts, list):
        raise InputError(_("this is JSON but not GeoJSON"), source=str(path))
    if members:
        for part in parts:
            _collect_polygons(part, result, path, depth + 1)
    else:
        for polygon in parts if kind == "MultiPolygon" else [parts]:
            if not isinstance(polygon, list) or not all(isinstance(ring, list) for ring in polygon):
                raise InputError(_("this is JSON but not GeoJSON"), source=str(path))
            result.append(polygon)


def _read_shapefile(path: Path) -> list[Any]:
    try:
        import shapefile
    except ImportError as error:
        raise UsageError(
            _(
                "reading shapefiles needs pyshp; install it with "
                "pip install 'wildlife-forensics[geo]', or give the range map as GeoJSON"
            )
        ) from error
    projection = path.with_suffix(".prj")
    if projection.is_file():
        text = read_limited(projection, 65536).decode("latin-1").lstrip()
        if not text.upper().startswith(("GEOGCS", "GEOGCRS", "GEODCRS")):
            raise InputError(
                _(
                    "its .prj file says that its coordinates are of a projection, in metres or "
                    "feet; export the range map in WGS 84 degrees (EPSG:4326)"
                ),
                source=str(path),
            )
    read_limited(path, _MAX_BYTES)  # refuses what is missing, no file, or too long
    result: list[Any] = []
    try:
        # Without names that pyshp would open beside it: attributes are not needed.
        with path.open("rb") as shapes, shapefile.Reader(shp=shapes) as reader:
            for shape in reader.iterShapes():
                if shape.shapeType in (
                    shapefile.POLYGON,
                    shapefile.POLYGONZ,
                    shapefile.POLYGONM,
                ):
                    ends = [*shape.parts[1:], len(shape.points)]
                    rings = [shape.points[a:b] for a, b in zip(shape.parts, ends)]
                    # Holes of shapefiles are recognised by their turn; the even-odd rule needs none,
                    # as rings of one record may not overlap otherwise.
                    result.append([ring for ring in rings if len(ring) >= 3])
    except InputError:
        raise
    except Exception as error:  # pyshp raises struct.error, IndexError and others on damage
        raise InputError(
            _("this shapefile is damaged or cut off; get it again"), source=str(path)
        ) from error
    if any(not math.isfinite(x) for rings in result for ring in rings for x in ring[0][:2]):
        raise InputError(_("this shapefile is damaged or cut off; get it again"), source=str(path))
    return result
