"""What every result gives, typed or not: one line of JSON, running text, a table for notebooks."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from forensics.messages import _

__all__ = ["REPORTED_KEY", "PlainResult", "reported"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

REPORTED_KEY = "stored_key"
"""Attribute of a function that names the key under which its value is stored."""


def reported(key: str) -> Callable[[FunctionT], FunctionT]:
    """Mark a method, or the function of a property, whose value is stored under `key`."""

    def mark(function: FunctionT) -> FunctionT:
        setattr(function, REPORTED_KEY, key)
        return function

    return mark


class PlainResult(ABC):
    """What follows from ``sample``, ``to_dict()`` and ``lines()`` alone.

    Identifications, listings and indicators derive from it; all others derive from `Result`.
    """

    __slots__ = ()

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of the documentation."""

    @abstractmethod
    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @reported("explanation")
    def explanation(self) -> str:
        """Return the result with its limits as running text, for a report."""
        sentences = [
            _("{label}: {text}").format(label=label, text=text) for label, text in self.lines()
        ]
        return " ".join(
            text if text.endswith((".", "!", "?")) else f"{text}." for text in sentences
        )

    def _repr_html_(self) -> str:
        from html import escape

        caption = str(getattr(self, "sample", ""))
        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{escape(label)}</th>"
            f"<td style='text-align:left'>{escape(text)}</td></tr>"
            for label, text in self.lines()
        )
        return f"<table><caption>{escape(caption)}</caption>{rows}</table>"
