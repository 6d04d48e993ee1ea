"""``forensics custody batch``: many acts from one file, all or none."""

from pathlib import Path

import click

from forensics.cli.custody_options import DRY_RUN, LEDGER, RECEIPTS, Signer, print_receipt, signing
from forensics.cli.options import Command, file_path, option, shared
from forensics.cli.output import Writer
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _


@click.command(
    cls=Command,
    help=_(
        "Record many acts from a table or a scanner's list: all or none.\n\n"
        "In a table (CSV or XLSX) each row is an act: the column “act” names it, the others are called "
        "as its fields; “at” and “attach” say when, and which files. All rows are checked before "
        "anything is recorded, and what is wrong is said with its line. With --act, FILE is a list of "
        "names or scanned labels, one a line: the act is done to all of them, with an event for each "
        "case.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody batch morning.csv --as bruno\n"
        "  forensics custody batch scans.txt --act store --set location=safe --as bruno"
    ),
)
@click.argument("file", type=file_path())
@option(
    "--act",
    "type_name",
    metavar="ACT",
    group=Group.RECORD,
    help=_("What is done to all things of a scanner's list, such as store or offer."),
)
@option(
    "--set",
    "values",
    multiple=True,
    metavar="NAME=VALUE",
    group=Group.RECORD,
    help=_("Another field of --act, such as location=safe; may be repeated."),
)
@shared(DRY_RUN, LEDGER, signing, RECEIPTS)
def batch(
    file: Path, type_name: str | None, values: tuple[str, ...], dry_run: bool, ledger_path: Path,
    signer: Signer, writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody.batches import read_batch, read_scans, record_batch

    given: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(_("--set takes NAME=VALUE, such as location=safe."))
        given[name.strip().replace("-", "_")] = value.strip()
    if given and type_name is None:
        raise UsageError(_("--set goes with --act; in a table each row says it."))
    with signer.open(ledger_path, dry_run=dry_run) as ledger:
        acts = (
            read_batch(file, ledger)
            if type_name is None
            else read_scans(file, ledger, type_name, given)
        )
        receipts = record_batch(ledger, acts, file, dry_run=dry_run)
    for receipt in receipts:
        print_receipt(receipt, writer)
