"""What the commands of ``forensics trade`` share: how a file is read, how problems are printed."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import option, options_of
from forensics.cli.output import Writer, written
from forensics.cli.printing import CONTROL
from forensics.core.options import Group
from forensics.messages import _, ngettext
from forensics.trade.options import TableOptions

__all__ = [
    "FORM",
    "LEDGER",
    "READING",
    "SHEETS",
    "SPECIMEN",
    "YEAR",
    "leave_unexamined",
    "leave_where_sheets_are_unread",
    "name_records",
    "tell",
    "tell_account",
    "tell_faults",
    "write_problem_table",
    "write_problems",
]

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
READING = options_of(TableOptions, "reading")
SHEETS = option(
    "--sheet",
    "sheets",
    multiple=True,
    metavar="TITLE",
    group=Group.EXAMINE,
    help=_(
        "Sheet of a workbook that is meant; may be repeated. Default: all that hold records; the others "
        "are named, and the command leaves with 3."
    ),
)
# Of what stood in a cell, and of what was expected there, which ends with what to do.
MAX_FOUND, MAX_EXPECTED = 80, 400
_SHOWN = 40  # problems in a table on a screen


def tell_account(report: Any) -> None:
    """Say what became of each row of a file, and which sheets of a workbook were read."""
    account = report.account
    text = _(
        "{file} ({mapping}): {read} rows read: {recorded} recorded, {waiting} waiting, {aside} set aside; "
        "{seizures} seizures, {specimens} specimens; rows with something to look at: {flagged}"
    ).format(
        file=report.file, mapping=report.mapping, read=account.read, recorded=account.recorded,
        waiting=account.waiting, aside=account.aside, seizures=report.seizures,
        specimens=report.specimens, flagged=report.flagged,
    )  # fmt: skip
    tell(text, dry_run=report.dry_run)
    if account.waiting:
        tell(
            _("What waits is not counted until somebody decides (trade fix, restore or set-aside).")
        )
    if account.aside:
        tell(
            _(
                "Set aside: rows above the names of the columns, these names again, and rows that say "
                "nothing; they are kept as they are."
            )
        )
    if report.unmapped:
        tell(
            _("Columns that no field takes; they are kept in the original rows: {names}").format(
                names=", ".join(report.unmapped)
            )
        )
    if report.sheets:
        tell(_("Sheets read: {names}").format(names=", ".join(report.sheets)))
    for text, sheets in (
        (_("Sheet NOT read: {name}: {why}"), report.unread),
        (_("Sheet left alone: {name}: {why}"), report.skipped),
    ):
        for name, why in sheets:
            tell(text.format(name=name, why=why))


def tell(text: str, *, dry_run: bool = False) -> None:
    """Write a message beside the results."""
    if dry_run:
        text = _("dry run, nothing was changed: {text}").format(text=text)
    click.echo(text.translate(CONTROL), err=True)


def leave_where_sheets_are_unread(report: Any) -> None:
    """Leave with 3 where a sheet that is not empty could not be read as records."""
    if report.unread:
        leave_unexamined()


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
            "it aside (trade set-aside); then run this again."
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
    from forensics.io.cells import RowWriter
    from forensics.io.files import writing

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
