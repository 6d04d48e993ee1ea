"""Do the checks before a call find what they should, and leave clean records alone?

    python benchmarks/checks.py
    python benchmarks/checks.py --clean 500 --simulated 100 --output flagged.tsv

Clean: the real records of the coding loci, each fold held against the others. Simulated: nuclear
copies and chimeras made of real COI records that the library does not hold, beside their species
that it mostly does. Human: pieces of the packaged genomes, and real COII of humans and apes.
"""

import argparse
import csv
import gzip
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import edlib
from evaluation import Record, make_split, read_set

from forensics.barcode.calling.decision import find_caveats
from forensics.barcode.chimera import of_two_genera
from forensics.barcode.contamination import human
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library
from forensics.barcode.translation import without_frame
from forensics.examination import identify_each
from forensics.io.files import folder
from forensics.stats import wilson

SEED = 20261125
CODING = ("COI", "cytb", "rbcL", "matK")
FOLDS = 5
# Nuclear copies: substitutions a base without selection, and insertions and deletions a base.
# Assumed, from as good as new to as far as the floor of the search; NUMTs of any age occur
# (Hazkani-Covo et al. 2010, doi:10.1371/journal.pgen.1000834).
DIVERGENCES = (0.005, 0.01, 0.02, 0.04, 0.06, 0.08)
INDELS = (0.0, 0.002)
TRANSITIONS = 2 / 3  # of substitutions; assumed
BREAKS = ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.7))
CONGENERS = ((0.0, 0.01), (0.01, 0.02), (0.02, 0.04), (0.04, 0.08), (0.08, 0.12), (0.12, 1.0))
DISTANCES = ((0.0, 0.08), (0.08, 0.12), (0.12, 0.16), (0.16, 0.20), (0.20, 1.0))
LENGTHS = (100, 150, 200, 300, 658)
STEP = 50

_PURINES = {"A": "G", "G": "A", "C": "T", "T": "C"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clean", type=int, help="records of each locus; all where not given")
    parser.add_argument("--simulated", type=int, default=300, help="of each kind")
    parser.add_argument(
        "--output", type=Path, metavar="TSV", help="clean records that were flagged"
    )
    options = parser.parse_args()
    flagged = []
    print("| locus | records | flagged | Wilson 95 % | by code |\n|---|---|---|---|---|")
    for locus in CODING:
        records = read_set(locus)
        for kind, folds in (("", by_record(records)), (", species absent", by_species(records))):
            found, total = clean(locus, folds, records, options.clean)
            codes = Counter(code for row in found for code in row[-2].split())
            print(f"| {locus}{kind} | {total} | {share(len(found), total)} | {told(codes)} |")
            flagged += [(locus + kind, *row) for row in found]
    if options.output:
        with open(options.output, "w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
            writer.writerow(("set", "accession", "name", "nearest", "codes", "messages"))
            writer.writerows(flagged)
    with tempfile.TemporaryDirectory() as name:
        split = make_split(read_set("COI"), SEED, options.simulated)
        path = Path(name) / "library"
        records = [(record.at_locus("COI"), sequence) for record, sequence in split.reference]
        write_library(path, records, name="coi")
        known = [query for query in split.queries if query.known and len(query.sequence) > 600]
        copies(path, known, options.simulated)
        chimeras(path, known, options.simulated)
        congeners(path, known, options.simulated)
    humans()


def share(hits: int, total: int) -> str:
    low, high = wilson(hits / max(total, 1), max(total, 1))
    return f"{hits} ({hits / max(total, 1):.2%}) | {low:.2%}-{high:.2%}"


def told(codes: Counter) -> str:
    return ", ".join(f"{code} {number}" for code, number in sorted(codes.items())) or "-"


# -- clean records --------------------------------------------------------------------


def by_record(records: Sequence[Record]) -> list[list[int]]:
    """Return folds of records; every record is held out once."""
    order = list(range(len(records)))
    random.Random(SEED).shuffle(order)
    return [order[fold::FOLDS] for fold in range(FOLDS)]


def by_species(records: Sequence[Record]) -> list[list[int]]:
    """Return folds of whole species; every species is absent once."""
    names = sorted({record.species for record, _sequence in records})
    random.Random(SEED).shuffle(names)
    fold = {name: place % FOLDS for place, name in enumerate(names)}
    folds = [[] for _ in range(FOLDS)]
    for place, (record, _sequence) in enumerate(records):
        folds[fold[record.species]].append(place)
    return folds


def clean(
    locus: str, folds: list[list[int]], records: Sequence[Record], most: int | None
) -> tuple[list[tuple], int]:
    """Return the records that a check flags, and how many were looked at."""
    found, total = [], 0
    for fold in folds:
        left_out = set(fold)
        rest = [(r.at_locus(locus), s) for i, (r, s) in enumerate(records) if i not in left_out]
        index = Index.build(rest, locus=locus)
        for place in fold[: most and most // FOLDS]:
            record, sequence = records[place]
            total += 1
            warnings, nearest = checked(sequence, index)
            if warnings:
                codes = " ".join(warning.code for warning in warnings)
                messages = " ".join(warning.message for warning in warnings)
                found.append((record.accession, record.species, nearest, codes, messages))
            if sys.stderr.isatty():
                print(f"\r{locus} {total}", end="", file=sys.stderr)
    return found, total


def checked(sequence: str, index: Index) -> tuple[list, str]:
    """Return what the checks say of a sequence, and its identity to the nearest record."""
    likeness = human(sequence)
    hits = search(index, sequence).hits
    if not hits:
        found = [of_two_genera(sequence, index), *without_frame(sequence, index.locus)]
        return [warning for warning in found if warning], ""
    doubts = find_caveats(Query("x", sequence), hits, index, likeness)
    warnings = [*doubts.forbid, *doubts.limit]
    return warnings, f"{hits[0].identity:.4f}"


# -- simulated ------------------------------------------------------------------------


def copies(path: Path, known: list, number: int) -> None:
    """Print how many simulated nuclear copies are flagged, and what they are called."""
    print("\nSimulated nuclear copies of COI, 658 bp as a rule\n")
    print("| substitutions | indels a base | copies | flagged | Wilson 95 % | by code | "
          "named a species: wrong, right |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for indels in INDELS:
        for divergence in DIVERGENCES:
            rng = random.Random(f"{SEED} {divergence} {indels}")
            chosen = [known[i % len(known)] for i in range(number)]
            queries = [
                Query(q.species, decayed(rng, q.sequence, divergence, indels)) for q in chosen
            ]
            flags, species, codes = 0, Counter(), Counter()
            for result in identify_each(iter(queries), library=path, one_sample=True):
                seen = {w.code for w in result.warnings} & NUMT
                flags += bool(seen)
                codes.update(seen)
                if result.rank == "species":
                    species[result.taxon == result.query] += 1
            print(f"| {divergence:.1%} | {indels} | {number} | {share(flags, number)} | "
                  f"{told(codes)} | {species[False]}, {species[True]} |")  # fmt: skip


NUMT = {"STOP_CODON", "FRAMESHIFT", "UNEXPECTED_TRANSLATION"}


def decayed(rng: random.Random, sequence: str, divergence: float, indels: float) -> str:
    """Return a copy with changes at random places, as without selection."""
    letters = []
    for letter in sequence:
        if rng.random() < divergence:
            if rng.random() < TRANSITIONS:
                letter = _PURINES.get(letter, letter)
            else:
                letter = rng.choice([b for b in "ACGT" if b not in (letter, _PURINES.get(letter))])
        if rng.random() < indels:  # one in two a single base, the others up to 20
            size = 1 if rng.random() < 0.5 else rng.randint(2, 20)
            if rng.random() < 0.5:
                letters.append(letter + "".join(rng.choices("ACGT", k=size)))
                continue
            del letters[max(0, len(letters) - size) :]
        letters.append(letter)
    return "".join(letters)


def chimeras(path: Path, known: list, number: int) -> None:
    """Print how many simulated chimeras of two genera are flagged, and what they are called."""
    index = open_library(path).index("COI")
    held = {index.record(p).species for p in range(index.record_count)}
    rng = random.Random(f"{SEED} chimeras")
    table: dict[str, Counter] = defaultdict(Counter)
    made = []
    while len(made) < number:
        one, other = rng.sample(known, 2)
        if one.genus == other.genus or not {one.species, other.species} <= held:
            continue
        at = rng.uniform(0.3, 0.7)
        sequence, distance = joined(one.sequence, other.sequence, at)
        major = one.species if at >= 0.5 else other.species
        made.append(
            (Query(f"c{len(made)}", sequence), at, distance, major, {one.species, other.species})
        )
    queries = iter([query for query, *_rest in made])
    results = identify_each(queries, library=path, one_sample=True)
    for result, (_query, at, distance, major, both) in zip(results, made, strict=True):
        flagged = "CHIMERA" in {warning.code for warning in result.warnings}
        for row in (
            next(f"parents {a:.0%}-{b:.0%} apart" for a, b in DISTANCES if a <= distance < b),
            next(f"broken at {a:.0%}-{b:.0%}" for a, b in BREAKS if a <= at <= b),
            "all",
        ):
            table[row]["n"] += 1
            table[row]["flagged"] += flagged
            table[row]["majority"] += result.taxon == major
            table[row]["named"] += result.status == "identified"
            table[row]["species"] += result.rank == "species" and result.taxon not in both
    print("\nSimulated chimeras of two genera\n")
    print("| chimeras | number | flagged | Wilson 95 % | named at any rank | majority's species | "
          "third species |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for row in sorted(table):
        counts = table[row]
        print(f"| {row} | {counts['n']} | {share(counts['flagged'], counts['n'])} | "
              f"{counts['named']} | {counts['majority']} | {counts['species']} |")  # fmt: skip


def congeners(path: Path, known: list, number: int) -> None:
    """Print how many simulated chimeras of two species of a genus are flagged, of each divergence."""
    index = open_library(path).index("COI")
    held = {index.record(p).species for p in range(index.record_count)}
    of_genus = defaultdict(list)
    for query in known:
        if query.species in held:
            of_genus[query.genus].append(query)
    pairs = [
        (one, other)
        for queries in of_genus.values()
        for one in queries
        for other in queries
        if one.species < other.species
    ]
    rng = random.Random(f"{SEED} congeners")
    rng.shuffle(pairs)
    made = defaultdict(list)
    for one, other in pairs:
        at = rng.uniform(0.2, 0.8)
        sequence, distance = joined(one.sequence, other.sequence, at)
        row = next((low, high) for low, high in CONGENERS if low <= distance < high)
        if len(made[row]) < number:
            made[row].append((Query(f"c{at:.2f}", sequence), {one.species, other.species}))
    print("\nSimulated chimeras of two species of a genus, broken at 20 to 80 %\n")
    print("| parents apart | number | flagged | Wilson 95 % | not flagged: named one of them | "
          "another species |\n|---|---|---|---|---|---|")  # fmt: skip
    for low, high in CONGENERS:
        rows = made[low, high]
        queries = iter([query for query, _parents in rows])
        counts = Counter()
        results = identify_each(queries, library=path, one_sample=True)
        for result, (_query, parents) in zip(results, rows, strict=True):
            flagged = "CHIMERA" in result.codes
            counts["flagged"] += flagged
            if not flagged and result.rank == "species":
                counts["parent" if result.taxon in parents else "other"] += 1
        print(f"| {low:.0%}-{high:.0%} | {len(rows)} | {share(counts['flagged'], len(rows))} | "
              f"{counts['parent']} | {counts['other']} |", flush=True)  # fmt: skip


def joined(one: str, other: str, at: float) -> tuple[str, float]:
    """Return the beginning of one and the rest of the other, homologous, and their p-distance."""
    turned = len(one) > len(other)
    inner, outer = (other, one) if turned else (one, other)
    found = edlib.align(inner, outer, mode="HW", task="locations")
    start, cut = found["locations"][0][0], round(at * len(inner))
    distance = found["editDistance"] / len(inner)
    if turned:
        return outer[: start + cut] + inner[cut:], distance
    return inner[:cut] + outer[start + cut :], distance


# -- human ----------------------------------------------------------------------------


def humans() -> None:
    """Print what is said of human and ape sequences."""
    place = folder("reference_sequences") / "contaminants"
    print("\n| real sequences | bases | pieces | human | possibly human | nothing |")
    print("|---|---|---|---|---|---|")
    for name, sequences in (
        ("human genome", read(place / "human_mitogenome.fasta.gz")),
        ("orangutan genome", read(place / "orang_mitogenome.fasta.gz")),
    ):
        for length in LENGTHS:
            say(name, length, sequences)
    coii = read(place / "apes_COII.fasta.gz")
    for species in dict.fromkeys(header.partition(" ")[2] for header, _sequence in coii):
        own = [pair for pair in coii if pair[0].endswith(species)]
        for length in (*LENGTHS[:4], 684):
            say(f"{species} COII ({len(own)})", length, own)


def say(name: str, length: int, sequences: list[tuple[str, str]]) -> None:
    counts = Counter()
    for piece in pieces(sequences, length):
        found = human(piece)
        counts["nothing" if found is None else "human" if found.sure else "possibly"] += 1
    print(f"| {name} | {length} | {counts.total()} | {counts['human']} | {counts['possibly']} | "
          f"{counts['nothing']} |")  # fmt: skip


def pieces(sequences: list[tuple[str, str]], length: int) -> Iterator[str]:
    for _header, sequence in sequences:
        for start in range(0, len(sequence) - length + 1, STEP):
            yield sequence[start : start + length]


def read(path: Path) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="ascii") as handle:
        entries = handle.read().split(">")[1:]
    found = (entry.split("\n", 1) for entry in entries)
    return [(header, "".join(lines.split())) for header, lines in found]


if __name__ == "__main__":
    main()
