"""What a field of an event may hold, and how it is read from what a person types.

A `Kind` checks a value, in the replay of a ledger as when an event is added, and reads it from
text. A `Field` is a kind with a name in one type of event.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forensics.custody.budgets import MAX_FIELD_DEPTH
from forensics.custody.canonical import load_json
from forensics.custody.quantities import DECIMAL, UNITS
from forensics.custody.times import parse_time, time_text
from forensics.custody.unicode_text import is_word
from forensics.errors import ForensicsError, InputError
from forensics.io.numbers import decimal_text
from forensics.messages import N_, _

__all__ = [
    "ANY",
    "ATTACHMENTS",
    "DECIMAL_TEXT",
    "ERASED",
    "FLAG",
    "HASH",
    "HASHES",
    "IDENTIFIER",
    "INTEGER",
    "ITEM_NAMES",
    "KEY",
    "LONG_TEXT",
    "NAMES",
    "SEQ",
    "SEQS",
    "SIGNATURE",
    "TEXT",
    "TIME",
    "UNIT",
    "Field",
    "Kind",
    "choice",
    "choices",
    "read_time",
    "record",
    "records",
]

MAX_TEXT = 500
MAX_LONG_TEXT = 20_000
MAX_ITEMS = 10_000
"""Things in one act. A seizure of scales is sampled by hundreds; ten thousand labels fill a day."""

_ASCII_IDENTIFIER = re.compile(r"\w(?:[\w ./#:+-]{0,78}\w)?", re.ASCII)
_BETWEEN_WORDS = " ./#:+-"
_NO_SIGNS = dict.fromkeys(map(ord, _BETWEEN_WORDS))
_MAX_IDENTIFIER = 80
_HASH = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Erased:
    """The value of a field whose opening a court had erased."""

    def __repr__(self) -> str:
        return "ERASED"


ERASED = _Erased()


@dataclass(frozen=True)
class Kind:
    """What a value must be.

    Attributes
    ----------
    name : str
        Metavariable on the command line.
    expected : str
        What is expected, as a noun; translated where it is shown.
    accepts : callable
        ``value -> bool``, or raises a `ForensicsError` that says what is wrong.
    read : callable
        ``text -> value``; what cannot be read is left to `accepts`.
    many : bool
        Whether the value is a list, given item by item.
    annotation : str
        Of what type a script gives the value, or each item of a list.
    parts : tuple of Field
        Of a record: its fields.
    """

    name: str
    expected: str
    accepts: Callable[[object], bool]
    read: Callable[[str], object] = str
    many: bool = False
    parts: tuple["Field", ...] = ()
    annotation: str = "str"

    def problem(self, value: object) -> str | None:
        """Return why `value` is not of this kind, or None."""
        try:
            if self.accepts(value):
                return None
        except ForensicsError as error:
            return str(error)
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        return _("found {found}, expected {expected}").format(
            found=shown, expected=_(self.expected)
        )


@dataclass(frozen=True)
class Field:
    """A field of a type of event, or of a record in one.

    Attributes
    ----------
    name : str
    kind : Kind
    required : bool
    personal : bool
        Names of people, places: may be erased by order of a court, so no rule reads it.
    help : str
        What it is, for the command line and the documentation.
    """

    name: str
    kind: Kind
    required: bool = True
    personal: bool = False
    help: str = ""


def _is_text(value: object, longest: int = MAX_TEXT, control: re.Pattern[str] = _CONTROL) -> bool:
    return (
        type(value) is str
        and 0 < len(value) <= longest
        and value == value.strip()
        and not control.search(value)
    )


def _is_integer(value: object, least: int = 0) -> bool:
    return type(value) is int and value >= least


def _is_identifier(value: object) -> bool:
    if type(value) is not str:
        return False
    if value.isascii():
        return _ASCII_IDENTIFIER.fullmatch(value) is not None
    return (
        len(value) <= _MAX_IDENTIFIER
        and value[0] not in _BETWEEN_WORDS
        and value[-1] not in _BETWEEN_WORDS
        and is_word(value.translate(_NO_SIGNS))
    )


def _is_hash(value: object) -> bool:
    return type(value) is str and _HASH.fullmatch(value) is not None


def _is_list(accepts: Callable[[object], bool], most: int = MAX_ITEMS) -> Callable[..., Any]:
    def accepted(value: object) -> bool:
        return (
            type(value) is list
            and 0 < len(value) <= most
            and all(map(accepts, value))
            and len(set(value)) == len(value)
        )

    return accepted


def _is_time(value: object) -> bool:
    parse_time(value)
    return True


def _is_key(value: Any) -> bool:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return False
    return len(raw) == 32 and base64.b64encode(raw).decode() == value


def _is_signature(value: Any) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 64
    except (binascii.Error, ValueError, TypeError):
        return False


def _is_shallow(value: object) -> bool:
    layer: list[Any] = [value]
    for _level in range(MAX_FIELD_DEPTH + 1):
        layer = [part for part in layer if isinstance(part, (list, dict))]
        if not layer:
            return True
        layer = [
            inner for part in layer for inner in (part.values() if type(part) is dict else part)
        ]
    raise InputError(
        _("The value is nested deeper than {depth} levels.").format(depth=MAX_FIELD_DEPTH)
    )


def _read_integer(text: str) -> object:
    return int(text) if re.fullmatch(r"\d{1,15}", text) else text


def _read_decimal(text: str) -> str:
    return decimal_text(text)  # "1,250" stays as it is, and is refused


def _read_flag(text: str) -> object:
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
        text.lower(), text
    )


def read_time(text: str) -> str:
    """Return a time as people write it, with its zone, in the spelling of the ledger."""
    try:
        return time_text(datetime.fromisoformat(text))
    except ValueError:
        return text


def _read_json(text: str) -> object:
    try:
        return load_json(text)
    except ValueError:
        return text


TEXT = Kind("TEXT", N_("one line of text, at most 500 characters"), _is_text)
LONG_TEXT = Kind(
    "TEXT",
    N_("text of at most 20,000 characters"),
    lambda value: _is_text(value, MAX_LONG_TEXT, _CONTROL_BUT_LINES),
)
IDENTIFIER = Kind(
    "ID", N_("a name of at most 80 letters, digits, spaces and . / # : + -"), _is_identifier
)
ITEM_NAMES = Kind("ID", N_("a list of names, none twice"), _is_list(_is_identifier), many=True)
NAMES = Kind("NAME", N_("a list of names, none twice"), _is_list(_is_identifier), many=True)
DECIMAL_TEXT = Kind(
    "NUMBER",
    N_("a decimal number of at most 12 digits and 9 decimals, as text"),
    lambda value: type(value) is str and DECIMAL.fullmatch(value) is not None,
    _read_decimal,
    annotation="str | Decimal",
)
UNIT = Kind(
    "UNIT",
    N_("a unit: kg, g, mg, ug, L, mL, uL, pieces"),
    lambda value: type(value) is str and value in UNITS,
)
TIME = Kind("TIME", N_("a time such as 2026-11-25T08:15Z"), _is_time, read_time)
INTEGER = Kind("NUMBER", N_("a whole number"), _is_integer, _read_integer, annotation="int")
SEQ = Kind(
    "EVENT",
    N_("the number of an event"),
    lambda value: _is_integer(value, 1),
    _read_integer,
    annotation="int",
)
SEQS = Kind(
    "EVENT",
    N_("a list of numbers of events"),
    _is_list(lambda value: _is_integer(value, 1)),
    _read_integer,
    many=True,
    annotation="int",
)
HASHES = Kind("SHA256", N_("a list of SHA-256 sums, none twice"), _is_list(_is_hash), many=True)
ANY = Kind(
    "JSON",
    N_("a value that JSON can hold, without fractions"),
    _is_shallow,
    _read_json,
    annotation="Any",
)
FLAG = Kind(
    "YES|NO", N_("true or false"), lambda value: type(value) is bool, _read_flag, annotation="bool"
)
HASH = Kind("SHA256", N_("64 lower-case hex digits"), _is_hash)
KEY = Kind("BASE64", N_("32 bytes in base64"), _is_key)
SIGNATURE = Kind("BASE64", N_("64 bytes in base64"), _is_signature)


def choice(*allowed: str) -> Kind:
    """Return the kind of a text that is one of `allowed`."""
    shown = "|".join(allowed)
    return Kind(
        shown,
        shown,
        lambda value: type(value) is str and value in allowed,
        annotation=f"Literal{list(allowed)}",
    )


def choices(*allowed: str) -> Kind:
    """Return the kind of a list of texts that are each one of `allowed`."""
    shown = "|".join(allowed)
    return Kind(
        shown,
        shown,
        _is_list(lambda v: type(v) is str and v in allowed),
        many=True,
        annotation=f"Literal{list(allowed)}",
    )


def _record_problem(value: object, parts: tuple[Field, ...]) -> str | None:
    if type(value) is not dict:
        return _("found {found}, expected named values").format(found=type(value).__name__)
    known = {part.name: part for part in parts}
    for name in value:
        if name not in known:
            return _("there is no {name!r} here").format(name=name)
    for part in parts:
        if part.name not in value:
            if part.required:
                return _("{name} is missing").format(name=part.name)
        elif problem := part.kind.problem(value[part.name]):
            return f"{part.name}: {problem}"
    return None


@dataclass(frozen=True)
class _Records(Kind):
    """Records, checked part by part so that the problem names the row."""

    def problem(self, value: object) -> str | None:
        rows = value if self.many else [value]
        if type(rows) is not list or not 0 < len(rows) <= MAX_ITEMS:
            return _("found {found}, expected a list that is not empty").format(
                found=type(rows).__name__
            )
        for number, row in enumerate(rows, 1):
            if problem := _record_problem(row, self.parts):
                return _("row {row}: {problem}").format(row=number, problem=problem)
        return None


def record(*parts: Field) -> Kind:
    """Return the kind of an object with these fields."""
    return _Records(
        "", N_("named values"), lambda value: True, parts=parts, annotation="dict[str, Any]"
    )


def records(*parts: Field) -> Kind:
    """Return the kind of a list of objects with these fields."""
    return _Records(
        "",
        N_("a list of named values"),
        lambda value: True,
        many=True,
        parts=parts,
        annotation="dict[str, Any]",
    )


ATTACHMENTS = records(
    Field("sha256", HASH),
    Field("name", TEXT),
    Field("size", INTEGER),
    Field("media_type", TEXT),
)
