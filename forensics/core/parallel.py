"""Many tasks on all processors, answered in the order in which they were asked.

Answers are those of one process, since a task depends on nothing but itself. What is asked ahead is bounded.
"""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from subprocess import PIPE, Popen
from typing import Any, TypeVar

from forensics.core.children import python, start
from forensics.errors import ForensicsError
from forensics.messages import _

ItemT = TypeVar("ItemT")
TaskT = TypeVar("TaskT")
AnswerT = TypeVar("AnswerT")
AwaitedT = TypeVar("AwaitedT")

_LOTS_AHEAD = 4  # of each process: a second's work, so that nobody waits and memory stays small
# Ctrl-C reaches all of them; the first one ends the rest.
_ANSWER = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "from forensics.core.parallel import _answer; _answer()"
)


def map_in_order(
    function: Callable[[TaskT], AnswerT],
    tasks: Iterable[tuple[ItemT, TaskT]],
    *,
    processes: int,
    lot: int = 16,
) -> Iterator[tuple[ItemT, AnswerT]]:
    """Yield what belongs to each task with its answer, in the order of the tasks.

    Parameters
    ----------
    function : callable
        Of a module of this package.
    tasks : iterable of (object, object)
        What stays here and is yielded with the answer, and the argument of `function`. Read no further than is
        worked at; where they break off with an error, it comes after the answers to those before it.
    processes : int
        With fewer than two, this process answers.
    lot : int
        Tasks that are handed over at once.

    Raises
    ------
    ForensicsError
        If a process was ended from outside, as a system short of memory does.
    """
    if processes < 2:
        for item, task in tasks:
            yield item, function(task)
        return
    started: list[Popen[bytes]] = []
    idle: SimpleQueue[Popen[bytes]] = SimpleQueue()
    threads = ThreadPoolExecutor(processes)  # as many as processes, each waiting for one of them

    def ask(some: list[tuple[ItemT, TaskT]]) -> list[tuple[ItemT, AnswerT]]:
        process = idle.get()
        try:
            answers = _ask(process, function, [task for _item, task in some])
        finally:
            idle.put(process)
        return list(zip((item for item, _task in some), answers, strict=True))

    try:
        for _number in range(processes):
            started.append(start(python(_ANSWER), stdin=PIPE, stdout=PIPE))
            idle.put(started[-1])
        yield from in_turn(
            tasks,
            lambda some: threads.submit(ask, some),
            lambda _some, answered: answered.result(),
            lot=lot,
            ahead=_LOTS_AHEAD * processes,
        )
    finally:  # also where somebody interrupts: nothing is left running
        threads.shutdown(wait=False, cancel_futures=True)
        for process in started:
            process.kill()
        threads.shutdown()
        for process in started:
            process.communicate()


def map_in_threads(
    function: Callable[[TaskT], AnswerT], tasks: Iterable[TaskT], *, threads: int
) -> Iterator[tuple[TaskT, AnswerT]]:
    """Yield each task with its answer, in the order of the tasks.

    Parameters
    ----------
    function : callable
        Which leaves the lock of Python alone for most of its time.
    tasks : iterable
        Read no further than is worked at; where they break off with an error, it comes after the answers to
        those before it.
    threads : int
        With fewer than two, this one answers.
    """
    if threads < 2:
        for task in tasks:
            yield task, function(task)
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield from in_turn(
                tasks,
                lambda some: [(task, pool.submit(function, task)) for task in some],
                lambda _some, asked: ((task, answered.result()) for task, answered in asked),
                lot=1,
                ahead=_LOTS_AHEAD * threads,
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


def _ask(
    process: "Popen[bytes]", function: Callable[[TaskT], AnswerT], tasks: list[TaskT]
) -> list[AnswerT]:
    """Return what a process of `_answer` gives.

    What is unpickled comes through a pipe from a process that was started here, and never from a file.
    """
    assert process.stdin and process.stdout
    try:
        process.stdin.write(pickle.dumps((function, tasks), pickle.HIGHEST_PROTOCOL))
        process.stdin.flush()
        answers, error = pickle.load(process.stdout)
    except (OSError, EOFError, pickle.UnpicklingError) as ended:
        raise ForensicsError(
            _(
                "A process of this run was ended from outside, perhaps for want of memory; run it "
                "again with fewer (--jobs 1)."
            )
        ) from ended
    if error is not None:
        raise error
    return list(answers)


def _answer() -> None:
    """Answer another process of this package (`map_in_order`) until it has no more to ask."""
    import logging

    logging.disable()  # what is true of the run, the first one says
    with open(0, "rb") as asked, open(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what is printed is no answer
        while asked.peek(1):
            function, tasks = pickle.load(asked)
            try:
                result: tuple[list[Any], Exception | None] = [function(t) for t in tasks], None
            except Exception as error:
                result = [], error
            pickle.dump(result, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
