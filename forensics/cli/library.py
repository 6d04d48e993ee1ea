"""``forensics library``: build, look at and carry libraries."""

import csv
import json
import sys
from pathlib import Path

import click

from forensics.cli.library_build import build
from forensics.cli.library_check import check
from forensics.cli.library_diff import diff
from forensics.cli.library_fetch import fetch
from forensics.cli.library_validate import validate
from forensics.cli.printing import cell, format_option
from forensics.messages import _

__all__ = ["library", "print_columns"]

_LIBRARY = click.argument("which", metavar="[DIR|NAME]", default="embedded")


@click.group(
    help=_(
        "Build, look at and carry libraries of reference sequences.\n\n"
        "Example: forensics library build references.fasta --output my_library"
    )
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
@click.option("--targets", is_flag=True, help=_("What it holds of the taxa that are most seized."))
@format_option()
def info(which, targets, style) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.targets import summary, target_table

    opened = open_library(which)
    rows = target_table(opened) if targets else summary(opened)
    if style == "json":
        head = {
            "name": opened.name,
            "title": opened.title,
            "version": opened.version,
            "sha256": opened.sha256,
            "demonstration": opened.demonstration,
            "statement": opened.statement,
        }
        click.echo(json.dumps({**head, "targets" if targets else "loci": rows}, ensure_ascii=False))
        return
    if style == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    click.echo(f"{opened.title} {opened.version}".rstrip())
    click.echo(_("SHA-256 {}").format(opened.sha256))
    if opened.statement:
        click.echo(opened.statement)
    click.echo()
    print_columns(rows)


@library.command(
    "export",
    help=_(
        "Write a library into one checked file, to be carried on a stick.\n\n"
        "Example: forensics library export my_library --output my_library.zip"
    ),
)
@_LIBRARY
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
def export(which, output) -> None:
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
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False))
def import_(file, output) -> None:
    from forensics.barcode.reference.transfer import import_library

    opened = import_library(file, output)
    click.echo(
        _("{path}: library {name}, {loci}; every file checked").format(
            path=output, name=opened.name, loci=", ".join(opened.loci)
        )
    )


def print_columns(rows: list[dict]) -> None:
    """Print rows as a table with their keys as the head."""
    table = [list(rows[0]), *([cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        click.echo("  ".join(part.ljust(width) for part, width in zip(row, widths)).rstrip())
