"""What the commands of ``forensics trade`` share: how a file is read, how problems are printed."""

import csv
import io
import json
import sys
from pathlib import Path

import click

from forensics.cli.printing import CONTROL, format_option
from forensics.errors import UsageError
from forensics.messages import _, ngettext

__all__ = [
    "FORMAT",
    "LEDGER",
    "READING",
    "SHEETS",
    "YEAR",
    "leave_where_sheets_are_unread",
    "name_records",
    "name_sheets",
    "name_undated",
    "new_file",
    "print_problems",
    "print_rows",
    "problem_table",
]

FORMAT = format_option(_("Form of the output."))
YEAR = click.option("--year", type=int, metavar="YEAR", help=_("Only seizures of this year."))
LEDGER = click.option(
    "--ledger",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Ledger of custody, in which cases, exhibits and findings are looked up."),
)
READING = (
    click.option(
        "--mapping",
        metavar="NAME|FILE",
        help=_(
            "Which column is which field: aitr, brazil-prf, cites-shipments, etis, or a TOML file. "
            "Default: the one that fits the columns."
        ),
    ),
    click.option(
        "--date-order",
        type=click.Choice(["dmy", "mdy"]),
        default=None,
        help=_(
            "Order of day and month in 03/04/2019; without it such a date is told, not guessed."
        ),
    ),
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        default=None,
        help=_("Decimal sign in 1.200; without it such a number is told, not guessed."),
    ),
)
SHEETS = click.option(
    "--sheet",
    "sheets",
    multiple=True,
    metavar="TITLE",
    help=_(
        "Sheet of a workbook that is meant; may be repeated. Default: all that hold records; the others "
        "are named, and the command leaves with 3."
    ),
)
# Of what stood in a cell, and of what was expected there, which ends with what to do.
MAX_FOUND, MAX_EXPECTED = 80, 400
_SHOWN = 40  # problems in a table on a screen


def name_sheets(report) -> None:
    """Say which sheets of a workbook were read, and which were not and why."""
    if report.sheets:
        click.echo(
            _("Sheets read: {names}").format(names=", ".join(report.sheets)).translate(CONTROL),
            err=True,
        )
    for text, sheets in (
        (_("Sheet NOT read: {name}: {why}"), report.unread),
        (_("Sheet left alone: {name}: {why}"), report.skipped),
    ):
        for name, why in sheets:
            click.echo(text.format(name=name, why=why).translate(CONTROL), err=True)


def leave_where_sheets_are_unread(report) -> None:
    """Leave with 3 where a sheet that is not empty could not be read as records."""
    from forensics.errors import InputError

    if report.unread:
        click.get_current_context().exit(InputError.exit_code)


def name_undated(records, year: int) -> None:
    """Count and name what was left out of a year because its date is missing or cannot be read."""
    if records:
        click.echo(
            ngettext(
                "left out: {count} seizure whose date is missing or cannot be read; it may be of {year}:",
                "left out: {count} seizures whose dates are missing or cannot be read; they may be of {year}:",
                len(records),
            ).format(count=len(records), year=year),
            err=True,
        )
        name_records(records)


def name_records(records) -> None:
    """Name records that were left out, each by its number, reference and date.

    Parameters
    ----------
    records : sequence of (int, str, str)
    """
    for number, reference, date in records[:_SHOWN]:
        text = _("  seizure {number} {reference}: date {found!r}").format(
            number=number, reference=reference, found=date
        )
        click.echo(text.translate(CONTROL), err=True)
    if len(records) > _SHOWN:
        more = len(records) - _SHOWN
        click.echo(
            ngettext(
                "  … and {count} more; trade validate --year YEAR --output FILE has all.",
                "  … and {count} more; trade validate --year YEAR --output FILE has all.",
                more,
            ).format(count=more),
            err=True,
        )


def new_file(path: Path | None) -> None:
    """Refuse a file that exists, before anything is done."""
    if path and path.exists():
        raise UsageError(_("{path} exists; give a new file.").format(path=path))


def problem_table(problems) -> bytes:
    """Return the table of problems as CSV, with an empty column for what a person accepts."""
    from forensics.io.cells import defused
    from forensics.trade.record import Problem

    names = ["accept", *Problem("", "", "", "").to_dict()]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, names)
    writer.writeheader()
    for one in problems:
        writer.writerow(defused({"accept": "", **one.to_dict()}))
    return stream.getvalue().encode("utf-8-sig")


def print_problems(problems, style: str) -> None:
    """Print problems; a table shows the first of them and says how many there are."""
    if style == "table":
        for one in problems[:_SHOWN]:
            place = _("row {row}").format(row=one.row) if one.row else ""
            of = _("seizure {number}").format(number=one.seizure) if one.seizure else ""
            head = ", ".join(part for part in (one.file, place, of, one.reference) if part)
            text = _("found {found!r}, expected {expected}").format(
                found=_cut(one.found, MAX_FOUND), expected=_cut(one.expected, MAX_EXPECTED)
            )
            if one.suggestion:
                text += _("; proposed: {value}").format(value=one.suggestion)
            click.echo(
                f"{one.code} ({one.severity}) {head}: {one.field}: {text}".translate(CONTROL)
            )
        if len(problems) > _SHOWN:
            more = len(problems) - _SHOWN
            click.echo(
                ngettext(
                    "… and {count} more; --format csv or --output FILE has all.",
                    "… and {count} more; --format csv or --output FILE has all.",
                    more,
                ).format(count=more)
            )
        return
    print_rows([one.to_dict() for one in problems], style)


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def print_rows(rows: list[dict], style: str) -> None:
    """Print rows for programs: a line of JSON each, or CSV."""
    from forensics.io.cells import defused

    sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, allow_nan=False))
    elif rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(defused(row) for row in rows)
