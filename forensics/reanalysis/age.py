"""Ages, computed again: single radiocarbon measurements, series along a tusk, and methylation."""

from typing import TYPE_CHECKING, Any

from forensics.messages import _
from forensics.reanalysis.attachments import Attachments, CannotRecompute
from forensics.reanalysis.recorded import Recorded, Sources, numbers_of

if TYPE_CHECKING:
    from forensics.age.curves import Curve
    from forensics.age.results import MethylationAge, RadiocarbonAge, SeriesAge

__all__ = ["recompute_methylation", "recompute_radiocarbon", "recompute_series"]


def recompute_radiocarbon(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "RadiocarbonAge":
    """Return the date of a single measurement."""
    from forensics.age.curves import f14c_of_age
    from forensics.age.radiocarbon import calibrate
    from forensics.age.results import radiocarbon_result

    parameters = recorded.parameters
    numbers = numbers_of(parameters, "f14c", "sd", "since", "age", "age_sd")
    if "age" in numbers:
        value, error = map(float, f14c_of_age(numbers["age"], numbers["age_sd"]))
    else:
        value, error = numbers["f14c"], numbers["sd"]
    calibration = calibrate(
        value,
        error,
        _curve(recorded, attachments),
        until=_until(parameters),
        since=numbers["since"],
        position=parameters["position"],
    )
    entered = {name: numbers[name] for name in ("age", "age_sd") if name in numbers}
    return radiocarbon_result(
        calibration,
        parameters["dates"],
        sample=recorded.sample,
        parameters=entered | _seized(parameters),
    )


def recompute_series(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "SeriesAge":
    """Return the dates of a series of measurements along a tusk."""
    from forensics.age.curves import f14c_of_age
    from forensics.age.results import series_result
    from forensics.age.series import calibrate_series
    from forensics.age.tables import read_table, series_of

    parameters = recorded.parameters
    numbers = numbers_of(parameters, "slowest", "fastest", "since") | {
        "until": _until(parameters),
        "position": parameters["position"],
    }
    table = read_table(attachments.require(recorded.input["sha256"], _("the table of the series")))
    series, curve = series_of(table), _curve(recorded, attachments)
    values: Any
    errors: Any
    values, errors = series.values, series.errors
    if series.is_age:
        values, errors = f14c_of_age(values, errors)
    calibration = calibrate_series(
        values,
        errors,
        series.distances,
        curve,
        slowest=numbers["slowest"],
        fastest=numbers["fastest"],
        until=numbers["until"],
        since=numbers["since"],
        has_last=numbers["position"] == "last_formed",
    )
    return series_result(
        calibration,
        curve,
        parameters["dates"],
        sample=recorded.sample,
        parameters=numbers | _seized(parameters),
        source={"file": table.source, "sha256": table.sha256},
    )


def recompute_methylation(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "MethylationAge":
    """Return the age by an epigenetic clock."""
    from forensics.age.clock_training import is_trained, read_trained
    from forensics.age.methylation import LifeHistory, age_of, read_clock
    from forensics.age.results import methylation_result
    from forensics.age.tables import methylation_of, read_table

    parameters = recorded.parameters
    path = attachments.require(recorded.library["sha256"], _("the clock"))
    trained = read_trained(path) if is_trained(path) else None
    clock = trained.clock if trained else read_clock(path, transform=parameters["transform"])
    table = read_table(attachments.require(recorded.input["sha256"], _("the table of methylation")))
    samples = methylation_of(table, list(clock.coefficients))
    sample = recorded.sample
    if sample not in samples and len(samples) == 1:  # the laboratory names it otherwise
        (sample,) = samples
    if sample not in samples:
        raise CannotRecompute(
            _("cannot be recomputed: the attached table has no sample {name}").format(name=sample)
        )
    life = parameters["life_history"]
    life = life and LifeHistory(
        life["species"], *(float(life[name]) for name in ("gestation", "maturity", "lifespan"))
    )
    typical: Any = None
    typical_source: Any = "clock" if trained else None
    if isinstance(parameters["typical"], dict):
        typical_table = read_table(
            attachments.require(parameters["typical"]["sha256"], _("the table of typical values"))
        )
        typical = next(iter(methylation_of(typical_table, list(clock.coefficients)).values()))
        typical_source = {"file": typical_table.source, "sha256": typical_table.sha256}
    estimate: Any
    if trained:
        estimate = trained.age_of(samples[sample], level=float(parameters["level"]))
    else:
        estimate = age_of(clock, samples[sample], life=life, typical=typical)
    return methylation_result(
        estimate,
        clock,
        sample=sample,
        card=trained.card if trained else None,
        life=life,
        parameters={
            "life_history": None if life is None else vars(life),
            "typical": typical_source,
            "level": float(parameters["level"]) if trained else None,
        },
        source={"file": table.source, "sha256": table.sha256},
    )


def _curve(recorded: Recorded, attachments: Attachments) -> "Curve":
    from forensics.age.curves import joined, read_curve

    return joined(
        read_curve(attachments.require(file["sha256"], _("a calibration curve")))
        for file in recorded.library["files"]
    )


def _seized(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in ("seized",) if name in parameters}


def _until(parameters: dict[str, Any]) -> float:
    """Return the latest year: of the day of the seizure where that is recorded."""
    from forensics.age.results import end_of

    return end_of(parameters["seized"]) if "seized" in parameters else float(parameters["until"])
