"""A ledger of what happened to each exhibit, that others can verify.

>>> from forensics.custody import open_ledger, verify
>>> verify("laboratory.db").require()                                    # doctest: +SKIP

=========================  ====================================================
``create_ledger``          makes a ledger, with its first person
``open_ledger``            opens one; ``ledger.add("offer", …)`` or ``ledger.offer(…)``
``verify``                 replays a ledger and reports everything that is wrong
``record_identification``, ``record_origin``  record what was found, by ``record_finding``
=========================  ====================================================

==================  ===========================================================
``registry``        the table of all types of events; ``acts`` holds them by subject, ``act``
                    says what one is
``rules``           the rules and flags by code
``state``           what the events so far amount to; ``ordinals`` numbers them in their case
``fields``          what a field may hold; ``quantities``, ``policy``, ``lookalikes``, ``approval``
``batches``         many acts from a table or a scanner's list
``ledger``          adding events, by ``appending`` and the methods of ``recording``, and making a ledger; ``attachments`` keeps
                    files
``reader``          reading events; ``database`` says what the file is and what is in it; ``forensics.store`` opens it
``verification``    checks a private copy of a ledger by ``replay`` and ``head_checks``, and gives a
                    ``report``
``timeline``        what happened in a case, in ``sentences``; ``review`` what a defence expert would attack
``merging``         takes in what was recorded offline in a field ledger
``findings``        records results of this package
``disclosing``      a case as a bundle, by ``disclosure``; ``verify_bundle`` is the verifier in it;
                    ``withholding`` and ``erasing`` follow values by ``copies`` and ``leaks``
``budgets``         what a stranger's file may cost
``export``          CSV; ``paper``, labels with QR codes and forms to be signed; ``spreadsheet`` reads lists
``stored``          an event as it is stored; ``canonical``, ``commitments``, ``merkle``, ``times``;
                    ``unicode_text``, the form of a text
``keys``            keys and their files; ``passphrases``; ``agent``, a process that holds a key for
                    some minutes and signs with it
``heads``           signed heads; ``fingerprints``, heads on paper; ``head_files``, heads that leave
                    the house, and those that a witness keeps; ``witnesses``, what a countersignature is worth; ``timestamps``, tokens of an authority
==================  ===========================================================
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "Ledger": "ledger",
    "PrivateKey": "keys",
    "Receipt": "ledger",
    "create_ledger": "ledger",
    "open_ledger": "ledger",
    "record_finding": "findings",
    "record_identification": "findings",
    "record_origin": "findings",
    "verify": "verification",
}

__all__ = [
    "Ledger",
    "PrivateKey",
    "Receipt",
    "create_ledger",
    "open_ledger",
    "record_finding",
    "record_identification",
    "record_origin",
    "verify",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.custody.findings import record_finding, record_identification, record_origin
    from forensics.custody.keys import PrivateKey
    from forensics.custody.ledger import Ledger, Receipt, create_ledger, open_ledger
    from forensics.custody.verification import verify
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
