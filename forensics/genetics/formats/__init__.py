"""Formats of genotypes, a module each, named as the format is.

=============  ===========================================================
``table``      tables as people keep them: CSV, workbooks, pandas; a row an animal
``genepop``    GENEPOP: a title, names of loci, and animals below lines that say ``pop``
``structure``  STRUCTURE: numbers separated by blanks, two rows an animal or one
``vcf``        VCF, read by vcfpy (extra ``vcf``): sites as loci, bases as alleles
``plink``      PLINK's binary files (.bed, .bim, .fam), read by bed-reader (extra ``plink``)
=============  ===========================================================
"""
