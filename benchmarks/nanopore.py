"""Consensus of the 280 Nanopore reads of NGSpeciesID's test: depth, halves, mixtures, a peer.

    python benchmarks/nanopore.py [--draws 20] [--repeats 3]

Tables of benchmarks/reads.md. The animal was not sequenced otherwise. What stands for the truth is the
consensus of all reads: it has the length of the Folmer region, an open reading frame, and
nothing but substitutions against the nearest record. Mixtures are SIMULATED: real reads of
the file, and copies of another sequence to which the errors and qualities of other real reads
of the file were carried over, base by base.
"""

import argparse
import os
import random
import re
import shutil
import statistics
import sys
import time
from pathlib import Path

import edlib
from evaluation import DEFAULT, NO_DATA, ROOT, VARIABLE, read_set, run, write_fasta

from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.kernel import identity
from forensics.barcode.reading import amplicon
from forensics.barcode.reading.consensus import Read, polish
from forensics.barcode.reading.reads import read_queries

FILE = "nanopore_coi_280_reads.fastq.gz"
DEPTHS = (5, 10, 20, 50, 100, 200)
SHARES = (0.5, 0.1, 0.05, 0.03)
MIXED = 200  # reads of a simulated mixture


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    path = Path(os.environ.get(VARIABLE, ROOT / DEFAULT)) / "barcodes" / FILE
    if not path.is_file():
        print(f"No evaluation data: {path}", file=sys.stderr)
        sys.exit(NO_DATA)
    queries = list(read_queries(path))
    started = time.perf_counter()
    found = amplicon.consensus_of(queries)
    print(f"consensus_of: {time.perf_counter() - started:.1f} s; left out: {found.left_out}")
    for one in found.consensuses:
        print(f"{one.depth} reads, {len(one.sequence)} bp, {one.errors:.2f} errors expected")
    drawn = sorted(
        (amplicon._read(q) for q in queries if not amplicon._fault(q)),
        key=lambda read: (read.error, read.sequence),
    )
    whole = amplicon.clusters_of(drawn)[0][0]
    truth = whole.draft.sequence
    nearest(truth)
    peer(truth, whole.reads)
    depths(truth, whole.reads, options.draws)
    halves(whole.reads, options.draws)
    mixtures(truth, whole.reads, options.repeats)


def errors_in(draft: str, truth: str) -> int:
    """Return the edits between two sequences, not counting what one has beyond the other's ends."""
    return round((1 - identity(draft, truth)) * min(len(draft), len(truth)))


def nearest(truth: str) -> None:
    """Print the nearest record of the evaluation data."""
    record, sequence = max(read_set("COI"), key=lambda pair: identity(truth, pair[1], least=0.85))
    found = edlib.align(truth, sequence, mode="HW", task="path")
    steps = re.findall(r"(\d+)(.)", found["cigar"])
    wrong = sum(int(n) for n, step in steps if step == "X")
    gaps = sum(int(n) for n, step in steps if step in "ID")
    print(f"nearest: {record.species} {record.accession}: {wrong} substitutions, {gaps} gaps")


def peer(truth: str, reads: tuple[Read, ...]) -> None:
    """Print how the consensus of spoa (Debian: spoa) differs, if it is installed."""
    if not shutil.which("spoa"):
        print("spoa: not installed (Debian: spoa)")
        return
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_fasta(folder / "reads.fa", ((str(n), r.sequence) for n, r in enumerate(reads)))
        answer = run("spoa", "-l", "1", "-r", "0", "reads.fa", folder=folder)
    theirs = "".join(line for line in answer.splitlines() if not line.startswith(">"))
    found = edlib.align(*sorted((truth, theirs), key=len), mode="HW", task="path")
    print(f"spoa: {errors_in(theirs, truth)} differences in {len(truth)}: {found['cigar']}")


def depths(truth: str, reads: tuple[Read, ...], draws: int) -> None:
    """Print errors by depth."""
    print("\n| Reads | Wrong bases, mean | largest | Expected, mean | Missing at the ends |")
    print("|---|---|---|---|---|")
    for depth in DEPTHS:
        rng, wrong, expected, missing = random.Random(depth), [], [], []
        for _draw in range(draws):
            draft = polish(_best_first(rng.sample(reads, depth)))
            wrong.append(errors_in(draft.sequence, truth))
            expected.append(draft.errors)
            missing.append(max(0, len(truth) - len(draft.sequence)))
        print(
            f"| {depth} | {statistics.fmean(wrong):.1f} | {max(wrong)} | "
            f"{statistics.fmean(expected):.1f} | {statistics.fmean(missing):.1f} |"
        )


def halves(reads: tuple[Read, ...], draws: int) -> None:
    """Print how far the consensuses of two random halves agree."""
    rng, agreed = random.Random(2), []
    for _draw in range(draws):
        mixed = rng.sample(reads, len(reads))
        half = len(mixed) // 2
        one, two = (polish(_best_first(part)).sequence for part in (mixed[:half], mixed[half:]))
        agreed.append(identity(one, two))
    print(f"\nhalves: {statistics.fmean(agreed):.2%} alike on average, {min(agreed):.2%} at least")


def mixtures(truth: str, reads: tuple[Read, ...], repeats: int) -> None:
    """Print what is found in simulated mixtures, and in reads of one sequence."""
    cod = next(s for record, s in read_set("COI") if record.species == "Gadus macrocephalus")
    place = edlib.align(truth, cod, mode="HW", task="locations")["locations"][0]
    others = {f"{n} substitutions": _changed(truth, n) for n in (7, 13, 33)}
    others["Gadus macrocephalus"] = cod[place[0] : place[1] + 1]
    print(
        f"\n| Other sequence | Share | Found in {repeats} | Share found | Errors of both | Blocked |"
    )
    print("|---|---|---|---|---|---|")
    for name, other in others.items():
        for share in SHARES:
            rng, rows = random.Random(f"{name} {share}"), []
            for _repeat in range(repeats):
                mixed = rng.sample(reads, MIXED)
                few = round(share * MIXED)
                mixed[:few] = [carried_over(rng, read, truth, other) for read in mixed[:few]]
                rows.append(_told(mixed, truth, other))
            hit = [row for row in rows if row[0]]
            print(
                f"| {name} ({identity(truth, other):.1%}) | {share:.0%} | {len(hit)} | "
                f"{statistics.fmean(r[1] for r in hit) if hit else 0:.1%} | "
                f"{', '.join(r[2] for r in rows)} | {sum(r[3] for r in rows)} |"
            )
    alone = []
    rng = random.Random(5)
    for depth in (20, 50, 100, 200):
        for _repeat in range(5 * repeats):
            alone.append(len(amplicon.clusters_of(_best_first(rng.sample(reads, depth)))[0]))
    print(f"\none sequence: {alone.count(1)} of {len(alone)} files gave one cluster")


def _told(mixed: list[Read], truth: str, other: str) -> tuple[bool, float, str, bool]:
    found = amplicon.clusters_of(_best_first(mixed))[0]
    drafts = [cluster.draft.sequence for cluster in found]
    near = [errors_in(d, truth) < errors_in(d, other) for d in map(_forward(truth), drafts)]
    hit = len(found) == 2 and sum(near) == 1
    blocked = hit and len(found[1].reads) / len(mixed) >= amplicon.MIXTURE
    text = "/".join(
        str(errors_in(d, truth if one else other))
        for d, one in zip(map(_forward(truth), drafts), near)
    )
    minor = sum(len(c.reads) for c, one in zip(found, near) if not one)
    return hit, minor / sum(len(c.reads) for c in found), text, blocked


def _forward(truth: str):
    return lambda draft: max(draft, reverse_complement(draft), key=lambda d: identity(d, truth))


def _best_first(reads: list[Read]) -> list[Read]:
    return sorted(reads, key=lambda read: (read.error, read.sequence))


def _changed(sequence: str, substitutions: int) -> str:
    rng, letters = random.Random(substitutions), list(sequence)
    for place in rng.sample(range(1, len(letters) - 1), substitutions):
        letters[place] = rng.choice([base for base in "ACGT" if base != letters[place]])
    return "".join(letters)


def carried_over(rng: random.Random, read: Read, truth: str, other: str) -> Read:
    """Return a copy of `other` with the errors and qualities that a read has against `truth`.

    Both sequences have one length and no gaps between them.
    """
    found = edlib.align(truth, read.sequence, mode="NW", task="path")
    bases, trust, here, there = [], [], 0, 0
    for count, step in re.findall(r"(\d+)(.)", found["cigar"]):
        for _base in range(int(count)):
            if step == "I":  # a base that the read misses
                here += 1
                continue
            if step == "=":
                bases.append(other[here])
            elif step == "X":
                bases.append(rng.choice([base for base in "ACGT" if base != other[here]]))
            else:
                bases.append(read.sequence[there])
            trust.append(read.trust[there])
            there += 1
            here += step != "D"
    return Read("".join(bases), tuple(trust), read.error, read.reverse)


if __name__ == "__main__":
    main()
