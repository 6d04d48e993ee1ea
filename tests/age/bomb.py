"""A made curve with the shape of a post-bomb one; its numbers are nobody's measurements."""

import numpy as np

from forensics.age.radiocarbon import Curve


def bomb_curve(last: float = 2019.5) -> Curve:
    """Return F14C flat to 1955, steep to 1.8 in 1964.5, then falling by a time of 17 years."""
    years = np.concatenate([np.arange(1600.0, 1955.0, 5.0), np.arange(1955.0, last + 0.01, 0.5)])
    rise = 0.975 + 0.825 * np.clip((years - 1955) / 9.5, 0, 1) ** 2
    fall = 0.975 + 0.825 * np.exp(-(years - 1964.5) / 17.0)
    return Curve(
        "made", years, np.where(years <= 1964.5, rise, fall), np.full(len(years), 0.002),
        ({"file": "made", "sha256": "0" * 64},),
    )  # fmt: skip
