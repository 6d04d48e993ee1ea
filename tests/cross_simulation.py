"""Simulated crosses of real or simulated animals: a gamete of each parent, loci unlinked."""

from dataclasses import replace

import numpy as np

from forensics.genetics.genotypes import Genotypes

__all__ = ["cross", "simulate_classes"]

CLASSES = ("parent_1", "parent_2", "f1", "f2", "backcross_1", "backcross_2")


def cross(mothers: np.ndarray, fathers: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return codes of one young of each pair; a locus that a parent lacks is missing."""
    gametes = []
    for parents in (mothers, fathers):
        copy = generator.integers(0, 2, parents.shape[:2])
        gametes.append(np.take_along_axis(parents, copy[:, :, None], axis=2)[:, :, 0])
    codes = np.stack(gametes, axis=2)
    codes[(codes < 0).any(axis=2)] = -1
    return codes


def simulate_classes(
    genotypes: Genotypes, first: np.ndarray, second: np.ndarray, count: int, *, seed: int = 1
) -> dict[str, Genotypes]:
    """Return `count` animals of each class of cross of the animals in two sets of rows.

    Parental animals are young of two animals of one population.
    """
    generator = np.random.default_rng(seed)

    def draw(rows: np.ndarray) -> np.ndarray:
        return genotypes.codes[generator.choice(rows, count)]

    def young(one: np.ndarray, two: np.ndarray) -> np.ndarray:
        return cross(one, two, generator)

    def f1() -> np.ndarray:
        return young(draw(first), draw(second))

    codes = {
        "parent_1": young(draw(first), draw(first)),
        "parent_2": young(draw(second), draw(second)),
        "f1": f1(),
        "f2": young(f1(), f1()),
        "backcross_1": young(f1(), draw(first)),
        "backcross_2": young(f1(), draw(second)),
    }
    blank = genotypes.take(np.zeros(count, dtype=np.intp))
    return {
        name: replace(
            blank,
            animals=tuple(f"{name} {number + 1}" for number in range(count)),
            codes=made.astype(genotypes.codes.dtype),
            populations=None,
            units=None,
        )
        for name, made in codes.items()
    }
