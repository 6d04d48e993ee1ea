"""What commands of ``forensics trade`` that give an indicator share: options, and how it is printed."""

import sys

import click

from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.messages import _, numeral

__all__ = [
    "FACTORS",
    "FIGURE",
    "FORMAT",
    "SEED",
    "YEARS",
    "open_years",
    "print_indicator",
    "print_trends",
]

FORMAT = format_option(_("Form of the results; json has everything, csv the table alone."))
FIGURE = click.option(
    "--figure",
    type=click.Path(dir_okay=False),
    help=_("Draw it to a new file, .png or .svg (needs the extra plot)."),
)
FACTORS = click.option(
    "--factors",
    type=click.Path(dir_okay=False),
    help=_("Table of factors by which rows are converted to animals. Default: the packaged one."),
)
SEED = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help=_("Of random draws.")
)
_FIRST = click.option("--first", type=int, metavar="YEAR", help=_("First year that is taken."))
_LAST = click.option("--last", type=int, metavar="YEAR", help=_("Last year that is taken."))


def YEARS(command):
    """Give a command the options ``--first`` and ``--last``."""
    return _FIRST(_LAST(command))


def open_years(path, first, last, *, figure=None, factors=None):
    """Return the seizures of a store or table in these years; a figure's name is checked first."""
    if figure:
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    from forensics.trade.indicators.stored import open_seizures

    if factors:
        from forensics.trade.conversion import read_factors

        factors = read_factors(factors)
    seizures = open_seizures(path, factors=factors)
    if first is None and last is None:
        return seizures
    years = seizures.years
    low, high = (years[0] if first is None else first), (years[-1] if last is None else last)
    return seizures.take(year for year in years if low <= year <= high)


def print_indicator(indicator, style, *, rows=None, missing="") -> None:
    """Print an indicator; what must be read beside a table or CSV goes to standard error.

    Parameters
    ----------
    indicator : Indicator or Trend
    style : str
    rows : int, optional
        So many of the first rows in a table; the notes say how many there are.
    missing : str
        In a table, in the place of a value that is not known.
    """
    from forensics.cli.output import Writer
    from forensics.trade.indicators.results import plain_rows

    if style == "json":
        sys.stdout.reconfigure(encoding="utf-8")
        click.echo(indicator.to_json())
        return
    table = indicator.to_frame()
    if style == "csv":
        Writer(style, sys.stdout).plain_rows(plain_rows(table))
    else:
        click.echo(indicator.sample.translate(CONTROL))
        shown = plain_rows(table if rows is None else table.head(rows))
        if shown:
            Writer(style, sys.stdout).plain_rows([_with_intervals(row, missing) for row in shown])
        else:
            click.echo(_("nothing found"))
    if style == "table":
        click.echo()
        print_lines(indicator.lines())
    else:
        for label, text in indicator.lines():
            click.echo(f"{label}: {text}".translate(CONTROL), err=True)


def print_trends(trends, style) -> None:
    """Print the trends of several areas; as CSV they are one table with a column for the area."""
    if style != "csv":
        for trend in trends:
            print_indicator(trend, style)
        return
    from forensics.cli.output import Writer
    from forensics.trade.indicators.results import plain_rows

    rows = [
        {"area": trend.sample, **row} for trend in trends for row in plain_rows(trend.to_frame())
    ]
    Writer(style, sys.stdout).plain_rows(rows)
    for trend in trends:
        for label, text in trend.lines():
            click.echo(f"{trend.sample}: {label}: {text}".translate(CONTROL), err=True)


def _with_intervals(row: dict, missing: str = "") -> dict:
    """Return a row for people: limits in brackets behind their value, four digits."""
    found = {}
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
        found[name] = text
    return found


def _short(value: object) -> str:
    if isinstance(value, float):
        return numeral(value, ".4g") if abs(value) < 10000 else numeral(value, ".0f")
    return "" if value is None else str(value)
