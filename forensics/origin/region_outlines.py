"""Outlines of sets of cells: the border of a region as rings of a polygon, for GeoJSON and for drawings.

Borders follow the sides of the cells. Rings are as RFC 7946 has them: closed, outer rings against the
clock, holes with it, and nothing crosses the antimeridian.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from forensics.errors import UsageError
from forensics.messages import _
from forensics.origin.geography import Grid
from forensics.origin.polygons import Polygon

__all__ = ["outline_cells"]

_DEGREES = 1e-9  # of rounding
_Corner = tuple[int, int]  # column and row of the corners of cells, counted from the north-west
# Steps along a side of a cell, in the order of turns to the left: east, north, west, south.
_STEPS = ((1, 0), (0, -1), (-1, 0), (0, 1))


def outline_cells(grid: Grid, mask: np.ndarray, *, cut: bool = True) -> list[Polygon]:
    """Return the outline of a set of cells, a polygon for each connected part.

    Parameters
    ----------
    grid : Grid
    mask : numpy.ndarray of bool, shape (R, C)
    cut : bool
        Cut at the antimeridian and bring longitudes to -180 to 180; else they are those of the grid.

    Returns
    -------
    list of tuple of numpy.ndarray
        Cells that touch at a corner alone are apart.

    Raises
    ------
    UsageError
        If the mask has another shape than the grid.

    References
    ----------
    Butler et al. 2016, The GeoJSON Format, doi:10.17487/RFC7946, sections 3.1.6 and 3.1.9.
    """
    if mask.shape != grid.inside.shape:
        raise UsageError(
            _("the mask has shape {found}; the grid has {expected}").format(
                found=mask.shape, expected=grid.inside.shape
            )
        )
    height, width = grid.steps
    north = grid.latitudes[0] + height / 2 - height * np.arange(len(grid.latitudes) + 1)
    east = grid.longitudes[0] - width / 2 + width * np.arange(len(grid.longitudes) + 1)
    north = np.clip(north, -90.0, 90.0)
    return [
        tuple(np.column_stack([part_east[ring[:, 0]], north[ring[:, 1]]]) for ring in polygon)
        for part_mask, part_east in (_split_at_antimeridian(mask, east) if cut else [(mask, east)])
        for polygon in _trace(part_mask)
    ]


def _split_at_antimeridian(
    mask: np.ndarray, east: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return parts of a mask with the longitudes of the sides of their columns, -180 to 180."""
    if east[-1] <= 180.0 + _DEGREES:
        return [(mask, np.minimum(east, 180.0))]
    count = int((east <= 180.0 + _DEGREES).sum())  # sides up to the antimeridian
    if east[count - 1] >= 180.0 - _DEGREES:
        return [
            (mask[:, : count - 1], np.minimum(east[:count], 180.0)),
            (mask[:, count - 1 :], np.maximum(east[count - 1 :] - 360.0, -180.0)),
        ]
    # The column that the antimeridian runs through is in both parts, cut there.
    return [
        (mask[:, :count], np.append(east[:count], 180.0)),
        (mask[:, count - 1 :], np.append(-180.0, east[count:] - 360.0)),
    ]


def _trace(mask: np.ndarray) -> list[list[np.ndarray]]:
    """Return the rings of each connected part of a mask, in columns and rows of corners."""
    parts, count = ndimage.label(mask)
    outer: list[list[np.ndarray]] = [[] for _part in range(count)]
    holes: list[list[np.ndarray]] = [[] for _part in range(count)]
    sides = _sides(mask)
    while sides:
        start = next(iter(sides))
        for corners, cell in _split_loop(_walk(sides, start)):
            ring = np.array(_without_straight(corners), dtype=np.intp)
            (holes if _is_clockwise(ring) else outer)[parts[cell] - 1].append(ring)
    return [[*outer[part], *holes[part]] for part in range(count)]


def _sides(mask: np.ndarray) -> dict[_Corner, dict[int, _Corner]]:
    """Return the sides between cells of the mask and others, the cell always on the left.

    Of each corner where sides begin, by direction (a place in `_STEPS`), the cell (row, column).
    """
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1]
    sides: dict[_Corner, dict[int, _Corner]] = {}
    for direction, (neighbour, right, down) in enumerate(
        (
            (padded[2:, 1:-1], 0, 1),  # south side, eastwards
            (padded[1:-1, 2:], 1, 1),  # east side, northwards
            (padded[:-2, 1:-1], 1, 0),  # north side, westwards
            (padded[1:-1, :-2], 0, 0),  # west side, southwards
        )
    ):
        for row, column in np.argwhere(inner & ~neighbour).tolist():
            sides.setdefault((column + right, row + down), {})[direction] = (row, column)
    return sides


def _walk(
    sides: dict[_Corner, dict[int, _Corner]], start: _Corner
) -> list[tuple[_Corner, _Corner]]:
    """Take the sides of one loop out of `sides`; return the corner and the cell of each."""
    corner, direction = start, next(iter(sides[start]))
    loop = []
    while True:
        directions = sides[corner]
        cell = directions.pop(direction)
        if not directions:
            del sides[corner]
        loop.append((corner, cell))
        corner = (corner[0] + _STEPS[direction][0], corner[1] + _STEPS[direction][1])
        if corner == start:
            return loop
        # Where two sides begin, the turn to the left stays with the same cell.
        direction = next(
            turn % 4
            for turn in (direction + 1, direction, direction - 1)
            if turn % 4 in sides[corner]
        )


def _split_loop(loop: list[tuple[_Corner, _Corner]]) -> list[tuple[list[_Corner], _Corner]]:
    """Return a loop as rings of which none goes through a corner twice, each with one of its cells."""
    rings: list[tuple[list[_Corner], _Corner]] = []
    path: list[tuple[_Corner, _Corner]] = []
    places: dict[_Corner, int] = {}
    for corner, cell in loop:
        if corner in places:
            first = places[corner]
            part = path[first:]
            rings.append(([known for known, _cell in part], part[0][1]))
            for known, _cell in part:
                del places[known]
            path = path[:first]
        places[corner] = len(path)
        path.append((corner, cell))
    rings.append(([corner for corner, _cell in path], path[0][1]))
    return rings


def _without_straight(corners: Sequence[_Corner]) -> list[_Corner]:
    """Return the corners at which a ring turns, closed."""
    kept = [
        corner
        for before, corner, after in zip(
            (corners[-1], *corners), corners, (*corners[1:], corners[0])
        )
        if (corner[0] - before[0]) * (after[1] - corner[1])
        != (corner[1] - before[1]) * (after[0] - corner[0])
    ]
    return [*kept, kept[0]]


def _is_clockwise(ring: np.ndarray) -> bool:
    """Return whether a closed ring runs with the clock on a map; rows of corners count southwards."""
    columns, rows = ring[:, 0], -ring[:, 1]
    return bool((columns[:-1] * rows[1:] - columns[1:] * rows[:-1]).sum() < 0)
