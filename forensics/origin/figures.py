"""Maps of where samples came from, as PNG or SVG."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.drawing import check_figure_file, save_figure
from forensics.errors import UsageError
from forensics.messages import _, ngettext
from forensics.origin.geography import LEVELS, Surface
from forensics.origin.outlines import countries
from forensics.origin.results import Origin

if TYPE_CHECKING:
    import numpy

__all__ = ["MAX_PANELS", "draw_map", "save_map", "shade_levels", "view_of"]

# More maps than this on one page cannot be read; the HTML map shows one after the other.
MAX_PANELS = 12

# From the outermost region to the innermost: light to dark, told apart in grey too.
COLOURS = {0.95: "#f6d8ae", 0.90: "#eca25c", 0.50: "#b5471b"}
LAND, SEA, BORDER, SITE, POINT = "#f2f0ea", "#dfe8ee", "#8a8a8a", "#1d4e89", "#000000"
_PANEL = 4.6  # inches
_MIN_SPAN = 1.0  # degrees shown at least


def shade_levels(surface: Surface) -> "numpy.ndarray":
    """Return of each cell the smallest of `LEVELS` whose region holds it; 1.0 outside all.

    Returns
    -------
    numpy.ndarray of float64, shape (R, C)
    """
    import numpy as np

    shades = np.ones(surface.grid.inside.shape)
    for level in sorted(LEVELS, reverse=True):
        shades[surface.region(level)] = level
    return shades


def view_of(surface: Surface) -> tuple[float, float, float, float]:
    """Return west, east, south and north of what a map shows: the grid, in degrees."""
    height, width = surface.grid.steps
    return (
        float(surface.grid.longitudes[0]) - width / 2,
        float(surface.grid.longitudes[-1]) + width / 2,
        max(-90.0, float(surface.grid.latitudes[-1]) - height / 2),
        min(90.0, float(surface.grid.latitudes[0]) + height / 2),
    )


def save_map(
    results: Sequence[Origin],
    path: Path,
    *,
    sites: tuple[Sequence[float], Sequence[float]] = ((), ()),
    title: str = "",
) -> None:
    """Draw a panel a sample; the same results give the same bytes.

    Parameters
    ----------
    results : sequence of Origin
        Those without a surface are told by a panel that says so.
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

    columns = min(len(results), 3)
    rows = -(-len(results) // columns)
    width = max(6.5, columns * _PANEL)
    # Panels as high as their maps, so that a page is not mostly empty.
    high = min(1.3, max(0.45, max(map(_shape, results)))) * width / columns + 0.45
    with matplotlib.rc_context({"svg.hashsalt": "forensics", "font.size": 8}):
        figure = Figure(figsize=(width, rows * high + 1.2))
        grid = figure.subplots(rows, columns, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(results):
                draw_map(axes, results[place], sites)
            else:
                axes.set_axis_off()
        _legend(figure, results, title)
        figure.subplots_adjust(
            left=0.06, right=0.98, bottom=0.85 / figure.get_figheight() + 0.02,
            top=1 - 0.65 / figure.get_figheight(), hspace=0.2, wspace=0.15,
        )  # fmt: skip
        save_figure(figure, path, dpi=130)


def _shape(result: Origin) -> float:
    """Return height by width of a map as drawn; degrees of longitude shrink towards the poles."""
    if result.surface is None:
        return 0.0
    west, east, south, north = view_of(result.surface)
    cosine = max(0.1, math.cos(math.radians((south + north) / 2)))
    return (north - south) / max(_MIN_SPAN, (east - west) * cosine)


def draw_map(axes: Any, result: Origin, sites: tuple[Sequence[float], Sequence[float]]) -> None:
    """Draw the regions of a sample, and the sites of the reference, on axes."""
    import numpy as np
    from matplotlib.colors import BoundaryNorm, ListedColormap

    axes.set_title(result.sample, fontsize=9)
    if result.surface is None:
        axes.text(0.5, 0.5, result.headline(), ha="center", va="center", wrap=True)
        axes.set_axis_off()
        return
    surface = result.surface
    west, east, south, north = view_of(surface)
    axes.set_facecolor(SEA)
    for turn in (-360.0, 0.0, 360.0):  # a grid may reach beyond 180 degrees
        for country in countries():
            for ring in country.rings:
                if ring[:, 0].max() + turn < west or ring[:, 0].min() + turn > east:
                    continue
                axes.fill(ring[:, 0] + turn, ring[:, 1], facecolor=LAND, edgecolor="none", zorder=1)
                axes.plot(ring[:, 0] + turn, ring[:, 1], color=BORDER, linewidth=0.5, zorder=3)
    shades = np.ma.masked_equal(shade_levels(surface), 1.0)
    levels = sorted(LEVELS)
    axes.pcolormesh(
        surface.grid.longitudes,
        surface.grid.latitudes,
        shades,
        cmap=ListedColormap([COLOURS[level] for level in levels]),
        norm=BoundaryNorm([0.0, *(level + 1e-6 for level in levels)], len(levels)),
        alpha=0.85,
        zorder=2,
        shading="nearest",
        rasterized=True,
    )
    latitudes, longitudes = (np.asarray(degrees, dtype=float) for degrees in sites)
    shifted = longitudes + 360.0 * np.ceil((west - longitudes) / 360.0)
    axes.plot(shifted, latitudes, ".", color=SITE, markersize=3.5, zorder=4)
    latitude, longitude = surface.point()
    longitude += 360.0 * np.ceil((west - longitude) / 360.0)
    axes.plot(
        [longitude], [latitude], "x", color=POINT, markersize=7, markeredgewidth=1.6, zorder=5
    )
    axes.set_xlim(west, max(east, west + _MIN_SPAN))
    axes.set_ylim(south, max(north, south + _MIN_SPAN))
    middle = np.radians((south + north) / 2)
    axes.set_aspect(1.0 / max(0.1, float(np.cos(middle))))
    axes.tick_params(labelsize=7)


def _legend(figure: Any, results: Sequence[Origin], title: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = [
        Patch(facecolor=COLOURS[level], label=_("{level:.0%} region").format(level=level))
        for level in sorted(LEVELS)
    ]
    handles += [
        Line2D([], [], color=POINT, marker="x", linestyle="", label=_("middle of the posterior")),
        Line2D([], [], color=SITE, marker=".", linestyle="", label=_("reference site")),
    ]
    figure.legend(handles=handles, loc="lower center", ncol=5, frameon=False, fontsize=8,
                  bbox_to_anchor=(0.5, 0.3 / figure.get_figheight()))  # fmt: skip
    count = ngettext("{count} sample", "{count} samples", len(results)).format(count=len(results))
    figure.suptitle(f"{title}  ·  {count}" if title else count, fontsize=10)
    figure.text(
        0.5, 0.12 / figure.get_figheight(),
        _("Outlines: Natural Earth 1:110 million, coarse; they say nothing about borders in law."),
        ha="center", fontsize=7, color="#555555",
    )  # fmt: skip
