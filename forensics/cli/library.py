"""``forensics library``: build, look at and carry libraries."""

import csv
import json
import sys
from pathlib import Path

import click

from forensics.cli.library_check import check
from forensics.cli.library_validate import validate
from forensics.messages import _, ngettext

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


library.add_command(check)
library.add_command(validate)


@library.command(
    help=_(
        "Build a library from reference sequences.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library build references.fasta --output my_library\n"
        "  forensics library build sequences.fasta records.tsv --locus COI --output my_library\n\n"
        "FILES are FASTA (headers: accession|Genus species|locus|source, BOLD, SINTAX, DADA2, "
        "accession Genus species), GenBank flat files, and tables that say more of the records by "
        "their accession. Records that are not taken are listed in OUTPUT/left_out.tsv."
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=_("Folder of the library; one that holds a library is replaced."),
)
@click.option("--locus", help=_("Locus of records that do not say theirs."))
@click.option("--name", help=_("Name of the library; default: that of the folder."))
@click.option(
    "--synonyms",
    "synonym_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_(
        "Table of synonyms with the columns name, accepted and source; records get the accepted "
        "name and are listed in OUTPUT/renamed.tsv."
    ),
)
@click.option(
    "--decisions",
    "decision_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_(
        "Table of 'library check' with its column decision filled in: records to drop are left out, "
        "records to turn are turned round."
    ),
)
@click.option(
    "--calibration/--no-calibration",
    default=True,
    show_default=True,
    help=_("Learn from the records how far calls can be trusted (up to a minute a locus)."),
)
def build(files, output, locus, name, synonym_file, decision_file, calibration) -> None:
    from forensics.barcode.curating.curation import apply_decisions, read_decisions
    from forensics.barcode.reference.library import write_library
    from forensics.barcode.reference.references import read_references
    from forensics.barcode.reference.renaming import rename, renamed_table
    from forensics.errors import LibraryError
    from forensics.taxonomy.synonyms import read_synonyms

    synonyms = read_synonyms(synonym_file) if synonym_file else None
    decisions = read_decisions(decision_file) if decision_file else {}
    records, left_out = read_references(files, locus=locus)
    if not records:
        reasons = [f"{entry.file}, {entry.accession}: {entry.reason}" for entry in left_out[:5]]
        raise LibraryError(
            _("There is no record to make a library of. The first reasons:\n{}").format(
                "\n".join(reasons)
            )
        )
    if decisions:
        records, dropped = apply_decisions(records, decisions, file=str(decision_file))
        left_out = [*left_out, *dropped]
    name = name or output.resolve().name
    says, changes, beside = {}, [], {}
    if synonyms:
        records, changes = rename(records, synonyms)
        beside["renamed.tsv"] = renamed_table(changes)
        says["synonyms"] = {
            "file": synonyms.file,
            "sha256": synonyms.sha256,
            "renamed": len(changes),
        }
    write_library(
        output,
        records,
        left_out=left_out,
        beside=beside,
        calibrated=calibration,
        name=name,
        title=name,
        demonstration=False,
        **says,
    )
    species = {record.species for record, _sequence in records if record.species}
    click.echo(
        _("{path}: {records} records, {species} species, loci {loci}").format(
            path=output,
            records=len(records),
            species=len(species),
            loci=", ".join(sorted({record.locus for record, _sequence in records})),
        )
    )
    if synonyms:
        click.echo(
            ngettext(
                "{number} record got the accepted name; see {file}",
                "{number} records got the accepted name; see {file}",
                len(changes),
            ).format(number=len(changes), file=output / "renamed.tsv")
        )
        for line, reason in synonyms.ignored:
            click.echo(
                _("{file}, line {line}: passed over: {reason}").format(
                    file=synonym_file, line=line, reason=reason
                ),
                err=True,
            )
    if left_out:
        click.echo(
            _("{number} records were left out; the reasons are in {file}").format(
                number=len(left_out), file=output / "left_out.tsv"
            ),
            err=True,
        )


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
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
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
    table = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
