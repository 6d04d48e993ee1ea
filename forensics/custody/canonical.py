"""Canonical JSON: one value, one sequence of bytes (RFC 8785, without fractions).

What is signed and hashed is bytes; two programs that mean the same value must write the
same bytes. The restriction to integers of at most 2^53-1 leaves out the one part of RFC
8785 that is hard to get right, the writing of doubles; a decimal is a string.

JSON that a stranger may have written is parsed only after looking at what it would cost.

The form of a text (NFC) is not looked at here: what was signed is compared by its bytes, and the tables of
Unicode differ from one Python to the next. What is written is put into that form by `unicode_text`.

References
----------
A. Rundgren, B. Jordan, S. Erdtman (2020) JSON Canonicalization Scheme. RFC 8785.
doi:10.17487/RFC8785
"""

import json
import re
from typing import Any

from forensics.custody.budgets import BYTES_OF_A_VALUE, MAX_DEPTH, MAX_JSON_BYTES, MAX_JSON_VALUES
from forensics.errors import InputError
from forensics.messages import _

__all__ = [
    "LARGEST_INTEGER",
    "TooCostly",
    "canonical",
    "check_cost",
    "load_json",
    "parse_canonical",
    "parse_json",
    "weigh",
]

LARGEST_INTEGER = 2**53 - 1
"""Largest size of an integer that every JSON reader keeps exactly (RFC 7493, section 2.2)."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Made once: `json.dumps` would make one for each of the thousands of small values of a ledger."""
_LONGEST_INTEGER = len(str(-LARGEST_INTEGER))


def canonical(value: object) -> bytes:
    """Return the canonical bytes of `value`.

    Parameters
    ----------
    value : dict, list, tuple, str, int, bool or None
        Objects with string keys, arrays, strings, integers of at most 2^53-1 in size. Subclasses
        (an enumeration, a NumPy scalar) are refused: what they are is not what is written.

    Returns
    -------
    bytes
        UTF-8, keys in the order of their UTF-16 code units, no space outside strings.

    Raises
    ------
    InputError
        For any other value: a float, a text with a lone surrogate, a key that is not a string, a nesting
        deeper than `MAX_DEPTH`.

    Examples
    --------
    >>> canonical({"b": [1, None], "a": "é"}).decode()
    '{"a":"é","b":[1,null]}'
    """
    return _ENCODER.encode(_ordered(value, 0)).encode()


def _ordered(value: Any, depth: int) -> object:
    """Return `value` with sorted keys, having checked every part."""
    kind = type(value)
    if kind is str:
        return _checked(value)
    if kind is bool or value is None:
        return value
    if kind is int:
        if -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            return value
        raise InputError(_("An integer is beyond 2^53-1 in size; write it as text."))
    if kind not in (dict, list, tuple):
        raise InputError(
            _("A value of type {kind} has no canonical form; write decimals as text.").format(
                kind=kind.__name__
            )
        )
    if depth == MAX_DEPTH:
        raise InputError(
            _("The value is nested deeper than {depth} levels.").format(depth=MAX_DEPTH)
        )
    if kind is not dict:
        return [_ordered(item, depth + 1) for item in value]
    for key in value:
        if type(key) is not str:
            raise InputError(_("The key {key!r} is not text.").format(key=key))
        _checked(key)
    # Code points sort as UTF-16 does, but for those beyond U+FFFF.
    order = None if all(map(str.isascii, value)) else _utf16
    return {key: _ordered(value[key], depth + 1) for key in sorted(value, key=order)}


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


def _checked(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(
            _("The text {text} holds half a character (a lone surrogate).").format(text=ascii(text))
        ) from None
    return text


def parse_json(data: bytes, *, max_bytes: int = MAX_JSON_BYTES, source: str | None = None) -> Any:
    """Parse JSON that a stranger may have written; spaces and the order of keys are free.

    Parameters
    ----------
    data : bytes
        UTF-8.
    max_bytes : int
        Longer data are refused unread.
    source : str, optional
        File, for the error.

    Raises
    ------
    InputError
        If it is no JSON, gives a key twice, or holds what `canonical` refuses.
    """
    return _parse(data, max_bytes, source)[0]


def parse_canonical(
    data: bytes, *, max_bytes: int = MAX_JSON_BYTES, source: str | None = None
) -> Any:
    """Parse bytes that must be the canonical form of what they say.

    Raises
    ------
    InputError
        As `parse_json`, and if `canonical` would write it in another way.
    """
    value, proper = _parse(data, max_bytes, source)
    if data != proper:
        raise InputError(
            _("The JSON is not in canonical form (RFC 8785): spaces, order of keys or escapes."),
            source=source,
        )
    return value


def _parse(data: bytes, max_bytes: int, source: str | None) -> tuple[Any, bytes]:
    if len(data) > max_bytes:
        raise InputError(
            _("{found} bytes of JSON, at most {most} are read.").format(
                found=len(data), most=max_bytes
            ),
            source=source,
        )
    try:
        text = data.decode("utf-8")
        check_cost(text)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_refused,
            parse_constant=_refused,
        )
        return value, canonical(value)
    except InputError as error:
        raise InputError(error.message, source=source) from None
    except TooCostly as error:
        raise InputError(str(error), source=source) from None
    except ValueError as error:
        raise InputError(
            _("This is not JSON: {error}").format(error=error), source=source
        ) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _value in pairs:
            if name in seen:
                raise InputError(_("The key {key!r} is given twice.").format(key=name[:80]))
            seen.add(name)
    return members


def _integer(text: str) -> int:
    # Before int(): converting a million digits takes long.
    return _refused(text) if len(text) > _LONGEST_INTEGER else int(text)


def _refused(text: str) -> int:
    raise InputError(
        _("The number {text} is not an integer of at most 2^53-1 in size.").format(text=text[:40])
    )


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
