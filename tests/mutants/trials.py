"""Mutants are tried here: each in a process forked from one that has the tests collected."""

import importlib.util
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from lines import LineRecorder
from mutating import Mutant, patch_functions

__all__ = ["try_mutants"]

# Seconds of the processor for the tests of a mutant: so many, and so many times what they take unchanged.
MIN_SECONDS = 10
TIMES_BASELINE = 4
NO_TIME = 0.05  # a test that takes less is always run first
MAX_SECONDS = 100_000  # of a process that only waits for others, or runs unchanged tests
MAX_WAIT = 20  # seconds of the clock for each of the processor, before a mutant counts as one that waits for ever
MAX_MEMORY = 8 << 30  # a mutant may loop for ever and collect

Lines = dict[str, list[tuple[str, int]]]


def try_mutants(
    files: tuple[str, ...],
    mutants: list[Mutant],
    report: Callable[[tuple[Mutant, str]], None],
    deadline: float,
    most: float,
) -> None:
    """Try mutants in the current folder, which is changed.

    Parameters
    ----------
    files : tuple of str
        Files of tests, or tests, that must notice them.
    mutants : list of Mutant
    report : callable
        Called with each mutant and its outcome.
    deadline : float
        Of the monotonic clock: none is begun after it.
    most : float
        Seconds of the processor for the tests of a mutant, so that fewer tests are run than would.

    Raises
    ------
    RuntimeError
        If a test fails without any change.
    """
    trials = Trials(mutants, report, deadline, most)
    _, answer = wait_for_child(lambda: (start_pytest(files, trials), trials.left), MAX_SECONDS)
    if answer is None:
        raise RuntimeError(f"the tests could not be run: {' '.join(files)}")
    if "fault" in answer:
        raise RuntimeError(f"without any change, a test fails: {answer['fault']}")
    for number, (tests, left, seconds) in answer.items():
        mutant = mutants[int(number)]
        if time.monotonic() > deadline:
            report((mutant, "not run"))
        elif _try_loading(mutant, tests, seconds):
            report((mutant, _survived(left)))
        else:
            report((mutant, "noticed"))


def _survived(left: int) -> str:
    return f"survived, {left} tests were not run" if left else "survived"


def _try_loading(mutant: Mutant, tests: list[str], seconds: int) -> bool:
    """Return whether tests pass with a package that is loaded after the change."""
    files = tuple(dict.fromkeys(test.split("::")[0] for test in tests))
    with mutant.written():
        _forget_bytecode(mutant)
        passed, _ = wait_for_child(lambda: (start_pytest(files, ChosenTests(tests)), ""), seconds)
    return passed


def start_pytest(files: tuple[str, ...], plugin: object) -> bool:
    """Run pytest on files of tests, and return whether all passed."""
    temporary = Path("temporary").resolve()
    options = [f"--rootdir={os.getcwd()}", f"--basetemp={temporary}", "-x", "-m", "not slow"]
    options += ["-p", "no:cacheprovider", "-p", "no:xdist", *files]
    passed = pytest.main(options, plugins=[plugin]) == 0
    import forensics

    if not Path(forensics.__file__).is_relative_to(os.getcwd()):
        raise RuntimeError("the tests did not load the copy of the package")
    return passed


def wait_for_child(work: Callable[[], object], seconds: int) -> tuple[bool, Any]:
    """Do some work in a process forked from this one.

    Parameters
    ----------
    work : callable
        Returns whether it went well, and an answer that JSON can hold.
    seconds : int
        Of the processor: work that goes on for ever is ended by it, a busy host ends none.

    Returns
    -------
    tuple of (bool, object)
        Both; False and None where the process did not end by itself.
    """
    with tempfile.TemporaryFile() as answers:
        child = os.fork()
        if child == 0:
            try:
                os.setsid()
                nowhere = os.open(os.devnull, os.O_RDWR)
                for number in (0, 1, 2):
                    os.dup2(nowhere, number)
                resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
                resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
                answers.write(json.dumps(work()).encode())
                answers.flush()
            finally:
                os._exit(0)
        end = time.monotonic() + MAX_WAIT * seconds
        while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if time.monotonic() > end:
                os.killpg(child, signal.SIGKILL)  # it waits for something that does not come
                break
            time.sleep(0.01)
        os.waitpid(child, 0)
        answers.seek(0)
        text = answers.read()
        return tuple(json.loads(text)) if text else (False, None)


class ChosenTests:
    """A plug-in of pytest that leaves out all but some tests, which run in their order.

    Parameters
    ----------
    tests : list of str
    """

    def __init__(self, tests: list[str]) -> None:
        self._places = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        """Leave out the others, and sort."""
        chosen = [item for item in items if item.nodeid in self._places]
        items[:] = sorted(chosen, key=lambda item: self._places[item.nodeid])


class Trials:
    """A plug-in of pytest that collects tests once, and tries each mutant in a process forked then.

    In that process the code of the changed function is put in the place of what was loaded. Only the
    tests that run the changed statement are run.

    Parameters
    ----------
    mutants : list of Mutant
    report : callable
    deadline, most : float
        See `try_mutants`.

    Attributes
    ----------
    left : dict of str to (list of str, int, int)
        Tests, how many are not run, and their limit of seconds, for those mutants, by number, whose change takes place when
        their module is loaded.
    """

    def __init__(
        self, mutants: list[Mutant], report: Callable, deadline: float, most: float
    ) -> None:
        self._mutants, self._report = mutants, report
        self._deadline, self._most = deadline, most
        self._noticed: Counter[str] = Counter()  # mutants of each test: the best comes first
        self._lines: dict[str, set[tuple[str, int]]] = {}
        self._seconds: dict[str, float] = {}
        self._failed = ""
        self.left: dict[str, Any] = {}

    def pytest_runtest_logreport(self, report):
        """Keep the name of the first test that fails."""
        if report.failed and not self._failed:
            self._failed = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Measure the tests, then try the mutants."""
        items = {item.nodeid: item for item in session.items}
        _, measured = wait_for_child(lambda: self._measure(session.items), MAX_SECONDS)
        if measured is None or measured["failed"]:
            self.left = {"fault": measured and measured["failed"]}
            return True
        self._lines = {test: set(map(tuple, lines)) for test, lines in measured["lines"].items()}
        self._seconds = measured["seconds"]
        for number, mutant in enumerate(self._mutants):
            if time.monotonic() > self._deadline:
                self._report((mutant, "not run"))
                continue
            tests, left = self._select_tests(mutant)
            if not tests:
                self._report((mutant, "survived, no test runs it"))
                continue
            outcome = mutant.lines and self._try_patched(mutant, [items[test] for test in tests])
            if outcome:
                self._report((mutant, _survived(left) if outcome == "survived" else outcome))
            else:
                self.left[str(number)] = tests, left, self._limit(tests)
        return True

    def _try_patched(self, mutant: Mutant, items: list) -> str:
        """Try a mutant whose function is loaded, and return the outcome; none where it is not."""

        def run() -> tuple[bool, str]:
            return patch_functions(mutant, source, mutated), self._run(items)

        with mutant.written() as (source, mutated):
            try:
                compile(mutated, mutant.module, "exec")
            except SyntaxError:
                return "no program"
            _forget_bytecode(mutant)
            patched, failed = wait_for_child(run, self._limit([item.nodeid for item in items]))
        if failed is None or failed:
            self._noticed[failed or ""] += 1
            return "noticed"
        return "survived" if patched else ""

    def _measure(self, items: list) -> tuple[bool, dict[str, object]]:
        recorder = LineRecorder(tuple(dict.fromkeys(mutant.module for mutant in self._mutants)))
        items[0].config.pluginmanager.register(recorder)
        failed = self._run(items)
        return True, {"lines": recorder.lines(), "seconds": recorder.seconds, "failed": failed}

    def _run(self, items: list) -> str:
        """Run tests until one fails, and return its name."""
        for item, following in zip(items, [*items[1:], None]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                break
        return self._failed

    def _limit(self, tests: list[str]) -> int:
        """Return the seconds of the processor that tests may take."""
        return int(MIN_SECONDS + TIMES_BASELINE * sum(self._seconds.get(test, 0) for test in tests))

    def _select_tests(self, mutant: Mutant) -> tuple[list[str], int]:
        """Return tests that run the changed statement, the likeliest to notice first, and how many are left.

        These are those that take no time; then the few that run a line of the same function which others
        do not run, such as the refusal under a changed condition; then those that noticed most mutants.
        What is changed when the module is loaded, such as a constant, can be noticed by any test.
        """
        module, lines = mutant.module, mutant.lines
        in_function = {
            test: {n for m, n in run if m == module and n in mutant.function}
            for test, run in self._lines.items()
            if lines is None or any(m == module and n in lines for m, n in run)
        }
        runs = Counter(number for run in in_function.values() for number in run)
        rarest = {test: min(map(runs.get, run), default=0) for test, run in in_function.items()}
        seconds = self._seconds
        tests = sorted(
            in_function,
            key=lambda t: (seconds[t] > NO_TIME, rarest[t], -self._noticed[t], seconds[t]),
        )
        sums = accumulate(self._seconds[test] for test in tests)
        chosen = [test for test, sum_ in zip(tests, sums) if test == tests[0] or sum_ <= self._most]
        return chosen, len(tests) - len(chosen)


def _forget_bytecode(mutant: Mutant) -> None:
    """See to it that no process reads or writes bytecode of a module as it is changed now."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    Path(importlib.util.cache_from_source(mutant.module)).unlink(missing_ok=True)
