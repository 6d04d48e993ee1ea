"""The range of a model: where an animal may come from, the same in training, evaluation and use.

A range is given (polygons of GeoJSON or a shapefile, or a raster whose cells above 0 are the range)
or derived: the land within a stated distance of the reference sites. Inside it every place is
possible, outside it none, unless somebody asks for the whole grid.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from forensics.core.stored import not_stored
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath, sha256
from forensics.messages import _, numeral
from forensics.origin.geography import CELLS, Grid, great_circle, make_grid, wrap_longitude
from forensics.origin.polygons import RangeMap, read_range_map

# How a range came about: a distance around the sites, polygons, a raster.
RANGE_KINDS = ("sites", "polygons", "raster")
# A derived distance is 1.5 times this quantile of the distances from each site to its nearest
# neighbour. A stated choice: of nine sites in ten that are left out the others still reach the place.
NEIGHBOUR_SHARE = 0.90
# And at least so many km: an animal walks that far.
MIN_DISTANCE_KM = 10.0
# Ends of the names of files that are read as a raster; all others hold polygons.
_RASTERS = (".tif", ".tiff", ".nc")


@dataclass(frozen=True, eq=False)
class RasterCells:
    """The cells of a raster, and which of them are the range.

    Attributes
    ----------
    latitudes : numpy.ndarray of float64, shape (R,)
        Of the centres, degrees, descending, evenly spaced.
    longitudes : numpy.ndarray of float64, shape (C,)
        Ascending, evenly spaced.
    allowed : numpy.ndarray of bool, shape (R, C)
    """

    latitudes: np.ndarray
    longitudes: np.ndarray
    allowed: np.ndarray

    def contains(self, latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
        """Return which places lie in cells of the range; bool of the shape of the arguments."""
        whole = Grid(self.latitudes, self.longitudes, np.ones(self.allowed.shape, dtype=bool))
        rows, columns = whole.cell_of(latitudes, longitudes)
        return np.asarray((rows >= 0) & self.allowed[rows, columns])


@dataclass(frozen=True, eq=False)
class Range:
    """Where an animal may come from, and how that was settled.

    Attributes
    ----------
    kind : str
        One of `RANGE_KINDS`.
    distance_km : float or None
        Of kind ``sites``: how far from a reference site a place may lie.
    land : bool
        Whether a derived range, and the wider prior beside any range, are of land alone by the
        packaged outlines.
    source : str
        File that it was read from.
    sha256 : str
        Of that file.
    shape : RangeMap, RasterCells or None
        What was read. None in a model that was read from a folder: its cells are stored, not the
        polygons.
    """

    kind: str
    distance_km: float | None = None
    land: bool = True
    source: str = ""
    sha256: str = ""
    shape: RangeMap | RasterCells | None = field(default=None, metadata=not_stored())

    def corners(self) -> tuple[np.ndarray, np.ndarray]:
        """Return latitudes and longitudes of places that a grid must hold beside the sites."""
        if isinstance(self.shape, RangeMap):
            corners = np.concatenate([ring for rings in self.shape.polygons for ring in rings])
            return corners[:, 1], wrap_longitude(corners[:, 0])
        if isinstance(self.shape, RasterCells):
            columns = np.flatnonzero(self.shape.allowed.any(axis=0))
            rows = np.flatnonzero(self.shape.allowed.any(axis=1))[[0, -1]]
            longitudes = wrap_longitude(self.shape.longitudes[columns])
            latitudes = self.shape.latitudes[rows]
            return np.resize(latitudes, max(2, columns.size)), np.resize(
                longitudes, max(2, columns.size)
            )
        return np.empty(0), np.empty(0)

    def mask(self, grid: Grid, latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
        """Return which cells of a grid are in the range; bool, shape (R, C).

        Parameters
        ----------
        grid : Grid
            Of kind ``sites`` only its allowed cells may be in the range.
        latitudes, longitudes : numpy.ndarray of float64
            Reference sites.

        Raises
        ------
        InputError
            If no cell of the grid is in the range.
        UsageError
            If the range was read with a model, which has its cells and not its shape.
        """
        if self.kind == "sites":
            assert self.distance_km is not None
            result = np.zeros(grid.inside.shape, dtype=bool)
            near = grid.distances(latitudes, longitudes).min(axis=1) <= self.distance_km
            result[grid.inside] = near
            return result
        if isinstance(self.shape, RangeMap):
            return self.shape.mask(replace(grid, inside=np.ones(grid.inside.shape, dtype=bool)))
        if isinstance(self.shape, RasterCells):
            result = self.shape.contains(*grid.coordinates())
            if not result.any():
                raise InputError(_("no cell of the map is in this range"), source=self.source)
            return result
        raise UsageError(
            _("the range of this model is known by its cells alone; give the file of the range")
        )

    def of_sites(self, latitudes: np.ndarray, longitudes: np.ndarray) -> "Range":
        """Return the range with its distance settled: a derived one needs the sites."""
        if self.kind != "sites" or self.distance_km is not None:
            return self
        return replace(self, distance_km=derive_distance(latitudes, longitudes))

    def is_sound(self) -> bool:
        """Return whether the values are possible, as they may not be in a model that was damaged."""
        if self.kind != "sites":
            return self.kind in RANGE_KINDS and self.distance_km is None
        return self.distance_km is not None and 0 < self.distance_km < np.inf

    def in_words(self) -> str:
        """Return what the range is, for people."""
        if self.kind == "sites":
            assert self.distance_km is not None
            text = (
                _("land within {distance} km of the reference sites")
                if self.land
                else _("within {distance} km of the reference sites")
            )
            return text.format(distance=numeral(self.distance_km, ".0f"))
        return _("as in {file}").format(file=Path(self.source).name or "-")


def lay_grid(
    range_: Range,
    animals: tuple[np.ndarray, np.ndarray],
    sites: tuple[np.ndarray, np.ndarray],
    *,
    cells: int = CELLS,
) -> tuple[Grid, np.ndarray]:
    """Return a grid whose allowed cells are the range, and the cells that a wider prior allows.

    Parameters
    ----------
    range_ : Range
        Its distance is settled (`Range.of_sites`).
    animals : tuple of numpy.ndarray of float64, shape (n,)
        Latitudes and longitudes of reference animals. Their cells are in the range whatever the
        range says: animals were there.
    sites : tuple of numpy.ndarray of float64, shape (S,)
    cells : int
        Of `geography.make_grid`.

    Returns
    -------
    grid : Grid
    wide : numpy.ndarray of bool, shape (R, C)
        Land of the whole grid (all cells where the range is not of land alone), and the range.
    """
    corners = range_.corners()
    wide = make_grid(
        np.concatenate([animals[0], corners[0]]),
        np.concatenate([animals[1], corners[1]]),
        cells=cells,
        land=range_.land,
    )
    inside = range_.mask(wide, *sites)
    rows, columns = wide.cell_of(*animals)
    inside = inside.copy()
    inside[rows, columns] = True
    return replace(wide, inside=inside), wide.inside | inside


def derive_distance(latitudes: np.ndarray, longitudes: np.ndarray) -> float:
    """Return how far a derived range reaches from the sites, km.

    1.5 times the 90 % quantile of the distances from each site to its nearest neighbour, at least
    `MIN_DISTANCE_KM`.

    Parameters
    ----------
    latitudes, longitudes : numpy.ndarray of float64, shape (S,)
        Reference sites, at least two.
    """
    apart = great_circle(latitudes[:, None], longitudes[:, None], latitudes, longitudes)
    nearest = np.where(apart > 0, apart, np.inf).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    if not nearest.size:
        return MIN_DISTANCE_KM
    return max(MIN_DISTANCE_KM, 1.5 * float(np.quantile(nearest, NEIGHBOUR_SHARE)))


def range_of_sites(distance_km: float | None = None, *, land: bool = True) -> Range:
    """Return the range of a stated distance around the reference sites.

    Parameters
    ----------
    distance_km : float, optional
        By default it is derived from the sites, see `derive_distance`.
    land : bool
        Leave out the sea, by the packaged outlines.

    Raises
    ------
    UsageError
        If the distance is not above 0.
    """
    if distance_km is not None and not 0 < distance_km < np.inf:
        raise UsageError(
            _("a range of {distance} km around the sites; a distance above 0 is expected").format(
                distance=distance_km
            )
        )
    return Range("sites", distance_km, land)


def read_range(path: AnyPath) -> Range:
    """Read a range: GeoJSON, a shapefile, or a raster (GeoTIFF, NetCDF) whose cells above 0 are in it.

    Raises
    ------
    InputError
        If it cannot be read, or has no cell above 0; see `range_map.read_range_map`.
    UsageError
        If shapefiles or rasters are not supported by this installation (extra ``geo``).
    """
    path = Path(path)
    if path.suffix.lower() not in _RASTERS:
        shape: RangeMap | RasterCells = read_range_map(path)
        kind = "polygons"
    else:
        from forensics.origin.isoscape import read_raster

        raster = read_raster(path, (1,))
        allowed = np.nan_to_num(np.asarray(raster.bands[0], dtype=np.float64), nan=0.0) > 0
        if not allowed.any():
            raise InputError(
                _("no cell of this raster is above 0; cells above 0 are the range"),
                source=str(path),
            )
        shape, kind = RasterCells(raster.latitudes, raster.longitudes, allowed), "raster"
    return Range(kind, None, True, str(path), sha256(path), shape)
