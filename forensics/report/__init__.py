"""A report of a case that a court accepts: content, wording, checks, and pages.

>>> from forensics.report import build_report
>>> build_report("laboratory.db", "2026-014", details="2026-014.toml")     # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
