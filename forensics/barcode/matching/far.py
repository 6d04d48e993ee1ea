"""The nearest records of a sequence beyond the floor of the search: by shared k-mers, then aligned; not proved.

Far apart, no bound excludes anything, and to align every record takes seconds. So the records are ranked by the
k-mers that they share with the sequence, those of every family for itself, and the best are aligned. A nearer one may
be missed; what is made of it (`forensics.barcode.calling.far`) was learnt with the same search.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
# So many candidates of each class are aligned first.
_OF_CLASS = 4
# Families that say something of a taxon beside the nearest record itself.
_VOTERS = 5


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


class RankVote(NamedTuple):
    """What the nearest records say of a rank.

    Attributes
    ----------
    taxon : str
        That of the nearest record that has one.
    rival : float
        Identity of the nearest record of another taxon; `FAR_FLOOR` where there is none.
    voters : list of str
        Taxa of the nearest families.
    last : float
        Identity of the last of them; `FAR_FLOOR` where there are too few.
    """

    taxon: str
    rival: float
    voters: list[str]
    last: float

    @classmethod
    def of(cls, records: Sequence[FarRecord], rank: str) -> "RankVote":
        """Return what records say, the best first."""
        families: dict[str, str] = {}
        taxon, rival, last = "", FAR_FLOOR, FAR_FLOOR
        for haplotype, identity, ranks in records:
            if not (name := ranks[rank]):
                continue
            taxon = taxon or name
            if name != taxon:
                rival = max(identity, rival)
            if len(families) < _VOTERS:
                families.setdefault(ranks["family"] or str(haplotype), name)
                last = identity if len(families) == _VOTERS else FAR_FLOOR
            elif rival > FAR_FLOOR:
                break
        return cls(taxon, rival, list(families.values()), last)


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
        # The identity of each haplotype that was aligned; negative, one that it does not reach.
        known: dict[str, dict[int, float]] = {strand: {} for strand in query.strands}
        for without in left_out:
            best: dict[int, float] = {}
            found: list[FarRecord] = []
            for strand, some in self._rounds(query, shared, without):
                of_strand, (least, of_another, within) = known[strand], self._needed(found)
                needed = {
                    h: least if self._ranks[self._number[h]]["class"] in within else of_another
                    for h in some
                }
                new = [h for h in some if of_strand.get(h, -2.0) < -needed[h]]
                of_strand.update((h, -needed[h]) for h in new)
                counts = memoryview(shared[strand]).cast("I")
                of_new = array("I", map(counts.__getitem__, new)).tobytes()
                for hit in query.compare(new, [needed[h] for h in new], strand, WHOLE, of_new):
                    of_strand[hit.haplotype] = 1 - hit.edits / hit.length
                for h in some:
                    if of_strand[h] > best.get(h, 0.0):
                        best[h] = of_strand[h]
                ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
                found = [FarRecord(h, near, self.ranks(h)) for h, near in ordered]
            yield found

    def _rounds(
        self, query: IndexQuery, shared: Mapping[str, bytes], without: Collection[int]
    ) -> Iterator[tuple[str, list[int]]]:
        """Yield strands with the candidates that are aligned at once on each.

        First come a few of each class, on the strand on which a record shares most k-mers: they tell how near the others
        must be.
        """
        chosen = {s: self._candidates(query, counts, without) for s, counts in shared.items()}

        def most(strand: str) -> int:
            counts = memoryview(shared[strand]).cast("I")
            return max((counts[haplotype] for haplotype in chosen[strand][:1]), default=0)

        likely, other = sorted(chosen, key=most, reverse=True)
        of_class: Counter[str] = Counter()
        first: list[int] = []
        further: list[int] = []
        for haplotype in chosen[likely]:
            name = self._ranks[self._number[haplotype]]["class"]
            of_class[name] += 1
            (first if of_class[name] <= _OF_CLASS else further).append(haplotype)
        return iter([(likely, first), (likely, further), (other, chosen[other])])

    @staticmethod
    def _needed(found: Sequence[FarRecord]) -> tuple[float, float, tuple[str, ...]]:
        """Return the identities below which a further record changes nothing that is said of the ranks.

        The first is for a record of the nearest record's class, or of none; the second for one of another class. The
        last are the names of the classes for which the first holds.
        """
        if not found:
            return FAR_FLOOR, FAR_FLOOR, ()
        *votes, of_class = (RankVote.of(found, rank) for rank in RANKS)
        least = min(of_class.last, *(min(vote.last, vote.rival) for vote in votes))
        return least, min(least, of_class.rival), ("", of_class.taxon)

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
