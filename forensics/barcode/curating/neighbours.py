"""Everything near to every sequence of a locus, found by the one search of the package.

Every distinct sequence is looked up among all others, on all processors. A sequence is
compared with whatever covers enough of it (`forensics.barcode.matching.search`), so a short and
a long one may meet only when the short one asks; what one side finds counts for both.

`forensics.barcode.matching.search` finds the same; here (``_neighbours.c``) nothing is kept of a comparison but its
identity, and a haplotype shorter than the sequence is not placed whole in it, since it is asked for itself.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from forensics.barcode.matching import kernel
from forensics.barcode.matching.index import Index, damaged
from forensics.barcode.matching.search import (
    MAX_LENGTH_AT_ONCE,
    PARTIAL_FLOOR,
    TOLERANCE,
    IndexQuery,
    search,
)
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.grouping import grouped
from forensics.core.parallel import map_in_threads
from forensics.core.progress import Advance, no_progress
from forensics.errors import LibraryError

if TYPE_CHECKING:
    import numpy as np


def find_neighbours(
    index: Index, sequence: str, *, floor: float
) -> "tuple[np.ndarray, np.ndarray]":
    """Return the haplotypes of an index that are near to a sequence, and their identities.

    Parameters
    ----------
    index : Index
    sequence : str
        Clean.
    floor : float
        Least identity, 0-1.

    Returns
    -------
    (ndarray of uint32, ndarray of float64)
        Numbers of haplotypes, ascending, and the identities that `search` finds with ``down_to_floor=True``. Of
        the haplotypes that are shorter than the sequence, those that overlap it in part; those that lie whole in
        it are found when they are looked up themselves, and here, too, where the kernel is not compiled or the
        sequence is searched in windows.

    Raises
    ------
    LibraryError
        If the tables of the index contradict each other.
    """
    import numpy as np

    found = None
    if len(sequence) <= MAX_LENGTH_AT_ONCE:
        query = IndexQuery(index, sequence)
        try:
            found = kernel.find_near(
                (query.strands["+"], query.strands["-"]), index.tables, index.size, query.least,
                query.first, query.longer, query.ambiguous, floor, max(floor, PARTIAL_FLOOR),
            )  # fmt: skip
        except ValueError as error:  # the file is not what its header says
            raise LibraryError(damaged(index.path or index.locus)) from error
    if found is not None:
        return np.frombuffer(found[0], np.uint32), np.frombuffer(found[1])
    hits = search(index, sequence, floor=floor, down_to_floor=True).hits
    numbers = np.fromiter((hit.haplotype for hit in hits), np.uint32, len(hits))
    identities = np.fromiter((hit.identity for hit in hits), float, len(hits))
    order = numbers.argsort()
    return numbers[order], identities[order]


Neighbours = Callable[[str], "tuple[np.ndarray, np.ndarray]"]
"""From a sequence to the positions of all records near to it, ascending, and their identities."""


def all_neighbours(
    sequences: Sequence[str],
    locus: str,
    *,
    floor: float,
    threads: int | None = None,
    progress: Advance = no_progress,
) -> "NeighbourTable":
    """Compare all sequences of a locus with one another.

    Parameters
    ----------
    sequences : sequence of str
        Clean sequences; equal ones are compared once, empty ones have no neighbours.
    locus : str
        Name of the locus.
    floor : float
        Least identity, 0-1.
    threads : int, optional
        How many threads to use; default: one a processor.
    progress : callable
        Called with the numbers of distinct sequences done and in all.

    Returns
    -------
    NeighbourTable
        From one of the sequences to all that reach `floor`, equal ones and itself included.
    """
    where = grouped(range(len(sequences)), lambda position: sequences[position])
    where.pop("", None)
    distinct = sorted(where, key=lambda s: (len(s), s))  # as an index numbers them
    asked, near = [], []
    for number, hits in enumerate(_all_hits(distinct, locus, floor, threads)):
        asked.append(hits[0])
        near.append(hits[1])
        progress(number + 1, len(distinct))
    return NeighbourTable(distinct, [where[sequence] for sequence in distinct], asked, near)


class NeighbourTable:
    """Everything near to every sequence: `Neighbours`.

    Parameters
    ----------
    distinct : sequence of str
        Different sequences.
    places : sequence of list of int
        The positions of each.
    asked : list of ndarray of uint32
        For each, the numbers of those that are near, ascending; one of two may be missing where the other has it.
    near : list of ndarray of float64
        Their identities.
    """

    def __init__(
        self,
        distinct: Sequence[str],
        places: Sequence[Sequence[int]],
        asked: "list[np.ndarray]",
        near: "list[np.ndarray]",
    ) -> None:
        import numpy as np

        self._numbers = {sequence: number for number, sequence in enumerate(distinct)}
        if distinct:
            self._starts, self._others, self._identities = _both_sides(asked, near, len(distinct))
        # The positions of each sequence, one after the other.
        self._counts = np.array([len(its) for its in places], int)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._places = np.array([place for its in places for place in its], int)

    def __len__(self) -> int:
        """Return the number of different sequences."""
        return len(self._numbers)

    def __call__(self, sequence: str) -> "tuple[np.ndarray, np.ndarray]":
        """Return positions and identities of what is near to one of the sequences; else empty arrays."""
        import numpy as np

        number = self._numbers.get(sequence)
        if number is None:
            return np.zeros(0, int), np.zeros(0)
        its = slice(self._starts[number], self._starts[number + 1])
        others = self._others[its]
        counts = self._counts[others]
        begins = np.repeat(self._firsts[others] - np.cumsum(counts) + counts, counts)
        positions = self._places[begins + np.arange(len(begins))]
        order = positions.argsort()
        return positions[order], np.repeat(self._identities[its], counts)[order]

    def within(self, sequences: Sequence[str], least: float) -> list[dict[int, float]]:
        """Return, for each of some different sequences of the table, which others are as near as `least`, and how near.

        They are numbered as they are given.
        """
        import numpy as np

        numbers = [self._numbers[sequence] for sequence in sequences]
        given = np.full(len(self._numbers), -1)
        given[numbers] = np.arange(len(numbers))
        near = []
        for place, number in enumerate(numbers):
            its = slice(self._starts[number], self._starts[number + 1])
            others, identities = given[self._others[its]], self._identities[its]
            chosen = (others >= 0) & (others != place) & (identities >= least - TOLERANCE)
            near.append(dict(zip(others[chosen].tolist(), identities[chosen].tolist())))
        return near

    def among(self, positions: Sequence[int]) -> Neighbours:
        """Return the neighbours among some positions alone, ascending, which are numbered from 0."""
        import numpy as np

        if len(positions) == len(self._places):
            return self
        numbers = np.full(max([*positions, *self._places.tolist()], default=-1) + 1, -1)
        numbers[list(positions)] = np.arange(len(positions))

        def near(sequence: str) -> "tuple[np.ndarray, np.ndarray]":
            found, identities = self(sequence)
            return numbers[found][numbers[found] >= 0], identities[numbers[found] >= 0]

        return near


_MAX_INT32 = 2**31 - 1


def _both_sides(
    asked: "list[np.ndarray]", near: "list[np.ndarray]", size: int
) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """Return where the neighbours of each sequence begin, their numbers, and their identities.

    What one of two sequences found counts for both, the higher identity where both did. Every sequence
    is its own neighbour. Both lists are emptied.
    """
    import numpy as np
    from scipy.sparse import csr_array, eye_array

    starts = np.cumsum([0, *map(len, asked)])
    starts = starts.astype(np.int32 if starts[-1] <= _MAX_INT32 // 2 else np.int64)  # twice as many
    numbers = np.concatenate([np.zeros(0, np.uint32), *asked])
    asked.clear()  # of many sequences hundreds of megabytes
    values = np.concatenate([np.zeros(0), *near])
    near.clear()
    one_side = csr_array((values, numbers.view(np.int32), starts), shape=(size, size))
    both = one_side.maximum(one_side.T.tocsr())
    del one_side, numbers, values
    if not both.diagonal().all():
        both = both.maximum(eye_array(size, format="csr"))
    both.sort_indices()
    return both.indptr, both.indices, both.data


def _all_hits(
    distinct: list[str], locus: str, floor: float, threads: int | None
) -> "Iterable[tuple[np.ndarray, np.ndarray]]":
    """Yield numbers and identities of what is near to each sequence, in their order."""
    if not distinct:
        return
    anonymous = [(ReferenceRecord(str(n), "-", locus=locus), s) for n, s in enumerate(distinct)]
    find = partial(find_neighbours, Index.build(anonymous, locus=locus), floor=floor)
    for _sequence, near in map_in_threads(find, distinct, threads=threads or os.cpu_count() or 1):
        yield near
