"""``forensics age layers``."""

from pathlib import Path

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.options import Command, option, options_of
from forensics.cli.output import View, Writer, written
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics_example_plugin.layers import (
    LayerAge,
    LayerOptions,
    LayerReference,
    age_by_layers,
    read_counts,
)

__all__ = ["layers"]

_FILE = click.Path(dir_okay=False)
_VIEW: "View[LayerAge]" = View(
    columns=("sample", "result", "age", "low", "high", "warnings", "library", "library_sha256",
             "version", "time"),
    rows=lambda result: [
        {name: value for name, value in row.items() if name != "method"} for row in result.rows()
    ],
)  # fmt: skip


@click.command(
    cls=Command,
    help="Say how old an animal was by the growth layers of a tooth.\n\n"
    "Example: forensics age layers counts.csv --reference layers.csv --species 'Example species'",
)
@click.argument("counts_file", metavar="COUNTS", type=_FILE)
@option(
    "--reference",
    required=True,
    type=_FILE,
    group=Group.EXAMINE,
    help="Table with species, layers_per_year and sd.",
)
@options_of(LayerOptions, "options")
@written("Form of the results; json has everything, a line a sample.")
@recording
def layers(
    counts_file: str, reference: str, options: LayerOptions, writer: Writer, recording: Recording
) -> None:  # fmt: skip
    """Read the counts, say the ages, and record the result of one sample."""
    known = LayerReference.read(reference, options.species)
    table, counts = read_counts(counts_file)
    if recording.is_asked and len(counts) != 1:
        raise UsageError(
            "--sample names one sample of the ledger; give the counts of that one alone."
        )
    recorder = recording.open(known.sha256, "age")
    results = [
        age_by_layers(values, known, sample=name, table=table) for name, values in counts.items()
    ]
    writer.write_all(results, _VIEW)
    if recorder:
        writer.flush()
        recorder.add(results[0], inputs=[Path(counts_file), Path(reference)])
