"""How often calls with a library are right.

``options``     samples, confidence and prior of a validation
``trials``      records looked up as if the library lacked them
``confusable``  species that a locus cannot separate
``acceptance``  criteria that are stated before a validation
``known``       a laboratory's own specimens of known species
``validation``  error rates and reliability out of these four (``validation_page`` and
                ``reliability_figure`` show them)
"""

__all__: list[str] = []  # modules are imported by their names
