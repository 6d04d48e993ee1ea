"""The nearest records of a sequence beyond the floor of the search: by shared k-mers, then aligned; not proved.

Far apart, no bound excludes anything, and to align every record takes seconds. So the records are ranked by the
k-mers that they share with the sequence, those of every family for itself, and the best are aligned. A nearer one may
be missed; what is made of it (`forensics.barcode.calling.far`) was learnt with the same search.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import identity
from forensics.barcode.matching.reference import Tables, kmers_of
from forensics.barcode.matching.search import MINIMUM_COVERAGE
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
        self._group = np.array([numbers[key] for key in keys])
        self._tables = Tables(index.tables, index.size)

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
        strands = [(s, self._scores(s)) for s in (sequence, reverse_complement(sequence))]
        distances: dict[tuple[str, int], float] = {}
        for without in left_out:
            yield self._aligned(strands, without, distances)

    def _aligned(
        self,
        strands: "Sequence[tuple[str, np.ndarray]]",
        without: Collection[int],
        known: dict[tuple[str, int], float],
    ) -> list[FarRecord]:
        """Return the records that reach the floor; identities that are `known` are not computed again."""
        best: dict[int, float] = {}
        for strand, scores in strands:
            for haplotype in self._candidates(scores, without):
                if (strand, haplotype) not in known:
                    other = self.index.sequence(haplotype)
                    known[strand, haplotype] = identity(strand, other, least=FAR_FLOOR)
                best[haplotype] = max(known[strand, haplotype], best.get(haplotype, 0.0))
        ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [
            FarRecord(haplotype, near, {rank: self.names[rank][haplotype] for rank in RANKS})
            for haplotype, near in ordered
            if near
        ]

    def _scores(self, strand: str) -> "np.ndarray":
        """Return the share of k-mers that each haplotype has of a strand; 0 for those that are too short."""
        import numpy as np

        shared = self._shared(strand) / np.minimum(self._tables.lengths, len(strand))
        expected = min(len(strand), find_locus(self.index.locus).expected_length)
        shared[self._tables.lengths < ceil(MINIMUM_COVERAGE * expected)] = 0
        return shared

    def _candidates(self, scores: "np.ndarray", without: Collection[int]) -> list[int]:
        """Return the haplotypes with the highest scores, a few of each family."""
        import numpy as np

        scores = scores.copy()
        scores[list(without)] = 0
        order = np.argsort(-scores, kind="stable")[: np.count_nonzero(scores)]
        taken: dict[int, int] = {}
        chosen = []
        for haplotype, group in zip(order.tolist(), self._group[order].tolist()):
            count = taken.get(group, 0)
            if count < A_FAMILY and (count or len(taken) < FAMILIES):
                taken[group] = count + 1
                chosen.append(haplotype)
        return chosen

    def _shared(self, strand: str) -> "np.ndarray":
        """Return how many of the distinct k-mers of a strand each haplotype has."""
        import numpy as np

        shared = np.zeros(self.index.size, np.int32)
        for kmer in set(kmers_of(strand.encode("ascii"))) - {-1}:
            shared += self._tables.haplotypes_with(kmer)
        return shared
