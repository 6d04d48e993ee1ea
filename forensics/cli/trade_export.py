"""``forensics trade convert`` and ``export``: what quantities stand for, and records for others in their formats."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, new_file, option
from forensics.cli.output import Writer
from forensics.cli.trade_options import (
    DRY_RUN,
    FORM,
    STORE,
    YEAR,
    leave_unexamined,
    tell,
    tell_faults,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext, numeral
from forensics.trade.exchange import FORMATS

MAX_NAMED = 20
"""Seizures that are named where they are left out for one reason."""


@click.command(
    cls=Command,
    help=_(
        "Write the records for others, into a new file.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade export seizures.db --to aitr --year 2025 --output report.xlsx\n"
        "  forensics trade export seizures.db --to aitr --all-columns --output everything.csv\n"
        "  forensics trade export seizures.db --to geojson --output seizures.geojson\n\n"
        "aitr: annual illegal trade report, CSV or XLSX. etis: elephant specimens in 44 columns. geojson: "
        "every record. What a format cannot carry is reported. A seizure with an error is in no report (aitr, etis): it is named with what is wrong, and "
        "the command leaves with 3. Personal data and places are in it as they are in the store."
    ),
)
@STORE
@option(
    "--to",
    "name",
    required=True,
    type=click.Choice(list(FORMATS)),
    group=Group.OUTPUT,
    help=_("Format."),
)
@option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("New file; its ending (.csv, .xlsx) says which kind of table."),
)
@YEAR
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
def export(
    store: Path, name: str, output: Path, year: int | None, all_columns: bool, language: str
) -> None:
    from forensics.io.files import write_new
    from forensics.trade.exchange import export_store
    from forensics.trade.store import open_store

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
    with open_store(store) as opened:
        made = export_store(opened, name, year=year, **options)
    if made.records or not made.faults:
        write_new(output, made.data)
        click.echo(
            _("{count} records of {seizures} seizures written to {path}").format(
                count=made.records, seizures=len(made.written), path=output
            )
        )
    else:
        tell(_("Nothing was written: no record is valid."))
    _tell_left_out(made, store)
    if made.faults or made.waiting:
        leave_unexamined()


def _tell_left_out(made: Any, store: Path) -> None:
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
        named = lost.setdefault((record.field, record.why), [])
        named.append(f"{record.seizure} {record.reference}".strip())
    for (field, why), names in sorted(lost.items()):
        text = _("left out {count} times: {field}: {why}").format(
            count=len(names), field=field or _("record"), why=why
        )
        if not field:
            shown = list(dict.fromkeys(names))
            text += " (" + ", ".join(shown[:MAX_NAMED]) + (", …" if shown[MAX_NAMED:] else "") + ")"
        tell(text)
    if made.warnings:
        counts = ", ".join(f"{code} {count}" for code, count in sorted(made.warnings.items()))
        tell(
            _("warnings of what was written: {counts}; trade validate has them").format(
                counts=counts
            )
        )
    tell_faults(made.faults, store, kept=not invalid)


@click.command(
    cls=Command,
    help=_(
        "Say what quantities stand for, such as animals, and record each conversion with its assumption.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade convert seizures.db\n"
        "  forensics trade convert seizures.db --factors our_factors.toml --year 2025 --format csv\n\n"
        "Ranges are carried through. The records themselves are not changed."
    ),
)
@STORE
@option(
    "--factors",
    "factor_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.DECIDE,
    help=_("Table of factors (TOML), instead of the packaged one."),
)
@YEAR
@DRY_RUN
@FORM
def convert(
    store: Path, factor_file: Path | None, year: int | None, dry_run: bool, writer: Writer
) -> None:
    from forensics.trade.checks import find_faults
    from forensics.trade.conversion import convert_store, packaged_factors, read_factors
    from forensics.trade.record import is_of_seizure
    from forensics.trade.store import open_store

    factors = read_factors(factor_file) if factor_file else packaged_factors()
    with open_store(store) as opened:
        specimens = opened.counts()["specimens"]
        converted = convert_store(opened, factors=factors, year=year, dry_run=dry_run)
        faults = find_faults(opened, year=year)
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
    click.echo(
        _(
            "{count} of {specimens} specimens converted, by factors of version {version}; of the others no "
            "factor is known"
        ).format(
            count=len({row["specimen"] for row in rows}),
            specimens=specimens,
            version=factors.version,
        ),
        err=True,
    )
    traded = {
        specimen.id
        for seizure, specimen, _conversion in converted
        if not is_of_seizure(seizure.get("basis"), specimen.get("source"))
    }
    if traded:
        click.echo(
            ngettext(
                "{count} of the converted specimens is not of a seizure, but in a line of the legal trade",
                "{count} of the converted specimens are not of seizures, but in lines of the legal trade",
                len(traded),
            ).format(count=len(traded)),
            err=True,
        )
    tell_faults(faults, store, kept=True)
    if faults:
        leave_unexamined()


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
