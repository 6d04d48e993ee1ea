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

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "CannotRecompute": "attachments",
    "compare_calls": "library_change",
    "reproduce": "comparison",
}

__all__ = [
    "CannotRecompute",
    "compare_calls",
    "reproduce",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.reanalysis.attachments import CannotRecompute
    from forensics.reanalysis.comparison import reproduce
    from forensics.reanalysis.library_change import compare_calls
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
