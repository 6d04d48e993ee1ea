"""CITES listings: which Appendix applies to a taxon, a population, a kind of specimen, on a day."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
