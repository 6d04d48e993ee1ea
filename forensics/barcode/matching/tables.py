"""The k-mer tables of an index, made with NumPy. Only building needs this module."""

from collections.abc import Sequence

import numpy as np

__all__ = ["bit_planes", "kmer_sections"]

_CODE = np.full(256, 4, np.uint8)
_CODE[np.frombuffer(b"ACGT", np.uint8)] = range(4)


def kmer_sections(haplotypes: Sequence[str], k: int) -> dict[str, bytes]:
    """Return the sections ``all_*``, ``cut_*`` and ``cut_planes`` of an index.

    Parameters
    ----------
    haplotypes : sequence of str
        Clean sequences.
    k : int
        Length of the k-mers, at most 8 (their codes are 16 bits wide).

    Returns
    -------
    dict of str to bytes
        For either table the number of haplotypes with each k-mer (4**k uint32),
        where its entry begins in the data in units of 4 bytes (4**k uint32), and the
        data: a bitmap where that is shorter, else the ascending uint32 numbers.
    """
    every, side_by_side = [], []
    for sequence in haplotypes:
        codes = _codes(sequence, k)
        every.append(_distinct(codes))
        side_by_side.append(_distinct(codes[::k]))
    sections = {}
    for name, kmers in (("all", every), ("cut", side_by_side)):
        counts, offsets, data = _table(kmers, k)
        sections[f"{name}_counts"] = counts.astype("<u4").tobytes()
        sections[f"{name}_offsets"] = offsets.astype("<u4").tobytes()
        sections[f"{name}_data"] = data
    sections["cut_planes"] = bit_planes([len(kmers) for kmers in side_by_side])
    return sections


def bit_planes(values: Sequence[int]) -> bytes:
    """Return the bit planes of counters, least significant first, each in whole bytes."""
    counters = np.asarray(values, np.uint32)
    return b"".join(
        np.packbits((counters >> plane & 1).astype(np.uint8), bitorder="little").tobytes()
        for plane in range(int(counters.max(initial=0)).bit_length())
    )


def _codes(sequence: str, k: int) -> np.ndarray:
    """Return the code of the k-mer at each place (int32), -1 where it holds an IUPAC code."""
    bases = _CODE[np.frombuffer(sequence.encode("ascii"), np.uint8)]
    count = len(bases) - k + 1
    if count <= 0:
        return np.zeros(0, np.int32)
    codes = np.zeros(count, np.int32)
    unclear = np.zeros(count, bool)
    for place in range(k):
        part = bases[place : place + count]
        codes = codes << 2 | (part & 3)
        unclear |= part > 3
    codes[unclear] = -1
    return codes


def _distinct(codes: np.ndarray) -> np.ndarray:
    found = np.unique(codes)
    return found[found >= 0].astype(np.uint16)


def _table(kmers: list[np.ndarray], k: int) -> tuple[np.ndarray, np.ndarray, bytes]:
    size = len(kmers)
    words = (size + 31) // 32
    codes = np.concatenate(kmers)
    owners = np.repeat(np.arange(size, dtype="<u4"), [len(part) for part in kmers])
    owners = owners[np.argsort(codes, kind="stable")]  # radix sort on 16 bits
    counts = np.bincount(codes, minlength=4**k)
    ends = np.cumsum(counts)
    dense = counts > words
    widths = np.where(dense, words, counts)
    offsets = np.concatenate(([0], np.cumsum(widths)[:-1]))
    data = np.zeros(int(widths.sum()), "<u4")
    sparse_owner = np.repeat(~dense, counts)
    data[np.repeat(~dense, widths)] = owners[sparse_owner]
    for kmer in np.flatnonzero(dense):
        row = np.zeros(words * 32, np.uint8)
        row[owners[ends[kmer] - counts[kmer] : ends[kmer]]] = 1
        start = offsets[kmer]
        data[start : start + words] = np.packbits(row, bitorder="little").view("<u4")
    return counts, offsets, data.tobytes()
