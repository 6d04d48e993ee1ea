"""``forensics trade pike`` and ``forensics trade indicators``: what counts show, with intervals."""

import sys

import click

from forensics.cli.trade_indicator_options import (
    FACTORS,
    FIGURE,
    FORMAT,
    SEED,
    YEARS,
    open_years,
    print_indicator,
    print_trends,
)
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.indicators.defaults import KEYS, PIKE_CHAINS, PIKE_DRAWS, PIKE_WARM_UP

__all__ = ["indicators", "pike"]


@click.command(
    help=_(
        "Give the proportion of illegally killed elephants (PIKE): observed, and its trend.\n\n"
        "\b\n"
        "Example: forensics trade pike carcasses.csv --area Africa --area Asia --first 2003\n"
        "  --last 2024 --figure pike.svg\n\n"
        "CARCASSES is MIKE's table by site and year. The trend is that of MIKE (a Bayesian model "
        "with effects of year, site and site-year; each site weighs the same), each area fitted by "
        "itself. Africa takes some 10 seconds."
    )
)
@click.argument("carcasses", type=click.Path())
@click.option(
    "--area",
    "areas",
    multiple=True,
    metavar="NAME",
    help=_("Region or subregion, such as 'West Africa'; may be repeated. Default: all regions."),
)
@YEARS
@click.option("--observed", is_flag=True, help=_("Only add up carcasses; fit no trend."))
@click.option(
    "--chains", type=click.IntRange(2, 64), default=PIKE_CHAINS, show_default=True,
    help=_("Chains of the sampler."),
)  # fmt: skip
@click.option(
    "--warm-up", type=click.IntRange(0, 10**6), default=PIKE_WARM_UP, show_default=True,
    help=_("Draws of each chain that are thrown away."),
)  # fmt: skip
@click.option(
    "--draws", type=click.IntRange(4, 10**6), default=PIKE_DRAWS, show_default=True,
    help=_("Draws of each chain that are kept."),
)  # fmt: skip
@SEED
@FIGURE
@FORMAT
def pike(
    carcasses, areas, first, last, observed, chains, warm_up, draws, seed, figure, style
) -> None:
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
        from forensics.cli.output import Writer
        from forensics.trade.indicators.results import plain_rows

        rows = []
        for area in areas:
            found = room.observed(table.select(area, first=first, last=last))
            rows += [{"area": area, **row} for row in plain_rows(found)]
        Writer(style, sys.stdout).plain_rows(rows)
        return
    settings = {"chains": chains, "warm_up": warm_up, "draws": draws, "seed": seed}
    with click.progressbar(
        length=len(areas) * (warm_up + draws),
        label=_("drawing"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        trends = [
            room.trend(table, area, first=first, last=last, progress=bar.update, **settings)
            for area in areas
        ]
    if figure:
        from forensics.trade.indicators.figures import save_pike

        save_pike(trends, figure)
    print_trends(trends, style)


@click.command(
    help=_(
        "Count seizures, quantities and animals, or give an index of them, with intervals.\n\n"
        "\b\n"
        "Example: forensics trade indicators seizures.db --by year --by species\n"
        "         forensics trade indicators seizures.csv --weights prices.csv --base 2015\n\n"
        "SEIZURES is a store or a table (CSV or XLSX). With --weights it is an index by your own "
        "weights, which is not the index of any organisation."
    )
)
@click.argument("seizures", type=click.Path())
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(KEYS),
    help=_("Count by this; may be repeated. Default: year."),
)
@click.option(
    "--weights",
    type=click.Path(dir_okay=False),
    help=_("Table with species, term, unit, weight: what a unit of each thing counts."),
)
@click.option("--base", type=int, metavar="YEAR", help=_("Year in which an index is 100."))
@click.option(
    "--measure",
    type=click.Choice(["seizures", "kg", "pieces", "animals"]),
    default="seizures",
    show_default=True,
    help=_("What a figure of counts shows."),
)
@FACTORS
@YEARS
@FIGURE
@FORMAT
def indicators(seizures, by, weights, base, measure, factors, first, last, figure, style) -> None:
    if weights and by:
        raise UsageError(_("Give either --by or --weights, not both."))
    if base is not None and not weights:
        raise UsageError(_("--base is the year in which an index is 100; counts have none."))
    taken = open_years(seizures, first, last, figure=figure, factors=factors)
    if weights:
        from forensics.trade.indicators.weighting import read_weights, weighted_index

        found = weighted_index(taken, read_weights(weights), base=base)
    else:
        from forensics.trade.indicators.counts import counts

        found = counts(taken, by or ("year",))
        if measure not in found.table:
            raise UsageError(
                _("No row stands for a number of animals by any factor; choose another --measure.")
            )
    if figure:
        from forensics.trade.indicators.figures import save_counts, save_index

        if weights:
            save_index(found, figure)
        else:
            save_counts(found, figure, measure=measure)
    print_indicator(found, style, missing=_("not known"))
