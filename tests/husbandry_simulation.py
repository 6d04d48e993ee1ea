"""Simulated measurements of wild and captive animals; no number here was ever measured."""

import numpy as np
import pandas as pd

__all__ = ["MEANS", "SPREADS", "animals", "table"]

# Mean and standard deviation of d13C, d15N in ‰: a browser's diet in the wild, maize and pellets in
# captivity, and a third diet that no reference has. Invented, so that wild and captive overlap.
MEANS = {"wild": (-23.0, 6.0), "captive": (-20.0, 8.0), "other": (-8.0, 16.0)}
SPREADS = {"wild": (1.5, 1.2), "captive": (1.0, 0.8), "other": (1.0, 1.0)}
_CORRELATION = 0.4


def animals(kind, groups, each=1, *, within=0.3, seed=1):
    """Return measurements, shape (groups * each, 2), and the group of each.

    ``within`` is the share of the variance that differs between samples of a group.
    """
    random = np.random.default_rng([seed, *kind.encode()])
    shape = np.linalg.cholesky([[1.0, _CORRELATION], [_CORRELATION, 1.0]]).T
    shared = random.standard_normal((groups, 1, 2)) * np.sqrt(1 - within)
    own = random.standard_normal((groups, each, 2)) * np.sqrt(within)
    values = ((shared + own) @ shape).reshape(-1, 2) * SPREADS[kind] + MEANS[kind]
    return values, np.repeat(np.arange(groups), each)


def table(groups, each=1, *, kinds=("wild", "captive"), seed=1):
    """Return a reference as a DataFrame: sample, origin, farm, d13C, d15N."""
    parts = []
    for kind in kinds:
        values, group = animals(kind, groups, each, seed=seed)
        parts.append(
            pd.DataFrame(
                {
                    "sample": [f"{kind} {place}" for place in range(len(group))],
                    "origin": kind,
                    "farm": [f"{kind} farm {one}" for one in group],
                    "d13C": values[:, 0],
                    "d15N": values[:, 1],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
