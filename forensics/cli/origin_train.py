"""``forensics origin train | evaluate | quality``: from a reference table to a model."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.options import MODEL_FOLDER, Command, option, options_of
from forensics.cli.origin_options import (
    READING,
    REGIONS,
    TRAINED_BY,
    read,
    read_region_set,
    refuse_unused,
)
from forensics.cli.output import RECORDS, View, Writer, written
from forensics.core.options import Group, SeedOptions
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _
from forensics.origin.options import EvaluationOptions, TrainingOptions

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.origin.ranges import Range

__all__ = ["evaluate", "quality", "train"]


def _show(record: dict[str, Any], writer: Writer) -> None:
    from forensics.learning.card import shown

    writer.text("\n".join(shown(record)))


_RECORD: View[dict[str, Any]] = View(record=lambda record: record, show=_show)


@click.command(
    cls=Command,
    help=_(
        "Train a model on animals of known origin.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin train reference.csv --output my_model\n"
        "  forensics origin train feathers.csv --kind isotopes --isoscape d2H=rain.tif "
        "--output feathers\n\n"
        "The kind is a map where every animal has coordinates, else populations. The model's card "
        "gets figures on animals that were left out; that takes longer than the training itself."
    ),
)
@click.argument("reference", type=click.Path())
@option(
    "--isoscape",
    "isoscapes",
    multiple=True,
    metavar="ISOTOPE=FILE",
    group=Group.EXAMINE,
    help=_("Isoscape, GeoTIFF or NetCDF; band 1 the mean, band 2 its standard error."),
)
@option(
    "--range-map",
    type=click.Path(dir_okay=False),
    group=Group.EXAMINE,
    help=_(
        "Where the species lives, maps and isotopes: GeoJSON or shapefile; for maps also a raster "
        "whose cells above 0 are the range."
    ),
)
@REGIONS
@MODEL_FOLDER
@options_of(TrainingOptions, "options")
@READING
def train(
    reference: str, isoscapes: tuple[str, ...], range_map: str | None, regions: str | None,
    output: Path,
    options: TrainingOptions, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.training import Card, train_genotypes, train_isotopes

    card = Card(use=options.use, limits=options.limit, licence=options.licence)
    shared: dict[str, Any] = {
        "name": options.name or output.name,
        "version": options.model_version,
        "card": card,
        "evaluated": not options.no_evaluation,
    }
    if options.kind == "isotopes":
        refuse_unused("isotopes", TRAINED_BY)
        _read_estimator(options)
        from forensics.origin.predict import read_isotope_table
        from forensics.origin.range_map import read_range_map

        maps = _isoscapes(isoscapes, options.isoscape_error)
        frame, source, sha256 = read_isotope_table(reference)
        columns: dict[str, Any] = {
            name: getattr(reading, name)
            for name in ("latitude", "longitude")
            if getattr(reading, name)
        }
        if range_map:
            columns["range_map"] = read_range_map(range_map)
        model = train_isotopes(
            frame, maps, output, source=source, sha256=sha256, **columns, **shared
        )
    else:
        estimator, genotypes, kind = _read_reference(reference, options, reading)
        shared["range_"] = _read_range(range_map, options.range_distance)
        shared["regions"] = read_region_set(regions)
        with _SitesBar() as bar:
            model = train_genotypes(
                genotypes, output, kind=kind, method=options.method, seed=options.seed,
                estimator=estimator, progress=bar.show, **shared,
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
    click.echo(_("Its card is {path}.").format(path=output / "README.md"), err=True)


class _SitesBar:
    """The sites that an evaluation has left out so far, on a screen; elsewhere nothing."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._done = 0

    def __enter__(self) -> "_SitesBar":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(*error)

    def show(self, done: int, total: int) -> None:
        """Show how many sites were left out, of how many."""
        if self._bar is None:
            self._bar = click.progressbar(
                length=total, file=sys.stderr, label=_("sites left out"),
                hidden=not sys.stderr.isatty(),
            )  # fmt: skip
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done


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
    estimator = _read_estimator(options)
    genotypes = read(reference, reading, markers=options.markers)
    kind = _chosen(options.kind, genotypes) if estimator is None else "classifier"
    used_by = TRAINED_BY
    if estimator is None and options.kind == "auto":  # the coordinates decided the kind
        used_by = used_by | {"latitude": (kind,), "longitude": (kind,)}
    refuse_unused(kind, used_by)
    _warn_of_exchange(genotypes, kind)
    return estimator, genotypes, kind


def _chosen(kind: str, genotypes: "Genotypes") -> str:
    """Return the kind of model; where it was left to the program, say which it is, and why."""
    from forensics.origin.training import kind_of, reason_of_kind

    if kind != "auto":
        return kind
    click.echo(_("Kind of model: {reason}.").format(reason=reason_of_kind(genotypes)), err=True)
    return kind_of(genotypes)


def _warn_of_exchange(genotypes: "Genotypes", kind: str) -> None:
    """Say where latitudes and longitudes of a map seem to be exchanged."""
    from forensics.origin.sites import exchange_in_words

    if kind == "places" and (warning := exchange_in_words(genotypes)):
        click.echo(_("Note: {}").format(warning), err=True)


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


@click.command(
    cls=Command,
    help=_(
        "Say how well a reference does on animals that it has not seen.\n\n"
        "Example: forensics origin evaluate reference.csv\n\n"
        "Populations: each animal left out, and folds for which everything is fitted anew. Maps: "
        "each animal left out, and each site; the second is what counts for a sample from a place "
        "where nobody has sampled. Both: how many animals from elsewhere the exclusion notices."
    ),
)
@click.argument("reference", type=click.Path())
@option(
    "--range-map",
    type=click.Path(dir_okay=False),
    group=Group.EXAMINE,
    help=_("Where the species lives, maps only: GeoJSON, shapefile or raster."),
)
@REGIONS
@options_of(EvaluationOptions, "options")
@written(forms=RECORDS)
@READING
def evaluate(
    reference: str, range_map: str | None, regions: str | None, options: EvaluationOptions, writer: Writer,
    reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.training import evaluate_genotypes

    estimator, genotypes, kind = _read_reference(reference, options, reading)
    with _SitesBar() as bar:
        figures = evaluate_genotypes(
            genotypes, kind=kind, method=options.method, seed=options.seed, estimator=estimator,
            range_=_read_range(range_map, options.range_distance),
            regions=read_region_set(regions), progress=bar.show,
        )  # fmt: skip
    from forensics.cli.evaluation_tables import show_evaluation

    writer.write(figures, View(record=lambda record: record, show=show_evaluation))


@click.command(
    cls=Command,
    help=_(
        "Check genotypes before they are used: Hardy-Weinberg, linkage, null alleles, duplicates.\n\n"
        "Example: forensics origin quality reference.csv"
    ),
)
@click.argument("reference", type=click.Path())
@options_of(SeedOptions, "options")
@written(forms=RECORDS)
@READING
def quality(reference: str, options: SeedOptions, writer: Writer, reading: ReadingOptions) -> None:
    from forensics.genetics.quality import quality_report

    report = quality_report(read(reference, reading), seed=options.seed)
    writer.write(report.to_dict(), _RECORD)
