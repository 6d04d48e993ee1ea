"""What ages draw of themselves; matplotlib is loaded when one is drawn."""

from collections.abc import Sequence
from typing import Any

from forensics.age.animal_ages import MethylationAge
from forensics.age.dating import Age, LevelRanges, Statement
from forensics.age.tissue_ages import RadiocarbonAge, SeriesAge
from forensics.drawing import BARS, FAINT, draw_bars, open_axes, show_text
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["plot_age"]


def plot_age(result: Age, axes: Any = None) -> Any:
    """Draw an age of any method; see `Age.plot`."""
    if isinstance(result, RadiocarbonAge):
        return _plot_ranges(result, result.ranges, result.statements, axes)
    if isinstance(result, SeriesAge):
        return _plot_ranges(result, result.last_formed, result.statements, axes)
    if isinstance(result, MethylationAge):
        return _plot_years(result, axes)
    raise UsageError(_("there is no picture of {kind}").format(kind=type(result).__name__))


def _plot_ranges(
    result: Age, levels: Sequence[LevelRanges], statements: Sequence[Statement], axes: Any
) -> Any:
    stated = [level for level in levels if level.ranges]
    axes = open_axes(axes, rows=len(stated) + 2)
    if not stated:
        show_text(axes, result.headline(), title=result.sample)
        return axes
    labels = [_("{level:.0%} of the probability").format(level=level.level) for level in stated]
    title = f"{result.sample}: {result.headline()}".removeprefix(": ")
    draw_bars(axes, labels, [0.0] * len(labels), [BARS] * len(labels), title=title)
    for row, level in enumerate(stated):
        spans = [(years.start, years.end - years.start) for years in level.ranges]
        axes.broken_barh(spans, (row - 0.35, 0.7), color=BARS)
    starts = [years.start for level in stated for years in level.ranges]
    ends = [years.end for level in stated for years in level.ranges]
    for statement in statements:
        axes.axvline(statement.year, color=FAINT, linestyle="--")
        axes.annotate(
            statement.date,
            (statement.year, len(stated) - 0.5),
            fontsize=8,
            parse_math=False,
        )
    years_shown = [*starts, *ends, *(statement.year for statement in statements)]
    margin = max(1.0, 0.05 * (max(years_shown) - min(years_shown)))
    axes.set_xlim(min(years_shown) - margin, max(years_shown) + margin)
    axes.set_xlabel(_("calendar year"))
    return axes


def _plot_years(result: MethylationAge, axes: Any) -> Any:
    axes = open_axes(axes, rows=1)
    label = _("age")
    if result.interval is not None and result.level is not None:
        label = _("{level:.0%} interval").format(level=result.level)
    title = f"{result.sample}: {result.headline()}".removeprefix(": ")
    draw_bars(axes, [label], [0.0], [BARS], title=title)
    if result.interval is not None:
        low, high = result.interval
        axes.broken_barh([(low, high - low)], (-0.35, 0.7), color=FAINT)
    axes.plot([result.age], [0], "o", color=BARS)
    axes.set_xlim(0.0, 1.1 * max(result.age, *(result.interval or ()), 1.0))
    axes.set_xlabel(_("years"))
    return axes
