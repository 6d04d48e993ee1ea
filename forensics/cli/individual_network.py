"""``forensics individual network``: seizures joined by their animals."""

import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.individual_options import (
    REFERENCE,
    choose_theta_of,
    laboratory_errors,
    read_reference,
)
from forensics.cli.options import Command, option, options_of
from forensics.cli.origin_options import READING, files_of, read
from forensics.cli.output import View, Writer, written
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.genetics.options import ReadingOptions
from forensics.individual.options import NetworkOptions
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.network_results import Network

__all__ = ["network"]


def _show(result: "Network", writer: Writer) -> None:
    writer.lines(result.lines())


_VIEW: "View[Network]" = View(rows=lambda result: result.link_rows(), show=_show)


@click.command(
    cls=Command,
    help=_(
        "Join seizures by animals that are in both, and by parents, offspring and full sibs.\n\n"
        "\b\n"
        "Example: forensics individual network seizures.csv --seizure shipment\n"
        "  --reference range.csv --dropout 0.02 --mistyping 0.002 --output network.graphml\n\n"
        "Samples of one individual count once. Beside every link stands what chance makes of so "
        "many unrelated pairs, and the probability of the link by chance, corrected for the number "
        "of pairs of seizures."
    ),
)
@click.argument("samples", type=click.Path())
@option(
    "--seizure",
    metavar="COLUMN",
    group=Group.EXAMINE,
    help=_("Column with the seizure of each sample; default: the population that the file names."),
)
@REFERENCE
@options_of(NetworkOptions, "options", flags={"kinds": "--relationship"})
@option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False),
    group=Group.OUTPUT,
    help=_(
        "New file; may be repeated: .csv (a row a pair), .graphml (seizures and links), .png or "
        ".svg (picture)."
    ),
)
@written(_("Form of the results."), to_file=False)
@recording
@READING
def network(
    samples: str, seizure: str | None, reference: str | None, options: NetworkOptions,
    outputs: tuple[str, ...], writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import seizure_network
    from forensics.individual.network_files import check_network_files, save_network

    check_network_files(outputs)
    if seizure and reading.population:
        raise UsageError(_("--seizure names the column of --population; give one of both."))
    profiles, seizures = _with_seizures(samples, seizure, reading)
    stated = read_reference(reference, replace(reading, population=seizure or reading.population))
    # Without a reference the samples give the frequencies, and their groups are seizures, not populations.
    theta = choose_theta_of(stated or replace(profiles, populations=None), options)
    given = stated or profiles
    frequencies = frequencies_of(given, also=[profiles])
    recorder = recording.open(given.sha256, "individual")
    with _bar(len(profiles)) as bar:
        result = seizure_network(
            profiles, seizures, frequencies, reference=given, theta=theta,
            errors=laboratory_errors(options), mutation=options.mutation, kinds=options.kinds,
            limit=options.limit, match_limit=options.match_limit, seed=options.seed,
            sample=recording.sample or "",
            progress=lambda done: bar.update(done - bar.pos),
        )  # fmt: skip
    if writer.has_rows:
        writer.plain_rows(result.link_rows())
        if not result.is_stated:
            click.echo(f"{result.headline()}. {result.unfit_reason}", err=True)
    else:
        writer.write(result, _VIEW)
    if result.is_stated:
        for path in outputs:
            save_network(result, path)
    if recorder:
        writer.flush()
        recorder.add(result, files_of(samples, reference, reading.places))
    if outputs and not result.is_stated:
        click.echo(_("Not written, since there is no network: {files}").format(
            files=", ".join(outputs)), err=True)  # fmt: skip
        click.get_current_context().exit(InputError.exit_code)


def _with_seizures(
    file: str, column: str | None, reading: ReadingOptions
) -> "tuple[Genotypes, list[str]]":
    """Read the samples; return them, and the seizure of each."""
    if column and reading.places:  # the column is in either table
        profiles = read(file, reading)
        if column not in profiles.fields:
            raise UsageError(
                _("--seizure: no column is called {name}. Columns: {found}").format(
                    name=column, found=", ".join(profiles.fields)
                )
            )
        return profiles, [text.strip() for text in profiles.fields[column]]
    from forensics.genetics.sources import OptionError

    # Named as a population, the column is never taken for a locus.
    try:
        profiles = read(file, replace(reading, population=column or reading.population))
    except OptionError as error:
        if column and error.option == "--population":
            raise error.called("--seizure") from error
        raise
    if profiles.populations is None:
        raise UsageError(
            _("{file} does not say which seizure a sample is of; give --seizure COLUMN.").format(
                file=file
            )
        )
    return profiles, list(profiles.populations)


def _bar(length: int) -> AbstractContextManager[Any]:
    """Return a bar of progress on standard error, none where nobody looks."""
    return click.progressbar(
        length=length, label=_("Individuals"), file=sys.stderr, hidden=not sys.stderr.isatty()
    )
