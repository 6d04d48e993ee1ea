"""How long tests wait for other processes: long enough for any busy machine, and not for ever."""

import time
from collections.abc import Callable

__all__ = ["PATIENCE", "wait_until"]

PATIENCE = 600
"""Seconds. Only a process that hangs is waited for so long; no test that passes is slower for it."""

_PAUSE = 0.02


def wait_until(condition: Callable[[], object], *, seconds: float = PATIENCE) -> bool:
    """Wait for a condition; return whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return bool(condition())
        time.sleep(_PAUSE)
    return True
