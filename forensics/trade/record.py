"""A seizure, its specimens, and what is wrong with them: values without input or output."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from forensics.trade.vocabulary import FIELDS

__all__ = ["Problem", "Seizure", "Specimen", "number_text", "quantity_text", "stated"]


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


@dataclass(frozen=True)
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
    """

    values: Mapping[str, object]
    id: int = 0
    number: int = 0
    file: str = ""
    row: int = 0

    def get(self, name: str):
        """Return a value, or None."""
        return self.values.get(name)

    @property
    def low(self) -> float | None:
        """Lower bound of the quantity."""
        return self.values.get("quantity_low")

    @property
    def high(self) -> float | None:
        """Upper bound of the quantity."""
        return self.values.get("quantity_high")


@dataclass(frozen=True)
class Seizure:
    """A seizure with its specimens.

    Attributes
    ----------
    values : mapping of str to str or float
        Columns of the table ``seizures`` that have a value.
    specimens : tuple of Specimen
    id : int
    """

    values: Mapping[str, object]
    specimens: tuple[Specimen, ...] = field(default=())
    id: int = 0

    def get(self, name: str):
        """Return a value, or None."""
        return self.values.get(name)

    def codes(self, name: str) -> list[str]:
        """Return the codes of a list of countries, in order."""
        return [code for code in str(self.values.get(name) or "").split("; ") if code]


@dataclass(frozen=True)
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

    def to_dict(self) -> dict:
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
    low, high = values.get("quantity_low"), values.get("quantity_high")
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
        return number_text(value)
    return str(value)
