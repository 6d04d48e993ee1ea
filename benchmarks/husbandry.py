"""Wild, captive or neither: SIMULATED animals of farms that the reference lacks, beside usual classifiers.

    python benchmarks/husbandry.py           # tables on standard output

Nothing here was measured. References have three samples a farm; each asks about as many further
farms of both classes, and of a third diet that no class has: far from both, and near to captives.
In the second table captive animals have one of two diets, so that no class density of ours fits.
"""

import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # the checkout, and its simulations

from husbandry_simulation import animals  # noqa: E402
from sklearn.discriminant_analysis import (  # noqa: E402
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.linear_model import LogisticRegression  # noqa: E402

from forensics.individual.captive.classifier import HusbandryClassifier  # noqa: E402
from forensics.individual.captive.results import call_samples  # noqa: E402
from forensics.individual.options import CaptiveOptions  # noqa: E402

__all__ = ["main"]

FARMS = (10, 30, 100)
REFERENCES, ASKED = 100, 50
CONFIDENCE, LEVEL = 0.95, 0.05
# Of a third diet near captives: 2.5 of their standard deviations in each isotope.
NEAR = (2.5, 2.0)
SHIFT = (5.0, -3.0)  # ‰, of every second captive farm in the second table
EQUAL = [0.5, 0.5]
PEERS = {
    "LDA": lambda: LinearDiscriminantAnalysis(priors=EQUAL),
    "QDA": lambda: QuadraticDiscriminantAnalysis(priors=EQUAL),
    "logistic regression": lambda: LogisticRegression(class_weight="balanced"),
}


def drawn(kind, farms, each, seed, *, two_diets):
    """Return measurements and farms of one class."""
    X, group = animals(kind, farms, each, seed=seed)
    if two_diets and kind == "captive":
        X = X + np.outer(group % 2, SHIFT)
    return X, group


def both(farms, each, seed, **options):
    """Return measurements, classes (0 captive, 1 wild) and farms of both classes."""
    captive, farm = drawn("captive", farms, each, seed, **options)
    wild, other = drawn("wild", farms, each, seed, **options)
    y = np.repeat([0, 1], [len(captive), len(wild)])
    return np.vstack([captive, wild]), y, np.concatenate([farm, farms + other])


def table(*, two_diets) -> None:
    """Print one table."""
    print("| farms a class | classifier | right % | Cllr | calls at 0.95 % | wrong of calls % "
          "| third diet, far and near: called % | neither % | own class excluded % |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for farms in FARMS:
        sums: dict[str, list] = {}
        for seed in range(REFERENCES):
            X, y, group = both(farms, 3, seed, two_diets=two_diets)
            asked, truth, _farm = both(ASKED, 1, 10_000 + seed, two_diets=two_diets)
            near = animals("captive", ASKED, seed=20_000 + seed)[0] + NEAR
            third = (animals("other", ASKED, seed=seed)[0], near)
            ours = HusbandryClassifier().fit(X, y, groups=group)
            sums.setdefault("ours", []).append(_ours(ours, asked, truth, third))
            for name, make in PEERS.items():
                model = make().fit(X, y)
                p = model.predict_proba(asked)
                thirds = [model.predict_proba(one).max(axis=1) >= CONFIDENCE for one in third]
                sums.setdefault(name, []).append(
                    _row(p, truth, p.max(axis=1) >= CONFIDENCE, [one.mean() for one in thirds])
                )
        for name, rows in sums.items():
            means = 100 * np.array(rows).sum(axis=0) / REFERENCES
            right, cost, calls, wrong, far, near, out_far, out_near, own = means
            shown = [
                f"{right:.1f}",
                f"{cost / 100:.3f}",
                f"{calls:.1f}",
                f"{100 * wrong / calls:.1f}" if calls else "-",
                f"{far:.1f}, {near:.1f}",
                f"{out_far:.1f}, {out_near:.1f}" if name == "ours" else "-",
                f"{own:.1f}" if name == "ours" else "-",
            ]
            print(f"| {farms} | {name} | {' | '.join(shown)} |")


def _row(p, truth, called, third, neither=(0.0, 0.0), own=0.0):
    right = p.argmax(axis=1) == truth
    losses = -np.log2(np.maximum(p[np.arange(len(p)), truth], 1e-300))
    cost = (losses[truth == 0].mean() + losses[truth == 1].mean()) / 2
    return right.mean(), cost, called.mean(), (called & ~right).mean(), *third, *neither, own


def _ours(model, asked, truth, third):
    found = _calls(model, asked)
    called = np.array([one.status == "supported" for one in found])
    own = np.mean([one.excluded[place] for one, place in zip(found, truth)])
    thirds = [np.array([one.status for one in _calls(model, X)]) for X in third]
    supported = [(one == "supported").mean() for one in thirds]
    neither = [(one == "neither").mean() for one in thirds]
    return _row(model.predict_proba(asked), truth, called, supported, neither, own)


def _calls(model, X):
    return call_samples(model.predict_proba(X), model.log_ratios(X), *model.p_values(X),
                        CaptiveOptions(exclusion_level=LEVEL))  # fmt: skip


def main() -> None:
    """Print both tables."""
    began = time.process_time()
    print(f"{REFERENCES} references, {2 * ASKED} further farms each; level {LEVEL}\n")
    table(two_diets=False)
    print("\nCaptive animals of two diets:\n")
    table(two_diets=True)
    print(f"\n{time.process_time() - began:.0f} s of processor time")


if __name__ == "__main__":
    main()
