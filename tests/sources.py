"""What the modules of the package import: read once for all tests of a process that ask."""

import ast
import functools
from pathlib import Path

__all__ = ["imported_names"]


@functools.cache
def imported_names(path: Path) -> frozenset[str]:
    """Return the full names that a module imports, also within its functions.

    ``from a import b`` imports ``a`` and ``a.b``; imports from the own folder (``from . import b``) are left out.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)
