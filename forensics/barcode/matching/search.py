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
    k-mers occur there, at least *n - c* edits separate the two. K-mers of the query with an
    IUPAC code are left out of *n*. A record counts as having every k-mer that its codes can
    stand for. A k-mer that can stand for more than 64 may hide any other: how many of these lie
    side by side in the record is added to *c*. All placements are tried in the order of that bound until it
    exceeds what could still matter. `exhaustive_search` is the plain version.

Bounds
    K-mers of the query are looked at from every second place on. An edit spoils only k-mers that
    share one base, so there are at least as many edits as the fewest bases that hit every k-mer
    that the record lacks. Where the query's first or last bases overlap a record, the k-mers of
    these count. `forensics.barcode.matching.kernel` does the counting. A bound decides only what is
    aligned, so the answers are the same whichever bounds there are.

Candidates
    The species among the hits, each with its best hit.

Alignment
    The search counts edits; for the few records that somebody looks at, `align` aligns the same
    placement once more with its path, base by base.
"""

import math
import struct
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from forensics.barcode.locus import IUPAC, ambiguous_count, find_locus, reverse_complement
from forensics.barcode.matching import kernel
from forensics.barcode.matching.index import Index, damaged
from forensics.barcode.matching.kernel import best_starts, prefix_path, semiglobal_path
from forensics.barcode.options import FLOOR
from forensics.errors import LibraryError
from forensics.messages import _
from forensics.taxonomy.names import genus_of

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
# Haplotypes of a species that are asked what they explain of a query (`forensics.barcode.chimera`).
OF_SPECIES = 4
#: Identities are ratios of small whole numbers; this is far below the distance of any two.
TOLERANCE = 1e-9
#: Placements of a query on a record.
WHOLE, RIGHT, LEFT = "whole", "right", "left"
#: The placements as the kernel numbers them.
NUMBERS = {WHOLE: kernel.WHOLE, RIGHT: kernel.RIGHT, LEFT: kernel.LEFT}
# Read on the other strand, what sticks out on the right sticks out on the left.
_TURNED = {WHOLE: WHOLE, RIGHT: LEFT, LEFT: RIGHT}
# Longer sequences are searched in windows. The k-mers of a record are all found by chance in a sequence
# of some 4**8 bases, so that nothing can be excluded and every record would be aligned to all of it.
# 300,000 random bases against the embedded library took minutes so, and take seconds in windows.
MAX_LENGTH_AT_ONCE = 10_000
# Windows have so many times the length of their overlap.
_OVERLAPS = 3


class Hit(NamedTuple):
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
    def order(self) -> tuple[float, int, int, bool, bool, int]:
        """Sort key: identity, length, place in the index; whole, ``+`` and right before the others."""
        return _order(self.identity, self.length, self.haplotype, self.placement, self.strand)


class Search(NamedTuple):
    """What a search found.

    Attributes
    ----------
    hits : tuple of Hit
        Every haplotype with an identity of at least `proved_to`, best first; where `search` was given
        `of_species`, only so many of each species.
    proved_to : float
        No other haplotype of the index that was compared reaches this identity; where `search` was given
        `of_species`, none of any other species.
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

    Attributes
    ----------
    length, basis, least : int
        Bases of the query, of what a record may cover of it, and of the least overlap that is compared.
    first, longer : int
        The first haplotype of at least `least` bases, and of at least those of the query.
    aligned : int
        Alignments made so far.
    """

    def __init__(self, index: Index, sequence: str) -> None:
        self.index = index
        self.length = len(sequence)
        self.basis = min(self.length, find_locus(index.locus).expected_length)
        self.least = max(1, math.ceil(MINIMUM_COVERAGE * self.basis - TOLERANCE))
        self.first = bisect_left(index.lengths, self.least)
        self.longer = bisect_left(index.lengths, self.length)
        if self.first > self.longer:  # only where the lengths do not ascend
            raise LibraryError(damaged(index.locus))
        self.ambiguous = ambiguous_count(sequence)
        self.strands = {"+": sequence.encode("ascii")}
        self.strands["-"] = reverse_complement(sequence).encode("ascii")
        self.aligned = 0
        self._prepared: dict[str, object] = {}

    def compare(
        self, haplotypes: Sequence[int], needed: Sequence[float], strand: str, placement: str, shared: bytes = b"",
    ) -> Iterator[Hit]:  # fmt: skip
        """Yield the hits of one placement; each haplotype must reach its share of `needed`.

        `shared` as of `kernel.compare_many`.
        """
        count = len(haplotypes)
        if not count:
            return
        if placement != WHOLE:
            needed = [max(identity, PARTIAL_FLOOR) for identity in needed]
        compared = self.compare_all(
            struct.pack(f"{count}I", *haplotypes),
            struct.pack(f"{count}d", *needed),
            strand,
            placement,
            shared,
        )
        both = zip(*(memoryview(numbers).cast("i") for numbers in compared))
        for haplotype, least, (edits, length) in zip(haplotypes, needed, both):
            if edits < 0:
                continue
            if placement == WHOLE and not 0 < length == min(
                self.length, self.index.lengths[haplotype]
            ):
                raise LibraryError(damaged(self.index.path or self.index.locus))
            identity = (length - edits) / length
            if identity >= least - TOLERANCE:
                coverage = min(1.0, length / self.basis)
                yield Hit(haplotype, identity, edits, length, coverage, strand, placement)

    def compare_all(
        self, haplotypes: bytes, needed: bytes, strand: str, placement: str, shared: bytes = b""
    ) -> tuple[bytes, bytes]:
        """Return the edits of each haplotype and over how many bases, both int32.

        Parameters
        ----------
        haplotypes : bytes of uint32
        needed : bytes of float64
            The identity that each must reach; the edits are -1 where it does not.
        shared : bytes of uint32
            As of `kernel.compare_many`.

        Raises
        ------
        LibraryError
            If the index contradicts itself.
        """
        if strand not in self._prepared:
            self._prepared[strand] = kernel.prepare_query(self.strands[strand], self.least)
        offsets, sequences = self.index.tables[6:8]
        try:
            edits, lengths, aligned = kernel.compare_many(
                self._prepared[strand],
                NUMBERS[placement],
                sequences,
                offsets,
                haplotypes,
                needed,
                shared,
            )
        except ValueError as error:  # the file is not what its header says
            raise LibraryError(damaged(self.index.path or self.index.locus)) from error
        self.aligned += aligned
        return edits, lengths

    def short(self, limit: float) -> Iterator[Hit]:
        """Yield the haplotypes too short to be compared that reach `limit` all the same."""
        for strand in self.strands:
            yield from self.compare(range(self.first), [limit] * self.first, strand, WHOLE)


class PlacementBounds:
    """How many edits haplotypes cost at least by one placement on one strand; most are computed when asked for."""

    def __init__(
        self, query: IndexQuery, strand: str, placement: str, bounds: kernel.StrandBounds
    ) -> None:
        self.strand, self.placement = strand, placement
        self._index, self._length, self._bounds = query.index, query.length, bounds
        self._smallest = bounds.smallest(NUMBERS[placement])

    def __bool__(self) -> bool:
        """Return whether there may be a haplotype within the limits."""
        return self._smallest is not None and self._smallest <= self._length

    def levels(self, most: int) -> Iterable[int]:
        """Return the bounds up to `most`, ascending, but those that no haplotype has for sure."""
        return () if self._smallest is None else range(self._smallest, most + 1)

    def haplotypes_at(self, edits: int, first: int = 0, needed: float = 0.0) -> memoryview:
        """Return the haplotypes from `first` on whose bound is `edits`, ascending.

        From then on, what cannot reach the identity `needed` may be left out.

        Raises
        ------
        LibraryError
            If the tables of the index contradict each other.
        """
        try:
            return self._bounds.records_at(NUMBERS[self.placement], edits, first, 1 - needed)
        except ValueError as error:
            raise LibraryError(damaged(self._index.locus)) from error

    def reach(self, edits: int, shorter: int) -> float:
        """Return the highest identity that a bound leaves.

        Parameters
        ----------
        edits : int
            The bound.
        shorter : int
            Bases of the query or the record, whichever has fewer.
        """
        # That of a partial overlap is stated over the whole query.
        basis = shorter if self.placement == WHOLE else self._length
        return (basis - edits) / basis


def bounds_of(query: IndexQuery, floor: float, partial_floor: float) -> list[PlacementBounds]:
    """Return the bounds of every placement on both strands.

    Parameters
    ----------
    query : IndexQuery
    floor, partial_floor : float
        Identities under which a whole and a partial placement do not count; what cannot
        reach them may be left out.

    Raises
    ------
    LibraryError
        If the tables of the index contradict each other.
    """
    if query.first >= query.index.size:
        return []
    whole, part = (
        math.floor((1 - least) * query.length + TOLERANCE) for least in (floor, partial_floor)
    )
    try:
        of_strand = {
            strand: kernel.StrandBounds(
                text, query.index.tables, query.index.size, query.least, query.first,
                query.longer, query.ambiguous, 1 - floor, whole, part,
            )
            for strand, text in query.strands.items()
        }  # fmt: skip
    except ValueError as error:  # the file is not what its header says
        raise LibraryError(damaged(query.index.locus)) from error
    return [
        PlacementBounds(query, strand, placement, bounds)
        for strand, bounds in of_strand.items()
        for placement in (WHOLE, RIGHT, LEFT)  # what is near whole is seldom nearer in part
    ]


def search(
    index: Index,
    sequence: str,
    *,
    floor: float = FLOOR,
    margin: float = MARGIN,
    down_to_floor: bool = False,
    exclude_species: int | Collection[int] | None = None,
    of_species: int = 0,
    short: bool = True,
) -> Search:
    """Find the nearest haplotypes of a sequence and prove that there are no nearer ones.

    Parameters
    ----------
    index : Index
        The reference records of one locus.
    sequence : str
        A clean sequence (`forensics.barcode.locus.clean`).
    floor : float
        Identity under which nothing is a neighbour, 0-1.
    margin : float
        Everything within this of the best identity is found, and beyond it the nearest
        haplotypes of `SPECIES` species, as far as they reach `HORIZON`.
    down_to_floor : bool
        Find everything down to `floor`.
    exclude_species : int or collection of int, optional
        Numbers of species that are found but do not count when it is decided how far to
        look; so one search serves to leave out a record, its whole species and its genus.
    of_species : int
        So many haplotypes of each species, the nearest ones, are found (at most `kernel.MAX_OF_SPECIES`), and all
        that are as near as the best; by default all. Where a library has thousands of a species, most need not be
        aligned.
    short : bool
        Whether to look for records too short to be compared that are as near (`Search.short`).

    Returns
    -------
    Search

    Raises
    ------
    LibraryError
        If the index contradicts itself.
    ValueError
        If `of_species` is too large.
    """
    if not 0 <= of_species <= kernel.MAX_OF_SPECIES:
        raise ValueError(f"of_species is {of_species}, not 0 to {kernel.MAX_OF_SPECIES}")
    ignored = exclude_species if isinstance(exclude_species, Collection) else (exclude_species,)
    counted_out = frozenset(number for number in ignored if number is not None)
    scope = _Scope(floor, margin, down_to_floor, counted_out, of_species)
    return _search_each(index, [sequence], scope, short=short)[0]


SearchLoci = Callable[
    [Sequence[tuple[str, Sequence[str]]], Callable[[str], Index]], list[dict[str, Search]]
]
"""`search_loci` with its options."""


def search_loci(
    queries: Sequence[tuple[str, Sequence[str]]],
    index_of: Callable[[str], Index],
    *,
    floor: float,
    of_species: int,
) -> list[dict[str, Search]]:
    """Search for several sequences at several loci, each locus in one call of the kernel.

    Parameters
    ----------
    queries : sequence of (str, sequence of str)
        Clean sequences, and the loci at which to search for each.
    index_of : callable
        From the name of a locus to its index; asked just before it is searched.
    floor, of_species
        As of `search`.

    Returns
    -------
    list of dict of str to Search
        Of each sequence the searches by locus, in the order of its loci.
    """
    scope = _Scope(floor, MARGIN, False, frozenset(), of_species)
    searches: list[dict[str, Search]] = [{} for _query in queries]
    for locus in dict.fromkeys(locus for _text, loci in queries for locus in loci):
        asked = [number for number, (_text, loci) in enumerate(queries) if locus in loci]
        sequences = [queries[number][0] for number in asked]
        for number, found in zip(
            asked, _search_each(index_of(locus), sequences, scope, short=True)
        ):
            searches[number][locus] = found
    return [
        {locus: found[locus] for locus in loci} for found, (_text, loci) in zip(searches, queries)
    ]


def _search_each(
    index: Index, sequences: Sequence[str], scope: "_Scope", *, short: bool
) -> list[Search]:
    queries = [IndexQuery(index, sequence) for sequence in sequences]
    most = max(MAX_LENGTH_AT_ONCE, _window(index, scope.floor)[0])
    found = iter(
        _find_near([query for query in queries if query.length <= most], scope, short=short)
    )
    return [
        _search_windows(query, sequence, scope)
        if query.length > most
        else _make_search(query, *next(found), scope)
        for query, sequence in zip(queries, sequences)
    ]


class _Scope(NamedTuple):
    """How far a search looks: see `search`."""

    floor: float
    margin: float
    down_to_floor: bool
    ignored: Collection[int]
    of_species: int

    def cutoff(self, hits: Iterable[float]) -> float:
        """Return the identity down to which hits count, given the best of each species."""
        if self.down_to_floor:
            return self.floor
        return reporting_cutoff(hits, floor=self.floor, margin=self.margin)


#: Every placement on both strands.
EVERYWHERE = {"+": (WHOLE, RIGHT, LEFT), "-": (WHOLE, RIGHT, LEFT)}
# Of a hit, as the kernel gives it; and the placements by their numbers.
_HIT = struct.Struct("<5i")
_NAMES = (WHOLE, RIGHT, LEFT)


def _find_near(
    queries: Sequence[IndexQuery],
    scope: _Scope,
    placements: Mapping[str, Sequence[str]] = EVERYWHERE,
    *,
    short: bool,
) -> list[tuple[list[Hit], float, list[Hit]]]:
    """Return for queries of one index the hits by some placements, the identity proved, and near ones that are too short.

    By the kernel; where it is not compiled or a query is too long for it, by the loop below.
    """
    if not queries or not kernel.takes(max(query.length for query in queries)):
        return [_find_near_here(query, scope, placements, short=short) for query in queries]
    index = queries[0].index
    masks = _mask_of(placements["+"]), _mask_of(placements["-"])
    try:
        found = kernel.search_near(
            tuple(
                ((query.strands["+"], query.strands["-"]), masks,
                 query.least, query.first, query.longer, query.ambiguous)
                for query in queries
            ),
            index.tables, index.size, scope.floor, max(scope.floor, PARTIAL_FLOOR), scope.margin, HORIZON, SPECIES,
            scope.of_species, scope.down_to_floor, struct.pack(f"{len(scope.ignored)}I", *scope.ignored), short,
        )  # fmt: skip
    except ValueError as error:  # the file is not what its header says
        raise LibraryError(damaged(index.path or index.locus)) from error
    results = []
    for query, (near, brief, needed, aligned) in zip(queries, found):
        query.aligned += aligned
        results.append((_read_hits(query, near, needed), needed, _read_hits(query, brief, needed)))
    return results


def _mask_of(placements: Iterable[str]) -> int:
    return sum(1 << NUMBERS[placement] for placement in placements)


def _read_hits(query: IndexQuery, hits: bytes, needed: float) -> list[Hit]:
    """Return what the kernel found, as far as it reaches an identity."""
    return [
        Hit(haplotype, identity, edits, length, min(1.0, length / query.basis), "+-"[minus], _NAMES[number])
        for haplotype, edits, length, minus, number in _HIT.iter_unpack(hits)
        if (identity := (length - edits) / length) >= needed - TOLERANCE
    ]  # fmt: skip


def _find_near_here(
    query: IndexQuery, scope: _Scope, placements: Mapping[str, Sequence[str]], *, short: bool
) -> tuple[list[Hit], float, list[Hit]]:
    index, floor = query.index, scope.floor
    best: dict[int, Hit] = {}
    species: dict[int, float] = {}
    nearest: dict[int, list[float]] = {}
    needed = floor
    bounds = [
        bound
        for bound in bounds_of(query, floor, max(floor, PARTIAL_FLOOR))
        if bound and bound.placement in placements[bound.strand]
    ]
    lengths = index.lengths
    # No placement compares more bases than the query has.
    most = min(query.length, math.floor((1 - floor + TOLERANCE) * query.length))
    by_edits: dict[int, list[PlacementBounds]] = {}
    for bound in bounds:
        for edits in bound.levels(most):
            by_edits.setdefault(edits, []).append(bound)
    for edits, at_level in sorted(by_edits.items()):
        left = 1 - edits / query.length
        if left < needed - TOLERANCE:
            break
        for bound in at_level:
            is_whole = bound.placement == WHOLE
            least = needed if is_whole else max(needed, PARTIAL_FLOOR)
            if left < least - TOLERANCE:
                continue
            # In a shorter haplotype so many edits are too many; they are numbered by length.
            shortest = int(edits / (1 - least + TOLERANCE)) if is_whole else 0
            first = bisect_left(lengths, shortest) if shortest > query.least else 0
            to_align, needs = [], []
            for haplotype in bound.haplotypes_at(edits, first, needed):
                known = best.get(haplotype)
                told = _least_reported(index, haplotype, species, nearest, scope)
                at_least = max(needed, least, told, known.identity if known else 0.0)
                shorter = min(query.length, lengths[haplotype])
                if not shorter:
                    raise LibraryError(damaged(index.locus))
                reach = bound.reach(edits, shorter)
                if reach < at_least - TOLERANCE:
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
                _count_species(species, index, hit, scope.ignored)
                _count_nearest(nearest, index, hit, known, scope.of_species)
            needed = scope.cutoff(species.values())
    hits = [hit for hit in best.values() if hit.identity >= needed - TOLERANCE]
    limit = max((hit.identity for hit in hits), default=needed)
    return hits, needed, list(query.short(limit)) if short else []


def _count_species(
    best: dict[int, float], index: Index, hit: Hit, ignored: Collection[int | None]
) -> None:
    for number in index.species(hit.haplotype):
        if number not in ignored:
            best[number] = max(hit.identity, best.get(number, 0.0))


def _count_nearest(
    nearest: dict[int, list[float]], index: Index, hit: Hit, known: Hit | None, most: int
) -> None:
    """Keep so many of the highest identities of each species, ascending, with a hit in place of the one known."""
    for number in index.species(hit.haplotype) if most else ():
        of_species = nearest.setdefault(number, [])
        if known and known.identity in of_species:
            of_species.remove(known.identity)
        insort(of_species, hit.identity)
        del of_species[:-most]


def _least_reported(
    index: Index,
    haplotype: int,
    species: Mapping[int, float],
    nearest: Mapping[int, Sequence[float]],
    scope: _Scope,
) -> float:
    """Return an identity below which a haplotype is not reported, whatever else is found."""
    if not nearest:
        return 0.0
    counted = (nearest.get(number, ()) for number in index.species(haplotype))
    farthest = min(of[0] if len(of) == scope.of_species else 0.0 for of in counted)
    return min(max(species.values(), default=0.0), farthest)


def _window(index: Index, floor: float) -> tuple[int, int]:
    """Return the length of windows in bases, and by how many they overlap."""
    overlap = math.ceil((2 - floor) * index.lengths[-1]) + 1
    return max(_OVERLAPS * overlap, 2 * find_locus(index.locus).expected_length), overlap


def _search_windows(query: IndexQuery, sequence: str, scope: _Scope) -> Search:
    """Search a long sequence in windows.

    A record that is placed whole with an identity of at least `floor` covers at most ``2 - floor`` times its
    own length of the sequence. Windows overlap by as much for the longest record, so that one of them
    holds the place, with its edits. Only at the ends of the sequence, which are ends of windows, does anything
    stick out. So the hits are those of a search of the whole. What is near in some windows says how far the next ones
    are searched: more hits can only narrow what counts.
    """
    index, needed = query.index, scope.floor
    width, overlap = _window(index, scope.floor)
    last = max(0, query.length - width)
    best: dict[int, Hit] = {}
    brief: dict[int, Hit] = {}
    species: dict[int, float] = {}
    for start in (*range(0, last, width - overlap), last):
        # A right end that sticks out lets the query's first bases lie in the record.
        ends = [RIGHT] * (start == 0), [LEFT] * (start == last)
        placements = {"+": (WHOLE, *ends[0], *ends[1])}
        placements["-"] = tuple(_TURNED[placement] for placement in placements["+"])
        window = IndexQuery(index, sequence[start : start + width])
        ((hits, _proved, short),) = _find_near(
            [window], scope._replace(floor=needed), placements, short=True
        )
        query.aligned += window.aligned
        for found, known in ((hits, best), (short, brief)):
            for hit in found:
                if hit.haplotype not in known or hit.order < known[hit.haplotype].order:
                    known[hit.haplotype] = hit
        for hit in hits:
            _count_species(species, index, hit, scope.ignored)
        needed = scope.cutoff(species.values())
    limit = max((hit.identity for hit in best.values()), default=needed)
    return _make_search(
        query,
        [hit for hit in best.values() if hit.identity >= needed - TOLERANCE],
        needed,
        [hit for hit in brief.values() if hit.identity >= limit - TOLERANCE],
        scope,
    )


def _make_search(
    query: IndexQuery,
    hits: Iterable[Hit],
    proved_to: float,
    short: Iterable[Hit],
    scope: "_Scope | None" = None,
) -> Search:
    ordered = sorted(hits, key=lambda hit: hit.order)
    if scope and scope.of_species and ordered:
        ordered = list(_reported(query.index, ordered, scope))
    by_haplotype = {hit.haplotype: hit for hit in short}
    return Search(
        hits=tuple(ordered),
        proved_to=proved_to,
        not_compared=query.index.records_below(query.first),
        aligned=query.aligned,
        short=tuple(sorted(by_haplotype.values(), key=lambda hit: hit.order)),
    )


def _reported(index: Index, hits: Sequence[Hit], scope: _Scope) -> Iterator[Hit]:
    """Yield the hits that are reported, of those given best first: so many of each species, and all ties for the best."""
    counted: Counter[int] = Counter()
    for hit in hits:
        species = index.species(hit.haplotype)
        if hit.identity == hits[0].identity or any(
            counted[number] < scope.of_species for number in species
        ):
            yield hit
        for number in species:
            counted[number] += 1


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
    among: Iterable[int] | None = None,
) -> Search:
    """Compare a sequence with every record, without any bound; the yardstick of `search`.

    Parameters and result are those of ``search(…, down_to_floor=True)``. With `among`, numbers of
    haplotypes, it is compared with these alone, and none is looked for that is too short.
    """
    query = IndexQuery(index, sequence)
    compared: Sequence[int] = range(query.first, index.size)
    if among is not None:
        compared = sorted(haplotype for haplotype in set(among) if haplotype in compared)
        return _make_search(query, _best_placed(query, compared, floor), floor, ())
    hits = _best_placed(query, compared, floor)
    limit = max((hit.identity for hit in hits), default=floor)
    return _make_search(query, hits, floor, query.short(limit))


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
    number = NUMBERS[placement]
    return (-identity, -length, haplotype, number != NUMBERS[WHOLE], strand != "+", number)


# So many candidates are listed, and in any case all that tie with the best.
MAXIMUM_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class NearestRecord:
    """What is stored of a record near to a sequence; the fields are those of `ReportedCandidate`."""

    species: str
    identity: float
    coverage: float
    mismatches: int
    accession: str
    records: int


@dataclass(frozen=True, slots=True)
class ReportedCandidate:
    """A species and how near its best record is, as results have it.

    Attributes
    ----------
    species : str
        Binomial, or the deposited name where it names no species.
    genus, family : str
        Of the record; empty where unknown.
    named : bool
        Whether the name reaches a species.
    identity, coverage : float
        Of the best hit, 0-1.
    mismatches : int
        Edits of the best hit.
    length : int or None
        Bases compared; None where a stored result does not say it.
    accession : str
        First accession of the best hit that bears this name.
    records : int
        Records of the species at this locus in the library.
    deposited : str
        Name under which the best record was deposited, where that is another species' name; else empty.
    """

    species: str
    genus: str
    family: str
    named: bool
    identity: float
    coverage: float
    mismatches: int
    length: int | None
    accession: str
    records: int
    deposited: str = field(default="", kw_only=True)

    @property
    def shown_name(self) -> str:
        """The name as people read it, with the deposited one beside it where that is another."""
        if not self.deposited:
            return self.species
        return _("{species} (deposited as {deposited})").format(
            species=self.species, deposited=self.deposited
        )


@dataclass(frozen=True, slots=True)
class Candidate(ReportedCandidate):
    """A species and its best hit, as a search found them.

    Attributes
    ----------
    hit : Hit
        The best hit.
    """

    length: int
    hit: Hit


def candidates_of(
    index: Index,
    hits: Iterable[Hit],
    *,
    floor: float = FLOOR,
    without: Collection[int] = (),
) -> list[Candidate]:
    """Return every species among the hits with its best hit, best first.

    Parameters
    ----------
    index : Index
        The index that was searched.
    hits : iterable of Hit
        Best first.
    floor : float
        Identity under which nothing is a neighbour.
    without : collection of int
        Numbers of records that are treated as if they were not in the library: their
        hits, and their share in the counts, are left out, so that nothing of a record
        that is left out leaks into what describes its species.

    Returns
    -------
    list of Candidate
        As far down as a search in the library without these records would have told.
    """
    return within_reach(nearest_of_species(index, hits, without=without), floor=floor)


def within_reach(candidates: Sequence[Candidate], *, floor: float = FLOOR) -> list[Candidate]:
    """Return those of all candidates that a search would have told."""
    limit = reporting_cutoff((candidate.identity for candidate in candidates), floor=floor)
    return [candidate for candidate in candidates if candidate.identity >= limit - TOLERANCE]


def nearest_of_species(
    index: Index, hits: Iterable[Hit], *, without: Collection[int] = ()
) -> list[Candidate]:
    """Return every species among the hits, however far; see `candidates_of`."""
    best: dict[int, tuple[Hit, int]] = {}
    for hit in hits:
        for position in index.positions(hit.haplotype):
            if position not in without:
                best.setdefault(index.species_at(position), (hit, position))
    left_out = Counter(map(index.species_at, without))
    candidates = []
    for species, (hit, position) in best.items():
        record = index.record(position)
        candidates.append(
            Candidate(
                species=record.label,
                genus=record.genus,
                family=record.family,
                named=bool(record.species),
                identity=hit.identity,
                coverage=hit.coverage,
                mismatches=hit.edits,
                length=hit.length,
                accession=record.accession,
                records=index.species_records(species) - left_out[species],
                hit=hit,
                deposited=record.deposited,
            )
        )
    return candidates


def reported_candidate(
    species: str,
    *,
    identity: float,
    mismatches: int,
    accession: str,
    length: int | None = None,
    coverage: float = 0.0,
    records: int = 0,
    deposited: str = "",
) -> ReportedCandidate:
    """Return a candidate as a stored result has it.

    Its family is not stored; its genus is the first word of a binomial.
    """
    from forensics.taxonomy.names import parse_name

    named = parse_name(species).species == species
    return ReportedCandidate(
        species=species,
        genus=genus_of(species) if named else "",
        family="",
        named=named,
        identity=identity,
        coverage=coverage,
        mismatches=mismatches,
        length=length,
        accession=accession,
        records=records,
        deposited=deposited,
    )


def shown(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates that are listed: at most `MAXIMUM_CANDIDATES`, and all ties."""
    if not candidates:
        return ()
    ties = sum(candidate.identity == candidates[0].identity for candidate in candidates)
    return tuple(candidates[: max(MAXIMUM_CANDIDATES, ties)])


GAP = "-"
# Columns that are first compared together: most are the same.
_AT_ONCE = 32

_PLAIN = frozenset("ACGT")


class Alignment(NamedTuple):
    """A query and a record, written over each other where they overlap.

    Attributes
    ----------
    query, record : str
        Of one length, gaps as ``-``; the query on the strand of the record.
    query_start, record_start : int
        Bases of each that precede the first column.
    """

    query: str
    record: str
    query_start: int
    record_start: int

    def differences(self) -> list[int]:
        """Return the columns that cost an edit, ascending."""
        query, record = self.query, self.record
        return [
            start + column
            for start in range(0, len(query), _AT_ONCE)
            if (own := query[start : start + _AT_ONCE]) != (its := record[start : start + _AT_ONCE])
            for column, (base, other) in enumerate(zip(own, its, strict=True))
            if base != other and differ(base, other)
        ]


class AlignedHit(NamedTuple):
    """An alignment in the figures of BLAST.

    Attributes
    ----------
    length : int
        Columns, gaps among them.
    mismatches : int
        Columns in which two bases exclude each other; IUPAC codes may not.
    gaps, gap_openings : int
        Columns with a gap, and runs of them.
    query_start, query_end : int
        First and last base of the query as it was given, from 1.
    record_start, record_end : int
        Of the record, from 1; the first is the larger where the query lies on the reverse strand.
    differences : tuple of (int, str, str)
        Where the two exclude each other: the base of the query as it was examined, from 1, with its letter and that
        of the record. A gap is ``-``; one in the query has the number of the base before it.
    """

    length: int
    mismatches: int
    gaps: int
    gap_openings: int
    query_start: int
    query_end: int
    record_start: int
    record_end: int
    differences: tuple[tuple[int, str, str], ...] = ()

    def within(self, place: Callable[[int], int], strand: str) -> "AlignedHit":
        """Return the alignment with the bases of the query counted in the record that it was cut from.

        Parameters
        ----------
        place : callable
            Returns where a base of the query stands in that record; both count from 1.
        strand : str
            ``-`` where the query is the reverse complement of its stretch.
        """
        start, end = place(self.query_start), place(self.query_end)
        if strand == "+":
            return self._replace(query_start=start, query_end=end)
        return self._replace(
            query_start=end,
            query_end=start,
            record_start=self.record_end,
            record_end=self.record_start,
        )

    @property
    def percent_identity(self) -> float:
        """Columns that agree, of 100."""
        return 100.0 * (self.length - self.mismatches - self.gaps) / self.length


def describe_hit(sequence: str, record: str, hit: Hit) -> AlignedHit:
    """Return how a query lies on the record of a hit, in the figures of BLAST.

    Parameters
    ----------
    sequence, record, hit
        As of `align`.
    """
    alignment = align(sequence, record, hit)
    first, end = alignment.query_start, alignment.query_start + _bases(alignment.query)
    start = alignment.record_start + 1
    last = alignment.record_start + _bases(alignment.record)
    if hit.strand == "-":
        first, end = len(sequence) - end, len(sequence) - first
        start, last = last, start
    gaps = alignment.query.count(GAP) + alignment.record.count(GAP)
    return AlignedHit(
        length=len(alignment.query),
        mismatches=len(alignment.differences()) - gaps,
        gaps=gaps,
        gap_openings=_count_runs(alignment.query) + _count_runs(alignment.record),
        query_start=first + 1,
        query_end=end,
        record_start=start,
        record_end=last,
        differences=tuple(sorted(_differences(alignment, hit.strand, len(sequence)))),
    )


def _differences(alignment: Alignment, strand: str, length: int) -> Iterator[tuple[int, str, str]]:
    """Yield where a query of this length differs from a record, on the strand of the query as it was given."""
    columns, place = set(alignment.differences()), alignment.query_start
    for column, letters in enumerate(zip(alignment.query, alignment.record, strict=True)):
        place += letters[0] != GAP
        if column not in columns:
            continue
        if strand == "+":
            yield (place, *letters)
        else:
            base, other = (each if each == GAP else reverse_complement(each) for each in letters)
            yield length - place + (base != GAP), base, other


def _count_runs(written: str) -> int:
    """Return how many runs of gaps a sequence has."""
    return sum(
        letter == GAP and before != GAP
        for before, letter in zip(f" {written}", written, strict=False)
    )


def differ(base: str, other: str) -> bool:
    """Return whether two letters of a column exclude each other; IUPAC codes may not.

    Examples
    --------
    >>> differ("A", "R"), differ("A", "Y"), differ("A", "-")
    (False, True, True)
    """
    if base == other:
        return False
    if base in _PLAIN and other in _PLAIN or GAP in (base, other):
        return True
    return not set(IUPAC[base]) & set(IUPAC[other])


def align(sequence: str, record: str, hit: Hit) -> Alignment:
    """Align a query with the record of a hit as the search placed it.

    Parameters
    ----------
    sequence : str
        The clean query, as given.
    record : str
        Sequence of the haplotype that was hit.
    hit : Hit

    Returns
    -------
    Alignment
    """
    query = sequence if hit.strand == "+" else reverse_complement(sequence)
    if hit.placement == "whole":
        if not hit.edits and (start := record.find(query)) >= 0:  # nothing to align
            return Alignment(query, query, 0, start)
        return _whole(query, record)
    if hit.placement == "right":
        return _overlap(query, record, hit)
    turned = _overlap(query[::-1], record[::-1], hit)  # the left end, read backwards
    return Alignment(
        query=turned.query[::-1],
        record=turned.record[::-1],
        query_start=len(query) - turned.query_start - _bases(turned.query),
        record_start=len(record) - turned.record_start - _bases(turned.record),
    )


def lay(sequence: str, record: str, *, least: float) -> str:
    """Return the letters of one sequence at the bases of another, gaps where it has none.

    Parameters
    ----------
    sequence, record : str
        On the same strand; the shorter is placed whole in the longer.
    least : float
        Identity below which they are not of the same piece, 0-1.

    Returns
    -------
    str
        As long as `record`; empty where they are too unlike.

    Examples
    --------
    >>> lay("ACGTTCGA", "GGACGTACGATT", least=0.8)
    '--ACGTTCGA--'
    """
    inside = len(sequence) <= len(record)
    inner, outer = (sequence, record) if inside else (record, sequence)
    edits, start, path = semiglobal_path(inner, outer, int((1 - least) * len(inner)))
    if edits is None:
        return ""
    letters, here = ([GAP * start], 0) if inside else ([], start)
    lacking = "D" if inside else "I"  # a base of the record alone
    for count, step in path:
        if step == lacking:
            letters.append(GAP * count)
            continue
        if step in "=X":
            letters.append(sequence[here : here + count])
        here += count
    return "".join(letters).ljust(len(record), GAP)


def _whole(query: str, record: str) -> Alignment:
    """Align the shorter of two whole in the longer."""
    inside = len(query) <= len(record)
    inner, outer = (query, record) if inside else (record, query)
    _edits, start, path = semiglobal_path(inner, outer)
    above, below = _written(path, inner, outer[start:])
    return Alignment(
        *((above, below, 0, start) if inside else (below, above, start, 0)),
    )


def _overlap(query: str, record: str, hit: Hit) -> Alignment:
    """Align where the query's first bases lie in the record and its last ones stick out."""
    # Where the first half of what was compared lies tells where the overlap begins.
    core = query[: max(1, hit.length // 2)]
    paths = [(start, *prefix_path(record[start:], query)) for start in best_starts(core, record)]
    start, _edits, _begin, path = min(paths, key=lambda placement: placement[1] or 0)
    above, below = _written(path, record[start:], query)
    return Alignment(below, above, 0, start)


def _written(path: list[tuple[int, str]], inner: str, outer: str) -> tuple[str, str]:
    """Return both sequences with their gaps; I is a base of `inner` alone, D of `outer`."""
    above, below = [], []
    here = there = 0
    for count, step in path:
        above.append(GAP * count if step == "D" else inner[here : here + count])
        below.append(GAP * count if step == "I" else outer[there : there + count])
        here += count * (step != "D")
        there += count * (step != "I")
    return "".join(above), "".join(below)


def _bases(written: str) -> int:
    return len(written) - written.count(GAP)
