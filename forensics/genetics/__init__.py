"""Genotypes, shared by the packages that ask where an animal came from and which one it was.

===================  ===========================================================
``genotypes``  genotypes of many animals, as arrays with their labels
``reading``    reads genotypes from files as laboratories have them
``sources``    genotype files: how much of one is read, and options that do not fit one
``tables``     tables of genotypes as people keep them: CSV, spreadsheets, pandas; a row an
               animal
``cells``      what one cell of a genotype table says: alleles, nothing, or something else
``genepop``    GENEPOP: a title, names of loci, and animals below lines that say ``pop``
``structure``  STRUCTURE: numbers separated by blanks, two rows an animal or one
``vcf``        VCF, read by vcfpy (extra ``vcf``): sites as loci, bases as alleles
``plink``      PLINK's binary files (.bed, .bim, .fam), read by bed-reader (extra ``plink``)
``quality``    the quality of a set of genotypes, before anything is concluded from it
``counts``     alleles counted by group, side by side for all loci, as every likelihood needs
               them
``encoder``    genotypes as numbers for any classifier of scikit-learn
``options``    options of reading genotypes; no NumPy is imported for them
===================  ===========================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
