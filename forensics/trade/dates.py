"""Old name of `forensics.io.dates`, for one version."""

import warnings

from forensics.io.dates import ORDERS, day_of, read_date, year_of

__all__ = ["ORDERS", "day_of", "read_date", "year_of"]

warnings.warn("forensics.trade.dates is now forensics.io.dates", DeprecationWarning, stacklevel=2)
