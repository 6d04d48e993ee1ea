"""Findings of a ledger computed again from what was recorded and attached, and compared.

>>> from forensics.reanalysis import reproduce
>>> reproduce(ledger, 19, [library], forensics.identify).differences    # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
