"""How often is the locus of a sequence recognised, and how often wrongly?

    python benchmarks/loci.py
    python benchmarks/loci.py --sequences 300 --foreign FILE ...

Every distinct sequence of the evaluation data, whole and one piece of 150 bases of it, on a random
strand, by the packaged exemplars alone, from which those of its genus are left out; then with records
of a library that holds the other genera of the evaluation data (`PANEL` of each locus). Foreign:
random sequences, shuffled ones, genes beside the loci in the packaged genomes, bacterial ribosomal
RNA, and the sequences of further files (FASTA, or GenBank with the ending .seq), cut into pieces.
"""

import argparse
import gzip
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from Bio import SeqIO
from evaluation import read_set, wilson

from forensics.barcode.locus import clean, reverse_complement
from forensics.barcode.recognition import (
    NO_LOCUS,
    PANEL,
    Exemplar,
    Recogniser,
    decide_locus,
    packaged_exemplars,
)
from forensics.io.files import folder

SEED = 20261127
LOCI = ("COI", "cytb", "12S", "16S", "CR", "rbcL", "matK", "ITS")
PIECE = 150
LENGTHS = (PIECE, 650)
CONTENTS = (0.3, 0.4, 0.5, 0.6)  # share of G and C of random sequences
RANDOM = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, help="of each locus; all by default")
    parser.add_argument("--foreign", type=Path, nargs="*", default=[], metavar="FILE")
    options = parser.parse_args()
    exemplars = tuple(packaged_exemplars())
    sets = {locus: distinct(locus, options.sequences) for locus in LOCI}
    print(f"{len(exemplars)} exemplars\n")
    print("| locus | exemplars | bases | sequences | right | Wilson 95 % | wrong | Wilson 95 % |")
    print("|---|---|---|---|---|---|---|---|")
    panels = [panel for locus, pairs in sets.items() for panel in panel_of(locus, pairs)]
    for name, chosen in (("packaged", exemplars), ("and a library", (*exemplars, *panels))):
        for locus, pairs in sets.items():
            print_locus(locus, name, pairs, chosen)
    print(
        "\n| foreign | bases | sequences | given a locus | Wilson 95 % | which |\n|---|---|---|---|---|---|"
    )
    recogniser = Recogniser(exemplars)
    for name, sequences in foreign(options.foreign, sets, exemplars):
        for length in LENGTHS:
            print_foreign(name, length, list(pieces(sequences, length)), recogniser)


def distinct(locus: str, most: int | None) -> list[tuple[str, str]]:
    """Return genera and distinct sequences of a locus, drawn where there are more than wanted."""
    pairs = sorted({(record.genus, sequence) for record, sequence in read_set(locus)})
    if most is not None and most < len(pairs):
        pairs = random.Random(SEED).sample(pairs, most)
    return pairs


def panel_of(locus: str, pairs: list[tuple[str, str]]) -> Iterator[Exemplar]:
    """Yield what a library would add: `PANEL` sequences, of as many genera as there are."""
    of_genus: dict[str, list[str]] = defaultdict(list)
    for genus, sequence in pairs:
        of_genus[genus].append(sequence)
    rng = random.Random(f"{SEED} {locus}")
    order = [
        (turn, genus, sequence)
        for genus, sequences in sorted(of_genus.items())
        for turn, sequence in enumerate(rng.sample(sequences, len(sequences)))
    ]
    # Twice as many genera, since those of the query are left out.
    for number, (_turn, genus, sequence) in enumerate(sorted(order)[: 2 * PANEL]):
        yield Exemplar(f"{genus} {number}", locus, genus, sequence)


def print_locus(
    locus: str, name: str, pairs: list[tuple[str, str]], exemplars: Sequence[Exemplar]
) -> None:
    """Print how often a locus is recognised, whole and in pieces; the query's genus is left out."""

    recogniser = Recogniser(exemplars)
    for length in (0, PIECE):
        rng = random.Random(f"{SEED} {locus} {length}")
        found = Counter()
        for genus, sequence in pairs:
            if length:
                if len(sequence) < length:
                    continue
                start = rng.randrange(len(sequence) - length + 1)
                sequence = sequence[start : start + length]
            if rng.random() < 0.5:
                sequence = reverse_complement(sequence)
            others = (
                (one, bits)
                for one, bits in recogniser.similar(sequence)
                if one.species.split()[0] != genus
            )
            answer = decide_locus(others, len(sequence))
            found["none" if answer is None else "right" if answer.locus == locus else "wrong"] += 1
        total = found.total()
        print(f"| {locus} | {name} | {length or 'whole'} | {total} | {share(found['right'], total)} | "
              f"{share(found['wrong'], total)} |", flush=True)  # fmt: skip


def foreign(
    files: Iterable[Path], sets: dict[str, list[tuple[str, str]]], exemplars: Sequence[Exemplar]
) -> Iterator[tuple[str, list[str]]]:
    """Yield sets of sequences that are of no locus."""
    rng = random.Random(SEED)
    for content in CONTENTS:
        weights = (1 - content, content, content, 1 - content)
        made = ["".join(rng.choices("ACGT", weights, k=LENGTHS[-1])) for _ in range(RANDOM)]
        yield f"random, {content:.0%} G and C", made
    for locus, pairs in sets.items():
        drawn = rng.sample(pairs, min(len(pairs), 200))
        yield f"{locus}, shuffled", ["".join(rng.sample(s, len(s))) for _genus, s in drawn]
    yield "genes beside the loci", list(beside(exemplars))
    yield "bacterial and plastid rRNA", [e.sequence for e in exemplars if e.locus == NO_LOCUS]
    for path in files:
        yield path.name, list(sequences_of(path))


def beside(exemplars: Sequence[Exemplar]) -> Iterator[str]:
    """Yield what lies between the loci in the packaged mitochondrial genomes."""
    place = folder("reference_sequences")
    for name, file in (
        ("human", "contaminants/human_mitogenome.fasta.gz"),
        ("orang", "contaminants/orang_mitogenome.fasta.gz"),
    ):
        genome = next(sequences_of(place / file))
        loci = {one.locus: one.sequence for one in exemplars if one.name.startswith(f"{name}-")}
        start = genome.index(loci["12S"])  # a circle, opened within the control region of man
        genome = genome[start:] + genome[:start]
        for sequence in loci.values():
            genome = genome.replace(sequence, "|")
        yield from genome.split("|")


def sequences_of(path: Path) -> Iterator[str]:
    """Yield the sequences of a FASTA or GenBank file."""
    form = "genbank" if path.suffix == ".seq" else "fasta"
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="latin-1") as handle:
        for record in SeqIO.parse(handle, form):
            yield clean(str(record.seq))


def pieces(sequences: Iterable[str], length: int) -> Iterator[str]:
    """Yield pieces side by side, as many as there are, at most `RANDOM`."""
    found = [
        sequence[start : start + length]
        for sequence in sequences
        for start in range(0, len(sequence) - length + 1, length)
    ]
    yield from found if len(found) <= RANDOM else random.Random(SEED).sample(found, RANDOM)


def print_foreign(name: str, length: int, sequences: list[str], recogniser: Recogniser) -> None:
    if not sequences:
        return
    given = Counter(
        answer.locus for sequence in sequences if (answer := recogniser.recognise(sequence))
    )
    which = ", ".join(f"{locus} {number}" for locus, number in sorted(given.items())) or "-"
    print(f"| {name} | {length} | {len(sequences)} | {share(given.total(), len(sequences))} | "
          f"{which} |", flush=True)  # fmt: skip


def share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits} ({hits / max(total, 1):.2%}) | {low:.2%}-{high:.2%}"


if __name__ == "__main__":
    sys.exit(main())
