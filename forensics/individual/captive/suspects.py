"""Reference samples whose label their own measurements contradict: wrong labels, laundering.

A wild animal that was sold as captive stands in the reference as captive. Such labels widen the
density of their class and take away what the reference can support, and nobody sees why. So each
sample is asked about with its group left out, by densities that count every other sample as far as
its label is believed: its class is taken as unknown, the label as right but for a small share, and
both are learned from each other (expectation and maximisation; Dempster, Laird & Rubin 1977,
doi:10.1111/j.2517-6161.1977.tb01600.x; labels with errors: Lawrence & Schölkopf 2001).

A sample is suspect where the label is wrong with a probability of `SUSPECT` or more. If a label is
right, a likelihood ratio of r against it comes up at most once in r samples (Markov's inequality), so
that the number of suspects among right labels is known beforehand, and the p-value of so many or more.
"""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from forensics.fit import FitStatistic
from forensics.individual.captive.classifier import Reference
from forensics.individual.captive.densities import GroupSums, densities_of
from forensics.stats.choice import greatest, ranked

__all__ = ["SUSPECT", "WRONG_SHARE", "Suspect", "find_suspects", "label_check"]

# Share of labels that is taken as wrong beforehand. A stated choice: a reference with more should not
# be used, and with less only ratios above 361 make a suspect.
WRONG_SHARE = 0.05
# Probability of a wrong label from which on a sample is named.
SUSPECT = 0.95
_STEPS = 12  # of the iteration; after eight nothing changes in simulated references


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
        sums = _believed_sums(reference, belief)
        without = sums.without(sums.total())
        if (without.groups <= reference.width + 1).any():  # a class that nobody believes in
            break
        logs = densities_of(without).at(reference.values, reference.fold)[0]
        belief = prior * np.exp(logs - logs.max(axis=1, keepdims=True))
        belief /= belief.sum(axis=1, keepdims=True)
    wrong = 1 - belief[np.arange(len(own)), own]
    suspects = [
        Suspect(place, int(own[place]), int(greatest(belief[place])), float(wrong[place]))
        for place in np.flatnonzero(wrong >= SUSPECT).tolist()
    ]
    return ranked(suspects, attrgetter("probability"))


def _believed_sums(reference: Reference, belief: np.ndarray) -> GroupSums:
    """Return sums over groups, each sample counted in each class as far as it is believed to be of it."""
    X, fold = reference.values, reference.fold
    folds, count, width = int(fold.max()) + 1, belief.shape[1], X.shape[1]
    weights = reference.weights[:, None] * belief
    groups = np.zeros((folds, count))
    means = np.zeros((folds, count, width))
    squares = np.zeros((folds, count, width, width))
    np.add.at(groups, fold, weights)
    np.add.at(means, fold, weights[..., None] * X[:, None, :])
    products = X[:, :, None] * X[:, None, :]
    np.add.at(squares, fold, weights[..., None, None] * products[:, None])
    return GroupSums(groups, means, squares)


def label_check(suspects: list[Suspect], reference: Reference) -> FitStatistic:
    """Return whether so many suspects come up among right labels; groups are counted, not samples."""
    from scipy.special import gammainc

    groups = len({int(reference.group[suspect.place]) for suspect in suspects})
    # The odds that make a suspect, divided by those of a wrong label beforehand: a ratio of 361.
    ratio = SUSPECT / (1 - SUSPECT) * (1 - WRONG_SHARE) / WRONG_SHARE
    expected = reference.groups / ratio
    p = float(gammainc(groups, expected)) if groups else 1.0
    return FitStatistic("labels", float(groups), expected, p)
