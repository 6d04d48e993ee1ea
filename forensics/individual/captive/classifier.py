"""A classifier of a laboratory's own measurements, for scikit-learn, and how often its calls are right.

``HusbandryClassifier`` is a classifier like any other; what it adds are groups (samples of one animal
or one facility are left out together) and p-values (how far out of each class a sample lies).

1. Each class has a density of a sample of a further group (`forensics.individual.captive.densities`).
2. Reference samples whose group was left out say how sure a posterior, and how great a likelihood
   ratio, may be (`forensics.individual.captive.densities`).
3. The p-value of a class is the greater of two: the upper tail of its density, and the share of
   groups of the reference whose left-out samples lie as far out of their own class. The second one
   needs no normal distribution as far as the reference goes; beyond its outermost sample the density
   continues it.

Importing this module imports scikit-learn.

**Suspect labels** are those of reference samples whose own measurements contradict them: wrong labels,
laundering. A wild animal that was sold as captive stands in the reference as captive. Such labels widen the
density of their class and take away what the reference can support, and nobody sees why. So each
sample is asked about with its group left out, by densities that count every other sample as far as
its label is believed: its class is taken as unknown, the label as right but for a small share, and
both are learned from each other (expectation and maximisation; Dempster, Laird & Rubin 1977,
doi:10.1111/j.2517-6161.1977.tb01600.x; labels with errors: Lawrence & Schölkopf 2001).

A sample is suspect where the label is wrong with a probability of `SUSPECT` or more. If a label is
right, a likelihood ratio of r against it comes up at most once in r samples (Markov's inequality), so
that the number of suspects among right labels is known beforehand, and the p-value of so many or more.

**Evaluation.** Each group of the reference is left out in turn, and its samples are called. Whatever the reference
teaches (densities, temperature, bounds, tails) is learned anew without the group that is left out. Intervals count
groups: samples of one animal or facility are no independent trials. A facility that is not among the groups is new,
and no figure here speaks of it unless the groups are facilities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from forensics.errors import UsageError
from forensics.fit import FitStatistic
from forensics.genetics.encoder import checked
from forensics.individual.captive.densities import (
    SPARE_GROUPS,
    Calibration,
    GroupSums,
    Tails,
    calibrate,
    densities_of,
    group_sums,
    group_weights,
    posteriors_of,
)
from forensics.individual.captive.results import (
    CalibrationBin,
    ClassPerformance,
    Performance,
    call_samples,
)
from forensics.individual.options import CAPTIVE_DEFAULTS, CaptiveOptions
from forensics.messages import _
from forensics.stats import Rate, clustered_rate, greatest, ranked

# Groups of a class, whatever the number of measurements. A stated choice: with five a density has
# tails that exclude almost nothing, and a ratio is at most six.
MIN_GROUPS = 5
# Sets of groups that are left out one after the other. With at most so many groups each is left out
# alone; with more, several are, and what is left is still more than 99 % of them.
MAX_FOLDS = 200

# Share of labels that is taken as wrong beforehand. A stated choice: a reference with more should not
# be used, and with less only ratios above 361 make a suspect.
WRONG_SHARE = 0.05
# Probability of a wrong label from which on a sample is named.
SUSPECT = 0.95
_STEPS = 12  # of the iteration; after eight nothing changes in simulated references
# Limits of bins of the greatest posterior.
_EDGES = (0.0, 0.6, 0.8, 0.9, 0.95, 1.0)


class Reference:
    """Samples of known class, in folds that are left out.

    Parameters
    ----------
    X : numpy.ndarray of float64, shape (n, d)
    own : numpy.ndarray of intp, shape (n,)
        Class of each sample.
    group : numpy.ndarray of intp, shape (n,)

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (n, d)
        Measurements in standard deviations, see `scaled`.
    own, group
        As given.
    groups, width : int
        Independent groups, and measurements.
    fold : numpy.ndarray of intp, shape (n,)
    weights : numpy.ndarray of float64, shape (n,)
        Those of one group and class sum to 1.
    densities : Densities
        Of samples in standard deviations, see `scaled`.
    """

    def __init__(self, X: np.ndarray, own: np.ndarray, group: np.ndarray) -> None:
        self._centre = X.mean(axis=0)
        spread = X.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        self.values, self.own, self.group = self.scaled(X), own, group
        # Groups in the order of their classes are dealt out, so that folds resemble each other.
        names, first, which = np.unique(group, return_index=True, return_inverse=True)
        ranks = np.empty(len(names), dtype=np.intp)
        ranks[np.argsort(own[first], kind="stable")] = np.arange(len(names))
        self.groups, self.width = len(names), X.shape[1]
        self.fold = ranks[which.ravel()] % MAX_FOLDS
        self.weights = group_weights(own, group)
        self._sums = self.sums(np.eye(int(own.max()) + 1)[own])
        self.densities = densities_of(self._sums.total())

    def sums(self, belief: np.ndarray) -> GroupSums:
        """Return sums over groups, each sample counted in each class as far as it is believed to be of it."""
        return group_sums(self.values, self.weights[:, None] * belief, self.fold)

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Return measurements in standard deviations of the reference."""
        return (X - self._centre) / self._spread

    def left_out(self, place: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return log densities and p-values of each sample without its fold; shape (n, K).

        Parameters
        ----------
        place : int, optional
            A further fold, that is left out everywhere.
        """
        sums = self._sums if place is None else self._sums.dropping(place)
        return densities_of(sums.without(sums.total())).at(self.values, self.fold)

    def calibration(self, place: int | None = None) -> Calibration:
        """Return what left-out samples say, those of fold `place` having no part in anything."""
        logs, p_values = self.left_out(place)
        rows = slice(None) if place is None else self.fold != place
        return calibrate(logs[rows], p_values[rows], self.own[rows], self.weights[rows])


class HusbandryClassifier(ClassifierMixin, BaseEstimator):
    """Classify samples by measurements such as stable isotopes; a classifier for scikit-learn.

    Parameters
    ----------
    prior : "equal" or dict of label to float
        Prior probability of each class.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (K,)
    prior_ : numpy.ndarray of float64, shape (K,)
    reference_ : Reference
    calibration_ : Calibration
    n_features_in_ : int

    Notes
    -----
    Each class needs `MIN_GROUPS` groups, and three more than there are measurements.

    Examples
    --------
    >>> X = [[-20.1], [-21.3], [-22.0], [-20.7], [-21.5], [-14.2], [-15.0], [-13.1], [-14.8], [-13.9]]
    >>> model = HusbandryClassifier().fit(X, ["wild"] * 5 + ["captive"] * 5)
    >>> model.predict([[-21.0]]).tolist()
    ['wild']
    >>> bool(model.predict_proba([[-21.0]]).max() < 0.86)  # five samples support a ratio of six
    True
    """

    def __init__(self, prior: str | Mapping[Any, float] = "equal") -> None:
        self.prior = prior

    def fit(
        self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None
    ) -> "HusbandryClassifier":
        """Learn the classes.

        Parameters
        ----------
        X : array-like of float, shape (n, d)
            Measurements; none may be missing.
        y : array-like, shape (n,)
            Class of each sample.
        groups : array-like, shape (n,), optional
            Animal or facility of each sample; by default each sample is a group of its own.

        Raises
        ------
        ValueError
            If a class has too few groups, or values are missing.
        UsageError
            If the prior does not fit the classes.
        """
        if y is None:
            raise ValueError(
                "This HusbandryClassifier estimator requires y to be passed, but the target y is "
                "None."
            )
        values = _finite(checked(self, X, reset=True))
        labels = column_or_1d(y, warn=True)
        check_consistent_length(values, labels, groups)
        check_classification_targets(labels)
        self.classes_, own = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                _("found only one class, {name!r}; two or more are expected").format(
                    name=self.classes_[0]
                )
            )
        group = np.arange(len(values))
        if groups is not None:
            group = np.unique(column_or_1d(groups), return_inverse=True)[1]
        self.prior_ = _prior_of(self.classes_, self.prior)
        columns = values.shape[1]
        min_groups = max(MIN_GROUPS, columns + SPARE_GROUPS)
        for place, name in enumerate(self.classes_):
            count = len(np.unique(group[own == place]))
            if count < min_groups:
                raise ValueError(
                    _(
                        "class {name}: {found} independent groups (n_samples = {samples}); with "
                        "{count} measurements (n_features = {count}) at least {least} are needed. "
                        "Samples of one animal or facility are one group"
                    ).format(
                        name=name,
                        found=count,
                        samples=int((own == place).sum()),
                        count=columns,
                        least=min_groups,
                    )
                )
        self.reference_ = Reference(values, own, group)
        self.calibration_ = self.reference_.calibration()
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return posteriors; float64, shape (n, K)."""
        return posteriors_of(self.log_ratios(X), self.prior_)

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Return logarithms of posteriors; float64, shape (n, K)."""
        return np.log(self.predict_proba(X))

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the class with the greatest posterior; it says nothing of a class unknown."""
        best = greatest(self.predict_proba(X), axis=1)
        return self.classes_[best]

    def log_ratios(self, X: ArrayLike) -> np.ndarray:
        """Return log likelihood ratios of each class to the likeliest one, bounded; shape (n, K)."""
        logs = self._densities(X)[0]
        return self.calibration_.bounded(logs)

    def p_values(self, X: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how many samples of each class lie as far out, or as far towards another class.

        Parameters
        ----------
        X : array-like of float, shape (n, d)

        Returns
        -------
        tails, calibrated : numpy.ndarray of float64, shape (n, K)
            Of the density, and calibrated. A class is excluded where the greater of the two is at most the
            level.
        between : numpy.ndarray of float64, shape (n, K)
            Towards another class, see `forensics.individual.captive.densities`.
        """
        logs, tails = self._densities(X)
        calibration = self.calibration_
        return tails, calibration.tails.extended(tails), calibration.between(logs)

    def _densities(self, X: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        values = _finite(checked(self, X, reset=False))
        return self.reference_.densities.at(self.reference_.scaled(values))


def _prior_of(classes: np.ndarray, prior: str | Mapping[Any, float]) -> np.ndarray:
    """Return the prior of each class; each must be named once, and all sum to 1."""
    if isinstance(prior, str):
        if prior != "equal":
            raise UsageError(
                _("prior {found!r}; expected 'equal', or a probability of each class").format(
                    found=prior
                )
            )
        return np.full(len(classes), 1 / len(classes))
    values = np.array([prior.get(label, -1.0) for label in classes], dtype=np.float64)
    if len(prior) != len(classes) or not (values > 0).all() or abs(values.sum() - 1) > 1e-6:
        raise UsageError(
            _(
                "the prior must give each of these classes a probability above 0, which sum to 1: "
                "{classes}"
            ).format(classes=", ".join(map(str, classes)))
        )
    return values / values.sum()


def _finite(X: np.ndarray) -> np.ndarray:
    if np.isnan(X).any():
        row, column = np.argwhere(np.isnan(X))[0]
        raise ValueError(
            _(
                "row {row}, column {column}: NaN; the measurement is missing and cannot be replaced"
            ).format(row=row + 1, column=column + 1)
        )
    return X


# -- suspect labels --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suspect:
    """A reference sample whose label its measurements contradict.

    Attributes
    ----------
    place : int
        Of the sample in the reference.
    label, likelier : int
        Class by its label, and by its measurements.
    probability : float
        That the label is wrong, if a share of `WRONG_SHARE` is.
    """

    place: int
    label: int
    likelier: int
    probability: float


def find_suspects(reference: Reference) -> list[Suspect]:
    """Return the samples whose label their measurements contradict, the surest first."""
    own, count = reference.own, int(reference.own.max()) + 1
    prior = np.full((len(own), count), WRONG_SHARE / (count - 1))
    prior[np.arange(len(own)), own] = 1 - WRONG_SHARE
    belief = np.eye(count)[own]
    for _step in range(_STEPS):
        sums = reference.sums(belief)
        without = sums.without(sums.total())
        if (without.groups <= reference.width + 1).any():  # a class that nobody believes in
            break
        logs = densities_of(without).at(reference.values, reference.fold)[0]
        belief = posteriors_of(logs, prior)
    wrong = 1 - belief[np.arange(len(own)), own]
    suspects = [
        Suspect(place, int(own[place]), int(greatest(belief[place])), float(wrong[place]))
        for place in np.flatnonzero(wrong >= SUSPECT).tolist()
    ]
    return ranked(suspects, attrgetter("probability"))


def label_check(suspects: list[Suspect], reference: Reference) -> FitStatistic:
    """Return whether so many suspects come up among right labels; groups are counted, not samples."""
    from scipy.special import gammainc

    groups = len({int(reference.group[suspect.place]) for suspect in suspects})
    # The odds that make a suspect, divided by those of a wrong label beforehand: a ratio of 361.
    ratio = SUSPECT / (1 - SUSPECT) * (1 - WRONG_SHARE) / WRONG_SHARE
    expected = reference.groups / ratio
    p = float(gammainc(groups, expected)) if groups else 1.0
    return FitStatistic("labels", float(groups), expected, p)


# -- evaluation ------------------------------------------------------------------------


def evaluate(
    model: "HusbandryClassifier",
    names: Sequence[str],
    options: CaptiveOptions = CAPTIVE_DEFAULTS,
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
    ratios, calibrated, between = (np.empty_like(logs) for _array in range(3))
    for place in range(int(fold.max()) + 1):
        rows = fold == place
        learned = reference.calibration(place)
        ratios[rows] = learned.bounded(logs[rows])
        calibrated[rows] = learned.tails.extended(tails[rows])
        between[rows] = learned.between(logs[rows])
    posterior = posteriors_of(ratios, model.prior_)
    calls = call_samples(posterior, ratios, tails, calibrated, between, options)
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
