"""Seizures joined by their animals: how fast, what is found, and what chance makes. SIMULATED.

    python benchmarks/network.py
    python benchmarks/network.py --samples 10000 --seizures 100
    python benchmarks/network.py --sets 40            # more sets of unrelated seizures

No data and no other tool are needed. First, profiles at 16 loci of eight alleles: unrelated ones
and, among them, animals that are in two seizures, parents with one young elsewhere, and full sibs.
Then sets of seizures that nothing joins: links counted beside those expected.
"""

import argparse
import platform
import resource
import time
from collections import Counter

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies
from forensics.individual.network import seizure_network
from forensics.individual.options import DEFAULT_KINDS, NetworkOptions
from forensics.stats import wilson

LOCI, ALLELES = 16, 8
DROPOUT, MISTYPING, MISSING = 0.02, 0.002, 0.03
TRUE = {"match": 200, "parent": 100, "full_sibs": 100}
UNRELATED = (1000, 20)  # animals and seizures of a set that nothing joins
LOW = 2.0  # limit there: chance must make enough to be counted
KIN = ("parent", "full_sibs")


def frequencies(random: np.random.Generator) -> Frequencies:
    values = tuple(
        random.dirichlet(np.full(ALLELES, 2.0)) * 0.96 + 0.04 / ALLELES for _ in range(LOCI)
    )
    labels = (tuple(str(100 + 2 * k) for k in range(ALLELES)),) * LOCI
    names = tuple(f"L{number}" for number in range(LOCI))
    return Frequencies(names, labels, values, values, np.full(LOCI, 400.0))


def founders(held: Frequencies, count: int, random: np.random.Generator) -> np.ndarray:
    return np.stack([random.choice(len(p), (count, 2), p=p) for p in held.values], axis=1)


def young(dams: np.ndarray, sires: np.ndarray, random: np.random.Generator) -> np.ndarray:
    sides = [
        np.take_along_axis(parent, random.integers(2, size=(*parent.shape[:2], 1)), 2)
        for parent in (dams, sires)
    ]
    return np.concatenate(sides, axis=2)


def typed(held: Frequencies, codes: np.ndarray, random: np.random.Generator) -> Genotypes:
    """Return what a laboratory types: alleles drop out, are misread, loci fail."""
    codes = codes.astype(np.int16)
    side = random.integers(2, size=(*codes.shape[:2], 1))
    lost = random.random(codes.shape[:2]) < DROPOUT
    codes = np.where(lost[..., None], np.take_along_axis(codes, side, 2), codes)
    misread = random.random(codes.shape) < MISTYPING
    other = (codes + random.integers(1, ALLELES, size=codes.shape)) % ALLELES
    codes = np.where(misread, other, codes).astype(np.int16)
    codes.sort(axis=2)
    codes[random.random(codes.shape[:2]) < MISSING] = -1
    names = tuple(f"a{number:06d}" for number in range(len(codes)))
    return Genotypes(names, held.loci, held.alleles, codes)


def built(genotypes, seizures, held, **options):
    return seizure_network(
        genotypes, seizures, held,
        NetworkOptions(theta=0.0, dropout=DROPOUT, mistyping=MISTYPING, **options),
        reference=genotypes,
    )  # fmt: skip


def with_truth(held, samples: int, seizures: int, random: np.random.Generator):
    """Return samples, their seizures, and the true pairs of rows by kind."""
    dams, sires = (founders(held, TRUE["full_sibs"], random) for _side in range(2))
    parents, mates = (founders(held, TRUE["parent"], random) for _side in range(2))
    parts = [parents, young(parents, mates, random), young(dams, sires, random),
             young(dams, sires, random)]  # fmt: skip
    twice = founders(held, TRUE["match"], random)
    parts += [twice, twice]
    parts.append(founders(held, samples - sum(map(len, parts)), random))
    starts = np.cumsum([0, *map(len, parts)])
    # The second of a pair is in another seizure than the first.
    of = random.integers(seizures, size=samples)
    truth = {}
    for kind, place in (("parent", 0), ("full_sibs", 2), ("match", 4)):
        first = np.arange(starts[place], starts[place + 1])
        second = np.arange(starts[place + 1], starts[place + 2])
        of[second] = (of[first] + random.integers(1, seizures, size=len(second))) % seizures
        truth[kind] = {frozenset(pair) for pair in zip(first.tolist(), second.tolist())}
    genotypes = typed(held, np.concatenate(parts), random)
    return genotypes, [f"S{number:03d}" for number in of], truth


def measure(samples: int, seizures: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    held = frequencies(random)
    genotypes, where, truth = with_truth(held, samples, seizures, random)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    found = built(genotypes, where, held)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs = samples * (samples - 1) // 2
    print(f"{samples} samples x {LOCI} loci in {seizures} seizures: {seconds:.1f} s, "
          f"{pairs / seconds:,.0f} pairs/s, {peak:.0f} MB ({before:.0f} before)")  # fmt: skip
    row = {name: number for number, name in enumerate(genotypes.animals)}
    stated = {
        frozenset(row[name] for name in (pair.first_samples[0], pair.second_samples[0])): pair.kind
        for link in found.links
        for pair in link.pairs
    }
    for kind, true in truth.items():
        right = sum(stated.get(pair) == kind for pair in true)
        low, high = wilson(right / len(true), len(true))
        rate = found.rates["same" if kind == "match" else kind][kind]
        false = sum(one == kind and pair not in true for pair, one in stated.items())
        print(f"  {kind}: {right} of {len(true)} ({low:.1%}-{high:.1%}; stated {rate:.1%}), "
              f"{false} others stated so, {found.expected[kind]:.3g} by chance")  # fmt: skip
    joined = {frozenset(where[number] for number in pair) for of in truth.values() for pair in of}
    beyond = {frozenset((link.first, link.second)) for link in found.found}
    by_match = {frozenset(where[number] for number in pair) for pair in truth["match"]}
    print(f"  pairs of seizures: {found.seizure_pairs}, truly joined {len(joined)} ({len(by_match)} "
          f"by a match); beyond chance {len(beyond)}, of these {len(beyond - joined)} not truly; "
          f"of those by a match {len(beyond & by_match)}")  # fmt: skip


def by_chance(sets: int, seed: int) -> None:
    counted, expected, wrong = Counter(), Counter(), 0
    scatter = {kind: [] for kind in KIN}
    for number in range(sets):
        random = np.random.default_rng([seed, number])
        held = frequencies(random)
        genotypes = typed(held, founders(held, UNRELATED[0], random), random)
        where = [f"S{place:02d}" for place in random.integers(UNRELATED[1], size=UNRELATED[0])]
        found = built(genotypes, where, held, limit=LOW)
        counted.update(found.pairs)
        expected.update(found.expected)
        wrong += bool(found.found)
        for kind in KIN:
            scatter[kind].append((found.pairs[kind], found.expected[kind]))
    low, high = wilson(wrong / sets, sets)
    print(
        f"{sets} sets of {UNRELATED[0]} unrelated animals in {UNRELATED[1]} seizures, limit {LOW:g}:"
    )
    for kind in DEFAULT_KINDS:
        print(f"  {kind}: {counted[kind]} pairs, expected {expected[kind]:.4g}")
    for kind in KIN:
        ratio = np.mean([(seen - mean) ** 2 / mean for seen, mean in scatter[kind]])
        print(f"  {kind}: variance of the number in a set {ratio:.2f} times that of Poisson")
    print(f"  sets with a pair of seizures beyond chance: {wrong} ({low:.1%}-{high:.1%}), aim 5 %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--seizures", type=int, default=50)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    measure(given.samples, given.seizures, given.seed)
    by_chance(given.sets, given.seed)


if __name__ == "__main__":
    main()
