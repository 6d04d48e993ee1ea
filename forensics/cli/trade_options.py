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
    "YEAR",
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
_SHOWN = 40  # problems in a table on a screen


def new_file(path: Path | None) -> None:
    """Refuse a file that exists, before anything is done."""
    if path and path.exists():
        raise UsageError(_("{path} exists; give a new file.").format(path=path))


def problem_table(problems) -> bytes:
    """Return the table of problems as CSV, with an empty column for what a person accepts."""
    from forensics.spreadsheets import defused
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
                found=_cut(one.found), expected=_cut(one.expected)
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


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def print_rows(rows: list[dict], style: str) -> None:
    """Print rows for programs: a line of JSON each, or CSV."""
    from forensics.spreadsheets import defused

    sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, allow_nan=False))
    elif rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(defused(row) for row in rows)
