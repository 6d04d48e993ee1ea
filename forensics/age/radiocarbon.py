"""When a tissue took up its carbon, from its F14C.

The prior is flat over calendar years up to the seizure. The likelihood of a year is normal in F14C,
with the variances of measurement and curve added; so is the practice of the field (Bronk Ramsey
2009, doi:10.1017/S0033822200033865). A post-bomb value usually fits two times, before and after the
peak of 1963-65; both are reported.

What is dated is the formation of the tissue that was sampled, not the death of the animal.

**Several samples** along one tusk, horn or trunk are dated together. They lie at measured distances from the place
that formed last. If growth was even, sample i formed ``d_i / g`` years before the last tissue, so that one year (of
the last tissue) and one rate g explain all values. That settles which side of the bomb peak they are from, which a
single value often cannot.

**Curves** are read from the files that laboratories have. ``.14C`` files hold, a line a point: cal BP (AD = 1950 -
cal BP), 14C age BP, its standard error; separated by blanks or commas, lines with ``#`` are comments. A CSV with a
header may give ``year`` (AD) and ``F14C`` with ``sd`` instead.
"""

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from forensics.age.options import POSITIONS
from forensics.core.notice import Notice, codes_of
from forensics.core.stored import stored
from forensics.errors import InputError, UsageError
from forensics.fit import Fit, FitStatistic, normal_p
from forensics.io.files import AnyPath, read_limited, shown_name
from forensics.io.numbers import parse_number
from forensics.messages import N_, _
from forensics.notices import age as notices
from forensics.stats import greatest, smallest_set

# Years; by convention 14C ages are of this mean life (Stuiver & Polach 1977,
# doi:10.1017/S0033822200003672).
LIBBY_MEAN_LIFE = 8033.0
# The longest curves (IntCal20, monthly post-bomb) have 10,000 points; 0.3 MB.
_MAX_BYTES = 16 * 2**20
# F14C of the atmosphere has been between 0 (55,000 years ago) and 2 (1963/64).
_HIGHEST_F14C = 3.0
_COLUMNS = N_(
    "found {found!r}; expected cal BP, 14C age and its error, or a header with year, F14C, sd"
)
# IntCal20 begins 55,000 years before 1950; what reaches far beyond it is not a curve, and would take
# memory without end.
_FIRST_YEAR, _LAST_YEAR = -60_000.0, 2_200.0

# Years that two curves may leave open between them before it is called a gap.
_GAP = 20.0
LEVELS = (0.68, 0.95, 0.99)
# Width of a year's cells. Post-bomb curves are of seasons or years; before them, of years.
STEP, OLD_STEP, FINE_FROM = 0.05, 1.0, 1930.0
# Of the years in which the curve is nearest, the measured value may be so many standard
# deviations away; beyond, no year explains it (two-sided 0.27 % of a normal).
MISFIT = 3.0
# Of the greatest density; what is below it adds less than 1e-6 to any sum.
_NEGLIGIBLE = 1e-9
# F14C rose by 0.4 a year in 1962 to 1964, or 0.02 in a cell: several standard deviations. The
# likelihood is therefore averaged over so many points of each fine cell, 0.002 apart at most.
_POINTS = 10
# From 2009 to 2019 F14C of the atmosphere fell by 0.003 to 0.005 a year (post-bomb curves NH1 and
# SH3); after the end of a curve it is taken to have fallen by no more than this.
FASTEST_FALL = 0.006
# The best laboratories state 0.001; a smaller error is a slip of the pen, and narrower than cells.
MIN_SD = 1e-4
_MAX_SD = 3.0
# Growth is never quite even: each sample's time may be off by this share of its own time before
# the last tissue (standard deviation). A stated choice; docs/age.md shows how much it matters.
UNEVEN = 0.05
# Steps between growth rates, on the log scale: below half of `UNEVEN`, which smooths over them.
_RATE_STEP = 0.02
_MIN_RATES = 41
# Bounds of the growth rate farther apart than this say nothing of growth.
MAX_RATIO = 1000.0
# Fine cells are used while the years in question come to no more than this; beyond, cells of a
# year, over each of which the likelihood is averaged.
_MAX_FINE_YEARS = 600.0
# Of the greatest likelihood of a sample; below it a year is not looked at. 7.4 standard deviations.
_NEGLIGIBLE_JOINTLY = 1e-12
_MAX_SAMPLES = 200
# Points of the joint posterior at which the check of fit is made, evenly spaced in probability, and
# points of each sample's uneven time. Twice as many of both change its p-value by under 2 %.
_FIT_POINTS = 400
_UNEVEN_POINTS = 41
# A posterior of rates that rises above so many times the flat prior says something of the rate.
_PEAKED = 1.5


# -- curves ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Curve:
    """A calibration curve.

    Attributes
    ----------
    name : str
        From the name of the file.
    years : numpy.ndarray of float64, shape (k,)
        Calendar years AD (astronomical: 0 is 1 BC), ascending.
    f14c, sd : numpy.ndarray of float64, shape (k,)
        Fraction modern and its standard error.
    sources : tuple of dict
        ``file`` and ``sha256`` of what it was read from.
    """

    name: str
    years: np.ndarray
    f14c: np.ndarray
    sd: np.ndarray
    sources: tuple[dict[str, Any], ...] = ()

    @property
    def span(self) -> tuple[float, float]:
        """First and last calendar year."""
        return float(self.years[0]), float(self.years[-1])

    def at(self, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return F14C and its standard error at calendar years, by linear interpolation."""
        return np.interp(years, self.years, self.f14c), np.interp(years, self.years, self.sd)


def f14c_of_age(
    age: float | np.ndarray, error: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return F14C and its standard error of 14C ages BP.

    Examples
    --------
    >>> f14c, error = f14c_of_age(0.0, 8.033)
    >>> f"{f14c:.3f} {error:.4f}"
    '1.000 0.0010'
    """
    with np.errstate(over="ignore", invalid="ignore"):  # of ages that are none; callers look
        f14c = np.exp(-np.asarray(age, dtype=np.float64) / LIBBY_MEAN_LIFE)
        return f14c, f14c * np.asarray(error, dtype=np.float64) / LIBBY_MEAN_LIFE


def read_curve(path: AnyPath) -> Curve:
    """Read a calibration curve.

    Raises
    ------
    InputError
        If it cannot be read, or a line holds no point of a curve.
    """
    path = Path(path)
    content = read_limited(path, _MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # names of authors in comments
    points: list[list[float]] = []
    direct: list[int] = []  # columns of year, F14C and sd, where a header names them
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        semicolons = ";" in line  # then a comma is that of decimals
        cells = line.replace(";" if semicolons else ",", " ").split()
        try:
            row = [parse_number(cell, decimal="," if semicolons else "") for cell in cells[:3]]
        except ValueError as error:
            names = [cell.strip('"').casefold() for cell in cells]
            if points or direct or not {"year", "f14c", "sd"} <= set(names[:3]):
                found = line.strip()[:60]
                raise InputError(
                    _(_COLUMNS).format(found=found), source=str(path), line=number
                ) from error
            direct = [names.index(name) for name in ("year", "f14c", "sd")]
            continue
        if len(row) < 3 or not np.isfinite(row).all() or row[2] < 0:
            raise InputError(
                _("found {found!r}; expected three numbers, the last of them not below 0").format(
                    found=line.strip()[:60]
                ),
                source=str(path),
                line=number,
            )
        points.append([row[place] for place in direct] if direct else row)
    if len(points) < 2:
        raise InputError(_("this is not a calibration curve: it has no points"), source=str(path))
    table = np.array(points, dtype=np.float64)
    if direct:
        years, f14c, sd = table.T
    else:
        if (np.abs(table[:, 1]) <= _HIGHEST_F14C).all():  # as F14C is, and ages are not
            raise InputError(_(_COLUMNS).format(found=line.strip()[:60]), source=str(path))
        years = 1950.0 - table[:, 0]
        f14c, sd = f14c_of_age(table[:, 1], table[:, 2])
    order = np.argsort(years, kind="stable")
    years, f14c, sd = years[order], f14c[order], sd[order]
    if (np.diff(years) <= 0).any():
        twice = years[:-1][np.diff(years) <= 0][0]
        raise InputError(
            _("the year {year:g} occurs twice in the curve").format(year=twice), source=str(path)
        )
    if years[0] < _FIRST_YEAR or years[-1] > _LAST_YEAR:
        raise InputError(
            _("the curve has the years {first:g} to {last:g}; is its first column cal BP?").format(
                first=years[0], last=years[-1]
            ),
            source=str(path),
        )
    if not ((f14c >= 0) & (f14c <= _HIGHEST_F14C) & (sd <= _HIGHEST_F14C)).all():
        raise InputError(
            _(
                "F14C is from {low:.3g} to {high:.3g}; it and its error must be between 0 and "
                "{most:g}. Are the columns cal BP, 14C age, error?"
            ).format(low=f14c.min(), high=f14c.max(), most=_HIGHEST_F14C),
            source=str(path),
        )
    source = {"file": shown_name(path), "sha256": hashlib.sha256(content).hexdigest()}
    return Curve(shown_name(path.stem), years, f14c, sd, (source,))


def joined(curves: Iterable[Curve]) -> Curve:
    """Return curves as one: where two overlap, the one that is named first counts.

    A post-bomb curve is named first, then IntCal20 or SHCal20 for the years before it.

    Raises
    ------
    InputError
        If no curve is given, or years between two curves are in neither.
    """
    parts = list(curves)
    if not parts:
        raise InputError(_("No calibration curve was given; name at least one file."))
    result = parts[0]
    for other in parts[1:]:
        first, last = result.span
        before, after = other.years < first, other.years > last
        gap = max(
            first - other.years[before].max() if before.any() else 0.0,
            other.years[after].min() - last if after.any() else 0.0,
        )
        # IntCal20 has a point a year up to 1950 and at longer distances before; a post-bomb
        # curve begins in 1941 or 1955.
        if gap > _GAP:
            raise InputError(
                _("{first} and {second} leave {years:.0f} years between them uncovered.").format(
                    first=result.name, second=other.name, years=gap
                )
            )
        keep = before | after
        years = np.concatenate([result.years, other.years[keep]])
        order = np.argsort(years, kind="stable")
        result = Curve(
            f"{result.name} + {other.name}",
            years[order],
            np.concatenate([result.f14c, other.f14c[keep]])[order],
            np.concatenate([result.sd, other.sd[keep]])[order],
            (*result.sources, *other.sources),
        )
    return result


# -- one sample ------------------------------------------------------------------------


@dataclass(frozen=True)
class Range:
    """A range of calendar years with its probability.

    Attributes
    ----------
    start, end : float
        Calendar years AD, with decimals.
    probability : float
        Posterior, 0-1.
    """

    start: float = field(metadata=stored("from"))
    end: float = field(metadata=stored("to"))
    probability: float


class DateStatement(TypedDict):
    """What can be said of a date; see `Calibration.statements`."""

    year: float
    formed_after: float | None
    died_after_at_least: float | None
    died_before: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class DatedYears(ABC):
    """Calendar years in which a tissue may have formed.

    Attributes
    ----------
    years, widths, probabilities : numpy.ndarray of float64, shape (k,)
        Centres and widths of cells, years; the probability of each; they sum to 1. Empty where the
        check of fit failed, as whatever else states a year: a notice says why.
    fit : Fit
        Whether what was measured is explained.
    """

    years: np.ndarray
    widths: np.ndarray
    probabilities: np.ndarray
    notices: tuple[Notice, ...]
    fit: Fit

    @property
    @abstractmethod
    def is_last(self) -> bool:
        """Whether this is recorded as the tissue that formed last, and is not of after the curve."""

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the notices."""
        return codes_of(self.notices)

    def ranges(self, level: float) -> list[Range]:
        """Return the highest-density ranges of a level, earliest first; none where no year fits.

        Raises
        ------
        UsageError
            If `level` is not between 0 and 1.
        """
        if not self.fit.passed:
            return []
        return highest_density(self.years, self.widths, self.probabilities, level)

    def formed_after(self, year: float) -> float | None:
        """Return the probability that the tissue formed after the beginning of a year with decimals.

        None where no year fits.
        """
        if not self.fit.passed:
            return None
        share = np.clip((self.years + self.widths / 2 - year) / self.widths, 0.0, 1.0)
        return float((share * self.probabilities).sum())

    def statements(self, year: float) -> DateStatement:
        """Return what can be said of a date, such as that of a ban.

        An animal dies after its tissue formed. So death after the date is at least as probable as
        formation after it. Of death before it formation says nothing, unless the tissue was the
        last to form: an elephant of 1960 may have been shot in 2010.

        Returns
        -------
        dict
            ``formed_after``: probability that this tissue formed after it.
            ``died_after_at_least``: the same number, as a lower bound for death after it.
            ``died_before``: probability of death before it, only for tissue recorded as last
            formed, else None. All are None where the check of fit failed; ``died_before`` also where
            the tissue may have formed after the end of the curve.
        """
        after = self.formed_after(year)
        return {
            "year": year,
            "formed_after": after,
            "died_after_at_least": after,
            "died_before": 1.0 - after if after is not None and self.is_last else None,
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Calibration(DatedYears):
    """Calendar years of one tissue.

    Attributes
    ----------
    f14c, sd : float
        What was measured.
    mode : float or None
        The centre of a cell at which the likelihood is highest; None where no year fits.
    until : float
        The latest year that the prior allows.
    position : str
        A key of `POSITIONS`.
    since : float or None
        The earliest year that the prior allows, where one was given.
    """

    f14c: float
    sd: float
    mode: float | None
    curve: Curve
    until: float
    position: str
    since: float | None = None

    @property
    def is_last(self) -> bool:
        """Whether this is recorded as the tissue that formed last, and is not of after the curve."""
        return self.position == "last_formed" and notices.AFTER_CURVE.code not in self.codes

    @property
    def mean(self) -> float | None:
        """The weighted mean; of two times apart it may be a year in which nothing formed."""
        return float((self.years * self.probabilities).sum()) if self.fit.passed else None

    @property
    def median(self) -> float | None:
        """The year that halves the probability; None, as the mean, where no year fits."""
        if not self.fit.passed:
            return None
        return float(np.interp(0.5, np.cumsum(self.probabilities), self.years + self.widths / 2))

    def plot(self, axes: Any = None) -> Any:
        """Draw the measured value, the curve and the years.

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
        from forensics.age.results import draw_calibration  # it imports this module
        from forensics.drawing import open_axes

        axes = open_axes(axes)
        draw_calibration(axes, self)
        return axes


def calibrate(
    f14c: float,
    sd: float,
    curve: Curve,
    *,
    until: float,
    since: float | None = None,
    position: str = "unknown",
) -> Calibration:
    """Return the calendar years in which a tissue may have formed.

    Parameters
    ----------
    f14c, sd : float
        Fraction modern, corrected for fractionation, and its standard error.
    until : float
        The latest year possible, with decimals: that of the seizure. The prior is flat before it.
    since : float, optional
        The earliest year possible; by default the first of the curve.
    position : str
        A key of `POSITIONS`.

    Raises
    ------
    InputError
        If the value is none of F14C, or its error is not above 0.
    UsageError
        If no year of the curve lies in the bounds.
    """
    check_measured(f14c, sd)
    if position not in POSITIONS:
        raise UsageError(
            _("{value!r} is not a position; expected one of {known}.").format(
                value=position, known=", ".join(POSITIONS)
            )
        )
    first, last = _bounds(curve, since, until)
    years, widths = cells(first, last)
    at_centres = likelihoods(years, None, f14c, sd, curve)
    weights = likelihoods(years, widths, f14c, sd, curve)
    # Whether any year explains the value: its distance from the nearest, in standard deviations.
    mean, error = curve.at(years)
    nearest = float(np.min(np.abs(mean - f14c) / np.hypot(error, sd)))
    fit = Fit((FitStatistic("nearest_year", nearest, 0.0, normal_p(nearest)),), normal_p(MISFIT))
    kept = _between(weights > _NEGLIGIBLE * weights.max(), fit)
    weights = weights[kept] * widths[kept]
    return Calibration(
        f14c=float(f14c), sd=float(sd), years=years[kept], widths=widths[kept],
        probabilities=weights / weights.sum(), curve=curve,
        mode=float(years[greatest(at_centres)]) if fit.passed else None,
        until=float(until), position=position, since=since, fit=fit,
        notices=tuple(_notices(fit, f14c, sd, curve, until, position)),
    )  # fmt: skip


def _between(possible: np.ndarray, fit: Fit) -> slice:
    """Return the places from the first to the last that is possible; none where the check of fit failed."""
    places = np.flatnonzero(possible)
    return slice(places[0], places[-1] + 1) if fit.passed else slice(0)


def _bounds(curve: Curve, since: float | None, until: float) -> tuple[float, float]:
    """Return the first and the last year of a curve within the bounds."""
    # NaN is not within the bounds: NumPy passes it on, Python's max and min do not.
    first = curve.span[0] if since is None else np.maximum(curve.span[0], since)
    last = np.minimum(curve.span[1], until)
    if not first < last:
        raise UsageError(
            _(
                "The curve {name} covers {first:.1f} to {last:.1f}; no year of it is between the "
                "bounds given."
            ).format(name=curve.name, first=curve.span[0], last=curve.span[1])
        )
    return first, last


def check_measured(f14c: float, sd: float) -> None:
    """Refuse what is not a measured F14C with its standard error.

    Raises
    ------
    InputError
        If a value is out of bounds.
    """
    if not (np.isfinite(f14c) and 0 < f14c <= _MAX_SD):
        raise InputError(
            _(
                "F14C is {value:g}; expected 0 to {most:g}. Per cent modern carbon is 100 times F14C."
            ).format(value=f14c, most=_MAX_SD)
        )
    if not (np.isfinite(sd) and MIN_SD <= sd <= _MAX_SD):
        raise InputError(
            _("The error of F14C is {value:g}; expected {least:g} to {most:g}.").format(
                value=sd, least=MIN_SD, most=_MAX_SD
            )
        )


def likelihoods(
    years: np.ndarray, widths: np.ndarray | None, f14c: float, sd: float, curve: Curve
) -> np.ndarray:
    """Return the likelihood of years, in proportion; the greatest that a year can have is 1 / sd.

    Parameters
    ----------
    years : numpy.ndarray of float64, shape (k,)
        Centres of cells.
    widths : numpy.ndarray of float64, shape (k,), or None
        Their widths: the mean over each cell is returned (of cells since `FINE_FROM`; before it
        the curve is nearly straight within a cell). None: at the centres.
    f14c, sd, curve
        As for `calibrate`.
    """

    def at(points: np.ndarray) -> np.ndarray:
        mean, error = curve.at(points)
        variance = error**2 + sd**2
        # Beyond 38 standard deviations the exponential is 0, and a curve may be that far away
        # from a value everywhere; -700 keeps it above 0, and NO_YEAR_FITS is said.
        exponent = np.maximum(-0.5 * (mean - f14c) ** 2 / variance, -700.0)
        return np.exp(exponent) / np.sqrt(variance)

    if widths is None:
        return at(years)
    fine = years >= FINE_FROM
    values = np.empty(len(years))
    values[~fine] = at(years[~fine])
    inside = (np.arange(_POINTS) + 0.5) / _POINTS - 0.5
    values[fine] = at(years[fine, None] + widths[fine, None] * inside).mean(axis=1)
    return values


def cells(first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Return centres and widths: fine from 1930 on, a year before."""
    edges = [np.array([first])]
    if first < FINE_FROM:
        edges.append(np.arange(np.floor(first) + 1, min(FINE_FROM, last), OLD_STEP))
    start = max(first, FINE_FROM)
    if start < last:
        # Edges between multiples of the step, so that centres are round numbers of years.
        begin = (np.floor(start / STEP) + 0.5) * STEP
        edges.append(begin + STEP * np.arange(int((last - begin) / STEP) + 1))
    edges.append(np.array([last]))
    bounds = np.unique(np.concatenate(edges))
    bounds = bounds[(bounds >= first) & (bounds <= last)]
    return (bounds[:-1] + bounds[1:]) / 2, np.diff(bounds)


def highest_density(
    years: np.ndarray, widths: np.ndarray, probabilities: np.ndarray, level: float
) -> list[Range]:
    """Return the shortest set of ranges that holds at least `level`.

    Parameters
    ----------
    years, widths, probabilities : numpy.ndarray of float64, shape (k,)
        Of cells side by side.
    level : float
        0-1.

    Returns
    -------
    list of Range
        Earliest first; the ends are those of cells.
    """
    inside = np.zeros(len(years) + 2, dtype=bool)
    inside[1:-1] = smallest_set(probabilities, level, density=probabilities / widths)
    starts = np.flatnonzero(inside[1:] & ~inside[:-1])
    ends = np.flatnonzero(inside[:-1] & ~inside[1:]) - 1
    return [
        Range(
            float(years[a] - widths[a] / 2),
            float(years[b] + widths[b] / 2),
            float(probabilities[a : b + 1].sum()),
        )
        for a, b in zip(starts, ends)
    ]


def _notices(
    fit: Fit, f14c: float, sd: float, curve: Curve, until: float, position: str
) -> Iterator[Notice]:
    if not fit.passed:
        yield notices.NO_YEAR_FITS(distance=fit.statistics[0].observed)
    end = curve.span[1]
    if until > end:
        yield notices.CURVE_ENDS(end=end, until=until)
        level, error = curve.at(np.array([end]))
        allowed = MISFIT * float(np.hypot(error[0], sd))
        fallen = FASTEST_FALL * (until - end)
        if -fallen - allowed <= f14c - float(level[0]) <= allowed:
            yield notices.AFTER_CURVE()
    if position == "unknown":
        yield notices.POSITION_UNKNOWN()


# -- several samples -------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class Series(DatedYears):
    """What several samples of one object say together; the years are those of the tissue that formed last.

    Attributes
    ----------
    rates, rate_probabilities : numpy.ndarray of float64, shape (r,)
        Growth rates, distance units a year, with their posterior; empty where the check of fit failed.
    ages : tuple of float
        Of each sample: mean years before the last tissue; none where the check of fit failed.
    misfits : tuple of float
        Of each sample: standard deviations between its value and the curve at the best joint fit,
        the nearest within two standard deviations of uneven growth.
    has_last : bool
        Whether it is recorded that distance 0 is the tissue that formed last in life, and not a
        place where the object was cut.
    fit : Fit
        Whether the samples look as this model says that samples along one object look. Where it
        fails, the misfits are of the least bad explanation, and nothing else is stated.
    """

    rates: np.ndarray
    rate_probabilities: np.ndarray
    ages: tuple[float, ...]
    misfits: tuple[float, ...]
    has_last: bool = False

    @property
    def is_last(self) -> bool:
        """Whether this is recorded as the tissue that formed last, and the curve does not end before."""
        return self.has_last and notices.CURVE_ENDS.code not in self.codes


def calibrate_series(
    f14c: Sequence[float],
    sd: Sequence[float],
    distances: Sequence[float],
    curve: Curve,
    *,
    slowest: float,
    fastest: float,
    until: float,
    since: float | None = None,
    has_last: bool = False,
) -> Series:
    """Date samples along one object jointly.

    Parameters
    ----------
    f14c, sd, distances : sequences of float, length n
        Distances from the tissue that formed last, in any unit, 0 or more.
    slowest, fastest : float
        Bounds of the growth rate, units a year; the prior is flat on its logarithm between them.
    until, since : float
        Bounds of the year in which the last tissue formed.
    has_last : bool
        Whether distance 0 is recorded as the tissue that formed last in life.

    Raises
    ------
    InputError, UsageError
        If numbers are missing, a distance is negative, all samples are of one place, or the
        bounds leave nothing.
    """
    values, errors, places = (
        np.asarray(given, dtype=np.float64) for given in (f14c, sd, distances)
    )
    if not (values.shape == errors.shape == places.shape and values.ndim == 1 and values.size > 1):
        raise InputError(
            _("A series needs at least two samples, each with F14C, its error and its distance.")
        )
    if values.size > _MAX_SAMPLES:
        raise InputError(
            _("{count} samples; a series has at most {most}.").format(
                count=values.size, most=_MAX_SAMPLES
            )
        )
    if not (np.isfinite(places).all() and (places >= 0).all() and np.ptp(places) > 0):
        raise InputError(
            _(
                "Distances are measured from the tissue that formed last; they are 0 or more, and "
                "not all the same."
            )
        )
    for value, error in zip(values, errors):
        check_measured(float(value), float(error))
    if not (0 < slowest < fastest and np.isfinite(fastest) and fastest <= MAX_RATIO * slowest):
        raise UsageError(
            _(
                "The slowest growth rate must be above 0 and below the fastest one, which is at "
                "most {ratio:g} times as fast."
            ).format(ratio=MAX_RATIO)
        )
    first, last = _bounds(curve, since, until)
    count = max(_MIN_RATES, math.ceil(math.log(fastest / slowest) / _RATE_STEP) + 1)
    rates = np.exp(np.linspace(np.log(slowest), np.log(fastest), count))
    model = _Model(values, errors, places, curve, rates, first, last)
    grid, step, logs = model.likelihoods()
    joint = np.exp(logs - logs.max())
    joint /= joint.sum()
    over_rates, over_years = joint.sum(axis=1), joint.sum(axis=0)
    best_rate, best_year = np.unravel_index(int(greatest(joint)), joint.shape)
    misfits = model.misfits(rates[best_rate], grid[best_year])
    noted = [
        notices.SAMPLE_OFF(number=int(number) + 1, distance=misfits[number])
        for number in np.flatnonzero(np.array(misfits) > MISFIT)
    ]
    statistics = (*model.fit_statistics(grid, joint), *model.direction(_evidence(logs, step)))
    fit = Fit(statistics)
    if not fit.passed:
        of_direction = fit.worst is not None and fit.worst.name == "direction"
        noted.append(notices.NO_FIT("direction" if of_direction else "joint", **fit.parameters()))
    edge = max(over_rates[0], over_rates[-1])
    if fit.passed and over_rates.max() > _PEAKED / count and edge > 0.5 * over_rates.max():
        noted.append(notices.RATE_AT_BOUND())
    if until > curve.span[1]:
        noted.append(notices.CURVE_ENDS(end=curve.span[1], until=until))
    kept = _between(over_years > 0, fit)
    years = grid[kept]
    if not fit.passed:
        rates, over_rates, places = rates[:0], over_rates[:0], places[:0]
    return Series(
        years=years, widths=np.full(len(years), step), probabilities=over_years[kept], rates=rates,
        rate_probabilities=over_rates,
        ages=tuple(float((place / rates * over_rates).sum()) for place in places),
        misfits=misfits, notices=tuple(noted), has_last=has_last, fit=fit,
    )  # fmt: skip


def _evidence(logs: np.ndarray, step: float) -> float:
    """Return the logarithm of the mean likelihood over the prior, but for a constant."""
    return float(logs.max() + np.log(np.exp(logs - logs.max()).sum() * step))


@dataclass(frozen=True, slots=True)
class _Model:
    """Samples along one object: one year of the last tissue and one growth rate explain all.

    Attributes
    ----------
    values, errors, places : numpy.ndarray of float64, shape (n,)
        F14C, its standard error, and the distance from the tissue that formed last.
    rates : numpy.ndarray of float64, shape (r,)
        Growth rates, ascending.
    first, last : float
        Bounds of the year of the last tissue.
    """

    values: np.ndarray
    errors: np.ndarray
    places: np.ndarray
    curve: Curve
    rates: np.ndarray
    first: float
    last: float

    def likelihoods(self) -> tuple[np.ndarray, float, np.ndarray]:
        """Return years of the last tissue, their step, and log likelihoods of rates and years.

        Raises
        ------
        InputError
            If no year and rate are possible.
        """
        low, high, oldest = self._window()
        begin = max(oldest, self.curve.span[0])
        step = STEP if high - begin <= _MAX_FINE_YEARS else OLD_STEP
        # Whole steps back from the last year; the grid begins where the oldest sample may lie.
        size = int(math.ceil((high - begin) / step))
        grid = high - step * (np.arange(size)[::-1] + 0.5)
        logs = np.zeros((len(self.rates), size))
        for value, error, place in zip(self.values, self.errors, self.places):
            of_sample = likelihoods(grid, np.full(size, step), value, error, self.curve)
            # Before its first year the curve says nothing; such a time is not possible.
            of_sample = np.where(grid >= self.curve.span[0], of_sample, 0.0)
            with np.errstate(divide="ignore"):
                logs += np.log(
                    of_sample if not place else _shifted(of_sample, place / self.rates, step)
                )
        logs[:, (grid < low) | (grid < self.first)] = -np.inf
        if not np.isfinite(logs).any():
            raise _unexplained()
        return grid, step, logs

    def _window(self) -> tuple[float, float, float]:
        """Return bounds of the last tissue's year, and the first year that any sample may be of."""
        low, high, slowest, fastest = self.first, self.last, self.rates[0], self.rates[-1]
        farthest = float(self.places.max() / slowest) * (1 + 4 * UNEVEN)
        step = OLD_STEP
        begin = max(self.curve.span[0], self.first - farthest)
        coarse = begin + step * (np.arange(max(1, int((self.last - begin) / step))) + 0.5)
        fine = coarse[coarse >= FINE_FROM - step]
        coarse = coarse[coarse < FINE_FROM - step]
        if len(fine):
            start = fine[0] - step / 2
            fine = start + STEP * (np.arange(max(1, int((self.last - start) / STEP))) + 0.5)
        points = np.concatenate([coarse, fine])
        widths = np.concatenate([np.full(len(coarse), step), np.full(len(fine), STEP)])
        for value, error, place in zip(self.values, self.errors, self.places):
            of_sample = likelihoods(points, widths, value, error, self.curve)
            years = points[of_sample > _NEGLIGIBLE_JOINTLY * of_sample.max()]
            margin = 2 * step
            slack = 8 * UNEVEN * place / slowest
            low = max(low, years[0] + place / fastest * (1 - 8 * UNEVEN) - margin)
            high = min(high, years[-1] + place / slowest + slack + margin)
        if low >= high:
            raise _unexplained()
        return low, high, low - farthest - 2 * step

    def direction(self, evidence: float) -> Iterator[FitStatistic]:
        """Yield whether distances counted from the other end explain the samples better.

        If the model holds, the ratio of the evidence of another model to its own has a mean of 1, so it
        reaches 1 / p with a probability of at most p (Markov's inequality): 1 / ratio is a p-value.
        """
        turned = replace(self, places=self.places.max() - self.places)
        try:
            _grid, step, logs = turned.likelihoods()
        except InputError:  # counted so, nothing explains them
            return
        ratio = _evidence(logs, step) - evidence
        yield FitStatistic("direction", ratio / math.log(10), 0.0, math.exp(min(0.0, -ratio)))

    def fit_statistics(self, grid: np.ndarray, joint: np.ndarray) -> Iterator[FitStatistic]:
        """Yield whether the samples look as the model says, its parameters being as the posterior has them.

        Of each sample the two-sided tail of its predictive distribution is uniform if the model holds.
        Over all samples -2 log of the tails, summed, is chi-squared with 2n degrees of freedom
        (Fisher), and the least tail has the distribution of the least of n; both p-values are averaged
        over the posterior, which makes them posterior predictive ones without simulation.
        """
        from scipy.special import chdtrc, log_ndtr, logsumexp, ndtri

        shares = np.cumsum(joint.ravel())
        points = (np.arange(_FIT_POINTS) + 0.5) / _FIT_POINTS * shares[-1]
        at_rate, at_year = np.unravel_index(np.searchsorted(shares, points), joint.shape)
        uneven = ndtri((np.arange(_UNEVEN_POINTS) + 0.5) / _UNEVEN_POINTS)
        before = self.places / self.rates[at_rate][:, None]
        years = (grid[at_year][:, None] - before)[..., None] - UNEVEN * before[..., None] * uneven
        mean, spread = self.curve.at(years)
        z = (self.values[:, None] - mean) / np.hypot(self.errors[:, None], spread)
        below, above = (logsumexp(log_ndtr(sign * z), axis=-1) for sign in (1, -1))
        tails = np.minimum(np.minimum(below, above) - np.log(_UNEVEN_POINTS) + np.log(2), 0.0)
        count = len(self.values)
        total = -2 * tails.sum(axis=1)
        least = tails.min(axis=1)
        with np.errstate(divide="ignore", under="ignore"):
            p_total = chdtrc(2 * count, total)
            p_least = -np.expm1(count * np.log1p(-np.exp(np.minimum(least, -1e-15))))
        # Of n uniform tails the least is 1 / (n + 1) on average.
        yield FitStatistic("deviance", float(total.mean()), 2.0 * count, float(p_total.mean()))
        yield FitStatistic(
            "least_tail", float(np.exp(least).mean()), 1 / (count + 1), float(p_least.mean())
        )

    def misfits(self, rate: float, year: float) -> tuple[float, ...]:
        """Return how far each value is from the curve within two spreads of its expected time."""
        before = self.places / rate
        at = year - before[:, None] * (1 + UNEVEN * np.linspace(-2, 2, 41))
        mean, spread = self.curve.at(at)
        away = np.abs(mean - self.values[:, None]) / np.hypot(self.errors[:, None], spread)
        return tuple(away.min(axis=1).tolist())


def _unexplained() -> InputError:
    return InputError(
        _("No year and growth rate explain all samples; check the zone, the order and the bounds.")
    )


def _shifted(of_sample: np.ndarray, before: np.ndarray, step: float) -> np.ndarray:
    """Return the likelihood of the last tissue's year, for each time before it.

    The time of a sample is normal about its expected one: the likelihood is shifted and smoothed,
    both at once in Fourier space, where neither needs a grid that is finer.

    Parameters
    ----------
    of_sample : numpy.ndarray of float64, shape (k,)
        Likelihood of the sample's own year, on an even grid.
    before : numpy.ndarray of float64, shape (r,)
        Expected years between the sample and the last tissue.

    Returns
    -------
    numpy.ndarray of float64, shape (r, k)
    """
    from scipy.fft import irfft, next_fast_len, rfft

    size = len(of_sample)
    # A shift beyond the grid leaves nothing in it; padding keeps it from coming in again in front.
    length = next_fast_len(2 * size + 64, real=True)
    waves = np.arange(length // 2 + 1) / (length * step)
    spread = np.maximum(UNEVEN * before, step)[:, None]
    kernel = np.exp(
        -2.0 * (np.pi * waves * spread) ** 2
        - 2j * np.pi * waves * np.minimum(before, size * step)[:, None]
    )
    shifted = irfft(rfft(of_sample, length)[None, :] * kernel, length, axis=1)[:, :size]
    # Rounding leaves some 1e-16 of the greatest value, of either sign.
    shifted[shifted < 1e-14 * of_sample.max()] = 0.0
    return shifted
