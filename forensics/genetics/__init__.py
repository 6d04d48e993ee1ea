"""Genotypes, shared by the packages that ask where an animal came from and which one it was."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
