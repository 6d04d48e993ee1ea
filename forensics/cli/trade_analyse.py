"""``forensics trade analyse`` and ``pike``: what records of seizures and carcasses show, with intervals."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, option, options_of, shared
from forensics.cli.output import CONTROL, Writer
from forensics.cli.trade_options import FACTORS, FILE, FORM
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, numeral
from forensics.trade.choices import CountOptions, PikeOptions, YearOptions

YEARS = options_of(YearOptions, "years")
FIGURE = option(
    "--figure",
    type=FILE,
    group=Group.OUTPUT,
    help=_("Draw it to a new file, .png or .svg (needs the extra plot)."),
)


@click.command(
    cls=Command,
    help=_(
        "Count seizures, quantities and animals, or show the network of countries they passed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade analyse seizures.db --by year --by species\n"
        "  forensics trade analyse seizures.db --table routes --figure routes.svg --graph routes.json\n\n"
        "SEIZURES is a store or a table (CSV or XLSX). routes: legs from country to country, made or intended. "
        "countries: what each was in them."
    ),
)
@click.argument("seizures", type=click.Path())
@options_of(CountOptions, "options")
@option(
    "--graph",
    type=FILE,
    group=Group.OUTPUT,
    help=_(
        "Write routes and countries to a new file, as node-link JSON for programs for networks."
    ),
)
@YEARS
@FIGURE
@shared(FACTORS, FORM)
def analyse(
    seizures: str, options: CountOptions, graph: Path | None, years: YearOptions, figure: Path | None,
    factor_file: Path | None, writer: Writer,
) -> None:  # fmt: skip
    of_counts = options.by or factor_file or options.measure != "seizures"
    if options.table == "counts" and graph:
        raise UsageError(_("--graph is for the tables routes and countries."))
    if options.table != "counts" and of_counts:
        raise UsageError(_("--by, --measure and --factors are for the table counts."))
    if figure:
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    from forensics.trade.conversion import read_factors
    from forensics.trade.seizures import open_seizures

    factors = read_factors(factor_file) if factor_file else None
    taken = open_seizures(seizures, factors=factors).select(first=years.first, last=years.last)
    if options.table == "counts":
        from forensics.trade.counts import counts

        indicator = counts(taken, options.by or ("year",))
        if options.measure not in indicator.table:
            raise UsageError(
                _("No row stands for a number of animals by any factor; choose another --measure.")
            )
        if figure:
            from forensics.trade.figures import save_counts

            save_counts(indicator, figure, measure=options.measure)
        _write_indicator(indicator, writer, missing=_("not known"))
        return
    from forensics.trade.counts import graph_of, network

    legs, countries = network(taken)
    if graph:
        from forensics.io.files import write_new

        text = json.dumps(graph_of(legs, countries), ensure_ascii=False, allow_nan=False, indent=1)
        write_new(graph, text.encode())
    if figure:
        from forensics.trade.figures import save_routes

        save_routes(legs, countries, figure)
    _write_indicator(countries if options.table == "countries" else legs, writer)


@click.command(
    cls=Command,
    help=_(
        "Give the proportion of illegally killed elephants (PIKE): observed, and its trend.\n\n"
        "\b\n"
        "Example: forensics trade pike carcasses.csv --area Africa --area Asia --first 2003\n"
        "  --last 2024 --figure pike.svg\n\n"
        "CARCASSES is MIKE's table by site and year. The trend is that of MIKE (a Bayesian model "
        "with effects of year, site and site-year; each site weighs the same), each area fitted by "
        "itself. Africa takes some 10 seconds."
    ),
)
@click.argument("carcasses", type=click.Path())
@option(
    "--area",
    "areas",
    multiple=True,
    metavar="NAME",
    group=Group.EXAMINE,
    help=_("Region or subregion, such as 'West Africa'; may be repeated. Default: all regions."),
)
@option(
    "--observed", is_flag=True, group=Group.DECIDE, help=_("Only add up carcasses; fit no trend.")
)
@options_of(PikeOptions, "options")
@FIGURE
@shared(FORM)
def pike(
    carcasses: str, areas: tuple[str, ...], observed: bool, options: PikeOptions, figure: Path | None,
    writer: Writer,
) -> None:  # fmt: skip
    if figure:
        if observed:
            raise UsageError(_("--figure draws a trend; leave --observed out."))
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    from forensics.trade import pike as room
    from forensics.trade.pike import read_carcasses

    table = read_carcasses(carcasses)
    areas = areas or tuple(sorted(set(table.rows["region"])))
    if table.repeated:
        click.echo(
            _("Several rows of one site and year were added up: {which}").format(
                which=", ".join(table.repeated)
            ),
            err=True,
        )
    if observed:
        from forensics.trade.counts import plain_rows

        rows: list[dict[str, object]] = []
        for area in areas:
            shares = room.observed(table.select(area, first=options.first, last=options.last))
            rows += [{"area": area, **row} for row in plain_rows(shares)]
        writer.plain_rows(rows)
        return
    with click.progressbar(
        length=len(areas) * (options.warm_up + options.draws),
        label=_("drawing"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        trends = [room.trend(table, area, options, progress=bar.update) for area in areas]
    if figure:
        from forensics.trade.figures import save_pike

        save_pike(trends, figure)
    _write_trends(trends, writer)


def _write_indicator(indicator: Any, writer: Writer, *, missing: str = "") -> None:
    """Write an indicator; what must be read beside CSV or TSV goes to standard error.

    Parameters
    ----------
    indicator : Indicator or Trend
    writer : Writer
    missing : str
        In a table for people, in the place of a value that is not known.
    """
    from forensics.trade.counts import plain_rows

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


def _write_trends(trends: list[Any], writer: Writer) -> None:
    """Write the trends of several areas; as rows they are one table with a column for the area."""
    if not writer.has_rows:
        for trend in trends:
            _write_indicator(trend, writer)
        return
    from forensics.trade.counts import plain_rows

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
