"""The time that results carry."""

import os
import time
from datetime import UTC, datetime

from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["utc_now"]


def utc_now() -> str:
    """Return the time in UTC; SOURCE_DATE_EPOCH makes a run reproducible to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch) if epoch else int(time.time()), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            _("SOURCE_DATE_EPOCH is {found!r}; expected seconds since 1970, or nothing.").format(
                found=epoch
            )
        ) from error
    return moment.isoformat().replace("+00:00", "Z")
