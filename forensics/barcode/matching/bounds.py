"""How many edits every haplotype of an index costs at least, however it is placed.

Two ways, of which the second needs the compiled module ``_bounds.c`` and does more in a tenth of
the time. They exclude different records, but never one that matters: a bound decides only what
is aligned, so the answers of `forensics.barcode.matching.search` are the same.

counted
    A sequence is cut into k-mers side by side. Each edit spoils at most one of them, so if *c*
    of *n* distinct ones occur in the other sequence, at least *n - c* edits separate the two.
stabbed
    K-mers of the query are looked at from every second place on. An edit spoils only k-mers that share
    one base, so there are at least as many edits as the fewest bases that hit every k-mer that
    the record lacks. Where the query's first or last *e* bases overlap a record, the k-mers of
    these count; *e* is not known and taken in steps, each with the bound of its beginning over
    the length of its end. What is counted first are the k-mers side by side, for groups of records:
    a group is stabbed when the search has come to the least edits of that count.

In both, k-mers with an IUPAC code are left out, and each IUPAC code of the other sequence may
hide k-mers of one place, and is taken off the bound.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from forensics.barcode.matching import aligner, planes
from forensics.barcode.matching.index import Index, damaged
from forensics.errors import LibraryError

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

    def levels(self, most: int) -> Iterable[int]:
        """Return the bounds up to `most`, ascending, but those that surely no haplotype has."""

    def at(self, edits: int, first: int = 0, needed: float = 0.0) -> Iterable[int]:
        """Return the haplotypes from `first` on whose bound is `edits`, ascending.

        From then on, what cannot reach the identity `needed` may be left out.
        """

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
    strands = {
        strand: _strand(query, sequence, 1 - floor, whole, part)
        for strand, sequence in query.strands.items()
    }
    return [
        _Stabbed(query, strand, placement, asked)
        for strand, asked in strands.items()
        for placement in (RIGHT, LEFT, WHOLE)
    ]


def bounds_of_short(query: Asked, most: int) -> list[Bound]:
    """Return the bounds of the haplotypes before `query.first`, placed whole, on both strands.

    `most` is a number of edits above which a bound may be left out: in `query.least` bases, in fewer
    bases as many less.
    """
    if not query.first:
        return []
    if _kernel is None or query.length > _LONGEST:
        universe = _between(0, query.first)
        return [_counted_of_shorter(query, strand, universe) for strand in query.strands]
    rate = (most + 1) / query.least  # in fewer bases, as many edits are too many
    return [
        _Stabbed(query, strand, WHOLE, _strand(query, sequence, rate, most, 0, only_short=True))
        for strand, sequence in query.strands.items()
    ]


# Identities are ratios of small whole numbers; this is far below the distance of any two.
_ROUNDING = 1e-9

# -- stabbed ----------------------------------------------------------------------

# Of the placements in the compiled module.
_NUMBER = {WHOLE: 0, RIGHT: 1, LEFT: 2}


def _strand(
    query: Asked, sequence: bytes, rate: float, whole: int, part: int, *, only_short: bool = False
) -> object:
    """Return a strand of the query as the compiled module has it.

    Nothing need be told above `rate` edits a base of what is placed whole, `whole` at most, and `part`
    edits of a partial overlap.
    """
    try:
        return _kernel.strand(
            sequence, query.index.tables, query.index.size, query.least, query.first,
            query.longer, query.ambiguous, rate, whole, part, only_short,
        )  # fmt: skip
    except ValueError as error:  # the file is not what its header says
        raise LibraryError(damaged(query.index.locus)) from error


class _Stabbed:
    """The bounds of one placement of a strand; most are found out when they are asked for."""

    def __init__(self, query: Asked, strand: str, placement: str, asked: object) -> None:
        self.strand, self.placement = strand, placement
        self._index, self._length, self._asked = query.index, query.length, asked
        self._number = _NUMBER[placement]
        self._nearest = _kernel.nearest(asked, self._number)

    def __bool__(self) -> bool:
        return self._nearest <= self._length

    def levels(self, most: int) -> Iterable[int]:
        return range(self._nearest, most + 1)

    def at(self, edits: int, first: int = 0, needed: float = 0.0) -> Iterable[int]:
        try:
            found = _kernel.at(self._asked, self._number, edits, first, 1 - needed)
        except ValueError as error:
            raise LibraryError(damaged(self._index.locus)) from error
        return memoryview(found).cast("I")

    def reach(self, edits: int, shorter: int) -> float:
        # That of a partial overlap is stated over the whole query.
        basis = shorter if self.placement == WHOLE else self._length
        return (basis - edits) / basis


# -- counted ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
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

    def levels(self, most: int) -> Iterable[int]:
        return range(most + 1)

    def at(self, edits: int, first: int = 0, needed: float = 0.0) -> Iterable[int]:
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
        codes = _codes(sequence, k)
        side_by_side = _distinct(codes[::k])
        at_start = _distinct(codes[: max(0, query.least - k + 1) : k])
        # Cut like the whole, so that both ends share the k-mers of the middle.
        skipped = -(-(query.length - query.least) // k) * k
        at_end = _distinct(codes[skipped::k])
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
            universe = _between(query.first, query.longer)
            yield _counted_of_shorter(query, strand, universe, codes)


def _counted_of_shorter(
    query: Asked, strand: str, universe: int, codes: list[int] | None = None
) -> _Counted:
    """Return the bound of records that are shorter than the query; `codes` are those of its k-mers."""
    index, total = query.index, query.index.cut_planes
    if strand not in query.missing:
        every = _distinct(codes or _codes(query.strands[strand], index.k))
        query.missing[strand] = planes.subtract(total, _shared(index, "cut", every))
    # Counted down from the most k-mers that a record has, to be read like the rest.
    most = (1 << len(total)) - 1
    shared = planes.subtract([_between(0, index.size)] * len(total), query.missing[strand])
    return _Counted(strand, WHOLE, shared, most - query.ambiguous, universe)


def _shared(index: Index, table: str, kmers: set[int]) -> list[int]:
    bitmaps, lists = index.having(table, kmers)
    try:
        return planes.total(bitmaps, lists, index.size)
    except IndexError as error:  # a list names a haplotype that there is not
        raise LibraryError(damaged(index.path or index.locus)) from error


_OTHER = 4
_CODES = bytes(b"ACGT".find(letter) if letter in b"ACGT" else _OTHER for letter in range(256))


def _codes(sequence: bytes, k: int) -> list[int]:
    """Return the code of the k-mer that begins at each base; -1 where it holds an IUPAC code."""
    found = []
    mask, code, clear = (1 << 2 * k) - 1, 0, 0
    for base in sequence.translate(_CODES):
        if base == _OTHER:
            clear = 0
        else:
            code = (code << 2 | base) & mask
            clear += 1
        found.append(code if clear >= k else -1)
    return found[k - 1 :]


def _distinct(codes: list[int]) -> set[int]:
    return set(codes) - {-1}


def _between(first: int, end: int) -> int:
    """Return the bitmap with the bits from `first` up to `end` set."""
    return (1 << end) - (1 << first)
