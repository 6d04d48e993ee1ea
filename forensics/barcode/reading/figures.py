"""Draws chromatograms, alone or of one sample over each other; matplotlib, from the extra ``plot``.

Across are the bases of the sequence that the reads give; each read's curves are stretched so
that its calls stand over them, a reverse read as its complement. The curves have the usual
colours in shades that colour-blind people tell apart (Okabe & Ito 2008), and the called letters
stand over them.

All panels stand on one pair of axes, in inches, and what looks alike is drawn in one collection:
axes and texts of their own for every row and letter took several times as long.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from forensics.barcode.reading.consensus import GAP
from forensics.barcode.reading.samples import read_together
from forensics.barcode.reading.sanger import Assembly
from forensics.drawing import check_figure_file, require_matplotlib, save_figure
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.messages import _

if TYPE_CHECKING:
    import numpy
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Outline


COLOURS = {"A": "#009e73", "C": "#0072b2", "G": "#111111", "T": "#d55e00"}
_RIGHT = 0.45  # inches, right of the panels
# Curves higher than so many times the usual peak are cut off: dye would dwarf the rest.
MAX_SIGNAL = 2.2
DOUBLE = "#cc2222"
_BELOW = 0.16  # inches under the curves, for the marks of double peaks

_Anchor = Literal["center", "right", "left"]
_Point = tuple[float, float]
_Text = tuple[str, float, str, float, bool, _Anchor]


@dataclass(frozen=True)
class Layout:
    """How rows are divided.

    Attributes
    ----------
    bases : int
        Of a row.
    curves : float
        Inches of the curves of a read.
    letter : float
        Points of a called base.
    width, left : float
        Inches of the figure, and of its margin with the names of the reads.
    words : float
        How many times the usual size other text has.
    name : int
        Letters of the name of a read.
    """

    bases: int
    curves: float
    letter: float
    width: float = 15.0
    left: float = 1.5
    words: float = 1.0
    name: int = 20

    @property
    def above(self) -> float:
        """Inches over the curves, for the called letters."""
        return self.letter / 72 + 0.08

    @property
    def panel(self) -> float:
        """Inches of a read in all."""
        return self.above + self.curves + _BELOW

    @property
    def foot(self) -> float:
        """Inches under the panels of a row: the consensus and the numbers of its bases."""
        return self.letter / 72 + 0.34 * self.words

    def row(self, reads: int) -> float:
        """Inches of a row of so many reads."""
        return reads * self.panel + self.foot


class Drawing:
    """What is drawn, in inches, by how it looks; each look becomes one collection."""

    def __init__(self) -> None:
        self.curves: defaultdict[str, list[numpy.ndarray]] = defaultdict(list)
        self.lines: defaultdict[str, list[list[_Point]]] = defaultdict(list)
        self.areas: defaultdict[tuple[str, float], list[list[_Point]]] = defaultdict(list)
        self.texts: defaultdict[_Text, list[_Point]] = defaultdict(list)
        self.marks: defaultdict[bool, list[_Point]] = defaultdict(list)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str,
        *,
        alpha: float = 1.0,
        bold: bool = False,
        anchor: _Anchor = "center",
    ) -> None:
        """Write a text whose middle, or end, stands at a place."""
        self.texts[text, size, colour, alpha, bold, anchor].append((x, y))

    def area(
        self, low: float, high: float, bottom: float, top: float, colour: str, alpha: float = 1.0
    ) -> None:
        """Fill a rectangle."""
        self.areas[colour, alpha].append([(low, bottom), (low, top), (high, top), (high, bottom)])

    def add_to(self, axes: "Axes") -> None:
        """Draw all of it."""
        from matplotlib.collections import LineCollection, PathCollection, PolyCollection
        from matplotlib.transforms import IdentityTransform

        for (colour, alpha), areas in self.areas.items():
            axes.add_collection(
                PolyCollection(areas, facecolors=colour, alpha=alpha, linewidths=0),
                autolim=False,
            )
        for colour, lines in self.lines.items():
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=0.6), autolim=False)
        for base, curves in self.curves.items():
            axes.add_collection(
                LineCollection(curves, colors=COLOURS[base], linewidths=0.9), autolim=False
            )
        for (text, size, colour, alpha, bold, anchor), offsets in self.texts.items():
            axes.add_collection(
                PathCollection(
                    [_outline(text, bold, anchor)],
                    sizes=[size * size],
                    offsets=offsets,
                    offset_transform=axes.transData,
                    transform=IdentityTransform(),
                    facecolors=colour,
                    alpha=alpha,
                    linewidths=0,
                ),
                autolim=False,
            )
        for is_clear, offsets in self.marks.items():
            x, y = zip(*offsets)
            axes.plot(
                x, y, marker="^", markersize=5, color=DOUBLE, linestyle="",
                fillstyle="full" if is_clear else "none", markeredgewidth=0.8,
            )  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """A read in a row: places in bases and in the row's usual peak, drawn in inches.

    Attributes
    ----------
    drawing : Drawing
    layout : Layout
    left : int
        Column at the left of the row.
    bottom : float
        Inches; of the line on which the curves stand.
    """

    drawing: Drawing
    layout: Layout
    left: int
    bottom: float

    @property
    def right(self) -> int:
        """Column after the last one of the row."""
        return self.left + self.layout.bases

    @property
    def scale(self) -> float:
        """Inches of a base."""
        return (self.layout.width - self.layout.left - _RIGHT) / self.layout.bases

    @property
    def top(self) -> float:
        """Inches; of the highest signal that is drawn."""
        return self.bottom + self.layout.curves

    def x(self, place: float) -> float:
        """Return where the middle of a column is."""
        return self.layout.left + (place - self.left + 0.5) * self.scale

    def y(self, signal: float) -> float:
        """Return the height of a signal."""
        return self.bottom + signal / MAX_SIGNAL * self.layout.curves

    def band(self, low: float, high: float, colour: str, alpha: float) -> None:
        """Shade the curves between two places, as far as they are in the row."""
        low, high = max(low, self.left - 0.5), min(high, self.right - 0.5)
        if high > low:
            self.drawing.area(self.x(low), self.x(high), self.bottom, self.top, colour, alpha)

    def outline(self, column: int, colour: str) -> None:
        """Draw a frame round a column, with its letter."""
        low, high = self.x(column - 0.5), self.x(column + 0.5)
        bottom, top = self.bottom, self.top + self.layout.above
        self.drawing.lines[colour].append(
            [(low, bottom), (low, top), (high, top), (high, bottom), (low, bottom)]
        )


def _outline(text: str, bold: bool, anchor: _Anchor) -> "Outline":
    """Return the outline of a text of size 1, in points, around its anchor."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D

    fonts = FontProperties(family="monospace", weight="bold" if bold else "normal")
    path = TextPath((0, 0), text, size=100, prop=fonts, usetex=False)
    low, high = path.vertices.min(axis=0), path.vertices.max(axis=0)
    x = {"center": (low[0] + high[0]) / 2, "right": high[0], "left": low[0]}[anchor]
    middle = Affine2D().translate(-x, -(low[1] + high[1]) / 2).scale(0.01)
    return path.transformed(middle)


_COMPLEMENT = dict(zip("ACGT", "TGCA"))
_OTHER = "#b3409a"  # N and codes
_TRIMMED = "#d9d9d9"
_PRIMER = "#f0e0b0"
_QUALITY, _QUALITY_TEXT = "#e3e8ee", "#777777"
_CONFLICT = "#7a3fbf"
_CHOSEN = "#000000"
_DPI = 110
_HEAD, _FOOT = 0.75, 0.45
_QUALITY_SCALE = 62 * 2.1  # quality at the height of `MAX_SIGNAL`
# Bases that are shown of what trimming cut off an end.
_BEYOND = 30


_WHOLE = Layout(bases=100, curves=0.95, letter=10.5)
_ZOOMED = Layout(bases=31, curves=2.6, letter=22.0)
# On a screen of 1024 points no letter is smaller than of 11.
_SCREEN = Layout(bases=17, curves=1.5, letter=18.0, width=9.0, left=1.7, words=1.85, name=14)


def save_chromatogram(
    assembly: Assembly, names: Sequence[str], path: Path, *, base: int | None = None
) -> None:
    """Draw the reads of a sample to a file; the same reads give the same bytes.

    Parameters
    ----------
    assembly : Assembly
        With at least one read that has good bases.
    names : sequence of str
        Of the reads.
    path : path
        A new file that ends in one of `forensics.drawing.DRAWN`. It appears only when it is complete.
    base : int, optional
        Base of the sequence examined, counted from 1: it and those around it are drawn large, and
        nothing else.

    Raises
    ------
    UsageError
        As `check_figure_file`; or if the sequence has no such base.
    ForensicsError
        As `check_figure_file`.
    """
    path = Path(path)
    check_figure_file(path)
    if base is not None:
        _check_base(assembly, base)
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(
        {"svg.hashsalt": "forensics", "font.size": 7, "path.simplify": True}
    ):
        figure = Figure()
        _draw_figure(figure, assembly, names, base, _WHOLE if base is None else _ZOOMED)
        save_figure(figure, path, dpi=_DPI)


def plot_chromatograms(files: AnyPath | Sequence[AnyPath], at: int) -> "Axes":
    """Draw a base of the chromatograms of one sample and those around it, in a new figure of pyplot.

    Parameters
    ----------
    files : path or sequence of path
        The reads of the sample.
    at : int
        Base of the sequence examined, counted from 1.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ForensicsError
        If matplotlib is not installed.
    InputError
        If a file cannot be read, is not a chromatogram, is of a person or has no curves.
    UsageError
        If the sequence has no such base.
    """
    require_matplotlib()
    import matplotlib.pyplot

    assembly, names = read_curves(files)
    _check_base(assembly, at)
    figure = matplotlib.pyplot.figure()
    _draw_figure(figure, assembly, names, at, _SCREEN)
    return figure.axes[0]


def read_curves(files: AnyPath | Sequence[AnyPath]) -> tuple[Assembly, list[str]]:
    """Return the reads of a sample put together, and their names.

    Raises
    ------
    InputError
        As `plot_chromatograms`.
    """
    names, report = read_together(files)
    if report.problem:
        raise InputError(report.problem.message, source=", ".join(names))
    assembly = report.assembly
    if assembly is None or not all(assembly.reads[number].channels for number in assembly.used):
        raise InputError(
            _("the file holds no curves, so there is nothing to draw"), source=", ".join(names)
        )
    return assembly, names


def _check_base(assembly: Assembly, base: int) -> None:
    if not 1 <= base <= len(assembly.sequence):
        raise UsageError(
            _("The sequence has no base {base}; its length is {length}.").format(
                base=base, length=len(assembly.sequence)
            )
        )


def _draw_figure(
    figure: "Figure", assembly: Assembly, names: Sequence[str], base: int | None, layout: Layout
) -> None:
    shown = [number for number in assembly.used if assembly.reads[number].channels]
    places = {number: _places(assembly, number) for number in shown}
    if base is None:
        # Of the ends that were cut off, only what is next to the rest.
        first = max(min(int(at.min()) for at in places.values()), -_BEYOND)
        total = len(assembly.consensus.columns)
        last = min(max(int(at.max()) for at in places.values()), total - 1 + _BEYOND)
    else:
        first = assembly.start + base - 1 - layout.bases // 2
        last = first + layout.bases - 1
    rows = -(-(last - first + 1) // layout.bases)
    head = _HEAD * layout.words**0.7
    height = head + rows * layout.row(len(shown)) + _FOOT
    figure.set_size_inches(layout.width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, layout.width)
    axes.set_ylim(0, height)
    drawing = Drawing()
    for row in range(rows):
        left = first + row * layout.bases
        bottom = height - head - row * layout.row(len(shown))
        for number in shown:
            bottom -= layout.panel
            panel = Panel(drawing, layout, left, bottom + _BELOW)
            _draw_read(panel, assembly, number, places[number])
            _draw_frame(panel, names[number])
            if base is not None:
                panel.outline(assembly.start + base - 1, _CHOSEN)
        _draw_consensus(Panel(drawing, layout, left, bottom), assembly)
    drawing.add_to(axes)
    _draw_legend(figure, assembly, names, layout.words)


def _places(assembly: Assembly, number: int) -> "numpy.ndarray":
    """Return where each call of a read stands on the axis.

    Column 0 is the first base of the consensus before primers were cut off. What trimming cut
    off goes on beyond the ends.

    Returns
    -------
    numpy.ndarray, shape (calls,), float64
        In the order of the calls.
    """
    import numpy

    total = len(assembly.reads[number].sequence)
    at = numpy.full(total, numpy.nan)
    for column, evidence in enumerate(assembly.consensus.columns):
        for seen in evidence:
            if seen.read == number and seen.base != GAP:
                at[seen.position] = column
    known = numpy.flatnonzero(~numpy.isnan(at))
    step = -1 if assembly.is_reversed(number) else 1
    calls = numpy.arange(total)
    filled = numpy.interp(calls, known, at[known])
    before, after = calls < known[0], calls > known[-1]
    filled[before] = at[known[0]] - step * (known[0] - calls[before])
    filled[after] = at[known[-1]] + step * (calls[after] - known[-1])
    return filled


def _draw_read(panel: Panel, assembly: Assembly, number: int, places: "numpy.ndarray") -> None:
    """Draw the curves, letters and qualities of a read in a row."""
    import numpy

    read = assembly.reads[number]
    turned = assembly.is_reversed(number)
    start, end = assembly.kept[number]
    calls = numpy.flatnonzero((places >= panel.left - 0.5) & (places < panel.right - 0.5))
    low, high = sorted((float(places[start]), float(places[end - 1])))
    # Shaded: what trimming by quality cut off, and primers.
    panel.band(float(places.min()) - 0.5, low - 0.5, _TRIMMED, 0.55)
    panel.band(high + 0.5, float(places.max()) + 0.5, _TRIMMED, 0.55)
    panel.band(low - 0.5, assembly.start - 0.5, _PRIMER, 0.55)
    panel.band(assembly.end - 0.5, high + 0.5, _PRIMER, 0.55)
    for column, _evidence in assembly.consensus.conflicts:
        panel.band(column - 0.5, column + 0.5, _CONFLICT, 0.25)
    for call in calls:
        top = panel.y(min(read.qualities[call] / _QUALITY_SCALE, 1.0) * MAX_SIGNAL)
        x = panel.x(places[call])
        half = 0.45 * panel.scale
        panel.drawing.area(x - half, x + half, panel.bottom, top, _QUALITY)
    _draw_curves(panel, assembly, number, places)
    for call in calls:
        letter = read.sequence[call]
        letter = _COMPLEMENT.get(letter, letter) if turned else letter
        kept = start <= call < end
        panel.drawing.text(
            panel.x(places[call]), panel.top + panel.layout.above / 2, letter, panel.layout.letter,
            COLOURS.get(letter, _OTHER), alpha=1 if kept else 0.45, bold=bool(kept),
        )  # fmt: skip
    _draw_marks(panel, assembly, number)


def _draw_curves(panel: Panel, assembly: Assembly, number: int, places: "numpy.ndarray") -> None:
    import numpy

    read = assembly.reads[number]
    start, end = assembly.kept[number]
    peaks = read.amplitudes.max(axis=1)
    # Signal fades along a read: each row has its own scale.
    numbers = numpy.arange(len(places))
    in_row = (places >= panel.left) & (places < panel.right) & (numbers >= start) & (numbers < end)
    usual = float(numpy.median(peaks[in_row] if in_row.any() else peaks[start:end])) or 1.0
    scans = numpy.arange(read.positions[0], read.positions[-1] + 1)
    across = numpy.interp(scans, read.positions, places)
    chosen = (across >= panel.left - 0.5) & (across <= panel.right - 0.5)
    if not chosen.any():
        return
    x = panel.layout.left + (across[chosen] - panel.left + 0.5) * panel.scale
    for base in "ACGT":
        signal = numpy.minimum(read.channels[base][scans][chosen] / usual, MAX_SIGNAL)
        y = panel.bottom + signal / MAX_SIGNAL * panel.layout.curves
        shown = _COMPLEMENT[base] if assembly.is_reversed(number) else base
        panel.drawing.curves[shown].append(numpy.column_stack([x, y]))


def _draw_marks(panel: Panel, assembly: Assembly, number: int) -> None:
    """Mark the double peaks of a read."""
    sites = {site.position + assembly.start: site for site in assembly.sites}
    columns = assembly.consensus.columns
    for column in range(max(panel.left, 0), min(panel.right, len(columns))):
        if any(seen.read == number and seen.double for seen in columns[column]):
            site = sites.get(column)
            is_clear = site is not None and site.counts
            panel.drawing.marks[is_clear].append((panel.x(column), panel.bottom - 0.07))


def _draw_frame(panel: Panel, name: str) -> None:
    """Draw the scales of signal and quality, and the name of the read."""
    drawing = panel.drawing
    right = panel.x(panel.right - 0.5)
    left, words = panel.layout.left, panel.layout.words
    drawing.lines["#333333"] += [
        [(left, panel.top), (left, panel.bottom), (right, panel.bottom)],
        *([(left - 0.04, panel.y(tick)), (left, panel.y(tick))] for tick in (0, 1, 2)),
    ]
    level = panel.y(20 / _QUALITY_SCALE * MAX_SIGNAL)
    drawing.lines["#c5ced8"].append([(left, level), (right, level)])
    for tick in (0, 1, 2):
        drawing.text(left - 0.07, panel.y(tick), str(tick), 7 * words, "#111111", anchor="right")
    for quality in (20, 40, 60):
        y = panel.y(quality / _QUALITY_SCALE * MAX_SIGNAL)
        drawing.text(right + 0.06, y, str(quality), 6 * words, _QUALITY_TEXT, anchor="left")
    most = panel.layout.name
    front = 2 * most // 5
    label = name if len(name) <= most else f"{name[:front]}…{name[front + 1 - most :]}"
    y = panel.top + panel.layout.above / 2
    drawing.text(left - 0.1, y, label, 7 * words, "#111111", bold=True, anchor="right")


def _draw_consensus(panel: Panel, assembly: Assembly) -> None:
    """Write the consensus of several reads under a row, and the numbers of its bases."""
    drawing, size = panel.drawing, panel.layout.letter
    y = panel.bottom - size / 144 - 0.03
    step = 10 if panel.layout.bases > 50 else 5
    for column in range(max(panel.left, assembly.start), min(panel.right, assembly.end)):
        if len(assembly.used) > 1:
            letter = assembly.consensus.sequence[column]
            colour = COLOURS.get(letter, _OTHER)
            drawing.text(panel.x(column), y, letter, size, colour, bold=True)
        # Bases are numbered as in the sequence that is examined.
        place = column - assembly.start + 1
        if place % step == 0:
            words = panel.layout.words
            below = y - size / 144 - 0.1 * words
            drawing.text(panel.x(column), below, str(place), 8 * words, "#111111")


def _draw_legend(figure: "Figure", assembly: Assembly, names: Sequence[str], words: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Artist] = [Line2D([], [], color=COLOURS[base], label=base) for base in "ACGT"]
    entries += [
        Patch(color=_QUALITY, label=_("quality (right)")),
        Patch(color=_TRIMMED, label=_("cut off: quality, far primer")),
        Patch(color=_PRIMER, label=_("cut off: primer")),
        Line2D([], [], color=DOUBLE, marker="^", linestyle="", label=_("double peak, clear")),
        Line2D(
            [], [], color=DOUBLE, marker="^", linestyle="", fillstyle="none",
            label=_("double peak, one strand or badly read"),
        ),
        Patch(color=_CONFLICT, alpha=0.35, label=_("reads conflict")),
    ]  # fmt: skip
    if words > 1:  # there is room for what most pictures show
        entries = [*entries[:5], entries[7]]
    height = figure.get_figheight()
    figure.legend(
        handles=entries, loc="upper left", ncols=len(entries), frameon=False, fontsize=7 * words,
        bbox_to_anchor=(0.05, 1 - 0.3 * words / height),
    )  # fmt: skip
    title = _("{names}: {length} bases examined, {errors:.2f} wrong ones expected").format(
        names=" + ".join(names[number] for number in assembly.used),
        length=len(assembly.sequence),
        errors=assembly.expected_errors,
    )
    figure.text(
        0.055,
        1 - 0.25 * words / height,
        title.replace("$", r"\$"),
        fontsize=9 * words**0.5,
        weight="bold",
    )
    below = _("numbers: base of the sequence examined")
    if len(assembly.used) > 1:
        below = _("below the curves: consensus; numbers: base of the sequence examined")
    figure.text(0.5, 0.15 / height, below, ha="center", fontsize=8 * words**0.7)
    if words == 1:
        figure.text(
            0.003,
            0.5,
            _("signal, in heights of the row's usual peak"),
            va="center",
            rotation=90,
            fontsize=7,
        )
