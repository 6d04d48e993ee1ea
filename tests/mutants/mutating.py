"""The mutants of a module, and how the code of one takes the place of what was loaded."""

import difflib
import gc
import inspect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from lines import lines_of_statement
from operators import OPERATORS

__all__ = ["Mutant", "list_mutants", "patch_functions"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    module : str
    operator : str
        Key of `OPERATORS`.
    occurrence : int
        Place among those where the operator applies.
    name : str
        Module, function, and the lines before and after: the same as long as these are.
    lines : range or None
        Those of the changed statement; None where it is run when the module is loaded.
    function : range
        Lines of the function in which it stands; of the module, where it stands in none.
    """

    module: str
    operator: str
    occurrence: int
    name: str
    lines: range | None
    function: range


def list_mutants(module: str) -> Iterator[Mutant]:
    """Yield the mutants of a module, a path below the current folder; equal changes once."""
    source = Path(module).read_text(encoding="utf-8")
    tree = get_ast(source)
    names: Counter[str] = Counter()
    texts = {source}
    for name, operator in OPERATORS.items():
        nodes = [
            (node, start)
            for node in ast_nodes(tree)
            for start, _end in operator.mutation_positions(node)
        ]
        for occurrence, (node, start) in enumerate(nodes):
            mutated = mutate_code(source, operator, occurrence)
            if mutated in texts:
                continue
            texts.add(mutated)
            place = f"{module} {_definition(node)}: {_change(source, mutated)}"
            names[place] += 1
            if names[place] > 1:
                place += f" (number {names[place]})"
            lines = lines_of_statement(tree, start)
            yield Mutant(module, name, occurrence, place, lines, _lines_of_function(node))


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


def _change(source: str, mutated: str) -> str:
    before, after = [], []
    for line in difflib.unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=""):
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
