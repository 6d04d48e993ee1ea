"""Assignment to populations, side by side: rubias, scikit-learn and this project, on real animals.

    python benchmarks/populations.py
    python benchmarks/populations.py --sets swallowtails microbov --runs 5
    python benchmarks/populations.py --absent          # exclusion of removed populations; slow

Data: the evaluation folder (FORENSICS_EVALUATION_DATA). rubias' figures are read from its own
output; scikit-learn sees the same folds as the methods fitted in folds. Times are of one core.
"""

import argparse
import csv
import gzip
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from genotype_sets import load
from scipy.stats import binomtest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from forensics.core.provenance import make_provenance
from forensics.genetics.encoder import GenotypeEncoder
from forensics.genetics.genotypes import Genotypes
from forensics.origin.assignment import assign, build_baseline, own_rows
from forensics.origin.exclusion import SIMULATIONS, exclude, fit_exclusion
from forensics.origin.options import LEVEL
from forensics.origin.populations import (
    PopulationEvaluation,
    evaluate_populations,
    folds_of,
)
from forensics.origin.seizure import estimate_mixture
from forensics.stats import Rate, wilson

ROOT = Path(__file__).resolve().parent.parent
SETS = ("chinook", "alewife", "blueback", "swallowtails", "microbov")
FOLDS = 10
SURE = 0.95
# Draws of a bootstrap interval; the usual number for 95 % limits (Efron & Tibshirani 1993).
DRAWS = 2000
# Regularised a little, as is usual for more columns than animals a class; not tuned.
CLASSIFIERS = {
    "logistic regression": LogisticRegression(C=0.1, max_iter=150),
    "random forest": RandomForestClassifier(n_estimators=200, random_state=1),
}


@dataclass(frozen=True)
class AbsentGroup:
    """What happens to animals of a population, or unit, that the reference lacks.

    Attributes
    ----------
    group : str
    animals : int
    excluded : Rate
        Excluded from every population that is left.
    sure : Rate
        Given to a population that is left with a posterior of 0.95 or more. A posterior knows
        only the populations of the reference; this is why it does not replace exclusion.
    unit_right : Rate or None
        Given to the true unit, where another population of it is left.
    """

    group: str
    animals: int
    excluded: Rate
    sure: Rate
    unit_right: Rate | None


@dataclass(frozen=True)
class PairedDifference:
    """Difference of two rates on the same animals.

    Attributes
    ----------
    difference : float
        First minus second.
    low, high : float
        Bootstrap interval over animals.
    only_first, only_second : int
        Animals that one of them alone has right.
    p_value : float
        McNemar's exact test, two-sided.
    """

    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p_value: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is timed")
    parser.add_argument("--absent", action="store_true", help="remove each population and unit")
    parser.add_argument("--without", nargs="*", default=(), choices=tuple(CLASSIFIERS))
    options = parser.parse_args()
    folder = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
    for name in options.sets:
        genotypes = load(folder, name)
        one = build_baseline(genotypes)
        print(
            f"\n{name}: {len(genotypes)} animals, {len(one.populations)} populations of "
            f"{one.animals.min()}-{one.animals.max()}, {len(one.unit_names)} units, "
            f"{len(one.loci)} loci",
            flush=True,
        )
        compare(folder, name, genotypes, options)
        exclusions(genotypes)
        if options.absent:
            absent(genotypes)
        mixtures(genotypes)


def compare(folder: Path, name: str, genotypes: Genotypes, options) -> None:
    """Print one row a method."""
    print("method                               population  unit   sure: share, right  log score")
    if name == "chinook":
        rubias(folder)
    seconds = []
    for _run in range(options.runs):
        start = time.perf_counter(), time.process_time()
        result = evaluate_populations(genotypes)
        seconds.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    show("Rannala-Mountain, leave-one-out", result)
    by_size = evaluate_populations(genotypes, prior="animals")
    show("the same, prior by animals", by_size)
    folds = evaluate_populations(genotypes, folds=FOLDS)
    show(f"Rannala-Mountain, {FOLDS}-fold", folds)
    shrunk = evaluate_populations(genotypes, method="shrunk", folds=FOLDS)
    show(f"shrunk, {FOLDS}-fold", shrunk)
    for label, model in CLASSIFIERS.items():
        if label not in options.without:
            classifier(genotypes, label, model, folds)
    for what, one, two in (
        ("population", shrunk.right, folds.right),
        ("unit", shrunk.unit_right, folds.unit_right),
    ):
        if one is not None:
            found = paired_difference(one, two)
            print(
                f"  shrunk - Rannala-Mountain, {what}: {100 * found.difference:+.2f} points "
                f"({100 * found.low:+.2f} to {100 * found.high:+.2f}), "
                f"McNemar p {found.p_value:.3f}"
            )
    for label, result_ in (("Rannala-Mountain", folds), ("shrunk", shrunk)):
        for what, bins in (
            ("population", result_.reliability),
            ("unit", result_.unit_reliability),
        ):
            text = "  ".join(f"{one.stated:.3f}:{one.observed:.3f} ({one.count})" for one in bins)
            if text:
                print(f"  reliability, {label}, {what}; stated:true (animals): {text}")
    wall, cpu = (statistics.median(column) for column in zip(*seconds))
    print(
        f"  leave-one-out of all, counting included: {wall:.2f} s, {cpu:.2f} s of processor "
        f"(median of {options.runs})",
        flush=True,
    )


def rubias(folder: Path) -> None:
    """Print what rubias' own output says."""
    path = folder / "genotypes/expected_self_assign_chinook_top1.csv.gz"
    with gzip.open(path, "rt", newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    right = np.array([row["collection"] == row["inferred_collection"] for row in rows])
    unit = np.array([row["repunit"] == row["inferred_repunit"] for row in rows])
    stated = np.array([float(row["scaled_likelihood"]) for row in rows])
    sure = stated >= SURE
    print(
        f"{'rubias 0.4.0, unit of best population':38} {100 * right.mean():6.2f} "
        f"{100 * unit.mean():7.2f}   {sure.mean():.3f} {right[sure].mean():.4f}"
    )


def show(label: str, result: PopulationEvaluation) -> None:
    """Print one method's row."""
    stated, right = result.posterior.max(axis=1), result.right
    what = "population"
    if result.unit is not None:
        stated, right, what = result.unit_posterior.max(axis=1), result.unit_right, "unit"
    sure = stated >= SURE
    share = f"{right[sure].mean():.4f}" if sure.any() else "-"
    low, high = wilson(right[sure].mean() if sure.any() else 0, int(sure.sum()))
    unit = "      -" if result.unit is None else f"{100 * result.unit.share:7.2f}"
    print(
        f"{label:38} {100 * result.population.share:6.2f} {unit}   {sure.mean():.3f} {share} "
        f"({low:.3f}-{high:.3f}, {what})  {log_score(result):.4f}",
        flush=True,
    )


def classifier(genotypes: Genotypes, label: str, model, like: PopulationEvaluation) -> None:
    """Print a scikit-learn classifier's row, on the same folds."""
    X, own = genotypes.to_array(), like.own
    posterior = np.zeros_like(like.posterior)
    start = time.process_time()
    for test in folds_of(own, FOLDS):
        train = np.setdiff1d(np.arange(len(own)), test)
        fitted = make_pipeline(GenotypeEncoder(), model).fit(X[train], own[train])
        posterior[np.ix_(test, fitted.classes_)] = fitted.predict_proba(X[test])
    right = posterior.argmax(axis=1) == own
    held = np.log(np.maximum(posterior[np.arange(len(own)), own], 1e-6)).mean()
    stated, unit, sure_right = posterior.max(axis=1), "      -", right
    if like.own_unit is not None:
        of_population = np.array([like.own_unit[own == one][0] for one in range(own.max() + 1)])
        by_unit = np.zeros_like(like.unit_posterior)
        for place, one in enumerate(of_population):
            by_unit[:, one] += posterior[:, place]
        sure_right = by_unit.argmax(axis=1) == like.own_unit
        stated, unit = by_unit.max(axis=1), f"{100 * sure_right.mean():7.2f}"
    sure = stated >= SURE
    share = f"{sure_right[sure].mean():.4f}" if sure.any() else "-"
    print(
        f"{label + f', {FOLDS}-fold':38} {100 * right.mean():6.2f} {unit}   {sure.mean():.3f} "
        f"{share}  {held:.4f}   {time.process_time() - start:.0f} s of processor",
        flush=True,
    )


def exclusions(genotypes: Genotypes) -> None:
    """Print how often animals are excluded from their own, and from every, population."""
    baseline = build_baseline(genotypes)
    fit = fit_exclusion(genotypes, baseline)
    own = own_rows(genotypes, baseline)
    start = time.process_time()
    result = exclude(genotypes, baseline, fit, leave_one_out=True)
    seconds = time.process_time() - start
    rows = np.arange(len(own))
    for level in (0.01, 0.05):
        print(
            f"  falsely excluded at {level}: from their own population "
            f"{(result.p_values[rows, own] <= level).mean():.4f} "
            f"(simulation alone {(result.simulated[rows, own] <= level).mean():.4f}), "
            f"from all {(result.p_any <= level).mean():.4f} "
            f"(simulation alone {(result.simulated.max(axis=1) <= level).mean():.4f})"
        )
    print(f"  exclusion of all: {seconds:.1f} s of processor", flush=True)


def absent(genotypes: Genotypes) -> None:
    """Print what becomes of animals whose population or unit was removed."""
    for by in ("population", "unit"):
        if by == "unit" and (not genotypes.units or len(set(genotypes.units)) < 3):
            continue
        for level in (0.01, 0.05):
            groups = evaluate_absent(genotypes, by=by, level=level)
            shares = [one.excluded.share for one in groups]
            animals = sum(one.animals for one in groups)
            print(
                f"  {by} removed, excluded at {level}: "
                f"{sum(one.excluded.count for one in groups) / animals:.3f} of animals; by "
                f"{by}: median {np.median(shares):.3f}, {min(shares):.3f}-{max(shares):.3f}; "
                f"given to another with 0.95 or more: "
                f"{sum(one.sure.count for one in groups) / animals:.3f}",
                flush=True,
            )


def evaluate_absent(
    genotypes: Genotypes,
    *,
    by: str = "population",
    method: str = "rannala_mountain",
    units: Mapping[str, str] | None = None,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = 1,
) -> tuple[AbsentGroup, ...]:
    """Assign and exclude animals whose whole population, or unit, is not in the reference.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known population.
    by : {"population", "unit"}
        What is removed. A population with near relatives left in its unit cannot be distinguished from
        them, nor need it be.
    method, units
        As in `build_baseline`.
    level, simulations, seed
        As in `exclude`.
    """
    known = np.array([bool(name) for name in genotypes.populations or ()], dtype=bool)
    known_animals = genotypes.take(known)
    whole = build_baseline(known_animals, units=units)
    assert known_animals.populations is not None
    unit_of = dict(zip(whole.populations, whole.units or whole.populations))
    names = np.array(
        [unit_of[name] if by == "unit" else name for name in known_animals.populations],
        dtype=np.object_,
    )
    result = []
    for group in sorted(set(names)):
        out = names == group
        reference = known_animals.take(~out)
        left = set(reference.populations or ())
        given = {name: unit_of[name] for name in left} if whole.units else None
        baseline = build_baseline(reference, units=given, method=method)
        test = known_animals.take(out)
        fit = fit_exclusion(reference, baseline)
        tested = exclude(test, baseline, fit, level=level, simulations=simulations, seed=seed)
        assigned = assign(test, baseline)
        unit_right = None
        if by == "population" and whole.units and unit_of[group] in assigned.units:
            unit_right = rate(np.array([name == unit_of[group] for name in assigned.best_unit()]))
        result.append(
            AbsentGroup(
                group=str(group),
                animals=int(out.sum()),
                excluded=rate(tested.excluded),
                sure=rate(assigned.posterior.max(axis=1) >= 0.95),
                unit_right=unit_right,
            )
        )
    return tuple(result)


def paired_difference(
    first: Sequence[bool], second: Sequence[bool], *, draws: int = DRAWS, seed: int = 1
) -> PairedDifference:
    """Compare two methods on the same animals.

    Parameters
    ----------
    first, second : sequences of bool, length n
        Whether each animal was right.
    draws : int
        Bootstrap draws of animals.
    seed : int

    References
    ----------
    McNemar 1947, doi:10.1007/BF02295996; Efron & Tibshirani 1993, "An introduction to the
    bootstrap", for the percentile interval.
    """
    right_first, right_second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    plus, minus = int((right_first & ~right_second).sum()), int((~right_first & right_second).sum())
    # A bootstrap of animals draws (+1, -1, 0) with these shares.
    shares = np.array([plus, minus, len(right_first) - plus - minus]) / len(right_first)
    drawn = np.random.default_rng(seed).multinomial(len(right_first), shares, size=draws)
    values = (drawn[:, 0] - drawn[:, 1]) / len(right_first)
    low, high = np.quantile(values, [0.025, 0.975])
    total = plus + minus
    p_value = float(binomtest(plus, total).pvalue) if total else 1.0
    return PairedDifference(
        (plus - minus) / len(right_first), float(low), float(high), plus, minus, p_value
    )


def rate(right: np.ndarray) -> Rate:
    """Return a share with its interval."""
    count, total = int(np.sum(right)), len(right)
    low, high = wilson(count / total if total else 0.0, total)
    return Rate(count, total, low, high, float(total))


def log_score(result: PopulationEvaluation) -> float:
    """Return the mean log posterior of the true population; greater is better."""
    true_posterior = result.posterior[np.arange(len(result.own)), result.own]
    return float(np.log(np.maximum(true_posterior, 1e-300)).mean())


def mixtures(genotypes: Genotypes, *, size: int = 200, draws: int = 5) -> None:
    """Print errors of proportions in mixtures of held-out animals, of known, skewed shares."""
    names = np.array(genotypes.populations, dtype=object)
    inside, count, em_errors, errors, r_hats = 0, 0, [], [], []
    start = time.process_time()
    for draw in range(draws):
        generator = np.random.default_rng(draw)
        order = generator.permutation(len(names))
        half = np.zeros(len(names), dtype=bool)
        for name in sorted(set(names)):
            rows = [row for row in order if names[row] == name]
            half[rows[: max(1, len(rows) // 2)]] = True
        baseline = build_baseline(genotypes.take(half))
        populations = list(baseline.populations)
        shares = generator.dirichlet(np.full(len(populations), 0.3))
        wanted = generator.multinomial(size, shares)
        rows = []
        for place, name in enumerate(populations):
            pool = np.flatnonzero(~half & (names == name))
            rows.extend(generator.permutation(pool)[: wanted[place]])
        sample = genotypes.take(rows)
        truth = np.array(
            [np.mean(np.array(sample.populations, dtype=object) == one) for one in populations]
        )
        made = make_provenance(library={}, parameters={"seed": draw}, input={})
        result = estimate_mixture(sample, baseline, made, seed=draw)
        found = [share for share in result.shares if share.level == "population"]
        maximum, mean, low, high = (
            np.array([getattr(share, name) for share in found])
            for name in ("maximum", "mean", "low", "high")
        )
        em_errors.append(np.abs(maximum - truth).mean())
        errors.append(np.abs(mean - truth).mean())
        r_hats.append(result.r_hat)
        present = truth > 0
        inside += int(((low <= truth) & (truth <= high))[present].sum())
        count += int(present.sum())
    print(
        f"  mixtures of held-out animals ({draws} of at most {size}): mean error of a proportion "
        f"EM {np.mean(em_errors):.4f}, Gibbs {np.mean(errors):.4f}; {inside} of {count} present "
        f"populations in their 95 % interval; greatest R-hat {max(r_hats):.3f}; "
        f"{(time.process_time() - start) / draws:.1f} s of processor each",
        flush=True,
    )


if __name__ == "__main__":
    main()
