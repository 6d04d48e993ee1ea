"""A report of a case that a court accepts: content, wording, checks, and pages.

>>> from forensics.report import build_report
>>> build_report("laboratory.db", "2026-014", details="2026-014.toml")     # doctest: +SKIP

=====================  ======================================================================
``building``       from a ledger to the file of a report
``statement``      everything that a report says, typed: the form of a report in JSON, whose
                   keys are the names of the fields
``collecting``     what a ledger and the details say of a case, as one statement; the events are
                   read with their corrections
``error_rates``    the error that was observed in validation among calls like the one that is
                   reported
``reproductions``  findings computed again for a report: calls under other priors, and whether
                   figures come out the same
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
``labels``         words for codes: kinds of findings, roles, outcomes, events of custody
``layout``         a statement as a front page and sections, in the order of the template,
                   whatever it is written as
``blocks``         what a page is made of, whatever it is written as, and numbers as a report
                   writes them
``pages``          a statement as a file: JSON, a page of HTML, or a PDF; the same bytes for the
                   same statement
``corrections``    corrections in the ledger, applied to everything that a report states, and
                   stated beside it
``details``        what a report says that no ledger knows: question, propositions, customer,
                   method, opinions
``figures``        pictures of a finding: their captions, and what they show for those who
                   cannot see them
``law``            what the law says of the taxon that is reported: national law first, then
                   CITES
``reported``       which taxon a report reports: the most cautious call under all priors, by
                   finding and by item
``sampling``       what follows for items that were not examined, from those that were chosen
                   and examined
``sections``       the sections of a report, in the language of the reader; `section` declares
                   one
=====================  ======================================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
