"""Which individual: matches, relatives, and links between seizures.

===============  ==============================================================
``frequencies``  allele frequencies of a population, with a floor for rare alleles
``pairs``        the probability of two genotypes under a relationship, as a table a locus:
                 theta, dropout, mistyping and mutation enter here and nowhere else
``identity``     PID, PIDsib, random match probability
``matching``     a profile against a database; samples grouped into individuals
``kinship``      likelihood ratios of relationships; all pairs of many profiles
``results``      a match with its words and its provenance
``trios``        the probability of three genotypes: an animal and two declared parents
``parentage``    a breeder's claim: sires, dams and offspring
===============  ==============================================================
"""

__all__: list[str] = []  # modules are imported by their names
