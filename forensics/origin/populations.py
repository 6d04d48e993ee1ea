"""The kind of model that assigns to reference populations: trained, stored, applied.

What is decided: the population whose posterior reaches the confidence, or else the reporting unit;
but first whether the animal can be of any reference population at all. A posterior compares the
populations of the reference with each other and nothing else, so that an animal from elsewhere may
get 0.99; the exclusion test is what can tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.errors import ModelError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.assignment import MIN_LOCI, Assignment, assign
from forensics.origin.baseline import MIN_ANIMALS, Baseline, build_baseline, small_populations
from forensics.origin.exclusion import ElsewhereFit, Exclusion, ExclusionFit, exclude, fit_exclusion
from forensics.origin.options import CONFIDENCE, LEVEL
from forensics.origin.results import ClassifiedOrigin, ExclusionTest, Origins, PopulationOrigin
from forensics.stats.choice import descending, greatest, reaches, smallest_set

METHOD = "shrunk"
# A population of fewer reference animals than this is never assigned alone: its frequencies are
# hardly known (a stated choice; Guinand et al. 2004 advise 50).
MIN_ASSIGNED_ANIMALS = 10
# Of the model's loci; the card's figures are of animals with nearly all of them.
FEW_LOCI = 0.5


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
    labels = {
        "populations": list(baseline.populations),
        "units": None if baseline.units is None else list(baseline.units),
        "loci": list(baseline.loci),
        "alleles": [list(names) for names in baseline.alleles],
    }
    arrays = {
        "offsets": baseline.offsets,
        "counts": baseline.counts,
        "animals": baseline.animals,
        "single": baseline.single,
        "double": baseline.double,
        "fit_own": fit.own,
        "fit_z": fit.z,
        "fit_typicality": fit.elsewhere.typicality,
        "fit_gain": fit.elsewhere.gain,
        "fit_absent": fit.elsewhere.absent,
        "fit_groups": fit.elsewhere.groups,
        "fit_crossed": fit.elsewhere.crossed,
    }
    parameters = {
        "method": baseline.method,
        "temperature": baseline.temperature,
        "exclusion theta": fit.elsewhere.theta,
        "power removed": fit.elsewhere.removed,
    }
    if baseline.concentration is not None:
        arrays["concentration"] = baseline.concentration
    return labels, arrays, parameters


def unpack_model(
    labels: Mapping[str, Any], arrays: Mapping[str, np.ndarray], parameters: Mapping[str, Any]
) -> tuple[Baseline, ExclusionFit]:
    """Return baseline and exclusion of a stored model.

    Raises
    ------
    ModelError
        If labels and arrays do not belong together.
    """
    try:
        loci = tuple(labels["loci"])
        populations = tuple(labels["populations"])
        alleles = tuple(tuple(names) for names in labels["alleles"])
        units = labels["units"]
        baseline = Baseline(
            populations=populations,
            units=None if units is None else tuple(units),
            loci=loci,
            alleles=alleles,
            offsets=arrays["offsets"].astype(np.intp),
            counts=arrays["counts"].astype(np.float64),
            animals=arrays["animals"].astype(np.int64),
            single=arrays["single"].astype(bool),
            double=arrays["double"].astype(bool),
            method=str(parameters["method"]),
            concentration=arrays.get("concentration"),
            temperature=float(parameters["temperature"]),
        )
        own, z = arrays["fit_own"].astype(np.intp), arrays["fit_z"].astype(np.float64)
        expected = np.concatenate(([0], np.cumsum([len(names) for names in alleles])))
        if not (
            np.array_equal(baseline.offsets, expected)
            and baseline.counts.shape == (len(populations), expected[-1])
            and len(populations) > 1
            and (baseline.counts >= 0).all()
            and np.isfinite(baseline.counts).all()
            and baseline.animals.shape == (len(populations),)
            and baseline.single.shape == baseline.double.shape == (len(loci),)
            and (units is None or len(units) == len(populations))
            and (baseline.concentration is None) == (baseline.method == "rannala_mountain")
            and (baseline.concentration is None or baseline.concentration.shape == (len(loci),))
            and baseline.temperature > 0
            and own.shape == z.shape
            and own.size
            and ((own >= 0) & (own < len(populations))).all()
        ):
            raise ValueError("shapes")
        elsewhere = _unpack_elsewhere(arrays, parameters, len(own))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            _("The labels and the arrays of the model do not belong together ({why}).").format(
                why=error
            )
        ) from error
    names = tuple(f"#{number + 1}" for number in range(len(own)))
    return baseline, ExclusionFit(names, own, z, elsewhere)


def _unpack_elsewhere(
    arrays: Mapping[str, np.ndarray], parameters: Mapping[str, Any], count: int
) -> ElsewhereFit:
    """Return the test of "from none of them".

    Raises
    ------
    KeyError, TypeError, ValueError
        If the parts do not belong together.
    """
    fit = ElsewhereFit(
        theta=float(parameters["exclusion theta"]),
        removed=str(parameters["power removed"]),
        typicality=arrays["fit_typicality"].astype(np.float64),
        gain=arrays["fit_gain"].astype(np.float64),
        absent=arrays["fit_absent"].astype(np.float64),
        groups=arrays["fit_groups"].astype(np.intp),
        crossed=arrays["fit_crossed"].astype(np.float64),
    )
    parts = (fit.typicality, fit.gain, fit.absent, fit.groups)
    if (
        any(part.shape != (count,) for part in parts)
        or not np.isfinite(np.concatenate(parts[:3])).all()
        or not ((fit.absent > 0) & (fit.absent <= 1)).all()
        or not 0 < fit.theta < 1
        or not (fit.crossed.ndim == 1 and len(fit.crossed))
        or not np.isfinite(fit.crossed).all()
        or fit.removed not in ("population", "unit")
    ):
        raise ValueError("exclusion")
    return fit


def describe_test(
    tested: Exclusion, row: int, share_typed: float, p_values: dict[str, float] | None = None,
    *, sites: bool = False,
) -> ExclusionTest:  # fmt: skip
    """Return the test of one animal as its result has it.

    Parameters
    ----------
    tested : Exclusion
    row : int
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


def assign_populations(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: ExclusionFit,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    prior: str | Mapping[str, float] = "populations",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    seed: int = 1,
) -> Origins:
    """Assign animals to populations, and say which come from none of them.

    Parameters
    ----------
    genotypes : Genotypes
    baseline, fit
        Of `unpack_model` or `train_model`.
    provenance : Provenance
    limits : tuple of str
        Of the model's card.
    prior : {"populations", "units"} or mapping
        See `forensics.origin.assignment.prior_of`.
    confidence : float
        Posterior from which on a population or a unit is assigned, above 0.5.
    level : float
        Of the exclusion: of animals of the reference at most this share is excluded.
    seed : int
        Of the simulated genotypes.

    Raises
    ------
    UsageError
        If the confidence is not between 0.5 and 1.
    """
    check_confidence(confidence)
    assignment = assign(genotypes, baseline, prior=prior)
    tested = exclude(genotypes, baseline, fit, level=level, seed=seed)
    small = frozenset(small_populations(baseline))
    results = []
    for row in range(len(assignment.animals)):
        order = descending(assignment.posterior[row])
        names = [baseline.populations[place] for place in order]
        logs = assignment.log_likelihoods[row, order].tolist()
        decision = _decide_guarded(assignment, tested, baseline, row, confidence)
        results.append(
            PopulationOrigin(
                log_likelihoods=dict(zip(names, logs)),
                model_limits=limits,
                provenance=provenance,
                **_describe_row(assignment, tested, baseline, row, decision, confidence, small),
            )
        )
    return Origins(results)


def assign_posteriors(
    assignment: Assignment,
    tested: Exclusion,
    baseline: Baseline,
    *,
    estimator: str,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    confidence: float = CONFIDENCE,
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
    baseline : Baseline
    estimator : str
        Name of the class of the classifier.
    provenance, limits, confidence
        As in `assign_populations`.
    """
    check_confidence(confidence)
    small = frozenset(small_populations(baseline))
    results = []
    for row in range(len(assignment.animals)):
        decision = _decide_guarded(assignment, tested, baseline, row, confidence)
        best = int(greatest(assignment.posterior[row]))
        p_value = float(tested.p_values[row, best])
        contradicted = decision.status == "assigned" and p_value <= tested.level
        if contradicted:
            decision = _Decision("inconclusive", float(assignment.posterior[row, best]))
        described = _describe_row(assignment, tested, baseline, row, decision, confidence, small)
        if contradicted:
            notice = notices.CLASS_EXCLUDED(name=baseline.populations[best], p=p_value)
            described["notices"] = (*described["notices"], notice)
        results.append(
            ClassifiedOrigin(
                estimator=estimator, model_limits=limits, provenance=provenance, **described
            )
        )
    return Origins(results)


def check_confidence(confidence: float) -> None:
    """Raise a `UsageError` if the confidence is not between 0.5 and 1."""
    if not 0.5 < confidence < 1:
        raise UsageError(_("The confidence lies above 0.5 and below 1."))


def _describe_row(
    assignment: Assignment,
    tested: Exclusion,
    baseline: Baseline,
    row: int,
    decision: "_Decision",
    confidence: float,
    small: frozenset[str],
) -> dict[str, Any]:
    """Return the fields that results of populations have in common, whatever gave the posteriors."""
    posterior, units = assignment.posterior[row], assignment.unit_posterior[row]
    order = descending(posterior)
    in_set = smallest_set(posterior, confidence)
    together = [place for place in order if in_set[place]]
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
        "together": tuple(baseline.populations[place] for place in together),
        "prior": assignment.prior_name,
        "exclusion": describe_test(
            tested, row, assignment.loci_typed[row] / len(baseline.loci),
            dict(zip(names, tested.p_values[row, order].tolist())),
        ),
        "notices": _notices_of(
            assignment, baseline, row, decision.status, confidence, small,
            {baseline.populations[place] for place in together},
        ) + (
            describe_cross(tested, row) if decision.status in ("assigned", "inconclusive") else ()
        ),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Decision:
    """What may be said of one animal: the attributes are those of `Origin`."""

    status: str
    probability: float | None
    rank: str | None = None
    origin: str | None = None


def _decide(
    assignment: Assignment, baseline: Baseline, row: int, confidence: float, is_excluded: bool
) -> _Decision:
    """Return which population, or else which unit, an animal is assigned to."""
    posterior, units = assignment.posterior[row], assignment.unit_posterior[row]
    best = int(greatest(posterior))
    if assignment.loci_typed[row] < MIN_LOCI:
        return _Decision("unusable", None)
    if is_excluded:
        # What is from none of them has no posterior among them that may be reported.
        return _Decision("none_of_the_reference", None)
    if reaches(posterior[best], confidence) and baseline.animals[best] >= MIN_ASSIGNED_ANIMALS:
        return _Decision(
            "assigned", float(posterior[best]), "population", baseline.populations[best]
        )
    if units.size:
        unit = int(greatest(units))
        name = assignment.units[unit]
        if (
            reaches(units[unit], confidence)
            and _count_animals(baseline, name) >= MIN_ASSIGNED_ANIMALS
        ):
            return _Decision("assigned", float(units[unit]), "unit", name)
    return _Decision("inconclusive", float(posterior[best]))


def _decide_guarded(
    assignment: Assignment, tested: Exclusion, baseline: Baseline, row: int, confidence: float
) -> _Decision:
    """Return what `_decide` does, and nothing named where a cross of two origins is likelier.

    A cross within a reporting unit does not speak against the unit.
    """
    decision = _decide(assignment, baseline, row, confidence, bool(tested.excluded[row]))
    if decision.status != "assigned" or not tested.is_crossed(row):
        return decision
    if decision.rank == "unit" and baseline.units is not None:
        if {baseline.units[place] for place in tested.partners[row]} == {decision.origin}:
            return decision
    return _Decision("inconclusive", float(assignment.posterior[row].max()))


def describe_cross(tested: Exclusion, row: int, *, sites: bool = False) -> tuple[Notice, ...]:
    """Return the notice of a sample for which a cross of two populations is likelier; else nothing."""
    if not tested.is_crossed(row):
        return ()
    first, second = (tested.populations[place] for place in tested.partners[row])
    make = notices.CROSS_LIKELIER
    return (
        make(
            "place" if sites else "population",
            first=first,
            second=second,
            p=float(tested.cross_p[row]),
        ),
    )


def _notices_of(
    assignment: Assignment,
    baseline: Baseline,
    row: int,
    status: str,
    confidence: float,
    small: frozenset[str],
    together: set[str],
) -> tuple[Notice, ...]:
    """Return what must be known of the result of one animal."""
    result = [
        *assignment.animal_notices[row],
        # Small populations matter where they are among those that the result names.
        *(notice for notice in assignment.notices if notice.code != notices.SMALL_POPULATIONS.code),
    ]
    used, best = int(assignment.loci_typed[row]), int(greatest(assignment.posterior[row]))
    named = sorted(small & together)
    if named and status in ("assigned", "inconclusive"):
        result.append(notices.SMALL_POPULATIONS("model", least=MIN_ANIMALS, names=", ".join(named)))
    if MIN_LOCI <= used < FEW_LOCI * len(baseline.loci):
        result.append(notices.FEW_LOCI("card", used=used, loci=len(baseline.loci)))
    if status == "inconclusive" and assignment.posterior[row, best] >= confidence:
        result.append(
            notices.TOO_FEW_ANIMALS(
                name=baseline.populations[best],
                animals=int(baseline.animals[best]),
                least=MIN_ASSIGNED_ANIMALS,
            )
        )
    return tuple(result)


def _count_animals(baseline: Baseline, unit: str) -> int:
    """Return how many reference animals a unit has."""
    counts = zip(baseline.units or (), baseline.animals.tolist())
    return sum(count for name, count in counts if name == unit)
