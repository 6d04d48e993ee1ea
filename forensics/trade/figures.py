"""Pictures of indicators, as PNG or SVG."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.drawing import check_figure_file, save_figure, shorten
from forensics.io.files import AnyPath
from forensics.messages import _
from forensics.trade.counts import ROLES, Indicator

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from forensics.trade.pike import Trend


_DPI = 150
_LINE, _POINT, _BAND, _MUTED = "#1d4e89", "#b5471b", "#9db9d9", "#8a8a8a"
_MAX_PANELS, _MAX_SERIES, _MAX_BARS, _MAX_COUNTRIES, _MAX_LEGS = 12, 6, 20, 24, 60
_CLIP = 30  # letters of a name


def save_pike(trends: Sequence["Trend"], path: AnyPath) -> None:
    """Draw the trend of each area with its interval, and the observed proportion of each year.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    figure, panels = _panels(path, min(len(trends), _MAX_PANELS))
    for axes, trend in zip(panels, trends):
        table = trend.table
        axes.fill_between(table["year"], table["low"], table["high"], color=_BAND, linewidth=0)
        axes.plot(table["year"], table["mean"], color=_LINE, label=_("trend, 95 %"))
        axes.plot(table["year"], table["observed"], "o", ms=3, color=_POINT, label=_("observed"))
        axes.set(title=_clipped(trend.sample), ylim=(0, 1), ylabel="PIKE")
        axes.axhline(0.5, color=_MUTED, linewidth=0.6, linestyle=":")
        _whole_years(axes)
    panels[0].legend(frameon=False, fontsize=8)
    save_figure(figure, Path(path), dpi=_DPI)


def save_counts(counts: Indicator, path: AnyPath, *, measure: str = "seizures") -> None:
    """Draw counts: by year as points with intervals, a panel for each value of another key.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    table = counts.table
    place = list(table.columns).index("seizures")
    others = [name for name in table.columns[:place] if name != "year"]
    labels = table[others].astype(str).agg(", ".join, axis=1) if others else None
    if "year" in table.columns[:place]:
        names = [""] if labels is None else list(labels.value_counts().index[:_MAX_SERIES])
        figure, panels = _panels(path, len(names))
        for axes, name in zip(panels, names):
            part = table if labels is None else table[labels == name]
            _bars(axes, part["year"], part, measure)
            axes.set(title=_clipped(name), ylabel=measure)
            axes.set_ylim(bottom=0)
            _whole_years(axes)
    else:
        figure, (axes,) = _panels(path, 1)
        part = table.sort_values(measure, ascending=False, kind="stable").head(_MAX_BARS)[::-1]
        rows = np.arange(len(part))
        _bars(axes, rows, part, measure, across=True)
        texts = [""] if labels is None else [_clipped(labels[index]) for index in part.index]
        axes.set_yticks(rows, texts, fontsize=8)
        axes.set(xlabel=measure)
        axes.set_xlim(left=0)
    save_figure(figure, Path(path), dpi=_DPI)


def save_routes(legs: Indicator, countries: Indicator, path: AnyPath) -> None:
    """Draw the network: countries from origin (left) to destination (right), legs as arrows.

    Solid arrows were made, dashed ones intended; width goes with the number of seizures.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    figure, (axes,) = _panels(path, 1, size=(9.0, 6.0))
    nodes = countries.table.head(_MAX_COUNTRIES)
    share = nodes[list(ROLES)].to_numpy(dtype=np.float64)
    along = share @ np.arange(len(ROLES)) / np.maximum(share.sum(axis=1), 1)
    # Countries are dealt out by their mean place along chains into columns, busiest in the middle.
    columns = np.minimum((along + 0.5).astype(int), len(ROLES) - 1)
    place: dict[str, tuple[float, float]] = {}
    for column in range(len(ROLES)):
        codes = [code for code, own in zip(nodes["country"], columns) if own == column]
        for at, code in enumerate(codes):
            offset = (at + 1) // 2 * (1 if at % 2 else -1)
            place[code] = (column + 0.12 * (at % 3 - 1), float(offset))
    shown = legs.table[legs.table["start"].isin(place) & legs.table["end"].isin(place)]
    most = max(int(shown["seizures"].max()), 1) if len(shown) else 1
    for leg in shown.head(_MAX_LEGS).itertuples(index=False):
        axes.annotate(
            "",
            xy=place[leg.end],
            xytext=place[leg.start],
            arrowprops={
                "arrowstyle": "-|>",
                "color": _LINE if leg.made >= leg.intended else _POINT,
                "linestyle": "-" if leg.made >= leg.intended else "--",
                "linewidth": 0.5 + 3.5 * leg.seizures / most,
                "alpha": 0.25 + 0.6 * leg.seizures / most,
                "connectionstyle": "arc3,rad=0.12",
                "shrinkA": 12,
                "shrinkB": 12,
            },
        )
    for row in nodes.itertuples(index=False):
        x, y = place[row.country]
        axes.plot(x, y, "o", ms=18, mfc="white", mec=_LINE)
        axes.annotate(row.country, (x, y), ha="center", va="center", fontsize=8)
    names = [_("origin"), _("export"), _("transit"), _("seizure"), _("destination")]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks([])
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.margins(y=0.1)
    axes.set_title(_("Legs of seizures: solid made, dashed intended"))
    save_figure(figure, Path(path), dpi=_DPI)


def _panels(
    path: AnyPath, count: int, *, size: tuple[float, float] = (4.5, 3.2)
) -> "tuple[Figure, list[Axes]]":
    """Return a figure with so many axes, after the file was checked."""
    check_figure_file(Path(path))
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    across = min(count, 1 if size[0] > 5 else 3)
    down = math.ceil(count / across)
    wide = size[0] if across > 1 or count == 1 and size[0] > 5 else max(size[0], 6.5)
    figure = Figure(figsize=(wide * across, size[1] * down), layout="constrained")
    FigureCanvasAgg(figure)
    axes = list(np.atleast_1d(figure.subplots(down, across)).flat)
    for spare in axes[count:]:
        spare.set_visible(False)
    return figure, axes[:count]


def _bars(
    axes: "Axes",
    places: "np.ndarray | pandas.Series",
    part: "pandas.DataFrame",
    measure: str,
    *,
    across: bool = False,
) -> None:
    value, low, high = (
        part[name].to_numpy(dtype=np.float64)
        for name in (measure, f"{measure}_low", f"{measure}_high")
    )
    errors = np.nan_to_num(np.maximum([value - low, high - value], 0.0))
    style: dict[str, Any] = {"fmt": "o", "ms": 3, "color": _LINE, "ecolor": _BAND, "elinewidth": 3}
    if across:
        axes.errorbar(value, places, xerr=errors, **style)
    else:
        axes.errorbar(places, value, yerr=errors, **style)


def _whole_years(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _clipped(name: str) -> str:
    """Return a stranger's text as it may stand in a picture: short, and neither formula nor control."""
    return shorten(name, _CLIP, unseen="\ufffd").replace("$", r"\$")
