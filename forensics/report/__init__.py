"""A report of a case that a court accepts: content, wording, checks, and pages.

>>> from forensics.report import build_report
>>> build_report("laboratory.db", "2026-014", details="2026-014.toml")     # doctest: +SKIP

================  ===========================================================================
``building``      the way from a ledger to a file: everything below in its order
``details``       what people write: question, propositions, customer, method, opinions
``collecting``    ledger and details as one statement of plain values
``shape``         the keys that a statement has
``error_rates``   the error observed in validation among calls like the one reported
``reproductions`` calls at other priors, and whether findings came out the same when computed again
``corrections``   corrections in the ledger, applied; ``remarks``: told beside
``cautious``      the most cautious call of those under several priors
``wording``       the sentences of a finding, from fixed templates; ``kinds``: of each kind
``numbers``       figures with the digits that they deserve
``figures``       captions of pictures, and what they show
``protection``    what the law says of the taxon that is reported
``reported``      which taxa are reported, by finding and by item
``overreach``     opinions and comments that say more; ``persons``: of the case
``erased``        what a court had erased since the report was built
``blind``         a reviewer's own interpretation that differs from what is reported
``bounds``        what follows for items that were not examined
``linter``        what a report lacks, and what it must not say
``phrases``       words that no report may have, in four languages
``template``      letterhead, order of sections and oath, in a folder that a laboratory changes
``words``         words that stand in tables
``events``        events of custody, in the words of the reader
``layout``        a statement as sections of ``blocks``
``rendering``     sections as PDF, HTML or JSON
================  ===========================================================================
"""

from forensics.lazily import lazily

_PUBLIC = {
    "Problem": "linter",
    "build_report": "building",
    "check": "linter",
    "collect": "collecting",
    "read_details": "details",
    "read_template": "template",
    "render": "rendering",
    "reproduce": "reproductions",
}

__all__ = [*_PUBLIC]  # noqa: PLE0604

__getattr__, __dir__ = lazily(__name__, _PUBLIC)
