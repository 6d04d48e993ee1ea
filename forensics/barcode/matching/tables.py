"""The k-mer tables of an index, made with NumPy. Only building needs this module.

A counting sort in chunks of haplotypes: a first pass counts the haplotypes that have each k-mer,
which says where its entry lies, a second one writes the entries. What is in memory is the table
that is made and one chunk; a small set is sorted once and kept for the second pass.
"""

from collections.abc import Iterator, Sequence

import numpy as np

__all__ = ["bit_planes", "kmer_sections"]

# Bases of a chunk: some 200 MB while it is sorted.
_CHUNK = 4_000_000
# Up to so many bases the sorted chunks are kept between the passes (6 bytes a base at most).
_KEPT = 40_000_000

_CODE = np.full(256, 4, np.uint8)
_CODE[np.frombuffer(b"ACGT", np.uint8)] = range(4)

# The k-mers of a chunk, ascending (uint16), and the haplotypes that have them (uint32).
_Pairs = tuple[np.ndarray, np.ndarray]


def kmer_sections(haplotypes: Sequence[str], k: int) -> dict[str, memoryview | bytes]:
    """Return the sections ``all_*``, ``cut_*`` and ``cut_planes`` of an index.

    Parameters
    ----------
    haplotypes : sequence of str
        Clean sequences.
    k : int
        Length of the k-mers, at most 8 (their codes are 16 bits wide).

    Returns
    -------
    dict of str to bytes or memoryview
        For either table the number of haplotypes with each k-mer (4**k uint32),
        where its entry begins in the data in units of 4 bytes (4**k uint32), and the
        data: a bitmap where that is shorter, else the ascending uint32 numbers.
    """
    chunks = list(_chunks(haplotypes))
    keep = sum(map(len, haplotypes)) <= _KEPT
    sections: dict[str, memoryview | bytes] = {}
    for name, step in (("all", 1), ("cut", k)):
        kept: list[_Pairs] = []
        counts = np.zeros(4**k, np.int64)
        of_haplotype = np.zeros(len(haplotypes), np.uint32)
        for first, end in chunks:
            codes, owners = pairs = _pairs(haplotypes, first, end, k, step)
            counts += np.bincount(codes, minlength=4**k)
            of_haplotype[first:end] = np.bincount(owners - np.uint32(first), minlength=end - first)
            if keep:
                kept.append(pairs)
        again = kept or (_pairs(haplotypes, first, end, k, step) for first, end in chunks)
        offsets, data = _table(again, counts, len(haplotypes))
        sections[f"{name}_counts"] = counts.astype("<u4").tobytes()
        sections[f"{name}_offsets"] = offsets.astype("<u4").tobytes()
        sections[f"{name}_data"] = memoryview(data).cast("B")
        if name == "cut":
            sections["cut_planes"] = bit_planes(of_haplotype)
    return sections


def bit_planes(values: Sequence[int]) -> bytes:
    """Return the bit planes of counters, least significant first, each in whole bytes."""
    counters = np.asarray(values, np.uint32)
    return b"".join(
        np.packbits((counters >> plane & 1).astype(np.uint8), bitorder="little").tobytes()
        for plane in range(int(counters.max(initial=0)).bit_length())
    )


def _chunks(haplotypes: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and the end of each chunk of haplotypes."""
    first = bases = 0
    for number, sequence in enumerate(haplotypes, 1):
        bases += len(sequence)
        if bases >= _CHUNK or number == len(haplotypes):
            yield first, number
            first, bases = number, 0


def _pairs(haplotypes: Sequence[str], first: int, end: int, k: int, step: int) -> _Pairs:
    """Return the distinct k-mers of a chunk with their haplotypes, by k-mer, then by haplotype."""
    part = haplotypes[first:end]
    text = np.frombuffer("\n".join([*part, ""]).encode("ascii"), np.uint8)
    lengths = np.fromiter((len(sequence) + 1 for sequence in part), np.int64, len(part))
    bases = _CODE[text]
    # K-mers across a line end, or with an IUPAC code, count for nothing.
    unclear = np.concatenate(([0], np.cumsum(bases > 3)))
    count = max(0, len(bases) - k + 1)
    wanted = unclear[k:] == unclear[:count] if count else np.zeros(0, bool)
    if step > 1:
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        place = np.arange(count) - np.repeat(starts, lengths)[:count]
        wanted &= place % step == 0
    codes = np.zeros(count, np.uint16)
    for shift in range(k):
        codes <<= 2
        codes |= bases[shift : shift + count] & 3
    owners = np.repeat(np.arange(first, end, dtype=np.uint32), lengths)[:count]
    codes, owners = codes[wanted], owners[wanted]
    order = np.argsort(codes, kind="stable")  # a radix sort on 16 bits
    codes, owners = codes[order], owners[order]
    fresh = np.ones(len(codes), bool)
    fresh[1:] = (codes[1:] != codes[:-1]) | (owners[1:] != owners[:-1])
    return codes[fresh], owners[fresh]


def _table(
    chunks: Sequence[_Pairs] | Iterator[_Pairs], counts: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the entries begin and the entries (uint32)."""
    words = (size + 31) // 32
    dense = counts > words
    widths = np.where(dense, words, counts)
    offsets = np.concatenate(([0], np.cumsum(widths)[:-1]))
    data = np.zeros(int(widths.sum()), "<u4")
    in_bytes = data.view(np.uint8)
    filled = offsets.copy()
    for codes, owners in chunks:
        here = np.bincount(codes, minlength=len(counts))
        listed = ~dense[codes]
        # The place of each pair among those of its k-mer in this chunk.
        before = np.concatenate(([0], np.cumsum(here)[:-1]))
        place = np.arange(len(codes)) - before[codes] + filled[codes]
        data[place[listed]] = owners[listed]
        filled += here
        codes, owners = codes[~listed], owners[~listed]
        if len(codes):
            place = offsets[codes] * 4 + (owners >> 3)
            bits = np.left_shift(1, owners & 7, dtype=np.uint8, casting="unsafe")
            starts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
            in_bytes[place[starts]] |= np.bitwise_or.reduceat(bits, starts)
    return offsets, data
