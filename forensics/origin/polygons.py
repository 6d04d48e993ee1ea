"""Polygons that people give: GeoJSON of ranges, reporting regions and listed populations, read in one way.

Coordinates are degrees of WGS 84, longitude first, as RFC 7946 says. A file is a geometry, a feature or a
collection of them; each holds polygons. Shapefiles of ranges are read with pyshp (extra ``geo``). A range map
says where a species lives, as a mask of a grid.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, UsageError, importing
from forensics.io.files import AnyPath, load_json, read_limited
from forensics.io.numbers import printable
from forensics.messages import _
from forensics.origin.geography import Grid, in_polygons

# A range map of the IUCN has up to some 100,000 corners.
MAX_CORNERS = 2_000_000
# How far the sides of all polygons run north and south, degrees. The coasts of the world at 1:10 million
# run some 10,000. Where places lie in polygons is found by the sides that cross their latitudes; polygons
# that go up and down over and over have so many that it takes minutes.
MAX_CLIMB = 50_000
_MAX_DEPTH = 20
# Values beyond this are metres or feet of a projection, not degrees typed wrongly.
_METRES = 400.0
# WGS 84 and NAD 83, which differ by less than two metres, as GeoJSON and the .prj of shapefiles name them.
_WGS_84 = re.compile(
    r"\b(?:CRS:?84|4326|4269)\b|WGS[ _]?(?:19)?84|NAD[ _]?(?:19)?83|North_American_1983",
    re.IGNORECASE,
)
# Bytes of a file; 32 a corner.
MAX_BYTES = 64 * 2**20
# Polygons of all features, holes too, that are worked with one by one. Norway has 100,000 islands.
MAX_RINGS = 100_000

Polygon = tuple[np.ndarray, ...]
"""Rings of longitude and latitude, float64, shape (k, 2) each, not closed: the outer one first, then holes."""


@dataclass(frozen=True, eq=False)
class Feature:
    """A feature of a GeoJSON file with its polygons.

    Attributes
    ----------
    number : int
        Its place in the file, from 1.
    properties : mapping
    """

    number: int
    properties: Mapping[str, Any]
    polygons: tuple[Polygon, ...]


def read_geojson(
    content: bytes, *, source: str | None, antimeridian: str = "refuse"
) -> list[Feature]:
    """Return the features of a GeoJSON file; a geometry alone is a feature without properties.

    Parameters
    ----------
    source : str or None
        File, for messages.
    antimeridian : {"refuse", "shorter"}
        See `check_polygons`.

    Raises
    ------
    InputError
        If it is not GeoJSON, its coordinates are not degrees of WGS 84, or a feature has no polygons or
        polygons that `check_polygons` refuses; with the number of the feature.
    """
    try:
        document = load_json(content)
    except ValueError as error:
        raise InputError(
            _("this is not GeoJSON; export polygons in WGS 84 degrees (EPSG:4326) as GeoJSON"),
            source=source,
        ) from error
    kind = document.get("type") if isinstance(document, dict) else None
    nodes = document.get("features") if kind == "FeatureCollection" else [document]
    if not isinstance(nodes, list) or not isinstance(document, dict):
        raise InputError(_("this is JSON but not GeoJSON"), source=source)
    check_crs(document, source)
    shapes: list[tuple[int, Any]] = []
    properties: dict[int, Any] = {}
    for number, node in enumerate(nodes, start=1):
        is_feature = isinstance(node, dict) and node.get("type") == "Feature"
        properties[number] = (node.get("properties") or {}) if is_feature else {}
        if not isinstance(properties[number], dict):
            raise InputError(_("this is JSON but not GeoJSON"), source=source, record=number)
        geometry = node.get("geometry") if is_feature else node
        shapes += ((number, rings) for rings in _polygons_of(geometry, source, number))
    polygons: dict[int, list[Polygon]] = {number: [] for number in properties}
    checked = check_polygons(
        (rings for _number, rings in shapes),
        [number for number, _rings in shapes],
        source=source,
        antimeridian=antimeridian,
    )
    for (number, _rings), polygon in zip(shapes, checked, strict=True):
        polygons[number].append(polygon)
    if not polygons:
        raise InputError(_("this GeoJSON has no features"), source=source)
    return [Feature(number, properties[number], tuple(polygons[number])) for number in polygons]


def check_crs(node: Mapping[str, Any], source: str | None) -> None:
    """Refuse the projection of an old GeoJSON file that is not of WGS 84.

    Raises
    ------
    InputError
    """
    if node.get("crs") is not None:
        check_projection(json.dumps(node["crs"]), source)


def check_projection(text: str, source: str | None) -> None:
    """Refuse coordinates that are not degrees of WGS 84, by the text that a file has of its projection.

    Raises
    ------
    InputError
    """
    if text.lstrip().upper().startswith("PROJ") or not _WGS_84.search(text):
        raise InputError(
            _(
                "its coordinates are of another projection ({name}); export it in WGS 84 degrees "
                "(EPSG:4326)"
            ).format(name=printable(text, most=80)),
            source=source,
        )


def _polygons_of(node: Any, source: str | None, number: int, depth: int = 0) -> Iterator[Any]:
    """Yield the polygons of a geometry, as lists of rings.

    Raises
    ------
    InputError
        If it is something else: what is left out in silence is an answer about another area.
    """
    kind = node.get("type") if isinstance(node, dict) else None
    if (
        kind == "GeometryCollection"
        and depth < _MAX_DEPTH
        and isinstance(node.get("geometries"), list)
    ):
        check_crs(node, source)
        for part in node["geometries"]:
            yield from _polygons_of(part, source, number, depth + 1)
        return
    parts = node.get("coordinates") if kind in ("Polygon", "MultiPolygon") else None
    polygons = [parts] if kind == "Polygon" else parts
    if not isinstance(polygons, list) or not polygons or not all(
        isinstance(rings, list) and rings and all(isinstance(ring, list) for ring in rings)
        for rings in polygons
    ):  # fmt: skip
        raise InputError(
            _("it has no polygon (found {found!r}); each feature must be a Polygon or MultiPolygon")
            .format(found=str(kind)[:40]),
            source=source, record=number,
        )  # fmt: skip
    check_crs(node, source)
    yield from polygons


def check_polygons(
    polygons: Iterable[Iterable[Any]],
    records: Sequence[int] | None = None,
    *,
    source: str | None,
    antimeridian: str = "refuse",
) -> list[Polygon]:
    """Return polygons whose rings are arrays of corners, not closed.

    Parameters
    ----------
    polygons : iterable of iterables of array_like, shape (k, 2)
        Of each polygon its rings, the outer one first: longitude, latitude.
    records : sequence of int, optional
        Feature of each polygon, for messages; by default each polygon is a record.
    source : str or None
        File, for messages.
    antimeridian : {"refuse", "shorter"}
        What to do with a side that spans more than 180 degrees of longitude. It means either
        a ring across the antimeridian or a range wider than half the globe; "shorter" takes it
        for the former.

    Raises
    ------
    InputError
        If a ring has fewer than three corners, a corner is not a place, coordinates are metres or
        exchanged, a side spans more than 180 degrees, or there are more corners or sides than can be
        worked with.
    """
    result, count, corners, climb = [], 0, 0, 0.0
    for place, rings in enumerate(polygons):
        record = place + 1 if records is None else records[place]
        kept = []
        for ring in rings:
            own = _check_ring(ring, source, record, antimeridian)
            corners += len(own)
            count += 1
            climb += float(np.abs(np.diff(own[:, 1], append=own[0, 1])).sum())
            if corners > MAX_CORNERS or count > MAX_RINGS:
                raise InputError(
                    _("more than {corners} corners or {rings} rings; simplify the polygons").format(
                        corners=MAX_CORNERS, rings=MAX_RINGS
                    ),
                    source=source,
                )
            kept.append(own)
        result.append(tuple(kept))
    if climb > MAX_CLIMB:
        raise InputError(
            _(
                "the sides of the polygons run {found:.0f} degrees to the north and south in all, more than "
                "{most}: they cross themselves over and over. Mend them (in QGIS: Fix geometries) or simplify them"
            ).format(found=climb, most=MAX_CLIMB),
            source=source,
        )
    return result


def _check_ring(
    ring: Iterable[Any], source: str | None, number: int, antimeridian: str
) -> np.ndarray:
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
    return _unwrap(corners, source, number, antimeridian)


def _check_degrees(ring: np.ndarray, source: str | None, number: int) -> None:
    longitude, latitude = np.abs(ring).max(axis=0)
    if latitude <= 90 and longitude <= 360:
        return
    corner = ring[np.argmax((np.abs(ring[:, 1]) > 90) | (np.abs(ring[:, 0]) > 360))]
    if max(longitude, latitude) > _METRES:
        text = _(
            "the corner {x}, {y} is not in degrees but in metres or feet of a projection; export "
            "it in WGS 84 degrees (EPSG:4326)"
        )
    elif latitude <= 360 and longitude <= 90:
        text = _(
            "the corner {x}, {y} has a latitude beyond 90; latitude and longitude seem to be "
            "exchanged: longitude, latitude is expected"
        )
    else:
        text = _(
            "the corner {x}, {y} is not a place: longitude must be -360 to 360 and latitude -90 "
            "to 90"
        )
    raise InputError(
        text.format(x=f"{corner[0]:.8g}", y=f"{corner[1]:.8g}"), source=source, record=number
    )


def _unwrap(ring: np.ndarray, source: str | None, number: int, antimeridian: str) -> np.ndarray:
    """Return a ring of which no side spans more than half the globe.

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


# Points along the side of a cell: a cell that the range only touches is allowed too, since a
# place that is wrongly left out can never be found.
_POINTS = 5


@dataclass(frozen=True, eq=False)
class RangeMap:
    """Polygons with holes.

    Attributes
    ----------
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
            raise InputError(self._nowhere(grid), source=self.source)
        return mask

    def _nowhere(self, grid: Grid) -> str:
        corners = np.concatenate([ring for rings in self.polygons for ring in rings])
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        text = _(
            "no cell of the map is in this range: the range reaches from latitude {south} to "
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
                "With latitude and longitude exchanged it would be inside; the order in the file "
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
    held = check_polygons(polygons, source=source, antimeridian=antimeridian)
    if not any(held):
        raise InputError(
            _("it has no polygon; a range map must have polygons, not points or lines"),
            source=source,
        )
    return RangeMap(tuple(filter(None, held)), source)


def read_range_map(path: AnyPath, *, antimeridian: str = "refuse") -> RangeMap:
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
