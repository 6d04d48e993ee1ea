"""How far the calls of a library can be trusted: learnt from the library alone.

Of sampled records, each looked up in the rest of the library
(`forensics.barcode.calling.sampling`), the truth is known. From their neighbourhoods grow:

``novelty``  is the species missing from the library?
``choice``   if it is not missing, is it this candidate?
``genus``, ``family``  if it is missing, does it belong to this genus, this family?

`Calibration.probabilities` puts them together for a query. Where a backbone of names says which species there
are, the first question also takes into account how complete the library is for the genus.

Two things are left out, since they would mislead: a species that stays in the library under another name, and
records whose name is doubted (`forensics.barcode.reference.relations`). Twins stay in: without them the
probability of a species whose twin is missing would be too high (docs/decisions/calls.md).

Gradient-boosted trees and a line as plain numbers, evaluated without scikit-learn.

Importing scikit-learn costs more than a second, and its pickles would run code; the
trees that it grew are kept as lists of numbers (JSON) and walked here.

What a decision looks at: the neighbourhood of a query in numbers.

The same functions serve the training and the call. Differences are in per cent of the
bases compared; a species that the search did not reach counts as `_FAR` away, so that
what lies beyond the horizon of the search is the same for every query.

Every feature but the number of congeners may act in one direction only, so that one more record of the
called species, a nearer record of it or a rival that is farther away never lowers its probability.



How complete a library is for a genus, as a calibration learns and uses it.

A query that lies within 1 % of a species of a genus of which the library has every known species is of that
species; where half of the genus is missing, it may be of a missing one. How much this says is not assumed but learnt.

If the counts of the library itself were used, a left-out species could be told by the count alone: its genus then has
one species fewer than for all others. So for each sample some of the other species of its genus are taken to
be missing, too (`Coverage.draw`), in the share in which species are missing where calls are tried.

How sure a calibration can be of what it states: intervals from samples that it did not see.

Of the species that were left out, few have another species so near that the two look alike. A probability of 97 %
rests on those few, and their number says between which bounds it may lie.

The samples are put in order of the log-odds that they were given by trees which had seen nothing of their species,
and cut into parts of as many known species. In each part the known and the missing species are counted; the interval of
either share is Wilson's (doi:10.1080/01621459.1927.10502953).


"""

import json
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from forensics.barcode.calling.genus_support import genus_support_of
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import HORIZON
from forensics.errors import LibraryError
from forensics.io.inputs import load_json
from forensics.messages import _
from forensics.stats.intervals import wilson

if TYPE_CHECKING:
    from random import Random

    from forensics.barcode.calling.sampling import Sample
    from forensics.barcode.reference.relations import NameRelations


_L2 = 1.0
# The line sees so many leading features; its weights are shrunk as scikit-learn does.
_IN_LINE = 2
_C = 1.0
# No library has the samples to tell one in a million from never.
_MAX_LOG_ODDS = math.log(1e6)


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


@dataclass(frozen=True, slots=True)
class Trees:
    """A line and a sum of trees, a calibration of both, and so a probability.

    Attributes
    ----------
    base : float
        Log-odds before the first tree.
    slope, shift : float
        The log-odds are ``slope * sum + line . features + shift``.
    line : list of float
        Weights of the leading features.
    trees : list of list
        A node is ``[feature, threshold, left, right]`` or ``[value]``; a sample goes left
        where its feature is at most the threshold.
    """

    base: float
    slope: float
    shift: float
    line: list
    trees: list

    def margin(self, features: list[float]) -> float:
        """Return the sum of the trees for one sample."""
        total = self.base
        for nodes in self.trees:
            node = nodes[0]
            while len(node) > 1:
                node = nodes[node[2] if features[node[0]] <= node[1] else node[3]]
            total += node[0]
        return total

    def odds(self, features: list[float]) -> float:
        """Return the odds of one sample."""
        straight = sum(weight * value for weight, value in zip(self.line, features))
        logarithm = self.slope * self.margin(features) + straight + self.shift
        return math.exp(max(-_MAX_LOG_ODDS, min(_MAX_LOG_ODDS, logarithm)))

    def probability(self, features: list[float]) -> float:
        """Return the probability of one sample; never 0 or 1."""
        odds = self.odds(features)
        return odds / (1 + odds)

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {
            "base": self.base,
            "slope": self.slope,
            "shift": self.shift,
            "line": self.line,
            "trees": self.trees,
        }


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

    def fit(rows):
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
        model.fit(x[rows], y[rows], sample_weight=w[rows])
        return model, *_line(x[rows, :_IN_LINE], y[rows], w[rows], signs[:_IN_LINE])

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
                model, line, shift = fit(rows)
                unseen[left_out, 0] = model.decision_function(x[left_out])
                unseen[left_out, 1] = x[left_out, :_IN_LINE] @ line + shift
                known |= left_out
        parts, rest = np.array([1.0, 0.0]), 0.0
        if known.any() and y[known].min() != y[known].max():
            parts, rest = _line(unseen[known], y[known], w[known], [1, 1])
        model, line, shift = fit(np.ones(len(y), bool))
    grown = Trees(
        base=float(np.ravel(model._baseline_prediction)[0]),
        slope=float(parts[0]),
        shift=float(parts[1] * shift + rest),
        line=[float(parts[1] * weight) for weight in line],
        trees=[_nodes(stage[0].nodes) for stage in model._predictors] if parts[0] else [],
    )
    return grown, [float(value) for value in unseen @ np.asarray(parts) + rest]


def grow(
    features: list[list[float]],
    truth: list[bool],
    weights: list[float],
    groups: list[int],
    signs: list[int],
    *,
    growth: Growth = SMALL,
    seed: int = 1,
    folds: int = 5,
) -> Trees:
    """Return the trees of `grow_and_try`."""
    return grow_and_try(
        features, truth, weights, groups, signs, growth=growth, seed=seed, folds=folds
    )[0]


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


def _nodes(nodes) -> list:
    return [
        [float(node["value"])]
        if node["is_leaf"]
        else [
            int(node["feature_idx"]),
            float(node["num_threshold"]),
            int(node["left"]),
            int(node["right"]),
        ]
        for node in nodes
    ]


_FAR = 100 * (1 - HORIZON)
_MAX_RECORDS = 20  # more records say nothing more of a species' spread

# Names of the features and the sign of their effect on the probability: +1 it may only
# rise with the feature, -1 only fall, 0 free. A call that grew less certain when its hit
# came nearer could not be explained to a court.
NOVELTY = {
    "difference": +1,
    "lead": -1,
    "second_difference": -1,
    "third_difference": -1,
    "records": -1,
    "species_within_1": +1,
    "species_within_2": +1,
    "genera_within_3": +1,
    "length": -1,
}
CHOICE = {
    "behind": -1,
    "lead": +1,
    "difference": -1,
    "records": +1,
    "length": +1,
}
RANK = {
    "difference": -1,
    "lead": +1,
    "species": 0,
    "others_within_2": -1,
    "length": 0,
}


def _difference(identity: float | None) -> float:
    return _FAR if identity is None else min(_FAR, 100 * (1 - identity))


def _records(candidate: Candidate) -> float:
    return math.log1p(min(candidate.records, _MAX_RECORDS))


def _at(candidates: Sequence[Candidate], place: int) -> float:
    return _difference(candidates[place].identity if place < len(candidates) else None)


def _within(candidates: Sequence[Candidate], per_cent: float) -> list[Candidate]:
    limit = candidates[0].identity - per_cent / 100 - 1e-9
    return [candidate for candidate in candidates if candidate.identity >= limit]


def novelty(candidates: Sequence[Candidate]) -> list[float]:
    """Return the features of the question whether the library lacks the species (`NOVELTY`)."""
    best = candidates[0]
    first = 100 * (1 - best.identity)
    second, third = _at(candidates, 1), _at(candidates, 2)
    return [
        first,
        max(0.0, second - first),
        second,
        third,
        _records(best),
        len(_within(candidates, 1)),
        len(_within(candidates, 2)),
        len({candidate.genus for candidate in _within(candidates, 3)}),
        math.log(best.length),
    ]


def choice(candidates: Sequence[Candidate], place: int) -> list[float]:
    """Return the features of the question whether this is the species, if one is (`CHOICE`)."""
    own = candidates[place]
    rival = max((c.identity for i, c in enumerate(candidates) if i != place), default=None)
    difference = 100 * (1 - own.identity)
    return [
        100 * (candidates[0].identity - own.identity),
        _difference(rival) - min(_FAR, difference),
        difference,
        _records(own),
        math.log(own.length),
    ]


def rank(candidates: Sequence[Candidate], name: str, level: str) -> list[float]:
    """Return the features of the question whether a species that the library lacks belongs here.

    Parameters
    ----------
    candidates : sequence of Candidate
        Best first.
    name : str
        Name of the genus or family.
    level : str
        ``genus`` or ``family``.
    """
    own = [c for c in candidates if getattr(c, level) == name]
    others = [c for c in candidates if getattr(c, level) != name]
    difference = 100 * (1 - own[0].identity)
    rival = _difference(others[0].identity if others else None)
    near = [c for c in others if c.identity >= own[0].identity - 0.02 - 1e-9]
    return [
        difference,
        rival - min(_FAR, difference),
        len({c.species for c in own}),
        len({getattr(c, level) for c in near}),
        math.log(own[0].length),
    ]


#: Names of the features and the sign of their effect on the probability that the species is missing.
COVERAGE = {"missing": +1, "present": 0}
#: Share of the other species of a genus that are taken to be missing when a calibration learns. 0 and 0.3 named as many
#: on the development splits, and more of them wrongly (docs/decisions/calls.md).
MISSING_SHARE = 0.1
#: So many times is each sample drawn, so that chance does not decide what is learnt.
DRAWS = 4


@dataclass(frozen=True)
class Coverage:
    """Known species of each genus that a locus of a library lacks, and that it has.

    Attributes
    ----------
    genera : mapping of str to tuple of (int or None, int)
        Missing and present species; missing is None where the backbone does not know the genus.
    """

    genera: Mapping[str, tuple[int | None, int]] = field(default_factory=dict)

    def counts(self, genus: str) -> tuple[float, float]:
        """Return the missing and the present species of a genus.

        Of a genus that the backbone does not know, as many are taken to be missing as of the others on average.
        """
        missing, present = self.genera.get(genus, (None, 1))
        return (present * self._missing_by_present if missing is None else missing), present

    @cached_property
    def _missing_by_present(self) -> float:
        """Missing species for each that is present, over the genera that the backbone knows."""
        known = [
            (missing, present) for missing, present in self.genera.values() if missing is not None
        ]
        total = sum(present for _missing, present in known)
        return sum(missing for missing, _present in known) / total if total else 1.0

    def features(self, genus: str) -> list[float]:
        """Return the features of a query whose nearest species is of this genus (`COVERAGE`)."""
        return _row(*self.counts(genus))

    def draw(self, genus: str, *, left_out: bool, generator: "Random") -> list[float]:
        """Return the features of a sample whose nearest species is of this genus.

        Parameters
        ----------
        genus : str
        left_out : bool
            Whether a species of the genus is left out; then it is one of the missing.
        generator : random.Random
            Decides which of the other species are taken to be missing.
        """
        missing, present = self.counts(genus)
        others = int(present) - 1 - left_out
        removed = sum(generator.random() < MISSING_SHARE for _species in range(others))
        return _row(missing + removed + left_out, max(1.0, present - removed - left_out))

    def without(self, genus: str, *, whole: bool = False) -> "Coverage":
        """Return the coverage of a library that lacks one more species of a genus, or the `whole` of it."""
        missing, present = self.genera.get(genus, (None, 0))
        if not present:
            return self
        removed = present if whole else 1
        counts = (None if missing is None else missing + removed, present - removed)
        return Coverage({**self.genera, genus: counts})

    def to_dict(self) -> dict[str, list[int | None]]:
        """Return plain values for JSON."""
        return {genus: list(counts) for genus, counts in self.genera.items()}

    @classmethod
    def from_dict(cls, content: Mapping[str, tuple[int | None, int]]) -> "Coverage":
        """Read what `to_dict` wrote."""
        return cls({genus: (missing, present) for genus, (missing, present) in content.items()})


def _row(missing: float, present: float) -> list[float]:
    return [math.log1p(missing), math.log1p(present)]


def coverage_of(index: "Index", relations: "NameRelations | None") -> Coverage | None:
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


#: So many parts, each with as many of the known: those of one part share their interval.
PARTS = 10


@dataclass(frozen=True, slots=True)
class Tail:
    """Shares of known and missing species by the log-odds that they were given.

    Attributes
    ----------
    edges : tuple of float
        Log-odds that the species is missing, ascending: between the parts.
    known, missing : tuple of float
        Share of the known, and of the missing species, in each part, 0-1.
    known_species, missing_species : int
        So many were sampled.
    """

    edges: tuple[float, ...]
    known: tuple[float, ...]
    missing: tuple[float, ...]
    known_species: int
    missing_species: int

    def odds(self, log_odds: float) -> tuple[float, float]:
        """Return between which odds, at even prior, the species is missing where trees give these log-odds."""
        part = bisect_right(self.edges, log_odds)
        known = wilson(self.known[part], self.known_species)
        missing = wilson(self.missing[part], self.missing_species)
        return missing[0] / known[1], missing[1] / max(known[0], 1 / self.known_species)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "edges": list(self.edges),
            "known": list(self.known),
            "missing": list(self.missing),
            "known_species": self.known_species,
            "missing_species": self.missing_species,
        }

    @classmethod
    def from_dict(cls, content: dict) -> "Tail":
        """Read what `to_dict` wrote."""
        return cls(
            edges=tuple(content["edges"]),
            known=tuple(content["known"]),
            missing=tuple(content["missing"]),
            known_species=content["known_species"],
            missing_species=content["missing_species"],
        )


def count_tail(
    log_odds: Sequence[float],
    missing: Sequence[bool],
    weights: Sequence[float],
    species: tuple[int, int],
) -> Tail:
    """Count known and missing species by the log-odds that they were given.

    Parameters
    ----------
    log_odds : sequence of float, length n
        That the species is missing, by trees that did not see it.
    missing : sequence of bool, length n
    weights : sequence of float, length n
        Of the samples; those of the known and of the missing add up to at most 1 each.
    species : tuple of (int, int)
        Number of known and of missing species.
    """
    order = sorted(range(len(log_odds)), key=log_odds.__getitem__)
    whole = math.fsum(weights[place] for place in order if not missing[place])
    edges: list[float] = []
    shares = {False: [0.0], True: [0.0]}
    reached = 0.0
    for place in order:
        value = log_odds[place]
        if (
            reached >= whole * (len(edges) + 1) / PARTS
            and len(edges) < PARTS - 1
            and (not edges or value > edges[-1])
        ):
            edges.append(value)
            for share in shares.values():
                share.append(0.0)
        shares[bool(missing[place])][-1] += weights[place]
        reached += 0.0 if missing[place] else weights[place]
    return Tail(
        edges=tuple(edges),
        known=tuple(min(1.0, share) for share in shares[False]),
        missing=tuple(min(1.0, share) for share in shares[True]),
        known_species=species[0],
        missing_species=species[1],
    )


# With fewer species that can be left out and still be looked up, nothing can be learnt:
# the share of wrong calls that 30 samples cannot exclude is 10 % (rule of three).
MINIMUM_SPECIES = 30
#: From so many samples on larger trees are grown. The bound was not tuned: larger trees were measured on COI with some
#: 13,000 samples (docs/decisions/calls.md), smaller ones with up to 4,000.
MANY_SAMPLES = 2000
_RANKS = ("genus", "family")
FORMAT = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was learnt from one locus of a library.

    Attributes
    ----------
    novelty, choice : Trees
    ranks : dict of str to Trees
        For ``genus`` and ``family``, as far as the library knows them.
    absent : dict
        Of queries without any neighbour above the floor: how many were ``known`` and how
        many ``novel``, out of how many each.
    samples : int
        Species that were sampled as known, and as novel, added up.
    tail : Tail
        Known and missing species by the odds that they were given unseen.
    coverage : Coverage or None
        How complete the library is for each genus; None where no backbone of names says it.
    """

    novelty: Trees
    choice: Trees
    ranks: dict[str, Trees]
    absent: dict[str, float]
    samples: int
    tail: Tail
    coverage: Coverage | None = None

    def probabilities(
        self, candidates: "Sequence[Candidate]", in_library: float
    ) -> dict[str, dict[str, float]]:
        """Return ``{rank: {name: probability, …, "none": probability}}``, each adding up to 1.

        Without candidates ``unlisted`` is the probability that the species is in the
        library all the same, too far away to be listed.

        Parameters
        ----------
        candidates : sequence of Candidate
            Best first; may be empty.
        in_library : float
            Prior probability that the library holds the species, 0-1.
        """
        # The samples were weighed half known, half novel; another prior shifts the odds
        # (Saerens et al. 2002, doi:10.1162/089976602753284446).
        odds = (1 - in_library) / in_library
        if not candidates:
            ratio = odds * self.absent["novel"] / self.absent["known"]
            none = ratio / (1 + ratio)
            # What is left are species of the library that lie beyond the floor.
            return {"species": self._bounded({"unlisted": 1 - none, "none": none})}
        ratio = odds * self.novelty.odds(self._novelty(candidates))
        none = ratio / (1 + ratio)
        shares = _exclusive(
            [self.choice.odds(choice(candidates, place)) for place in range(len(candidates))]
        )
        species = {c.species: share * (1 - none) for c, share in zip(candidates, shares)}
        result: dict[str, dict[str, float]] = {"species": {**species, "none": none}}
        for level, trees in self.ranks.items():
            named = sorted({getattr(c, level) for c in candidates} - {""})
            within = {name: trees.probability(rank(candidates, name, level)) for name in named}
            if level == "genus":  # no more than so few records of it are worth
                within = {
                    name: min(share, genus_support_of(candidates, name).ceiling)
                    for name, share in within.items()
                }
            # Of a missing species no more than one genus can be true.
            crowd = max(1.0, sum(within.values()))
            at_level = {
                name: none * share / crowd
                + sum(species[c.species] for c in candidates if getattr(c, level) == name)
                for name, share in within.items()
            }
            ordered = sorted(at_level.items(), key=lambda item: (-item[1], item[0]))
            result[level] = {**dict(ordered), "none": max(0.0, 1 - sum(at_level.values()))}
        return {level: self._bounded(shares) for level, shares in result.items()}

    def interval(
        self, candidates: "Sequence[Candidate]", in_library: float
    ) -> tuple[float, float] | None:
        """Return between which bounds the probability lies that a species of the library is true.

        None without candidates.

        Parameters
        ----------
        candidates : sequence of Candidate
            Best first.
        in_library : float
            Prior probability that the library holds the species, 0-1.
        """
        if not candidates:
            return None
        stated = self.novelty.odds(self._novelty(candidates))
        lower, upper = self.tail.odds(math.log(stated))
        prior = (1 - in_library) / in_library
        bounds = (prior * min(lower, stated), prior * max(upper, stated))
        shares = [self._bounded({"none": odds / (1 + odds)})["none"] for odds in bounds]
        return 1 - shares[1], 1 - shares[0]

    def _novelty(self, candidates: "Sequence[Candidate]") -> list[float]:
        row = novelty(candidates)
        return row + self.coverage.features(candidates[0].genus) if self.coverage else row

    def _bounded(self, shares: dict[str, float]) -> dict[str, float]:
        """Return probabilities that claim no more than the samples can support.

        What was never seen in n samples may still happen in 3 of n (rule of three, Hanley &
        Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031).
        """
        # Every species is sampled twice, as known and as novel.
        unseen = min(0.5, 3 / (max(2, self.samples) / 2))
        none = unseen + (1 - 2 * unseen) * shares["none"]
        rest = 1 - shares["none"]
        scale = (1 - none) / rest if rest else 0.0
        return {**{name: p * scale for name, p in shares.items() if name != "none"}, "none": none}

    def to_json(self) -> str:
        """Return the calibration as JSON, the same text for the same calibration."""
        return json.dumps(
            {
                "format": FORMAT,
                "samples": self.samples,
                "absent": self.absent,
                **({"coverage": self.coverage.to_dict()} if self.coverage else {}),
                "tail": self.tail.to_dict(),
                "novelty": self.novelty.to_dict(),
                "choice": self.choice.to_dict(),
                "ranks": {level: trees.to_dict() for level, trees in self.ranks.items()},
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> "Calibration":
        """Read what `to_json` wrote.

        Raises
        ------
        LibraryError
            If it was written in another format.
        """
        content = load_json(text)
        if content.get("format") != FORMAT:
            raise LibraryError(
                _(
                    "The calibration has format {found}; this version reads format {expected}. "
                    "Build the library again: forensics library build."
                ).format(found=content.get("format"), expected=FORMAT)
            )
        return cls(
            novelty=Trees(**content["novelty"]),
            choice=Trees(**content["choice"]),
            ranks={level: Trees(**trees) for level, trees in content["ranks"].items()},
            absent=content["absent"],
            samples=content["samples"],
            coverage=Coverage.from_dict(content["coverage"]) if "coverage" in content else None,
            tail=Tail.from_dict(content["tail"]),
        )


def _exclusive(odds: list[float]) -> list[float]:
    """Return probabilities that add up to 1 of candidates of which one alone is true.

    Each was judged by itself. That just it is true and the others are not is as likely as
    its odds say; of that it gets what it was judged to deserve, and the rest goes to the
    others. So many candidates that are far behind do not wear away the one in front.
    """
    if len(odds) == 1:
        return [1.0]
    total = sum(odds)
    alone = [value / total for value in odds]
    own = [value / (1 + value) for value in odds]
    sure = [a * p for a, p in zip(alone, own)]
    others = [(1 - a) * p for a, p in zip(alone, own)]
    left = (1 - sum(sure)) / sum(others)
    return [s + left * o for s, o in zip(sure, others)]


def calibrate(
    index: "Index",
    *,
    relations: "NameRelations | None" = None,
    processes: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Calibration | None:
    """Learn from an index; None where it is too small.

    Parameters
    ----------
    index : Index
    relations : NameRelations, optional
        What the names of the index are to one another, and the backbone of names.
    processes, progress
        As in `forensics.barcode.calling.sampling.take_samples`.
    """
    from forensics.barcode.calling.sampling import take_samples

    taken = take_samples(index, relations=relations, processes=processes, progress=progress)
    return calibrate_from(taken, coverage=coverage_of(index, relations))


def calibrate_from(
    taken: "Sequence[Sample]",
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
    return Calibration(
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
        absent={"known": _absent(known), "novel": _absent(novel)},
        samples=len({(s.group, s.known) for s in taken}),
        coverage=coverage,
        tail=count_tail(
            unseen,
            [missing for _row, missing, _weight, _group in novelty_rows],
            [weight for _row, _missing, weight, _group in novelty_rows],
            (len({s.group for s in known}), len({s.group for s in novel})),
        ),
    )


def _weighed(samples: "list[Sample]"):
    """Yield samples with weights: every species weighs the same, and all together 1.

    Otherwise a few species with many records would be most of what a small library teaches.
    """
    taken = Counter(sample.group for sample in samples)
    for sample in samples:
        yield sample, 1 / (taken[sample.group] * len(taken))


def _novelty_rows(near: "list[tuple[Sample, float]]", coverage: Coverage | None):
    from random import Random  # not for who only asks

    for number, (sample, weight) in enumerate(near):
        row = novelty(sample.candidates)
        if coverage is None:
            yield row, not sample.known, weight, sample.group
            continue
        genus = sample.candidates[0].genus
        generator = Random(number)
        for _draw in range(DRAWS):
            drawn = coverage.draw(
                genus,
                left_out=not sample.known and sample.genus == genus,
                generator=generator,
            )
            yield row + drawn, not sample.known, weight / DRAWS, sample.group


def _rank_rows(near: "list[tuple[Sample, float]]", level: str):
    for sample, weight in near:
        truth = getattr(sample, level)
        if sample.known or not truth:
            continue
        for name in sorted({getattr(c, level) for c in sample.candidates} - {""}):
            row = rank(sample.candidates, name, level)
            yield row, name == truth, weight, sample.group


def _absent(samples: "list[Sample]") -> float:
    """Return the share of species without a neighbour, by Laplace's rule."""
    species = len({sample.group for sample in samples})
    share = sum(weight for sample, weight in _weighed(samples) if not sample.candidates)
    return (share * species + 1) / (species + 2)


def _grow(names: dict[str, int], rows: list) -> Trees:
    return _grow_and_try(names, rows)[0]


def _grow_and_try(
    names: dict[str, int], rows: list, growth: Growth = SMALL
) -> tuple[Trees, list[float]]:
    x, y, weights, groups = map(list, zip(*rows))
    return grow_and_try(x, y, weights, groups, list(names.values()), growth=growth)
