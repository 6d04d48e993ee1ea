"""How often answers are right: each group of the reference is left out, and asked about.

Whatever the reference teaches (densities, temperature, bounds, tails) is learned anew without the
group that is asked about. Intervals count groups: samples of one animal or facility are no
independent trials. A facility that is not among the groups is new, and no figure here speaks of it
unless the groups are facilities.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.individual.captive.answers import answers
from forensics.individual.captive.calibration import Tails, posteriors_of
from forensics.individual.captive.classifier import HusbandryClassifier
from forensics.messages import _
from forensics.stats.intervals import Rate, clustered_rate

__all__ = ["Performance", "evaluate"]

# Limits of bins of the greatest posterior.
_EDGES = (0.0, 0.6, 0.8, 0.9, 0.95, 1.0)
_SHOWN = 10  # names in one line


@dataclass(frozen=True)
class Performance:
    """What was found of samples of the reference, each without its group.

    Attributes
    ----------
    samples, groups : int
    accuracy : Rate
        Samples whose own class had the greatest posterior.
    classes : dict of str to dict
        Of each class ``samples``, ``groups`` and the `Rate` of answers: ``right``, ``wrong`` (another
        class was supported), ``inconclusive``, ``neither`` (excluded wrongly); and ``unknown``, the
        rate of samples that all other classes exclude, as if this one were not in the reference;
        None where the others have too few groups to exclude anything at the level.
    calibration : list of dict
        Bins of the greatest posterior, with the shares of classes among the samples as prior, so
        that shares of samples are what it should give: ``low``, ``high``, ``stated`` (its mean) and
        ``right``, a `Rate`.
    cllr : float
        Cost of the log likelihood ratios: 0 is perfect, 1 says nothing, more misleads. With more
        than two classes the logarithmic loss of posteriors under an equal prior, divided by that of
        the prior.
    temperature : float
        Of the whole reference.
    doubtful : tuple of str
        Names of samples that were excluded from their own class.

    References
    ----------
    Brümmer & du Preez 2006, doi:10.1016/j.csl.2005.08.001 (cllr).
    """

    samples: int
    groups: int
    accuracy: Rate
    classes: dict[str, dict]
    calibration: list[dict]
    cllr: float
    temperature: float
    doubtful: tuple[str, ...]

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {
            "samples": self.samples,
            "groups": self.groups,
            "accuracy": self.accuracy.to_dict(),
            "classes": {name: _plain(one) for name, one in self.classes.items()},
            "calibration": [_plain(one) for one in self.calibration],
            "cllr": self.cllr,
            "temperature": self.temperature,
            "excluded_from_own": list(self.doubtful),
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        reference = _(
            "{samples} samples in {groups} groups; each group was left out and asked about"
        )
        lines = [
            (_("Reference"), reference.format(samples=self.samples, groups=self.groups)),
            (_("Likeliest class right"), _shown(self.accuracy)),
        ]
        for name, figures in self.classes.items():
            text = _(
                "of {samples} samples in {groups} groups: supported {right}; another class supported "
                "{wrong}; inconclusive {inconclusive}; wrongly neither {neither}. Were the class not "
                "in the reference, neither: {unknown}"
            )
            texts = {"unknown": _("cannot be found, with so few groups of the others")} | {
                key: _shown(value) if isinstance(value, Rate) else value
                for key, value in figures.items()
                if value is not None
            }
            lines.append((name, text.format(**texts)))
        bins = _("stated {stated:.1%}, right {right}")
        lines += [
            (
                _("Calibration"),
                _("with the shares of the reference as prior: {bins}").format(
                    bins=_("; ").join(
                        bins.format(stated=one["stated"], right=_shown(one["right"]))
                        for one in self.calibration
                    )
                ),
            ),
            (
                _("Cost of ratios"),
                _("Cllr {value:.3f} (0 is perfect, 1 says nothing)").format(value=self.cllr),
            ),
        ]
        if self.doubtful:
            shown = ", ".join(self.doubtful[:_SHOWN]) + (" …" if self.doubtful[_SHOWN:] else "")
            lines.append((_("Out of their own class"), shown))
        return lines


def _plain(values: dict) -> dict:
    return {key: one.to_dict() if isinstance(one, Rate) else one for key, one in values.items()}


def _shown(rate: Rate) -> str:
    return _("{share:.1%} ({low:.1%}-{high:.1%})").format(
        share=rate.share, low=rate.low, high=rate.high
    )


def evaluate(
    model: HusbandryClassifier,
    names: Sequence[str],
    *,
    confidence: float,
    level: float,
    extended: bool = True,
) -> Performance:
    """Return how a fitted classifier does on its own reference, each group left out.

    Parameters
    ----------
    model : HusbandryClassifier
    names : sequence of str, length n
        Of the samples that it was fitted to.
    confidence, level : float
        See `forensics.individual.captive.answers`.
    extended : bool
        As in `HusbandryClassifier.p_values`.
    """
    reference = model.reference_
    own, fold, group = reference.own, reference.fold, reference.group
    logs, tails = reference.left_out()
    ratios, calibrated = np.empty_like(logs), np.empty_like(logs)
    for place in range(int(fold.max()) + 1):
        rows = fold == place
        learned = reference.calibration(place)
        ratios[rows] = learned.bounded(logs[rows])
        calibrated[rows] = _shares(learned.tails, tails[rows], extended)
    posterior = posteriors_of(ratios, model.prior_)
    found = answers(posterior, ratios, tails, calibrated, confidence=confidence, level=level)
    status = np.array([one.status for one in found])
    best = np.array([one.best for one in found])
    marks = {
        "right": (status == "supported") & (best == own),
        "wrong": (status == "supported") & (best != own),
        "inconclusive": status == "inconclusive",
        "neither": status == "neither",
    }
    in_own = tails[np.arange(len(own)), own]
    classes = {}
    for place, name in enumerate(model.classes_):
        rows = own == place
        classes[str(name)] = {
            "samples": int(rows.sum()),
            "groups": len(np.unique(group[rows])),
            **{key: _rate(mark[rows], group[rows]) for key, mark in marks.items()},
            "unknown": _unknown(
                np.delete(tails[rows], place, axis=1),
                Tails.of(in_own[~rows], reference.weights[~rows]),
                group[rows],
                level,
                extended,
            ),
        }
    doubtful = [name for name, one, place in zip(names, found, own) if one.excluded[place]]
    return Performance(
        samples=len(own),
        groups=reference.groups,
        accuracy=_rate(best == own, group),
        classes=classes,
        calibration=_calibration(ratios, own, group),
        cllr=_cllr(ratios, own, reference.weights),
        temperature=model.calibration_.temperature,
        doubtful=tuple(doubtful),
    )


def _shares(learned: Tails, tails: np.ndarray, extended: bool) -> np.ndarray:
    return learned.extended(tails) if extended else learned.calibrated(tails)


def _unknown(
    others: np.ndarray, learned: Tails, group: np.ndarray, level: float, extended: bool
) -> Rate | None:
    """Return how many samples of one class all others exclude, where it has no part in anything."""
    if not extended and 1 / (learned.groups + 1) > level:
        return None
    excluded = np.maximum(others, _shares(learned, others, extended)) <= level
    return _rate(excluded.all(axis=1), group)


def _rate(marks: np.ndarray, group: np.ndarray) -> Rate:
    order = np.argsort(group, kind="stable")
    _names, starts = np.unique(group[order], return_index=True)
    return clustered_rate(part.tolist() for part in np.split(marks[order], starts[1:]))


def _calibration(ratios, own, group) -> list[dict]:
    posterior = posteriors_of(ratios, np.bincount(own) / len(own))
    stated, right = posterior.max(axis=1), posterior.argmax(axis=1) == own
    which = np.searchsorted(_EDGES[1:-1], stated, side="right")
    result = []
    for place in np.unique(which).tolist():
        rows = which == place
        result.append(
            {
                "low": _EDGES[place],
                "high": _EDGES[place + 1],
                "stated": float(stated[rows].mean()),
                "right": _rate(right[rows], group[rows]),
            }
        )
    return result


def _cllr(ratios, own, weights) -> float:
    count = ratios.shape[1]
    posterior = posteriors_of(ratios, np.full(count, 1 / count))
    losses = -np.log(posterior[np.arange(len(own)), own])
    of_class = np.bincount(own, weights=weights * losses) / np.bincount(own, weights=weights)
    return float(of_class.mean() / np.log(count))
