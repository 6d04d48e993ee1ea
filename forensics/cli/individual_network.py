"""``forensics individual network``: seizures joined by their animals."""

import sys

import click

from forensics.cli.custody_findings import recording
from forensics.cli.individual_options import (
    MUTATION,
    RATES,
    SEED,
    laboratory_errors,
    read_all,
    read_reference,
    theta_of,
    write_rows,
)
from forensics.cli.numbers import NumberRange
from forensics.cli.origin_options import READING, apply
from forensics.cli.printing import print_lines
from forensics.errors import InputError, UsageError
from forensics.individual.defaults import DEFAULT_KINDS, KINDS, LIMIT, MIN_MATCH_LOG10
from forensics.messages import _

__all__ = ["network"]


@click.command(
    help=_(
        "Join seizures by animals that are in both, and by parents, offspring and full sibs.\n\n"
        "\b\n"
        "Example: forensics individual network seizures.csv --seizure shipment\n"
        "  --reference range.csv --dropout 0.02 --mistyping 0.002 --output network.graphml\n\n"
        "Samples of one individual count once. Beside every link stands what chance makes of so "
        "many unrelated pairs, and the probability of the link by chance, corrected for the number "
        "of pairs of seizures."
    )
)
@click.argument("samples", type=click.Path())
@click.option(
    "--seizure",
    metavar="COLUMN",
    help=_("Column with the seizure of each sample; default: the population that the file names."),
)
@click.option(
    "--relationship",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    default=DEFAULT_KINDS,
    show_default=", ".join(DEFAULT_KINDS),
    help=_("What joins seizures; may be repeated. unresolved: one individual or close kin."),
)
@click.option(
    "--limit",
    type=NumberRange(min=0),
    default=LIMIT,
    show_default=True,
    help=_("Least log10 LR against unrelated of a pair that joins seizures."),
)
@click.option(
    "--match-limit",
    type=NumberRange(min=0),
    default=MIN_MATCH_LOG10,
    show_default=True,
    help=_("Least log10 LR against full sibs of a match."),
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False),
    help=_(
        "New file; may be repeated: .csv (a row a pair), .graphml (seizures and links), .png or "
        ".svg (picture)."
    ),
)
@MUTATION
@SEED
@recording
def network(
    samples, seizure, reference, theta, dropout, mistyping, style, kinds, limit, match_limit,
    outputs, mutation, seed, ledger_path, sample, runs, key_path, person_, passphrase_fd, **options,
) -> None:  # fmt: skip
    from dataclasses import replace
    from pathlib import Path

    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import seizure_network
    from forensics.individual.network_files import check_network_files, save_network

    check_network_files(outputs)
    if seizure and options["population"]:
        raise UsageError(_("--seizure names the column of --population; give one of both."))
    held, seizures = _with_seizures(samples, seizure, options)
    given = read_reference(reference, {**options, "population": seizure or options["population"]})
    # Without a reference the samples give the frequencies, and their groups are seizures, not populations.
    chosen_theta = theta_of(given or replace(held, populations=None), theta)
    given = given or held
    frequencies = frequencies_of(given, also=[held])
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, given.sha256, "individual"
        )
    with _bar(len(held)) as bar:
        found = seizure_network(
            held, seizures, frequencies, reference=given, theta=chosen_theta,
            errors=laboratory_errors(dropout, mistyping), mutation=mutation, kinds=kinds,
            limit=limit, match_limit=match_limit, seed=seed, sample=sample or "",
            progress=lambda done: bar.update(done - bar.pos),
        )  # fmt: skip
    if style == "json":
        sys.stdout.reconfigure(encoding="utf-8")
        click.echo(found.to_json())
    elif style == "csv":
        write_rows(found.link_rows(), style)
        if not found.is_stated:
            click.echo(f"{found.headline()}. {found.described.in_words()}", err=True)
    else:
        print_lines(found.lines())
    if found.is_stated:
        for path in outputs:
            save_network(found, path)
    if recorder:
        used = dict.fromkeys(one for one in (samples, reference, options["places"]) if one)
        recorder.add(found, inputs=[Path(one) for one in used])
    if outputs and not found.is_stated:
        click.echo(_("Not written, since there is no network: {files}").format(
            files=", ".join(outputs)), err=True)  # fmt: skip
        click.get_current_context().exit(InputError.exit_code)


def _with_seizures(file, column, options):
    """Read the samples; return them, and the seizure of each."""
    if column and options["places"]:  # the column is in either table
        (held,) = read_all([file], options)
        if column not in held.fields:
            raise UsageError(
                _("--seizure: no column is called {name}. Columns: {found}").format(
                    name=column, found=", ".join(held.fields)
                )
            )
        return held, [one.strip() for one in held.fields[column]]
    from forensics.genetics.sources import OptionError

    # Named as a population, the column is never taken for a locus.
    try:
        (held,) = read_all([file], {**options, "population": column or options["population"]})
    except OptionError as error:
        if column and error.option == "--population":
            raise error.called("--seizure") from error
        raise
    if held.populations is None:
        raise UsageError(
            _("{file} does not say which seizure a sample is of; give --seizure COLUMN.").format(
                file=file
            )
        )
    return held, held.populations


def _bar(length: int):
    """Return a bar of progress on standard error, none where nobody looks."""
    return click.progressbar(
        length=length, label=_("Individuals"), file=sys.stderr, hidden=not sys.stderr.isatty()
    )


network = apply(network, *RATES, *READING)
