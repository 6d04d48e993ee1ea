"""A range map: polygons that say where a species lives, as a mask of a grid.

GeoJSON is read by `forensics.origin.polygons`, shapefiles with pyshp (extra ``geo``).
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, UsageError, importing
from forensics.io.inputs import read_limited
from forensics.messages import _
from forensics.origin.geography import Grid
from forensics.origin.globe import in_polygons
from forensics.origin.polygons import (
    MAX_BYTES,
    Polygon,
    check_polygons,
    check_projection,
    read_geojson,
)

__all__ = ["RangeMap", "make_range_map", "read_range_map"]

# Points along the side of a cell: a cell that the range only touches is allowed too, since a
# place that is wrongly left out can never be found.
_POINTS = 5


@dataclass(frozen=True, eq=False)
class RangeMap:
    """Polygons with holes.

    Attributes
    ----------
    polygons : tuple of Polygon
    source : str
    sha256 : str
        Of the file; empty where it was made of rings.
    """

    polygons: tuple[Polygon, ...]
    source: str = ""
    sha256: str = ""

    def contains(self, latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
        """Return which places lie in the range; bool of the shape of the arguments."""
        return in_polygons(latitudes, longitudes, self.polygons)

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
        result = self.contains(*np.meshgrid(latitudes, longitudes, indexing="ij"))
        size = offsets.size
        cells = result.reshape(len(grid.latitudes), size, len(grid.longitudes), size)
        mask = np.asarray(cells.any(axis=(1, 3)))
        if touching:
            # A range smaller than a cell may lie between all points.
            small = [
                rings[0]
                for rings in self.polygons
                if (np.ptp(rings[0], axis=0) < (width, height)).any()
            ]
            if small:
                corners = np.concatenate(small)
                row, column = grid.cell_of(corners[:, 1], corners[:, 0])
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
    held = check_polygons(polygons, source=source or None, antimeridian=antimeridian)
    if not any(held):
        raise InputError(
            _("it holds no polygon; a range map is made of polygons, not of points or lines"),
            source=source or None,
        )
    return RangeMap(tuple(filter(None, held)), source)


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
    content = read_limited(path, MAX_BYTES)
    if path.suffix.lower() == ".shp":
        polygons = _read_shapefile(content, path)
    else:
        features = read_geojson(content, source=str(path), antimeridian=antimeridian)
        polygons = [polygon for feature in features for polygon in feature.polygons]
    made = make_range_map(polygons, source=str(path), antimeridian=antimeridian)
    return replace(made, sha256=hashlib.sha256(content).hexdigest())


def _read_shapefile(content: bytes, path: Path) -> list[Any]:
    with importing("geo", instead=_("Or give the range map as GeoJSON.")):
        import shapefile
    projection = path.with_suffix(".prj")
    if projection.is_file():
        check_projection(read_limited(projection, 65536).decode("latin-1"), str(path))
    result: list[Any] = []
    try:
        # Without names that pyshp would open beside it: attributes are not needed.
        with shapefile.Reader(shp=BytesIO(content)) as reader:
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
    return result
