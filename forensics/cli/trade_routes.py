"""``forensics trade chains``, ``routes``, ``hotspots`` and ``priorities``: where to look."""

import click

from forensics.cli.numbers import number
from forensics.cli.trade_indicator_options import (
    FACTORS,
    FIGURE,
    FORMAT,
    SEED,
    YEARS,
    open_years,
    print_indicator,
)
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.indicators.defaults import (
    CRITERIA,
    MEASURES,
    PERMUTATIONS,
    TARGETS,
    TOP,
    WINDOW,
)

__all__ = ["chains", "hotspots", "priorities", "routes"]


@click.command(
    help=_(
        "Count seizures and weights in and out for each country, as ETIS does.\n\n"
        "\b\n"
        "Example: forensics trade chains seizures.csv --ivory\n\n"
        "A seizure is in for the country that made it and out for others of its chain: by law "
        "enforcement for those that could have seized it, by trade flow for the destination too. A "
        "country that is nothing but an origin is out with what comes from it."
    )
)
@click.argument("seizures", type=click.Path())
@click.option(
    "--ivory",
    is_flag=True,
    help=_("Ivory alone, raw and worked apart, in raw ivory equivalents."),
)
@click.option("--by-year", is_flag=True, help=_("A row a country and year."))
@YEARS
@FORMAT
def chains(seizures, ivory, by_year, first, last, style) -> None:
    from forensics.trade.indicators.chains import accounts, chains_of

    taken = open_years(seizures, first, last)
    found = accounts(
        chains_of(taken, ivory=ivory), by_year=by_year, files=taken.files, notes=taken.notes
    )
    print_indicator(found, style)


@click.command(
    help=_(
        "Show the network of countries that seizures passed, or were to pass.\n\n"
        "Example: forensics trade routes seizures.db --figure routes.svg --graph routes.json"
    )
)
@click.argument("seizures", type=click.Path())
@click.option(
    "--countries", "nodes", is_flag=True, help=_("Print the countries instead of the legs.")
)
@click.option(
    "--graph",
    type=click.Path(dir_okay=False),
    help=_("Write legs and countries to a new file, as node-link JSON for programs for networks."),
)
@YEARS
@FIGURE
@FORMAT
def routes(seizures, nodes, graph, first, last, figure, style) -> None:
    import json

    from forensics.io.files import write_new
    from forensics.trade.indicators.routes import graph_of, network

    legs, countries = network(open_years(seizures, first, last, figure=figure))
    if graph:
        text = json.dumps(graph_of(legs, countries), ensure_ascii=False, allow_nan=False, indent=1)
        write_new(graph, text.encode())
    if figure:
        from forensics.trade.indicators.figures import save_routes

        save_routes(legs, countries, figure)
    print_indicator(countries if nodes else legs, style)


@click.command(
    help=_(
        "Find places where, for a time, more was seized than elsewhere and before.\n\n"
        "Example: forensics trade hotspots seizures.csv --period month\n\n"
        "A space-time permutation scan: it needs no measure of effort, but cannot tell more trade "
        "from more controls. Places with coordinates are joined to their neighbours."
    )
)
@click.argument("seizures", type=click.Path())
@click.option(
    "--period",
    type=click.Choice(["year", "month"]),
    default="year",
    show_default=True,
    help=_("Unit of time."),
)
@click.option(
    "--permutations",
    type=click.IntRange(19, 10**5),
    default=PERMUTATIONS,
    show_default=True,
    help=_("Data sets of chance that hotspots are held against."),
)
@YEARS
@SEED
@FORMAT
def hotspots(seizures, period, permutations, first, last, seed, style) -> None:
    from forensics.trade.indicators import hotspots as room

    taken = open_years(seizures, first, last)
    print_indicator(
        room.hotspots(taken, period=period, permutations=permutations, seed=seed), style
    )


@click.command(
    help=_(
        "Put taxa, routes and places in order of priority, with reasons and uncertainty.\n\n"
        "\b\n"
        "Example: forensics trade priorities seizures.db --weight growth=2 --weight seizures=1\n\n"
        "Criteria: seizures and amount in the last years, growth against the years before, reach "
        "(countries in its chains). The order rests on what was seized and reported, and on your "
        "weights."
    )
)
@click.argument("seizures", type=click.Path())
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(TARGETS),
    help=_("Kind of target; may be repeated. Default: all."),
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="CRITERION=NUMBER",
    help=_("Weight of a criterion; those that are not named weigh nothing. Default: all alike."),
)
@click.option(
    "--window", type=click.IntRange(1, 100), default=WINDOW, show_default=True, metavar="YEARS",
    help=_("Last years that are looked at."),
)  # fmt: skip
@click.option(
    "--top", type=click.IntRange(1, 1000), default=TOP, show_default=True,
    help=_("Ranks that count as on top; a table shows twice as many of each kind."),
)  # fmt: skip
@click.option(
    "--measure",
    type=click.Choice(MEASURES),
    help=_("Of amounts. Default: what most rows have."),
)
@FACTORS
@YEARS
@SEED
@FIGURE
@FORMAT
def priorities(
    seizures, kinds, weights, window, top, measure, factors, first, last, seed, figure, style
) -> None:
    from dataclasses import replace

    from forensics.trade.indicators import priorities as room

    taken = open_years(seizures, first, last, figure=figure, factors=factors)
    found = room.priorities(
        taken, kinds=kinds or TARGETS, weights=_weights(weights), window=window, top=top,
        measure=measure, seed=seed,
    )  # fmt: skip
    shown = found
    if style == "table":  # the whole list is in CSV and JSON
        columns = ["kind", "rank", "rank_low", "rank_high", "target", "p_top", "score",
                   "score_low", "score_high", "reasons"]  # fmt: skip
        shown = replace(found, table=found.table.groupby("kind", sort=False).head(2 * top)[columns])
    if figure:
        from forensics.trade.indicators.figures import save_priorities

        save_priorities(found, figure)
    print_indicator(shown, style, missing=_("not known"))


def _weights(given):
    if not given:
        return None
    weights = {}
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
