"""SIMULATED sequences and files: random, seeded, of no animal; and plain yardsticks."""

import math
import random
import struct
from functools import cache

from forensics.barcode.locus import IUPAC
from forensics.barcode.recognition import packaged_exemplars
from forensics.barcode.reference.records import ReferenceRecord

LENGTHS = {"COI": 658, "12S": 390}
# Names are invented: nothing here may be mistaken for a record of a real species.
SPECIES = ("Fictus albus", "Fictus niger", "Fictus ruber", "Exemplum primum", "Exemplum alterum")
UNREACHED = "Fictus sp. 1"


def random_sequence(rng: random.Random, length: int, letters: str = "ACGT") -> str:
    """Return a random sequence."""
    return "".join(rng.choices(letters, k=length))


def mutate(rng, sequence: str, *, substitutions=0, insertions=0, deletions=0, codes=0) -> str:
    """Return a copy with so many changes at random places; `codes` makes bases ambiguous."""
    letters = list(sequence)
    for _ in range(substitutions):
        place = rng.randrange(len(letters))
        letters[place] = rng.choice([base for base in "ACGT" if base != letters[place]])
    for _ in range(codes):
        place = rng.randrange(len(letters))
        fitting = [code for code in IUPAC if letters[place] in IUPAC[code] and code not in "ACGT"]
        if fitting:
            letters[place] = rng.choice(fitting)
    for _ in range(deletions):
        del letters[rng.randrange(len(letters))]
    for _ in range(insertions):
        letters.insert(rng.randrange(len(letters) + 1), rng.choice("ACGT"))
    return "".join(letters)


@cache
def far_sequence(locus: str = "COI", species: str = "Aurelia aurita") -> str:
    """Return a real sequence of a locus, of an animal that no library of the tests holds."""
    return next(
        exemplar.sequence
        for exemplar in packaged_exemplars()
        if (exemplar.locus, exemplar.species) == (locus, species)
    )


@cache
def ancestors(locus: str) -> dict[str, str]:
    """Return a sequence a species: genera 20 % apart, species of a genus 5 %."""
    rng = random.Random(f"ancestors of {locus}")
    root = random_sequence(rng, LENGTHS[locus])
    genera = {}
    for name in SPECIES:
        genus = name.split()[0]
        if genus not in genera:
            genera[genus] = mutate(rng, root, substitutions=LENGTHS[locus] // 5)
    return {
        name: mutate(rng, genera[name.split()[0]], substitutions=LENGTHS[locus] // 20)
        for name in SPECIES
    }


def reference_records() -> list[tuple[ReferenceRecord, str]]:
    """Return three records a species and locus, one of them with the ancestor's sequence."""
    rng = random.Random("records")
    records = []
    for locus in LENGTHS:
        for number, (name, ancestor) in enumerate(ancestors(locus).items()):
            for copy in range(3):
                sequence = mutate(rng, ancestor, substitutions=copy)
                accession = f"SIM{locus}{number}{copy}"
                record = ReferenceRecord.named(
                    accession, name, locus=locus, voucher=f"V{copy}", country="Nowhere"
                )
                records.append((record, sequence))
        unreached = mutate(rng, ancestors(locus)[SPECIES[0]], substitutions=LENGTHS[locus] // 12)
        records.append((ReferenceRecord.named(f"SIM{locus}X", UNREACHED, locus=locus), unreached))
    return records


def query(species: str = SPECIES[0], locus: str = "COI", substitutions: int = 1) -> str:
    """Return a questioned sequence that is in no library."""
    rng = random.Random(f"query {species}")
    return mutate(rng, ancestors(locus)[species], substitutions=substitutions)


def ab1(bases: str, qualities: list[int] | None, tags=("PBAS", "PCON")) -> bytes:
    """Return an ABIF file with called bases and their qualities."""
    values = {
        "PBAS": (2, bases.encode()),
        "PCON": (2, bytes(qualities or ())),
    }
    return abif([(tag, 2, *values[tag]) for tag in tags] + [("SMPL", 1, 18, b"\4none")])


def abif(items: list[tuple[str, int, int, bytes]]) -> bytes:
    """Return an ABIF file of items (tag, number, kind, data), as Applied Biosystems defines it.

    Of kind 4 are whole numbers of two bytes; what else is written here has one byte an element.
    """
    header = 4 + struct.calcsize(">H4sI2H3I") + 94
    body, directory = b"", b""
    for tag, number, kind, data in items:
        size = 2 if kind == 4 else 1
        inline = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(">I", header + len(body))
        body += data
        count = len(data) // size
        directory += struct.pack(">4sI2H2I", tag.encode(), number, kind, size, count, len(data))
        directory += inline + bytes(4)
    head = b"ABIF" + struct.pack(
        ">H4sI2H3I", 101, b"tdir", 1, 1023, 28, len(items), len(directory), header + len(body)
    )
    return head.ljust(header, b"\0") + body + directory


def genbank(accession: str, organism: str, sequence: str, features: str = "") -> str:
    """Return a GenBank flat file of one record."""
    lines = [
        f"LOCUS       {accession:<16} {len(sequence):>11} bp    DNA     linear   VRT 01-JAN-2000",
        f"DEFINITION  {organism} simulated.",
        f"ACCESSION   {accession}",
        f"VERSION     {accession}.1",
        f"SOURCE      {organism}",
        f"  ORGANISM  {organism}",
        "            Eukaryota; Metazoa; Chordata; Simulatiformes; Simulatidae; Fictus.",
        "FEATURES             Location/Qualifiers",
        f"     source          1..{len(sequence)}",
        f'                     /organism="{organism}"',
        '                     /specimen_voucher="MUS 1"',
        '                     /country="Nowhere"',
    ]
    lines += features.splitlines()
    lines.append("ORIGIN")
    for start in range(0, len(sequence), 60):
        row = sequence[start : start + 60].lower()
        groups = " ".join(row[place : place + 10] for place in range(0, len(row), 10))
        lines.append(f"{start + 1:>9} {groups}")
    return "\n".join([*lines, "//", ""])


# -- yardsticks, written without the code they measure --------------------------------


_BASES = {code: sum(1 << "ACGT".index(base) for base in IUPAC[code]) for code in IUPAC}


def placed_whole(inner: str, outer: str) -> int:
    """Return the fewest edits that place `inner` whole, with free ends, inside `outer`.

    Sellers 1980, doi:10.1016/0196-6774(80)90016-4: one cell after the other.
    """
    others = [_BASES[other] for other in outer]
    row = [0] * (len(outer) + 1)
    for i, letter in enumerate(inner, 1):
        bases, above, row = _BASES[letter], row, [i]
        for j, other in enumerate(others, 1):
            # Two codes match when some base satisfies both.
            same = above[j - 1] + (not bases & other)
            row.append(min(same, above[j] + 1, row[j - 1] + 1))
    return min(row)


def nanopore_reads(rng, sequence: str, count: int, *, errors=0.10, turned=0.5) -> list[tuple]:
    """Return reads as (sequence, qualities): bases are missed more often in runs, as is usual."""
    reads = []
    for _ in range(count):
        bases = []
        for place, base in enumerate(sequence):
            in_run = place and sequence[place - 1] == base
            chance = rng.random()
            if chance < errors * (0.8 if in_run else 0.3):
                continue
            if chance > 1 - errors * 0.25:
                base = rng.choice([other for other in "ACGT" if other != base])
            bases.append(base)
            if rng.random() < errors * 0.2:
                bases.append(rng.choice("ACGT"))
        read = "".join(bases)
        if rng.random() < turned:
            read = read.translate(str.maketrans("ACGT", "TGCA"))[::-1]
        quality = chr(33 + round(-10 * math.log10(errors)))
        reads.append((read, quality * len(read)))
    return reads


def fastq(reads: list[tuple], prefix: str = "read") -> str:
    """Return reads as FASTQ."""
    return "".join(f"@{prefix}{n}\n{seq}\n+\n{qual}\n" for n, (seq, qual) in enumerate(reads))
