"""The types of events, by subject; `registry` puts them into one table.

===============  =============================================================
``common``       rules that many types share
``people``       people, keys, roles, the laboratory's policy
``policies``     changing the policy; what makes it laxer takes two people
``cases``        cases, authorisations, holds, attachments, review, report
``labels``       numbers of our own that must not look like one another
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
    "labels",
    "laboratory",
    "movement",
    "people",
    "policies",
    "quantities",
    "results",
    "sampling",
    "seals",
]
