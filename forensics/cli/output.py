"""The one writer of results: as text for people, as lines of JSON, as rows of CSV or TSV.

JSON is the whole result, always. CSV and TSV are rows under a head that does not depend on the
results. What a kind of result is in each form stands in a `View`; the command writes each result with it:

    writer.write(result, _VIEW)

Results go to standard output or, with ``--output``, to a new file, which is written whole or not at all.
What a command that may go on later (``--resume``) has finished is kept in a file of another name
(`forensics.cli.resuming`). Messages go to standard error and never through the writer.
"""

import functools
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TextIO, TypeVar

import click

from forensics.cli.file_options import form_of_file
from forensics.cli.options import apply, new_file, option
from forensics.cli.printing import CONTROL, cell, display_width, padded, wrapped
from forensics.core.options import Group
from forensics.errors import UsageError, VerificationError
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.cli.resuming import KeptResult, PartialFile

__all__ = ["RECORDS", "ROWS", "View", "Writer", "written"]

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

    def begin(self, settings: dict[str, object]) -> "list[KeptResult]":
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
                    "{path} has the results of a run that was broken off; go on with --resume, or delete it."
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
        self.text(text.removesuffix("\n"))

    def rows(self, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
        """Write rows, before the first of them their head; those of a workbook are kept until its end."""
        if self.form == "xlsx":
            self._sheet = columns, self._sheet[1]
            self._sheet[1].extend([row.get(name) for name in columns] for row in rows)
            return
        if self._rows is None:
            from forensics.io.cells import RowWriter

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
            from forensics.io.workbooks import xlsx_bytes

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


@dataclass(frozen=True, slots=True)
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

        options = [
            option(
                "--format",
                "style",
                type=click.Choice(list(forms)),
                default="table",
                show_default=True,
                group=Group.OUTPUT,
                setting="form",
                help=text or None,
            )
        ]
        if to_file:
            options.append(
                option(
                    "--output",
                    "result_file",
                    type=click.Path(path_type=Path, dir_okay=False),
                    metavar="FILE",
                    group=Group.OUTPUT,
                    help=_(
                        "New file for the results; default: standard output. Its ending says the form: "
                        ".csv, .tsv, .xlsx, .json; with any other --format does."
                    )
                    if "csv" in forms
                    else _(
                        "New file for the results; default: standard output. What ends in .json is JSON; with any "
                        "other ending --format says the form."
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
                        "Keep what is finished in FILE.partial of --output, and go on with it where an earlier "
                        "run was broken off; for json, csv and tsv."
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
            "Stopped. {number} result is kept in {path}; the same command with --resume goes on.",
            "Stopped. {number} results are kept in {path}; the same command with --resume goes on.",
            writer.count,
        ).format(number=writer.count, path=partial.path),
        err=True,
    )


@contextmanager
def _resumed(form: str, path: Path | None) -> Iterator[Writer]:
    """Give the writer of a run that keeps what it has finished, however it ends."""
    from forensics.cli.resuming import FORMS, PartialFile
    from forensics.io.files import check_folder

    if path is None or str(path) == "-":
        raise UsageError(_("--resume is for results in a file; give --output, too."))
    if form not in FORMS:
        raise UsageError(_("--resume is for --format json, csv and tsv."))
    new_file(path)
    check_folder(path)
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
    from forensics.io.files import check_folder, writing

    new_file(path)
    check_folder(path)
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
