"""The figures of an evaluation for people: each scheme with its figures; long tables are left to JSON."""

from collections.abc import Mapping
from typing import Any

from forensics.cli.output import Writer
from forensics.learning.models import MAX_ROWS, Figure, figures_of, tables_of
from forensics.messages import N_, _, ngettext, numeral

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
