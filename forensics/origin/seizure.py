"""Many samples of one seizure: which share comes from each population, and from which places they come.

**Shares.** Alleles of the sample are not added to the reference: the likelihood of each animal is the one it
has alone (conditional likelihood: Millar 1987; the model of rubias, Moran & Anderson 2019,
doi:10.1139/cjfas-2018-0016).

**Places.** The samples of one seizure tend to come from few places, and each then tells where the others
are from. How many places there are is not given beforehand: a Dirichlet process says that a
further sample comes from a known place with a weight of the samples already there, and from a
new place with the weight ``concentration``. Gibbs sampling runs over the partitions; the places
themselves are summed out over the cells of the grid.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.result import Result
from forensics.core.stored import keys_of, not_stored, reported, stored, to_stored
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import Share, _, ngettext, thousands
from forensics.notices import origin as notices
from forensics.origin.assignment import Baseline, values_of
from forensics.origin.geography import Grid, Surface, surface_from_log
from forensics.origin.regions import RegionAnswer
from forensics.origin.results import MapSummary, omitted, summarise_surface, unstored
from forensics.origin.spatial import (
    SpatialModel,
    allowed_grid,
    animal_log_likelihood,
    prior_weights,
)
from forensics.origin.tuning import log_gains
from forensics.stats import MAX_R_HAT, greatest, split_r_hat

CHAINS = 4
SWEEPS = 2000
BURN_IN = 500
LEVEL = 0.95
# EM stops when no proportion changes by more than this; a hundredth of what is printed.
TOLERANCE = 1e-8
MAX_STEPS = 20_000

# Weight of a new place. With 1, twenty samples come from 3.6 places on average beforehand.
CONCENTRATION = 1.0
# "Few places" is at most so many, and at most half of the samples.
FEW_PLACES = 5
# The sweeps of the sampler: kept ones after those that are thrown away.
JOINT_SWEEPS = 200
JOINT_BURN_IN = 50
# A sample whose evidence for the others' place is below this (against "anywhere") does not fit.
MIN_FIT = 1.0
# Samples that a notice names.
_MAX_NAMES = 20
# The statement that the samples come from few places, or that they do not, needs this much.
MIN_SURE = 0.95
# The region of a place that people read the size of.
_LEVEL = 0.90


# -- shares of populations -------------------------------------------------------------


def em(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the proportions of greatest likelihood and the steps that were needed.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.

    References
    ----------
    Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x.
    """
    likelihood = np.exp(values - values.max(axis=1, keepdims=True))
    proportions = np.full(values.shape[1], 1.0 / values.shape[1])
    steps, change = 0, np.inf
    while change > TOLERANCE and steps < MAX_STEPS:
        joint = likelihood * proportions
        new = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        change = np.abs(new - proportions).max()
        proportions, steps = new, steps + 1
    return proportions, steps


def gibbs(
    values: np.ndarray,
    prior: np.ndarray,
    *,
    sweeps: int = SWEEPS,
    burn_in: int = BURN_IN,
    chains: int = CHAINS,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw proportions and the populations of the animals from their joint posterior.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.
    prior : numpy.ndarray of float64, shape (P,)
        Dirichlet parameters.
    sweeps, burn_in : int
        Sweeps of each chain that are kept, and that are thrown away before.
    chains : int
        Each starts from proportions drawn evenly at random.

    Returns
    -------
    drawn : numpy.ndarray of float64, shape (chains, sweeps, P)
    posterior : numpy.ndarray of float64, shape (n, P)
        Mean over kept sweeps of the probabilities from which animals were drawn.
    """
    likelihood = np.exp(values - values.max(axis=1, keepdims=True))
    count, size = likelihood.shape
    drawn = np.empty((chains, sweeps, size))
    posterior = np.zeros_like(likelihood)
    for chain in range(chains):
        generator = np.random.default_rng([seed, chain])
        proportions = generator.dirichlet(np.ones(size))
        for sweep in range(-burn_in, sweeps):
            joint = likelihood * proportions
            edges = np.cumsum(joint, axis=1)
            total = edges[:, -1:]
            if sweep >= 0:
                posterior += joint / total
            places = (edges < generator.random((count, 1)) * total).sum(axis=1)
            counts = np.bincount(np.minimum(places, size - 1), minlength=size)
            # A share below 1e-300 would be drawn as 0, and a population at 0 cannot come back
            # while its likelihood is the only one; the floor keeps every population possible.
            proportions = np.maximum(generator.dirichlet(prior + counts), 1e-300)
            if sweep >= 0:
                drawn[chain, sweep] = proportions
    return drawn, posterior / (chains * sweeps)


def estimate_mixture(
    genotypes: Genotypes,
    baseline: Baseline,
    provenance: Provenance,
    *,
    prior: Mapping[str, float] | None = None,
    sweeps: int = SWEEPS,
    burn_in: int = BURN_IN,
    chains: int = CHAINS,
    level: float = LEVEL,
    seed: int = 1,
) -> "SharesOfPopulations":
    """Estimate which share of a sample comes from each population.

    Parameters
    ----------
    genotypes : Genotypes
        The sample; animals without any typed locus are left out with a caution.
    baseline : Baseline
        Its temperature divides the log-likelihoods.
    provenance : Provenance
        Of the result.
    prior : mapping of str to float, optional
        Dirichlet parameter of each population; by default 1/P each, as rubias.
    sweeps, burn_in, chains, seed : int
        See `gibbs`.
    level : float
        Level of the credible intervals.

    Raises
    ------
    InputError
        If no animal has a typed locus.
    UsageError
        If the prior does not name each population with a number above 0, or there is less than
        one chain or fewer than four sweeps.
    """
    if chains < 2 or sweeps < 4 or burn_in < 0 or not 0 < level < 1:
        raise UsageError(_("at least 2 chains, 4 sweeps and a level between 0 and 1 are needed"))
    size = len(baseline.populations)
    parameters = np.full(size, 1.0 / size)
    if prior is not None:
        if set(prior) != set(baseline.populations) or not all(
            np.isfinite(value) and value > 0 for value in prior.values()
        ):
            raise UsageError(
                _("the prior must give each population of the reference a number above 0")
            )
        parameters = np.array([float(prior[name]) for name in baseline.populations])
    coded = values_of(genotypes, baseline)
    use = coded.loci_typed > 0
    if not use.any():
        raise InputError(
            _("no animal of the sample has a typed locus of the reference"),
            source=genotypes.source,
        )
    values = (coded.log_likelihoods / baseline.temperature)[use]
    maximum, steps = em(values)
    drawn, posterior = gibbs(
        values, parameters, sweeps=sweeps, burn_in=burn_in, chains=chains, seed=seed
    )
    shares: list[PopulationShare] = []
    r_hats: list[float] = []
    tail = (1 - level) / 2
    # A reference without units has none of them.
    for of, names, members in (
        ("population", baseline.populations, np.eye(size)),
        ("unit", baseline.unit_names, baseline.membership),
    ):
        joined = drawn @ members
        r_hats += split_r_hat(joined).tolist()
        flat = joined.reshape(chains * sweeps, len(names))
        low, high = np.quantile(flat, [tail, 1 - tail], axis=0)
        columns = (maximum @ members, flat.mean(axis=0), low, high)
        shares += [
            PopulationShare(of, name, *map(float, values)) for name, *values in zip(names, *columns)
        ]
    r_hat = float(np.max(r_hats))
    common = list(coded.notices)
    if r_hat > MAX_R_HAT:
        common.append(notices.NOT_CONVERGED(found=r_hat, most=MAX_R_HAT))
    if steps >= MAX_STEPS:
        common.append(notices.EM_NOT_CONVERGED(count=MAX_STEPS))
    of_animals = zip(coded.animals, coded.animal_notices)
    return SharesOfPopulations(
        animals=int(use.sum()),
        credible_level=level,
        r_hat=r_hat,
        seed=seed,
        shares=tuple(shares),
        notices=tuple(common),
        animal_notices={animal: known for animal, known in of_animals if known},
        provenance=provenance,
        posterior=posterior,
    )


# -- places ----------------------------------------------------------------------------


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
    provenance: Provenance,
    *,
    seed: int,
    range_map: np.ndarray | None = None,
    concentration: float = CONCENTRATION,
    sweeps: int = JOINT_SWEEPS,
) -> "SeizureOrigin":
    """Place the samples of one seizure together.

    Parameters
    ----------
    genotypes : Genotypes
        At least two samples; parts of one animal are one sample (match them first).
    provenance : Provenance
        Of the result.
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
            source=genotypes.source,
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
            source=genotypes.source,
        )
    calibration = model.calibration
    gains = log_gains(logs, weights, calibration.temper, calibration.stray)
    sampler = _Sampler(gains, weights, concentration, seed)
    partitions = []
    for sweep in range(JOINT_BURN_IN + sweeps):
        sampler.sweep()
        if sweep >= JOINT_BURN_IN:
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
    outlying = (alone > 0.5) | (np.nan_to_num(fit, nan=0.0) < MIN_FIT)
    outliers = tuple(name for name, out in zip(genotypes.animals, outlying) if out)
    return SeizureOrigin(
        samples=genotypes.animals,
        few=float(number[: max_few_places(samples) + 1].sum()),
        few_before=few_places_prior(samples, concentration),
        number_of_places=tuple(number.tolist()),
        places=places,
        outliers=outliers,
        notices=(*model.notices, *_notices_of_outliers(outliers)),
        provenance=provenance,
        alone=tuple(alone.tolist()),
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
) -> tuple[tuple["SeizurePlace", ...], np.ndarray]:
    """Return the places of a partition, largest first, and how well each sample fits its own.

    The fit is the likelihood ratio of a sample: from the place of the rest of its members, against
    from anywhere; NaN of a place of one sample.
    """
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
        surface = surface_from_log(grid, power + np.log(weights))
        places.append(
            SeizurePlace(
                **vars(summarise_surface(surface)),
                members=tuple(genotypes.animals[row] for row in rows),
                share=len(rows) / len(labels),
                support=float(pairs.mean()) if pairs.size else 1.0,
                surface=surface,
            )
        )
    return tuple(sorted(places, key=lambda place: (-place.share, place.members))), fit


def _notices_of_outliers(outliers: tuple[str, ...]) -> tuple[Notice, ...]:
    """Return what must be known of samples that stand apart."""
    if not outliers:
        return ()
    names = ", ".join(outliers[:_MAX_NAMES])
    return (notices.OUTLIERS(count=len(outliers), names=names),)


# -- results ---------------------------------------------------------------------------


@dataclass(frozen=True)
class SeizurePlace(MapSummary):
    """A place that samples of the seizure come from.

    Attributes
    ----------
    members : tuple of str
        Samples, in the order of the file.
    share : float
        Of the samples.
    support : float
        Mean probability that two of its members share a place; 1 for one member.
    reporting : RegionAnswer or None
        Posterior of the reporting regions, by all members together; None of models without.
    surface : Surface or None
        Posterior over the map, by all members together. It is not stored.
    """

    KEYS: ClassVar = (
        "members", "share", "support", "mode", "mean", "median", "regions", "cell_km", "reporting",
    )  # fmt: skip

    members: tuple[str, ...]
    share: float
    support: float
    reporting: RegionAnswer | None = omitted()
    surface: Surface | None = unstored()

    def in_words(self) -> str:
        """Return where it is, how large its region is, and who is from there."""
        (area,) = (region.area_km2 for region in self.regions if region.level == _LEVEL)
        return _("about {latitude:.1f}, {longitude:.1f} (90% region {area} km²): {names}").format(
            latitude=self.median.latitude,
            longitude=self.median.longitude,
            area=thousands(area),
            names=", ".join(self.members),
        )


@dataclass(frozen=True, kw_only=True)
class SeizureOrigin(Result):
    """The places that the samples of one seizure come from.

    Attributes
    ----------
    few, few_before : float
        Probability that they come from few places (`FEW_PLACES`), and the same beforehand.
    number_of_places : tuple of float
        Posterior of the number of places; entry k is for k places.
    places : tuple of SeizurePlace
        The partition that agrees best with all sampled ones; the largest place first. Every
        sample is in one place; a place of one sample is reported like any other.
    outliers : tuple of str
        Samples that stand alone, or that fit the place of the others less well than anywhere. They are
        reported whatever the size of the seizure.
    alone : tuple of float
        Posterior that no other sample is from the place of each sample. It is not stored.
    """

    NOTICE_KINDS: ClassVar = notices
    KEYS: ClassVar = (
        "samples", "statement", "few", "few_before", "number_of_places", "places", "outliers",
        "warnings", "provenance",
    )  # fmt: skip

    sample: str = field(default="", metadata=not_stored())
    samples: tuple[str, ...]
    few: float
    few_before: float
    number_of_places: tuple[float, ...]
    places: tuple[SeizurePlace, ...]
    outliers: tuple[str, ...]
    alone: tuple[float, ...] | None = unstored()

    def report_regions(self, answer: Callable[[Surface, int], RegionAnswer]) -> "SeizureOrigin":
        """Return it with the reporting regions that `answer` gives of the posterior of a place by so many samples."""
        places = tuple(
            replace(place, reporting=answer(place.surface, len(place.members)))
            if place.surface
            else place
            for place in self.places
        )
        known = [place.reporting and place.reporting.notice() for place in places]
        once = [notice for at, notice in enumerate(known) if notice and notice not in known[:at]]
        return replace(self, places=places, notices=(*self.notices, *once))

    @reported("statement")
    def headline(self) -> str:
        """Return whether the samples come from few places."""
        number = self.number_of_places
        parameters = {
            "samples": len(self.samples),
            "most": max_few_places(len(self.samples)),
            "few": Share(self.few),
            "before": Share(self.few_before),
        }
        if self.few >= MIN_SURE:
            likely = int(greatest(number))
            return ngettext(
                "the {samples} samples come from few places (at most {most}: probability {few:.2f}, "
                "beforehand {before:.2f}); most likely {likely} place",
                "the {samples} samples come from few places (at most {most}: probability {few:.2f}, "
                "beforehand {before:.2f}); most likely {likely} places",
                likely,
            ).format(**parameters, likely=likely)
        if self.few <= 1 - MIN_SURE:
            return _(
                "the {samples} samples do not come from few places (at most {most}: probability "
                "{few:.2f}, beforehand {before:.2f})"
            ).format(**parameters)
        return _(
            "whether the {samples} samples come from few places is open (at most {most}: "
            "probability {few:.2f}, beforehand {before:.2f})"
        ).format(**parameters)

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of each place, and of the samples that stand apart."""
        lines = []
        for number, place in enumerate(self.places, 1):
            lines.append((_("Place {number}").format(number=number), place.in_words()))
            if place.reporting is not None:
                lines += place.reporting.lines(measured=False)
        if self.outliers:
            lines.append((_("Apart"), ", ".join(self.outliers)))
        return lines

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        (_label, statement), *others = super().lines()
        return [(_("Statement"), statement), *others]


@dataclass(frozen=True, slots=True)
class PopulationShare:
    """The share of a reference population, or of a reporting unit, in a sample of many animals.

    Attributes
    ----------
    level : str
        ``population`` or ``unit``.
    maximum : float
        Of greatest likelihood.
    mean, low, high : float
        Posterior mean and limits of the credible interval.
    """

    level: str
    name: str
    maximum: float
    mean: float
    low: float
    high: float


MIXTURE_COLUMNS = keys_of(PopulationShare)


@dataclass(frozen=True, kw_only=True)
class SharesOfPopulations(Result):
    """Which share of many animals comes from each reference population.

    Attributes
    ----------
    animals : int
        Those with at least one typed locus.
    credible_level : float
        Of the intervals.
    r_hat : float
        Greatest split R-hat of the chains.
    shares : tuple of PopulationShare
        Populations, then reporting units.
    notices : tuple of Notice
        Of all animals.
    animal_notices : dict of str to tuple of Notice
        Of single animals, by their names.
    provenance : Provenance
        ``library`` names the model.
    posterior : numpy.ndarray of float64, shape (animals, populations), or None
        Of each animal, averaged over the proportions drawn. It is not stored.
    """

    NOTICE_KINDS: ClassVar = notices
    KEYS: ClassVar = (
        "model", "animals", "credible_level", "r_hat", "converged", "seed", "shares", "warnings",
        "animal_warnings", "provenance",
    )  # fmt: skip

    sample: str = field(default="", metadata=not_stored())
    animals: int
    credible_level: float
    r_hat: float
    seed: int
    shares: tuple[PopulationShare, ...]
    animal_notices: dict[str, tuple[Notice, ...]] = field(
        default_factory=dict, metadata=stored("animal_warnings")
    )
    posterior: np.ndarray | None = unstored()

    @property
    @reported("model")
    def model(self) -> dict[str, Any]:
        """The model, as it names itself."""
        return self.provenance.library

    @property
    @reported("converged")
    def converged(self) -> bool:
        """Whether the chains agree."""
        return self.r_hat <= MAX_R_HAT

    def headline(self) -> str:
        """Return how many samples, and how sure the shares are."""
        return _("{animals} samples, {level:.0%} credible intervals, R-hat {r_hat:.3f}").format(
            animals=self.animals, level=self.credible_level, r_hat=self.r_hat
        )

    def details(self) -> list[tuple[str, str]]:
        """Return nothing: the shares are a table."""
        return []

    def notes(self) -> list[str]:
        """Return what must be known of single animals, with their names, and of all."""
        return [
            *(
                _("{label}: {text}").format(label=animal, text=notice.message)
                for animal, animal_notices in self.animal_notices.items()
                for notice in animal_notices
            ),
            *(notice.message for notice in self.notices),
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a population, then a row a unit, under `MIXTURE_COLUMNS`."""
        return [to_stored(share) for share in self.shares]
