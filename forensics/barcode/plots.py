"""What identifications and mixtures draw of themselves; matplotlib is loaded when one is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from forensics.barcode.run import COLOURS
from forensics.barcode.verdict import make_verdict
from forensics.drawing import BARS, FAINT, draw_bars, open_axes, show_text
from forensics.errors import UsageError
from forensics.messages import _, numeral

if TYPE_CHECKING:
    from forensics.barcode.identification import Identification
    from forensics.barcode.mixture.results import Mixture

MAX_ROWS = 100
"""More queries than this in one picture cannot be read."""
_MAX_CANDIDATES = 8


def plot_identification(result: "Identification", axes: Any = None) -> Any:
    """Draw the candidates of a query; see `Identification.plot`."""
    shown = result.candidates[:_MAX_CANDIDATES]
    known = result.call.probabilities
    axes = open_axes(axes, rows=len(shown) + (known is not None))
    title = f"{result.query}: {result.headline()}"
    if not shown:
        show_text(axes, result.headline(), title=result.query)
        return axes
    labels = [f"{candidate.species}, {numeral(candidate.identity, '.1%')}" for candidate in shown]
    if known is None:
        draw_bars(
            axes,
            labels,
            [candidate.identity for candidate in shown],
            [BARS, *[FAINT] * (len(shown) - 1)],
            title=title,
        )
        axes.set_xlim(min(result.floor, *(candidate.identity for candidate in shown)), 1.0)
        axes.set_xlabel(_("identity; the library is not calibrated"))
        return axes
    species = known["species"]
    draw_bars(
        axes,
        [*labels, _("none of the library")],
        [*(species.get(candidate.species, 0.0) for candidate in shown), species["none"]],
        [*[BARS] * len(shown), FAINT],
        title=title,
    )
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(_("probability of the species; beside its name the identity"))
    return axes


def plot_identifications(results: "Sequence[Identification]", axes: Any = None) -> Any:
    """Draw best and second species of each query; see `Identifications.plot`."""
    if len(results) > MAX_ROWS:
        raise UsageError(
            _("{count} queries do not fit in one picture of {most}; draw a slice.").format(
                count=len(results), most=MAX_ROWS
            )
        )
    axes = open_axes(axes, rows=max(len(results), 1))
    labels = [f"{result.query}: {make_verdict(result).call}" for result in results]
    draw_bars(axes, labels, [0.0] * len(labels), [FAINT] * len(labels), title="")
    lowest = 1.0
    for row, result in enumerate(results):
        if not result.candidates:
            continue
        best, other = result.candidates[0], result.closest_other_species
        lowest = min(lowest, best.identity, other.identity if other else 1.0)
        if other:
            axes.plot([other.identity, best.identity], [row, row], color=FAINT, linewidth=1.0)
            axes.plot([other.identity], [row], "o", color=FAINT, markerfacecolor="none")
        axes.plot([best.identity], [row], "o", color=COLOURS[make_verdict(result).outcome])
    axes.set_xlim(lowest - 0.02 * (1.0 - lowest) - 0.002, 1.002)
    axes.set_xlabel(_("identity of the nearest species (filled) and of the next (open)"))
    return axes


def plot_mixture(result: "Mixture", axes: Any = None) -> Any:
    """Draw the taxa of a sample by their share of the reads; see `Mixture.plot`."""
    taxa = [taxon for taxon in result.taxa if taxon.share is not None][:MAX_ROWS]
    axes = open_axes(axes, rows=len(taxa))
    title = f"{result.sample}: {result.headline()}"
    if not taxa:
        show_text(axes, result.headline(), title=result.sample)
        return axes
    present = {id(taxon) for taxon in result.present}
    shares = [float(taxon.share or 0.0) for taxon in taxa]
    draw_bars(
        axes,
        [f"{taxon.label} ({taxon.amplicon})" for taxon in taxa],
        shares,
        [BARS if id(taxon) in present else FAINT for taxon in taxa],
        title=title,
    )
    below = [max(share - taxon.low, 0.0) for share, taxon in zip(shares, taxa)]
    above = [max(taxon.high - share, 0.0) for share, taxon in zip(shares, taxa)]
    axes.errorbar(
        shares, range(len(taxa)), xerr=[below, above], fmt="none", ecolor="#000000", linewidth=1.0
    )
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(_("share of the reads with its interval (grey: not stated as present)"))
    return axes
