"""When a tissue took up its carbon, from its F14C.

The prior is flat over calendar years up to the seizure. The likelihood of a year is normal in F14C,
with the variances of measurement and curve added; so is the practice of the field (Bronk Ramsey
2009, doi:10.1017/S0033822200033865). A post-bomb value usually fits two times, before and after the
peak of 1963-65; both are reported.

What is dated is the formation of the tissue that was sampled, not the death of the animal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np

from forensics.age.curves import Curve
from forensics.age.options import POSITIONS
from forensics.core.notice import Notice, codes_of
from forensics.core.stored import stored
from forensics.errors import InputError, UsageError
from forensics.fit import Fit, FitStatistic, normal_p
from forensics.messages import _
from forensics.notices import age as notices
from forensics.stats.choice import greatest, smallest_set

__all__ = [
    "LEVELS",
    "POSITIONS",
    "Calibration",
    "DateStatement",
    "Range",
    "calibrate",
    "cells",
    "check_measured",
    "highest_density",
    "likelihoods",
]

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


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calendar years of one tissue.

    Attributes
    ----------
    f14c, sd : float
        What was measured.
    years, widths, probabilities : numpy.ndarray of float64, shape (k,)
        Centres and widths of cells, years; the probability of each; they sum to 1.
    mode : float
        The centre of a cell at which the likelihood is highest.
    until : float
        The latest year that the prior allows.
    position : str
        A key of `POSITIONS`.
    since : float or None
        The earliest year that the prior allows, where one was given.
    fit : Fit
        Whether any year explains the value; where none does, no year may be stated.
    """

    f14c: float
    sd: float
    years: np.ndarray
    widths: np.ndarray
    probabilities: np.ndarray
    mode: float
    curve: Curve
    until: float
    position: str
    notices: tuple[Notice, ...]
    since: float | None = None
    fit: Fit = Fit(())

    @property
    def mean(self) -> float:
        """The weighted mean; of two times apart it may be a year in which nothing formed."""
        return float((self.years * self.probabilities).sum())

    @property
    def median(self) -> float:
        """The year that halves the probability."""
        return float(np.interp(0.5, np.cumsum(self.probabilities), self.years + self.widths / 2))

    def ranges(self, level: float) -> list[Range]:
        """Return the highest-density ranges of a level, earliest first."""
        return highest_density(self.years, self.widths, self.probabilities, level)

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
        from forensics.age.figures import draw_calibration  # it imports this module
        from forensics.drawing import open_axes

        axes = open_axes(axes)
        draw_calibration(axes, self)
        return axes

    def formed_after(self, year: float) -> float:
        """Return the probability that this tissue formed after the beginning of a year with decimals."""
        share = np.clip((self.years + self.widths / 2 - year) / self.widths, 0.0, 1.0)
        return float((share * self.probabilities).sum())

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the notices."""
        return codes_of(self.notices)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """The notices, under their former name."""
        return self.notices

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
            formed, else None. All are None where no year fits; ``died_before`` also where the
            tissue may have formed after the end of the curve.
        """
        is_dated = notices.NO_YEAR_FITS.code not in self.codes
        after = self.formed_after(year) if is_dated else None
        is_last = self.position == "last_formed" and notices.AFTER_CURVE.code not in self.codes
        return {
            "year": year,
            "formed_after": after,
            "died_after_at_least": after,
            "died_before": 1.0 - after if after is not None and is_last else None,
        }


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
    first = max(curve.span[0], since if since is not None else -np.inf)
    last = min(curve.span[1], until)
    if not first < last:
        raise UsageError(
            _(
                "The curve {name} covers {first:.1f} to {last:.1f}; no year of it lies between the "
                "bounds given."
            ).format(name=curve.name, first=curve.span[0], last=curve.span[1])
        )
    years, widths = cells(first, last)
    at_centres = likelihoods(years, None, f14c, sd, curve)
    weights = likelihoods(years, widths, f14c, sd, curve)
    keep = np.flatnonzero(weights > _NEGLIGIBLE * weights.max())
    kept = slice(keep[0], keep[-1] + 1)
    weights = weights[kept] * widths[kept]
    # Whether any year explains the value: its distance from the nearest, in standard deviations.
    mean, error = curve.at(years)
    nearest = float(np.min(np.abs(mean - f14c) / np.hypot(error, sd)))
    fit = Fit((FitStatistic("nearest_year", nearest, 0.0, normal_p(nearest)),), normal_p(MISFIT))
    return Calibration(
        float(f14c), float(sd), years[kept], widths[kept], weights / weights.sum(),
        float(years[greatest(at_centres)]), curve, float(until), position,
        tuple(_notices(fit, f14c, sd, curve, until, position)), since, fit,
    )  # fmt: skip


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


_MAX_SD = 3.0


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
