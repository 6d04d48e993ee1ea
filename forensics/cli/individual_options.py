"""What the commands of ``forensics individual`` on genotypes share: reading, theta."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.file_options import input_file
from forensics.cli.origin_options import read
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.individual.options import RateOptions
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.pairs import LaboratoryErrors
    from forensics.individual.theta import Theta

__all__ = [
    "REFERENCE",
    "alone",
    "choose_theta_of",
    "laboratory_errors",
    "read_animals",
    "read_reference",
]

# Options of reading that say where animals are from.
_WHERE = ("population", "unit", "site", "latitude", "longitude")

REFERENCE = input_file(
    "--reference", help=_("Unrelated animals from which allele frequencies are counted.")
)


def laboratory_errors(rates: RateOptions) -> "LaboratoryErrors":
    """Return the rates of the laboratory."""
    from forensics.individual.pairs import LaboratoryErrors

    return LaboratoryErrors(rates.dropout, rates.mistyping)


def choose_theta_of(reference: "Genotypes", rates: RateOptions) -> "Theta":
    """Return the theta to compute with, and say on standard error which it is, and why."""
    from forensics.individual.theta import choose_theta

    theta = choose_theta(reference, rates.theta)
    click.echo(_("Note: {}").format(theta.explanation()), err=True)
    return theta


def read_reference(file: str | None, reading: ReadingOptions) -> "Genotypes | None":
    """Read the animals whose alleles are counted; None where no file was named."""
    return read_animals(file, reading) if file else None


def read_animals(file: str, reading: ReadingOptions) -> "Genotypes":
    """Read animals of which it does not matter where they are from.

    Options that name populations and places are of the samples, and hold here for columns that this
    file has, too.
    """
    from forensics.genetics.sources import OptionError

    reading = replace(reading, places=None)
    while True:
        try:
            return read(file, reading)
        except OptionError as error:
            role = error.option.removeprefix("--")
            if role not in _WHERE or getattr(reading, role) is None:
                raise
            without: dict[str, Any] = {role: None}
            reading = replace(reading, **without)


def alone(samples: Any, file: str) -> None:
    """Refuse to record several samples as one.

    Raises
    ------
    UsageError
        If there is more than one sample.
    """
    if len(samples) != 1:
        raise UsageError(
            _(
                "{count} samples in {file}, and --sample names one of the ledger; give a file "
                "with that sample alone."
            ).format(count=len(samples), file=file)
        )
