"""``forensics trade validate``: what is wrong with records, and what is proposed."""

from pathlib import Path

import click

from forensics.cli.options import Command, new_file, option
from forensics.cli.output import Writer, written
from forensics.cli.trade_options import (
    READING,
    SHEETS,
    YEAR,
    leave_where_sheets_are_unread,
    name_records,
    tell_account,
    write_problem_table,
    write_problems,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext
from forensics.trade.options import TableOptions

__all__ = ["validate"]


@click.command(
    cls=Command,
    help=_(
        "Hold the records of a store, or of a file, against the rules. Nothing is changed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade validate seizures.db --year 2025 --output problems.csv\n"
        "  forensics trade validate seizures_2025.xlsx\n\n"
        "Write 'yes' into the column 'accept' of OUTPUT where a proposal is right, correct the proposal "
        "where it is not, and give the file to 'forensics trade fix --decisions'."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@YEAR
@SHEETS
@option(
    "--range-states",
    "ranges_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.DECIDE,
    help=_("Index of CITES Species with ISO codes, instead of the packaged range States of some."),
)
@option(
    "--index",
    "index_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.DECIDE,
    help=_(
        "Index of CITES Species or History of CITES Listings, as downloaded; needs --index-date."
    ),
)
@option(
    "--index-date",
    metavar="DATE",
    group=Group.DECIDE,
    help=_("Day on which --index was downloaded."),
)
@option(
    "--severity",
    type=click.Choice(["error", "warning", "note"]),
    default="note",
    show_default=True,
    group=Group.DECIDE,
    help=_("Tell nothing below this."),
)
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("Write the table of problems into this new file, as CSV, to be decided on."),
)
@written(_("Form of the output."), to_file=False)
@READING
def validate(
    file: Path, year: int | None, sheets: tuple[str, ...], ranges_file: Path | None,
    index_path: Path | None, index_date: str | None, severity: str, output: Path | None,
    writer: Writer, reading: TableOptions,
) -> None:  # fmt: skip
    from forensics.store.connections import is_sqlite
    from forensics.trade.importing import import_file
    from forensics.trade.ranges import read_ranges
    from forensics.trade.rules import ERROR, NOTE, READING, RULES, WARNING
    from forensics.trade.store import memory_store, open_store
    from forensics.trade.validating import validate as checked

    new_file(output)
    ranges = read_ranges(ranges_file) if ranges_file else None
    official = _official(index_path, index_date)
    report = None
    if is_sqlite(file):
        if reading.is_given or sheets:
            raise UsageError(_("A store was read already; --mapping and the like are for files."))
        store = open_store(file)
    else:
        store = memory_store()
        report = import_file(
            store, file, mapping=reading.mapping, date_order=reading.date_order or "",
            decimal=reading.decimal or "", sheets=sheets,
        )  # fmt: skip
    with store:
        validation = checked(store, year=year, ranges=ranges, official=official)
    kept = {ERROR: (ERROR,), WARNING: (ERROR, WARNING), NOTE: (ERROR, WARNING, NOTE)}[severity]
    problems = validation.problems
    problems.keep(kept)
    if output:
        write_problem_table(output, problems)
    write_problems(problems, writer)
    if report:
        tell_account(report)
    if validation.counts:
        counts = sorted(validation.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        texts = {**READING, **{code: rule.text for code, rule in RULES.items()}}
        for code, count in counts:
            text = _(texts[code])
            click.echo(f"{count:6d}  {code}: {text}", err=True)
    click.echo(
        _(
            "{seizures} seizures, {specimens} specimens; {flagged} specimens with an error or a warning"
        ).format(
            seizures=validation.seizures, specimens=validation.specimens, flagged=validation.flagged
        ),
        err=True,
    )
    if validation.waiting or validation.aside:
        click.echo(
            _(
                "not counted, and held against no rule: {waiting} that wait for a decision (ROW_TOTAL), {aside} "
                "that were set aside"
            ).format(waiting=validation.waiting, aside=validation.aside),
            err=True,
        )
    if validation.undated:
        click.echo(
            ngettext(
                "{count} of these seizures has no date that can be read; it may be of {year}:",
                "{count} of these seizures have no date that can be read; they may be of {year}:",
                len(validation.undated),
            ).format(count=len(validation.undated), year=year),
            err=True,
        )
        name_records(validation.undated)
    if report:
        leave_where_sheets_are_unread(report)


def _official(path, day):
    if (path is None) != (day is None):
        raise UsageError(_("--index and --index-date go together: the file does not say its day."))
    if path is None:
        return None
    from forensics.io.dates import day_of
    from forensics.taxonomy.listings import read_official

    if day_of(day) is None:
        raise UsageError(_("--index-date {found!r}: expected YYYY-MM-DD").format(found=day))
    return read_official(path, as_of=day_of(day))
