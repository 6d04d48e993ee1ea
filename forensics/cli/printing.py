"""Text for people: lines as wide as the terminal, marks and colours; a bar of progress.

Colours and marks never stand alone: words beside them say the same. There are no colours where ``NO_COLOR`` is set,
where the output is not a terminal, or where ``TERM`` is ``dumb``; marks are ASCII where the encoding lacks the others.
"""

import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TextIO

import click

from forensics.messages import numeral

__all__ = [
    "CONTROL",
    "Bar",
    "Mark",
    "cell",
    "cut_in_middle",
    "display_width",
    "encodable",
    "has_colours",
    "padded",
    "print_lines",
    "screen_width",
    "wrapped",
]

MAX_TEXT_WIDTH = 100
"""Columns of running text, however wide the terminal is."""

# A stranger's names must not steer the terminal, nor turn the line around on which they stand.
_DIRECTIONS = [0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
CONTROL = dict.fromkeys([*range(32), *range(127, 160), *_DIRECTIONS], "\ufffd")


def cell(value: object) -> str:
    """Return a value for a column that people read: a number in the form of their language."""
    return numeral(value) if isinstance(value, float) else str(value)


def screen_width() -> int:
    """Return the columns of the terminal, or of ``COLUMNS``; 100 where neither says so."""
    import shutil  # not for who only prints JSON

    return shutil.get_terminal_size((MAX_TEXT_WIDTH, 24)).columns


def display_width(text: str) -> int:
    """Return how many columns a text takes: two a wide character, none a combining one.

    >>> display_width("虎"), display_width("e\u0301")
    (2, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def padded(text: str, width: int) -> str:
    """Return a text with blanks after it, so that it takes so many columns."""
    return text + " " * (width - display_width(text))


def cut_in_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """Return a text in at most so many columns, without its middle: names differ at their ends.

    >>> cut_in_middle("exhibit_12_F", 8)
    'exhi…2_F'
    """
    if display_width(text) <= width:
        return text
    start, end = text[: len(text) // 2], text[len(text) // 2 :]
    while display_width(start + ellipsis + end) > width and (start or end):
        if len(start) > len(end):
            start = start[:-1]
        else:
            end = end[1:]
    return start + ellipsis + end


def has_colours(stream: TextIO) -> bool:
    """Return whether a stream shows colours: a terminal that is not dumb, without ``NO_COLOR``."""
    return (
        not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and getattr(stream, "isatty", lambda: False)()
    )


def encodable(text: str, stream: TextIO) -> bool:
    """Return whether a stream can show a text; a dumb terminal shows ASCII alone."""
    if os.environ.get("TERM") == "dumb" and getattr(stream, "isatty", lambda: False)():
        return text.isascii()
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def wrapped(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield label and text of each line, wrapped to the terminal."""
    lines = list(lines)
    width = max(display_width(label) for label, _text in lines) + 4
    import textwrap

    columns = min(screen_width(), MAX_TEXT_WIDTH)
    for label, text in lines:
        yield textwrap.fill(
            text.translate(CONTROL),
            columns,
            initial_indent=padded(f"  {label}", width),
            subsequent_indent=" " * width,
            break_long_words=False,
            break_on_hyphens=False,
        )


class Mark(NamedTuple):
    """How an outcome is marked at the beginning of its line; the words beside it say the same.

    Attributes
    ----------
    sign, ascii : str
        The sign, and the one where the encoding lacks it.
    colour : str
        As of `click.style`.
    """

    sign: str
    ascii: str
    colour: str

    def style(self, stream: TextIO) -> tuple[str, Callable[[str], str]]:
        """Return the sign that a stream can show, and what colours a part of the line."""
        sign = self.sign if encodable(self.sign, stream) else self.ascii
        if not has_colours(stream):
            return sign, str
        return sign, lambda text: click.style(text, fg=self.colour, bold=True)


def print_lines(lines: list[tuple[str, str]]) -> None:
    """Print label and text of each line, then a blank one."""
    for line in wrapped(lines):
        click.echo(line)
    click.echo()


class Bar:
    """A bar on standard error for each thing that is being done, with the time left; none where nobody looks."""

    def __init__(self) -> None:
        self._label, self._done = "", 0
        self._bar: Any = None

    def show(self, label: str, done: int, total: int) -> None:
        """Show how much of something is done; the line ends when all is."""
        if label != self._label or done < self._done:
            self.close()
            self._label = label
            self._bar = click.progressbar(
                length=total,
                label=label,
                show_pos=True,
                file=sys.stderr,
                hidden=not sys.stderr.isatty(),
            )
            self._bar.render_progress()
        self._bar.update(done - self._done)
        self._done = done
        if done >= total:
            self.close()

    def close(self) -> None:
        """End the line of the bar that is shown."""
        if self._bar is not None:
            self._bar.render_finish()
        self._label, self._bar, self._done = "", None, 0
