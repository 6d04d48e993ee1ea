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

Subpackages, which are attributes of this module: ``barcode`` (reads, search, decision), ``taxonomy`` (names,
listings), ``genetics``, ``origin``, ``individual``, ``age``, ``custody``, ``trade``, ``report``, ``training``,
``cli``. ``examination`` shows a sample's way through them. Public names are loaded when they are first used, so that
the command line starts in milliseconds.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
