"""Which theta a likelihood ratio is computed with, and where it is from.

Theta is the FST of the local population relative to that from which frequencies were counted (Balding &
Nichols 1994, doi:10.1016/0379-0738(94)90222-4). Where the reference names its populations it is estimated from them,
and never taken smaller than the default: with a theta that is too small, unrelated animals of one population
look like kin.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.errors import UsageError
from forensics.genetics.counts import count_alleles
from forensics.genetics.differentiation import estimate_theta_among
from forensics.genetics.genotypes import Genotypes
from forensics.individual.options import THETA
from forensics.messages import _

__all__ = ["MIN_ANIMALS", "SOURCES", "Theta", "choose_theta", "theta_of_parameters"]

# Populations of fewer animals say too little of their allele frequencies to be compared (a stated choice).
MIN_ANIMALS = 5
# Where a theta can be from, as provenances name it.
SOURCES = ("stated", "reference", "default")


@dataclass(frozen=True, slots=True)
class Theta:
    """A theta with its source.

    Attributes
    ----------
    value : float
        What ratios are computed with; in [0, 1).
    source : str
        One of `SOURCES`: stated by the user, estimated from the reference, or the default; "" where a finding of
        an older version does not say.
    estimate, error : float or None
        What the populations of the reference show, and its standard error over loci; None where it cannot be
        estimated. Never below 0.
    populations : int
        Populations that it was estimated from.
    """

    value: float
    source: str
    estimate: float | None = None
    error: float | None = None
    populations: int = 0

    def parameters(self) -> dict[str, object]:
        """Return what a provenance records of it."""
        recorded: dict[str, object] = {"theta": self.value}
        if self.source:
            recorded["theta_source"] = self.source
        if self.estimate is not None:
            recorded["theta_estimate"] = round(self.estimate, 6)
        return recorded

    def explanation(self) -> str:
        """Return in one sentence which theta is used, and why."""
        if self.source == "stated":
            return _("theta {value:.3g}, as stated").format(value=self.value)
        if self.source == "reference":
            return _(
                "theta {value:.3g}, estimated from {count} populations of the reference (standard error "
                "{error:.2g}), since it is larger than the default of {default:g}"
            ).format(value=self.value, count=self.populations, error=self.error, default=THETA)
        if self.estimate is not None:
            return _(
                "theta {value:.3g}, the default; {count} populations of the reference show less "
                "({estimate:.3g})"
            ).format(value=self.value, count=self.populations, estimate=self.estimate)
        return _(
            "theta {value:.3g}, the default; the reference does not name two populations of {least} animals "
            "from which it could be estimated"
        ).format(value=self.value, least=MIN_ANIMALS)


def choose_theta(reference: Genotypes, stated: float | None = None) -> Theta:
    """Return the theta to compute ratios with.

    Parameters
    ----------
    reference : Genotypes
        The animals from which frequencies are counted, with their populations if known.
    stated : float, optional
        What the user states, in [0, 1); it is taken as it is.

    Returns
    -------
    Theta
        Without `stated` the larger of `forensics.individual.options.THETA` and what the populations of the
        reference show.

    Raises
    ------
    UsageError
        If `stated` is not in [0, 1).
    """
    if stated is not None:
        if not 0 <= stated < 1:
            raise UsageError(
                _("theta is {value}; expected a number from 0 to below 1.").format(value=stated)
            )
        return Theta(float(stated), "stated")
    if reference.populations is None:
        return Theta(THETA, "default")
    names, sizes = np.unique([name for name in reference.populations if name], return_counts=True)
    large = set(names[sizes >= MIN_ANIMALS].tolist())
    if len(large) < 2:
        return Theta(THETA, "default")
    groups = [name if name in large else "" for name in reference.populations]
    counted = count_alleles(reference, groups)
    shown = estimate_theta_among(counted.counts, counted.offsets)
    if not math.isfinite(shown.theta):
        return Theta(THETA, "default")
    estimate = max(0.0, shown.theta)
    error = shown.theta_error if math.isfinite(shown.theta_error) else None
    if estimate > THETA:
        return Theta(round(estimate, 4), "reference", estimate, error, len(large))
    return Theta(THETA, "default", estimate, error, len(large))


def theta_of_parameters(recorded: Mapping[str, Any]) -> Theta:
    """Return the theta that a provenance records, so that a result can be computed again with it.

    Parameters
    ----------
    recorded : mapping
        Parameters of a provenance; numbers of a ledger may be texts.
    """
    source = recorded.get("theta_source", "")
    estimate = recorded.get("theta_estimate")
    return Theta(
        float(recorded["theta"]),
        source if source in SOURCES else "",
        None if estimate is None else float(estimate),
    )
