"""Which individual: matches, relatives, links between seizures; wild or captive.

>>> from forensics.genetics.reading import read_genotypes
>>> from forensics.individual import LaboratoryErrors, frequencies_of, match_database
>>> database = read_genotypes("database.csv")                            # doctest: +SKIP
>>> match_database(read_genotypes("exhibit.csv"), database, frequencies_of(database),
...                theta=0.03, errors=LaboratoryErrors(0.02, 0.002))     # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
