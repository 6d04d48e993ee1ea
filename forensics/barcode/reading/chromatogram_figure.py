"""Draws chromatograms, alone or of one sample over each other; matplotlib, from the extra ``plot``.

Across are the bases of the sequence that the reads give; each read's curves are stretched so
that its calls stand over them, a reverse read as its complement. The curves have the usual
colours in shades that colour-blind people tell apart (Okabe & Ito 2008), and the called letters
stand over them.
"""

from collections.abc import Sequence
from pathlib import Path

from forensics.barcode.reading.consensus import GAP
from forensics.barcode.reading.sanger import Assembly
from forensics.drawing import check_figure_file, save_figure
from forensics.messages import _

__all__ = ["save_chromatogram"]

_COLOURS = {"A": "#009e73", "C": "#0072b2", "G": "#111111", "T": "#d55e00"}
_COMPLEMENT = dict(zip("ACGT", "TGCA"))
_OTHER = "#b3409a"  # N and codes
_TRIMMED = "#d9d9d9"
_PRIMER = "#f0e0b0"
_DOUBLE, _CONFLICT = "#cc2222", "#7a3fbf"
_ROW = 110  # bases
_PANEL = 1.3  # inches
_WIDTH = 15.0
# Curves higher than so many times the usual peak are cut off: dye would dwarf the rest.
_CEILING = 2.2
_TOP_QUALITY = 62
# Bases that are shown of what trimming cut off an end.
_BEYOND = 30


def save_chromatogram(assembly: Assembly, names: Sequence[str], path: Path) -> None:
    """Draw the reads of a sample to a file; the same reads give the same bytes.

    Parameters
    ----------
    assembly : Assembly
        With at least one read that has good bases.
    names : sequence of str
        Of the reads.
    path : path
        A new file that ends in one of `forensics.drawing.DRAWN`. It appears only when it is complete.

    Raises
    ------
    UsageError, ForensicsError
        As `check_figure_file`.
    """
    path = Path(path)
    check_figure_file(path)
    import matplotlib
    from matplotlib.figure import Figure

    shown = [number for number in assembly.used if assembly.reads[number].channels]
    places = {number: _places(assembly, number) for number in shown}
    # Of the ends that were cut off, only what is next to the rest.
    first = max(min(int(at[0]) for at in places.values()), -_BEYOND)
    total = len(assembly.consensus.columns)
    last = min(max(int(at[-1]) for at in places.values()), total - 1 + _BEYOND)
    rows = -(-(last - first + 1) // _ROW)
    with matplotlib.rc_context({"svg.hashsalt": "forensics", "font.size": 7}):
        figure = Figure(figsize=(_WIDTH, 1.3 + rows * (len(shown) * _PANEL + 0.45)))
        grid = figure.add_gridspec(
            rows, 1, hspace=0.42, left=0.06, right=0.97, top=1 - 0.85 / figure.get_figheight(),
            bottom=0.55 / figure.get_figheight(),
        )  # fmt: skip
        for row in range(rows):
            cell = grid[row].subgridspec(len(shown), 1, hspace=0.3)
            left = first + row * _ROW
            for panel, number in enumerate(shown):
                axes = figure.add_subplot(cell[panel])
                _draw(axes, assembly, number, places[number], left)
                _frame(axes, assembly, names[number], left, panel == len(shown) - 1)
        _legend(figure, assembly, names)
        save_figure(figure, path, dpi=110)


def _places(assembly: Assembly, number: int):
    """Return where each call of a read stands on the axis, in the order of the axis.

    Column 0 is the first base of the consensus before primers were cut off. What trimming cut
    off goes on beyond the ends.
    """
    import numpy

    read = assembly.reads[number]
    turned = assembly.consensus.reversed[assembly.used.index(number)]
    total = len(read.sequence)
    at = numpy.full(total, numpy.nan)
    for column, evidence in enumerate(assembly.consensus.columns):
        for seen in evidence:
            if seen.read == number and seen.base != GAP:
                at[seen.position] = column
    known = numpy.flatnonzero(~numpy.isnan(at))
    step = -1 if turned else 1
    calls = numpy.arange(total)
    filled = numpy.interp(calls, known, at[known])
    before, after = calls < known[0], calls > known[-1]
    filled[before] = at[known[0]] - step * (known[0] - calls[before])
    filled[after] = at[known[-1]] + step * (calls[after] - known[-1])
    return filled[::-1] if turned else filled


def _draw(axes, assembly: Assembly, number: int, places, left: int) -> None:
    import numpy

    read = assembly.reads[number]
    turned = assembly.consensus.reversed[assembly.used.index(number)]
    at = places[::-1] if turned else places  # in the order of the calls
    right = left + _ROW
    within = slice(*assembly.kept[number])
    peaks = read.amplitudes.max(axis=1)
    # Signal fades along a read: each row has its own scale.
    in_row = (at >= left) & (at < right) & (numpy.arange(len(at)) >= within.start)
    in_row &= numpy.arange(len(at)) < within.stop
    usual = float(numpy.median(peaks[in_row] if in_row.any() else peaks[within])) or 1.0
    scans = numpy.arange(read.positions[0], read.positions[-1] + 1)
    across = numpy.interp(scans, read.positions, at)
    chosen = (across >= left - 0.6) & (across <= right - 0.4)
    quality_axes = axes.twinx()
    quality_axes.set_ylim(0, _TOP_QUALITY * 2.1)
    quality_axes.set_yticks([20, 40, 60])
    quality_axes.tick_params(length=2, labelsize=5, colors="#777777")
    quality_axes.set_frame_on(False)
    axes.set_zorder(quality_axes.get_zorder() + 1)
    axes.patch.set_visible(False)
    calls = [n for n, place in enumerate(at) if left - 0.5 <= place < right - 0.5]
    quality_axes.bar(
        [at[n] for n in calls], [read.qualities[n] for n in calls], width=0.9, color="#e3e8ee"
    )
    quality_axes.axhline(20, color="#c5ced8", linewidth=0.5)
    for base in "ACGT":
        curve = numpy.minimum(read.channels[base][scans][chosen] / usual, _CEILING)
        shown = _COMPLEMENT[base] if turned else base
        axes.plot(across[chosen], curve, color=_COLOURS[shown], linewidth=0.7)
    for n in calls:
        letter = read.sequence[n]
        letter = _COMPLEMENT.get(letter, letter) if turned else letter
        kept = within.start <= n < within.stop
        axes.text(
            at[n], _CEILING + 0.08, letter, ha="center", va="bottom", fontsize=5.5,
            family="monospace", color=_COLOURS.get(letter, _OTHER), alpha=1 if kept else 0.45,
            weight="bold" if kept else "normal",
        )  # fmt: skip
    # Shaded: what trimming by quality cut off, and primers.
    edges = sorted((at[within.start], at[within.stop - 1]))
    for low, high, colour in (
        (at.min() - 0.5, edges[0] - 0.5, _TRIMMED),
        (edges[1] + 0.5, at.max() + 0.5, _TRIMMED),
        (edges[0] - 0.5, assembly.start - 0.5, _PRIMER),
        (assembly.end - 0.5, edges[1] + 0.5, _PRIMER),
    ):
        if high > low:
            axes.axvspan(
                max(low, left - 1), min(high, right), color=colour, alpha=0.55, linewidth=0
            )
    _marks(axes, assembly, number, left)


def _marks(axes, assembly: Assembly, number: int, left: int) -> None:
    counted = {site.position + assembly.start: site for site in assembly.sites}
    for column, evidence in enumerate(assembly.consensus.columns):
        if not left <= column < left + _ROW:
            continue
        if any(seen.read == number and seen.double for seen in evidence):
            site = counted.get(column)
            clear = site is not None and site.counts
            axes.plot(
                column, -0.13, marker="^", markersize=4.5, color=_DOUBLE, clip_on=False,
                fillstyle="full" if clear else "none", markeredgewidth=0.7,
            )  # fmt: skip
    for column, _evidence in assembly.consensus.conflicts:
        if left <= column < left + _ROW:
            axes.axvspan(column - 0.5, column + 0.5, color=_CONFLICT, alpha=0.25, linewidth=0)


def _frame(axes, assembly: Assembly, name: str, left: int, lowest: bool) -> None:
    axes.set_xlim(left - 0.6, left + _ROW - 0.4)
    axes.set_ylim(-0.2, _CEILING + 0.05)
    axes.set_yticks([0, 1, 2])
    axes.tick_params(length=2, labelsize=5)
    label = name if len(name) <= 20 else name[:8] + "…" + name[-11:]
    axes.set_ylabel(label.replace("$", r"\$"), fontsize=6)
    # Bases are numbered as in the sequence that is examined.
    ticks = [
        column
        for column in range(left, left + _ROW)
        if (column - assembly.start + 1) % 10 == 0 and assembly.start <= column < assembly.end
    ]
    axes.set_xticks(ticks)
    axes.set_xticklabels([column - assembly.start + 1 for column in ticks] if lowest else [])
    if lowest and len(assembly.used) > 1:
        axes.tick_params(axis="x", pad=9, length=0)
        for column in range(max(left, assembly.start), min(left + _ROW, assembly.end)):
            letter = assembly.consensus.sequence[column]
            axes.text(
                column, -0.27, letter, ha="center", va="top", fontsize=5.5, family="monospace",
                weight="bold", color=_COLOURS.get(letter, _OTHER),
            )  # fmt: skip
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _legend(figure, assembly: Assembly, names: Sequence[str]) -> None:
    from matplotlib.artist import Artist
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Artist] = [Line2D([], [], color=_COLOURS[base], label=base) for base in "ACGT"]
    entries += [
        Patch(color="#e3e8ee", label=_("quality (right)")),
        Patch(color=_TRIMMED, label=_("cut off: quality, far primer")),
        Patch(color=_PRIMER, label=_("cut off: primer")),
        Line2D([], [], color=_DOUBLE, marker="^", linestyle="", label=_("double peak, clear")),
        Line2D(
            [], [], color=_DOUBLE, marker="^", linestyle="", fillstyle="none",
            label=_("double peak, one strand or badly read"),
        ),
        Patch(color=_CONFLICT, alpha=0.35, label=_("reads conflict")),
    ]  # fmt: skip
    height = figure.get_figheight()
    figure.legend(
        handles=entries, loc="upper left", ncols=len(entries), frameon=False, fontsize=6.5,
        bbox_to_anchor=(0.07, 1 - 0.3 / height),
    )  # fmt: skip
    title = _("{names}: {length} bases examined, {errors:.2f} wrong ones expected").format(
        names=" + ".join(names[number] for number in assembly.used),
        length=len(assembly.sequence),
        errors=assembly.expected_errors,
    )
    figure.text(0.075, 1 - 0.25 / height, title.replace("$", r"\$"), fontsize=8, weight="bold")
    figure.text(0.5, 0.15 / height, _base_label(assembly), ha="center", fontsize=7)
    figure.text(
        0.012,
        0.5,
        _("signal, in heights of the row's usual peak"),
        va="center",
        rotation=90,
        fontsize=7,
    )


def _base_label(assembly: Assembly) -> str:
    if len(assembly.used) > 1:
        return _("below the curves: consensus; numbers: base of the sequence examined")
    return _("numbers: base of the sequence examined")
