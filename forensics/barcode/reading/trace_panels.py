"""Panels of a figure of chromatograms: places in bases and signal, drawn in inches.

All panels stand on one pair of axes, in inches, and what looks alike is drawn in one collection:
axes and texts of their own for every row and letter took several times as long.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy
    from matplotlib.axes import Axes
    from matplotlib.path import Path as Outline

__all__ = ["COLOURS", "DOUBLE", "LEFT", "MAX_SIGNAL", "WIDTH", "Drawing", "Layout", "Panel"]

COLOURS = {"A": "#009e73", "C": "#0072b2", "G": "#111111", "T": "#d55e00"}
WIDTH, LEFT, _RIGHT = 15.0, 1.5, 0.45  # inches: the figure, and the margins of its panels
# Curves higher than so many times the usual peak are cut off: dye would dwarf the rest.
MAX_SIGNAL = 2.2
DOUBLE = "#cc2222"

_Anchor = Literal["center", "right", "left"]


@dataclass(frozen=True)
class Layout:
    """How rows are divided: bases a row, inches of the curves of a read, points of a letter."""

    bases: int
    curves: float
    letter: float

    @property
    def above(self) -> float:
        """Inches over the curves, for the called letters."""
        return self.letter / 72 + 0.08

    @property
    def below(self) -> float:
        """Inches under the curves, for the marks of double peaks."""
        return 0.16

    @property
    def panel(self) -> float:
        """Inches of a read in all."""
        return self.above + self.curves + self.below

    @property
    def foot(self) -> float:
        """Inches under the panels of a row: the consensus and the numbers of its bases."""
        return self.letter / 72 + 0.34

    def row(self, reads: int) -> float:
        """Inches of a row of so many reads."""
        return reads * self.panel + self.foot


@dataclass
class Drawing:
    """What is drawn, in inches, by how it looks; each look becomes one collection."""

    curves: dict[str, "list[numpy.ndarray]"] = field(default_factory=lambda: defaultdict(list))
    lines: dict[str, list[list[tuple[float, float]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    areas: dict[tuple[str, float], list[list[tuple[float, float]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    texts: dict[tuple[str, float, str, float, bool, _Anchor], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    marks: dict[bool, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

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
        return (WIDTH - LEFT - _RIGHT) / self.layout.bases

    @property
    def top(self) -> float:
        """Inches; of the highest signal that is drawn."""
        return self.bottom + self.layout.curves

    def x(self, place: float) -> float:
        """Return where the middle of a column is."""
        return LEFT + (place - self.left + 0.5) * self.scale

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
