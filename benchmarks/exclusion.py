"""What an exclusion notices: animals of removed populations, by each statistic, beside its false rate.

    python benchmarks/exclusion.py
    python benchmarks/exclusion.py --sets microbov arapat --level 0.01

Each population (reporting unit, site) is taken out of the reference and its animals are tested: "power"
is the share that is excluded. "False" is the share of the reference's own animals, each left out. The
calibration is made anew without each group. Intervals are of groups, since animals of one group resemble
each other. Data: the evaluation folder (FORENSICS_EVALUATION_DATA).

Below the statistics stand two that no laboratory can have, as bounds:

learned      a logistic regression on all statistics, trained on other removed groups than those that it
             is tested on: whether any weighing of them notices more.
omniscient   the likelihood ratio of the removed group's own frequencies, as if they were known, against
             the best of the populations that are left: what the markers can tell at all.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import genotype_sets
import places

from forensics.genetics.genotypes import Genotypes
from forensics.origin import exclusion
from forensics.origin.assignment import (
    Baseline,
    build_baseline,
    code_animals,
    log_likelihoods,
    own_rows,
)
from forensics.origin.exclusion import exclude, fit_exclusion
from forensics.origin.spatial import sites_of
from forensics.stats import clustered_rate

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
SETS = (
    "arapat", "possums", "turtles", "swallowtails", "alewife", "microbov", "nancycats", "chinook",
)  # fmt: skip
# Reference animals that calibrate, beside the group that was removed.
MAX_CALIBRATION = 1500
# The k of the mean similarity to the k nearest animals of the reference, and axes of the ancestry space.
NEAREST, AXES = 5, 10
FOLDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--level", type=float, default=0.05)
    options = parser.parse_args()
    print(f"excluded at {options.level:g}; share with its 95 % interval")
    for name in options.sets:
        compare(name, load(name), options.level)


def load(name: str) -> Genotypes:
    """Return one set; the populations of a set with coordinates are its sites."""
    if name in places.SETS:
        genotypes = places.load(name)
        return replace(genotypes, populations=sites_of(genotypes), units=None)
    genotypes = genotype_sets.load(FOLDER, name)
    return genotypes.take([bool(population) for population in genotypes.populations or ()])


def compare(name: str, genotypes: Genotypes, level: float) -> None:
    """Print one row a statistic."""
    baseline = build_baseline(genotypes)
    own = own_rows(genotypes, baseline)
    use_units = len(baseline.unit_names) >= exclusion.MIN_UNITS
    labels = np.array(baseline.units if use_units else baseline.populations)
    groups = np.unique(labels, return_inverse=True)[1]
    print(
        f"\n{name}: {len(own)} animals, {len(baseline.populations)} populations, {len(baseline.loci)} "
        f"loci; {len(set(groups))} {'units' if use_units else 'populations'} removed one at a time",
        flush=True,
    )
    before(genotypes, baseline, groups, own, level)
    table = Statistics(genotypes, baseline, own, groups)
    everything = np.ones(len(labels), dtype=bool)
    whole = table.of(everything, np.arange(len(own)), leave_out=True)
    inside = {key: np.empty(len(own)) for key in whole}
    known: dict[int, tuple[np.ndarray, dict[str, np.ndarray]]] = {}
    for group in np.unique(groups[own]):
        kept, rows = groups != group, np.flatnonzero(groups[own] == group)
        others = np.flatnonzero(kept[own])
        spread = np.linspace(0, len(others) - 1, min(MAX_CALIBRATION, len(others)))
        others = others[np.unique(spread.astype(np.intp))]
        known[group] = others, table.of(kept, others, leave_out=True)
        for key, values in table.of(kept, rows, leave_out=False).items():
            inside[key][rows] = values
    for key, values in whole.items():
        absent = np.empty(len(own))
        for group, (_others, calibration) in known.items():
            rows = groups[own] == group
            absent[rows] = p_values(calibration[key], inside[key][rows])
        falsely = p_values(values, values, own=True)
        show(key, absent <= level, falsely <= level, groups[own])
    fit = exclusion.fit_elsewhere(code_animals(genotypes, baseline), baseline, own)
    statistics = exclusion.Statistics(fit.typicality, fit.gain)
    show(
        "the smaller of both (used)",
        fit.absent <= level,
        fit.p_values(statistics, own=True) <= level,
        groups[own],
    )
    learned(whole, inside, groups[own], level)
    omniscient(table.values, own, groups, level)


def show(
    name: str,
    noticed: np.ndarray,
    falsely: np.ndarray | None,
    groups: np.ndarray,
    tested: np.ndarray | None = None,
) -> None:
    """Print power and false rate; `tested` has the groups of `falsely` where they are other animals."""
    false = "" if falsely is None else text(falsely, groups if tested is None else tested)
    print(f"  {name:<32} power {text(noticed, groups):<22} false {false or '-'}", flush=True)


def text(flags: np.ndarray, groups: np.ndarray) -> str:
    """Return a share with its interval in words."""
    made = clustered_rate([flags[groups == group].tolist() for group in np.unique(groups)])
    return f"{100 * made.share:5.1f} % ({100 * made.low:.1f}-{100 * made.high:.1f})"


def p_values(known: np.ndarray, values: np.ndarray, *, own: bool = False) -> np.ndarray:
    """Return conformal p-values; small values of a statistic speak for elsewhere."""
    extra = 0 if own else 1
    below = np.searchsorted(np.sort(known), values, side="right")
    return (extra + below) / (extra + len(known))


def before(
    genotypes: Genotypes, baseline: Baseline, groups: np.ndarray, own: np.ndarray, level: float
) -> None:
    """Print what the greatest p-value over populations excludes."""
    noticed = np.zeros(len(own), dtype=bool)
    for group in np.unique(groups):
        out = groups[own] == group
        kept = genotypes.take(~out)
        smaller = build_baseline(kept)
        fit = replace(fit_exclusion(kept, smaller, max_animals=MAX_CALIBRATION), elsewhere=None)
        tested = exclude(genotypes.take(out), smaller, fit, level=level, simulations=500)
        noticed[out] = tested.p_any <= level
    sample = np.unique(np.linspace(0, len(own) - 1, min(MAX_CALIBRATION, len(own))).astype(np.intp))
    fit = replace(fit_exclusion(genotypes, baseline), elsewhere=None)
    false = exclude(
        genotypes.take(sample), baseline, fit, level=level, simulations=500, leave_one_out=True
    )
    show(
        "greatest p-value (before)", noticed, false.p_any <= level, groups[own], groups[own][sample]
    )


class Statistics:
    """Statistics of the animals of a reference, in any part of it."""

    def __init__(
        self, genotypes: Genotypes, baseline: Baseline, own: np.ndarray, groups: np.ndarray
    ) -> None:
        self.baseline, self.own, self.groups = baseline, own, groups
        self.coded = code_animals(genotypes, baseline)
        self.values = log_likelihoods(self.coded, baseline, own=own)
        doses, copies = self.coded.doses(slice(0, len(own)), baseline)
        self.doses, self.typed = doses.astype(np.float32), (copies > 0).astype(np.float32)
        self.theta = exclusion.fit_elsewhere(self.coded, baseline, own).theta

    def of(self, kept: np.ndarray, rows: np.ndarray, *, leave_out: bool) -> dict[str, np.ndarray]:
        """Return each statistic of some animals in a reference of some populations."""
        values = np.where(kept, self.values[rows], -np.inf)
        taken = replace(
            self.coded,
            animals=tuple(self.coded.animals[row] for row in rows),
            **{
                name: getattr(self.coded, name)[rows]
                for name in ("codes", "typed", "copies", "unseen")
            },
        )
        both = exclusion.compute_statistics(
            taken,
            self.baseline,
            self.theta,
            own=self.own[rows] if leave_out else None,
            kept=kept,
        )
        ordered = np.sort(values, axis=1)
        posterior = np.exp(values - ordered[:, -1:])
        posterior /= posterior.sum(axis=1, keepdims=True)
        loci = np.maximum(self.typed[rows].sum(axis=1), 1)
        others = np.flatnonzero(kept[self.own])
        return {
            "typicality in the likeliest": both.typicality,
            "gain over a new population": both.gain,
            "log-likelihood a locus": ordered[:, -1] / loci,
            "lead over the second": ordered[:, -1] - ordered[:, max(-2, -values.shape[1])],
            "posterior of the likeliest": posterior.max(axis=1),
            f"likeness to {NEAREST} nearest animals": self.likeness(rows, others),
            f"distance on {AXES} axes, {NEAREST} nearest": -self.distance(rows, others),
        }

    def likeness(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return the mean share of alleles that an animal has in common with its nearest animals."""
        result = np.empty(len(rows))
        for start in range(0, len(rows), 1000):
            some = rows[start : start + 1000]
            shared = self.doses[some] @ self.doses[others].T
            shared /= np.maximum(self.typed[some] @ self.typed[others].T, 1)
            shared[some[:, None] == others[None]] = -np.inf
            nearest = -np.partition(-shared, NEAREST - 1, axis=1)[:, :NEAREST]
            result[start : start + 1000] = nearest.mean(axis=1)
        return result

    def distance(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return the mean distance to the nearest animals on the first axes of the reference."""
        from sklearn.decomposition import PCA

        loci = np.maximum(self.typed.sum(axis=1, keepdims=True), 1)
        points = self.doses * (self.typed.shape[1] / loci)
        axes = PCA(min(AXES, len(others) - 1, points.shape[1]), random_state=1).fit(points[others])
        reference, result = axes.transform(points[others]), np.empty(len(rows))
        for start in range(0, len(rows), 1000):
            some = rows[start : start + 1000]
            apart = np.linalg.norm(axes.transform(points[some])[:, None] - reference[None], axis=2)
            apart[some[:, None] == others[None]] = np.inf
            result[start : start + 1000] = np.partition(apart, NEAREST - 1, axis=1)[
                :, :NEAREST
            ].mean(axis=1)
        return result


def learned(
    whole: dict[str, np.ndarray], inside: dict[str, np.ndarray], groups: np.ndarray, level: float
) -> None:
    """Print what a regression on all statistics notices, on groups that it has not learned from."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    here, absent = np.column_stack(list(whole.values())), np.column_stack(list(inside.values()))
    there = np.unique(groups)
    fold = np.random.default_rng(1).permutation(len(there)) % min(FOLDS, len(there))
    fold_of = dict(zip(there.tolist(), fold.tolist()))
    folds = np.array([fold_of[group] for group in groups.tolist()])
    scores = np.empty((2, len(groups)))
    for number in np.unique(folds):
        train, test = folds != number, folds == number
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
        model.fit(
            np.vstack([here[train], absent[train]]), np.repeat([0, 1], [train.sum(), train.sum()])
        )
        scores[:, test] = [-model.decision_function(part[test]) for part in (here, absent)]
    show(
        "learned from all of these",
        p_values(scores[0], scores[1]) <= level,
        p_values(scores[0], scores[0], own=True) <= level,
        groups,
    )


def omniscient(values: np.ndarray, own: np.ndarray, groups: np.ndarray, level: float) -> None:
    """Print the power of the likelihood ratio with the removed group's own frequencies."""
    noticed = np.zeros(len(own), dtype=bool)
    for group in np.unique(groups[own]):
        removed, rows = groups == group, groups[own] == group
        gain = values[:, removed].max(axis=1) - values[:, ~removed].max(axis=1)
        noticed[rows] = p_values(-gain[~rows], -gain[rows]) <= level
    show("omniscient", noticed, None, groups[own])


if __name__ == "__main__":
    main()
