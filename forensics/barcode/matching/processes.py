"""Many searches on all processors, answered in the order in which they were asked.

Each process maps the index files by itself, so the library is in memory once. What is asked ahead
is bounded; the answers are those of one process, because a search depends on nothing but its query.
"""

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import TypeVar

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Search, search
from forensics.errors import ForensicsError
from forensics.messages import _

__all__ = ["SearchTask", "allowed", "in_turn", "search_all"]

_Item = TypeVar("_Item")
_Awaited = TypeVar("_Awaited")
# What it is asked for, a clean sequence, and the loci to search.
SearchTask = tuple[_Item, str, Sequence[str]]

# Of so many queries a process gets some at once, and so many lots are asked ahead of the one that
# is reported: a second's work, so that nobody waits and memory stays small.
_LOT = 16
_AHEAD = 4
# Windows waits for 63 things at once, of which a pool needs two: concurrent.futures allows so many.
_MAX_ON_WINDOWS = 61


def allowed(processes: int) -> int:
    """Return how many processes may be started where so many are wished for.

    Parameters
    ----------
    processes : int
        At least 1.
    """
    return min(processes, _MAX_ON_WINDOWS) if sys.platform == "win32" else processes


def in_turn(
    queries: Iterable[SearchTask],
    ask: Callable[[list[SearchTask]], _Awaited],
    unpack: Callable[[list[SearchTask], _Awaited], Iterable[tuple]],
    *,
    lot: int,
    ahead: int,
) -> Iterator[tuple]:
    """Ask by the lot, some lots ahead, and yield the answers in the order of the queries.

    Where the queries break off with an error, it comes after the answers to those before it, as if
    each had been asked alone.

    Parameters
    ----------
    queries : iterable of (object, str, sequence of str)
        Read no further than is asked.
    ask : callable
        From some queries to what is awaited.
    unpack : callable
        From these queries and what was awaited to the answers.
    lot : int
        Queries that are asked at once.
    ahead : int
        Lots that are asked before the one that is reported.
    """
    queries, failed, more = iter(queries), None, True
    waiting: deque[tuple[list[SearchTask], _Awaited]] = deque()
    while more:
        some: list[SearchTask] = []
        try:
            for query in islice(queries, lot):
                some.append(query)  # one by one: an error leaves those before it
        except Exception as error:
            failed = error
        more = failed is None and len(some) == lot
        if some:
            waiting.append((some, ask(some)))
        if len(waiting) > ahead:
            yield from unpack(*waiting.popleft())
    while waiting:
        yield from unpack(*waiting.popleft())
    if failed is not None:
        raise failed


def search_all(
    queries: Iterable[SearchTask[_Item]],
    index_of: Callable[[str], Index],
    *,
    floor: float,
    processes: int,
) -> Iterator[tuple[_Item, dict[str, Search]]]:
    """Yield what was asked for with its search at every locus, in the order of the queries.

    Parameters
    ----------
    queries : iterable of (object, str, sequence of str)
        Read no further than is worked at.
    index_of : callable
        From the name of a locus to its index, which must have been opened from a file.
    floor : float
        Identity under which nothing is a neighbour, 0-1.
    processes : int
        How many to start.

    Raises
    ------
    ForensicsError
        If a process was ended from outside, as a system short of memory does.
    """
    processes = allowed(processes)
    pool = ProcessPoolExecutor(
        processes,
        # Processes that are started afresh behave alike on every system.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_leave_interrupts_alone,
    )

    def ask(lot: list[SearchTask]) -> Future:
        lot_of_paths = [
            (sequence, {locus: str(index_of(locus).path) for locus in its})
            for _item, sequence, its in lot
        ]
        return pool.submit(_answer, lot_of_paths, floor)

    try:
        yield from in_turn(queries, ask, _answered, lot=_LOT, ahead=_AHEAD * processes)
    except BrokenProcessPool as error:
        raise ForensicsError(
            _(
                "A process of this run was ended from outside, perhaps for want of memory; run it "
                "again with fewer (--jobs 1)."
            )
        ) from error
    finally:  # also where somebody interrupts: nothing is left running
        pool.shutdown(wait=True, cancel_futures=True)


def _answered(lot: list[SearchTask], future: Future) -> Iterator[tuple]:
    return zip((item for item, _sequence, _loci in lot), future.result(), strict=True)


# -- in the processes -------------------------------------------------------------

_opened: dict[str, Index] = {}


def _leave_interrupts_alone() -> None:
    """Ctrl-C reaches every process of a terminal; the one that was started first tells the rest."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answer(tasks: list[tuple[str, dict[str, str]]], floor: float) -> list[dict[str, Search]]:
    return [
        {locus: search(_open(path), sequence, floor=floor) for locus, path in paths.items()}
        for sequence, paths in tasks
    ]


def _open(path: str) -> Index:
    if path not in _opened:
        _opened[path] = Index.open(Path(path))
    return _opened[path]
