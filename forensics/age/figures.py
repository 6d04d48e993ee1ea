"""What ages draw of themselves, and the picture of a calibrated date; matplotlib is loaded when one is drawn."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from forensics.age.animal_ages import MethylationAge
from forensics.age.dating import Age, LevelRanges, Statement
from forensics.age.radiocarbon import Calibration
from forensics.age.tissue_ages import RadiocarbonAge, SeriesAge
from forensics.drawing import (
    BARS,
    FAINT,
    check_figure_file,
    draw_bars,
    open_axes,
    save_figure,
    show_text,
)
from forensics.errors import UsageError
from forensics.messages import _


def plot_age(result: Age, axes: Any = None) -> Any:
    """Draw an age of any method; see `Age.plot`."""
    if isinstance(result, RadiocarbonAge):
        return _plot_ranges(result, result.ranges, result.statements, axes)
    if isinstance(result, SeriesAge):
        return _plot_ranges(result, result.last_formed, result.statements, axes)
    if isinstance(result, MethylationAge):
        return _plot_years(result, axes)
    raise UsageError(_("there is no picture of {kind}").format(kind=type(result).__name__))


def _plot_ranges(
    result: Age, levels: Sequence[LevelRanges], statements: Sequence[Statement], axes: Any
) -> Any:
    stated = [level for level in levels if level.ranges]
    axes = open_axes(axes, rows=len(stated) + 2)
    if not stated:
        show_text(axes, result.headline(), title=result.sample)
        return axes
    labels = [_("{level:.0%} of the probability").format(level=level.level) for level in stated]
    title = f"{result.sample}: {result.headline()}".removeprefix(": ")
    draw_bars(axes, labels, [0.0] * len(labels), [BARS] * len(labels), title=title)
    for row, level in enumerate(stated):
        spans = [(years.start, years.end - years.start) for years in level.ranges]
        axes.broken_barh(spans, (row - 0.35, 0.7), color=BARS)
    starts = [years.start for level in stated for years in level.ranges]
    ends = [years.end for level in stated for years in level.ranges]
    for statement in statements:
        axes.axvline(statement.year, color=FAINT, linestyle="--")
        axes.annotate(
            statement.date,
            (statement.year, len(stated) - 0.5),
            fontsize=8,
            parse_math=False,
        )
    years_shown = [*starts, *ends, *(statement.year for statement in statements)]
    margin = max(1.0, 0.05 * (max(years_shown) - min(years_shown)))
    axes.set_xlim(min(years_shown) - margin, max(years_shown) + margin)
    axes.set_xlabel(_("calendar year"))
    return axes


def _plot_years(result: MethylationAge, axes: Any) -> Any:
    axes = open_axes(axes, rows=1)
    label = _("age")
    if result.interval is not None and result.level is not None:
        label = _("{level:.0%} interval").format(level=result.level)
    title = f"{result.sample}: {result.headline()}".removeprefix(": ")
    draw_bars(axes, [label], [0.0], [BARS], title=title)
    if result.interval is not None:
        low, high = result.interval
        axes.broken_barh([(low, high - low)], (-0.35, 0.7), color=FAINT)
    axes.plot([result.age], [0], "o", color=BARS)
    axes.set_xlim(0.0, 1.1 * max(result.age, *(result.interval or ()), 1.0))
    axes.set_xlabel(_("years"))
    return axes


_CURVE, _VALUE, _YEARS, _RANGE = "#1d4e89", "#b5471b", "#8a8a8a", "#eca25c"
_MARGIN = 3.0  # years beside the years in question


def save_calibration(
    calibration: Calibration, path: str | os.PathLike[str], *, title: str = ""
) -> None:
    """Draw a calibrated date and write it to a new PNG or SVG file.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    check_figure_file(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    draw_calibration(figure.subplots(), calibration, title=title)
    save_figure(figure, Path(path), dpi=150)


def draw_calibration(axes: Any, calibration: Calibration, *, title: str = "") -> None:
    """Draw the measured value, the curve and the years on axes."""
    first = max(calibration.curve.span[0], float(calibration.years[0]) - _MARGIN)
    last = min(calibration.curve.span[1], float(calibration.years[-1]) + _MARGIN)
    years = np.linspace(first, last, 2000)
    mean, error = calibration.curve.at(years)
    axes.fill_between(years, mean - error, mean + error, color=_CURVE, alpha=0.35, linewidth=0)
    axes.plot(years, mean, color=_CURVE, linewidth=0.8, label=_("curve"))
    axes.axhspan(
        calibration.f14c - calibration.sd,
        calibration.f14c + calibration.sd,
        color=_VALUE,
        alpha=0.3,
    )
    axes.axhline(calibration.f14c, color=_VALUE, linewidth=0.8, label=_("measured"))
    axes.set(xlabel=_("calendar year"), ylabel="F14C", xlim=(first, last), title=title)
    below = axes.twinx()
    density = calibration.probabilities / calibration.widths
    below.fill_between(calibration.years, density, step="mid", color=_YEARS, linewidth=0)
    for years_in in calibration.ranges(0.95):
        inside = (calibration.years >= years_in.start) & (calibration.years <= years_in.end)
        below.fill_between(
            calibration.years, np.where(inside, density, 0.0), step="mid", color=_RANGE, linewidth=0
        )
        below.plot([years_in.start, years_in.end], [0, 0], color="#000000", linewidth=3)
    below.set(ylim=(0, 2.5 * float(density.max())), yticks=[])
    axes.set_zorder(below.get_zorder() + 1)
    axes.patch.set_visible(False)
    axes.legend(frameon=False, loc="upper right")
