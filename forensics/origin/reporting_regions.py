"""Reporting regions: countries, or the areas that a laboratory names, as answers with a posterior.

A region is named where its posterior reaches the confidence, otherwise the smallest set of regions that
does. The posterior of the regions is that of the map, made true on left-out sites
(`forensics.origin.region_calibration`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.geography import Grid, Surface
from forensics.origin.globe import great_circle, in_polygons, spherical_mean
from forensics.origin.outlines import NEAR_KM, countries, countries_of
from forensics.origin.polygons import Polygon
from forensics.origin.region_results import RegionAnswer, RegionShare
from forensics.origin.territories import MIN_SHARE, REFERENCE_KM
from forensics.stats.choice import greatest, ranked, smallest_set

if TYPE_CHECKING:
    from forensics.origin.region_calibration import RegionCalibration

__all__ = [
    "KINDS",
    "RegionReporter",
    "RegionSet",
    "Sites",
    "country_regions",
    "sites_of_reference",
]

KINDS = ("countries", "country_table", "site_table", "areas")
"""What regions are made of: each country, countries in groups, sites in groups, polygons."""


@dataclass(frozen=True, eq=False)
class Sites:
    """The reference sites of a model.

    Attributes
    ----------
    names : tuple of str, length S
    latitudes, longitudes : numpy.ndarray of float64, shape (S,)
    animals : numpy.ndarray of int, shape (S,)
        Reference animals of each.
    """

    names: tuple[str, ...]
    latitudes: np.ndarray
    longitudes: np.ndarray
    animals: np.ndarray


def sites_of_reference(genotypes: Genotypes, site_of: Sequence[str]) -> Sites:
    """Return the sites of reference animals with coordinates, in alphabetic order.

    Parameters
    ----------
    genotypes : Genotypes
    site_of : sequence of str
        Of each animal.
    """
    assert genotypes.latitudes is not None and genotypes.longitudes is not None
    names, animals = np.unique(np.array(site_of, dtype=object).astype(str), return_counts=True)
    rows = [np.array([own == name for own in site_of]) for name in names]
    centres = np.array(
        [spherical_mean(genotypes.latitudes[own], genotypes.longitudes[own]) for own in rows]
    )
    return Sites(tuple(map(str, names)), centres[:, 0], centres[:, 1], animals)


@dataclass(frozen=True, eq=False)
class RegionSet:
    """Reporting regions, as they were defined.

    Attributes
    ----------
    name : str
        ``countries``, or the name of the file.
    kind : str
        One of `KINDS`.
    names : tuple of str
        Of the regions.
    members : mapping of str to int
        Of tables: region (a place in `names`) of each country, by its English name, or of each site.
    areas : tuple of tuple of Polygon
        Of polygons: those of each region. Where two regions overlap, the first counts.
    sha256 : str
        Of the file; "" of countries.
    """

    name: str
    kind: str
    names: tuple[str, ...]
    members: Mapping[str, int] = field(default_factory=dict)
    areas: tuple[tuple[Polygon, ...], ...] = ()
    sha256: str = ""

    def label_places(self, latitudes: ArrayLike, longitudes: ArrayLike, sites: Sites) -> np.ndarray:
        """Return the region of each place, a place in `names`; -1 for none.

        Of a table of sites it is the region of the nearest site.

        Parameters
        ----------
        latitudes, longitudes : array_like of float, degrees
        sites : Sites

        Returns
        -------
        numpy.ndarray of intp, of the shape of the places

        Raises
        ------
        InputError
            If the table has no region of a site.
        """
        north, east = np.asarray(latitudes, dtype=np.float64), np.asarray(longitudes)
        if self.kind == "areas":
            labels = np.full(north.shape, -1, dtype=np.intp)
            for region, polygons in enumerate(self.areas):
                labels[(labels < 0) & in_polygons(north, east, polygons)] = region
            return labels
        if self.kind == "site_table":
            away = great_circle(
                north.ravel()[:, None], east.ravel()[:, None], sites.latitudes, sites.longitudes
            )
            return np.asarray(self.label_sites(sites)[greatest(-away, axis=1)].reshape(north.shape))
        where, _outside = countries_of(north, east, near_km=NEAR_KM)
        if self.kind == "countries":
            return where
        of_country = np.array(
            [self.members.get(country.name, -1) for country in countries()] + [-1]
        )
        return np.asarray(of_country[where], dtype=np.intp)

    def label_sites(self, sites: Sites) -> np.ndarray:
        """Return the region of each reference site; see `label_places`."""
        if self.kind != "site_table":
            return self.label_places(sites.latitudes, sites.longitudes, sites)
        missing = [name for name in sites.names if name not in self.members]
        if missing:
            raise InputError(
                _("no region is given for the reference sites {names}").format(
                    names=", ".join(missing[:10])
                ),
                source=self.name,
            )
        return np.array([self.members[name] for name in sites.names], dtype=np.intp)


def country_regions() -> RegionSet:
    """Return each country as a region of its own, by the packaged outlines."""
    return RegionSet("countries", "countries", tuple(country.name for country in countries()))


class RegionReporter:
    """Gives the posterior of regions for surfaces of one grid.

    Parameters
    ----------
    regions : RegionSet
    grid : Grid
        Of the surfaces.
    sites : Sites or None
        None of evidence that needs no reference animals, such as isotopes: every region is assessable.
    confidence : float
        Posterior from which on a region is named.
    calibration : RegionCalibration, optional
        None where nothing was left out to calibrate on: the posterior is that of the map.
    """

    def __init__(
        self,
        regions: RegionSet,
        grid: Grid,
        sites: Sites | None,
        *,
        confidence: float,
        calibration: "RegionCalibration | None" = None,
    ) -> None:
        self.regions, self.confidence, self.calibration = regions, confidence, calibration
        if sites is None:
            self._label_without_sites(grid)
            return
        labels = regions.label_places(*grid.coordinates(), sites)
        site_labels = regions.label_sites(sites)
        self._labels = np.unique(labels[grid.inside])
        self._cells = [grid.inside & (labels == label) for label in self._labels]
        away = grid.distances(sites.latitudes, sites.longitudes).min(axis=1)
        nearest = np.full(grid.inside.shape, math.inf)
        nearest[grid.inside] = away
        self._known = []
        for label, cells in zip(self._labels, self._cells):
            here = site_labels == label
            distance = 0.0 if here.any() else float(nearest[cells].min())
            self._known.append((int(sites.animals[here].sum()), int(here.sum()), distance))

    def _label_without_sites(self, grid: Grid) -> None:
        """Label the cells where no reference site matters; each region can be assessed.

        Raises
        ------
        UsageError
            If the regions are groups of sites.
        """
        if self.regions.kind == "site_table":
            raise UsageError(
                _("{name} groups reference sites, and isotopes have none; give countries or polygons").format(
                    name=self.regions.name
                )
            )  # fmt: skip
        nowhere = Sites((), np.empty(0), np.empty(0), np.empty(0, dtype=int))
        labels = self.regions.label_places(*grid.coordinates(), nowhere)
        self._labels = np.unique(labels[grid.inside])
        self._cells = [grid.inside & (labels == label) for label in self._labels]
        self._known = [(0, 0, 0.0) for _label in self._labels]

    def share(self, surface: Surface) -> np.ndarray:
        """Return the posterior that the surface gives each region on the grid, not calibrated."""
        return np.array([surface.share(cells) for cells in self._cells])

    def answer(self, surface: Surface, prior: np.ndarray) -> RegionAnswer:
        """Return the regions of one posterior.

        Parameters
        ----------
        surface : Surface
            On the grid of the reporter.
        prior : numpy.ndarray of float64, shape (cells,)
            Of its allowed cells; sums to 1.
        """
        allowed = np.zeros(surface.grid.inside.shape)
        allowed[surface.grid.inside] = prior
        masses, before = (
            self.share(surface),
            np.array([allowed[cells].sum() for cells in self._cells]),
        )
        posteriors = masses
        if self.calibration is not None:
            posteriors = self.calibration.apply(masses, before)
        named = smallest_set(posteriors, self.confidence)
        shares = []
        for label, (animals, sites, nearest), mass, prior_mass, is_named in zip(
            self._labels, self._known, posteriors.tolist(), before.tolist(), named.tolist()
        ):
            assessable = nearest <= REFERENCE_KM
            if mass < MIN_SHARE and not is_named:
                continue
            name = self.regions.names[label] if label >= 0 else ""
            shares.append(
                RegionShare(
                    name, mass if assessable else None, mass, prior_mass, is_named, animals, sites,
                    assessable,
                )
            )  # fmt: skip
        shares = ranked(sorted(shares, key=attrgetter("name")), attrgetter("mass"))
        return RegionAnswer(
            regions=self.regions.name,
            confidence=self.confidence,
            probability=min(
                1.0, float(posteriors[named].sum())
            ),  # the last digit of a sum of floats
            shares=tuple(shares),
            measured=None if self.calibration is None else self.calibration.measured,
        )

    @property
    def rank(self) -> str:
        """What a named region is, of `forensics.origin.results`."""
        return "state" if self.regions.kind == "countries" else "region"
