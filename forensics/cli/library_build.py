"""``forensics library build``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.options import Command, option
from forensics.cli.printing import Bar
from forensics.core.options import Group
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.barcode.reference.building import LibraryBuild

__all__ = ["build"]


@click.command(
    cls=Command,
    help=_(
        "Build a library from reference sequences.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library build references.fasta --output my_library\n"
        "  forensics library build sequences.fasta records.tsv --locus COI --output my_library\n"
        "  forensics library build deposited.fasta --own vouchers.xlsx --output my_library\n\n"
        "FILES are FASTA (headers of GenBank, BOLD, MIDORI2, MitoFish, UNITE, RDP, SINTAX, DADA2, "
        "QIIME, Geneious, or accession|Genus species|locus|source), GenBank flat files, and tables "
        "or workbooks with sequences or with more of the records by their accession. The records "
        "are screened: OUTPUT/screening.tsv says what was kept and flagged, OUTPUT/left_out.tsv "
        "what was left out, and why."
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    group=Group.OUTPUT,
    help=_("Folder of the library; one that holds a library is replaced."),
)
@option("--locus", group=Group.EXAMINE, help=_("Locus of records that do not say theirs."))
@option("--name", group=Group.OUTPUT, help=_("Name of the library; default: that of the folder."))
@option(
    "--own",
    "own_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.EXAMINE,
    help=_(
        "Further records, of the laboratory's own vouchers: deposited records that disagree with "
        "them are left out or flagged. May be repeated."
    ),
)
@option(
    "--taxdump",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    group=Group.EXAMINE,
    help=_(
        "NCBI's taxonomy (names.dmp, nodes.dmp, merged.dmp): records get its lineages and accepted "
        "names."
    ),
)
@option(
    "--synonyms",
    "synonym_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.EXAMINE,
    help=_(
        "Table of synonyms with the columns name, accepted and source; records get the accepted "
        "name and are listed in OUTPUT/renamed.tsv."
    ),
)
@option(
    "--reconcile/--no-reconcile",
    default=True,
    show_default=True,
    group=Group.DECIDE,
    help=_(
        "Give records the accepted names of NCBI's taxonomy, and one name to what the sequences prove to be one "
        "species; the deposited name stays beside it. OUTPUT/renamed.tsv lists what was changed."
    ),
)
@option(
    "--decisions",
    "decision_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.DECIDE,
    help=_(
        "Table of 'library check' with its column decision filled in: records to drop are left "
        "out, records to turn are turned round, records to keep stay whatever screening finds."
    ),
)
@option(
    "--screening/--no-screening",
    default=True,
    show_default=True,
    group=Group.DECIDE,
    help=_(
        "Screen the records: those that are surely wrong are left out, the doubtful ones are flagged and "
        "kept."
    ),
)
@option(
    "--calibration/--no-calibration",
    default=True,
    show_default=True,
    group=Group.DECIDE,
    help=_("Learn from the records how far calls can be trusted (up to a minute a locus)."),
)
def build(
    files: tuple[Path, ...], output: Path, locus: str | None, name: str | None,
    own_files: tuple[Path, ...], taxdump: Path | None, synonym_file: Path | None,
    reconcile: bool, decision_file: Path | None, screening: bool, calibration: bool,
) -> None:  # fmt: skip
    from forensics.barcode.reference.building import build_library
    from forensics.errors import UsageError

    if own_files and not screening:
        raise UsageError(_("--own weighs records by screening; leave out --no-screening."))
    build = build_library(
        files,
        output,
        locus=locus,
        name=name,
        own=own_files,
        taxdump=taxdump,
        synonyms=synonym_file,
        decisions=decision_file,
        reconcile=reconcile,
        screening=screening,
        calibration=calibration,
        jobs=os.cpu_count() or 1,
        progress=Bar().show,
    )
    _print_summary(build)
    for line, reason in build.synonyms.ignored if build.synonyms else ():
        click.echo(
            _("{file}, line {line}: passed over: {reason}").format(
                file=synonym_file, line=line, reason=reason
            ),
            err=True,
        )


def _print_summary(build: "LibraryBuild") -> None:
    click.echo(
        _("{path}: {records} records, {species} species, loci {loci}").format(
            path=build.path,
            records=len(build.records),
            species=len(build.species),
            loci=", ".join(build.loci),
        )
    )
    if build.renamed is not None:
        click.echo(
            ngettext(
                "{number} record got the accepted name; see {file}",
                "{number} records got the accepted name; see {file}",
                len(build.renamed),
            ).format(number=len(build.renamed), file=build.path / "renamed.tsv")
        )
    if build.not_in_taxdump is not None:
        click.echo(
            _("{number} records were not found in NCBI's taxonomy and stay as they were").format(
                number=build.not_in_taxdump
            ),
            err=True,
        )
    if build.screening:
        click.echo(
            _(
                "Screening: {kept} records without a finding, {flagged} flagged, {left} left out; see "
                "{file}"
            ).format(
                kept=build.screening.count("kept"),
                flagged=build.screening.count("flagged"),
                left=build.screening.count("left_out"),
                file=build.path / "screening.tsv",
            ),
            err=True,
        )
    if build.left_out:
        click.echo(
            _("{number} records were left out; the reasons are in {file}").format(
                number=len(build.left_out), file=build.path / "left_out.tsv"
            ),
            err=True,
        )
