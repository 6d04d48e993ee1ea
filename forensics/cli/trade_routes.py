"""``forensics trade analyse routes``: the network of countries."""

import click

from forensics.cli.options import Command, option
from forensics.cli.output import Writer
from forensics.cli.trade_indicator_options import FIGURE, FORM, YEARS, open_years, write_indicator
from forensics.core.options import Group
from forensics.messages import _
from forensics.trade.indicators.options import YearOptions

__all__ = ["routes"]


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
