"""How many edits every haplotype of an index costs at least, however it is placed.

K-mers of the query are looked at from every second place on. An edit spoils only k-mers that share
one base, so there are at least as many edits as the fewest bases that hit every k-mer that the record
lacks. K-mers with an IUPAC code are left out, and each IUPAC code of the record may hide k-mers of
one place, and is taken off the bound. Where the query's first or last bases overlap a record, the k-mers
of these count. `forensics.barcode.matching.kernel` does the counting.

A bound decides only what is aligned, so the answers of `forensics.barcode.matching.search` are the
same whichever bounds there are.
"""

import math
from collections.abc import Iterable
from typing import Protocol

from forensics.barcode.matching import kernel
from forensics.barcode.matching.index import Index, damaged
from forensics.errors import LibraryError

WHOLE, RIGHT, LEFT = "whole", "right", "left"
#: The placements as the kernel numbers them.
NUMBERS = {WHOLE: kernel.WHOLE, RIGHT: kernel.RIGHT, LEFT: kernel.LEFT}

# Identities are ratios of small whole numbers; this is far below the distance of any two.
_ROUNDING = 1e-9


class BoundedQuery(Protocol):
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
    """

    index: Index
    length: int
    least: int
    first: int
    longer: int
    ambiguous: int
    strands: dict[str, bytes]


class PlacementBounds:
    """The bounds of one placement on one strand; most are computed when they are asked for.

    Attributes
    ----------
    strand : str
        ``+`` or ``-``.
    placement : str
        `WHOLE`, `RIGHT` or `LEFT`.
    """

    def __init__(
        self, query: BoundedQuery, strand: str, placement: str, bounds: kernel.StrandBounds
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


def bounds_of(query: BoundedQuery, floor: float, partial_floor: float) -> list[PlacementBounds]:
    """Return the bounds of every placement on both strands.

    Parameters
    ----------
    query : BoundedQuery
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
        math.floor((1 - least) * query.length + _ROUNDING) for least in (floor, partial_floor)
    )
    return [
        PlacementBounds(query, strand, placement, bounds)
        for strand in query.strands
        for bounds in (_bounds_of_strand(query, strand, 1 - floor, whole, part),)
        for placement in (WHOLE, RIGHT, LEFT)  # what is near whole is seldom nearer in part
    ]


def bounds_of_short(query: BoundedQuery, most: int) -> list[PlacementBounds]:
    """Return the bounds of the haplotypes before `query.first`, placed whole, on both strands.

    `most` is a number of edits above which a bound may be left out: in `query.least` bases, in fewer
    bases as many less.
    """
    if not query.first:
        return []
    rate = (most + 1) / query.least  # in fewer bases, as many edits are too many
    return [
        PlacementBounds(
            query, strand, WHOLE, _bounds_of_strand(query, strand, rate, most, 0, only_short=True)
        )
        for strand in query.strands
    ]


def _bounds_of_strand(
    query: BoundedQuery,
    strand: str,
    rate: float,
    whole: int,
    part: int,
    *,
    only_short: bool = False,
) -> kernel.StrandBounds:
    """Return the bounds of a strand of the query.

    Nothing need be listed above `rate` edits a base of what is placed whole, `whole` at most, and `part`
    edits of a partial overlap.
    """
    try:
        return kernel.StrandBounds(
            query.strands[strand], query.index.tables, query.index.size, query.least, query.first,
            query.longer, query.ambiguous, rate, whole, part, only_short,
        )  # fmt: skip
    except ValueError as error:  # the file is not what its header says
        raise LibraryError(damaged(query.index.locus)) from error
