"""Areas of a map: the cells, reference sites and animals of each, and what a posterior gives it.

Every sum of a posterior by area goes through `MapAreas`: countries, listed populations, reporting regions.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from forensics.core.stored import not_stored
from forensics.errors import InputError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.geography import Grid, Surface, centres_of, great_circle, in_polygons
from forensics.origin.outlines import NEAR_KM, countries, countries_of
from forensics.origin.polygons import Polygon
from forensics.stats import greatest

# An area is assessable if reference animals are in it or this near to its part of the grid.
# A stated choice: about the width of the coarse outlines' errors and of a day's range.
REFERENCE_KM = 50.0
# An area with less of the posterior than this is left out, unless it must be named.
MIN_SHARE = 1e-3

REGION_KINDS = ("countries", "country_table", "site_table", "areas")
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
    site_of : sequence of str
        Of each animal.
    """
    assert genotypes.latitudes is not None and genotypes.longitudes is not None
    of_animal = np.array(site_of, dtype=object).astype(str)
    names, animals = np.unique(of_animal, return_counts=True)
    centres = centres_of(genotypes.latitudes, genotypes.longitudes, of_animal)
    return Sites(tuple(map(str, names)), *centres, animals)


@dataclass(frozen=True, eq=False)
class RegionSet:
    """Reporting regions, as they were defined.

    Attributes
    ----------
    name : str
        ``countries``, or the name of the file.
    kind : str
        One of `REGION_KINDS`.
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
    areas: tuple[tuple[Polygon, ...], ...] = field(default=(), metadata=not_stored())
    sha256: str = ""

    def label_places(self, latitudes: ArrayLike, longitudes: ArrayLike, sites: Sites) -> np.ndarray:
        """Return the region of each place, a place in `names`; -1 for none.

        Of a table of sites it is the region of the nearest site.

        Parameters
        ----------
        latitudes, longitudes : array_like of float, degrees

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
            for name, polygons in zip(self.names, self.areas):
                label = self.names.index(name)  # several areas may be of one name
                labels[(labels < 0) & in_polygons(north, east, polygons)] = label
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


NO_SITES = Sites((), np.empty(0), np.empty(0), np.empty(0, dtype=int))


def country_regions() -> RegionSet:
    """Return each country as a region of its own, by the packaged outlines."""
    return RegionSet("countries", "countries", tuple(country.name for country in countries()))


class MapAreas:
    """The areas that the allowed cells of a grid lie in.

    Parameters
    ----------
    sites : Sites
        Of the reference; none of isotopes, which need no animals to tell a place.

    Attributes
    ----------
    labels : numpy.ndarray of intp, shape (K,)
        Places in the names of the regions, ascending; -1 for cells of no region.
    cells : list of numpy.ndarray of bool, each of the shape of the grid
    animals, sites : list of int
        Reference animals and sites in each.
    nearest_km : list of float
        From its cells to the nearest reference site; 0 where one is in it, inf where there is none at all.
    """

    def __init__(self, grid: Grid, regions: RegionSet, sites: Sites) -> None:
        self.regions = regions
        labels = regions.label_places(*grid.coordinates(), sites)
        self.labels = np.unique(labels[grid.inside])
        self.cells = [grid.inside & (labels == label) for label in self.labels]
        self.animals: list[int] = []
        self.sites: list[int] = []
        self.nearest_km: list[float] = []
        nearest = np.full(grid.inside.shape, math.inf)
        if sites.names:
            nearest[grid.inside] = grid.distances(sites.latitudes, sites.longitudes).min(axis=1)
        site_labels = regions.label_sites(sites)
        for label, cells in zip(self.labels, self.cells):
            here = site_labels == label
            self.animals.append(int(sites.animals[here].sum()))
            self.sites.append(int(here.sum()))
            self.nearest_km.append(0.0 if here.any() else float(nearest[cells].min()))

    def share(self, surface: Surface) -> np.ndarray:
        """Return the posterior that a surface gives each area; float64, shape (K,)."""
        return np.array([surface.share(cells) for cells in self.cells])

    def reached(self, cells: np.ndarray) -> list[bool]:
        """Return whether some of these cells are in each area; `cells` is bool, of the shape of the grid."""
        return [bool((cells & own).any()) for own in self.cells]
