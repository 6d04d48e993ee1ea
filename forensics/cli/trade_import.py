"""``forensics trade import``, ``validate`` and ``fix``: from a file to records that are right."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import (
    LAW,
    command,
    new_file,
    open_law_of,
    option,
    output_option,
    path_option,
    shared,
)
from forensics.cli.output import Writer, leave_unexamined, tell, written
from forensics.cli.trade import (
    DRY_RUN,
    FORM,
    LEDGER,
    READING,
    SHEETS,
    SPECIMEN,
    STORE,
    YEAR,
    first_lines,
    new_problem_table,
    opening,
    tell_done,
    write_problem_table,
    write_problems,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext
from forensics.trade.choices import TableOptions


@command(
    "import",
    help=_(
        "Read a CSV, XLSX or GeoJSON file into the store, whole or not at all.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade import seizures.db seizures.xlsx --new --ledger laboratory.db\n"
        "  forensics trade import seizures.db saisies.csv --date-order dmy --problems problems.csv\n\n"
        "Every row is kept as it is, with its number and SHA-256, even if it cannot be "
        "interpreted. A value with two readings is left out of the record and reported. A row "
        "that looks like a total, or does not name its seizure, is not counted until a person "
        "decides (trade fix). A column of the mapping that the file lacks stops the import. The "
        "same content is not imported twice."
    ),
)
@STORE
@click.argument("file", type=click.Path(path_type=Path))
@option(
    "--new",
    "is_new",
    is_flag=True,
    group=Group.RECORD,
    help=_("Make the store first. With --ledger links are looked up in that ledger and no other."),
)
@path_option(
    "--problems",
    group=Group.OUTPUT,
    help=_("Write the table of problems into this new file, as CSV."),
)
@shared(SHEETS, LEDGER, DRY_RUN, READING, FORM)
def import_(
    store: Path, file: Path, is_new: bool, problems: Path | None, sheets: tuple[str, ...],
    ledger: Path | None, dry_run: bool, reading: TableOptions, writer: Writer,
) -> None:  # fmt: skip
    from forensics.trade.importing import import_file
    from forensics.trade.linking import Links

    new_problem_table(problems)
    with _opened_for_import(store, ledger, is_new=is_new, dry_run=dry_run) as opened:
        links = None
        if ledger:
            from forensics.custody import open_ledger

            with open_ledger(ledger) as opened_ledger:
                links = Links.of(opened_ledger, opened)
        report = import_file(
            opened, file, sheets=sheets, links=links, dry_run=dry_run, **asdict(reading)
        )  # fmt: skip
    if problems:
        write_problem_table(problems, report.problems)
    if writer.is_json:
        writer.record(report.to_dict())
    else:
        write_problems(report.problems, writer)
    if is_new and not dry_run:
        tell(_("{path} made.").format(path=store))
    _say_account(report)
    if report.unread:
        leave_unexamined()


@contextmanager
def _opened_for_import(
    path: Path, ledger: Path | None, *, is_new: bool, dry_run: bool
) -> Iterator[Any]:
    """Open the store; a new one is gone again where nothing could be imported, and of a dry run no file is made."""
    from forensics.trade.store import create_store, memory_store, open_store

    if not is_new:
        with open_store(path) as store:
            yield store
        return
    if dry_run:
        new_file(path)
        with memory_store() as store:
            yield store
        return
    name = ""
    if ledger:
        from forensics.custody import open_ledger

        with open_ledger(ledger) as opened_ledger:
            name = opened_ledger.state.ledger
    created = create_store(path, ledger=name)
    try:
        with created:
            yield created
    except BaseException:
        path.unlink()
        raise


def _say_account(report: Any) -> None:
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
    tell_done(text, dry_run=report.dry_run)
    if account.waiting:
        tell(_("Waiting rows are not counted until a person decides (trade fix)."))
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


@command(
    help=_(
        "Check the records of a store or a file against the rules. Nothing is changed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade validate seizures.db --year 2025 --output problems.csv\n"
        "  forensics trade validate seizures_2025.xlsx\n\n"
        "Write 'yes' into the column 'accept' of OUTPUT where a proposal is right, correct the "
        "proposal where it is not, and give the file to 'forensics trade fix --decisions'."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@path_option(
    "--range-states",
    "ranges_file",
    metavar="FILE",
    group=Group.DECIDE,
    help=_("Index of CITES Species with ISO codes, instead of the packaged range States of some."),
)
@LAW
@option(
    "--severity",
    type=click.Choice(["error", "warning", "note"]),
    default="note",
    show_default=True,
    group=Group.DECIDE,
    help=_("Report only problems of at least this severity."),
)
@output_option(
    help=_("Write the table of problems into this new file, as CSV, to be decided on."),
)
@written(_("Form of the output."), to_file=False, is_shared=True)
@shared(YEAR, SHEETS, READING)
def validate(
    file: Path, ranges_file: Path | None, law_folder: Path | None,
    severity: str, output: Path | None, writer: Writer, year: int | None, sheets: tuple[str, ...],
    reading: TableOptions,
) -> None:  # fmt: skip
    from forensics.store.connections import is_sqlite
    from forensics.trade.checks import read_ranges
    from forensics.trade.checks import validate as checked
    from forensics.trade.importing import import_file
    from forensics.trade.problems import RULES, SEVERITIES
    from forensics.trade.store import memory_store, open_store

    new_problem_table(output)
    ranges = read_ranges(ranges_file) if ranges_file else None
    law = open_law_of(law_folder)
    report = None
    if is_sqlite(file):
        if reading.is_given or sheets:
            raise UsageError(
                _("The options --mapping and the like are for files, not for a store.")
            )
        store = open_store(file)
    else:
        store = memory_store()
        report = import_file(store, file, sheets=sheets, **asdict(reading))
    with store:
        validation = checked(store, year=year, ranges=ranges, law=law)
    problems = validation.problems
    problems.keep(SEVERITIES[: SEVERITIES.index(severity) + 1])
    if output:
        write_problem_table(output, problems)
    write_problems(problems, writer)
    if report:
        _say_account(report)
    if validation.counts:
        counts = sorted(validation.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        for code, count in counts:
            text = _(RULES[code].text)
            tell(f"{count:6d}  {code}: {text}")
    tell(
        _(
            "{seizures} seizures, {specimens} specimens; {flagged} specimens with an error or a warning"
        ).format(
            seizures=validation.seizures, specimens=validation.specimens, flagged=validation.flagged
        )
    )
    if validation.waiting or validation.aside:
        tell(
            _(
                "not counted and not checked: {waiting} that wait for a decision, "
                "{aside} that were set aside"
            ).format(waiting=validation.waiting, aside=validation.aside)
        )
    if validation.undated:
        tell(
            ngettext(
                "{count} of these seizures has no date that can be read; it may be of {year}:",
                "{count} of these seizures have no date that can be read; they may be of {year}:",
                len(validation.undated),
            ).format(count=len(validation.undated), year=year)
        )
        where = _("; trade validate --year YEAR --output FILE has all.")
        for line in first_lines(validation.undated, _undated, where):
            tell("  " + line)
    if report and report.unread:
        leave_unexamined()


def _undated(record: tuple[int, str, str]) -> str:
    number, reference, date = record
    return _("seizure {number} {reference}: date {found!r}").format(
        number=number, reference=reference, found=date
    )


@command(
    help=_(
        "Apply decisions: corrections, all or none, and which records count.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade fix seizures.db --decisions problems.csv --by amina\n"
        "  forensics trade fix seizures.db --accept COUNTRY_FORMER --by amina --dry-run\n"
        "  forensics trade fix seizures.db --set-aside 12 --by amina --reason 'entered twice, see 11'\n\n"
        "The original row is never changed, and the history keeps the earlier value, the person "
        "who decided and the reason. A seizure set aside is in no count, report or publication, "
        "but is not deleted; --restore counts it again. --restore also counts a record that "
        "waits because it looks like a total."
    ),
)
@opening
@path_option(
    "--decisions",
    metavar="FILE",
    group=Group.RECORD,
    help=_("Table of problems with 'yes' in the column 'accept'."),
)
@option(
    "--accept",
    "codes",
    multiple=True,
    metavar="CODE",
    group=Group.RECORD,
    help=_("Accept every proposal of this rule; may be repeated."),
)
@option(
    "--set-aside",
    "aside",
    type=int,
    metavar="SEIZURE",
    group=Group.RECORD,
    help=_("Set this seizure, by its number in the store, aside; needs --reason."),
)
@option(
    "--restore",
    "restored",
    type=int,
    metavar="SEIZURE",
    group=Group.RECORD,
    help=_("Count this seizure again; needs --reason."),
)
@option(
    "--by",
    "decided_by",
    required=True,
    metavar="NAME",
    group=Group.RECORD,
    help=_("Who decided."),
)
@option("--reason", default="", group=Group.RECORD, help=_("Reason; it is kept with the record."))
@shared(SPECIMEN, YEAR, DRY_RUN)
def fix(
    store: Any, decisions: Path | None, codes: tuple[str, ...], aside: int | None, restored: int | None,
    decided_by: str, reason: str, specimen: int | None, year: int | None, dry_run: bool,
) -> None:  # fmt: skip
    from forensics.trade import decisions as deciding
    from forensics.trade.checks import validate

    if sum((decisions is not None, bool(codes), aside is not None, restored is not None)) != 1:
        raise UsageError(
            _(
                "Give one of --decisions FILE, --accept CODE, --set-aside SEIZURE and --restore SEIZURE."
            )
        )
    seizure = restored if aside is None else aside
    if seizure is not None:
        _decide(
            store, seizure, specimen, counts=aside is None, decided_by=decided_by, reason=reason,
            dry_run=dry_run,
        )  # fmt: skip
        return
    if specimen is not None:
        raise UsageError(_("--specimen goes with --set-aside or --restore."))
    if decisions:
        fixes = deciding.read_decisions(decisions)
    else:
        fixes = deciding.accept(validate(store, year=year).problems, codes)
    done = deciding.fix(store, fixes, decided_by=decided_by, reason=reason, dry_run=dry_run)
    for change in done[:40]:
        click.echo(
            _("seizure {number}: {field}: {before!r} -> {after!r} ({code})").format(
                number=change.seizure, field=change.field, before=change.before, after=change.after,
                code=change.code,
            )
        )  # fmt: skip
    text = ngettext("{count} correction", "{count} corrections", len(done)).format(count=len(done))
    tell_done(text, dry_run=dry_run)


def _decide(
    store: Any, seizure: int, specimen: int | None, *, counts: bool, decided_by: str, reason: str,
    dry_run: bool,
) -> None:  # fmt: skip
    from forensics.trade.decisions import decide
    from forensics.trade.record import ASIDE, COUNTED

    count = decide(
        store, seizure, COUNTED if counts else ASIDE, specimen=specimen, decided_by=decided_by,
        reason=reason, dry_run=dry_run,
    )  # fmt: skip
    text = (
        ngettext(
            "seizure {number}: {count} kind of specimens counted again",
            "seizure {number}: {count} kinds of specimens counted again",
            count,
        )
        if counts
        else ngettext(
            "seizure {number}: {count} kind of specimens set aside",
            "seizure {number}: {count} kinds of specimens set aside",
            count,
        )
    )
    tell_done(text.format(number=seizure, count=count), dry_run=dry_run)
