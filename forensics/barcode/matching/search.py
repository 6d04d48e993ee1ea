"""The nearest reference records of a sequence, on both strands, with proof.

Distance
    The shorter of two sequences is placed whole, with free ends, inside the longer
    (the query counts as the shorter of two equally long); its edits are counted.
    Identity is 1 - edits / length of the shorter. IUPAC codes match what they can
    stand for. Coverage is the compared length over the smaller of the query's and
    the locus's expected length, at most 1; below `MINIMUM_COVERAGE` nothing is
    compared, and the number of such records is reported.

Partial overlap
    Where query and record each stick out at one end, neither can be placed whole
    without paying for what sticks out. Such a pair is compared on its overlap:
    *m* bases of the query, its first or its last, are placed whole in the record,
    where *m* is the least length that reaches `MINIMUM_COVERAGE`; from each place
    where they fit best, the rest of the record up to its end is placed at that end
    of the query, and its edits are counted over the shorter of both overlapping
    parts, each of which must be at least *m* long. It counts only from
    `PARTIAL_FLOOR` on: a quarter of the sequence may be unseen, so what is seen must be
    nearly the same. Of the whole and the partial placements the one with the highest
    identity counts; a partial one is marked, never mixed in unseen.

Proof
    Cut a sequence into k-mers side by side. Every edit spoils at most one of them
    and each unspoiled one occurs in the other sequence, so if *c* of *n* distinct
    k-mers occur there, at least *n - c* edits separate the two. K-mers with an IUPAC
    code are left out of *n*; each IUPAC code of the other sequence may hide one, and
    is added to *c*. All placements are tried in the order of that bound until it
    exceeds what could still matter. `exhaustive_search` is the plain version.
"""

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from forensics.barcode.locus import find_locus
from forensics.barcode.matching.bounds import (
    LEFT,
    RIGHT,
    WHOLE,
    PlacementBounds,
    bounds_of,
    bounds_of_short,
)
from forensics.barcode.matching.comparing import Comparison
from forensics.barcode.matching.index import Index, damaged
from forensics.barcode.options import FLOOR
from forensics.barcode.sequence import ambiguous_count, reverse_complement
from forensics.errors import LibraryError

# By analogy with the BARCODE data standard, where at least 75 % of the region must be there
# for a record to count as a barcode (Hanner 2009, Data Standards for BARCODE Records in INSDC, v2.3).
MINIMUM_COVERAGE = 0.75
# Identity from which a partial overlap counts. Chosen so that the k-mer bound can prove
# its absence cheaply: in the m bases that must fit at least, 0.90 would allow more edits
# than there are k-mers. Congeners further apart than this are found by their whole
# placement where they can be, and are then at most a genus.
PARTIAL_FLOOR = 0.95
# Species within this of the best are listed even where a second species is nearer: the
# 1 % within which BOLD names a species (Ratnasingham & Hebert 2007,
# doi:10.1111/j.1471-8286.2007.01678.x).
MARGIN = 0.01
# How far further species are looked for beside the best: below this none is close enough
# to change a call, and proving its absence costs ten times as much at 0.90 as at 0.92
# (docs/decisions/search.md).
HORIZON = 0.92
# So many species are proved at least: the best, the closest other, and one more, from
# which a decision sees how crowded the neighbourhood is.
SPECIES = 3
# Identities are ratios of small whole numbers; this is far below the distance of any two.
_TOLERANCE = 1e-9
# Longer sequences are searched in windows. The k-mers of a record are all found by chance in a sequence
# of some 4**8 bases, so that nothing can be excluded and every record would be aligned to all of it.
# 300,000 random bases against the embedded library took minutes so, and take seconds in windows.
MAX_LENGTH_AT_ONCE = 10_000
# Windows have so many times the length of their overlap.
_OVERLAPS = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A haplotype and how it compares with the query.

    Attributes
    ----------
    haplotype : int
        Number in the index.
    identity : float
        1 - edits / length.
    edits : int
        Substitutions, insertions and deletions.
    length : int
        Bases compared: the shorter sequence, or the overlap.
    coverage : float
        `length` over what was expected, 0-1.
    strand : str
        ``+`` as given, ``-`` reverse complement.
    placement : str
        ``whole``, or ``right`` or ``left`` where the query sticks out at that end.
    """

    haplotype: int
    identity: float
    edits: int
    length: int
    coverage: float
    strand: str
    placement: str

    @property
    def order(self) -> tuple[float, int, int, bool, bool]:
        """Sort key: identity, length, place in the index; whole and ``+`` before the others."""
        return _order(self.identity, self.length, self.haplotype, self.placement, self.strand)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    Attributes
    ----------
    hits : tuple of Hit
        Every haplotype with an identity of at least `proved_to`, best first.
    proved_to : float
        No other haplotype of the index that was compared reaches this identity.
    not_compared : int
        Records too short for the minimum coverage.
    short : tuple of Hit
        Haplotypes of such records that, placed whole in the query, come at least as near as
        the best hit (or, without hits, reach the floor): they stand against the call.
    aligned : int
        Alignments made.
    """

    hits: tuple[Hit, ...]
    proved_to: float
    not_compared: int
    aligned: int
    short: tuple[Hit, ...] = ()


class IndexQuery:
    """A query against one index: its strands, limits, and alignments with haplotypes.

    Parameters
    ----------
    index : Index
    sequence : str
        Clean.
    minimum_coverage : float
        Least coverage at which a record is compared, 0-1.
    """

    def __init__(self, index: Index, sequence: str, minimum_coverage: float) -> None:
        self.index = index
        self.length = len(sequence)
        self.basis = min(self.length, find_locus(index.locus).expected_length)
        # Length of the least overlap that is compared.
        self.least = max(1, math.ceil(minimum_coverage * self.basis - _TOLERANCE))
        self.first = bisect_left(index.lengths, self.least)
        self.longer = bisect_left(index.lengths, self.length)
        if self.first > self.longer:  # only where the lengths do not ascend
            raise LibraryError(damaged(index.locus))
        self.ambiguous = ambiguous_count(sequence)
        self.strands = {"+": sequence.encode("ascii")}
        self.strands["-"] = reverse_complement(sequence).encode("ascii")
        self.aligned = 0
        self._comparisons: dict[str, Comparison] = {}

    def compare(
        self, haplotypes: Sequence[int], needed: Sequence[float], strand: str, placement: str
    ) -> Iterator[Hit]:
        """Yield the hits of one placement; each haplotype must reach its share of `needed`."""
        if not haplotypes:
            return
        if placement != WHOLE:
            needed = [max(identity, PARTIAL_FLOOR) for identity in needed]
        compared, aligned = self._comparison(strand).compare(haplotypes, needed, placement)
        self.aligned += aligned
        for haplotype, least, (edits, length) in zip(haplotypes, needed, compared):
            if edits < 0:
                continue
            if placement == WHOLE and length != min(self.length, self.index.lengths[haplotype]):
                raise LibraryError(damaged(self.index.path or self.index.locus))
            identity = (length - edits) / length
            if identity >= least - _TOLERANCE:
                coverage = min(1.0, length / self.basis)
                yield Hit(haplotype, identity, edits, length, coverage, strand, placement)

    def compare_all(
        self, haplotypes: bytes, needed: bytes, strand: str, placement: int
    ) -> tuple[bytes, bytes]:
        """Return edits and bases of one placement, as `Comparison.compare_arrays` does."""
        edits, lengths, aligned = self._comparison(strand).compare_arrays(
            haplotypes, needed, placement
        )
        self.aligned += aligned
        return edits, lengths

    def _comparison(self, strand: str) -> Comparison:
        if strand not in self._comparisons:
            self._comparisons[strand] = Comparison(self.index, self.strands[strand], self.least)
        return self._comparisons[strand]

    def short(self, limit: float) -> Iterator[Hit]:
        """Yield the haplotypes too short to be compared that reach `limit` all the same."""
        most = math.floor((1 - limit) * self.least + _TOLERANCE)
        for bound in bounds_of_short(self, most):
            for edits in bound.levels(most):
                near = []
                for haplotype in bound.haplotypes_at(edits):
                    length = self.index.lengths[haplotype]
                    if not length:
                        raise LibraryError(damaged(self.index.locus))
                    if (length - edits) / length >= limit - _TOLERANCE:
                        near.append(haplotype)
                yield from self.compare(near, [limit] * len(near), bound.strand, WHOLE)


def search(
    index: Index,
    sequence: str,
    *,
    floor: float = FLOOR,
    margin: float = MARGIN,
    minimum_coverage: float = MINIMUM_COVERAGE,
    down_to_floor: bool = False,
    exclude_species: int | Collection[int] | None = None,
    short: bool = True,
) -> Search:
    """Find the nearest haplotypes of a sequence and prove that there are no nearer ones.

    Parameters
    ----------
    index : Index
        The reference records of one locus.
    sequence : str
        A clean sequence (`forensics.barcode.sequence.clean`).
    floor : float
        Identity under which nothing is a neighbour, 0-1.
    margin : float
        Everything within this of the best identity is found, and beyond it the nearest
        haplotypes of `SPECIES` species, as far as they reach `HORIZON`.
    minimum_coverage : float
        Least coverage at which a record is compared, 0-1.
    down_to_floor : bool
        Find everything down to `floor`.
    exclude_species : int or collection of int, optional
        Numbers of species that are found but do not count when it is decided how far to
        look; so one search serves to leave out a record, its whole species and its genus.
    short : bool
        Whether to look for records too short to be compared that are as near (`Search.short`).

    Returns
    -------
    Search
    """
    ignored = exclude_species if isinstance(exclude_species, Collection) else (exclude_species,)
    query = IndexQuery(index, sequence, minimum_coverage)
    if query.length > max(MAX_LENGTH_AT_ONCE, _window(index, floor)[0]):
        return _search_windows(
            query, sequence, floor, margin, minimum_coverage, down_to_floor, ignored
        )
    best: dict[int, Hit] = {}
    species: dict[int, float] = {}
    needed = floor
    bounds = [bound for bound in bounds_of(query, floor, max(floor, PARTIAL_FLOOR)) if bound]
    lengths = index.lengths
    # No placement compares more bases than the query has.
    most = min(query.length, math.floor((1 - floor + _TOLERANCE) * query.length))
    by_edits: dict[int, list[PlacementBounds]] = {}
    for bound in bounds:
        for edits in bound.levels(most):
            by_edits.setdefault(edits, []).append(bound)
    for edits, placements in sorted(by_edits.items()):
        left = 1 - edits / query.length
        if left < needed - _TOLERANCE:
            break
        for bound in placements:
            is_whole = bound.placement == WHOLE
            least = needed if is_whole else max(needed, PARTIAL_FLOOR)
            if left < least - _TOLERANCE:
                continue
            # In a shorter haplotype so many edits are too many; they are numbered by length.
            shortest = int(edits / (1 - least + _TOLERANCE)) if is_whole else 0
            first = bisect_left(lengths, shortest) if shortest > query.least else 0
            to_align, needs = [], []
            for haplotype in bound.haplotypes_at(edits, first, needed):
                known = best.get(haplotype)
                at_least = max(needed, least, known.identity) if known else max(needed, least)
                shorter = min(query.length, lengths[haplotype])
                if not shorter:
                    raise LibraryError(damaged(index.locus))
                reach = bound.reach(edits, shorter)
                if reach < at_least - _TOLERANCE:
                    continue
                if known and known.order <= _order(
                    reach, shorter, haplotype, bound.placement, bound.strand
                ):
                    continue
                to_align.append(haplotype)
                needs.append(at_least)
            if not to_align:
                continue
            for hit in query.compare(to_align, needs, bound.strand, bound.placement):
                known = best.get(hit.haplotype)
                if known and hit.order >= known.order:
                    continue
                best[hit.haplotype] = hit
                if down_to_floor:
                    continue
                for number in index.species(hit.haplotype):
                    if number not in ignored:
                        species[number] = max(hit.identity, species.get(number, 0.0))
            if not down_to_floor:
                needed = reporting_cutoff(species.values(), floor=floor, margin=margin)
    hits = [hit for hit in best.values() if hit.identity >= needed - _TOLERANCE]
    return _make_search(query, hits, needed, short=None if short else ())


def _window(index: Index, floor: float) -> tuple[int, int]:
    """Return the length of windows in bases, and by how many they overlap."""
    overlap = math.ceil((2 - floor) * index.lengths[-1]) + 1
    return max(_OVERLAPS * overlap, 2 * find_locus(index.locus).expected_length), overlap


def _search_windows(
    query: IndexQuery,
    sequence: str,
    floor: float,
    margin: float,
    minimum_coverage: float,
    down_to_floor: bool,
    ignored: Collection[int | None],
) -> Search:
    """Search a long sequence in windows, and compare all of it with what is near in one of them.

    A record that is placed whole with an identity of at least `floor` covers at most ``2 - floor`` times its
    own length of the sequence. Windows overlap by as much for the longest record, so that one of them
    holds the place, and both ends of the sequence are ends of windows. So the hits are those of a
    search of the whole.
    """
    index = query.index
    width, overlap = _window(index, floor)
    last = max(0, query.length - width)
    near: set[int] = set()
    brief: set[int] = set()
    for start in (*range(0, last, width - overlap), last):
        window = sequence[start : start + width]
        result = search(
            index, window, floor=floor, minimum_coverage=minimum_coverage, down_to_floor=True
        )
        near.update(hit.haplotype for hit in result.hits)
        brief.update(hit.haplotype for hit in result.short)
        query.aligned += result.aligned
    hits = sorted(_best_placed(query, sorted(near), floor), key=lambda hit: hit.order)
    species: dict[int, float] = {}
    for hit in hits:
        for number in index.species(hit.haplotype):
            if number not in ignored:
                species[number] = max(hit.identity, species.get(number, 0.0))
    needed = (
        floor if down_to_floor else reporting_cutoff(species.values(), floor=floor, margin=margin)
    )
    limit = hits[0].identity if hits else needed
    short = [
        hit
        for strand in query.strands
        for hit in query.compare(sorted(brief), [limit] * len(brief), strand, WHOLE)
    ]
    return _make_search(
        query,
        [hit for hit in hits if hit.identity >= needed - _TOLERANCE],
        needed,
        short=short,
    )


def _make_search(
    query: IndexQuery, hits: list[Hit], proved_to: float, *, short: Iterable[Hit] | None = None
) -> Search:
    hits = sorted(hits, key=lambda hit: hit.order)
    if short is None:
        short = query.short(hits[0].identity if hits else proved_to)
    by_haplotype = {hit.haplotype: hit for hit in short}
    return Search(
        hits=tuple(hits),
        proved_to=proved_to,
        not_compared=query.index.records_below(query.first),
        aligned=query.aligned,
        short=tuple(sorted(by_haplotype.values(), key=lambda hit: hit.order)),
    )


def short_hits(
    index: Index, sequence: str, limit: float, *, minimum_coverage: float = MINIMUM_COVERAGE
) -> tuple[Hit, ...]:
    """Return what is too short to be compared and reaches an identity all the same, best first."""
    query = IndexQuery(index, sequence, minimum_coverage)
    short = {hit.haplotype: hit for hit in query.short(limit)}
    return tuple(sorted(short.values(), key=lambda hit: hit.order))


def reporting_cutoff(
    species: Iterable[float],
    *,
    floor: float = FLOOR,
    margin: float = MARGIN,
    horizon: float = HORIZON,
) -> float:
    """Return the identity down to which hits are reported, given the best of each species."""
    nearest = sorted(species, reverse=True)[:SPECIES]
    if not nearest:
        return floor
    further = nearest[-1] if len(nearest) == SPECIES else 0.0
    return max(floor, min(nearest[0] - margin, max(horizon, further)))


def exhaustive_search(
    index: Index,
    sequence: str,
    *,
    floor: float = FLOOR,
    minimum_coverage: float = MINIMUM_COVERAGE,
    among: Iterable[int] | None = None,
) -> Search:
    """Compare a sequence with every record, without any bound; the yardstick of `search`.

    Parameters and result are those of ``search(…, down_to_floor=True)``. With `among`, numbers of
    haplotypes, it is compared with these alone.
    """
    query = IndexQuery(index, sequence, minimum_coverage)
    compared: Sequence[int] = range(query.first, index.size)
    if among is not None:
        compared = sorted(set(among) & set(compared))
    return _make_search(query, _best_placed(query, compared, floor), floor)


def _best_placed(query: IndexQuery, haplotypes: Sequence[int], floor: float) -> list[Hit]:
    """Return the best hit of each haplotype that reaches `floor`, of all placements on both strands."""
    best: dict[int, Hit] = {}
    for strand in query.strands:
        for placement in (WHOLE, RIGHT, LEFT):
            for hit in query.compare(haplotypes, [floor] * len(haplotypes), strand, placement):
                known = best.get(hit.haplotype)
                if known is None or hit.order < known.order:
                    best[hit.haplotype] = hit
    return list(best.values())


def _order(identity: float, length: int, haplotype: int, placement: str, strand: str) -> tuple:
    return (-identity, -length, haplotype, placement != WHOLE, strand != "+")
