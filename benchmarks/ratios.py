"""Are likelihood ratios what they say? Where the second proposition is true, their mean is 1 in theory.

    python benchmarks/ratios.py
    python benchmarks/ratios.py --seeds 1 --queries 200

Species: held-out species of COI (`evaluation.make_split`), the nearest species of the library against "one that the
library lacks", as the calibration gives it before a validation limits it. Origin: real animals (microbov), each left
out of its population, for every other population against its own. Kin: simulated pairs of unrelated animals. A mean
above 1 says that ratios are too large; medians and quantiles say what a report would print.
"""

import argparse
import itertools
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from evaluation import DEFAULT, ROOT, VARIABLE, make_split, read_set

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from genotype_sets import load
from individual_simulation import frequencies

from forensics.barcode.calling.learning import calibrate
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import candidates_of, search
from forensics.barcode.options import EVEN_PRIOR
from forensics.barcode.ratio import MISSING, species_ratio, supported_at
from forensics.barcode.reference.relations import relations_of
from forensics.individual.kinship import RELATIONSHIPS, simulated_ratios
from forensics.origin.assignment import assign, build_baseline
from forensics.taxonomy.names import packaged_backbone

_FIRST_SEED = 4001
"""Of splits that nothing was tuned on (benchmarks/README.md)."""
_NO_LIMIT = {"known": 1e300, "species_out": 1e300}
_DRAWS = 2000
_LOTS = 2000
# Of the evaluation of a model of populations (`forensics.stats.reliability`).
_EDGES = (0, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 1.1)


def species(seeds: int, most: int) -> dict[bool, list[float]]:
    """Return log10 ratios by whether the library holds the species."""
    records = read_set("COI")
    found: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(_FIRST_SEED, _FIRST_SEED + seeds):
        split = make_split(records, seed, most)
        index = Index.build(split.reference, locus="COI")
        backbone = packaged_backbone(
            {record.genus for record, _s in split.reference},
            {record.family for record, _s in split.reference},
        )
        learnt = calibrate(index, relations=relations_of(index, backbone=backbone))
        assert learnt is not None
        for query in split.queries:
            candidates = candidates_of(index, search(index, query.sequence).hits)
            if not candidates:
                continue
            shares = learnt.weigh(candidates).probabilities(EVEN_PRIOR)["species"]
            # If it is known, the ratio of its own species; else that of the nearest, which is wrong.
            named = query.species if query.known else candidates[0].species
            if named in shares:
                ratio = species_ratio(shares, named, MISSING, missing=(), limits=_NO_LIMIT)
                found[query.known].append(ratio.log10)
        print(f"COI split {seed}: done", file=sys.stderr)
    return found


def origin(*, limited: bool) -> dict[bool, list[float]]:
    """Return log10 ratios of each animal's own population against others, and of others against its own."""
    folder = Path(os.environ.get(VARIABLE, ROOT / DEFAULT))
    genotypes = load(folder, "microbov")
    assigned = assign(genotypes, build_baseline(genotypes), leave_one_out=True)
    own = np.array([assigned.populations.index(name) for name in genotypes.populations])
    logs = np.log10(np.maximum(assigned.posterior, 1e-300))
    top, right = assigned.posterior.max(axis=1), assigned.posterior.argmax(axis=1) == own
    bins = [
        (float(top[of].mean()), int(of.sum()), int(right[of].sum()))
        for low, high in itertools.pairwise(_EDGES)
        if (of := (top >= low) & (top < high)).any()
    ]
    most = [
        math.log10(max(1.0, supported_at(bins, stated))) if limited else math.inf for stated in top
    ]
    found: dict[bool, list[float]] = {True: [], False: []}
    for row, column in enumerate(own):
        others = [other for other in range(logs.shape[1]) if other != column]
        ratios = np.clip(
            [logs[row, column] - logs[row, each] for each in others], -most[row], most[row]
        )
        found[True] += ratios.tolist()
        found[False] += (-ratios).tolist()
    return found


def kin(loci: int, pairs: int = 200_000) -> dict[bool, list[float]]:
    """Return log10 ratios of full sibs against unrelated, of simulated pairs of both."""
    held, tested = frequencies(loci), {"full_sibs": RELATIONSHIPS["full_sibs"]}
    return {
        related: simulated_ratios(
            held, RELATIONSHIPS["full_sibs" if related else "unrelated"], tested=tested,
            pairs=pairs, seed=1,
        )["full_sibs"].tolist()
        for related in (True, False)
    }  # fmt: skip


def line(name: str, found: dict[bool, Sequence[float]]) -> str:
    """Return a line of the table."""
    wrong, right = np.array(found[False]), np.array(found[True])
    ratios = 10.0**wrong
    # Many trials are drawn in lots: those of one animal stand together.
    lots = np.array([lot.mean() for lot in np.array_split(ratios, min(len(ratios), _LOTS))])
    means = np.random.default_rng(1).choice(lots, (_DRAWS, len(lots))).mean(axis=1)
    bounds = " ({:.3g} to {:.3g})".format(*np.quantile(means, [0.025, 0.975]))
    return (
        f"| {name} | {len(wrong)} | {ratios.mean():.3g}{bounds} | {np.median(wrong):.1f} | "
        f"{np.mean(wrong > 0):.3f} | {np.mean(wrong > 2):.4f} | {len(right)} | {np.median(right):.1f} | "
        f"{np.mean(right < 0):.3f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=300)
    chosen = parser.parse_args()
    print(
        "| ratio | H2 true | mean of the ratio (95 %) | median, log10 | above 1 | above 100 | H1 true | median, log10 | below 1 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    print(
        line(
            "species, against one that the library lacks (COI)",
            species(chosen.seeds, chosen.queries),
        )
    )
    name = "origin, a population against the true one (microbov)"
    print(line(f"{name}, as the model gives it", origin(limited=False)))
    print(line(f"{name}, within what its evaluation supports", origin(limited=True)))
    for loci in (5, 12):
        print(line(f"kin, full sibs against unrelated ({loci} loci, simulated)", kin(loci)))


if __name__ == "__main__":
    main()
