"""Numbers as people write them: read where one reading exists, refused where two do.

There are two rules, and every reader in the package has one of them.

* A *measurement* (`parse_number`: isotopes, ages, clocks, options of commands) has a decimal point.
  A comma is decimal where it can be nothing else: ``12,5`` is 12.5, and ``1,234`` is refused,
  unless the bounds of the quantity or other cells of the column (`find_decimal_sign`) leave one reading.
* A *quantity* (`read_number`: lists of seizures) comes from anywhere: in ``1.200 kg`` the point may be
  of thousands as well.
"""

import math
import re
from collections.abc import Iterable

__all__ = [
    "MAX_QUANTITY",
    "AmbiguousNumberError",
    "decimal_text",
    "find_decimal_sign",
    "parse_number",
    "read_number",
]

MAX_QUANTITY = 1e12
"""No quantity in a record is larger: a billion tonnes in kilograms."""
# A double keeps so many decimal digits; what has more would change in silence.
_DIGITS = 15
# Python's float() takes more: "1_000", "infinity", digits of other scripts.
_POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+,\d+|,\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(
    r"\d{1,3}(?:(?:[ \u00a0\u202f]\d{3})+|(?:'\d{3})+)(?:[.,]\d+)?",
)
_MINUS = str.maketrans(
    {"\u2212": "-", "\u2013": "-"}
)  # minus sign and dash, as word processors write


class AmbiguousNumberError(ValueError):
    """A text that may mean several numbers."""

    def __init__(self, text: str, readings: tuple[float, ...]) -> None:
        super().__init__(text)
        self.readings = readings


def parse_number(
    text: str, *, decimal: str = "", minimum: float = -math.inf, maximum: float = math.inf
) -> float:
    """Return a measured number, finite and in plain digits.

    Parameters
    ----------
    text : str
        With a decimal point, or a decimal comma where it can be nothing else; an exponent will do.
    decimal : str
        ``,`` where other cells of the column show that commas are decimal; else empty.
    minimum, maximum : float
        Of the quantity. They decide between two readings and refuse nothing: a number beyond them
        is returned, so that the caller can say what is wrong with it.

    Raises
    ------
    AmbiguousNumberError
        If it may be one of two numbers, such as ``1,234`` or ``1,000e3``.
    ValueError
        If it is not a number.

    Examples
    --------
    >>> parse_number("1.234"), parse_number("12,5"), parse_number("-1,5e-3"), parse_number("0,123")
    (1.234, 12.5, -0.0015, 0.123)
    >>> parse_number("-21,345", minimum=-900, maximum=900)
    -21.345
    >>> parse_number("1,234")
    Traceback (most recent call last):
    forensics.io.numbers.AmbiguousNumberError: 1,234
    """
    if _POINT.fullmatch(text):  # as most are
        return _finite(text)
    text = text.strip().translate(_MINUS)
    if _POINT.fullmatch(text):
        return _finite(text)
    if _COMMA.fullmatch(text):
        value = _finite(text.replace(",", "."))
        if decimal == "," or not _THOUSANDS.fullmatch(text):
            return value
        readings = (value, float(text.replace(",", "")))
        possible = tuple(
            reading
            for reading in readings
            if minimum <= reading <= maximum and math.isfinite(reading)
        )
        if len(possible) == 1:
            return possible[0]
        raise AmbiguousNumberError(text, readings)
    sign, bare = (text[0], text[1:]) if text[:1] in ("-", "+") else ("", text)
    number = read_number(bare) if "," in bare or _GROUPED.fullmatch(bare) else None
    if not isinstance(number, float):
        raise ValueError(text)
    return -number if sign == "-" else number


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def find_decimal_sign(texts: Iterable[str]) -> str:
    """Return ``,`` where the cells of a column show that commas are decimal in it, else an empty text.

    A cell shows it whose comma can be nothing else (``12,5``); a cell with a decimal point speaks
    against it.

    Examples
    --------
    >>> find_decimal_sign(["1,234", "12,5"]), find_decimal_sign(["1,234", "12.5"])
    (',', '')
    """
    comma = False
    for text in texts:
        text = text.strip().translate(_MINUS)
        if _COMMA.fullmatch(text):
            comma |= not _THOUSANDS.fullmatch(text)
        elif "." in text and _POINT.fullmatch(text):
            return ""
    return "," if comma else ""


def decimal_text(text: str) -> str:
    """Return a decimal number with a point for its comma; the text itself where that is not certain.

    For numbers that are kept as text (amounts in a ledger, labels of alleles).

    Examples
    --------
    >>> decimal_text("9,3"), decimal_text("0,125"), decimal_text("1,250"), decimal_text("a,b")
    ('9.3', '0.125', '1,250', 'a,b')
    """
    certain = _COMMA.fullmatch(text) and not _THOUSANDS.fullmatch(text)
    return text.replace(",", ".") if certain else text


def read_number(text: str, decimal: str = "") -> float | tuple[float, ...] | None:
    """Return a quantity; several where the text may mean several; None where it is not a number.

    Parameters
    ----------
    text : str
        Digits with a decimal sign, and in groups of three parted by points, commas, blanks or
        apostrophes.
    decimal : str
        ``.`` or ``,`` where the decimal sign of the file is known; empty otherwise.

    Returns
    -------
    float, tuple of float, or None
        At most `MAX_QUANTITY`, and of at most 15 digits.

    Examples
    --------
    >>> read_number("12,5"), read_number("1,200"), read_number("1,200", "."), read_number("1.234,5")
    (12.5, (1.2, 1200.0), 1200.0, 1234.5)
    """
    text = text.strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ \u00a0\u202f']", "", text)
        if text.isdigit():
            return _quantity(text)
        decimal = decimal or ("," if "," in text else ".")
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", text):
        return None
    if decimal:
        other = "," if decimal == "." else "."
        whole, mark, part = text.partition(decimal)
        groups = whole.split(other)
        if other in part or decimal in part or not _in_threes(groups):
            return None
        return _quantity("".join(groups) + (f".{part}" if mark else ""))
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return _quantity(text)
    if len(set(marks)) == 2:
        last = marks[-1]
        return read_number(text, last) if marks.count(last) == 1 else None
    groups = text.split(marks[0])
    if len(marks) > 1:
        return _quantity("".join(groups)) if _in_threes(groups) else None
    fraction = _quantity(f"{groups[0]}.{groups[1]}")
    whole_number = _quantity("".join(groups))
    if len(groups[1]) == 3 and _in_threes(groups) and groups[0] != "0":
        if fraction is None or whole_number is None:
            return None
        return (fraction, whole_number)
    return fraction


def _in_threes(groups: list[str]) -> bool:
    if len(groups) == 1:
        return True
    return 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def _quantity(text: str) -> float | None:
    digits = text.replace(".", "").lstrip("0")
    if len(digits.rstrip("0") if "." not in text else digits) > _DIGITS:
        return None
    value = float(text)
    return value if math.isfinite(value) and value <= MAX_QUANTITY else None
