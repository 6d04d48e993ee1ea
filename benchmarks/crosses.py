"""What an assignment does with a cross: SIMULATED first-generation crosses of real animals.

    python benchmarks/crosses.py
    python benchmarks/crosses.py --sets nancycats swallowtails    (seconds)

Half of the animals of each population are the reference, the other half are parents: a young has a
gamete of each, loci unlinked. For pairs of populations drawn at random, first-generation crosses are
made and assigned as any sample is, by number of loci. Data: the evaluation folder (FORENSICS_EVALUATION_DATA).
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import genotype_sets
from cross_simulation import simulate_classes

from forensics.core.provenance import make_provenance
from forensics.genetics.genotypes import Genotypes
from forensics.origin.assignment import build_baseline
from forensics.origin.exclusion import fit_exclusion
from forensics.origin.options import METHODS, AssignmentOptions
from forensics.origin.populations import assign_populations
from forensics.stats import clustered_rate

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
    rates: dict[str, list[list[bool]]] = {}
    for pair in range(pairs):
        first, second = generator.choice(populations, 2, replace=False)
        rows = [np.flatnonzero(~inside & (names == parent)) for parent in (first, second)]
        made = simulate_classes(genotypes, rows[0], rows[1], ANIMALS, seed=pair)
        results = assign_populations(
            made["f1"], baseline, fit, AssignmentOptions(), provenance=PROVENANCE
        )
        noticed = [
            any(notice.code == "CROSS_LIKELIER" for notice in result.notices) for result in results
        ]
        for what, flags in (
            ("assigned to one population", [result.status == "assigned" for result in results]),
            ("noticed as a cross", noticed),
            ("excluded", [result.status == "none_of_the_reference" for result in results]),
            ("0.95 or more in one", [max(r.probabilities.values()) >= 0.95 for r in results]),
        ):
            rates.setdefault(what, []).append(flags)
    print(f"\n{name}: {loci} loci, {pairs} pairs of populations, {ANIMALS} animals a pair")
    print("  " + "  ".join(f"{what} {text(flags)}" for what, flags in rates.items()), flush=True)


def text(groups: list[list[bool]]) -> str:
    """Return a share with its interval over pairs of populations."""
    made = clustered_rate(groups)
    return f"{100 * made.share:.0f} % ({100 * made.low:.0f}-{100 * made.high:.0f})"


if __name__ == "__main__":
    main()
