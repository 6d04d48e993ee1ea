"""How old something is, with how it was reached: the results of all methods of dating.

What they share (statements on days, ranges of years, provenance), then each method: radiocarbon of one
sample, of a series along one object, and an epigenetic clock; then the pictures that ages draw of
themselves. matplotlib is loaded when one is drawn.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Self, cast

import numpy as np

from forensics.age.methylation import AgeEstimate, Clock, age_of
from forensics.age.options import POSITIONS, GrowthOptions, LifeHistory
from forensics.age.radiocarbon import (
    LEVELS,
    Calibration,
    Curve,
    DatedYears,
    Range,
    Series,
    calibrate_series,
)
from forensics.age.tables import TypicalValues, series_of
from forensics.core.notice import Notice
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.result import Result
from forensics.core.stored import reported, stored, wrong_value
from forensics.drawing import BARS, FAINT, draw_bars, draw_file, open_axes, show_text
from forensics.errors import UsageError
from forensics.fit import Fit
from forensics.io.files import AnyPath
from forensics.io.numbers import parse_day
from forensics.io.tables import Table
from forensics.messages import N_, _, numeral, shown_probability
from forensics.notices import age as notices
from forensics.stats import LEVEL


@dataclass(frozen=True, slots=True)
class Statement:
    """What can be said of a day, such as that of a ban.

    Attributes
    ----------
    date : str
        The day, as it was given.
    year : float
        Its beginning, as a year with decimals.
    formed_after, died_after_at_least, died_before : float or None
        As of `forensics.age.radiocarbon.Calibration.statements`.
    """

    date: str
    year: float
    formed_after: float | None
    died_after_at_least: float | None
    died_before: float | None

    def in_words(self) -> str:
        """Return it in one or two sentences."""
        if self.formed_after is None:
            return _("nothing is stated, because no year fits")
        text = _(
            "this tissue formed after it with probability {p}; so death after it has at least this "
            "probability."
        ).format(p=shown_probability(self.formed_after))
        if self.died_before is None:
            return text + " " + _("Nothing is stated on death before it.")
        return (
            text
            + " "
            + _("The tissue formed last: death before it has probability {p}.").format(
                p=shown_probability(self.died_before)
            )
        )


@dataclass(frozen=True, slots=True)
class LevelRanges:
    """The ranges of highest density that hold a share of the probability.

    Attributes
    ----------
    ranges : tuple of Range
        Earliest first; none where no date is given.
    """

    level: float
    ranges: tuple[Range, ...]


@dataclass(frozen=True, kw_only=True)
class Age(Result):
    """How old one sample is: the base of the results of the three methods.

    Attributes
    ----------
    provenance : Provenance
        ``library`` names the curve or the clock.
    """

    NOTICE_KINDS: ClassVar = notices
    METHOD: ClassVar[str]
    LIMIT: ClassVar[str]
    """What the method cannot say, in English."""

    @property
    @reported("method")
    def method(self) -> str:
        """``radiocarbon``, ``series`` or ``methylation``."""
        return self.METHOD

    @reported("limits")
    def limits(self) -> list[str]:
        """Return what this method cannot say."""
        return [_(self.LIMIT)]

    def plot(self, axes: Any = None) -> Any:
        """Draw the ranges of years, or the age with its interval.

        The curve and the density are drawn by `forensics.age.radiocarbon.Calibration.plot`.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        UsageError
            If there is no picture of such a result.
        """
        raise UsageError(_("{kind} cannot be drawn").format(kind=type(self).__name__))

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` wrote; `Age` itself reads that of any method.

        Raises
        ------
        InputError
            If it is no such result.
        """
        if "METHOD" in vars(cls):
            return super().from_stored(record)

        method = record.get("method") if isinstance(record, Mapping) else record
        if isinstance(method, str) and method in KINDS:
            return cast("Self", KINDS[method].from_stored(record))
        raise wrong_value("method", method, ", ".join(KINDS))


def day_of(text: str) -> float:
    """Return a day as a year with decimals: its beginning.

    Raises
    ------
    UsageError
        If it is not written as year, month and day: 3/4/1990 means two days.

    Examples
    --------
    >>> day_of("1990-01-18"), day_of("2000-07-01")
    (1990.0465753424658, 2000.4972677595629)
    """
    try:
        day = parse_day(text)
    except ValueError as error:
        raise UsageError(
            _("{text!r} is not a day; write year, month and day, such as 1990-01-18.").format(
                text=text[:40]
            )
        ) from error
    start = date(day.year, 1, 1)
    whole = (date(day.year + 1, 1, 1) - start).days if day.year < 9999 else 365
    return day.year + (day - start).days / whole


def end_of(text: str) -> float:
    """Return the end of a day, as `day_of` its beginning: what formed on it formed until then, at most.

    A day is taken for 1/365 of a year, as long as a day can be.
    """
    return day_of(text) + 1 / 365


def identity_of(curve: Curve) -> dict[str, Any]:
    """Return a curve as the ``library`` of a provenance.

    Of several files the SHA-256 is that of their SHA-256 in hexadecimal, a line each, in the order
    in which they count.
    """
    sums = [source["sha256"] for source in curve.sources]
    text = "".join(f"{sha256}\n" for sha256 in sums).encode()
    return {
        "name": curve.name,
        "version": "",
        "sha256": sums[0] if len(sums) == 1 else hashlib.sha256(text).hexdigest(),
        "files": [dict(source) for source in curve.sources],
    }


def level_ranges_of(years: DatedYears) -> tuple[LevelRanges, ...]:
    """Return the ranges of each level that is reported; none of a date that is not stated."""
    return tuple(LevelRanges(level, tuple(years.ranges(level))) for level in LEVELS)


def statements_on(years: DatedYears, dates: Sequence[str]) -> tuple[Statement, ...]:
    """Return what the years of a tissue say of each day."""
    return tuple(Statement(date=day, **years.statements(day_of(day))) for day in dates)


def ranges_at(ranges: Sequence[LevelRanges], level: float) -> tuple[Range, ...]:
    """Return the ranges of a level; none where the record has none."""
    return next((part.ranges for part in ranges if abs(part.level - level) < 1e-9), ())


def range_lines(ranges: Sequence[LevelRanges]) -> list[tuple[str, str]]:
    """Return label and text of the ranges of 68 % and of 95 %."""
    lines = []
    for level in (0.68, 0.95):
        text = _("; ").join(
            _("{start:.1f}-{end:.1f} (probability {p})").format(
                start=years.start, end=years.end, p=shown_probability(years.probability)
            )
            for years in ranges_at(ranges, level)
        )
        lines.append((_("{level:.0%} ranges").format(level=level), text))
    if (count := len(ranges_at(ranges, 0.95))) > 1:
        times = _("The value fits {count} separate times.").format(count=count)
        lines.append((_("Times"), times))
    return lines


def ranges_text(ranges: Sequence[Range]) -> str:
    """Return ranges of years in words."""
    return _(" or ").join(
        f"{numeral(years.start, '.1f')}-{numeral(years.end, '.1f')}" for years in ranges
    )


def statement_lines(statements: Sequence[Statement]) -> list[tuple[str, str]]:
    """Return label and text of what is said of each day."""
    return [
        (_("After {date}").format(date=statement.date), statement.in_words())
        for statement in statements
    ]


def age_provenance(
    library: Mapping[str, Any], parameters: Mapping[str, Any], source: Mapping[str, Any]
) -> Provenance:
    """Return how an age was reached: `library` is the curve or clock, `source` the table."""
    import numpy

    return make_provenance(
        dependencies={"numpy": numpy.__version__},
        library=dict(library),
        parameters=dict(parameters),
        input=dict(source),
    )


@dataclass(frozen=True, kw_only=True)
class DatedAge(Age):
    """When a tissue formed: the base of the results of radiocarbon.

    Attributes
    ----------
    fit : Fit
        Whether what was measured is explained; where it is not, no date is stated.
    """

    fit: Fit
    statements: tuple[Statement, ...]

    @property
    @abstractmethod
    def years(self) -> tuple[LevelRanges, ...]:
        """The ranges of each level."""

    @property
    def is_dated(self) -> bool:
        """Whether a date is stated."""
        return self.fit.passed

    def plot(self, axes: Any = None) -> Any:
        """Draw the ranges of years; parameters as of `Age.plot`."""
        stated = [level for level in self.years if level.ranges]
        axes = open_axes(axes, rows=len(stated) + 2)
        if not stated:
            show_text(axes, self.headline(), title=self.sample)
            return axes
        labels = [_("{level:.0%} of the probability").format(level=level.level) for level in stated]
        title = f"{self.sample}: {self.headline()}".removeprefix(": ")
        draw_bars(axes, labels, [0.0] * len(labels), [BARS] * len(labels), title=title)
        shown = [statement.year for statement in self.statements]
        for row, level in enumerate(stated):
            spans = [(years.start, years.end - years.start) for years in level.ranges]
            axes.broken_barh(spans, (row - 0.35, 0.7), color=BARS)
            shown += [end for years in level.ranges for end in (years.start, years.end)]
        for statement in self.statements:
            axes.axvline(statement.year, color=FAINT, linestyle="--")
            axes.annotate(
                statement.date,
                (statement.year, len(stated) - 0.5),
                fontsize=8,
                parse_math=False,
            )
        margin = max(1.0, 0.05 * (max(shown) - min(shown)))
        axes.set_xlim(min(shown) - margin, max(shown) + margin)
        axes.set_xlabel(_("calendar year"))
        return axes


@dataclass(frozen=True, kw_only=True)
class RadiocarbonAge(DatedAge):
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
        "The date is that of this tissue's formation, not of the animal's death. A priori, every "
        "year up to the seizure is equally probable."
    )
    KEYS: ClassVar = (
        "sample", "method", "result", "fit", "f14c", "sd", "curve", "curve_files", "until", "since",
        "position", "mode", "mean", "median", "ranges", "statements", "explanation", "warnings",
        "limits", "provenance",
    )  # fmt: skip

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

    @property
    def years(self) -> tuple[LevelRanges, ...]:
        """The ranges of each level."""
        return self.ranges

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
class SeriesAge(DatedAge):
    """When the tissue of an object formed that formed last, by several samples of it.

    Attributes
    ----------
    fit : Fit
        Whether the samples look as the model says.
    growth_rate_mean : float or None
        Units of distance a year; None where no date is stated.
    years_before_last, misfits : tuple of float
        Of each sample, as of `forensics.age.radiocarbon.Series`.
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

    last_formed: tuple[LevelRanges, ...]
    growth_rate_mean: float | None
    years_before_last: tuple[float, ...]
    misfits: tuple[float, ...]

    @property
    def years(self) -> tuple[LevelRanges, ...]:
        """The ranges of each level."""
        return self.last_formed

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
    given: dict[str, Any] = {
        name: getattr(calibration, name) for name in ("f14c", "sd", "until", "since", "position")
    }
    return RadiocarbonAge(
        sample=sample,
        fit=calibration.fit,
        curve=calibration.curve.name,
        curve_files=tuple(calibration.curve.sources),
        mode=calibration.mode,
        mean=calibration.mean,
        median=calibration.median,
        ranges=level_ranges_of(calibration),
        statements=statements_on(calibration, dates),
        notices=calibration.notices,
        provenance=age_provenance(
            identity_of(calibration.curve),
            {**given, "dates": list(dates), **parameters},
            {},
        ),
        **given,
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
        last_formed=level_ranges_of(series),
        growth_rate_mean=(
            float((series.rates * series.rate_probabilities).sum()) if series.fit.passed else None
        ),
        years_before_last=series.ages,
        misfits=series.misfits,
        statements=statements_on(series, dates),
        notices=series.notices,
        provenance=age_provenance(identity_of(curve), {**parameters, "dates": list(dates)}, source),
    )


def date_series(
    table: Table,
    curve: Curve,
    growth: GrowthOptions,
    dates: Sequence[str] = (),
    *,
    until: float,
    since: float | None,
    position: str,
    sample: str = "",
    parameters: Mapping[str, Any] = {},
) -> SeriesAge:
    """Date the samples of a table jointly.

    Parameters
    ----------
    table : Table
        From `forensics.age.tables.read_table`.
    until, since, position
        As of `forensics.age.radiocarbon.calibrate`; the position is that of distance 0.
    dates, sample, parameters
        As of `radiocarbon_result`.
    """
    measured = series_of(table)
    bounds = {"until": until, "since": since}
    series = calibrate_series(
        measured.values, measured.errors, measured.distances, curve, slowest=growth.slowest,
        fastest=growth.fastest, until=until, since=since, has_last=position == "last_formed",
    )  # fmt: skip
    return series_result(
        series, curve, dates, sample=sample, source=_file_of(table),
        parameters={**parameters, **growth.parameters(), **bounds, "position": position},
    )  # fmt: skip


def _file_of(table: Table) -> dict[str, Any]:
    return {"file": table.source, "sha256": table.sha256}


def _fit_text(fit: Fit) -> str:
    if fit.passed:
        text = _("the samples fit one year and growth rate (p = {p}, must be above {level})")
    else:
        text = _("the samples fit no year and growth rate (p = {p}, must be above {level})")
    return text.format(**fit.shown())


@dataclass(frozen=True, kw_only=True)
class MethylationAge(Age):
    """How old an animal was, by an epigenetic clock.

    Attributes
    ----------
    age : float
        Years.
    interval : tuple of float, or None
        Prediction interval; None where the clock has no known errors.
    linear : float
        The sum before the transform.
    missing : tuple of str
        Sites of the clock that were not measured.
    species, tissue : str or None
        That the clock was trained on; None of a published clock.
    """

    METHOD: ClassVar = "methylation"
    LIMIT: ClassVar = N_(
        "The age at the time when the tissue was taken, for species, tissue and array like those "
        "that the clock was trained on."
    )
    KEYS: ClassVar = (
        "sample", "method", "result", "age", "interval", "level", "linear", "missing", "species",
        "tissue", "animals", "explanation", "warnings", "limits", "provenance",
    )  # fmt: skip

    age: float
    interval: tuple[float, float] | None
    level: float | None
    linear: float
    missing: tuple[str, ...]
    species: str | None = field(default=None, metadata=stored(omit_none=True))
    tissue: str | None = field(default=None, metadata=stored(omit_none=True))
    animals: int | None = field(default=None, metadata=stored(omit_none=True))

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.interval is None:
            return _("{age:.1f} years").format(age=self.age)
        return _("{age:.1f} years ({low:.1f} to {high:.1f}, {level:.0%} interval)").format(
            age=self.age, low=self.interval[0], high=self.interval[1], level=self.level
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        clock = f"{self.provenance.library['name']} ({self.provenance.parameters['transform']})"
        lines = [(_("Clock"), clock)]
        if self.species is not None:
            trained = _("{species}, {tissue}; {animals} animals").format(
                species=self.species, tissue=self.tissue, animals=self.animals
            )
            lines.append((_("Trained on"), trained))
        return lines

    def plot(self, axes: Any = None) -> Any:
        """Draw the age with its interval; parameters as of `Age.plot`."""
        axes = open_axes(axes, rows=1)
        label = _("age")
        if self.interval is not None and self.level is not None:
            label = _("{level:.0%} interval").format(level=self.level)
        title = f"{self.sample}: {self.headline()}".removeprefix(": ")
        draw_bars(axes, [label], [0.0], [BARS], title=title)
        if self.interval is not None:
            low, high = self.interval
            axes.broken_barh([(low, high - low)], (-0.35, 0.7), color=FAINT)
        axes.plot([self.age], [0], "o", color=BARS)
        axes.set_xlim(0.0, 1.1 * max(self.age, *(self.interval or ()), 1.0))
        axes.set_xlabel(_("years"))
        return axes

    def rows(self) -> list[dict[str, Any]]:
        """Return one row, under a head that is the same for every clock."""
        low, high = self.interval or (None, None)
        (row,) = super().rows()
        row |= {name: getattr(self, name) for name in ("species", "tissue", "animals")}
        kept = {name: value for name, value in row.items() if name not in ("method", "interval")}
        return [kept | {"low": low, "high": high}]


def methylation_result(
    estimate: AgeEstimate,
    clock: Clock,
    *,
    sample: str = "",
    life: LifeHistory | None = None,
    parameters: Mapping[str, Any] = {},
    source: Mapping[str, Any] = {},
) -> MethylationAge:
    """Return an age by a clock as a result.

    Parameters
    ----------
    life : LifeHistory, optional
        As it was given to the clock; a notice says where the age is beyond its lifespan.
    parameters, source : mapping
        For the provenance; `source` is ``file`` and ``sha256`` of the table.
    """
    card = clock.card
    trained = {name: card[name] for name in ("species", "tissue", "animals")} if card else {}
    return MethylationAge(
        sample=sample,
        notices=_clock_notices(estimate, card, life),
        provenance=age_provenance(
            {"name": clock.name, "version": "", "sha256": clock.sha256},
            {"transform": clock.transform, **parameters},
            source,
        ),
        **vars(estimate),
        **trained,
    )


def age_of_sample(
    clock: Clock,
    samples: Table,
    sample: str,
    methylation: Mapping[str, float],
    *,
    life: LifeHistory | None = None,
    typical: TypicalValues | None = None,
    level: float = LEVEL,
) -> MethylationAge:
    """Return the age of a sample of a table, with how it was reached.

    Parameters
    ----------
    samples : Table
        Named in the provenance.
    methylation : mapping of str to float
        Of the sample, from `forensics.age.tables.methylation_of`.
    life, level
        As of `forensics.age.methylation.age_of`.
    typical : TypicalValues, optional
        For sites that were not measured.

    Raises
    ------
    InputError, UsageError
        As `forensics.age.methylation.age_of`.
    """
    stood_in = "clock" if clock.card else None
    return methylation_result(
        age_of(
            clock,
            methylation,
            life=life,
            typical=None if typical is None else typical.values,
            level=level,
        ),
        clock,
        sample=sample,
        life=life,
        parameters={
            "life_history": None if life is None else life.parameters(),
            "typical": typical.source if typical else stood_in,
            "level": level if clock.card else None,
        },
        source=_file_of(samples),
    )


def _clock_notices(
    estimate: AgeEstimate, card: Mapping[str, Any] | None, life: LifeHistory | None
) -> tuple[Notice, ...]:
    noted = []
    if card and not card["youngest"] <= estimate.age <= card["oldest"]:
        noted.append(notices.OUTSIDE_TRAINING(youngest=card["youngest"], oldest=card["oldest"]))
    if estimate.age < 0:
        noted.append(notices.BEFORE_BIRTH())
    if life and estimate.age > life.lifespan:
        noted.append(notices.BEYOND_LIFESPAN(lifespan=life.lifespan))
    if estimate.interval is None:
        noted.append(notices.NO_INTERVAL())
    if estimate.missing:
        noted.append(notices.SITES_MISSING(count=len(estimate.missing)))
    return tuple(noted)


KINDS: dict[str, type[Age]] = {
    kind.METHOD: kind for kind in (RadiocarbonAge, SeriesAge, MethylationAge)
}
"""The result of each method, by its name in what is stored."""


_CURVE, _VALUE, _YEARS, _RANGE = "#1d4e89", "#b5471b", "#8a8a8a", "#eca25c"
_MARGIN = 3.0  # years beside the years in question


def save_calibration(calibration: Calibration, path: AnyPath, *, title: str = "") -> None:
    """Draw a calibrated date and write it to a new PNG or SVG file."""
    draw_file(path, lambda axes: draw_calibration(axes, calibration, title=title), size=(7.0, 4.5))


def draw_calibration(axes: Any, calibration: Calibration, *, title: str = "") -> None:
    """Draw the measured value, the curve and the years on axes; the whole curve where no year fits."""
    first, last = calibration.curve.span
    if calibration.fit.passed:
        first = max(first, float(calibration.years[0]) - _MARGIN)
        last = min(last, float(calibration.years[-1]) + _MARGIN)
    years = np.linspace(first, last, 2000)
    mean, error = calibration.curve.at(years)
    axes.fill_between(years, mean - error, mean + error, color=_CURVE, alpha=0.35, linewidth=0)
    axes.plot(years, mean, color=_CURVE, linewidth=0.8, label=_("curve"))
    axes.axhspan(
        calibration.f14c - calibration.sd,
        calibration.f14c + calibration.sd,
        color=_VALUE,
        alpha=0.3,
    )
    axes.axhline(calibration.f14c, color=_VALUE, linewidth=0.8, label=_("measured"))
    axes.set(xlabel=_("calendar year"), ylabel="F14C", xlim=(first, last), title=title)
    axes.legend(frameon=False, loc="upper right")
    if not calibration.fit.passed:
        return
    below = axes.twinx()
    density = calibration.probabilities / calibration.widths
    below.fill_between(calibration.years, density, step="mid", color=_YEARS, linewidth=0)
    for years_in in calibration.ranges(0.95):
        inside = (calibration.years >= years_in.start) & (calibration.years <= years_in.end)
        below.fill_between(
            calibration.years, np.where(inside, density, 0.0), step="mid", color=_RANGE, linewidth=0
        )
        below.plot([years_in.start, years_in.end], [0, 0], color="#000000", linewidth=3)
    below.set(ylim=(0, 2.5 * float(density.max())), yticks=[])
    axes.set_zorder(below.get_zorder() + 1)
    axes.patch.set_visible(False)
