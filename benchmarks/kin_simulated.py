"""What `individual.py` measures on profiles that are simulated here: speed, dropout, claims.

Run by itself: kin without frequencies, a line a number of SNPs and a true degree.
"""

import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from individual_simulation import frequencies, profiles, seen, structured

from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    RELATIONSHIPS,
    all_pairs,
    genotype_index,
    log10_ratio,
    ratio_tables,
    simulated_ratios,
)
from forensics.individual.options import MIN_MATCH_LOG10, LaboratoryErrors
from forensics.individual.parentage import check_claim, exclusion_power
from forensics.individual.robust import indicate_kin

__all__ = [
    "DECLARED",
    "FAMILIES",
    "claims",
    "false_exclusions",
    "naive_pairs",
    "pairs",
    "robust_kin",
    "simulated_codes",
]

FAMILIES = 2_000  # or animals


def simulated_codes(held: Frequencies, count: int, seed: int = 1) -> np.ndarray:
    """Return genotype numbers of simulated unrelated animals; int32, shape (count, L)."""
    random = np.random.default_rng(seed)
    codes = np.empty((count, len(held.loci)), dtype=np.int32)
    for number, p in enumerate(held.values):
        low, high = np.sort(random.choice(len(p), (2, count), p=p), axis=0)
        codes[:, number] = genotype_index(low, high)
    return codes


def naive_pairs(tables: dict[str, list[np.ndarray]], codes: np.ndarray) -> dict[str, np.ndarray]:
    """Return log10 ratios of all pairs, pair by pair with NumPy, as one would write it first."""
    loci, first, second = np.arange(codes.shape[1]), *np.triu_indices(len(codes), 1)
    stacks = {name: np.stack(held) for name, held in tables.items()}
    result = {name: np.empty(len(first)) for name in tables}
    for place, (one, other) in enumerate(zip(first, second)):
        for name, stack in stacks.items():
            result[name][place] = stack[loci, codes[one], codes[other]].sum() / np.log(10)
    return result


def row_by_row(tables: dict[str, list[np.ndarray]], codes: np.ndarray) -> None:
    """Compute all ratios one profile against all others, as one would write it second."""
    loci = np.arange(codes.shape[1])
    for held in map(np.stack, tables.values()):
        for one in range(len(codes) - 1):
            held[loci, codes[one], codes[one + 1 :]].sum(axis=1)


def pairs(count: int = 5_000, loci: int = 16, *, naive: int = 300) -> dict[str, float]:
    """Return pairs a second of processor time for three relationships, ours and naive; memory, MB."""
    held = frequencies(loci=loci)
    options = {"theta": 0.03, "mutation": 0.001, "errors": LaboratoryErrors(0.02, 0.002)}
    names = ("same", "parent", "full_sibs")
    codes = simulated_codes(held, count)
    tables = {name: ratio_tables(held, RELATIONSHIPS[name], **options) for name in names}

    def timed(work, size: int) -> float:
        start = time.process_time()  # other programs on the machine do not count
        work()
        return size * (size - 1) / 2 / (time.process_time() - start)

    ours = max(timed(lambda: all_pairs(held, codes, **options), count) for _run in range(3))
    slow = timed(lambda: naive_pairs(tables, codes[:naive]), naive)
    rows = timed(lambda: row_by_row(tables, codes[: 4 * naive]), 4 * naive)
    tracemalloc.start()
    all_pairs(held, codes, **options)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"ours": ours, "naive": slow, "rows": rows, "peak_mb": peak / 2**20}


def false_exclusions(
    *, count: int = FAMILIES, loci: int = 14, dropout: float = 0.1, stated: float | None = None
) -> dict[str, float]:
    """Type simulated animals twice and ask how often the two are not said to be one.

    Parameters
    ----------
    stated : float, optional
        Rate of dropout that the laboratory believes in; by default the true one.

    Returns
    -------
    dict
        ``missed``: animals whose two typings reach no `MIN_MATCH_LOG10` against full sibs, ``expected``
        share of that by the package's own simulation, ``against``: animals of which the typings
        speak against one individual (a ratio against unrelated below 1).
    """
    held = frequencies(loci=loci)
    animals = profiles(held, [None] * count, seed=3)
    names = [str(number) for number in range(count)]
    first, second = (
        held.genotypes_of(seen(held, animals, names, dropout=dropout, seed=seed)) for seed in (4, 5)
    )
    errors = LaboratoryErrors(dropout if stated is None else stated)
    same, sibs = RELATIONSHIPS["same"], RELATIONSHIPS["full_sibs"]
    found = log10_ratio(ratio_tables(held, same, against=sibs, errors=errors), first, second)
    drawn = simulated_ratios(
        held, same, tested={"same": same, "sibs": sibs}, pairs=50_000, seed=1, errors=errors
    )
    return {
        "missed": int((found < MIN_MATCH_LOG10).sum()),
        "expected": float((drawn["same"] - drawn["sibs"] < MIN_MATCH_LOG10).mean()),
        "against": int(
            (log10_ratio(ratio_tables(held, same, errors=errors), first, second) < 0).sum()
        ),
        "count": count,
    }


# Who is declared, of simulated families: rows are dam, sire, and a sister of the dam.
DECLARED = ("both parents", "a sister of the dam", "an unrelated dam", "two unrelated animals")


def claims(
    *, count: int = FAMILIES, loci: int = 14, alleles: int = 8, dropout: float = 0.02,
    stated: float | None = None, declared: tuple[str, ...] = DECLARED,
) -> tuple[dict[str, Counter], dict[str, list[float]], dict[str, float]]:  # fmt: skip
    """Return the results of breeders' claims on simulated families.

    Beside the counts: of accepted claims the log10 ratios against "a sib of the declared dam", and
    the loci's exclusion power.

    Parameters
    ----------
    stated : float, optional
        Rate of dropout that the laboratory believes in; by default the true one.
    declared : tuple of str
        Of `DECLARED`.
    """
    held = frequencies(loci=loci, alleles=alleles)
    # Grandparents of each family, the dam and her sister, the sire, the young, two others.
    rows = []
    for _family in range(count):
        start = len(rows)
        rows += [None, None, (start, start + 1), (start, start + 1), None,
                 (start + 2, start + 4), None, None]  # fmt: skip
    codes = profiles(held, rows, seed=7)
    names = [str(number) for number in range(len(rows))]
    typed = seen(held, codes, names, dropout=dropout, seed=8)
    errors = LaboratoryErrors(dropout if stated is None else stated, 0.002)
    of = dict(zip(DECLARED, ((2, 4), (3, 4), (6, 4), (6, 7))))
    result: dict[str, Counter] = {name: Counter() for name in declared}
    sibs: dict[str, list[float]] = {name: [] for name in declared}
    for start in range(0, len(rows), 8):
        for name, row in result.items():
            dam, sire = of[name]
            (claim,) = check_claim(
                typed.take([start + 5]), typed.take([start + dam]), typed.take([start + sire]),
                held, theta=0.0, errors=errors, mutation=0.001,
            )  # fmt: skip
            row[claim.status] += 1
            if claim.status == "accepted":
                sibs[name].append(claim.pairs[0].log10_sib["dam"])
    return result, sibs, exclusion_power(held)


SNPS = (300, 500, 1_000, 2_000, 10_000)


def robust_kin(snps: int, seeds: Iterable[int], *, dropout: float = 0.0) -> dict[str, Counter]:
    """Return of each true degree how many pairs are shown as which: two populations (FST 0.1), families in both."""
    true_of = {0.5: "same", 0.25: "first", 0.125: "second", 0.0625: "third", 0.0: "unrelated"}
    found: dict[str, Counter] = {name: Counter() for name in true_of.values()}
    for seed in seeds:
        genotypes, kinship = structured(
            snps, seed=seed, founders=64, families=8, twice=8, dropout=dropout
        )
        result = indicate_kin(genotypes, genotypes.animals)
        shown = {frozenset((pair.first, pair.second)): pair.degree for pair in result.pairs}
        for a, b in zip(*np.triu_indices(len(genotypes), 1)):
            pair = frozenset((genotypes.animals[a], genotypes.animals[b]))
            found[true_of[float(kinship[a, b])]][shown.get(pair, "-")] += 1
    return found


if __name__ == "__main__":
    for rate in (0.0, 0.05):
        for count in SNPS:
            for true, held in robust_kin(count, range(101, 111), dropout=rate).items():
                print(f"dropout {rate}", count, true, dict(held), flush=True)
