"""Does an animal that fits no reference site fit its place on the map? Then it may be of a site that was not sampled.

`exclusion` asks whether an animal is of one of the reference sites. With many loci an animal of a new site between
them is not: it lacks their drift. So it is compared with what the map predicts at its best place: the frequencies of
a kernel around the place, with the drift of a site of its own. The two statistics are those of `exclusion`:
``typicality``, the log-likelihood at the place, and ``gain``, by how much it is likelier than an animal of a population
drawn round the mean of the reference, which an animal from elsewhere resembles as much. Width and drift are those under
which the animals of whole sites, each left out, are likeliest at their true places.

The statistics are calibrated on animals of sites that were left out of the map and are surrounded by others. A place at
the edge says nothing: whatever comes from beyond it fits there best. How many animals of new sites, from outside and
from foreign populations are placed: ``benchmarks/unsampled_sites.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from forensics.learning.arrays import array, model_part
from forensics.origin.assignment import log_probabilities
from forensics.origin.exclusion import THETAS, Statistics, standardise
from forensics.origin.fields import Doses, SiteCounts, locus_of
from forensics.origin.geography import great_circle, unit_vectors
from forensics.stats import evenly_spaced, greatest

PLACE_LEVEL = 0.1
"""A new site is stated above this p-value: it is what a tenth of the animals of left-out sites do not reach (a stated
choice, above the level of an exclusion, since such an animal was excluded once)."""
# Animals of left-out sites that are needed, so that a p-value can be a half of the level; and sites of them.
MIN_LEFT_OUT, MIN_SURROUNDED = 20, 5
# Animals that width and drift are chosen on.
_MAX_FITTED = 300
# Drift with which the width is chosen; from 0.002 to 0.15 it chooses the same (`benchmarks/unsampled_sites.py`, seeds 1 to 3).
_START = 0.05
# Numbers held at once for the frequencies of a block of animals.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class LeftOutPlaces:
    """Where the map without their sites puts animals of the reference.

    Attributes
    ----------
    rows : numpy.ndarray of intp, shape (m,)
        Animals of the reference.
    latitudes, longitudes : numpy.ndarray of float64, shape (m,)
        Degrees.
    """

    rows: np.ndarray
    latitudes: np.ndarray
    longitudes: np.ndarray


@model_part
class PlaceFit:
    """How well animals of left-out sites (f) fit the places where the map without their sites puts them."""

    width_km: float
    theta: float  # drift of a site around what the kernel predicts
    new_theta: float  # drift of a population around the mean of the reference
    typicality: np.ndarray = array("f", key="place_typicality")
    gain: np.ndarray = array("f", key="place_gain")

    def is_sound(self) -> bool:
        """Return whether the values are possible, as they may not be in a model that was damaged."""
        return (
            0 < self.width_km < np.inf
            and 0 < self.theta < 1
            and 0 < self.new_theta < 1
            and len(self.gain) >= MIN_LEFT_OUT
        )

    def p_values(
        self,
        counted: SiteCounts,
        sites: tuple[np.ndarray, np.ndarray],
        doses: Doses,
        places: tuple[np.ndarray, np.ndarray],
    ) -> np.ndarray:
        """Return the share of animals of left-out sites that fit their places no better.

        Parameters
        ----------
        counted : SiteCounts
            S sites.
        sites : tuple of numpy.ndarray of float64, shape (S,)
            Their latitudes and longitudes, degrees.
        doses : Doses
            n animals.
        places : tuple of numpy.ndarray of float64, shape (n,)
            Where the map puts them; NaN where it does not.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
            0 of a place that sites do not surround.
        """
        within = is_surrounded(places, sites)
        result = np.zeros(len(within))
        if within.any():
            latitudes, longitudes = (degrees[within] for degrees in places)
            away = great_circle(latitudes[:, None], longitudes[:, None], *sites)
            some = doses.take(np.flatnonzero(within))
            found = self.compare(counted, some, away, np.ones_like(away))
            result[within] = Statistics(self.typicality, self.gain).p_values(found)
        return result

    def compare(
        self, counted: SiteCounts, doses: Doses, away: np.ndarray, weights: np.ndarray
    ) -> Statistics:
        """Return the statistics of animals, by km from the place of each to the sites and weights of these, (n, S)."""
        found = []
        near = _blocks(counted, doses, weights * np.exp(-away / self.width_km))
        for (part, shares), (_same, mean) in zip(near, _blocks(counted, doses, weights)):
            y, new = _mass(self.theta) * shares, _mass(self.new_theta) * mean
            logs, others = (log_probabilities(*part, each, counted.offsets) for each in (y, new))
            found.append(standardise(logs, logs - others, y, new, part[1], counted.offsets))
        return Statistics(
            np.concatenate([part.typicality for part in found]),
            np.concatenate([part.gain for part in found]),
        )


def is_surrounded(
    places: tuple[np.ndarray, np.ndarray], sites: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return which places lie between sites: in no direction do these leave half of the horizon free.

    On the sphere these are the places within the convex hull of the sites.

    Parameters
    ----------
    places, sites : tuple of numpy.ndarray of float64, shapes (n,) and (S,)
        Latitudes and longitudes, degrees.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        False where a place is NaN.
    """
    latitudes, longitudes = (np.radians(degrees) for degrees in places)
    known = np.isfinite(latitudes + longitudes)
    east = np.column_stack([-np.sin(longitudes), np.cos(longitudes), np.zeros(len(longitudes))])
    north = np.column_stack(
        [
            -np.sin(latitudes) * np.cos(longitudes),
            -np.sin(latitudes) * np.sin(longitudes),
            np.cos(latitudes),
        ]
    )
    vectors = unit_vectors(*sites)
    bearings = np.sort(np.arctan2(east @ vectors.T, north @ vectors.T), axis=1)
    gaps = np.diff(bearings, axis=1, append=bearings[:, :1] + 2 * np.pi)
    return np.asarray(known & (gaps.max(axis=1) < np.pi))


def fit_places(
    counted: SiteCounts,
    sites: tuple[np.ndarray, np.ndarray],
    doses: Doses,
    site_of: np.ndarray,
    left_out: LeftOutPlaces,
    widths_km: np.ndarray,
) -> PlaceFit | None:
    """Return how well animals of left-out sites fit their places; None where too few sites are surrounded.

    Parameters
    ----------
    counted : SiteCounts
        S sites.
    sites : tuple of numpy.ndarray of float64, shape (S,)
        Latitudes and longitudes, degrees.
    doses : Doses
        n animals of the reference.
    site_of : numpy.ndarray of intp, shape (n,)
    left_out : LeftOutPlaces
    widths_km : numpy.ndarray of float64, shape (K,)
        Of the kernels that are tried.
    """
    number = np.arange(len(sites[0]))
    surrounded = np.array(
        [
            is_surrounded(
                (sites[0][[site]], sites[1][[site]]), (sites[0][others], sites[1][others])
            )[0]
            for site in number
            for others in [number != site]
        ]
    )
    use = surrounded[site_of[left_out.rows]] & np.isfinite(left_out.latitudes)
    if use.sum() < MIN_LEFT_OUT or surrounded.sum() < MIN_SURROUNDED:
        return None
    rows = left_out.rows[evenly_spaced(len(left_out.rows), _MAX_FITTED)]
    some, own = doses.take(rows), site_of[rows]
    apart = great_circle(sites[0][:, None], sites[1][:, None], *sites)[own]
    others = _without(own, len(number))

    def log_likelihood(kernels: np.ndarray, theta: float) -> float:
        blocks = _blocks(counted, some, kernels)
        parts = [
            log_probabilities(*part, _mass(theta) * shares, counted.offsets).sum()
            for part, shares in blocks
        ]
        return float(np.sum(parts))

    kernels = [others * np.exp(-apart / width) for width in widths_km]
    best = int(greatest([log_likelihood(each, _START) for each in kernels], are_logs=True))
    theta, new_theta = (
        THETAS[int(greatest([log_likelihood(each, theta) for theta in THETAS], are_logs=True))]
        for each in (kernels[best], others)
    )
    fit = PlaceFit(float(widths_km[best]), theta, new_theta, np.empty(0), np.empty(0))
    rows = left_out.rows[use]
    away = great_circle(left_out.latitudes[use][:, None], left_out.longitudes[use][:, None], *sites)
    found = fit.compare(counted, doses.take(rows), away, _without(site_of[rows], len(number)))
    known = np.isfinite(found.typicality + found.gain)
    if known.sum() < MIN_LEFT_OUT:
        return None
    return replace(fit, typicality=found.typicality[known], gain=found.gain[known])


def _without(own: np.ndarray, sites: int) -> np.ndarray:
    """Return 1 for the sites other than each animal's own, 0 for that; float64, shape (n, S)."""
    return np.asarray(own[:, None] != np.arange(sites), dtype=np.float64)


def _mass(theta: float) -> float:
    """Return how many copies the frequencies of a population of so much drift are worth."""
    return (1.0 - theta) / theta


def _blocks(
    counted: SiteCounts, doses: Doses, kernels: np.ndarray
) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], np.ndarray]]:
    """Yield doses and copies of some animals, and frequencies by the weights of the sites, (n, S), for each."""
    size = max(1, _BLOCK // counted.offsets[-1])
    loci = locus_of(counted.offsets)
    for start in range(0, len(kernels), size):
        block = slice(start, start + size)
        copies = counted.copies_at(kernels[block])
        shares = copies / np.add.reduceat(copies, counted.offsets[:-1], axis=1)[:, loci]
        alleles = doses.alleles[block].astype(np.float64)
        yield (alleles, doses.typed[block].astype(np.float64)), shares
