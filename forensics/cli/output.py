"""The one writer of results: as text for people, as lines of JSON, as rows of CSV or TSV.

JSON is the whole result, always. CSV and TSV are rows under a head that does not depend on the
results. What a kind of result is in each form stands in a `View`; the command writes each result with it:

    writer.write(result, _VIEW)

Results go to standard output or, with ``--output``, to a new file, which is written whole or not at all.
What a command that may go on later (``--resume``) has finished is kept in a file of another name
(`forensics.cli.resuming`). Messages, and bars of progress, go to standard error and never through the writer.

Text for people has lines as wide as the terminal, marks and colours. These never stand alone: words beside them say the
same. There are no colours where ``NO_COLOR`` is set, where the output is not a terminal, or where ``TERM`` is ``dumb``;
marks are ASCII where the encoding lacks the others.
"""

import functools
import io
import itertools
import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TextIO, TypeVar

import click

from forensics.cli.options import (
    apply,
    form_of_file,
    new_file,
    option,
    path_option,
    shared,
)
from forensics.core.options import Group
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import AnyPath
from forensics.messages import _, ngettext, numeral

if TYPE_CHECKING:
    from forensics.barcode.examination import FinishedQuery
    from forensics.cli.resuming import PartialFile


MAX_TEXT_WIDTH = 100
"""Columns of running text, however wide the terminal is."""

# A stranger's names must not steer the terminal, nor turn the line around on which they stand.
_DIRECTIONS = [0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
CONTROL = dict.fromkeys([*range(32), *range(127, 160), *_DIRECTIONS], "\ufffd")


def cell(value: object) -> str:
    """Return a value for a column that people read: a number in the form of their language."""
    return numeral(value) if isinstance(value, float) else str(value)


def tell(text: str) -> None:
    """Write a message beside the results, on standard error."""
    click.echo(text.translate(CONTROL), err=True)


def tell_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Write label and text of lines beside the results."""
    for label, text in lines:
        tell(f"{label}: {text}")


def note(text: object) -> None:
    """Write a note beside the results, on standard error."""
    tell(_("Note: {}").format(text))


def leave_unexamined() -> None:
    """Leave with 3: at least one input could not be examined."""
    click.get_current_context().exit(InputError.exit_code)


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

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the line of the bar that is shown."""
        if self._bar is not None:
            self._bar.render_finish()
        self._label, self._bar, self._done = "", None, 0


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

    def __init__(self, label: str, files: Iterable[AnyPath], *, is_hidden: bool) -> None:
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

    def finish_files(self, files: Iterable[AnyPath]) -> None:
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


def _is_there(file: AnyPath) -> bool:
    return os.fspath(file) == "-" or os.path.exists(file)


def _total_bytes(files: Iterable[AnyPath]) -> int | None:
    """Return the bytes of files; None where one has no size that is known, such as a pipe."""
    total = 0
    for file in files:
        if not os.path.isfile(file):
            if _is_there(file):
                return None
            continue  # will be refused when its turn comes
        total += os.path.getsize(file)
    return total or None


F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

ROWS = ("table", "json", "csv", "tsv")
"""Forms of results that are rows."""
RECORDS = ("table", "json")
"""Forms of results that are not."""

_DELIMITERS = {"csv": ",", "tsv": "\t"}


class Writer:
    """Writes results in one form.

    Parameters
    ----------
    form : str
        One of `ROWS`, or ``xlsx``.
    stream : text file
        Where to.

    Attributes
    ----------
    form : str
    is_finished : bool
        Whether the results are whole, whatever error follows.
    count : int
        Results that it wrote, and those that an earlier run left.
    settings : dict or None
        What the results are made with, of a run that may be gone on with; set by `begin`.
    """

    def __init__(
        self,
        form: str,
        stream: TextIO,
        partial: "PartialFile | None" = None,
        path: Path | None = None,
    ) -> None:
        self.form, self._stream, self._path = form, stream, path
        self.is_finished = False
        self.count = 0
        self.settings: dict[str, object] | None = None
        self._partial = partial
        self._rows: Any = None
        self._sheet: tuple[Sequence[str], list[Sequence[object]]] = (), []

    @property
    def is_resuming(self) -> bool:
        """Whether it goes on with what an earlier run left."""
        return self._partial is not None

    @property
    def keeps_when_stopped(self) -> bool:
        """Whether it keeps what is finished where somebody stops the run, and says so."""
        from forensics.cli.resuming import FORMS

        is_file = self._stream is not sys.stdout
        return bool(self.settings and self.count and is_file and self.form in FORMS)

    def begin(self, settings: dict[str, object]) -> "list[FinishedQuery]":
        """Say what decides the results; return those that an earlier run with ``--resume`` left.

        Parameters
        ----------
        settings : dict
            Plain values.

        Raises
        ------
        UsageError
            If the earlier run had others, or left results and this one does not go on with them.
        """
        self.settings = {"form": self.form, **settings}
        if self._partial is None:
            self._refuse_partial_file()
            return []
        self._partial.require_same_settings(self.settings)
        stream: Any = self._stream
        kept = self._partial.read_kept(stream.buffer)
        self.count = len(kept)
        return kept

    def _refuse_partial_file(self) -> None:
        """Refuse to begin anew where an earlier run left results: they would be lost, or mixed with others."""
        if self._path is None:
            return
        from forensics.cli.resuming import FORMS, PartialFile

        if self.form not in FORMS:
            return
        partial = PartialFile(self._path, self.form)
        if partial.path.exists():
            raise UsageError(
                _(
                    "{path} has the results of an interrupted run; continue with --resume, or "
                    "delete it."
                ).format(path=partial.path)
            )

    @property
    def stream(self) -> TextIO:
        """Where it writes to."""
        return self._stream

    @property
    def is_table(self) -> bool:
        """Whether people read it."""
        return self.form == "table"

    @property
    def is_json(self) -> bool:
        """Whether each result is a line of JSON."""
        return self.form == "json"

    @property
    def has_rows(self) -> bool:
        """Whether it is rows under a head: CSV, TSV or a workbook."""
        return self.form == "xlsx" or self.form in _DELIMITERS

    def write(self, result: T, view: "View[T]") -> None:
        """Write one result as its view says."""
        if self.is_json:
            self.record(view.record(result))
        elif self.has_rows:
            self.rows(view.rows(result), view.columns)
        elif self.form in view.lines:
            for line in view.lines[self.form](result):
                self.text(line)
        else:
            view.show(result, self)
        self.count += 1
        if self._partial is not None:
            self._stream.flush()

    def write_all(self, results: Iterable[T], view: "View[T]") -> None:
        """Write results as their view says; the head of CSV and TSV stands there without any, too."""
        if self.has_rows:
            self.rows((), view.columns)
        for result in results:
            self.write(result, view)

    def record(self, record: object) -> None:
        """Write a line of JSON: plain values, or what makes such a line of itself (``to_json``)."""
        made = getattr(record, "to_json", None)
        text = made() if made else json.dumps(record, ensure_ascii=False, allow_nan=False)
        self._stream.write(text.removesuffix("\n") + "\n")
        self._stream.flush()  # who reads along has it at once

    def rows(self, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
        """Write rows, before the first of them their head; those of a workbook are kept until its end."""
        if self.form == "xlsx":
            self._sheet = columns, self._sheet[1]
            self._sheet[1].extend([row.get(name) for name in columns] for row in rows)
            return
        if self._rows is None:
            from forensics.io.numbers import RowWriter

            self._rows = RowWriter(
                self._stream,
                columns,
                delimiter=_DELIMITERS[self.form],
                has_head=self.is_resuming and self.count > 0,
            )
        self._rows.write(rows)

    def plain_rows(self, rows: Sequence[Mapping[str, object]], columns: Sequence[str] = ()) -> None:
        """Write rows in any form: as lines of JSON, as CSV or TSV, or as columns for people.

        Parameters
        ----------
        rows : sequence of mapping
        columns : sequence of str
            The head; by default the keys of the first row.
        """
        columns = columns or (list(rows[0]) if rows else ())
        if self.is_json:
            for row in rows:
                self.record(row)
        elif self.has_rows and columns:
            self.rows(rows, columns)
        elif self.is_table and rows:
            self.columns(rows)

    def text(self, text: str = "") -> None:
        """Write a line, as it is."""
        click.echo(text, file=self._stream)

    def heading(self, text: str) -> None:
        """Write a line that may hold a stranger's text."""
        self.text(text.translate(CONTROL))

    def lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Write label and text of each line, wrapped to the terminal, then a blank one."""
        for line in wrapped(lines):
            self.text(line)
        self.text()

    def columns(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Write rows as aligned columns, with their keys as the head."""
        table = [list(rows[0])]
        for row in rows:
            table.append(["" if value is None else cell(value) for value in row.values()])
        table = [[text.translate(CONTROL) for text in row] for row in table]
        widths = [max(map(display_width, column)) for column in zip(*table)]
        for line in table:
            self.text("  ".join(map(padded, line, widths)).rstrip())

    def finish(self) -> None:
        """Keep the results although a failed verification is reported after them."""
        self.is_finished = True

    def close(self) -> None:
        """Write the workbook, where it is one."""
        if self.form == "xlsx":
            from forensics.io.tables import xlsx_bytes

            self._stream.buffer.write(xlsx_bytes(*self._sheet))

    def flush(self) -> None:
        """Hand on what was written, so that it stands before what is said of it."""
        self._stream.flush()


def _itself(result: Any) -> object:
    return result if hasattr(result, "to_json") else result.to_dict()


def _row_of(result: Any) -> Iterable[Mapping[str, object]]:
    rows = getattr(result, "rows", None)
    return rows() if rows else (result.to_row(),)


def _show(result: Any, writer: Writer) -> None:
    if result.sample:
        writer.heading(result.sample)
    writer.lines(result.lines())


@dataclass(frozen=True)
class View(Generic[T]):
    """What one kind of result is in each form.

    Attributes
    ----------
    columns : sequence of str
        Head of CSV and TSV.
    rows : callable
        Rows of a result, with these keys; by default its ``rows()``, or its ``to_row()``.
    show : callable
        Writes a result for people; by default its sample and its ``lines()``.
    record : callable
        What JSON has; by default all of the result.
    lines : mapping of str to callable
        By name of a form of the command's own, the lines of a result.
    """

    columns: Sequence[str] = ()
    rows: Callable[[T], Iterable[Mapping[str, object]]] = _row_of
    show: Callable[[T, Writer], None] = _show
    record: Callable[[T], object] = _itself
    lines: Mapping[str, Callable[[T], Iterable[str]]] = field(default_factory=dict)


def written(
    text: str = "",
    *,
    forms: Sequence[str] = ROWS,
    to_file: bool = True,
    can_resume: bool = False,
    is_shared: bool = False,
) -> Callable[[F], F]:
    """Return a decorator that gives a command ``--format`` and ``--output``, and a `Writer`.

    Parameters
    ----------
    text : str
        Help of ``--format``, translated.
    forms : sequence of str
        `ROWS` or `RECORDS`.
    to_file : bool
        Whether there is ``--output``; not where a command has one that means another file.
    can_resume : bool
        Whether there is ``--resume``; the command then calls `Writer.begin`.
    is_shared : bool
        Whether the group of the command describes ``--format`` (`forensics.cli.options.shared`).
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(
            *arguments: Any,
            style: str,
            result_file: Path | None = None,
            resume: bool = False,
            **values: Any,
        ) -> Any:
            form = form_of_file(style, result_file, forms)
            opened = (_resumed if resume else _opened)(form, result_file)
            with opened as writer:
                return function(*arguments, writer=writer, **values)

        form_option = option(
            "--format",
            "style",
            type=click.Choice(list(forms)),
            default="table",
            show_default=True,
            group=Group.OUTPUT,
            setting="form",
            help=text or None,
        )
        options = [shared(form_option) if is_shared else form_option]
        if to_file:
            options.append(
                path_option(
                    "--output",
                    "result_file",
                    metavar="FILE",
                    group=Group.OUTPUT,
                    help=_(
                        "New file for the results; default: standard output. Its ending sets the "
                        "format: .csv, .tsv, .xlsx, .json; otherwise --format sets it."
                    )
                    if "csv" in forms
                    else _(
                        "New file for the results; default: standard output. With the ending "
                        ".json it is JSON; otherwise --format sets the format."
                    ),
                )
            )
        if can_resume:
            options.append(
                option(
                    "--resume",
                    is_flag=True,
                    group=Group.OUTPUT,
                    help=_(
                        "Keep finished results in FILE.partial of --output, and resume there after "
                        "an interrupted run; for json, csv and tsv."
                    ),
                )
            )
        return apply(call, *options)

    return decorate


class _RunError(Exception):
    """Carries an error of another file, or of a connection, past the file of the results."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


def _keep(writer: Writer, path: Path, temporary: Path) -> None:
    """Give a name to what a run has finished when somebody stops it, if another can go on with it."""
    from forensics.cli.resuming import FORMS, PartialFile

    if writer.settings is None or writer.form not in FORMS or not writer.count:
        return
    writer.flush()
    partial = PartialFile(path, writer.form)
    partial.write_settings(writer.settings)
    temporary.rename(partial.path)
    _report_kept(writer, partial)


def _report_kept(writer: Writer, partial: "PartialFile") -> None:
    click.echo(
        "\n"
        + ngettext(
            "Stopped. {number} result is kept in {path}; run the same command with --resume to "
            "continue.",
            "Stopped. {number} results are kept in {path}; run the same command with --resume to "
            "continue.",
            writer.count,
        ).format(number=writer.count, path=partial.path),
        err=True,
    )


@contextmanager
def _resumed(form: str, path: Path | None) -> Iterator[Writer]:
    """Give the writer of a run that keeps what it has finished, however it ends."""
    from forensics.cli.resuming import FORMS, PartialFile

    if path is None or str(path) == "-":
        raise UsageError(_("--resume needs a file for the results; give --output too."))
    if form not in FORMS:
        raise UsageError(_("--resume is for --format json, csv and tsv."))
    new_file(path)
    partial = PartialFile(path, form)
    is_new = not partial.path.exists()
    left: BaseException | None = None
    with open(os.open(partial.path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", newline="\n", write_through=True)
        writer = Writer(form, stream, partial)
        try:
            yield writer
        except (click.exceptions.Exit, SystemExit) as leaving:
            left = leaving
        except BaseException as error:
            if is_new and not writer.count:
                partial.remove()
            elif isinstance(error, KeyboardInterrupt):
                _report_kept(writer, partial)
            raise
        finally:
            stream.detach()
        file.flush()
        os.fsync(file.fileno())
    partial.publish()
    if left is not None:
        raise left


@contextmanager
def _opened(form: str, path: Path | None) -> Iterator[Writer]:
    """Give the writer of a run. A file stays where the run leaves with an exit code of its own."""
    if path is None or str(path) == "-":
        if form != "table":  # for programs, which expect UTF-8 everywhere
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield Writer(form, sys.stdout)
        return
    from forensics.io.files import writing

    new_file(path)
    left: BaseException | None = None
    try:
        with writing(path) as file:
            stream = io.TextIOWrapper(
                file.stream, encoding="utf-8", newline="\n", write_through=True
            )
            writer = Writer(form, stream, path=path)
            try:
                yield writer
                writer.close()
            except (click.exceptions.Exit, SystemExit) as leaving:
                # The results are whole.
                writer.close()
                left = leaving
            except KeyboardInterrupt:
                with suppress(OSError):  # it could not be kept; nothing is left then
                    _keep(writer, path, file.path)
                raise
            except VerificationError as error:
                if not writer.is_finished:  # a library or a ledger that was altered: no results
                    raise
                writer.close()
                left = error
            except OSError as error:
                # What was written to an open file has no name in its error.
                if error.filename is None and not isinstance(
                    error, (ConnectionError, TimeoutError)
                ):
                    raise
                raise _RunError(error) from error
            finally:
                stream.detach()
    except _RunError as failed:
        raise failed.error from None
    if left is not None:
        raise left


def details_options(function: F) -> F:
    """Give a command ``--verbose`` and ``--show``, as `verbose` and `shown`."""
    show = option(
        "--show",
        "shown",
        multiple=True,
        metavar="SAMPLE",
        group=Group.OUTPUT,
        help=_("Also show the details of this sample; may be repeated."),
    )
    verbose = option(
        "--verbose",
        "-v",
        is_flag=True,
        group=Group.OUTPUT,
        help=_("Show the details of each sample, with all notices."),
    )
    return verbose(show(function))


def check_shown(writer: Writer, *, verbose: bool, shown: Sequence[str]) -> None:
    """Check that details are asked for where people read them.

    Raises
    ------
    click.UsageError
        If the results are written as JSON or rows.
    """
    if (verbose or shown) and not writer.is_table:
        raise click.UsageError(
            _("-v and --show are for --format table; the other formats contain everything.")
        )


def unknown_sample(missing: Sequence[str], names: Iterable[str]) -> str:
    """Return in words that the run has no such sample, and which come near; "" where none is missing."""
    if not missing:
        return ""
    import difflib

    every = list(dict.fromkeys(names))
    near = difflib.get_close_matches(missing[0], every, 3) or every[:3]
    return _("No sample of this run is called {name!r}; its samples are {names}.").format(
        name=missing[0], names=", ".join(near) + (" …" if len(every) > len(near) else "")
    )
