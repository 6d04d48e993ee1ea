"""What the commands of ``forensics individual`` on genotypes share: options, reading, writing."""

import csv
import json
import sys

import click

from forensics.cli.numbers import NumberRange
from forensics.cli.origin_options import read
from forensics.cli.printing import CONTROL, cell
from forensics.errors import UsageError
from forensics.individual.defaults import THETA
from forensics.messages import _

__all__ = [
    "MUTATION",
    "RATES",
    "SEED",
    "alone",
    "laboratory_errors",
    "read_all",
    "read_reference",
    "theta_of",
    "write_rows",
]

# Options of `READING` that say where animals are from.
_WHERE = ("population", "unit", "site", "latitude", "longitude")

RATES = (
    click.option(
        "--reference",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help=_("Unrelated animals from which allele frequencies are counted."),
    ),
    click.option(
        "--theta",
        type=NumberRange(0, 1, max_open=True),
        show_default=_("{theta:g}, or more where the populations of the reference show it").format(
            theta=THETA
        ),
        help=_("FST of the local population relative to the reference."),
    ),
    click.option(
        "--dropout",
        type=NumberRange(0, 1, max_open=True),
        required=True,
        help=_("The laboratory's rate of allelic dropout for such samples, of a heterozygote."),
    ),
    click.option(
        "--mistyping",
        type=NumberRange(0, 1, max_open=True),
        required=True,
        help=_("The laboratory's rate of alleles that are read as another one."),
    ),
    click.option(
        "--format",
        "style",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help=_("Form of the results."),
    ),
)
MUTATION = click.option(
    "--mutation",
    type=NumberRange(0, 1, max_open=True),
    default=0.001,
    show_default=True,
    help=_("Mutation rate of an allele a generation; 0.001 is usual for microsatellites."),
)
SEED = click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))


def laboratory_errors(dropout, mistyping):
    """Return the rates of the laboratory."""
    from forensics.individual.pairs import LaboratoryErrors

    return LaboratoryErrors(dropout, mistyping)


def read_all(files, options):
    """Read several files with the same options."""
    return [read(file, dict(options)) if file else None for file in files]


def theta_of(reference, stated):
    """Return the theta to compute with, and say on standard error which it is, and why."""
    from forensics.individual.theta import choose_theta

    theta = choose_theta(reference, stated)
    click.echo(_("Note: {}").format(theta.explanation()), err=True)
    return theta


def read_reference(file, options):
    """Read the animals whose alleles are counted; None where no file was named.

    Where they are from has no part in that: options that name populations and places are of the
    samples, and hold here for columns that this file has, too.
    """
    if not file:
        return None
    from forensics.genetics.sources import OptionError

    options = {**options, "places": None}
    while True:
        try:
            return read(file, dict(options))
        except OptionError as error:
            role = error.option.removeprefix("--")
            if role not in _WHERE or options[role] is None:
                raise
            options[role] = None


def write_rows(rows, style) -> None:
    """Print rows (dicts) as JSON lines, CSV or columns."""
    if style != "table":  # for programs, which expect UTF-8 everywhere
        sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, allow_nan=False))
    elif rows and style == "csv":
        from forensics.io.cells import defused

        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(defused(row) for row in rows)
    elif rows:
        from forensics.cli.library import print_columns

        print_columns(
            [
                {
                    name: "" if one is None else cell(one).translate(CONTROL)
                    for name, one in row.items()
                }
                for row in rows
            ]
        )


def alone(genotypes, file) -> None:
    """Refuse to record several samples as one.

    Raises
    ------
    UsageError
        If there is more than one sample.
    """
    if len(genotypes) != 1:
        raise UsageError(
            _(
                "{count} samples in {file}, and --sample names one of the ledger; give a file "
                "with that sample alone."
            ).format(count=len(genotypes), file=file)
        )
