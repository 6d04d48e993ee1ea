"""The picture of a calibrated date: the measured value, the curve, and the years."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from forensics.age.radiocarbon import Calibration
from forensics.drawing import check_figure_file, save_figure
from forensics.messages import _

__all__ = ["draw_calibration", "save_calibration"]

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
