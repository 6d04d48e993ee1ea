"""Genotypes, shared by the packages that ask where an animal came from and which one it was.

=============  ===========================================================
``genotypes``  genotypes of many animals, as arrays with their labels
``reading``    reads genotypes from files as laboratories have them
``options``    options of reading genotypes, and the formats; no NumPy is imported for them
``sources``    genotype files: how much of one is read, who reads it, and what is said where it
               cannot be read
``formats``    formats of genotypes, a module each, named as the format is
``layout``     tables of genotypes: their cells, and what their columns are
``cells``      what one cell of a genotype table says: alleles, nothing, or something else
``places``     where animals were found, and what else a table says of them
``quality``    the quality of a set of genotypes, before anything is concluded from it
``counts``     alleles counted by group, side by side for all loci, as every likelihood needs
               them
``encoder``    genotypes as numbers for any classifier of scikit-learn
=============  ===========================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
