"""Names that annotated records give to the loci, beside those of `forensics.barcode.locus`.

The symbols are those of animal mitochondrial and of plastid genomes in INSDC records. A name
that other genes bear too (``16S ribosomal RNA`` is also a plastid's and a bacterium's) counts in
a record of the right genome only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.barcode.locus import MITOCHONDRIAL, PLASTID, find_locus

__all__ = ["GENES", "Gene", "gene_key", "right_genome"]


@dataclass(frozen=True)
class Gene:
    """What a locus is called in annotations.

    Attributes
    ----------
    symbols : tuple of str
        Values of ``/gene``.
    products : tuple of str
        Values of ``/product``, and words of titles.
    types : tuple of str
        Keys of the features that hold it.
    shared : bool
        Whether other genomes have genes of that name: the record must say its organelle.
    """

    symbols: tuple[str, ...]
    products: tuple[str, ...]
    types: tuple[str, ...]
    shared: bool = False


GENES: Mapping[str, Gene] = {
    "COI": Gene(
        ("COI", "COX1", "CO1", "COXI", "MT-CO1", "cox-1"),
        (
            "cytochrome c oxidase subunit I", "cytochrome c oxidase subunit 1",
            "cytochrome oxidase subunit I", "cytochrome oxidase subunit 1",
            "cytochrome c oxidase I", "cytochrome c oxidase polypeptide I",
        ),
        ("CDS", "gene"),
    ),
    "cytb": Gene(
        ("cytb", "CYTB", "CYB", "cob", "MT-CYB", "cyt b"),
        ("cytochrome b", "apocytochrome b", "cytochrome b apoenzyme"),
        ("CDS", "gene"),
    ),
    "12S": Gene(
        ("12S", "12S rRNA", "rrnS", "rrn12", "MT-RNR1", "s-rRNA", "srRNA", "RNR1"),
        (
            "12S ribosomal RNA", "12S rRNA", "s-rRNA", "small subunit ribosomal RNA",
            "small ribosomal RNA subunit RNA", "12S small subunit ribosomal RNA",
        ),
        ("rRNA", "gene"),
        shared=True,
    ),
    "16S": Gene(
        ("16S", "16S rRNA", "rrnL", "rrn16", "MT-RNR2", "l-rRNA", "lrRNA", "RNR2"),
        (
            "16S ribosomal RNA", "16S rRNA", "l-rRNA", "large subunit ribosomal RNA",
            "large ribosomal RNA subunit RNA", "16S large subunit ribosomal RNA",
        ),
        ("rRNA", "gene"),
        shared=True,
    ),
    "CR": Gene(
        ("CR", "D-loop", "control region", "MT-CR"),
        ("control region", "D-loop", "displacement loop", "mitochondrial control region"),
        ("D-loop", "misc_feature", "regulatory", "gene"),
    ),
    "ITS": Gene(
        ("ITS", "ITS1", "ITS2"),
        (
            "internal transcribed spacer 1", "internal transcribed spacer 2",
            "internal transcribed spacer", "ITS1", "ITS2",
        ),
        ("misc_RNA", "misc_feature", "rRNA"),
    ),
    "rbcL": Gene(
        ("rbcL", "rbcLa"),
        (
            "ribulose-1,5-bisphosphate carboxylase/oxygenase large subunit",
            "ribulose 1,5-bisphosphate carboxylase/oxygenase large subunit",
            "ribulose-1,5-bisphosphate carboxylase large subunit",
            "ribulose bisphosphate carboxylase large chain", "RuBisCO large subunit",
        ),
        ("CDS", "gene"),
    ),
    "matK": Gene(("matK",), ("maturase K", "maturase-like protein"), ("CDS", "gene")),
    "trnL": Gene(
        ("trnL", "trnL-UAA", "trnL(UAA)"),
        ("trnL intron", "tRNA-Leu intron", "tRNA-Leu (UAA) intron"),
        ("intron", "misc_feature", "gene"),
    ),
}  # fmt: skip

_MITOCHONDRION = re.compile(r"\bmitochondri", re.IGNORECASE)
_PLASTID = re.compile(r"\b(plastid|chloroplast|chromoplast|apicoplast)", re.IGNORECASE)


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
    genome, gene = find_locus(locus).genome, GENES[locus]
    said = organelle or title
    mitochondrial, plastid = bool(_MITOCHONDRION.search(said)), bool(_PLASTID.search(said))
    if genome == MITOCHONDRIAL:
        return mitochondrial or not (plastid or gene.shared)
    if genome == PLASTID:
        # rbcL and matK stand in plastids alone; trnL in mitochondria too, without its intron.
        return not mitochondrial
    return not (mitochondrial or plastid)
