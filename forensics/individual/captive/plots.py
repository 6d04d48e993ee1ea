"""What a result by measurements draws of itself; matplotlib is loaded when one is drawn."""

from typing import TYPE_CHECKING, Any

from forensics.drawing import BARS, FAINT, draw_bars, open_axes
from forensics.messages import _
from forensics.result import shown_probability
from forensics.stats.choice import by_value

if TYPE_CHECKING:
    from forensics.individual.captive.results import Husbandry

__all__ = ["plot_husbandry"]

_MIN_P = 1e-6  # drawn so where a p-value is smaller


def plot_husbandry(result: "Husbandry", axes: Any = None) -> Any:
    """Draw how many samples of each class lie as far out; see `Husbandry.plot`."""
    names = [name for name, _p in by_value(result.p_values)]
    axes = open_axes(axes, rows=len(names))
    labels = []
    for name in names:
        posterior = result.posteriors[name]
        labels.append(
            name
            if posterior is None
            else _("{name}, posterior {p}").format(name=name, p=shown_probability(posterior))
        )
    draw_bars(
        axes,
        labels,
        [max(result.p_values[name], _MIN_P) for name in names],
        [FAINT if name in result.excluded else BARS for name in names],
        title=f"{result.sample}: {result.headline()}",
    )
    axes.set_xscale("log")
    axes.set_xlim(_MIN_P, 1.0)
    axes.axvline(result.level, color="#000000", linestyle="--", linewidth=1.0)
    axes.set_xlabel(_("p-value of the class (dashed: at most this excludes it)"))
    return axes
