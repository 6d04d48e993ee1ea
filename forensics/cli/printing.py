"""Text for people: labelled lines, wrapped to the terminal; a bar of progress."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from forensics.messages import numeral

__all__ = ["CONTROL", "Bar", "cell", "print_lines", "wrapped"]

# A stranger's names must not steer the terminal.
CONTROL = dict.fromkeys([*range(32), *range(127, 160)], "\ufffd")


def cell(value: object) -> str:
    """Return a value for a column that people read: a number in the form of their language."""
    return numeral(value) if isinstance(value, float) else str(value)


def wrapped(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield label and text of each line, wrapped to the terminal."""
    lines = list(lines)
    width = max(len(label) for label, _text in lines) + 4
    import shutil  # not for who only prints JSON
    import textwrap

    columns = min(shutil.get_terminal_size((100, 24)).columns, 100)
    for label, text in lines:
        yield textwrap.fill(
            text.translate(CONTROL),
            columns,
            initial_indent=f"  {label}".ljust(width),
            subsequent_indent=" " * width,
            break_long_words=False,
            break_on_hyphens=False,
        )


def print_lines(lines: list[tuple[str, str]]) -> None:
    """Print label and text of each line, then a blank one."""
    for line in wrapped(lines):
        click.echo(line)
    click.echo()


class Bar:
    """A bar on standard error for each thing that is being done; none where nobody looks."""

    def __init__(self) -> None:
        self._label, self._done = "", 0
        self._bar: Any = None

    def tell(self, label: str, done: int, total: int) -> None:
        """Show how much of something is done."""
        if label != self._label or done < self._done:
            self.close()
            self._label = label
            self._bar = click.progressbar(
                length=total, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
            )
        self._bar.update(done - self._done)
        self._done = done

    def close(self) -> None:
        """End the line of the bar that is shown."""
        if self._bar is not None:
            self._bar.render_finish()
        self._label, self._bar, self._done = "", None, 0
