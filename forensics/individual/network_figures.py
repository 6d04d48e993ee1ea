"""The picture of a network of seizures: a circle of seizures, and lines between those joined."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from forensics.drawing import check_figure_file, save_figure
from forensics.individual.false_links import KINDS
from forensics.individual.matching import components
from forensics.individual.network_results import Network
from forensics.messages import _

__all__ = ["draw_circle", "draw_network"]

# Of the surest kind of a link. Colours of Okabe & Ito, distinguished by people who see fewer colours.
_COLOURS = {
    "match": "#0072B2",
    "parent": "#D55E00",
    "full_sibs": "#009E73",
    "half_sibs": "#CC79A7",
    "unresolved": "#E69F00",
}
_CHANCE, _NODE = "#c8c8c8", "#333333"
_NAME = 24  # characters of a seizure's name that are shown
_SIGN_COST = 1 / 45  # inches a character, by node, that the circle must be larger


def draw_network(network: Network, path: str | os.PathLike[str]) -> None:
    """Draw a network and write it to a new PNG or SVG file.

    Seizures that are joined beyond chance stand side by side; links as chance makes them are thin
    and grey. Widths grow with the number of pairs, dots with the number of individuals.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    check_figure_file(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    side = 6.5 + len(network.seizures) * _SIGN_COST * 3
    figure = Figure(figsize=(side, side), layout="constrained")
    FigureCanvasAgg(figure)
    draw_circle(figure.subplots(), network)
    save_figure(figure, Path(path), dpi=150)


def draw_circle(axes: Any, network: Network) -> None:
    """Draw a network on axes."""
    from matplotlib.lines import Line2D

    place = {seizure.name: number for number, seizure in enumerate(network.seizures)}
    count = len(place)
    joined = np.array(
        [(place[link.first], place[link.second]) for link in network.found], dtype=np.intp
    ).reshape(-1, 2)
    parts = components(count, *joined.T)
    order = np.concatenate(sorted(parts, key=lambda part: (-len(part), part[0])))
    angle = np.empty(count)
    angle[order] = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    x, y = np.cos(angle), np.sin(angle)

    shown_kinds: set[str] = set()
    has_chance = False  # links as chance makes them
    for link in reversed(network.links):  # the surest last, on top
        ends = [place[link.first], place[link.second]]
        kind = link.pairs[0].kind
        pairs = sum(evidence.pairs for evidence in link.evidence.values())
        if link.beyond_chance:
            shown_kinds.add(kind)
            axes.plot(
                x[ends], y[ends], color=_COLOURS[kind], linewidth=1.2 + np.log2(pairs), zorder=2
            )
        else:
            has_chance = True
            axes.plot(x[ends], y[ends], color=_CHANCE, linewidth=0.5, zorder=1)
    sizes = np.sqrt([float(seizure.individuals or 0) for seizure in network.seizures])
    axes.scatter(x, y, s=25 + 120 * sizes / max(float(sizes.max()), 1.0), color=_NODE, zorder=3)
    for seizure, turn in zip(network.seizures, angle):
        left = np.cos(turn) < -1e-9
        axes.annotate(
            _plain(seizure.name),
            (1.06 * np.cos(turn), 1.06 * np.sin(turn)),
            rotation=np.degrees(turn) + (180 if left else 0),
            rotation_mode="anchor",
            ha="right" if left else "left",
            va="center",
            fontsize=8,
            annotation_clip=False,
            parse_math=False,  # a name such as $x$ is a name
        )
    handles = [
        Line2D([], [], color=_COLOURS[kind], linewidth=2, label=_(KINDS[kind]))
        for kind in KINDS
        if kind in shown_kinds
    ]
    if has_chance:
        handles.append(
            Line2D([], [], color=_CHANCE, linewidth=0.8, label=_("no more than chance explains"))
        )
    axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", title=network.headline())
    axes.axis("off")
    if handles:
        axes.legend(handles=handles, loc="lower left", frameon=False, fontsize=8)


def _plain(name: str) -> str:
    """Return a name as it is drawn: short, without characters that cannot be seen."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in name)
    return shown if len(shown) <= _NAME else shown[: _NAME - 1] + "…"
