"""Reference scales: values of one laboratory's scale brought to another one.

Hydrogen of keratin was reported on different scales for years: the same feather differs by some
20 per mil between them. A scale is fixed by two standards; the same two standards measured on two
scales give the line between them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["KERATIN_OLD", "KERATIN_VSMOW", "ReferenceScale", "rescale"]


@dataclass(frozen=True)
class ReferenceScale:
    """Two standards as a scale has them.

    Attributes
    ----------
    name : str
    standards : tuple of str
        Names of the high and the low standard.
    high, low : float
        Their values, per mil.
    high_error, low_error : float
        Standard errors of these values.
    """

    name: str
    standards: tuple[str, str]
    high: float
    low: float
    high_error: float
    low_error: float


_KERATIN = ("KHS, kudu horn", "CBS, caribou hoof")
# Values of Soto et al. (2017), doi:10.1002/rcm.7893, with the standard errors that Magozzi et al.
# (2021), doi:10.1111/2041-210X.13556, derive of them. The old scale is that of the feathers of
# most studies before 2017 ("OldEC.1_H_1" of assignR); no transformation goes with its anchoring
# to the older standards, which this line takes as exact.
KERATIN_OLD = ReferenceScale("d2H of keratin before 2017", _KERATIN, -54.7, -197.2, 0.12, 0.17)
KERATIN_VSMOW = ReferenceScale("VSMOW-SLAP", _KERATIN, -35.3, -157.0, 0.49, 0.40)


def rescale(
    values: ArrayLike, sd: ArrayLike, source: ReferenceScale, target: ReferenceScale
) -> tuple[np.ndarray, np.ndarray]:
    """Return values and standard deviations on another scale.

    Parameters
    ----------
    values : array_like of float, shape (n,), per mil
    sd : float or array_like of float, shape (n,)
        The laboratory's standard deviation of each.
    source, target : ReferenceScale
        Two scales by the same two standards.

    Returns
    -------
    values, sd : numpy.ndarray of float64, shape (n,)
        ``y = H' + (x - H) m`` with ``m = (H' - L') / (H - L)``. With ``t = (x - H) / (L - H)``
        the variance is, to first order,
        ``m2 sd2 + (1 - t)2 (sH'2 + m2 sH2) + t2 (sL'2 + m2 sL2)``:
        a value far beyond both standards is the less certain. The errors of the standards are
        common to all values of a laboratory.

    Raises
    ------
    UsageError
        If the scales are of different standards.

    References
    ----------
    Magozzi et al. (2021), Calibration chain transformation improves the comparability of
    organic hydrogen and oxygen stable isotope data, Methods in Ecology and Evolution,
    doi:10.1111/2041-210X.13556. They draw 5,000 times what is computed here.

    Examples
    --------
    >>> value, sd = rescale([-54.7], 0.0, KERATIN_OLD, KERATIN_VSMOW)
    >>> round(float(value[0]), 1)
    -35.3
    """
    if source.standards != target.standards or source.high == source.low:
        raise UsageError(
            _("scale {source} is not of the standards of scale {target}").format(
                source=source.name, target=target.name
            )
        )
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    sd = np.broadcast_to(np.asarray(sd, dtype=np.float64), values.shape)
    slope = (target.high - target.low) / (source.high - source.low)
    share = (values - source.high) / (source.low - source.high)
    variance = (
        slope**2 * sd**2
        + (1 - share) ** 2 * (target.high_error**2 + slope**2 * source.high_error**2)
        + share**2 * (target.low_error**2 + slope**2 * source.low_error**2)
    )
    return target.high + (values - source.high) * slope, np.sqrt(variance)
