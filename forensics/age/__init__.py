"""How old a tissue is, and how old an animal was.

>>> from forensics.age import calibrate, joined, read_curve
>>> curve = joined(map(read_curve, ["NH3.14C", "intcal20.14c"]))         # doctest: +SKIP
>>> calibrate(1.25, 0.003, curve, until=2016.2).ranges(0.95)             # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
