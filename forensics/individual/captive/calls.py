"""What a sample is called: a class is supported, none fits, or it stays open.

- ``neither``: every class is excluded: its p-value, the greater of that by the density and the
  calibrated one, is at most the level.
- ``supported``: one class has a posterior of at least the confidence, its likelihood ratio against
  the next one has a word of support on the verbal scale (a prior alone supports nothing), and the
  sample lies in its range: neither p-value is at most the level.
- ``inconclusive``: all else. Where the sample lies out of range and cannot be excluded, for want of
  reference samples or because samples of the reference lie as far out, it is said.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forensics.individual.captive.options import CONFIDENCE, LEVEL
from forensics.stats.choice import descending, greatest, reaches
from forensics.verbal import verbal

__all__ = ["CONFIDENCE", "LEVEL", "HusbandryCall", "Status", "call_samples"]


Status = Literal["supported", "inconclusive", "neither"]


@dataclass(frozen=True, slots=True)
class HusbandryCall:
    """What one sample is called.

    Attributes
    ----------
    status : str
        ``supported``, ``inconclusive`` or ``neither``.
    best : int
        Class with the greatest posterior.
    likeliest, next : int
        Classes with the greatest and the second likelihood.
    log10 : float or None
        Of their ratio, bounded; None where the sample is out of range of the likeliest: it would say
        which of two wrong classes is the nearer one.
    outside : bool
        Whether it is out of range of the class with the greatest posterior.
    excluded : tuple of bool
        Of each class.
    """

    status: Status
    best: int
    likeliest: int
    next: int
    log10: float | None
    outside: bool
    excluded: tuple[bool, ...]


def call_samples(
    posterior: np.ndarray,
    ratios: np.ndarray,
    tails: np.ndarray,
    calibrated: np.ndarray,
    *,
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
) -> list[HusbandryCall]:
    """Return what each sample is called.

    Parameters
    ----------
    posterior, ratios : numpy.ndarray of float64, shape (n, K)
        Of `HusbandryClassifier.predict_proba` and `log_ratios`.
    tails, calibrated : numpy.ndarray of float64, shape (n, K)
        Of `HusbandryClassifier.p_values`.
    """
    excluded = np.maximum(tails, calibrated) <= level
    far = np.minimum(tails, calibrated) <= level
    calls = []
    status: Status
    for row, shares in enumerate(posterior):
        likeliest, second = descending(ratios[row], are_logs=True)[:2].tolist()
        best = int(greatest(shares))
        log10 = float(ratios[row, likeliest] - ratios[row, second]) / math.log(10)
        if excluded[row].all():
            status = "neither"
        elif (
            reaches(float(shares[best]), confidence)
            and best == likeliest
            and not far[row, best]
            and verbal(log10=log10).favours == "first"
        ):
            status = "supported"
        else:
            status = "inconclusive"
        calls.append(
            HusbandryCall(
                status,
                best,
                likeliest,
                second,
                None if far[row, likeliest] else log10,
                bool(far[row, best]),
                tuple(excluded[row].tolist()),
            )
        )
    return calls
