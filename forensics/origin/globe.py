"""Places on a sphere: distances, means, and what lies within rings."""

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import UsageError
from forensics.messages import _

__all__ = [
    "EARTH_RADIUS_KM",
    "check_places",
    "great_circle",
    "in_polygons",
    "in_rings",
    "spherical_mean",
    "wrap_longitude",
]

# Mean Earth radius R1 of the GRS 80 ellipsoid (Moritz 2000, Journal of Geodesy 74:128).
EARTH_RADIUS_KM = 6371.0088
# Crossings of sides and latitudes that are worked with at a time, some 200 MB.
_CROSSINGS = 1_000_000


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
