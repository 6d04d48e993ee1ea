"""Simulated frequencies and animals of known kin, for tests of `forensics.individual`."""

from contextlib import contextmanager

import numpy as np
import pytest

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.individual import links
from forensics.individual.frequencies import Frequencies

__all__ = ["drifted", "fewer_draws", "frequencies", "profiles", "seen", "structured"]


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


def structured(
    snps: int,
    *,
    seed: int,
    fst: float = 0.1,
    founders: int = 30,
    families: int = 1,
    twice: int = 2,
    missing: float = 0.05,
    dropout: float = 0.0,
    alleles: tuple[str, ...] = ("A", "G"),
) -> tuple[Genotypes, np.ndarray]:
    """Return SIMULATED animals of two populations with their families, and the kinship of each pair by pedigree.

    A family is two full sibs, a half sib, and a grandchild by an unrelated founder; so many animals at the end of the table are typed
    twice. Ancestral frequencies are uniform from 0.05 to 0.95.

    Returns
    -------
    Genotypes
        n animals.
    kinship : numpy.ndarray of float64, shape (n, n)
    """
    random = np.random.default_rng(seed)
    base = random.uniform(0.05, 0.95, snps)
    codes: list[np.ndarray] = []
    parents: list[tuple[int, int] | None] = []
    for _population in range(2):
        shares = random.beta(base * (1 - fst) / fst, (1 - base) * (1 - fst) / fst)
        start = len(codes)
        codes += list(random.random((founders, snps, 2)) < shares[:, None])
        parents += [None] * founders
        for family in range(families):
            dam, sire, other, mate = (start + 4 * family + place for place in range(4))
            first = len(codes)
            for pair in ((dam, sire), (dam, sire), (dam, other), (first, mate)):
                drawn = [
                    codes[parent][np.arange(snps), random.integers(0, 2, snps)] for parent in pair
                ]
                codes.append(np.stack(drawn, axis=1))
                parents.append(pair)
    kinship = np.zeros((len(codes), len(codes)))
    for row, pair in enumerate(parents):
        kinship[row, row] = 0.5
        if pair is not None:
            kinship[row, :row] = kinship[:row, row] = kinship[list(pair), :row].mean(axis=0)
            kinship[row, row] += kinship[pair] / 2
    rows = np.append(np.arange(len(codes)), random.choice(len(codes), twice, replace=False))
    typed = np.array(codes, dtype=np.int16)[rows]
    lost = random.random(typed.shape[:2]) < dropout
    typed[lost] = np.take_along_axis(typed[lost], random.integers(0, 2, (lost.sum(), 1)), axis=1)
    typed = np.sort(typed, axis=2)
    typed[random.random(typed.shape[:2]) < missing] = -1
    names = tuple(f"a{number}" for number in range(len(rows)))
    found = Genotypes(names, tuple(f"S{n}" for n in range(snps)), (alleles,) * snps, typed)
    return found, kinship[np.ix_(rows, rows)]
