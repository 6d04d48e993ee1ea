"""Many tasks on all processors, answered in the order in which they were asked.

Answers are those of one thread, since a task depends on nothing but itself. What is asked ahead is bounded.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

TaskT = TypeVar("TaskT")
AnswerT = TypeVar("AnswerT")
AwaitedT = TypeVar("AwaitedT")

_AHEAD = 4  # tasks of each thread, so that nobody waits and memory stays small


def map_in_threads(
    function: Callable[[TaskT], AnswerT], tasks: Iterable[TaskT], *, threads: int
) -> Iterator[tuple[TaskT, AnswerT]]:
    """Yield each task with its answer, as `map_lots_in_threads` does; with fewer than two threads, this one answers."""
    if threads < 2:
        return ((task, function(task)) for task in tasks)
    return map_lots_in_threads(lambda some: map(function, some), tasks, threads=threads, lot=1)


def map_lots_in_threads(
    function: Callable[[list[TaskT]], Iterable[AnswerT]],
    tasks: Iterable[TaskT],
    *,
    threads: int,
    lot: int,
) -> Iterator[tuple[TaskT, AnswerT]]:
    """Yield each task with its answer, in the order of the tasks.

    Parameters
    ----------
    function : callable
        From a lot of tasks to their answers. Threads wait for each other where it is Python, and not where it is the
        kernel: the fewer calls, the less.
    tasks : iterable
        Read no further than is worked at; where they break off with an error, it comes after the answers to
        those before it.
    threads : int
    lot : int
        Tasks that are answered in one call.
    """
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield from in_turn(
                tasks,
                lambda some: pool.submit(lambda: list(function(some))),
                lambda some, asked: zip(some, asked.result()),
                lot=lot,
                ahead=_AHEAD * threads,
            )
        finally:  # also where somebody interrupts: what was not begun is not
            pool.shutdown(wait=False, cancel_futures=True)


def in_turn(
    tasks: Iterable[TaskT],
    ask: Callable[[list[TaskT]], AwaitedT],
    unpack: Callable[[list[TaskT], AwaitedT], Iterable[AnswerT]],
    *,
    lot: int,
    ahead: int,
) -> Iterator[AnswerT]:
    """Ask by the lot, some lots ahead, and yield the answers in the order of the tasks.

    Where the tasks break off with an error, it comes after the answers to those before it, as if
    each had been asked alone.

    Parameters
    ----------
    tasks : iterable
        Read no further than is asked.
    ask : callable
        From some tasks to what is awaited.
    unpack : callable
        From these tasks and what was awaited to the answers.
    lot : int
        Tasks that are asked at once.
    ahead : int
        Lots that are asked before the one that is reported.
    """
    tasks, failed, more = iter(tasks), None, True
    waiting: deque[tuple[list[TaskT], AwaitedT]] = deque()
    while more:
        some: list[TaskT] = []
        try:
            for task in islice(tasks, lot):
                some.append(task)  # one by one: an error leaves those before it
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
