"""The words of a finding, by its kind, from fixed templates and the figures of the finding.

===================  ========================================================================
``base``            a part of what a report says of a finding, and sentences that all kinds
                    share
``identification``  the words of a call of one sequence
``mixture``         the words of a mixture: which taxa are in a sample, by its reads
``origin``          the words of an assignment to an origin: populations, places on a map,
                    isotopes
``genotypes``       the words of comparisons of genotypes: a match, kin, a breeder's claim, a
                    network of seizures
``captive``         the words of wild or captive, by measurements such as isotopes
``age``             the words of an age: radiocarbon, a series of it, methylation
``generic``         the words of what people examined themselves, and of results whose form is
                    not known here
===================  ========================================================================

Each says in this order, as far as there is something to say: the question and both propositions,
the method, what was found with its figures, the strength of the evidence as a likelihood ratio in
numbers and in the words of a scale, what was assumed, what is not excluded, and the reference and
the validation that stand behind it. The recorded explanation is not used: it is in the language of
whoever examined, and a reader wants it in their own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
