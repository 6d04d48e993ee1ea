"""How do build, memory, cold start and speed grow with the library and with the queries?

    python benchmarks/scale.py --folder scratch --plot scale.svg
    python benchmarks/scale.py --folder scratch --sizes 1000 10000 --queries 1 100

Real COI records; a library of more than there are holds mutated copies of them too (a share of
up to 5 % of the bases is drawn anew), good for speed and nothing else. The queries are real and not in
the library; of more than a thousand the others are copies with one to three bases drawn anew. CPU is
that of a whole process, its start included.

A cell whose CPU, by the cells before, would exceed --most is left out. What was measured is kept in
the folder (results.json), so a run can be broken off, taken up, and made longer.
"""

import argparse
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from evaluation import Query, Record, need_programs, read_set
from peers import versions, write_queries
from speed import cpu_of, install, tools

from forensics.drawing import save_figure

LOCUS = "COI"
SEED = 20261125
HELD_OUT = 1000
SIZES, QUERIES = (1_000, 10_000, 100_000, 1_000_000), (1, 10, 100, 1_000, 10_000, 100_000)
TOOLS = ("identify", "search", "vsearch", "megablast")
MUTATED = 0.05
# The rate of many queries is that of the longest run; it needs so many, or the start is in it.
FEW = 10
# What takes less CPU, in seconds, is run so many times; the median is told.
SHORT, REPEATS = 3.0, 3

# CPU seconds, peak MB, elapsed seconds.
Cell = tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True,
                        help="scratch; a million records take 8 GB")  # fmt: skip
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="reference records")
    parser.add_argument("--queries", type=int, nargs="+", default=QUERIES, help="a run")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument(
        "--most", type=float, default=60, help="seconds of CPU that a cell may take"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE")
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    records = read_set(LOCUS, reconciled=False)
    random.Random(SEED).shuffle(records)
    queries = [
        Query(r.accession, s, r.species, r.genus, True) for r, s in records[:HELD_OUT]
    ]  # fmt: skip
    options.folder.mkdir(parents=True, exist_ok=True)
    results = Results(options.folder / "results.json")
    for size in options.sizes:
        folder = options.folder / str(size)
        built = results.of(size, "build")
        if not (folder / "library").is_dir() or not built:
            folder.mkdir(exist_ok=True)
            write_reference(folder, library_of(records[HELD_OUT:], size))
            for tool, cell in build(folder).items():
                results.put(size, "build", tool, cell)
            results.put(size, "MB", "all", sizes_of(folder))
        measure(folder, results, size, queries, options)
        print(f"{size} done", file=sys.stderr)
    report(results)
    if options.plot:
        plot(results, options.plot)


class Results:
    """What was measured, by size, tool and number of queries; written after every cell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = json.loads(path.read_bytes()) if path.is_file() else {}

    @property
    def sizes(self) -> list[int]:
        return sorted(map(int, self.held))

    def of(self, size: int, tool: str) -> dict:
        return self.held.get(str(size), {}).get(tool, {})

    def put(self, size: int, tool: str, what: object, cell: object) -> None:
        self.held.setdefault(str(size), {}).setdefault(tool, {})[str(what)] = cell
        self.path.write_text(json.dumps(self.held, indent=1) + "\n", encoding="utf-8")


# -- what is searched, and for what -----------------------------------------------


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


def queries_of(queries: list[Query], count: int) -> list[Query]:
    """Return so many queries, no two alike."""
    rng = random.Random(SEED)
    copies = (queries[number % len(queries)] for number in range(len(queries), count))
    return queries[:count] + [
        replace(query, sequence=mutated(query.sequence, 1 + rng.randrange(3), rng))
        for query in copies
    ]


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


def measure(folder: Path, results: Results, size: int, queries: list[Query], options) -> None:
    """Identify so many queries, and let the peers do it, as far as --most allows."""
    install(folder)
    write_queries(folder, queries[:1])
    for tool in options.tools:  # compiles, fills the disk's cache
        if not results.of(size, tool):
            cpu_of(tools(LOCUS, "queries.fasta")[tool], folder)
    for count in sorted(options.queries):
        write_queries(folder, queries_of(queries, count))
        for tool in options.tools:
            done = results.of(size, tool)
            if str(count) in done:
                continue
            # One query alone tells only of the start.
            if len(done) > 1 and count * each(done)[0] > options.most:
                continue
            command = tools(LOCUS, "queries.fasta")[tool]
            runs = [timed(command, folder)]
            while runs[0][0] < SHORT and len(runs) < REPEATS:
                runs.append(timed(command, folder))
            cell = sorted(runs)[len(runs) // 2]
            results.put(size, tool, count, cell)
            print(f"{size} {tool} {count}: {cell[0]:.2f} s", file=sys.stderr)
    results.put(size, "run", "with", {
        **versions(folder), "python": platform.python_version(),
        "processors": os.cpu_count(), "load": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d"),
    })  # fmt: skip


# -- the tables -------------------------------------------------------------------


def each(cells: dict[str, Cell]) -> tuple[float, int]:
    """Return the CPU seconds of a query, that of one alone taken off, and from how many."""
    most = max(cells, key=int)
    if most == "1":
        return cells["1"][0], 1
    return (cells[most][0] - cells["1"][0]) / (int(most) - 1), int(most)


def rate(cells: dict[str, Cell]) -> float | None:
    """Return queries a second of CPU; None where too few were measured to tell."""
    seconds, count = each(cells) if "1" in cells else (0.0, 0)
    return 1 / seconds if count >= FEW else None


def report(results: Results) -> None:
    """Print the tables."""
    sizes = results.sizes
    print(f"{LOCUS}; {results.of(sizes[0], 'run')['with']}\n")
    print("Build: s of CPU (elapsed), peak MB, MB of the index\n")
    print("| records | ours | VSEARCH | BLAST |\n|---|---|---|---|")
    for size in sizes:
        megabytes = results.of(size, "MB")["all"]
        cells = (
            f"{cpu:.1f} ({elapsed:.0f}), {peak:.0f}, {megabytes[tool]:.0f}"
            for tool, (cpu, peak, elapsed) in results.of(size, "build").items()
        )
        print(f"| {size:,} | {' | '.join(cells)} |")
    counts = sorted(
        {c for size in sizes for tool in TOOLS for c in results.of(size, tool)}, key=int
    )
    for what, told in (
        ("seconds of CPU", lambda cell: f"{cell[0]:.2f}"),
        ("peak MB", lambda cell: f"{cell[1]:.0f}"),
    ):
        for tool in TOOLS:
            print(f"\n{tool}, {what} of a run of so many queries\n")
            print(f"| records | {' | '.join(f'{int(c):,}' for c in counts)} |")
            print(f"|---{'|---' * len(counts)}|")
            for size in sizes:
                row = results.of(size, tool)
                cells = (told(row[c]) if c in row else "-" for c in counts)
                print(f"| {size:,} | {' | '.join(cells)} |")
    print(
        f"\nQueries a second of CPU\n\n| records | {' | '.join(TOOLS)} |\n|---{'|---' * len(TOOLS)}|"
    )
    for size in sizes:
        found = (rate(results.of(size, tool)) for tool in TOOLS)
        print(f"| {size:,} | {' | '.join('-' if r is None else f'{r:.1f}' for r in found)} |")


def plot(results: Results, path: Path) -> None:
    """Draw rate, cold start, build and memory over the size of the library."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.8), layout="constrained")
    axes = figure.subplots(2, 2).ravel()
    panels: tuple[tuple[str, Callable], ...] = (
        ("queries a second of CPU", lambda size, tool: rate(results.of(size, tool))),
        (
            "cold start of one query, s of CPU",
            lambda size, tool: results.of(size, tool).get("1", [None])[0],
        ),
        ("build, s of CPU", lambda size, tool: results.of(size, "build").get(tool, [None])[0]),
        (
            "peak memory of one query, MB",
            lambda size, tool: results.of(size, tool).get("1", [0, None])[1],
        ),
    )
    for panel, (what, value) in zip(axes, panels):
        build_ = what.startswith("build")
        for number, tool in enumerate(TOOLS):
            if tool == "search" and "second" not in what:
                continue
            told = "ours" if build_ and tool == "identify" else tool
            points = [(size, value(size, told)) for size in results.sizes]
            points = [(size, y) for size, y in points if y is not None]
            panel.plot(*zip(*points), marker="os^v"[number], color=f"C{number}", label=tool)
        panel.set(xscale="log", yscale="log", xlabel="reference records (COI)", ylabel=what)
        panel.legend()
    save_figure(figure, path, dpi=150)


if __name__ == "__main__":
    main()
