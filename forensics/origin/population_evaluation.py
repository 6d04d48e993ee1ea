"""How often an assignment to populations is right, and whether its probabilities are true.

Every animal is assigned by a reference that does not hold it: left out one by one, or in folds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.assignment import assign
from forensics.origin.baseline import MIN_ANIMALS, Baseline, build_baseline
from forensics.stats import Bin, Rate, greatest, reliability, wilson

# Populations of the table of a card.
_MAX_ROWS = 200
# Bins of reliability; narrow near 1, where a court would look.
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 1.0)


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
            source=genotypes.source or None,
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
