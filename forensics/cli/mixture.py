"""``forensics mixture``."""

import csv
import os
import sys

import click

from forensics.barcode.defaults import MAX_EXPECTED_ERRORS, MIN_MIXTURE_LENGTH, MIN_MIXTURE_READS
from forensics.cli.call_options import (
    CONFIDENCE_OPTION,
    FLOOR_OPTION,
    JOBS_OPTION,
    LIBRARY_OPTION,
    PRIOR_OPTION,
    SCHEDULER_OPTION,
)
from forensics.cli.custody_findings import Recorder, recording
from forensics.cli.numbers import NumberRange
from forensics.cli.printing import CONTROL, Bar, format_option, print_lines
from forensics.errors import InputError, UsageError
from forensics.messages import _, ngettext

__all__ = ["mixture"]


@click.command(
    help=_(
        "Say which taxa are in a mixture, from the reads of its PCRs.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics mixture R1.fastq.gz R2.fastq.gz --blank B1.fastq.gz --primers 16Smam1 16Smam2\n"
        "  forensics mixture p1_R1.fastq.gz p1_R2.fastq.gz p2_R1.fastq.gz p2_R2.fastq.gz \\\n"
        "    --blank b_R1.fastq.gz --blank b_R2.fastq.gz --primers 12S-V5-F 12S-V5-R1 --work run7\n"
        "  forensics mixture --sheet run7.csv --primers MiFish-U-F MiFish-U-R --format json\n\n"
        "FILES are FASTQ of one sample, plain or gzipped, single or mates (R1, then R2); each file, "
        "or pair, is a PCR of its own. Several samples, and PCRs told apart by tags, stand in a "
        "sheet. Needs the program VSEARCH. Shares are of reads, not of material."
    )
)
@click.argument("files", nargs=-1, metavar="[FILES]...")
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=_(
        "Table with a row a PCR instead of FILES: file1, file2, sample, replicate, role (sample, "
        "blank, unused-tag, positive), tag_forward, tag_reverse."
    ),
)
@click.option(
    "--blank",
    "blanks",
    multiple=True,
    metavar="FILE",
    help=_("Reads of a blank of the same run; may be given several times, mates one by one."),
)
@click.option(
    "--unused-tag",
    "unused",
    multiple=True,
    metavar="FILE",
    help=_("Reads of a tag pair that was not used in the run; may be given several times."),
)
@click.option(
    "--primers",
    nargs=2,
    multiple=True,
    metavar="FORWARD REVERSE",
    help=_(
        "Primers, by name or 5' to 3'; may be given several times. Reads without both are left out."
    ),
)
@click.option("--trimmed", is_flag=True, help=_("The primers are cut off the reads already."))
@LIBRARY_OPTION
@click.option(
    "--locus",
    default="auto",
    show_default=True,
    metavar="auto|NAME",
    help=_("Locus to compare with; auto takes that of the primers, as far as it is known."),
)
@CONFIDENCE_OPTION
@PRIOR_OPTION
@FLOOR_OPTION
@click.option(
    "--elimination",
    type=click.Path(),
    metavar="FILE",
    help=_("Staff elimination set, given with consent; reads that match it count as human."),
)
@click.option(
    "--quality-offset",
    "offset",
    type=click.Choice(["33", "64"]),
    default="33",
    show_default=True,
    help=_("Offset of the qualities: 33, or 64 for Illumina before 2011."),
)
@click.option(
    "--maximum-errors",
    type=NumberRange(0, min_open=True),
    default=MAX_EXPECTED_ERRORS,
    show_default=True,
    help=_("Wrong bases expected of a merged read, at most."),
)
@click.option(
    "--minimum-length",
    type=click.IntRange(1),
    default=MIN_MIXTURE_LENGTH,
    show_default=True,
    help=_("Bases of a merged read without primers, at least."),
)
@click.option(
    "--least-reads",
    type=click.IntRange(1),
    default=MIN_MIXTURE_READS,
    show_default=True,
    help=_("Reads in all of the run from which on a sequence can be told from errors."),
)
@click.option(
    "--work",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help=_("Working folder, which is kept: a run that was broken off goes on from there."),
)
@click.option(
    "--vsearch",
    "vsearch_path",
    metavar="FILE",
    help=_("The program VSEARCH, where it is not on the path."),
)
@click.option(
    "--threads",
    type=click.IntRange(1),
    default=None,
    help=_("Threads of VSEARCH; all processors by default. They change no result."),
)
@JOBS_OPTION
@SCHEDULER_OPTION
@format_option(_("Form of the results; json has everything, a line a sample; csv a row a taxon."))
@recording
def mixture(
    files, sheet, blanks, unused, primers, trimmed, library_name, locus, confidence,
    in_library_prior, floor, elimination, offset, maximum_errors, minimum_length, least_reads, work,
    vsearch_path, threads, jobs, scheduler, style, ledger_path, sample, runs, key_path, person_, passphrase_fd,
) -> None:  # fmt: skip
    from forensics.barcode.mixture.denoising import Settings
    from forensics.barcode.mixture.program import find_program
    from forensics.barcode.mixture.running import examine
    from forensics.barcode.mixture.sheet import SAMPLE, of_files, read_sheet
    from forensics.barcode.reference.library import open_library
    from forensics.examination import identify_each

    if sheet and (files or blanks or unused):
        raise UsageError(_("Give files or a sheet, not both."))
    pcrs = read_sheet(sheet) if sheet else of_files(files, blanks=blanks, unused=unused)
    if ledger_path and len({pcr.sample for pcr in pcrs if pcr.role == SAMPLE}) != 1:
        raise UsageError(
            _(
                "A ledger takes the result of one sample; give the files of that one and its controls."
            )
        )
    settings = Settings(
        maximum_errors=maximum_errors, minimum_length=minimum_length, least_reads=least_reads
    )
    program = find_program(vsearch_path, threads=threads or os.cpu_count() or 1)
    library = open_library(library_name)
    recorder = None
    if ledger_path:
        library.check_indexes()
        recorder = Recorder(
            ledger_path,
            sample,
            runs,
            key_path,
            person_,
            passphrase_fd,
            library.sha256,
            "identification",
        )
    bar = Bar()
    try:
        results = examine(
            pcrs,
            identify_each,
            library,
            primers=primers,
            trimmed=trimmed,
            locus=locus,
            identification={
                "confidence": confidence,
                "in_library_prior": in_library_prior,
                "floor": floor,
                "elimination": elimination,
            },
            settings=settings,
            offset=int(offset),
            work=work,
            program=program,
            progress=bar.tell,
            jobs=jobs or os.cpu_count() or 1,
            scheduler=scheduler,
        )
    except KeyboardInterrupt:
        bar.close()
        if work:
            click.echo(
                _("Broken off. The same command with --work {folder} goes on from here.").format(
                    folder=work
                ),
                err=True,
            )
        raise
    finally:
        bar.close()
    _print(results, style)
    if recorder:
        for result in results:
            if result.role == SAMPLE:
                recorder.add(result)
    empty = [result.sample for result in results if not result.examined]
    if empty:
        click.echo(
            ngettext(
                "{number} sample has no reads that could be examined: {names}",
                "{number} samples have no reads that could be examined: {names}",
                len(empty),
            ).format(number=len(empty), names=", ".join(empty).translate(CONTROL)),
            err=True,
        )
        click.get_current_context().exit(InputError.exit_code)


def _print(results, style: str) -> None:
    if style == "table":
        for result in results:
            click.echo(result.sample.translate(CONTROL))
            print_lines(result.lines())
        return
    sys.stdout.reconfigure(encoding="utf-8")  # for programs, which expect it everywhere
    if style == "json":
        click.echo(results.to_json(), nl=False)
        return
    from forensics.barcode.mixture.results import CSV_COLUMNS
    from forensics.io.cells import defused

    writer = csv.DictWriter(sys.stdout, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for result in results:
        writer.writerows(defused(row) for row in result.to_rows())
