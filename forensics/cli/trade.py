"""``forensics trade``: records of seizures, from a spreadsheet to a report."""

import functools
import importlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import (
    LazyGroup,
    file_path,
    new_file,
    option,
    options_of,
    path_option,
)
from forensics.cli.output import Writer, leave_unexamined, tell, written
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext
from forensics.trade.choices import TableOptions

FILE = file_path()
STORE = click.argument("store", type=FILE)
FORM = written(_("Form of the output."))
SPECIMEN = option(
    "--specimen",
    type=int,
    help=_("Number of the specimens that are meant; default: all."),
)
YEAR = option("--year", type=int, metavar="YEAR", help=_("Only seizures of this year."))
LEDGER = path_option(
    "--ledger",
    group=Group.CUSTODY,
    help=_("Ledger of custody, in which cases, exhibits and findings are looked up."),
)
DRY_RUN = option(
    "--dry-run",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Do everything, report it, and change nothing."),
)
FACTORS = path_option(
    "--factors",
    "factor_file",
    metavar="FILE",
    group=Group.DECIDE,
    help=_("Table of factors (TOML) by which quantities are converted. Default: the packaged one."),
)
READING = options_of(TableOptions, "reading")
SHEETS = option(
    "--sheet",
    "sheets",
    multiple=True,
    metavar="TITLE",
    help=_(
        "Sheet of the workbook to read; may be repeated. Default: all that hold "
        "records; the others are named, and the exit code is 3."
    ),
)
SHARED = (YEAR, SPECIMEN, SHEETS, FACTORS, LEDGER, DRY_RUN, READING, FORM)
"""Options that several commands take; the help of the group describes them."""
# Of what stood in a cell, and of what was expected there, which ends with what to do.
MAX_FOUND, MAX_EXPECTED = 80, 400
_SHOWN = 40  # problems in a table on a screen
_MAX_NAMED = 20


def opening(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the store that its argument STORE names, open until it ends."""

    @functools.wraps(function)
    def call(*arguments: Any, store: Path, **values: Any) -> Any:
        from forensics.trade.store import open_store

        with open_store(store) as opened:
            return function(*arguments, store=opened, **values)

    return STORE(call)


def tell_done(text: str, *, dry_run: bool) -> None:
    """Say what was done, or what a dry run would do."""
    tell(_("dry run, nothing was changed: {text}").format(text=text) if dry_run else text)


def named(names: Iterable[object]) -> str:
    """Return names of records, the first of them, each once."""
    shown = list(dict.fromkeys(map(str, names)))
    return ", ".join(shown[:_MAX_NAMED]) + (", …" if len(shown) > _MAX_NAMED else "")


def first_lines(
    records: Sequence[Any], line: Callable[[Any], str], where: str = ""
) -> Iterator[str]:
    """Yield a line for each of the first records, and how many more there are, and where."""
    yield from map(line, records[:_SHOWN])
    if len(records) > _SHOWN:
        more = len(records) - _SHOWN
        yield ngettext("… and {count} more", "… and {count} more", more).format(count=more) + where


def tell_faults(faults: Mapping[int, Sequence[Any]], store: Any, *, kept: bool) -> None:
    """Name the seizures with an error, what is wrong, and what to do; then leave with 3.

    Parameters
    ----------
    faults : mapping of int to sequence of Problem
        By seizure.
    store : Store
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
    for line in first_lines(problems, _line):
        tell("  " + line)
    tell(
        _(
            "Correct what is wrong (trade validate {store} --severity error --output FILE, then trade fix), or set "
            "it aside (trade fix --set-aside); then run this again."
        ).format(store=store.path)
    )
    leave_unexamined()


def new_problem_table(path: Path | None) -> None:
    """Refuse a file that exists, or whose ending says that it is no CSV; before anything is done."""
    new_file(path)
    if path and path.suffix.lower() in (".xlsx", ".tsv", ".json"):
        raise UsageError(
            _("The name of OUTPUT ends with {found!r}; expected {expected}.").format(
                found=path.suffix, expected=".csv"
            )
        )


def write_problem_table(path: Path, problems: Iterable[Any]) -> None:
    """Write the table of problems as CSV, with an empty column for what a person accepts."""
    from forensics.io.files import writing
    from forensics.io.numbers import RowWriter
    from forensics.trade.problems import COLUMNS

    with writing(path) as file:
        stream = io.TextIOWrapper(file.stream, "utf-8-sig", newline="")
        RowWriter(stream, ("accept", *COLUMNS), line_end="\r\n").write(
            {"accept": "", **problem.to_dict()} for problem in problems
        )
        stream.flush()
        stream.detach()


def write_problems(problems: Sequence[Any], writer: Writer) -> None:
    """Write problems; a table for people shows the first of them and says how many there are."""
    if not writer.is_table:
        from forensics.trade.problems import COLUMNS

        writer.plain_rows([problem.to_dict() for problem in problems], COLUMNS)
        return
    for line in first_lines(problems, _line, _("; --format csv or --output FILE has all.")):
        writer.heading(line)


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


COMMANDS = {
    "import": "trade_import",
    "validate": "trade_import",
    "fix": "trade_import",
    "show": "trade_show",
    "link": "trade_show",
    "convert": "trade_export",
    "export": "trade_export",
    "analyse": "trade_show",
    "pike": "trade_show",
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


trade = _Commands(
    "trade",
    shares=lambda: SHARED,
    help=_(
        "Keep, check, convert and report records of seizures.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade import seizures.db seizures_2025.xlsx --new --dry-run\n"
        "  forensics trade validate seizures.db --output problems.csv\n"
        "  forensics trade export seizures.db --to aitr --year 2025 --output report.xlsx"
    ),
)
