"""How far something has come, told to whoever asked."""

from collections.abc import Callable
from typing import TypeAlias

Advance: TypeAlias = Callable[[int, int], object]
"""Called with how much is done, and of how much."""
Progress: TypeAlias = Callable[[str, int, int], object]
"""Called with what is worked at (a query, a locus, a step such as ``12S: screening``), and the same numbers."""


def no_progress(*_done: object) -> None:
    """Show nothing."""
