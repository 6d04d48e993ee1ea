"""``forensics library``: build, look at and carry libraries."""

import shlex
from pathlib import Path

import click

from forensics.cli.library_build import build
from forensics.cli.library_check import check
from forensics.cli.library_diff import diff
from forensics.cli.library_fetch import fetch, panel_option, print_groups
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
        "Say what a library holds, and of which taxa that are seized.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library info\n"
        "  forensics library info my_library --panel central-africa\n\n"
        "Without --panel it names the taxa of the panel targets that are missing; with it, it gives "
        "the records of each taxon at each locus."
    )
)
@_LIBRARY
@panel_option
@written()
def info(which: str, panel: str | None, writer: Writer) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.panels import (
        COLUMNS,
        TRAFFICKED,
        cover_library,
        packaged_panels,
        read_panel,
        summary,
    )

    wanted = read_panel(panel or TRAFFICKED)
    opened = open_library(which)
    if writer.has_rows:
        if panel:
            writer.plain_rows(cover_library(opened, wanted).rows(), COLUMNS)
        else:
            writer.plain_rows(summary(opened))
        return
    loci, coverage = summary(opened), cover_library(opened, wanted)
    fetching = (
        f"forensics library fetch --panel {shlex.quote(wanted.name)} --source ncbi "
        f"--email ADDRESS --output {shlex.quote(Path(wanted.name).stem + '.fasta')}"
        if coverage.missing
        else ""
    )
    if writer.is_json:
        writer.record(
            {
                "name": opened.name,
                "title": opened.title,
                "version": opened.version,
                "sha256": opened.sha256,
                "demonstration": opened.demonstration,
                "statement": opened.statement,
                "loci": loci,
                "panel": wanted.name,
                **({"taxa": coverage.rows()} if panel else {"groups": coverage.groups()}),
                "missing": coverage.missing,
                "fetch": fetching,
            }
        )
        return
    writer.text(f"{opened.title} {opened.version}".rstrip())
    writer.text(_("SHA-256 {}").format(opened.sha256))
    if opened.statement:
        writer.text(opened.statement)
    writer.text()
    if panel:
        writer.plain_rows(coverage.taxa())
        writer.text()
    else:
        writer.plain_rows(loci)
        writer.text()
        print_groups(coverage, writer)
    if fetching:
        writer.heading(_("Fetch what is missing: {command}").format(command=fetching))
    if not panel:
        others = [name for name in packaged_panels() if name != wanted.name]
        writer.text(
            _(
                "By taxon and locus: --panel {panel}. Other panels: {others}, or a table of your own."
            ).format(panel=wanted.name, others=", ".join(others))
        )


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
