"""All neighbours of every sequence of a locus at once, for screening a library.

`forensics.barcode.search` proves what is nearest to one questioned sequence; here
every sequence meets every other, some 50 million pairs at COI, so shared k-mers are
counted for a whole library in one NumPy pass a sequence and only the pairs that share
enough are aligned.  The identity is that of the project: edits of the shorter
sequence placed whole, with free ends, in the longer, over its length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import edlib
import numpy as np

__all__ = ["all_neighbours"]

K = 9
#: Least share of the shorter sequence's distinct k-mers that a pair must have in common.  An
#: edit spoils at most K of them, so a pair of plain full-length barcodes is never missed from
#: an identity of about 0.92 upwards; between the floor and that, 364 of 54,783 pairs of the
#: barcode_validator COI were missed when this was measured, for a fifth of the time.
SHARE = 0.20
_IUPAC = {
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}
_EQUAL = [(code, base) for code, bases in _IUPAC.items() for base in bases]
_CODE = np.full(256, -1, np.int64)
_CODE[np.frombuffer(b"ACGT", np.uint8)] = np.arange(4)


def _kmers(sequence: str) -> np.ndarray:
    """Distinct k-mers without ambiguous bases, as numbers; shape (n,), int64."""
    bases = _CODE[np.frombuffer(sequence.encode("ascii"), np.uint8)]
    count = max(0, len(bases) - K + 1)
    value, plain = np.zeros(count, np.int64), np.ones(count, bool)
    for offset in range(K):
        part = bases[offset : offset + count]
        value = value * 4 + np.maximum(part, 0)
        plain &= part >= 0
    return np.unique(value[plain])


def all_neighbours(
    sequences: Sequence[str], floor: float
) -> Callable[[str], list[tuple[int, float]]]:
    """Compare all sequences with one another.

    Parameters
    ----------
    sequences : sequence of str
        Upper case, without gaps; equal ones are compared once.
    floor : float
        Least identity, 0-1.

    Returns
    -------
    callable
        From one of the sequences to (position, identity) of all that reach `floor`,
        equal ones (and the sequence itself) included.
    """
    where: dict[str, list[int]] = {}
    for position, sequence in enumerate(sequences):
        where.setdefault(sequence, []).append(position)
    distinct = sorted(where, key=lambda s: (len(s), s))
    kmers = [_kmers(s) for s in distinct]
    lengths = np.array([len(s) for s in distinct])
    counts = np.array([len(k) for k in kmers])
    owner = np.repeat(np.arange(len(distinct), dtype=np.int32), counts)
    every = np.concatenate(kmers)
    order = np.argsort(every, kind="stable")
    owner = owner[order]
    starts = np.searchsorted(every[order], np.arange(4**K + 1))
    plain = [set(s) <= set("ACGT") for s in distinct]
    near: list[list[tuple[int, float]]] = [[] for _ in distinct]
    for a, sequence in enumerate(distinct):  # a is never longer than b, hence placed in it
        if not counts[a]:
            continue
        shared = np.bincount(
            np.concatenate([owner[starts[k] : starts[k + 1]] for k in kmers[a]]),
            minlength=len(distinct),
        )
        most = int(lengths[a] * (1 - floor) + 1e-9)
        for b in np.flatnonzero(shared[a + 1 :] >= SHARE * counts[a]) + a + 1:
            equal = None if plain[a] and plain[b] else _EQUAL
            edits = edlib.align(
                sequence,
                distinct[b],
                mode="HW",
                task="distance",
                k=most,
                additionalEqualities=equal,
            )["editDistance"]
            if edits >= 0:
                identity = 1 - edits / len(sequence)
                near[a].append((int(b), identity))
                near[b].append((a, identity))
    number = {s: n for n, s in enumerate(distinct)}

    def neighbours(sequence: str) -> list[tuple[int, float]]:
        found = [(position, 1.0) for position in where[sequence]]
        for other, identity in near[number[sequence]]:
            found += [(position, identity) for position in where[distinct[other]]]
        return found

    return neighbours
