"""``forensics origin assign | mixture``: where samples came from."""

import csv
import json
import sys

import click

from forensics.cli.custody_findings import recording
from forensics.cli.numbers import NumberRange
from forensics.cli.origin_options import READING, apply, read
from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.errors import UsageError
from forensics.messages import _, numeral
from forensics.origin.defaults import CONFIDENCE, LEVEL

__all__ = ["APPLYING", "assign", "mixture", "results_of", "together"]

APPLYING = (
    click.option(
        "--confidence",
        type=NumberRange(0.5, 1, min_open=True, max_open=True),
        default=CONFIDENCE,
        show_default=True,
        help=_("Posterior that an assignment must reach."),
    ),
    click.option(
        "--prior",
        help=_(
            "Populations: 'populations' (default) or 'units', each equally likely. Maps: 'area' "
            "(default) or 'sampling'."
        ),
    ),
    click.option(
        "--exclusion-level",
        type=NumberRange(0, 1, min_open=True, max_open=True),
        default=LEVEL,
        show_default=True,
        help=_("Share of animals of the reference that may be excluded wrongly."),
    ),
    click.option(
        "--range-map",
        type=click.Path(dir_okay=False),
        help=_("GeoJSON or shapefile of where the species lives; maps only."),
    ),
    click.option(
        "--listings",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help=_(
            "Listed populations, maps only: GeoJSON areas with a property 'listing', or a CSV of "
            "country and listing."
        ),
    ),
    click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn.")),
)


def results_of(model: str, samples: str, options: dict):
    """Return the opened model and its results; options are those of `APPLYING` and `READING`."""
    from forensics.origin.assigning import assign_with
    from forensics.origin.models import open_model

    opened = open_model(model)
    range_map = options.pop("range_map")
    if range_map:
        from forensics.origin.range_map import read_range_map

        range_map = read_range_map(range_map)
    listings = options.pop("listings")
    if listings:
        from forensics.origin.listing_files import read_listings

        listings = read_listings(listings)
    applied = {
        "listings": listings or None,
        "prior": options.pop("prior"),
        "confidence": options.pop("confidence"),
        "level": options.pop("exclusion_level"),
        "range_map": range_map or None,
        "seed": options.pop("seed"),
    }
    if opened.kind == "isotopes":
        held = samples
        applied["sample_column"] = options.pop("animal")
    else:
        held = read(samples, options)
    return opened, assign_with(opened, held, **applied)


@click.command(
    help=_(
        "Say where each sample came from, or that it fits nowhere in the reference.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin assign microbov-breeds samples.csv\n"
        "  forensics origin assign my_model samples.gen --format json\n\n"
        "MODEL is a folder of 'forensics origin train', or the name of a packaged model; see "
        "'forensics origin info'."
    )
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@format_option(_("Form of the results; json has everything, a line a sample."))
@recording
def _assign(
    model, samples, style, ledger_path, sample, runs, key_path, person_, passphrase_fd, **options
) -> None:
    from pathlib import Path

    places = options["places"]
    opened, results = results_of(model, samples, options)
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        if len(results) != 1:
            raise UsageError(
                _(
                    "{count} samples in {file}, and --sample names one of the ledger; give a file "
                    "with that sample alone."
                ).format(count=len(results), file=samples)
            )
        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, opened.sha256, "origin"
        )
    if style != "table":  # for programs, which expect UTF-8 everywhere
        sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        click.echo(results.to_json(), nl=False)
    elif style == "csv":
        from forensics.io.cells import defused
        from forensics.origin.results import CSV_COLUMNS

        writer = csv.DictWriter(sys.stdout, CSV_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(defused(result.to_row()) for result in results)
    else:
        for result in results:
            click.echo(result.sample.translate(CONTROL))
            print_lines(result.lines())
    if recorder:
        inputs = [Path(one) for one in (samples, places) if one and Path(one).is_file()]
        recorder.add(results[0], inputs=inputs, model=opened)
    if any(result.status == "unusable" for result in results):
        from forensics.errors import InputError

        click.get_current_context().exit(InputError.exit_code)


assign = apply(_assign, *APPLYING, *READING)
assign.name = "assign"


@click.command(
    help=_(
        "Estimate which share of many samples comes from each reference population.\n\n"
        "Example: forensics origin mixture my_model seizure.csv\n\n"
        "All samples are taken as one mixture; every population is possible, none is outside."
    )
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))
@format_option()
def _mixture(model, samples, seed, style, **options) -> None:
    from forensics.cli.library import print_columns
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
    found = estimate_mixture(read(samples, options), baseline, seed=seed)
    frame = found.to_frame()
    if style == "json":
        held = {
            "model": opened.identity(),
            "animals": len(found.animals),
            "credible_level": found.level,
            "r_hat": found.r_hat,
            "converged": found.converged,
            "seed": seed,
            "shares": frame.to_dict("records"),
        }
        click.echo(json.dumps(held, ensure_ascii=False))
        return
    if style == "csv":
        click.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)
        return
    rows = frame[(frame["high"] >= _LEAST) | (frame["maximum"] >= _LEAST)]
    print_columns(
        [
            {
                _("of"): row.level,
                _("name"): str(row.name_).translate(CONTROL),
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
mixture = apply(_mixture, *READING)
mixture.name = "mixture"


@click.command(
    help=_(
        "Place all samples of one seizure together.\n\n"
        "Example: forensics origin together simulated-range seizure.csv\n\n"
        "A seizure tends to come from few places. The command says whether that holds here, where "
        "they are, and which samples stand apart. Parts of one animal are one sample: match them "
        "first."
    )
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@click.option(
    "--range-map",
    type=click.Path(dir_okay=False),
    help=_("GeoJSON or shapefile of where the species lives; maps only."),
)
@click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))
@click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def _together(model, samples, range_map, seed, style, **options) -> None:
    from forensics.origin.assigning import place_together
    from forensics.origin.surfaces import surface_details
    from forensics.result import thousands

    if range_map:
        from forensics.origin.range_map import read_range_map

        range_map = read_range_map(range_map)
    joint, provenance = place_together(
        model, read(samples, options), range_map=range_map or None, seed=seed
    )
    if style == "json":
        held = {
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
        click.echo(json.dumps(held, ensure_ascii=False))
        return
    lines = [(_("Statement"), joint.statement)]
    for number, place in enumerate(joint.places, 1):
        found = surface_details(place.surface)
        area = next(one["area_km2"] for one in found["regions"] if one["level"] == 0.90)
        lines.append(
            (
                _("Place {number}").format(number=number),
                _("about {latitude:.1f}, {longitude:.1f} (90% region {area} km²): {names}").format(
                    area=thousands(area), names=", ".join(place.members), **found["median"]
                ),
            )
        )
    if joint.outliers:
        lines.append((_("Apart"), ", ".join(joint.outliers)))
    print_lines(lines + [(_("Note"), warning.message) for warning in joint.warnings])


together = apply(_together, *READING)
together.name = "together"
