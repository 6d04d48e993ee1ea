"""From the members of the packages to records: one reader for each source.

Each reader returns ``(records, drops)``: what may enter the library, and what may
not with the reason, so that no record disappears without a line in dropped.tsv.
"""

import io
import re

import openpyxl
from Bio import SeqIO
from Bio.SeqIO.FastaIO import SimpleFastaParser

from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.sequence import clean, reverse_complement
from forensics.taxonomy.names import parse_name
from reference_sequences.drops import Drop, Pair, Result
from reference_sequences.genomes import read_genome
from reference_sequences.lineages import lineage
from reference_sequences.packages import check_workbook

__all__ = [
    "HCO2198",
    "LCO1490",
    "accessions",
    "all_records",
    "iso_date",
    "read_bats_and_lakes",
    "read_bold",
    "read_orchids",
    "read_pythons",
    "trim_primers",
]

#: Columns (0-based, half open) of the 658-bp barcode region in the alignment NLVRT_BOLD.fas:
#: the 234 records with exactly 658 bases all stand there; bird amplicons run 3..700.
BARCODE_COLUMNS = (3, 661)
#: Folmer et al. 1994, Mol Mar Biol Biotechnol 3:294-299.
LCO1490 = "GGTCAACAAATCATAAAGATATTGG"
HCO2198 = "TAAACTTCAGGGTGACCAAAAAATCA"
#: Most edits at which a primer is recognised in a read that still carries it (a quarter of its
#: bases: primer sequence in an amplicon is the primer's own, so few edits are expected).
PRIMER_EDITS = 6
#: How far from an end a left-over primer may lie: primer plus an M13 tail.
PRIMER_WINDOW = 70
#: Rawlings et al. 2008 give these ranges (1-based, inclusive) in the file's comment.
PYTHON_LOCI = {"CR": (1, 732), "cytb": (733, 1846), "12S": (1847, 2218), "16S": (2219, 2716)}
#: A made-up or checksum identifier in thapbi_pict: not an INSDC accession.
_UNTRACEABLE = re.compile(r"XXX\d+|[0-9a-f]{32}")
_GROUP = re.compile(r"\blike\b|\(misc\)")
_NUCLEAR = ("NM_", "XM_", "NR_")
_THAPBI_LOCI = {
    "endangered/16S": "16S",
    "endangered/Mini-16S": "16S",
    "endangered/ITS2": "ITS",
    "endangered/Mini-COI": "COI",
    "bats": "COI",
    "endangered/Mini-cyt-b": "cytb",
    "endangered/cyt-b": "cytb",
    "endangered/Mini-rbcL": "rbcL",
    "endangered/rbcL": "rbcL",
    "endangered/trnL-P6-loop": "trnL",
    "endangered/trnL-UAA": "trnL",
    "lakes/MOL16S": "16S",
    "lakes/SPH16S": "16S",
}


def _fasta(data: bytes) -> list[tuple[str, str]]:
    """Headers and raw sequences; missing data (``?``) is N from here on."""
    parsed = SimpleFastaParser(io.StringIO(data.decode("utf-8")))
    return [(header, sequence.replace("?", "N")) for header, sequence in parsed]


_MONTHS = {
    m: f"{n:02d}"
    for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}


def iso_date(text: str) -> str:
    """Turn BOLD's 17-Oct-1992 into 1992-10-17; anything else stays as deposited."""
    found = re.fullmatch(r"(\d{1,2})-([A-Z][a-z]{2})-(\d{4})", text)
    if found and found[2] in _MONTHS:
        return f"{found[3]}-{_MONTHS[found[2]]}-{int(found[1]):02d}"
    return text


def trim_primers(sequence: str) -> str:
    """Cut left-over Folmer primers (and what lies outside them) off a COI read.

    Primer bases come from the synthetic primer, not from the animal.
    """
    _edits, places = semiglobal_placements(
        LCO1490, sequence[:PRIMER_WINDOW], PRIMER_EDITS, exact=True
    )
    if places:
        sequence = sequence[places[0][1] :]
    # The read may end inside the primer: its first 16 bases, right at the end, are enough.
    tail = reverse_complement(HCO2198)
    for primer, max_edits in ((tail, PRIMER_EDITS), (tail[:16], 2)) if sequence else ():
        _edits, places = semiglobal_placements(
            primer, sequence[-PRIMER_WINDOW:], max_edits, exact=True
        )
        if places:
            return sequence[: max(0, len(sequence) - PRIMER_WINDOW) + places[0][0]]
    return sequence


def _sheets(data: bytes, name: str) -> dict[str, dict[str, dict[str, str]]]:
    """Read a BOLD workbook: sheet -> key -> column -> text.  The header is row 3."""
    check_workbook(data, name)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    sheets: dict[str, dict[str, dict[str, str]]] = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # the stored dimensions are wrong in some exports
        rows = sheet.iter_rows(values_only=True)
        next(rows), next(rows)
        header = [str(c or "") for c in next(rows)]
        key = "Process ID" if "Process ID" in header else "Sample ID"
        table: dict[str, dict[str, str]] = {}
        for row in rows:
            values = {
                h: " ".join(str(v).split()) if v is not None else ""
                for h, v in zip(header, row, strict=False)
            }
            table[values[key]] = values
        sheets[sheet.title] = table
    return sheets


def accessions(workbook: bytes, project: str) -> set[str]:
    """Return the INSDC accessions, without version, that a Naturalis project has for its COI."""
    rows = _sheets(workbook, project)["Lab Sheet"].values()
    return {row["COI-5P Accession"].split(".")[0] for row in rows} - {""}


def read_bold(
    fasta: bytes,
    workbook: bytes,
    project: str,
    package: str,
    licence: str,
    *,
    aligned: bool = False,
) -> Result:
    """COI of one Naturalis project: sequences by process id, the rest from the workbook.

    Parameters
    ----------
    aligned : bool
        The FASTA is BOLD's alignment, so the barcode region is a range of columns
        (`BARCODE_COLUMNS`) instead of being found by its primers.
    """
    sheets = _sheets(workbook, project)
    records: list[Pair] = []
    drops: list[Drop] = []
    seen: dict[str, str] = {}
    for process, raw in _fasta(fasta):
        lab = sheets["Lab Sheet"].get(process)
        if lab is None:
            drops.append(
                Drop(package, process, "", "NO_METADATA", "the process id is not in the workbook")
            )
            continue
        sample = lab["Sample ID"]
        taxon, voucher, found = (
            sheets[s].get(sample, {}) for s in ("Taxonomy", "Voucher Info", "Collection Data")
        )
        name = (
            taxon.get("Species")
            or taxon.get("Genus")
            or taxon.get("Family")
            or lab["Identification"]
        )
        if process in seen:
            same = "the same" if seen[process] == raw else "another"
            drops.append(
                Drop(
                    package,
                    process,
                    name,
                    "DUPLICATE_ACCESSION",
                    f"second entry of this process id, {same} sequence",
                )
            )
            continue
        seen[process] = raw
        flags = [c for c in ("Contamination", "Stop Codon") if "COI-5P" in lab.get(c, "")]
        flags += ["Flagged Record"] if lab.get("Flagged Record") else []
        if flags:  # the depositor's own doubt; not used by the screening, which must find its own
            drops.append(
                Drop(
                    package,
                    process,
                    name,
                    "FLAGGED_BY_DEPOSITOR",
                    f"workbook columns: {', '.join(flags)}",
                )
            )
            continue
        parsed = parse_name(taxon.get("Species", ""))
        genus = parsed.genus or taxon.get("Genus", "")
        if not genus:
            drops.append(
                Drop(
                    package,
                    process,
                    name,
                    "NO_GENUS",
                    "the workbook gives neither species nor genus",
                )
            )
            continue
        if aligned:
            sequence = clean(raw[slice(*BARCODE_COLUMNS)])
        else:
            sequence = clean(trim_primers(clean(raw)))
        record = ReferenceRecord(
            process,
            name,
            parsed.species,
            genus,
            taxon.get("Family", ""),
            taxon.get("Order", ""),
            taxon.get("Class", ""),
            taxon.get("Phylum", ""),
            "COI",
            voucher.get("Museum ID", "") or sample,
            taxon.get("Identifier", ""),
            voucher.get("Institution Storing", "") or lab["Institution"],
            found.get("Country/Ocean", ""),
            iso_date(found.get("Collection Date", "")),
            f"{package} {project}",
            licence,
        )
        records.append((record, sequence))
    return records, drops


def read_orchids(genbank: bytes, package: str, licence: str) -> Result:
    """Slipper-orchid ITS from a GenBank flat file; family and order from its lineage."""
    records, drops = [], []
    ranks = {"family": "aceae", "order": "ales", "class_": "Liliopsida", "phylum": "Streptophyta"}
    for entry in SeqIO.parse(io.StringIO(genbank.decode("ascii")), "genbank"):
        name, taxa = entry.annotations["organism"], entry.annotations["taxonomy"]
        higher = {
            rank: next((taxon for taxon in taxa if taxon.endswith(ending)), "")
            for rank, ending in ranks.items()
        }
        record = ReferenceRecord.named(
            entry.id, name, locus="ITS", source=package, licence=licence, **higher
        )
        if record.genus:
            records.append((record, clean(str(entry.seq))))
        else:
            drops.append(Drop.of(record, "NO_GENUS", "the organism is not a genus or species"))
    return records, drops


def read_pythons(nexus: bytes, package: str, licence: str) -> Result:
    """Four mitochondrial loci of 33 snakes.  The accessions are made here: the file has none."""
    records, drops = [], []
    rows = re.findall(
        r"^'([^']+)'\s+([^\s].*)$", nexus.decode("ascii").split("MATRIX")[1].split(";")[0], re.M
    )
    length = max(len(row) for _, row in rows)
    # Species of different genera do not have one and the same string of 498 bases, gaps and
    # missing data included: such rows were copied, and the file does not say from which.
    holders: dict[tuple[str, str], set[str]] = {}
    for label, row in rows:
        for locus, (first, last) in PYTHON_LOCI.items():
            holders.setdefault((locus, row[first - 1 : last]), set()).add(label)
    for label, row in rows:
        # One row of the file is short by its unaligned beginning: it is right-aligned with spaces.
        row = row.rstrip().rjust(length, "-")
        for locus, (first, last) in PYTHON_LOCI.items():
            record = _python(label, locus, package, licence)
            copied = row[first - 1 : last]
            sequence = clean(copied.replace("?", "N"))
            others = holders[locus, copied] - {label}
            if not sequence:
                evidence = f"columns {first}-{last} are missing data"
                drops.append(Drop.of(record, "NO_SEQUENCE", evidence))
            elif len({name.split()[0] for name in others | {label}}) > 1:
                evidence = f"the same string as {', '.join(sorted(others))}"
                drops.append(Drop.of(record, "COPIED_ROW", evidence))
            else:
                records.append((record, sequence))
    return records, drops


def _python(label: str, locus: str, package: str, licence: str) -> ReferenceRecord:
    # The two lineages of Morelia viridis are told apart by a letter at the end.
    parsed = parse_name(re.sub(r"(?<=[a-z])[NS]$", "", label))
    return ReferenceRecord(
        f"PYTHONIDAE-{label.replace(' ', '_')}-{locus}",
        label,
        parsed.species,
        parsed.genus,
        locus=locus,
        source=package,
        licence=licence,
        **lineage(parsed.genus),
    )


def read_bats_and_lakes(
    fasta: bytes, member: str, locus: str, package: str, licence: str
) -> Result:
    """thapbi_pict references: ``>ACC Name;ACC Name``, one record for each accession."""
    records, drops = [], []
    for header, raw in _fasta(fasta):
        for part in header.split(";"):
            accession, _, name = part.strip().partition(" ")
            more = {"locus": locus, "source": package, "licence": licence}
            record = ReferenceRecord.named(
                accession, name, **more, **lineage(parse_name(name).genus)
            )
            reason = evidence = ""
            if _UNTRACEABLE.fullmatch(accession):
                reason = "NO_ACCESSION"
                evidence = "identifier made by the package, or the checksum of an observed read"
            elif _GROUP.search(name) or record.genus.endswith("aceae"):
                reason, evidence = "NO_GENUS", "the package names a group, not a genus"
            elif member == "endangered/cyt-b":
                reason = "OFF_TARGET"
                evidence = (
                    "113 bases of a plant's own cytb; the locus of this library is that of animals"
                )
            elif accession.startswith(_NUCLEAR) and locus in ("16S", "12S", "cytb", "COI"):
                reason = "NUCLEAR_COPY"
                evidence = "RefSeq messenger of a nuclear gene, not mitochondrial DNA"
            if reason:
                drops.append(Drop(package, f"{member}:{accession}", name, reason, evidence))
            else:
                records.append((record, clean(raw)))
    return records, drops


def all_records(
    members: dict[str, dict[str, bytes]], licences: dict[str, str], labels: dict[str, str]
) -> Result:
    """Run every reader over the opened packages."""
    records: list[Pair] = []
    drops: list[Drop] = []

    def take(result: Result) -> None:
        records.extend(result[0])
        drops.extend(result[1])

    def about(package: str) -> tuple[str, str]:
        return labels[package], licences[package]

    bold = members["barcode_validator"]
    for project, fasta in (
        ("NLVRT", "NLVRT_BOLD.fas"),
        ("NLMIN", "NLMIN.fasta"),
        ("NLTIN", "NLTIN.fasta"),
    ):
        take(
            read_bold(
                bold[fasta],
                bold[f"{project}.xlsx"],
                project,
                *about("barcode_validator"),
                aligned=project == "NLVRT",
            )
        )
    take(read_pythons(members["DendroPy"]["pythons"], *about("DendroPy")))
    take(read_orchids(members["python-biopython-doc"]["orchids"], *about("python-biopython-doc")))
    for member, data in members["thapbi_pict"].items():
        if member == "licence":
            continue
        take(read_bats_and_lakes(data, member, _THAPBI_LOCI[member], *about("thapbi_pict")))
    mitochondria = members["minimap2"]
    records += read_genome(
        mitochondria["human"], "MINIMAP2-MT_human", "Homo sapiens", *about("minimap2")
    )
    records += read_genome(
        mitochondria["orang"], "MINIMAP2-MT_orang", "Pongo sp.", *about("minimap2")
    )
    return records, drops
