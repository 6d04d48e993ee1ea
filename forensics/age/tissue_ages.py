"""When a tissue formed, by radiocarbon: one sample, or several of one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from forensics.age.curves import Curve
from forensics.age.dating import (
    Age,
    LevelRanges,
    Statement,
    age_provenance,
    identity_of,
    level_ranges_of,
    range_lines,
    ranges_at,
    ranges_text,
    statement_lines,
    statements_on,
)
from forensics.age.radiocarbon import POSITIONS, Calibration
from forensics.age.series import Series
from forensics.fit import Fit
from forensics.messages import N_, _
from forensics.notices import age as notices

__all__ = ["RadiocarbonAge", "SeriesAge", "radiocarbon_result", "series_result"]


@dataclass(frozen=True, kw_only=True)
class RadiocarbonAge(Age):
    """When the tissue of one sample formed.

    Attributes
    ----------
    fit : Fit
        Whether any year explains the value.
    f14c, sd : float
        What was measured.
    curve_files : tuple of mapping
        ``file`` and ``sha256``.
    until, since : float
        Bounds of the year; `since` is None where none was given.
    position : str
        A key of `forensics.age.options.POSITIONS`.
    mode, mean, median : float or None
        None where no year fits.
    """

    METHOD: ClassVar = "radiocarbon"
    LIMIT: ClassVar = N_(
        "The date is that of this tissue's formation, not of the animal's death. Every year up to "
        "the seizure is taken as equally probable beforehand."
    )
    KEYS: ClassVar = (
        "sample", "method", "result", "fit", "f14c", "sd", "curve", "curve_files", "until", "since",
        "position", "mode", "mean", "median", "ranges", "statements", "explanation", "warnings",
        "limits", "provenance",
    )  # fmt: skip

    fit: Fit
    f14c: float
    sd: float
    curve: str
    curve_files: tuple[dict[str, Any], ...]
    until: float
    since: float | None
    position: str
    mode: float | None
    mean: float | None
    median: float | None
    ranges: tuple[LevelRanges, ...]
    statements: tuple[Statement, ...]

    @property
    def is_dated(self) -> bool:
        """Whether any year fits."""
        return notices.NO_YEAR_FITS.code not in self.codes

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.is_dated:
            return _("no year before the seizure explains this value")
        return _("this tissue formed in {ranges} (95 %)").format(
            ranges=ranges_text(ranges_at(self.ranges, 0.95))
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        measured = _("F14C {f14c:.4f} ± {sd:.4f}").format(f14c=self.f14c, sd=self.sd)
        return [
            (_("Measured"), measured),
            *(range_lines(self.ranges) if self.is_dated else ()),
            (_("Position"), _(POSITIONS[self.position])),
            *statement_lines(self.statements),
        ]


@dataclass(frozen=True, kw_only=True)
class SeriesAge(Age):
    """When the tissue of an object formed that formed last, by several samples of it.

    Attributes
    ----------
    fit : Fit
        Whether the samples look as the model says.
    growth_rate_mean : float
        Units of distance a year.
    years_before_last, misfits : tuple of float
        Of each sample, as of `forensics.age.series.Series`.
    """

    METHOD: ClassVar = "series"
    LIMIT: ClassVar = N_(
        "The date is that of the tissue that formed last, if growth was even but for "
        "5 % of each sample's time, and the distances were measured from it."
    )
    KEYS: ClassVar = (
        "sample", "method", "result", "fit", "last_formed", "growth_rate_mean", "years_before_last",
        "misfits", "statements", "explanation", "warnings", "limits", "provenance",
    )  # fmt: skip

    fit: Fit
    last_formed: tuple[LevelRanges, ...]
    growth_rate_mean: float
    years_before_last: tuple[float, ...]
    misfits: tuple[float, ...]
    statements: tuple[Statement, ...]

    @property
    def is_dated(self) -> bool:
        """Whether the samples fit."""
        return self.fit.passed

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.is_dated:
            return _("no date: no year and growth rate explain these samples together")
        return _("the tissue that formed last did so in {ranges} (95 %)").format(
            ranges=ranges_text(ranges_at(self.last_formed, 0.95))
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        lines = []
        if self.is_dated:
            growth = _("{rate:.3g} units of distance a year").format(rate=self.growth_rate_mean)
            lines += [*range_lines(self.last_formed), (_("Growth"), growth)]
        return [*lines, (_("Fit"), _fit_text(self.fit)), *statement_lines(self.statements)]


def radiocarbon_result(
    calibration: Calibration,
    dates: Sequence[str] = (),
    *,
    sample: str = "",
    parameters: Mapping[str, Any] = {},
) -> RadiocarbonAge:
    """Return a calibrated date as a result.

    Parameters
    ----------
    dates : sequence of str
        Days, as for `day_of`; of each it is said what follows.
    parameters : mapping
        Further parameters for the provenance, such as the 14C age that was given.
    """
    is_stated = calibration.fit.passed
    measured = {
        "f14c": calibration.f14c,
        "sd": calibration.sd,
        "until": calibration.until,
        "since": calibration.since,
    }
    return RadiocarbonAge(
        sample=sample,
        fit=calibration.fit,
        f14c=calibration.f14c,
        sd=calibration.sd,
        curve=calibration.curve.name,
        curve_files=tuple(calibration.curve.sources),
        until=calibration.until,
        since=calibration.since,
        position=calibration.position,
        mode=calibration.mode if is_stated else None,
        mean=calibration.mean if is_stated else None,
        median=calibration.median if is_stated else None,
        ranges=level_ranges_of(calibration, is_stated),
        statements=statements_on(calibration, dates),
        notices=calibration.notices,
        provenance=age_provenance(
            identity_of(calibration.curve),
            {**measured, "position": calibration.position, "dates": list(dates), **parameters},
            {},
        ),
    )


def series_result(
    series: Series,
    curve: Curve,
    dates: Sequence[str] = (),
    *,
    sample: str = "",
    parameters: Mapping[str, Any] = {},
    source: Mapping[str, Any] = {},
) -> SeriesAge:
    """Return a series dated jointly as a result; parameters as for `radiocarbon_result`.

    `source` is ``file`` and ``sha256`` of the table. Where the samples do not fit, no date is
    stated.
    """
    return SeriesAge(
        sample=sample,
        fit=series.fit,
        last_formed=level_ranges_of(series, series.fit.passed),
        growth_rate_mean=float((series.rates * series.rate_probabilities).sum()),
        years_before_last=series.ages,
        misfits=series.misfits,
        statements=statements_on(series, dates),
        notices=series.notices,
        provenance=age_provenance(identity_of(curve), {**parameters, "dates": list(dates)}, source),
    )


def _fit_text(fit: Fit) -> str:
    if fit.passed:
        text = _("the samples fit one year and growth rate (p = {p}, must be above {level})")
    else:
        text = _("the samples fit no year and growth rate (p = {p}, must be above {level})")
    return text.format(**fit.shown())
