"""Genotypes, shared by the packages that ask where an animal came from and which one it was.

===================  ===========================================================
``genotypes``        ``Genotypes``: animals x loci x two allele codes, with places
``reading``          ``read_genotypes``: a file of any known format, or a DataFrame
``options``          options of reading, without NumPy
``sources``          the bytes of a file: packed, in any encoding, bounded
``tables``           CSV, workbooks and DataFrames as rows; ``store`` keeps their cells
``columns``          which columns are loci; ``names`` knows what columns are called
``cells``            what one cell says; ``decoding`` makes alleles of it; ``places`` degrees
``genepop``          GENEPOP, read and written; ``structure`` STRUCTURE; ``vcf`` VCF
``quality``          ``quality_report``, of ``equilibrium``, ``duplicates`` and ``dropout``
``differentiation``  FST and theta between animals and a reference, and among populations
``counts``           ``AlleleCounts``: alleles counted by group; ``encoder`` for scikit-learn
===================  ===========================================================
"""

__all__: list[str] = []  # modules are imported by their names
