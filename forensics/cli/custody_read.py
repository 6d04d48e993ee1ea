"""Reading a ledger: the timeline of a case, what a defence expert would attack, labels."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_options import (
    LEDGER,
    open_checked,
    trusting,
)
from forensics.cli.options import Command, CommandGroup, file_path, option, shared
from forensics.cli.output import RECORDS, Writer, written
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.custody.ledger import Ledger


@click.command(
    cls=Command,
    help=_(
        "Show what happened in a case, or in the whole ledger.\n\n"
        "Example: forensics custody log 2026-014"
    ),
)
@click.argument("case", required=False)
@trusting
@shared(LEDGER)
@written(forms=RECORDS, is_shared=True)
def log(case: str | None, trust: dict[str, Any], ledger_path: Path, writer: Writer) -> None:
    from forensics.custody.timeline import timeline

    with open_checked(ledger_path) as ledger:
        for entry in timeline(ledger, case, **trust):
            if writer.is_json:
                writer.record(entry.to_dict())
            else:
                writer.text(str(entry))
        if writer.is_table:
            writer.text(_("Ledger {fingerprint}").format(fingerprint=ledger.fingerprint))


@click.command(
    cls=Command,
    help=_(
        "List what a defence expert would attack in a case.\n\n"
        "Example: forensics custody review 2026-014"
    ),
)
@click.argument("case")
@trusting
@shared(LEDGER)
@written(forms=RECORDS, is_shared=True)
def review(case: str, trust: dict[str, Any], ledger_path: Path, writer: Writer) -> None:
    from forensics.custody.review import review as examine

    with open_checked(ledger_path) as ledger:
        _list(examine(ledger, case, **trust), writer)


@click.command(
    cls=Command,
    help=_(
        "List every control that failed, is open or is missing, and what was done about it.\n\n"
        "Example: forensics custody controls"
    ),
)
@shared(LEDGER)
@written(forms=RECORDS, is_shared=True)
def controls(ledger_path: Path, writer: Writer) -> None:
    from forensics.custody.review import failed_controls

    with open_checked(ledger_path) as ledger:
        _list(failed_controls(ledger), writer)


def _list(rows: list[Any], writer: Writer) -> None:
    """Write dataclasses as lines, or as one record."""
    if writer.is_json:
        writer.record([asdict(row) for row in rows])
        return
    for row in rows:
        writer.text(str(row))


@click.group(
    "print",
    cls=CommandGroup,
    help=_(
        "Print labels, and forms to be signed.\n\n"
        "Example: forensics custody print label 2026-014/1 --output label.svg"
    ),
)
def papers() -> None:
    pass


@papers.command(
    help=_(
        "Make the label of a thing, or of many on sheets of A4.\n\n"
        "It bears a QR code. A scanner that stands for a keyboard types the code wherever a thing is asked for.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody print label 2026-014/1 --output label.svg\n"
        "  forensics custody print label --case 2026-014 --sheet 21 --output labels.html"
    ),
)
@click.argument("things", nargs=-1)
@option("--case", metavar="CASE", group=Group.EXAMINE, help=_("All things of this case."))
@option(
    "--sheet",
    type=click.Choice(["65", "24", "21", "14", "10"]),
    group=Group.OUTPUT,
    help=_(
        "Labels on a sheet of A4 (Avery L7651, L7159, L7160, L7163, L7173 and of the same size); "
        "print them at 100 %, without margins."
    ),
)
@option(
    "--skip",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    group=Group.OUTPUT,
    help=_("Labels of the first sheet that were used before."),
)
@option(
    "--output",
    required=True,
    type=file_path(),
    group=Group.OUTPUT,
    help=_("File that ends in .svg or .png; of sheets in .html."),
)
@shared(LEDGER)
def label(
    things: tuple[str, ...], case: str | None, sheet: str | None, skip: int, output: Path,
    ledger_path: Path,
) -> None:  # fmt: skip
    from forensics.custody.paper import SHEETS, write_label, write_sheets

    with open_checked(ledger_path) as ledger:
        if sheet:
            names = [*things, *(_things_of(ledger, case) if case else ())]
            number = write_sheets(
                ledger, list(dict.fromkeys(names)), output, sheet=SHEETS[sheet], skip=skip
            )
            click.echo(
                ngettext("{path}: {number} sheet", "{path}: {number} sheets", number).format(
                    path=output, number=number
                )
            )
            return
        if len(things) != 1 or case or skip:
            raise UsageError(
                _(
                    "One label is of one thing; labels of several are made with --sheet, as in --sheet 21."
                )
            )
        write_label(ledger, things[0], output)
    click.echo(str(output))


def _things_of(ledger: "Ledger", case: str) -> list[str]:
    ledger.state.require_case(case)
    return [
        name for name, item in ledger.state.things.items() if item.case == case and not item.gone
    ]


@papers.command(
    help=_(
        "Make the numbered form that a person without a key signs, to be printed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody print form 2026-014/1 --paper F-31 --output F-31.html\n"
        "  forensics custody print form --paper F-32 --output F-32.html\n\n"
        "Without things it is a blank form, to be kept for a power cut."
    ),
)
@click.argument("things", nargs=-1)
@option("--paper", required=True, group=Group.EXAMINE, help=_("Number of the form; used once."))
@option(
    "--output",
    required=True,
    type=file_path(),
    group=Group.OUTPUT,
    help=_("File that ends in .html."),
)
@shared(LEDGER)
def form(things: tuple[str, ...], paper: str, output: Path, ledger_path: Path) -> None:
    from forensics.custody.paper import write_form

    with open_checked(ledger_path) as ledger:
        write_form(ledger, paper, things, output)
    click.echo(str(output))


@click.command(
    cls=Command,
    help=_(
        "Write every event as CSV, of a case or of the whole ledger.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody export > events.csv\n"
        "  forensics custody export --view exhibits > exhibits.csv\n\n"
        "An export proves nothing; disclose makes a bundle that does."
    ),
)
@click.argument("case", required=False)
@option(
    "--view",
    group=Group.OUTPUT,
    help=_("A view instead, such as exhibits, samples, seals or findings."),
)
@shared(LEDGER)
def export(case: str | None, view: str | None, ledger_path: Path) -> None:
    from forensics.custody.reader import events_csv, view_csv

    with open_checked(ledger_path) as ledger:
        if case is not None:
            ledger.state.require_case(case)
        if view and case:
            raise UsageError(_("A view is written whole, as CSV."))
        for line in view_csv(ledger, view) if view else events_csv(ledger, case):
            click.echo(line, nl=False)
