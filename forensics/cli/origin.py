"""``forensics origin``: where an animal came from."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from forensics.cli.custody_options import Recording, recording
from forensics.cli.genotype_options import GENOTYPE_READING, READING, alone, files_of, read
from forensics.cli.options import (
    MODEL_FOLDER,
    CommandGroup,
    command,
    input_file,
    new_file,
    option,
    options_of,
    path_option,
    shared,
)
from forensics.cli.output import (
    CONTROL,
    RECORDS,
    Bar,
    View,
    Writer,
    details_options,
    leave_unexamined,
    note,
    tell,
    written,
)
from forensics.core.options import Group, SeedOptions
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _, numeral
from forensics.origin.options import (
    KINDS,
    OF_GENOTYPES,
    AssignmentOptions,
    EvaluationOptions,
    MethodOptions,
    SeizureOptions,
    TrainingOptions,
    refuse_unused,
)

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.origin.areas import RegionSet
    from forensics.origin.ranges import Range
    from forensics.origin.seizure import SharesOfPopulations


RANGE_MAP = path_option(
    "--range-map",
    is_text=True,
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
SPECIES_RANGE = path_option(
    "--range-map",
    is_text=True,
    help=_(
        "Where the species lives, maps and isotopes: GeoJSON or shapefile; for maps also a raster "
        "whose cells above 0 are the range."
    ),
)
LISTINGS = input_file(
    "--listings",
    group=Group.DECIDE,
    help=_(
        "Listed populations, maps only: GeoJSON areas with a property 'listing', or a CSV of "
        "country and listing."
    ),
)

_READ_GENOTYPES = dict.fromkeys(ReadingOptions.specs(), OF_GENOTYPES)
TRAINED_BY = {
    **_READ_GENOTYPES,
    "unit": ("populations", "classifier"),
    "site": ("classifier", "places"),
    "latitude": ("places", "isotopes"),
    "longitude": ("places", "isotopes"),
    **MethodOptions.USED_BY,
}
"""Which kinds of model use an option of ``train`` and ``evaluate``, of those that not all use."""
ASSIGNED_BY = {
    **_READ_GENOTYPES,
    "animal": tuple(KINDS),
    "map_file": ("places", "isotopes"),
    **AssignmentOptions.USED_BY,
}
"""The same of ``assign``."""


def _refuse_typed(kind: str, used_by: Mapping[str, Sequence[str]]) -> None:
    """Refuse an option that was typed and that a kind of model does not use."""
    context = click.get_current_context()
    typed = {
        parameter.name or "": parameter.opts[0]
        for parameter in context.command.get_params(context)
        if context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    }
    refuse_unused(kind, typed, used_by)


def read_region_set(path: str | None) -> "RegionSet | None":
    """Return the reporting regions of ``--regions``; None where none were named."""
    if not path:
        return None
    if path == "countries":
        from forensics.origin.areas import country_regions

        return country_regions()
    from forensics.origin.regions import read_regions

    return read_regions(path)


def _read_range_map(path: str | None) -> Any:
    """Return the range map of a file; None where none was named."""
    if not path:
        return None
    from forensics.origin.polygons import read_range_map

    return read_range_map(path)


@command(
    help=_(
        "Say where each sample came from, or that it fits nowhere in the reference.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin assign microbov-breeds samples.csv\n"
        "  forensics origin assign my_model samples.gen --format json\n"
        "  forensics origin assign my_model samples.csv --map map.html\n\n"
        "MODEL is a folder of 'forensics origin train', or the name of a packaged model; see "
        "'forensics origin info'."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@RANGE_MAP
@LISTINGS
@REGIONS
@options_of(AssignmentOptions, "options")
@path_option(
    "--map",
    "map_file",
    group=Group.OUTPUT,
    help=_(
        "Draw a map, too, in a new file: .html (a page of any number of samples), .pdf (a sheet of A4 for each "
        "sample), .png or .svg (extra 'plot'); or write the posterior for QGIS and other maps: .tif (a band "
        "a sample; extra 'geo'), .geojson or .csv (a row a cell)."
    ),
)
@details_options
@written(_("Format of the results; json has everything, one line per sample."))
@recording
@shared(GENOTYPE_READING)
def assign(
    model: str, samples: str, range_map: str | None, listings: str | None, regions: str | None,
    options: AssignmentOptions, map_file: Path | None, verbose: bool, shown: tuple[str, ...],
    writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.cli.origin_screen import write_origins
    from forensics.origin.areas import read_listings
    from forensics.origin.models import open_model
    from forensics.origin.predict import assign_with, sites_on_map

    opened = open_model(model)
    _refuse_typed(opened.kind, ASSIGNED_BY)
    if map_file:  # before the work begins, not after it
        from forensics.origin.maps import check_map_file

        check_map_file(map_file)
        new_file(map_file)
    of_isotopes = KINDS[opened.kind].by == "isotopes"
    results = assign_with(
        opened,
        samples if of_isotopes else read(samples, reading),
        options=options,
        range_map=_read_range_map(range_map),
        listings=read_listings(listings) if listings else None,
        regions=read_region_set(regions),
        sample_column=reading.animal,
    )
    if recording.is_asked:
        alone(results, samples)
    recorder = recording.open(opened.sha256, "origin")
    write_origins(results, writer, verbose=verbose, shown=shown)
    if recorder:
        paths = files_of(samples, regions, range_map)
        recorder.add(results[0], inputs=[path for path in paths if path.is_file()], model=opened)
    if map_file:
        from forensics.origin.maps import write_map

        title, sites = f"{opened.name} {opened.version}", sites_on_map(opened)
        tell(write_map(results, map_file, title=title, sites=sites))
    if any(result.status == "unusable" for result in results):
        leave_unexamined()


def _show_shares(result: "SharesOfPopulations", writer: Writer) -> None:
    """Write the shares that are not too small as columns."""
    writer.columns(
        [
            {
                _("of"): share.level,
                _("name"): share.name,
                _("share"): numeral(share.mean, ".3f"),
                _("interval"): f"{numeral(share.low, '.3f')}-{numeral(share.high, '.3f')}",
                _("maximum likelihood"): numeral(share.maximum, ".3f"),
            }
            for share in result.shares
            if share.high >= _MIN_SHARE or share.maximum >= _MIN_SHARE
        ]
    )


# Populations whose share is below this, also at the end of its interval, are not printed.
_MIN_SHARE = 0.005


@command(
    help=_(
        "Find where the samples of one seizure come from, taken together.\n\n"
        "Example: forensics origin together simulated-range seizure.csv\n\n"
        "With a map: a seizure tends to come from few places. The command says whether this one "
        "does, where they are, and which samples are outliers. With populations: the share of "
        "the samples from each; every sample is taken to come from one of them. Parts of one "
        "animal count as one sample; match them first."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@RANGE_MAP
@REGIONS
@options_of(SeizureOptions, "options")
@written()
@shared(GENOTYPE_READING)
def together(
    model: str, samples: str, range_map: str | None, regions: str | None, options: SeizureOptions,
    writer: Writer, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.models import open_model
    from forensics.origin.predict import place_together, share_populations
    from forensics.origin.seizure import MIXTURE_COLUMNS

    opened = open_model(model)  # before the samples are read: a wrong name is the commoner fault
    _refuse_typed(opened.kind, _TOGETHER_BY)
    if opened.kind == "populations":
        shares = share_populations(opened, read(samples, reading), seed=options.seed)
        writer.write(shares, View(columns=MIXTURE_COLUMNS, show=_show_shares))
        if writer.is_table:
            tell(shares.headline())
            for said in shares.notes():
                note(said)
        return
    if writer.has_rows:
        raise UsageError(_("The places of a seizure do not fit a table; use --format json."))
    result = place_together(
        opened,
        read(samples, reading),
        options=options,
        range_map=_read_range_map(range_map),
        regions=read_region_set(regions),
    )
    writer.write(result, View())


# Which kinds of model use an option, of those that not all use.
_TOGETHER_BY = {"range_map": ("places",), "regions": ("places",), "confidence": ("places",)}


@command(
    help=_(
        "Train a model on animals of known origin.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin train reference.csv --output my_model\n"
        "  forensics origin train feathers.csv --kind isotopes --isoscape d2H=rain.tif --output feathers\n\n"
        "The model is a map if every animal has coordinates, otherwise one of populations. Its "
        "card gets figures on animals that were left out; they take longer than the training "
        "itself."
    ),
)
@click.argument("reference", type=click.Path())
@option(
    "--isoscape",
    "isoscapes",
    multiple=True,
    metavar="ISOTOPE=FILE",
    help=_("Isoscape, GeoTIFF or NetCDF; band 1 the mean, band 2 its standard error."),
)
@SPECIES_RANGE
@REGIONS
@MODEL_FOLDER
@options_of(TrainingOptions, "options")
@shared(READING)
def train(
    reference: str, isoscapes: tuple[str, ...], range_map: str | None, regions: str | None,
    output: Path,
    options: TrainingOptions, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.isotope_models import train_isotopes
    from forensics.origin.models import Card
    from forensics.origin.places import doubts_of
    from forensics.origin.training import train_genotypes

    card = Card(use=options.use, limits=options.limit, licence=options.licence)
    shared: dict[str, Any] = {
        "name": options.name or output.name,
        "version": options.model_version,
        "card": card,
        "evaluated": not options.no_evaluation,
    }
    if options.kind == "isotopes":
        _refuse_typed("isotopes", TRAINED_BY)
        _read_estimator(options)
        from forensics.origin.isotopes import read_isotope_table

        maps = _isoscapes(isoscapes, options.isoscape_error)
        table = read_isotope_table(reference)
        columns: dict[str, Any] = {
            name: getattr(reading, name)
            for name in ("latitude", "longitude")
            if getattr(reading, name)
        }
        if range_map:
            columns["range_map"] = _read_range_map(range_map)
        model = train_isotopes(
            table.frame, maps, output, source=table.source, sha256=table.sha256, **columns, **shared
        )
    else:
        estimator, genotypes, kind = _read_reference(reference, options, reading)
        shared["range_"] = _read_range(range_map, options.range_distance)
        shared["regions"] = read_region_set(regions)
        with Bar() as bar:
            model = train_genotypes(
                genotypes, output, kind=kind, options=options, estimator=estimator,
                progress=partial(bar.show, _("sites left out")), **shared,
            )  # fmt: skip
    click.echo(
        _("{path}: model {name} {version} ({kind}), sha256 {sha256}").format(
            path=output,
            name=model.name,
            version=model.version,
            kind=model.kind,
            sha256=model.sha256,
        )
    )
    tell(_("Its card is {path}.").format(path=output / "README.md"))
    for doubt in doubts_of(model.labels):
        note(doubt.message)
        tell(doubt.advice)


def _read_range(path: str | None, distance_km: float | None) -> "Range | None":
    """Return the range of --range-map or --range-distance; None where neither was given."""
    if path is None and distance_km is None:
        return None
    from forensics.origin.ranges import range_of_sites, read_range

    if path is None:
        return range_of_sites(distance_km)
    if distance_km is not None:
        raise UsageError(_("--range-map and --range-distance exclude each other."))
    return read_range(path)


def _read_estimator(options: TrainingOptions | EvaluationOptions) -> Any:
    """Return the estimator of --estimator, which fits --kind; None where none was named."""
    if not options.estimator:
        return None
    from forensics.learning.estimators import check_kind, load_named

    estimator = load_named(options.estimator)
    check_kind(estimator, options.kind)
    return estimator


def _read_reference(
    reference: str, options: TrainingOptions | EvaluationOptions, reading: ReadingOptions
) -> tuple[Any, "Genotypes", str]:
    """Return the estimator (None without one), the genotypes, and the kind of model, which uses all options."""
    from forensics.origin.spatial import exchange_in_words
    from forensics.origin.training import kind_of, reason_of_kind

    estimator = _read_estimator(options)
    genotypes = read(reference, reading, markers=options.markers)
    kind, used_by = options.kind if estimator is None else "classifier", TRAINED_BY
    if kind == "auto":
        kind, reason = kind_of(genotypes), reason_of_kind(genotypes)
        tell(_("Kind of model: {reason}.").format(reason=reason))
        # The coordinates decided the kind.
        used_by = used_by | {"latitude": (kind,), "longitude": (kind,)}
    _refuse_typed(kind, used_by)
    if kind == "places" and (warning := exchange_in_words(genotypes)):
        note(warning)
    return estimator, genotypes, kind


def _isoscapes(given: Sequence[str], error: float | None) -> list[Any]:
    """Return the isoscapes of --isoscape."""
    from forensics.origin.isoscape import read_isoscape

    if not given:
        raise UsageError(_("Give --isoscape ISOTOPE=FILE with --kind isotopes."))
    isoscapes = []
    for text in given:
        isotope, _sign, file = text.partition("=")
        if not isotope or not file:
            raise UsageError(
                _("--isoscape {found}; expected ISOTOPE=FILE, such as d2H=rain.tif.").format(
                    found=text
                )
            )
        bands: dict[str, Any] = {} if error is None else {"error_band": None, "error": error}
        isoscapes.append(read_isoscape(file, name=isotope, **bands))
    return isoscapes


@command(
    help=_(
        "Test how well a reference assigns animals that it has not seen.\n\n"
        "Example: forensics origin evaluate reference.csv\n\n"
        "Populations: each animal left out, and folds for which everything is fitted again. "
        "Maps: each animal left out, and each site; the second is what counts for a sample from "
        "a place where nobody has sampled. Both: how many animals from elsewhere the exclusion "
        "detects."
    ),
)
@click.argument("reference", type=click.Path())
@SPECIES_RANGE
@REGIONS
@options_of(EvaluationOptions, "options")
@written(forms=RECORDS)
@shared(READING)
def evaluate(
    reference: str, range_map: str | None, regions: str | None, options: EvaluationOptions, writer: Writer,
    reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.training import evaluate_genotypes

    estimator, genotypes, kind = _read_reference(reference, options, reading)
    with Bar() as bar:
        figures = evaluate_genotypes(
            genotypes, kind=kind, options=options, estimator=estimator,
            range_=_read_range(range_map, options.range_distance),
            regions=read_region_set(regions), progress=partial(bar.show, _("sites left out")),
        )  # fmt: skip
    from forensics.cli.origin_screen import show_evaluation

    writer.write(figures, View(record=lambda record: record, show=show_evaluation))


@command(
    help=_(
        "Check genotypes before they are used: Hardy-Weinberg, linkage, null alleles, duplicates.\n\n"
        "Example: forensics origin quality reference.csv"
    ),
)
@click.argument("reference", type=click.Path())
@options_of(SeedOptions, "options")
@written(forms=RECORDS)
@shared(READING)
def quality(reference: str, options: SeedOptions, writer: Writer, reading: ReadingOptions) -> None:
    from forensics.genetics.quality import quality_report
    from forensics.learning.models import shown

    report = quality_report(read(reference, reading), seed=options.seed)
    writer.write(
        report.to_dict(),
        View(record=dict, show=lambda record, writer: writer.text("\n".join(shown(record)))),
    )


origin = CommandGroup(
    "origin",
    shares=lambda: (READING,),
    help=_(
        "Assign the origin of an animal by reference populations, a map or isotopes.\n\n"
        "Example: forensics origin assign microbov-breeds samples.csv"
    ),
)


for _command in (
    train,
    assign,
    together,
    evaluate,
    quality,
):
    origin.add_command(_command)


@origin.command(
    help=_(
        "Show the card of a model: data, figures on animals it has not seen, limits.\n\n"
        "Example: forensics origin info microbov-breeds\n\n"
        "Without MODEL the packaged models are listed."
    )
)
@click.argument("model", metavar="[MODEL]", required=False)
@written(forms=RECORDS)
def info(model: str | None, writer: Writer) -> None:
    from forensics.learning.models import card_of
    from forensics.origin.models import open_model, packaged_models
    from forensics.origin.places import doubts_of

    if model is None:
        for opened in map(open_model, packaged_models()):
            writer.text(f"{opened.name}  {opened.version}  {opened.kind}  {opened.sha256}")
        return
    opened = open_model(model)
    description = {**opened.identity(), **opened.card}
    if writer.is_json:
        writer.record(description)
        return
    writer.text(card_of({**description, "kind": opened.kind}).translate({**CONTROL, 10: "\n"}))
    for doubt in doubts_of(opened.labels):
        writer.text(f"{doubt.message} {doubt.advice}")
    writer.text(f"sha256 {opened.sha256}")
