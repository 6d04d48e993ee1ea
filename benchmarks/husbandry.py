"""Wild, captive or neither: SIMULATED animals of farms that the reference lacks, beside usual classifiers.

    python benchmarks/husbandry.py           # tables on standard output

Nothing here was measured. References have three samples a farm; each asks about as many further
farms of both classes, and of a third diet that no class has: far from both, and near to captives.
In the second table captive animals have one of two diets, so that no class density of ours fits.
The third asks about wild animals of a place between the classes, which the reference lacks.
"""

import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # the checkout, and its simulations

from husbandry_simulation import MEANS, animals  # noqa: E402
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
# ‰ that captive animals lie farther off in both isotopes: classes that overlap, and that hardly do.
GAPS = (0.0, 3.0)
# Of groups of a class that may lie as far towards the other one; the first is no check, as before it was built.
BETWEEN_LEVELS = (0.0, 0.01, 0.05, 0.1, 0.2)
FRESH = 50_000  # seeds from here on chose nothing
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


def between_table() -> None:
    """Print how many animals are supported as captive or wild, by where they are from."""
    print("| gap ‰ | farms a class | level | captive, of a further farm: captive % | wild, of a further place: "
          "wild, captive % | half way: captive % | three quarters: captive % | one place half way: captive % "
          "| one place at three quarters: captive % |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for gap in GAPS:
        way = np.array(MEANS["captive"]) + gap - MEANS["wild"]
        for farms in FARMS[1:]:
            counts = np.zeros((len(BETWEEN_LEVELS), 6, 2))
            for seed in range(FRESH, FRESH + REFERENCES):
                (captive, farm), (wild, place) = (
                    drawn(kind, farms, 3, seed, two_diets=False) for kind in ("captive", "wild")
                )
                y = np.repeat([0, 1], [len(captive), len(wild)])
                model = HusbandryClassifier().fit(
                    np.vstack([captive + gap, wild]),
                    y,
                    groups=np.concatenate([farm, farms + place]),
                )
                asked = [
                    animals("captive", ASKED, seed=FRESH + seed)[0] + gap,
                    animals("wild", ASKED, seed=FRESH + seed)[0],
                ]
                # Animals as scattered as all wild ones, and as those of one place.
                for scatter in (
                    animals("wild", ASKED, seed=2 * FRESH + seed)[0],
                    _of_one_place(seed),
                ):
                    asked += [scatter + share * way for share in (0.5, 0.75)]
                for row, X in enumerate(asked):
                    *tails, between = model.p_values(X)
                    scores = model.predict_proba(X), model.log_ratios(X), *tails
                    for level, count in zip(BETWEEN_LEVELS, counts):
                        calls = call_samples(*scores, np.where(between <= level, 0.0, 1.0))
                        for one in calls:
                            count[row, one.best] += one.status == "supported"
            shares = 100 * counts / (REFERENCES * ASKED)
            for level, share in zip(BETWEEN_LEVELS, shares):
                cells = [f"{share[0, 0]:.1f}", f"{share[1, 1]:.1f}, {share[1, 0]:.1f}",
                         *(f"{part[0]:.1f}" for part in share[2:])]  # fmt: skip
                print(f"| {gap:g} | {farms} | {level:g} | {' | '.join(cells)} |", flush=True)


def _of_one_place(seed):
    """Return wild animals about their mean with the scatter of one place."""
    X, _place = animals("wild", 1, ASKED, seed=3 * FRESH + seed)
    return X - X.mean(axis=0) + MEANS["wild"]


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
    """Print the tables."""
    began = time.process_time()
    print(f"{REFERENCES} references, {2 * ASKED} further farms each; level {LEVEL}\n")
    table(two_diets=False)
    print("\nCaptive animals of two diets:\n")
    table(two_diets=True)
    print("\nWild animals of a place between the classes, exclusion at the default level:\n")
    between_table()
    print(f"\n{time.process_time() - began:.0f} s of processor time")


if __name__ == "__main__":
    main()
