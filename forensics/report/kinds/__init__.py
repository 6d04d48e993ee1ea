"""The words of a finding, by its kind, from fixed templates and the figures of the finding.

===================  ========================================================================
``base``             a part of what is said of a finding, what all kinds share, and a narrator: what
                     puts the results of one kind into words
``identification``   a call of one sequence, with the error of such calls and its prior
``mixture``          taxa in the reads of a mixture
``origin``           populations, places on a map, isotopes
``cross``            classes of cross of two populations
``individual``       comparisons of genotypes, by what was compared; ``genotypes``: what they share
``matching``         a profile against a database
``kin``              a search for kin
``claim``            a breeder's claim
``network``          seizures joined by parts of one animal, or by kin
``captive``          wild or captive, by measurements
``age``              radiocarbon, one or a series; methylation
``generic``          what people examined themselves, and results of no known form
===================  ========================================================================

Each says in this order, as far as there is something to say: the question and both propositions,
the method, what was found with its figures, the strength of the evidence as a likelihood ratio in
numbers and in the words of a scale, what was assumed, what is not excluded, and the reference and
the validation that stand behind it. The recorded explanation is not used: it is in the language of
whoever examined, and a reader wants it in their own.
"""

from forensics.lazily import lazily

_PUBLIC = {"Narrator": "base", "Part": "base"}

__all__ = [*_PUBLIC]  # noqa: PLE0604

__getattr__, __dir__ = lazily(__name__, _PUBLIC)
