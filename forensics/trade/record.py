"""A seizure, its specimens, and what is wrong with them: values without input or output."""

import functools
import re
from collections.abc import Mapping, Sequence
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
class Specimen:
    """Specimens of one kind in a seizure.

    Attributes
    ----------
    values : mapping of str to str or float
        Columns of the table ``specimens`` that have a value; see `quantities`.
    id, number : int
        In the store; 0 before it is there.
    file : str
        That it was read from, and `row` in it.
    row : int
    standing : str
        One of `STANDINGS`.
    """

    values: Mapping[str, object]
    id: int = 0
    number: int = 0
    file: str = ""
    row: int = 0
    standing: str = COUNTED

    def get(self, name: str) -> Any:
        """Return a value, or None."""
        return self.values.get(name)

    @property
    def low(self) -> float | None:
        """Lower bound of the quantity."""
        return _number_of(self.values, "quantity_low")

    @property
    def high(self) -> float | None:
        """Upper bound of the quantity."""
        return _number_of(self.values, "quantity_high")


@dataclass(frozen=True, slots=True)
class Seizure:
    """A seizure with its specimens.

    Attributes
    ----------
    values : mapping of str to str or float
        Columns of the table ``seizures`` that have a value.
    specimens : tuple of Specimen
    id : int
    standing : str
        One of `STANDINGS`; `COUNTED` where any of its specimens counts.
    """

    values: Mapping[str, object]
    specimens: tuple[Specimen, ...] = field(default=())
    id: int = 0
    standing: str = COUNTED

    def get(self, name: str) -> Any:
        """Return a value, or None."""
        return self.values.get(name)

    def codes(self, name: str) -> list[str]:
        """Return the codes of a list of countries, in order."""
        return [code for code in str(self.values.get(name) or "").split("; ") if code]


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
    kept = tuple(
        specimen for specimen in seizure.specimens if is_of_seizure(basis, specimen.get("source"))
    )
    if len(kept) == len(seizure.specimens):
        return seizure if kept or is_of_seizure(basis, None) else None
    return replace(seizure, specimens=kept) if kept else None


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


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person must look at.

    Attributes
    ----------
    code : str
        As in docs/trade.md.
    field : str
        Field, or name of a column that no field takes.
    found, expected, suggestion : str
        The suggestion is a value that may be put in its place; empty where none is safe.
    severity : str
        ``error``, ``warning`` or ``note``.
    file, row : str, int
        Where the record was read.
    seizure, specimen : int
        Ids in the store; 0: none (a specimen), or not in a store.
    reference : str
        Of the seizure.
    """

    code: str
    field: str
    found: str
    expected: str
    suggestion: str = ""
    severity: str = "error"
    file: str = ""
    row: int = 0
    seizure: int = 0
    specimen: int = 0
    reference: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values in the order of the table of problems."""
        return {
            "file": self.file,
            "row": self.row,
            "seizure": self.seizure,
            "specimen": self.specimen,
            "reference": self.reference,
            "severity": self.severity,
            "code": self.code,
            "field": self.field,
            "found": self.found,
            "expected": self.expected,
            "suggestion": self.suggestion,
        }


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
    if FIELDS[name].kind in ("latitude", "longitude", "number"):
        return number_text(_number_of(values, name))
    return str(value)


def _number_of(values: Mapping[str, object], name: str) -> float | None:
    value = values.get(name)
    if value is None or isinstance(value, int | float):
        return value
    raise TypeError(f"{name} is {value!r}; it is not a number")
