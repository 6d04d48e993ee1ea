"""Which individual: matches, relatives, and links between seizures.

===============  ==============================================================
``frequencies``  allele frequencies of a population, with a floor for rare alleles
``pairs``        the probability of two genotypes under a relationship, as a table a locus:
                 theta, dropout, mistyping and mutation enter here and nowhere else
``identity``     PID, PIDsib, random match probability
``matching``     a profile against a database; samples grouped into individuals
``kinship``      likelihood ratios of relationships; all pairs of many profiles
``parentage``    a breeder's claim: sires, dams and offspring
``network``      seizures joined by matches and kin
===============  ==============================================================
"""

__all__: list[str] = []  # modules are imported by their names
