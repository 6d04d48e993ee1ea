"""The geometric median of weighted cells: the place whose expected distance to the truth is least.

Distances are taken through the Earth (Weiszfeld's algorithm on unit vectors).
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from forensics.origin.globe import EARTH_RADIUS_KM, wrap_longitude
from forensics.stats.choice import descending, greatest

if TYPE_CHECKING:
    from forensics.origin.geography import Grid

__all__ = ["geometric_medians"]

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
    grid : Grid
    weights : numpy.ndarray of float64, shape (n, allowed cells)
        Each row sums to 1.
    inside : bool
        Whether a median outside the allowed cells gives way to the best of them.
    """
    rows, columns = grid.coordinates()
    latitudes, longitudes = rows[grid.inside], columns[grid.inside]
    north, east = np.radians(latitudes), np.radians(longitudes)
    places = np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )
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
        result[number], across[number] = latitudes[best], longitudes[best]
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
