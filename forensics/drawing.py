"""Figures in files: asked for before the work begins, written whole, the same bytes every time.

What a result draws of itself (``plot()``) it draws on axes of matplotlib, given or new ones.
"""

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from forensics.errors import UsageError, importing
from forensics.io.files import AnyPath, check_new, write_new
from forensics.messages import _

DRAWN = (".png", ".svg")
BARS, FAINT = "#1d4e89", "#8a8a8a"
"""Colours of bars: of what counts, and of what stands beside it."""
_ROW = 0.32  # inches a bar
_NO_BREAK = re.compile("[\u00a0\u202f]")  # of French: seen, though Python does not print them
_MAX_LETTERS = 60  # of a label


def check_figure_file(path: AnyPath, *, known: tuple[str, ...] = DRAWN) -> None:
    """Check, before any work, that a figure can be written to a new file of this name.

    Parameters
    ----------
    path : path
    known : tuple of str
        Endings that will do.

    Raises
    ------
    UsageError
        If the name ends in none of `known`, or the file exists.
    ForensicsError
        If matplotlib is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in known:
        raise UsageError(
            _("A figure is written as {known}; {path} ends in none of them.").format(
                known=", ".join(known), path=path
            )
        )
    check_new(path)
    require_matplotlib()


def require_matplotlib(*, instead: str = "") -> None:
    """Raise a `ForensicsError` where matplotlib is not installed."""
    with importing("plot", instead=instead):
        import matplotlib  # noqa: F401


def open_axes(axes: Any = None, *, rows: int = 0) -> Any:
    """Return the axes to draw on.

    Parameters
    ----------
    axes : matplotlib.axes.Axes, optional
        Default: those of a new figure of pyplot, which notebooks show.
    rows : int
        Bars, by which a new figure is as high as they need; 0: as high as usual.

    Raises
    ------
    ForensicsError
        If matplotlib is not installed.
    """
    require_matplotlib()
    if axes is not None:
        return axes
    import matplotlib.pyplot

    size = (7.0, 1.3 + _ROW * rows) if rows else None
    return matplotlib.pyplot.subplots(figsize=size, layout="constrained")[1]


def draw_bars(
    axes: Any, labels: Sequence[str], values: Sequence[float], colours: Sequence[str], *, title: str
) -> None:
    """Draw horizontal bars, the first at the top; labels and title are no formulas."""
    places = range(len(labels))
    axes.barh(places, values, color=colours)
    axes.set_yticks(places)
    axes.set_yticklabels([shorten(label) for label in labels], parse_math=False)
    axes.invert_yaxis()
    _write_title(axes, title)


def show_text(axes: Any, text: str, *, title: str) -> None:
    """Write what is to be said where there is nothing to draw."""
    axes.text(0.5, 0.5, text, ha="center", va="center", wrap=True, parse_math=False)
    axes.set_axis_off()
    _write_title(axes, title)


def _write_title(axes: Any, title: str) -> None:
    import matplotlib

    size = 0.9 * matplotlib.rcParams["font.size"]
    axes.set_title(shorten(title, 2 * _MAX_LETTERS), fontsize=size, parse_math=False)


def shorten(text: str, most: int = _MAX_LETTERS, *, unseen: str = "?") -> str:
    """Return a text as it is drawn: short, with a sign in the place of characters that cannot be seen."""
    shown = "".join(sign if sign.isprintable() else unseen for sign in _NO_BREAK.sub(" ", text))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def draw_file(path: AnyPath, draw: Callable[[Any], None], *, size: tuple[float, float]) -> None:
    """Draw on axes of a figure of their own and write it to a new file.

    Parameters
    ----------
    draw : callable
        Is given the axes.
    size : tuple of float
        Inches.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    check_figure_file(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.subplots())
    save_figure(figure, Path(path), dpi=150)


def save_figure(figure, path: Path, *, dpi: int) -> None:
    """Write a matplotlib figure to a new file, whole or not at all, without date or random names.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Ends in one of `DRAWN`.
    dpi : int
        Dots an inch.
    """
    import matplotlib

    out, kind = io.BytesIO(), Path(path).suffix.lower()[1:]
    with matplotlib.rc_context({"svg.hashsalt": "forensics"}):
        if kind == "svg":
            figure.savefig(out, format=kind, dpi=dpi, metadata={"Date": None})
        else:  # the usual level of compression takes twice as long and saves a fiftieth
            figure.savefig(out, format=kind, dpi=dpi, metadata={}, pil_kwargs={"compress_level": 3})
    write_new(path, out.getvalue())
