"""What the exclusion of a reference is worth: its power beside its false rate, for the card."""

from dataclasses import replace
from typing import Any

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.origin.baseline import build_baseline
from forensics.origin.exclusion import ExclusionFit, fit_exclusion
from forensics.origin.population_results import MIN_POWER
from forensics.stats.intervals import wilson

__all__ = ["LEVELS", "describe_power", "evaluate_exclusion"]

# The default level of an exclusion, and those that are usual beside it.
LEVELS = (0.01, 0.05, 0.1)
# Level of the table by group, where the shares are large enough to be compared.
_LEVEL_OF_GROUPS = 0.05
# Groups of the table by group.
_MAX_GROUPS = 200


def evaluate_exclusion(genotypes: Genotypes, *, sites: bool = False) -> dict[str, Any]:
    """Return how many animals from elsewhere the exclusion notices, as plain values.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known population; others are left out.
    sites : bool
        Whether populations are the sites of the animals.
    """
    if sites:
        from forensics.origin.sites import sites_of

        genotypes = replace(genotypes, populations=sites_of(genotypes), units=None)
    genotypes = genotypes.take([bool(name) for name in genotypes.populations or ()])
    baseline = build_baseline(genotypes)
    names: tuple[str, ...] = baseline.populations
    fit = fit_exclusion(genotypes, baseline)
    if fit.elsewhere.removed == "unit":
        names = baseline.unit_names
    return describe_power(fit, names, removed="site" if sites else None)


def describe_power(
    fit: ExclusionFit, names: tuple[str, ...], *, removed: str | None = None
) -> dict[str, Any]:
    """Return power and false rate at `LEVELS`, and the power by group.

    Parameters
    ----------
    fit : ExclusionFit
    names : tuple of str
        Of the groups that were removed.
    removed : str, optional
        How they are called, where they are not populations or units.
    """
    rows = []
    for level in LEVELS:
        power = fit.power(level)
        rows.append(
            {
                "level": level,
                "noticed": power.noticed.share,
                "low": power.noticed.low,
                "high": power.noticed.high,
                "falsely excluded": power.falsely.share,
                "falsely low": power.falsely.low,
                "falsely high": power.falsely.high,
                "fits may be said": "yes" if power.suffices else "no",
            }
        )
    groups = fit.elsewhere.groups
    by_group = []
    for place in np.unique(groups)[:_MAX_GROUPS]:
        noticed = fit.elsewhere.absent[groups == place] <= _LEVEL_OF_GROUPS
        low, high = wilson(float(noticed.mean()), len(noticed))
        by_group.append(
            {
                "removed": names[place],
                "animals": len(noticed),
                "noticed": float(noticed.mean()),
                "low": low,
                "high": high,
            }
        )
    return {
        "removed, one at a time": removed or fit.elsewhere.removed,
        "groups": len(np.unique(groups)),
        "animals": len(groups),
        "power that 'fits' needs": MIN_POWER,
        "by level": rows,
        f"by {removed or fit.elsewhere.removed} at {_LEVEL_OF_GROUPS:g}": by_group,
    }
