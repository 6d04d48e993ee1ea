"""Maps of where samples came from, as PNG, SVG and PDF."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.drawing import check_figure_file, save_figure
from forensics.errors import UsageError
from forensics.messages import _, ngettext
from forensics.origin.map_layout import (
    BORDER,
    FRAME,
    LAND,
    LEVEL_STYLES,
    NAME,
    POINT,
    RAMP,
    RANGE,
    SEA,
    SITE,
    MapLayout,
    lay_out,
    legend_texts,
)
from forensics.origin.results import Origin
from forensics.result import thousands

if TYPE_CHECKING:
    from matplotlib.lines import Line2D

__all__ = [
    "MAX_PANELS",
    "draw_layout",
    "draw_map",
    "draw_ramp",
    "legend_handles",
    "save_map",
]

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
    sites: tuple[Sequence[float], Sequence[float]] = ((), ()),
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
            _("Outlines: Natural Earth 1:110 million, coarse; they say nothing about borders in law."),
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


def draw_map(axes: Any, result: Origin, sites: tuple[Sequence[float], Sequence[float]]) -> None:
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
    layout : MapLayout
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
            axes.plot(ring[:, 0], ring[:, 1], color=BORDER, linewidth=0.5, zorder=3)
    _draw_cells(axes, layout)
    for polygon in layout.range:
        for ring in polygon:
            axes.plot(
                ring[:, 0],
                ring[:, 1],
                color=RANGE,
                linewidth=0.9,
                linestyle=(0, (1, 1.5)),
                zorder=3,
            )
    for level, polygons in layout.regions.items():
        colour, width, dashes = LEVEL_STYLES[level]
        style = (0, tuple(map(float, dashes.split()))) if dashes else "-"
        for polygon in polygons:
            for ring in polygon:
                axes.plot(
                    ring[:, 0], ring[:, 1], color=colour, linewidth=width, linestyle=style, zorder=5
                )
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
    handles = []
    for level, (colour, width, dashes) in sorted(LEVEL_STYLES.items()):
        style: Any = (0, tuple(map(float, dashes.split()))) if dashes else "-"
        handles.append(
            Line2D(
                [], [], color=colour, linewidth=width, linestyle=style, label=texts[f"{level:g}"]
            )
        )
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
