"""``forensics law``: the law package that a laboratory answers by."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.custody_options import (
    DRY_RUN,
    LEDGER,
    RECEIPTS,
    Signer,
    print_receipt,
    signing,
)
from forensics.cli.options import CommandGroup, folder_path, option, path_option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.taxonomy.listings.package import Law

_FOLDER = click.argument("folder", metavar="DIR", type=folder_path())


law = CommandGroup(
    "law",
    help=_(
        "Make, show and accept the law package that listings are answered by.\n\n"
        "Example: forensics law build law_2026-11 --as-of 2026-11-20 --official index.csv"
    ),
)


@law.command(
    help=_(
        "Make a law package in a new folder, of files as they were downloaded or entered.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics law build law_2026-11 --as-of 2026-11-20 --official index.csv\n"
        "  forensics law build parrots --as-of 2026-11-20 --official parrots.csv --covers Psittaciformes\n"
        "  forensics law build law_2026-11 --as-of 2026-11-20 --national decree.csv --amendments new.csv\n\n"
        "What it covers is computed from the lists. Elsewhere the packaged table answers, and says so."
    )
)
@_FOLDER
@option(
    "--as-of",
    "day",
    metavar="DATE",
    required=True,
    help=_("Day for which the files give the law, such as that of the download."),
)
@path_option(
    "--official",
    multiple=True,
    help=_(
        "Index of CITES Species or History of CITES Listings, CSV as downloaded; may be repeated for both."
    ),
)
@path_option(
    "--amendments",
    multiple=True,
    help=_(
        "Amendments entered by hand (CSV: taxon, action, before, after, populations, what, adopted, "
        "since, source); may be repeated."
    ),
)
@path_option(
    "--national",
    multiple=True,
    help=_(
        "Schedule of national law (CSV: taxon, law, category, article, country, since, until); may be "
        "repeated."
    ),
)
@option(
    "--covers",
    metavar="TAXON",
    multiple=True,
    group=Group.DECIDE,
    help=_(
        "Order, family or genus that a list of a part holds whole, so that its silence counts there; may "
        "be repeated."
    ),
)
@written()
def build(
    folder: Path, day: str, official: tuple[Path, ...], amendments: tuple[Path, ...],
    national: tuple[Path, ...], covers: tuple[str, ...], writer: Writer,
) -> None:  # fmt: skip
    from forensics.taxonomy.listings import build_law
    from forensics.taxonomy.listings.lookup import day_of

    made = build_law(
        folder, as_of=day_of(day), official=official, amendments=amendments, national=national,
        covers=covers,
    )  # fmt: skip
    _show(made, writer)


@law.command(
    help=_(
        "Check the files of a law package, and show what it covers.\n\n"
        "Example: forensics law info law_2026-11"
    )
)
@_FOLDER
@written()
def info(folder: Path, writer: Writer) -> None:
    from forensics.taxonomy.listings import open_law

    _show(open_law(folder), writer)


def _show(made: "Law", writer: Writer) -> None:
    if writer.is_json:
        writer.record(made.record())
    else:
        writer.lines(made.lines())


@law.command(
    help=_(
        "Accept a law package for casework, as a manager, in the ledger.\n\n"
        "Example: forensics law accept law_2026-11 --as amina\n\n"
        "It is the act 'validate', with the manifest of the package attached. A report that rests on a "
        "package which nobody accepted is a draft."
    )
)
@_FOLDER
@LEDGER
@signing
@DRY_RUN
@RECEIPTS
def accept(folder: Path, ledger_path: Path, signer: Signer, dry_run: bool, writer: Writer) -> None:
    from forensics.taxonomy.listings import open_law
    from forensics.taxonomy.listings.package import MANIFEST

    opened = open_law(folder)
    with signer.open(ledger_path, dry_run=dry_run, act="validate") as ledger:
        receipt = ledger.validate(
            library=opened.sha256,
            name=_("law package {name} of {day}").format(
                name=opened.name, day=opened.as_of.isoformat()
            ),
            scope=opened.scope(),
            attachments=[folder / MANIFEST],
            dry_run=dry_run,
        )
    print_receipt(receipt, writer)
