"""How old a tissue is, and how old an animal was.

>>> from forensics.age import calibrate, joined, read_curve
>>> curve = joined(map(read_curve, ["NH3.14C", "intcal20.14c"]))         # doctest: +SKIP
>>> calibrate(1.25, 0.003, curve, until=2016.2).ranges(0.95)             # doctest: +SKIP

==================  ===========================================================
``options``      options of dating and of clocks, with their defaults and bounds; no NumPy is
                 imported for them
``curves``       calibration curves of radiocarbon, from the files that laboratories have
``radiocarbon``  when a tissue took up its carbon, from its F14C
``methylation``  age from DNA methylation, with coefficient files of published clocks
``tables``       tables of measured values: samples along a tusk, methylation of samples,
                 coefficients of clocks
``results``      how old something is, with how it was reached: the results of all methods of
                 dating
==================  ===========================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
