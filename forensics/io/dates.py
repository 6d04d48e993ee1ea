"""Dates as people write them: read where one reading exists, refused where two do.

A date is kept as ISO 8601 writes it: ``2019-03-05``, or ``2019-03`` or ``2019`` where no more is known.

There are two rules. Where a program or a form asks for a day, it is written ``2019-03-05`` and in no
other way (`parse_day`). What people wrote in lists of seizures is read in many forms, and in several
languages (`read_date`).
"""

import re
from datetime import date

from forensics.io.cells import fold

__all__ = ["ORDERS", "day_of", "parse_day", "read_date", "year_of"]

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
