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
``registry``       the table of all types of events, and the one step by which an event changes
                   the state
``acts``           the types of events, by subject; `registry` puts them into one table
``rules``          the rules, by code: what each asks for, and what is flagged rather than
                   refused
``state``          what the events so far amount to: people, keys, things, seals, offers, runs
``ordinals``       which event this is: of its case, of its run or policy, and of those about
                   each exhibit
``fields``         what a field of an event may hold, and how it is read from what a person
                   types
``batches``        many acts at once: from a table in which each row is an act, or a list of
                   scanned labels
``ledger``         a ledger of custody: adding events to it and reading what they amount to
``appending``      appending events to a ledger: the rules, the hash before it, the signature,
                   one transaction
``recording``      the acts as methods of a ledger: ``ledger.receive(…)`` is
                   ``ledger.add("receive", …)``
``attachments``    files that events name: copied beside the ledger under their SHA-256, before
                   the event is written
``reader``         reading a ledger: its events, and what they amount to
``database``       what the SQLite file of a ledger is and what is in it, and where its attached
                   files are
``verification``   verification of a ledger: everything that is stored is checked by replay, as
                   a stranger would
``timeline``       the timeline of a case as people read it
``review``         what a defence expert would attack in a case, said before anybody asks
``merging``        merging what was recorded offline: a field ledger goes into the laboratory's
                   whole, as it was signed
``findings``       a result of this package as a finding in the ledger, with how it was reached
``disclosure``     disclosure: the events of one case in a ZIP that the other party can check
                   without us
``verify_bundle``  check a bundle that a laboratory disclosed from its ledger of custody
``withholding``    what is withheld from a bundle, and what follows from that: copies and
                   repeats of its values
``erasing``        erasing by order of a court: no copy may be left in another field
``leaks``          searching what is about to leave, or to stay, for a text that must not be in
                   it
``budgets``        what a file of a stranger may cost before it is refused: bytes, depth, count
                   and time
``export``         taking a ledger out: every event, or a view, as CSV
``paper``          what goes on paper: labels with QR codes, one or on sheets of A4, what a
                   scanner types of them, and forms
``stored``         an event as it is stored and handed over: envelope, signature and the
                   openings that are left
``canonical``      canonical JSON: one value, one sequence of bytes (RFC 8785, without
                   fractions)
``keys``           ed25519 keys, and the file in which a private key rests under a passphrase
``agent``          a key agent: a small process that holds one unlocked key for some minutes,
                   and signs with it
``heads``          heads: the state of a ledger in a few bytes, signed, and countersigned by
                   witnesses
``proofs``         the Merkle tree of RFC 9162: short proofs that an event is there and that
                   nothing was lost
``timestamps``     timestamp tokens (RFC 3161) for heads: an authority says that a head existed
                   at a time
``witnesses``      witnesses of heads: whose key it is, and whether their time can be right
==================  ===========================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
