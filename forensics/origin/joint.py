"""Many samples of one seizure, placed together.

The samples of one seizure tend to come from few places, and each then tells where the others
are from. How many places there are is not given beforehand: a Dirichlet process says that a
further sample comes from a known place with a weight of the samples already there, and from a
new place with the weight ``concentration``. Gibbs sampling runs over the partitions; the places
themselves are summed out over the cells of the grid.
"""

import math
from dataclasses import dataclass

import numpy as np

from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.geography import Grid, Surface, surface_from_log
from forensics.origin.spatial import (
    SpatialModel,
    allowed_grid,
    animal_log_likelihood,
    prior_weights,
)
from forensics.origin.tuning import log_gains

# Weight of a new place. With 1, twenty samples come from 3.6 places on average beforehand.
CONCENTRATION = 1.0
# "Few places" is at most so many, and at most half of the samples.
FEW_PLACES = 5
# The sweeps of the sampler: kept ones after those that are thrown away.
SWEEPS = 200
BURN_IN = 50
# A sample whose evidence for the others' place is below this (against "anywhere") does not fit.
MIN_FIT = 1.0
# Samples that a notice names.
_MAX_NAMES = 20


@dataclass(frozen=True, eq=False)
class JointPlace:
    """A place that samples of the seizure come from.

    Attributes
    ----------
    members : tuple of str
        Samples, in the order of the file.
    share : float
        Of the samples.
    surface : Surface
        Where it is, by all members together.
    support : float
        Mean probability that two of its members share a place; 1 for one member.
    """

    members: tuple[str, ...]
    share: float
    surface: Surface
    support: float


@dataclass(frozen=True, eq=False)
class Joint:
    """Samples of one seizure, placed together.

    Attributes
    ----------
    places : tuple of JointPlace
        The partition that agrees best with all sampled ones; the largest place first. Every
        sample is in one place; a place of one sample is reported like any other.
    number : numpy.ndarray of float64
        Posterior of the number of places; entry k is for k places.
    few : float
        Posterior that they are few (`FEW_PLACES`).
    few_before : float
        The same beforehand.
    alone : numpy.ndarray of float64, shape (n,)
        Posterior that no other sample is from the sample's place.
    fit : numpy.ndarray of float64, shape (n,)
        Likelihood ratio of each sample: from the place of the rest of its members, against
        from anywhere. NaN for a place of one sample.
    outliers : tuple of str
        Samples that stand alone or whose `fit` is below 1. They are reported whatever the size of
        the seizure.
    """

    samples: tuple[str, ...]
    places: tuple[JointPlace, ...]
    number: np.ndarray
    few: float
    few_before: float
    alone: np.ndarray
    fit: np.ndarray
    outliers: tuple[str, ...]
    notices: tuple[Notice, ...]


def max_few_places(samples: int) -> int:
    """Return how many places still count as few."""
    return max(1, min(FEW_PLACES, samples // 2))


def few_places_prior(samples: int, concentration: float = CONCENTRATION) -> float:
    """Return the probability beforehand that samples come from few places.

    A sample is the first of a new place with ``a / (a + number before)``, independently
    (Chinese restaurant process), so the number of places is a sum of independent events.
    """
    number = np.zeros(samples + 1)
    number[0] = 1.0
    for before in range(samples):
        new = concentration / (concentration + before)
        number[1:] = number[1:] * (1 - new) + number[:-1] * new
        number[0] *= 1 - new
    return float(number[: max_few_places(samples) + 1].sum())


def locate_together(
    model: SpatialModel,
    genotypes: Genotypes,
    *,
    seed: int,
    range_map: np.ndarray | None = None,
    concentration: float = CONCENTRATION,
    sweeps: int = SWEEPS,
) -> Joint:
    """Place the samples of one seizure together.

    Parameters
    ----------
    genotypes : Genotypes
        At least two samples; parts of one animal are one sample (match them first).
    seed : int
        Of the sampler.
    range_map
        As for `spatial.locate`.
    concentration : float
        Weight of a new place.
    sweeps : int
        Kept sweeps of the sampler.

    Raises
    ------
    InputError
        If there are fewer than two samples, or one has no typed locus.
    UsageError
        If an argument is out of range.

    Notes
    -----
    The evidence that samples share a place is the sum over cells of the prior times the product
    of their gains (calibrated posterior over prior); of one sample it is 1. Where the place of m
    samples is follows from the product to the power ``1 / (1 + (m - 1) shared)``: animals of
    a place share its drift. That power is calibrated on whole left-out sites
    (`tuning.calibrate`); it makes a composite likelihood.

    References
    ----------
    Wasser et al. 2007, PNAS 104:4228 (joint assignment of a seizure, "VORONOI"); Neal 2000,
    Journal of Computational and Graphical Statistics 9:249, algorithm 3 (collapsed Gibbs);
    Dahl 2006, in Bayesian Inference for Gene Expression and Proteomics (the partition shown).
    """
    samples = len(genotypes)
    if samples < 2:
        raise InputError(
            _("{count} sample; a seizure placed together needs at least two").format(count=samples),
            source=genotypes.source or None,
        )
    if not (0 < concentration < math.inf and sweeps >= 1):
        raise UsageError(
            _("concentration {value} and {sweeps} sweeps; both must be above 0").format(
                value=concentration, sweeps=sweeps
            )
        )
    grid = allowed_grid(model, range_map)
    weights = prior_weights(model, grid, "area")
    logs, loci, _unseen = animal_log_likelihood(model, genotypes, grid)
    if not loci.all():
        raise InputError(
            _("sample {name} has no typed locus of the model; leave it out").format(
                name=genotypes.animals[int(np.flatnonzero(loci == 0)[0])]
            ),
            source=genotypes.source or None,
        )
    calibration = model.calibration
    gains = log_gains(logs, weights, calibration.temper, calibration.stray)
    sampler = _Sampler(gains, weights, concentration, seed)
    partitions = []
    for sweep in range(BURN_IN + sweeps):
        sampler.sweep()
        if sweep >= BURN_IN:
            partitions.append(sampler.labels.copy())
    together = np.zeros((samples, samples))
    number = np.zeros(samples + 1)
    alone = np.zeros(samples)
    for labels in partitions:
        same = labels[:, None] == labels
        together += same
        number[len(np.unique(labels))] += 1
        alone += same.sum(axis=1) == 1
    together, number, alone = together / sweeps, number / sweeps, alone / sweeps
    # Dahl's partition: the sampled one nearest to the probabilities of sharing a place.
    best = min(
        partitions, key=lambda labels: float((((labels[:, None] == labels) - together) ** 2).sum())
    )
    places, fit = _places(genotypes, grid, gains, weights, calibration.shared, best, together)
    few = float(number[: max_few_places(samples) + 1].sum())
    outlying = (alone > 0.5) | (np.nan_to_num(fit, nan=0.0) < MIN_FIT)
    outliers = tuple(name for name, out in zip(genotypes.animals, outlying) if out)
    return Joint(
        genotypes.animals,
        places,
        number,
        few,
        few_places_prior(samples, concentration),
        alone,
        fit,
        outliers,
        (*model.notices, *_notices_of_outliers(outliers)),
    )


class _Sampler:
    """Collapsed Gibbs sampling of partitions."""

    def __init__(
        self,
        gains: np.ndarray,
        weights: np.ndarray,
        concentration: float,
        seed: int,
    ) -> None:
        self.gains, self.weights = gains, weights
        self.concentration = concentration
        self.random = np.random.default_rng(seed)
        # All in one place to begin with: the sampler must find reasons to part them.
        self.labels = np.zeros(len(gains), dtype=np.intp)
        self.sums = {0: gains.sum(axis=0)}
        self.sizes = {0: len(gains)}

    def evidence(self, total: np.ndarray) -> float:
        """Return the log evidence of samples for one place.

        It is judged by the whole product: the drift that animals of a place have in common also speaks
        for one place.
        """
        top = total.max()
        return float(math.log(float(self.weights @ np.exp(total - top))) + top)

    def sweep(self) -> None:
        """Place each sample again, in random order."""
        for sample in self.random.permutation(len(self.gains)):
            own = self.gains[sample]
            old = int(self.labels[sample])
            self.sizes[old] -= 1
            if self.sizes[old]:
                self.sums[old] = self.sums[old] - own
            else:
                del self.sizes[old], self.sums[old]
            choices, logs = [], []
            for label, size in self.sizes.items():
                before = self.evidence(self.sums[label])
                after = self.evidence(self.sums[label] + own)
                choices.append(label)
                logs.append(math.log(size) + after - before)
            choices.append(
                next(label for label in range(len(self.gains)) if label not in self.sizes)
            )
            logs.append(math.log(self.concentration) + self.evidence(own))
            chances = np.exp(np.array(logs) - max(logs))
            chances /= chances.sum()
            new = choices[int(self.random.choice(len(choices), p=chances))]
            self.labels[sample] = new
            self.sums[new] = self.sums[new] + own if new in self.sums else own.copy()
            self.sizes[new] = self.sizes.get(new, 0) + 1


def _places(
    genotypes: Genotypes,
    grid: Grid,
    gains: np.ndarray,
    weights: np.ndarray,
    shared: float,
    labels: np.ndarray,
    together: np.ndarray,
) -> tuple[tuple[JointPlace, ...], np.ndarray]:
    """Return the places of a partition, largest first, and how well each sample fits its own."""
    fit = np.full(len(labels), math.nan)
    places = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        total = gains[rows].sum(axis=0)
        power = total / (1 + (len(rows) - 1) * shared)
        for row in rows:
            if len(rows) > 1:
                rest = (total - gains[row]) / (1 + (len(rows) - 2) * shared)
                rest = weights * np.exp(rest - rest.max())
                fit[row] = float((rest / rest.sum()) @ np.exp(gains[row]))
        pairs = together[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
        places.append(
            JointPlace(
                tuple(genotypes.animals[row] for row in rows),
                len(rows) / len(labels),
                surface_from_log(grid, power + np.log(weights)),
                float(pairs.mean()) if pairs.size else 1.0,
            )
        )
    return tuple(sorted(places, key=lambda place: (-place.share, place.members))), fit


def _notices_of_outliers(outliers: tuple[str, ...]) -> tuple[Notice, ...]:
    """Return what must be known of samples that stand apart."""
    if not outliers:
        return ()
    names = ", ".join(outliers[:_MAX_NAMES])
    return (notices.OUTLIERS(count=len(outliers), names=names),)
