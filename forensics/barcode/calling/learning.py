"""Learns from a library how far its calls can be trusted (`forensics.barcode.calling.calibration`).

Sampled records are looked up in the rest of the library, so that the truth is known: once as a *known* (the haplotype
is left out of its species, so that what is left is another), once as a *novel* (the whole species is left out). From
their neighbourhoods gradient-boosted trees and a line grow for each question that is asked of a query.

Two things are left out, since they would mislead: a species that stays in the library under another name, and
records whose name is doubted (`forensics.barcode.reference.relations`). Twins stay in: without them the
probability of a species whose twin is missing would be too high (docs/decisions/calls.md).

If the counts of the library itself were used to say how complete it is for a genus, a left-out species could be told by
the count alone: its genus then has one species fewer than for all others. So for each sample some of the other species
of its genus are taken to be missing, too (`Coverage.draw`), in the share in which species are missing where calls are
tried.

The log-odds of the trees are corrected by samples that they did not see: by what each was given by trees which had seen
nothing of its species (`fit_curve`).
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.calibration import (
    CHOICE,
    COVERAGE,
    NOVELTY,
    RANK,
    Calibration,
    Coverage,
    Curve,
    Trees,
    choice,
    far,
    novelty,
    rank,
)
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import MAX_OF_SPECIES
from forensics.barcode.matching.search import Candidate, nearest_of_species, search, within_reach
from forensics.barcode.options import FLOOR
from forensics.core.parallel import map_in_threads

if TYPE_CHECKING:
    import numpy as np

    from forensics.barcode.reference.relations import NameRelations


# So many records are sampled at most, one of each species first. What is rare, a missing species that is met
# exactly, decides how sure a call may be, and 2,000 samples hold a few dozen of them
# (docs/decisions/calls.md).
SAMPLES = 10_000
# To look a record up takes as long as there are haplotypes to look through. From 20,000 on fewer
# are sampled, 200 of a million, so that it takes a few minutes at most (docs/library.md).
# What they support is claimed, and no more (`forensics.barcode.calling.calibration`).
_MAX_WORK = SAMPLES * 20_000
# This share of the samples is looked up whole, the rest as a piece of a length between
# the shortest that is examined and the whole, so that degraded DNA is calibrated too.
_WHOLE = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """A record looked up without itself: its truth and what was found."""

    group: int
    species: str
    genus: str
    family: str
    known: bool
    candidates: list[Candidate]


def samples_for(haplotypes: int) -> int:
    """Return how many records of a library are sampled at most.

    Examples
    --------
    >>> samples_for(10_000), samples_for(1_000_000)
    (10000, 200)
    """
    return min(SAMPLES, max(1, _MAX_WORK // max(1, haplotypes)))


def take_samples(
    index: Index,
    *,
    relations: "NameRelations | None" = None,
    samples: int | None = None,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> list[Sample]:
    """Return the samples that a calibration learns from.

    Parameters
    ----------
    index : Index
    relations : NameRelations, optional
        Records whose name it doubts are not sampled, and a species is left out under all its names.
    samples : int, optional
        Records to sample at most; default: `samples_for` the index.
    seed : int
        What is sampled follows from it and the index alone.
    threads : int
        That look the samples up; they change nothing but the time.
    progress : callable
        Called with the records that are looked up, and how many there are.
    """
    samples = samples_for(index.size) if samples is None else samples
    tasks = _drawn(index, samples, seed, relations)
    taken: list[Sample] = []
    look_up = partial(_looked_up, index, of_species=_of_species(index, relations))
    for done, (_task, some) in enumerate(map_in_threads(look_up, tasks, threads=threads), 1):
        taken += some
        progress(done, len(tasks))
    return taken


def in_turns(
    of_species: Mapping[int, Sequence[int]], generator: random.Random
) -> list[tuple[int, int]]:
    """Return species and haplotypes: one of every species in random order, then a second of each, and so on.

    So whoever takes the first n has as many species as there can be among n.
    """
    turns = []
    for species, haplotypes in sorted(of_species.items()):
        order = generator.sample(haplotypes, len(haplotypes))
        turns += [(turn, generator.random(), species, h) for turn, h in enumerate(order)]
    return [(species, haplotype) for _turn, _random, species, haplotype in sorted(turns)]


@dataclass(frozen=True, slots=True)
class _Task:
    """A haplotype of a species to be looked up, whole or in part: `sequence`; `members` are all records."""

    species: int
    members: tuple[int, ...]
    haplotype: int
    sequence: str
    names: frozenset[int]
    unsound: frozenset[int]
    """Records of its other names, and records whose name is doubted."""


def _drawn(index: Index, samples: int, seed: int, relations: "NameRelations | None") -> list[_Task]:
    everything = index.haplotypes_by_species()
    sound = everything if relations is None else _without_doubts(index, everything, relations)
    generator = random.Random(seed)
    tasks = []
    for species, haplotype in in_turns(sound, generator)[:samples]:
        sequence = _piece(index.sequence(haplotype), index.locus, generator)
        names: frozenset[int] = frozenset()
        unsound: frozenset[int] = frozenset()
        if relations is not None:
            names = relations.synonyms.get(species, names)
            others = (_members(index, everything.get(name, ()), name) for name in names)
            unsound = relations.doubts.union(*others)
        members = _members(index, everything[species], species)
        tasks.append(_Task(species, members, haplotype, sequence, names, unsound))
    return tasks


def _members(index: Index, haplotypes: Sequence[int], species: int) -> tuple[int, ...]:
    """Return the records of a species among those of its haplotypes."""
    return tuple(
        chain.from_iterable(index.positions_at(haplotype, species) for haplotype in haplotypes)
    )


def _without_doubts(
    index: Index, of_species: Mapping[int, Sequence[int]], relations: "NameRelations"
) -> dict[int, list[int]]:
    """Return the haplotypes of every species of which not every record is doubted."""
    sound = {
        species: [
            haplotype
            for haplotype in haplotypes
            if not relations.doubts.issuperset(index.positions_at(haplotype, species))
        ]
        for species, haplotypes in of_species.items()
    }
    return {species: haplotypes for species, haplotypes in sound.items() if haplotypes}


def _of_species(index: Index, relations: "NameRelations | None") -> int:
    """Return how many haplotypes of each species to look for (0: all).

    So many that one is among them that is not doubted, and not the sample itself.
    """
    doubts = relations.doubts if relations else ()
    doubted = {(index.species_at(at), index.haplotype_at(at)) for at in doubts}
    needed = 2 + max(Counter(species for species, _haplotype in doubted).values(), default=0)
    return needed if needed <= MAX_OF_SPECIES else 0


def _looked_up(index: Index, task: _Task, *, of_species: int) -> list[Sample]:
    species, members = task.species, task.members
    own = index.positions_at(task.haplotype, species)
    record = index.record(own[0])
    if not record.species:
        return []  # its true species is not known
    excluded = task.names | {species}
    hits = search(
        index, task.sequence, exclude_species=excluded, of_species=of_species, short=False
    ).hits
    facts: dict[str, Any] = {
        "group": species,
        "species": record.species,
        "genus": record.genus,
        "family": record.family,
    }
    # Copies of one sequence are often of one animal or one collecting, and teach that a
    # known species is always met exactly; so they go together where the species has more.
    without = own if len(own) < len(members) else own[:1]
    found = nearest_of_species(index, hits, without=task.unsound.union(without))
    others = [candidate for candidate in found if candidate.species != record.label]
    novel = Sample(**facts, known=False, candidates=within_reach(others))
    if len(without) == len(members):
        return [novel]
    return [Sample(**facts, known=True, candidates=within_reach(found)), novel]


def _piece(sequence: str, locus: str, generator: random.Random) -> str:
    shortest = find_locus(locus).minimum_length
    if generator.random() < _WHOLE or len(sequence) <= shortest:
        return sequence
    length = round(math.exp(generator.uniform(math.log(shortest), math.log(len(sequence)))))
    start = generator.randrange(len(sequence) - length + 1)
    return sequence[start : start + length]


# -- learning ----------------------------------------------------------------------------

_L2 = 1.0
# The line sees so many leading features; its weights are shrunk as scikit-learn does.
_IN_LINE = 2
_C = 1.0
# Bins of a feature at most, as scikit-learn has them.
_BINS = 255


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees grow.

    Attributes
    ----------
    rounds : int
        Number of trees.
    learning_rate : float
    leaves : int
        Of a tree at most.
    samples_in_leaf : int
        At least.
    """

    rounds: int
    learning_rate: float
    leaves: int
    samples_in_leaf: int


#: Small trees with many samples in a leaf: the libraries of single laboratories have hundreds of records.
SMALL = Growth(rounds=80, learning_rate=0.08, leaves=4, samples_in_leaf=30)
#: For a question that is asked once for each query, and not for each candidate.
LARGE = Growth(rounds=150, learning_rate=0.06, leaves=6, samples_in_leaf=40)


def grow_and_try(
    features: list[list[float]],
    truth: list[bool],
    weights: list[float],
    groups: list[int],
    signs: list[int],
    *,
    growth: Growth = SMALL,
    seed: int = 1,
    folds: int = 5,
) -> tuple[Trees, list[float]]:
    """Grow trees and fit a line on labelled samples, and weigh both on samples they did not see.

    Trees need hundreds of samples, a line of two features a few dozen. How far each is
    trusted is learnt from predictions for species that neither had seen (stacking, Wolpert
    1992, doi:10.1016/S0893-6080(05)80023-1), so a small library is decided by the line
    and a large one by the trees, without a limit between them.

    Parameters
    ----------
    features : list of list of float, shape (n, m)
    truth : list of bool, length n
    weights : list of float, length n
    groups : list of int, length n
        Samples of a group (a species) stay together in the folds.
    signs : list of int, length m
        Monotone constraints.
    growth : Growth
    seed : int
        The folds follow from it alone.
    folds : int
        Number of folds from which the weighing is learnt.

    Returns
    -------
    tuple of (Trees, list of float)
        And the log-odds of each sample by trees and lines that saw nothing of its group.
    """
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    x, y = np.asarray(features, float), np.asarray(truth, int)
    w, g = np.asarray(weights, float), np.asarray(groups)
    if y.min() == y.max():  # nothing to learn; the rate with Laplace's rule
        rate = (w[y == 1].sum() + 1) / (w.sum() + 2)
        log_odds = math.log(rate / (1 - rate))
        return Trees(log_odds, 1.0, 0.0, [], []), [log_odds] * len(y)
    w = w * len(w) / w.sum()  # so that few samples are shrunk more than many
    columns = [np.unique(values, return_inverse=True) for values in x.T]

    def bins(rows, between):
        return np.stack(
            [np.searchsorted(b, distinct)[at[rows]] for b, (distinct, at) in zip(between, columns)],
            axis=1,
        )

    def fit(rows):
        between = [_thresholds(distinct, at[rows], w[rows]) for distinct, at in columns]
        model = HistGradientBoostingClassifier(
            max_iter=growth.rounds,
            learning_rate=growth.learning_rate,
            max_leaf_nodes=growth.leaves,
            min_samples_leaf=growth.samples_in_leaf,
            l2_regularization=_L2,
            monotonic_cst=signs,
            early_stopping=False,
            random_state=seed,
        )
        model.fit(bins(rows, between), y[rows], sample_weight=w[rows])
        return model, between, *_line(x[rows, :_IN_LINE], y[rows], w[rows], signs[:_IN_LINE])

    fold_of = {
        group: fold % folds
        for fold, group in enumerate(np.random.default_rng(seed).permutation(np.unique(g)))
    }
    fold = np.array([fold_of[group] for group in g])
    unseen, known = np.zeros((len(y), 2)), np.zeros(len(y), bool)
    # On so few samples threads cost more than they save: a hundred times as much where other
    # processes want the processors, too. And sums do not depend on how many there are.
    with threadpool_limits(limits=1):
        for number in range(folds):
            rows, left_out = fold != number, fold == number
            if left_out.any() and y[rows].min() != y[rows].max():
                model, between, line, shift = fit(rows)
                unseen[left_out, 0] = model.decision_function(bins(left_out, between))
                unseen[left_out, 1] = x[left_out, :_IN_LINE] @ line + shift
                known |= left_out
        parts, rest = np.array([1.0, 0.0]), 0.0
        if known.any() and y[known].min() != y[known].max():
            parts, rest = _line(unseen[known], y[known], w[known], [1, 1])
        model, between, line, shift = fit(np.ones(len(y), bool))
    grown = Trees(
        base=float(np.ravel(model._baseline_prediction)[0]),
        slope=float(parts[0]),
        shift=float(parts[1] * shift + rest),
        line=[float(parts[1] * weight) for weight in line],
        trees=[_nodes(stage[0].nodes, between) for stage in model._predictors] if parts[0] else [],
    )
    return grown, [float(value) for value in unseen @ np.asarray(parts) + rest]


def _thresholds(distinct: "np.ndarray", place: "np.ndarray", weights: "np.ndarray") -> "np.ndarray":
    """Return the numbers between the bins of a feature, into which trees put its values; none of them is empty.

    `place` says which of the `distinct` values each sample has. The numbers are those of scikit-learn, which would sort
    all values again for each of them: half way between two values or, of more values than `_BINS`, between as many bins
    of about the same weight.
    """
    import numpy as np

    had = np.flatnonzero(np.bincount(place))
    reached = np.cumsum(np.bincount(place, weights)[had])
    distinct = distinct[had]
    above = np.append(distinct[1:], distinct[-1])
    if len(distinct) <= _BINS:
        return ((distinct + above) / 2)[:-1]
    ranks = np.linspace(0, 100, _BINS + 1)[1:-1] / 100 * reached[-1]
    at = np.minimum(np.searchsorted(reached, ranks), len(distinct) - 1)
    on_value = reached[at] - ranks <= np.finfo(float).eps
    between = np.unique(np.where(on_value, (distinct[at] + above[at]) / 2, distinct[at]))
    return between[np.unique(np.searchsorted(between, distinct))[:-1]]


def _line(x, y, w, signs):
    """Return the weights and shift of a logistic regression without the features of the wrong sign."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    weights, kept = np.zeros(x.shape[1]), list(range(x.shape[1]))
    while kept:
        fitted = LogisticRegression(C=_C).fit(x[:, kept], y, sample_weight=w)
        coefficients = fitted.coef_[0]
        against = [f for f, weight in zip(kept, coefficients) if weight * signs[f] < 0]
        if not against:
            weights[kept] = coefficients
            return weights, float(fitted.intercept_[0])
        kept.remove(max(against, key=lambda f: abs(coefficients[kept.index(f)])))
    rate = float(np.average(y, weights=w))
    return weights, math.log(rate / (1 - rate))


def _nodes(nodes: "np.ndarray", between: "Sequence[np.ndarray]") -> list:
    """Return the nodes of a tree that grew on bins, with the numbers between them."""
    return [
        [float(node["value"])]
        if node["is_leaf"]
        else [
            int(node["feature_idx"]),
            float(between[node["feature_idx"]][int(node["num_threshold"])]),
            int(node["left"]),
            int(node["right"]),
        ]
        for node in nodes
    ]


#: So many times is each sample drawn, so that chance does not decide what is learnt.
DRAWS = 4


def coverage_of(index: Index, relations: "NameRelations | None") -> Coverage | None:
    """Return how complete an index is for its genera; None where nothing is known of species that it lacks.

    Parameters
    ----------
    index : Index
    relations : NameRelations or None
        With the backbone of names.
    """
    if relations is None or relations.backbone is None:
        return None
    present: dict[str, set[str]] = defaultdict(set)
    families: dict[str, set[str]] = defaultdict(set)
    for position in range(index.record_count):
        record = index.record(position)
        if record.species:
            present[record.genus].add(relations.backbone.accepted(record.species))
            families[record.genus].add(record.family)
    genera: dict[str, tuple[int | None, int]] = {}
    for genus, names in sorted(present.items()):
        species = relations.backbone.species_of(genus, known=families[genus])
        genera[genus] = (len(set(species) - names) if species else None, len(names))
    if all(missing is None for missing, _present in genera.values()):
        return None
    return Coverage(genera)


#: So many parts has the curve between the least and the greatest log-odds of either kind of species.
PARTS = 8
#: Knots are as far apart at least, in log-odds.
_APART = 0.25
#: How far the slopes of neighbouring parts, and those of pieces and whole sequences, are held together, and all of them
#: to 1, which leaves the trees as they are. Chosen on the development splits (docs/decisions/calls.md).
_SMOOTH, _STRAIGHT = 2.0, 0.5
_LEAST_SLOPE = 0.05  # higher log-odds of the trees never become lower
_WHOLE_FROM = 0.75  # of the samples are shorter than a whole sequence; some records are much longer
_CELL = 0.05  # samples whose log-odds differ by less are counted together
_LENGTH = list(NOVELTY).index("length")


def fit_curve(
    log_odds: Sequence[float],
    missing: Sequence[bool],
    weights: Sequence[float],
    lengths: Sequence[float],
    species: tuple[int, int],
) -> Curve:
    """Learn to correct the log-odds of trees from what they gave to species which they did not see.

    A logistic regression on the log-odds by straight parts, of which none falls, one for pieces and one for whole
    sequences; a sample between both belongs to each in part. One more known species stands at the highest
    log-odds and one more missing one at the lowest, by Laplace's rule. The errors are those of the posterior near its
    maximum; a species counts as one sample, however many it has (Wahba 1983,
    doi:10.1111/j.2517-6161.1983.tb01239.x).

    Parameters
    ----------
    log_odds : sequence of float, length n
        That the species is missing.
    missing : sequence of bool, length n
    weights : sequence of float, length n
        Of the samples; those of the known and of the missing add up to at most 1 each.
    lengths : sequence of float, length n
        Logarithms of the bases.
    species : tuple of (int, int)
        Number of known and of missing species.
    """
    import numpy as np
    from scipy.optimize import minimize

    z, y, w, length = (np.array(v, float) for v in (log_odds, missing, weights, lengths))
    shortest = float(length.min())
    longest = max(float(np.quantile(length, _WHOLE_FROM)), shortest + 1e-6)
    z = np.concatenate([z, [z.max()] * 2, [z.min()] * 2])
    y = np.concatenate([y, [0, 0, 1, 1]])
    w = np.concatenate([w, np.repeat([0.5 / (number + 2) for number in species], 2)])
    length = np.concatenate([length, [shortest, longest] * 2])
    share = np.clip((length - shortest) / (longest - shortest), 0, 1)
    knots = _knots(z, y, w)
    cells, cell = np.unique(
        np.stack([np.round(z / _CELL) * _CELL, np.round(share, 1), y]), axis=1, return_inverse=True
    )
    (z, share, y), w = cells, np.bincount(cell, weights=w) * sum(species) / 2

    def parts(at: "np.ndarray") -> "np.ndarray":
        first = np.ones((len(at), 1))
        return np.hstack([first, np.diff(np.clip(at[:, None], knots[0], knots), axis=1)])

    x = np.hstack([parts(z) * (1 - share)[:, None], parts(z) * share[:, None]])
    held, middle = _prior_of_slopes(len(knots))

    def loss(beta: "np.ndarray") -> "tuple[float, np.ndarray]":
        score, off = x @ beta, beta - middle
        value = (w * (np.logaddexp(0, score) - y * score)).sum() + off @ held @ off / 2
        return float(value), x.T @ (w * (1 / (1 + np.exp(-score)) - y)) + held @ off

    of_length = [(None, None)] + [(_LEAST_SLOPE, None)] * (len(knots) - 1)
    start = np.tile(np.concatenate([[knots[0]], np.ones(len(knots) - 1)]), 2)
    beta = minimize(loss, start, jac=True, bounds=of_length * 2, method="L-BFGS-B").x
    shares = 1 / (1 + np.exp(-(x @ beta)))
    spread = np.linalg.inv((x * (w * shares * (1 - shares))[:, None]).T @ x + held)
    at, size = parts(knots), len(knots)
    whole = at @ beta[size:]
    errors = (
        np.sqrt(np.einsum("ij,jk,ik->i", at, spread[part, part], at))
        for part in (slice(size), slice(size, None))
    )
    return Curve(
        knots=knots.tolist(),
        lengths=[shortest, longest],
        piece=np.maximum(at @ beta[:size], whole).tolist(),  # a piece never says more
        whole=whole.tolist(),
        errors=[error.tolist() for error in errors],
    )


def _knots(z: "np.ndarray", y: "np.ndarray", w: "np.ndarray") -> "np.ndarray":
    """Return the ends of the parts: quantiles of the known and of the missing."""
    import numpy as np

    found = [z.min(), z.max()]
    for kind in (0, 1):
        order = np.argsort(z[y == kind], kind="stable")
        reached = np.cumsum(w[y == kind][order])
        places = np.searchsorted(reached, reached[-1] * np.arange(1, PARTS) / PARTS)
        found += z[y == kind][order][places].tolist()
    found.sort()
    knots = found[:1]
    for value in found[1:]:
        if value - knots[-1] >= _APART:
            knots.append(value)
    return np.array(knots if len(knots) > 1 else [knots[0], knots[0] + _APART])


def _prior_of_slopes(size: int) -> "tuple[np.ndarray, np.ndarray]":
    """Return the precision of the prior of `size` values for pieces and as many for whole sequences, and its mean."""
    import numpy as np

    apart = np.diff(np.eye(size), axis=0)[1:]  # of neighbouring slopes; the first value is no slope
    slopes = np.diag([0.0] + [1.0] * (size - 1))
    own = 2 * (_SMOOTH * apart.T @ apart + _STRAIGHT * slopes)
    tie = 2 * _SMOOTH * np.eye(size)
    middle = np.tile([0.0] + [1.0] * (size - 1), 2)
    return np.block([[own + tie, -tie], [-tie, own + tie]]), middle


#: At 3 to 4 % away seven samples of missing species come to one of a known one (COI, docs/decisions/calls.md).
_FAR_FROM = 0.97
# With fewer species that can be left out and still be looked up, nothing can be learnt:
# the share of wrong calls that 30 samples cannot exclude is 10 % (rule of three).
MINIMUM_SPECIES = 30
#: From so many samples on larger trees are grown. The bound was not tuned: larger trees were measured on COI with some
#: 13,000 samples (docs/decisions/calls.md), smaller ones with up to 4,000.
MANY_SAMPLES = 2000
_RANKS = ("genus", "family")


def calibrate(
    index: Index,
    *,
    relations: "NameRelations | None" = None,
    threads: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Calibration | None:
    """Learn from an index; None where it is too small.

    Parameters
    ----------
    index : Index
    relations : NameRelations, optional
        What the names of the index are to one another, and the backbone of names.
    threads, progress
        As in `take_samples`.
    """
    taken = take_samples(index, relations=relations, threads=threads, progress=progress)
    return calibrate_from(taken, coverage=coverage_of(index, relations))


def calibrate_from(
    taken: Sequence[Sample],
    *,
    minimum: int = MINIMUM_SPECIES,
    coverage: Coverage | None = None,
) -> Calibration | None:
    """Learn from samples; None where they are of too few species.

    Parameters
    ----------
    taken : sequence of Sample
        Of `take_samples`, or part of them: a calibration that is to be judged must not
        have seen the species that it is judged by (`forensics.barcode.validating.validation`).
    minimum : int
        Species that must be among the known, and among the novel.
    coverage : Coverage, optional
        How complete the library is for its genera.
    """
    known = [sample for sample in taken if sample.known]
    novel = [sample for sample in taken if not sample.known]
    if min(len({s.group for s in known}), len({s.group for s in novel})) < minimum:
        return None
    weighed = [*_weighed(known), *_weighed(novel)]
    near = [(sample, weight) for sample, weight in weighed if sample.candidates]
    novelty_rows = list(_novelty_rows(near, coverage))
    novelty, unseen = _grow_and_try(
        NOVELTY if coverage is None else NOVELTY | COVERAGE,
        novelty_rows,
        LARGE if len(near) >= MANY_SAMPLES else SMALL,
    )
    learnt = Calibration(
        novelty=novelty,
        choice=_grow(
            CHOICE,
            [
                (choice(s.candidates, place), c.species == s.species, weight, s.group)
                for s, weight in near
                if s.known
                for place, c in enumerate(s.candidates)
            ],
        ),
        ranks={
            level: _grow(RANK, rows) for level in _RANKS if (rows := list(_rank_rows(near, level)))
        },
        far=_learn_far(known, novel),
        samples=len({(s.group, s.known) for s in taken}),
        coverage=coverage,
        curve=fit_curve(
            unseen,
            [missing for _row, missing, _weight, _group in novelty_rows],
            [weight for _row, _missing, weight, _group in novelty_rows],
            [row[_LENGTH] for row, _missing, _weight, _group in novelty_rows],
            (len({s.group for s in known}), len({s.group for s in novel})),
        ),
    )
    return Calibration.from_json(learnt.to_json())  # the same before it is stored as after


def _weighed(samples: list[Sample]):
    """Yield samples with weights: every species weighs the same, and all together 1.

    Otherwise a few species with many records would be most of what a small library teaches.
    """
    taken = Counter(sample.group for sample in samples)
    for sample in samples:
        yield sample, 1 / (taken[sample.group] * len(taken))


def _novelty_rows(near: list[tuple[Sample, float]], coverage: Coverage | None):
    for number, (sample, weight) in enumerate(near):
        row = novelty(sample.candidates)
        if coverage is None:
            yield row, not sample.known, weight, sample.group
            continue
        genus = sample.candidates[0].genus
        generator = random.Random(number)
        for _draw in range(DRAWS):
            drawn = coverage.draw(
                genus,
                left_out=not sample.known and sample.genus == genus,
                generator=generator,
            )
            yield row + drawn, not sample.known, weight / DRAWS, sample.group


def _rank_rows(near: list[tuple[Sample, float]], level: str):
    for sample, weight in near:
        truth = getattr(sample, level)
        if sample.known or not truth:
            continue
        for name in sorted({getattr(c, level) for c in sample.candidates} - {""}):
            row = rank(sample.candidates, name, level)
            yield row, name == truth, weight, sample.group


def _learn_far(known: list[Sample], novel: list[Sample]) -> Trees:
    """Learn how the odds that the species is missing rise with the logarithm of the difference of the nearest record.

    A species that is known by another name or deeply divided lies farther away than a line on the difference allows.
    Of known species hardly a sample lies beyond the floor, so the line is that of the samples from `_FAR_FROM` on, and
    of one more species of each kind at its ends, by Laplace's rule.
    """
    import numpy as np

    rows = []
    for is_novel, samples in enumerate((known, novel)):
        end = FLOOR if is_novel else _FAR_FROM
        rows.append((end, is_novel, 1 / (len({s.group for s in samples}) + 2)))
        rows += [
            (identity, is_novel, weight)
            for sample, weight in _weighed(samples)
            if sample.candidates and (identity := sample.candidates[0].identity) <= _FAR_FROM
        ]
    x = np.array([far(identity) for identity, _novel, _weight in rows])
    truth, weights = (np.array(column, float) for column in list(zip(*rows))[1:])
    slopes, shift = _line(x, truth, weights * len(weights) / weights.sum(), [1])
    return Trees(base=0.0, slope=0.0, shift=shift, line=[float(slopes[0])], trees=[])


def _grow(names: dict[str, int], rows: list) -> Trees:
    return _grow_and_try(names, rows)[0]


def _grow_and_try(
    names: dict[str, int], rows: list, growth: Growth = SMALL
) -> tuple[Trees, list[float]]:
    x, y, weights, groups = map(list, zip(*rows))
    return grow_and_try(x, y, weights, groups, list(names.values()), growth=growth)
