"""The loci that the project knows, in one table, and what a sequence must be to be compared at one.

The expected length is that of the fragment that laboratories sequence; coverage
is measured against it, so a whole gene is not asked of a barcode.

Nucleotide sequences, of query and reference, are plain upper-case text in the IUPAC alphabet. Source of the codes:
Nomenclature Committee of the IUB 1985, doi:10.1093/nar/13.9.3021.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from forensics import notices
from forensics.core.notice import Notice
from forensics.errors import UsageError
from forensics.messages import _
from forensics.plugins import Package, load_plugins

MITOCHONDRIAL, PLASTID, NUCLEAR = "mitochondrial", "plastid", "nuclear"


class Primer(NamedTuple):
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


class AnnotatedGene(NamedTuple):
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


class Locus(NamedTuple):
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


# A 100-bp piece of COI still held 90 % of the species apart, shorter ones fewer:
# Meusnier et al. 2008, doi:10.1186/1471-2164-9-214.
_MINI_BARCODE = 100

# The shortest amplicon of the primers 12S-V5, which diets and mixtures are examined with: 73 to 110
# bases without primers (Riaz et al. 2011, doi:10.1093/nar/gkr732). What so short a piece does not
# hold apart, the calibration learns from pieces of that length.
_V5 = 73

# The longest gene that a barcode is a part of is matK or COI, with 1.5 to 1.6 kb; a longer sequence
# may hold several loci.
MAX_GENE_LENGTH = 1600

# NCBI translation tables (Elzanowski & Ostell, The Genetic Codes): 2 vertebrates, 5 arthropods,
# molluscs, annelids and nematodes, 4 corals, jellyfish, sponges and comb jellies, 9 echinoderms
# and flatworms, 13 sea squirts, 14 some flatworms.
_ANIMAL_MITOCHONDRIAL = (2, 5, 4, 9, 13, 14)
_PLASTID = (11,)

# Who published the primers. Where no DOI stands, there is none or it could not be checked.
_FOLMER = "Folmer et al. 1994, Mol. Mar. Biol. Biotechnol. 3:294"
_MEYER = "Meyer 2003, doi:10.1046/j.1095-8312.2003.00197.x"
_GELLER = "Geller et al. 2013, doi:10.1111/1755-0998.12138"
_HEBERT = "Hebert et al. 2004, doi:10.1073/pnas.0406166101"
_BIRDS = "Hebert et al. 2004, doi:10.1371/journal.pbio.0020312"
_WARD = "Ward et al. 2005, doi:10.1098/rstb.2005.1716"
_IVANOVA = "Ivanova et al. 2007, doi:10.1111/j.1471-8286.2007.01748.x"
_HAJIBABAEI = "Hajibabaei et al. 2006, doi:10.1073/pnas.0510466103"
_BOLD = "primer registry of BOLD (RonMWASPdeg_t1 without its M13 tail)"
_LERAY = "Leray et al. 2013, doi:10.1186/1742-9994-10-34"
_MEUSNIER = "Meusnier et al. 2008, doi:10.1186/1471-2164-9-214"
_LOBO = "Lobo et al. 2013, doi:10.1186/1472-6785-13-34"
_ZEALE = "Zeale et al. 2011, doi:10.1111/j.1755-0998.2010.02920.x"
_ELBRECHT = "Elbrecht & Leese 2017, doi:10.3389/fenvs.2017.00011"
_VAMOS = "Vamos et al. 2017, doi:10.3897/mbmg.1.14625"
_KOCHER = "Kocher et al. 1989, doi:10.1073/pnas.86.16.6196"
_IRWIN = "Irwin et al. 1991, doi:10.1007/BF02515385"
_PARSON = "Parson et al. 2000, doi:10.1007/s004140000134"
_VERMA = "Verma & Singh 2003, doi:10.1046/j.1471-8286.2003.00340.x"
_DUCROZ = "Ducroz et al. 2001, J. Mammal. Evol. 8:173"
_PALUMBI = "Palumbi 1996, in Molecular Systematics, 2nd ed."
_MIYA = "Miya et al. 2015, doi:10.1098/rsos.150088"
_MAMMALS = "Ushio et al. 2017, doi:10.1111/1755-0998.12690"
_USHIO = "Ushio et al. 2018, doi:10.3897/mbmg.2.23297"
_RIAZ = "Riaz et al. 2011, doi:10.1093/nar/gkr732"
_VALENTINI = "Valentini et al. 2016, doi:10.1111/mec.13428"
_TAYLOR = "Taylor 1996, Mol. Biol. Evol. 13:283"
_VENCES = "Vences et al. 2016, Conserv. Genet. Resour. 8:323"
_FUMAGALLI = "Fumagalli et al. 1996, Mol. Biol. Evol. 13:31"
_VIGILANT = "Vigilant et al. 1989, doi:10.1073/pnas.86.23.9350"
_WILSON = "Wilson et al. 1995, Int. J. Legal Med. 108:68"
_BAKER = "Baker et al. 1998, Mol. Ecol. 7:695"
_WHITE = "White et al. 1990, doi:10.1016/B978-0-12-372180-8.50042-1"
_CHEN = "Chen et al. 2010, doi:10.1371/journal.pone.0008613"
_CHENG = "Cheng et al. 2016, doi:10.1111/1755-0998.12438"
_LEVIN = "Levin et al. 2003, doi:10.3732/ajb.90.1.107"
_KRESS = "Kress & Erickson 2007, doi:10.1371/journal.pone.0000508"
_FAZEKAS = "Fazekas et al. 2008, doi:10.1371/journal.pone.0002802"
_PALMIERI = "Palmieri et al. 2009, doi:10.3390/nu1020316"
_FAY = "Fay et al. 1997, Kew Bull. 52:111"
_KIM = "K.-J. Kim, in CBOL Plant Working Group 2009, doi:10.1073/pnas.0905845106"
_CUENOUD = "Cuénoud et al. 2002, doi:10.3732/ajb.89.1.132"
_FORD = "Ford et al. 2009, doi:10.1111/j.1095-8339.2008.00938.x"
_DUNNING = "Dunning & Savolainen 2010, doi:10.1111/j.1095-8339.2010.01071.x"
_TABERLET = "Taberlet et al. 1991, doi:10.1007/BF00037152"
_P6 = "Taberlet et al. 2007, doi:10.1093/nar/gkl938"

# Least length from the published mini-barcodes (Arulandhu et al. 2017, doi:10.1093/gigascience/gix080), greatest of
# the whole gene or spacer with some room. The P6 loop of trnL has 10-143 bases (Taberlet et al. 2007,
# doi:10.1093/nar/gkl938); under 20 nothing can be distinguished.
#
# Names in annotated records: the symbols are those of animal mitochondrial and of plastid genomes in INSDC
# records. A name that other genes bear too ("16S ribosomal RNA" is also a plastid's and a bacterium's) counts in
# a record of the right genome only (`shared`).
LOCI = (
    Locus(
        "COI",
        ("COX1", "CO1", "COI-5P", "cox-1", "MT-CO1", "cytochrome c oxidase subunit I"),
        658,
        _MINI_BARCODE,
        "Folmer region without primers, Folmer et al. 1994; Hebert et al. 2003, "
        "doi:10.1098/rspb.2002.2218",
        MITOCHONDRIAL,
        1650,  # whole genes: 1,602 of pythons and monitors
        AnnotatedGene(
            ("COI", "COX1", "CO1", "COXI", "MT-CO1", "cox-1"),
            (
                "cytochrome c oxidase subunit I",
                "cytochrome c oxidase subunit 1",
                "cytochrome oxidase subunit I",
                "cytochrome oxidase subunit 1",
                "cytochrome c oxidase I",
                "cytochrome c oxidase polypeptide I",
            ),
            ("CDS", "gene"),
        ),
        _ANIMAL_MITOCHONDRIAL,
        primers=(
            Primer("LCO1490", "GGTCAACAAATCATAAAGATATTGG", "+", _FOLMER),
            Primer("HCO2198", "TAAACTTCAGGGTGACCAAAAAATCA", "-", _FOLMER),
            Primer("dgLCO1490", "GGTCAACAAATCATAAAGAYATYGG", "+", _MEYER),
            Primer("dgHCO2198", "TAAACTTCAGGGTGACCAAARAAYCA", "-", _MEYER),
            Primer("jgLCO1490", "TNTCNACNAAYCAYAARGAYATTGG", "+", _GELLER),
            Primer("jgHCO2198", "TANACYTCNGGRTGNCCRAARAAYCA", "-", _GELLER),
            Primer("LoboF1", "KBTCHACAAAYCAYAARGAYATHGG", "+", _LOBO),
            Primer("LoboR1", "TAAACYTCWGGRTGWCCRAARAAYCA", "-", _LOBO),
            Primer("LepF1", "ATTCAACCAATCATAAAGATATTGG", "+", _HEBERT),
            Primer("LepR1", "TAAACTTCTGGATGTCCAAAAAATCA", "-", _HEBERT),
            Primer("FishF1", "TCAACCAACCACAAAGACATTGGCAC", "+", _WARD),
            Primer("FishF2", "TCGACTAATCATAAAGATATCGGCAC", "+", _WARD),
            Primer("FishR1", "TAGACTTCTGGGTGGCCAAAGAATCA", "-", _WARD),
            Primer("FishR2", "ACTTCAGGGTGACCGAAGAATCAGAA", "-", _WARD),
            Primer("VF2", "CAACCAACCACAAAGACATTGGCAC", "+", _IVANOVA),
            Primer("VF1", "TTCTCAACCAACCACAAAGACATTGG", "+", _IVANOVA),
            Primer("VF1d", "TTCTCAACCAACCACAARGAYATYGG", "+", _IVANOVA),
            Primer("VF1i", "TTCTCAACCAACCANAANGANATNGG", "+", _IVANOVA),
            Primer("VR1d", "TAGACTTCTGGGTGGCCRAARAAYCA", "-", _IVANOVA),
            Primer("VR1i", "TAGACTTCTGGGTGNCCNAANAANCA", "-", _IVANOVA),
            Primer("FF2d", "TTCTCCACCAACCACAARGAYATYGG", "+", _IVANOVA),
            Primer("FR1d", "CACCTCAGGGTGTCCGAARAAYCARAA", "-", _IVANOVA),
            Primer("BirdF1", "TTCTCCAACCACAAAGACATTGGCAC", "+", _BIRDS),
            Primer("BirdR1", "ACGTGGGAGATAATTCCAAATCCTG", "-", _BIRDS),
            Primer("mlCOIintF", "GGWACWGGWTGAACWGTWTAYCCYCC", "+", _LERAY),
            Primer("MLepF1", "GCTTTCCCACGAATAAATAATA", "+", _HAJIBABAEI),
            Primer("RonMWASPdeg", "GGWTCWCCWGATATAKCWTTTCC", "+", _BOLD),
            Primer("Uni-MinibarF1", "TCCACTAATCACAARGATATTGGTAC", "+", _MEUSNIER),
            Primer("Uni-MinibarR1", "GAAAATCATAATGAAGGCATGAGC", "-", _MEUSNIER),
            Primer("ZBJ-ArtF1c", "AGATATTGGAACWTTATATTTTATTTTTGG", "+", _ZEALE),
            Primer("ZBJ-ArtR2c", "WACTAATCAATTWCCAAATCCTCC", "-", _ZEALE),
            Primer("BF2", "GCHCCHGAYATRGCHTTYCC", "+", _ELBRECHT),
            Primer("BR2", "TCDGGRTGNCCRAARAAYCA", "-", _ELBRECHT),
            Primer("fwhF2", "GGDACWGGWTGAACWGTWTAYCCHCC", "+", _VAMOS),
            Primer("fwhR2n", "GTRATWGCHCCDGCTARWACWGG", "-", _VAMOS),
        ),
    ),
    Locus(
        "cytb",
        ("cyt-b", "CYB", "MT-CYB", "cob", "cytochrome b", "mini-cyt-b"),
        1140,
        _MINI_BARCODE,
        "whole gene of mammals, Irwin et al. 1991, doi:10.1007/BF02515385",
        MITOCHONDRIAL,
        1160,
        AnnotatedGene(
            ("cytb", "CYTB", "CYB", "cob", "MT-CYB", "cyt b"),
            ("cytochrome b", "apocytochrome b", "cytochrome b apoenzyme"),
            ("CDS", "gene"),
        ),
        _ANIMAL_MITOCHONDRIAL,
        primers=(
            Primer("L14724", "CGAAGCTTGATATGAAAAACCATCGTTG", "+", _IRWIN),
            Primer("L14841", "AAAAAGCTTCCATCCAACATCTCAGCATGATGAAA", "+", _KOCHER),
            Primer("H15149", "AAACTGCAGCCCCTCAGAATGATATTTGTCCTCA", "-", _KOCHER),
            Primer("H15915", "AACTGCAGTCATCTCCGGTTTACAAGAC", "-", _IRWIN),
            Primer("L14816", "CCATCCAACATCTCAGCATGATGAAA", "+", _PARSON),
            Primer("H15173", "CCCCTCAGAATGATATTTGTCCTCA", "-", _PARSON),
            Primer("GluDG-L", "TGACTTGAARAACCAYCGTTG", "+", _PALUMBI),
            Primer("CB3-H", "GGCAAATAGGAARTATCATTC", "-", _PALUMBI),
            Primer("L14723", "ACCAATGACATGAAAAATCATCGTT", "+", _DUCROZ),
            Primer("H15915-D", "TCTCCATTTCTGGTTTACAAGAC", "-", _DUCROZ),
            Primer("mcb398", "TACCATGAGGACAAATATCATTCTG", "+", _VERMA),
            Primer("mcb869", "CCTCCTAGTTTGTTAGGGATTGATCG", "-", _VERMA),
        ),
    ),
    Locus(
        "12S",
        ("12S rRNA", "12S ribosomal RNA", "MT-RNR1", "rrn12", "rrnS", "s-rRNA"),
        390,
        _V5,
        "L1091-H1478 fragment, Kocher et al. 1989, doi:10.1073/pnas.86.16.6196; least: Riaz et al. "
        "2011, doi:10.1093/nar/gkr732",
        MITOCHONDRIAL,
        1100,
        AnnotatedGene(
            ("12S", "12S rRNA", "rrnS", "rrn12", "MT-RNR1", "s-rRNA", "srRNA", "RNR1"),
            (
                "12S ribosomal RNA",
                "12S rRNA",
                "s-rRNA",
                "small subunit ribosomal RNA",
                "small ribosomal RNA subunit RNA",
                "12S small subunit ribosomal RNA",
            ),
            ("rRNA", "gene"),
            shared=True,
        ),
        primers=(
            Primer("L1091", "AAAAAGCTTCAAACTGGGATTAGATACCCCACTAT", "+", _KOCHER),
            Primer("H1478", "TGACTGCAGAGGGTGACGGGCGGTGTGT", "-", _KOCHER),
            Primer("MiFish-U-F", "GTCGGTAAAACTCGTGCCAGC", "+", _MIYA),
            Primer("MiFish-U-R", "CATAGTGGGGTATCTAATCCCAGTTTG", "-", _MIYA),
            Primer("MiFish-E-F", "GTTGGTAAATCTCGTGCCAGC", "+", _MIYA),
            Primer("MiFish-E-R", "CATAGTGGGGTATCTAATCCTAGTTTG", "-", _MIYA),
            Primer("MiMammal-U-F", "GGGTTGGTAAATTTCGTGCCAGC", "+", _MAMMALS),
            Primer("MiBird-U-F", "GGGTTGGTAAATCTTGTGCCAGC", "+", _USHIO),
            Primer("12S-V5-F1", "ACTGGGATTAGATACCCC", "+", _RIAZ),
            Primer("12S-V5-F", "TTAGATACCCCACTATGC", "+", _RIAZ),
            Primer("12S-V5-R1", "TAGAACAGGCTCCTCTAG", "-", _RIAZ),
            Primer("teleo-F", "ACACCGCCCGTCACTCT", "+", _VALENTINI),
            Primer("teleo-R", "CTTCCGGTACACTTACCATG", "-", _VALENTINI),
        ),
    ),
    Locus(
        "16S",
        ("16S rRNA", "16S ribosomal RNA", "MT-RNR2", "rrn16", "rrnL", "l-rRNA", "mini-16S"),
        550,
        _MINI_BARCODE,
        "16Sar-16Sbr fragment, Palumbi 1996, in Molecular Systematics, 2nd ed.",
        MITOCHONDRIAL,
        1800,  # 1,676 of requiem sharks, 1,710 of eels
        AnnotatedGene(
            ("16S", "16S rRNA", "rrnL", "rrn16", "MT-RNR2", "l-rRNA", "lrRNA", "RNR2"),
            (
                "16S ribosomal RNA",
                "16S rRNA",
                "l-rRNA",
                "large subunit ribosomal RNA",
                "large ribosomal RNA subunit RNA",
                "16S large subunit ribosomal RNA",
            ),
            ("rRNA", "gene"),
            shared=True,
        ),
        primers=(
            Primer("16Sar-L", "CGCCTGTTTATCAAAAACAT", "+", _PALUMBI),
            Primer("16Sbr-H", "CCGGTCTGAACTCAGATCACGT", "-", _PALUMBI),
            Primer("16Smam1", "CGGTTGGGGTGACCTCGGA", "+", _TAYLOR),
            Primer("16Smam2", "GCTGTTATCCCTAGGGTAACT", "-", _TAYLOR),
            Primer("Vert-16S-eDNA-F1", "AGACGAGAAGACCCYDTGGAGCTT", "+", _VENCES),
            Primer("Vert-16S-eDNA-R1", "GATCCAACATCGAGGTCGTAA", "-", _VENCES),
        ),
    ),
    Locus(
        "CR",
        ("D-loop", "control region", "dloop", "HVR1", "HVRI", "MT-CR"),
        500,
        _MINI_BARCODE,
        "first half with HV1, Kocher et al. 1989, doi:10.1073/pnas.86.16.6196",
        MITOCHONDRIAL,
        2000,  # 1,688 of the lion, with its repeats
        AnnotatedGene(
            ("CR", "D-loop", "control region", "MT-CR"),
            ("control region", "D-loop", "displacement loop", "mitochondrial control region"),
            ("D-loop", "misc_feature", "regulatory", "gene"),
        ),
        primers=(
            Primer("L15926", "TCAAAGCTTACACCAGTCTTGTAAACC", "+", _KOCHER),
            Primer("H00651", "TAACTGCAGAAGGCTAGGACCAAACCT", "-", _KOCHER),
            Primer("L15995", "CTCCACTATCAGCACCCAAAG", "+", _FUMAGALLI),
            Primer("H16498", "CCTGAAGTAGGAACCAGATG", "-", _FUMAGALLI),
            Primer("L15996", "CTCCACCATTAGCACCCAAAGC", "+", _VIGILANT),
            Primer("H16401", "TGATTTCACGGAGGATGGTG", "-", _VIGILANT),
            Primer("H408", "CTGTTAAAAGTGCATACCGCCA", "-", _VIGILANT),
            Primer("L15997", "CACCATTAGCACCCAAAGCT", "+", _WILSON),
            Primer("Dlp1.5", "TCACCCAAAGCTGRARTTCTA", "+", _BAKER),
            Primer("Dlp5", "CCATCGWGATGTCTTATTTAAGRGGAA", "-", _BAKER),
        ),
    ),
    Locus(
        "ITS",
        ("ITS1", "ITS2", "nrITS", "ITS1-5.8S-ITS2", "internal transcribed spacer"),
        650,
        _MINI_BARCODE,
        "ITS1-5.8S-ITS2 of plants, China Plant BOL Group 2011, doi:10.1073/pnas.1104551108",
        NUCLEAR,
        1500,
        AnnotatedGene(
            ("ITS", "ITS1", "ITS2"),
            (
                "internal transcribed spacer 1",
                "internal transcribed spacer 2",
                "internal transcribed spacer",
                "ITS1",
                "ITS2",
            ),
            ("misc_RNA", "misc_feature", "rRNA"),
        ),
        primers=(
            Primer("ITS1", "TCCGTAGGTGAACCTGCGG", "+", _WHITE),
            Primer("ITS2", "GCTGCGTTCTTCATCGATGC", "-", _WHITE),
            Primer("ITS3", "GCATCGATGAAGAACGCAGC", "+", _WHITE),
            Primer("ITS4", "TCCTCCGCTTATTGATATGC", "-", _WHITE),
            Primer("ITS5", "GGAAGTAAAAGTCGTAACAAGG", "+", _WHITE),
            Primer("ITS-S2F", "ATGCGATACTTGGTGTGAAT", "+", _CHEN),
            Primer("ITS-S3R", "GACGCTTCTCCAGACTACAAT", "-", _CHEN),
            Primer("ITS-p3", "YGACTCTCGGCAACGGATA", "+", _CHENG),
            Primer("ITS-p4", "CCGCTTAKTGATATGCTTAAA", "-", _CHENG),
            Primer("ITS-p5", "CCTTATCAYTTAGAGGAAGGAG", "+", _CHENG),
            Primer("ITS-u1", "GGAAGKARAAGTCGTAACAAGG", "+", _CHENG),
            Primer("ITS-u2", "GCGTTCAAAGAYTCGATGRTTC", "-", _CHENG),
            Primer("ITS-u3", "CAWCGATGAAGAACGYAGC", "+", _CHENG),
            Primer("ITS-u4", "RGTTTCTTTTCCTCCGCTTA", "-", _CHENG),
        ),
    ),
    Locus(
        "rbcL",
        ("rbcLa", "mini-rbcL", "RuBisCO large subunit"),
        552,
        _MINI_BARCODE,
        "rbcLa, CBOL Plant Working Group 2009, doi:10.1073/pnas.0905845106",
        PLASTID,
        1500,
        AnnotatedGene(
            ("rbcL", "rbcLa"),
            (
                "ribulose-1,5-bisphosphate carboxylase/oxygenase large subunit",
                "ribulose 1,5-bisphosphate carboxylase/oxygenase large subunit",
                "ribulose-1,5-bisphosphate carboxylase large subunit",
                "ribulose bisphosphate carboxylase large chain",
                "RuBisCO large subunit",
            ),
            ("CDS", "gene"),
        ),
        _PLASTID,
        primers=(
            Primer("rbcLa-F", "ATGTCACCACAAACAGAGACTAAAGC", "+", _LEVIN),
            Primer("rbcLa-R", "GTAAAATCAAGTCCACCRCG", "-", _KRESS),
            Primer("rbcLajf634R", "GAAACGGTCTCTCCAACGCAT", "-", _FAZEKAS),
            Primer("rbcL1", "TTGGCAGCATTYCGAGTAACTCC", "+", _PALMIERI),
            Primer("rbcLB", "AACCYTCTTCAAAAAGGTC", "-", _PALMIERI),
            Primer("rbcL-1F", "ATGTCACCACAAACAGAAAC", "+", _FAY),
            Primer("rbcL-724R", "TCGCATGTACCTGCAGTAGC", "-", _FAY),
        ),
    ),
    Locus(
        "matK",
        ("maturase K",),
        790,
        _MINI_BARCODE,
        "3F-1R fragment, CBOL Plant Working Group 2009, doi:10.1073/pnas.0905845106",
        PLASTID,
        1700,
        AnnotatedGene(("matK",), ("maturase K", "maturase-like protein"), ("CDS", "gene")),
        _PLASTID,
        primers=(
            Primer("1R_KIM", "ACCCAGTCCATCTGGAAATCTTGGTTC", "+", _KIM),
            Primer("3F_KIM", "CGTACAGTACTTTTGTGTTTACGAG", "-", _KIM),
            Primer("390F", "CGATCTATTCATTCAATATTTC", "+", _CUENOUD),
            Primer("1326R", "TCTAGCACACGAAAGTCGAAGT", "-", _CUENOUD),
            Primer("matK-xf", "TAATTTACGATCAATTCATTC", "+", _FORD),
            Primer("matK-MALP", "ACAAGAAAGTCGAAGTAT", "-", _DUNNING),
        ),
    ),
    Locus(
        "trnL",
        ("trnL-UAA", "trnL-P6-loop", "trnL intron", "trnL(UAA)", "trnL P6"),
        500,
        30,
        "UAA intron c-d and its P6 loop g-h, Taberlet et al. 2007, doi:10.1093/nar/gkl938",
        PLASTID,
        1200,
        AnnotatedGene(
            ("trnL", "trnL-UAA", "trnL(UAA)"),
            ("trnL intron", "tRNA-Leu intron", "tRNA-Leu (UAA) intron"),
            ("intron", "misc_feature", "gene"),
        ),
        primers=(
            Primer("trnL-c", "CGAAATCGGTAGACGCTACG", "+", _TABERLET),
            Primer("trnL-d", "GGGGATAGAGGGACTTGAAC", "-", _TABERLET),
            Primer("trnL-e", "GGTTCAAGTCCCTCTATCCC", "+", _TABERLET),
            Primer("trnL-f", "ATTTGAACTGGTGACACGAG", "-", _TABERLET),
            Primer("trnL-g", "GGGCAATCCTGAGCCAA", "+", _P6),
            Primer("trnL-h", "CCATTGAGTCTCTGCACCTATC", "-", _P6),
        ),
    ),
)


_SPACERS = str.maketrans("", "", " .-_")
_BASES = frozenset("ACGTRYSWKMBDHVN")


@functools.lru_cache(maxsize=1000)  # asked many times a query, for a few names
def _key(name: str) -> str:
    return name.casefold().translate(_SPACERS)


_BY_NAME = {_key(name): locus for locus in LOCI for name in (locus.name, *locus.synonyms)}


def find_locus(name: str) -> Locus:
    """Return the locus of that name or synonym; of those that are not built in, a plug-in's.

    Raises
    ------
    UsageError
        If there is none; the message lists the known ones.
    PluginError
        If it is not built in, and a plug-in cannot be used.

    Examples
    --------
    >>> find_locus("COI-5P").name
    'COI'
    """
    key = _key(name)
    if key in _BY_NAME:
        return _BY_NAME[key]
    if key in _added_loci():
        return _added_loci()[key][0]
    raise UsageError(
        _("Unknown locus {name!r}. Known loci: {known}.").format(
            name=name, known=", ".join(locus.name for locus in known_loci())
        )
    )


def known_loci() -> tuple[Locus, ...]:
    """Return all loci, the built-in ones first.

    Plug-ins are looked for: where a few names are enough, `find_locus` is faster.

    Raises
    ------
    PluginError
        If one cannot be used.
    """
    return (*LOCI, *dict.fromkeys(locus for locus, _package in _added_loci().values()))


def plugins_of_loci(names: Iterable[str]) -> list[Package]:
    """Return the packages that loci come from, for provenance; built-in loci have none."""
    keys = [key for key in map(_key, names) if key not in _BY_NAME]
    return [_added_loci()[key][1] for key in keys if key in _added_loci()]


@functools.cache
def _added_loci() -> Mapping[str, tuple[Locus, Package]]:
    """Return the loci of plug-ins, by each of their names."""
    added: dict[str, tuple[Locus, Package]] = {}
    for package, plugin in load_plugins().items():
        for locus in plugin.loci:
            with package.named_errors():
                wrong = _wrong_fields(locus)
                keys = [_key(name) for name in (locus.name, *locus.synonyms)]
            if wrong:
                raise package.error(
                    _("wrong in the locus {name}: {fields}").format(
                        name=locus.name, fields=", ".join(wrong)
                    )
                )
            if taken := [key for key in keys if key in _BY_NAME or key in added]:
                raise package.error(_("the name {name!r} is taken").format(name=taken[0]))
            added |= dict.fromkeys(keys, (locus, package))
    return added


def _wrong_fields(locus: Locus) -> list[str]:
    """Return the fields of a plug-in's locus that have values which no locus has."""
    # Shorter sequences are examined at no locus (`forensics.barcode.locus`).
    shortest = min(known.minimum_length for known in LOCI)
    is_wrong = {
        "name": not locus.name.replace("-", "").isalnum(),  # of a folder in a library, too
        "genome": locus.genome not in (MITOCHONDRIAL, PLASTID, NUCLEAR),
        "minimum_length": not shortest <= locus.minimum_length <= locus.expected_length,
        "maximum_length": not locus.expected_length <= locus.maximum_length,
        "source": not locus.source.strip(),
        "primers": any(
            not primer.sequence or set(primer.sequence) - _BASES or primer.strand not in ("+", "-")
            for primer in locus.primers
        ),
    }
    return [name for name, value in is_wrong.items() if value]


# What each code stands for.
IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T",
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
AMBIGUOUS = frozenset(IUPAC) - frozenset("ACGT")

# Two codes match when some base satisfies both: R matches A, G, R, N, K …, but not Y.
EQUALITIES = [
    (code, second)
    for code in IUPAC
    for second in IUPAC
    if code < second and set(IUPAC[code]) & set(IUPAC[second])
]

_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")
_NOT_AMBIGUOUS = str.maketrans("", "", "ACGT")
# Not str.upper(), which makes S, a code, of letters that are none (ß, ſ).
_NORMAL = str.maketrans("abcdefghijklmnopqrstuvwxyzU", "ABCDEFGHIJKLMNOPQRSTTVWXYZT", "-. \t\r\n")


def clean(text: str) -> str:
    """Return a sequence in upper case, U as T, without gaps, blanks and outer N.

    Letters outside the alphabet stay as they are: judging them is the reader's work.

    Examples
    --------
    >>> clean("nn--acgu.rn-")
    'ACGTR'
    """
    return text.translate(_NORMAL).strip("N")


def reverse_complement(sequence: str) -> str:
    """Return the other strand, IUPAC codes included.

    Examples
    --------
    >>> reverse_complement("AACGR")
    'YCGTT'
    """
    return sequence.translate(_COMPLEMENT)[::-1]


def ambiguous_count(sequence: str) -> int:
    """Return how many letters of a clean sequence are IUPAC codes other than A, C, G, T."""
    return len(other_letters(sequence))


def other_letters(sequence: str) -> str:
    """Return the letters of a sequence that are not A, C, G or T, in their order.

    Examples
    --------
    >>> other_letters("ACRGTNA")
    'RN'
    """
    return sequence.translate(_NOT_AMBIGUOUS)


# An IUPAC code matches what it can stand for, so n % of them can hide n % of difference.
# The BARCODE standard asks for fewer than 1 % (Hanner 2009); above 5 % the sequence could
# hide the difference between most species (congeners at COI differ by 11.3 % on average,
# Hebert et al. 2003, doi:10.1098/rsbl.2003.0025).
FEW_AMBIGUOUS = 0.01
MAXIMUM_AMBIGUOUS = 0.05
# Plastid genomes, the longest things a barcode is cut from, stay under 250 kb.
MAXIMUM_LENGTH = 1_000_000
# The shortest minimum of any locus: below it nothing can be examined anywhere.
_MIN_LENGTH = min(locus.minimum_length for locus in LOCI)
# Under this a query is examined with a warning (doi:10.1186/1471-2164-9-214).
_SHORT_LENGTH = 250

_PROTEIN = frozenset("EFILPQZJO*")

# Codes of warnings that must be explained by a person before a report is made.
BLOCKING = ("SAME_HAPLOTYPE_AS", "SAME_HAPLOTYPE_IN_RUN", "MEMBER_DOUBTED")
# What decides about a result by itself, whatever the candidates are. It is reported first, and what
# to do about the result is what to do about it; of several, about the first here.
DECIDING = (
    "HUMAN", "ELIMINATION_MATCH", "READS_DISAGREE", "MIXED_CHROMATOGRAM", "MIXED_READS", "CHIMERA",
    "POSSIBLY_HUMAN", "ERROR_PRONE", "WEAK_CONSENSUS", "STOP_CODON", "FRAMESHIFT",
    "UNEXPECTED_TRANSLATION",
)  # fmt: skip


def check_sequence(sequence: str) -> Notice | None:
    """Return why a clean sequence cannot be examined, or None.

    Parameters
    ----------
    sequence : str
        As `forensics.barcode.locus.clean` returns it.
    """
    if not sequence:
        return notices.unusable.EMPTY()
    codes = other_letters(sequence)
    foreign = set(codes) - IUPAC.keys()
    if foreign:
        position = min(sequence.index(letter) for letter in foreign)
        wrong_letter = sequence[position]
        if foreign & _PROTEIN and 2 * len(codes) > len(sequence):
            advice = _("This looks like a protein; a nucleotide sequence is needed.")
        else:
            advice = _("Allowed are A, C, G, T, U, the IUPAC codes RYSWKMBDHVN and gaps.")
        return notices.unusable.NOT_NUCLEOTIDE(
            "alone", letter=wrong_letter, position=position + 1, advice=advice
        )
    if len(sequence) > MAXIMUM_LENGTH:
        return notices.unusable.TOO_LONG(limit=MAXIMUM_LENGTH)
    if len(sequence) < _MIN_LENGTH:
        return notices.unusable.TOO_SHORT("any", length=len(sequence), needed=_MIN_LENGTH)
    share = len(codes) / len(sequence)
    if share > MAXIMUM_AMBIGUOUS:
        return notices.unusable.TOO_AMBIGUOUS(share=share, limit=MAXIMUM_AMBIGUOUS)
    return None


def sequence_warnings(sequence: str) -> list[Notice]:
    """Return what should be known of a sequence that can be examined."""
    warnings = []
    share = ambiguous_count(sequence) / len(sequence)
    if share > FEW_AMBIGUOUS:
        warnings.append(notices.sequence.AMBIGUOUS_BASES(share=share))
    if len(sequence) < _SHORT_LENGTH:
        warnings.append(notices.sequence.SHORT_QUERY(length=len(sequence)))
    return warnings


class Cut(NamedTuple):
    """Where a piece lies in the record that it was cut from.

    Attributes
    ----------
    part : str
        What the piece is: the locus.
    first, last : int
        Bases of the record, counted from 1 on the strand that was given. A last base before the first:
        the piece lies across the ends of a circle.
    strand : str
        ``+`` or ``-``: the strand of the record that the piece reads like.
    total : int
        Bases of the record.
    """

    part: str
    first: int
    last: int
    strand: str
    total: int

    def place(self, position: int) -> int:
        """Return where a base of the piece stands in the record; both count from 1."""
        if self.strand == "+":
            return (self.first + position - 2) % self.total + 1
        return (self.last - position) % self.total + 1
