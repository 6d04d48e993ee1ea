"""What commands of ``forensics trade`` that give an indicator share: options, and how it is printed."""

from typing import Any

import click

from forensics.cli.options import option, options_of
from forensics.cli.output import Writer, written
from forensics.cli.printing import CONTROL
from forensics.core.options import Group
from forensics.messages import _, numeral
from forensics.trade.indicators.options import YearOptions

__all__ = [
    "FACTORS",
    "FIGURE",
    "FORM",
    "YEARS",
    "open_years",
    "write_indicator",
    "write_trends",
]

FORM = written(_("Form of the results; json has everything, csv the table alone."))
YEARS = options_of(YearOptions, "years")
FIGURE = option(
    "--figure",
    type=click.Path(dir_okay=False),
    group=Group.OUTPUT,
    help=_("Draw it to a new file, .png or .svg (needs the extra plot)."),
)
FACTORS = option(
    "--factors",
    type=click.Path(dir_okay=False),
    group=Group.DECIDE,
    help=_("Table of factors by which rows are converted to animals. Default: the packaged one."),
)


def open_years(
    path: str, years: YearOptions, *, figure: str | None = None, factors: str | None = None
) -> Any:
    """Return the seizures of a store or table in these years; a figure's name is checked first."""
    if figure:
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    from forensics.trade.indicators.stored import open_seizures

    table = None
    if factors:
        from forensics.trade.conversion import read_factors

        table = read_factors(factors)
    seizures = open_seizures(path, factors=table)
    first, last, known = years.first, years.last, seizures.years
    if first is None and last is None:
        return seizures
    low, high = (known[0] if first is None else first), (known[-1] if last is None else last)
    return seizures.take(year for year in known if low <= year <= high)


def write_indicator(indicator: Any, writer: Writer, *, missing: str = "") -> None:
    """Write an indicator; what must be read beside CSV or TSV goes to standard error.

    Parameters
    ----------
    indicator : Indicator or Trend
    writer : Writer
    missing : str
        In a table for people, in the place of a value that is not known.
    """
    from forensics.trade.indicators.results import plain_rows

    if writer.is_json:
        writer.record(indicator)
        return
    rows = plain_rows(indicator.to_frame())
    if writer.has_rows:
        writer.plain_rows(rows)
        _say(indicator.lines())
        return
    writer.heading(indicator.sample)
    if rows:
        writer.columns([_with_intervals(row, missing) for row in rows])
    else:
        writer.text(_("nothing found"))
    writer.text()
    writer.lines(indicator.lines())


def write_trends(trends: list[Any], writer: Writer) -> None:
    """Write the trends of several areas; as rows they are one table with a column for the area."""
    if not writer.has_rows:
        for trend in trends:
            write_indicator(trend, writer)
        return
    from forensics.trade.indicators.results import plain_rows

    writer.plain_rows(
        [{"area": trend.sample, **row} for trend in trends for row in plain_rows(trend.to_frame())]
    )
    for trend in trends:
        _say([(f"{trend.sample}: {label}", text) for label, text in trend.lines()])


def _say(lines: list[tuple[str, str]]) -> None:
    for label, text in lines:
        click.echo(f"{label}: {text}".translate(CONTROL), err=True)


def _with_intervals(row: dict[str, Any], missing: str = "") -> dict[str, str]:
    """Return a row for people: limits in brackets behind their value, four digits."""
    intervals = {}
    for name, value in row.items():
        if name.endswith(("_low", "_high")) and name.rpartition("_")[0] in row:
            continue
        text = _short(value)
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        if low is not None and high is not None:
            text = f"{text} ({_short(low)}-{_short(high)})"
        elif low is not None and value is not None:
            text = f"{text} (≥ {_short(low)})"
        elif value is None:
            text = missing
        intervals[name] = text
    return intervals


def _short(value: object) -> str:
    if isinstance(value, float):
        return numeral(value, ".4g") if abs(value) < 10000 else numeral(value, ".0f")
    return "" if value is None else str(value)
