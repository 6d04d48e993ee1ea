"""Numbers as people write them: read where one reading exists, refused where two do.

There are two rules, and every reader in the package has one of them.

* A *measurement* (`parse_number`: isotopes, ages, clocks, options of commands) has a decimal point.
  A comma is decimal where it can be nothing else: ``12,5`` is 12.5, and ``1,234`` is refused,
  unless the bounds of the quantity or other cells of the column (`find_decimal_sign`) leave one reading.
* A *quantity* (`read_number`: lists of seizures) comes from anywhere: in ``1.200 kg`` the point may be
  of thousands as well.

Text in tables that are opened with spreadsheet programs.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to them, and names of queries and
records are a stranger's: ``=HYPERLINK("http://…")`` may stand in a FASTA header. Such text is written
with an apostrophe before it, which those programs take as "this is text".

References
----------
CSV injection, OWASP Foundation; CWE-1236.

Coordinates as people write them: degrees with a sign or a letter, and minutes and seconds that have their signs.

Dates as people write them: read where one reading exists, refused where two do.

A date is kept as ISO 8601 writes it: ``2019-03-05``, or ``2019-03`` or ``2019`` where no more is known.

There are two rules. Where a program or a form asks for a day, it is written ``2019-03-05`` and in no
other way (`parse_day`). What people wrote in lists of seizures is read in many forms, and in several
languages (`read_date`).
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, TextIO

_APOSTROPHE = "'"
# A tabulator or line end may hide the sign from whoever looks only at the first letter.
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def defused(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row whose texts no spreadsheet program takes for formulas.

    Numbers stay as they are, and so does a sign that stands alone (a strand).

    Examples
    --------
    >>> defused({"query": "=1+1", "strand": "-", "change": -0.5})
    {'query': "'=1+1", 'strand': '-', 'change': -0.5}
    """
    return {
        key: _APOSTROPHE + value if isinstance(value, str) and _dangerous(value) else value
        for key, value in row.items()
    }


class RowWriter:
    """Writes rows under a fixed head, defused, as CSV or TSV; the head is written at once, if it is not there.

    Parameters
    ----------
    stream : text file
    columns : sequence of str
        The head; a row with another key is a mistake of the program.
    line_end : str
        Spreadsheet programs want ``\\r\\n`` in files that people open with them.
    has_head : bool
        Whether the head stands in the file already.
    """

    def __init__(
        self,
        stream: TextIO,
        columns: Sequence[str],
        *,
        delimiter: str = ",",
        line_end: str = "\n",
        has_head: bool = False,
    ) -> None:
        import csv  # not for who writes no rows

        self._writer = csv.DictWriter(
            stream, columns, restval="", delimiter=delimiter, lineterminator=line_end
        )
        if not has_head:
            self._writer.writeheader()

    def write(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Write rows; what a row lacks is empty."""
        for row in rows:
            self._writer.writerow(defused(row))


def plain(text: str) -> str:
    """Return the text of a cell as it was before `defused`.

    Examples
    --------
    >>> plain("'=1+1"), plain("'s Gravenhage")
    ('=1+1', "'s Gravenhage")
    """
    return text[1:] if text.startswith(_APOSTROPHE) and _dangerous(text[1:]) else text


def decoded(data: bytes) -> str:
    """Return the text of a table: UTF-8 with or without its mark, else Windows-1252, as old programs write.

    Examples
    --------
    >>> decoded("Éléphant".encode("utf-8-sig")), decoded("Éléphant".encode("cp1252"))
    ('Éléphant', 'Éléphant')
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def fold(text: str) -> str:
    """Return text as it is compared: without case, accents and surplus blanks.

    Examples
    --------
    >>> fold("  Côte  d’Ivoire ")
    "cote d'ivoire"
    """
    if text.isascii():  # as most are
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    folded = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(folded.replace("œ", "oe").split())


def printable(text: object, *, most: int = 60) -> str:
    """Return a text of a stranger as a message shows it: no control characters, not too long.

    Examples
    --------
    >>> printable("N\\x1b[31m7")
    'N?[31m7'
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in str(text))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _dangerous(text: str) -> bool:
    return len(text) > 1 and text.startswith(_SIGNS)


Axis = Literal["latitude", "longitude"]

MAX_DEGREES: dict[Axis, float] = {"latitude": 90.0, "longitude": 180.0}
LETTERS: dict[Axis, str] = {"latitude": "NS", "longitude": "EW"}
"""Of the positive and of the negative direction."""

_PART = r"(\d{1,6}(?:[.,]\d{1,20})?)\s?"
_DEGREES = re.compile(
    r"([NSEW]?)\s?([+\-\u2212]?)" + _PART + r"(?:[°º]\s?"
    r"(?:" + _PART + r"['’′]\s?(?:" + _PART + r"(?:[\"”″]|['’′]{2})\s?)?)?)?([NSEW]?)",
    re.ASCII | re.IGNORECASE,
)  # fmt: skip


def parse_degrees(text: str, axis: Axis) -> float:
    """Return decimal degrees, south and west below 0.

    Degrees have no thousands: a comma is decimal. Degrees beyond `MAX_DEGREES` are returned, so that
    the caller can say what may be wrong with them.

    Parameters
    ----------
    text : str
        Such as ``-12.3456``, ``12,3456 S``, ``30.5°E``, ``S03° 15.4'`` or ``3°15'24"S``.
    axis : {"latitude", "longitude"}
        Says which letters are directions.

    Raises
    ------
    ValueError
        If it is written in another way (minutes without their sign), has 60 minutes or more, a letter of the
        other axis, two letters, or a minus beside a letter that contradicts it (``-12.5 N``).

    Examples
    --------
    >>> parse_degrees("12,5 S", "latitude"), parse_degrees("-30.25", "longitude"), parse_degrees("3°15'S", "latitude")
    (-12.5, -30.25, -3.25)
    """
    match = _DEGREES.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    before, sign, *parts, after = match.groups()
    letter, minus = (before + after).upper(), sign in ("-", "\u2212")
    if (letter and letter not in tuple(LETTERS[axis])) or (minus and letter in ("N", "E")):
        raise ValueError(text)
    given = [part.replace(",", ".") for part in parts if part is not None]
    whole, *rest = map(float, given)
    if any("." in part for part in given[:-1]) or any(part >= 60 for part in rest):
        raise ValueError(text)
    value = whole + sum(part / 60.0**power for power, part in enumerate(rest, 1))
    return -value if minus or letter in ("S", "W") else value


ORDERS = ("dmy", "mdy", "ymd")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv janeiro", "february feb fevrier fevr fevereiro fev",
            "march mar mars marco", "april apr avril avr abril abr", "may mai maio",
            "june jun juin junho", "july jul juillet juil julho", "august aug aout agosto ago",
            "september sep sept septembre setembro set", "october oct octobre outubro out",
            "november nov novembre novembro", "december dec decembre dezembro dez",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_STORED = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_THREE = re.compile(r"(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})(?: 0?0:00(?::00)?)?")
_NAMED = re.compile(r"(?:(\d{1,2})(?:er|st|nd|rd|th|o)?\.? (?:de )?)?([a-z]+)\.?,? (?:de )?(\d{4})")
_NAMED_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


def parse_day(text: str) -> date:
    """Return a day that is written as year, month and day.

    Raises
    ------
    ValueError
        If it is written in another way (``20190305``, ``2019-W10-2``, ``5/3/2019``), or there is no
        such day.

    Examples
    --------
    >>> parse_day("2019-03-05")
    datetime.date(2019, 3, 5)
    """
    text = text.strip()
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def day_of(text: str | None) -> date | None:
    """Return a date of the store as a day, or None where it is less than one.

    Examples
    --------
    >>> day_of("2019-03-05"), day_of("2019-03"), day_of("spring")
    (datetime.date(2019, 3, 5), None, None)
    """
    if not text or not _DAY.fullmatch(text):
        return None
    try:
        return parse_day(text)
    except ValueError:
        return None


def year_of(text: object) -> int | None:
    """Return the year of a date of the store; None where the date is missing or cannot be read.

    Examples
    --------
    >>> year_of("2019-03-05"), year_of("2019"), year_of("2019-02-30"), year_of("spring 2019")
    (2019, 2019, None, None)
    """
    if not isinstance(text, str) or not _STORED.fullmatch(text):
        return None
    year, month, day = (int(part) for part in f"{text}-01-01".split("-")[:3])
    return year if _day(year, month, day) else None


def read_date(text: str, order: str = "") -> str | tuple[str, ...] | None:
    """Return a date in the spelling of the store; several where it may mean several; else None.

    Parameters
    ----------
    order : str
        Order of day, month and year in the file, one of `ORDERS`; empty where it is not known.

    Examples
    --------
    >>> read_date("31/01/2015"), read_date("03/04/2015"), read_date("03/04/2015", "dmy")
    ('2015-01-31', ('2015-04-03', '2015-03-04'), '2015-04-03')
    >>> read_date("3 mars 2019"), read_date("2019"), read_date("43525")
    ('2019-03-03', '2019', None)
    """
    text = fold(text).strip(".")
    if re.fullmatch(r"\d{4}", text):
        return text
    if match := _ISO.fullmatch(text.upper()):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_MONTH.fullmatch(text):
        return f"{match[1]}-{int(match[2]):02d}" if 1 <= int(match[2]) <= 12 else None
    if match := _NAMED_FIRST.fullmatch(text):
        month = _MONTHS.get(match[1])
        return _day(int(match[3]), month, int(match[2])) if month else None
    if match := _NAMED.fullmatch(text):
        month = _MONTHS.get(match[2])
        if not month:
            return None
        return _day(int(match[3]), month, int(match[1])) if match[1] else f"{match[3]}-{month:02d}"
    if match := _THREE.fullmatch(text):
        return _three(match[1], match[2], match[3], order)
    return None


def _three(first: str, second: str, third: str, order: str) -> str | tuple[str, ...] | None:
    if len(first) == 4:
        return _day(int(first), int(second), int(third)) if len(third) <= 2 else None
    if len(third) != 4:  # two digits of a year: of which century, and in which place?
        return None
    a, b, year = int(first), int(second), int(third)
    readings = {"dmy": _day(year, b, a), "mdy": _day(year, a, b)}
    if order in readings:
        return readings[order]
    days = tuple(dict.fromkeys(day for day in readings.values() if day))
    return days[0] if len(days) == 1 else days or None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


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
