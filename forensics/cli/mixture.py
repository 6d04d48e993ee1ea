"""``forensics mixture``."""

import os
from typing import TYPE_CHECKING

import click

from forensics.barcode.mixture.options import ReadSetOptions
from forensics.barcode.options import CallOptions
from forensics.cli.custody_options import Recording, recording
from forensics.cli.options import JOBS, LIBRARY, command, input_file, option, options_of
from forensics.cli.output import Bar, View, Writer, leave_unexamined, tell, written
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.barcode.mixture.results import Mixture


@command(
    help=_(
        "Identify the taxa in a mixture from the reads of its PCRs.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics mixture R1.fastq.gz R2.fastq.gz --blank B1.fastq.gz --primers 16Smam1 16Smam2\n"
        "  forensics mixture p1_R1.fastq.gz p1_R2.fastq.gz p2_R1.fastq.gz p2_R2.fastq.gz \\\n"
        "    --blank b_R1.fastq.gz --blank b_R2.fastq.gz --primers 12S-V5-F 12S-V5-R1 --work run7\n"
        "  forensics mixture --sheet run7.csv --primers MiFish-U-F MiFish-U-R --format json\n\n"
        "FILES are FASTQ of one sample, plain or gzipped, single or mates (R1, then R2); each "
        "file, or pair, is one PCR. Give several samples, or PCRs distinguished by tags, in a "
        "sheet. Needs the program VSEARCH. Shares are of reads, not of material."
    ),
)
@click.argument("files", nargs=-1, metavar="[FILES]...")
@input_file(
    "--sheet",
    help=_(
        "Table with a row a PCR instead of FILES: file1, file2, sample, replicate, role (sample, "
        "blank, unused-tag, positive), tag_forward, tag_reverse."
    ),
)
@option(
    "--blank",
    "blanks",
    multiple=True,
    metavar="FILE",
    help=_("Reads of a blank of the same run; may be given several times, mates one by one."),
)
@option(
    "--unused-tag",
    "unused",
    multiple=True,
    metavar="FILE",
    help=_("Reads of a tag pair that was not used in the run; may be given several times."),
)
@option(
    "--primers",
    nargs=2,
    multiple=True,
    metavar="FORWARD REVERSE",
    help=_(
        "Primers, by name or 5' to 3'; may be given several times. Reads without both are left out."
    ),
)
@LIBRARY
@options_of(ReadSetOptions, "reads", without=["minimum_overlap", "alpha"])
@options_of(CallOptions, "calls", without=["floor"])
@option(
    "--elimination",
    type=click.Path(),
    metavar="FILE",
    group=Group.DECIDE,
    help=_("Staff elimination set, given with consent; reads that match it count as human."),
)
@option(
    "--work",
    type=click.Path(file_okay=False),
    metavar="DIR",
    group=Group.ADVANCED,
    help=_("Working folder, which is kept; an interrupted run resumes from it."),
)
@option(
    "--vsearch",
    "vsearch_path",
    metavar="FILE",
    group=Group.ADVANCED,
    help=_("The program VSEARCH, where it is not on the path."),
)
@option(
    "--threads",
    type=click.IntRange(1),
    default=None,
    group=Group.ADVANCED,
    help=_("Threads of VSEARCH; default: all processors. Their number changes no result."),
)
@JOBS
@written(
    _("Format of the results; json has everything, one line per sample; csv has one row per taxon.")
)
@recording
def mixture(
    files: tuple[str, ...], sheet: str | None, blanks: tuple[str, ...], unused: tuple[str, ...],
    primers: tuple[tuple[str, str], ...], library_name: str, reads: ReadSetOptions,
    calls: CallOptions, elimination: str | None, work: str | None, vsearch_path: str | None,
    threads: int | None, jobs: int | None, writer: Writer, recording: Recording,
) -> None:  # fmt: skip
    from forensics.barcode.mixture.denoising import find_program
    from forensics.barcode.mixture.results import CSV_COLUMNS
    from forensics.barcode.mixture.running import examine
    from forensics.barcode.mixture.sheet import SAMPLE, pair_files, read_sheet
    from forensics.barcode.reference.library import open_library
    from forensics.examination import identify_each

    if sheet and (files or blanks or unused):
        raise UsageError(_("Give files or a sheet, not both."))
    pcrs = read_sheet(sheet) if sheet else pair_files(files, blanks=blanks, unused=unused)
    if recording.is_asked and len({pcr.sample for pcr in pcrs if pcr.role == SAMPLE}) != 1:
        raise UsageError(
            _(
                "A ledger takes the result of one sample; give only the files of that sample and "
                "its controls."
            )
        )
    program = find_program(vsearch_path, threads=threads or os.cpu_count() or 1)
    library = open_library(library_name)
    if recording.is_asked:
        library.check_indexes()
    recorder = recording.open(library.sha256, "identification")
    try:
        with Bar() as bar:
            results = examine(
                pcrs,
                identify_each,
                library,
                reads,
                primers=primers,
                identification={**calls.parameters(), "elimination": elimination},
                work=work,
                program=program,
                progress=bar.show,
                jobs=jobs or os.cpu_count() or 1,
            )
    except KeyboardInterrupt:
        if work:
            tell(
                _("Interrupted. Run the same command with --work {folder} to resume.").format(
                    folder=work
                )
            )
        raise
    view: View[Mixture] = View(columns=CSV_COLUMNS, rows=lambda result: result.rows())
    writer.write_all(results, view)
    if recorder:
        for result in results:
            if result.role == SAMPLE:
                recorder.add(result)
    empty = [result.sample for result in results if not result.examined]
    if empty:
        tell(
            ngettext(
                "{number} sample has no reads that could be examined: {names}",
                "{number} samples have no reads that could be examined: {names}",
                len(empty),
            ).format(number=len(empty), names=", ".join(empty))
        )
        leave_unexamined()
