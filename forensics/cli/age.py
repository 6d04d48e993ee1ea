"""``forensics age``: when a tissue formed, how old an animal was."""

import sys

import click

from forensics.age.defaults import POSITIONS, TRANSFORMS
from forensics.age.fetching import CURVES, SERVER
from forensics.cli.age_training import train_clock
from forensics.cli.custody_findings import recording
from forensics.cli.individual_options import write_rows
from forensics.cli.numbers import NUMBER, NumberRange
from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.statistics import LEVEL

__all__ = ["age"]

_FORMAT = format_option(_("Form of the results; json has everything, a line a sample."), csv=False)


@click.group(
    help=_(
        "Say when a tissue formed, or how old an animal was.\n\n"
        "Example: forensics age radiocarbon 1.25 --sd 0.003 --curve NH3.14C --seized 2016-03-01"
    )
)
def age() -> None:
    pass


@age.command(
    help=_(
        "Date ivory, horn or wood by radiocarbon: when this tissue formed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics age radiocarbon 1.25 --sd 0.003 --curve NH3.14C --curve intcal20.14c\n"
        "    --seized 2016-03-01 --after 1990-01-18\n"
        "  forensics age radiocarbon --series tusk.csv --slowest 10 --fastest 80\n"
        "    --curve NH3.14C --seized 2016-03-01\n\n"
        "F14C is corrected for fractionation. The result is the time when the tissue that was "
        "sampled formed, not that of death. Death before a date is spoken of only with "
        "--position last_formed."
    )
)
@click.argument("f14c", type=NUMBER, required=False)
@click.option("--age", "c14_age", type=NUMBER, help=_("14C age BP instead of F14C."))
@click.option("--sd", type=NUMBER, help=_("Standard error of F14C, or of the 14C age."))
@click.option(
    "--curve",
    "curves",
    multiple=True,
    required=True,
    type=click.Path(dir_okay=False),
    help=_("Calibration curve; may be repeated: where two overlap, the first counts."),
)
@click.option(
    "--seized", required=True, metavar="DATE", help=_("Day of the seizure, such as 2016-03-01.")
)
@click.option("--since", type=NUMBER, help=_("Earliest year possible; default: of the curve."))
@click.option(
    "--position",
    type=click.Choice(list(POSITIONS)),
    default="unknown",
    show_default=True,
    help=_(
        "Where in the object the sample was taken; last_formed: pulp-cavity surface, base of the "
        "horn, outermost ring. Of a series: of its distance 0."
    ),
)
@click.option(
    "--after", multiple=True, metavar="DATE", help=_("Day of a ban or listing; may be repeated.")
)
@click.option(
    "--series",
    type=click.Path(dir_okay=False),
    help=_("Table of samples along one object: F14C (or age), sd, distance; dated jointly."),
)
@click.option("--slowest", type=NUMBER, help=_("Slowest growth possible, distance a year."))
@click.option("--fastest", type=NUMBER, help=_("Fastest growth possible, distance a year."))
@click.option("--figure", type=click.Path(dir_okay=False), help=_("Draw to this .png or .svg."))
@_FORMAT
@recording
def radiocarbon(
    f14c, c14_age, sd, curves, seized, since, position, after, series, slowest, fastest, figure,
    style, ledger_path, sample, runs, key_path, person_, passphrase_fd,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.age.curves import f14c_of_age, joined, read_curve
    from forensics.age.radiocarbon import calibrate
    from forensics.age.results import end_of, identity_of, radiocarbon_result

    if sum(one is not None for one in (f14c, c14_age, series)) != 1:
        raise UsageError(_("Give one of: F14C, --age, --series."))
    if (sd is None) != (series is not None):
        raise UsageError(_("Give --sd with F14C or --age; a series has it in its table."))
    if (series is None) != (slowest is None) or (slowest is None) != (fastest is None):
        raise UsageError(_("--series, --slowest and --fastest go together."))
    if series and figure:
        raise UsageError(_("--figure draws one sample, not a series."))
    until = end_of(seized)  # a day counts as a whole
    if figure:
        from forensics.age.figures import save_calibration
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    curve = joined(read_curve(path) for path in curves)
    inputs = [Path(path) for path in curves]
    recorder = _recorder(
        ledger_path, sample, runs, key_path, person_, passphrase_fd, identity_of(curve)["sha256"]
    )
    calibration = None
    given = {"seized": seized, **({"age": c14_age, "age_sd": sd} if c14_age is not None else {})}
    if series is None:
        value, error = (f14c, sd) if c14_age is None else map(float, f14c_of_age(c14_age, sd))
        found = calibrate(value, error, curve, until=until, since=since, position=position)
        calibration = None if "NO_YEAR_FITS" in found.codes else found
        result = radiocarbon_result(found, after, sample=sample or "", parameters=given)
        if figure:
            save_calibration(found, figure, title=sample or "")
    else:
        result = _series(
            series, curve, slowest, fastest, until, since, position, after, sample, given
        )
        inputs.append(Path(series))
    _print([result], style)
    if recorder:
        recorder.add(result, inputs=inputs, calibration=calibration)


def _series(series, curve, slowest, fastest, until, since, position, after, sample, given):
    from forensics.age.curves import f14c_of_age
    from forensics.age.results import series_result
    from forensics.age.series import calibrate_series
    from forensics.age.tables import read_table, series_of

    table = read_table(series)
    held = series_of(table)
    values, errors = held.values, held.errors
    if held.is_age:
        values, errors = f14c_of_age(values, errors)
    found = calibrate_series(
        values, errors, held.distances, curve, slowest=slowest, fastest=fastest, until=until,
        since=since, has_last=position == "last_formed",
    )  # fmt: skip
    parameters = {
        **given, "slowest": slowest, "fastest": fastest, "until": until, "since": since,
        "position": position,
    }  # fmt: skip
    return series_result(
        found, curve, after, sample=sample or "", parameters=parameters,
        source={"file": table.source, "sha256": table.sha256},
    )  # fmt: skip


@age.command(
    help=_(
        "Say how old animals were, by an epigenetic clock.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics age methylation samples.csv --clock clock3.csv --transform universal3\n"
        "    --species 'Loxodonta africana' --gestation 1.76 --maturity 9 --lifespan 65\n"
        "  forensics age methylation samples.csv --clock mine.json\n\n"
        "SAMPLES is a table of beta values: samples in rows and sites in columns, or the other "
        "way. A clock of 'forensics age train-clock' knows its transform, typical values and "
        "intervals."
    )
)
@click.argument("samples", type=click.Path(dir_okay=False))
@click.option(
    "--clock",
    "clock_path",
    required=True,
    type=click.Path(dir_okay=False),
    help=_(
        "Clock of train-clock; or a table of coefficients: a column 'var' with the sites, and the "
        "coefficients last."
    ),
)
@click.option(
    "--transform",
    type=click.Choice(TRANSFORMS),
    help=_("How the sum of a table of coefficients becomes years."),
)
@click.option(
    "--typical",
    type=click.Path(dir_okay=False),
    help=_("Table with one row of typical values, for sites that were not measured."),
)
@click.option("--species", help=_("Scientific name; universal clocks 2 and 3."))
@click.option("--gestation", type=NUMBER, help=_("Gestation, years."))
@click.option("--maturity", type=NUMBER, help=_("Mean age at sexual maturity, years."))
@click.option("--lifespan", type=NUMBER, help=_("Maximum lifespan on record, years."))
@click.option(
    "--level",
    type=NumberRange(0, 1, min_open=True, max_open=True),
    show_default=f"{LEVEL:g}",
    help=_("Of the prediction interval of a trained clock."),
)
@format_option(_("Form of the results; json has everything, a line a sample."))
@recording
def methylation(
    samples, clock_path, transform, typical, species, gestation, maturity, lifespan, level,
    style, ledger_path, sample, runs, key_path, person_, passphrase_fd,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.age.clock_training import is_trained, read_trained
    from forensics.age.methylation import LifeHistory, age_of, read_clock
    from forensics.age.results import methylation_result
    from forensics.age.tables import methylation_of, read_table

    trained = read_trained(clock_path) if is_trained(clock_path) else None
    history = (species, gestation, maturity, lifespan)
    if trained and (transform or typical or any(one is not None for one in history)):
        raise UsageError(
            _(
                "{clock} was trained with its own transform and typical values; leave --transform, "
                "--typical and the life history out."
            ).format(clock=clock_path)
        )
    if not trained and transform is None:
        raise UsageError(_("Give --transform with a table of coefficients."))
    if not trained and level is not None:
        raise UsageError(
            _(
                "{clock} is a table of coefficients and gives no prediction interval; leave --level "
                "out."
            ).format(clock=clock_path)
        )
    level = LEVEL if level is None else level
    clock = trained.clock if trained else read_clock(clock_path, transform=transform)
    if any(one is not None for one in history) and None in history:
        raise UsageError(_("--species, --gestation, --maturity and --lifespan go together."))
    life = None if species is None else LifeHistory(species, gestation, maturity, lifespan)
    table = read_table(samples)
    held = methylation_of(table, list(clock.coefficients))
    stand_in, stood_in = None, "clock" if trained else None
    if typical:
        of_typical = read_table(typical)
        stood_in = {"file": typical, "sha256": of_typical.sha256}
        rows = methylation_of(of_typical, list(clock.coefficients))
        if len(rows) != 1:
            raise InputError(
                _("found {count} samples; typical values are one").format(count=len(rows)),
                source=typical,
            )
        stand_in = next(iter(rows.values()))
    if ledger_path and len(held) != 1:
        raise UsageError(
            _(
                "{count} samples in {file}, and --sample names one of the ledger; give a file "
                "with that sample alone."
            ).format(count=len(held), file=samples)
        )
    recorder = _recorder(
        ledger_path, sample, runs, key_path, person_, passphrase_fd, clock.sha256
    )  # fmt: skip
    parameters = {
        "life_history": None if life is None else vars(life),
        "typical": stood_in,
        "level": level if trained else None,
    }
    results, failed = [], False
    for name, values in held.items():
        try:
            if trained:
                found = trained.age_of(values, level=level)
            else:
                found = age_of(clock, values, life=life, typical=stand_in)
        except InputError as error:
            failed = True
            click.echo(f"{name.translate(CONTROL)}: {error}", err=True)
            continue
        results.append(
            methylation_result(
                found, clock, sample=name, card=trained and trained.card, life=life,
                parameters=parameters, source={"file": table.source, "sha256": table.sha256},
            )
        )  # fmt: skip
    if style == "csv":
        write_rows([result.to_row() for result in results], style)
    else:
        _print(results, style)
    if recorder and results:
        used = (samples, clock_path, *([typical] if typical else []))
        recorder.add(results[0], inputs=[Path(one) for one in used])
    if failed:
        click.get_current_context().exit(InputError.exit_code)


@age.command(
    "fetch-curve",
    help=_(
        "Fetch a calibration curve by its name; uses the network.\n\n"
        "Example: forensics age fetch-curve intcal20 --output intcal20.14c\n\n"
        "Its SHA-256 is known; other content is refused and nothing is written."
    ),
)
@click.argument("name", type=click.Choice(list(CURVES)))
@click.option("--output", required=True, type=click.Path(dir_okay=False), help=_("New file."))
@click.option(
    "--server", default=SERVER, show_default=True, help=_("Address of the folder that has it.")
)
def fetch_curve_(name, output, server) -> None:
    from forensics.age.fetching import fetch_curve

    known = fetch_curve(name, output, server=server)
    click.echo(
        _("{path}   sha256 {sha256}   {reference}").format(
            path=output, sha256=known.sha256, reference=known.reference
        )
    )


def _recorder(ledger_path, sample, runs, key_path, person, descriptor, library):
    if not ledger_path:
        return None
    from forensics.cli.custody_findings import Recorder

    return Recorder(ledger_path, sample, runs, key_path, person, descriptor, library, "age")


def _print(results, style) -> None:
    if style == "json":
        sys.stdout.reconfigure(encoding="utf-8")
    for result in results:
        if style == "json":
            click.echo(result.to_json())
            continue
        if result.sample:
            click.echo(result.sample.translate(CONTROL))
        print_lines(result.lines())


age.add_command(train_clock)
