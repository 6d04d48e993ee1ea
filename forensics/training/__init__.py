"""Exercises for those who learn: blind samples with sealed answers, and their evaluation.

>>> from forensics.training.rounds import new_round
>>> made = new_round("round_7", seed=7)                                   # doctest: +SKIP

A round is a qualitative proficiency test (ISO/IEC 17043): its assigned values are the species of
deposited records, and the most that the library of the round supports.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
