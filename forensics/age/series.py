"""Several samples along one tusk, horn or trunk, dated together.

The samples lie at measured distances from the place that formed last. If growth was even, sample i
formed ``d_i / g`` years before the last tissue, so that one year (of the last tissue) and one rate g
explain all values. That settles which side of the bomb peak they are from, which a single value
often cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.age.curves import Curve
from forensics.age.radiocarbon import (
    LEVELS,
    MISFIT,
    CalibrationWarning,
    Range,
    _cells,
    highest_density,
)
from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = ["Series", "calibrate_series"]

# Points of the prior over growth rates; even on the log scale.
_RATES = 201
# Growth is never quite even: each sample's time may be off by this share of its own time before
# the last tissue (standard deviation). A stated choice; docs/age.md shows how much it matters.
UNEVEN = 0.05
_UNEVEN_POINTS = np.array([-1.5, -0.75, 0.0, 0.75, 1.5])


@dataclass(frozen=True, eq=False)
class Series:
    """What several samples of one object say together.

    Attributes
    ----------
    years, widths, probabilities : numpy.ndarray of float64, shape (k,)
        Of the tissue that formed last (distance 0).
    rates, rate_probabilities : numpy.ndarray of float64, shape (r,)
        Growth rates, distance units a year, with their posterior.
    ages : tuple of float
        Of each sample: mean years before the last tissue.
    misfits : tuple of float
        Of each sample: standard deviations between its value and the curve at the best joint fit.
    warnings : tuple of CalibrationWarning
    """

    years: np.ndarray
    widths: np.ndarray
    probabilities: np.ndarray
    rates: np.ndarray
    rate_probabilities: np.ndarray
    ages: tuple[float, ...]
    misfits: tuple[float, ...]
    warnings: tuple[CalibrationWarning, ...]

    def ranges(self, level: float) -> list[Range]:
        """Return the highest-density ranges for the tissue that formed last."""
        return highest_density(self.years, self.widths, self.probabilities, level)

    def formed_after(self, year: float) -> float:
        """Return the probability that the tissue that formed last did so after a date."""
        share = np.clip((self.years + self.widths / 2 - year) / self.widths, 0.0, 1.0)
        return float((share * self.probabilities).sum())

    def to_dict(self, dates: Sequence[float] = ()) -> dict:
        """Return plain values."""
        return {
            "last_formed": [
                {"level": level, "ranges": [one.to_dict() for one in self.ranges(level)]}
                for level in LEVELS
            ],
            "growth_rate_mean": float((self.rates * self.rate_probabilities).sum()),
            "years_before_last": list(self.ages),
            "misfits": list(self.misfits),
            "formed_after": [
                {"year": year, "probability": self.formed_after(year)} for year in dates
            ],
            "warnings": [vars(warning) for warning in self.warnings],
        }


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
) -> Series:
    """Date samples along one object jointly.

    Parameters
    ----------
    f14c, sd, distances : sequences of float, length n
        Distances from the tissue that formed last, in any unit, 0 or more.
    curve : Curve
    slowest, fastest : float
        Bounds of the growth rate, units a year; the prior is flat on its logarithm between them.
    until, since : float
        Bounds of the year in which the last tissue formed.

    Raises
    ------
    InputError, UsageError
        If numbers are missing, a distance is negative, all samples are of one place, or the
        bounds leave nothing.
    """
    values, errors, places = (np.asarray(one, dtype=np.float64) for one in (f14c, sd, distances))
    if not (values.shape == errors.shape == places.shape and values.ndim == 1 and values.size > 1):
        raise InputError(
            _("A series needs two samples or more, each with F14C, its error and its distance.")
        )
    if not (np.isfinite(places).all() and (places >= 0).all() and np.ptp(places) > 0):
        raise InputError(
            _(
                "Distances are measured from the tissue that formed last; they are 0 or more, and "
                "not all the same."
            )
        )
    if not ((values > 0).all() and (errors > 0).all()):
        raise InputError(_("F14C and its error must be above 0 in every sample."))
    if not 0 < slowest < fastest:
        raise UsageError(_("The slowest growth rate must be above 0 and below the fastest one."))
    first = curve.span[0] if since is None else max(curve.span[0], since)
    last = min(curve.span[1], until)
    if not first < last:
        raise UsageError(_("No year of the curve lies between the bounds given."))
    years, widths = _cells(first, last)
    rates = np.exp(np.linspace(np.log(slowest), np.log(fastest), _RATES))
    logs = np.zeros((len(rates), len(years)))
    weights = np.exp(-0.5 * _UNEVEN_POINTS**2)
    weights /= weights.sum()
    for value, error, place in zip(values, errors, places):
        for number, rate in enumerate(rates):
            before = place / rate
            likelihood = np.zeros(len(years))
            for point, weight in zip(_UNEVEN_POINTS, weights):
                at = years - before * (1 + UNEVEN * point)
                mean, spread = curve.at(at)
                variance = error**2 + spread**2
                term = np.exp(-0.5 * (mean - value) ** 2 / variance) / np.sqrt(variance)
                # Before its first year the curve says nothing; such a time is not possible.
                likelihood += weight * np.where(at >= curve.span[0], term, 0.0)
                if not place:
                    break
            if not place:
                likelihood /= weights[0]
            with np.errstate(divide="ignore"):
                logs[number] += np.log(likelihood)
    if not np.isfinite(logs).any():
        raise InputError(
            _(
                "No year and growth rate explain all samples; check the zone, the order and the bounds."
            )
        )
    joint = np.exp(logs - logs.max()) * widths
    joint /= joint.sum()
    over_rates, over_years = joint.sum(axis=1), joint.sum(axis=0)
    best_rate, best_year = np.unravel_index(np.argmax(joint / widths), joint.shape)
    mean, spread = curve.at(years[best_year] - places / rates[best_rate])
    misfits = np.abs(mean - values) / np.sqrt(errors**2 + spread**2)
    warnings = []
    for number in np.flatnonzero(misfits > MISFIT):
        warnings.append(
            CalibrationWarning(
                "SAMPLE_OFF",
                _(
                    "Sample {number} lies {distance:.1f} standard deviations from the best joint fit: "
                    "uneven growth, another object, or a wrong distance."
                ).format(number=number + 1, distance=misfits[number]),
            )
        )
    if max(over_rates[0], over_rates[-1]) > 5.0 / _RATES:
        warnings.append(
            CalibrationWarning(
                "RATE_AT_BOUND",
                _(
                    "The growth rate lies at the bound that was given; the bound decides the result."
                ),
            )
        )
    if until > curve.span[1]:
        warnings.append(
            CalibrationWarning(
                "CURVE_ENDS",
                _(
                    "The curve ends in {end:.1f}, the seizure is of {until:.1f}: years between them "
                    "could not be considered."
                ).format(end=curve.span[1], until=until),
            )
        )
    return Series(
        years, widths, over_years, rates, over_rates,
        tuple(float((place / rates * over_rates).sum()) for place in places),
        tuple(float(one) for one in misfits), tuple(warnings),
    )  # fmt: skip
