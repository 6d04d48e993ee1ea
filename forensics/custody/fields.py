"""What a field of an event may hold: quantities, names, and the kinds of values, checked and read from what a person types.

A `Kind` checks a value, in the replay of a ledger as when an event is added, and reads it from
text. A `Field` is a kind with a name in one type of event.

Quantities are decimals with a unit, compared within a dimension.

Names that people take for one another (A1 and a1, Latin A and Cyrillic А, A1 and A-1) are found by a table.
It is ours and small, so that a ledger is judged tomorrow as it was today; the data of
Unicode's TR39 change with its versions. It covers Greek, Cyrillic and some Armenian and Latin
letters that look like A to Z. Other scripts (Cherokee, Lisu, Coptic …) are not in it.

References
----------
M. Davis, M. Suignard. Unicode Technical Standard 39: Unicode Security Mechanisms.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from forensics.custody.budgets import MAX_FIELD_DEPTH
from forensics.custody.canonical import (
    is_word,
    load_json,
    nfc,
    parse_time,
    split_assigned,
    time_text,
    unbase64,
)
from forensics.errors import ForensicsError, InputError, UsageError
from forensics.io.numbers import decimal_text
from forensics.messages import N_, _

DECIMAL = re.compile(r"(?:0|[1-9]\d{0,11})(?:\.\d{1,9})?", re.ASCII)
"""Twelve digits and nine decimals: 999,999 t in grams, and a nanogram."""

_CONTEXT = Context(prec=40, rounding=ROUND_HALF_EVEN)


class Unit(NamedTuple):
    """A unit as a multiple of the base unit of its dimension."""

    dimension: str
    factor: Decimal


UNITS = {
    "kg": Unit("mass", Decimal(1000)),
    "g": Unit("mass", Decimal(1)),
    "mg": Unit("mass", Decimal("0.001")),
    "ug": Unit("mass", Decimal("0.000001")),
    "L": Unit("volume", Decimal(1000)),
    "mL": Unit("volume", Decimal(1)),
    "uL": Unit("volume", Decimal("0.001")),
    "pieces": Unit("count", Decimal(1)),
}


def dimension(unit: str) -> str:
    """Return ``mass``, ``volume`` or ``count``."""
    return UNITS[unit].dimension


def same_dimension(unit: str, other: str) -> bool:
    """Return whether two units can be converted into one another."""
    return UNITS[unit].dimension == UNITS[other].dimension


def convert(amount: Decimal, unit: str, into: str) -> Decimal:
    """Return `amount` of `unit` in the unit `into`, exactly; both of one dimension."""
    if unit == into:
        return amount
    return _CONTEXT.divide(_CONTEXT.multiply(amount, UNITS[unit].factor), UNITS[into].factor)


def plain(amount: Decimal) -> str:
    """Return a decimal as people write it: no exponent, no zeros at the end."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


_ALIKE = str.maketrans(
    {
        # Cyrillic capitals, small letters
        "А": "A", "В": "B", "Е": "E", "Ѕ": "S", "І": "I", "Ї": "I", "Ј": "J", "К": "K", "М": "M",
        "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "У": "Y", "Ү": "Y", "Х": "X", "Ѵ": "V",
        "Ԍ": "G", "Ԛ": "Q", "Ԝ": "W", "Һ": "h", "Ӏ": "I", "Ё": "E", "Ь": "b", "З": "3", "Ҫ": "C",
        "а": "a", "в": "b", "е": "e", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "к": "k", "м": "m",
        "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y", "ү": "y", "х": "x", "ѵ": "v",
        "ԍ": "g", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "l", "ё": "e", "ь": "b", "з": "3",
        "ҫ": "c",
        # Greek
        "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N",
        "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "Ϲ": "C", "Ϳ": "J",
        "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v", "ο": "o",
        "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ϲ": "c", "ϳ": "j",
        # Armenian
        "Օ": "O", "օ": "o", "Ս": "U", "ս": "u", "հ": "h", "ո": "n", "ց": "g", "զ": "q", "Տ": "S",
        "Լ": "L", "յ": "j",
        # Latin letters that are not of ASCII
        "ı": "i", "ȷ": "j", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ɪ": "i", "Ɩ": "I", "ʏ": "y", "ƅ": "b",
    }
)  # fmt: skip

_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2060-\u206f"
                        "\u3164\ufe00-\ufe0f\ufeff\uffa0]")  # fmt: skip
_BETWEEN = re.compile(
    r"[\s_\-\u058a\u05be\u2010-\u2015\u2043\u207b\u208b\u2212\ufe58\ufe63\uff0d]+"
)
_NOT_BETWEEN_DIGITS = re.compile(r"(?<!\d)-|-(?!\d)", re.ASCII)
_DIGITS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None})


@lru_cache(1024)  # a new name is looked up, and then remembered
def reads_alike(name: str) -> str:
    """Return the key under which names are one: those that nobody tells apart on a label.

    Case, width and style of letters, letters of other scripts that look Latin, dashes, spaces and
    underscores do not count. Between two digits one dash stays: 1-11 is not 11-1.

    Examples
    --------
    >>> {reads_alike(name) for name in ("A1", "a 1", "A-1", "А1", "Ａ１")} == {"a1"}
    True
    >>> reads_alike("2026-014/1"), reads_alike("2026 014/1")
    ('2026-014/1', '2026-014/1')
    """
    # Characters that Unicode 14.0 does not have stay as they are: what they look like, each Python would say
    # by its own tables.
    parts = split_assigned(name)
    parts[::2] = map(_folded, parts[::2])
    return _NOT_BETWEEN_DIGITS.sub("", _BETWEEN.sub("-", "".join(parts)))


def _folded(text: str) -> str:
    """Return a text without differences of case, width, style and script."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_ALIKE)
        text = "".join(
            str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
            for sign in unicodedata.normalize("NFKC", text.casefold()).translate(_ALIKE)
        )
    return text.casefold()


def may_be_misread(name: str) -> str:
    """Return a wider key, by which names are flagged and not refused.

    O and 0, and I, l and 1, count as one too, and no dash counts: real numbers have both.

    Examples
    --------
    >>> may_be_misread("AO1") == may_be_misread("A0I") == may_be_misread("a-01")
    True
    """
    return _key(reads_alike(name))


def _key(alike: str) -> str:
    return alike.translate(_DIGITS)


@dataclass(slots=True)
class Labels:
    """Names that were given, found again by how they look.

    Only the check sum of a key is kept for each, since ledgers have many names; what is found is
    compared again.
    """

    names: dict[int, str | tuple[str, ...]] = field(
        default_factory=dict[int, str | tuple[str, ...]]
    )

    def add(self, name: str) -> None:
        """Remember a name."""
        key = _check_sum(may_be_misread(name))
        before = self.names.get(key)
        if before is None:
            self.names[key] = name
        else:
            have = (before,) if isinstance(before, str) else before
            if name not in have:
                self.names[key] = (*have, name)

    def alike(self, name: str) -> tuple[str | None, str | None]:
        """Return another name that reads like `name`, and one that may be misread for it.

        The first is refused for labels of our own, the second is flagged; either may be None, and
        the same name is neither.
        """
        close = reads_alike(name)
        wide = _key(close)
        stored = self.names.get(_check_sum(wide), ())
        misread = None
        for other in (stored,) if isinstance(stored, str) else stored:
            alike = reads_alike(other)
            if other != name and _key(alike) == wide:
                if alike == close:
                    return other, None
                misread = misread or other
        return None, misread


def _check_sum(key: str) -> int:
    return crc32(key.encode("utf-8", "surrogatepass"))


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


def split_pair(text: str, names: Collection[str]) -> tuple[str, str]:
    """Return name and value of what was typed as ``name=value``.

    Raises
    ------
    UsageError
        If it is typed otherwise, or its name is none of `names`.
    """
    name, equals, value = text.partition("=")
    if not equals or name.strip() not in names:
        raise UsageError(
            _("Found {found!r}, expected name=value, with the names {names}.").format(
                found=text, names=", ".join(names)
            )
        )
    return name.strip(), value


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

    def read_typed(self, given: str | Sequence[str]) -> Any:
        """Return the value of what was typed: one text, or several where it is a list or a record.

        A record is typed as ``name=value,name=value``; of a list in it, semicolons part the items.
        """
        texts = [nfc(text).strip() for text in ([given] if isinstance(given, str) else given)]
        if not self.parts:
            values = [self.read(text) for text in texts]
            return values if self.many else values[0]
        records = [self._read_record(text) for text in texts]
        return records if self.many else {name: row[name] for row in records for name in row}

    def _read_record(self, text: str) -> dict[str, Any]:
        parts = {part.name: part for part in self.parts}
        record = {}
        for item in text.split(","):
            name, value = split_pair(item, parts)
            part = parts[name]
            record[part.name] = part.kind.read_typed(value.split(";") if part.kind.many else value)
        return record

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

    def read(self, given: str | Sequence[str], called: str = "") -> Any:
        """Return the value of what was typed for it (`Kind.read_typed`).

        Raises
        ------
        UsageError
            If it cannot be that; the field is named as `called`, an option or a column.
        """
        try:
            value = self.kind.read_typed(given)
            problem = self.kind.problem(value)
        except InputError as error:  # a time without its zone
            problem = str(error)
        if problem:
            text = f"{called or self.name}: {problem}"
            raise UsageError(text)
        return value


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


def _is_list(accepts: Callable[[object], bool]) -> Callable[..., Any]:
    def accepted(value: object) -> bool:
        return (
            type(value) is list
            and 0 < len(value) <= MAX_ITEMS
            and all(map(accepts, value))
            and len(set(value)) == len(value)
        )

    return accepted


def _is_time(value: object) -> bool:
    parse_time(value)
    return True


def _is_base64(length: int) -> Callable[[object], bool]:
    def accepted(value: object) -> bool:
        try:
            return bool(unbase64(value, length))
        except InputError:
            return False

    return accepted


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


def _kinds_of(value: Any) -> tuple[str, ...]:
    from forensics.taxonomy.listings.kinds import kinds_of  # few acts say it

    return kinds_of(value)


def _place_of(value: Any) -> str | None:
    from forensics.taxonomy.listings.table import place_of

    return place_of(value)


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
SPECIMEN = Kind(
    "KIND",
    N_("a kind of specimen: a trade term of CITES such as TUS, or a word such as raw ivory"),
    lambda value: _is_text(value) and bool(_kinds_of(value)),
)
PLACE = Kind(
    "COUNTRY",
    N_("a country: its ISO 3166 code, such as BW, or its name"),
    lambda value: _is_text(value) and bool(_place_of(value)),
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
KEY = Kind("BASE64", N_("32 bytes in base64"), _is_base64(32))
SIGNATURE = Kind("BASE64", N_("64 bytes in base64"), _is_base64(64))


def choice(*allowed: str, many: bool = False) -> Kind:
    """Return the kind of a text that is one of `allowed`, or of a list of such texts."""
    shown = "|".join(allowed)

    def accepts(value: object) -> bool:
        return type(value) is str and value in allowed

    return Kind(
        shown,
        shown,
        _is_list(accepts) if many else accepts,
        many=many,
        annotation=f"Literal{list(allowed)}",
    )


def _record_problem(value: object, known: dict[str, Field]) -> str | None:
    if type(value) is not dict:
        return _("found {found}, expected named values").format(found=type(value).__name__)
    for name in value:
        if name not in known:
            return _("there is no {name!r} here").format(name=name)
    for part in known.values():
        if part.name not in value:
            if part.required:
                return _("{name} is missing").format(name=part.name)
        elif problem := part.kind.problem(value[part.name]):
            return f"{part.name}: {problem}"
    return None


@dataclass(frozen=True)
class _Records(Kind):
    """Records, checked part by part so that the problem names the row."""

    @cached_property
    def _known(self) -> dict[str, Field]:
        return {part.name: part for part in self.parts}

    def problem(self, value: object) -> str | None:
        rows = value if self.many else [value]
        if type(rows) is not list or not 0 < len(rows) <= MAX_ITEMS:
            return _("found {found}, expected a non-empty list").format(found=type(rows).__name__)
        for number, row in enumerate(rows, 1):
            if problem := _record_problem(row, self._known):
                return _("row {row}: {problem}").format(row=number, problem=problem)
        return None


def record(*parts: Field, many: bool = False) -> Kind:
    """Return the kind of an object with these fields, or of a list of such objects."""
    return _Records(
        "",
        N_("a list of named values") if many else N_("named values"),
        lambda value: True,
        many=many,
        parts=parts,
        annotation="dict[str, Any]",
    )


ATTACHMENTS = record(
    Field("sha256", HASH),
    Field("name", TEXT),
    Field("size", INTEGER),
    Field("media_type", TEXT),
    many=True,
)
