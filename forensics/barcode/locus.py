"""The loci that the project knows: one table, one place to add to.

The expected length is that of the fragment that laboratories sequence; coverage
is measured against it, so a whole gene is not asked of a barcode.
"""

from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["LOCI", "MITOCHONDRIAL", "NUCLEAR", "PLASTID", "Locus", "find_locus"]

MITOCHONDRIAL, PLASTID, NUCLEAR = "mitochondrial", "plastid", "nuclear"


@dataclass(frozen=True)
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
        Shortest questioned sequence that is examined, in base pairs.
    source : str
        Where both figures come from.
    genome : str
        ``mitochondrial``, ``plastid`` or ``nuclear``.
    """

    name: str
    synonyms: tuple[str, ...]
    expected_length: int
    minimum_length: int
    source: str
    genome: str

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


# A 100-bp piece of COI still held 90 % of the species apart, shorter ones fewer:
# Meusnier et al. 2008, doi:10.1186/1471-2164-9-214.
_MINI_BARCODE = 100

LOCI = (
    Locus(
        "COI",
        ("COX1", "CO1", "COI-5P", "cox-1", "MT-CO1", "cytochrome c oxidase subunit I"),
        658,
        _MINI_BARCODE,
        "Folmer region without primers, Folmer et al. 1994; Hebert et al. 2003, "
        "doi:10.1098/rspb.2002.2218",
        MITOCHONDRIAL,
    ),
    Locus(
        "cytb",
        ("cyt-b", "CYB", "MT-CYB", "cob", "cytochrome b", "mini-cyt-b"),
        1140,
        _MINI_BARCODE,
        "whole gene of mammals, Irwin et al. 1991, doi:10.1007/BF02515385",
        MITOCHONDRIAL,
    ),
    Locus(
        "12S",
        ("12S rRNA", "12S ribosomal RNA", "MT-RNR1", "rrn12", "rrnS", "s-rRNA"),
        390,
        _MINI_BARCODE,
        "L1091-H1478 fragment, Kocher et al. 1989, doi:10.1073/pnas.86.16.6196",
        MITOCHONDRIAL,
    ),
    Locus(
        "16S",
        ("16S rRNA", "16S ribosomal RNA", "MT-RNR2", "rrn16", "rrnL", "l-rRNA", "mini-16S"),
        550,
        _MINI_BARCODE,
        "16Sar-16Sbr fragment, Palumbi 1996, in Molecular Systematics, 2nd ed.",
        MITOCHONDRIAL,
    ),
    Locus(
        "CR",
        ("D-loop", "control region", "dloop", "HVR1", "HVRI", "MT-CR"),
        500,
        _MINI_BARCODE,
        "first half with HV1, Kocher et al. 1989, doi:10.1073/pnas.86.16.6196",
        MITOCHONDRIAL,
    ),
    Locus(
        "ITS",
        ("ITS1", "ITS2", "nrITS", "ITS1-5.8S-ITS2", "internal transcribed spacer"),
        650,
        _MINI_BARCODE,
        "ITS1-5.8S-ITS2 of plants, China Plant BOL Group 2011, doi:10.1073/pnas.1104551108",
        NUCLEAR,
    ),
    Locus(
        "rbcL",
        ("rbcLa", "mini-rbcL", "RuBisCO large subunit"),
        552,
        _MINI_BARCODE,
        "rbcLa, CBOL Plant Working Group 2009, doi:10.1073/pnas.0905845106",
        PLASTID,
    ),
    Locus(
        "matK",
        ("maturase K",),
        790,
        _MINI_BARCODE,
        "3F-1R fragment, CBOL Plant Working Group 2009, doi:10.1073/pnas.0905845106",
        PLASTID,
    ),
    Locus(
        "trnL",
        ("trnL-UAA", "trnL-P6-loop", "trnL intron", "trnL(UAA)", "trnL P6"),
        500,
        30,
        "UAA intron c-d and its P6 loop g-h, Taberlet et al. 2007, doi:10.1093/nar/gkl938",
        PLASTID,
    ),
)


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in " .-_")


_BY_NAME = {_key(name): locus for locus in LOCI for name in (locus.name, *locus.synonyms)}


def find_locus(name: str) -> Locus:
    """Return the locus of that name or synonym.

    Raises
    ------
    UsageError
        If there is none; the message lists the known ones.

    Examples
    --------
    >>> find_locus("COI-5P").name
    'COI'
    """
    try:
        return _BY_NAME[_key(name)]
    except KeyError:
        raise UsageError(
            _("Unknown locus {name!r}. Known loci: {known}.").format(
                name=name, known=", ".join(locus.name for locus in LOCI)
            )
        ) from None
