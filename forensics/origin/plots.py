"""What origins draw of themselves; matplotlib is loaded when one is drawn."""

from collections.abc import Sequence
from typing import Any

from forensics.drawing import BARS, FAINT, draw_bars, open_axes, show_text
from forensics.errors import UsageError
from forensics.messages import _, numeral
from forensics.origin.map_results import MappedOrigin
from forensics.origin.results import Origin, PopulationOrigin
from forensics.stats.choice import by_value

_MAX_POPULATIONS = 20


def plot_origin(
    result: Origin,
    axes: Any = None,
    sites: tuple[Sequence[float], Sequence[float]] = ((), ()),
) -> Any:
    """Draw an origin of any kind; see `Origin.plot`."""
    if isinstance(result, MappedOrigin):
        return _plot_map(result, axes, sites)
    if isinstance(result, PopulationOrigin):
        return _plot_populations(result, axes)
    raise UsageError(_("there is no picture of {kind}").format(kind=type(result).__name__))


def _plot_map(
    result: MappedOrigin, axes: Any, sites: tuple[Sequence[float], Sequence[float]]
) -> Any:
    if result.surface is None and result.summary is not None:
        raise UsageError(
            _("The map is not stored with a result; assign the sample again to draw it.")
        )
    from forensics.origin.maps import draw_map

    axes = open_axes(axes)
    draw_map(axes, result, sites)
    return axes


def _plot_populations(result: PopulationOrigin, axes: Any) -> Any:
    shown = by_value(result.probabilities)[:_MAX_POPULATIONS]
    title = f"{result.sample}: {result.headline()}"
    axes = open_axes(axes, rows=len(shown))
    if result.status == "unusable" or not shown:
        show_text(axes, result.headline(), title=result.sample)
        return axes
    p_values = result.exclusion.p_values or {}
    labels = [
        _("{name} (p = {p})").format(name=name, p=numeral(p_values[name], ".2g"))
        if name in p_values
        else name
        for name, _probability in shown
    ]
    named = {result.origin, *result.together} if result.status != "none_of_the_reference" else ()
    draw_bars(
        axes,
        labels,
        [probability for _name, probability in shown],
        [BARS if name in named else FAINT for name, _probability in shown],
        title=title,
    )
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(_("posterior, if it comes from one of these populations"))
    return axes
