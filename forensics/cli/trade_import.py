"""``forensics trade import``: files into the store."""

from pathlib import Path

import click

from forensics.cli.options import Command, new_file, option
from forensics.cli.output import Writer
from forensics.cli.trade_options import (
    FORM,
    LEDGER,
    READING,
    SHEETS,
    leave_where_sheets_are_unread,
    tell_account,
    write_problem_table,
    write_problems,
)
from forensics.core.options import Group
from forensics.messages import _
from forensics.trade.options import TableOptions

__all__ = ["import_"]


@click.command(
    name="import",
    cls=Command,
    help=_(
        "Read a CSV, XLSX or GeoJSON file into the store, whole or not at all.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade import seizures.db seizures.xlsx --dry-run\n"
        "  forensics trade import seizures.db saisies.csv --date-order dmy --problems problems.csv\n\n"
        "Every row is kept as it is, with its number and SHA-256, also where nothing can be made of it. "
        "What has two readings is left out of the record and told. A row that looks like a total, or does not "
        "say of which seizure it is, is not counted until somebody decides (trade fix, trade restore). A "
        "column of the mapping that the file lacks stops the import. The same content is not imported twice."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("file", type=click.Path(path_type=Path))
@SHEETS
@LEDGER
@option(
    "--dry-run",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Do everything, report it, and change nothing."),
)
@option(
    "--problems",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("Write the table of problems into this new file, as CSV."),
)
@FORM
@READING
def import_(
    store: Path, file: Path, sheets: tuple[str, ...], ledger: Path | None, dry_run: bool,
    problems: Path | None, writer: Writer, reading: TableOptions,
) -> None:  # fmt: skip
    from forensics.trade.importing import import_file
    from forensics.trade.linking import Links
    from forensics.trade.store import open_store

    new_file(problems)
    with open_store(store) as opened:
        links = None
        if ledger:
            from forensics.custody import open_ledger

            with open_ledger(ledger) as opened_ledger:
                links = Links.of(opened_ledger, opened)
        report = import_file(
            opened, file, mapping=reading.mapping, date_order=reading.date_order or "",
            decimal=reading.decimal or "",
            sheets=sheets, links=links, dry_run=dry_run,
        )  # fmt: skip
    if problems:
        write_problem_table(problems, report.problems)
    if writer.is_json:
        writer.record(report.to_dict())
        tell_account(report)
        leave_where_sheets_are_unread(report)
        return
    write_problems(report.problems, writer)
    tell_account(report)
    leave_where_sheets_are_unread(report)
