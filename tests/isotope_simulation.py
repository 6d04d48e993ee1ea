"""Simulated isoscapes and animals for the tests of isotopes; nothing here is real."""

import numpy as np

from forensics.origin.isoscape import Isoscape, make_isoscape

__all__ = ["BETWEEN", "INTERCEPT", "SLOPE", "WITHIN", "animals", "plane"]

SLOPE, INTERCEPT, BETWEEN, WITHIN = 0.9, 10.0, 6.0, 5.0


def plane(name: str = "d2H", *, north: float = -3.0, east: float = 0.5, error: float = 3.0):
    """Return an isoscape that falls to the north and rises to the east, 20 x 30 degrees."""
    latitudes, longitudes = np.arange(59.5, 39, -1.0), np.arange(-9.5, 20, 1.0)
    mean = north * (latitudes[:, None] - 40) + east * longitudes[None, :]
    return make_isoscape(latitudes, longitudes, mean, error, name=name, source="simulated")


def animals(isoscape: Isoscape, *, sites=60, each=4, seed=1, correlation=0.0, second=None):
    """Return a table of simulated animals whose tissue follows the model of the calibration.

    The true precipitation differs from the map by Berkson errors of the map's own size.
    """
    import pandas

    generator = np.random.default_rng(seed)
    latitude = generator.uniform(40.5, 58.5, sites)
    longitude = generator.uniform(-8.5, 18.5, sites)
    shared = generator.standard_normal((2, sites))
    shared[1] = correlation * shared[0] + np.sqrt(1 - correlation**2) * shared[1]
    own = generator.standard_normal((2, sites, each))
    own[1] = correlation * own[0] + np.sqrt(1 - correlation**2) * own[1]
    columns = {}
    for number, one in enumerate([isoscape] if second is None else [isoscape, second]):
        mean, error = one.at(latitude, longitude)
        total = np.sqrt(BETWEEN**2 + (SLOPE * error) ** 2)
        values = INTERCEPT + SLOPE * mean + shared[number] * total
        columns[one.name] = (values[:, None] + own[number] * WITHIN).ravel()
    return pandas.DataFrame(
        {
            "site": np.repeat(np.arange(sites), each),
            "latitude": np.repeat(latitude, each),
            "longitude": np.repeat(longitude, each),
            **columns,
        }
    )
