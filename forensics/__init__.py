"""Wildlife forensics, from the seal of a specimen to the courtroom.

>>> import forensics
>>> forensics.identify("exhibit.fasta")            # doctest: +SKIP

===================  ==========================================================
``identify``         names what a DNA barcode can be named, and no more
``listing_of``       what CITES and national law say of a specimen
``open_library``     opens a library of reference records
``read_results``     reads results back that this program wrote
``Identification``   the result for one sequence
``Identifications``  the results of a run: ``to_frame()``, ``to_json()``
===================  ==========================================================

Subpackages: ``barcode`` (reads, search, decision), ``taxonomy`` (names, listings), ``genetics``,
``origin``, ``individual``, ``age``, ``custody``, ``trade``, ``report``, ``training``, ``cli``.
``examination`` shows a sample's way through them. Public names are loaded when they
are first used, so that the command line starts in milliseconds.
"""

from forensics.lazily import lazily

__version__ = "0.2.0"

_PUBLIC = {
    "ForensicsError": "errors",
    "Identification": "barcode.identification",
    "Identifications": "barcode.identification",
    "InputError": "errors",
    "LibraryError": "errors",
    "identify": "examination",
    "listing_of": "taxonomy.listings.lookup",
    "open_library": "barcode.reference.library",
    "read_results": "stored_results",
}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604

__getattr__, __dir__ = lazily(__name__, _PUBLIC)
