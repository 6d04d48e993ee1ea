"""The card of a model: what it was trained on, how well it does, what it is not for.

The card is Markdown in English, with a snippet that uses the model. It is made from the model's
``model.json`` alone, so that it cannot say anything else than the model does; programs read that file. Long
tables, such as those by population or by site, are left to it.

References
----------
Mitchell et al. 2019, "Model cards for model reporting", doi:10.1145/3287560.3287596.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forensics.messages import N_

__all__ = ["MAX_ROWS", "Figure", "card_of", "figures_of", "shown"]

# Key of an evaluation -> what it is called on the card; others are called by their keys.
_FIGURES = {
    "population": N_("given to their own population"),
    "unit": N_("given to their own reporting unit"),
    "median_km": N_("median error, km"),
    "q80_km": N_("80 % of errors are below, km"),
    "floor_median_km": N_("naming the middle of the sites: median error, km"),
    "floor_q80_km": N_("naming the middle of the sites: 80 % of errors are below, km"),
    "sampling_median_km": N_("prior 'sampling': median error, km"),
    "sampling_q80_km": N_("prior 'sampling': 80 % of errors are below, km"),
    "mode_median_km": N_("most probable cell: median error, km"),
    "mode_q80_km": N_("most probable cell: 80 % of errors are below, km"),
    "cell_km": N_("side of a cell of the map, km"),
    "range distance_km": N_("reach of the range around the sites, km"),
    "animals": N_("animals"),
    "sites": N_("sites"),
    "coverage 0.5": N_("50 % regions with the true place"),
    "coverage 0.9": N_("90 % regions with the true place"),
    "coverage 0.95": N_("95 % regions with the true place"),
}
# What the evaluation of an exclusion is called in ``model.json``.
_EXCLUSION = "exclusion"
_MAX_FIGURES = 40
MAX_ROWS = 12
"""Longer tables are left to ``model.json``."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an evaluation; `low` and `high` are its interval, `total` what was counted."""

    scheme: str
    key: str
    value: float | int | str
    low: float | None = None
    high: float | None = None
    total: int | None = None

    @property
    def name(self) -> str:
        """What it is called on the card, in English; the key where it has no name."""
        return _FIGURES.get(self.key, self.key)


def card_of(description: Mapping[str, Any]) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    description : mapping
        Content of ``model.json``; its ``data``, ``evaluation`` … are shown as they stand.
    """
    parts = [
        f"# {_plain(description['name'])} {_plain(description['version'])}",
        "",
        f"A model of origin, kind *{description['kind']}*. Made "
        f"{description.get('created', '')} with {description.get('software', '')}.",
        "",
    ]
    for key, title in (
        ("use", "What it is for"),
        ("limits", "What it is not for, and its limits"),
    ):
        if description.get(key):
            parts += [f"## {title}", "", *shown(description[key]), ""]
    parts += ["## How to use it", "", *_snippet(description), ""]
    for key, title in (("data", "Data"), ("parameters", "How it was trained")):
        if description.get(key):
            parts += [f"## {title}", "", *shown(description[key]), ""]
    if description.get("evaluation"):
        parts += ["## How well it does on animals that it has not seen", ""]
        parts += [*_evaluation(description["evaluation"]), ""]
    for key, title in (("licence", "Licence"), ("replaces", "Replaces")):
        if description.get(key):
            parts += [f"## {title}", "", *shown(description[key]), ""]
    return "\n".join(parts).rstrip() + "\n"


def figures_of(evaluation: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the figures of an evaluation that are no tables."""
    for scheme, values in evaluation.items():
        if scheme == _EXCLUSION or not isinstance(values, Mapping):
            continue
        for key, value in values.items():
            yield from _figures_below(scheme, str(key), value)


def _figures_below(scheme: str, key: str, value: object) -> Iterator[Figure]:
    if isinstance(value, Mapping) and {"share", "low", "high"} <= value.keys():
        if value["share"] is not None:
            yield Figure(
                scheme, key, value["share"], value["low"], value["high"], value.get("total")
            )
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _figures_below(scheme, f"{key} {name}", part)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield Figure(scheme, key, value)


def _evaluation(evaluation: object) -> list[str]:
    """Return the figures as a table a scheme, and what the exclusion is worth."""
    if not isinstance(evaluation, Mapping):
        return shown(evaluation)
    lines: list[str] = []
    by_scheme: dict[str, list[Figure]] = {}
    for figure in figures_of(evaluation):
        by_scheme.setdefault(figure.scheme, []).append(figure)
    for scheme in evaluation:
        figures = by_scheme.get(scheme, [])
        tables = list(_small_tables(evaluation[scheme])) if scheme != _EXCLUSION else []
        if not figures and not tables:
            continue
        rows = [
            {
                "figure": figure.name,
                "value": figure.value,
                "95 % interval": ""
                if figure.low is None
                else f"{figure.low:.4g} to {figure.high:.4g}",
                "of": figure.total or "",
            }
            for figure in figures[:_MAX_FIGURES]
        ]
        lines += [f"### {_plain(scheme)}", *(_table(rows, "") if rows else [""])]
        for title, table in tables:
            lines += [f"{_plain(title)}:", *_table(table, "")]
    worth = evaluation.get(_EXCLUSION)
    if isinstance(worth, Mapping) and worth.get("by level"):
        removed = worth.get("removed, one at a time", "group")
        lines += [
            "### What an exclusion is worth",
            "",
            f"Each {removed} was taken out of the reference ({worth.get('groups', '')} of them, "
            f"{worth.get('animals', '')} animals). *Noticed* are its animals that the test then excludes; "
            '*falsely excluded* are the reference\'s own animals, each left out. "Fits" is said only where '
            f"the lower end of the interval reaches {worth.get(_MIN_POWER_KEY, '')}.",
            *_table(list(worth["by level"]), ""),
        ]
    lines.append(
        f"Tables of more than {MAX_ROWS} rows stand in `model.json` under `evaluation` "
        "(`forensics origin info NAME --format json`)."
    )
    return lines


def _small_tables(value: object, title: str = "") -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the tables of few rows below a scheme, with the keys that lead to them."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _small_tables(part, f"{title}, {key}" if title else str(key))
    elif isinstance(value, list) and 0 < len(value) <= MAX_ROWS:
        if all(isinstance(row, Mapping) for row in value):
            yield title, value


_MIN_POWER_KEY = "power that 'fits' needs"


def _snippet(description: Mapping[str, Any]) -> list[str]:
    """Return how the model is used: a command, and the same in Python."""
    name = description["name"]
    table = "feathers.csv" if description["kind"] == "isotopes" else "samples.csv"
    return [
        "```sh",
        f"forensics origin assign {name} {table}",
        "```",
        "",
        "```python",
        "from forensics.origin import assign_with",
        "",
        f'for result in assign_with("{name}", "{table}"):',
        "    print(result.sample, result.headline())",
        "```",
        "",
        f"`{name}` is the name of a packaged model, or the path of the folder that this card lies in.",
    ]


def shown(value: object, depth: int = 0) -> list[str]:
    """Return plain values as lines of Markdown: lists, and a table for rows of one kind."""
    indent = "  " * depth
    if isinstance(value, Mapping):
        lines = []
        for key, part in value.items():
            if isinstance(part, (Mapping, list)) and part:
                lines += [f"{indent}- {key}:", *shown(part, depth + 1)]
            else:
                lines.append(f"{indent}- {key}: {_plain(part)}")
        return lines
    if isinstance(value, list):
        if value and all(isinstance(row, Mapping) for row in value):
            return _table(value, indent)
        return [f"{indent}- {_plain(item)}" for item in value]
    return [f"{indent}{_plain(value)}"]


def _table(rows: Sequence[Mapping[str, Any]], indent: str) -> list[str]:
    names = list(rows[0])
    lines = ["", f"{indent}| " + " | ".join(names) + " |", f"{indent}|" + "---|" * len(names)]
    lines += [
        f"{indent}| " + " | ".join(_plain(row.get(name)) for name in names) + " |" for row in rows
    ]
    return [*lines, ""]


def _plain(value: object) -> str:
    """Return a value for one line of Markdown; whoever named a population must not shape the page."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(str(value).replace("|", "/").replace("<", "‹").split())
