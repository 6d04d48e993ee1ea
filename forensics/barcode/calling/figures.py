"""Pictures of this package; matplotlib, from the extra ``plot``, is loaded when one is drawn."""

import textwrap
from pathlib import Path
from typing import Any

from forensics.barcode.calling.phylogeny import Node, QueryTree
from forensics.drawing import require_matplotlib
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["DRAWN", "TREES", "check_tree_file", "draw_tree", "save_tree"]

DRAWN = (".svg", ".png")
TREES = (*DRAWN, ".nwk")

_ROW = 0.22  # inches a tip
_COLOURS = {"query": "#b3261e", "nearest": "#1b5e9b", "": "#222222"}


def check_tree_file(path: Path) -> None:
    """Check, before any work, that a tree can be written to a file of this name.

    Raises
    ------
    UsageError
        If the name ends in none of `TREES`.
    ForensicsError
        If it asks for a drawing and matplotlib is not installed.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in TREES:
        raise UsageError(
            _("A tree is written as {known}; {path} ends in none of them.").format(
                known=", ".join(TREES), path=path
            )
        )
    if suffix in DRAWN:
        require_matplotlib(instead=_("Or give a name that ends in .nwk."))


def save_tree(tree: QueryTree, path: Path) -> None:
    """Write a tree as Newick or draw it, as the name of the file says.

    The same tree gives the same bytes. Raises what `check_tree_file` raises.
    """
    path = Path(path)
    check_tree_file(path)
    if path.suffix.lower() not in DRAWN:
        path.write_text(tree.newick(), encoding="utf-8", newline="\n")
        return
    import matplotlib
    from matplotlib.figure import Figure

    tips = list(tree.root.tips())
    with matplotlib.rc_context({"svg.hashsalt": "forensics", "font.size": 8}):
        figure = Figure(figsize=(8, 1.2 + _ROW * len(tips)), layout="constrained")
        axes = figure.add_subplot()
        draw_tree(axes, tree)
        kind = path.suffix.lower()[1:]
        figure.savefig(path, dpi=150, metadata={"Date": None} if kind == "svg" else {})


def draw_tree(axes: Any, tree: QueryTree) -> None:
    """Draw a tree on axes."""
    count = len(list(tree.root.tips()))
    _height, widest = _place(axes, tree.root, iter(range(count)), 0.0)
    _finish(axes, tree, widest, count)


def _place(axes, node: Node, rows, start: float) -> tuple[float, float]:
    """Draw a subtree; return its height on the page and how far to the right it reaches."""
    end = start + node.length
    if node.children:
        placed = [_place(axes, child, rows, end) for child in node.children]
        heights = [height for height, _reach in placed]
        axes.plot([end, end], [min(heights), max(heights)], color=_COLOURS[""], linewidth=1)
        height, reach = sum(heights) / len(heights), max(reach for _height, reach in placed)
    else:
        height, reach = next(rows), end
        weight = "bold" if node.role == "query" else "normal"
        axes.annotate(
            node.label.replace("$", r"\$"),  # a stranger's name is not a formula
            (end, height),
            xytext=(3, 0),
            textcoords="offset points",
            verticalalignment="center",
            color=_COLOURS[node.role],
            weight=weight,
        )
    axes.plot([start, end], [height, height], color=_COLOURS[node.role], linewidth=1)
    return height, reach


def _finish(axes, tree: QueryTree, widest: float, tips: int) -> None:
    axes.invert_yaxis()
    axes.set_ylim(tips - 0.5, -0.5)
    axes.set_xlim(0, (widest or 0.01) * 1.7)  # room for the labels
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(_("p-distance from the root"))
    axes.set_title("\n".join(textwrap.wrap(tree.caption(), 110)), loc="left", fontsize=7)
