"""What is signed and hashed, as bytes: text, times and JSON, each with one spelling.

Text is in form NFC, of the characters of Unicode 14.0 and of no others. What form NFC is depends on the tables
of Unicode, and each Python has those of its own day: of "A", U+1E08F, U+0323 the form is another one since
Unicode 15.0, which gave U+1E08F its meaning. For characters that have a meaning it never changes again (the
stability policy of Unicode, since 4.1). So text that is written is restricted to the characters of one version,
and every Python then makes the same form of it. They stand in ``unicode-14.0.tsv``: of all Pythons that this
package runs on, 3.11 has the oldest tables, those of 14.0. What was written is compared by its bytes and never
put into another form.

Times are in UTC with microseconds.

JSON is canonical (RFC 8785), without fractions. Two programs that mean the same value must write the
same bytes; integers of at most 2^53-1 leave out the one part of RFC 8785 that is hard to get right, the writing
of doubles; a decimal is a string. What a stranger may have written is parsed only after looking at what it would
cost.

References
----------
A. Rundgren, B. Jordan, S. Erdtman (2020) JSON Canonicalization Scheme. RFC 8785.
doi:10.17487/RFC8785
K. Whistler. Unicode Standard Annex 15: Unicode Normalization Forms, section 3, Versioning and Stability.
Unicode Character Encoding Stability Policies. https://www.unicode.org/policies/stability_policy.html
"""

import base64
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from forensics.custody.budgets import BYTES_OF_A_VALUE, MAX_DEPTH, MAX_JSON_BYTES, MAX_JSON_VALUES
from forensics.errors import InputError
from forensics.io.files import AnyPath, read_limited
from forensics.messages import _

UNICODE_VERSION = "14.0"
"""Version whose characters are taken; part of the format of a ledger (docs/custody-format.md)."""

_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_TABLE = Path(__file__).with_name("unicode-14.0.tsv")


@cache
def _ranges() -> list[tuple[int, int, str]]:
    """Return first and last code point of each range, and ``w`` where it is of letters and digits."""
    rows = (
        line.split("\t")
        for line in _TABLE.read_text(encoding="ascii").splitlines()
        if not line.startswith("#")
    )
    return [(int(first, 16), int(last, 16), kind) for first, last, kind in rows]


def _unassigned_ranges() -> list[tuple[int, int]]:
    """Return the ranges of code points without a meaning; halves of characters are not among them."""
    gaps, begin = [], 0
    for first, last, _kind in (*_ranges(), (sys.maxunicode + 1, 0, "")):
        if begin < first:
            gaps.append((begin, first - 1))
        begin = last + 1
    return gaps


def _class(ranges: list[tuple[int, int]], last: int) -> str:
    """Return the inside of a character class of these ranges, as far as `last`."""
    return "".join(
        f"\\U{first:08x}-\\U{min(end, last):08x}" for first, end in ranges if first <= last
    )


@cache
def _unassigned(last: int) -> re.Pattern[str]:
    return re.compile(f"[{_class(_unassigned_ranges(), last)}]+")


@cache
def _words(last: int) -> re.Pattern[str]:
    words = [(first, end) for first, end, kind in _ranges() if kind == "w"]
    return re.compile(f"[{_class(words, last)}]+")


def _last(text: str) -> int:
    """Return how far a character class must reach; to U+FFFF, `re` looks a character up in one step."""
    return 0xFFFF if max(text) <= "\uffff" else sys.maxunicode


def _strange(text: str) -> re.Match[str] | None:
    """Return the first characters that Unicode 14.0 does not have, or None."""
    return None if text.isascii() else _unassigned(_last(text)).search(text)


def is_assigned(text: str) -> bool:
    """Return whether every character of a text is one of Unicode 14.0."""
    return _strange(text) is None


def is_word(text: str) -> bool:
    """Return whether a text consists of letters, digits and underscores of Unicode 14.0."""
    if text.isascii():
        return _ASCII_WORD.fullmatch(text) is not None
    return _words(_last(text)).fullmatch(text) is not None


def split_assigned(text: str) -> list[str]:
    """Return the parts of a text, by turns of characters of Unicode 14.0 and of others.

    The first, third, fifth … hold the former, and may be empty.
    """
    if is_assigned(text):
        return [text]
    parts, place = [], 0
    for match in _unassigned(sys.maxunicode).finditer(text):
        parts += [text[place : match.start()], match.group()]
        place = match.end()
    return [*parts, text[place:]]


def nfc(text: str) -> str:
    """Return a text in form NFC.

    Raises
    ------
    InputError
        If it holds a code point that Unicode 14.0 gives no meaning.

    Examples
    --------
    >>> nfc("e\\u0301") == "\\u00e9"
    True
    """
    if text.isascii():
        return text
    if strange := _strange(text):
        raise InputError(
            _(
                "The text {text} has the character U+{point:04X}, which Unicode {version} does "
                "not have. A ledger takes only characters of that version, which every computer "
                "reads alike; write it in another way."
            ).format(
                text=ascii(text if len(text) <= 80 else text[:77] + "..."),
                point=ord(strange.group()[0]),
                version=UNICODE_VERSION,
            )
        )
    return unicodedata.normalize("NFC", text)


def nfc_text(value: Any, *, leaf: Callable[[object], object] = lambda leaf: leaf) -> Any:
    """Return a value with each text in it, names included, in form NFC; raises as `nfc` does.

    Parameters
    ----------
    value : object
        Texts, lists, tuples and dicts of such values; tuples become lists.
    leaf : callable, optional
        What is done with every other value; by default nothing.
    """
    kind = type(value)
    if kind is str:
        return nfc(value)
    if kind in (list, tuple):
        return [nfc_text(item, leaf=leaf) for item in value]
    if kind is dict:
        members = {nfc_text(name): nfc_text(item, leaf=leaf) for name, item in value.items()}
        if len(members) < len(value):
            raise InputError(
                _("Two names in {names} are the same in Unicode form NFC.").format(
                    names=ascii(sorted(map(str, value)))[:200]
                )
            )
        return members
    return leaf(value)


def check_text(value: Any) -> None:
    """Refuse a value in which a text is not as `nfc` writes it.

    Raises
    ------
    InputError
        As `nfc`, and if a text is of another form.
    """
    kind = type(value)
    if kind is str:
        if not value.isascii() and nfc(value) != value:
            raise InputError(
                _("The text {text} is not in Unicode form NFC.").format(text=ascii(value))
            )
    elif kind in (list, tuple):
        for item in value:
            check_text(item)
    elif kind is dict:
        for name, item in value.items():
            check_text(name)
            check_text(item)


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def now() -> str:
    """Return the time of this computer's clock, as in ``2026-11-25T08:15:30.123456Z``."""
    return time_text(datetime.now(UTC))


def time_text(time: datetime) -> str:
    """Return a time that knows its zone in the ledger's spelling.

    Raises
    ------
    InputError
        If the time has no zone: nobody could say later when it was.
    """
    if time.tzinfo is None:
        raise InputError(_("The time {time} does not say its zone.").format(time=time.isoformat()))
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: object) -> datetime:
    """Return the time that `time_text` wrote.

    Texts of that spelling sort as the times do.

    Raises
    ------
    InputError
        If it is spelt otherwise or no such day or hour exists.
    """
    if isinstance(text, str):
        try:
            return _time(text)
        except ValueError:
            pass
    raise InputError(
        _("The time {text!r} is not written as 2026-11-25T08:15:30.123456Z.").format(text=text)
    )


@lru_cache(256)  # every rule about times asks for the same few of its event
def _time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def read_base64(text: object) -> bytes:
    """Return the bytes that `text` says in padded base64 (RFC 4648), spelt in the one way; else none."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def unbase64(text: object, length: int) -> bytes:
    """Return the `length` bytes that `text` says as of `read_base64`.

    Raises
    ------
    InputError
        If it says anything else.
    """
    data = read_base64(text)
    if len(data) != length:
        raise InputError(
            _("Expected {length} bytes in base64, found {text!r}.").format(
                length=length, text=str(text)[:100]
            )
        )
    return data


LARGEST_INTEGER = 2**53 - 1
"""Largest size of an integer that every JSON reader keeps exactly (RFC 7493, section 2.2)."""

_LONGEST_INTEGER = len(str(-LARGEST_INTEGER))
Integer = Annotated[int, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
_Leaf = Integer | str | bool | None
_Value = TypeVar("_Value")
_Row = _Leaf | list[_Leaf] | dict[str, _Leaf]
_Table = _Leaf | list[_Row] | dict[str, _Row]
_SHALLOW = msgspec.json.Decoder(_Leaf | list[_Table] | dict[str, _Table])
"""Reads what nearly all fields and envelopes are: at most three objects and lists inside one another."""
_SORTED = msgspec.json.Encoder(order="sorted")
"""Writes the canonical form of what `_SHALLOW` reads, but where `_FAR` is in it."""
_FAR = re.compile(rb"[\xf0-\xff]")
"""Begins a character beyond U+FFFF; keys with such are in another order (`_utf16`)."""


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
    return msgspec.json.encode(_ordered(value, 0))


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


def read_json(path: AnyPath, max_bytes: int) -> Any:
    """Parse a file of JSON, as `parse_json` does."""
    data = read_limited(path, max_bytes)
    return parse_json(data, max_bytes=max_bytes, source=os.fspath(path))


def read_canonical(data: bytes, decoder: msgspec.json.Decoder[_Value]) -> _Value:
    """Return what a decoder reads, if it is short and its canonical form is these bytes.

    Raises
    ------
    ValueError
        If it is not, or may not be: `parse_canonical` knows.
    """
    # Fewer bytes than `check_cost` lets values through.
    if len(data) <= MAX_JSON_VALUES and (data.isascii() or not _FAR.search(data)):
        value = decoder.decode(data)
        if _SORTED.encode(value) == data:
            return value
    raise ValueError("long, deep or not canonical")


def parse_canonical(data: bytes) -> Any:
    """Parse bytes that must be the canonical form of what they say.

    Raises
    ------
    InputError
        As `parse_json`, and if `canonical` would write it in another way.
    """
    try:
        return read_canonical(data, _SHALLOW)
    except ValueError:
        pass  # told below
    value, proper = _parse(data, MAX_JSON_BYTES, None)
    if data != proper:
        raise InputError(
            _("The JSON is not in canonical form (RFC 8785): spaces, order of keys or escapes.")
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
        value = _DECODER.decode(text)
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


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_refused,
    parse_constant=_refused,
)
"""Made once: `json.loads` would make one for each of the thousands of small values of a ledger."""
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
    try:
        return msgspec.json.decode(text)
    except ValueError:  # or what `json` alone reads, such as NaN
        return json.loads(text)
