"""``forensics origin assign | mixture``: where samples came from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.individual_options import alone
from forensics.cli.options import Command, option, options_of
from forensics.cli.origin_options import RANGE_MAP, READING, read
from forensics.cli.output import RECORDS, View, Writer, written
from forensics.core.options import Group, SeedOptions
from forensics.errors import InputError, UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _, numeral
from forensics.origin.options import AssignmentOptions

if TYPE_CHECKING:
    from forensics.origin.models import Model
    from forensics.origin.results import Origins

__all__ = ["LISTINGS", "assign", "mixture", "results_of", "together"]

LISTINGS = option(
    "--listings",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    group=Group.DECIDE,
    help=_(
        "Listed populations, maps only: GeoJSON areas with a property 'listing', or a CSV of "
        "country and listing."
    ),
)


def results_of(
    model: str, samples: str, range_map: str | None, listings: str | None,
    options: AssignmentOptions, reading: ReadingOptions,
) -> "tuple[Model, Origins]":  # fmt: skip
    """Return the opened model and its results."""
    from forensics.origin.assigning import assign_with
    from forensics.origin.models import open_model

    opened = open_model(model)
    applied: dict[str, Any] = {"range_map": _range_map(range_map), "listings": None}
    if listings:
        from forensics.origin.listing_files import read_listings

        applied["listings"] = read_listings(listings) or None
    held: Any = samples
    if opened.kind == "isotopes":
        applied["sample_column"] = reading.animal
    else:
        held = read(samples, reading)
    results = assign_with(
        opened, held, prior=options.prior, confidence=options.confidence,
        level=options.exclusion_level, seed=options.seed, **applied,
    )  # fmt: skip
    return opened, results


def _range_map(path: str | None) -> Any:
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
@options_of(AssignmentOptions, "options")
@written(_("Form of the results; json has everything, a line a sample."))
@recording
@READING
def assign(
    model: str, samples: str, range_map: str | None, listings: str | None,
    options: AssignmentOptions, writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.results import CSV_COLUMNS

    opened, results = results_of(model, samples, range_map, listings, options, reading)
    if recording.is_asked:
        alone(results, samples)
    recorder = recording.open(opened.sha256, "origin")
    writer.write_all(results, View(columns=CSV_COLUMNS))
    if recorder:
        writer.flush()
        paths = [Path(file) for file in (samples, reading.places) if file]
        recorder.add(results[0], inputs=[path for path in paths if path.is_file()], model=opened)
    if any(result.status == "unusable" for result in results):
        click.get_current_context().exit(InputError.exit_code)


@click.command(
    cls=Command,
    help=_(
        "Estimate which share of many samples comes from each reference population.\n\n"
        "Example: forensics origin mixture my_model seizure.csv\n\n"
        "All samples are taken as one mixture; every population is possible, none is outside."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@options_of(SeedOptions, "options")
@written()
@READING
def mixture(
    model: str, samples: str, options: SeedOptions, writer: Writer, reading: ReadingOptions
) -> None:
    from forensics.origin.mixture import estimate_mixture
    from forensics.origin.models import open_model
    from forensics.origin.populations import unpacked

    opened = open_model(model)
    if opened.kind != "populations":
        raise UsageError(
            _("{model} is a model of {kind}; a mixture needs one of populations.").format(
                model=opened.name, kind=opened.kind
            )
        )
    baseline, _fit = unpacked(opened.labels, opened.arrays, opened.card["parameters"])
    found = estimate_mixture(read(samples, reading), baseline, seed=options.seed)
    frame = found.to_frame()
    if writer.is_json:
        writer.record(
            {
                "model": opened.identity(),
                "animals": len(found.animals),
                "credible_level": found.level,
                "r_hat": found.r_hat,
                "converged": found.converged,
                "seed": options.seed,
                "shares": frame.to_dict("records"),
            }
        )
        return
    if writer.has_rows:
        writer.rows(frame.to_dict("records"), list(frame.columns))
        return
    rows = frame[(frame["high"] >= _LEAST) | (frame["maximum"] >= _LEAST)]
    writer.columns(
        [
            {
                _("of"): row.level,
                _("name"): row.name_,
                _("share"): numeral(row.mean_, ".3f"),
                _("interval"): f"{numeral(row.low, '.3f')}-{numeral(row.high, '.3f')}",
                _("maximum likelihood"): numeral(row.maximum, ".3f"),
            }
            for row in rows.rename(columns={"name": "name_", "mean": "mean_"}).itertuples()
        ]
    )
    click.echo(
        _("{animals} samples, {level:.0%} credible intervals, R-hat {r_hat:.3f}").format(
            animals=len(found.animals), level=found.level, r_hat=found.r_hat
        ),
        err=True,
    )
    for caution in found.cautions:
        click.echo(_("Note: {}").format(caution.message), err=True)


# Populations whose share is below this, also at the end of its interval, are not printed.
_LEAST = 0.005


@click.command(
    cls=Command,
    help=_(
        "Place all samples of one seizure together.\n\n"
        "Example: forensics origin together simulated-range seizure.csv\n\n"
        "A seizure tends to come from few places. The command says whether that holds here, where "
        "they are, and which samples stand apart. Parts of one animal are one sample: match them "
        "first."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@RANGE_MAP
@options_of(SeedOptions, "options")
@written(forms=RECORDS)
@READING
def together(
    model: str, samples: str, range_map: str | None, options: SeedOptions, writer: Writer,
    reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.assigning import place_together
    from forensics.origin.surfaces import surface_details
    from forensics.result import thousands

    area = _range_map(range_map)
    joint, provenance = place_together(
        model, read(samples, reading), range_map=area, seed=options.seed
    )
    if writer.is_json:
        record = {
            "samples": list(joint.samples),
            "statement": joint.statement,
            "few": joint.few,
            "few_before": joint.few_before,
            "number_of_places": [float(value) for value in joint.number],
            "places": [
                {
                    "members": list(place.members),
                    "share": place.share,
                    "support": place.support,
                    **surface_details(place.surface),
                }
                for place in joint.places
            ],
            "outliers": list(joint.outliers),
            "warnings": [warning._asdict() for warning in joint.warnings],
            "provenance": provenance.to_dict(),
        }
        writer.record(record)
        return
    lines = [(_("Statement"), joint.statement)]
    for number, place in enumerate(joint.places, 1):
        found = surface_details(place.surface)
        size = next(part["area_km2"] for part in found["regions"] if part["level"] == 0.90)
        lines.append(
            (
                _("Place {number}").format(number=number),
                _("about {latitude:.1f}, {longitude:.1f} (90% region {area} km²): {names}").format(
                    area=thousands(size), names=", ".join(place.members), **found["median"]
                ),
            )
        )
    if joint.outliers:
        lines.append((_("Apart"), ", ".join(joint.outliers)))
    writer.lines(lines + [(_("Note"), warning.message) for warning in joint.warnings])
