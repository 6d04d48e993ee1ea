"""Wildlife forensics, from the seal of a specimen to the courtroom.

>>> import forensics
>>> forensics.identify("exhibit.fasta")            # doctest: +SKIP

===================  ===========================================================
``identify``         names what a DNA barcode can be named, and no more
``build_library``    builds a library of reference records, from files or from memory
``open_library``     opens one
``read_results``     reads results back that this program wrote
``open_ledger``      opens a ledger of custody
``listing_of``       what CITES and national law say of a specimen
``Identification``   the result for one sequence
``Identifications``  the results of a run: ``to_frame()``, ``to_json()``
===================  ===========================================================

Subpackages, which are attributes of this module: ``barcode`` (reads, search, decision), ``taxonomy`` (names, listings), ``genetics``,
``origin``, ``individual``, ``age``, ``custody``, ``trade``, ``report``, ``training``, ``cli``.
``examination`` shows a sample's way through them. Public names are loaded when they
are first used, so that the command line starts in milliseconds.
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

__version__ = "0.2.0"

_PUBLIC = {
    "ForensicsError": "errors",
    "Identification": "barcode.identification",
    "Identifications": "barcode.run",
    "InputError": "errors",
    "Ledger": "custody.ledger",
    "LedgerFindings": "stored_findings",
    "Library": "barcode.reference.library",
    "LibraryBuild": "barcode.reference.building",
    "LibraryError": "errors",
    "build_library": "barcode.reference.building",
    "identify": "examination",
    "listing_of": "taxonomy.listings.lookup",
    "open_ledger": "custody.ledger",
    "open_library": "barcode.reference.library",
    "read_results": "stored_results",
}

_SUBPACKAGES = (
    "age",
    "barcode",
    "custody",
    "errors",
    "examination",
    "genetics",
    "individual",
    "origin",
    "report",
    "taxonomy",
    "trade",
    "training",
)

__all__ = [
    "ForensicsError",
    "Identification",
    "Identifications",
    "InputError",
    "Ledger",
    "LedgerFindings",
    "Library",
    "LibraryBuild",
    "LibraryError",
    "__version__",
    "age",
    "barcode",
    "build_library",
    "custody",
    "errors",
    "examination",
    "genetics",
    "identify",
    "individual",
    "listing_of",
    "open_ledger",
    "open_library",
    "origin",
    "read_results",
    "report",
    "taxonomy",
    "trade",
    "training",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics import (
        age,
        barcode,
        custody,
        errors,
        examination,
        genetics,
        individual,
        origin,
        report,
        taxonomy,
        trade,
        training,
    )
    from forensics.barcode.identification import Identification
    from forensics.barcode.reference.building import LibraryBuild, build_library
    from forensics.barcode.reference.library import Library, open_library
    from forensics.barcode.run import Identifications
    from forensics.custody.ledger import Ledger, open_ledger
    from forensics.errors import ForensicsError, InputError, LibraryError
    from forensics.examination import identify
    from forensics.stored_findings import LedgerFindings
    from forensics.stored_results import read_results
    from forensics.taxonomy.listings.lookup import listing_of
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC, _SUBPACKAGES)
