"""``forensics trade analyse``: what the records of seizures show."""

import importlib

import click

from forensics.cli.groups import LazyGroup
from forensics.messages import _

__all__ = ["analyse"]

COMMANDS = {
    "counts": "trade_indicators",
    "pike": "trade_indicators",
    "routes": "trade_routes",
}
"""Commands, and the modules in which they are."""


class _Commands(LazyGroup):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"forensics.cli.{COMMANDS[name]}"), name)


@click.group(
    cls=_Commands,
    help=_(
        "Say what the records of seizures show: counts, trends, routes.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade analyse counts seizures.db --by species --by year\n"
        "  forensics trade analyse routes seizures.db --figure routes.svg"
    ),
)
def analyse() -> None:
    pass
