"""The types of events, by subject; `registry` puts them into one table.

===============  =============================================================
``common``       rules that many types share
``people``       people, keys, roles, the laboratory's policy
``cases``        cases, authorisations, holds, attachments, review, report
``exhibits``     exhibits as they come in
``sampling``     samples and containers, and how things end
``quantities``   what is consumed, returned, measured
``seals``        seals and containers
``handover``     from person to person, and what is lost
``movement``     locations and storage
``laboratory``   runs and their controls
``results``      libraries, findings, review, report
``corrections``  corrections, erasure by order, discrepancies
===============  =============================================================
"""

__all__ = [
    "cases",
    "common",
    "corrections",
    "exhibits",
    "handover",
    "laboratory",
    "movement",
    "people",
    "quantities",
    "results",
    "sampling",
    "seals",
]
