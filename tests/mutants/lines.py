"""Which lines of a module each test runs, and which tests must be run for a change of some lines."""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

import pytest
from parso.tree import NodeOrLeaf

__all__ = ["LineRecorder", "lines_of_statement"]


class LineRecorder:
    """A plug-in of pytest that records, for each test, the lines of some modules that it runs.

    Lines that a fixture of a wider scope runs count for every test that uses the fixture, though it
    is set up for the first of them only.

    Parameters
    ----------
    modules : tuple of str
        Paths below the current folder.
    """

    def __init__(self, modules: tuple[str, ...]) -> None:
        self._modules = {str(Path(module).resolve()): module for module in modules}
        self._of_test: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._of_fixture: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._fixtures: dict[str, tuple[str, ...]] = {}
        self._current: set[tuple[str, int]] = set()
        self._left: dict[CodeType, set[int]] = {}  # lines of a function that are not in `_current`
        self.seconds: dict[str, float] = {}

    def lines(self) -> dict[str, list[tuple[str, int]]]:
        """Return the lines, (module, number), that each test runs."""
        return {
            test: sorted(lines.union(*(self._of_fixture.get(name, set()) for name in fixtures)))
            for test, fixtures in self._fixtures.items()
            for lines in [self._of_test[test]]
        }

    def _trace(self, frame, event, _argument):
        code, number = frame.f_code, frame.f_lineno
        if event == "call":
            if code.co_filename not in self._modules:
                return None
            if code not in self._left:
                self._left[code] = {line for *_, line in code.co_lines() if line}
        left = self._left[code]
        self._current.add((self._modules[code.co_filename], number))
        left.discard(number)
        # A function of which every line is known is not traced again: arithmetic takes a tenth of the time.
        return self._trace if left else None

    @contextmanager
    def _recording(self, lines: set[tuple[str, int]]) -> Iterator[None]:
        before = self._current, self._left
        self._current, self._left = lines, {}
        sys.settrace(self._trace)
        threading.settrace(self._trace)
        try:
            yield
        finally:
            self._current, self._left = before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        """Record what a test runs, and the seconds of the processor that it takes."""
        start = time.process_time()
        self._fixtures[item.nodeid] = tuple(item.fixturenames)
        with self._recording(self._of_test[item.nodeid]):
            result = yield
        self.seconds[item.nodeid] = time.process_time() - start
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        """Record what a fixture runs that several tests share."""
        if fixturedef.scope == "function":
            return (yield)
        with self._recording(self._of_fixture[fixturedef.argname]):
            return (yield)


def lines_of_statement(tree: NodeOrLeaf, position: tuple[int, int]) -> range | None:
    """Return the lines of the statement at a position, of a compound one those before its body.

    None where the statement is run when the module is loaded.
    """
    node = tree.get_leaf_for_position(position)
    suites = {"suite", "simple_stmt", "file_input"}
    while node.type not in suites and node.parent.type not in suites | {"if_stmt", "while_stmt"}:
        node = node.parent
    parent = node
    while parent is not None and parent.type not in ("funcdef", "lambdef"):
        parent = parent.parent
    if parent is None or node.type == "funcdef":  # a default is computed when the module is loaded
        return None
    bodies = [child for child in getattr(node, "children", ()) if child.type == "suite"]
    last = bodies[0].start_pos[0] if bodies else node.end_pos[0]
    return range(node.start_pos[0], last + 1)
