"""The types of events, by subject; `registry` puts them into one table.

===============  =============================================================
``common``       rules that every event keeps to, and those that many types share
``people``       people, their keys and roles, and the laboratory's policy
``policies``     a change of the laboratory's policy: tightened by one person, relaxed by two
``cases``        cases and what is decided in them: authorisations, holds, plans, attachments,
                 review, report
``labels``       numbers and names that stand on things: ours must not look like one another
``exhibits``     exhibits as they come in, from hand or from a field ledger
``sampling``     samples and containers that are made of exhibits, and how things end
``quantities``   the balance: what is consumed, lost, split off and returned adds up within the
                 tolerance
``seals``        seals, and what is packed into containers
``handover``     hand-over from person to person, on paper where one has no key, and what is
                 lost on the way
``movement``     locations, and how things get into storage and out of it
``laboratory``   runs: batches in the laboratory, what was in them, and their controls
``results``      reference data that the laboratory accepted, findings, their review and report
``corrections``  corrections, erasure by order of a court, and discrepancies that people report
===============  =============================================================
"""
