"""Wildlife forensics, from the seal of a specimen to the courtroom.

>>> import forensics
>>> forensics.identify("exhibit.fasta")            # doctest: +SKIP

===================  ==========================================================
``identify``         names what a DNA barcode can be named, and no more
``listing_of``       what CITES and national law say of a specimen
``open_library``     opens a library of reference records
``Identification``   the result for one sequence
``Identifications``  the results of a run: ``to_frame()``, ``to_json()``
===================  ==========================================================

Rooms: ``barcode`` (reads, search, decision), ``taxonomy`` (names), ``cli``.
``examination`` shows a sample's way through them. Public names are loaded when they
are first used, so that the command line starts in milliseconds.
"""

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "ForensicsError": "forensics.errors",
    "Identification": "forensics.barcode.identification",
    "Identifications": "forensics.barcode.identification",
    "InputError": "forensics.errors",
    "LibraryError": "forensics.errors",
    "identify": "forensics.examination",
    "listing_of": "forensics.taxonomy.listings.lookup",
    "open_library": "forensics.barcode.reference.library",
}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'forensics' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
