"""What a map shows, in degrees: drawn by `forensics.origin.figures` and `forensics.origin.map_page` alike."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import ndimage

from forensics.messages import N_, _, numeral
from forensics.origin.country_names import country_in_words
from forensics.origin.geography import LEVELS, Grid, Surface
from forensics.origin.globe import EARTH_RADIUS_KM
from forensics.origin.outlines import countries, countries_of
from forensics.origin.polygons import Polygon
from forensics.origin.region_outlines import outline_cells

__all__ = [
    "BORDER",
    "FRAME",
    "LAND",
    "LEVEL_STYLES",
    "NAME",
    "POINT",
    "RAMP",
    "RANGE",
    "SEA",
    "SITE",
    "GraticuleLine",
    "MapLayout",
    "View",
    "lay_out",
    "legend_texts",
    "show_degrees",
]

LAND, SEA, BORDER, SITE, POINT = "#f4f2ec", "#dfe8ee", "#8a8a8a", "#1d4e89", "#000000"
NAME, RANGE, FRAME = "#5c5c5c", "#2b7a4b", "#1a1a1a"
RAMP = (
    "#fdf3e1", "#fbe4c1", "#f8d09a", "#f3b873", "#ea9c50", "#db7d35", "#c45f24", "#a54619", "#823212",
    "#5e210d",
)  # fmt: skip
"""Colours of the posterior from a tenth of its greatest density to all of it; distinguished in grey too."""
LEVEL_STYLES = {
    0.50: ("#3d1403", 1.8, ""),
    0.90: ("#3d1403", 1.1, ""),
    0.95: ("#3d1403", 0.9, "4 2"),
}
"""Colour, width (points) and dashes of the outline of each region."""

# Densities below this share of the greatest are not shaded.
_MIN_SHADE = 0.02
_MIN_SPAN = 1.0  # degrees shown at least
_MARGIN = 0.04  # of the extent, around what is shown
# A region whose frame has less than this share of the map is shown enlarged, too.
_MAX_ENLARGED = 0.03
_MIN_ENLARGED = 1.7  # times; less is not worth the room
_AROUND = 0.25  # of the region's extent, on each side of it
_INSET = 0.38  # side of the inset, as a share of the map
_INSET_MARGIN = 0.015
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0)
_LATTICE = 140  # points a side by which the places of names are found
_LETTER = 0.005  # half the width of a letter, as a share of the view
_MIN_NAMED = 0.0035  # share of the view that a country has to have for its name to be written


@dataclass(frozen=True, slots=True)
class View:
    """What is shown: degrees, west to east ascending, east beyond 180 across the antimeridian."""

    west: float
    east: float
    south: float
    north: float

    @property
    def shrink(self) -> float:
        """Length of a degree of longitude in the middle, in degrees of latitude."""
        return max(0.1, math.cos(math.radians((self.south + self.north) / 2)))

    @property
    def shape(self) -> float:
        """Height by width of the map as drawn."""
        return (self.north - self.south) / ((self.east - self.west) * self.shrink)


@dataclass(frozen=True, slots=True)
class GraticuleLine:
    """A parallel or a meridian: degrees on the map, and its label."""

    degrees: float
    label: str


@dataclass(frozen=True, eq=False)
class MapLayout:
    """Everything on one map.

    Attributes
    ----------
    grid : Grid
    view : View
    lands : tuple of (str, tuple of numpy.ndarray)
        Name and rings of the countries in view.
    names : tuple of (str, float, float)
        Name of a country, longitude and latitude of the middle of its part in view, the largest first.
    meridians, parallels : tuple of GraticuleLine
    scale : tuple of (float, float)
        Length of the scale bar in km, and in degrees of longitude at the middle of the map.
    shades : numpy.ndarray of int8, shape (R, C)
        Place in `RAMP` of each cell; -1 where the posterior is too small to be shaded.
    regions : dict of float to list of Polygon
        Outline of the region of each level.
    range : list of Polygon
        Outline of the places that are possible.
    sites : tuple of (float, float)
        Longitude and latitude.
    point : tuple of (float, float), or None
        The point estimate: longitude and latitude.
    inset : MapLayout or None
        The part around the 95 % region, where that is small on the map.
    inset_box : tuple of float
        Left, bottom, width and height of the inset, in shares of the map.
    """

    grid: Grid
    view: View
    lands: tuple[tuple[str, tuple[np.ndarray, ...]], ...]
    names: tuple[tuple[str, float, float], ...]
    meridians: tuple[GraticuleLine, ...]
    parallels: tuple[GraticuleLine, ...]
    scale: tuple[float, float]
    shades: np.ndarray
    regions: dict[float, list[Polygon]]
    range: list[Polygon]
    sites: tuple[tuple[float, float], ...]
    point: tuple[float, float] | None
    inset: "MapLayout | None" = None
    inset_box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


def lay_out(
    surface: Surface,
    sites: tuple[Sequence[float], Sequence[float]] = ((), ()),
) -> MapLayout:
    """Return what the map of a posterior shows.

    Parameters
    ----------
    surface : Surface
    sites : latitudes and longitudes, degrees
        Of the reference animals or known-origin samples.
    """
    grid = surface.grid
    range_ = outline_cells(grid, grid.inside, cut=False)
    layout = _lay_out(surface, sites, range_, _view_of(range_))
    part = _part_to_enlarge(layout)
    if part is None:
        return layout
    box = _place_inset(layout, part)
    if box[2] * (layout.view.east - layout.view.west) < _MIN_ENLARGED * (part.east - part.west):
        return layout
    return replace(layout, inset=_lay_out(surface, sites, range_, part), inset_box=box)


def _lay_out(
    surface: Surface,
    sites: tuple[Sequence[float], Sequence[float]],
    range_: list[Polygon],
    view: View,
) -> MapLayout:
    """Return what a view of a posterior shows."""
    grid = surface.grid
    placed = tuple(
        (_unroll(longitude, view), latitude)
        for latitude, longitude in zip(*sites)
        if view.south <= latitude <= view.north and _unroll(longitude, view) <= view.east
    )
    latitude, longitude = surface.point()
    point = (_unroll(longitude, view), latitude) if math.isfinite(latitude) else None
    degree = math.radians(1.0) * EARTH_RADIUS_KM
    return MapLayout(
        grid=grid,
        view=view,
        lands=_lands_in(view),
        names=_place_names(view, point),
        meridians=_graticule(view.west, view.east, (N_("{degrees}°E"), N_("{degrees}°W"))),
        parallels=_graticule(view.south, view.north, (N_("{degrees}°N"), N_("{degrees}°S"))),
        scale=_scale((view.east - view.west) * view.shrink * degree, degree * view.shrink),
        shades=_shade(surface),
        regions={
            level: outline_cells(grid, surface.region(level), cut=False) for level in sorted(LEVELS)
        },
        range=range_,
        sites=placed,
        point=point,
    )


def show_degrees(latitude: float, longitude: float) -> str:
    """Return a place in degrees with the sides of the world, such as ``3.2°S, 14.9°E``."""
    parts = (
        (latitude, (N_("{degrees}°N"), N_("{degrees}°S"))),
        (longitude, (N_("{degrees}°E"), N_("{degrees}°W"))),
    )
    return ", ".join(_label(value, sides, ".1f") for value, sides in parts)


def legend_texts(point: tuple[float, float] | None = None) -> dict[str, str]:
    """Return the words of the legend, by what they are of.

    Parameters
    ----------
    point : tuple of float, optional
        Longitude and latitude of the point estimate, where a legend is of one map.
    """
    middle = _("middle of the posterior")
    if point is not None:
        middle = _("{label}: {text}").format(label=middle, text=show_degrees(point[1], point[0]))
    return {
        "density": _("posterior density, share of the greatest"),
        **{f"{level:g}": _("{level:.0%} region").format(level=level) for level in sorted(LEVELS)},
        "range": _("border of the places that are possible"),
        "site": _("reference site"),
        "point": middle,
        "inset": _("the framed part, enlarged"),
    }


def _view_of(range_: list[Polygon]) -> View:
    corners = np.concatenate([polygon[0] for polygon in range_])
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    wide = max(_MIN_SPAN, east - west) * (1 + 2 * _MARGIN)
    high = max(_MIN_SPAN, north - south) * (1 + 2 * _MARGIN)
    middle = (west + east) / 2
    wide = min(wide, 360.0)
    centre = (south + north) / 2
    return View(
        middle - wide / 2, middle + wide / 2, max(-90.0, centre - high / 2),
        min(90.0, centre + high / 2),
    )  # fmt: skip


def _part_to_enlarge(layout: MapLayout) -> View | None:
    """Return the part of a map around its 95 % region; None where that is not small."""
    view, (down, across) = layout.view, layout.grid.steps
    corners = np.concatenate([polygon[0] for polygon in layout.regions[max(LEVELS)]])
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    share = (east - west) * (north - south)
    share /= (view.east - view.west) * (view.north - view.south)
    if share > _MAX_ENLARGED:
        return None
    wide = (east - west) + 2 * max(_AROUND * (east - west), 2 * across)
    high = (north - south) + 2 * max(_AROUND * (north - south), 2 * down)
    # Neither a stripe nor a column: the shorter side has half of the longer.
    shrink = max(0.1, math.cos(math.radians((south + north) / 2)))
    wide, high = max(wide, high / shrink / 2), max(high, wide * shrink / 2)
    middle = (west + east) / 2, (south + north) / 2
    return View(
        middle[0] - wide / 2, middle[0] + wide / 2, max(-90.0, middle[1] - high / 2),
        min(90.0, middle[1] + high / 2),
    )  # fmt: skip


def _place_inset(layout: MapLayout, part: View) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of the inset, in the corner where it hides least."""
    view = layout.view
    wide = _INSET
    high = wide * part.shape / view.shape
    if high > _INSET:
        wide, high = wide * _INSET / high, _INSET
    rows, columns = np.nonzero(layout.shades >= 0)
    across = (layout.grid.longitudes[columns] - view.west) / (view.east - view.west)
    up = (layout.grid.latitudes[rows] - view.south) / (view.north - view.south)
    sites = np.array(layout.sites).reshape(-1, 2)
    site_across = (sites[:, 0] - view.west) / (view.east - view.west)
    site_up = (sites[:, 1] - view.south) / (view.north - view.south)
    right, top = 1 - wide - _INSET_MARGIN, 1 - high - _INSET_MARGIN

    def hidden(corner: tuple[float, float]) -> float:
        left, bottom = corner
        over = (left - 0.02 < across) & (across < left + wide + 0.02)
        over &= (bottom - 0.02 < up) & (up < bottom + high + 0.02)
        on_sites = (left < site_across) & (site_across < left + wide)
        on_sites &= (bottom < site_up) & (site_up < bottom + high)
        return float(1000.0 * over.mean() + on_sites.sum())

    # The scale bar stands in the lower left corner.
    left, bottom = min(
        ((right, _INSET_MARGIN), (right, top), (_INSET_MARGIN, top), (_INSET_MARGIN, 0.12)),
        key=hidden,
    )
    return left, bottom, wide, high


def _unroll(longitude: float, view: View) -> float:
    """Return a longitude as the map has it, at or east of its western side."""
    return longitude + 360.0 * math.ceil((view.west - longitude) / 360.0)


def _shade(surface: Surface) -> np.ndarray:
    share = surface.density / surface.density.max()
    shades = np.clip(np.ceil(share * len(RAMP)) - 1, 0, len(RAMP) - 1)
    return np.where(share >= _MIN_SHADE, shades, -1).astype(np.int8)


@lru_cache(maxsize=4)
def _lands_in(view: View) -> tuple[tuple[str, tuple[np.ndarray, ...]], ...]:
    """Return the countries of a view with their rings."""
    lands = []
    for turn in (-360.0, 0.0, 360.0):  # a grid may reach beyond 180 degrees
        for country in countries():
            rings = tuple(
                ring + (turn, 0.0)
                for ring in country.rings
                if ring[:, 0].max() + turn >= view.west
                and ring[:, 0].min() + turn <= view.east
                and ring[:, 1].max() >= view.south
                and ring[:, 1].min() <= view.north
            )
            if rings:
                lands.append((country.name, rings))
    return tuple(lands)


@lru_cache(maxsize=4)
def _lattice_of(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of points over a view, and the country of each."""
    shape = view.shape
    rows = max(8, round(_LATTICE * min(1.0, shape)))
    columns = max(8, round(_LATTICE / max(1.0, shape)))
    north = view.north - (view.north - view.south) * (np.arange(rows) + 0.5) / rows
    east = view.west + (view.east - view.west) * (np.arange(columns) + 0.5) / columns
    where, _outside = countries_of(*np.meshgrid(north, east, indexing="ij"), near_km=0.0)
    return east, north, where


def _place_names(
    view: View, point: tuple[float, float] | None
) -> tuple[tuple[str, float, float], ...]:
    """Return for each country the point of its part in view that is farthest from the border.

    Names keep away from the sides of the map, from the point estimate and from each other.
    """
    east, north, where = _lattice_of(view)
    across = (east - view.west) / (view.east - view.west)
    down = (north - view.south) / (view.north - view.south)
    is_free = (np.abs(down - 0.5) < 0.46)[:, None] & (np.abs(across - 0.5) < 0.45)
    if point is not None:
        beside = np.abs(east - point[0]) / (view.east - view.west) < 0.075
        level = np.abs(north - point[1]) / (view.north - view.south) < 0.04 / view.shape
        is_free &= ~(level[:, None] & beside)
    labels, sizes = np.unique(where[where >= 0], return_counts=True)
    result: list[tuple[str, float, float]] = []
    for label in labels[np.argsort(-sizes, kind="stable")]:
        mask, name = where == label, country_in_words(countries()[label].name)
        if mask.mean() < _MIN_NAMED:
            break
        free = mask & is_free
        for other, placed_east, placed_north in result:
            wide = (len(name) + len(other)) * _LETTER * (view.east - view.west)
            beside = np.abs(east - placed_east) < wide
            level = np.abs(north - placed_north) < 0.03 / view.shape * (view.north - view.south)
            free &= ~(level[:, None] & beside)
        if not free.any():
            continue
        depth = ndimage.distance_transform_edt(np.pad(free, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        result.append((name, float(east[column]), float(north[row])))
    return tuple(result)


def _graticule(low: float, high: float, sides: tuple[str, str]) -> tuple[GraticuleLine, ...]:
    """Return lines at whole steps, four to seven of them."""
    span = high - low
    step = next((step for step in _STEPS if span / step <= 6.5), 60.0)
    digits = ".1f" if step < 1 else ".0f"
    first = math.ceil(low / step - 1e-9)
    return tuple(
        GraticuleLine(number * step, _label(number * step, sides, digits))
        for number in range(first, math.floor(high / step + 1e-9) + 1)
    )


def _label(degrees: float, sides: tuple[str, str], digits: str) -> str:
    if degrees > 180.0:
        degrees -= 360.0
    text = _(sides[0]) if degrees >= 0 else _(sides[1])
    if round(degrees, 1) == 0 or abs(degrees) == 180.0:
        text = "{degrees}°"
    return text.format(degrees=numeral(abs(degrees), digits))


def _scale(width_km: float, degree_km: float) -> tuple[float, float]:
    """Return the length of a scale bar of about a quarter of the width: km, degrees of longitude."""
    most = width_km / 4
    power = 10.0 ** math.floor(math.log10(most))
    length = max(factor * power for factor in (1, 2, 5) if factor * power <= most)
    return length, length / degree_km
