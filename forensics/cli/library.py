"""``forensics library``: build, look at and carry libraries."""

from pathlib import Path

import click

from forensics.cli.library_build import build
from forensics.cli.library_check import check
from forensics.cli.library_diff import diff
from forensics.cli.library_fetch import fetch
from forensics.cli.library_validate import validate
from forensics.cli.options import CommandGroup, option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.messages import _

__all__ = ["library"]

_LIBRARY = click.argument("which", metavar="[DIR|NAME]", default="embedded")


@click.group(
    cls=CommandGroup,
    help=_(
        "Build, look at and carry libraries of reference sequences.\n\n"
        "Example: forensics library build references.fasta --output my_library"
    ),
)
def library() -> None:
    pass


library.add_command(build)
library.add_command(check)
library.add_command(diff)
library.add_command(fetch)
library.add_command(validate)


@library.command(
    help=_(
        "Say what a library holds.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library info\n"
        "  forensics library info my_library --targets"
    )
)
@_LIBRARY
@option(
    "--targets",
    is_flag=True,
    group=Group.EXAMINE,
    help=_("What it holds of the taxa that are most seized."),
)
@written()
def info(which: str, targets: bool, writer: Writer) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.targets import summary, target_table

    opened = open_library(which)
    rows = target_table(opened) if targets else summary(opened)
    if writer.is_json:
        writer.record(
            {
                "name": opened.name,
                "title": opened.title,
                "version": opened.version,
                "sha256": opened.sha256,
                "demonstration": opened.demonstration,
                "statement": opened.statement,
                "targets" if targets else "loci": rows,
            }
        )
        return
    if writer.is_table:
        writer.text(f"{opened.title} {opened.version}".rstrip())
        writer.text(_("SHA-256 {}").format(opened.sha256))
        if opened.statement:
            writer.text(opened.statement)
        writer.text()
    writer.plain_rows(rows)


@library.command(
    "export",
    help=_(
        "Write a library into one checked file, to be carried on a stick.\n\n"
        "Example: forensics library export my_library --output my_library.zip"
    ),
)
@_LIBRARY
@option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), group=Group.OUTPUT
)
def export(which: str, output: Path) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.transfer import export_library

    digest = export_library(open_library(which), output)
    click.echo(_("{path}  SHA-256 {digest}").format(path=output, digest=digest))


@library.command(
    "import",
    help=_(
        "Check and unpack a library that was exported.\n\n"
        "Example: forensics library import my_library.zip --output my_library"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@option(
    "--output", required=True, type=click.Path(path_type=Path, file_okay=False), group=Group.OUTPUT
)
def import_(file: Path, output: Path) -> None:
    from forensics.barcode.reference.transfer import import_library

    opened = import_library(file, output)
    click.echo(
        _("{path}: library {name}, {loci}; every file checked").format(
            path=output, name=opened.name, loci=", ".join(opened.loci)
        )
    )
