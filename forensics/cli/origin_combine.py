"""``forensics origin combine``: genotypes, haplotypes, isotopes and a range on one map, any of them or all."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.details import details_options
from forensics.cli.file_options import input_file
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
    from forensics.origin.evidence_tables import HaplotypeEvidence, IsotopeEvidence
    from forensics.origin.models import Model

__all__ = ["combine"]


@click.command(
    cls=Command,
    help=_(
        "Say where each sample came from by its genotype, haplotype and isotopes, any of them or all.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin combine my_map samples.csv --haplotypes mtdna.csv "
        "--sample-haplotypes seized_mtdna.csv\n"
        "  forensics origin combine my_map samples.csv --isotopes my_isotopes "
        "--isotope-values values.csv --map map.pdf --map posterior.tif\n"
        "  forensics origin combine --isotopes my_isotopes --isotope-values values.csv "
        "--range-map range.geojson\n\n"
        "\b\n"
        "What each kind of evidence needs:\n"
        "  genotypes   MODEL (a model of places) and SAMPLES\n"
        "  haplotypes  --haplotypes and --sample-haplotypes\n"
        "  isotopes    --isotopes and --isotope-values\n"
        "  range       --range-map, beside any of them\n\n"
        "The map is that of MODEL; without genotypes that of the isoscape; of haplotypes alone the range "
        "map, or the land around the localities. Samples are known by their names in every table; one that "
        "lacks a kind of evidence is placed by the others. What each kind says alone and what it adds is "
        "shown; that they are independent given the place is an assumption."
    ),
)
@click.argument("model", required=False)
@click.argument("samples", type=click.Path(), required=False)
@input_file(
    "--haplotypes",
    help=_("Haplotypes of reference animals: a table of haplotype, locality, latitude, longitude."),
)
@input_file(
    "--sample-haplotypes", help=_("Haplotypes of the samples: a table of sample and haplotype.")
)
@option(
    "--isotopes",
    metavar="MODEL",
    group=Group.EXAMINE,
    help=_("Model of isotopes: a folder of 'forensics origin train --kind isotopes'."),
)
@input_file(
    "--isotope-values", help=_("Isotope values of the samples: a table with a column 'sample'.")
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
    "drawings",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    group=Group.OUTPUT,
    help=_(
        "Map or posterior as well: new file, of any ending that 'forensics origin map' takes. May be repeated."
    ),
)
@details_options
@written(_("Form of the results; json has everything, a line a sample."))
@recording
@READING
def combine(
    model: str | None, samples: str | None, haplotypes: str | None, sample_haplotypes: str | None,
    isotopes: str | None, isotope_values: str | None, weights: tuple[str, ...],
    range_map: str | None, regions: str | None, options: CombinationOptions,
    drawings: tuple[Path, ...], verbose: bool, shown: tuple[str, ...], writer: Writer,
    recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.cli.origin_map import check_map_file, write_map
    from forensics.cli.origin_table import write_origins
    from forensics.origin.combination import combine_evidence
    from forensics.origin.models import open_model
    from forensics.origin.range_map import read_range_map

    for drawing in drawings:
        check_map_file(drawing)
    tables = [file for file in (samples, sample_haplotypes, isotope_values) if file]
    if not (tables or model or haplotypes or isotopes):
        raise UsageError(
            _(
                "No evidence is given: MODEL and SAMPLES, --haplotypes and --sample-haplotypes, or --isotopes "
                "and --isotope-values."
            )
        )
    if (model is None) != (samples is None):
        raise UsageError(_("MODEL and SAMPLES are given together."))
    opened = None if model is None else open_model(model)
    of_haplotypes = _read_haplotypes(haplotypes, sample_haplotypes)
    of_isotopes = _read_isotopes(isotopes, isotope_values)
    results = combine_evidence(
        opened,
        None if samples is None else read(samples, reading),
        haplotypes=of_haplotypes,
        isotopes=of_isotopes,
        weights=_read_weights(weights),
        range_map=read_range_map(range_map) if range_map else None,
        regions=read_region_set(regions),
        prior=options.prior,
        confidence=options.confidence,
        level=options.exclusion_level,
        seed=options.seed,
    )
    recorder = None
    if recording.is_asked:
        from forensics.custody.findings import other_libraries

        alone(results, " + ".join(tables))
        provenance = results[0].provenance.to_dict()
        recorder = recording.open(
            provenance["library"]["sha256"], "origin", others=other_libraries(provenance)
        )
    write_origins(results, writer, verbose=verbose, shown=shown)
    title, sites = _on_map(opened, of_haplotypes, of_isotopes)
    for drawing in drawings:
        click.echo(write_map(results, drawing, title=title, sites=sites), err=True)
    if recorder:
        writer.flush()
        paths = files_of(*tables, reading.places, haplotypes, regions, range_map)
        recorder.add(
            results[0], inputs=[path for path in paths if path.is_file()], title=title, sites=sites
        )
    if any(result.status == "unusable" for result in results):
        click.get_current_context().exit(InputError.exit_code)


def _on_map(
    model: "Model | None",
    haplotypes: "HaplotypeEvidence | None",
    isotopes: "IsotopeEvidence | None",
) -> tuple[str, tuple[Sequence[float], Sequence[float]]]:
    """Return what stands above a map, and the reference sites on it."""
    from forensics.origin.predict import sites_on_map

    if model is None and isotopes is not None:
        model = isotopes.model
    title = f"{model.name} {model.version}" if model is not None else ""
    if model is not None and model.kind == "places":
        return title, sites_on_map(model)
    if haplotypes is None:
        return title, ((), ())
    reference = haplotypes.reference
    places = reference.latitudes.tolist(), reference.longitudes.tolist()
    return title or haplotypes.reference_file[0], places


def _read_haplotypes(reference: str | None, samples: str | None) -> "HaplotypeEvidence | None":
    if reference is None and samples is None:
        return None
    if reference is None or samples is None:
        raise UsageError(_("--haplotypes and --sample-haplotypes are given together."))
    from forensics.origin.evidence_tables import read_haplotype_evidence

    return read_haplotype_evidence(reference, samples)


def _read_isotopes(model: str | None, values: str | None) -> "IsotopeEvidence | None":
    if model is None and values is None:
        return None
    if model is None or values is None:
        raise UsageError(_("--isotopes and --isotope-values are given together."))
    from forensics.origin.evidence_tables import read_isotope_evidence

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
