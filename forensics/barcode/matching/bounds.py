"""How many edits every haplotype of an index costs at least, however it is placed.

Two ways, of which the second needs the compiled module ``_bounds.c`` and does more in a tenth of
the time. They exclude different records, but never one that matters: a bound decides only what
is aligned, so the answers of `forensics.barcode.matching.search` are the same.

counted
    A sequence is cut into k-mers side by side. Each edit spoils at most one of them, so if *c*
    of *n* distinct ones occur in the other sequence, at least *n - c* edits separate the two.
stabbed
    All k-mers of the query are looked at, at every place. An edit spoils only k-mers that share
    one base, so there are at least as many edits as the fewest bases that hit every k-mer that
    the record lacks. Where the query's first or last *e* bases overlap a record, the k-mers of
    these count; *e* is not known and taken in steps, each with the bound of its beginning over
    the length of its end.

In both, k-mers with an IUPAC code are left out, and each IUPAC code of the other sequence may
hide k-mers of one place, and is taken off the bound.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Protocol

from forensics.barcode.matching import aligner, planes
from forensics.barcode.matching.index import Index, damaged
from forensics.errors import LibraryError
from forensics.frozen import frozen

__all__ = ["LEFT", "RIGHT", "WHOLE", "Asked", "Bound", "bounds_of", "bounds_of_short"]

_kernel = aligner.compiled("_bounds")

WHOLE, RIGHT, LEFT = "whole", "right", "left"
# Of the compiled module: bounds are 16 bits wide, the last value means "more".
_LONGEST = 2**16 - 2


class Asked(Protocol):
    """A query as far as bounds need it: `forensics.barcode.matching.search` has the class.

    Attributes
    ----------
    index : Index
    length : int
        Bases of the query.
    least : int
        Bases of the least overlap that is compared.
    first, longer : int
        The first haplotype of at least `least` bases, and of at least those of the query.
    ambiguous : int
        IUPAC codes of the query.
    strands : dict of str to bytes
        The query by its strand, ``+`` and ``-``.
    missing : dict of str to list of int
        A place to keep what both kinds of bounds need; empty at first.
    """

    index: Index
    length: int
    least: int
    first: int
    longer: int
    ambiguous: int
    strands: dict[str, bytes]
    missing: dict[str, list[int]]


class Bound(Protocol):
    """The bounds of one placement on one strand.

    Attributes
    ----------
    strand, placement : str
    """

    strand: str
    placement: str

    def __bool__(self) -> bool:
        """Return whether there may be a haplotype within the limits."""

    def at(self, edits: int, first: int = 0) -> Iterable[int]:
        """Return the haplotypes from `first` on whose bound is `edits`, ascending."""

    def reach(self, edits: int, shorter: int) -> float:
        """Return the highest identity that a bound leaves.

        Parameters
        ----------
        edits : int
            The bound.
        shorter : int
            Bases of the query or the record, whichever has fewer.
        """


def bounds_of(query: Asked, floor: float, partial_floor: float) -> list[Bound]:
    """Return the bounds of every placement on both strands.

    Parameters
    ----------
    query : Asked
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
    if _kernel is None or query.length > _LONGEST:
        return list(_counted(query))
    whole, part = (
        math.floor((1 - least) * query.length + _ROUNDING) for least in (floor, partial_floor)
    )
    found = []
    for strand, sequence in query.strands.items():
        told = _stabbed(query, sequence, whole, part)
        found += [
            _Stabbed(strand, placement, *of_placement, query.length)
            for placement, of_placement in zip((RIGHT, LEFT, WHOLE), (told[1], told[2], told[0]))
        ]
    return found


def bounds_of_short(query: Asked, most: int) -> list[Bound]:
    """Return the bounds of the haplotypes before `query.first`, placed whole, on both strands.

    `most` is a number of edits above which a bound may be left out.
    """
    if not query.first:
        return []
    if _kernel is None or query.length > _LONGEST:
        universe = _between(0, query.first)
        return [_counted_of_shorter(query, strand, universe) for strand in query.strands]
    return [
        _Stabbed(strand, WHOLE, *_stabbed(query, sequence, most, 0, only_short=True)[0], 0)
        for strand, sequence in query.strands.items()
    ]


# Identities are ratios of small whole numbers; this is far below the distance of any two.
_ROUNDING = 1e-9

# -- stabbed ----------------------------------------------------------------------


def _stabbed(query: Asked, sequence: bytes, whole: int, part: int, *, only_short=False) -> tuple:
    try:
        return _kernel.bounds(
            sequence, query.index.tables, query.index.size, query.least, query.first,
            query.longer, query.ambiguous, whole, part, only_short,
        )  # fmt: skip
    except ValueError as error:  # the file is not what its header says
        raise LibraryError(damaged(query.index.locus)) from error


class _Stabbed:
    """Haplotypes in the order of their bounds, and where each bound begins among them."""

    def __init__(
        self, strand: str, placement: str, order: bytes, starts: bytes, length: int
    ) -> None:
        self.strand, self.placement = strand, placement
        self._order = memoryview(order).cast("I")
        self._starts = memoryview(starts).cast("I")
        self._last = len(self._starts) - 2
        self._length = length

    def __bool__(self) -> bool:
        return bool(self._order)

    def at(self, edits: int, first: int = 0) -> Iterable[int]:
        if edits > self._last:
            return ()
        found = self._order[self._starts[edits] : self._starts[edits + 1]]
        return found[bisect_left(found, first) :] if first else found

    def reach(self, edits: int, shorter: int) -> float:
        # That of a partial overlap is stated over the whole query.
        basis = shorter if self.placement == WHOLE else self._length
        return (basis - edits) / basis


# -- counted ----------------------------------------------------------------------


@frozen
class _Counted:
    """`shared` are planes of k-mers in common, out of `count`, for the haplotypes in `universe`.

    Where they are fewer by *d*, the placement costs at least *d* edits.
    """

    strand: str
    placement: str
    shared: list[int]
    count: int
    universe: int

    def __bool__(self) -> bool:
        return bool(self.universe)

    def at(self, edits: int, first: int = 0) -> Iterable[int]:
        if edits == 0:
            found = planes.at_least(self.shared, self.count, self.universe)
        else:
            found = planes.equal_to(self.shared, self.count - edits, self.universe)
        return planes.bits(found >> first << first)

    def reach(self, edits: int, shorter: int) -> float:
        return (shorter - edits) / shorter


def _counted(query: Asked) -> Iterator[_Counted]:
    index, k, size = query.index, query.index.k, query.index.size
    compared, slack = _between(query.first, size), index.ambiguous_planes
    for strand, sequence in query.strands.items():
        side_by_side = _kmers(sequence, k, k)
        at_start = _kmers(sequence[: query.least], k, k)
        # Cut like the whole, so that both ends share the k-mers of the middle.
        skipped = -(-(query.length - query.least) // k) * k
        at_end = _kmers(sequence[skipped:], k, k)
        middle = _shared(index, "all", at_start & at_end)
        outer = _shared(index, "all", at_end - at_start)
        right = planes.add(middle, _shared(index, "all", at_start - at_end))
        left = planes.add(middle, outer)
        yield _Counted(strand, RIGHT, planes.add(right, slack), len(at_start), compared)
        yield _Counted(strand, LEFT, planes.add(left, slack), len(at_end), compared)
        if query.longer < size:
            rest = _shared(index, "all", side_by_side - at_start - at_end)
            whole = planes.add(planes.add(right, outer), planes.add(rest, slack))
            universe = _between(query.longer, size)
            yield _Counted(strand, WHOLE, whole, len(side_by_side), universe)
        if query.first < query.longer:
            yield _counted_of_shorter(query, strand, _between(query.first, query.longer))


def _counted_of_shorter(query: Asked, strand: str, universe: int) -> _Counted:
    """Return the bound of records that are shorter than the query."""
    index, total = query.index, query.index.cut_planes
    if strand not in query.missing:
        every = _kmers(query.strands[strand], index.k, 1)
        query.missing[strand] = planes.subtract(total, _shared(index, "cut", every))
    # Counted down from the most k-mers that a record has, to be read like the rest.
    most = (1 << len(total)) - 1
    shared = planes.subtract([_between(0, index.size)] * len(total), query.missing[strand])
    return _Counted(strand, WHOLE, shared, most - query.ambiguous, universe)


def _shared(index: Index, table: str, kmers: set[int]) -> list[int]:
    return planes.total(*index.having(table, kmers), index.size)


_CODES = {base: code for code, base in enumerate(b"ACGT")}


def _kmers(sequence: bytes, k: int, step: int) -> set[int]:
    """Return the codes of the k-mers that begin at every `step`-th base, without IUPAC codes."""
    codes = [_CODES.get(base, -1) for base in sequence]
    found = set()
    if step == 1:
        mask, code, clear = (1 << 2 * k) - 1, 0, 0
        for base in codes:
            code = (code << 2 | base) & mask if base >= 0 else 0
            clear = clear + 1 if base >= 0 else 0
            if clear >= k:
                found.add(code)
        return found
    for start in range(0, len(codes) - k + 1, step):
        code = 0
        for base in codes[start : start + k]:
            if base < 0:
                break
            code = code << 2 | base
        else:
            found.add(code)
    return found


def _between(first: int, end: int) -> int:
    """Return the bitmap with the bits from `first` up to `end` set."""
    return (1 << end) - (1 << first)
