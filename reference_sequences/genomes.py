"""Loci cut out of whole mitochondrial genomes, and genomes as witnesses of names."""

import gzip
import io

from Bio.SeqIO.FastaIO import SimpleFastaParser

from forensics.barcode.curating.checks import count_stops
from forensics.barcode.matching.kernel import semiglobal_distance, semiglobal_placements
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.sequence import clean, reverse_complement
from forensics.taxonomy.names import parse_name
from reference_sequences.drops import Pair
from reference_sequences.lineages import lineage
from reference_sequences.packages import MEMBER_LIMIT, PackageError

__all__ = ["GENOME_PRIMERS", "WITNESSES", "contradicted", "cut_region", "genome_of", "read_genome"]

#: Primers for cutting the loci out of whole mitochondrial genomes.
#: 12S: L1091/H1478, Kocher et al. 1989, doi:10.1073/pnas.86.16.6196;
#: 16S: 16Sar-L/16Sbr-H, Palumbi 1996; COI: jgLCO1490/jgHCO2198, Geller et al. 2013,
#: doi:10.1111/1755-0998.12138 (the Folmer primers made degenerate; inosine written N).
GENOME_PRIMERS = {
    "COI": ("TNTCNACNAAYCAYAARGAYATTGG", "TANACYTCNGGRTGNCCRAARAAYCA", (658, 658)),
    "12S": ("CAAACTGGGATTAGATACCCCACTAT", "GAGGGTGACGGGCGGTGTGT", (360, 410)),
    "16S": ("CGCCTGTTTATCAAAAACAT", "CCGGTCTGAACTCAGATCACGT", (480, 600)),
}
#: Inner part of cytb that the primers L14841/H15149 of Kocher et al. 1989 enclose.
CYTB_PRIMERS = ("CCATCCAACATCTCAGCATGATGAAA", "CCCCTCAGAATGATATTTGTCCTCA", (300, 315))
#: Cytb of mammals: 379 codons and a start; the stop is completed by polyadenylation.
CYTB_LENGTH = 1140
#: Species of which some package holds a whole mitochondrial genome: (package, member).
WITNESSES = {
    "Mus musculus": ("last-align", "mouse"),
    "Gallus gallus": ("last-align", "chicken"),
    "Homo sapiens": ("minimap2", "human"),
    "Balaenoptera physalus": ("emboss-test", "fin_whale"),
}
#: Least identity of a record to a genome of its species; within one, COI differs by under 2-3 %.
WITNESS_IDENTITY = 0.95


def _place(primer: str, sequence: str) -> tuple[int, int, int]:
    """Best place of a primer: (edits, start, end), end exclusive."""
    edits, places = semiglobal_placements(primer, sequence)
    return edits, *places[0]


def cut_region(genome: str, forward: str, reverse: str, lengths: tuple[int, int]) -> str:
    """Cut what lies between two primers out of a circular genome, whichever strand it is on.

    Both primers are placed with free ends ; the strand with fewer
    edits is used.

    Raises
    ------
    PackageError
        When the piece has not the length expected of the locus.
    """
    options = []
    for strand in (genome, reverse_complement(genome)):
        # Loci may lie over the point where the circle was opened.
        circle = strand + strand[:2000]
        edits, _, start = _place(forward, circle)
        window = circle[start : start + 1000]
        more, end, _ = _place(reverse_complement(reverse), window)
        options.append((edits + more, window[:end]))
    piece = min(options)[1]
    if not lengths[0] <= len(piece) <= lengths[1]:
        raise PackageError(
            f"a locus cut from a genome has {len(piece)} bases, expected {lengths[0]}-{lengths[1]}"
        )
    return piece


def _cut_cytb(genome: str) -> str:
    """Cytb from its start codon, 1,140 bases: the reading frame around the inner primers."""
    inner = cut_region(genome, *CYTB_PRIMERS)
    at = (genome + genome[:2000]).find(inner)
    start = at
    frames = [f for f in range(3) if count_stops(inner[f:], 2) == 0]
    if at < 0 or len(frames) != 1:
        raise PackageError("cytb: the inner region has no single open frame on the given strand")
    # Walk upstream in frame; the gene starts at the last ATG before a stop turns up.
    begin, codon = None, start + frames[0]
    while codon >= 3 and genome[codon : codon + 3] not in ("TAA", "TAG", "AGA", "AGG"):
        if genome[codon : codon + 3] == "ATG":
            begin = codon
        codon -= 3
        if start - codon > 400:
            break
    if begin is None:
        raise PackageError("cytb: no start codon found")
    return genome[begin : begin + CYTB_LENGTH]


def genome_of(data: bytes) -> str:
    """The one sequence of a FASTA file, which may be gzipped."""
    if data[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as handle:
            data = handle.read(MEMBER_LIMIT)
    ((_, raw),) = SimpleFastaParser(io.StringIO(data.decode("ascii")))
    return clean(raw)


def read_genome(data: bytes, prefix: str, name: str, package: str, licence: str) -> list[Pair]:
    """COI barcode, cytb, 12S and 16S of one mitochondrial genome (FASTA, may be gzipped)."""
    genome = genome_of(data)
    pieces: dict[str, str] = {
        locus: cut_region(genome, *how) for locus, how in GENOME_PRIMERS.items()
    }
    pieces["cytb"] = _cut_cytb(genome)
    for locus, offset in (("COI", 1), ("cytb", 0)):
        if count_stops(pieces[locus][offset:], 2):
            raise PackageError(
                f"{package}: {locus} of {prefix} has stop codons under genetic code 2"
            )
    more = {"source": package, "licence": licence, **lineage(parse_name(name).genus)}
    return [
        (ReferenceRecord.named(f"{prefix}-{locus}", name, locus=locus, **more), sequence)
        for locus, sequence in sorted(pieces.items())
    ]


def contradicted(
    record: ReferenceRecord, sequence: str, members: dict[str, dict[str, bytes]]
) -> float | None:
    """Return the identity to a genome of the record's species if it is too low, else None."""
    if record.species not in WITNESSES or record.locus not in ("COI", "cytb", "12S", "16S"):
        return None
    package, member = WITNESSES[record.species]
    genome = genome_of(members[package][member])
    edits = min(
        semiglobal_distance(sequence, strand + strand[:2000])
        for strand in (genome, reverse_complement(genome))
    )
    identity = 1 - edits / len(sequence)
    return identity if identity < WITNESS_IDENTITY else None
