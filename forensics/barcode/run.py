"""The results of a run: a sequence of identifications, which becomes a table, JSON, or a page of a notebook.

A page shows the verdicts first, with the details folded. A script sees how far its run has come by a bar on a
terminal, by lines of the log elsewhere, or by a function of its own.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from forensics.barcode.identification import CSV_COLUMNS, Identification
from forensics.barcode.verdict import (
    Outcome,
    RunSummary,
    Verdict,
    detail_lines,
    make_verdict,
    say_once,
)
from forensics.core.stored import Results
from forensics.messages import _

if TYPE_CHECKING:
    import pandas


# Of the outcome; the word beside it says the same.
COLOURS = {
    Outcome.NAMED: "#1b7f3b",
    Outcome.LIMITED: "#a66a00",
    Outcome.NO_NAME: "#b3261e",
    Outcome.NOTHING_NEAR: "#00687a",
    Outcome.UNUSABLE: "#8a2be2",
}


def run_html(results: Iterable[Identification]) -> str:
    """Return the results of a run: what it was made with, a line a sample, what is true of all of them.

    The doubtful results stand first, as on the command line. Everything that a stranger's file
    may have written is escaped, and turns no line around.
    """
    summary = RunSummary()
    judged: list[tuple[Verdict, Identification]] = []
    for result in results:
        summary.add(result)
        judged.append((make_verdict(result), result))
    judged.sort(key=lambda pair: pair[0].order)
    below = list(summary.lines())
    verdicts, shared = say_once([verdict for verdict, _result in judged], below)
    head = f"<p>{escape('; '.join(summary.head()))}</p>" if judged else ""
    foot = "".join(f"<li>{escape(line)}</li>" for line in shared + below)
    samples = "".join(
        _sample_html(verdict, result)
        for verdict, (_whole, result) in zip(verdicts, judged, strict=True)
    )
    return f"<div>{head}{samples}{f'<ul>{foot}</ul>' if foot else ''}</div>"


def result_html(result: Identification) -> str:
    """Return one result: its verdict, and behind it the details, folded."""
    return f"<div>{_sample_html(make_verdict(result), result)}</div>"


def _sample_html(verdict: Verdict, result: Identification) -> str:
    parts = (
        verdict.rank, verdict.probability, verdict.evidence[0], verdict.advice, " ".join(verdict.codes),
        f"CITES {verdict.appendices}" if verdict.appendices else "",
    )  # fmt: skip
    line = "; ".join(part for part in parts if part)
    rows = "".join(
        f"<tr><th style='text-align:left;vertical-align:top'>{escape(label)}</th>"
        f"<td style='text-align:left'>{escape(text)}</td></tr>"
        for label, text in detail_lines(result, every_notice=True)
    )
    call = f"<b style='color:{COLOURS[verdict.outcome]}'><bdi>{escape(verdict.call)}</bdi></b>"
    return (
        f"<details><summary><bdi>{escape(verdict.label)}</bdi>: {call} {escape(line)}</summary>"
        f"<table>{rows}</table></details>"
    )


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


INTEGER_COLUMNS = ("index", "length", "mismatches", "records")
"""Columns of `Identifications.to_frame` with whole numbers; where there is none they hold ``<NA>``."""
_CLASH = "sample_"  # before the name of a sample's column that is one of ours


class Identifications(Results[Identification]):
    """Identifications in the order of their queries.

    Slices and sums are `Identifications` too. Two are equal where the same would be stored of both.

    Parameters
    ----------
    results : iterable of Identification

    Examples
    --------
    >>> len(Identifications([]))
    0
    """

    @classmethod
    def from_stored(cls, records: Iterable[Mapping[str, Any]]) -> "Identifications":
        """Return the identifications that `Identification.to_dict` wrote.

        Raises
        ------
        InputError
            If a record is not one of an identification.
        """
        return cls(map(Identification.from_stored, records))

    @classmethod
    def from_json(cls, text: str) -> "Identifications":
        """Return the identifications that `to_json` wrote, one a line.

        Raises
        ------
        InputError
            If a line is not JSON, or not the record of an identification.
        """
        return cls(Identification.from_json(line) for line in text.splitlines() if line.strip())

    def __repr__(self) -> str:
        return "\n".join(f"{result.label}: {result.headline()}" for result in self)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the results as a table with a row a query.

        Returns
        -------
        pandas.DataFrame
            The columns of the CSV output (`CSV_COLUMNS`; those of `INTEGER_COLUMNS` are Int64), and the
            columns that the samples had in the DataFrame that was given to `forensics.identify`. One of
            these whose name is taken has ``sample_`` before it.
        """
        import pandas

        rows = [result.to_row() for result in self]
        frame = pandas.DataFrame(rows, columns=list(CSV_COLUMNS))
        frame = frame.astype(dict.fromkeys(INTEGER_COLUMNS, "Int64"))
        own = dict.fromkeys(name for result in self for name in result.sample_columns)
        for name in own:
            values = [result.sample_columns.get(name, pandas.NA) for result in self]
            series = pandas.Series(values, index=frame.index)
            if series.dtype == object:  # whole numbers of some rows stay whole
                series = series.astype(pandas.array(values).dtype)
            frame[_CLASH + name if name in CSV_COLUMNS else name] = series
        return frame

    def plot(self, axes: Any = None) -> Any:
        """Draw a row a query: the identities of the nearest species and of the next one.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        UsageError
            If there are more than `forensics.barcode.plots.MAX_ROWS`.
        ForensicsError
            If matplotlib is not installed.
        """
        from forensics.barcode.plots import plot_identifications

        return plot_identifications(self, axes)

    def _repr_html_(self) -> str:
        return run_html(self)
