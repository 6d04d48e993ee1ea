"""Figures in files: asked for before the work begins, written whole, the same bytes every time."""

import importlib.util
import io
import os
from pathlib import Path

from forensics.errors import ForensicsError, UsageError
from forensics.io.files import write_new
from forensics.messages import _

__all__ = ["DRAWN", "check_figure_file", "save_figure"]

DRAWN = (".png", ".svg")


def check_figure_file(path: str | os.PathLike[str]) -> None:
    """Check, before any work, that a figure can be written to a new file of this name.

    Raises
    ------
    UsageError
        If the name ends in none of `DRAWN`, or the file exists.
    ForensicsError
        If matplotlib is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in DRAWN:
        raise UsageError(
            _("A figure is written as {known}; {path} ends in none of them.").format(
                known=", ".join(DRAWN), path=path
            )
        )
    if path.exists():  # it may be an exhibit
        raise UsageError(_("{path} exists; give a new file.").format(path=path))
    if importlib.util.find_spec("matplotlib") is None:
        raise ForensicsError(
            _(
                "Drawing needs matplotlib: install the extra with "
                "pip install 'wildlife-forensics[plot]'."
            )
        )


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
