"""Areas of a map: the cells, reference sites and animals of each, and what a posterior gives it.

Every sum of a posterior by area goes through `MapAreas`: States, listed populations, reporting regions. A State
without reference animals in or near it is not assessable: that the model gives it little does not say that the animal
is not from there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from operator import attrgetter

import numpy as np
from numpy.typing import ArrayLike

from forensics.core.grouping import grouped
from forensics.core.stored import not_stored, stored
from forensics.errors import InputError
from forensics.genetics.genotypes import Genotypes
from forensics.io.files import AnyPath, read_limited
from forensics.io.tables import TEXT, Column, Source, read_table
from forensics.messages import _
from forensics.origin.geography import Grid, Surface, centres_of, great_circle, in_polygons
from forensics.origin.outlines import (
    NEAR_KM,
    OUTSIDE,
    countries,
    countries_of,
    country_in_words,
    known_country,
)
from forensics.origin.polygons import MAX_BYTES, Feature, Polygon, read_geojson
from forensics.stats import greatest, ranked, reaches

# An area is assessable if reference animals are in it or this near to its part of the grid.
# A stated choice: about the width of the coarse outlines' errors and of a day's range.
REFERENCE_KM = 50.0
# An area with less of the posterior than this is left out, unless it must be named.
MIN_SHARE = 1e-3

REGION_KINDS = ("countries", "country_table", "site_table", "areas")
"""What regions are made of: each country, countries in groups, sites in groups, polygons."""

_COUNTRY, _LISTING = Column("country", TEXT), Column("listing", TEXT)


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

    def shares_of(self, prior: np.ndarray) -> dict[str, float]:
        """Return by name what a prior, of the shape of the grid, gives each region."""
        return {
            self.regions.names[label]: float(prior[cells].sum())
            for label, cells in zip(self.labels, self.cells)
            if label >= 0
        }

    def reached(self, cells: np.ndarray) -> list[bool]:
        """Return whether some of these cells are in each area; `cells` is bool, of the shape of the grid."""
        return [bool((cells & own).any()) for own in self.cells]


# -- States and listed populations -----------------------------------------------------


@dataclass(frozen=True, eq=False)
class Area:
    """A named area.

    Attributes
    ----------
    listing : str
        The listing that applies there; "" where none was given.
    """

    name: str
    listing: str
    polygons: tuple[Polygon, ...]


@dataclass(frozen=True)
class Territory:
    """The posterior of a State or a listed population.

    Attributes
    ----------
    name, code : str
        Of a State: English name and ISO 3166-1 numeric code.
    probability : float or None
        Posterior; None where the reference cannot assess it.
    second : float or None
        The same under the second prior.
    mass : float
        What the surface gives it, assessable or not; it is not a probability of an origin where
        `assessable` is False.
    in_region : bool
        Whether the 95 % region, wider by a cell, reaches into it.
    animals, sites : int
        Reference animals and sites in it.
    nearest_km : float
        From its cells of the grid to the nearest reference site; inf where there is none.
    """

    name: str
    code: str
    probability: float | None
    second: float | None
    mass: float
    in_region: bool
    animals: int
    sites: int
    nearest_km: float = field(metadata=stored(null=math.inf))
    assessable: bool

    @property
    def title(self) -> str:
        """Its name for people, in their language where it is a country."""
        return country_in_words(self.name)


def share_territories(
    areas: MapAreas,
    surface: Surface,
    *,
    second: Surface | None = None,
    near_km: float = REFERENCE_KM,
) -> list[Territory]:
    """Return the posterior of each area; the most probable first.

    Parameters
    ----------
    areas : MapAreas
        Of the grid of the surface.
    second : Surface, optional
        Posterior under a second prior.
    near_km : float
        An area without reference animals is assessable with some this near to its cells.
    """
    # Wider by a cell: outlines are coarse and cells lie across borders, so that a region that ends
    # beside a border may reach over it.
    reached = areas.reached(_widen(surface.region(0.95)) & surface.grid.inside)
    regions = areas.regions
    seconds = None if second is None else areas.share(second).tolist()
    result = []
    for place, (label, mass) in enumerate(zip(areas.labels, areas.share(surface).tolist())):
        assessable = areas.nearest_km[place] <= near_km
        name, code = (regions.names[label], "") if label >= 0 else (OUTSIDE, "")
        if label >= 0 and regions.kind == "countries":
            code = countries()[label].code
        result.append(
            Territory(
                name,
                code,
                mass if assessable else None,
                seconds[place] if assessable and seconds is not None else None,
                mass,
                reached[place],
                areas.animals[place],
                areas.sites[place],
                areas.nearest_km[place],
                assessable,
            )
        )
    shown = [
        territory
        for territory in result
        if territory.mass >= MIN_SHARE or territory.in_region or not territory.assessable
    ]
    return ranked(sorted(shown, key=attrgetter("name")), attrgetter("mass"))


def find_state(territories: Sequence[Territory], confidence: float) -> Territory | None:
    """Return the country that may be named: it reaches the confidence and holds the whole region.

    Where the 95 % region crosses a border, or a country in it cannot be assessed, none is named.
    """
    reached = [territory for territory in territories if territory.in_region]
    if len(reached) != 1 or not reached[0].assessable:
        return None
    return reached[0] if reaches(reached[0].probability or 0.0, confidence) else None


def _widen(region: np.ndarray) -> np.ndarray:
    """Return a region with all cells that touch it, also at a corner."""
    result = np.pad(region, 1)
    for axis in (0, 1):
        result = result | np.roll(result, 1, axis) | np.roll(result, -1, axis)
    return result[1:-1, 1:-1]


def share_listings(
    listed: Sequence[Area],
    sites: Sites,
    surface: Surface,
    *,
    second: Surface | None = None,
) -> tuple[list[Territory], tuple[str, ...]]:
    """Return the posterior of each listed population, and the set of listings that remain.

    Parameters
    ----------
    listed : sequence of Area
        Where two overlap, the first counts.
    sites : Sites
        Of the reference.
    surface, second
        As for `share_territories`.

    Returns
    -------
    territories : list of Territory
        Named by listing.
    listings : tuple of str
        Listings that the 95 % region reaches, and those that the reference cannot assess; more
        than one means that the listing is not settled. "" stands for places of no listing.
    """
    names = tuple(area.listing or area.name for area in listed)
    regions = RegionSet("", "areas", names, areas=tuple(area.polygons for area in listed))
    areas = MapAreas(surface.grid, regions, sites)
    territories = share_territories(areas, surface, second=second)
    return territories, _list_possible(territories, set(names))


def share_listings_by_state(
    territories: Sequence[Territory], table: Mapping[str, str]
) -> tuple[list[Territory], tuple[str, ...]]:
    """Return the posterior of each listing from a table State (name or code) -> listing.

    A listing is assessable if each of its States with part of the posterior is; else what is
    shown is what its assessable States have.
    """
    groups = grouped(
        territories, lambda place: table.get(place.code) or table.get(place.name) or ""
    )
    result = []
    for listing, members in groups.items():
        assessable = all(territory.assessable for territory in members)
        seconds = [territory.second for territory in members if territory.second is not None]
        result.append(
            replace(
                members[0],
                name=listing or _("no listing found"),
                code="",
                mass=sum(territory.mass for territory in members),
                probability=sum(territory.probability or 0.0 for territory in members)
                if assessable
                else None,
                second=sum(seconds) if assessable and len(seconds) == len(members) else None,
                in_region=any(territory.in_region for territory in members),
                animals=sum(territory.animals for territory in members),
                sites=sum(territory.sites for territory in members),
                nearest_km=min(territory.nearest_km for territory in members),
                assessable=assessable,
            )
        )
    result = ranked(sorted(result, key=attrgetter("name")), attrgetter("mass"))
    return result, _list_possible(result, {listing for listing in groups if listing})


def _list_possible(territories: Sequence[Territory], known: set[str]) -> tuple[str, ...]:
    """Return the names that the evidence leaves open, the most probable first."""
    return tuple(
        territory.name if territory.name in known else ""
        for territory in territories
        if territory.in_region or not territory.assessable
    )


def read_listings(path: AnyPath) -> list[Area] | dict[str, str]:
    """Return areas, or the listing of each country.

    Parameters
    ----------
    path : path
        GeoJSON of polygons with a property ``listing``; or a CSV with the columns ``country``
        (English name or ISO 3166-1 numeric code) and ``listing``.

    Raises
    ------
    InputError
        If it is neither, or names a country that the outlines do not have.
    """
    source = str(path)
    content = read_limited(path, MAX_BYTES)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return [_area_of(feature) for feature in read_geojson(content, source=source)]
    with Source(BytesIO(content), source) as opened:
        listed = read_table(opened, narrow_rows=True, no_rows=True)
    if not (listed.has(_COUNTRY) and listed.has(_LISTING)):
        raise InputError(
            _("found the columns {found}; expected country and listing").format(
                found=", ".join(listed.header) or "-"
            ),
            source=source,
            line=listed.line,
        )
    table: dict[str, str] = {}
    for record in listed.records(_COUNTRY, _LISTING, pass_blank=True):
        country = known_country(record[_COUNTRY], source=source, line=record.line)
        listing = record[_LISTING]
        if not listing or table.get(country, listing) != listing:
            raise InputError(
                _("country {name}: one listing is expected").format(name=country),
                source=source,
                line=record.line,
            )
        table[country] = listing
    if not table:
        raise InputError(_("the table has no country"), source=source)
    return table


def _area_of(feature: Feature) -> Area:
    listing, name = (str(feature.properties.get(key) or "") for key in ("listing", "name"))
    return Area(name or listing or str(feature.number), listing, feature.polygons)
