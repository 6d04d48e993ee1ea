"""Reading genotypes with the options of a command.

What the commands of ``forensics individual`` on genotypes share: reading, theta.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.cli.options import input_file, options_of, parted
from forensics.cli.output import note
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.individual.options import RateOptions
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.frequencies import Theta


READING = options_of(ReadingOptions, "reading")
# Where samples were taken plays no part in where they came from.
GENOTYPE_READING = options_of(ReadingOptions, "reading", without=("places",))


def read(file: str, reading: ReadingOptions, *, markers: int | None = None) -> "Genotypes":
    """Read genotypes with the options of `READING`; `markers` of the loci where they are too many.

    Raises
    ------
    OptionError
        If an option does not fit the file; both are named.
    """
    from forensics.genetics.reading import read_by_options
    from forensics.genetics.sources import OptionError

    names: dict[str, Any] = {
        name: tuple(parted(getattr(reading, name))) for name in ("loci", "haploid", "fields")
    }
    try:
        genotypes = read_by_options(
            file, replace(reading, **names), markers=markers,
            places=None if reading.places is None else str(reading.places),
        )  # fmt: skip
    except OptionError as error:
        raise error.called(f"--{error.option}") from error
    for noticed in genotypes.notes:  # by the reader, such as a place at 0, 0
        note(noticed)
    return genotypes


def files_of(*files: str | Path | None) -> list[Path]:
    """Return the files that were named, each once; with a PLINK .bed its .bim and .fam.

    They are what a finding is recorded with.
    """
    from forensics.io.files import read_start, recognise

    paths: dict[Path, None] = {}
    for path in (Path(file) for file in files if file):
        paths[path] = None
        known = recognise(read_start(path, 16))
        if known and known.name == "plink":
            paths |= dict.fromkeys((path.with_suffix(".bim"), path.with_suffix(".fam")))
    return list(paths)


# Options of reading that say where animals are from.
_WHERE = ("population", "unit", "site", "latitude", "longitude")

REFERENCE = input_file(
    "--reference", help=_("Unrelated animals from which allele frequencies are counted.")
)


def choose_theta_of(reference: "Genotypes", rates: RateOptions) -> "Theta":
    """Return the theta to compute with, and say on standard error which it is, and why."""
    from forensics.individual.frequencies import choose_theta

    theta = choose_theta(reference, rates.theta)
    note(theta.explanation())
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
                "{file} has {count} samples, and --sample names one; give a file with that "
                "sample alone."
            ).format(count=len(samples), file=file)
        )
