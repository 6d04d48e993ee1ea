"""The locus ND2: the mitochondrial gene that many studies of birds have."""

from forensics.barcode.locus_types import MITOCHONDRIAL, AnnotatedGene, Locus, Primer

_HACKETT = "Hackett 1996, doi:10.1006/mpev.1996.0022"

ND2 = Locus(
    name="ND2",
    synonyms=("NADH2", "MT-ND2"),
    expected_length=1041,
    minimum_length=100,
    source="347 codons in birds, without the stop codon; the least length is that of COI",
    genome=MITOCHONDRIAL,
    maximum_length=1200,
    gene=AnnotatedGene(
        ("ND2", "NADH2", "MT-ND2"), ("NADH dehydrogenase subunit 2",), ("CDS", "gene")
    ),
    genetic_codes=(2,),
    primers=(
        Primer("L5215", "TATCGGGCCCATACCCCGAATAT", "+", _HACKETT),
        Primer(
            "H6313",
            "CTCTTATTTAAGGCTTTGAAGGC",
            "-",
            "Sorenson et al. 1999, doi:10.1006/mpev.1998.0602",
        ),
    ),
)
