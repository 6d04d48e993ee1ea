"""``forensics examine``: the samples of a case, from their files to findings in the ledger."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from forensics.cli.call_options import CRITERIA, LIBRARY, SCHEDULER
from forensics.cli.custody_options import LEDGER, Signer, print_flags, signing
from forensics.cli.index_options import index_options, open_official
from forensics.cli.options import Command, option
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = ["examine"]


@click.command(
    cls=Command,
    help=_(
        "Identify the samples of a case and record what was found.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics examine 2026-014 traces/ --run SEQ-7 --as bruno\n"
        "  forensics examine 2026-014 S1.fasta S2_F.ab1 S2_R.ab1 --run SEQ-7 --as bruno\n\n"
        "A file is of the sample whose name it bears; strands are put together as in 'identify'. "
        "Files of no sample of the case are refused before the work begins. What was found before from the "
        "same files with the same library is passed over, so a run that was broken off goes on."
    ),
)
@click.argument("case")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@LEDGER
@option(
    "--run",
    "runs",
    multiple=True,
    group=Group.CUSTODY,
    help=_("Run in the ledger that the sequences come from; may be repeated."),
)
@LIBRARY
@option(
    "--locus",
    default="auto",
    show_default=True,
    group=Group.DECIDE,
    help=_("Locus, or auto for all."),
)
@CRITERIA
@index_options
@option(
    "--again", is_flag=True, group=Group.ADVANCED, help=_("Examine what was found before, too.")
)
@SCHEDULER
@option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("Build a draft of the report, too: a new .pdf, .html or .json."),
)
@option(
    "--details",
    "details_file",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("TOML with what the ledger does not know, for --report."),
)
@signing
def examine(
    case: str, files: tuple[str, ...], ledger_path: Path, runs: tuple[str, ...], library_name: str,
    locus: str, criteria: str, index_path: Path | None, index_date: str | None, again: bool,
    scheduler: str | None, report_file: Path | None, details_file: Path | None, signer: Signer,
) -> None:  # fmt: skip
    from forensics.barcode.reading.samples import samples_of
    from forensics.barcode.reference.library import open_library
    from forensics.examination import examine
    from forensics.report.building import build_report, check_output
    from forensics.report.details import Details, read_details

    if report_file:
        check_output(report_file)
    details = read_details(details_file) if details_file else Details()
    official = open_official(index_path, index_date)
    library = open_library(library_name)
    gathered = samples_of(files)
    for message in gathered.passed_over:
        click.echo(_("Note: {}").format(message), err=True)
    unreadable = 0
    with signer.open(ledger_path) as ledger:
        samples = _named(gathered.samples, ledger, case)
        for name in samples:  # rules are asked before an hour of work
            ledger.add(
                "finding", case=case, thing=name, kind="identification", runs=list(runs) or None,
                library=library.sha256, result="", dry_run=True,
            )  # fmt: skip
        for one in examine(
            ledger, samples, library=library, runs=runs, rerun=again, scheduler=scheduler,
            locus=locus, criteria=criteria, official=official,
        ):  # fmt: skip
            _tell(one)
            unusable = one.result is not None and one.result.status == "unusable"
            unreadable += one.error is not None or unusable
        if report_file:
            from forensics.examination import identify

            built = build_report(
                ledger, case, details, identify=identify, libraries=[library], draft=True,
                official=official, output=report_file,
            )  # fmt: skip
            click.echo(_("{output}: draft").format(output=report_file))
            for note in (*built.notices, *built.problems):
                click.echo(_("Note: {}").format(note), err=True)
    if unreadable:
        sys.exit(InputError.exit_code)


def _named(found: Iterable[Any], ledger: Any, case: str) -> dict[str, Any]:
    """Return samples by their names in the ledger; all that are of no sample are told at once."""
    state = ledger.state
    if case not in state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    of_case = {name for name, thing in state.things.items() if thing.case == case}
    named: dict[str, Any] = {}
    strange: list[str] = []
    for sample in found:
        name = sample.name if sample.name in of_case else Path(sample.name).stem
        if name not in of_case or name in named:
            strange.append(" + ".join(sample.files))
        named[name] = sample
    if strange:
        raise UsageError(
            _(
                "These are of no sample of case {case}, or of one that has others: {files}. Name them "
                "as the samples are named: {samples}."
            ).format(case=case, files=", ".join(strange), samples=", ".join(sorted(of_case)) or "-")
        )
    return named


def _tell(one: Any) -> None:
    if one.error is not None:
        click.echo(_("Error: {}").format(one.error), err=True)
        return
    if one.result is None:
        click.echo(
            _("{sample}: found before, in event {seq}").format(
                sample=one.sample, seq=one.previous_event
            )
        )
        return
    click.echo(
        _("{sample}: {result}   event {seq}   ledger {fingerprint}").format(
            sample=one.sample,
            result=one.result.headline(),
            seq=one.receipt.seq,
            fingerprint=one.receipt.fingerprint,
        )
    )
    for text in one.pictures_missing:
        click.echo(_("Note: {}").format(text), err=True)
    print_flags(one.receipt)
