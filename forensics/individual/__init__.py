"""Which individual: matches, relatives, links between seizures; wild or captive.

>>> from forensics.genetics.reading import read_genotypes
>>> from forensics.individual import LaboratoryErrors, frequencies_of, match_database
>>> database = read_genotypes("database.csv")                            # doctest: +SKIP
>>> match_database(read_genotypes("exhibit.csv"), database, frequencies_of(database),
...                theta=0.03, errors=LaboratoryErrors(0.02, 0.002))     # doctest: +SKIP

==================  ============================================================
``options``         options of matches, kinship, claims and networks, with defaults and bounds;
                    no NumPy is imported for them
``frequencies``     allele frequencies of a population, as likelihood ratios need them: none of
                    them 0
``matching``        samples of one individual: a profile against a database, and samples sorted
                    into individuals
``kinship``         likelihood ratios of relationships, for one pair and for all pairs of many
                    profiles
``results``         the results of asking which individual a sample is of, and who is kin, with
                    how they were reached
``stored_results``  reads results of this package back, whatever they are of
``parentage``       a breeder's claim: bred here, from these parents
``reference_fit``   whether allele frequencies describe the animals that are compared by them
``network``         a network of seizures, joined by animals that are in both, and by kin
``captive``         wild, captive or neither, by measurements such as stable isotopes
``captive/``        wild, captive or neither, by measurements such as stable isotopes
==================  ============================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
