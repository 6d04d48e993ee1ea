"""Coordinates as people write them: decimal degrees with a sign or a letter, never minutes."""

import re
from typing import Literal

__all__ = ["LETTERS", "MAX_DEGREES", "Axis", "parse_degrees"]

Axis = Literal["latitude", "longitude"]

MAX_DEGREES: dict[Axis, float] = {"latitude": 90.0, "longitude": 180.0}
LETTERS: dict[Axis, str] = {"latitude": "NS", "longitude": "EW"}
"""Of the positive and of the negative direction."""

_DEGREES = re.compile(r"([+\-\u2212]?)(\d{1,6}(?:[.,]\d{1,20})?)\s?°?\s?([NSEWnsew]?)", re.ASCII)


def parse_degrees(text: str, axis: Axis) -> float:
    """Return decimal degrees, south and west below 0.

    Degrees have no thousands: a comma is decimal. Degrees beyond `MAX_DEGREES` are returned, so that
    the caller can say what may be wrong with them.

    Parameters
    ----------
    text : str
        Such as ``-12.3456``, ``12,3456 S`` or ``30.5°E``.
    axis : {"latitude", "longitude"}
        Says which letters are directions.

    Raises
    ------
    ValueError
        If it is written in another way (minutes, seconds), has a letter of the other axis, or a
        minus that its letter contradicts (``-12.5 N``).

    Examples
    --------
    >>> parse_degrees("12,5 S", "latitude"), parse_degrees("-30.25", "longitude")
    (-12.5, -30.25)
    """
    match = _DEGREES.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    sign, digits, letter = match[1], match[2], match[3].upper()
    minus = sign in ("-", "\u2212")
    if (letter and letter not in LETTERS[axis]) or (minus and letter in ("N", "E")):
        raise ValueError(text)
    value = float(digits.replace(",", "."))
    return -value if minus or letter in ("S", "W") else value
