"""A ledger of what happened to each exhibit, that others can verify.

>>> from forensics.custody import open_ledger, verify
>>> verify("laboratory.db").require()                                    # doctest: +SKIP

``create_ledger``          makes a ledger, with its first person
``open_ledger``            opens one; ``ledger.add("offer", …)`` or ``ledger.offer(…)``
``verify``                 replays a ledger and reports everything that is wrong
``record_identification``, ``record_origin``  record what was found, by ``record_finding``
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
