"""How far a run of a script has come: a bar on a terminal, lines of the log elsewhere, or a function of its own."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from forensics.messages import _

__all__ = ["SECONDS_BETWEEN_LINES", "follow"]

SECONDS_BETWEEN_LINES = 10.0
"""How often the log says how far a run has come."""

ResultT = TypeVar("ResultT")
Show = Callable[[int, int | None], object]


def follow(
    results: Iterator[ResultT], progress: bool | Show, total: int | None
) -> Iterator[ResultT]:
    """Yield the results, and show how many there are.

    Parameters
    ----------
    results : iterator
    progress : bool or callable
        As of `forensics.identify`.
    total : int or None
        How many there will be, as far as that is known. A genome is cut into several.
    """
    if progress is False:
        yield from results
    elif progress is True and sys.stderr.isatty():
        import click

        with click.progressbar(
            results, length=total, label=_("Identifying"), show_pos=True, file=sys.stderr
        ) as bar:
            yield from bar
    else:
        show = _log_now_and_then() if progress is True else progress
        for done, result in enumerate(results, 1):
            show(done, total and max(total, done))
            yield result


def _log_now_and_then() -> Show:
    import logging

    log = logging.getLogger("forensics.examination")
    last = time.monotonic()

    def show(done: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= SECONDS_BETWEEN_LINES:
            last = now
            log.info("identified %d of %s sequences", done, "unknown" if total is None else total)

    return show
