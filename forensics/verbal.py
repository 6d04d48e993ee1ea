"""Words for a likelihood ratio, from a published scale whose edition is named.

The words are of a likelihood ratio and of nothing else: never of a posterior probability, a
distance, or a share of votes. They add nothing to the number, which is always given beside them.
"""

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from forensics.errors import UsageError
from forensics.messages import N_, _

CONGENER, MISSING, OTHER = "congener", "missing", "other"
ALTERNATIVES = {
    CONGENER: N_("another species of the genus"),
    MISSING: N_("a species that the library lacks"),
    OTHER: N_("another one"),
}
"""What the second proposition of a ratio may be besides a name."""
SCALE = "enfsi-2015"
_FILE = Path(__file__).with_name("verbal_scales.toml")
_TEXTS = (  # of the file, for translators; a test keeps both equal
    N_("no support for one proposition over the other"),
    N_("weak support"),
    N_("moderate support"),
    N_("moderately strong support"),
    N_("strong support"),
    N_("very strong support"),
    N_("extremely strong support"),
)


@dataclass(frozen=True)
class Verbal:
    """A likelihood ratio in words.

    Attributes
    ----------
    log10 : float
        Of the ratio.
    step : int
        Step of the scale, from 0: no support.
    favours : str
        ``first`` (the numerator), ``second`` or ``neither``.
    text : str
        The step in the language of the user.
    scale : str
        Name and edition of the scale.
    """

    log10: float
    step: int
    favours: str
    text: str
    scale: str


@lru_cache(maxsize=1)
def _read() -> dict:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def scales() -> tuple[str, ...]:
    """Return the names of the scales."""
    return tuple(_read())


def scale_steps(scale: str = SCALE) -> dict:
    """Return title, source and steps of a scale, as they are printed beside what was said with it.

    Raises
    ------
    UsageError
        If the scale is not known.
    """
    if scale not in _read():
        raise _unknown(scale)
    return _read()[scale]


def _unknown(scale: str) -> UsageError:
    return UsageError(
        _("There is no scale {name}; there are {known}.").format(
            name=scale, known=", ".join(scales())
        )
    )


def verbal(ratio: float | None = None, *, log10: float | None = None, scale: str = SCALE) -> Verbal:
    """Return the words of a scale for a likelihood ratio.

    Parameters
    ----------
    ratio : float
        A likelihood ratio, 0 or more. Never a posterior: a probability of 0.99 is not a ratio.
    log10 : float
        Its logarithm, instead of `ratio`, where it is too great or small for a number.
    scale : str
        One of `scales`.

    Raises
    ------
    UsageError
        If the ratio is no such number, or the scale is not known.

    References
    ----------
    ENFSI guideline for evaluative reporting in forensic science, version 3.0, 2015.

    Examples
    --------
    >>> verbal(2500).text
    'strong support'
    >>> verbal(0.004).favours
    'second'
    """
    if ratio is not None and log10 is None:
        if not ratio >= 0:
            raise UsageError(
                _("A likelihood ratio is 0 or more; found {value}.").format(value=ratio)
            )
        log10 = -math.inf if ratio == 0 else math.log10(ratio)
    elif ratio is not None or log10 is None:
        raise UsageError(_("Give a likelihood ratio or its logarithm, one of both."))
    if math.isnan(log10):
        raise UsageError(_("A likelihood ratio is 0 or more; found {value}.").format(value=log10))
    steps = scale_steps(scale)["steps"]
    # The limits are powers of ten but one; 1e-12 keeps 1000.0 from becoming 999.99 by rounding.
    step = sum(abs(log10) >= math.log10(entry["from"]) - 1e-12 for entry in steps) - 1
    favours = "neither" if step <= 0 else "first" if log10 > 0 else "second"
    return Verbal(log10, max(step, 0), favours, _(steps[max(step, 0)]["text"]), scale)
