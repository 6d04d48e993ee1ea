"""``forensics chromatogram``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.options import CommandGroup, option, path_option
from forensics.cli.output import CONTROL, View, Writer, leave_unexamined, note, tell, written
from forensics.core.options import Group
from forensics.core.stored import to_stored
from forensics.errors import InputError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.reading.inspection import Inspection

COLUMNS = (
    "sample", "file", "sha256", "bases", "kept_from", "kept_to", "mean_quality", "expected_errors",
    "consensus_length", "overlap", "agreement", "conflicts", "consensus_errors", "double_peaks",
    "mixed", "primers", "warnings", "date", "machine", "basecaller",
)  # fmt: skip


chromatogram = CommandGroup(
    "chromatogram",
    help=_(
        "Inspect chromatograms.\n\n"
        "Example: forensics chromatogram show trace_F.ab1 trace_R.ab1 --output figure.png"
    ),
)


@chromatogram.command(
    help=_(
        "Draw chromatograms of one sample.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics chromatogram show trace_F.ab1 --output figure.png\n"
        "  forensics chromatogram show trace_F.ab1 trace_R.ab1 --output figure.svg\n\n"
        "The figure shows curves, called bases and quality scores, and marks trimmed ends, "
        "conflicts and double peaks. Needs matplotlib, from the extra 'plot'."
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILE [MATE]...")
@path_option(
    "--output",
    required=True,
    is_text=True,
    metavar="FILE",
    group=Group.OUTPUT,
    help=_("New file that ends in .png or .svg."),
)
@option(
    "--at",
    type=click.IntRange(1),
    metavar="BASE",
    group=Group.OUTPUT,
    help=_("Enlarge this base of the examined sequence and those around it."),
)
def show(files: tuple[str, ...], output: str, at: int | None) -> None:
    from forensics.barcode.reading.figures import read_curves, save_chromatogram
    from forensics.drawing import check_figure_file

    check_figure_file(Path(output))
    save_chromatogram(*read_curves(files), Path(output), base=at)
    tell(_("Wrote {path}").format(path=output))


@chromatogram.command(
    help=_(
        "Report length, quality, double peaks and agreement of chromatograms.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics chromatogram info folder_of_traces\n"
        "  forensics chromatogram info trace_F.ab1 trace_R.ab1 --format csv\n\n"
        "Files of one sample are merged as in 'forensics identify'."
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@option(
    "--no-pair",
    "alone",
    is_flag=True,
    help=_("Inspect every chromatogram alone; do not merge them by name."),
)
@written(_("Format of the results; json also lists every double peak and conflict."))
def info(files: tuple[str, ...], alone: bool, writer: Writer) -> None:
    from forensics.barcode.reading.inspection import inspect_sample
    from forensics.barcode.reading.samples import samples_of

    gathered = samples_of(files, paired=not alone)
    for message in gathered.passed_over:
        note(message)
    failed = False
    for sample in gathered.samples:
        try:
            inspection = inspect_sample(sample)
        except InputError as error:  # the other samples are shown all the same
            failed = True
            click.echo(_("Error: {}").format(error), err=True)
            continue
        writer.write(inspection, _INSPECTION)
    if failed:
        leave_unexamined()


def _rows(inspection: "Inspection") -> list[dict[str, Any]]:
    """Return a row a read."""
    of_sample = to_stored(inspection) | {
        "conflicts": len(inspection.conflicts),
        "double_peaks": len(inspection.double_peaks),
        "primers": " ".join(inspection.primers),
        "warnings": " ".join(notice.code for notice in inspection.notices),
    }
    rows = []
    for read in inspection.reads:
        # What the file says of the run comes last: the columns of a sample are ours.
        row = {**read.run, **to_stored(read), **of_sample}
        rows.append({name: row.get(name) for name in COLUMNS})
    return rows


def _show(inspection: "Inspection", writer: Writer) -> None:
    writer.text(
        _("{sample}  {length} bases").format(
            sample=inspection.sample.translate(CONTROL), length=inspection.consensus_length
        )
    )
    lines = [
        (
            _("Read"),
            _(
                "{file}: {bases} bases, kept {kept_from} to {kept_to}, mean quality "
                "{mean_quality:.0f}, {expected_errors:.2f} errors expected"
            ).format(**to_stored(read))
            if read.kept_to
            else _("{file}: {bases} bases, none good").format(file=read.file, bases=read.bases),
        )
        for read in inspection.reads
    ]
    lines += [(_("Note"), notice.message) for notice in inspection.notices]
    writer.lines(lines)


_INSPECTION: "View[Inspection]" = View(columns=COLUMNS, rows=_rows, show=_show)
