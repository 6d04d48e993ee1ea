"""``forensics library build``: read, name, weigh, screen, write."""

import os
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, option
from forensics.core.options import Group
from forensics.messages import _, ngettext

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
    decision_file: Path | None, screening: bool, calibration: bool,
) -> None:  # fmt: skip
    from forensics.barcode.curating.curation import apply_decisions, read_decisions
    from forensics.barcode.reference.library import write_library
    from forensics.barcode.reference.references import read_references
    from forensics.barcode.reference.renaming import rename, renamed_table
    from forensics.errors import UsageError
    from forensics.io.files import shown_name
    from forensics.taxonomy.synonyms import read_synonyms

    if own_files and not screening:
        raise UsageError(_("--own weighs records by screening; leave out --no-screening."))
    synonyms = read_synonyms(synonym_file) if synonym_file else None
    decisions = read_decisions(decision_file) if decision_file else {}
    flags: list[Any] = []
    taxa: dict[Any, Any] = {}
    places: dict[Any, Any] | None = {} if screening else None
    # Own records come first: of an accession that occurs twice the first is taken.
    records, left_out = read_references(
        [*own_files, *files], locus=locus, flags=flags, taxa=taxa, places=places
    )
    own = _own(own_files, locus)
    _some(records, left_out)
    says: dict[str, Any] = {}
    changes: list[Any] = []
    beside: dict[str, Any] = {}
    if taxdump:
        from forensics.barcode.reference.lineage import apply_taxdump

        records, changes, missing, sums = apply_taxdump(records, taxdump, numbers=taxa)
        says["taxdump"] = {"sha256": sums, "renamed": len(changes), "not_found": missing}
    if decisions and decision_file:
        records, dropped = apply_decisions(records, decisions, file=shown_name(decision_file))
        left_out = [*left_out, *dropped]
    if synonyms:
        records, more = rename(records, synonyms)
        changes = [*changes, *more]
        says["synonyms"] = {
            "file": shown_name(synonyms.file),
            "sha256": synonyms.sha256,
            "renamed": len(more),
        }
    if synonyms or taxdump:
        beside["renamed.tsv"] = renamed_table(changes)
    screened = None
    if screening:
        from forensics.barcode.curating.building import outcome_table, screen_build
        from forensics.cli.library_check import Progress

        keep = {key for key, (decision, _code) in decisions.items() if decision == "keep"}
        screened = screen_build(
            records,
            own=own,
            keep=keep,
            decided=decision_file is not None,
            flags=flags,
            places=places,
            progress=Progress(),
        )
        records, left_out = screened.records, [*left_out, *screened.left_out]
        _some(records, left_out)
        beside["screening.tsv"] = outcome_table(screened.outcomes)
        says["screening"] = {
            "left_out": screened.count("left_out"),
            "flagged": screened.count("flagged"),
            "own": len(own),
        }
    else:
        says["screening"] = None
    name = name or shown_name(output.resolve().name)
    write_library(
        output,
        records,
        left_out=left_out,
        beside=beside,
        calibrated=calibration,
        processes=os.cpu_count() or 1,
        name=name,
        title=name,
        demonstration=False,
        **says,
    )
    _tell(output, records, left_out, changes if "renamed.tsv" in beside else None, screened, says)
    for line, reason in synonyms.ignored if synonyms else ():
        click.echo(
            _("{file}, line {line}: passed over: {reason}").format(
                file=synonym_file, line=line, reason=reason
            ),
            err=True,
        )


def _own(files, locus) -> set[str]:
    """Return the accessions of the laboratory's own records."""
    if not files:
        return set()
    from forensics.barcode.reference.references import read_references

    records, _left_out = read_references(files, locus=locus)
    return {record.accession for record, _sequence in records}


def _some(records, left_out) -> None:
    from forensics.errors import LibraryError

    if not records:
        reasons = [f"{entry.file}, {entry.accession}: {entry.reason}" for entry in left_out[:5]]
        raise LibraryError(
            _("There is no record to make a library of. The first reasons:\n{}").format(
                "\n".join(reasons)
            )
        )


def _tell(output, records, left_out, changes, screened, says) -> None:
    species = {record.species for record, _sequence in records if record.species}
    click.echo(
        _("{path}: {records} records, {species} species, loci {loci}").format(
            path=output,
            records=len(records),
            species=len(species),
            loci=", ".join(sorted({record.locus for record, _sequence in records})),
        )
    )
    if changes is not None:
        click.echo(
            ngettext(
                "{number} record got the accepted name; see {file}",
                "{number} records got the accepted name; see {file}",
                len(changes),
            ).format(number=len(changes), file=output / "renamed.tsv")
        )
    if "taxdump" in says:
        click.echo(
            _("{number} records were not found in NCBI's taxonomy and stay as they were").format(
                number=says["taxdump"]["not_found"]
            ),
            err=True,
        )
    if screened:
        click.echo(
            _(
                "Screening: {kept} records without a finding, {flagged} flagged, {left} left out; see "
                "{file}"
            ).format(
                kept=screened.count("kept"),
                flagged=screened.count("flagged"),
                left=screened.count("left_out"),
                file=output / "screening.tsv",
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
