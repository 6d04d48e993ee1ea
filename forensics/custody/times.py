"""Times as the ledger writes them: UTC, microseconds, one spelling."""

import re
from datetime import UTC, datetime

from forensics.errors import InputError
from forensics.messages import _

__all__ = ["now", "parse_time", "time_text"]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def now() -> str:
    """Return the time of this computer's clock, as in ``2026-11-25T08:15:30.123456Z``."""
    return time_text(datetime.now(UTC))


def time_text(time: datetime) -> str:
    """Return a time that knows its zone in the ledger's spelling.

    Raises
    ------
    InputError
        If the time has no zone: nobody could say later when it was.
    """
    if time.tzinfo is None:
        raise InputError(_("The time {time} does not say its zone.").format(time=time.isoformat()))
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: object) -> datetime:
    """Return the time that `time_text` wrote.

    Texts of that spelling sort as the times do.

    Raises
    ------
    InputError
        If it is spelt otherwise or no such day or hour exists.
    """
    if isinstance(text, str) and _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise InputError(
        _("The time {text!r} is not written as 2026-11-25T08:15:30.123456Z.").format(text=text)
    )
