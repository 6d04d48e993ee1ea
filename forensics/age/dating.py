"""What results of all methods of dating share: statements on days, ranges of years, provenance."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self, cast

from forensics.age.curves import Curve
from forensics.age.radiocarbon import LEVELS, Calibration, Range
from forensics.age.series import Series
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.result import Result
from forensics.core.stored import reported, wrong_value
from forensics.errors import UsageError
from forensics.io.dates import parse_day
from forensics.messages import _, numeral
from forensics.notices import age as notices
from forensics.result import shown_probability

__all__ = [
    "Age",
    "LevelRanges",
    "Statement",
    "age_provenance",
    "day_of",
    "end_of",
    "identity_of",
    "level_ranges_of",
    "range_lines",
    "ranges_at",
    "ranges_text",
    "statement_lines",
    "statements_on",
]


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

    NOTICE_KINDS: ClassVar = notices.KINDS
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
        """
        from forensics.age.figures import (
            plot_age,  # it imports the classes that derive from this one
        )

        return plot_age(self, axes)

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
        from forensics.age.results import KINDS  # they derive from this class

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


def level_ranges_of(years: Calibration | Series, is_stated: bool) -> tuple[LevelRanges, ...]:
    """Return the ranges of each level that is reported; none of a date that is not stated."""
    return tuple(
        LevelRanges(level, tuple(years.ranges(level)) if is_stated else ()) for level in LEVELS
    )


def statements_on(years: Calibration | Series, dates: Sequence[str]) -> tuple[Statement, ...]:
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
