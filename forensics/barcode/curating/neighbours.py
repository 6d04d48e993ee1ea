"""Everything near to every sequence of a locus, found by the one search of the package.

Every distinct sequence is looked up among all others, on all processors. A sequence is
compared with whatever covers enough of it (`forensics.barcode.matching.search`), so a short and
a long one may meet only when the short one asks; what one side finds counts for both.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.processes import allowed
from forensics.barcode.matching.search import search
from forensics.barcode.reference.records import ReferenceRecord

__all__ = ["Neighbours", "all_neighbours"]

# From a sequence to (position in the records, identity) of every record near to it.
Neighbours = Callable[[str], Iterable[tuple[int, float]]]

# Below so many distinct sequences starting processes costs more than it saves.
_PARALLEL_THRESHOLD = 500
_CHUNK = 16


def all_neighbours(
    sequences: Sequence[str],
    locus: str,
    *,
    floor: float,
    processes: int | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Neighbours:
    """Compare all sequences of a locus with one another.

    Parameters
    ----------
    sequences : sequence of str
        Clean sequences; equal ones are compared once, empty ones have no neighbours.
    locus : str
        Name of the locus.
    floor : float
        Least identity, 0-1.
    processes : int, optional
        How many to use; default: one a processor.
    progress : callable
        Called with the numbers of distinct sequences done and in all.

    Returns
    -------
    callable
        From one of the sequences to (position, identity) of all that reach `floor`,
        equal ones and itself included, in ascending order of position.
    """
    where: dict[str, list[int]] = {}
    for position, sequence in enumerate(sequences):
        if sequence:
            where.setdefault(sequence, []).append(position)
    distinct = sorted(where, key=lambda s: (len(s), s))  # as an index numbers them
    near: list[dict[int, float]] = [{number: 1.0} for number in range(len(distinct))]
    for number, hits in enumerate(_all_hits(distinct, locus, floor, processes)):
        for other, identity in hits:
            for first, second in ((number, other), (other, number)):
                near[first][second] = max(identity, near[first].get(second, 0.0))
        progress(number + 1, len(distinct))
    numbers = {sequence: number for number, sequence in enumerate(distinct)}

    def neighbours(sequence: str) -> list[tuple[int, float]]:
        if sequence not in numbers:
            return []
        return sorted(
            (position, identity)
            for other, identity in near[numbers[sequence]].items()
            for position in where[distinct[other]]
        )

    return neighbours


def _all_hits(
    distinct: list[str], locus: str, floor: float, processes: int | None
) -> Iterable[list[tuple[int, float]]]:
    """Yield (number, identity) of what is near to each sequence, in their order."""
    if not distinct:
        return
    anonymous = [(ReferenceRecord(str(n), "-", locus=locus), s) for n, s in enumerate(distinct)]
    processes = processes or os.cpu_count() or 1
    if processes == 1 or len(distinct) < _PARALLEL_THRESHOLD:
        index = Index.build(anonymous, locus=locus)
        for sequence in distinct:
            yield _hits(index, sequence, floor)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.bin"
        path.write_bytes(Index.serialise(anonymous, locus=locus))
        # Workers that are started afresh behave alike on every system.
        context = multiprocessing.get_context("spawn")
        with context.Pool(allowed(processes), _open, (str(path), floor)) as pool:
            yield from pool.imap(_ask, distinct, chunksize=_CHUNK)
            pool.close()
            pool.join()  # a mapped file cannot be deleted on Windows


def _hits(index: Index, sequence: str, floor: float) -> list[tuple[int, float]]:
    result = search(index, sequence, floor=floor, down_to_floor=True)
    return [(hit.haplotype, hit.identity) for hit in result.hits]


_opened: tuple[Index, float] | None = None


def _open(path: str, floor: float) -> None:
    global _opened
    _opened = Index.open(Path(path)), floor


def _ask(sequence: str) -> list[tuple[int, float]]:
    assert _opened is not None  # _open ran first in this process
    index, floor = _opened
    return _hits(index, sequence, floor)
