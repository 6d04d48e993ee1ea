"""When a tissue took up its carbon, from its F14C.

The prior is flat over calendar years up to the seizure. The likelihood of a year is normal in F14C,
with the variances of measurement and curve added; so is the practice of the field (Bronk Ramsey
2009, doi:10.1017/S0033822200033865). A post-bomb value usually fits two times, before and after the
peak of 1963-65; both are reported.

What is dated is the formation of the tissue that was sampled, not the death of the animal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.age.curves import Curve
from forensics.errors import InputError, UsageError
from forensics.messages import N_, _

__all__ = [
    "LEVELS",
    "POSITIONS",
    "Calibration",
    "CalibrationWarning",
    "Range",
    "calibrate",
    "highest_density",
]

LEVELS = (0.68, 0.95, 0.99)
# Width of a year's cells. Post-bomb curves are of seasons or years; before them, of years.
STEP, OLD_STEP, FINE_FROM = 0.05, 1.0, 1930.0
# Of the years in which the curve is nearest, the measured value may be so many standard
# deviations away; beyond, no year explains it (two-sided 0.27 % of a normal).
MISFIT = 3.0
# Of the greatest density; what is below it adds less than 1e-6 to any sum.
_NEGLIGIBLE = 1e-9

# Where in the object the sample was taken. Only what formed last says anything about death.
POSITIONS = {
    "last_formed": N_("formed last: pulp-cavity surface, base of the horn, outermost ring"),
    "other": N_("formed earlier in life"),
    "unknown": N_("not recorded"),
}


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

    start: float
    end: float
    probability: float

    def to_dict(self) -> dict:
        """Return plain values."""
        return {"from": self.start, "to": self.end, "probability": self.probability}


@dataclass(frozen=True)
class CalibrationWarning:
    """Something that whoever reads the date must know."""

    code: str
    message: str


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calendar years of one tissue.

    Attributes
    ----------
    f14c, sd : float
        What was measured.
    years, widths, probabilities : numpy.ndarray of float64, shape (k,)
        Centres and widths of cells, years; the probability of each; they sum to 1.
    curve : Curve
    until : float
        The latest year that the prior allows.
    position : str
        A key of `POSITIONS`.
    warnings : tuple of CalibrationWarning
    """

    f14c: float
    sd: float
    years: np.ndarray
    widths: np.ndarray
    probabilities: np.ndarray
    curve: Curve
    until: float
    position: str
    warnings: tuple[CalibrationWarning, ...]

    @property
    def mode(self) -> float:
        """The year of the highest density."""
        return float(self.years[np.argmax(self.probabilities / self.widths)])

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

    def formed_after(self, year: float) -> float:
        """Return the probability that this tissue formed after the beginning of a year with decimals."""
        share = np.clip((self.years + self.widths / 2 - year) / self.widths, 0.0, 1.0)
        return float((share * self.probabilities).sum())

    def statements(self, year: float) -> dict:
        """Return what can be said of a date, such as that of a ban.

        Returns
        -------
        dict
            ``formed_after``: probability that this tissue formed after it. ``died_after_at_least``:
            a lower bound for death after it, since an animal dies after its tissue formed.
            ``died_before_at_most``: an upper bound for death before it; the same number seen from
            the other side. ``died_before``: only for tissue that formed last, else None.
        """
        after = self.formed_after(year)
        return {
            "year": year,
            "formed_after": after,
            "died_after_at_least": after,
            "died_before_at_most": 1.0 - after,
            "died_before": 1.0 - after if self.position == "last_formed" else None,
        }

    def to_dict(self, dates: Sequence[float] = ()) -> dict:
        """Return plain values."""
        return {
            "f14c": self.f14c,
            "sd": self.sd,
            "curve": self.curve.name,
            "curve_files": list(self.curve.sources),
            "until": self.until,
            "position": self.position,
            "mode": self.mode,
            "mean": self.mean,
            "median": self.median,
            "ranges": [
                {"level": level, "ranges": [one.to_dict() for one in self.ranges(level)]}
                for level in LEVELS
            ],
            "statements": [self.statements(year) for year in dates],
            "warnings": [vars(warning) for warning in self.warnings],
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
    curve : Curve
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
    if not (np.isfinite(f14c) and 0 < f14c <= _HIGHEST):
        raise InputError(
            _(
                "F14C is {value:g}; expected 0 to {most:g}. Per cent modern carbon is 100 times F14C."
            ).format(value=f14c, most=_HIGHEST)
        )
    if not (np.isfinite(sd) and sd > 0):
        raise InputError(_("The error of F14C is {value:g}; it must be above 0.").format(value=sd))
    if position not in POSITIONS:
        raise UsageError(
            _("{value!r} is no position; expected one of {known}.").format(
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
    years, widths = _cells(first, last)
    mean, error = curve.at(years)
    variance = error**2 + sd**2
    logs = -0.5 * (mean - f14c) ** 2 / variance - 0.5 * np.log(variance)
    weights = np.exp(logs - logs.max()) * widths
    keep = weights / widths > _NEGLIGIBLE * (weights / widths).max()
    low, high = np.flatnonzero(keep)[[0, -1]]
    years, widths, weights = (one[low : high + 1] for one in (years, widths, weights))
    return Calibration(
        float(f14c), float(sd), years, widths, weights / weights.sum(), curve, float(until), position,
        tuple(_warnings(f14c, mean, variance, curve, until, position)),
    )  # fmt: skip


_HIGHEST = 3.0


def _cells(first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
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
    held = np.unique(np.concatenate(edges))
    held = held[(held >= first) & (held <= last)]
    return (held[:-1] + held[1:]) / 2, np.diff(held)


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
    density = probabilities / widths
    order = np.argsort(-density, kind="stable")
    count = int(np.searchsorted(np.cumsum(probabilities[order]), level - 1e-12)) + 1
    inside = np.zeros(len(years) + 2, dtype=bool)
    inside[1 + order[:count]] = True
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


def _warnings(f14c, mean, variance, curve, until, position):
    nearest = float(np.min(np.abs(mean - f14c) / np.sqrt(variance)))
    if nearest > MISFIT:
        yield CalibrationWarning(
            "NO_YEAR_FITS",
            _(
                "No year before the seizure explains this value: the nearest is {distance:.1f} standard "
                "deviations away. Wrong zone, contamination, diet from the sea, or a date of seizure "
                "that is not right; give no year."
            ).format(distance=nearest),
        )
    if until > curve.span[1]:
        yield CalibrationWarning(
            "CURVE_ENDS",
            _(
                "The curve ends in {end:.1f}, the seizure is of {until:.1f}: years between them could "
                "not be considered."
            ).format(end=curve.span[1], until=until),
        )
    if position == "unknown":
        yield CalibrationWarning(
            "POSITION_UNKNOWN",
            _(
                "Where in the object the sample was taken is not recorded: nothing can be said about "
                "death before a date."
            ),
        )
