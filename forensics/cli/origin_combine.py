"""``forensics origin combine``: genotypes, haplotypes and isotopes on one map."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.details import details_options
from forensics.cli.individual_options import alone
from forensics.cli.options import Command, option, options_of
from forensics.cli.origin_options import (
    RANGE_MAP,
    READING,
    REGIONS,
    files_of,
    read,
    read_region_set,
)
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _
from forensics.origin.options import CombinationOptions

if TYPE_CHECKING:
    from forensics.origin.combination import HaplotypeEvidence, IsotopeEvidence

__all__ = ["combine"]


@click.command(
    cls=Command,
    help=_(
        "Say where each sample came from by its genotype, haplotype and isotopes together.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin combine my_map samples.csv --haplotypes mtdna.csv "
        "--sample-haplotypes seized_mtdna.csv\n"
        "  forensics origin combine my_map samples.csv --isotopes my_isotopes "
        "--isotope-values values.csv --map map.pdf\n\n"
        "MODEL is a model of places: its grid, its range and the genotypes. Samples are known by their "
        "names in every table. What each kind of evidence says alone and what it adds is shown; that they "
        "are independent given the place is an assumption."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@option(
    "--haplotypes",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    group=Group.EXAMINE,
    help=_("Haplotypes of reference animals: a table of haplotype, locality, latitude, longitude."),
)
@option(
    "--sample-haplotypes",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    group=Group.EXAMINE,
    help=_("Haplotypes of the samples: a table of sample and haplotype."),
)
@option(
    "--isotopes",
    metavar="MODEL",
    group=Group.EXAMINE,
    help=_("Model of isotopes: a folder of 'forensics origin train --kind isotopes'."),
)
@option(
    "--isotope-values",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    group=Group.EXAMINE,
    help=_("Isotope values of the samples: a table with a column 'sample'."),
)
@option(
    "--weight",
    "weights",
    multiple=True,
    metavar="LAYER=POWER",
    group=Group.DECIDE,
    help=_(
        "Power of the evidence of a layer (nuclear, haplotype, isotopes), 0 to 1. Default: 1, of the "
        "haplotype by left-out localities."
    ),
)
@RANGE_MAP
@REGIONS
@options_of(CombinationOptions, "options")
@option(
    "--map",
    "drawing",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("Map as well: new file, of any ending that 'forensics origin map' takes."),
)
@details_options
@written(_("Form of the results; json has everything, a line a sample."))
@recording
@READING
def combine(
    model: str, samples: str, haplotypes: str | None, sample_haplotypes: str | None,
    isotopes: str | None, isotope_values: str | None, weights: tuple[str, ...],
    range_map: str | None, regions: str | None, options: CombinationOptions, drawing: Path | None,
    verbose: bool, shown: tuple[str, ...], writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.cli.origin_map import check_map_file, write_map
    from forensics.cli.origin_table import write_origins
    from forensics.origin.combination import combine_evidence
    from forensics.origin.models import open_model
    from forensics.origin.range_map import read_range_map

    if drawing is not None:
        check_map_file(drawing)
    opened = open_model(model)
    results = combine_evidence(
        opened,
        read(samples, reading),
        haplotypes=_read_haplotypes(haplotypes, sample_haplotypes),
        isotopes=_read_isotopes(isotopes, isotope_values),
        weights=_read_weights(weights),
        range_map=read_range_map(range_map) if range_map else None,
        regions=read_region_set(regions),
        prior=options.prior,
        confidence=options.confidence,
        level=options.exclusion_level,
        seed=options.seed,
    )
    if recording.is_asked:
        alone(results, samples)
    recorder = recording.open(opened.sha256, "origin")
    write_origins(results, writer, verbose=verbose, shown=shown)
    if drawing is not None:
        click.echo(write_map(results, drawing, opened), err=True)
    if recorder:
        writer.flush()
        files = (samples, reading.places, haplotypes, sample_haplotypes, isotope_values, regions)
        paths = files_of(*files)
        recorder.add(results[0], inputs=[path for path in paths if path.is_file()], model=opened)
    if any(result.status == "unusable" for result in results):
        click.get_current_context().exit(InputError.exit_code)


def _read_haplotypes(reference: str | None, samples: str | None) -> "HaplotypeEvidence | None":
    if reference is None and samples is None:
        return None
    if reference is None or samples is None:
        raise UsageError(_("--haplotypes and --sample-haplotypes are given together."))
    from forensics.origin.combination import read_haplotype_evidence

    return read_haplotype_evidence(reference, samples)


def _read_isotopes(model: str | None, values: str | None) -> "IsotopeEvidence | None":
    if model is None and values is None:
        return None
    if model is None or values is None:
        raise UsageError(_("--isotopes and --isotope-values are given together."))
    from forensics.origin.combination import read_isotope_evidence

    return read_isotope_evidence(model, values)


def _read_weights(given: tuple[str, ...]) -> dict[str, float]:
    """Return the powers of --weight."""
    result = {}
    for text in given:
        name, _sign, value = text.partition("=")
        try:
            result[name.strip()] = float(value.replace(",", "."))
        except ValueError as error:
            raise UsageError(
                _("--weight {found}; expected LAYER=POWER, such as isotopes=0.5.").format(
                    found=text
                )
            ) from error
    return result
