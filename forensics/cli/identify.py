"""``forensics identify``: of files, and with ``--case`` of the samples of a case, from their files to findings."""

import functools
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from forensics import __version__
from forensics.barcode.options import IdentifyOptions
from forensics.cli.custody_options import Recording, print_flags, receipt_line, recording
from forensics.cli.options import (
    JOBS,
    LAW,
    LIBRARY,
    Command,
    apply,
    file_path,
    new_file,
    open_law_of,
    option,
    options_of,
)
from forensics.cli.output import (
    CONTROL,
    ROWS,
    Bar,
    FilesBar,
    View,
    Writer,
    check_shown,
    details_options,
    leave_unexamined,
    note,
    tell,
    written,
)
from forensics.core.options import Group
from forensics.errors import ForensicsError, UsageError
from forensics.messages import _, language, ngettext

if TYPE_CHECKING:
    from forensics.barcode.examination import FinishedQuery
    from forensics.barcode.identification import Identification
    from forensics.barcode.reading.samples import Gathered
    from forensics.barcode.reference.library import Library
    from forensics.cli.verdicts import VerdictTable
    from forensics.taxonomy.listings.package import Law


F = TypeVar("F", bound=Callable[..., Any])


class CaseRun(NamedTuple):
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
                "Record each result for the sample of this case that has the name of the file. "
                "Files already examined with the same library are skipped, so an interrupted run "
                "resumes."
            ),
        ),
        option(
            "--again",
            is_flag=True,
            group=Group.CUSTODY,
            help=_("Also examine files that were examined before."),
        ),
        option(
            "--report",
            "report_file",
            type=file_path(),
            group=Group.OUTPUT,
            help=_("Also build a draft of the report: a new .pdf, .html or .json file."),
        ),
        option(
            "--details",
            "details_file",
            type=file_path(),
            group=Group.OUTPUT,
            help=_("TOML file with the details that the ledger does not have, for --report."),
        ),
    )


def identify_case(
    gathered: "Gathered", run: CaseRun, recording: Recording, library: "Library",
    options: IdentifyOptions, law: "Law | None", writer: Writer, view: View[Any],
) -> bool:  # fmt: skip
    """Identify the samples of a case and record what is found; return whether all could be examined."""
    from forensics.custody.findings import check_finding
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
            check_finding(ledger, name, kind="identification", library=library.sha256, runs=runs)
        for examined in examine(
            ledger, samples, options, library=library, law=law, runs=runs, rerun=run.again
        ):
            _write(examined, writer, view)
            is_whole = is_whole and examined.error is None
            if examined.result is not None and examined.result.status == "unusable":
                is_whole = False
        if run.report:
            from forensics.examination import identify

            built = build_report(
                ledger, case, details, identify=identify, libraries=[library], draft=True,
                law=law, output=run.report,
            )  # fmt: skip
            click.echo(_("{output}: draft").format(output=run.report), err=not writer.is_table)
            for noticed in (*built.notices, *built.problems):
                note(noticed)
    return is_whole


def _name_samples(samples: Iterable[Any], ledger: Any, case: str) -> dict[str, Any]:
    """Return samples by their names in the ledger; all that are of no sample are reported at once."""
    state = ledger.state
    state.require_case(case)
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
                "These files match no sample of case {case}, or a sample that other files of "
                "this run match too: {files}. Name the files after the samples: {samples}."
            ).format(case=case, files=", ".join(unknown), samples=", ".join(sorted(of_case)) or "-")
        )
    return named


def _write(examined: Any, writer: Writer, view: View[Any]) -> None:
    if examined.error is not None:
        click.echo(_("Error: {}").format(examined.error), err=True)
        return
    if examined.result is None:
        text = _("{sample}: already recorded in event {seq}")
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
        tell(receipt_line(examined.receipt))
    for text in examined.pictures_missing:
        note(text)
    print_flags(examined.receipt)


# Names of files may have 255 bytes; a letter of a query's name has at most four.
_MAX_NAME = 40


@click.command(
    cls=Command,
    help=_(
        "Name the species of barcode sequences.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics identify exhibit.fasta\n"
        "  forensics identify trace_F.ab1 trace_R.ab1\n"
        "  forensics identify folder_of_traces --format json\n"
        "  forensics identify nanopore.fastq.gz --consensus\n"
        "  cat exhibit.fasta | forensics identify - --library my_library\n\n"
        "FILES are FASTA, FASTQ, GenBank or .ab1 files, plain or gzipped, or folders of .ab1 "
        "files; - is standard input. Chromatograms of one sample (x_F.ab1, x_R.ab1) are merged. "
        "Results go to standard output, messages to standard error.\n\n"
        "\b\n"
        "Exit codes: 0 done, 1 error, 2 options used wrongly,\n"
        "3 at least one input could not be examined, 4 a verification failed."
    ),
)
@click.argument("files", nargs=-1, metavar="FILES...")
@option(
    "--pair",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="FILE FILE",
    group=Group.EXAMINE,
    help=_(
        "Merge two chromatograms of one sample, whatever their names. May be repeated; to add a "
        "third read, give it with one of the two."
    ),
)
@option(
    "--no-pair",
    "alone",
    is_flag=True,
    group=Group.EXAMINE,
    is_rare=True,
    help=_("Examine every chromatogram alone; do not merge them by name."),
)
@LIBRARY
@options_of(IdentifyOptions, "options", without=["floor", "one_sample", "tree", "alignments"])
@option(
    "--tree",
    "tree_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    group=Group.OUTPUT,
    is_rare=True,
    help=_(
        "Write a tree of the query and its nearest records to FILE.svg, FILE.png or FILE.nwk; "
        "several queries get a file each."
    ),
)
@option(
    "--combine",
    "combined",
    is_flag=True,
    group=Group.DECIDE,
    help=_("Treat all sequences as one sample, and add a result that combines them."),
)
@option(
    "--consensus",
    is_flag=True,
    group=Group.DECIDE,
    help=_(
        "Treat all reads of a FASTQ file as one sample, as from a nanopore sequencer, and "
        "identify the consensus of each sequence among them."
    ),
)
@LAW
@JOBS
@details_options
@written(
    _(
        "Format of the results; json has everything, one line per query. blast6 and sintax give "
        "lines as BLAST (outfmt 6) and SINTAX do, for other programs."
    ),
    forms=[*ROWS, "blast6", "sintax"],
    can_resume=True,
)
@recording
@case_options
def identify(
    files: tuple[str, ...], pairs: tuple[tuple[str, str], ...], alone: bool, library_name: str,
    options: IdentifyOptions, tree_file: str | None,
    combined: bool, consensus: bool,
    law_folder: Path | None, jobs: int | None,
    verbose: bool, shown: tuple[str, ...], writer: Writer, recording: Recording, case_run: CaseRun,
) -> None:  # fmt: skip
    from forensics.barcode.examination import Examination
    from forensics.barcode.identification import CSV_COLUMNS
    from forensics.barcode.reading.samples import read_sample, samples_of
    from forensics.barcode.reference.library import open_library
    from forensics.errors import InputError
    from forensics.io.files import shown_name

    if not files and not pairs:
        raise click.UsageError(_("No files were given."))
    check_shown(writer, verbose=verbose, shown=shown)
    if writer.is_resuming and (tree_file or combined or recording.is_asked):
        raise click.UsageError(
            _(
                "--resume cannot be used with --tree, --combine or --ledger; with --case, a run "
                "resumes by itself."
            )
        )
    if combined and writer.form in ("blast6", "sintax"):
        raise click.UsageError(_("--combine has no BLAST or SINTAX output; choose another format."))
    law = open_law_of(law_folder)
    gathered = samples_of(files, pairs=pairs, paired=not alone)
    # Where a name is not UTF-8 a result has it in other letters.
    named = {shown_name(file): file for sample in gathered.samples for file in sample.files}
    for message in gathered.passed_over:
        note(message)
    view: View[Identification] = View(
        columns=CSV_COLUMNS,
        lines={"blast6": _blast_lines, "sintax": _sintax_lines},
    )
    if case_run.case is not None:
        if tree_file or combined or consensus or recording.sample or writer.form == "blast6":
            raise click.UsageError(
                _("--case cannot be used with --sample, --tree, --combine, --consensus or blast6.")
            )
        is_whole = identify_case(
            gathered,
            case_run,
            recording,
            open_library(library_name),
            options,
            law,
            writer,
            view,
        )
        if not is_whole:
            leave_unexamined()
        return
    trees = _Trees(tree_file) if tree_file else None
    unreadable = 0

    def consensus_queries(reads: Iterable[Any]) -> Iterable[Any]:
        if not consensus:
            return reads
        from forensics.barcode.reading.amplicon import consensus_of

        return consensus_of(reads).queries()

    # A bar among results on the same screen would be unreadable.
    is_hidden = (writer.stream.isatty() and not writer.is_table) or not sys.stderr.isatty()
    bar = FilesBar(
        _("Identifying"),
        [file for sample in gathered.samples for file in sample.files],
        is_hidden=is_hidden,
    )

    def queries() -> Iterator[Any]:
        nonlocal unreadable
        for sample in gathered.samples:
            try:
                yield from consensus_queries(
                    read_sample(sample, report_position=bar.report_position)
                )
            except InputError as error:  # the other files are still examined
                unreadable += 1
                bar.echo(_("Error: {}").format(error))
            bar.finish_files(sample.files)

    statuses: Counter[str] = Counter()
    of_sample: list[Identification] = []
    bar_of_sequence = Bar()

    def look_for_loci(name: str, done: int, total: int) -> None:
        label = _("Looking for loci in {name}").format(name=name.translate(CONTROL))
        bar_of_sequence.show(label, done, total)

    library = open_library(library_name)
    recorder = recording.open(library.sha256, "identification")
    # A finding has its tree for the report, where it can be drawn.
    has_tree = tree_file is not None or (recorder is not None and recorder.can_draw)
    examination = Examination(
        library,
        replace(options, one_sample=combined, tree=has_tree, alignments=writer.form == "blast6"),
        law=law,
    )
    kept: list[FinishedQuery] = []
    if not (tree_file or combined or recorder):
        kept = writer.begin(
            {
                **examination.describe_settings(),
                "consensus": consensus,
                "language": language(),
                "version": __version__,
            }
        )
        statuses.update(result.status for result in kept)
    results = examination.run(
        queries(),
        jobs=jobs or os.cpu_count() or 1,
        check_library=recorder is not None,
        progress=look_for_loci if is_hidden else None,
        finished=kept,
    )
    table = _make_table(writer, verbose=verbose, shown=shown) if writer.is_table else None
    try:
        with bar:
            for result in results:
                bar.count()
                statuses[result.status] += 1
                if table:
                    table.add(result)
                else:
                    writer.write(result, view)
                if trees:
                    trees.add(result)
                if combined:
                    of_sample.append(result)
                if recorder:
                    sources = [
                        Path(named.get(read["file"], read["file"]))
                        for read in result.provenance.files
                    ]
                    sources = [source for source in sources if source.is_file()]
                    recorder.add(result, [*sources, *map(Path, filter(None, [options.checklist]))])
    except BaseException as error:
        if table:  # what was examined is not lost
            table.write()
        if isinstance(error, KeyboardInterrupt) and not writer.keeps_when_stopped:
            _report_stopped(sum(statuses.values()))
        raise
    if table:
        table.write()
        writer.flush()
    if trees:
        trees.finish()
    if of_sample:
        from forensics.barcode.calling.combine import combine, species_held

        combination = combine(of_sample, held=species_held(library))
        writer.write(combination, View(columns=CSV_COLUMNS, show=_show_combined))
    if writer.is_table:
        tell(_summary(statuses, unreadable))
    if table and (problem := table.unknown_sample()):
        click.echo(_("Error: {}").format(problem), err=True)
        click.get_current_context().exit(click.UsageError.exit_code)
    if unreadable or statuses["unusable"]:
        leave_unexamined()


def _blast_lines(result: "Identification") -> Iterable[str]:
    from forensics.barcode.tabular import blast_lines

    return blast_lines(result)


def _sintax_lines(result: "Identification") -> Iterable[str]:
    from forensics.barcode.tabular import sintax_line

    return (sintax_line(result),)


def _report_stopped(number: int) -> None:
    click.echo(
        "\n"
        + ngettext(
            "Stopped after {number} sequence. With --output and --resume, a run can be continued.",
            "Stopped after {number} sequences. With --output and --resume, a run can be continued.",
            number,
        ).format(number=number),
        err=True,
    )


def _make_table(writer: Writer, *, verbose: bool, shown: Iterable[str]) -> "VerdictTable":
    from forensics.cli.verdicts import VerdictTable

    return VerdictTable(writer, verbose=verbose, shown=shown)


class _Trees:
    """Writes trees: one to the file that was named, several to files with the queries' names."""

    def __init__(self, file: str) -> None:
        from forensics.barcode.calling.trees import check_tree_file, save_tree

        self._file, self._save = Path(file), save_tree
        check_tree_file(self._file)  # before an hour of work, not after it
        new_file(self._file)  # it may be an exhibit
        self._first: Identification | None = None
        self._results = 0
        self._used: set[str] = set()

    def add(self, result: "Identification") -> None:
        """Write the tree of a result; that of the first waits until a second one comes."""
        self._results += 1
        if self._results == 1:
            self._first = result
            return
        if self._results == 2 and self._first:
            self._write(self._first, self._named(self._first))
        self._write(result, self._named(result))

    def finish(self) -> None:
        """Write what still waits."""
        if self._results == 1 and self._first:
            self._write(self._first, self._file)

    def _named(self, result: "Identification") -> Path:
        name = re.sub(r"[^\w.-]+", "_", result.query)[:_MAX_NAME] or str(result.index)
        if result.part:
            name = f"{name}_{result.part}"
        # Some file systems take two names for one that differ in their letters' size alone.
        if name.casefold() in self._used:
            name = f"{name}.{result.index}"
        self._used.add(name.casefold())
        return self._file.with_name(f"{self._file.stem}.{name}{self._file.suffix}")

    def _write(self, result: "Identification", path: Path) -> None:
        if result.tree is None:
            tell(
                _("{query}: no tree, fewer than two records are near it.").format(
                    query=result.label.translate(CONTROL)
                )
            )
            return
        try:
            self._save(result.tree, path)
        except OSError as error:
            raise ForensicsError(
                _("{path} cannot be written ({error}); choose another file.").format(
                    path=path, error=error.strerror
                )
            ) from error


def _show_combined(combination: Any, writer: Writer) -> None:
    from forensics.core.notice import Severity

    # The lines above are of each sequence alone: what blocks a name of the sample must not look like a note.
    labels = {Severity.BLOCKS: _("Blocks"), Severity.LIMITS: _("Limits")}
    weighty = {n.message: n for n in combination.notices if n.severity in labels}
    lines = [
        (labels[weighty[text].severity], f"{text} ({weighty[text].code})")
        if text in weighty
        else (label, text)
        for label, text in combination.lines()
    ]
    writer.text()
    writer.text(_("All sequences together"))
    writer.lines(lines)


def _summary(statuses: Counter[str], unreadable: int) -> str:
    return _(
        "{identified} identified, {no_name} no name, {nothing_near} nothing near, {unusable} unusable, "
        "{unread}"
    ).format(
        identified=statuses["identified"],
        no_name=statuses["inconclusive"],
        nothing_near=statuses["nothing_near"],
        unusable=statuses["unusable"],
        unread=ngettext("{n} file not read", "{n} files not read", unreadable).format(n=unreadable),
    )
