"""The posterior per State and per listed population, with the sampling behind each.

A State without reference animals in or near it is not assessable: that the model gives it
little does not say that the animal is not from there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

import numpy as np

from forensics.core.stored import stored
from forensics.messages import _
from forensics.origin.country_names import OUTSIDE, country_in_words
from forensics.origin.geography import Grid, Surface
from forensics.origin.globe import great_circle, in_polygons
from forensics.origin.outlines import NEAR_KM, countries, countries_of
from forensics.origin.polygons import Polygon
from forensics.stats.choice import ranked, reaches

__all__ = [
    "REFERENCE_KM",
    "Area",
    "Territory",
    "find_state",
    "share_listings",
    "share_listings_by_state",
    "share_states",
    "share_territories",
]

# A State is assessable if reference animals are in it or this near to its part of the grid.
# A stated choice: about the width of the coarse outlines' errors and of a day's range.
REFERENCE_KM = 50.0
# A territory with less of the posterior than this is left out, unless it is not assessable.
MIN_SHARE = 1e-3


@dataclass(frozen=True, eq=False)
class Area:
    """A named area.

    Attributes
    ----------
    name : str
    listing : str
        The listing that applies there; "" where none was given.
    polygons : tuple of Polygon
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
    assessable : bool
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
    surface: Surface,
    labels: np.ndarray,
    names: Sequence[tuple[str, str]],
    site_labels: np.ndarray,
    latitudes: np.ndarray,
    longitudes: np.ndarray,
    animals: np.ndarray,
    *,
    second: Surface | None = None,
    near_km: float = REFERENCE_KM,
) -> list[Territory]:
    """Return territories from labels of cells and of sites; the most probable first.

    Parameters
    ----------
    surface : Surface
    labels : numpy.ndarray of int, shape (R, C)
        Territory of each cell; -1 for none.
    names : sequence of (str, str)
        Name and code of each territory.
    site_labels : numpy.ndarray of int, shape (S,)
    latitudes, longitudes : numpy.ndarray of float64, shape (S,)
        Reference sites.
    animals : numpy.ndarray of int, shape (S,)
        Reference animals of each site.
    second : Surface, optional
        Posterior under a second prior.
    near_km : float
        A territory without reference animals is assessable with some this near to its cells.
    """
    grid = surface.grid
    # Wider by a cell: outlines are coarse and cells lie across borders, so that a region that ends
    # beside a border may reach over it.
    region = _widen(surface.region(0.95)) & grid.inside
    rows, columns = grid.coordinates()
    result = []
    for label in np.unique(labels[grid.inside]):
        cells = grid.inside & (labels == label)
        at_sites = site_labels == label if label >= 0 else np.zeros(len(site_labels), dtype=bool)
        nearest = math.inf
        if len(latitudes):
            nearest = float(
                great_circle(
                    rows[cells][:, None], columns[cells][:, None], latitudes, longitudes
                ).min()
            )
        mass = surface.share(cells)
        name, code = names[label] if label >= 0 else (OUTSIDE, "")
        assessable = bool(at_sites.any()) or nearest <= near_km
        result.append(
            Territory(
                name,
                code,
                mass if assessable else None,
                second.share(cells) if assessable and second is not None else None,
                mass,
                bool((region & cells).any()),
                int(animals[at_sites].sum()),
                int(at_sites.sum()),
                0.0 if at_sites.any() else nearest,
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


def share_states(
    surface: Surface,
    latitudes: np.ndarray,
    longitudes: np.ndarray,
    animals: np.ndarray,
    *,
    second: Surface | None = None,
    near_km: float = REFERENCE_KM,
) -> list[Territory]:
    """Return the posterior of each State, by the packaged outlines; the most probable first.

    A cell at sea belongs to the nearest State within `outlines.NEAR_KM`. For the other
    parameters see `share_territories`.
    """
    labels, _away = _cell_states(surface.grid)
    where, _outside = countries_of(latitudes, longitudes, near_km=NEAR_KM)
    names = [(country.name, country.code) for country in countries()]
    return share_territories(
        surface, labels, names, where, latitudes, longitudes, animals,
        second=second, near_km=near_km,
    )  # fmt: skip


_CELLS: dict[tuple[bytes, bytes], tuple[np.ndarray, np.ndarray]] = {}


def _cell_states(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return the State of each cell, kept for the last grid: many samples share one."""
    key = (grid.latitudes.tobytes(), grid.longitudes.tobytes())
    if key not in _CELLS:
        labels = countries_of(*grid.coordinates())
        _CELLS.clear()
        _CELLS[key] = labels
    return _CELLS[key]


def share_listings(
    surface: Surface,
    areas: Sequence[Area],
    latitudes: np.ndarray,
    longitudes: np.ndarray,
    animals: np.ndarray,
    *,
    second: Surface | None = None,
    near_km: float = REFERENCE_KM,
) -> tuple[list[Territory], tuple[str, ...]]:
    """Return the posterior of each listed population, and the set of listings that remain.

    Parameters
    ----------
    areas : sequence of Area
        Where two overlap, the first counts.
    surface, latitudes, longitudes, animals, second, near_km
        As for `share_territories`.

    Returns
    -------
    territories : list of Territory
        Named by listing.
    listings : tuple of str
        Listings that the 95 % region reaches, and those that the reference cannot assess; more
        than one means that the listing is not settled. "" stands for places of no listing.
    """
    names = list(dict.fromkeys(area.listing or area.name for area in areas))
    place = {name: number for number, name in enumerate(names)}

    def label_places(north: np.ndarray, east: np.ndarray) -> np.ndarray:
        labels = np.full(np.shape(north), -1)
        for area in areas:
            labels[(labels < 0) & in_polygons(north, east, area.polygons)] = place[
                area.listing or area.name
            ]
        return labels

    territories = share_territories(
        surface, label_places(*surface.grid.coordinates()), [(name, "") for name in names],
        label_places(np.asarray(latitudes), np.asarray(longitudes)), latitudes, longitudes, animals,
        second=second, near_km=near_km,
    )  # fmt: skip
    return territories, _list_possible(territories, set(names))


def share_listings_by_state(
    territories: Sequence[Territory], table: Mapping[str, str]
) -> tuple[list[Territory], tuple[str, ...]]:
    """Return the posterior of each listing from a table State (name or code) -> listing.

    A listing is assessable if each of its States with part of the posterior is; else what is
    shown is what its assessable States have.
    """
    groups: dict[str, list[Territory]] = {}
    for territory in territories:
        groups.setdefault(table.get(territory.code) or table.get(territory.name) or "", []).append(
            territory
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
