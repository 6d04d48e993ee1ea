"""``forensics trade analyse pike`` and ``forensics trade analyse counts``: what counts show, with intervals."""

import sys

import click

from forensics.cli.options import Command, option, options_of
from forensics.cli.output import Writer
from forensics.cli.trade_indicator_options import (
    FACTORS,
    FIGURE,
    FORM,
    YEARS,
    open_years,
    write_indicator,
    write_trends,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.indicators.options import CountOptions, PikeOptions, YearOptions

__all__ = ["counts", "pike"]


@click.command(
    cls=Command,
    help=_(
        "Give the proportion of illegally killed elephants (PIKE): observed, and its trend.\n\n"
        "\b\n"
        "Example: forensics trade analyse pike carcasses.csv --area Africa --area Asia --first 2003\n"
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
@YEARS
@option(
    "--observed", is_flag=True, group=Group.DECIDE, help=_("Only add up carcasses; fit no trend.")
)
@options_of(PikeOptions, "options")
@FIGURE
@FORM
def pike(
    carcasses: str, areas: tuple[str, ...], years: YearOptions, observed: bool,
    options: PikeOptions, figure: str | None, writer: Writer,
) -> None:  # fmt: skip
    if figure:
        if observed:
            raise UsageError(_("--figure draws a trend; leave --observed out."))
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    import numpy as np

    from forensics.trade.indicators import pike as room
    from forensics.trade.indicators.carcasses import read_carcasses

    table = read_carcasses(carcasses)
    areas = areas or tuple(np.unique(table.region))
    if table.repeated:
        click.echo(
            _("Several rows of one site and year were added up: {which}").format(
                which=", ".join(table.repeated)
            ),
            err=True,
        )
    if observed:
        from forensics.trade.indicators.results import plain_rows

        rows: list[dict[str, object]] = []
        for area in areas:
            shares = room.observed(table.select(area, first=years.first, last=years.last))
            rows += [{"area": area, **row} for row in plain_rows(shares)]
        writer.plain_rows(rows)
        return
    with click.progressbar(
        length=len(areas) * (options.warm_up + options.draws),
        label=_("drawing"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        trends = [
            room.trend(
                table,
                area,
                first=years.first,
                last=years.last,
                chains=options.chains,
                warm_up=options.warm_up,
                draws=options.draws,
                seed=options.seed,
                progress=bar.update,
            )  # fmt: skip
            for area in areas
        ]
    if figure:
        from forensics.trade.indicators.figures import save_pike

        save_pike(trends, figure)
    write_trends(trends, writer)


@click.command(
    cls=Command,
    help=_(
        "Count seizures, quantities and animals, with intervals.\n\n"
        "Example: forensics trade analyse counts seizures.db --by year --by species\n\n"
        "SEIZURES is a store or a table (CSV or XLSX)."
    ),
)
@click.argument("seizures", type=click.Path())
@options_of(CountOptions, "options")
@FACTORS
@YEARS
@FIGURE
@FORM
def counts(
    seizures: str, options: CountOptions, factors: str | None, years: YearOptions,
    figure: str | None, writer: Writer,
) -> None:  # fmt: skip
    from forensics.trade.indicators.counts import counts

    taken = open_years(seizures, years, figure=figure, factors=factors)
    indicator = counts(taken, options.by or ("year",))
    if options.measure not in indicator.table:
        raise UsageError(
            _("No row stands for a number of animals by any factor; choose another --measure.")
        )
    if figure:
        from forensics.trade.indicators.figures import save_counts

        save_counts(indicator, figure, measure=options.measure)
    write_indicator(indicator, writer, missing=_("not known"))
