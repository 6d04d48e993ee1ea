"""Places on the globe, grids of cells, and posteriors over a grid.

Longitudes of a grid ascend. A grid that crosses the antimeridian has longitudes beyond 180;
they are brought back to -180 to 180 wherever a place is reported.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import UsageError
from forensics.learning.arrays import array, model_part
from forensics.messages import _
from forensics.origin.options import POINT_ESTIMATE
from forensics.stats import descending, greatest, reaches, smallest_set

# Mean Earth radius R1 of the GRS 80 ellipsoid (Moritz 2000, Journal of Geodesy 74:128).
EARTH_RADIUS_KM = 6371.0088
# Crossings of sides and latitudes that are worked with at a time, some 200 MB.
_CROSSINGS = 1_000_000

Coordinates: TypeAlias = tuple[Sequence[float], Sequence[float]]
"""Latitudes and longitudes of places, degrees."""


def great_circle(
    latitude1: ArrayLike, longitude1: ArrayLike, latitude2: ArrayLike, longitude2: ArrayLike
) -> np.ndarray:
    """Return the distance along the Earth's surface, on a sphere.

    Parameters
    ----------
    latitude1, longitude1, latitude2, longitude2 : array_like of float, degrees
        Broadcast against each other.

    Returns
    -------
    numpy.ndarray or float
        km. The sphere differs from the ellipsoid by at most 0.6 %.

    Notes
    -----
    Haversine formula, ``2 R asin sqrt(sin2(dlat / 2) + cos lat1 cos lat2 sin2(dlon / 2))``,
    which keeps its precision for near places.

    Examples
    --------
    >>> round(float(great_circle(0, 0, 0, 1)), 3)
    111.195
    """
    first, second = np.radians(latitude1), np.radians(latitude2)
    across = np.radians(np.subtract(longitude2, longitude1))
    half = (
        np.sin((second - first) / 2) ** 2 + np.cos(first) * np.cos(second) * np.sin(across / 2) ** 2
    )
    distance: np.ndarray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return distance


def unit_vectors(latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
    """Return places, each of shape (n,), as unit vectors; float64, shape (n, 3)."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )


def wrap_longitude(longitude: ArrayLike) -> np.ndarray:
    """Return longitudes brought to -180 (inclusive) to 180 (exclusive)."""
    wrapped: np.ndarray = (np.asarray(longitude, dtype=np.float64) + 180.0) % 360.0 - 180.0
    return wrapped


def check_places(latitudes: ArrayLike, longitudes: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return places as float64 arrays, or say which one is not a place on the globe.

    Raises
    ------
    UsageError
        If the numbers differ, there is none, one is not finite, a latitude is beyond 90
        degrees or a longitude beyond 360.
    """
    latitudes = np.atleast_1d(np.asarray(latitudes, dtype=np.float64))
    longitudes = np.atleast_1d(np.asarray(longitudes, dtype=np.float64))
    if latitudes.shape != longitudes.shape or latitudes.ndim != 1 or not latitudes.size:
        raise UsageError(
            _("{rows} latitudes and {columns} longitudes; one of each is expected a place").format(
                rows=latitudes.size, columns=longitudes.size
            )
        )
    wrong = ~(np.abs(latitudes) <= 90) | ~(np.abs(longitudes) <= 360)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise UsageError(
            _(
                "place {number}: latitude {latitude}, longitude {longitude}; decimal degrees are "
                "expected, latitude -90 to 90, longitude -180 to 180. Are the two exchanged, or "
                "are they metres of a projection?"
            ).format(number=place + 1, latitude=latitudes[place], longitude=longitudes[place])
        )
    return latitudes, longitudes


def spherical_mean(
    latitudes: ArrayLike, longitudes: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, float]:
    """Return the mean place on the sphere: the direction of the mean of unit vectors.

    Returns
    -------
    latitude, longitude : float
        Degrees; NaN where the places cancel out (for example a place and its antipode).
    """
    north, east = np.radians(np.ravel(latitudes)), np.radians(np.ravel(longitudes))
    weights = np.ones(north.shape) if weights is None else np.ravel(weights)
    total = float(weights.sum())
    x = float((weights * np.cos(north) * np.cos(east)).sum())
    y = float((weights * np.cos(north) * np.sin(east)).sum())
    z = float((weights * np.sin(north)).sum())
    if not total > 0 or math.sqrt(x * x + y * y + z * z) < 1e-9 * total:
        return math.nan, math.nan
    latitude = math.degrees(math.atan2(z, math.hypot(x, y)))
    return latitude, float(wrap_longitude(math.degrees(math.atan2(y, x))))


def centres_of(
    latitudes: np.ndarray, longitudes: np.ndarray, site_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude of the mean place of each site, in ascending order; float64, shape (S,)."""
    rows = [site_of == site for site in np.unique(site_of)]
    centres = [spherical_mean(latitudes[own], longitudes[own]) for own in rows]
    north, east = np.array(centres).T
    return north, east


def in_rings(
    latitudes: ArrayLike, longitudes: ArrayLike, rings: Iterable[np.ndarray]
) -> np.ndarray:
    """Return which places lie inside rings, by the even-odd rule (a ring in a ring is a hole).

    Parameters
    ----------
    latitudes, longitudes : array_like of float, degrees
        Of one shape. Longitudes are compared as they are and shifted by a whole turn.
    rings : iterable of numpy.ndarray, shape (k, 2)
        Longitude and latitude of corners; closed or not. Sides are straight in degrees.

    Returns
    -------
    numpy.ndarray of bool
    """
    return in_polygons(latitudes, longitudes, [rings])


def in_polygons(
    latitudes: ArrayLike, longitudes: ArrayLike, polygons: Iterable[Iterable[np.ndarray]]
) -> np.ndarray:
    """Return which places lie in one of several polygons; see `in_rings`.

    The sides that cross the latitude of a place, in the order of their longitudes, enter and leave the
    polygon in turn: each place counts how often it was entered up to there.
    """
    y = np.asarray(latitudes, dtype=np.float64)
    shape = y.shape
    y, x = y.ravel(), wrap_longitude(longitudes).ravel()
    inside = np.zeros(y.shape, dtype=bool)
    held = [
        (number, np.asarray(ring, dtype=np.float64))
        for number, rings in enumerate(polygons)
        for ring in rings
    ]
    if not held:
        return inside.reshape(shape)
    starts = np.concatenate([ring for _number, ring in held])
    ends = np.concatenate([np.roll(ring, -1, axis=0) for _number, ring in held])
    owners = np.repeat([number for number, _ring in held], [len(ring) for _number, ring in held])
    (west, south), (east, north) = starts.min(axis=0), starts.max(axis=0)
    near = (y >= south) & (y <= north)
    places, eastings = [], []
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        own = np.flatnonzero(near & (x + turn >= west) & (x + turn <= east))
        places.append(own)
        eastings.append(x[own] + turn)
    place, easting = np.concatenate(places), np.concatenate(eastings)
    if not place.size:
        return inside.reshape(shape)
    rows, row = np.unique(y[place], return_inverse=True)
    order = np.argsort(row, kind="stable")
    place, easting, row = place[order], easting[order], row[order]
    first = np.searchsorted(rows, np.minimum(starts[:, 1], ends[:, 1]))
    last = np.searchsorted(rows, np.maximum(starts[:, 1], ends[:, 1]))
    change = np.bincount(first, minlength=len(rows) + 1) - np.bincount(
        last, minlength=len(rows) + 1
    )
    work = np.cumsum(np.cumsum(change)[:-1] + np.bincount(row, minlength=len(rows)))
    bounds = np.searchsorted(work, np.arange(_CROSSINGS, work[-1] + _CROSSINGS, _CROSSINGS))
    for low, high in pairwise(np.unique([0, *(bounds + 1).clip(max=len(rows))]).tolist()):
        counts = np.clip(last, low, high) - np.clip(first, low, high)
        side = np.repeat(np.arange(len(starts)), counts)
        before = np.repeat(np.cumsum(counts) - counts, counts)
        level = np.clip(first, low, high)[side] + np.arange(len(side)) - before
        (x1, y1), (x2, y2) = starts[side].T, ends[side].T
        crossed = (x2 - x1) * (rows[level] - y1) / (y2 - y1) + x1
        order = np.lexsort((crossed, owners[side], level))
        # Each polygon is entered at its first crossing of a latitude, left at the second, and so on.
        sign = np.where(np.arange(len(side)) % 2, -1, 1)
        ours = slice(*np.searchsorted(row, (low, high)))
        merged = np.lexsort(
            (
                np.repeat((0, 1), (len(side), len(place[ours]))),
                np.concatenate((crossed[order], easting[ours])),
                np.concatenate((level[order], row[ours])),
            )
        )
        entered = np.cumsum(np.concatenate((sign, np.zeros(len(place[ours]), dtype=int)))[merged])
        is_place = merged >= len(side)
        found = merged[is_place & (entered > 0)] - len(side)
        inside[place[ours][found]] = True
    return inside.reshape(shape)


# The median is found when a step is below 6 m, or after so many steps.
_MEDIAN_STEP = 1e-6
_MEDIAN_TURNS = 200
# Allowed cells that are compared where a median falls outside all of them: the nearest ones.
_NEAREST = 50


def geometric_medians(
    grid: "Grid", weights: np.ndarray, *, inside: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return latitudes and longitudes of geometric medians; see `Surface.median`.

    Parameters
    ----------
    weights : numpy.ndarray of float64, shape (n, allowed cells)
        Each row sums to 1.
    inside : bool
        Whether a median outside the allowed cells gives way to the best of them.
    """
    places = grid.vectors()
    # Half a cell keeps the weight of the cell that the centre falls on finite.
    half_cell = grid.cell_km() / EARTH_RADIUS_KM / 2
    if len(weights) == 1:
        centres = _geometric_median(places, weights[0], half_cell)[None, :]
    else:
        centres = _move_to_medians(places, weights, half_cell)
    length = np.sqrt((centres**2).sum(axis=1))
    result = np.degrees(np.arctan2(centres[:, 2], np.hypot(centres[:, 0], centres[:, 1])))
    across = wrap_longitude(np.degrees(np.arctan2(centres[:, 1], centres[:, 0])))
    cancelled = length < 1e-9
    result[cancelled], across[cancelled] = math.nan, math.nan
    if not inside:
        return result, across
    row, column = grid.cell_of(result, across)
    for number in np.flatnonzero((row < 0) | ~grid.inside[row, column]):
        near = descending(places @ centres[number])[:_NEAREST]
        apart = np.sqrt(np.maximum(2.0 - 2.0 * places[near] @ places.T, 0.0))
        best = near[int(greatest(-(apart @ weights[number])))]
        rows, columns = grid.coordinates()
        result[number], across[number] = rows[grid.inside][best], columns[grid.inside][best]
    return result, across


def _geometric_median(places: np.ndarray, weights: np.ndarray, half_cell: float) -> np.ndarray:
    """Return the geometric median of unit vectors with weights; shape (3,)."""
    centre = weights @ places
    for _turn in range(_MEDIAN_TURNS):
        away = np.sqrt(((places - centre) ** 2).sum(axis=1)) + half_cell
        pull = weights / away
        moved = (pull @ places) / pull.sum()
        step = float(np.abs(moved - centre).max())
        centre = moved
        if step < _MEDIAN_STEP:
            break
    return np.asarray(centre)


def _move_to_medians(places: np.ndarray, weights: np.ndarray, half_cell: float) -> np.ndarray:
    """Return the geometric medians of rows of weights, as `_geometric_median` gives each."""
    centres = weights @ places
    moving = np.arange(len(weights))
    for _turn in range(_MEDIAN_TURNS):
        current = centres[moving]
        squares = (current**2).sum(axis=1)[:, None] + 1.0 - 2.0 * current @ places.T
        pull = weights[moving] / (np.sqrt(np.maximum(squares, 0.0)) + half_cell)
        moved = (pull @ places) / pull.sum(axis=1, keepdims=True)
        steps = np.abs(moved - current).max(axis=1)
        centres[moving] = moved
        moving = moving[steps >= _MEDIAN_STEP]
        if not moving.size:
            break
    return np.asarray(centres)


# Levels of the highest-density regions that are reported.
LEVELS = (0.50, 0.90, 0.95)

# Cells along the side of a square range; about this number squared in all.
CELLS = 100
# More than this squared is a mistake in an argument, not a map.
MAX_CELLS = 1000
# Without a range map, the grid reaches beyond the outermost reference animals by this share of
# the greatest extent, and at least by so many km. A stated choice: too little hides that an
# animal came from outside the reference.
MARGIN_SHARE = 0.25
MIN_MARGIN_KM = 5.0


@model_part
class Grid:
    """Cells of equal degrees.

    Raises
    ------
    UsageError
        If there are fewer than two rows or columns, the order is wrong, the grid is wider than
        a turn, or no cell is allowed.
    """

    latitudes: np.ndarray = array("R")  # of the centres, degrees, north first, evenly spaced
    longitudes: np.ndarray = array("C")  # ascending; beyond 180 where it crosses the antimeridian
    inside: np.ndarray = array("R, C", bool)  # cells that the prior allows

    def __post_init__(self) -> None:
        rows, columns = np.diff(self.latitudes), np.diff(self.longitudes)
        if self.inside.shape != (len(self.latitudes), len(self.longitudes)):
            raise UsageError(
                _("the grid has {rows} x {columns} centres but a mask of shape {shape}").format(
                    rows=len(self.latitudes), columns=len(self.longitudes), shape=self.inside.shape
                )
            )
        if (
            not rows.size
            or not columns.size
            or not (rows < 0).all()
            or not (columns > 0).all()
            or np.ptp(rows) > 1e-6 * abs(rows[0])
            or np.ptp(columns) > 1e-6 * columns[0]
            or len(self.longitudes) * columns[0] > 360 * (1 + 1e-6)
        ):
            raise UsageError(
                _(
                    "a grid needs at least two rows from north to south and two columns from "
                    "west to east, evenly spaced, and at most one turn of the globe"
                )
            )
        if not self.inside.any():
            raise UsageError(_("the grid has no cell that is allowed; check the range map"))

    @property
    def steps(self) -> tuple[float, float]:
        """Height and width of a cell, degrees."""
        return (
            float(self.latitudes[0] - self.latitudes[-1]) / (len(self.latitudes) - 1),
            float(self.longitudes[-1] - self.longitudes[0]) / (len(self.longitudes) - 1),
        )

    def coordinates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return latitudes and longitudes of the centres, -180 to 180; each shape (R, C)."""
        shape = self.inside.shape
        return (
            np.broadcast_to(self.latitudes[:, None], shape),
            np.broadcast_to(wrap_longitude(self.longitudes)[None, :], shape),
        )

    def areas(self) -> np.ndarray:
        """Return areas of the cells, km2, on the sphere; float64, shape (R, C)."""
        height, width = self.steps
        north = np.radians(np.minimum(self.latitudes + height / 2, 90.0))
        south = np.radians(np.maximum(self.latitudes - height / 2, -90.0))
        rows = EARTH_RADIUS_KM**2 * math.radians(width) * (np.sin(north) - np.sin(south))
        return np.repeat(rows[:, None], len(self.longitudes), axis=1)

    def area_shares(self) -> np.ndarray:
        """Return the share of the allowed area that each allowed cell has; float64, shape (cells,)."""
        areas = self.areas()[self.inside]
        return np.asarray(areas / areas.sum())

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return values of the allowed cells, shape (cells,), over the grid, 0 elsewhere; shape (R, C)."""
        result = np.zeros(self.inside.shape)
        result[self.inside] = values
        return result

    def vectors(self) -> np.ndarray:
        """Return the allowed cells as unit vectors; float64, shape (cells, 3)."""
        return unit_vectors(*(degrees[self.inside] for degrees in self.coordinates()))

    def allowed_cell_of(self, latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
        """Return the allowed cell that holds each place, by its number among the allowed; intp."""
        order = np.cumsum(self.inside.ravel()).reshape(self.inside.shape) - 1
        return np.asarray(order[self.cell_of(latitudes, longitudes)])

    def cell_km(self) -> float:
        """Return the side of a square of a cell's mean area, km."""
        return float(math.sqrt(self.areas()[self.inside].mean()))

    def cell_of(self, latitudes: ArrayLike, longitudes: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return row and column of the cell that holds each place; -1 and -1 outside the grid."""
        height, width = self.steps
        latitudes, longitudes = np.broadcast_arrays(
            np.asarray(latitudes, dtype=np.float64), np.asarray(longitudes, dtype=np.float64)
        )
        rows = np.floor((self.latitudes[0] + height / 2 - latitudes) / height)
        # The lowest edge belongs to the last row: a grid may end at the pole.
        low = self.latitudes[-1] - height / 2
        rows = np.where(np.isclose(latitudes, low, atol=1e-9), len(self.latitudes) - 1, rows)
        rows = np.where(
            (rows == -1) & np.isclose(latitudes, self.latitudes[0] + height / 2), 0, rows
        )
        west = self.longitudes[0] - width / 2
        columns = np.floor(((longitudes - west) % 360.0) / width)
        outside = (
            (rows < 0)
            | (rows >= len(self.latitudes))
            | (columns >= len(self.longitudes))
            | ~np.isfinite(rows + columns)
        )
        return (
            np.where(outside, -1, rows).astype(np.intp),
            np.where(outside, -1, columns).astype(np.intp),
        )

    def distances(self, latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
        """Return km from each allowed cell to each place; float64, shape (cells, places).

        Allowed cells are in the order of ``grid.inside`` (``numpy.flatnonzero``).
        """
        rows, columns = self.coordinates()
        return great_circle(
            rows[self.inside][:, None],
            columns[self.inside][:, None],
            np.asarray(latitudes)[None, :],
            np.asarray(longitudes)[None, :],
        )


@dataclass(frozen=True, eq=False)
class Surface:
    """A posterior over the cells of a grid.

    Attributes
    ----------
    probabilities : numpy.ndarray of float64, shape (R, C)
        Of each cell; they sum to 1, and are 0 where the grid does not allow.
    point_weights : numpy.ndarray of float64, shape (R, C), or None
        Weights of the cells whose geometric median is the point, where the point is calibrated
        apart from the regions; None where the probabilities are these weights.
    """

    grid: Grid
    probabilities: np.ndarray
    point_weights: np.ndarray | None = None

    def __post_init__(self) -> None:
        probabilities = self.probabilities
        if (
            probabilities.shape != self.grid.inside.shape
            or not np.isfinite(probabilities).all()
            or (probabilities < 0).any()
            or probabilities[~self.grid.inside].any()
            or abs(float(probabilities.sum()) - 1.0) > 1e-6
        ):
            raise UsageError(
                _(
                    "the probabilities of a surface must be those of the grid's cells, at least 0, "
                    "0 outside the allowed cells, and sum to 1; they sum to {total}"
                ).format(total=float(probabilities.sum()))
            )

    @cached_property
    def density(self) -> np.ndarray:
        """Probability per km2; float64, shape (R, C), 0 outside."""
        return np.asarray(self.probabilities / self.grid.areas())

    def _higher(
        self, latitude: float, longitude: float, weights: np.ndarray
    ) -> tuple[float, float]:
        """Return the sums of `weights` over cells of higher density than a place's, and of equal density.

        Infinite where the place is off the grid, or the prior allows nothing.
        """
        row, column = self.grid.cell_of(latitude, longitude)
        inside = self.grid.inside
        if row < 0 or not inside[row, column]:
            return math.inf, math.inf
        density = self.density[row, column]
        higher = inside & ~reaches(density, self.density)
        equal = inside & ~higher & reaches(self.density, density)
        return float(weights[higher].sum()), float(weights[equal].sum())

    def region(self, level: float) -> np.ndarray:
        """Return the smallest set of cells that holds `level`: those of highest density per km2.

        Cells of the same density as the last one are in the region too, so that of a flat
        surface every cell is in it: nothing there prefers one cell to another.

        Returns
        -------
        numpy.ndarray of bool, shape (R, C)

        Raises
        ------
        UsageError
            If `level` is not between 0 and 1.
        """
        inside = smallest_set(self.probabilities.ravel(), level, density=self.density.ravel())
        return inside.reshape(self.density.shape) & (self.density > 0)

    def region_area(self, level: float) -> float:
        """Return the area of the region of `level`, km2."""
        return float(self.grid.areas()[self.region(level)].sum())

    def holds(self, level: float, latitude: float, longitude: float) -> bool:
        """Return whether the region of `level` holds a place; a place off the grid is not held."""
        row, column = self.grid.cell_of(latitude, longitude)
        return bool(row >= 0 and self.region(level)[row, column])

    def rank(self, latitude: float, longitude: float) -> float:
        """Return the level of the highest-density region whose edge runs through a place.

        The probability in cells of higher density and half of that in cells of equal density,
        the place's own included. Uniform on 0 to 1 over many true places where probabilities
        are true. A place off the grid, or where the prior allows nothing, has 1.
        """
        higher, equal = self._higher(latitude, longitude, self.probabilities)
        return min(1.0, higher + equal / 2)

    def area_rank(self, latitude: float, longitude: float) -> float:
        """Return the share of the allowed area whose density is at least that of a place.

        This is the measure of assignR's ``qtlRaster`` by area: the place lies in the top 10 %
        of the area if this is at most 0.1. A place off the grid has 1.

        References
        ----------
        Ma et al. (2020), assignR: an R package for isotope-based geographic assignment,
        Methods in Ecology and Evolution 11:996.
        """
        areas = self.grid.areas()
        higher, equal = self._higher(latitude, longitude, areas)
        return min(1.0, (higher + equal) / float(areas[self.grid.inside].sum()))

    def mode(self) -> tuple[float, float]:
        """Return latitude and longitude of the cell of highest density (the first of equals)."""
        row, column = np.unravel_index(int(greatest(self.density)), self.density.shape)
        return float(self.grid.latitudes[row]), float(wrap_longitude(self.grid.longitudes[column]))

    def mean(self) -> tuple[float, float]:
        """Return latitude and longitude of the spherical mean; NaN where the places cancel out."""
        return spherical_mean(*self.grid.coordinates(), self.probabilities)

    def point(self) -> tuple[float, float]:
        """Return the point estimate that every output names: `forensics.origin.options.POINT_ESTIMATE`."""
        latitude, longitude = getattr(self, POINT_ESTIMATE)()
        return latitude, longitude

    def median(self) -> tuple[float, float]:
        """Return the geometric median: the place whose expected distance to the truth is least.

        It is the best single guess where the error is counted in km. Distances are taken
        through the Earth (Weiszfeld's algorithm on unit vectors), which for places within a
        quarter of the globe is the same order. With `point_weights` it is the median of these;
        where it falls outside the allowed cells, the centre of the best allowed cell stands for
        it.

        References
        ----------
        Weiszfeld 1937, Tohoku Mathematical Journal 43:355.
        """
        apart = self.point_weights is not None
        weights = self.probabilities if self.point_weights is None else self.point_weights
        latitudes, longitudes = geometric_medians(
            self.grid, weights[self.grid.inside][None, :], inside=apart
        )
        return float(latitudes[0]), float(longitudes[0])

    def share(self, mask: np.ndarray) -> float:
        """Return the probability of a set of cells; `mask` is bool, shape (R, C)."""
        return float(self.probabilities[mask].sum())


def surface_from_log(grid: Grid, logs: np.ndarray) -> Surface:
    """Return the surface of log weights of cells (log-likelihood + log prior of the cell).

    Parameters
    ----------
    logs : numpy.ndarray of float64, shape (R, C) or (number of allowed cells,)
        Any constant may be added; -inf for a cell that is impossible.

    Raises
    ------
    UsageError
        If no cell is possible or a weight is not a number.
    """
    inside = grid.inside
    values = np.asarray(logs, dtype=np.float64)
    values = values[inside] if values.shape == inside.shape else values
    top = values.max() if values.size else -math.inf
    if np.isnan(values).any() or not np.isfinite(top):
        raise UsageError(_("no cell of the grid is possible under this evidence"))
    weights = np.exp(values - top)
    return Surface(grid, grid.spread(weights / weights.sum()))


def make_grid(
    latitudes: Sequence[float] | np.ndarray,
    longitudes: Sequence[float] | np.ndarray,
    *,
    cells: int = CELLS,
    margin_km: float | None = None,
    land: bool = True,
) -> Grid:
    """Return a grid around places.

    Parameters
    ----------
    latitudes, longitudes : sequence of float, degrees
        Places that the grid must hold, usually those of the reference animals.
    cells : int
        The grid has about ``cells ** 2`` cells, about square in the middle of the grid.
    margin_km : float, optional
        How far the grid reaches beyond the places; by default a quarter of their extent.
    land : bool
        Allow only cells whose centre is on land by the packaged outlines, or so near to it that
        the outlines cannot tell (`outlines.on_land`), and each cell that holds one of the
        places: animals were there.

    Returns
    -------
    Grid
        Places across the antimeridian get one grid with longitudes beyond 180.

    Raises
    ------
    UsageError
        If a place is none on the globe or an argument is out of range.
    """
    lat, lon = check_places(latitudes, longitudes)
    degree = math.radians(1.0) * EARTH_RADIUS_KM
    west, east = shortest_arc(lon)
    if margin_km is None:
        middle = math.cos(math.radians(float(lat.mean())))
        extent = math.hypot(float(np.ptp(lat)), (east - west) * middle) * degree
        margin_km = max(MIN_MARGIN_KM, MARGIN_SHARE * extent)
    if not 2 <= cells <= MAX_CELLS or not 0 < margin_km < math.inf:
        raise UsageError(
            _(
                "{cells} cells and a margin of {margin} km; 2 to {most} cells and a margin above "
                "0 km are expected"
            ).format(cells=cells, margin=margin_km, most=MAX_CELLS)
        )
    south = max(-90.0, float(lat.min()) - margin_km / degree)
    north = min(90.0, float(lat.max()) + margin_km / degree)
    # A degree of longitude is shortest at the end nearer to a pole; there a margin of some km
    # is the most degrees. At a pole it is the whole turn.
    polewards = math.cos(math.radians(max(abs(south), abs(north))))
    margin = margin_km / (degree * polewards) if polewards > 1e-6 else 360.0
    if east - west + 2 * margin >= 360.0:
        west, east = -180.0, 180.0
    else:
        west, east = west - margin, east + margin
        turn = 360.0 * math.floor((west + 180.0) / 360.0)
        west, east = west - turn, east - turn
    middle = math.cos(math.radians((south + north) / 2))
    height_km, width_km = (north - south) * degree, (east - west) * degree * max(middle, 0.05)
    side = math.sqrt(height_km * width_km) / cells
    rows = min(max(2, round(height_km / side)), MAX_CELLS**2 // 2)
    columns = min(max(2, round(width_km / side)), MAX_CELLS**2 // 2)
    high, wide = (north - south) / rows, (east - west) / columns
    centres = north - high * (np.arange(rows) + 0.5), west + wide * (np.arange(columns) + 0.5)
    grid = Grid(*centres, np.ones((rows, columns), dtype=bool))
    if not land:
        return grid
    from forensics.origin.outlines import on_land  # outlines reads places by this module

    inside = on_land(*grid.coordinates())
    row, column = grid.cell_of(lat, lon)
    inside[row, column] = True
    return Grid(*centres, inside)


def shortest_arc(longitudes: np.ndarray) -> tuple[float, float]:
    """Return west and east of the shortest arc that holds all longitudes; east may pass 180."""
    meridians = np.unique(wrap_longitude(longitudes))
    gaps = np.diff(np.append(meridians, meridians[0] + 360.0))
    widest = int(np.argmax(gaps))
    west = float(meridians[(widest + 1) % meridians.size])
    return west, west + 360.0 - float(gaps[widest])
