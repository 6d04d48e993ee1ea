"""Genotypes, shared by the rooms that ask where an animal came from and which one it was.

==================  ===========================================================
``genotypes``       ``Genotypes``: animals x loci x two allele codes, with places
``reading``         ``read_genotypes``: a file of any known format, or a DataFrame
``counts``          ``AlleleCounts``: alleles counted by group
==================  ===========================================================
"""
