"""How do build, memory and the work of a query grow with the library, the query and how near it is?

    python benchmarks/scale.py --folder scratch
    python benchmarks/scale.py --folder scratch --sizes 10000 --repeats 1
    python benchmarks/scale.py --folder scratch --sizes 1000000 --repeats 0 --proved 300

COI. A library of more records than there are holds mutated copies of them too (a share of up to 5 % of the
bases is drawn anew), **for speed and nothing else**. Queries of 150, some 658 and some 1,500 bases: *known* is a piece
of a record that is there, *near* one of a record that was held out, and *far* such a one in which 15 % of the
bases are drawn anew (SIMULATED), so that nothing is near. The tools run in turn; a query's time is (run of all
queries - run of one) / (queries - 1), so that no tool pays for its start; medians are told. "identify" is the whole
job with one thread. How the work grows is the slope of a straight line on logarithms.

With --proved the best identity and every tie of so many queries are held against a loop over edlib, which shares
nothing with the project; at a million that takes a processor some 20 s a query.

What was measured is kept in the folder (results.json), so a run can be broken off and taken up; what the loop found
too. A million records take 8 GB and an hour.
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
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import zip_longest
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from evaluation import Record, need_programs, read_set, wilson, write_fasta
from nearest import agrees, whole_placements
from peers import versions
from scipy.stats import linregress
from speed import cpu_of, install, tools

from forensics.barcode.locus import find_locus
from forensics.barcode.matching.search import search
from forensics.barcode.reference.library import open_library

LOCUS = "COI"
SEED = 20261125
HELD_OUT = 1000
SIZES = (10_000, 100_000, 1_000_000)
# The whole job, and the number of its threads.
THREADS = {"identify": 1, "two threads": 2}
TOOLS = (*THREADS, "vsearch", "megablast")
MUTATED, FAR = 0.05, 0.15
# Bases of the queries, and of the records that have them (the longest are few).
LENGTHS = {150: (600, 700), 658: (600, 700), 1500: (1400, 2000)}
# As many as make the reading of a million records small beside them; of the longest there are fewer.
QUERIES = 300
KINDS = ("known", "near", "far")

# CPU seconds, peak MB, elapsed seconds.
Cell = tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="scratch")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="reference records")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--proved", type=int, default=0, metavar="N", help="so many queries of each size"
    )
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
        asked = []
        for length in LENGTHS:
            for kind in KINDS:
                source = there[:size] if kind == "known" else held_out
                asked.append(queries_of(source, length, kind))
                measure(folder, results, f"{size} {length} {kind}", asked[-1], options)
        # By turns of every length and kind.
        mixed = [text for texts in zip_longest(*asked) for text in texts if text]
        prove(folder, results, size, mixed[: options.proved])
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


def queries_of(records: Sequence[Record], length: int, kind: str) -> list[str]:
    """Return queries of a length, each of another record, as many as there are."""
    rng = random.Random(f"{SEED} {length} {kind}")
    fewest, most = LENGTHS[length]
    fitting = [text for _record, text in records if fewest <= len(text) <= most]
    queries = []
    for text in rng.sample(fitting, min(QUERIES, len(fitting))):
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
    folder: Path, results: Results, name: str, queries: list[str], options: argparse.Namespace
) -> None:
    """Let the tools answer one query and all of them, in turn."""
    for file, texts in {"one": queries[:1], "many": queries}.items():
        write_fasta(folder / f"{file}.fasta", ((str(n), text) for n, text in enumerate(texts)))
    done = results.held.get(name, {"queries": len(queries)})
    for turn in range(options.repeats + 1 if options.repeats else 0):
        for tool in options.tools:
            if len(done.get(tool, ())) > turn - 1 > -1:
                continue
            pair, threads = [], THREADS.get(tool)
            for file in ("one", "many"):
                command = tools(LOCUS, f"{file}.fasta")["identify" if threads else tool]
                pair.append(timed((*command[:-1], threads) if threads else command, folder))
            if turn:  # the first compiles, and fills the disk's cache
                done.setdefault(tool, []).append(pair)
                results.put(name, done)
    print(name, file=sys.stderr)


# -- are they the nearest? --------------------------------------------------------

_RECORDS: list[str] = []


def prove(folder: Path, results: Results, size: int, queries: list[str]) -> None:
    """Hold the nearest records of queries against a loop over edlib; what that found is kept."""
    if not queries:
        return
    index = open_library(folder / "library").index(LOCUS)
    loops = results.held.get(f"{size} loop", {})
    left = [text for text in queries if text not in loops]
    if left:
        _RECORDS[:] = (index.sequence(haplotype) for haplotype in range(index.size))
        with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
            for number, (text, found) in enumerate(zip(left, pool.map(_loop, left)), 1):
                loops[text] = found
                results.put(f"{size} loop", loops)
                print(f"{number} of {len(left)} by edlib", file=sys.stderr)
        _RECORDS.clear()
    agree = [
        agrees(search(index, text), {int(record): i for record, i in loops[text].items()})
        for text in queries
    ]
    results.put(f"{size} proof", [sum(agree), len(agree)])


def _loop(sequence: str) -> dict[str, float]:
    found = whole_placements(_RECORDS, sequence, find_locus(LOCUS).expected_length)
    best = max(found.values(), default=0.0)
    return {str(record): identity for record, identity in found.items() if identity == best}


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
        "\nA query, ms of CPU; how many times VSEARCH's rate; two threads over one by the clock\n"
    )
    print(
        "| records (runs) | bases | query | identify (by the clock) | VSEARCH | megablast | **rate** | threads "
        "| peak MB: identify, VSEARCH |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for size in sizes:
        for length in LENGTHS:
            for kind in KINDS:
                found = held.get(f"{size} {length} {kind}", {})
                if "identify" not in found:
                    continue
                count, own = found["queries"], each(found["identify"], found["queries"], 0)
                by_clock = {tool: each(found[tool], count, 2) for tool in THREADS if tool in found}
                peers = {
                    tool: each(found[tool], count, 0)
                    for tool in ("vsearch", "megablast")
                    if tool in found
                }
                cells = (
                    f"{size:,} ({len(found['identify'])})",
                    length,
                    f"{kind} ({count})",
                    f"{own:.2f} ({by_clock['identify']:.2f})",
                    *(
                        f"{peers[tool]:.2f}" if tool in peers else "-"
                        for tool in ("vsearch", "megablast")
                    ),
                    f"**{peers['vsearch'] / own:.2f}**" if "vsearch" in peers else "-",
                    f"{by_clock['identify'] / by_clock['two threads']:.2f}"
                    if len(by_clock) == 2
                    else "-",
                    ", ".join(
                        f"{max(many[1] for _one, many in found[tool]):.0f}"
                        for tool in ("identify", "vsearch")
                        if tool in found
                    ),
                )
                print(f"| {' | '.join(map(str, cells))} |")
    for size in sizes:
        if proof := held.get(f"{size} proof"):
            low, high = (100 * bound for bound in wilson(*proof))
            print(
                f"\nBest identity and every tie as a loop over edlib, {size:,} records: "
                f"{proof[0]} of {proof[1]} (Wilson {low:.1f}-{high:.1f} %)"
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
            runs = [held.get(name, {}) for name in names]
            took = [each(run[tool], run["queries"], 0) if tool in run else 0.0 for run in runs]
            if min(took) > 0:
                line = linregress(*np.log((along, took)))
                cells.append(f"{line.slope:.2f} ({line.rvalue**2:.2f})")
            else:
                cells.append("-")  # the start hides the queries, or not run
        print(f"| {grown} | {what} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
