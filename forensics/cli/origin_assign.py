"""``forensics origin assign | together``: where samples came from."""

from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.details import details_options
from forensics.cli.file_options import input_file
from forensics.cli.individual_options import alone
from forensics.cli.options import Command, options_of
from forensics.cli.origin_options import (
    ASSIGNED_BY,
    GENOTYPE_READING,
    RANGE_MAP,
    REGIONS,
    files_of,
    read,
    read_region_set,
    refuse_unused,
)
from forensics.cli.output import View, Writer, written
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _, numeral
from forensics.origin.options import AssignmentOptions, SeizureOptions

if TYPE_CHECKING:
    from forensics.origin.models import Model
    from forensics.origin.results import Origins
    from forensics.origin.seizure_results import SharesOfPopulations

__all__ = ["LISTINGS", "assign", "results_of", "together"]

LISTINGS = input_file(
    "--listings",
    group=Group.DECIDE,
    help=_(
        "Listed populations, maps only: GeoJSON areas with a property 'listing', or a CSV of "
        "country and listing."
    ),
)


def results_of(
    model: str, samples: str, range_map: str | None, listings: str | None,
    options: AssignmentOptions, reading: ReadingOptions, *, regions: str | None = None,
) -> "tuple[Model, Origins]":  # fmt: skip
    """Return the opened model and its results."""
    from forensics.origin.models import open_model
    from forensics.origin.predict import assign_with

    opened = open_model(model)
    refuse_unused(opened.kind, ASSIGNED_BY)
    applied: dict[str, Any] = {
        "range_map": _read_range_map(range_map), "listings": None,
        "regions": read_region_set(regions),
    }  # fmt: skip
    if listings:
        from forensics.origin.listing_files import read_listings

        applied["listings"] = read_listings(listings) or None
    values: Any = samples
    if opened.kind == "isotopes":
        applied["sample_column"] = reading.animal
    else:
        values = read(samples, reading)
    results = assign_with(
        opened, values, prior=options.prior, confidence=options.confidence,
        level=options.exclusion_level, beyond_range=options.beyond_range, seed=options.seed,
        **applied,
    )  # fmt: skip
    return opened, results


def _read_range_map(path: str | None) -> Any:
    """Return the range map of a file; None where none was named."""
    if not path:
        return None
    from forensics.origin.range_map import read_range_map

    return read_range_map(path) or None


@click.command(
    cls=Command,
    help=_(
        "Say where each sample came from, or that it fits nowhere in the reference.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin assign microbov-breeds samples.csv\n"
        "  forensics origin assign my_model samples.gen --format json\n\n"
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
@details_options
@written(_("Form of the results; json has everything, a line a sample."))
@recording
@GENOTYPE_READING
def assign(
    model: str, samples: str, range_map: str | None, listings: str | None, regions: str | None,
    options: AssignmentOptions, verbose: bool, shown: tuple[str, ...], writer: Writer, recording: Recording,
    reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.cli.origin_table import write_origins

    opened, results = results_of(
        model, samples, range_map, listings, options, reading, regions=regions
    )
    if recording.is_asked:
        alone(results, samples)
    recorder = recording.open(opened.sha256, "origin")
    write_origins(results, writer, verbose=verbose, shown=shown)
    if recorder:
        writer.flush()
        paths = files_of(samples, regions, range_map)
        recorder.add(results[0], inputs=[path for path in paths if path.is_file()], model=opened)
    if any(result.status == "unusable" for result in results):
        click.get_current_context().exit(InputError.exit_code)


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


@click.command(
    cls=Command,
    help=_(
        "Say where all samples of one seizure come from, taken together.\n\n"
        "Example: forensics origin together simulated-range seizure.csv\n\n"
        "By a map: a seizure tends to come from few places. The command says whether that holds here, "
        "where they are, and which samples stand apart. By populations: which share of the samples "
        "comes from each; every population is possible, none is outside. Parts of one animal are one "
        "sample: match them first."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@RANGE_MAP
@REGIONS
@options_of(SeizureOptions, "options")
@written()
@GENOTYPE_READING
def together(
    model: str, samples: str, range_map: str | None, regions: str | None, options: SeizureOptions,
    writer: Writer, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.models import open_model
    from forensics.origin.predict import place_together, share_populations
    from forensics.origin.seizure_results import MIXTURE_COLUMNS

    opened = open_model(model)  # before the samples are read: a wrong name is the commoner fault
    refuse_unused(opened.kind, _TOGETHER_BY)
    if opened.kind == "populations":
        shares = share_populations(opened, read(samples, reading), seed=options.seed)
        writer.write(shares, View(columns=MIXTURE_COLUMNS, show=_show_shares))
        if writer.is_table:
            for text in (
                shares.headline(),
                *(_("Note: {}").format(note) for note in shares.notes()),
            ):
                click.echo(text, err=True)
        return
    if writer.has_rows:
        raise UsageError(_("The places of a seizure are no rows; use --format json."))
    result = place_together(
        opened,
        read(samples, reading),
        range_map=_read_range_map(range_map),
        regions=read_region_set(regions),
        confidence=options.confidence,
        seed=options.seed,
    )
    writer.write(result, View())


# Which kinds of model use an option, of those that not all use.
_TOGETHER_BY = {"range_map": ("places",), "regions": ("places",), "confidence": ("places",)}
