"""``forensics trade convert``, ``export``, ``publish`` and ``serve``: records for others."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import (
    command,
    folder_path,
    new_file,
    option,
    output_option,
    path_option,
    shared,
)
from forensics.cli.output import Writer, leave_unexamined, tell
from forensics.cli.trade import (
    DRY_RUN,
    FACTORS,
    FORM,
    YEAR,
    named,
    opening,
    tell_faults,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext, numeral
from forensics.trade.exchange import FORMATS
from forensics.trade.publishing.accounts import CLEARANCES
from forensics.trade.publishing.suppression import MIN_SEIZURES


@command(
    help=_(
        "Write the records for others, into a new file.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade export seizures.db --to aitr --year 2025 --output report.xlsx\n"
        "  forensics trade export seizures.db --to aitr --all-columns --output everything.csv\n"
        "  forensics trade export seizures.db --to geojson --output seizures.geojson\n\n"
        "aitr: annual illegal trade report, CSV or XLSX. etis: elephant specimens in 44 columns. "
        "geojson: every record. What a format cannot carry is reported. A seizure with an error "
        "is in no report (aitr, etis): it is named with its errors, and the exit code is 3. "
        "Personal data and places are written as they are in the store."
    ),
)
@opening
@option(
    "--to",
    "name",
    required=True,
    type=click.Choice(list(FORMATS)),
    group=Group.OUTPUT,
    help=_("Format."),
)
@output_option(
    required=True,
    help=_("New file; its ending (.csv, .xlsx) says which kind of table."),
)
@option(
    "--all-columns",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("aitr: also what the form does not ask for."),
)
@option(
    "--language",
    type=click.Choice(["en", "fr", "pt"]),
    default="en",
    show_default=True,
    group=Group.OUTPUT,
    help=_("aitr: names of columns."),
)
@shared(YEAR)
def export(
    store: Any, name: str, output: Path, all_columns: bool, language: str, year: int | None
) -> None:
    from forensics.io.files import write_new
    from forensics.trade.exchange import export_store

    ending = output.suffix.lower().removeprefix(".")
    is_report = not FORMATS[name].everything
    if is_report and ending not in ("csv", "xlsx"):
        raise UsageError(
            _("The name of OUTPUT ends with {found!r}; expected {expected}.").format(
                found=output.suffix, expected=".csv or .xlsx"
            )
        )
    if name != "aitr" and (all_columns or language != "en"):
        raise UsageError(_("--all-columns and --language are for the format aitr."))
    new_file(output)
    options: dict[str, Any] = {"ending": ending} if is_report else {}
    if name == "aitr":
        options |= {"everything": all_columns, "language": language}
    made = export_store(store, name, year=year, **options)
    if made.records or not made.faults:
        write_new(output, made.data)
        click.echo(
            _("{count} records of {seizures} seizures written to {path}").format(
                count=made.records, seizures=len(made.written), path=output
            )
        )
    else:
        tell(_("Nothing was written: no record is valid."))
    _tell_left_out(made)
    tell_faults(made.faults, store, kept=made.faults.keys() <= made.written)
    if made.waiting:
        leave_unexamined()


def _tell_left_out(made: Any) -> None:
    """Say of every seizure that is not in the file why it is not, and of every field."""
    invalid = len(made.faults.keys() - made.written)
    if made.seizures > len(made.written):
        tell(
            _(
                "{seizures} seizures in the store: {written} written, {invalid} not valid, {left} left out"
            ).format(
                seizures=made.seizures, written=len(made.written), invalid=invalid,
                left=made.seizures - len(made.written) - invalid,
            )
        )  # fmt: skip
    lost: dict[tuple[str, str], list[str]] = {}
    for record in made.left_out:
        names = lost.setdefault((record.field, record.why), [])
        names.append(f"{record.seizure} {record.reference}".strip())
    for (field, why), names in sorted(lost.items()):
        text = _("left out {count} times: {field}: {why}").format(
            count=len(names), field=field or _("record"), why=why
        )
        if not field:
            text += f" ({named(names)})"
        tell(text)
    if made.warnings:
        counts = ", ".join(f"{code} {count}" for code, count in sorted(made.warnings.items()))
        tell(
            _("warnings of what was written: {counts}; trade validate has them").format(
                counts=counts
            )
        )


@command(
    help=_(
        "Convert quantities, such as kilograms to animals, and record each conversion with its "
        "assumption.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade convert seizures.db\n"
        "  forensics trade convert seizures.db --factors our_factors.toml --year 2025 --format csv\n\n"
        "Ranges are carried through. The records themselves are not changed."
    ),
)
@opening
@shared(FACTORS, YEAR, DRY_RUN, FORM)
def convert(
    store: Any, factor_file: Path | None, year: int | None, dry_run: bool, writer: Writer
) -> None:
    from forensics.trade.checks import find_faults
    from forensics.trade.conversion import convert_store, packaged_factors, read_factors
    from forensics.trade.record import is_of_seizure

    factors = read_factors(factor_file) if factor_file else packaged_factors()
    specimens = store.counts()["specimens"]
    converted = convert_store(store, factors=factors, year=year, dry_run=dry_run)
    rows = [
        {
            "seizure": seizure.id, "specimen": specimen.id, "species": specimen.get("species"),
            "term": specimen.get("term"), "from_low": specimen.low, "from_high": specimen.high,
            "unit": specimen.get("unit"), "measure": conversion.measure, "low": conversion.low, "middle": conversion.middle,
            "high": conversion.high, "factor": conversion.factor.id, "status": conversion.factor.status,
            "assumption": conversion.factor.assumption, "source": conversion.factor.source,
        }
        for seizure, specimen, conversion in converted
    ]  # fmt: skip
    if writer.is_table:
        _show_totals(rows, writer)
    else:
        writer.plain_rows(rows)
    tell(
        _(
            "{count} of {specimens} specimens converted, by factors of version {version}; no "
            "factor is known for the others"
        ).format(
            count=len({row["specimen"] for row in rows}),
            specimens=specimens,
            version=factors.version,
        )
    )
    traded = {
        specimen.id
        for seizure, specimen, _conversion in converted
        if not is_of_seizure(seizure.get("basis"), specimen.get("source"))
    }
    if traded:
        tell(
            ngettext(
                "{count} of the converted specimens is not of a seizure, but in a line of the legal trade",
                "{count} of the converted specimens are not of seizures, but in lines of the legal trade",
                len(traded),
            ).format(count=len(traded))
        )
    tell_faults(find_faults(store, year=year), store, kept=True)


def _show_totals(rows: list[dict[str, Any]], writer: Writer) -> None:
    """Print a line for each factor: how often, and the sums with their ranges."""
    count = Counter((row["measure"], row["factor"]) for row in rows)
    for (measure, factor), times in sorted(count.items()):
        mine = [row for row in rows if row["factor"] == factor and row["measure"] == measure]
        low, middle, high = (_sum(mine, name) for name in ("low", "middle", "high"))
        writer.text(
            _("{measure}: {middle} ({low} to {high}) of {times} records by {factor} ({status})").format(
                measure=measure, middle=middle, low=low, high=high, times=times, factor=factor,
                status=mine[0]["status"],
            )
        )  # fmt: skip
        writer.text(f"    {mine[0]['assumption']}")
        writer.text(f"    {mine[0]['source']}")


def _sum(rows: list[dict[str, Any]], name: str) -> str:
    known = [row[name] for row in rows if row[name] is not None]
    return numeral(sum(known), ".6g") + ("+" if len(known) < len(rows) else "")


@command(
    help=_(
        "Write a new folder to publish from: a database for each clearance, and Datasette's "
        "configuration.\n\n"
        "\b\n"
        "Example: forensics trade publish seizures.db --output site --closed-case 2026-014\n\n"
        "public: counts, small ones hidden. parties: seizures without persons, places and free "
        "texts. secretariat: everything. A seizure linked to a case is for the secretariat only, "
        "until --closed-case names the case. So is a seizure without links, until --unlinked "
        "releases all of these."
    ),
)
@opening
@output_option(
    required=True,
    folder=True,
    help=_("New folder."),
)
@option(
    "--closed-case",
    "closed",
    multiple=True,
    metavar="ID",
    group=Group.DECIDE,
    help=_("Case that is closed; may be repeated."),
)
@option(
    "--unlinked",
    is_flag=True,
    group=Group.DECIDE,
    help=_("Also release seizures without a link to a case, exhibit or finding."),
)
@option(
    "--fewest",
    type=click.IntRange(2, 1000),
    default=MIN_SEIZURES,
    show_default=True,
    group=Group.DECIDE,
    help=_("Seizures that a public count needs at least."),
)
def publish(store: Any, output: Path, closed: tuple[str, ...], unlinked: bool, fewest: int) -> None:
    from forensics.trade.checks import find_faults
    from forensics.trade.publishing.writing import publish as write

    made = write(store, output, closed=closed, unlinked=unlinked, fewest=fewest)
    click.echo(
        _(
            "{path}: {count} seizures; for the secretariat alone: {withheld} of open cases, {unlinked} tied to "
            "no case; public: {shown} counts shown, {hidden} hidden"
        ).format(
            path=made.path,
            count=made.seizures,
            withheld=made.withheld,
            unlinked=made.unlinked,
            shown=made.shown,
            hidden=made.hidden,
        )
    )
    if made.unlinked:
        tell(_("Seizures without links may be of open cases; link them, or give --unlinked."))
    if made.uncounted:
        tell(
            ngettext(
                "{count} record that waits for a decision or was set aside is in no count",
                "{count} records that wait for a decision or were set aside are in no count",
                made.uncounted,
            ).format(count=made.uncounted)
        )
    if made.held:
        tell(
            ngettext(
                "{count} seizure is in the public counts as before ({numbers}): with an earlier "
                "publication, new counts would reveal where, when and what it was. It is updated "
                "when enough others change.",
                "{count} seizures are in the public counts as before ({numbers}): with an "
                "earlier publication, new counts would reveal where, when and what these were. "
                "They are updated when enough others change.",
                len(made.held),
            ).format(count=len(made.held), numbers=named(made.held))
        )
    tell_faults(find_faults(store), store, kept=True)


@command(
    help=_(
        "Serve a folder that forensics trade publish wrote, by Datasette (extra publish).\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade serve --account amina --clearance parties >> accounts.txt\n"
        "  forensics trade serve site --accounts accounts.txt\n\n"
        "Accounts come from --accounts or the variable FORENSICS_TRADE_ACCOUNTS; --account "
        "serves nothing. Every request is logged in access.jsonl in the folder, with its "
        "account. For access from other machines, put a server with TLS in front."
    ),
)
@click.argument("folder", type=folder_path(), required=False)
@option(
    "--account",
    metavar="NAME",
    group=Group.RECORD,
    help=_("Print the line of this account, with its password hashed; it asks for the password."),
)
@option(
    "--clearance",
    type=click.Choice(CLEARANCES[1:]),
    group=Group.RECORD,
    help=_("What the account may see."),
)
@path_option(
    "--accounts",
    group=Group.ADVANCED,
    help=_("File of accounts."),
)
@option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    group=Group.ADVANCED,
    help=_("Address to listen at."),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    group=Group.ADVANCED,
    help=_("Port to listen at."),
)
def serve(
    folder: Path | None, account: str | None, clearance: str | None, accounts: Path | None, host: str,
    port: int,
) -> None:  # fmt: skip
    if account is not None and clearance is not None and folder is None:
        from forensics.trade.publishing.accounts import new_line

        password = click.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True)
        click.echo(new_line(account, clearance, password))
        return
    if account is not None or clearance is not None or folder is None:
        raise UsageError(_("Give a folder to serve, or --account with --clearance."))
    from forensics.core.children import run
    from forensics.trade.publishing.writing import command, environment, need_datasette

    need_datasette()
    started = command(folder, host=host, port=port)
    raise SystemExit(run(started, env=environment(accounts)).returncode)
