"""Age from DNA methylation, with coefficient files of published clocks.

A clock is a sum of coefficients times methylation (beta, 0-1) at CpG sites; a transform turns the
sum into years. The three universal mammalian clocks (Lu et al. 2023,
doi:10.1038/s43587-023-00462-6) are

1. ``age = exp(y) - 2``
2. relative age ``r = exp(-exp(-y))``, ``age = r (1.3 M + G) - G`` (without the 1.3 for man and mouse)
3. with ``m = 5 (G / A)^0.38``, ``x = m (y + 1)`` for y >= 0 and ``m exp(y)`` below,
   ``age = x (A + G) - G``

where M is the species' maximum lifespan, G its gestation and A its age at sexual maturity, in years.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.age.options import TRANSFORMS
from forensics.age.tables import coefficients_of, read_table
from forensics.errors import InputError, UsageError
from forensics.io.files import shown_name
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = ["TRANSFORMS", "AgeEstimate", "Clock", "LifeHistory", "age_of", "read_clock", "years_of"]

# Man and mouse have lifespans that are known well; those of others are taken 1.3 times as long
# (Lu et al. 2023, methods).
_LIFESPAN_FACTOR = 1.3
_WELL_KNOWN = ("Homo sapiens", "Mus musculus")
# A clock was fitted with all of its sites. With more than this share missing no age is given.
MAX_MISSING = 0.05


@dataclass(frozen=True)
class LifeHistory:
    """What the transforms need to know of a species, in years.

    Attributes
    ----------
    gestation, maturity, lifespan : float
        Gestation, mean age at sexual maturity, maximum lifespan on record.
    """

    species: str
    gestation: float
    maturity: float
    lifespan: float

    def __post_init__(self) -> None:
        if not (self.gestation > 0 and self.maturity > 0 and self.lifespan > self.maturity):
            raise UsageError(
                _(
                    "{species}: gestation {gestation:g}, maturity {maturity:g}, lifespan {lifespan:g} "
                    "years; all must be above 0 and the lifespan beyond maturity. Are they in years?"
                ).format(**vars(self))
            )


@dataclass(frozen=True)
class Clock:
    """A clock as it stands in its file.

    Attributes
    ----------
    coefficients : dict of str to float
        Of CpG sites.
    transform : str
        One of `TRANSFORMS`.
    sha256 : str
        Of the file.
    """

    name: str
    intercept: float
    coefficients: Mapping[str, float]
    transform: str
    sha256: str


@dataclass(frozen=True)
class AgeEstimate:
    """The age of one sample by one clock.

    Attributes
    ----------
    age : float
        Years since birth; below 0 is before it.
    linear : float
        The sum before the transform.
    missing : tuple of str
        Sites of the clock that the sample does not have; typical values stand for them.
    interval : tuple of float or None
        Prediction interval, where the clock has known errors; None says that there is none.
    level : float or None
        Share of animals whose age it should hold.
    """

    age: float
    linear: float
    missing: tuple[str, ...]
    interval: tuple[float, float] | None = None
    level: float | None = None


def read_clock(path: "str | os.PathLike[str] | pandas.DataFrame", *, transform: str) -> Clock:
    """Read a table of coefficients: a column of sites and, as the last one, their coefficients.

    Parameters
    ----------
    path : path or pandas.DataFrame
        As `forensics.age.tables.read_table` reads it.
    transform : str
        One of `TRANSFORMS`.

    Raises
    ------
    InputError
        If it cannot be read, or as `forensics.age.tables.coefficients_of`.
    UsageError
        If the transform is unknown.
    """
    if transform not in TRANSFORMS:
        raise UsageError(
            _("{value!r} is not a transform; expected one of {known}.").format(
                value=transform, known=", ".join(TRANSFORMS)
            )
        )
    table = read_table(path)
    intercept, coefficients = coefficients_of(table)
    return Clock(
        shown_name(Path(table.source or "").stem), intercept, coefficients, transform, table.sha256
    )


def age_of(
    clock: Clock,
    methylation: Mapping[str, float],
    *,
    life: LifeHistory | None = None,
    typical: Mapping[str, float] | None = None,
) -> AgeEstimate:
    """Return the age that a clock gives for the methylation of a sample.

    Parameters
    ----------
    methylation : mapping of str to float
        Beta values of CpG sites, 0-1; a site that was not measured is left out or NaN.
    life : LifeHistory, optional
        Needed by the second and the third universal clock.
    typical : mapping of str to float, optional
        What stands for sites that were not measured, such as the means of the laboratory's own
        animals of this species and tissue. Without it a missing site is refused: to leave it out
        of the sum would say that it is not methylated at all.

    Raises
    ------
    InputError
        If a value is none of 0-1, a site is missing that `typical` does not have, or more than
        `MAX_MISSING` of the clock's sites are missing.
    UsageError
        If the transform needs a life history.
    """
    missing = []
    linear = clock.intercept
    for site, coefficient in clock.coefficients.items():
        value = methylation.get(site)
        if value is None or math.isnan(value):
            missing.append(site)
            value = (typical or {}).get(site)
            if value is None:
                continue
        if not 0.0 <= value <= 1.0:
            raise InputError(
                _("{site}: methylation {value:g}; beta values lie between 0 and 1.").format(
                    site=site, value=value
                )
            )
        linear += coefficient * value
    unknown = [site for site in missing if site not in (typical or {})]
    if unknown or len(missing) > MAX_MISSING * len(clock.coefficients):
        text = _(
            "{count} of the {total} sites of clock {clock} are missing ({some}). Give typical "
            "values of this species and tissue for at most {most:.0%} of them, or no age."
        )
        if not unknown:
            text = _(
                "{count} of the {total} sites of clock {clock} are missing ({some}); with more than "
                "{most:.0%} no age is given. Measure them."
            )
        raise InputError(
            text.format(
                count=len(missing),
                total=len(clock.coefficients),
                clock=clock.name,
                some=", ".join((unknown or missing)[:3]),
                most=MAX_MISSING,
            )
        )
    return AgeEstimate(years_of(linear, clock.transform, life), linear, tuple(missing))


def years_of(y: float, transform: str, life: LifeHistory | None = None) -> float:
    """Return the age that a clock's sum stands for, years.

    Raises
    ------
    InputError
        If it is not an age of any animal: the values are not those of this clock.
    UsageError
        If the transform needs a life history.
    """
    try:
        years = _transformed(y, transform, life)
    except OverflowError:
        years = math.inf
    if not abs(years) <= _OLDEST:
        raise InputError(
            _(
                "The clock's sum is {value:g}, which is not an age. Are these beta values, and is this "
                "the transform of the clock?"
            ).format(value=y)
        )
    return years


# Years; no animal with a clock is older (ocean quahog, 507).
_OLDEST = 1000.0


def _transformed(y: float, transform: str, life: LifeHistory | None) -> float:
    if transform == "none":
        return y
    if transform == "universal1":
        return math.exp(y) - 2.0
    if life is None:
        raise UsageError(
            _("This clock needs the species' gestation, age at maturity and maximum lifespan.")
        )
    if transform == "universal2":
        factor = 1.0 if life.species in _WELL_KNOWN else _LIFESPAN_FACTOR
        relative = math.exp(-math.exp(-y))
        return relative * (factor * life.lifespan + life.gestation) - life.gestation
    tuned = 5.0 * (life.gestation / life.maturity) ** 0.38
    adult = tuned * (y + 1.0) if y >= 0 else tuned * math.exp(y)
    return adult * (life.maturity + life.gestation) - life.gestation
