"""d2H of keratin of before 2017 brought to VSMOW-SLAP, for the comparison with assignR.

A scale is fixed by two standards; the same two standards measured on two scales give the line between them.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["to_vsmow"]


class Scale(NamedTuple):
    """Two standards, KHS (kudu horn) and CBS (caribou hoof), as a scale has them, per mil."""

    high: float
    low: float
    high_error: float
    low_error: float


# Values of Soto et al. (2017), doi:10.1002/rcm.7893, with the standard errors that Magozzi et al.
# (2021), doi:10.1111/2041-210X.13556, derive of them. The old scale is that of the feathers of
# most studies before 2017 ("OldEC.1_H_1" of assignR); no transformation goes with its anchoring
# to the older standards, which this line takes as exact.
OLD = Scale(-54.7, -197.2, 0.12, 0.17)
VSMOW = Scale(-35.3, -157.0, 0.49, 0.40)


def to_vsmow(values, sd):
    """Return values and standard deviations on VSMOW-SLAP; both float64, shape (n,).

    ``y = H' + (x - H) m`` with ``m = (H' - L') / (H - L)``. With ``t = (x - H) / (L - H)`` the variance is,
    to first order, ``m2 sd2 + (1 - t)2 (sH'2 + m2 sH2) + t2 (sL'2 + m2 sL2)``. Magozzi et al. draw 5,000
    times what is computed here.
    """
    values = np.asarray(values, dtype=np.float64)
    slope = (VSMOW.high - VSMOW.low) / (OLD.high - OLD.low)
    share = (values - OLD.high) / (OLD.low - OLD.high)
    variance = (
        slope**2 * np.asarray(sd, dtype=np.float64) ** 2
        + (1 - share) ** 2 * (VSMOW.high_error**2 + slope**2 * OLD.high_error**2)
        + share**2 * (VSMOW.low_error**2 + slope**2 * OLD.low_error**2)
    )
    return VSMOW.high + (values - OLD.high) * slope, np.sqrt(variance)
