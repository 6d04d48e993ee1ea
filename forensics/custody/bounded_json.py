"""Parsing JSON that a stranger may have written, after looking at what it would cost."""

import json
import re
from typing import Any

from forensics.custody.budgets import BYTES_OF_A_VALUE, MAX_DEPTH, MAX_JSON_VALUES
from forensics.messages import _

__all__ = ["TooCostly", "check_cost", "load_json", "weigh"]

_OUTSIDE_TEXTS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[^][{}"]+', re.DOTALL)


def weigh(text: str) -> int:
    """Return the bytes of JSON, or of as many of its values as `check_cost` counts, where these are more."""
    return max(len(text.encode()), BYTES_OF_A_VALUE * sum(map(text.count, ",:[{")))


class TooCostly(ValueError):
    """JSON that is nested too deeply or holds too many values."""


def check_cost(text: str) -> None:
    """Refuse JSON before it is parsed, by what is counted in one pass.

    Raises
    ------
    TooCostly
        If there are more than `MAX_JSON_VALUES` values in it, or more than `MAX_DEPTH` objects and lists
        inside one another.
    """
    brackets = text.count("[") + text.count("{")
    if brackets <= MAX_DEPTH and len(text) <= MAX_JSON_VALUES:
        return
    if sum(map(text.count, ",:[{")) > MAX_JSON_VALUES:
        raise TooCostly(_("The JSON holds more than {most} values.").format(most=MAX_JSON_VALUES))
    depth = 0
    for bracket in _OUTSIDE_TEXTS.sub("", text) if brackets > MAX_DEPTH else "":
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise TooCostly(_("The JSON is nested too deeply."))


def load_json(text: object) -> Any:
    """Return the value of JSON, such as a row of a database.

    Raises
    ------
    ValueError
        If it is no JSON, or costs too much.
    TypeError
        If it is not a text.
    """
    if not isinstance(text, str):
        raise TypeError(f"JSON is text, not {type(text).__name__}")
    check_cost(text)
    return json.loads(text)
