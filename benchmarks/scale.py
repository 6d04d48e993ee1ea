"""How do build, memory and the work of a query grow with the library, the query and how near it is?

    python benchmarks/scale.py --folder scratch
    python benchmarks/scale.py --folder scratch --sizes 10000 --repeats 1

COI. A library of more records than there are holds mutated copies of them too (a share of up to 5 % of the
bases is drawn anew), **for speed and nothing else**. Queries of 150, some 658 and some 1,500 bases: *known* is a piece
of a record that is there, *near* one of a record that was held out, and *far* such a one in which 15 % of the
bases are drawn anew (SIMULATED), so that nothing is near. The tools run in turn; a query's time is (run of all
queries - run of one) / (queries - 1), so that no tool pays for its start; medians are told. "identify" is the whole
job with one thread; "one thread" and "two threads" are the same by the clock, of more queries. How the work grows
is the slope of a straight line on logarithms.

What was measured is kept in the folder (results.json), so a run can be broken off and taken up. A million
records take 8 GB and an hour.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from evaluation import Record, need_programs, read_set, write_fasta
from peers import versions
from scipy.stats import linregress
from speed import cpu_of, install, tools

LOCUS = "COI"
SEED = 20261125
HELD_OUT = 1000
SIZES = (10_000, 100_000, 1_000_000)
THREADS = {"one thread": 1, "two threads": 2}
TOOLS = ("identify", *THREADS, "vsearch", "megablast")
MUTATED, FAR = 0.05, 0.15
# Bases of the queries, and of the records that have them (the longest are few).
LENGTHS = {150: (600, 700), 658: (600, 700), 1500: (1400, 2000)}
QUERIES = {150: 100, 658: 100, 1500: 40}
# What threads need is loaded once: at 10,000 records that takes as long as 10 queries.
OF_THREADS = 300
KINDS = ("known", "near", "far")

# CPU seconds, peak MB, elapsed seconds.
Cell = tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="scratch")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="reference records")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    there, held_out = split(read_set(LOCUS, reconciled=False))
    options.folder.mkdir(parents=True, exist_ok=True)
    results = Results(options.folder / "results.json")
    for size in options.sizes:
        folder = options.folder / str(size)
        if not results.held.get(f"{size} build"):
            folder.mkdir(exist_ok=True)
            write_reference(folder, library_of(there, size))
            results.put(f"{size} build", build(folder))
            results.put(f"{size} MB", sizes_of(folder))
        install(folder)
        for length in LENGTHS:
            for kind in KINDS:
                source = there[:size] if kind == "known" else held_out
                queries = [
                    queries_of(source, length, kind, n) for n in (QUERIES[length], OF_THREADS)
                ]
                measure(folder, results, f"{size} {length} {kind}", queries, options)
        print(f"{size} done", file=sys.stderr)
        results.put("run", {
            **versions(folder), "python": platform.python_version(), "date": time.strftime("%Y-%m-%d"),
            "processors": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        })  # fmt: skip
    report(results, options.sizes)


class Results:
    """What was measured, by its name; written after every cell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = json.loads(path.read_bytes()) if path.is_file() else {}

    def put(self, name: str, what: object) -> None:
        self.held[name] = what
        self.path.write_text(json.dumps(self.held, indent=1) + "\n", encoding="utf-8")


# -- what is searched, and for what -----------------------------------------------


def split(records: list[Record]) -> tuple[list[Record], list[Record]]:
    """Return the records of the library and those held out, of the long ones half."""
    random.Random(SEED).shuffle(records)
    fewest, most = LENGTHS[1500]
    long = [pair for pair in records if fewest <= len(pair[1]) <= most]
    held_out = [*long[: len(long) // 2], *records[:HELD_OUT]]
    out = {record.accession for record, _sequence in held_out}
    there = [pair for pair in records if pair[0].accession not in out]
    # The long ones first, so that the smallest library has them.
    return sorted(there, key=lambda pair: len(pair[1]) < fewest), held_out


def library_of(records: list[Record], size: int) -> Iterator[Record]:
    """Yield so many records, the first ones real, the others mutated copies."""
    yield from records[:size]
    rng = random.Random(SEED)
    for number in range(len(records), size):
        record, sequence = records[number % len(records)]
        changes = 1 + rng.randrange(max(1, int(MUTATED * len(sequence))))
        name = f"{record.accession}x{number}"
        yield replace(record, accession=name), mutated(sequence, changes, rng)


def mutated(sequence: str, changes: int, rng: random.Random) -> str:
    bases = list(sequence)
    for _ in range(changes):
        bases[rng.randrange(len(bases))] = rng.choice("ACGT")
    return "".join(bases)


def queries_of(records: Sequence[Record], length: int, kind: str, count: int) -> list[str]:
    """Return queries of a length, each of another record, as many as there are."""
    rng = random.Random(f"{SEED} {length} {kind}")
    fewest, most = LENGTHS[length]
    fitting = [text for _record, text in records if fewest <= len(text) <= most]
    queries = []
    for text in rng.sample(fitting, min(count, len(fitting))):
        start = rng.randrange(max(1, len(text) - length))
        piece = text[start : start + length]
        # A third of what is drawn anew is the base that it was.
        queries.append(
            mutated(piece, int(FAR * len(piece) * 4 / 3), rng) if kind == "far" else piece
        )
    return queries


def write_reference(folder: Path, records: Iterator[Record]) -> None:
    """Write the reference for this project and, by number, for the peers."""
    with (
        open(folder / "library.fasta", "w", encoding="ascii") as ours,
        open(folder / "reference.fasta", "w", encoding="ascii") as theirs,
    ):
        for number, (record, sequence) in enumerate(records):
            ours.write(f">{record.accession}|{record.name}|{LOCUS}|\n{sequence}\n")
            theirs.write(f">{number}\n{sequence}\n")


# -- measuring --------------------------------------------------------------------


def build(folder: Path) -> dict[str, Cell]:
    """Build the library, VSEARCH's and BLAST's data base."""
    commands = {
        "ours": (sys.executable, "-m", "forensics", "library", "build", "library.fasta",
                 "--output", "library", "--no-screening", "--no-calibration"),
        "vsearch": ("vsearch", "--makeudb_usearch", "reference.fasta", "--output",
                    "reference.udb", "--quiet"),
        "megablast": ("makeblastdb", "-in", "reference.fasta", "-dbtype", "nucl", "-out", "blast"),
    }  # fmt: skip
    return {tool: timed(command, folder) for tool, command in commands.items()}


def sizes_of(folder: Path) -> dict[str, float]:
    """Return the megabytes of what each tool searches."""
    return {
        "ours": (folder / "library" / LOCUS / "index.bin").stat().st_size / 1e6,
        "vsearch": (folder / "reference.udb").stat().st_size / 1e6,
        "megablast": sum(path.stat().st_size for path in folder.glob("blast.n*")) / 1e6,
    }


def timed(command: tuple, folder: Path) -> Cell:
    start = time.perf_counter()
    seconds, peak = cpu_of(command, folder)
    return seconds, peak, time.perf_counter() - start


def measure(
    folder: Path, results: Results, name: str, queries: list[list[str]], options: argparse.Namespace
) -> None:
    """Let the tools answer one query and all of them, in turn; threads have more."""
    some = {"one": queries[0][:1], "many": queries[0], "more": queries[1]}
    for file, texts in some.items():
        write_fasta(folder / f"{file}.fasta", ((str(n), text) for n, text in enumerate(texts)))
    done = results.held.get(name, {"queries": list(map(len, queries))})
    for turn in range(options.repeats + 1):
        for tool in options.tools:
            if len(done.get(tool, ())) > turn - 1 > -1:
                continue
            pair, threads = [], THREADS.get(tool)
            for file in ("one", "more" if threads else "many"):
                command = tools(LOCUS, f"{file}.fasta")["identify" if threads else tool]
                pair.append(timed((*command[:-1], threads) if threads else command, folder))
            if turn:  # the first compiles, and fills the disk's cache
                done.setdefault(tool, []).append(pair)
                results.put(name, done)
    print(name, file=sys.stderr)


# -- the tables -------------------------------------------------------------------


def each(cells: Sequence[tuple[Cell, Cell]], count: int, what: int) -> float:
    """Return the median of a query of CPU (0) or by the clock (2), in ms."""
    return 1000 * statistics.median((many[what] - one[what]) / (count - 1) for one, many in cells)


def report(results: Results, sizes: Sequence[int]) -> None:
    """Print the tables."""
    held = results.held
    print(f"{LOCUS}; {held['run']}\n\nBuild: s of CPU, peak MB, MB of the index\n")
    print("| records | ours | VSEARCH | BLAST |\n|---|---|---|---|")
    for size in sizes:
        cells = (
            f"{cpu:.1f}, {peak:.0f}, {held[f'{size} MB'][tool]:.0f}"
            for tool, (cpu, peak, _elapsed) in held[f"{size} build"].items()
        )
        print(f"| {size:,} | {' | '.join(cells)} |")
    print(
        "\nA query, ms of CPU; how many times VSEARCH's rate; two threads over one by the clock, of more queries\n"
    )
    print(
        "| records (runs) | bases | query | identify (by the clock) | VSEARCH | megablast | **rate** | threads "
        "| peak MB: identify, VSEARCH |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for size in sizes:
        for length in LENGTHS:
            for kind in KINDS:
                found = held[f"{size} {length} {kind}"]
                count, more = found["queries"]
                told = {
                    tool: each(found[tool], count, 0)
                    for tool in ("identify", "vsearch", "megablast")
                    if tool in found
                }
                both = [each(found[tool], more, 2) for tool in THREADS if tool in found]
                gain = f"{both[0] / both[1]:.2f} ({more})" if len(both) == 2 else "-"
                peaks = (
                    max(many[1] for _one, many in found[tool]) for tool in ("identify", "vsearch")
                )
                print(
                    f"| {size:,} ({len(found['identify'])}) | {length} | {kind} ({count}) | {told['identify']:.2f} "
                    f"({each(found['identify'], count, 2):.2f}) | {told['vsearch']:.2f} | "
                    f"{format(told['megablast'], '.2f') if 'megablast' in told else '-'} | "
                    f"**{told['vsearch'] / told['identify']:.2f}** | "
                    f"{gain} | {', '.join(f'{peak:.0f}' for peak in peaks)} |"
                )
    if len(sizes) > 1:
        report_growth(held, sizes)


def report_growth(held: dict, sizes: Sequence[int]) -> None:
    """Print the powers by which a query's CPU grows, as straight lines on logarithms fit them."""
    print("\nA query's CPU grows with this power (r² of the line)\n")
    print("| with | | identify | VSEARCH | megablast |\n|---|---|---|---|---|")
    series = [
        ("records", f"{length} bases, {kind}", sizes, [f"{size} {length} {kind}" for size in sizes])
        for length in LENGTHS for kind in KINDS
    ] + [
        ("bases", f"{size:,} records, {kind}", tuple(LENGTHS), [f"{size} {length} {kind}" for length in LENGTHS])
        for size in sizes for kind in KINDS
    ]  # fmt: skip
    for grown, what, along, names in series:
        cells = []
        for tool in ("identify", "vsearch", "megablast"):
            runs = [(held[name].get(tool), held[name]["queries"][0]) for name in names]
            took = [each(cells_of, count, 0) if cells_of else 0.0 for cells_of, count in runs]
            if min(took) > 0:
                line = linregress(*np.log((along, took)))
                cells.append(f"{line.slope:.2f} ({line.rvalue**2:.2f})")
            else:
                cells.append("-")  # the start hides the queries, or not run
        print(f"| {grown} | {what} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
