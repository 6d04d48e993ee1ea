"""The registry of formats: what a file is, by its content and never by its name.

A new format is one entry of `FORMATS` and one reader in the table of the subpackage that reads it
(`forensics.barcode.reading.reads`, `forensics.genetics.formats`, `forensics.origin.isoscape`). Formats that
people give by mistake have entries too, with what to do about them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from forensics.messages import N_

Content = Literal["sequences", "genotypes", "table", "map", "text", "document", "archive"]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files.

    Attributes
    ----------
    name : str
        As readers call it.
    starts : tuple of bytes
        One of them begins the file, unpacked.
    strict : bool
        Whether nothing may stand before it; before formats of text the mark of UTF-8 and blanks may.
    not_sequences : str
        What it is, in words, where sequences are expected and it holds none that can be read.
    not_genotypes : str
        What it is and what to do, where genotypes are expected and it holds none that can be read.
    """

    name: str
    holds: Content
    starts: tuple[bytes, ...]
    strict: bool = False
    not_sequences: str = ""
    not_genotypes: str = ""

    def matches(self, start: bytes) -> bool:
        """Return whether a file that begins so is of this format."""
        if not self.strict:
            start = start.removeprefix(_BOM).lstrip()
        return start.startswith(self.starts)


FORMATS = (
    # Sequences.
    Format("abif", "sequences", (b"ABIF",)),
    Format(
        "scf",
        "sequences",
        (b".scf",),
        not_sequences=N_("an SCF chromatogram, which is not read yet (export .ab1)"),
    ),
    Format("fasta", "sequences", (b">", b";")),
    Format("fastq", "sequences", (b"@",)),
    Format("genbank", "sequences", (b"LOCUS",)),
    Format(
        "nexus",
        "sequences",
        (b"#NEXUS",),
        not_sequences=N_("a NEXUS alignment (export FASTA)"),
    ),
    Format(
        "clustal",
        "sequences",
        (b"CLUSTAL",),
        not_sequences=N_("a Clustal alignment (export FASTA)"),
    ),
    # Genotypes. GENEPOP and STRUCTURE have no first bytes; their lines are looked at.
    Format("vcf", "genotypes", (b"##fileformat=VCF", b"#CHROM\t")),
    Format(
        "bcf",
        "genotypes",
        (b"BCF",),
        strict=True,
        not_genotypes=N_("this is BCF; convert it: bcftools view -O z -o genotypes.vcf.gz FILE"),
    ),
    Format("plink", "genotypes", (b"l\x1b",), strict=True),
    Format(
        "beagle",
        "genotypes",
        (b"marker\tallele", b"marker allele"),
        not_genotypes=N_(
            "this is a BEAGLE table of likelihoods of genotypes; called genotypes are expected, such as a VCF with GT"
        ),
    ),
    # Tables.
    Format(
        "xlsx",
        "table",
        (b"PK\x03\x04",),
        not_sequences=N_("a Word, Excel or zip file"),
    ),
    Format(
        "xls",
        "table",
        (b"\xd0\xcf\x11\xe0",),
        not_sequences=N_("an old Word or Excel file"),
        not_genotypes=N_("this is an old Excel workbook (.xls); save it as .xlsx or CSV"),
    ),
    Format(
        "r",
        "table",
        (b"RDX",),
        strict=True,
        not_genotypes=N_("this is an R data file; write the table with write.csv"),
    ),
    Format(
        "pickle",
        "table",
        (b"\x80\x04",),
        strict=True,
        not_genotypes=N_("this is a Python pickle, which is never opened; save the table as CSV"),
    ),
    # Maps.
    Format("geotiff", "map", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), strict=True),
    Format("netcdf", "map", (b"CDF\x01", b"CDF\x02", b"CDF\x05", b"\x89HDF"), strict=True),
    # GeoJSON, records of events, stored results: what the object says tells which.
    Format("json", "text", (b"{", b"[")),
    Format(
        "utf-16",
        "text",
        (b"\xff\xfe", b"\xfe\xff"),
        not_sequences=N_("UTF-16 text (save it as plain text, UTF-8)"),
    ),
    Format(
        "html",
        "text",
        (b"<",),
        not_sequences=N_("a web page or XML (was the download complete?)"),
    ),
    # What people give by mistake.
    Format(
        "pdf",
        "document",
        (b"%PDF",),
        not_sequences=N_("a PDF"),
        not_genotypes=N_("this is a PDF; the table itself is needed, as CSV or .xlsx"),
    ),
    Format(
        "picture",
        "document",
        (b"\x89PNG", b"\xff\xd8\xff"),
        not_sequences=N_("a picture"),
    ),
    # Packed: gzip is unpacked before.
    Format("gzip", "archive", (b"\x1f\x8b",), strict=True),
    Format(
        "bzip2",
        "archive",
        (b"BZh",),
        not_sequences=N_("compressed with bzip2 (use gzip)"),
    ),
    Format(
        "xz",
        "archive",
        (b"\xfd7zXZ",),
        not_sequences=N_("compressed with xz (use gzip)"),
    ),
)


def recognise(start: bytes, formats: Iterable[Format] = FORMATS) -> Format | None:
    """Return the format of a file by its first bytes, unpacked; None where they say nothing.

    Examples
    --------
    >>> recognise(b"\\n>A1 Panthera leo\\nACGT\\n").name, recognise(b"id,Fca8\\n")
    ('fasta', None)
    """
    return next((known for known in formats if known.matches(start)), None)
