"""``forensics origin hybrids``: whether samples are crosses of two populations."""

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.details import details_options
from forensics.cli.individual_options import alone
from forensics.cli.options import Command, options_of
from forensics.cli.origin_options import GENOTYPE_READING, files_of, read
from forensics.cli.output import Writer, written
from forensics.errors import InputError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _
from forensics.origin.options import CrossOptions

__all__ = ["hybrids"]


@click.command(
    cls=Command,
    help=_(
        "Say whether each sample is of one of two populations, or a cross of them.\n\n"
        "\b\n"
        "Example:\n"
        "  forensics origin hybrids microbov-breeds samples.csv --parent Borgou --parent Zebu\n\n"
        "Six classes are compared: the two populations, first- and second-generation crosses, and "
        "backcrosses to either. A cross that is assigned to one population or placed on a map is "
        "placed wrongly."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@options_of(CrossOptions, "options")
@details_options
@written(_("Form of the results; json has everything, a line a sample."))
@recording
@GENOTYPE_READING
def hybrids(
    model: str, samples: str, options: CrossOptions, verbose: bool, shown: tuple[str, ...], writer: Writer, recording: Recording,
    reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.cli.origin_table import write_origins
    from forensics.origin.models import open_model
    from forensics.origin.predict import compare_crosses

    opened = open_model(model)  # before the samples are read: a wrong name is the commoner fault
    results = compare_crosses(
        opened, read(samples, reading), options.parent, cross_prior=options.cross_prior,
        confidence=options.confidence, level=options.exclusion_level,
    )  # fmt: skip
    if recording.is_asked:
        alone(results, samples)
    recorder = recording.open(opened.sha256, "origin")
    write_origins(results, writer, verbose=verbose, shown=shown)
    if recorder:
        writer.flush()
        paths = files_of(samples)
        recorder.add(results[0], inputs=[path for path in paths if path.is_file()], model=opened)
    if any(result.status == "unusable" for result in results):
        click.get_current_context().exit(InputError.exit_code)
