"""The catalogue of notices, a module a subject: code, severity, text, meaning, advice.

==============  ====================================================================
``unusable``    of a sequence that could not be examined
``sequence``    of a sequence: how it was read, put together and trimmed
``search``      of a search among the records of a library
``checks``      of the checks before a call
``calls``       of a call
``loci``        of several loci of one sample
``mixture``     of a mixture
``origin``      of an origin
``individual``  of individuals, kin and networks of seizures
``captive``     of wild or captive
``age``         of an age
``listings``    of a listing: CITES and national law
==============  ====================================================================

Each module has its kinds under their codes, and ``KINDS`` of all of them by code, in the order of the
documentation. A command imports those of its own subject alone. A kind without a text has sentences
that are composed where they are made (`forensics.core.notice.NoticeKind.worded`).
"""

__all__: list[str] = []
