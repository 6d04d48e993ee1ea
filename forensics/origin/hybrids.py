"""Which class of cross of two reference populations an animal is: parental, F1, F2 or backcross.

Anderson & Thompson 2002, doi:10.1093/genetics/160.3.1217, with both populations known from the
reference; the likelihoods are those of `forensics.origin.crosses`. A posterior compares the six classes
with each other and nothing else, so a test of fit stands beside it: for each class the log-likelihood
is compared with its exact expectation and variance over the genotypes of the class; its p-value is the
greater of the normal one and of the share of the parents' own animals, each left out, that fit as badly.
That test notices few animals of a third population, so the other populations of the reference are looked
at, too: where one of them is likelier than every class, no class is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.assignment import MIN_LOCI, notices_of_animals, notices_of_reference
from forensics.origin.baseline import Baseline
from forensics.origin.crosses import CLASSES, CROSSES, class_log_likelihoods
from forensics.origin.defaults import CONFIDENCE, CROSS_PRIOR, LEVEL
from forensics.origin.exclusion import ExclusionFit
from forensics.origin.hybrid_results import CROSS, HybridOrigin
from forensics.origin.likelihood import CodedAnimals, code_animals, log_likelihoods
from forensics.origin.population_results import ExclusionTest
from forensics.origin.populations import check_confidence
from forensics.origin.results import Origins
from forensics.stats.choice import by_value, greatest

__all__ = ["HybridClasses", "assign_hybrids", "compare_classes"]

_NAMES = tuple(CLASSES)


@dataclass(frozen=True, eq=False)
class HybridClasses:
    """Classes of cross of n animals, in the order of `crosses.CLASSES`.

    Attributes
    ----------
    animals : tuple of str, length n
    log_likelihoods, posterior, p_values : numpy.ndarray of float64, shape (n, 6)
        p-values are 1 where no locus could be used.
    used : numpy.ndarray of int64, shape (n,)
    likelier : tuple of str, length n
        Population, not of a parent, that is likelier than every class; "" where none is.
    notices : tuple of tuple of Notice, length n
    """

    animals: tuple[str, ...]
    log_likelihoods: np.ndarray
    posterior: np.ndarray
    p_values: np.ndarray
    used: np.ndarray
    likelier: tuple[str, ...]
    notices: tuple[tuple[Notice, ...], ...]


def compare_classes(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: ExclusionFit,
    parents: Sequence[str],
    *,
    cross_prior: float = CROSS_PRIOR,
) -> HybridClasses:
    """Return the posterior of each class of cross of two populations.

    Parameters
    ----------
    genotypes : Genotypes
        n animals.
    baseline : Baseline
    fit : ExclusionFit
    parents : two str
        Populations or reporting units; a unit is its populations together.
    cross_prior : float
        Prior of a cross of any class, between 0 and 1.

    Raises
    ------
    UsageError
        If there are not two different parents of the reference, or the prior is not a probability.

    References
    ----------
    Anderson & Thompson 2002, doi:10.1093/genetics/160.3.1217.
    """
    if not 0 < cross_prior < 1:
        raise UsageError(_("The prior of a cross lies above 0 and below 1."))
    rows = _find_parents(baseline, parents)
    prior_copies = baseline.pseudocopies()
    first, second = (baseline.counts[places].sum(axis=0) + prior_copies for places in rows)
    coded = code_animals(genotypes, baseline)
    values, used = class_log_likelihoods(coded, baseline, first, second)
    prior = np.array(
        [
            cross_prior / len(CROSSES) if name in CROSSES else (1 - cross_prior) / 2
            for name in _NAMES
        ]
    )
    # The temperature is that under which posteriors of left-out animals are true.
    logs = values / baseline.temperature + np.log(prior)
    posterior = np.exp(logs - logs.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    common = tuple(
        notice
        for notice in notices_of_reference(coded.ignored, baseline)
        if notice.code == "IGNORED_LOCI"
    )
    likelier = _likelier_populations(coded, baseline, np.concatenate(rows), values)
    return HybridClasses(
        animals=coded.animals,
        log_likelihoods=values,
        posterior=posterior,
        p_values=_p_values(coded, baseline, first, second, values, fit, np.concatenate(rows)),
        used=used.astype(np.int64),
        likelier=likelier,
        notices=tuple(
            (*((notices.OTHER_POPULATION(population=name),) if name else ()), *own, *common)
            for name, own in zip(likelier, notices_of_animals(coded, baseline))
        ),
    )


def _likelier_populations(
    coded: CodedAnimals, baseline: Baseline, parents: np.ndarray, values: np.ndarray
) -> tuple[str, ...]:
    """Return of each animal the population, not of a parent, that is likelier than every class; "" for none.

    The same genotypes are compared: complete ones of two copies whose alleles the reference has.
    """
    others = np.setdiff1d(np.arange(len(baseline.populations)), parents)
    if not others.size:
        return ("",) * len(coded)
    use = coded.typed & ~coded.unseen & (coded.copies == 2)
    compared = replace(
        coded,
        typed=use,
        copies=np.where(use, coded.copies, 0).astype(coded.copies.dtype),
        unseen=np.zeros_like(coded.unseen),
    )
    logs = log_likelihoods(compared, baseline)[:, others]
    best = greatest(logs, axis=1, are_logs=True)
    is_likelier = logs.max(axis=1) > values.max(axis=1)
    return tuple(
        baseline.populations[others[place]] if likelier else ""
        for place, likelier in zip(best.tolist(), is_likelier.tolist())
    )


def _find_parents(baseline: Baseline, parents: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the populations of each parent, a population or a reporting unit.

    Raises
    ------
    UsageError
        If a parent is not of the reference, or both have a population in common.
    """
    if len(parents) != 2:
        raise UsageError(_("A cross has two parents: name two populations or reporting units."))
    found = []
    for name in parents:
        places = [row for row, known in enumerate(baseline.populations) if known == name]
        places = places or [row for row, unit in enumerate(baseline.units or ()) if unit == name]
        if not places:
            raise UsageError(
                _("The reference has no population or unit {name}. It has: {names}").format(
                    name=name,
                    names=", ".join(dict.fromkeys((*baseline.unit_names, *baseline.populations))),
                )
            )
        found.append(np.array(places, dtype=np.intp))
    if set(found[0].tolist()) & set(found[1].tolist()):
        raise UsageError(_("The parents of a cross are two different populations or units."))
    return found[0], found[1]


def assign_hybrids(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: ExclusionFit,
    parents: Sequence[str],
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    cross_prior: float = CROSS_PRIOR,
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
) -> Origins:
    """Say of each animal whether it is of one of two populations, or a cross of them, and which.

    Parameters
    ----------
    genotypes, baseline, fit, parents, cross_prior
        As in `compare_classes`.
    provenance : Provenance
    limits : tuple of str
        Of the model's card.
    confidence : float
        Posterior from which on a class is named, or else "a cross".
    level : float
        Of the test of fit.
    """
    check_confidence(confidence)
    compared = compare_classes(genotypes, baseline, fit, parents, cross_prior=cross_prior)
    results = []
    for row, animal in enumerate(compared.animals):
        posterior = dict(zip(_NAMES, compared.posterior[row].tolist()))
        p_values = dict(zip(_NAMES, compared.p_values[row].tolist()))
        order = [name for name, _value in by_value(posterior)]
        cross = min(1.0, sum(posterior[name] for name in CROSSES))
        p_any = max(p_values.values())
        status, origin, probability = "inconclusive", None, None
        if compared.used[row] < MIN_LOCI:
            status = "unusable"
        elif p_any <= level:
            status = "none_of_the_reference"
        elif compared.likelier[row]:
            status = "inconclusive"
        elif posterior[order[0]] >= confidence:
            status, origin, probability = "assigned", order[0], posterior[order[0]]
        elif cross >= confidence:
            status, origin, probability = "assigned", CROSS, cross
        logs = dict(zip(_NAMES, compared.log_likelihoods[row].tolist()))
        results.append(
            HybridOrigin(
                sample=animal,
                index=row + 1,
                status=status,
                rank="class" if origin else None,
                origin=origin,
                probability=probability,
                used=int(compared.used[row]),
                parents=(parents[0], parents[1]),
                classes={name: posterior[name] for name in order},
                cross=cross,
                share=sum(
                    value * (CLASSES[name][0] + CLASSES[name][1] / 2)
                    for name, value in posterior.items()
                ),
                cross_prior=cross_prior,
                log_likelihoods={name: logs[name] for name in order},
                exclusion=ExclusionTest(
                    level, p_any <= level, p_any, {name: p_values[name] for name in order}
                ),
                notices=compared.notices[row],
                model_limits=limits,
                provenance=provenance,
            )
        )
    return Origins(results)


def _p_values(
    coded: CodedAnimals,
    baseline: Baseline,
    first: np.ndarray,
    second: np.ndarray,
    values: np.ndarray,
    fit: ExclusionFit,
    parents: np.ndarray,
) -> np.ndarray:
    """Return the p-value of each class; shape (n, 6)."""
    from scipy.special import ndtr

    means = np.zeros((len(CLASSES), len(baseline.loci)))
    variances = np.zeros_like(means)
    for locus, (start, stop) in enumerate(zip(baseline.offsets, baseline.offsets[1:])):
        tables = _genotype_tables(first[start:stop], second[start:stop])
        for place, weights in enumerate(CLASSES.values()):
            probabilities = np.einsum("c,cg->g", np.array(weights), tables)
            logs = np.log(probabilities)
            means[place, locus] = probabilities @ logs
            variances[place, locus] = probabilities @ logs**2 - means[place, locus] ** 2
    use = (coded.typed & ~coded.unseen & (coded.copies == 2)).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (values - use @ means.T) / np.sqrt(use @ np.maximum(variances, 0.0).T)
    own = np.sort(fit.z[np.isin(fit.own, parents)])
    calibrated = (1.0 + np.searchsorted(own, z, side="right")) / (1.0 + len(own))
    return np.where(np.isfinite(z), np.maximum(ndtr(z), calibrated), 1.0)


def _genotype_tables(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the probability of every genotype: both of one, one of each, both of the other."""
    left, right = np.triu_indices(len(first))
    same = left == right
    twice = np.where(same, 1.0, 2.0)

    def both(y: np.ndarray) -> np.ndarray:
        n = y.sum()
        return np.asarray(twice * y[left] * (y[right] + same) / (n * (n + 1.0)))

    one, two = first / first.sum(), second / second.sum()
    mixed = np.where(same, one[left] * two[left], one[left] * two[right] + one[right] * two[left])
    return np.stack([both(first), mixed, both(second)])
