"""The mutants of a module, and how the code of one takes the place of what was loaded."""

import copy
import difflib
import gc
import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from types import CodeType, FunctionType

from cosmic_ray.ast import ast_nodes, get_ast
from lines import lines_of_statement
from operators import OPERATORS

__all__ = ["Mutant", "list_mutants", "patch_functions"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    module : str
    begin, end : int
        Of the characters that are replaced.
    text : str
        What stands there instead.
    name : str
        Module, function, and the lines before and after: the same as long as these are.
    lines : range or None
        Those of the changed statement; None where it is run when the module is loaded.
    function : range
        Lines of the function in which it stands; of the module, where it stands in none.
    """

    module: str
    begin: int
    end: int
    text: str
    name: str
    lines: range | None
    function: range

    def apply(self, source: str) -> str:
        """Return the module with the change."""
        return source[: self.begin] + self.text + source[self.end :]

    @contextmanager
    def written(self) -> Iterator[tuple[str, str]]:
        """Change the file of the module for a while; give the module before and after."""
        path = Path(self.module)
        source = path.read_text(encoding="utf-8")
        mutated = self.apply(source)
        try:
            path.write_text(mutated, encoding="utf-8")
            yield source, mutated
        finally:
            path.write_text(source, encoding="utf-8")


def list_mutants(module: str) -> Iterator[Mutant]:
    """Yield the mutants of a module, a path below the current folder; equal changes once."""
    source = Path(module).read_text(encoding="utf-8")
    tree = get_ast(source)
    offsets = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    names: Counter[str] = Counter()
    changes = set()
    for operator in OPERATORS.values():
        for node in ast_nodes(tree):
            for index, (start, _end) in enumerate(operator.mutation_positions(node)):
                begin, end = (
                    offsets[line - 1] + column
                    for line, column in (node.get_start_pos_of_prefix(), node.end_pos)
                )
                text = _mutate(operator, node, index)
                # The same change by two operators is one, however much stands around it.
                mutated = source[:begin] + text + source[end:]
                if mutated == source or mutated in changes:
                    continue
                changes.add(mutated)
                # Whole lines are compared, and of a long module only those around the change.
                first = source.rfind("\n", 0, begin) + 1
                rest = len(source) - (source + "\n").index("\n", end)
                change = _change(
                    *(whole[first : len(whole) - rest].splitlines() for whole in (source, mutated))
                )
                place = f"{module} {_definition(node)}: {change}"
                names[place] += 1
                if names[place] > 1:
                    place += f" (number {names[place]})"
                lines = lines_of_statement(tree, start)
                function = _lines_of_function(node)
                yield Mutant(module, begin, end, text, place, lines, function)


def _mutate(operator, node, index: int) -> str:
    """Return the code of a node with a change; the tree stays as it is."""
    parent, node.parent = node.parent, None
    alone = copy.deepcopy(node)
    node.parent = parent
    code: str = operator.mutate(alone, index).get_code()
    return code


def _definition(node) -> str:
    parts = []
    while node is not None:
        if node.type in ("funcdef", "classdef"):
            parts.append(node.name.value)
        node = node.parent
    return ".".join(reversed(parts)) or "module"


def _lines_of_function(node) -> range:
    while node.parent is not None and node.type != "funcdef":
        node = node.parent
    return range(node.start_pos[0], node.end_pos[0] + 1)


def _change(source: list[str], mutated: list[str]) -> str:
    before, after = [], []
    for line in difflib.unified_diff(source, mutated, n=0, lineterm=""):
        if line[:3] not in ("---", "+++"):
            (before if line[0] == "-" else after if line[0] == "+" else []).append(line[1:].strip())
    return f"{' '.join(before)}  ->  {' '.join(after)}"


def patch_functions(mutant: Mutant, source: str, mutated: str) -> bool:
    """Give the loaded function that a mutant changes its changed code.

    Parameters
    ----------
    mutant : Mutant
        With lines.
    source, mutated : str
        The module, before and after.

    Returns
    -------
    bool
        Whether such a function was loaded.
    """
    path = str(Path(mutant.module).resolve())
    functions = (_functions(compile(text, path, "exec")) for text in (source, mutated))
    changed = [pair for pair in zip(*functions) if mutant.lines.start in _lines(pair[0])]
    if not changed:
        return False
    before, after = changed[0]
    loaded = [
        function
        for function in gc.get_objects()
        if type(function) is FunctionType and function.__code__ == before
    ]
    for function in loaded:
        function.__code__ = after
    return bool(loaded)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Yield the functions of a module and of its classes, in their order; not those within functions."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & inspect.CO_NEWLOCALS:  # a function, not the body of a class
                yield constant
            else:
                yield from _functions(constant)


def _lines(code: CodeType) -> set[int]:
    lines = {number for *_, number in code.co_lines() if number}
    return lines.union(*(_lines(each) for each in code.co_consts if isinstance(each, CodeType)))
