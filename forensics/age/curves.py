"""Calibration curves of radiocarbon, from the files that laboratories have.

``.14C`` files hold, a line a point: cal BP (AD = 1950 - cal BP), 14C age BP, its standard error;
separated by blanks or commas, lines with ``#`` are comments. A CSV with a header may give ``year``
(AD) and ``F14C`` with ``sd`` instead.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forensics.errors import InputError
from forensics.io.files import read_limited, shown_name
from forensics.io.numbers import parse_number
from forensics.messages import _

# Years; by convention 14C ages are of this mean life (Stuiver & Polach 1977,
# doi:10.1017/S0033822200003672).
LIBBY_MEAN_LIFE = 8033.0
# The longest curves (IntCal20, monthly post-bomb) have 10,000 points; 0.3 MB.
_MAX_BYTES = 16 * 2**20
# F14C of the atmosphere has been between 0 (55,000 years ago) and 2 (1963/64).
_HIGHEST_F14C = 3.0
# IntCal20 begins 55,000 years before 1950; what reaches far beyond it is not a curve, and would take
# memory without end.
_FIRST_YEAR, _LAST_YEAR = -60_000.0, 2_200.0


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


def f14c_of_age(age: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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


def read_curve(path: str | os.PathLike[str]) -> Curve:
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
                raise InputError(
                    _(
                        "found {found!r}; expected cal BP, 14C age and its error, or a header "
                        "with year, F14C, sd"
                    ).format(found=line.strip()[:60]),
                    source=str(path),
                    line=number,
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
            _(
                "the curve is of the years {first:g} to {last:g}; is its first column cal BP?"
            ).format(first=years[0], last=years[-1]),
            source=str(path),
        )
    if not ((f14c >= 0) & (f14c <= _HIGHEST_F14C) & (sd <= _HIGHEST_F14C)).all():
        raise InputError(
            _(
                "F14C from {low:.3g} to {high:.3g}; it and its error lie between 0 and {most:g}. Are "
                "the columns cal BP, 14C age, error?"
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


# Years that two curves may leave open between them before it is called a gap.
_GAP = 20.0
