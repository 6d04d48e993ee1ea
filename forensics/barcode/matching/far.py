"""The nearest records of a sequence beyond the floor of the search: by shared k-mers, then aligned; not proved.

Far apart, no bound excludes anything, and to align every record takes seconds. So the records are ranked by the
k-mers that they share with the sequence, those of every family for itself, and the best are aligned. A nearer one may
be missed; what is made of it (`forensics.barcode.calling.far`) was learnt with the same search.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from forensics.barcode.matching.index import Index, damaged
from forensics.barcode.matching.kernel import best_of_groups, count_shared
from forensics.barcode.matching.search import WHOLE, IndexQuery
from forensics.errors import LibraryError

#: Identity below which records are like any other: random sequences of barcode length come to 0.6.
FAR_FLOOR = 0.70
RANKS = ("family", "order", "class")
#: Records of a family that are aligned, and families, the best first.
A_FAMILY, FAMILIES = 2, 120


class FarRecord(NamedTuple):
    """A record far from the sequence.

    Attributes
    ----------
    haplotype : int
    identity : float
        Of the shorter of both placed whole in the longer, 0-1.
    ranks : dict of str to str
        Its genus and `RANKS`; "" where one is not known.
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
        self.index = index
        ranks = ("genus", *RANKS)
        values, self._number = index.first_columns(ranks)
        self._ranks = [dict(zip(ranks, names)) for names in values]
        groups: dict[str, int] = {}
        of_number = [
            groups.setdefault(next(filter(None, names[1:]), ""), len(groups)) for names in values
        ]
        self._group = array("I", map(of_number.__getitem__, self._number)).tobytes()
        self._groups = len(groups)
        self._lengths = bytes(index.lengths)

    def ranks(self, haplotype: int) -> dict[str, str]:
        """Return the genus and `RANKS` of a haplotype, by its first record."""
        return self._ranks[self._number[haplotype]]

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

        Raises
        ------
        LibraryError
            If the index contradicts itself.
        """
        query = IndexQuery(self.index, sequence)
        try:
            shared = {
                strand: count_shared(text, self.index.tables, self.index.size)
                for strand, text in query.strands.items()
            }
        except ValueError as error:  # the file is not what its header says
            raise LibraryError(damaged(self.index.path or self.index.locus)) from error
        # The identity of each haplotype that was aligned, 0 below FAR_FLOOR.
        known: dict[str, dict[int, float]] = {strand: {} for strand in query.strands}
        for without in left_out:
            best: dict[int, float] = {}
            for strand, counts in shared.items():
                of_strand, chosen = known[strand], self._candidates(query, counts, without)
                new = [haplotype for haplotype in chosen if haplotype not in of_strand]
                of_strand.update(dict.fromkeys(new, 0.0))
                for hit in query.compare(new, [FAR_FLOOR] * len(new), strand, WHOLE):
                    of_strand[hit.haplotype] = 1 - hit.edits / hit.length
                for haplotype in chosen:
                    best[haplotype] = max(of_strand[haplotype], best.get(haplotype, 0.0))
            ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
            yield [
                FarRecord(haplotype, near, self.ranks(haplotype))
                for haplotype, near in ordered
                if near
            ]

    def _candidates(self, query: IndexQuery, shared: bytes, without: Collection[int]) -> list[int]:
        """Return the haplotypes with the highest shares of k-mers, a few of each family; no short ones."""
        left_out = bytearray(self.index.size)
        for haplotype in without:
            left_out[haplotype] = 1
        return best_of_groups(
            shared, self._lengths, self._group, bytes(left_out),
            length=query.length, least=query.least, groups=self._groups,
            each=A_FAMILY, most=FAMILIES,
        )  # fmt: skip
