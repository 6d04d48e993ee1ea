"""Text as the ledger takes it: form NFC, of the characters of Unicode 14.0 and of no others.

What form NFC is depends on the tables of Unicode, and each Python has those of its own day: of "A", U+1E08F,
U+0323 the form is another one since Unicode 15.0, which gave U+1E08F its meaning. For characters that have a
meaning it never changes again (the stability policy of Unicode, since 4.1). So text that is written is
restricted to the characters of one version, and every Python then makes the same form of it. What was
written is compared by its bytes and never put into another form.

The characters stand in ``unicode-14.0.tsv``. Of all Pythons that this package runs on, 3.11 has the oldest
tables, those of 14.0.

References
----------
K. Whistler. Unicode Standard Annex 15: Unicode Normalization Forms, section 3, Versioning and Stability.
Unicode Character Encoding Stability Policies. https://www.unicode.org/policies/stability_policy.html
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from forensics.errors import InputError
from forensics.messages import _

__all__ = [
    "UNICODE_VERSION",
    "check_text",
    "is_assigned",
    "is_word",
    "nfc",
    "nfc_text",
    "split_assigned",
]

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
                "The text {text} holds U+{point:04X}, which Unicode {version} does not have; a ledger takes "
                "the characters of that version, which every computer reads alike. Write it in another way."
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
