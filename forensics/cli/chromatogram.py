"""``forensics chromatogram``."""

import csv
import json
import sys

import click

from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.errors import InputError
from forensics.messages import _

__all__ = ["chromatogram"]

COLUMNS = (
    "sample", "file", "sha256", "bases", "kept_from", "kept_to", "mean_quality", "expected_errors",
    "consensus_length", "overlap", "agreement", "conflicts", "consensus_errors", "double_peaks",
    "mixed", "primers", "warnings", "date", "machine", "basecaller",
)  # fmt: skip


@click.group(
    help=_(
        "Look at chromatograms.\n\n"
        "Example: forensics chromatogram show trace_F.ab1 trace_R.ab1 --output figure.png"
    )
)
def chromatogram() -> None:
    pass


@chromatogram.command(
    help=_(
        "Draw chromatograms of one sample.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics chromatogram show trace_F.ab1 --output figure.png\n"
        "  forensics chromatogram show trace_F.ab1 trace_R.ab1 --output figure.svg\n\n"
        "Curves, calls and qualities; trimmed ends, conflicts and double peaks are marked. "
        "Needs matplotlib, from the extra 'plot'."
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILE [MATE]...")
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=_("A new file that ends in .png or .svg."),
)
def show(files, output) -> None:
    from pathlib import Path

    from forensics.barcode.reading.chromatogram_figure import save_chromatogram
    from forensics.barcode.reading.samples import read_together
    from forensics.drawing import check_figure_file

    check_figure_file(Path(output))
    names, found = read_together(files)
    if found.problem:
        raise InputError(found.problem.message, source=", ".join(names))
    if not all(found.assembly.reads[number].channels for number in found.assembly.used):
        raise InputError(
            _("the file holds no curves, so there is nothing to draw"), source=", ".join(names)
        )
    save_chromatogram(found.assembly, names, Path(output))
    click.echo(_("Wrote {path}").format(path=output), err=True)


@chromatogram.command(
    help=_(
        "Tell length, quality, double peaks and agreement of chromatograms.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics chromatogram info folder_of_traces\n"
        "  forensics chromatogram info trace_F.ab1 trace_R.ab1 --format csv\n\n"
        "Files of one sample are put together as in 'forensics identify'."
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option(
    "--no-pair",
    "alone",
    is_flag=True,
    help=_("Take every chromatogram alone; do not put them together by their names."),
)
@format_option(_("Form of the results; json also lists every double peak and conflict."))
def info(files, alone, style) -> None:
    from forensics.barcode.reading.samples import facts_of, samples_of

    gathered = samples_of(files, paired=not alone)
    for message in gathered.passed_over:
        click.echo(_("Note: {}").format(message), err=True)
    if style != "table":
        sys.stdout.reconfigure(encoding="utf-8")
    failed, writer = False, None
    for sample in gathered.samples:
        try:
            facts = facts_of(sample)
        except InputError as error:  # the others are still told
            failed = True
            click.echo(_("Error: {}").format(error), err=True)
            continue
        if style == "json":
            click.echo(json.dumps(facts, ensure_ascii=False))
        elif style == "csv":
            if writer is None:
                writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
                writer.writeheader()
            writer.writerows(_rows(facts))
        else:
            _table(facts)
    if failed:
        click.get_current_context().exit(InputError.exit_code)


def _rows(facts: dict) -> list[dict]:
    from forensics.io.cells import defused

    rows = []
    for read in facts["reads"]:
        row = {**{name: facts.get(name) for name in COLUMNS}, **read, **read["run"]}
        row["sample"] = facts["sample"]
        row["conflicts"] = len(facts["conflicts"])
        row["double_peaks"] = len(facts["double_peaks"])
        row["primers"] = " ".join(facts["primers"])
        row["warnings"] = " ".join(warning["code"] for warning in facts["warnings"])
        rows.append(defused({name: row.get(name) for name in COLUMNS}))
    return rows


def _table(facts: dict) -> None:
    click.echo(
        _("{sample}  {length} bases").format(
            sample=facts["sample"].translate(CONTROL), length=facts["consensus_length"]
        )
    )
    lines = [
        (
            _("Read"),
            _(
                "{file}: {bases} bases, kept {kept_from} to {kept_to}, mean quality "
                "{mean_quality:.0f}, {expected_errors:.2f} errors expected"
            ).format(**read)
            if read["kept_to"]
            else _("{file}: {bases} bases, none good").format(**read),
        )
        for read in facts["reads"]
    ]
    lines += [(_("Note"), warning["message"]) for warning in facts["warnings"]]
    print_lines(lines)
