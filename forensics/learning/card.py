"""The card of a model: what it was trained on, how well it does, what it is not for.

The card is Markdown in English, made from the model's ``model.json`` alone, so that it cannot say
anything else than the model does.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["card_of", "shown"]


def card_of(description: Mapping[str, Any], *, of: str = "origin") -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    description : mapping
        Content of ``model.json``; its ``data``, ``evaluation`` … are shown as they stand.
    of : str
        What the model is of, in English.
    """
    parts = [
        f"# {description['name']} {description['version']}",
        "",
        f"A model of {of}, kind *{description['kind']}*. Made "
        f"{description.get('created', '')} with {description.get('software', '')}.",
        "",
    ]
    for key, title in (
        ("use", "What it is for"),
        ("limits", "What it is not for, and its limits"),
        ("data", "Data"),
        ("parameters", "How it was trained"),
        ("evaluation", "How well it does on animals that it has not seen"),
        ("licence", "Licence"),
        ("replaces", "Replaces"),
    ):
        if description.get(key):
            parts += [f"## {title}", "", *shown(description[key]), ""]
    return "\n".join(parts).rstrip() + "\n"


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


def _table(rows: list[Mapping[str, Any]], indent: str) -> list[str]:
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
