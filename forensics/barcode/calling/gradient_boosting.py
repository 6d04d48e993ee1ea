"""Gradient-boosted trees and a line as plain numbers, evaluated without scikit-learn.

Importing scikit-learn costs more than a second, and its pickles would run code; the
trees that it grew are kept as lists of numbers (JSON) and walked here.
"""

import math
from dataclasses import dataclass

__all__ = ["LARGE", "SMALL", "Growth", "Trees", "grow", "grow_and_try"]

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
