"""Findings of a ledger computed again from what was recorded and attached, and compared.

>>> from forensics.reanalysis import reproduce
>>> reproduce(ledger, 19, [library], forensics.identify).differences    # doctest: +SKIP

==================  ===========================================================================
``comparison``      a past finding computed again and compared with what was recorded
``identification``  an identification in the ledger, computed again from the files that were
                    attached to it
``methods``         findings other than identifications, computed again from what the ledger
                    keeps of them
``recorded``        what a finding records of how it was computed, and the files that were
                    attached to it
``library_change``  which findings of a ledger would be called otherwise with another library
==================  ===========================================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
