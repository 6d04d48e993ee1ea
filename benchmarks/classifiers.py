"""Usual classifiers of scikit-learn beside this project's methods, on the same animals left out.

    python benchmarks/classifiers.py
    python benchmarks/classifiers.py --sets microbov --output classifiers.json

Every method sees the same parts. Where classes have several sites, whole sites are left out (of cattle the
country, a breed left out; of alewives the reporting unit, a collection left out); else folds of animals.
The classifiers go through `forensics.origin.classifiers`, as `origin train --estimator` does: calibrated by
animals that they have not seen. They have the settings of scikit-learn; nothing was tuned. Cattle and
swallowtails come with the package; alewives and chinook are of the evaluation folder (FORENSICS_EVALUATION_DATA).
Seconds are of the processor, with all cores that a method takes. Gradient boosting grows a tree a class and round: with
40 classes the usual 100 rounds take hours, so it gets no more than ``--boosting-trees`` trees, and the table says how
many rounds that are.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from genotype_sets import load
from populations import log_score
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.svm import SVC

from forensics.genetics.genotypes import Genotypes
from forensics.genetics.reading import read_genotypes
from forensics.origin.assignment import assign, build_baseline
from forensics.origin.classifiers import fit_classifier, left_out_parts
from forensics.origin.populations import (
    PopulationEvaluation,
    known_reference,
    summarise_posteriors,
)
from forensics.stats import wilson

ROOT = Path(__file__).resolve().parent.parent
SURE = 0.95
BOOSTING_TREES, BOOSTING_ROUNDS = 1500, 100


def make_peers(classes: int, boosting_trees: int) -> dict[str, Callable[[], object]]:
    """Return the classifiers that ours are compared with, by name."""
    rounds = min(BOOSTING_ROUNDS, max(1, boosting_trees // (classes if classes > 2 else 1)))
    return {
        "random forest": lambda: RandomForestClassifier(n_estimators=200, n_jobs=1),
        f"gradient boosting, {rounds} rounds": lambda: HistGradientBoostingClassifier(
            max_iter=rounds
        ),
        "SVM (RBF)": lambda: SVC(),
    }


OURS = {"ours, shrunk": "shrunk", "ours, Rannala-Mountain": "rannala_mountain"}


def packaged(name: str, population: str, site: str | None = None) -> Genotypes:
    """Return a set that comes with the package."""
    return read_genotypes(
        ROOT / "models" / "data" / f"{name}.csv.gz", population=population, site=site
    )


def chinook() -> Genotypes:
    """Return chinook salmon by reporting unit; folds of animals, since 69 collections left out take hours."""
    folder = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
    genotypes = load(folder, "chinook")
    return replace(genotypes, populations=genotypes.units, units=None, fields={})


def alewives() -> Genotypes:
    """Return alewives by reporting unit, with their collections as sites."""
    folder = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
    genotypes = load(folder, "alewife")
    return replace(
        genotypes, populations=genotypes.units, units=None, fields={"site": genotypes.populations}
    )


SETS: dict[str, Callable[[], Genotypes]] = {
    "microbov": lambda: packaged("microbov", "breed"),
    "microbov-country": lambda: packaged("microbov", "country", "breed"),
    "alewife-unit": alewives,
    "swallowtails": lambda: packaged("swallowtails", "population"),
    "chinook-unit": chinook,
}


def evaluate_peer(genotypes, estimator, seed: int) -> PopulationEvaluation:
    """Return how well a classifier of scikit-learn does on animals that were left out."""
    return fit_classifier(genotypes, estimator, seed=seed).evaluation


def evaluate_ours(genotypes: Genotypes, method: str, seed: int) -> PopulationEvaluation:
    """Return the figures of one of our methods on the parts that the classifiers have."""
    known, whole, own = known_reference(genotypes)
    scheme, parts = left_out_parts(known, own, seed)
    posterior = np.zeros((len(own), len(whole.populations)))
    place = {name: number for number, name in enumerate(whole.populations)}
    for test in parts:
        train = np.setdiff1d(np.arange(len(own)), test)
        baseline = build_baseline(known.take(train), method=method)
        columns = [place[name] for name in baseline.populations]
        posterior[np.ix_(test, columns)] = assign(known.take(test), baseline).posterior
    return summarise_posteriors(
        known, whole, own, posterior, scheme=scheme, method=method, prior_name="populations"
    )


def describe(label: str, evaluation: PopulationEvaluation, seconds: float) -> dict[str, object]:
    """Return a row of the table."""
    right, sure = evaluation.right, evaluation.posterior.max(axis=1) >= SURE
    low, high = wilson(float(right[sure].mean()) if sure.any() else 0.0, int(sure.sum()))
    return {
        "method": label,
        "scheme": evaluation.scheme,
        "right": evaluation.population.share,
        "low": evaluation.population.low,
        "high": evaluation.population.high,
        "log score": log_score(evaluation),
        "sure": float(sure.mean()),
        "right of sure": float(right[sure].mean()) if sure.any() else None,
        "sure low": low,
        "sure high": high,
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--boosting-trees", type=int, default=BOOSTING_TREES)
    parser.add_argument("--output", type=Path, help="the figures as JSON")
    options = parser.parse_args()
    table = {}
    for name in options.sets:
        genotypes = SETS[name]()
        classes = len({population for population in genotypes.populations or () if population})
        runs: dict[str, Callable[[], PopulationEvaluation]] = {
            label: partial(evaluate_ours, genotypes, method, options.seed)
            for label, method in OURS.items()
        } | {
            label: partial(evaluate_peer, genotypes, make(), options.seed)
            for label, make in make_peers(classes, options.boosting_trees).items()
        }
        rows = []
        for label, run in runs.items():
            start = time.process_time()
            rows.append(describe(label, run(), time.process_time() - start))
        table[name] = rows
        print(
            f"\n{name}: {len(genotypes)} animals, {classes} classes, {len(genotypes.loci)} loci, "
            f"{rows[0]['scheme']}\n"
            "| method | right % | log score | P >= 0.95: share %, right % | CPU s |\n|---|---|---|---|---|"
        )
        for row in rows:
            sure = "-"
            if row["right of sure"] is not None:
                sure = (
                    f"{100 * row['right of sure']:.1f} "
                    f"({100 * row['sure low']:.1f}-{100 * row['sure high']:.1f})"
                )
            print(
                f"| {row['method']} | {100 * row['right']:.1f} "
                f"({100 * row['low']:.1f}-{100 * row['high']:.1f}) | {row['log score']:.3f} | "
                f"{100 * row['sure']:.1f}, {sure} | {row['seconds']:.1f} |",
                flush=True,
            )
    if options.output:
        options.output.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
