"""The k-mer table of an index, made with NumPy. Only building needs this module.

A counting sort in chunks of haplotypes: a first pass counts the haplotypes that have each k-mer,
which says where its entry lies, a second one writes the entries. What is in memory are the table
that is made and one chunk; of a small set the chunks are kept for the second pass.
"""

from collections.abc import Iterator, Sequence

import numpy as np

# Bases of a chunk: some 100 MB while it is sorted.
_CHUNK = 4_000_000
# The place of a haplotype in its chunk has 16 bits beside the 16 of a k-mer.
_MAX_IN_CHUNK = 2**16
# Up to so many bases the sorted chunks are kept between the passes (5 bytes a base at most).
_KEPT = 40_000_000

_CODE = np.full(256, 4, np.uint8)
_CODE[np.frombuffer(b"ACGT", np.uint8)] = range(4)


def kmer_sections(haplotypes: Sequence[str], k: int) -> dict[str, memoryview | bytes]:
    """Return the sections ``kmer_*`` of an index.

    Parameters
    ----------
    haplotypes : sequence of str
        Clean sequences.
    k : int
        Length of the k-mers, at most 8 (their codes are 16 bits wide).

    Returns
    -------
    dict of str to bytes or memoryview
        The number of haplotypes with each k-mer (4**k uint32),
        where its entry begins in the data in units of 4 bytes (4**k uint32), and the
        data: a bitmap where that is shorter, else the ascending uint32 numbers.
    """
    chunks = list(_chunks(haplotypes))
    keep = sum(map(len, haplotypes)) <= _KEPT
    counts = np.zeros(4**k, np.int64)
    kept = []
    for first, end in chunks:
        pairs = _find_kmers(haplotypes[first:end], k)
        counts += np.bincount(pairs >> 16, minlength=4**k)
        if keep:
            kept.append(pairs)
    table = _Table(counts, len(haplotypes))
    chunk_pairs = kept or (_find_kmers(haplotypes[first:end], k) for first, end in chunks)
    for (first, _end), pairs in zip(chunks, chunk_pairs):
        table.add(first, pairs)
    return {
        "kmer_counts": counts.astype("<u4").tobytes(),
        "kmer_offsets": table.offsets.astype("<u4").tobytes(),
        "kmer_data": memoryview(table.data.data).cast("B"),
    }


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
        if bases >= _CHUNK or number - first == _MAX_IN_CHUNK or number == len(haplotypes):
            yield first, number
            first, bases = number, 0


def _find_kmers(chunk: Sequence[str], k: int) -> np.ndarray:
    """Return the distinct k-mers of the haplotypes of a chunk.

    A number is a k-mer (its upper 16 bits) and the place of a haplotype in the chunk; they ascend.
    """
    lengths = np.fromiter(map(len, chunk), np.int64, len(chunk))
    bases = _CODE[np.frombuffer("\n".join([*chunk, ""]).encode("ascii"), np.uint8)]
    count = max(0, len(bases) - k + 1)
    # K-mers across a line end, or with an IUPAC code, count for nothing.
    clear = np.ones(count, bool)
    unclear = np.flatnonzero(bases > 3)
    for back in range(k):
        at = unclear - back
        clear[at[(at >= 0) & (at < count)]] = False
    owners = np.arange(len(chunk), dtype=np.uint32)
    pairs = _codes(bases, k)[:count].astype(np.uint32) << 16
    pairs |= np.repeat(owners, lengths + 1)[:count]
    pairs = pairs[clear]
    pairs.sort()
    fresh = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=fresh[1:])
    return pairs[fresh]


def _codes(bases: np.ndarray, k: int) -> np.ndarray:
    """Return the code of the k-mer from every base on, two bits a base."""
    codes: np.ndarray = (bases & 3).astype(np.uint16)
    width = 1
    while width < k:
        more = min(width, k - width)
        codes = codes[:-more] << 2 * more | codes[more:] & (1 << 2 * more) - 1
        width += more
    return codes


class _Table:
    """The entries of the table: where each begins (`offsets`, in units of 4 bytes), and `data`."""

    def __init__(self, counts: np.ndarray, size: int) -> None:
        words = (size + 31) // 32
        self._dense = counts > words
        widths = np.where(self._dense, words, counts)
        self.offsets = np.cumsum(widths) - widths
        self.data = np.zeros(int(widths.sum()), "<u4")
        self._filled = self.offsets.copy()

    def add(self, first: int, pairs: np.ndarray) -> None:
        """Enter what `_find_kmers` found in a chunk that begins with the haplotype `first`."""
        codes = pairs >> 16
        owners = (pairs & 0xFFFF) + np.uint32(first)
        here = np.bincount(codes, minlength=len(self.offsets))
        listed = ~self._dense[codes]
        # The place of each pair among those of its k-mer in this chunk.
        place = np.arange(len(codes)) + np.repeat(self._filled - np.cumsum(here) + here, here)
        self.data[place[listed]] = owners[listed]
        self._filled += here
        codes, owners = codes[~listed], owners[~listed]
        if len(codes):
            place = self.offsets[codes] * 4 + (owners >> 3)
            bits = np.left_shift(1, owners & 7, dtype=np.uint8, casting="unsafe")
            starts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
            self.data.view(np.uint8)[place[starts]] |= np.bitwise_or.reduceat(bits, starts)
