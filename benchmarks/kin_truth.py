"""Which pairs of a pedigree are what: truth for counts of recall and of false positives."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["TRUTHS", "kinship_coefficients", "true_kinds"]

UNKNOWN = "NA"
# From the nearest on; a pair is the first that it is. "second" are grandparents, uncles and others
# of kinship 1/8 or more that are no half sibs; "distant" those of less, above 0.
TRUTHS = ("parent", "full_sibs", "half_sibs", "second", "distant", "unrelated")
_SECOND = 1 / 8


def kinship_coefficients(parents: Mapping[str, tuple[str, str]]) -> tuple[list[str], np.ndarray]:
    """Return animals, parents first, and the kinship coefficient of each two; shape (n, n).

    Unknown parents are founders, unrelated to all.
    """
    ordered: dict[str, int] = {}

    def placed(name: str) -> None:
        if name in ordered or name == UNKNOWN:
            return
        for parent in parents.get(name, (UNKNOWN, UNKNOWN)):
            placed(parent)
        ordered[name] = len(ordered)

    for name in parents:
        placed(name)
    phi = np.zeros((len(ordered), len(ordered)))
    for name, row in ordered.items():
        known = [ordered[one] for one in parents.get(name, ()) if one != UNKNOWN]
        phi[row, :row] = phi[:row, row] = 0.5 * phi[known, :row].sum(axis=0)
        phi[row, row] = 0.5 + (0.5 * phi[known[0], known[1]] if len(known) == 2 else 0.0)
    return list(ordered), phi


def true_kinds(
    parents: Mapping[str, tuple[str, str]], animals: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return of each of `TRUTHS` the pairs that are it; bool, shape (n, n), above the diagonal."""
    names, phi = kinship_coefficients(parents)
    place = {name: row for row, name in enumerate(names)}
    rows = [place[name] for name in animals]
    phi = phi[np.ix_(rows, rows)]
    of = np.array([parents.get(name, (UNKNOWN, UNKNOWN)) for name in animals])
    listed = np.array(animals)
    parent = (of[:, 0, None] == listed) | (of[:, 1, None] == listed)
    shared = [(of[:, k, None] == of[None, :, k]) & (of[:, k, None] != UNKNOWN) for k in (0, 1)]
    held = {
        "parent": parent | parent.T,
        "full_sibs": shared[0] & shared[1],
        "half_sibs": shared[0] | shared[1],
        "second": phi >= _SECOND - 1e-9,
        "distant": phi > 0,
        "unrelated": np.ones_like(parent),
    }
    left = np.triu(np.ones_like(parent), 1)
    found = {}
    for name in TRUTHS:
        found[name] = held[name] & left
        left &= ~held[name]
    return found
