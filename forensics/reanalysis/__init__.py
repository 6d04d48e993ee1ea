"""Findings of a ledger computed again from what was recorded and attached, and compared.

>>> from forensics.reanalysis import reproduce
>>> reproduce(ledger, 19, [library], forensics.identify).differences    # doctest: +SKIP

==================  ===========================================================================
``comparison``      a finding computed again beside what was recorded: `reproduce`
``identification``  the identification of a sequence, computed again
``methods``         findings of every other kind: the table of methods
``origin``, ``age``, ``individual``, ``mixture``  a function for each method
``recorded``        what a finding records, and what it is computed from
``attachments``     the attached files, copied after a check of their SHA-256
``library_change``  which findings would be called otherwise with another library
==================  ===========================================================================
"""

from forensics.lazily import lazily

_PUBLIC = {
    "CannotRecompute": "attachments",
    "compare_calls": "library_change",
    "reproduce": "comparison",
}

__all__ = [*_PUBLIC]  # noqa: PLE0604

__getattr__, __dir__ = lazily(__name__, _PUBLIC)
