"""The time that results carry, and days as people read them."""

import functools
import os
import time
from datetime import UTC, date, datetime

from forensics.errors import UsageError
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
