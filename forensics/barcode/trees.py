"""Gradient-boosted trees as plain arrays, evaluated without scikit-learn.

Importing scikit-learn costs more than a second, and its pickles would run code; the
trees that it grew are kept as lists of numbers (JSON) and walked here.
"""

import math
from dataclasses import dataclass

__all__ = ["Trees", "grow"]

# Trees are small and many samples share a leaf: the libraries of single laboratories
# have hundreds of records, not millions.
_ROUNDS = 80
_LEARNING_RATE = 0.08
_LEAVES = 6
_SAMPLES_IN_LEAF = 20
_L2 = 1.0
# No library has the samples to tell one in a million from never.
_MOST_LOG_ODDS = math.log(1e6)


@dataclass(frozen=True)
class Trees:
    """A sum of trees, a calibration of the sum, and so a probability.

    Attributes
    ----------
    base : float
        Log-odds before the first tree.
    slope, shift : float
        The log-odds are ``slope * sum + shift`` (Platt scaling).
    trees : list of list
        A node is ``[feature, threshold, left, right]`` or ``[value]``; a sample goes left
        where its feature is at most the threshold.
    """

    base: float
    slope: float
    shift: float
    trees: list

    def margin(self, features: list[float]) -> float:
        """Return the log-odds of one sample before scaling."""
        total = self.base
        for nodes in self.trees:
            node = nodes[0]
            while len(node) > 1:
                node = nodes[node[2] if features[node[0]] <= node[1] else node[3]]
            total += node[0]
        return total

    def odds(self, features: list[float]) -> float:
        """Return the odds of one sample."""
        logarithm = self.slope * self.margin(features) + self.shift
        return math.exp(max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, logarithm)))

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
            "trees": self.trees,
        }


def grow(
    features: list[list[float]],
    truth: list[bool],
    weights: list[float],
    groups: list[int],
    signs: list[int],
    *,
    seed: int = 1,
    folds: int = 5,
) -> Trees:
    """Grow trees on labelled samples and scale them on samples they did not see.

    Parameters
    ----------
    features : list of list of float, shape (n, m)
    truth : list of bool, length n
    weights : list of float, length n
    groups : list of int, length n
        Samples of a group (a species) stay together in the folds.
    signs : list of int, length m
        Monotone constraints.
    seed : int
        The folds follow from it alone.
    folds : int
        Number of folds from which the scaling is learnt.

    Returns
    -------
    Trees
    """
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    x, y = np.asarray(features, float), np.asarray(truth, int)
    w, g = np.asarray(weights, float), np.asarray(groups)
    if y.min() == y.max():  # nothing to learn; the rate with Laplace's rule
        rate = (w[y == 1].sum() + 1) / (w.sum() + 2)
        return Trees(math.log(rate / (1 - rate)), 1.0, 0.0, [])

    def fit(rows):
        model = HistGradientBoostingClassifier(
            max_iter=_ROUNDS,
            learning_rate=_LEARNING_RATE,
            max_leaf_nodes=_LEAVES,
            min_samples_leaf=_SAMPLES_IN_LEAF,
            l2_regularization=_L2,
            monotonic_cst=signs,
            early_stopping=False,
            random_state=seed,
        )
        # On so few samples threads cost more than they save: a hundred times as much where
        # other processes want the processors, too.
        with threadpool_limits(limits=1, user_api="openmp"):
            return model.fit(x[rows], y[rows], sample_weight=w[rows])

    fold_of = {
        group: fold % folds
        for fold, group in enumerate(np.random.default_rng(seed).permutation(np.unique(g)))
    }
    fold = np.array([fold_of[group] for group in g])
    unseen, known = np.zeros(len(y)), np.zeros(len(y), bool)
    for number in range(folds):
        rows, held = fold != number, fold == number
        if held.any() and y[rows].min() != y[rows].max():
            unseen[held] = fit(rows).decision_function(x[held])
            known |= held
    slope, shift = 1.0, 0.0
    if known.any() and y[known].min() != y[known].max():
        scaling = LogisticRegression(C=1e3).fit(
            unseen[known, None], y[known], sample_weight=w[known]
        )
        slope, shift = float(scaling.coef_[0, 0]), float(scaling.intercept_[0])
    model = fit(np.ones(len(y), bool))
    trees = [_nodes(stage[0].nodes) for stage in model._predictors]
    return Trees(float(np.ravel(model._baseline_prediction)[0]), slope, shift, trees)


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
