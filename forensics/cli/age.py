"""``forensics age``: when a tissue formed, how old an animal was."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.age.options import ClockOptions, DatingOptions, GrowthOptions, LifeHistory
from forensics.cli.custody_options import Recording, recording
from forensics.cli.genotype_options import alone
from forensics.cli.options import (
    NUMBER,
    CommandGroup,
    NumberReadWithin,
    Together,
    option,
    options_of,
    path_option,
    together_of,
)
from forensics.cli.output import RECORDS, View, Writer, leave_unexamined, tell, written
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.messages import N_, _
from forensics.stats import LEVEL

if TYPE_CHECKING:
    from forensics.age.results import Age

_FORM = _("Format of the results; json has everything, one line per sample.")
# Of methylation; trained clocks alone have interval, species, tissue and animals.
_COLUMNS = (
    "sample", "result", "age", "level", "linear", "species", "tissue", "animals", "low", "high",
    "warnings", "library", "library_sha256", "version", "time",
)  # fmt: skip


def _rows(result: "Age") -> list[dict[str, object]]:
    return list(result.rows())


_DATE: "View[Age]" = View()
_AGE: "View[Age]" = View(columns=_COLUMNS, rows=_rows)


age = CommandGroup(
    "age",
    help=_(
        "Date a tissue, or estimate the age of an animal.\n\n"
        "Example: forensics age radiocarbon 1.25 --sd 0.003 --curve NH3.14C --seized 2016-03-01"
    ),
)


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
        "sampled formed, not that of death. A statement on death before a date needs --position "
        "last_formed."
    )
)
# No object has ten times the 14C of 1950: bounds by which "1,250" has one reading.
@click.argument("f14c", type=NumberReadWithin(-1, 10), required=False)
@option("--age", "c14_age", type=NUMBER, help=_("14C age BP instead of F14C."))
@option(
    "--sd",
    type=NUMBER,
    help=_("Standard error of F14C, or of the 14C age."),
)
@path_option(
    "--series",
    is_text=True,
    help=_("Table of samples along one object: F14C (or age), sd, distance; dated jointly."),
)
@path_option(
    "--curve",
    "curves",
    multiple=True,
    required=True,
    is_text=True,
    help=_("Calibration curve; may be repeated. Where two overlap, the first is used."),
)
@options_of(DatingOptions, "dating")
@together_of(GrowthOptions, "growth", N_("--series, --slowest and --fastest go together."))
@path_option(
    "--figure",
    is_text=True,
    group=Group.OUTPUT,
    help=_("Draw to this .png or .svg."),
)
@written(_FORM, forms=RECORDS)
@recording
def radiocarbon(
    f14c: float | None, c14_age: float | None, sd: float | None, series: str | None,
    curves: tuple[str, ...], dating: DatingOptions, growth: Together[GrowthOptions],
    figure: str | None, writer: Writer, recording: Recording,
) -> None:  # fmt: skip
    from forensics.age.radiocarbon import calibrate, f14c_of_age, joined, read_curve
    from forensics.age.results import date_series, end_of, identity_of, radiocarbon_result
    from forensics.age.tables import read_table

    if sum(value is not None for value in (f14c, c14_age, series)) != 1:
        raise UsageError(_("Give one of: F14C, --age, --series."))
    if (sd is None) != (series is not None):
        raise UsageError(_("Give --sd with F14C or --age; a series has it in its table."))
    if (series is None) == growth.is_given:
        raise UsageError(_("--series, --slowest and --fastest go together."))
    grown = growth.get()
    if series and figure:
        raise UsageError(_("--figure draws one sample, not a series."))
    until = end_of(dating.seized)  # a day counts as a whole
    if figure:
        from forensics.age.results import save_calibration
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    curve = joined(read_curve(path) for path in curves)
    inputs = [Path(path) for path in curves]
    recorder = recording.open(identity_of(curve)["sha256"], "age")
    calibration = None
    result: Age
    given: dict[str, object] = {"seized": dating.seized}
    if c14_age is not None:
        given |= {"age": c14_age, "age_sd": sd}
    if grown is None:
        pair: Any = (f14c, sd)
        if c14_age is not None:
            convert: Any = f14c_of_age  # of numbers as of arrays
            pair = convert(c14_age, sd)
        value, error = map(float, pair)
        calibrated = calibrate(
            value, error, curve, until=until, since=dating.since, position=dating.position
        )
        calibration = calibrated if calibrated.fit.passed else None
        result = radiocarbon_result(
            calibrated, dating.after, sample=recording.sample or "", parameters=given
        )
        if figure:
            save_calibration(calibrated, figure, title=recording.sample or "")
    else:
        result = date_series(
            read_table(series), curve, grown, dating.after, until=until, since=dating.since,
            position=dating.position, sample=recording.sample or "", parameters=given,
        )  # fmt: skip
        inputs.append(Path(series or ""))
    writer.write(result, _DATE)
    if recorder:
        recorder.add(result, inputs=inputs, calibration=calibration)


@age.command(
    help=_(
        "Estimate the age of animals with an epigenetic clock.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics age methylation samples.csv --clock clock3.csv --transform universal3\n"
        "    --species 'Loxodonta africana' --gestation 1.76 --maturity 9 --lifespan 65\n"
        "  forensics age methylation samples.csv --clock mine.json\n\n"
        "SAMPLES is a table of beta values: samples in rows and sites in columns, or the other "
        "way. A trained clock (train_clock in Python) knows its transform, typical values and "
        "intervals."
    )
)
@click.argument("samples", type=click.Path(dir_okay=False))
@path_option(
    "--clock",
    "clock_path",
    required=True,
    is_text=True,
    help=_(
        "Trained clock, or a table of coefficients: sites in a column 'var', coefficients in the "
        "last column."
    ),
)
@path_option(
    "--typical",
    is_text=True,
    help=_("Table with one row of typical values, for sites that were not measured."),
)
@options_of(ClockOptions, "options")
@together_of(
    LifeHistory,
    "history",
    N_("--species, --gestation, --maturity and --lifespan go together."),
)
@written(_FORM)
@recording
def methylation(
    samples: str, clock_path: str, typical: str | None, options: ClockOptions,
    history: Together[LifeHistory], writer: Writer, recording: Recording,
) -> None:  # fmt: skip
    from forensics.age.methylation import read_clock
    from forensics.age.results import age_of_sample
    from forensics.age.tables import methylation_of, read_table, typical_of

    clock = read_clock(clock_path, transform=options.transform)
    if clock.card and (options.transform or typical or history.is_given):
        raise UsageError(
            _(
                "{clock} was trained with its own transform and typical values; leave --transform, "
                "--typical and the life history out."
            ).format(clock=clock_path)
        )
    if not clock.card and options.level is not None:
        raise UsageError(
            _(
                "{clock} is a table of coefficients and gives no prediction interval; leave --level "
                "out."
            ).format(clock=clock_path)
        )
    life = history.get()
    table = read_table(samples)
    measured = methylation_of(table, list(clock.coefficients))
    stand_in = typical_of(read_table(typical), list(clock.coefficients)) if typical else None
    if recording.is_asked:
        alone(measured, samples)
    recorder = recording.open(clock.sha256, "age")
    results, failed = [], False
    for name, values in measured.items():
        try:
            results.append(
                age_of_sample(
                    clock, table, name, values, life=life, typical=stand_in,
                    level=LEVEL if options.level is None else options.level,
                )
            )  # fmt: skip
        except InputError as error:
            failed = True
            tell(f"{name}: {error}")
    writer.write_all(results, _AGE)
    if recorder and results:
        used = (samples, clock_path, *([typical] if typical else []))
        recorder.add(results[0], inputs=[Path(path) for path in used])
    if failed:
        leave_unexamined()
