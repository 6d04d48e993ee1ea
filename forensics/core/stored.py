"""Writes typed values as plain ones, in the form that is stored, and reads them back.

A frozen dataclass or a named tuple is its own format: the keys are the names of its fields, or what their metadata say.

>>> @dataclass(frozen=True, slots=True)
... class Range:
...     start: float = field(metadata=stored("from"))
...     end: float = field(metadata=stored("to"))
>>> to_stored(Range(1961.5, 1963.0))
{'from': 1961.5, 'to': 1963.0}
>>> from_stored(Range, {"from": "1961.5", "to": "1963.0"})
Range(start=1961.5, end=1963.0)

Days and times are ISO 8601; `utc_now` is the time that results carry. A class with `from_text` is stored as its
`text`. Numbers may be texts, as the ledger holds them. What is computed from the fields and stored beside them is
marked with `reported`; then ``KEYS`` of the class lists all keys in their order.

"""

import functools
import json
import math
import os
import time
import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass  # noqa: F401
from datetime import UTC, date, datetime
from enum import Enum
from typing import (
    Any,
    Literal,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from forensics.core.notice import Notice, NoticeKind, read_notice
from forensics.errors import InputError, UsageError
from forensics.messages import N_, _, language

_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
_FIRST = N_("1st (of a month)")


def utc_now() -> str:
    """Return the time in UTC; SOURCE_DATE_EPOCH makes a run reproducible to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return _written(int(epoch) if epoch else int(time.time()))
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            _("SOURCE_DATE_EPOCH is {found!r}; expected seconds since 1970, or nothing.").format(
                found=epoch
            )
        ) from error


@functools.lru_cache(maxsize=1)
def _written(seconds: int) -> str:
    """Return a time in UTC; a run asks for the same one again and again."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def day_in_words(time: str) -> str:
    """Return the day of a time as a reader writes it, for running text.

    English readers get it as the records have it: they do not agree on the order of day and
    month. What is not a whole day in ISO 8601 is returned as it is.

    Examples
    --------
    >>> day_in_words("2026-11-25T08:05:00.000000Z")
    '2026-11-25'
    """
    if language() == "en":
        return time[:10]
    try:
        day = date.fromisoformat(time[:10])
    except ValueError:
        return time
    number = _(_FIRST) if day.day == 1 else str(day.day)
    return _("{day} {month} {year}").format(
        day=number, month=_(_MONTHS[day.month - 1]), year=day.year
    )


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

    Indicators derive from it, identifications and listings from `StoredResult`, all others from `Result`.
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


class StoredResult(PlainResult):
    """A result that can be read back."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def from_stored(cls, record: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` wrote, from its JSON or from the ledger."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the result that `to_json` wrote.

        Raises
        ------
        InputError
            If it is not JSON, or not such a result.
        """
        from forensics.io.files import load_json

        try:
            record = load_json(text)
        except ValueError as error:
            raise InputError(_("This is not JSON: {error}").format(error=error)) from error
        if not isinstance(record, Mapping):
            raise wrong_value("", record, N_("named values"))
        return cls.from_stored(record)


R = TypeVar("R", bound=PlainResult)


class Results(Sequence[R]):
    """The results of a run, in the order of what was examined.

    Slices and sums are of the same class. Two are equal where their results are.
    """

    def __init__(self, results: Iterable[R]) -> None:
        self._results = tuple(results)

    @overload
    def __getitem__(self, position: int) -> R: ...

    @overload
    def __getitem__(self, position: slice) -> Self: ...

    def __getitem__(self, position: int | slice) -> R | Self:
        if isinstance(position, slice):
            return type(self)(self._results[position])
        return self._results[position]

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[R]:
        return iter(self._results)

    def __add__(self, other: object) -> Self:
        return type(self)((*self, *other)) if isinstance(other, type(self)) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return self._results == other._results if isinstance(other, type(self)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as of a result that holds lists

    def to_json(self) -> str:
        """Return one JSON object a line."""
        return "".join(result.to_json() + "\n" for result in self)

    def _repr_html_(self) -> str:
        return "".join(result._repr_html_() for result in self)


class Written(NamedTuple):
    """Where a stored result differs from what its fields give now.

    Sentences were written in the language of the run, by the version of the run. A result that was read back
    is stored as it was.

    Attributes
    ----------
    values : tuple of (str, object)
        Keys with the values that the record has.
    """

    values: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def compare(cls, record: Mapping[str, Any], now: Mapping[str, Any]) -> "Written":
        """Return how a record differs from what would be stored now."""
        return cls(
            tuple(
                (key, value)
                for key, value in record.items()
                if key not in now or not _is_same(value, now[key])
            )
        )

    def apply(self, now: dict[str, Any]) -> dict[str, Any]:
        """Return what is stored now as the record has it."""
        return now | dict(self.values)


def _is_same(recorded: Any, now: Any) -> bool:
    """Return whether a recorded value is what would be stored now; the ledger holds numbers as text."""
    if isinstance(recorded, Mapping) and isinstance(now, Mapping):
        return recorded.keys() == now.keys() and all(
            _is_same(recorded[key], now[key]) for key in now
        )
    if isinstance(recorded, (list, tuple)) and isinstance(now, (list, tuple)):
        return len(recorded) == len(now) and all(map(_is_same, recorded, now))
    if isinstance(recorded, str) and isinstance(now, float):
        return recorded == repr(now)
    return bool(recorded == now) and isinstance(recorded, bool) == isinstance(now, bool)


T = TypeVar("T")

_METADATA = "forensics.stored"


class WrongRecord(InputError):
    """A record that cannot be read as what it should be.

    Attributes
    ----------
    place : str
        Where, as keys with dots between them; "" for the record.
    found : str
        What stands there, in the form of Python; "" where nothing does.
    """

    def __init__(self, message: str, place: str, found: str = "") -> None:
        super().__init__(message)
        self.place, self.found = place, found


class _Form(NamedTuple):
    """How a field is stored.

    Attributes
    ----------
    key : str
        A dot leads into a group: ``likelihood_ratio.log10``. "" is the name of the field.
    omit_none : bool
        Whether the key is left out where the value is None.
    null : float or None
        What null stands for: numbers that are not finite are stored as null.
    """

    key: str = ""
    omit_none: bool = False
    null: float | None = None


class _Entry(NamedTuple):
    """One key of a stored form."""

    name: str
    path: tuple[str, ...]
    form: _Form
    hint: Any = None
    has_default: bool = False
    is_computed: bool = False


def stored(
    key: str = "", *, omit_none: bool = False, null: float | None = None
) -> dict[str, object]:
    """Return the metadata of a field that is stored otherwise than under its own name.

    Parameters
    ----------
    key : str
        The key; a dot leads into a group.
    omit_none : bool
        Whether the key is left out where the value is None.
    null : float, optional
        Numbers that are not finite are stored as null; this is what null is read as.
    """
    return {_METADATA: _Form(key, omit_none, null)}


def not_stored() -> dict[str, object]:
    """Return the metadata of a field that is not stored."""
    return {_METADATA: None}


_KNOWN: dict[type, tuple[_Entry, ...]] = {}


def _entries(cls: type) -> tuple[_Entry, ...]:
    """Return the keys of a class in their order; they are looked up once."""
    if cls not in _KNOWN:
        _KNOWN[cls] = _find_entries(cls)
    return _KNOWN[cls]


def _find_entries(cls: type) -> tuple[_Entry, ...]:
    hints = get_type_hints(cls)
    entries: dict[str, _Entry] = {}
    computed: dict[str, _Entry] = {}
    for name, (has_default, metadata) in _fields_of(cls).items():
        form = metadata.get(_METADATA, _Form())
        if form is not None:
            key = form.key or name
            entries[key] = _Entry(name, tuple(key.split(".")), form, hints[name], has_default)
    for base in reversed(cls.__mro__):
        for name, member in vars(base).items():
            function = member.fget if isinstance(member, property) else member
            if key := getattr(function, REPORTED_KEY, None):
                computed[key] = _Entry(name, tuple(key.split(".")), _Form(), is_computed=True)
    order = getattr(cls, "KEYS", None)
    if order is None and not computed:
        return tuple(entries.values())
    order = order or ()
    known = computed | entries
    missing, unknown = set(entries) - set(order), set(order) - set(known)
    if missing or unknown:
        raise TypeError(
            f"KEYS of {cls.__name__}: without {sorted(missing)}, unknown {sorted(unknown)}"
        )
    return tuple(known[key] for key in order)


def _is_record(kind: Any) -> bool:
    """Return whether a class, or a value of it, has fields under which it is stored."""
    return is_dataclass(kind) or hasattr(kind, "_fields")


def _fields_of(cls: Any) -> dict[str, tuple[bool, Mapping[str, Any]]]:
    """Return the fields of a dataclass or named tuple: whether they have a default, and their metadata."""
    if not is_dataclass(cls):
        return {name: (name in cls._field_defaults, {}) for name in cls._fields}
    return {
        f.name: (
            f.default is not MISSING or f.default_factory is not MISSING,
            f.metadata,
        )
        for f in fields(cls)
    }


def names_of_fields(cls: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or named tuple."""
    return tuple(_fields_of(cls))


def keys_of(cls: type) -> tuple[str, ...]:
    """Return the keys of the stored form of a dataclass, in their order."""
    return tuple(".".join(entry.path) for entry in _entries(cls))


def to_stored(value: Any) -> dict[str, Any]:
    """Return a dataclass as plain values, under the keys of its stored form."""
    result: dict[str, Any] = {}
    for entry in _entries(type(value)):
        part = getattr(value, entry.name)
        if entry.is_computed and callable(part):
            part = part()
        if part is None and entry.form.omit_none:
            continue
        group = result
        for name in entry.path[:-1]:
            group = group.setdefault(name, {})
        group[entry.path[-1]] = to_plain(part, null=entry.form.null)
    return result


def to_plain(value: Any, *, null: float | None = None) -> Any:
    """Return a value as JSON has it: text, number, bool, None, list or dict.

    Raises
    ------
    TypeError
        If it has no such form.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "from_text"):
        return value.text
    if isinstance(value, float):
        return None if null is not None and not math.isfinite(value) else value
    if isinstance(value, Mapping):
        return {str(name): to_plain(part, null=null) for name, part in value.items()}
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if _is_record(value):
        return to_stored(value)
    if isinstance(value, (list, tuple)):
        return [to_plain(part, null=null) for part in value]
    raise TypeError(f"{type(value).__name__} has no stored form")


def from_stored(
    cls: type[T],
    record: object,
    *,
    kinds: Mapping[str, NoticeKind] = types.MappingProxyType({}),
    place: str = "",
) -> T:
    """Return what `to_stored` wrote of a dataclass.

    Keys that are computed, or of another version, are passed over; a key that is missing leaves the
    default of its field.

    Parameters
    ----------
    cls : type
        A dataclass.
    record : mapping
        Plain values, as JSON or the ledger has them.
    kinds : mapping of str to NoticeKind
        Of the notices, by code.
    place : str
        Where it stands, for messages.

    Raises
    ------
    InputError
        If a key without a default is missing, or a value is not of its type.
    """
    return cls(**read_fields(cls, record, kinds=kinds, place=place))


def read_fields(
    cls: type,
    record: object,
    *,
    kinds: Mapping[str, NoticeKind] = types.MappingProxyType({}),
    place: str = "",
) -> dict[str, Any]:
    """Return the values of the fields that are stored, by their names; see `from_stored`."""
    if not isinstance(record, Mapping):
        raise wrong_value(place, record, N_("named values"))
    values: dict[str, Any] = {}
    for entry in _entries(cls):
        if entry.is_computed:
            continue
        where = ".".join(filter(None, (place, *entry.path)))
        part = _at(record, entry.path)
        if part is not MISSING:
            values[entry.name] = _read(entry.hint, part, where, kinds, entry.form.null)
        elif entry.form.omit_none:
            values[entry.name] = None
        elif not entry.has_default:
            raise WrongRecord(
                _("this is not a stored result: {place} is missing").format(place=where), where
            )
    return values


def missing_keys(cls: type, record: object, place: str = "") -> Iterator[str]:
    """Yield the places of the keys that a record lacks, of nested records too.

    Keys that are left out where they have no value are never missing; what is not a record at all has
    every key missing.

    Parameters
    ----------
    cls : type
        A dataclass.
    record : object
        Plain values, as JSON has them.
    place : str
        Where it stands.
    """
    for entry in _entries(cls):
        where = ".".join(filter(None, (place, *entry.path)))
        part = _at(record, entry.path)
        if part is MISSING:
            if not entry.form.omit_none:
                yield where
        else:
            yield from _missing_below(entry.hint, part, where)


def _missing_below(hint: Any, value: Any, place: str) -> Iterator[str]:
    """Yield the keys that are missing in the records under one key."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        for argument in arguments if value is not None else ():
            yield from _missing_below(argument, value, place)
    elif origin in (tuple, list):
        if isinstance(value, (list, tuple)):
            for number, part in enumerate(value):
                yield from _missing_below(arguments[0], part, f"{place}.{number}")
    elif _is_record(hint) and not hasattr(hint, "from_stored"):
        yield from missing_keys(hint, value, place)


def _at(record: object, path: tuple[str, ...]) -> Any:
    """Return the value at a path; `MISSING` where there is none."""
    part: Any = record
    for name in path:
        if not isinstance(part, Mapping) or name not in part:
            return MISSING
        part = part[name]
    return part


def _read(
    hint: Any, value: Any, place: str, kinds: Mapping[str, NoticeKind], null: float | None
) -> Any:
    """Return a stored value as its type has it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (hint,) = (kind for kind in arguments if kind is not type(None))
        return _read(hint, value, place, kinds, null)
    if origin is Literal:
        if value not in arguments:
            raise wrong_value(place, value, ", ".join(map(str, arguments)))
        return value
    if origin in (tuple, list):
        return _read_sequence(hint, value, place, kinds, null)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise wrong_value(place, value, N_("named values"))
        return {
            str(name): _read(arguments[1], part, f"{place}.{name}", kinds, null)
            for name, part in value.items()
        }
    if hint in _SCALARS:
        return _read_scalar(hint, value, place, null)
    if hint is date or hasattr(hint, "from_text"):
        is_day = hint is date
        try:
            return date.fromisoformat(value) if is_day else hint.from_text(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            expected = N_("a day") if is_day else N_("codes of places")
            raise wrong_value(place, value, expected) from error
    if hint is Notice:
        if not isinstance(value, Mapping) or not {"code", "message"} <= value.keys():
            raise wrong_value(place, value, N_("named values"))
        return read_notice(value, kinds)
    if isinstance(hint, type) and issubclass(hint, Enum):
        if value not in [member.value for member in hint]:
            raise wrong_value(place, value, ", ".join(str(member.value) for member in hint))
        return hint(value)
    if hasattr(hint, "from_stored"):
        if not isinstance(value, Mapping):
            raise wrong_value(place, value, N_("named values"))
        try:
            return hint.from_stored(value)
        except (AttributeError, LookupError, TypeError, ArithmeticError, ValueError) as error:
            raise wrong_value(place, value, N_("named values")) from error
    if _is_record(hint):
        return from_stored(hint, value, kinds=kinds, place=place)
    return value  # Any: plain values that are passed on


def _read_sequence(
    hint: Any, value: Any, place: str, kinds: Mapping[str, NoticeKind], null: float | None
) -> Any:
    """Return a stored list as its type has it: ``tuple[X, ...]``, ``tuple[X, Y]`` or ``list[X]``."""
    origin, arguments = get_origin(hint), get_args(hint)
    if not isinstance(value, (list, tuple)):
        raise wrong_value(place, value, N_("a list"))
    if origin is tuple and arguments[-1] is not Ellipsis:
        if len(value) != len(arguments):
            raise wrong_value(place, value, N_("a list"))
        types_of_parts = arguments
    else:
        types_of_parts = (arguments[0],) * len(value)
    parts = [
        _read(part_hint, part, f"{place}.{number}", kinds, null)
        for number, (part_hint, part) in enumerate(zip(types_of_parts, value))
    ]
    return tuple(parts) if origin is tuple else parts


_SCALARS = {
    float: N_("a number"),
    int: N_("a whole number"),
    bool: N_("true or false"),
    str: N_("text"),
}


def _read_scalar(hint: type, value: Any, place: str, null: float | None) -> Any:
    is_bool = isinstance(value, bool)
    if hint is float:
        if value is None and null is not None:
            return null
        try:
            number = math.nan if is_bool or value is None else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isnan(number):
            return number
    elif isinstance(value, hint) and (hint is bool or not is_bool):
        return value
    raise wrong_value(place, value, _SCALARS[hint])


def wrong_value(place: str, value: object, expected: str) -> WrongRecord:
    """Return the error that says what stands in a stored result, and what was expected there.

    Parameters
    ----------
    place : str
        Keys with dots between them; "" for the record.
    expected : str
        In English, if it is a text for people.
    """
    found = repr(value)[:60]
    return WrongRecord(
        _("this is not a stored result: {place} is {found}; expected {expected}").format(
            place=place or _("the record"), found=found, expected=_(expected)
        ),
        place,
        found,
    )
