"""``forensics trade analyse chains``, ``routes``, ``hotspots`` and ``priorities``: where to look."""

from collections.abc import Sequence

import click

from forensics.cli.numbers import number
from forensics.cli.options import Command, option, options_of
from forensics.cli.output import Writer
from forensics.cli.trade_indicator_options import (
    FACTORS,
    FIGURE,
    FORM,
    YEARS,
    open_years,
    write_indicator,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.indicators.defaults import CRITERIA, TARGETS
from forensics.trade.indicators.options import HotspotOptions, PriorityOptions, YearOptions

__all__ = ["chains", "hotspots", "priorities", "routes"]


@click.command(
    cls=Command,
    help=_(
        "Count seizures and weights in and out for each country, as ETIS does.\n\n"
        "\b\n"
        "Example: forensics trade analyse chains seizures.csv --ivory\n\n"
        "A seizure is in for the country that made it and out for others of its chain: by law "
        "enforcement for those that could have seized it, by trade flow for the destination too. A "
        "country that is nothing but an origin is out with what comes from it."
    ),
)
@click.argument("seizures", type=click.Path())
@option(
    "--ivory",
    is_flag=True,
    group=Group.DECIDE,
    help=_("Ivory alone, raw and worked apart, in raw ivory equivalents."),
)
@option("--by-year", is_flag=True, group=Group.DECIDE, help=_("A row a country and year."))
@YEARS
@FORM
def chains(seizures: str, ivory: bool, by_year: bool, years: YearOptions, writer: Writer) -> None:
    from forensics.trade.indicators.chains import accounts, chains_of

    taken = open_years(seizures, years)
    indicator = accounts(
        chains_of(taken, ivory=ivory), by_year=by_year, files=taken.files, notes=taken.notes
    )
    write_indicator(indicator, writer)


@click.command(
    cls=Command,
    help=_(
        "Show the network of countries that seizures passed, or were to pass.\n\n"
        "Example: forensics trade analyse routes seizures.db --figure routes.svg --graph routes.json"
    ),
)
@click.argument("seizures", type=click.Path())
@option(
    "--countries",
    "nodes",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("Print the countries instead of the legs."),
)
@option(
    "--graph",
    type=click.Path(dir_okay=False),
    group=Group.OUTPUT,
    help=_("Write legs and countries to a new file, as node-link JSON for programs for networks."),
)
@YEARS
@FIGURE
@FORM
def routes(
    seizures: str,
    nodes: bool,
    graph: str | None,
    years: YearOptions,
    figure: str | None,
    writer: Writer,
) -> None:
    import json

    from forensics.io.files import write_new
    from forensics.trade.indicators.routes import graph_of, network

    legs, countries = network(open_years(seizures, years, figure=figure))
    if graph:
        text = json.dumps(graph_of(legs, countries), ensure_ascii=False, allow_nan=False, indent=1)
        write_new(graph, text.encode())
    if figure:
        from forensics.trade.indicators.figures import save_routes

        save_routes(legs, countries, figure)
    write_indicator(countries if nodes else legs, writer)


@click.command(
    cls=Command,
    help=_(
        "Find places where, for a time, more was seized than elsewhere and before.\n\n"
        "Example: forensics trade analyse hotspots seizures.csv --period month\n\n"
        "A space-time permutation scan: it needs no measure of effort, but cannot tell more trade "
        "from more controls. Places with coordinates are joined to their neighbours."
    ),
)
@click.argument("seizures", type=click.Path())
@options_of(HotspotOptions, "options")
@YEARS
@FORM
def hotspots(seizures: str, options: HotspotOptions, years: YearOptions, writer: Writer) -> None:
    from forensics.trade.indicators import hotspots as room

    taken = open_years(seizures, years)
    indicator = room.hotspots(
        taken, period=options.period, permutations=options.permutations, seed=options.seed
    )
    write_indicator(indicator, writer)


@click.command(
    cls=Command,
    help=_(
        "Put taxa, routes and places in order of priority, with reasons and uncertainty.\n\n"
        "\b\n"
        "Example: forensics trade analyse priorities seizures.db --weight growth=2 --weight seizures=1\n\n"
        "Criteria: seizures and amount in the last years, growth against the years before, reach "
        "(countries in its chains). The order rests on what was seized and reported, and on your "
        "weights."
    ),
)
@click.argument("seizures", type=click.Path())
@options_of(PriorityOptions, "options")
@FACTORS
@YEARS
@FIGURE
@FORM
def priorities(
    seizures: str, options: PriorityOptions, factors: str | None, years: YearOptions,
    figure: str | None, writer: Writer,
) -> None:  # fmt: skip
    from dataclasses import replace

    from forensics.trade.indicators import priorities as room

    taken = open_years(seizures, years, figure=figure, factors=factors)
    indicator = room.priorities(
        taken, kinds=options.kind or TARGETS, weights=_weights(options.weight),
        window=options.window, top=options.top, measure=options.measure, seed=options.seed,
    )  # fmt: skip
    shown = indicator
    if writer.is_table:  # the whole list is in CSV and JSON
        columns = ["kind", "rank", "rank_low", "rank_high", "target", "p_top", "score",
                   "score_low", "score_high", "reasons"]  # fmt: skip
        first = indicator.table.groupby("kind", sort=False).head(2 * options.top)
        shown = replace(indicator, table=first[columns])
    if figure:
        from forensics.trade.indicators.figures import save_priorities

        save_priorities(indicator, figure)
    write_indicator(shown, writer, missing=_("not known"))


def _weights(given: Sequence[str]) -> dict[str, float] | None:
    if not given:
        return None
    weights: dict[str, float] = {}
    for text in given:
        name, mark, value = text.partition("=")
        try:
            if not mark or name not in CRITERIA or name in weights:
                raise ValueError
            weights[name] = number(value)
        except ValueError as error:
            raise UsageError(
                _(
                    "--weight {text!r}: expected one of {criteria}, once, and a number: growth=2"
                ).format(text=text[:60], criteria=", ".join(CRITERIA))
            ) from error
    return weights
