"""Simulated frequencies and animals of known kin, for tests of `forensics.individual`."""

from contextlib import contextmanager

import numpy as np
import pytest

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.individual import links
from forensics.individual.frequencies import Frequencies

__all__ = ["drifted", "fewer_draws", "frequencies", "profiles", "seen"]


@contextmanager
def fewer_draws(draws: int = 500):
    """Let chance be simulated with fewer pairs, where its rates are not what a test looks at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "DRAWS", draws)
        patch.setattr(links, "_TOTAL", len(links.SHARES) * draws)
        yield


def frequencies(loci: int = 12, alleles: int = 8, seed: int = 1) -> Frequencies:
    """Return simulated frequencies of a population."""
    random = np.random.default_rng(seed)
    values = tuple(
        random.dirichlet(np.full(alleles, 2.0)) * 0.96 + 0.04 / alleles for _ in range(loci)
    )
    names = tuple(f"L{number}" for number in range(loci))
    labels = tuple(tuple(str(100 + 2 * k) for k in range(alleles)) for _ in range(loci))
    return Frequencies(names, labels, values, values, np.full(loci, 400.0))


def drifted(held: Frequencies, fst: float, seed: int = 1) -> Frequencies:
    """Return frequencies of a population that drifted from another one (Balding & Nichols 1994)."""
    random = np.random.default_rng(seed)
    values = []
    for p in held.values:
        drawn = np.maximum(random.dirichlet(p * (1 - fst) / fst), 1e-9)
        values.append(drawn / drawn.sum())
    return Frequencies(held.loci, held.alleles, tuple(values), tuple(values), held.copies)


def profiles(
    held: Frequencies, parents: list[tuple[int, int] | None], *, seed: int = 1, prefix: str = "S"
) -> np.ndarray:
    """Return allele codes, shape (n, L, 2), of founders (None) and of offspring of earlier rows."""
    random = np.random.default_rng(seed)
    codes = np.zeros((len(parents), len(held.loci), 2), dtype=np.int64)
    for row, pair in enumerate(parents):
        for number, p in enumerate(held.values):
            if pair is None:
                codes[row, number] = random.choice(len(p), 2, p=p)
            else:
                codes[row, number] = [random.choice(codes[parent, number]) for parent in pair]
    return codes


def seen(
    held: Frequencies,
    codes: np.ndarray,
    names: list[str],
    *,
    dropout: float = 0.0,
    missing: float = 0.0,
    seed: int = 1,
    **known,
) -> Genotypes:
    """Return what a laboratory types: alleles drop out, loci fail."""
    random = np.random.default_rng(seed)
    labels = []
    for row in codes:
        typed = []
        for number, (a, b) in enumerate(row):
            if random.random() < dropout and a != b:
                a = b = random.choice([a, b])
            lost = random.random() < missing
            of = held.alleles[number]
            typed.append((None, None) if lost else (of[a], of[b]))
        labels.append(typed)
    return genotypes_from_labels(names, held.loci, labels, **known)
