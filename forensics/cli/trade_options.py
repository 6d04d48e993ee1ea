"""What the commands of ``forensics trade`` share: how a file is read, how problems are printed."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import option
from forensics.cli.output import CONTROL, Writer, written
from forensics.core.options import Group
from forensics.messages import _, ngettext

STORE = click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
FORM = written(_("Form of the output."))
SPECIMEN = option(
    "--specimen",
    type=int,
    group=Group.EXAMINE,
    help=_("Number of the specimens that are meant; default: all."),
)
YEAR = option(
    "--year", type=int, metavar="YEAR", group=Group.EXAMINE, help=_("Only seizures of this year.")
)
LEDGER = option(
    "--ledger",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.CUSTODY,
    help=_("Ledger of custody, in which cases, exhibits and findings are looked up."),
)
DRY_RUN = option(
    "--dry-run",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Do everything, report it, and change nothing."),
)
# Of what stood in a cell, and of what was expected there, which ends with what to do.
MAX_FOUND, MAX_EXPECTED = 80, 400
_SHOWN = 40  # problems in a table on a screen


def tell(text: str, *, dry_run: bool = False) -> None:
    """Write a message beside the results."""
    if dry_run:
        text = _("dry run, nothing was changed: {text}").format(text=text)
    click.echo(text.translate(CONTROL), err=True)


def leave_unexamined() -> None:
    """Leave with 3: at least one record or sheet could not be examined."""
    from forensics.errors import InputError

    click.get_current_context().exit(InputError.exit_code)


def tell_faults(faults: Mapping[int, Sequence[Any]], store: Path, *, kept: bool) -> None:
    """Name the seizures with an error, what is wrong, and what to do.

    Parameters
    ----------
    faults : mapping of int to sequence of Problem
        By seizure.
    store : Path
    kept : bool
        Whether they are in the output all the same.
    """
    if not faults:
        return
    text = (
        ngettext(
            "{count} seizure in the output is not valid:",
            "{count} seizures in the output are not valid:",
            len(faults),
        )
        if kept
        else ngettext(
            "{count} seizure is not valid:", "{count} seizures are not valid:", len(faults)
        )
    )
    tell(text.format(count=len(faults)))
    problems = [problem for of_seizure in faults.values() for problem in of_seizure]
    for problem in problems[:_SHOWN]:
        tell("  " + _line(problem))
    if len(problems) > _SHOWN:
        more = len(problems) - _SHOWN
        tell(ngettext("  … and {count} more", "  … and {count} more", more).format(count=more))
    tell(
        _(
            "Correct what is wrong (trade validate {store} --severity error --output FILE, then trade fix), or set "
            "it aside (trade fix --set-aside); then run this again."
        ).format(store=store)
    )


def name_records(records: Sequence[tuple[int, str, str]]) -> None:
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


def write_problem_table(path: Path, problems: Iterable[Any]) -> None:
    """Write the table of problems as CSV, with an empty column for what a person accepts."""
    from forensics.io.files import writing
    from forensics.io.numbers import RowWriter

    with writing(path) as file:
        stream = io.TextIOWrapper(file.stream, "utf-8-sig", newline="")
        RowWriter(stream, ("accept", *_problem_columns()), line_end="\r\n").write(
            {"accept": "", **problem.to_dict()} for problem in problems
        )
        stream.flush()
        stream.detach()


def _problem_columns() -> list[str]:
    from forensics.trade.record import Problem

    return list(Problem("", "", "", "").to_dict())


def write_problems(problems: Sequence[Any], writer: Writer) -> None:
    """Write problems; a table for people shows the first of them and says how many there are."""
    if not writer.is_table:
        writer.plain_rows([problem.to_dict() for problem in problems], _problem_columns())
        return
    for problem in problems[:_SHOWN]:
        writer.heading(_line(problem))
    if len(problems) > _SHOWN:
        more = len(problems) - _SHOWN
        writer.text(
            ngettext(
                "… and {count} more; --format csv or --output FILE has all.",
                "… and {count} more; --format csv or --output FILE has all.",
                more,
            ).format(count=more)
        )


def _line(problem: Any) -> str:
    place = _("row {row}").format(row=problem.row) if problem.row else ""
    of = _("seizure {number}").format(number=problem.seizure) if problem.seizure else ""
    head = ", ".join(part for part in (problem.file, place, of, problem.reference) if part)
    text = _("found {found!r}, expected {expected}").format(
        found=_cut(problem.found, MAX_FOUND), expected=_cut(problem.expected, MAX_EXPECTED)
    )
    if problem.suggestion:
        text += _("; proposed: {value}").format(value=problem.suggestion)
    return f"{problem.code} ({problem.severity}) {head}: {problem.field}: {text}"


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
