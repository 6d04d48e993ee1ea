"""A report of a case that a court accepts: content, wording, checks, and pages.

>>> from forensics.report import build_report
>>> build_report("laboratory.db", "2026-014", details="2026-014.toml")     # doctest: +SKIP

=====================  ======================================================================
``building``           the way from a ledger to a file: everything below in its order
``details``            what people write: question, propositions, customer, method, opinions
``statement``          everything that a report says, typed: the form of a report in JSON;
                       ``entries``: items, runs, events; ``finding``: what is recorded of a
                       finding beside what is read back from it (``stored_results``)
``collecting``         ledger and details as a statement; ``collector`` reads its parts
``error_rates``        the error observed in validation among calls like the one reported
``reproductions``      calls at other priors, and whether findings came out the same when
                       they were computed again
``corrections``        corrections in the ledger, applied; ``annotations``: stated beside
``conservative_call``  the most cautious call of those under several priors
``narrative``          the sentences of a finding, from fixed templates; ``kinds``: of each
                       kind, from its typed result
``formatting``         figures with the digits that they deserve
``figures``            captions of pictures, and what they show
``protection``         what the law says of the taxon that is reported
``reported``           which taxa are reported, by finding and by item
``erased``             what a court had erased since the report was built
``blind``              a reviewer's own interpretation that differs from what is reported
``bounds``             what follows for items that were not examined
``linter``             what a report lacks, and what it must not say; ``problems``: its codes
``gate``               texts that people typed must not say more than the findings; ``odds``:
                       the likelihood ratios and probabilities of both
``template``           letterhead, order of sections and oath, in a folder that a laboratory
                       changes
``labels``             headings, roles and outcomes, by their codes
``events``             events of custody, in the words of the reader
``layout``             a statement as sections of ``blocks``; ``front_page``: what stands before
``rendering``          sections as a file: JSON, ``html_page``, ``pdf_page``
=====================  ======================================================================
"""

from typing import TYPE_CHECKING

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

__all__ = [
    "Problem",
    "build_report",
    "check",
    "collect",
    "read_details",
    "read_template",
    "render",
    "reproduce",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.report.building import build_report
    from forensics.report.collecting import collect
    from forensics.report.details import read_details
    from forensics.report.linter import Problem, check
    from forensics.report.rendering import render
    from forensics.report.reproductions import reproduce
    from forensics.report.template import read_template
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
