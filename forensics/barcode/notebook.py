"""Results of a run as HTML for notebooks: the verdict first, details folded."""

from collections.abc import Iterable
from html import escape

from forensics.barcode.identification import Identification
from forensics.barcode.verdict import (
    Outcome,
    RunSummary,
    Verdict,
    detail_lines,
    make_verdict,
    say_once,
)

__all__ = ["COLOURS", "result_html", "run_html"]

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
