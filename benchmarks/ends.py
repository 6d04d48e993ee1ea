"""How often is a sequence said to be joined or badly trimmed: clean ones, chimeras, foreign ends?

    python benchmarks/ends.py
    python benchmarks/ends.py --locus COI --clean 500 --simulated 100

Clean: every distinct published sequence of a locus, compared with the embedded library, and with
the other records of the evaluation data from which its species, or its whole genus, was left out.
Simulated, of COI: chimeras of two genera with the break near an end, and clean sequences whose ends
were replaced. A record is counted as flagged where its result bears `CHIMERA` or `ENDS_DO_NOT_FIT`.
"""

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks import joined
from evaluation import Record, read_set, wilson

from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library
from forensics.examination import identify_each

SEED = 20261127
LOCI = ("COI", "cytb", "12S", "16S", "rbcL", "matK")
FOLDS = 5
# Break of a chimera, as a share of the sequence; as many lie as far from the other end.
BREAKS = ((0.1, 0.2), (0.2, 0.3), (0.3, 0.5))
# Share of the sequence that is replaced at one end, by bases of no gene.
REPLACED = (0.15, 0.25)
FLAGS = {"CHIMERA", "ENDS_DO_NOT_FIT"}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a sequence: its records, the codes that flag it, whether it was named."""

    records: int
    codes: set[str]
    named: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--locus", choices=LOCI, action="append", help="default: all")
    parser.add_argument("--clean", type=int, help="clean sequences of a row; all by default")
    parser.add_argument("--simulated", type=int, default=300, help="of each kind")
    options = parser.parse_args()
    loci = options.locus or LOCI
    with tempfile.TemporaryDirectory() as folder:
        print("| clean records of | compared with | records | flagged | Wilson 95 % | by code |")
        print("|---|---|---|---|---|---|")
        for locus in loci:
            print_clean(locus, read_set(locus), Path(folder), options.clean)
        if "COI" in loci:
            print("\n| simulated of COI | compared with | number | flagged | Wilson 95 % | by code | "
                  "named at any rank |\n|---|---|---|---|---|---|---|")  # fmt: skip
            print_simulated(read_set("COI"), Path(folder), options.simulated)


def print_clean(locus: str, records: Sequence[Record], folder: Path, most: int | None) -> None:
    """Print how many clean records are flagged, by what they are compared with."""
    if locus in open_library("embedded").loci:
        print_flagged(locus, "the embedded library", run(drawn(records, most), "embedded", locus))
    for rank in ("species", "genus"):
        results: list[Result] = []
        for fold, (held_out, rest) in enumerate(folds(records, rank)):
            path = write(folder / f"{locus}-{rank}-{fold}", locus, rest)
            results += run(drawn(held_out, most and most // FOLDS), path, locus)
        print_flagged(locus, f"others, {rank} absent", results)


def drawn(records: Sequence[Record], most: int | None) -> dict[str, int]:
    """Return distinct sequences, drawn where there are more than wanted, and their records."""
    counts = Counter(sequence for _record, sequence in records)
    names = sorted(counts)
    if most is not None and most < len(names):
        names = random.Random(SEED).sample(names, most)
    return {name: counts[name] for name in names}


def folds(records: Sequence[Record], rank: str) -> Iterator[tuple[list[Record], list[Record]]]:
    """Yield the held-out records and the rest; every taxon of the rank is held out once."""
    names = sorted({getattr(record, rank) for record, _sequence in records})
    random.Random(SEED).shuffle(names)
    number = {name: place % FOLDS for place, name in enumerate(names)}
    for fold in range(FOLDS):
        held_out = [pair for pair in records if number[getattr(pair[0], rank)] == fold]
        yield held_out, [pair for pair in records if number[getattr(pair[0], rank)] != fold]


def write(path: Path, locus: str, records: Sequence[Record]) -> Path:
    pairs = [(record.at_locus(locus), sequence) for record, sequence in records]
    write_library(path, pairs, name=path.name, calibrated=False)
    return path


def run(sequences: Mapping[str, int], library: Path | str, locus: str) -> list[Result]:
    """Return the results of sequences, each with the number of its records."""
    queries = (Query(str(place), sequence) for place, sequence in enumerate(sequences))
    results = identify_each(queries, library=library, locus=locus, one_sample=True)
    return [
        Result(number, FLAGS & {w.code for w in result.warnings}, result.status == "identified")
        for number, result in zip(sequences.values(), results, strict=True)
    ]


def print_flagged(locus: str, library: str, results: Sequence[Result]) -> None:
    print(f"| {locus} | {library} | {figures(results)} |", flush=True)


def print_simulated(records: Sequence[Record], folder: Path, number: int) -> None:
    """Print how many chimeras and foreign ends are flagged, by what the library holds."""
    held_out, rest = next(folds(records, "genus"))
    absent = folder / "COI-genus-0"
    if not absent.is_dir():
        write(absent, "COI", rest)
    alone = {sequence for _record, sequence in held_out}
    pairs = sorted({(record.genus, sequence) for record, sequence in rest if sequence not in alone})
    # The records themselves are not in the library, others of their species mostly are.
    parents = random.Random(f"{SEED} parents").sample(pairs, min(len(pairs), 4 * number))
    without = {sequence for _genus, sequence in parents}
    present = write(folder / "present", "COI", [pair for pair in rest if pair[1] not in without])
    foreign = sorted({(record.genus, sequence) for record, sequence in held_out})
    for what, path, own in (
        ("both genera present", present, parents),
        ("both genera absent", absent, foreign),
    ):
        for low, high in BREAKS:
            rng = random.Random(f"{SEED} {what} {low}")
            sequences = [chimera(rng, own, low, high) for _ in range(number)]
            print_row(f"chimeras broken at {low:.0%}-{high:.0%}", what, sequences, path)
        for part in REPLACED:
            rng = random.Random(f"{SEED} {what} {part}")
            sequences = [foreign_end(rng, rng.choice(own)[1], part) for _ in range(number)]
            print_row(
                f"{part:.0%} of no gene at one end", what.removeprefix("both "), sequences, path
            )


def print_row(kind: str, what: str, sequences: Sequence[str], library: Path) -> None:
    results = run(Counter(sequences), library, "COI")
    named = sum(result.records for result in results if result.named)
    print(f"| {kind} | {what} | {figures(results)} | {named} |", flush=True)


def figures(results: Sequence[Result]) -> str:
    """Return records, flagged ones with their interval, and the codes, as cells of a table."""
    total = sum(result.records for result in results)
    flagged = sum(result.records for result in results if result.codes)
    low, high = wilson(flagged, total)
    codes = Counter()
    for result in results:
        codes.update(dict.fromkeys(result.codes, result.records))
    by_code = ", ".join(f"{code} {number}" for code, number in sorted(codes.items())) or "-"
    share = flagged / max(total, 1)
    return f"{total} | {flagged} ({share:.2%}) | {low:.2%}-{high:.2%} | {by_code}"


def chimera(rng: random.Random, pairs: Sequence[tuple[str, str]], low: float, high: float) -> str:
    """Return two sequences of different genera joined at a place that far from one of the ends."""
    while True:
        (genus, first), (other, second) = rng.sample(pairs, 2)
        if genus != other:
            at = rng.uniform(low, high)
            return joined(first, second, at if rng.random() < 0.5 else 1 - at)[0]


def foreign_end(rng: random.Random, sequence: str, part: float) -> str:
    """Return a sequence with random bases in the place of those at one end."""
    length = round(part * len(sequence))
    other = "".join(rng.choices("ACGT", k=length))
    return other + sequence[length:] if rng.random() < 0.5 else sequence[:-length] + other


if __name__ == "__main__":
    main()
