"""How far a run has come, on standard error: share of its files, rate, time that is left."""

import itertools
import os
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import click

from forensics.messages import ngettext

__all__ = ["FilesBar"]

_PAUSE_SECONDS = 0.1  # a terminal is slower than a search
_WIDTH = 24
_CLEAR_LINE = "\r\x1b[K"


class FilesBar:
    """A bar for a run over files, which counts their bytes; without a total where one is a pipe.

    Parameters
    ----------
    label : str
        What is being done.
    files : iterable of path
        All that will be read.
    is_hidden : bool
        Whether nothing is shown: where nobody looks, or where it would stand among results.
    """

    def __init__(
        self, label: str, files: Iterable[str | os.PathLike[str]], *, is_hidden: bool
    ) -> None:
        files = list(files)
        self._label = label
        # Where no file is there, nothing will be read.
        self.is_hidden = is_hidden or not any(_is_there(file) for file in files)
        self._total = None if self.is_hidden else _total_bytes(files)
        self._read = self._of_earlier_files = self._shown = self._results = 0
        self._start = self._last = 0.0
        self._bar: Any = None

    def __enter__(self) -> "FilesBar":
        if not self.is_hidden:
            self._start = time.monotonic()
            self._bar = click.progressbar(
                itertools.repeat(None) if self._total is None else None,
                length=self._total,
                label=self._label,
                item_show_func=lambda _item: self._rate(),
                show_eta=self._total is not None,
                width=_WIDTH,
                file=sys.stderr,
            )
            self._bar.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is None:
            return
        if kind is None and self._total is not None:
            self._read = self._total
        self._show()
        self._bar.__exit__(kind, error, trace)
        self._bar = None

    def echo(self, message: str) -> None:
        """Print a message on standard error, on a line of its own above the bar."""
        if self._bar is not None:
            click.echo(_CLEAR_LINE, nl=False, err=True)
        click.echo(message, err=True)

    def report_position(self, position: int) -> None:
        """Take note of the bytes that are read of the present file."""
        self._read = self._of_earlier_files + position

    def finish_files(self, files: Iterable[str | os.PathLike[str]]) -> None:
        """Take note that files are read."""
        if self._bar is not None:
            self._of_earlier_files += _total_bytes(files) or 0
            self._read = self._of_earlier_files

    def count(self, results: int = 1) -> None:
        """Take note of results, and show them, though not more often than a terminal likes."""
        self._results += results
        if self._bar is not None and time.monotonic() - self._last >= _PAUSE_SECONDS:
            self._show()

    def _show(self) -> None:
        self._last = time.monotonic()
        # Search goes before the results, so that the last bytes may be read long before the end.
        read = self._results if self._total is None else min(self._read, self._total)
        self._bar.update(read - self._shown, ())
        self._shown = read

    def _rate(self) -> str:
        seconds = max(time.monotonic() - self._start, 1e-6)
        return ngettext(
            "{number} sequence, {rate:.0f} a second",
            "{number} sequences, {rate:.0f} a second",
            self._results,
        ).format(number=self._results, rate=self._results / seconds)


def _is_there(file: str | os.PathLike[str]) -> bool:
    return os.fspath(file) == "-" or os.path.exists(file)


def _total_bytes(files: Iterable[str | os.PathLike[str]]) -> int | None:
    """Return the bytes of files; None where one has no size that is known, such as a pipe."""
    total = 0
    for file in files:
        if not os.path.isfile(file):
            if _is_there(file):
                return None
            continue  # will be refused when its turn comes
        total += os.path.getsize(file)
    return total or None
