"""The picture of a calibrated date: the measured value, the curve, and the years."""

import io
import os
from pathlib import Path

import numpy as np

from forensics.age.radiocarbon import Calibration
from forensics.errors import ForensicsError, UsageError
from forensics.files import write_new
from forensics.messages import _

__all__ = ["DRAWN", "check_figure_file", "save_calibration"]

DRAWN = (".png", ".svg")
_CURVE, _VALUE, _YEARS, _RANGE = "#1d4e89", "#b5471b", "#8a8a8a", "#eca25c"
_MARGIN = 3.0  # years beside the years in question


def check_figure_file(path: str | os.PathLike) -> None:
    """Say before the work begins that a figure cannot be drawn or must not be written.

    Raises
    ------
    UsageError
        If the name ends in nothing that can be drawn, or the file exists.
    ForensicsError
        If matplotlib is missing.
    """
    path = Path(path)
    if path.suffix.lower() not in DRAWN:
        raise UsageError(
            _("{path}: a figure is written to a file that ends in .png or .svg.").format(path=path)
        )
    if path.exists():
        raise UsageError(_("{path} exists; give a new file.").format(path=path))
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ForensicsError(
            _(
                "Drawing needs matplotlib: install the extra with "
                "pip install 'wildlife-forensics[plot]'."
            )
        ) from error


def save_calibration(found: Calibration, path: str | os.PathLike, *, title: str = "") -> None:
    """Draw a calibrated date and write it to a new PNG or SVG file.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    check_figure_file(path)
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    path = Path(path)
    first = max(found.curve.span[0], float(found.years[0]) - _MARGIN)
    last = min(found.curve.span[1], float(found.years[-1]) + _MARGIN)
    years = np.linspace(first, last, 2000)
    mean, error = found.curve.at(years)
    figure = Figure(figsize=(7.0, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.fill_between(years, mean - error, mean + error, color=_CURVE, alpha=0.35, linewidth=0)
    axes.plot(years, mean, color=_CURVE, linewidth=0.8, label=_("curve"))
    axes.axhspan(found.f14c - found.sd, found.f14c + found.sd, color=_VALUE, alpha=0.3)
    axes.axhline(found.f14c, color=_VALUE, linewidth=0.8, label=_("measured"))
    axes.set(xlabel=_("calendar year"), ylabel="F14C", xlim=(first, last), title=title)
    below = axes.twinx()
    density = found.probabilities / found.widths
    below.fill_between(found.years, density, step="mid", color=_YEARS, linewidth=0)
    for one in found.ranges(0.95):
        inside = (found.years >= one.start) & (found.years <= one.end)
        below.fill_between(
            found.years, np.where(inside, density, 0.0), step="mid", color=_RANGE, linewidth=0
        )
        below.plot([one.start, one.end], [0, 0], color="#000000", linewidth=3)
    below.set(ylim=(0, 2.5 * float(density.max())), yticks=[])
    axes.set_zorder(below.get_zorder() + 1)
    axes.patch.set_visible(False)
    axes.legend(frameon=False, loc="upper right")
    out = io.BytesIO()
    # The same result gives the same file: no date, no random names in it.
    with rc_context({"svg.hashsalt": "forensics"}):
        kind = path.suffix.lower()[1:]
        figure.savefig(out, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else {})
    write_new(path, out.getvalue())
