"""The kind of model that assigns to reference populations: trained, stored, applied.

What is decided: the population whose posterior reaches the confidence, or else the reporting unit;
but first whether the animal can be of any reference population at all. A posterior compares the
populations of the reference with each other and nothing else, so that an animal from elsewhere may
get 0.99; the exclusion test is what can tell.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.stored import to_stored
from forensics.genetics.genotypes import Genotypes
from forensics.learning.arrays import pack_arrays, unpack
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.assignment import MIN_LOCI, Assignment, assign
from forensics.origin.baseline import MIN_ANIMALS, Baseline, build_baseline, small_populations
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
from forensics.origin.population_evaluation import evaluate_populations
from forensics.origin.results import ClassifiedOrigin, ExclusionTest, Origins, PopulationOrigin
from forensics.stats import descending, greatest, reaches, smallest_set

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
            "A cross of two populations is noticed only where the markers tell; else it may be assigned to "
            "one of them."
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
    *, sites: bool = False,
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
    decided = _Decided(assignment, tested, baseline, options.confidence)
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
    """
    decided = _Decided(assignment, tested, baseline, confidence)
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
        self, assignment: Assignment, tested: Exclusion, baseline: Baseline, confidence: float
    ) -> None:
        self.assignment, self.tested, self.baseline = assignment, tested, baseline
        self.confidence = confidence
        self.small = frozenset(small_populations(baseline))

    def decide(self, row: int) -> _Decision:
        """Return what an animal is assigned to; nothing is named where a cross of two origins is likelier.

        A cross within a reporting unit does not speak against the unit.
        """
        decision = self._decide_alone(row)
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
        in_set = smallest_set(posterior, self.confidence)
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
