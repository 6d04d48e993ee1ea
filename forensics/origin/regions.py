"""Reporting regions: countries, or the areas that a laboratory names, with a posterior.

A region is named where its posterior reaches the confidence, otherwise the smallest set of regions that
does. The posterior of the regions is that of the map, made true on left-out sites.

A model keeps, of each reference animal, the posterior over the map by a model without its site. For any
set of regions these posteriors are summed by region and compared with the region of the animal's own
site. As with the map itself (`forensics.origin.tuning`), a power of the evidence and a share for anywhere
are chosen, so that sets of regions hold the truth as often as they say.
"""

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.core.stored import from_stored, stored, to_stored
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath, read_limited
from forensics.io.tables import TEXT, Column, Source, read_table
from forensics.learning.arrays import pack_arrays, unpack
from forensics.messages import _, numeral
from forensics.notices import origin as notices
from forensics.origin.areas import MIN_SHARE, REFERENCE_KM, REGION_KINDS, MapAreas, RegionSet, Sites
from forensics.origin.geography import Grid, Surface
from forensics.origin.outlines import country_in_words, known_country
from forensics.origin.polygons import MAX_BYTES, Polygon, read_geojson
from forensics.stats import clustered_rate, greatest, ranked, reaches, smallest_set

# Regions shown to people; JSON has all.
_MAX_SHOWN = 6
# A posterior is never shown as 1, nor as 0.
_MOST = 0.9999
_LEAST = 0.01

_REGION = Column("region", TEXT, also=("reporting region", "name"))
_COUNTRY = Column("country", TEXT, required=False)
_SITE = Column("site", TEXT, also=("population",), required=False)
_DEGREES = 1e-9  # of rounding
_Corner = tuple[int, int]  # column and row of the corners of cells, counted from the north-west
# Steps along a side of a cell, in the order of turns to the left: east, north, west, south.
_STEPS = ((1, 0), (0, -1), (-1, 0), (0, 1))
# The values tried. A power above 1 where the map is too wide for the regions.
TEMPERS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
STRAYS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
# Confidences at which sets of regions must hold the truth, and single regions be right, as often.
TARGETS = (0.90, 0.95)
# Confidences of which figures are given.
CONFIDENCES = (0.8, 0.9, 0.95)
# Groups of sites that are left out of the calibration in turn, for the figures.
FOLDS = 5
# Animals whose posteriors a model keeps; of more, some of every site.
MAX_ANIMALS = 2_000
_LEVELS = 255  # a posterior is kept as the square of so many steps


# -- what a result says ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegionShare:
    """The posterior of a reporting region.

    Attributes
    ----------
    name : str
        "" for places outside every region.
    probability : float or None
        Posterior, calibrated where the answer is; None where the reference cannot assess the region.
    mass : float
        The same, assessable or not.
    prior : float
        Beforehand.
    named : bool
        Whether it is in the smallest set that reaches the confidence.
    animals, sites : int
        Reference animals and sites in it.
    assessable : bool
        Whether there are reference animals in it or near it.
    """

    name: str
    probability: float | None
    mass: float
    prior: float
    named: bool
    animals: int
    sites: int
    assessable: bool


@dataclass(frozen=True, slots=True)
class MeasuredRegions:
    """How regions did on animals of sites that were left out, calibrated without those sites.

    Attributes
    ----------
    animals, sites : int
        That were left out.
    named : float
        Share of the animals for which a single region reached the confidence.
    right : float or None
        Share of these for which it was the right one; None where there are none.
    right_low, right_high : float
        Limits of the 95 % interval; animals of a site cluster.
    holds : float
        Share of all animals whose set has the right region.
    """

    animals: int
    sites: int
    named: float
    right: float | None
    right_low: float
    right_high: float
    holds: float

    def in_words(self) -> str:
        """Return the figures in a sentence."""
        if self.right is None:
            return _(
                "of {animals} animals of {sites} left-out sites none got a single region; {holds} had "
                "the right one in their set"
            ).format(animals=self.animals, sites=self.sites, holds=numeral(self.holds, ".0%"))
        return _(
            "of {animals} animals of {sites} left-out sites {named} got a single region, {right} of these "
            "the right one ({low} to {high}); {holds} had the right one in their set"
        ).format(
            animals=self.animals,
            sites=self.sites,
            named=numeral(self.named, ".0%"),
            right=numeral(self.right, ".0%"),
            low=numeral(self.right_low, ".0%"),
            high=numeral(self.right_high, ".0%"),
            holds=numeral(self.holds, ".0%"),
        )


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """The posterior of the reporting regions, and the smallest set that reaches the confidence.

    Attributes
    ----------
    regions : str
        Name of the set of regions: ``countries``, or the file that defines them.
    probability : float
        Of the named set.
    shares : tuple of RegionShare
        The most probable first.
    measured : MeasuredRegions or None
        None where the posterior was not calibrated: nothing was left out.
    most : float or None
        What the calibration leaves the most probable region at most, whatever the evidence; None without one.
    """

    regions: str
    confidence: float
    probability: float
    shares: tuple[RegionShare, ...]
    measured: MeasuredRegions | None
    most: float | None = field(default=None, metadata=stored(omit_none=True))

    @property
    def named(self) -> tuple[RegionShare, ...]:
        """The smallest set of regions that reaches the confidence."""
        return tuple(share for share in self.shares if share.named)

    @property
    def single(self) -> RegionShare | None:
        """The region that reaches the confidence alone and can be assessed; None where there is none.

        Of a posterior that was not calibrated none is named.
        """
        if self.measured is None or len(self.named) != 1:
            return None
        (region,) = self.named
        return region if region.assessable and region.name else None

    def notice(self) -> Notice | None:
        """Return that no evidence could have reached the confidence; None where some could."""
        if self.most is None or self.measured is None or reaches(self.most, self.confidence):
            return None
        return notices.CONFIDENCE_OUT_OF_REACH(
            region=self.title_of(self.shares[0].name), confidence=self.confidence,
            most=math.floor(self.most * 1000) / 1000, sites=self.measured.sites,
        )  # fmt: skip

    def title_of(self, name: str) -> str:
        """Return the name of a region for people, in their language where the regions are countries."""
        if not name:
            return _("outside every region")
        return country_in_words(name) if self.regions == "countries" else name

    def possible(self) -> dict[str, float]:
        """Return the named regions with their posteriors; empty where these are not calibrated."""
        if self.measured is None:
            return {}
        return {self.title_of(share.name): share.mass for share in self.named}

    def lines(self, *, measured: bool = True) -> list[tuple[str, str]]:
        """Return label and text for people.

        Parameters
        ----------
        measured : bool
            With the figures of animals that were left out.
        """
        shown = self.shares[: max(_MAX_SHOWN, len(self.named))]
        text = "; ".join(_share_in_words(share, self.title_of(share.name)) for share in shown)
        lines = [(_("Reporting regions"), text)]
        names = ", ".join(self.title_of(share.name) for share in self.named)
        if self.measured is None:
            lines.append(
                (
                    _("Named"),
                    _("none: the posterior of these regions is not calibrated for this model"),
                )
            )
            return lines
        lines.append(
            (
                _("Named"),
                _("{names}: {probability} (confidence {confidence})").format(
                    names=names,
                    probability=_posterior(self.probability),
                    confidence=numeral(self.confidence, "g"),
                ),
            )
        )
        if measured:
            lines.append((_("Measured"), self.measured.in_words()))
        return lines


def _share_in_words(share: RegionShare, name: str) -> str:
    if share.assessable:
        return _("{name} {probability}").format(name=name, probability=_posterior(share.mass))
    return _("{name} not assessable (no reference animals)").format(name=name)


def _posterior(value: float) -> str:
    """Return a posterior with two decimals, near 1 with four and rounded down; never as 0 or 1."""
    if value > _MOST:
        return f"> {numeral(_MOST, '.4f')}"
    if value < _LEAST:
        return f"< {numeral(_LEAST, '.2f')}"
    if value < 0.99:
        return numeral(value, ".2f")
    return numeral(math.floor(value * 1e4) / 1e4, ".4f")


# -- regions as they are given ---------------------------------------------------------


def read_regions(path: AnyPath) -> RegionSet:
    """Return reporting regions.

    Parameters
    ----------
    path : path
        GeoJSON of polygons with a property ``name``; polygons of one name are one region. Or a table
        with the column ``region`` and either ``country`` (English name or ISO 3166-1 numeric code) or
        ``site`` (as the reference names its sites or populations): then each place belongs to the region
        of the nearest site.

    Raises
    ------
    InputError
        If it is neither, a name is missing, or a country or site has two regions.
    """
    content = read_limited(path, MAX_BYTES)
    name, sha256 = Path(path).name, hashlib.sha256(content).hexdigest()
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return _read_polygons(content, name, sha256)
    return _read_table(content, name, sha256)


def _read_polygons(content: bytes, name: str, sha256: str) -> RegionSet:
    polygons: dict[str, list[Polygon]] = {}
    for feature in read_geojson(content, source=name):
        own = feature.properties.get("name")
        if not isinstance(own, str) or not own.strip():
            raise InputError(
                _("a reporting region needs a property 'name'"), source=name, record=feature.number
            )
        polygons.setdefault(own.strip(), []).extend(feature.polygons)
    return RegionSet(
        name, "areas", tuple(polygons), areas=tuple(map(tuple, polygons.values())), sha256=sha256
    )


def _read_table(content: bytes, name: str, sha256: str) -> RegionSet:
    with Source(BytesIO(content), name) as opened:
        table = read_table(opened, narrow_rows=True, no_rows=True)
    by_country, by_site = table.has(_COUNTRY), table.has(_SITE)
    if not table.has(_REGION) or by_country == by_site:
        raise InputError(
            _("found the columns {found}; expected region, and either country or site").format(
                found=", ".join(table.header) or "-"
            ),
            source=name,
            line=table.line,
        )
    column = _COUNTRY if by_country else _SITE
    names: list[str] = []
    members: dict[str, int] = {}
    for record in table.records(_REGION, column, pass_blank=True):
        member, region = record[column], record[_REGION]
        if by_country:
            member = known_country(member, source=name, line=record.line)
        if region and region not in names:
            names.append(region)
        if (
            not region
            or not member
            or members.get(member, names.index(region)) != names.index(region)
        ):
            raise InputError(
                _("{member}: one region is expected").format(member=member or "-"),
                source=name,
                line=record.line,
            )
        members[member] = names.index(region)
    if not members:
        raise InputError(_("the table has no region"), source=name)
    return RegionSet(
        name, "country_table" if by_country else "site_table", tuple(names), members, sha256=sha256
    )


class RegionReporter:
    """Gives the posterior of regions for surfaces of one grid.

    Parameters
    ----------
    grid : Grid
        Of the surfaces.
    confidence : float
        Posterior from which on a region is named.
    calibration : RegionCalibration, optional
        None where nothing was left out to calibrate on: the posterior is that of the map.
    stray : float
        Share of the posteriors that is spread as the prior, whatever the evidence.
    """

    def __init__(
        self,
        regions: RegionSet,
        grid: Grid,
        sites: Sites,
        *,
        confidence: float,
        calibration: "RegionCalibration | None" = None,
        stray: float = 0.0,
    ) -> None:
        self.regions, self.confidence, self.calibration = regions, confidence, calibration
        self.stray = stray
        self.areas = MapAreas(grid, regions, sites)

    def answer(self, surface: Surface, prior: np.ndarray) -> RegionAnswer:
        """Return the regions of one posterior.

        Parameters
        ----------
        surface : Surface
            On the grid of the reporter.
        prior : numpy.ndarray of float64, shape (cells,)
            Of its allowed cells; sums to 1.
        """
        allowed, areas = surface.grid.spread(prior), self.areas
        before = np.array([allowed[cells].sum() for cells in areas.cells])
        posteriors, most = areas.share(surface), None
        if self.calibration is not None:
            posteriors = self.calibration.apply(posteriors, before)
            top = int(greatest(posteriors))
            all_there = self.stray * before
            all_there[top] += 1 - self.stray
            most = float(self.calibration.apply(all_there, before)[top])
        named = smallest_set(posteriors, self.confidence)
        shares = []
        for label, animals, sites, nearest, mass, prior_mass, is_named in zip(
            areas.labels, areas.animals, areas.sites, areas.nearest_km, posteriors.tolist(),
            before.tolist(), named.tolist(),
        ):  # fmt: skip
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
            # The last digit of a sum of floats may go beyond 1.
            probability=min(1.0, float(posteriors[named].sum())),
            shares=tuple(shares),
            measured=None if self.calibration is None else self.calibration.measured,
            most=most,
        )

    @property
    def rank(self) -> str:
        """What a named region is, of `forensics.origin.results`."""
        return "state" if self.regions.kind == "countries" else "region"


def outline_cells(grid: Grid, mask: np.ndarray, *, cut: bool = True) -> list[Polygon]:
    """Return the outline of a set of cells, a polygon for each connected part.

    Parameters
    ----------
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
    from scipy import ndimage

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


# -- calibration on left-out sites -----------------------------------------------------


@dataclass(frozen=True, eq=False)
class LeftOutPosteriors:
    """Posteriors of reference animals, each by a model without the animal's site.

    Attributes
    ----------
    site_of : numpy.ndarray of intp, shape (n,)
        Site of each animal, in the order of the model's sites.
    probabilities : numpy.ndarray of float64, shape (n, cells)
        Of the allowed cells; each row sums to 1.
    priors : numpy.ndarray of float64, shape (S, cells)
        Beforehand, without each site.
    """

    grid: Grid
    site_of: np.ndarray
    probabilities: np.ndarray
    priors: np.ndarray

    def to_arrays(self, prior: str) -> dict[str, np.ndarray]:
        """Return arrays for a model; posteriors in 256 steps of their root, relative to the greatest.

        `prior` is the name of the prior, of `forensics.origin.spatial.PRIORS`.
        """
        roots = np.sqrt(self.probabilities / self.probabilities.max(axis=1, keepdims=True))
        return {
            **pack_arrays(self.grid, "left_out_"),
            "left_out_site": self.site_of.astype(np.int32),
            f"left_out_{prior}_roots": np.round(roots * _LEVELS).astype(np.uint8),
            f"left_out_{prior}_priors": self.priors.astype(np.float32),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], prior: str, *, sites: int
    ) -> "LeftOutPosteriors | None":
        """Return what `to_arrays` wrote; None of a model that has none.

        Raises
        ------
        KeyError, ValueError, UsageError
            If the arrays do not belong together.
        """
        if (name := f"left_out_{prior}_roots") not in arrays:
            return None
        grid = unpack(Grid, {}, arrays, "left_out_")
        site_of = arrays["left_out_site"].astype(np.intp)
        weights = (arrays[name].astype(np.float64) / _LEVELS) ** 2
        totals = weights.sum(axis=1, keepdims=True)
        priors = arrays[f"left_out_{prior}_priors"].astype(np.float64)
        if not (
            weights.shape == (len(site_of), int(grid.inside.sum()))
            and len(site_of) > 0
            and (totals > 0).all()
            and 0 <= site_of.min() <= site_of.max() < sites
            and priors.shape == (sites, weights.shape[1])
            and (priors >= 0).all()
            and np.allclose(priors.sum(axis=1), 1.0, atol=1e-3)
        ):
            raise ValueError(name)
        return cls(grid, site_of, weights / totals, priors)

    def join_sites(self, shared: float) -> "LeftOutPosteriors":
        """Return a posterior a site, by all of its animals together, as for the samples of a seizure.

        Parameters
        ----------
        shared : float
            How far animals of one place repeat each other, see `forensics.origin.tuning`.
        """
        # What was too small to be kept is half of the least step.
        least = self.probabilities.max(axis=1, keepdims=True) * (0.5 / _LEVELS) ** 2
        logs = np.log(np.maximum(self.probabilities, least))
        sites = np.unique(self.site_of)
        rows = []
        for site in sites:
            own, prior = logs[self.site_of == site], self.priors[site]
            with np.errstate(divide="ignore"):
                before = np.log(prior)
            gains = np.where(prior > 0, own - before, 0.0).sum(axis=0)
            log = gains / (1 + (len(own) - 1) * shared) + before
            weights = np.exp(log - log.max())
            rows.append(weights / weights.sum())
        return LeftOutPosteriors(self.grid, sites, np.array(rows), self.priors)

    def share(self, labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return posterior and prior of each region, and of places without one at the end.

        Parameters
        ----------
        labels : numpy.ndarray of int, shape (R, C)
            Region of each cell; -1 for none.
        count : int
            Number of regions K.

        Returns
        -------
        posteriors : numpy.ndarray of float64, shape (n, K + 1)
        priors : numpy.ndarray of float64, shape (n, K + 1)
        """
        own = np.where(labels[self.grid.inside] < 0, count, labels[self.grid.inside])
        member = np.zeros((len(own), count + 1))
        member[np.arange(len(own)), own] = 1.0
        return self.probabilities @ member, (self.priors @ member)[self.site_of]


class LeftOutCollector:
    """Gathers posteriors of animals that were left out, while a reference is evaluated."""

    def __init__(self) -> None:
        self._surfaces: dict[int, tuple[int, np.ndarray]] = {}
        self._priors: dict[int, np.ndarray] = {}
        self._grid: Grid | None = None

    def __call__(self, animal: int, site: int, surface: Surface, prior: np.ndarray) -> None:
        """Take the posterior of an animal by a model without its site, and the prior of the cells."""
        self._priors[site] = prior
        self._grid = surface.grid
        probabilities = surface.probabilities[surface.grid.inside].astype(np.float32)
        self._surfaces[animal] = (site, probabilities)

    def collect(self) -> LeftOutPosteriors | None:
        """Return the posteriors, of at most `MAX_ANIMALS` animals; None where none came."""
        if self._grid is None:
            return None
        animals = sorted(self._surfaces)
        sites = np.array([self._surfaces[animal][0] for animal in animals], dtype=np.intp)
        # Animals in turn from every site: the first of each, the second of each …
        turn = np.zeros(len(animals), dtype=np.intp)
        for site in np.unique(sites):
            turn[sites == site] = np.arange((sites == site).sum())
        kept = np.sort(np.lexsort((sites, turn))[:MAX_ANIMALS])
        probabilities = np.array([self._surfaces[animals[place]][1] for place in kept], dtype=float)
        return LeftOutPosteriors(
            self._grid,
            sites[kept],
            probabilities / probabilities.sum(axis=1, keepdims=True),
            np.array([prior for _site, prior in sorted(self._priors.items())]),
        )


@dataclass(frozen=True, slots=True)
class RegionCalibration:
    """How the posterior of regions was made true.

    Attributes
    ----------
    temper : float
        Power of posterior over prior.
    stray : float
        Share of the posterior that is spread as the prior.
    measured : MeasuredRegions
        At the confidence at which regions are named, by calibrations without the site.
    """

    temper: float
    stray: float
    measured: MeasuredRegions

    def apply(self, posteriors: np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Return calibrated posteriors of regions.

        Parameters
        ----------
        posteriors : numpy.ndarray of float64, shape (..., K)
            That the map gives each region.
        prior : numpy.ndarray of float64, shape (..., K)
        """
        return _apply(posteriors, prior, self.temper, self.stray)


def _apply(posteriors: np.ndarray, prior: np.ndarray, temper: float, stray: float) -> np.ndarray:
    """Return ``(1 - stray) prior (posterior / prior)^temper / sum + stray prior``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = np.where(prior > 0, posteriors / prior, 0.0) ** temper
    weights = prior * gains
    return np.asarray((1 - stray) * weights / weights.sum(axis=-1, keepdims=True) + stray * prior)


def _share_left_out(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return posteriors, prior and true region of each animal that was left out."""
    count = len(regions.names)
    labels = regions.label_places(*left_out.grid.coordinates(), sites)
    own = regions.label_sites(sites)
    truth = np.where(own < 0, count, own)[left_out.site_of]
    posteriors, prior = left_out.share(labels, count)
    present = np.flatnonzero((prior > 0).any(axis=0) | np.isin(np.arange(count + 1), truth))
    place = np.full(count + 1, -1)
    place[present] = np.arange(len(present))
    # A region smaller than a cell of this grid is not impossible beforehand.
    kept = np.maximum(prior[:, present], 1e-6)
    return posteriors[:, present], kept / kept.sum(axis=1, keepdims=True), place[truth]


_Tried = tuple[float, float, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]


def _try_all(posteriors: np.ndarray, prior: np.ndarray, truth: np.ndarray) -> list[_Tried]:
    """Return tempers and stray shares, with the logarithm of the posterior of each animal's true region.

    Beside them, for each of `TARGETS`, whether the set of each animal holds the truth and is a single region.
    """
    rows = np.arange(len(truth))
    tried = []
    for temper, stray in itertools.product(TEMPERS, STRAYS):
        calibrated = _apply(posteriors, prior, temper, stray)
        sets = (smallest_set(calibrated, target) for target in TARGETS)
        held = [(named[rows, truth], named.sum(axis=1) == 1) for named in sets]
        tried.append((temper, stray, np.log(calibrated[rows, truth]), held))
    return tried


def _choose(tried: list[_Tried], site_of: np.ndarray, kept: np.ndarray) -> tuple[float, float]:
    """Return the temper and the stray share of the best score, of kept animals, among those that keep their word.

    Each site counts once. The word is kept where sets at each of `TARGETS` hold the truth so often, and
    single regions are right so often; where no pair does, the pair nearest to it is taken.
    """
    weight = 1.0 / np.bincount(site_of)[site_of[kept]]
    weight /= weight.sum()
    found = []
    for temper, stray, logs, sets in tried:
        word = 0.0
        for target, (is_held, single) in zip(TARGETS, sets):
            is_held, single = is_held[kept], single[kept]
            total = float(weight[single].sum())
            right = float(weight[single] @ is_held[single]) / total if total > 0 else 1.0
            word = min(word, float(weight @ is_held) - target, right - target)
        found.append((word, float(weight @ logs[kept]), temper, stray))
    _word, _score, temper, stray = max(found)
    return temper, stray


def _left_out_of_calibration(
    tried: list[_Tried], posteriors: np.ndarray, prior: np.ndarray, site_of: np.ndarray
) -> np.ndarray:
    """Return posteriors of each animal, calibrated without its site; shape (n, K)."""
    result = np.empty_like(posteriors)
    sites = np.unique(site_of)
    for start in range(min(FOLDS, len(sites))):
        out = np.isin(site_of, sites[start::FOLDS])
        result[out] = _apply(posteriors[out], prior[out], *_choose(tried, site_of, ~out))
    return result


def _measure(
    calibrated: np.ndarray, truth: np.ndarray, site_of: np.ndarray, confidence: float
) -> MeasuredRegions:
    named = smallest_set(calibrated, confidence)
    is_held = named[np.arange(len(truth)), truth]
    single = named.sum(axis=1) == 1
    right = clustered_rate(
        is_held[single & (site_of == site)].tolist() for site in np.unique(site_of)
    )
    return MeasuredRegions(
        animals=len(truth),
        sites=len(np.unique(site_of)),
        named=float(single.mean()),
        right=right.share,
        right_low=right.low,
        right_high=right.high,
        holds=float(is_held.mean()),
    )


def calibrate_regions(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites, *, confidence: float
) -> RegionCalibration | None:
    """Return the calibration of a set of regions; None where all sites are of one region.

    Parameters
    ----------
    sites : Sites
        Of the model.
    confidence : float
        At which regions are named.

    Raises
    ------
    InputError
        If the regions do not fit the sites.
    """
    found = _calibrate(left_out, regions, sites)
    if found is None:
        return None
    temper, stray, calibrated, truth = found
    return RegionCalibration(
        temper, stray, _measure(calibrated, truth, left_out.site_of, confidence)
    )


def _calibrate(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites
) -> tuple[float, float, np.ndarray, np.ndarray] | None:
    """Return temper, stray share, posteriors that are calibrated without the site, and true regions."""
    posteriors, prior, truth = _share_left_out(left_out, regions, sites)
    if len(np.unique(truth)) < 2:
        return None
    site_of = left_out.site_of
    tried = _try_all(posteriors, prior, truth)
    temper, stray = _choose(tried, site_of, np.ones(len(truth), dtype=bool))
    return temper, stray, _left_out_of_calibration(tried, posteriors, prior, site_of), truth


def evaluate_regions(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites
) -> dict[str, Any]:
    """Return figures of a set of regions as plain values, for the card; empty where nothing can be stated.

    Of each of `CONFIDENCES`: how often a single region is named and right, and how often the set holds
    the truth; and a row a region. Every animal is calibrated without its site, but for the greatest posterior,
    which shows what the calibration of the model leaves at most.
    """
    found = _calibrate(left_out, regions, sites)
    if found is None:
        return {}
    temper, stray, calibrated, truth = found
    shared = _share_left_out(left_out, regions, sites)[:2]
    names = (*regions.names, "outside every region")
    count = len(regions.names)
    own = regions.label_sites(sites)
    own = np.where(own < 0, count, own)[left_out.site_of]
    rows = []
    best = greatest(calibrated, axis=1)
    for label in np.unique(own):
        here = own == label
        rows.append(
            {
                "region": names[label],
                "animals": int(here.sum()),
                "sites": len(np.unique(left_out.site_of[here])),
                "mean posterior": float(calibrated[here, truth[here]].mean()),
                "most probable": float((best[here] == truth[here]).mean()),
            }
        )
    return {
        "regions": regions.name,
        "temper": temper,
        "stray": stray,
        "greatest posterior": float(_apply(*shared, temper, stray).max()),
        "by confidence": [
            _row_of_measure(confidence, _measure(calibrated, truth, left_out.site_of, confidence))
            for confidence in CONFIDENCES
        ],
        "by region": rows,
    }


def _row_of_measure(confidence: float, measured: MeasuredRegions) -> dict[str, Any]:
    return {
        "confidence": confidence,
        "animals": measured.animals,
        "single region": measured.named,
        "right": measured.right,
        "low": measured.right_low,
        "high": measured.right_high,
        "set holds": measured.holds,
    }


def pack_regions(regions: RegionSet) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return plain values (for JSON) and arrays (for NPZ)."""
    values = to_stored(regions)
    if regions.kind != "areas":
        return values, {}
    polygons = [(place, rings) for place, own in enumerate(regions.areas) for rings in own]
    rings = [ring for _place, own in polygons for ring in own]
    polygon_of_ring = np.repeat(np.arange(len(polygons)), [len(own) for _place, own in polygons])
    return values, {
        "region_corners": np.concatenate(rings),
        "region_sizes": np.array([len(ring) for ring in rings], dtype=np.int64),
        "region_of_ring": np.array([place for place, _own in polygons], dtype=np.int64)[
            polygon_of_ring
        ],
        "region_polygon_of_ring": polygon_of_ring.astype(np.int64),
    }


def unpack_regions(values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> RegionSet:
    """Return what `pack_regions` took apart.

    Raises
    ------
    KeyError, TypeError, ValueError, IndexError, InputError
        If something is missing or does not fit together.
    """
    regions = from_stored(RegionSet, values)
    count = len(regions.names)
    is_sound = regions.kind in REGION_KINDS and all(
        0 <= place < count for place in regions.members.values()
    )
    if regions.kind == "areas":
        corners = arrays["region_corners"].astype(np.float64)
        ends = np.cumsum(arrays["region_sizes"].astype(np.int64))
        places = arrays["region_of_ring"].astype(np.int64)
        polygons = arrays["region_polygon_of_ring"].astype(np.int64)
        is_sound = (
            is_sound
            and corners.shape == (int(ends[-1]), 2)
            and bool(np.isfinite(corners).all())
            and places.shape == polygons.shape == ends.shape
            and 0 <= places.min() <= places.max() < count
            and bool((np.diff(ends, prepend=0) >= 3).all())
        )
    if not is_sound or not count:
        raise ValueError(f"regions {regions.kind!r}")
    if regions.kind != "areas":
        return regions
    areas: list[dict[int, list[np.ndarray]]] = [{} for _name in regions.names]
    for place, polygon, ring in zip(
        places.tolist(), polygons.tolist(), np.split(corners, ends[:-1])
    ):
        areas[place].setdefault(polygon, []).append(ring)
    return replace(regions, areas=tuple(tuple(map(tuple, own.values())) for own in areas))
