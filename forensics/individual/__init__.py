"""Which individual: matches, relatives, links between seizures; wild or captive.

>>> from forensics.genetics.reading import read_genotypes
>>> from forensics.individual import LaboratoryErrors, frequencies_of, match_database
>>> database = read_genotypes("database.csv")                            # doctest: +SKIP
>>> match_database(read_genotypes("exhibit.csv"), database, frequencies_of(database),
...                theta=0.03, errors=LaboratoryErrors(0.02, 0.002))     # doctest: +SKIP

==================  ============================================================
``options``         options of matches, kinship, claims and networks, with defaults and bounds;
                    no NumPy is imported for them
``frequencies``     allele frequencies of a population, as likelihood ratios need them, and the
                    theta that goes with them
``kinship``         likelihood ratios of relationships: of a pair, of all pairs of many
                    profiles, of an offspring and two parents
``matching``        samples of one individual: a profile against a database, and samples sorted
                    into individuals
``parentage``       a breeder's claim: bred here, from these parents
``reference_fit``   whether allele frequencies describe the animals that are compared by them
``links``           what is stated of a pair of individuals, and how often a pair of unrelated
                    ones is stated as linked
``network``         a network of seizures, joined by animals that are in both, and by kin
``results``         the results of asking which individual a sample is of, and who is kin, with
                    how they were reached
``stored_results``  reads results of this package back, whatever they are of
``captive``         wild, captive or neither, by measurements such as stable isotopes
==================  ============================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
