"""The kind of model that assigns to reference populations: trained, evaluated, stored, applied.

What is decided: the population whose posterior reaches the confidence, or else the reporting unit;
but first whether the animal can be of any reference population at all. A posterior compares the
populations of the reference with each other and nothing else, so that an animal from elsewhere may
get 0.99; the exclusion test is what can tell.

An evaluation says how often the assignment is right, and whether its probabilities are true: every animal is assigned
by a reference that does not hold it: left out one by one, or in folds.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.stored import to_stored
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.learning.arrays import pack_arrays, unpack
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.assignment import (
    MIN_ANIMALS,
    MIN_LOCI,
    Assignment,
    Baseline,
    assign,
    build_baseline,
    small_populations,
)
from forensics.origin.exclusion import (
    ElsewhereFit,
    Exclusion,
    ExclusionFit,
    evaluate_exclusion,
    exclude,
    fit_exclusion,
)
from forensics.origin.models import Model, Reference, TrainedModel, list_names, unpacking
from forensics.origin.options import METHODS, AssignmentOptions
from forensics.origin.results import ClassifiedOrigin, ExclusionTest, Origins, PopulationOrigin
from forensics.origin.sample_fit import check_samples
from forensics.stats import (
    Bin,
    Rate,
    descending,
    greatest,
    reaches,
    reliability,
    smallest_set,
    wilson,
)

# Populations of the table of a card.
_MAX_ROWS = 200
# Bins of reliability; narrow near 1, where a court would look.
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 1.0)

METHOD = METHODS[0]
# Of what is stored of a model, what its card shows among its parameters.
_PARAMETERS = ("method", "temperature", "exclusion theta", "power removed")
# Of the evaluation that builds the reference anew, beside leave-one-out.
FOLDS = 5
# A population of fewer reference animals than this is never assigned alone: its frequencies are
# hardly known (a stated choice; Guinand et al. 2004 advise 50).
MIN_ASSIGNED_ANIMALS = 10
# Of the model's loci; the card's figures are of animals with nearly all of them.
FEW_LOCI = 0.5


# -- evaluation ------------------------------------------------------------------------


@dataclass(frozen=True)
class PopulationRow:
    """One population of an evaluation.

    Attributes
    ----------
    right : Rate
        Assigned to this population.
    unit_right : Rate or None
        Assigned to its unit.
    small : bool
        Fewer than `MIN_ANIMALS` animals.
    """

    population: str
    unit: str
    animals: int
    right: Rate
    unit_right: Rate | None
    small: bool


@dataclass(frozen=True, eq=False)
class PopulationEvaluation:
    """Result of assigning animals of known population.

    Attributes
    ----------
    scheme : str
        "leave-one-out", or "10-fold" and the like.
    animals : tuple of str, length n
    populations : tuple of str, length P
    own : numpy.ndarray of intp, shape (n,)
        Place of the true population.
    posterior : numpy.ndarray of float64, shape (n, P)
    units : tuple of str, length U
    own_unit : numpy.ndarray of intp, shape (n,), or None
    unit_posterior : numpy.ndarray of float64, shape (n, U)
    population, unit : Rate
        Animals whose most probable population, or unit, is the true one; `unit` is None
        without units.
    reliability, unit_reliability : tuple of Bin
        Stated probability of the most probable one, and how often it was true.
    confusion : numpy.ndarray of int64, shape (P, P)
        Row: true; column: most probable.
    notices : tuple of Notice
        Of the reference.
    """

    scheme: str
    method: str
    prior_name: str
    animals: tuple[str, ...]
    populations: tuple[str, ...]
    own: np.ndarray
    posterior: np.ndarray
    units: tuple[str, ...]
    own_unit: np.ndarray | None
    unit_posterior: np.ndarray
    population: Rate
    unit: Rate | None
    reliability: tuple[Bin, ...]
    unit_reliability: tuple[Bin, ...]
    rows: tuple[PopulationRow, ...]
    confusion: np.ndarray
    notices: tuple[Notice, ...]

    @property
    def right(self) -> np.ndarray:
        """Whether the most probable population is the true one; bool, shape (n,)."""
        return np.asarray(greatest(self.posterior, axis=1) == self.own)

    @property
    def unit_right(self) -> np.ndarray | None:
        """Whether the most probable unit is the true one; bool, shape (n,)."""
        if self.own_unit is None:
            return None
        return np.asarray(greatest(self.unit_posterior, axis=1) == self.own_unit)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values, for the card of a model."""
        return {
            "method": self.method,
            "prior": self.prior_name,
            "population": self.population.to_dict(),
            **({"unit": self.unit.to_dict()} if self.unit else {}),
            "reliability": [
                {
                    "stated": bin_.stated,
                    "right": bin_.observed,
                    "low": bin_.interval[0],
                    "high": bin_.interval[1],
                    "animals": bin_.count,
                }
                for bin_ in self.reliability
            ],
            "populations": [
                {
                    "population": row.population,
                    "animals": row.animals,
                    "right": row.right.share,
                    "low": row.right.low,
                    "high": row.right.high,
                    "small": f"< {MIN_ANIMALS}" if row.small else "",
                }
                for row in self.rows[:_MAX_ROWS]
            ],
        }


def evaluate_populations(
    genotypes: Genotypes,
    *,
    method: str = "rannala_mountain",
    units: Mapping[str, str] | None = None,
    prior: str | Mapping[str, float] = "populations",
    folds: int | None = None,
    seed: int = 1,
) -> PopulationEvaluation:
    """Assign animals of known population by references that do not hold them.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known population; others are left out.
    method, units, prior
        As in `build_baseline` and `assign`.
    folds : int, optional
        The reference is built anew without each fold, with everything that is fitted. By default
        animals are left out one by one; what "shrunk" fits (a number a locus and two more) then
        comes from all animals.
    seed : int
        Of the folds.
    """
    known_animals, whole, own = known_reference(genotypes, units=units)
    place = {name: number for number, name in enumerate(whole.populations)}
    notices: tuple[Notice, ...] = ()
    if folds is None:
        baseline = (
            whole
            if method == whole.method
            else build_baseline(known_animals, units=units, method=method)
        )
        result = assign(known_animals, baseline, prior=prior, leave_one_out=True)
        posterior, prior_name, notices = result.posterior, result.prior_name, result.notices
    else:
        posterior = np.zeros((len(known_animals), len(whole.populations)))
        for test in folds_of(own, folds, seed=seed):
            train = np.setdiff1d(np.arange(len(known_animals)), test)
            baseline = build_baseline(known_animals.take(train), units=units, method=method)
            result = assign(known_animals.take(test), baseline, prior=prior)
            columns = np.array([place[name] for name in baseline.populations], dtype=np.intp)
            posterior[np.ix_(test, columns)] = result.posterior
            prior_name = result.prior_name
    return summarise_posteriors(
        known_animals,
        whole,
        own,
        posterior,
        scheme="leave-one-out" if folds is None else f"{folds}-fold",
        method=method,
        prior_name=prior_name,
        notices=notices,
    )


def known_reference(
    genotypes: Genotypes, *, units: Mapping[str, str] | None = None
) -> tuple[Genotypes, Baseline, np.ndarray]:
    """Return the animals of known population, their baseline, and the place of each one's population.

    Raises
    ------
    InputError
        If no animal has a population.
    """
    known = np.array([bool(name) for name in genotypes.populations or ()], dtype=bool)
    if not known.any():
        raise InputError(
            _("no animal has a population; an evaluation needs animals of known population"),
            source=genotypes.source,
        )
    known_animals = genotypes.take(known)
    assert known_animals.populations is not None
    whole = build_baseline(known_animals, units=units, method="rannala_mountain")
    place = {name: number for number, name in enumerate(whole.populations)}
    own = np.array([place[name] for name in known_animals.populations], dtype=np.intp)
    return known_animals, whole, own


def summarise_posteriors(
    known_animals: Genotypes,
    whole: Baseline,
    own: np.ndarray,
    posterior: np.ndarray,
    *,
    scheme: str,
    method: str,
    prior_name: str,
    notices: tuple[Notice, ...] = (),
) -> PopulationEvaluation:
    """Return the figures of posteriors of animals of known population, whatever gave the posteriors.

    Parameters
    ----------
    known_animals, whole, own
        Of `known_reference`.
    posterior : numpy.ndarray of float64, shape (n, P)
        Of each animal by a reference that does not hold it.
    scheme, method, prior_name, notices
        As in `PopulationEvaluation`.
    """
    membership = whole.membership
    unit_posterior = posterior @ membership
    own_unit = membership[own].argmax(axis=1) if whole.units else None
    best, best_unit = greatest(posterior, axis=1), None
    if own_unit is not None:
        best_unit = greatest(unit_posterior, axis=1)
    confusion = np.zeros((len(whole.populations), len(whole.populations)), dtype=np.int64)
    np.add.at(confusion, (own, best), 1)
    rows = tuple(
        PopulationRow(
            population=name,
            unit=whole.units[number] if whole.units else "",
            animals=int(whole.animals[number]),
            right=_rate(best[own == number] == number),
            unit_right=None
            if best_unit is None or own_unit is None
            else _rate(best_unit[own == number] == own_unit[own == number]),
            small=bool(whole.animals[number] < MIN_ANIMALS),
        )
        for number, name in enumerate(whole.populations)
    )
    return PopulationEvaluation(
        scheme=scheme,
        method=method,
        prior_name=prior_name,
        animals=known_animals.animals,
        populations=whole.populations,
        own=own,
        posterior=posterior,
        units=whole.unit_names,
        own_unit=own_unit,
        unit_posterior=unit_posterior,
        population=_rate(best == own),
        unit=None if own_unit is None else _rate(best_unit == own_unit),
        reliability=_bins(posterior, own),
        unit_reliability=() if own_unit is None else _bins(unit_posterior, own_unit),
        rows=rows,
        confusion=confusion,
        notices=notices,
    )


def folds_of(own: np.ndarray, folds: int, *, seed: int = 1) -> Iterator[np.ndarray]:
    """Yield the rows of each fold; each population is spread evenly over the folds.

    Raises
    ------
    UsageError
        With fewer than two folds, or more than there are animals.
    """
    if not 2 <= folds <= len(own):
        raise UsageError(
            _("{found} folds; expected 2 to {most}").format(found=folds, most=len(own))
        )
    generator = np.random.default_rng(seed)
    fold = np.empty(len(own), dtype=np.intp)
    start = 0
    for population in np.unique(own):
        rows = generator.permutation(np.flatnonzero(own == population))
        fold[rows] = (start + np.arange(len(rows))) % folds
        start += len(rows)
    for number in range(folds):
        yield np.flatnonzero(fold == number)


def _rate(right: np.ndarray) -> Rate:
    count, total = int(np.sum(right)), len(right)
    low, high = wilson(count / total if total else 0.0, total)
    return Rate(count, total, low, high, float(total))


def _bins(posterior: np.ndarray, own: np.ndarray) -> tuple[Bin, ...]:
    stated = np.minimum(posterior.max(axis=1), 1.0)
    right = greatest(posterior, axis=1) == own
    return tuple(reliability(stated.tolist(), right.tolist(), [1.0] * len(stated), edges=EDGES))


# -- the kind of model -----------------------------------------------------------------


def train(reference: Reference, *, is_evaluated: bool) -> TrainedModel:
    """Return a model of populations."""
    baseline, fit = train_model(reference.genotypes, method=reference.options.method)
    labels, arrays, parameters = pack_model(baseline, fit)
    return TrainedModel(
        labels=labels,
        arrays=arrays,
        parameters=parameters,
        limits=limits_of_reference(baseline),
        evaluation=evaluate(reference) if is_evaluated else {},
        calibrated_on=len(fit.z),
    )


def evaluate(reference: Reference) -> dict[str, Any]:
    """Return leave-one-out, folds for which everything is fitted anew, and what the exclusion notices."""
    options = reference.options
    evaluations = (
        evaluate_populations(
            reference.genotypes, method=options.method, folds=folds, seed=options.seed
        )
        for folds in (None, FOLDS)
    )
    return {
        **{evaluation.scheme: evaluation.to_dict() for evaluation in evaluations},
        "exclusion": evaluate_exclusion(reference.genotypes),
    }


def limits_of_reference(baseline: Baseline) -> list[str]:
    """Return what no model of populations knows."""
    return [
        _("The reference has animals of {names} only.").format(
            names=list_names(baseline.populations)
        ),
        _(
            "A cross of two populations is detected only if the markers distinguish it; "
            "otherwise it may be assigned to one of them."
        ),
    ]


def train_model(genotypes: Genotypes, *, method: str = METHOD) -> tuple[Baseline, ExclusionFit]:
    """Return baseline and exclusion of a reference."""
    baseline = build_baseline(genotypes, method=method)
    return baseline, fit_exclusion(genotypes, baseline)


def pack_model(
    baseline: Baseline, fit: ExclusionFit
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return labels, arrays and parameters of a model, as `forensics.origin.models` stores them.

    Names of animals are not stored: a result can be computed without them.
    """
    labels = to_stored(baseline) | to_stored(fit.elsewhere)
    parameters = {name: labels.pop(name) for name in _PARAMETERS}
    return labels, pack_arrays(baseline) | pack_arrays(fit) | pack_arrays(fit.elsewhere), parameters


def unpack_model(model: Model) -> tuple[Baseline, ExclusionFit]:
    """Return baseline and exclusion of a model of populations; see `unpack_reference`."""
    return unpack_reference(model.labels, model.arrays, model.card["parameters"])


def unpack_reference(
    labels: Mapping[str, Any], arrays: Mapping[str, np.ndarray], parameters: Mapping[str, Any]
) -> tuple[Baseline, ExclusionFit]:
    """Return baseline and exclusion of a stored model.

    Raises
    ------
    ModelError
        If labels and arrays do not belong together.
    """
    with unpacking():
        values = {**labels, **{name: parameters[name] for name in _PARAMETERS}}
        baseline = unpack(Baseline, values, arrays)
        elsewhere = unpack(ElsewhereFit, values, arrays)
        fit = unpack(ExclusionFit, {}, arrays, animals=(), elsewhere=elsewhere)
        if fit.own.max() >= len(baseline.populations):
            raise ValueError("fit_own")
    return baseline, fit


def describe_test(
    tested: Exclusion, row: int, share_typed: float, p_values: dict[str, float] | None = None,
    *, sites: bool = False, p_place: float | None = None,
) -> ExclusionTest:  # fmt: skip
    """Return the test of one animal as its result has it.

    Parameters
    ----------
    share_typed : float
        Of the model's loci. With few of them the power of the reference's animals does not hold.
    p_values : dict of str to float, optional
        Of each population, in the order in which they are shown.
    sites : bool
        Whether the populations are sites of a map.
    p_place : float, optional
        Of `forensics.origin.spatial.place_p_values`.
    """
    power = tested.power if share_typed >= FEW_LOCI else None
    if power is not None and sites:
        power = replace(power, removed="site")
    return ExclusionTest(
        level=tested.level,
        excluded=bool(tested.excluded[row]),
        p_any=float(tested.p_any[row]),
        p_values=p_values,
        power=power,
        p_place=p_place,
    )


def assign_samples(
    model: Model,
    samples: Genotypes,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...],
) -> Origins:
    """Assign samples by a model of populations."""
    return assign_populations(
        samples, *unpack_model(model), options, provenance=provenance, limits=limits
    )


def assign_populations(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: ExclusionFit,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
) -> Origins:
    """Assign animals to populations, and say which come from none of them.

    Parameters
    ----------
    baseline, fit
        Of `unpack_model` or `train_model`.
    options : AssignmentOptions
        Its prior is one of `forensics.origin.assignment.prior_of`.
    limits : tuple of str
        Of the model's card.
    """
    assignment = assign(genotypes, baseline, prior=options.prior or "populations")
    tested = exclude(genotypes, baseline, fit, level=options.exclusion_level, seed=options.seed)
    unfit = check_samples(genotypes, baseline, fit, tested)[1]
    decided = _Decided(assignment, tested, baseline, options.confidence, unfit)
    results = []
    for row in range(len(assignment)):
        order = descending(assignment.posterior[row])
        names = [baseline.populations[place] for place in order]
        logs = assignment.log_likelihoods[row, order].tolist()
        results.append(
            PopulationOrigin(
                log_likelihoods=dict(zip(names, logs)),
                model_limits=limits,
                provenance=provenance,
                **decided.describe(row, decided.decide(row)),
            )
        )
    return Origins(results)


def assign_posteriors(
    assignment: Assignment,
    tested: Exclusion,
    baseline: Baseline,
    *,
    estimator: str,
    confidence: float,
    provenance: Provenance,
    limits: tuple[str, ...],
    unfit: Notice | None = None,
) -> Origins:
    """Decide by the posteriors of a classifier, guarded by the exclusion test.

    A classifier may point to a population whose own animals are hardly ever as unlike it as the sample
    is; then nothing is named, also where the sample is like another population.

    Parameters
    ----------
    assignment : Assignment
        With the posteriors of the classifier.
    tested : Exclusion
        Of the same animals.
    estimator : str
        Name of the class of the classifier.
    confidence, provenance, limits
        As in `assign_populations`.
    unfit : Notice or None
        Of `forensics.origin.sample_fit.check_samples`.
    """
    decided = _Decided(assignment, tested, baseline, confidence, unfit)
    results = []
    for row in range(len(assignment)):
        decision = decided.decide(row)
        best = int(greatest(assignment.posterior[row]))
        p_value = float(tested.p_values[row, best])
        contradicted = decision.status == "assigned" and p_value <= tested.level
        if contradicted:
            decision = _Decision("inconclusive", float(assignment.posterior[row, best]))
        described = decided.describe(row, decision)
        if contradicted:
            notice = notices.CLASS_EXCLUDED(name=baseline.populations[best], p=p_value)
            described["notices"] = (*described["notices"], notice)
        results.append(
            ClassifiedOrigin(
                estimator=estimator, model_limits=limits, provenance=provenance, **described
            )
        )
    return Origins(results)


@dataclass(frozen=True, slots=True)
class _Decision:
    """What may be said of one animal: the attributes are those of `Origin`."""

    status: str
    probability: float | None
    rank: str | None = None
    origin: str | None = None


class _Decided:
    """What may be said of each animal by its posteriors and its test, whatever gave the posteriors."""

    def __init__(
        self, assignment: Assignment, tested: Exclusion, baseline: Baseline, confidence: float,
        unfit: Notice | None = None,
    ) -> None:  # fmt: skip
        self.unfit = unfit
        self.assignment, self.tested, self.baseline = assignment, tested, baseline
        self.confidence = confidence
        self.small = frozenset(small_populations(baseline))

    def decide(self, row: int) -> _Decision:
        """Return what an animal is assigned to; nothing is named where a cross of two origins is likelier.

        Nor where the samples of the file do not fit the reference. A cross within a reporting unit
        does not speak against the unit.
        """
        decision = self._decide_alone(row)
        if self.unfit is not None and decision.status in ("assigned", "inconclusive"):
            return _Decision("no_fit", None)
        if decision.status != "assigned" or not self.tested.is_crossed(row):
            return decision
        units = self.baseline.units
        if decision.rank == "unit" and units is not None:
            if {units[place] for place in self.tested.partners[row]} == {decision.origin}:
                return decision
        return _Decision("inconclusive", float(self.assignment.posterior[row].max()))

    def _decide_alone(self, row: int) -> _Decision:
        """Return which population, or else which unit, an animal is assigned to."""
        assignment, baseline = self.assignment, self.baseline
        posterior, units = assignment.posterior[row], assignment.unit_posterior[row]
        best = int(greatest(posterior))
        if assignment.loci_typed[row] < MIN_LOCI:
            return _Decision("unusable", None)
        if self.tested.excluded[row]:
            # What is from none of them has no posterior among them that may be reported.
            return _Decision("none_of_the_reference", None)
        if (
            reaches(posterior[best], self.confidence)
            and baseline.animals[best] >= MIN_ASSIGNED_ANIMALS
        ):
            return _Decision(
                "assigned", float(posterior[best]), "population", baseline.populations[best]
            )
        if units.size:
            unit = int(greatest(units))
            name = assignment.units[unit]
            counts = zip(baseline.units or (), baseline.animals.tolist())
            animals = sum(count for own, count in counts if own == name)
            if reaches(units[unit], self.confidence) and animals >= MIN_ASSIGNED_ANIMALS:
                return _Decision("assigned", float(units[unit]), "unit", name)
        return _Decision("inconclusive", float(posterior[best]))

    def describe(self, row: int, decision: _Decision) -> dict[str, Any]:
        """Return the fields that results of populations have in common."""
        assignment, tested, baseline = self.assignment, self.tested, self.baseline
        posterior, units = assignment.posterior[row], assignment.unit_posterior[row]
        order = descending(posterior)
        in_set = smallest_set(posterior, self.confidence) & (decision.status != "no_fit")
        together = tuple(baseline.populations[place] for place in order if in_set[place])
        names = [baseline.populations[place] for place in order]
        return {
            "sample": assignment.animals[row],
            "index": row + 1,
            "status": decision.status,
            "rank": decision.rank,
            "origin": decision.origin,
            "probability": decision.probability,
            "used": int(assignment.loci_typed[row]),
            "loci": len(baseline.loci),
            "probabilities": dict(zip(names, posterior[order].tolist())),
            "units": {assignment.units[place]: float(units[place]) for place in descending(units)},
            "together": together,
            "prior": assignment.prior_name,
            "exclusion": describe_test(
                tested, row, assignment.loci_typed[row] / len(baseline.loci),
                dict(zip(names, tested.p_values[row, order].tolist())),
            ),
            "notices": tuple(self._notices(row, decision.status, self.small.intersection(together))),
        }  # fmt: skip

    def _notices(self, row: int, status: str, small: Collection[str]) -> Iterator[Notice]:
        """Yield what must be known of the result of one animal; `small` are the small populations it names."""
        assignment, baseline = self.assignment, self.baseline
        is_named = status in ("assigned", "inconclusive")
        if self.unfit is not None and status != "unusable":
            yield self.unfit
        yield from assignment.animal_notices[row]
        for notice in assignment.notices:
            if notice.code != notices.SMALL_POPULATIONS.code:  # they matter where they are named
                yield notice
        used, best = int(assignment.loci_typed[row]), int(greatest(assignment.posterior[row]))
        if small and is_named:
            yield notices.SMALL_POPULATIONS(
                "model", least=MIN_ANIMALS, names=", ".join(sorted(small))
            )
        if MIN_LOCI <= used < FEW_LOCI * len(baseline.loci):
            yield notices.FEW_LOCI("card", used=used, loci=len(baseline.loci))
        if status == "inconclusive" and assignment.posterior[row, best] >= self.confidence:
            yield notices.TOO_FEW_ANIMALS(
                name=baseline.populations[best],
                animals=int(baseline.animals[best]),
                least=MIN_ASSIGNED_ANIMALS,
            )
        if is_named:
            yield from describe_cross(self.tested, row)


def describe_cross(tested: Exclusion, row: int, *, sites: bool = False) -> tuple[Notice, ...]:
    """Return the notice of a sample for which a cross of two populations is likelier; else nothing."""
    if not tested.is_crossed(row):
        return ()
    first, second = (tested.populations[place] for place in tested.partners[row])
    form = "place" if sites else "population"
    p_value = float(tested.cross_p[row])
    return (notices.CROSS_LIKELIER(form, first=first, second=second, p=p_value),)
