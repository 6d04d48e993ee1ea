"""The card of a model: what it was trained on, how well it does, what it is not for.

The card is Markdown in English with YAML front matter, as cards of models are known: licence, data,
metrics, intended use and limits for programs, then the same for people, and a snippet that uses the
model. It is made from the model's ``model.json`` alone, so that it cannot say anything else than the
model does. Long tables, such as those by population or by site, are left to ``model.json``.

References
----------
Mitchell et al. 2019, "Model cards for model reporting", doi:10.1145/3287560.3287596.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forensics.messages import N_

__all__ = ["MAX_ROWS", "Figure", "card_of", "figures_of", "front_matter_of", "shown"]

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
_TASKS = {
    "populations": "assignment to populations by genotypes",
    "places": "places on a map by genotypes",
    "isotopes": "places on a map by isotopes",
    "classifier": "assignment to populations by genotypes",
}
# Ends of the keys of what was chosen, not measured: no metrics.
_SETTINGS = ("cell_km", "range distance_km", " temper", " stray")
_MAX_FIGURES = 40
MAX_ROWS = 12
"""Longer tables are left to ``model.json``."""
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*-[A-Za-z0-9.+-]+|CC0|MIT|ISC")


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


def card_of(
    description: Mapping[str, Any], *, of: str = "origin", front_matter: bool = True
) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    description : mapping
        Content of ``model.json``; its ``data``, ``evaluation`` … are shown as they stand.
    of : str
        What the model is of, in English.
    front_matter : bool
        Whether it begins with YAML for programs.
    """
    parts = [front_matter_of(description, of=of)] if front_matter else []
    parts += [
        f"# {_plain(description['name'])} {_plain(description['version'])}",
        "",
        f"A model of {of}, kind *{description['kind']}*. Made "
        f"{description.get('created', '')} with {description.get('software', '')}.",
        "",
    ]
    for key, title in (
        ("use", "What it is for"),
        ("limits", "What it is not for, and its limits"),
    ):
        if description.get(key):
            parts += [f"## {title}", "", *shown(description[key]), ""]
    if of == "origin":
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


def front_matter_of(description: Mapping[str, Any], *, of: str = "origin") -> str:
    """Return the YAML front matter, with the lines that begin and end it.

    Texts are written as JSON writes them, which is YAML too, so that no text of who trained the model
    can be read as anything else.
    """
    licence = str(description.get("licence", ""))
    spdx = _SPDX.match(licence)
    known = {"license": spdx[0].lower().rstrip(".")} if spdx else {"license": "other"}
    if licence:
        known["license_name"] = licence
    data = description.get("data")
    lines: dict[str, Any] = {
        **known,
        "library_name": str(description.get("software", "")).rpartition(" ")[0],
        "tags": ["wildlife", "forensics", of, str(description["kind"])],
        "model_version": description["version"],
        "intended_use": description.get("use", ""),
        "limits": list(description.get("limits", ())),
        "datasets": [dict(data)] if isinstance(data, Mapping) else [],
        "model-index": [
            {
                "name": description["name"],
                "results": [
                    {
                        "task": {"type": _TASKS.get(description["kind"], description["kind"])},
                        "dataset": {"name": f"{_file_of(data)}, {scheme}"},
                        "metrics": metrics,
                    }
                    for scheme, metrics in _metrics(description.get("evaluation")).items()
                ],
            }
        ],
    }
    text = "\n".join(_yaml(lines))
    return "---\n" + text.replace("<", "\\u003c") + "\n---\n"


def _yaml(value: Mapping[str, Any]) -> list[str]:
    """Return a mapping as lines of YAML in blocks; every scalar is written as JSON writes it."""
    lines = []
    for key, part in value.items():
        name = json.dumps(str(key), ensure_ascii=False) if not _BARE.fullmatch(str(key)) else key
        if isinstance(part, Mapping) and part:
            lines += [f"{name}:", *(f"  {line}" for line in _yaml(part))]
        elif isinstance(part, list) and part:
            lines.append(f"{name}:")
            for item in part:
                if isinstance(item, Mapping) and item:
                    first, *rest = _yaml(item)
                    lines += [f"- {first}", *(f"  {line}" for line in rest)]
                else:
                    lines.append(f"- {json.dumps(item, ensure_ascii=False)}")
        else:
            lines.append(f"{name}: {json.dumps(part, ensure_ascii=False)}")
    return lines


def _file_of(data: object) -> str:
    return str(data.get("file", "")) if isinstance(data, Mapping) else ""


def _metrics(evaluation: object) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of each scheme, as a program reads them."""
    result: dict[str, list[dict[str, Any]]] = {}
    if not isinstance(evaluation, Mapping):
        return result
    for figure in figures_of(evaluation):
        if figure.key.endswith(_SETTINGS):
            continue
        metric: dict[str, Any] = {
            "name": figure.name,
            "type": figure.key,
            "value": _rounded(figure.value),
        }
        if figure.low is not None and figure.high is not None:
            metric["interval_95"] = [_rounded(figure.low), _rounded(figure.high)]
        result.setdefault(figure.scheme, []).append(metric)
    rows = evaluation.get(_EXCLUSION)
    if isinstance(rows, Mapping) and rows.get("by level"):
        result[_EXCLUSION] = [
            {
                "name": f"{what} at {row['level']:g}",
                "type": what,
                "value": _rounded(row[what]),
                "interval_95": [_rounded(row[low]), _rounded(row[high])],
            }
            for row in rows["by level"]
            for what, low, high in (
                ("noticed", "low", "high"),
                ("falsely excluded", "falsely low", "falsely high"),
            )
        ]
    return result


def _rounded(value: float | int | str) -> float | int | str:
    """Return a number to four significant digits, as the card has it for people; all stand in ``model.json``."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


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
