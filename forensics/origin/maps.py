"""Maps of where samples came from: pictures, sheets of A4, a page of HTML, and files for other programs.

A `MapLayout` says once what a map shows, in degrees; pictures and page draw it alike. A sheet has the map of a
sample, the result in words and what cannot be said, for a court file (PDF) or a telephone (PNG). The page works with
no network; samples are chosen in a list. It holds a drawing in SVG, and some lines of script that show one sample at
a time. Without script all samples are shown, one below the other, so that it can be printed. GeoTIFF, GeoJSON and CSV
have the posterior for geographic information systems.
"""

import io
import json
import math
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from forensics.core.stored import to_stored
from forensics.drawing import check_figure_file, save_figure
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath, write_new
from forensics.io.numbers import RowWriter
from forensics.messages import N_, Share, _, ngettext, numeral, thousands
from forensics.origin.geography import EARTH_RADIUS_KM, LEVELS, Coordinates, Grid, Surface
from forensics.origin.isoscape import import_rasterio
from forensics.origin.options import POINT_ESTIMATE
from forensics.origin.outlines import countries, countries_of, country_in_words
from forensics.origin.polygons import Polygon
from forensics.origin.regions import outline_cells
from forensics.origin.results import IsotopeOrigin, Origin, PlaceOrigin
from forensics.paper import document, escaped, facts, heading, paragraph, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


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

OUTLINES = N_("Outlines: Natural Earth 1:110 million, coarse; they do not show legal borders.")
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

    @classmethod
    def around(cls, middle: tuple[float, float], wide: float, high: float) -> "View":
        """Return a view of so many degrees around a longitude and a latitude, which ends at the poles."""
        east, north = middle
        return cls(
            east - wide / 2,
            east + wide / 2,
            max(-90.0, north - high / 2),
            min(90.0, north + high / 2),
        )

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
    lands : tuple of (str, tuple of numpy.ndarray)
        Name and rings of the countries in view.
    names : tuple of (str, float, float)
        Name of a country, longitude and latitude of the middle of its part in view, the largest first.
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
    sites: Coordinates = ((), ()),
) -> MapLayout:
    """Return what the map of a posterior shows.

    Parameters
    ----------
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
    sites: Coordinates,
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
    return View.around(((west + east) / 2, (south + north) / 2), min(wide, 360.0), high)


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
    return View.around(((west + east) / 2, (south + north) / 2), wide, high)


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


# More maps than this on one page cannot be read; the HTML map shows one after the other.
MAX_PANELS = 12
_PANEL = 4.6  # inches
_LEGEND_ROW = 0.18  # inches; the frame of an inset makes the legend a row higher
# Up to so many characters of a line of a name of a country.
_NAME_WIDTH = 14


def save_map(
    results: Sequence[Origin],
    path: Path,
    *,
    sites: Coordinates = ((), ()),
    title: str = "",
) -> None:
    """Draw a panel a sample; the same results give the same bytes.

    Parameters
    ----------
    results : sequence of Origin
        Of those without a surface a panel says so.
    path : path
        A new file that ends in one of `forensics.drawing.DRAWN`; it appears only when it is complete.
    sites : latitudes and longitudes, degrees
        Of the reference animals or known-origin samples.
    title : str
        Model and version.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`, or if there are too many samples for a page.
    """
    path = Path(path)
    check_figure_file(path)
    if len(results) > MAX_PANELS:
        raise UsageError(
            _(
                "{count} samples do not fit on one page of {most}; ask for an .html map, which "
                "shows one after the other."
            ).format(count=len(results), most=MAX_PANELS)
        )
    import matplotlib
    from matplotlib.figure import Figure

    layouts = [
        None if result.surface is None else lay_out(result.surface, sites) for result in results
    ]
    columns = min(len(results), 3)
    rows = -(-len(results) // columns)
    width = max(6.5, columns * _PANEL)
    # Panels as high as their maps, so that a page is not mostly empty.
    shapes = [layout.view.shape for layout in layouts if layout is not None]
    high = min(1.3, max(0.45, max(shapes, default=0.45))) * width / columns + 0.45
    with matplotlib.rc_context({"svg.hashsalt": "forensics", "font.size": 8}):
        has_inset = any(layout is not None and layout.inset is not None for layout in layouts)
        low = _LEGEND_ROW if has_inset else 0.0
        figure = Figure(figsize=(width, rows * high + 1.45 + low))
        tall = figure.get_figheight()
        grid = figure.subplots(rows, columns, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(results):
                _draw_panel(axes, results[place], layouts[place], font=6.5 if columns == 1 else 5.5)
            else:
                axes.set_axis_off()
        figure.legend(
            handles=legend_handles(
                layouts[0].point if len(layouts) == 1 and layouts[0] else None,
                has_inset=has_inset,
            ),
            loc="lower center", ncol=3, frameon=False, fontsize=7.5,
            bbox_to_anchor=(0.5, 0.28 / tall),
        )  # fmt: skip
        draw_ramp(figure, (0.34, (0.86 + low) / tall, 0.32, 0.09 / tall), font=7)
        count = ngettext("{count} sample", "{count} samples", len(results)).format(
            count=len(results)
        )
        figure.suptitle(f"{title}  ·  {count}" if title else count, fontsize=10)
        figure.text(
            0.5, 0.1 / tall,
            _(OUTLINES),
            ha="center", fontsize=7, color="#555555",
        )  # fmt: skip
        figure.subplots_adjust(
            left=0.06,
            right=0.98,
            bottom=(1.25 + low) / tall,
            top=1 - 0.55 / tall,
            hspace=0.2,
            wspace=0.15,
        )
        save_figure(figure, path, dpi=130)


def draw_map(axes: Any, result: Origin, sites: Coordinates) -> None:
    """Draw the map of a sample, with the sites of the reference, on axes."""
    layout = None if result.surface is None else lay_out(result.surface, sites)
    _draw_panel(axes, result, layout, font=6.5)


def _draw_panel(axes: Any, result: Origin, layout: MapLayout | None, *, font: float) -> None:
    """Draw a map under the name of its sample; where there is none, the result in a sentence."""
    axes.set_title(result.sample, fontsize=9)
    if layout is None:
        axes.text(0.5, 0.5, result.headline(), ha="center", va="center", wrap=True)
        axes.set_axis_off()
        return
    draw_layout(axes, layout, font=font)


def draw_layout(axes: Any, layout: MapLayout, *, font: float) -> None:
    """Draw a map on axes of matplotlib, with its inset if it has one.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    font : float
        Size of the names of countries, points.
    """
    _draw_view(axes, layout, font=font)
    view = layout.view
    axes.set_xticks([line.degrees for line in layout.meridians],
                    [line.label for line in layout.meridians])  # fmt: skip
    axes.set_yticks([line.degrees for line in layout.parallels],
                    [line.label for line in layout.parallels])  # fmt: skip
    axes.tick_params(labelsize=6.5, length=2)
    axes.grid(color="#9fb3c1", linewidth=0.35, zorder=2)
    axes.set_axisbelow(False)
    axes.set_xlim(view.west, view.east)
    axes.set_ylim(view.south, view.north)
    if layout.inset is None:
        return
    from matplotlib.patches import Rectangle

    part = layout.inset.view
    axes.add_patch(
        Rectangle((part.west, part.south), part.east - part.west, part.north - part.south,
                  fill=False, edgecolor=FRAME, linewidth=1.0, zorder=11)
    )  # fmt: skip
    inset = axes.inset_axes(layout.inset_box, zorder=12)
    _draw_view(inset, layout.inset, font=font - 0.5, is_inset=True)
    inset.set_xticks([])
    inset.set_yticks([])
    for side in inset.spines.values():
        side.set_edgecolor(FRAME)
        side.set_linewidth(1.2)


def _draw_view(axes: Any, layout: MapLayout, *, font: float, is_inset: bool = False) -> None:
    """Draw what a view shows, without degrees."""
    from matplotlib.patheffects import withStroke

    view = layout.view
    axes.set_facecolor(SEA)
    for _name, rings in layout.lands:
        for ring in rings:
            axes.fill(ring[:, 0], ring[:, 1], facecolor=LAND, edgecolor="none", zorder=1)
        _draw_rings(axes, [rings], color=BORDER, linewidth=0.5, zorder=3)
    _draw_cells(axes, layout)
    dotted = (0, (1, 1.5))
    _draw_rings(axes, layout.range, color=RANGE, linewidth=0.9, linestyle=dotted, zorder=3)
    for level, polygons in layout.regions.items():
        _draw_rings(axes, polygons, **_line_style(level), zorder=5)
    white = [withStroke(linewidth=1.6, foreground="white", alpha=0.75)]
    for name, east, north in layout.names:
        axes.text(
            east, north, _break_name(name), fontsize=font, color=NAME, ha="center", va="center",
            zorder=6, path_effects=white, clip_on=True, linespacing=0.95,
        )  # fmt: skip
    if layout.sites:
        axes.plot(*zip(*layout.sites), "o", color=SITE, markersize=2.6, markeredgecolor="white",
                  markeredgewidth=0.4, zorder=7)  # fmt: skip
    if layout.point is not None:
        axes.plot(*layout.point, "x", color="white", markersize=9.0, markeredgewidth=3.4, zorder=8)
        axes.plot(*layout.point, "x", color=POINT, markersize=8.0, markeredgewidth=1.8, zorder=9)
    axes.set_xlim(view.west, view.east)
    axes.set_ylim(view.south, view.north)
    axes.set_aspect(1.0 / view.shrink)
    _draw_scale(axes, layout, white, is_inset=is_inset)


def _draw_rings(axes: Any, polygons: Iterable[Iterable[np.ndarray]], **style: Any) -> None:
    for rings in polygons:
        for ring in rings:
            axes.plot(ring[:, 0], ring[:, 1], **style)


def _line_style(level: float) -> dict[str, Any]:
    """Return how the outline of a region is drawn."""
    colour, width, dashes = LEVEL_STYLES[level]
    style = (0, tuple(map(float, dashes.split()))) if dashes else "-"
    return {"color": colour, "linewidth": width, "linestyle": style}


def _draw_cells(axes: Any, layout: MapLayout) -> None:
    import numpy as np
    from matplotlib.colors import ListedColormap

    shades = np.ma.masked_less(layout.shades, 0)
    axes.pcolormesh(
        layout.grid.longitudes, layout.grid.latitudes, shades, cmap=ListedColormap(list(RAMP)), vmin=-0.5,
        vmax=len(RAMP) - 0.5, alpha=0.85, zorder=2.5, shading="nearest", rasterized=True,
    )  # fmt: skip


def _draw_scale(axes: Any, layout: MapLayout, white: list[Any], *, is_inset: bool = False) -> None:
    """Draw a bar of whole km in the lower left corner; in an inset its text begins where the bar does."""
    kilometres, degrees = layout.scale
    view = layout.view
    west = view.west + 0.03 * (view.east - view.west)
    south = view.south + 0.045 * (view.north - view.south)
    half = degrees / 2
    axes.plot([west, west + degrees], [south, south], color="black", linewidth=3.2, zorder=9,
              solid_capstyle="butt")  # fmt: skip
    axes.plot([west + half, west + degrees - half * 0.02], [south, south], color="white",
              linewidth=2.0, zorder=10, solid_capstyle="butt")  # fmt: skip
    axes.annotate(
        _("{distance} km").format(distance=thousands(kilometres)),
        (west if is_inset else west + degrees / 2, south),
        xytext=(0, 3.5), textcoords="offset points", ha="left" if is_inset else "center", va="bottom", fontsize=6.5,
        zorder=10, path_effects=white,
    )  # fmt: skip


def _break_name(name: str) -> str:
    """Return a long name in two lines or more."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > _NAME_WIDTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def legend_handles(
    point: tuple[float, float] | None = None, *, has_inset: bool = False
) -> "list[Line2D]":
    """Return what the legend shows beside the ramp of colours; `point` as for `legend_texts`."""
    from matplotlib.lines import Line2D

    texts = legend_texts(point)
    handles = [
        Line2D([], [], **_line_style(level), label=texts[f"{level:g}"])
        for level in sorted(LEVEL_STYLES)
    ]
    if has_inset:
        handles.append(
            Line2D([], [], color=FRAME, marker="s", markersize=6, markerfacecolor="none",
                   linestyle="", label=texts["inset"])
        )  # fmt: skip
    return [
        *handles,
        Line2D([], [], color=RANGE, linewidth=1.2, linestyle=(0, (1, 1.2)), label=texts["range"]),
        Line2D([], [], color=SITE, marker="o", markersize=3, linestyle="", label=texts["site"]),
        Line2D([], [], color=POINT, marker="x", linestyle="", label=texts["point"]),
    ]


def draw_ramp(figure: Any, box: tuple[float, float, float, float], *, font: float) -> None:
    """Draw the colours of the posterior from nothing to its greatest density, with their meaning.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    box : tuple of float
        Left, bottom, width and height, in shares of the figure.
    font : float
        Size of the words, points.
    """
    import numpy as np
    from matplotlib.colors import ListedColormap

    axes = figure.add_axes(box)
    axes.imshow(np.arange(len(RAMP))[None, :], cmap=ListedColormap(list(RAMP)), aspect="auto",
                extent=(0, 1, 0, 1))  # fmt: skip
    axes.set_yticks([])
    axes.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    axes.tick_params(labelsize=font - 0.5, length=2, pad=1)
    axes.set_title(legend_texts()["density"], fontsize=font, pad=2)


SHEETS = (".pdf", ".png", ".svg")
"""Endings of names of files; a PDF has a page a sample, the others are of one sample."""

_WIDE, _HIGH = 8.27, 11.69  # inches, A4
_SIDE = 0.6  # inches, margin
_SIZES = (8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5)  # points, the largest that fits
_MIN_MAP = 2.6  # inches
_MAX_MAP = 5.6
_SHEET_LEGEND_ROW = 0.16  # inches; the frame of an inset makes the legend a row higher
_LABEL = 1.25  # inches, column of labels
_SHEET_LETTER = 0.56  # width of a letter, in sizes of the font
_LINE = 1.38  # height of a line, in sizes of the font


def save_sheets(
    results: Sequence[Origin],
    path: Path,
    *,
    sites: Coordinates = ((), ()),
    title: str = "",
) -> None:
    """Draw a sheet a sample; the same results give the same bytes.

    Parameters
    ----------
    results : sequence of Origin
        Of those without a surface the sheet has no map, and says why.
    path : path
        A new file that ends in one of `SHEETS`.
    sites : latitudes and longitudes, degrees
        Of the reference animals or known-origin samples.
    title : str
        Model and version.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`, or if several samples are to stand in something else than a PDF.
    """
    path = Path(path)
    check_figure_file(path, known=SHEETS)
    if len(results) != 1 and path.suffix.lower() != ".pdf":
        raise UsageError(_("a sheet of several samples is a .pdf; {path} is not").format(path=path))
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "forensics", "font.size": 8, "pdf.fonttype": 42}):
        figures = [draw_sheet(result, sites, title) for result in results]
        if path.suffix.lower() != ".pdf":
            save_figure(figures[0], path, dpi=150)
            return
        from matplotlib.backends.backend_pdf import PdfPages

        out = io.BytesIO()
        # Without dates the same results give the same bytes.
        with PdfPages(out, metadata={"Title": title, "CreationDate": None}) as pages:
            for figure in figures:
                pages.savefig(figure, dpi=200)
        write_new(path, out.getvalue())


def made_by(result: Origin) -> str:
    """Return in words which model and which software gave a result."""
    model, made = result.provenance.library, result.provenance
    return _("Model {name} {version}, sha256 {sha256}. Software {software} {number}.").format(
        name=model["name"],
        version=model["version"],
        sha256=model["sha256"],
        software=made.software,
        number=made.version,
    )


def cannot_be_said(result: Origin) -> list[str]:
    """Return what a result cannot say: its notices, the limits of the model, and of any reference."""
    return [
        *(notice.message for notice in result.notices),
        *result.limits(),
        _(
            "An origin that the reference lacks is never excluded; its animals may be assigned "
            "to the nearest origin in the reference."
        ),
    ]


def draw_sheet(result: Origin, sites: Coordinates, title: str) -> "Figure":
    """Return the sheet of a result.

    Parameters
    ----------
    sites : latitudes and longitudes, degrees
    title : str
        Model and version.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDE, _HIGH))
    top = _HIGH - 0.55
    _write(figure, top, result.sample, size=15, weight="bold")
    top -= 0.28
    for line in textwrap.wrap(result.headline(), _letters(_WIDE - 2 * _SIDE, 11)):
        _write(figure, top, line, size=11, color="#5e210d")
        top -= 0.21
    if title:
        _write(figure, top, title, size=8, color="#555555")
        top -= 0.18
    layout = None if result.surface is None else lay_out(result.surface, sites)
    facts = [pair for pair in result.details() if pair[1]]
    limits = cannot_be_said(result)
    bottom = 0.62
    room = top - bottom - 0.1
    if layout is not None and layout.inset is not None:
        room -= _SHEET_LEGEND_ROW
    shape = 0.0 if layout is None else layout.view.shape
    wanted = 0.0 if layout is None else min(_MAX_MAP, shape * (_WIDE - 2 * _SIDE - 0.35)) + 1.15
    least = 0.0 if layout is None else min(wanted, _MIN_MAP + 1.15)
    size = next(
        (size for size in _SIZES if _height_of(facts, limits, size) <= room - wanted), None
    ) or next((size for size in _SIZES if _height_of(facts, limits, size) <= room - least), 5.0)
    if layout is not None:
        high = max(least, min(wanted, room - _height_of(facts, limits, size))) - 1.15
        wide = min(_WIDE - 2 * _SIDE - 0.35, high / shape)
        left = (_WIDE - wide + 0.35) / 2
        axes = figure.add_axes((left / _WIDE, (top - high) / _HIGH, wide / _WIDE, high / _HIGH))
        draw_layout(axes, layout, font=6.0)
        draw_ramp(figure, (0.36, (top - high - 0.56) / _HIGH, 0.28, 0.085 / _HIGH), font=7)
        figure.legend(
            handles=legend_handles(layout.point, has_inset=layout.inset is not None),
            loc="upper center", ncol=3, frameon=False, fontsize=7.5,
            bbox_to_anchor=(0.5, (top - high - 0.66) / _HIGH),
        )  # fmt: skip
        top -= high + 1.2 + (0.0 if layout.inset is None else _SHEET_LEGEND_ROW)
    _write_text(figure, top, facts, limits, size)
    _write_foot(figure, result)
    return figure


def _write(figure: "Figure", top: float, text: str, *, size: float, left: float = _SIDE,
           **style: Any) -> None:  # fmt: skip
    figure.text(left / _WIDE, top / _HIGH, text, fontsize=size, va="top", parse_math=False, **style)


def _letters(inches: float, size: float) -> int:
    """Return how many letters of a size fit."""
    return max(20, int(inches * 72 / (size * _SHEET_LETTER)))


def _lines_of(
    facts: Iterable[tuple[str, str]], limits: Iterable[str], size: float
) -> list[tuple[str, str, bool]]:
    """Return label, text and whether it is a heading, of every line of the text."""
    wide = _WIDE - 2 * _SIDE
    lines = []
    for label, text in facts:
        for number, line in enumerate(textwrap.wrap(text, _letters(wide - _LABEL, size)) or [""]):
            lines.append((label if number == 0 else "", line, False))
    lines.append((_("What cannot be said"), "", True))
    for text in limits:
        for number, line in enumerate(textwrap.wrap(text, _letters(wide - 0.15, size))):
            lines.append(("•" if number == 0 else " ", line, False))
    return lines


def _height_of(facts: Sequence[tuple[str, str]], limits: Sequence[str], size: float) -> float:
    """Return the height of the text in inches."""
    return (len(_lines_of(facts, limits, size)) + 2.2) * size * _LINE / 72


def _write_text(
    figure: "Figure",
    top: float,
    facts: Sequence[tuple[str, str]],
    limits: Sequence[str],
    size: float,
) -> None:
    step = size * _LINE / 72
    for label, text, is_heading in _lines_of(facts, limits, size):
        if is_heading:
            top -= step * 0.5
            _write(figure, top, label, size=size + 1, weight="bold", color="#7a1c14")
            top -= step * 1.3
            continue
        is_limit = label in ("•", " ")
        if label.strip():
            _write(figure, top, label, size=size, weight="normal" if is_limit else "bold")
        _write(figure, top, text, size=size, left=_SIDE + (0.15 if is_limit else _LABEL))
        top -= step


def _write_foot(figure: "Figure", result: Origin) -> None:
    _write(figure, 0.52, made_by(result), size=6.5, color="#555555")
    _write(figure, 0.38, _(OUTLINES), size=6.5, color="#555555")


_WIDTH = 760.0  # pixels of the drawing
_LEFT, _BELOW = 44, 20  # pixels beside and below it, for the degrees

_STYLE = f"""
body {{ max-width: 210mm }}
.map {{ width: 100%; height: auto; max-height: 70vh }}
.map text {{ font: 10px "DejaVu Sans", Arial, sans-serif }}
.map .name {{ fill: {NAME}; text-anchor: middle; paint-order: stroke; stroke: #fff;
  stroke-width: 2px; stroke-opacity: .75; pointer-events: none }}
.map .east, .map .scale {{ text-anchor: middle }} .map .north {{ text-anchor: end }}
.map .scale {{ paint-order: stroke; stroke: #fff; stroke-width: 2px }}
.map .line {{ stroke: #9fb3c1; stroke-width: .5 }}
.map .site {{ fill: {SITE}; stroke: #fff; stroke-width: .6 }}
.verdict {{ font-size: 12.5pt; font-weight: 600; color: #5e210d; margin: 1mm 0 2mm }}
.key {{ font-size: 9pt; margin: 1mm 0 2mm }}
.key span {{ margin-right: 4mm; white-space: nowrap; display: inline-block }}
.key svg {{ vertical-align: middle }}
.key i {{ display: inline-block; width: 4mm; height: 3.2mm; vertical-align: middle }}
.limits li {{ margin: .6mm 0 }} .limits h3 {{ color: #7a1c14 }}
select {{ font-size: 11pt; margin: 2mm 0 }} .off {{ display: none }}
@media print {{ select, label {{ display: none }} .off {{ display: block }}
  section {{ break-after: page }} }}
"""
# No text of a file enters the script; it only shows and hides.
_SCRIPT = """<script>
const choice = document.getElementById("choice"), parts = document.querySelectorAll("section");
function show() { parts.forEach((part, n) => part.classList.toggle("off", n !== +choice.value)); }
if (choice) { choice.addEventListener("change", show); show(); }
</script>"""


def map_page(
    results: Sequence[Origin],
    *,
    sites: Coordinates = ((), ()),
    title: str = "",
) -> str:
    """Return the page.

    Parameters
    ----------
    results : sequence of Origin
    sites : latitudes and longitudes, degrees
        Of the reference animals or known-origin samples.
    title : str
        Model and version.
    """
    parts = []
    if len(results) > 1:
        options = "".join(
            f'<option value="{number}">{escaped(result.sample)}: {escaped(result.headline())}</option>'
            for number, result in enumerate(results)
        )
        label = escaped(_("Sample"))
        parts.append(
            f'<p><label for="choice">{label}</label> <select id="choice">{options}</select></p>'
        )
    for result in results:
        shown = [heading(2, result.sample), f'<p class="verdict">{escaped(result.headline())}</p>']
        if result.surface is not None:
            layout = lay_out(result.surface, sites)
            shown += [_key(layout), _drawing(result.sample, layout)]
        shown += [facts(*result.details()), *_tables(result)]
        limits = "".join(f"<li>{escaped(text)}</li>" for text in cannot_be_said(result))
        limits = heading(3, _("What cannot be said")) + f"<ul>{limits}</ul>"
        shown.append(f'<div class="limits">{limits}</div>')
        parts.append("<section>" + "\n".join(shown) + "</section>")
    if results:
        parts.append(paragraph(made_by(results[0])))
    parts += [paragraph(_(OUTLINES)), _SCRIPT]
    return document(title or _("Origin"), parts, style=_STYLE)


def _drawing(sample: str, layout: MapLayout) -> str:
    """Return the map as SVG, with its inset if it has one."""
    view = layout.view
    high = _height(view, _WIDTH)
    name = _("Map of {sample}").format(sample=sample)
    parts = [
        f'<svg class="map" viewBox="{-_LEFT} 0 {_WIDTH + _LEFT:.0f} {high + _BELOW:.0f}" role="img" '
        f'aria-label="{escaped(name)}">',
        f'<svg x="0" y="0" width="{_WIDTH:.0f}" height="{high:.1f}" overflow="hidden">',
        *_view(layout, _WIDTH),
    ]
    place = _placer(view, _WIDTH)
    if layout.inset is not None:
        part = layout.inset.view
        (x, y), (right, down) = place(part.west, part.north), place(part.east, part.south)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{down - y:.1f}" fill="none" '
            f'stroke="{FRAME}" stroke-width="1.4"/>'
        )
        left, bottom, wide, tall = layout.inset_box
        wide_px, tall_px = wide * _WIDTH, tall * high
        top_px = high - bottom * high - tall_px
        parts += [
            f'<svg x="{left * _WIDTH:.1f}" y="{top_px:.1f}" width="{wide_px:.1f}" height="{tall_px:.1f}" '
            'overflow="hidden">',
            *_view(layout.inset, wide_px),
            "</svg>",
            f'<rect x="{left * _WIDTH:.1f}" y="{top_px:.1f}" width="{wide_px:.1f}" height="{tall_px:.1f}" '
            f'fill="none" stroke="{FRAME}" stroke-width="1.6"/>',
        ]
    parts.append("</svg>")
    parts.append(f'<rect width="{_WIDTH:.0f}" height="{high:.1f}" fill="none" stroke="#555"/>')
    for line in layout.meridians:
        x, _y = place(line.degrees, 0)
        parts.append(
            f'<text x="{x:.1f}" y="{high + 13:.1f}" class="east">{escaped(line.label)}</text>'
        )
    for line in layout.parallels:
        _x, y = place(0, line.degrees)
        parts.append(f'<text x="-4" y="{y + 3.5:.1f}" class="north">{escaped(line.label)}</text>')
    return "".join([*parts, "</svg>"])


def _placer(view: View, width: float) -> Callable[[float, float], tuple[float, float]]:
    """Return what turns longitude and latitude into pixels of a drawing of this width."""
    scale = width / (view.east - view.west)

    def place(east: float, north: float) -> tuple[float, float]:
        return (east - view.west) * scale, (view.north - north) * scale / view.shrink

    return place


def _height(view: View, width: float) -> float:
    """Return the height of a view: equal degrees look too wide away from the equator."""
    return (view.north - view.south) * width / (view.east - view.west) / view.shrink


def _view(layout: MapLayout, width: float) -> list[str]:
    """Return what a view shows as elements of SVG."""
    view, place = layout.view, _placer(layout.view, width)
    high = _height(view, width)
    parts = [f'<rect width="100%" height="100%" fill="{SEA}"/>']
    for country, rings in layout.lands:
        parts.append(
            f'<path d="{_path(rings, place)}" fill="{LAND}" fill-rule="evenodd" stroke="{BORDER}" '
            f'stroke-width=".6"><title>{escaped(country)}</title></path>'
        )
    parts.append(_cells(layout, place))
    parts += [
        f'<path d="M{x:.1f} 0V{high:.1f}" class="line"/>'
        for x in (place(line.degrees, 0)[0] for line in layout.meridians)
    ]
    parts += [
        f'<path d="M0 {y:.1f}H{width:.0f}" class="line"/>'
        for y in (place(0, line.degrees)[1] for line in layout.parallels)
    ]
    parts.append(
        f'<path d="{_path([ring for rings in layout.range for ring in rings], place)}" fill="none" '
        f'stroke="{RANGE}" stroke-width="1.4" stroke-dasharray="2 2"/>'
    )
    for level, polygons in layout.regions.items():
        parts.append(
            f'<path d="{_path([ring for rings in polygons for ring in rings], place)}" fill="none" '
            f"{_stroke(level)}/>"
        )
    for country, east, north in layout.names:
        x, y = place(east, north)
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="name">{escaped(country)}</text>')
    for east, north in layout.sites:
        x, y = place(east, north)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" class="site"/>')
    if layout.point is not None:
        x, y = place(*layout.point)
        cross = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
        parts.append(f'<path d="{cross}" stroke="#fff" stroke-width="5"/>')
        parts.append(f'<path d="{cross}" stroke="{POINT}" stroke-width="2.4"/>')
    parts.append(_scale_bar(layout, width / (view.east - view.west), high))
    return parts


def _path(rings: Iterable[np.ndarray], place: Callable[[float, float], tuple[float, float]]) -> str:
    """Return rings as the data of a path of SVG."""
    return "".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*place(*corner)) for corner in ring.tolist()) + "Z"
        for ring in rings
    )


def _stroke(level: float) -> str:
    colour, width, dashes = LEVEL_STYLES[level]
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'stroke="{colour}" stroke-width="{width * 1.3:.1f}"{dash}'


def _cells(layout: MapLayout, place: Callable[[float, float], tuple[float, float]]) -> str:
    """Return the shaded cells, those of one shade side by side as one rectangle."""
    down, across = layout.grid.steps
    # Without crisp edges, rows of cells would show thin lines between them.
    parts = ['<g shape-rendering="crispEdges" fill-opacity=".85" pointer-events="none">']
    for row, latitude in enumerate(layout.grid.latitudes.tolist()):
        for first, last, shade in _runs(layout.shades[row]):
            left, top = place(layout.grid.longitudes[first] - across / 2, latitude + down / 2)
            right, bottom = place(layout.grid.longitudes[last] + across / 2, latitude - down / 2)
            parts.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
                f'height="{bottom - top:.1f}" fill="{RAMP[shade]}"/>'
            )
    return "".join([*parts, "</g>"])


def _runs(shades: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield first and last place and shade of cells side by side that have one shade."""
    edges = np.flatnonzero(np.diff(shades)) + 1
    for first, end in zip([0, *edges], [*edges, len(shades)]):
        if shades[first] >= 0:
            yield int(first), int(end) - 1, int(shades[first])


def _scale_bar(layout: MapLayout, scale: float, high: float) -> str:
    kilometres, degrees = layout.scale
    left, top, half = 14.0, high - 16.0, degrees * scale / 2
    text = _("{distance} km").format(distance=thousands(kilometres))
    return (
        f'<rect x="{left}" y="{top:.1f}" width="{2 * half:.1f}" height="5" fill="#fff" stroke="#000"/>'
        f'<rect x="{left}" y="{top:.1f}" width="{half:.1f}" height="5" fill="#000"/>'
        f'<text x="{left + half:.1f}" y="{top - 4:.1f}" class="scale">{escaped(text)}</text>'
    )


def _key(layout: MapLayout) -> str:
    """Return the legend."""
    texts = {name: escaped(text) for name, text in legend_texts(layout.point).items()}
    ramp = "".join(f'<i style="background:{colour}"></i>' for colour in RAMP)
    parts = [f'<span class="ramp">0 {ramp} 1&ensp;{texts["density"]}</span>']
    for level in sorted(LEVEL_STYLES):
        parts.append(
            f'<span><svg width="26" height="8"><path d="M0 4H26" {_stroke(level)}/></svg> '
            f"{texts[f'{level:g}']}</span>"
        )
    parts.append(
        f'<span><svg width="26" height="8"><path d="M0 4H26" stroke="{RANGE}" stroke-width="1.6" '
        f'stroke-dasharray="2 2"/></svg> {texts["range"]}</span>'
    )
    parts += [
        f'<span><b style="color:{POINT}">×</b> {texts["point"]}</span>',
        f'<span><b style="color:{SITE}">●</b> {texts["site"]}</span>',
    ]
    if layout.inset is not None:
        parts.append(
            f'<span><svg width="16" height="12"><rect x="2" y="1" width="12" height="10" fill="none" '
            f'stroke="{FRAME}" stroke-width="1.4"/></svg> {texts["inset"]}</span>'
        )
    return f'<p class="key">{"".join(parts)}</p>'


def _tables(result: Origin) -> Iterator[str]:
    """Yield the tables of the reporting regions and of the countries."""
    if isinstance(result, IsotopeOrigin) and result.countries:
        yield table(
            (_("country"), _("probability"), _("In the 95 % region")),
            [
                (escaped(share.title), _percent(share.probability), escaped(_("yes") if share.in_region else _("no")))
                for share in result.countries
            ],
            numbers=(1,),
        )  # fmt: skip
    if not isinstance(result, PlaceOrigin):
        return
    counted = (_("reference animals"), _("reference sites"))
    if (answer := result.reporting) is not None:
        yield table(
            (_("reporting region"), _("probability"), _("beforehand"), *counted),
            [
                (
                    escaped(answer.title_of(region.name)), _percent(region.probability),
                    _percent(region.prior), str(region.animals), str(region.sites),
                )
                for region in answer.shares
            ],
            numbers=(1, 2, 3, 4),
        )  # fmt: skip
    if territories := result.other_territories():
        yield table(
            (_("country"), _("probability"), *counted),
            [
                (escaped(each.title), _percent(each.probability), str(each.animals), str(each.sites))
                for each in territories
            ],
            numbers=(1, 2, 3),
        )  # fmt: skip


def _percent(probability: float | None) -> str:
    """Return a probability for a page; None where the reference cannot assess it."""
    return escaped(
        _("not assessable") if probability is None else numeral(Share(probability), ".1%")
    )


def check_map_file(path: Path) -> None:
    """Check, before any work, that a map can be written to a new file of this name.

    Raises
    ------
    UsageError, ForensicsError
        If the ending is not known, the file exists, or matplotlib is missing.
    """
    form = path.suffix.lower()
    if form in SHEETS:
        check_figure_file(path, known=SHEETS)
    elif form not in (".html", *EXPORTED):
        raise UsageError(
            _("{path}: a map is written to a file that ends in one of {known}.").format(
                path=path, known=", ".join((".html", *SHEETS, *EXPORTED))
            )
        )


def write_map(
    results: Sequence[Origin],
    path: Path,
    *,
    sites: Coordinates,
    title: str,
) -> str:
    """Write the map of results in the form that the end of the name asks for; return what was done.

    Parameters
    ----------
    results : sequence of Origin
    sites : latitudes and longitudes, degrees
        Of the reference.
    title : str
        Model and version.
    """
    form, count = path.suffix.lower(), len(results)
    if form in EXPORTED:
        count = export_map(results, path)
        return _("{path}: {count} of {all} samples have a map").format(
            path=path, count=count, all=len(results)
        )
    if form == ".html":
        write_new(path, map_page(results, sites=sites, title=title).encode())
    elif form == ".pdf" or count == 1:
        save_sheets(results, path, sites=sites, title=title)
    else:
        save_map(results, path, sites=sites, title=title)
    return _("{path}: a map of {count} samples").format(path=path, count=count)


CELL_COLUMNS = ("sample", "latitude", "longitude", "area_km2", "probability", "region")
"""Columns of the table of cells."""
NODATA = -9999.0
"""Value of a cell of a GeoTIFF that the prior does not allow."""
_DIGITS = 6  # decimals of degrees in GeoJSON: 0.1 m, as RFC 7946 (section 11.2) advises


def export_map(results: Sequence[Origin], path: AnyPath) -> int:
    """Write the posteriors of results to a new file; the end of its name says which form.

    Parameters
    ----------
    results : sequence of Origin
        Those without a map are left out.
    path : path
        Ends in one of `EXPORTED`.

    Returns
    -------
    int
        How many results have a map and stand in the file.

    Raises
    ------
    UsageError
        If the name has another ending, the file exists, a library is missing, or maps of a GeoTIFF
        have different cells.
    InputError
        If no result has a map.
    """
    path = Path(path)
    form = path.suffix.lower()
    if form not in EXPORTED:
        raise UsageError(
            _("{path} ends in none of {known}.").format(path=path, known=", ".join(EXPORTED))
        )
    mapped = [result for result in results if result.surface is not None]
    if not mapped:
        raise InputError(_("no sample has a map; there is nothing to export"))
    write_new(path, EXPORTED[form](mapped))
    return len(mapped)


def _surface_of(result: Origin) -> Surface:
    assert result.surface is not None  # `export_map` leaves the others out
    return result.surface


def _geotiff(results: Sequence[Origin]) -> bytes:
    """Return a GeoTIFF with a band a sample: the posterior of each cell, WGS 84, float32.

    Cells that the prior does not allow are `NODATA`. Longitudes of a grid across the antimeridian go
    beyond 180. ``DESCRIPTION`` and the tags of each band name the sample, the model and its SHA-256.
    """
    rasterio = import_rasterio(instead=_("Or write .geojson or .csv."))
    first = _surface_of(results[0]).grid
    for result in results[1:]:
        grid = _surface_of(result).grid
        if not (
            np.array_equal(grid.latitudes, first.latitudes)
            and np.array_equal(grid.longitudes, first.longitudes)
        ):
            raise UsageError(_("maps with different cells do not fit in one GeoTIFF"))
    height, width = first.steps
    transform = rasterio.transform.Affine(
        width, 0.0, float(first.longitudes[0]) - width / 2,
        0.0, -height, float(first.latitudes[0]) + height / 2,
    )  # fmt: skip
    rows, columns = first.inside.shape
    with warnings.catch_warnings(), rasterio.MemoryFile() as file:
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with file.open(
            driver="GTiff", height=rows, width=columns, count=len(results), dtype="float32",
            crs="EPSG:4326", transform=transform, nodata=NODATA, compress="deflate",
            interleave="band",
        ) as target:  # fmt: skip
            target.update_tags(
                AREA_OR_POINT="Area", TIFFTAG_SOFTWARE=_software(results[0]),
                QUANTITY="posterior probability of the cell",
            )  # fmt: skip
            for band, result in enumerate(results, 1):
                surface = _surface_of(result)
                values = np.where(surface.grid.inside, surface.probabilities, NODATA)
                target.write(values.astype(np.float32), band)
                target.set_band_description(band, result.sample)
                latitude, longitude = surface.point()
                target.update_tags(
                    band,
                    SAMPLE=result.sample,
                    **_model_of(result),
                    POINT_ESTIMATE=POINT_ESTIMATE,
                    LATITUDE=f"{latitude:.{_DIGITS}f}",
                    LONGITUDE=f"{longitude:.{_DIGITS}f}",
                )
        return bytes(file.read())


def _software(result: Origin) -> str:
    return f"{result.provenance.software} {result.provenance.version}"


def _model_of(result: Origin) -> dict[str, str]:
    model = result.provenance.library
    return {
        "MODEL": f"{model['name']} {model['version']}",
        "MODEL_SHA256": str(model["sha256"]),
    }


def geojson_of(results: Sequence[Origin]) -> dict[str, Any]:
    """Return a FeatureCollection: of each sample its regions, the widest first, and its point.

    Parameters
    ----------
    results : sequence of Origin
        With a surface each.

    References
    ----------
    Butler et al. 2016, The GeoJSON Format, doi:10.17487/RFC7946.
    """
    features = []
    for result in results:
        surface = _surface_of(result)
        known: dict[str, Any] = {
            "sample": result.sample,
            "status": result.status,
            "origin": result.origin,
            "probability": result.probability,
        }
        for level in sorted(LEVELS, reverse=True):
            region = surface.region(level)
            polygons = [
                [np.round(ring, _DIGITS).tolist() for ring in polygon]
                for polygon in outline_cells(surface.grid, region)
            ]
            features.append(
                _feature(
                    {"type": "MultiPolygon", "coordinates": polygons},
                    {**known, "shows": "region", "level": level,
                     "area_km2": float(surface.grid.areas()[region].sum())},
                )
            )  # fmt: skip
        latitude, longitude = surface.point()
        if math.isfinite(latitude):
            point = {
                "type": "Point",
                "coordinates": [round(longitude, _DIGITS), round(latitude, _DIGITS)],
            }
            features.append(
                _feature(point, {**known, "shows": "point", "estimate": POINT_ESTIMATE})
            )
    return {
        "type": "FeatureCollection",
        "features": features,
        "provenance": [to_stored(result.provenance) for result in results[:1]],
    }


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _geojson(results: Sequence[Origin]) -> bytes:
    text = json.dumps(geojson_of(results), ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def rows_of_cells(result: Origin) -> list[dict[str, Any]]:
    """Return a row a cell that the prior allows, under `CELL_COLUMNS`; from north to south.

    ``region`` is the smallest of `forensics.origin.geography.LEVELS` whose region has the cell; None
    outside all.
    """
    surface = _surface_of(result)
    smallest = np.ones(surface.grid.inside.shape)
    for level in sorted(LEVELS, reverse=True):
        smallest[surface.region(level)] = level
    latitudes, longitudes = surface.grid.coordinates()
    columns = (latitudes, longitudes, surface.grid.areas(), surface.probabilities, smallest)
    return [
        {
            "sample": result.sample, "latitude": latitude, "longitude": longitude,
            "area_km2": area, "probability": probability, "region": level if level < 1 else None,
        }
        for latitude, longitude, area, probability, level in zip(
            *(values[surface.grid.inside].tolist() for values in columns)
        )
    ]  # fmt: skip


def _csv(results: Sequence[Origin]) -> bytes:
    stream = io.StringIO()
    writer = RowWriter(stream, CELL_COLUMNS)
    for result in results:
        writer.write(rows_of_cells(result))
    return stream.getvalue().encode()


EXPORTED = {".tif": _geotiff, ".geojson": _geojson, ".csv": _csv}
"""Endings of names of files, and what makes their content."""
