"""The result of asking how old something is, with how it was reached."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Self, cast

from forensics.age.curves import Curve
from forensics.age.methylation import AgeEstimate, Clock, LifeHistory
from forensics.age.radiocarbon import LEVELS, POSITIONS, Calibration, Range
from forensics.age.series import Series
from forensics.core.notice import Notice
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.result import Result
from forensics.core.stored import reported, stored, wrong_value
from forensics.errors import UsageError
from forensics.fit import Fit
from forensics.io.dates import parse_day
from forensics.messages import N_, _, numeral
from forensics.notices import age as notices
from forensics.result import shown_probability

__all__ = [
    "Age",
    "LevelRanges",
    "MethylationAge",
    "RadiocarbonAge",
    "SeriesAge",
    "Statement",
    "day_of",
    "end_of",
    "identity_of",
    "methylation_result",
    "radiocarbon_result",
    "series_result",
]

LIMITS = {
    "radiocarbon": N_(
        "The date is that of this tissue's formation, not of the animal's death. Every year up to "
        "the seizure is taken as equally probable beforehand."
    ),
    "series": N_(
        "The date is that of the tissue that formed last, if growth was even but for "
        "5 % of each sample's time, and the distances were measured from it."
    ),
    "methylation": N_(
        "The age at the time when the tissue was taken, for species, tissue and array like those "
        "that the clock was trained on."
    ),
}


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
            return _("nothing is said, since no year fits")
        text = _(
            "this tissue formed after it with probability {p}; so death after it has at least this "
            "probability."
        ).format(p=shown_probability(self.formed_after))
        if self.died_before is None:
            return text + " " + _("Of death before it nothing is said.")
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
    level : float
    ranges : tuple of Range
        Earliest first; none where no date is given.
    """

    level: float
    ranges: tuple[Range, ...]


@dataclass(frozen=True, kw_only=True)
class Age(Result):
    """What was found of one sample: the base of the results of the three methods.

    Attributes
    ----------
    provenance : Provenance
        ``library`` names the curve or the clock.
    """

    NOTICE_KINDS: ClassVar = notices.KINDS
    METHOD: ClassVar[str]

    @property
    @reported("method")
    def method(self) -> str:
        """``radiocarbon``, ``series`` or ``methylation``."""
        return self.METHOD

    @reported("limits")
    def limits(self) -> list[str]:
        """Return what this method cannot say."""
        return [_(LIMITS[self.method])]

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
        for kind in (RadiocarbonAge, SeriesAge, MethylationAge):
            if method == kind.METHOD:
                return cast("Self", kind.from_stored(record))
        raise wrong_value("method", method, ", ".join(LIMITS))


@dataclass(frozen=True, kw_only=True)
class RadiocarbonAge(Age):
    """When the tissue of one sample formed.

    Attributes
    ----------
    fit : Fit or None
        Whether any year explains the value; None of a finding of an older version.
    f14c, sd : float
        What was measured.
    curve : str
    curve_files : tuple of mapping
        ``file`` and ``sha256``.
    until, since : float
        Bounds of the year; `since` is None where none was given.
    position : str
        A key of `forensics.age.defaults.POSITIONS`.
    mode, mean, median : float or None
        None where no year fits.
    ranges : tuple of LevelRanges
    statements : tuple of Statement
    """

    METHOD: ClassVar = "radiocarbon"
    KEYS: ClassVar = (
        "sample", "method", "result", "fit", "f14c", "sd", "curve", "curve_files", "until", "since",
        "position", "mode", "mean", "median", "ranges", "statements", "explanation", "warnings",
        "limits", "provenance",
    )  # fmt: skip

    fit: Fit | None = field(metadata=stored(omit_none=True))
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
            ranges=_ranges(_at_level(self.ranges, 0.95))
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        measured = _("F14C {f14c:.4f} ± {sd:.4f}").format(f14c=self.f14c, sd=self.sd)
        return [
            (_("Measured"), measured),
            *(_range_lines(self.ranges) if self.is_dated else ()),
            (_("Position"), _(POSITIONS[self.position])),
            *_statement_lines(self.statements),
        ]


@dataclass(frozen=True, kw_only=True)
class SeriesAge(Age):
    """When the tissue of an object formed that formed last, by several samples of it.

    Attributes
    ----------
    fit : Fit or None
        Whether the samples look as the model says; None of a finding of an older version.
    last_formed : tuple of LevelRanges
    growth_rate_mean : float
        Units of distance a year.
    years_before_last, misfits : tuple of float
        Of each sample, as of `forensics.age.series.Series`.
    statements : tuple of Statement
    """

    METHOD: ClassVar = "series"
    KEYS: ClassVar = (
        "sample", "method", "result", "fit", "last_formed", "growth_rate_mean", "years_before_last",
        "misfits", "statements", "explanation", "warnings", "limits", "provenance",
    )  # fmt: skip

    fit: Fit | None = field(metadata=stored(omit_none=True))
    last_formed: tuple[LevelRanges, ...]
    growth_rate_mean: float
    years_before_last: tuple[float, ...]
    misfits: tuple[float, ...]
    statements: tuple[Statement, ...]

    @property
    def is_dated(self) -> bool:
        """Whether the samples fit, as far as that was checked."""
        return self.fit is None or self.fit.passed

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.is_dated:
            return _("no date: no year and growth rate explain these samples together")
        return _("the tissue that formed last did so in {ranges} (95 %)").format(
            ranges=_ranges(_at_level(self.last_formed, 0.95))
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        lines = []
        if self.is_dated:
            growth = _("{rate:.3g} units of distance a year").format(rate=self.growth_rate_mean)
            lines += [*_range_lines(self.last_formed), (_("Growth"), growth)]
        if self.fit is not None:
            lines.append((_("Fit"), _fit_text(self.fit)))
        return [*lines, *_statement_lines(self.statements)]


@dataclass(frozen=True, kw_only=True)
class MethylationAge(Age):
    """How old an animal was, by an epigenetic clock.

    Attributes
    ----------
    age : float
        Years.
    interval : tuple of float, or None
        Prediction interval; None where the clock has no known errors.
    level : float or None
    linear : float
        The sum before the transform.
    missing : tuple of str
        Sites of the clock that were not measured.
    species, tissue : str or None
        That the clock was trained on; None of a published clock.
    animals : int or None
    """

    METHOD: ClassVar = "methylation"
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

    def rows(self) -> list[dict[str, Any]]:
        """Return one row, under a head that is the same for every clock."""
        low, high = self.interval or (None, None)
        provenance = self.provenance
        return [
            {
                "sample": self.sample,
                "result": self.headline(),
                "age": self.age,
                "level": self.level,
                "linear": self.linear,
                "species": self.species,
                "tissue": self.tissue,
                "animals": self.animals,
                "low": low,
                "high": high,
                "warnings": " ".join(notice.code for notice in self.notices),
                "library": provenance.library["name"],
                "library_sha256": provenance.library["sha256"],
                "version": provenance.version,
                "time": provenance.time,
            }
        ]


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
            _("{text!r} is no day; write year, month and day, such as 1990-01-18.").format(
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


def radiocarbon_result(
    found: Calibration,
    dates: Sequence[str] = (),
    *,
    sample: str = "",
    parameters: Mapping[str, Any] = {},
    withhold: bool = True,
) -> RadiocarbonAge:
    """Return a calibrated date as a result.

    Parameters
    ----------
    found : Calibration
    dates : sequence of str
        Days, as for `day_of`; of each it is said what follows.
    sample : str
    parameters : mapping
        Further parameters for the provenance, such as the 14C age that was given.
    withhold : bool
        As for `series_result`.
    """
    is_stated = found.fit.passed or not withhold
    measured = {"f14c": found.f14c, "sd": found.sd, "until": found.until, "since": found.since}
    return RadiocarbonAge(
        sample=sample,
        fit=found.fit if withhold else None,
        f14c=found.f14c,
        sd=found.sd,
        curve=found.curve.name,
        curve_files=tuple(found.curve.sources),
        until=found.until,
        since=found.since,
        position=found.position,
        mode=found.mode if is_stated else None,
        mean=found.mean if is_stated else None,
        median=found.median if is_stated else None,
        ranges=_level_ranges(found, is_stated),
        statements=_statements(found, dates),
        notices=found.notices,
        provenance=_provenance(
            identity_of(found.curve),
            {**measured, "position": found.position, "dates": list(dates), **parameters},
            {},
        ),
    )


def series_result(
    found: Series,
    curve: Curve,
    dates: Sequence[str] = (),
    *,
    sample: str = "",
    parameters: Mapping[str, Any] = {},
    source: Mapping[str, Any] = {},
    withhold: bool = True,
) -> SeriesAge:
    """Return a series dated jointly as a result; parameters as for `radiocarbon_result`.

    `source` is ``file`` and ``sha256`` of the table. Where the samples do not fit, no date is
    stated. `withhold` is False only where a finding of an older version, which made no check of fit,
    is computed again: then the numbers are those of then, and the notice stands beside them.
    """
    fit = found.fit
    if not withhold:
        found = replace(
            found,
            fit=Fit(()),
            notices=tuple(
                notices.NO_FIT("unchecked", **fit.parameters())
                if notice.code == notices.NO_FIT.code
                else notice
                for notice in found.notices
            ),
        )
    return SeriesAge(
        sample=sample,
        fit=fit if withhold else None,
        last_formed=_level_ranges(found, found.fit.passed),
        growth_rate_mean=float((found.rates * found.rate_probabilities).sum()),
        years_before_last=found.ages,
        misfits=found.misfits,
        statements=_statements(found, dates),
        notices=found.notices,
        provenance=_provenance(identity_of(curve), {**parameters, "dates": list(dates)}, source),
    )


def methylation_result(
    found: AgeEstimate,
    clock: Clock,
    *,
    sample: str = "",
    card: Mapping[str, Any] | None = None,
    life: LifeHistory | None = None,
    parameters: Mapping[str, Any] = {},
    source: Mapping[str, Any] = {},
) -> MethylationAge:
    """Return an age by a clock as a result.

    Parameters
    ----------
    found : AgeEstimate
    clock : Clock
    sample : str
    card : mapping, optional
        Of a clock that was trained here: what it was trained on.
    life : LifeHistory, optional
        As it was given to the clock; a notice says where the age is beyond its lifespan.
    parameters, source : mapping
        For the provenance; `source` is ``file`` and ``sha256`` of the table.
    """
    trained = {name: card[name] for name in ("species", "tissue", "animals")} if card else {}
    return MethylationAge(
        sample=sample,
        age=found.age,
        interval=found.interval,
        level=found.level,
        linear=found.linear,
        missing=found.missing,
        notices=_clock_notices(found, card, life),
        provenance=_provenance(
            {"name": clock.name, "version": "", "sha256": clock.sha256},
            {"transform": clock.transform, **parameters},
            source,
        ),
        **trained,
    )


def _clock_notices(
    found: AgeEstimate, card: Mapping[str, Any] | None, life: LifeHistory | None
) -> tuple[Notice, ...]:
    noted = []
    if card and not card["youngest"] <= found.age <= card["oldest"]:
        noted.append(notices.OUTSIDE_TRAINING(youngest=card["youngest"], oldest=card["oldest"]))
    if life and found.age > life.lifespan:
        noted.append(notices.BEYOND_LIFESPAN(lifespan=life.lifespan))
    if found.interval is None:
        noted.append(notices.NO_INTERVAL())
    if found.missing:
        noted.append(notices.SITES_MISSING(count=len(found.missing)))
    return tuple(noted)


def _level_ranges(found: Calibration | Series, is_stated: bool) -> tuple[LevelRanges, ...]:
    return tuple(
        LevelRanges(level, tuple(found.ranges(level)) if is_stated else ()) for level in LEVELS
    )


def _statements(found: Calibration | Series, dates: Sequence[str]) -> tuple[Statement, ...]:
    return tuple(Statement(date=day, **found.statements(day_of(day))) for day in dates)


def _at_level(ranges: Sequence[LevelRanges], level: float) -> tuple[Range, ...]:
    """Return the ranges of a level; none where the record has none."""
    return next((held.ranges for held in ranges if abs(held.level - level) < 1e-9), ())


def _range_lines(ranges: Sequence[LevelRanges]) -> list[tuple[str, str]]:
    lines = []
    for level in (0.68, 0.95):
        text = _("; ").join(
            _("{start:.1f}-{end:.1f} (probability {p})").format(
                start=years.start, end=years.end, p=shown_probability(years.probability)
            )
            for years in _at_level(ranges, level)
        )
        lines.append((_("{level:.0%} ranges").format(level=level), text))
    if (count := len(_at_level(ranges, 0.95))) > 1:
        times = _("The value fits {count} separate times.").format(count=count)
        lines.append((_("Times"), times))
    return lines


def _ranges(ranges: Sequence[Range]) -> str:
    return _(" or ").join(
        f"{numeral(years.start, '.1f')}-{numeral(years.end, '.1f')}" for years in ranges
    )


def _statement_lines(statements: Sequence[Statement]) -> list[tuple[str, str]]:
    return [
        (_("After {date}").format(date=statement.date), statement.in_words())
        for statement in statements
    ]


def _fit_text(fit: Fit) -> str:
    if fit.passed:
        text = _("the samples fit one year and growth rate (p = {p}, must be above {level})")
    else:
        text = _("the samples fit no year and growth rate (p = {p}, must be above {level})")
    return text.format(**fit.shown())


def _provenance(
    library: Mapping[str, Any], parameters: Mapping[str, Any], source: Mapping[str, Any]
) -> Provenance:
    import numpy

    return make_provenance(
        dependencies={"numpy": numpy.__version__},
        library=dict(library),
        parameters=dict(parameters),
        input=dict(source),
    )
