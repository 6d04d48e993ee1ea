"""Picks the sequences that a locus is recognised by (`forensics.barcode.recognition`).

    python -m reference_sequences.exemplars --packages DIR

They come from what the project ships already (the embedded library, two mitochondrial genomes of
`contaminants/`, that of the fin whale in `demonstration/`), from the plastid genome of thale cress and
two bacterial 16S rRNA genes that Biopython's source distribution has for its tests, and from three
mitochondrial genomes among the examples of LAST. The last are under the GPL and have a file of their
own. The same packages give the same bytes.
"""

import argparse
import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from Bio import SeqIO
from Bio.SeqIO.FastaIO import SimpleFastaParser

from forensics.barcode.checking.genetic_code import translate
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reference.library import open_library
from forensics.barcode.sequence import reverse_complement
from reference_sequences.packages import Package, open_package

__all__ = ["BIOPYTHON", "LAST", "Exemplar", "pick_exemplars", "write_exemplars"]

HERE = Path(__file__).resolve().parent

BIOPYTHON = Package(
    "biopython",
    "1.85",
    "biopython-1.85.tar.gz",
    "5dafab74059de4e78f49f6b5684eddae6e7ce46f09cfa059c1d1339e8b1ea0a6",
    "sdist",
    "Biopython",
    (
        ("plastid", "biopython-1.85/Tests/GenBank/NC_000932.gb"),
        ("ecoli", "biopython-1.85/Tests/Align/ecoli.fa"),
        ("bsubtilis", "biopython-1.85/Tests/Align/bsubtilis.fa"),
        ("wisteria", "biopython-1.85/Tests/Fasta/wisteria.nu"),
    ),
)
_GENOMES = {"chicken": "Gallus gallus", "fugu": "Takifugu rubripes", "mouse": "Mus musculus"}
LAST = Package(
    "last-align",
    "1609-1+b1",
    "last-align_1609-1+b1_amd64.deb",
    "eae7dfe7fbd9186cbe88af211a53f13795e1672b6038f7053b2a5fcee9f76bd9",
    "deb",
    "GPL-3.0-or-later",
    tuple((name, f"./usr/share/doc/last-align/examples/{name}Mito.fa") for name in _GENOMES),
)
#: Genes of the human mitochondrial genome, from 1, last base included (Andrews et al. 1999,
#: doi:10.1038/13779). The other genomes have theirs where these are placed best.
HUMAN_GENES = {"12S": (648, 1601), "16S": (1671, 3229), "COI": (5904, 7445), "cytb": (14747, 15887)}
#: matK of Wisteria frutescens lies within AF142731.1 from its first ATG that is open for so many codons.
WISTERIA, LEAST_CODONS = "AF142731.1", 480
#: tRNA-Thr, tRNA-Pro and what is between lie before the control region, tRNA-Phe behind it; in man
#: 136 and 71 bases (the same source).
BEFORE_CONTROL_REGION, BEHIND_CONTROL_REGION = 136, 71
#: Genes of the plastid genome: as its annotation names them, and as what they serve. Its ribosomal
#: RNA is bacterial by descent and stands for what is none of the loci.
PLASTID_GENES = {"rbcL": "rbcL", "matK": "matK", "rrn16": "-", "rrn23": "-"}
#: The trnL intron in the plastid genome lies between the primers trnL-c and trnL-d.
TRNL_PRIMERS = ("CGAAATCGGTAGACGCTACG", "GGGGATAGAGGGACTTGAAC")
#: Of the embedded library, so many records of each group at most, of at least so many bases; the
#: group is the class at COI, else the order.
FROM_LIBRARY = {
    "COI": ("class_", 1, 640),
    "cytb": ("order", 1, 300),
    "12S": ("order", 2, 350),
    "16S": ("order", 1, 150),
    "CR": ("order", 3, 600),
    "ITS": ("order", 2, 400),
    "trnL": ("order", 1, 340),
}


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A sequence that stands for a locus.

    Attributes
    ----------
    name : str
        Accession of the record, or genome and gene.
    locus : str
        Of the table of loci; ``-`` of what is none of them.
    species, source, sequence : str
    """

    name: str
    locus: str
    species: str
    source: str
    sequence: str


def pick_exemplars(packages: Path) -> dict[str, list[Exemplar]]:
    """Return the exemplars of all loci by the name of their file, in its order."""
    human = _genome("contaminants/human_mitogenome.fasta.gz")
    debian = {
        ("human", "Homo sapiens", "minimap2 2.27+dfsg-1+b3"): human,
        ("orang", "Pongo sp.", "minimap2 2.27+dfsg-1+b3"): _genome(
            "contaminants/orang_mitogenome.fasta.gz"
        ),
        ("fin_whale", "Balaenoptera physalus", "emboss-test 6.6.0+dfsg-15"): _genome(
            "demonstration/fin_whale_mitogenome.fasta.gz"
        ),
    }
    last = {
        (name, _GENOMES[name], LAST.label): _sequence(content.decode("ascii"))
        for name, content in open_package(packages, LAST).items()
    }
    found = {
        "exemplars.fasta": [
            *_of_genomes(debian, human),
            *_of_plastid(open_package(packages, BIOPYTHON)),
            *_of_library(),
        ],
        "last-align.fasta": list(_of_genomes(last, human)),
    }
    return {
        name: sorted(exemplars, key=lambda exemplar: (exemplar.locus, exemplar.name))
        for name, exemplars in found.items()
    }


def write_exemplars(path: Path, exemplars: Iterable[Exemplar]) -> None:
    """Write exemplars as FASTA; a header is ``name|locus|species|source``."""
    lines = []
    for exemplar in exemplars:
        head = (exemplar.name, exemplar.locus, exemplar.species, exemplar.source)
        lines.append(f">{'|'.join(head)}\n{exemplar.sequence}\n")
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _of_genomes(genomes: dict[tuple[str, str, str], str], human: str) -> Iterator[Exemplar]:
    """Yield the loci of genomes, which have name, species and source, where those of man fit."""
    for (name, species, source), genome in genomes.items():
        circle = genome + genome[:2000]
        placed = {}
        for locus, (start, end) in HUMAN_GENES.items():
            gene = human[start - 1 : end]
            first, last = semiglobal_placements(gene, circle)[1][0]  # last: the base after it
            placed[locus] = first, last
            sequence = circle[first:last]
            yield Exemplar(f"{name}-{locus}", locus, species, source, sequence)
        start = placed["cytb"][1] + BEFORE_CONTROL_REGION
        end = (placed["12S"][0] - BEHIND_CONTROL_REGION) % len(genome)
        end += len(genome) if end < start else 0
        yield Exemplar(f"{name}-CR", "CR", species, source, circle[start:end])


def _of_plastid(members: dict[str, bytes]) -> Iterator[Exemplar]:
    record = SeqIO.read(io.StringIO(members["plastid"].decode("ascii")), "genbank")
    species, source = "Arabidopsis thaliana", "biopython 1.85"
    seen = set()
    for feature in record.features:
        gene = feature.qualifiers.get("gene", [""])[0].removesuffix("S")
        if feature.type == "gene" and gene in PLASTID_GENES and gene not in seen:
            seen.add(gene)
            sequence = str(feature.extract(record.seq)).upper()
            yield Exemplar(f"{record.id}-{gene}", PLASTID_GENES[gene], species, source, sequence)
    if missing := PLASTID_GENES.keys() - seen:
        raise ValueError(f"the plastid genome lacks {sorted(missing)}")
    forward, reverse = TRNL_PRIMERS
    genome = str(record.seq).upper()
    ends = [
        semiglobal_placements(primer, genome)[1][0]
        for primer in (forward, reverse_complement(reverse))
    ]
    sequence = genome[ends[0][1] : ends[1][0]]
    yield Exemplar(f"{record.id}-trnL", "trnL", species, source, sequence)
    _header, sequence = next(SimpleFastaParser(io.StringIO(members["wisteria"].decode("ascii"))))
    yield Exemplar(WISTERIA, "matK", "Wisteria frutescens", source, _open_from(sequence.upper()))
    for name, bacterium in (("ecoli", "Escherichia coli"), ("bsubtilis", "Bacillus subtilis")):
        header, sequence = next(SimpleFastaParser(io.StringIO(members[name].decode("ascii"))))
        accession = header.split("|")[3]
        yield Exemplar(f"{accession}-rrn16", "-", bacterium, source, sequence.upper())


def _open_from(sequence: str) -> str:
    """Return the first reading frame from an ATG on that is open long enough, with its stop."""
    for start in range(len(sequence)):
        codons = translate(sequence[start:], 11).find("*")
        if sequence.startswith("ATG", start) and codons >= LEAST_CODONS:
            return sequence[start : start + 3 * (codons + 1)]
    raise ValueError(f"no frame of {LEAST_CODONS} codons is open")


def _of_library() -> Iterator[Exemplar]:
    library = open_library("embedded")
    for locus, (rank, most, least) in FROM_LIBRARY.items():
        groups: dict[str, list[tuple[str, Exemplar]]] = {}
        for record, sequence in library.records(locus):
            if record.species and len(sequence) >= least and not set(sequence) - set("ACGT"):
                picked = Exemplar(record.accession, locus, record.species, record.source, sequence)
                groups.setdefault(getattr(record, rank), []).append((record.genus, picked))
        for _group, members in sorted(groups.items()):
            genera = {}  # one of a genus, by the accession
            for genus, picked in sorted(members, key=lambda pair: pair[1].name):
                genera.setdefault(genus, picked)
            yield from list(genera.values())[:most]


def _genome(name: str) -> str:
    with gzip.open(HERE / name, "rt", encoding="ascii") as handle:
        return _sequence(handle.read())


def _sequence(text: str) -> str:
    (_header, sequence), *rest = SimpleFastaParser(io.StringIO(text))
    if rest:
        raise ValueError(f"{len(rest)} sequences follow the genome")
    return sequence.upper()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True)
    options = parser.parse_args()
    for name, exemplars in pick_exemplars(options.packages).items():
        write_exemplars(HERE / "exemplars" / name, exemplars)


if __name__ == "__main__":
    main()
