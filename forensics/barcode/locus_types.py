"""What is known of a locus: its lengths, genome, names in annotated records, and primers.

The table of loci is in `forensics.barcode.locus`.
"""

from dataclasses import dataclass

__all__ = ["MITOCHONDRIAL", "NUCLEAR", "PLASTID", "AnnotatedGene", "Locus", "Primer"]

MITOCHONDRIAL, PLASTID, NUCLEAR = "mitochondrial", "plastid", "nuclear"


@dataclass(frozen=True, slots=True)
class Primer:
    """A published primer.

    Attributes
    ----------
    name : str
        As laboratories call it.
    sequence : str
        5' to 3' in IUPAC codes; inosine, which pairs with any base, is written N.
    strand : str
        ``+`` where it reads like the locus in the direction of the gene, ``-`` where its
        reverse complement does.
    source : str
        Who published it, with DOI.
    """

    name: str
    sequence: str
    strand: str
    source: str


@dataclass(frozen=True, slots=True)
class AnnotatedGene:
    """What a locus is called in annotated records, beside the names of the locus itself.

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


@dataclass(frozen=True, slots=True)
class Locus:
    """A marker and what is expected of a sequence of it.

    Attributes
    ----------
    name : str
        The name used everywhere in the project.
    synonyms : tuple of str
        Other names, compared without case, blanks, dots, hyphens and underscores.
    expected_length : int
        Length of the usual fragment in base pairs.
    minimum_length : int
        Shortest sequence that is examined or kept as a reference, in base pairs.
    source : str
        Where both figures come from.
    genome : str
        ``mitochondrial``, ``plastid`` or ``nuclear``.
    maximum_length : int
        Longest reference record in base pairs: the whole gene or spacer with some room.
    gene : AnnotatedGene
        Its names in annotated records, by which it is found and cut out.
    genetic_codes : tuple of int
        NCBI translation tables that a coding locus may be read with; empty where nothing
        is translated.
    primers : tuple of Primer
        Primers whose amplicons laboratories send.
    """

    name: str
    synonyms: tuple[str, ...]
    expected_length: int
    minimum_length: int
    source: str
    genome: str
    maximum_length: int
    gene: AnnotatedGene
    genetic_codes: tuple[int, ...] = ()
    primers: tuple[Primer, ...] = ()

    @property
    def one_lineage(self) -> bool:
        """Whether the locus is inherited from one parent only, as organelles are."""
        return self.genome in (MITOCHONDRIAL, PLASTID)

    @property
    def linkage(self) -> str:
        """The molecule that it is inherited with; a nuclear locus stands for itself.

        An organelle genome is handed down whole, so all its loci tell one history.
        """
        return self.genome if self.one_lineage else self.name
