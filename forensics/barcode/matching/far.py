"""The nearest records of a sequence beyond the floor of the search: by shared k-mers, then aligned; not proved.

Far apart, no bound excludes anything, and to align every record takes seconds. So the records are ranked by the
k-mers that they share with the sequence, those of every family for itself, and the best are aligned. A nearer one may
be missed; what is made of it (`forensics.barcode.calling.far`) was learnt with the same search.
"""

import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from forensics.barcode.locus import find_locus
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import count_shared
from forensics.barcode.matching.search import MINIMUM_COVERAGE, WHOLE, IndexQuery
from forensics.barcode.reference.records import RANK_FIELDS

if TYPE_CHECKING:
    import numpy as np

#: Identity below which records are like any other: random sequences of barcode length come to 0.6.
FAR_FLOOR = 0.70
RANKS = ("family", "order", "class")
#: Records of a family that are aligned, and families, the best first.
A_FAMILY, FAMILIES = 2, 120


@dataclass(frozen=True, slots=True)
class FarRecord:
    """A record far from the sequence.

    Attributes
    ----------
    haplotype : int
    identity : float
        Of the shorter of both placed whole in the longer, 0-1.
    ranks : dict of str to str
        Its `RANKS`; "" where one is not known.
    """

    haplotype: int
    identity: float
    ranks: dict[str, str]


class FarIndex:
    """An index with the higher ranks of its haplotypes.

    Parameters
    ----------
    index : Index
    """

    def __init__(self, index: Index) -> None:
        import numpy as np

        self.index = index
        #: By rank the name of each haplotype, by its first record.
        self.names: dict[str, list[str]] = {rank: [] for rank in RANKS}
        for haplotype in range(index.size):
            record = index.first_record(haplotype)
            for rank in RANKS:
                self.names[rank].append(getattr(record, RANK_FIELDS[rank]))
        keys = [next(filter(None, names), "") for names in zip(*self.names.values())]
        numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
        self._group = np.array([numbers[key] for key in keys], np.min_scalar_type(-len(numbers)))

    def nearest(self, sequence: str) -> list[FarRecord]:
        """Return the nearest records that reach `FAR_FLOOR`, best first, as far as they are found."""
        return next(self.nearest_without(sequence, [()]))

    def nearest_without(
        self, sequence: str, left_out: Iterable[Collection[int]]
    ) -> Iterator[list[FarRecord]]:
        """Yield the same, each time without some haplotypes, as if these were not there.

        Parameters
        ----------
        sequence : str
            Clean.
        left_out : iterable of collection of int
        """
        query = IndexQuery(self.index, sequence)
        strands = [(strand, self._ordered(text)) for strand, text in query.strands.items()]
        known: dict[str, dict[int, float]] = {strand: {} for strand in query.strands}
        for without in left_out:
            best: dict[int, float] = {}
            for strand, order in strands:
                chosen = self._chosen(order, without)
                self._align(
                    query, strand, [h for h in chosen if h not in known[strand]], known[strand]
                )
                for haplotype in chosen:
                    best[haplotype] = max(known[strand][haplotype], best.get(haplotype, 0.0))
            ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
            yield [
                FarRecord(haplotype, near, {rank: self.names[rank][haplotype] for rank in RANKS})
                for haplotype, near in ordered
                if near
            ]

    def _align(
        self, query: IndexQuery, strand: str, haplotypes: list[int], known: dict[int, float]
    ) -> None:
        """Note the identity of each haplotype, 0 below `FAR_FLOOR`."""
        needed = struct.pack(f"{len(haplotypes)}d", *[FAR_FLOOR] * len(haplotypes))
        numbers = struct.pack(f"{len(haplotypes)}I", *haplotypes)
        compared = query.compare_all(numbers, needed, strand, WHOLE)
        both = zip(*(memoryview(values).cast("i") for values in compared))
        for haplotype, (edits, length) in zip(haplotypes, both):
            known[haplotype] = 0.0 if edits < 0 else 1 - edits / length

    def _ordered(self, strand: bytes) -> "np.ndarray":
        """Return the haplotypes that have k-mers of a strand and are long enough, the largest share of k-mers first."""
        import numpy as np

        index, length = self.index, len(strand)
        lengths = np.frombuffer(index.lengths, "<u4")
        shared = np.frombuffer(count_shared(strand, index.tables, index.size), "<u4")
        expected = min(length, find_locus(index.locus).expected_length)
        shares = shared / np.minimum(lengths, length)
        shares[lengths < ceil(MINIMUM_COVERAGE * expected)] = 0
        return np.argsort(-shares, kind="stable")[: np.count_nonzero(shares)]

    def _chosen(self, order: "np.ndarray", without: Collection[int]) -> list[int]:
        """Return the first haplotypes of an order, a few of each family, without some."""
        import numpy as np

        there = np.ones(self.index.size, bool)
        there[list(without)] = False
        order = order[there[order]]
        families = self._group[order]
        by_family = families.argsort(kind="stable")
        begins = np.flatnonzero(np.diff(families[by_family], prepend=-1))
        counts = np.diff(begins, append=len(order))
        first = by_family[begins]  # the place of the best of each family
        turns = np.arange(len(order)) - np.repeat(begins, counts)
        best = np.repeat(first <= np.sort(first)[:FAMILIES][-1:].max(initial=-1), counts)
        chosen: list[int] = order[by_family[best & (turns < A_FAMILY)]].tolist()
        return chosen
