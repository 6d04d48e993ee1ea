"""Origins on a screen, the doubtful ones first, and the figures of an evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from forensics.cli.output import (
    CONTROL,
    Mark,
    View,
    Writer,
    check_shown,
    cut_in_middle,
    display_width,
    padded,
    screen_width,
    unknown_sample,
    wrapped,
)
from forensics.learning.models import MAX_ROWS, Figure, figures_of, tables_of
from forensics.messages import N_, _, ngettext, numeral, shown_probability, thousands
from forensics.origin.results import CSV_COLUMNS, Origin, Origins, rank_in_words

MARKS = {
    "unusable": Mark("!", "!", "magenta"),
    "none_of_the_reference": Mark("✖", "x", "red"),
    "no_fit": Mark("✖", "x", "magenta"),
    "inconclusive": Mark("▲", "~", "yellow"),
    "assigned": Mark("✔", "+", "green"),
}
"""The doubtful ones first."""
_GAP = "  "
_INDENT = "    "
_WIDEST_NAME = 28
_MAX_ANSWER = 32
# Parts of the evidence of what was assigned: all; without the area; the probability and the place.
_FORMS = (slice(None), slice(3), slice(1, 3))
_MAX_SET = 6
"""Names of a set in a line; the details have all."""


def write_origins(
    results: Origins, writer: Writer, *, verbose: bool = False, shown: Sequence[str] = ()
) -> None:
    """Write the results of a run.

    For people, several samples are a line each and what is the same for all stands below, once. A
    single sample, one that alone was examined, and those that are asked for, are shown in detail.
    Other forms have everything.

    Raises
    ------
    click.UsageError
        If a sample is to be shown that the run has not; the results are written first.
    """
    check_shown(writer, verbose=verbose, shown=shown)
    if not writer.is_table or len(results) < 2:
        writer.write_all(results, View(columns=CSV_COLUMNS))
    else:
        _write_lines(results, writer)
        examined = [result for result in results if result.status != "unusable"]
        _write_common(examined, writer)
        detailed = [
            result
            for result in results
            if verbose or result.sample in shown or [result] == examined
        ]
        writer.write_all(sorted(detailed, key=_order), View(columns=CSV_COLUMNS))
        if not detailed:
            first = min(results, key=_order).sample.translate(CONTROL)
            writer.text(_("Details: -v, or --show {name}.").format(name=first))
        writer.finish()
    names = [result.sample for result in results]
    missing = [name for name in shown if name not in names]
    if problem := unknown_sample(missing, names):
        writer.flush()
        raise click.UsageError(problem.translate(CONTROL))


def _order(result: Origin) -> tuple[int, int]:
    return list(MARKS).index(result.status), result.index


def _write_lines(results: Origins, writer: Writer) -> None:
    names = {result.index: result.sample.translate(CONTROL) for result in results}
    short = {index: cut_in_middle(name, _WIDEST_NAME) for index, name in names.items()}
    if len(set(short.values())) < len(set(names.values())):
        short = names
    answers = {result.index: _answer(result).translate(CONTROL) for result in results}
    name_width = max(map(display_width, short.values()))
    answer_width = min(max(map(display_width, answers.values())), _MAX_ANSWER)
    assigned = [result for result in results if result.status == "assigned"]
    rank_width = max((display_width(_rank(result)) for result in assigned), default=0)
    start_width = 2 + name_width + 2 * len(_GAP)
    evidence = {
        result.index: [text.translate(CONTROL) for text in _evidence(result, rank_width)]
        for result in results
    }
    room = screen_width() - start_width - answer_width
    assigned_evidence = [evidence[result.index] for result in assigned]
    form = next(
        (
            form
            for form in _FORMS
            if all(display_width(_GAP.join(texts[form])) <= room for texts in assigned_evidence)
        ),
        _FORMS[0],
    )
    for result in sorted(results, key=_order):
        mark, colour = MARKS[result.status].style(writer.stream)
        answer = answers[result.index]
        start = f"{colour(mark)} {padded(short[result.index], name_width)}{_GAP}"
        texts = evidence[result.index]
        line = _GAP.join(texts[form] if result.status == "assigned" else texts)
        width = start_width + max(answer_width, display_width(answer))
        if width + display_width(line) <= screen_width():
            writer.text(f"{start}{colour(padded(answer, answer_width))}{_GAP}{line}".rstrip())
            continue
        writer.text(f"{start}{colour(answer)}")
        for text in _below(line):
            writer.text(text)
    writer.text()
    _write_counts(results, writer)


def _write_counts(results: Origins, writer: Writer) -> None:
    counts = {
        status: sum(result.status == status for result in results) for status in reversed(MARKS)
    }
    texts = [_count(status, count) for status, count in counts.items() if count]
    writer.text("; ".join(texts) + ".")
    writer.text()


def _rank(result: Origin) -> str:
    """Return what was assigned, in a few words."""
    return rank_in_words(result.rank or "").partition(";")[0]


def _answer(result: Origin) -> str:
    """Return what a sample is said to be, in a few words."""
    if result.status == "assigned":
        return result.answer()
    if result.status == "inconclusive":
        return _("not settled")
    if result.status == "none_of_the_reference":
        return _("none of the reference")
    if result.status == "no_fit":
        return _("not stated")
    return _("unusable")


def _evidence(result: Origin, rank_width: int) -> Iterator[str]:
    """Yield on what the answer rests."""
    if result.status == "assigned":
        yield padded(_rank(result), rank_width)
        if result.probability is not None:
            yield shown_probability(result.probability)
    if result.status == "inconclusive":
        likeliest = result.likeliest_origins()
        if likeliest:
            names = ", ".join(list(likeliest)[:_MAX_SET])
            if len(likeliest) > _MAX_SET:
                names = _("{names} and {count} more").format(
                    names=names, count=len(likeliest) - _MAX_SET
                )
            yield f"{names}: {shown_probability(sum(likeliest.values()))}"
    if result.status == "none_of_the_reference":
        exclusion = getattr(result, "exclusion", None)
        if exclusion is not None:
            yield f"p = {numeral(exclusion.p_any, '.2g')}"
    if result.status == "unusable":
        yield from (text for _label, text in result.details())
        return
    if result.point is not None:
        yield _("near {latitude:.1f}, {longitude:.1f}").format(
            latitude=result.point.latitude, longitude=result.point.longitude
        )
        if (area := result.region_area(0.9)) is not None:
            yield _("{level:.0%} region {area} km²").format(level=0.9, area=thousands(area))


def _below(text: str) -> Iterator[str]:
    """Yield the lines of a text below a sample."""
    import textwrap

    yield from textwrap.wrap(
        text,
        screen_width(),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _count(status: str, count: int) -> str:
    """Return how many samples have a status."""
    texts = {
        "assigned": ngettext("{count} sample assigned", "{count} samples assigned", count),
        "inconclusive": _("not settled: {count}"),
        "none_of_the_reference": _("none of the reference: {count}"),
        "no_fit": _("not stated: {count}"),
        "unusable": _("unusable: {count}"),
    }
    return texts[status].format(count=count)


def _write_common(examined: Sequence[Origin], writer: Writer) -> None:
    """Write once what is the same for all samples that were examined, and for all that are not excluded."""
    unlike = ("none_of_the_reference", "no_fit")
    fitting = [result for result in examined if result.status not in unlike]
    written: list[tuple[str, str]] = []
    for title, group in (
        (_("For all samples:"), examined),
        (_("For all samples that are not excluded:"), fitting),
    ):
        if len(group) < 2:  # what is true of one sample is not common to any
            continue
        lines = [_lines_of(result) for result in group]
        shared = [line for line in lines[0] if all(line in others for others in lines[1:])]
        common = [line for line in shared if line not in written]
        if common:
            writer.text(title)
            for text in wrapped(common):
                writer.text(text)
            writer.text()
        written += common


def _lines_of(result: Origin) -> list[tuple[str, str]]:
    """Return label and text of a result; what its test would have noticed has a line of its own."""
    lines = result.lines()[1:]
    exclusion = getattr(result, "exclusion", None)
    if exclusion is not None and exclusion.power is not None:
        lines.insert(0, (_("Exclusion"), exclusion.worth()))
    return lines


_SCHEMES = {
    "leave-one-site-out": N_("Whole sites left out"),
    "leave-one-out": N_("Single animals left out"),
    "5-fold": N_("A fifth of the animals left out at a time"),
    "exclusion": N_("What an exclusion is worth"),
    "reporting regions": N_("Reporting regions"),
}
# Ends of the keys of what was chosen, not measured.
_NOT_SHOWN = ("temper", "stray")


def show_evaluation(evaluation: Mapping[str, Any], writer: Writer) -> None:
    """Write the figures of an evaluation, as `training.evaluate_genotypes` returns them."""
    for scheme, values in evaluation.items():
        if not isinstance(values, Mapping):
            continue
        writer.text(_(_SCHEMES[scheme]) if scheme in _SCHEMES else scheme)
        figures = [
            figure for figure in figures_of({scheme: values}) if not figure.key.endswith(_NOT_SHOWN)
        ]
        if figures:
            writer.lines([(_(figure.name), _in_words(figure)) for figure in figures])
        left = dict(tables_of(values))
        for title, rows in left.items():
            if len(rows) > MAX_ROWS:
                continue
            if title:
                writer.text(f"  {title}:")
            writer.columns([{key: _cell(value) for key, value in row.items()} for row in rows])
            writer.text()
        long = [(title, len(rows)) for title, rows in left.items() if len(rows) > MAX_ROWS]
        for title, count in long:
            text = ngettext(
                "{title}: {count} row, in --format json",
                "{title}: {count} rows, in --format json",
                count,
            )
            writer.text(f"  {text.format(title=title, count=count)}")
        if long:
            writer.text()


def _in_words(figure: Figure) -> str:
    """Return the value of a figure: a rate with its interval, or a number."""
    if figure.low is None or figure.high is None:
        return (
            numeral(figure.value, ".4g") if isinstance(figure.value, float) else str(figure.value)
        )
    text = _("{share} ({low} to {high})").format(
        share=numeral(figure.value, ".1%"),
        low=numeral(figure.low, ".1%"),
        high=numeral(figure.high, ".1%"),
    )
    return (
        text
        if figure.total is None
        else _("{text} of {total}").format(text=text, total=figure.total)
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return numeral(value, ".3g") if isinstance(value, float) else str(value)
