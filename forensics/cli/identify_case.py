"""``forensics identify --case``: the samples of a case, from their files to findings in the ledger."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from forensics.cli.custody_findings import Recording
from forensics.cli.custody_options import print_flags
from forensics.cli.options import apply, option
from forensics.cli.output import View, Writer
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.options import IdentifyOptions
    from forensics.barcode.reading.samples import Gathered
    from forensics.barcode.reference.library import Library
    from forensics.taxonomy.listings.official import Official

__all__ = ["CaseRun", "case_options", "identify_case"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class CaseRun:
    """What is done with the samples of a case.

    Attributes
    ----------
    case : str or None
        Its name in the ledger; None where no case is named.
    again : bool
        Whether what has a finding from the same files with the same library is examined once more.
    report, details : Path or None
        File of a draft of the report, and what the ledger does not know for it.
    """

    case: str | None
    again: bool
    report: Path | None
    details: Path | None


def case_options(function: F) -> F:
    """Put the options on a command that examine the samples of a case; it gets a `CaseRun`."""

    @functools.wraps(function)
    def call(
        *arguments: Any, case: str | None, again: bool, report_file: Path | None,
        details_file: Path | None, **values: Any,
    ) -> Any:  # fmt: skip
        if case is None and (again or report_file or details_file):
            raise UsageError(_("--again, --report and --details are for the samples of a --case."))
        case_run = CaseRun(case, again, report_file, details_file)
        return function(*arguments, case_run=case_run, **values)

    return apply(
        call,
        option(
            "--case",
            group=Group.CUSTODY,
            help=_(
                "Each file is of the sample of this case whose name it bears: record each result. What was found "
                "before from the same files with the same library is passed over, so a run that was broken off goes on."
            ),
        ),
        option(
            "--again",
            is_flag=True,
            group=Group.CUSTODY,
            help=_("Examine what was found before, too."),
        ),
        option(
            "--report",
            "report_file",
            type=click.Path(path_type=Path, dir_okay=False),
            group=Group.OUTPUT,
            help=_("Build a draft of the report, too: a new .pdf, .html or .json."),
        ),
        option(
            "--details",
            "details_file",
            type=click.Path(path_type=Path, dir_okay=False),
            group=Group.OUTPUT,
            help=_("TOML with what the ledger does not know, for --report."),
        ),
    )


def identify_case(
    gathered: "Gathered", run: CaseRun, recording: Recording, library: "Library",
    options: "IdentifyOptions", writer: Writer, view: View[Any], *, official: "Official | None",
    **more: Any,
) -> bool:  # fmt: skip
    """Identify the samples of a case and record what is found; return whether all could be examined.

    `more` are further parameters of `forensics.examination.identify_each`.
    """
    from forensics.examination import examine
    from forensics.report.building import build_report, check_output
    from forensics.report.details import Details, read_details

    if recording.ledger is None or run.case is None:
        raise UsageError(_("Give --ledger with --case, or FORENSICS_LEDGER."))
    if run.report:
        check_output(run.report)
    details = read_details(run.details) if run.details else Details()
    runs, case, is_whole = recording.runs, run.case, True
    with recording.signer.open(recording.ledger) as ledger:
        samples = _name_samples(gathered.samples, ledger, case)
        for name in samples:  # rules are asked before an hour of work
            ledger.add(
                "finding", case=case, thing=name, kind="identification", runs=list(runs) or None,
                library=library.sha256, result="", dry_run=True,
            )  # fmt: skip
        for examined in examine(
            ledger, samples, library=library, runs=runs, rerun=run.again,
            locus=options.locus, criteria=options.criteria, confidence=options.confidence,
            in_library_prior=options.in_library_prior,
            reasons=options.reasons, official=official, **more,
        ):  # fmt: skip
            _write(examined, writer, view)
            is_whole = is_whole and examined.error is None
            if examined.result is not None and examined.result.status == "unusable":
                is_whole = False
        if run.report:
            from forensics.examination import identify

            built = build_report(
                ledger, case, details, identify=identify, libraries=[library], draft=True,
                official=official, output=run.report,
            )  # fmt: skip
            click.echo(_("{output}: draft").format(output=run.report), err=not writer.is_table)
            for note in (*built.notices, *built.problems):
                click.echo(_("Note: {}").format(note), err=True)
    return is_whole


def _name_samples(samples: Iterable[Any], ledger: Any, case: str) -> dict[str, Any]:
    """Return samples by their names in the ledger; all that are of no sample are reported at once."""
    state = ledger.state
    if case not in state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    of_case = {name for name, item in state.things.items() if item.case == case}
    named: dict[str, Any] = {}
    unknown: list[str] = []
    for sample in samples:
        name = sample.name if sample.name in of_case else Path(sample.name).stem
        if name not in of_case or name in named:
            unknown.append(" + ".join(sample.files))
        named[name] = sample
    if unknown:
        raise UsageError(
            _(
                "These are of no sample of case {case}, or of one that has others: {files}. Name them "
                "as the samples are named: {samples}."
            ).format(case=case, files=", ".join(unknown), samples=", ".join(sorted(of_case)) or "-")
        )
    return named


def _write(examined: Any, writer: Writer, view: View[Any]) -> None:
    if examined.error is not None:
        click.echo(_("Error: {}").format(examined.error), err=True)
        return
    if examined.result is None:
        text = _("{sample}: found before, in event {seq}")
        text = text.format(sample=examined.sample, seq=examined.previous_event)
        click.echo(text, err=not writer.is_table)
        return
    if writer.is_table:
        writer.heading(
            _("{sample}: {result}   event {seq}   ledger {fingerprint}").format(
                sample=examined.sample,
                result=examined.result.headline(),
                seq=examined.receipt.seq,
                fingerprint=examined.receipt.fingerprint,
            )
        )
    else:
        writer.write(examined.result, view)
        writer.flush()
        click.echo(
            _("event {seq} ({type}) recorded   ledger {fingerprint}").format(
                seq=examined.receipt.seq, type="finding", fingerprint=examined.receipt.fingerprint
            ),
            err=True,
        )
    for text in examined.pictures_missing:
        click.echo(_("Note: {}").format(text), err=True)
    print_flags(examined.receipt)
