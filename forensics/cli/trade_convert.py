"""``forensics trade convert``: animals and raw ivory, by stated factors."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, option
from forensics.cli.output import Writer
from forensics.cli.trade_options import FORM, YEAR, leave_unexamined, tell_faults
from forensics.core.options import Group
from forensics.messages import _, ngettext, numeral

__all__ = ["convert"]


@click.command(
    cls=Command,
    help=_(
        "Say what quantities stand for, such as animals, and record each conversion with its assumption.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade convert seizures.db\n"
        "  forensics trade convert seizures.db --factors our_factors.toml --year 2025 --format csv\n\n"
        "Ranges are carried through. The records themselves are not changed."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@option(
    "--factors",
    "factor_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.DECIDE,
    help=_("Table of factors (TOML), instead of the packaged one."),
)
@YEAR
@option("--dry-run", is_flag=True, group=Group.ADVANCED, help=_("Compute and record nothing."))
@FORM
def convert(
    store: Path, factor_file: Path | None, year: int | None, dry_run: bool, writer: Writer
) -> None:
    from forensics.trade.conversion import convert_store, packaged_factors, read_factors
    from forensics.trade.record import is_of_seizure
    from forensics.trade.store import open_store
    from forensics.trade.validating import find_faults

    factors = read_factors(factor_file) if factor_file else packaged_factors()
    with open_store(store) as opened:
        specimens = opened.counts()["specimens"]
        converted = convert_store(opened, factors=factors, year=year, dry_run=dry_run)
        faults = find_faults(opened, year=year)
    rows = [
        {
            "seizure": seizure.id, "specimen": specimen.id, "species": specimen.get("species"),
            "term": specimen.get("term"), "from_low": specimen.low, "from_high": specimen.high,
            "unit": specimen.get("unit"), "measure": conversion.measure, "low": conversion.low, "middle": conversion.middle,
            "high": conversion.high, "factor": conversion.factor.id, "status": conversion.factor.status,
            "assumption": conversion.factor.assumption, "source": conversion.factor.source,
        }
        for seizure, specimen, conversion in converted
    ]  # fmt: skip
    if writer.is_table:
        _show_totals(rows, writer)
    else:
        writer.plain_rows(rows)
    click.echo(
        _(
            "{count} of {specimens} specimens converted, by factors of version {version}; of the others no "
            "factor is known"
        ).format(
            count=len({row["specimen"] for row in rows}),
            specimens=specimens,
            version=factors.version,
        ),
        err=True,
    )
    traded = {
        specimen.id
        for seizure, specimen, _conversion in converted
        if not is_of_seizure(seizure.get("basis"), specimen.get("source"))
    }
    if traded:
        click.echo(
            ngettext(
                "{count} of the converted specimens is not of a seizure, but in a line of the legal trade",
                "{count} of the converted specimens are not of seizures, but in lines of the legal trade",
                len(traded),
            ).format(count=len(traded)),
            err=True,
        )
    tell_faults(faults, store, kept=True)
    if faults:
        leave_unexamined()


def _show_totals(rows: list[dict[str, Any]], writer: Writer) -> None:
    """Print a line for each factor: how often, and the sums with their ranges."""
    count = Counter((row["measure"], row["factor"]) for row in rows)
    for (measure, factor), times in sorted(count.items()):
        mine = [row for row in rows if row["factor"] == factor and row["measure"] == measure]
        low, middle, high = (_sum(mine, name) for name in ("low", "middle", "high"))
        writer.text(
            _("{measure}: {middle} ({low} to {high}) of {times} records by {factor} ({status})").format(
                measure=measure, middle=middle, low=low, high=high, times=times, factor=factor,
                status=mine[0]["status"],
            )
        )  # fmt: skip
        writer.text(f"    {mine[0]['assumption']}")
        writer.text(f"    {mine[0]['source']}")


def _sum(rows: list[dict[str, Any]], name: str) -> str:
    known = [row[name] for row in rows if row[name] is not None]
    return numeral(sum(known), ".6g") + ("+" if len(known) < len(rows) else "")
