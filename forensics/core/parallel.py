"""Many tasks on all processors, answered in the order in which they were asked.

Answers are those of one process, since a task depends on nothing but itself. What is asked ahead is bounded.
"""

import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from subprocess import PIPE, Popen
from typing import Any, TypeVar

from forensics.core.children import python, start
from forensics.errors import ForensicsError
from forensics.messages import _

__all__ = ["answer", "in_turn", "map_in_order"]

ItemT = TypeVar("ItemT")
TaskT = TypeVar("TaskT")
AnswerT = TypeVar("AnswerT")
AwaitedT = TypeVar("AwaitedT")

_LOTS_AHEAD = 4  # of each process: a second's work, so that nobody waits and memory stays small
# Ctrl-C reaches all of them; the first one ends the rest.
_ANSWER = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "from forensics.core.parallel import answer; answer()"
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
    workers = _Workers(processes)

    def ask(some: list[tuple[ItemT, TaskT]]) -> "Future[list[AnswerT]]":
        return workers.submit(function, [task for _item, task in some])

    def unpack(
        some: list[tuple[ItemT, TaskT]], answers: "Future[list[AnswerT]]"
    ) -> Iterator[tuple[ItemT, AnswerT]]:
        return zip((item for item, _task in some), answers.result(), strict=True)

    try:
        yield from in_turn(tasks, ask, unpack, lot=lot, ahead=_LOTS_AHEAD * processes)
    finally:  # also where somebody interrupts: nothing is left running
        workers.close()


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


class _Workers:
    """Python processes, each asked by a thread of its own over its standard input and output.

    What is unpickled comes through a pipe from a process that was started here, and never from a file.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._of_thread = threading.local()
        self._started: list[Popen[bytes]] = []

    def submit(
        self, function: Callable[[TaskT], AnswerT], tasks: list[TaskT]
    ) -> "Future[list[AnswerT]]":
        return self._threads.submit(self._ask, function, tasks)

    def _ask(self, function: Callable[[TaskT], AnswerT], tasks: list[TaskT]) -> list[AnswerT]:
        process: Popen[bytes] | None = getattr(self._of_thread, "process", None)
        if process is None:
            command = python(_ANSWER)
            process = start(command, stdin=PIPE, stdout=PIPE)
            self._of_thread.process = process
            self._started.append(process)
        assert process.stdin and process.stdout
        asked = pickle.dumps((function, tasks), pickle.HIGHEST_PROTOCOL)
        try:
            process.stdin.write(asked)
            process.stdin.flush()
            answers, error = pickle.load(process.stdout)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError) as ended:
            raise ForensicsError(
                _(
                    "A process of this run was ended from outside, perhaps for want of memory; run it "
                    "again with fewer (--jobs 1)."
                )
            ) from ended
        if error is not None:
            raise error
        return list(answers)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._started:
            process.kill()
        self._threads.shutdown()
        for process in self._started:
            process.communicate()


def answer() -> None:
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
