"""The words of a finding, by its kind, from fixed templates and the figures of the finding.

Each says in this order, as far as there is something to say: the question and both propositions,
the method, what was found with its figures, the strength of the evidence as a likelihood ratio in
numbers and in the words of a scale, what was assumed, what is not excluded, and the reference and
the validation that stand behind it. The recorded explanation is not used: it is in the language of
whoever examined, and a reader wants it in their own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
