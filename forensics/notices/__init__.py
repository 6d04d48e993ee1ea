"""The catalogue of notices, a module a subject: code, severity, text, meaning, advice.

==============  ====================================================================
``unusable``    notices of what could not be examined: the result is ``unusable``
``sequence``    notices of a sequence: how it was read, put together and trimmed
``search``      notices of a search among the records of a library
``checks``      notices of the checks before a call: what speaks against a name
``calls``       notices of a call
``loci``        notices of several loci of one sample, taken together
``mixture``     notices of a mixture
``origin``      notices of an origin: populations, maps, isotopes, haplotypes, several samples
                together
``individual``  notices of individuals: matches, kin, parentage, networks of seizures
``captive``     notices of wild or captive: what the measurements of a sample support
``age``         notices of an age: radiocarbon, a series of it, methylation
``listings``    notices of a listing: CITES Appendices and national law
==============  ====================================================================

Each module has its kinds under their codes, and ``KINDS`` of all of them by code, in the order of the
documentation. A command imports those of its own subject alone. A kind without a text has sentences
that are composed where they are made (`forensics.core.notice.NoticeKind.worded`). What stands in this module looks a
code up, and imports a subject when it is needed.
"""

import functools
import importlib

from forensics.core.notice import NoticeKind

SUBJECTS = (
    "unusable", "sequence", "search", "checks", "calls", "loci", "mixture", "origin", "individual", "captive",
    "age", "listings",
)  # fmt: skip
"""All subjects, in the order of the documentation."""
SEQUENCE_SUBJECTS = SUBJECTS[:6]
"""The subjects whose notices the result of a questioned sequence may bear; no code stands in two of them."""


@functools.cache
def kinds_of(*subjects: str) -> dict[str, NoticeKind]:
    """Return the kinds of notices of subjects by their code; do not change the dictionary.

    Parameters
    ----------
    *subjects : str
        Some of `SUBJECTS`. Where a code stands in two of them, the later counts.
    """
    kinds: dict[str, NoticeKind] = {}
    for subject in subjects:
        kinds.update(importlib.import_module(f"forensics.notices.{subject}").KINDS)
    return kinds
