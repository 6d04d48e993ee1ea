"""How often calls are right: each group of the reference is left out in turn, and its samples are called.

Whatever the reference teaches (densities, temperature, bounds, tails) is learned anew without the
group that is left out. Intervals count groups: samples of one animal or facility are no
independent trials. A facility that is not among the groups is new, and no figure here speaks of it
unless the groups are facilities.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from forensics.individual.captive.densities import Tails, posteriors_of
from forensics.individual.captive.options import DEFAULT, CaptiveOptions
from forensics.individual.captive.results import (
    CalibrationBin,
    ClassPerformance,
    Performance,
    call_samples,
)
from forensics.stats import Rate, clustered_rate, greatest

if TYPE_CHECKING:
    from forensics.individual.captive.classifier import HusbandryClassifier

# Limits of bins of the greatest posterior.
_EDGES = (0.0, 0.6, 0.8, 0.9, 0.95, 1.0)


def evaluate(
    model: "HusbandryClassifier",
    names: Sequence[str],
    options: CaptiveOptions = DEFAULT,
) -> Performance:
    """Return how a fitted classifier does on its own reference, each group left out.

    Parameters
    ----------
    names : sequence of str, length n
        Of the samples that it was fitted to.
    """
    reference = model.reference_
    own, fold, group = reference.own, reference.fold, reference.group
    logs, tails = reference.left_out()
    ratios, calibrated = np.empty_like(logs), np.empty_like(logs)
    for place in range(int(fold.max()) + 1):
        rows = fold == place
        learned = reference.calibration(place)
        ratios[rows] = learned.bounded(logs[rows])
        calibrated[rows] = learned.tails.extended(tails[rows])
    posterior = posteriors_of(ratios, model.prior_)
    calls = call_samples(posterior, ratios, tails, calibrated, options)
    status = np.array([call.status for call in calls])
    best = np.array([call.best for call in calls])
    tails_in_own = tails[np.arange(len(own)), own]
    classes = {}
    for place, name in enumerate(model.classes_):
        rows = own == place
        supported, right = status[rows] == "supported", best[rows] == place
        classes[str(name)] = ClassPerformance(
            samples=int(rows.sum()),
            groups=len(np.unique(group[rows])),
            right=_rate(supported & right, group[rows]),
            wrong=_rate(supported & ~right, group[rows]),
            inconclusive=_rate(status[rows] == "inconclusive", group[rows]),
            neither=_rate(status[rows] == "neither", group[rows]),
            unknown=_unknown(
                np.delete(tails[rows], place, axis=1),
                Tails.of(tails_in_own[~rows], reference.weights[~rows]),
                group[rows],
                options.exclusion_level,
            ),
        )
    return Performance(
        samples=len(own),
        groups=reference.groups,
        accuracy=_rate(best == own, group),
        classes=classes,
        calibration=_calibration(ratios, own, group),
        cllr=_cllr(ratios, own, reference.weights),
        temperature=model.calibration_.temperature,
        excluded_from_own=tuple(
            name for name, call, place in zip(names, calls, own) if call.excluded[place]
        ),
    )


def _unknown(others: np.ndarray, learned: Tails, group: np.ndarray, level: float) -> Rate:
    """Return how many samples of one class all others exclude, where it has no part in anything."""
    excluded = np.maximum(others, learned.extended(others)) <= level
    return _rate(excluded.all(axis=1), group)


def _rate(marks: np.ndarray, group: np.ndarray) -> Rate:
    order = np.argsort(group, kind="stable")
    _names, starts = np.unique(group[order], return_index=True)
    return clustered_rate(part.tolist() for part in np.split(marks[order], starts[1:]))


def _calibration(
    ratios: np.ndarray, own: np.ndarray, group: np.ndarray
) -> tuple[CalibrationBin, ...]:
    posterior = posteriors_of(ratios, np.bincount(own) / len(own))
    stated, right = posterior.max(axis=1), greatest(posterior, axis=1) == own
    which = np.searchsorted(_EDGES[1:-1], stated, side="right")
    bins = []
    for place in np.unique(which).tolist():
        rows = which == place
        bins.append(
            CalibrationBin(
                low=_EDGES[place],
                high=_EDGES[place + 1],
                stated=float(stated[rows].mean()),
                right=_rate(right[rows], group[rows]),
            )
        )
    return tuple(bins)


def _cllr(ratios: np.ndarray, own: np.ndarray, weights: np.ndarray) -> float:
    count = ratios.shape[1]
    posterior = posteriors_of(ratios, np.full(count, 1 / count))
    losses = -np.log(posterior[np.arange(len(own)), own])
    of_class = np.bincount(own, weights=weights * losses) / np.bincount(own, weights=weights)
    return float(of_class.mean() / np.log(count))
