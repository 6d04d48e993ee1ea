"""Few reads: assignment by likelihoods of genotypes against calls of the most likely genotype.

    python benchmarks/low_coverage.py
    python benchmarks/low_coverage.py --sets turtles --depths 1 2 --exclusion

The genotypes are real, the reads are SIMULATED: at each typed locus a Poisson number of reads, each of one
of the two alleles, wrong at a rate of 0.01. A fifth of the animals is tested at a time, on a reference of the
certain genotypes of the others. Printed are medians over the runs, which differ in folds and reads.

certain      the true genotypes
likelihoods  P(reads | population), summed over the genotypes
called       the most likely genotype, as if it were certain
called 20    the same where it is 20 times likelier than the next one, else not typed

right        share of animals whose most probable population (chinook: reporting unit) is the true one
stated       mean posterior of the most probable one; where posteriors are true, as great as "right"
named        share whose posterior reaches 0.9
of these     share of the named that is right: 0.9 or more where posteriors are true
log score    mean logarithm of the posterior of the true one; greater is better
excluded     with --exclusion: share of these animals that is excluded at 0.05, though none should be
"""

import argparse
import statistics
from collections.abc import Sequence

import exclusion as exclusion_sets
import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.genetics.likelihoods import GenotypeLikelihoods
from forensics.origin.assignment import assign
from forensics.origin.baseline import build_baseline
from forensics.origin.exclusion import exclude, fit_exclusion
from forensics.origin.population_evaluation import folds_of
from forensics.origin.populations import METHOD
from forensics.origin.uncertain_exclusion import exclude_uncertain
from forensics.origin.uncertain_genotypes import code_likelihoods

SETS = ("turtles", "chinook")
ERROR = 0.01
LEVEL = 0.05
FOLDS = 5
# Animals of a set, evenly spaced; chinook has 7,301.
MAX_ANIMALS = 1500
# Calls that are made only where they are so many times likelier than the next genotype.
STRICT = 20.0
FIGURES = ("right", "stated", "named", "of these", "log score", "excluded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--depths", nargs="+", type=float, default=(0.5, 1.0, 2.0, 4.0))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--exclusion", action="store_true", help="test for exclusion, too (minutes)"
    )
    options = parser.parse_args()
    for name in options.sets:
        animals = load(name)
        print(
            f"\n{name}: {len(animals)} animals, {len(animals.loci)} loci, "
            f"{len(set(animals.populations or ()))} populations; medians of {options.runs} runs"
        )
        print(f"{'reads':>5s}  {'method':12s}" + "".join(f"{figure:>11s}" for figure in FIGURES))
        runs = [
            compare(animals, options.depths, seed, options.exclusion)
            for seed in range(1, options.runs + 1)
        ]
        for depth, method in runs[0]:
            medians = (
                statistics.median(run[depth, method][figure] for run in runs) for figure in FIGURES
            )
            print(f"{depth:5g}  {method:12s}" + "".join(f"{value:11.3f}" for value in medians))


def load(name: str) -> Genotypes:
    """Return the animals of a set; the populations of turtles are their sites."""
    animals = exclusion_sets.load(name)
    rows = np.unique(np.linspace(0, len(animals) - 1, MAX_ANIMALS).astype(int))
    return animals.take(rows)


def draw_reads(animals: Genotypes, depth: float, seed: int) -> GenotypeLikelihoods:
    """Return the likelihoods of simulated reads; nothing is read where no genotype is known."""
    two = np.array([len(labels) == 2 for labels in animals.alleles])
    codes = animals.codes[:, two]
    typed = animals.typed[:, two]
    generator = np.random.default_rng([seed, int(100 * depth)])
    second = np.array([ERROR, 0.5, 1 - ERROR])
    dose = np.where(typed, (codes == 1).sum(axis=2), 0)
    depths = np.where(typed, generator.poisson(depth, size=dose.shape), 0)
    of_second = generator.binomial(depths, second[dose])[..., None]
    logs = of_second * np.log(second) + (depths[..., None] - of_second) * np.log(1 - second)
    logs -= logs.max(axis=2, keepdims=True)
    loci = tuple(name for name, use in zip(animals.loci, two) if use)
    return GenotypeLikelihoods(
        animals.animals, loci, (("0", "1"),) * len(loci), logs.astype(np.float32)
    )


def compare(
    animals: Genotypes, depths: Sequence[float], seed: int, exclusion: bool
) -> dict[tuple[float, str], dict[str, float]]:
    """Return the figures of each depth and method in one run."""
    reads = {depth: draw_reads(animals, depth, seed) for depth in depths}
    two = [number for number, labels in enumerate(animals.alleles) if len(labels) == 2]
    first = reads[depths[0]]
    known = Genotypes(
        animals.animals, first.loci, first.alleles, animals.codes[:, two],
        populations=animals.populations, units=animals.units,
    )  # fmt: skip
    names = np.array(known.populations)
    results: dict[tuple[float, str], list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    _names, own = np.unique(names, return_inverse=True)
    for rows in folds_of(own, FOLDS, seed=seed):
        reference = known.take(np.setdiff1d(np.arange(len(known)), rows))
        baseline = build_baseline(reference, method=METHOD)
        rows = rows[np.isin(names[rows], baseline.populations)]
        fit = fit_exclusion(reference, baseline) if exclusion else None
        groups = np.array(baseline.units or baseline.populations)
        place = {population: number for number, population in enumerate(baseline.populations)}
        answers = np.unique(groups)
        truth = np.searchsorted(answers, groups[[place[name] for name in names[rows]]])
        for depth in depths:
            some = reads[depth].take(rows)
            samples = {
                "certain": known.take(rows),
                "likelihoods": some,
                "called": some.call_genotypes(),
                f"called {STRICT:g}": some.call_genotypes(min_ratio=STRICT),
            }
            for method, values in samples.items():
                posterior = assign(values, baseline).posterior
                summed = np.stack(
                    [posterior[:, groups == answer].sum(axis=1) for answer in answers], axis=1
                )
                excluded = np.full(len(rows), np.nan)
                if fit is not None and isinstance(values, GenotypeLikelihoods):
                    coded = code_likelihoods(values, baseline)
                    excluded = exclude_uncertain(coded, baseline, fit, level=LEVEL).excluded
                elif fit is not None:
                    excluded = exclude(values, baseline, fit, level=LEVEL).excluded
                results.setdefault((depth, method), []).append((summed, truth, excluded))
    return {key: summarise(*zip(*parts)) for key, parts in results.items()}


def summarise(
    posteriors: Sequence[np.ndarray], truth: Sequence[np.ndarray], excluded: Sequence[np.ndarray]
) -> dict[str, float]:
    """Return the figures of one method over the folds."""
    right = np.concatenate([part.argmax(axis=1) == own for part, own in zip(posteriors, truth)])
    stated = np.concatenate([part.max(axis=1) for part in posteriors])
    true = np.concatenate([part[np.arange(len(own)), own] for part, own in zip(posteriors, truth)])
    named = stated >= 0.9
    return {
        "right": float(right.mean()),
        "stated": float(stated.mean()),
        "named": float(named.mean()),
        "of these": float(right[named].mean()) if named.any() else float("nan"),
        "log score": float(np.log(np.maximum(true, 1e-12)).mean()),
        "excluded": float(np.concatenate(excluded).mean()),
    }


if __name__ == "__main__":
    main()
