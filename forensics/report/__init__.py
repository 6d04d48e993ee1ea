"""A report of a case that a court accepts: content, wording, checks, and pages.

>>> from forensics.report import build_report
>>> build_report("laboratory.db", "2026-014", details="2026-014.toml")     # doctest: +SKIP

=====================  ======================================================================
``building``       from a ledger to the file of a report
``statement``      everything that a report says, typed: the form of a report in JSON
``collecting``     what a ledger and the details say of a case, as one statement
``error_rates``    the error that was observed in validation among calls like the one that is
                   reported
``reproductions``  findings computed again for a report: calls under other priors, and whether
                   figures are the same
``narrative``      what a report says of a finding, from fixed templates; each kind has its own
                   (`kinds`)
``kinds``          the words of a finding, by its kind, from fixed templates and the figures of
                   the finding
``linter``         what a report lacks, and what it must not say
``problems``       what a report may lack or must not say: a code for each, and its clause where
                   a standard asks for it
``gate``           the gate: texts that people typed must not say more than the findings of the
                   report
``template``       templates: a folder with letterhead, order of sections and oath, which a
                   laboratory changes
``labels``         labels of a report: headings, roles, outcomes and kinds, by their codes
``layout``         a statement as sections of blocks, in the language of the reader and the
                   order of the template
``blocks``         what a page is made of, whatever it is written as, and numbers as a report
                   writes them
``pages``          a statement as a file: JSON, a page of HTML, or a PDF; the same bytes for the
                   same statement
=====================  ======================================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
