"""A seizure and its specimens: values without input or output."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from forensics.messages import N_
from forensics.trade.vocabulary import FIELDS

TRADE_REPORT = "trade report"
"""Basis of a line of the legal trade; see `is_of_seizure`."""
_SEIZURE_BASES = ("", "seizure")
_CONFISCATED = "I"
"""Source of confiscated or seized specimens (Resolution Conf. 12.3)."""

COUNTED, WAITING, ASIDE = N_("counted"), N_("waiting"), N_("set aside")
STANDINGS = (COUNTED, WAITING, ASIDE)
"""Whether a record counts: it does; it waits for a person's decision; a person set it aside."""


@functools.lru_cache(maxsize=65_536)
def number_text(value: float | None) -> str:
    """Return a number with a point, in a form that no reader takes for thousands.

    Examples
    --------
    >>> number_text(12.5), number_text(1.234), number_text(1200.0), number_text(1e-05)
    ('12.5', '1.2340', '1200', '0.00001')
    """
    if value is None:
        return ""
    text = format(Decimal(repr(float(value))), "f")
    whole, _point, part = text.partition(".")
    part = part.rstrip("0")
    # 1.234 is a thousand and more to half of the world; 1.2340 is not.
    return f"{whole}.{part}{'0' if len(part) == 3 else ''}" if part else whole


@dataclass(frozen=True, slots=True)
class StatedValues:
    """Values of a record by column; one that is not stated has none.

    Attributes
    ----------
    values : mapping of str to str or float
    """

    values: Mapping[str, object]

    def get(self, name: str) -> Any:
        """Return a value, or None."""
        return self.values.get(name)

    def text(self, name: str) -> str:
        """Return a value as text; empty where there is none."""
        return str(self.values.get(name) or "")

    def codes(self, name: str) -> list[str]:
        """Return the codes of a list of countries, in order."""
        return [code for code in self.text(name).split("; ") if code]


@dataclass(frozen=True, slots=True)
class Specimen(StatedValues):
    """Specimens of one kind in a seizure.

    Attributes
    ----------
    id, number : int
        In the store; 0 before it is there.
    file : str
        That it was read from, and `row` in it.
    standing : str
        One of `STANDINGS`.
    """

    id: int = 0
    number: int = 0
    file: str = ""
    row: int = 0
    standing: str = COUNTED

    @property
    def low(self) -> float | None:
        """Lower bound of the quantity."""
        return _number_of(self.values, "quantity_low")

    @property
    def high(self) -> float | None:
        """Upper bound of the quantity."""
        return _number_of(self.values, "quantity_high")


@dataclass(frozen=True, slots=True)
class Seizure(StatedValues):
    """A seizure with its specimens.

    Attributes
    ----------
    standing : str
        One of `STANDINGS`; `COUNTED` where any of its specimens counts.
    """

    specimens: tuple[Specimen, ...] = field(default=())
    id: int = 0
    standing: str = COUNTED


def is_trade_report(seizure: Mapping[str, object] | Seizure) -> bool:
    """Return whether a record is a line of the legal trade, also one of confiscated specimens."""
    return (seizure.get("basis") or "") == TRADE_REPORT


def is_of_seizure(basis: object, source: object) -> bool:
    """Return whether specimens were seized: the one rule by which all of `forensics.trade` decides.

    A record whose basis is a seizure, or that states none, is of a seizure. A line of a trade report is one
    only where its source is I, confiscated or seized specimens, also beside another source (``I/W``).
    With a basis that is in no list nobody knows, and it is not counted; validation tells of it.

    Parameters
    ----------
    basis : str or None
        Of the seizure.
    source : str or None
        Of the specimens.

    References
    ----------
    CITES, Resolution Conf. 12.3 (Rev. CoP19), Permits and certificates: source codes.

    Examples
    --------
    >>> is_of_seizure(None, "W"), is_of_seizure("trade report", "W"), is_of_seizure("trade report", "I")
    (True, False, True)
    """
    if (basis or "") == TRADE_REPORT:
        return _CONFISCATED in re.split(r"[^A-Z]+", str(source or "").upper())
    return (basis or "") in _SEIZURE_BASES


def seized_part(seizure: Seizure) -> Seizure | None:
    """Return a record with those of its specimens that were seized; None where none was.

    A seizure without specimens is one all the same, where its basis says so.
    """
    basis = seizure.get("basis")
    part = _with(seizure, lambda specimen: is_of_seizure(basis, specimen.get("source")))
    return part if part.specimens or part is seizure and is_of_seizure(basis, None) else None


def counted_part(seizure: Seizure) -> Seizure | None:
    """Return a record with those of its specimens that count; None where it does not count itself."""
    if seizure.standing != COUNTED:
        return None
    return _with(seizure, lambda specimen: specimen.standing == COUNTED)


def _with(seizure: Seizure, takes: Callable[[Specimen], bool]) -> Seizure:
    kept = tuple(filter(takes, seizure.specimens))
    return seizure if len(kept) == len(seizure.specimens) else replace(seizure, specimens=kept)


def standing_of(whole: str, specimens: Sequence[Specimen]) -> str:
    """Return whether a seizure counts: where none of its specimens does, it does not.

    Parameters
    ----------
    whole : str
        The last decision on the seizure as a whole.
    specimens : sequence of Specimen

    Examples
    --------
    >>> standing_of("counted", [Specimen({}, standing="waiting"), Specimen({}, standing="set aside")])
    'waiting'
    """
    each = {specimen.standing for specimen in specimens}
    if whole != COUNTED or not each or COUNTED in each:
        return whole
    return WAITING if WAITING in each else ASIDE


@dataclass(frozen=True)
class Fix:
    """A correction.

    Attributes
    ----------
    seizure, specimen : int
        Ids; specimen 0: of the seizure.
    field, before, after, code : str
        `before` is what must stand there still.
    """

    seizure: int
    specimen: int
    field: str
    before: str
    after: str
    code: str


def quantity_text(values: Mapping[str, object]) -> str:
    """Return a quantity in words that `quantities.read_quantity` reads as the same.

    Examples
    --------
    >>> quantity_text({"quantity_low": 30.0, "quantity_high": 40.0, "approximate": 1})
    'about 30-40'
    >>> quantity_text({"quantity_low": 5.0}), quantity_text({"quantity_text": "a heap"})
    ('at least 5', 'a heap')
    """
    low, high = _number_of(values, "quantity_low"), _number_of(values, "quantity_high")
    if low is None and high is None:
        return str(values.get("quantity_text") or "")
    about = "about " if values.get("approximate") else ""
    if low is None:
        return f"{about}at most {number_text(high)}"
    if high is None:
        return f"{about}at least {number_text(low)}"
    if low == high:
        return f"{about}{number_text(low)}"
    return f"{about}{number_text(low)}-{number_text(high)}"


def stated(values: Mapping[str, object], name: str) -> str:
    """Return the value of a field as text."""
    if name == "quantity":
        return quantity_text(values)
    value = values.get(name)
    if value is None:
        return ""
    if FIELDS[name].is_number:
        return number_text(_number_of(values, name))
    return str(value)


def _number_of(values: Mapping[str, object], name: str) -> float | None:
    value = values.get(name)
    if value is None or isinstance(value, int | float):
        return value
    raise TypeError(f"{name} is {value!r}; it is not a number")
