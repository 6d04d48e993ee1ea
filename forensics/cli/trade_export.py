"""``forensics trade export``: records for others, in their formats."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, new_file, option
from forensics.cli.trade_options import YEAR, name_undated
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.exchange import FORMATS

__all__ = ["export"]


@click.command(
    cls=Command,
    help=_(
        "Write the records for others, into a new file.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade export seizures.db --to aitr --year 2025 --output report.xlsx\n"
        "  forensics trade export seizures.db --to aitr --all-columns --output everything.csv\n"
        "  forensics trade export seizures.db --to geojson --output seizures.geojson\n\n"
        "aitr: annual illegal trade report, CSV or XLSX. etis: elephant specimens in 44 columns. geojson, "
        "earthranger (JSON), darwin (Darwin Core, CSV), links (legs of routes, CSV). What a format cannot "
        "carry is reported. Personal data and places are in it as they are in the store."
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
    from forensics.trade.exchange import writer_of
    from forensics.trade.exchange.flat import UNDATED
    from forensics.trade.store import open_store

    ending = output.suffix.lower().removeprefix(".")
    if name in ("aitr", "etis") and ending not in FORMATS[name]:
        raise UsageError(
            _("The name of OUTPUT ends with {found!r}; expected {expected}.").format(
                found=output.suffix, expected=" or ".join(f".{ending}" for ending in FORMATS[name])
            )
        )
    if name != "aitr" and (all_columns or language != "en"):
        raise UsageError(_("--all-columns and --language are for the format aitr."))
    new_file(output)
    options: dict[str, Any] = {"year": year}
    if name in ("aitr", "etis"):
        options["ending"] = ending
    if name == "aitr":
        options |= {"everything": all_columns, "language": language}
    with open_store(store) as opened:
        if name == "links":
            options["ties"] = list(opened.table("links"))
        seizures = list(opened.seizures(everything=True))
    made: Any = writer_of(name)(seizures, **options)
    write_new(output, made.data)
    click.echo(_("{count} records written to {path}").format(count=made.records, path=output))
    for (field, why), count in sorted(
        Counter(
            (record.field, record.why) for record in made.left_out if record.code != UNDATED
        ).items()
    ):
        click.echo(
            _("left out {count} times: {field}: {why}").format(
                count=count, field=field or _("record"), why=why
            ),
            err=True,
        )
    dates = {record.id: str(record.get("date") or "") for record in seizures}
    undated = [
        (record.seizure, record.reference, dates[record.seizure])
        for record in made.left_out
        if record.code == UNDATED
    ]
    name_undated(undated, year)
