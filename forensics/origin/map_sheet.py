"""A sheet of A4 for each sample: the map, the result in words, and what cannot be said.

For a court file (PDF) and for whoever has to go there (PNG on a telephone).
"""

import io
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.drawing import check_figure_file, save_figure
from forensics.errors import UsageError
from forensics.io.files import write_new
from forensics.messages import _
from forensics.origin.figures import draw_layout, draw_ramp, legend_handles
from forensics.origin.map_layout import lay_out
from forensics.origin.results import Origin

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SHEETS", "cannot_be_said", "draw_sheet", "save_sheets"]

SHEETS = (".pdf", ".png", ".svg")
"""Endings of names of files; a PDF has a page a sample, the others are of one sample."""

_WIDE, _HIGH = 8.27, 11.69  # inches, A4
_SIDE = 0.6  # inches, margin
_SIZES = (8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5)  # points, the largest that fits
_MIN_MAP = 2.6  # inches
_MAX_MAP = 5.6
_LEGEND_ROW = 0.16  # inches; the frame of an inset makes the legend a row higher
_LABEL = 1.25  # inches, column of labels
_LETTER = 0.56  # width of a letter, in sizes of the font
_LINE = 1.38  # height of a line, in sizes of the font


def save_sheets(
    results: Sequence[Origin],
    path: Path,
    *,
    sites: tuple[Sequence[float], Sequence[float]] = ((), ()),
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


def cannot_be_said(result: Origin) -> list[str]:
    """Return what a result cannot say: its notices, the limits of the model, and of any reference."""
    return [
        *(notice.message for notice in result.notices),
        *result.limits(),
        _(
            "An origin that the reference does not cover is never excluded: animals from there may be "
            "taken for those of the nearest one that it covers."
        ),
    ]


def draw_sheet(
    result: Origin, sites: tuple[Sequence[float], Sequence[float]], title: str
) -> "Figure":
    """Return the sheet of a result.

    Parameters
    ----------
    result : Origin
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
        room -= _LEGEND_ROW
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
        top -= high + 1.2 + (0.0 if layout.inset is None else _LEGEND_ROW)
    _write_text(figure, top, facts, limits, size)
    _write_foot(figure, result)
    return figure


def _write(figure: "Figure", top: float, text: str, *, size: float, left: float = _SIDE,
           **style: Any) -> None:  # fmt: skip
    figure.text(left / _WIDE, top / _HIGH, text, fontsize=size, va="top", parse_math=False, **style)


def _letters(inches: float, size: float) -> int:
    """Return how many letters of a size fit."""
    return max(20, int(inches * 72 / (size * _LETTER)))


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
    model, made = result.provenance.library, result.provenance
    text = _("Model {name} {version}, sha256 {sha256}. Software {software} {number}.").format(
        name=model["name"],
        version=model["version"],
        sha256=model["sha256"],
        software=made.software,
        number=made.version,
    )
    outlines = _(
        "Outlines: Natural Earth 1:110 million, coarse; they say nothing about borders in law."
    )
    _write(figure, 0.52, text, size=6.5, color="#555555")
    _write(figure, 0.38, outlines, size=6.5, color="#555555")
