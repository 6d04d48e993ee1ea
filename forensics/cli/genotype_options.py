"""Reading genotypes with the options of a command.

What the commands of ``forensics individual`` on genotypes share: reading, theta.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from forensics.cli.options import input_file, option, options_of
from forensics.cli.output import CONTROL
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.individual.options import RateOptions
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.frequencies import Theta
    from forensics.origin.areas import RegionSet


RANGE_MAP = option(
    "--range-map",
    type=click.Path(dir_okay=False),
    group=Group.DECIDE,
    help=_("GeoJSON or shapefile of where the species lives; maps only."),
)
REGIONS = input_file(
    "--regions",
    group=Group.DECIDE,
    help=_(
        "Reporting regions, maps only: 'countries', GeoJSON polygons with a property 'name', or a table of "
        "region and site, or of region and country."
    ),
)
READING = options_of(ReadingOptions, "reading")
# Where samples were taken plays no part in where they came from.
GENOTYPE_READING = options_of(ReadingOptions, "reading", without=("places",))

_OF_GENOTYPES = ("populations", "classifier", "places")
_READ_GENOTYPES = dict.fromkeys(ReadingOptions.specs(), _OF_GENOTYPES)
TRAINED_BY = {
    **_READ_GENOTYPES,
    "unit": ("populations", "classifier"),
    "site": ("classifier", "places"),
    "latitude": ("places", "isotopes"),
    "longitude": ("places", "isotopes"),
    "isoscapes": ("isotopes",),
    "isoscape_error": ("isotopes",),
    "range_map": ("places", "isotopes"),
    "range_distance": ("places",),
    "regions": ("places",),
    "method": ("populations",),
    "markers": _OF_GENOTYPES,
    "seed": _OF_GENOTYPES,
}
"""Which kinds of model use an option of ``origin train`` and ``origin evaluate``, of those that not all use."""
ASSIGNED_BY = {
    **_READ_GENOTYPES,
    "animal": (*_OF_GENOTYPES, "isotopes"),
    "prior": ("populations", "places"),
    "exclusion_level": _OF_GENOTYPES,
    "range_map": ("places",),
    "beyond_range": ("places",),
    "listings": ("places",),
    "regions": ("places",),
    "seed": _OF_GENOTYPES,
}
"""The same of ``origin assign`` and ``origin map``."""


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
        name: tuple(_parted(getattr(reading, name))) for name in ("loci", "haploid", "fields")
    }
    try:
        genotypes = read_by_options(
            file, replace(reading, **names), markers=markers,
            places=None if reading.places is None else str(reading.places),
        )  # fmt: skip
    except OptionError as error:
        raise error.called(f"--{error.option}") from error
    for note in genotypes.notes:  # what the reader noticed, such as a place at 0, 0
        click.echo(_("Note: {}").format(note.translate(CONTROL)), err=True)
    return genotypes


def files_of(*files: str | Path | None) -> list[Path]:
    """Return the files that were named, each once; with a PLINK .bed its .bim and .fam.

    They are what a finding is recorded with.
    """
    from forensics.io.formats import recognise
    from forensics.io.inputs import read_start

    paths: dict[Path, None] = {}
    for path in (Path(file) for file in files if file):
        paths[path] = None
        known = recognise(read_start(path, 16))
        if known and known.name == "plink":
            paths |= dict.fromkeys((path.with_suffix(".bim"), path.with_suffix(".fam")))
    return list(paths)


def read_region_set(path: str | None) -> "RegionSet | None":
    """Return the reporting regions of ``--regions``; None where none were named."""
    if not path:
        return None
    if path == "countries":
        from forensics.origin.areas import country_regions

        return country_regions()
    from forensics.origin.regions import read_regions

    return read_regions(path)


def _parted(texts: Sequence[str]) -> list[str]:
    """Return the names of lists with commas."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def refuse_unused(kind: str, used_by: Mapping[str, Collection[str]]) -> None:
    """Refuse an option that was typed and that a kind of model does not use.

    Parameters
    ----------
    kind : str
    used_by : mapping of str to collection of str
        By name of a parameter of the command, the kinds that use it; those that are not named are used by all.

    Raises
    ------
    UsageError
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        kinds = used_by.get(parameter.name or "", (kind,))
        source = context.get_parameter_source(parameter.name or "")
        if kind not in kinds and source is ParameterSource.COMMANDLINE:
            raise UsageError(
                _(
                    "{option} is for models of the kind {kinds}, and this one is of the kind {kind}; leave it out."
                ).format(option=parameter.opts[0], kinds=", ".join(kinds), kind=kind)
            )


# Options of reading that say where animals are from.
_WHERE = ("population", "unit", "site", "latitude", "longitude")

REFERENCE = input_file(
    "--reference", help=_("Unrelated animals from which allele frequencies are counted.")
)


def choose_theta_of(reference: "Genotypes", rates: RateOptions) -> "Theta":
    """Return the theta to compute with, and say on standard error which it is, and why."""
    from forensics.individual.frequencies import choose_theta

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
