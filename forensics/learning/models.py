"""A model in a folder: its description, arrays of numbers, and the file of an estimator; opened without running any code.

::

    MODEL/
      model.json        what it is, what it learned from, how well it does, the sha256 of its other files
      arrays.npz        numbers only
      estimator.skops   of some kinds: an estimator of scikit-learn, without pickle
      README.md         the card, for people: what it was trained on, how well it does, what it is not for

The card is Markdown in English, with a snippet that uses the model. It is made from ``model.json`` alone, so that it
cannot say anything else than the model does; programs read that file. Long tables, such as those by population or by
site, are left to it.

References
----------
Mitchell et al. 2019, "Model cards for model reporting", doi:10.1145/3287560.3287596.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forensics.core.grouping import grouped
from forensics.errors import InputError, ModelError
from forensics.io.files import AnyPath, load_json, making_folder, open_archive, read_limited
from forensics.messages import N_, _

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
    "sampling_coverage 0.5": N_("prior 'sampling': 50 % regions with the true place"),
    "sampling_coverage 0.9": N_("prior 'sampling': 90 % regions with the true place"),
    "sampling_coverage 0.95": N_("prior 'sampling': 95 % regions with the true place"),
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
    by_scheme = grouped(figures_of(evaluation), lambda figure: figure.scheme)
    for scheme in evaluation:
        figures = by_scheme.get(scheme, [])
        tables = [] if scheme == _EXCLUSION else list(tables_of(evaluation[scheme]))
        tables = [(title, table) for title, table in tables if len(table) <= MAX_ROWS]
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


def tables_of(value: object, title: str = "") -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the tables below a scheme of an evaluation, with the keys that lead to them."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from tables_of(part, f"{title}, {key}" if title else str(key))
    elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
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


DESCRIPTION = "model.json"
_ARRAYS, _CARD, _ESTIMATOR = "arrays.npz", "README.md", "estimator.skops"
STORED_ESTIMATOR = "stored estimator"
"""Key of the description with the sum of the estimator's file."""
NOT_OF_THE_CARD = frozenset(
    {"format", "name", "version", "kind", "labels", "arrays", STORED_ESTIMATOR}
)
"""Keys of the description that say what a model is, and nothing of it to people."""
# A model of 10,000 SNPs in 100 populations has 16 MB; what is greater by far is not a model.
_MAX_BYTES = 512 * 2**20
_MAX_DESCRIPTION = 64 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, eq=False)
class ModelFolder:
    """What a folder of a model holds; its sums were checked.

    Attributes
    ----------
    description : dict
        Content of ``model.json``.
    arrays : dict of str to numpy.ndarray
        Numbers and booleans only; read-only.
    estimator : bytes
        Empty where there is none.
    sha256 : str
        Of ``model.json``.
    """

    description: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    estimator: bytes
    sha256: str


def write_model_folder(
    path: AnyPath,
    description: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    *,
    estimator: bytes = b"",
) -> None:
    """Write a model into a new folder, whole or not at all.

    Parameters
    ----------
    description : mapping
        Plain values, with ``name`` and ``format``; the sums of the other files are added.
    arrays : mapping of str to numpy.ndarray

    Raises
    ------
    ModelError
        If the folder exists and is not empty, or the name will not do.
    InputError
        If it cannot be written.
    """
    path, name = Path(path), str(description["name"])
    if not _NAME.fullmatch(name):
        raise ModelError(
            _(
                "{name!r} is not a valid name for a model; use letters, digits, '.', '-' and '_'."
            ).format(name=name)
        )
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ModelError(
            _(
                "{path} already exists. A model is never changed, because results refer to it; "
                "give a new folder."
            ).format(path=path)
        )
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    description = {
        **description,
        "arrays": {"file": _ARRAYS, "sha256": hashlib.sha256(packed.getvalue()).hexdigest()},
    }
    if estimator:
        description[STORED_ESTIMATOR] = {
            "file": _ESTIMATOR,
            "sha256": hashlib.sha256(estimator).hexdigest(),
        }
    text = json.dumps(description, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    with making_folder(path) as partial:
        for file, content in (
            (_ARRAYS, packed.getvalue()),
            (DESCRIPTION, text.encode()),
            (_CARD, card_of(description).encode()),
            (_ESTIMATOR, estimator),
        ):
            if content:
                (partial / file).write_bytes(content)


def read_model_folder(path: AnyPath, form: str) -> ModelFolder:
    """Open a model and check it; nothing in it is trusted.

    Parameters
    ----------
    form : str
        The ``format`` that its description must have.

    Raises
    ------
    ModelError
        If there is none, or it is damaged, of another format, or holds what no model holds.
    """
    path = Path(path)
    content = _read(path / DESCRIPTION, _MAX_DESCRIPTION)
    try:
        description = load_json(content)
        stored_format = description.get("format")
    except (ValueError, AttributeError, RecursionError) as error:
        raise ModelError(damaged(path / DESCRIPTION, error)) from error
    if stored_format != form:
        raise ModelError(
            _(
                "{path} has format {found!r}; this version reads {expected!r}. "
                "Train the model again, or use the version that made it."
            ).format(path=path, found=stored_format, expected=form)
        )
    packed = _read(path / _ARRAYS, _MAX_BYTES)
    try:
        expected = description["arrays"]["sha256"]
        estimator_sum = None
        if STORED_ESTIMATOR in description:
            estimator_sum = description[STORED_ESTIMATOR]["sha256"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(damaged(path / DESCRIPTION, error)) from error
    _check_sum(path / _ARRAYS, packed, expected)
    estimator = b""
    if estimator_sum is not None:
        estimator = _read(path / _ESTIMATOR, _MAX_BYTES)
        _check_sum(path / _ESTIMATOR, estimator, estimator_sum)
    return ModelFolder(
        description, _arrays(path / _ARRAYS, packed), estimator, hashlib.sha256(content).hexdigest()
    )


def _check_sum(path: Path, content: bytes, expected: object) -> None:
    """Raise a `ModelError` if a file is not the one that ``model.json`` names."""
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(
            _(
                "{path} is not the file named in model.json: the model is damaged or was "
                "changed. Get it again from its source."
            ).format(path=path)
        )


def _arrays(path: Path, packed: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ file, which is not trusted: no pickles, nothing that swells."""
    try:
        with (
            open_archive(io.BytesIO(packed), _MAX_BYTES),
            np.load(io.BytesIO(packed), allow_pickle=False) as stored,
        ):
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise ModelError(damaged(path, error)) from error
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise ModelError(damaged(path, f"{name}: {array.dtype}"))
        array.setflags(write=False)
    return arrays


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        return read_limited(path, max_bytes)
    except InputError as error:
        raise ModelError(damaged(path, error.message)) from error


def damaged(path: Path, why: object) -> str:
    """Return in words that a file of a model is not what it should be."""
    return _("{path} is not a model of this format, or damaged: {why}.").format(path=path, why=why)
