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
``plink``            PLINK's .bed, whole or in blocks; ``plink_tables`` its .bim and .fam
``animal_tables``    what a table says of animals beside their genotypes
``markers``          some loci of many, chosen without regard to where animals are from
``quality``          ``quality_report``, of ``equilibrium``, ``duplicates`` and ``dropout``
``differentiation``  FST and theta between animals and a reference, and among populations
``counts``           ``AlleleCounts``: alleles counted by group; ``encoder`` for scikit-learn
===================  ===========================================================
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "AlleleCounts": "counts",
    "GenotypeEncoder": "encoder",
    "Genotypes": "genotypes",
    "count_alleles": "counts",
    "genotypes_from_labels": "genotypes",
    "quality_report": "quality",
    "read_genotypes": "reading",
}

__all__ = [
    "AlleleCounts",
    "GenotypeEncoder",
    "Genotypes",
    "count_alleles",
    "genotypes_from_labels",
    "quality_report",
    "read_genotypes",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.genetics.counts import AlleleCounts, count_alleles
    from forensics.genetics.encoder import GenotypeEncoder
    from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
    from forensics.genetics.quality import quality_report
    from forensics.genetics.reading import read_genotypes
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
