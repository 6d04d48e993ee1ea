"""Names that annotated records give to the loci, beside those of `forensics.barcode.locus`.

The symbols are those of animal mitochondrial and of plastid genomes in INSDC records. A name
that other genes bear too (``16S ribosomal RNA`` is also a plastid's and a bacterium's) counts in
a record of the right genome only.
"""

import re

from forensics.barcode.locus import MITOCHONDRIAL, PLASTID, AnnotatedGene, find_locus

__all__ = ["gene_key", "gene_of", "right_genome"]

_MITOCHONDRION = re.compile(r"\bmitochondri", re.IGNORECASE)
_PLASTID = re.compile(r"\b(plastid|chloroplast|chromoplast|apicoplast)", re.IGNORECASE)


def gene_of(locus: str) -> AnnotatedGene:
    """Return the names of a locus in annotated records."""
    return find_locus(locus).gene


def gene_key(name: str) -> str:
    """Return a name of a gene as it is compared: without case and signs.

    Examples
    --------
    >>> gene_key("COX-1") == gene_key("cox1")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def right_genome(locus: str, organelle: str, title: str) -> bool:
    """Return whether a record can be of the genome that holds the locus.

    Parameters
    ----------
    locus : str
    organelle : str
        The record's ``/organelle``; many deposited genes do not say it.
    title : str
        The record's title.
    """
    genome, gene = find_locus(locus).genome, gene_of(locus)
    description = organelle or title
    mitochondrial, plastid = (
        bool(_MITOCHONDRION.search(description)),
        bool(_PLASTID.search(description)),
    )
    if genome == MITOCHONDRIAL:
        return mitochondrial or not (plastid or gene.shared)
    if genome == PLASTID:
        # rbcL and matK stand in plastids alone; trnL in mitochondria too, without its intron.
        return not mitochondrial
    return not (mitochondrial or plastid)
