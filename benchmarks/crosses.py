"""Classes of cross, and what an assignment does with a cross: SIMULATED crosses of real animals.

    python benchmarks/crosses.py
    python benchmarks/crosses.py --sets nancycats swallowtails    (seconds)

Half of the animals of each population are the reference, the other half are parents: a young has a
gamete of each, loci unlinked. For pairs of populations drawn at random, animals of all six classes are
made; "right" is the share that gets its class with a posterior of 0.95, "cross" those that are said to
be a cross, of that class or not settled, "wrong" those that get another class. By number of loci. Then first-generation crosses are assigned as any sample is. Data: the evaluation folder (FORENSICS_EVALUATION_DATA).
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import genotype_sets
from cross_simulation import CLASSES, simulate_classes

from forensics.core.provenance import make_provenance
from forensics.genetics.genotypes import Genotypes
from forensics.origin.baseline import build_baseline
from forensics.origin.crosses import CROSSES
from forensics.origin.defaults import METHODS
from forensics.origin.exclusion import fit_exclusion
from forensics.origin.hybrid_results import CROSS
from forensics.origin.hybrids import assign_hybrids
from forensics.origin.populations import assign_populations
from forensics.stats.intervals import clustered_rate

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
SETS = ("microbov", "nancycats", "swallowtails")
LOCI = (30, 20, 10, 5)
ANIMALS = 40
PROVENANCE = make_provenance(dependencies={}, library={"name": "m"}, parameters={}, input={})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--pairs", type=int, default=12)
    options = parser.parse_args()
    for name in options.sets:
        genotypes = genotype_sets.load(FOLDER, name)
        for loci in (count for count in LOCI if count <= len(genotypes.loci) + 1):
            measure(name, genotypes, min(loci, len(genotypes.loci)), options.pairs)


def measure(name: str, genotypes: Genotypes, loci: int, pairs: int) -> None:
    """Print the rates of one set with its first loci."""
    generator = np.random.default_rng(1)
    chosen = np.sort(generator.permutation(len(genotypes.loci))[:loci])
    genotypes = replace(
        genotypes,
        loci=tuple(genotypes.loci[place] for place in chosen),
        alleles=tuple(genotypes.alleles[place] for place in chosen),
        codes=genotypes.codes[:, chosen],
    )
    names = np.array(genotypes.populations, dtype=object)
    inside = np.zeros(len(names), dtype=bool)
    for population in sorted(set(names)):
        rows = generator.permutation(np.flatnonzero(names == population))
        inside[rows[: (len(rows) + 1) // 2]] = True
    reference = genotypes.take(inside)
    baseline = build_baseline(reference, method=METHODS[0])
    fit = fit_exclusion(reference, baseline)
    populations = [
        population
        for population in baseline.populations
        if (~inside & (names == population)).sum() >= 8
    ]
    rates: dict[tuple[str, str], list[list[bool]]] = {}
    for pair in range(pairs):
        first, second = generator.choice(populations, 2, replace=False)
        rows = [np.flatnonzero(~inside & (names == parent)) for parent in (first, second)]
        made = simulate_classes(genotypes, rows[0], rows[1], ANIMALS, seed=pair)
        for true, samples in made.items():
            results = assign_hybrids(samples, baseline, fit, (first, second), provenance=PROVENANCE)
            given = [result.origin for result in results]
            crossed = (*CROSSES, CROSS)
            for what, flags in (
                ("right", [one == true for one in given]),
                ("cross", [one in crossed for one in given]),
                (
                    "wrong",
                    [
                        one is not None and one != true and not (one == CROSS and true in CROSSES)
                        for one in given
                    ],
                ),
                ("none", [result.status == "none_of_the_reference" for result in results]),
            ):
                rates.setdefault((true, what), []).append(flags)
        results = assign_populations(made["f1"], baseline, fit, provenance=PROVENANCE)
        noticed = [
            any(notice.code == "CROSS_LIKELIER" for notice in result.notices) for result in results
        ]
        for what, flags in (
            ("assigned to one population", [result.status == "assigned" for result in results]),
            ("noticed as a cross", noticed),
            ("excluded", [result.status == "none_of_the_reference" for result in results]),
            ("0.95 or more in one", [max(r.probabilities.values()) >= 0.95 for r in results]),
        ):
            rates.setdefault(("assigned", what), []).append(flags)
    print(
        f"\n{name}: {loci} loci, {pairs} pairs of populations, {ANIMALS} animals a class and pair"
    )
    for true in CLASSES:
        parts = [
            f"{what} {text(rates[true, what])}" for what in ("right", "cross", "wrong", "none")
        ]
        print(f"  {true:<12} {'  '.join(parts)}")
    parts = [f"{what} {text(flags)}" for (true, what), flags in rates.items() if true == "assigned"]
    print(f"  F1, assigned as any sample: {'  '.join(parts)}", flush=True)


def text(groups: list[list[bool]]) -> str:
    """Return a share with its interval over pairs of populations."""
    made = clustered_rate(groups)
    return f"{100 * made.share:.0f} % ({100 * made.low:.0f}-{100 * made.high:.0f})"


if __name__ == "__main__":
    main()
