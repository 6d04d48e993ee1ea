"""``forensics trade export``: records for others, in their formats."""

from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, new_file, option
from forensics.cli.trade_options import YEAR, leave_unexamined, tell, tell_faults
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.exchange import FORMATS

__all__ = ["export"]

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
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
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
    endings = FORMATS[name].endings
    if name in ("aitr", "etis") and ending not in endings:
        raise UsageError(
            _("The name of OUTPUT ends with {found!r}; expected {expected}.").format(
                found=output.suffix, expected=" or ".join(f".{ending}" for ending in endings)
            )
        )
    if name != "aitr" and (all_columns or language != "en"):
        raise UsageError(_("--all-columns and --language are for the format aitr."))
    new_file(output)
    options: dict[str, Any] = {}
    if name in ("aitr", "etis"):
        options["ending"] = ending
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
