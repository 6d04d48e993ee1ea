"""``forensics trade``: records of seizures, from a spreadsheet to a report."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import click

from forensics.cli.options import LazyGroup
from forensics.messages import _

COMMANDS = {
    "import": "trade_import",
    "validate": "trade_import",
    "fix": "trade_import",
    "show": "trade_show",
    "link": "trade_show",
    "convert": "trade_export",
    "export": "trade_export",
    "analyse": "trade_analyse",
    "pike": "trade_analyse",
    "publish": "trade_export",
    "serve": "trade_export",
}
"""Commands, and the modules in which they are; one whose name is a word of Python ends with ``_`` there."""


class _Commands(LazyGroup):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"forensics.cli.{COMMANDS[name]}")
        return getattr(module, f"{name}_" if name == "import" else name)


def _shared() -> Sequence[Callable[[Any], Any]]:
    from forensics.cli.trade_options import SHARED

    return SHARED


@click.group(
    cls=_Commands,
    shares=_shared,
    help=_(
        "Keep, check, convert and report records of seizures.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade import seizures.db seizures_2025.xlsx --new --dry-run\n"
        "  forensics trade validate seizures.db --output problems.csv\n"
        "  forensics trade export seizures.db --to aitr --year 2025 --output report.xlsx"
    ),
)
def trade() -> None:
    pass
