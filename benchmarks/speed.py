"""How fast is one sample, how fast are many, beside VSEARCH and megablast, and is the proof kept?

    python benchmarks/speed.py
    python benchmarks/speed.py --repeats 1 --proved 20

Real COI and 12S. What is timed is the CPU of a process (user and system), since machines are
shared; tools run in turn, the figures are medians, and the ratios those of the paired runs. A
query's time among many is (CPU of all queries - CPU of one) / (queries - 1), so that no tool pays
for its start. All use one thread and both strands; VSEARCH has a .udb, BLAST its database.

"identify" is the whole job of ``forensics identify``: reading, primers, search, checks, call. "search"
is what the peers do: the nearest records of each query. "reference" is the search without the compiled
kernel, on the first of the queries alone: it takes many times as long.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from evaluation import ROOT, Query, Record, need_programs, read_set, run, wilson, write_fasta
from nearest import agrees, whole_placements
from peers import versions, write_files, write_queries
from scipy.stats import linregress

from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.matching.search import search
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.library import open_library

__all__ = ["cpu_of", "measure", "prepare", "tools"]

# Records held out; the whole set is small at 12S. COI is also cut down, to see how the proof
# and the speed change with the size of the library.
SETS = (("12S", 150, None), ("COI", 300, 1000), ("COI", 300, None))
SEED = 20261125
# So many queries the reference is timed with.
BY_REFERENCE = 20
# So many queries to which nothing in the embedded library is near.
FAR = 41
# So many sequences as long as a mitogenome, a quarter and four times as long: a real piece of COI among random bases.
LONG, LENGTHS = 6, (4_000, 16_000, 64_000)
_SEARCH = """
import os, sys
if sys.argv[4] == "reference":
    os.environ["FORENSICS_PURE"] = "1"
from itertools import islice
from forensics.barcode.matching.search import search
from forensics.barcode.reference.library import open_library
index = open_library(sys.argv[1]).index(sys.argv[2])
with open(sys.argv[3], encoding="ascii") as handle:
    for line in islice((line for line in handle if line[0] != ">"), int(sys.argv[5])):
        best = search(index, line.rstrip()).hits
        print(best[0] if best else None)
"""
# What pip writes as the command ``forensics``.
_COMMAND = """#!{python}
import sys
from forensics.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""
# The usage of one child, asked for by a process that is small itself: a child's peak of memory begins
# with that of who started it.
_LAUNCH = """
import os, subprocess, sys
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
child = subprocess.Popen(sys.argv[1:], **quiet)
_pid, status, usage = os.wait4(child.pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="paired runs")
    parser.add_argument("--proved", type=int, default=300, help="queries held against edlib")
    parser.add_argument(
        "--sets", type=int, nargs="+", default=range(len(SETS)), help="of SETS, from 0"
    )
    parser.add_argument("--output", type=Path, metavar="JSON")
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    results: list[dict] = []
    with tempfile.TemporaryDirectory() as name:
        results.append(of_embedded(Path(name), options.repeats))
    report_embedded(results[-1])
    for locus, held_out, most in (SETS[number] for number in options.sets):
        with tempfile.TemporaryDirectory() as name:
            results.append(of_set(Path(name), locus, held_out, most, options))
        report(results[-1])
    if options.output:
        options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def of_set(folder: Path, locus: str, held_out: int, most: int | None, options) -> dict:
    """Build the libraries of one set, time the tools, hold the search against edlib."""
    # Names as deposited: what is nearest does not depend on them.
    records = read_set(locus, reconciled=False)
    random.Random(SEED).shuffle(records)
    queries = [Query(r.accession, s, r.species, r.genus, True) for r, s in records[:held_out]]
    reference = records[held_out:][:most]
    prepare(folder, locus, reference, queries)
    return {
        "locus": locus,
        "reference": len(reference),
        "queries": len(queries),
        "versions": versions(folder),
        "cpu": measure(folder, locus, options.repeats),
        "agreement": agreement(folder, locus, queries, options.proved),
    }


def prepare(
    folder: Path, locus: str, reference: Sequence[Record], queries: Sequence[Query]
) -> None:
    """Write what the tools need into a folder; all indexes are built before the clock starts."""
    write_files(folder, reference, queries[:1])
    (folder / "queries.fasta").rename(folder / "one.fasta")
    write_queries(folder, queries)
    (folder / "queries.fasta").rename(folder / "many.fasta")
    run("vsearch", "--makeudb_usearch", "reference.fasta", "--output", "reference.udb",
        "--quiet", folder=folder)  # fmt: skip
    (folder / "library.fasta").write_text(
        "".join(f">{r.accession}|{r.name}|{locus}|\n{sequence}\n" for r, sequence in reference)
    )
    cpu_of(
        (sys.executable, "-m", "forensics", "library", "build", "library.fasta",
         "--output", "library", "--no-screening", "--no-calibration"),
        folder,
    )  # fmt: skip
    install(folder)


def install(folder: Path) -> None:
    """Make ``python/bin/forensics``, to which packages are where pip puts them for a user.

    An editable installation, as developers have it, searches for each package in a way of its own and
    takes some milliseconds for it.
    """
    venv.create(folder / "python", symlinks=True)
    scheme = {"base": str(folder / "python")}
    libraries = Path(sysconfig.get_path("purelib", vars=scheme))
    paths = f"{ROOT}\n{sysconfig.get_path('purelib')}\n"
    (libraries / "installed.pth").write_text(paths, encoding="utf-8")
    program = folder / "python" / "bin" / "forensics"
    text = _COMMAND.format(python=program.with_name("python").absolute())
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)


def tools(locus: str, queries: str) -> dict[str, tuple]:
    """Return the command of each tool."""
    search_ = (sys.executable, "-c", _SEARCH, "library", locus, queries)
    return {
        "identify": ("python/bin/forensics", "identify", queries,
                     "--library", "library", "--format", "json", "--jobs", 1),
        "search": (*search_, "kernel", 1_000_000),
        "search, reference": (*search_, "reference", BY_REFERENCE),
        "vsearch": ("vsearch", "--usearch_global", queries, "--db", "reference.udb",
                    "--id", FLOOR, "--strand", "both", "--userout", "out.tsv",
                    "--userfields", "query+target+id", "--threads", 1, "--quiet"),
        "megablast": ("blastn", "-task", "megablast", "-query", queries, "-db", "blast",
                      "-max_target_seqs", 10, "-num_threads", 1, "-outfmt", "6"),
    }  # fmt: skip


def measure(
    folder: Path, locus: str, repeats: int, *, commands: Callable[[str, str], dict] = tools
) -> dict[str, dict[str, list[float]]]:
    """Return CPU seconds of one query and of many, the tools (of `commands`) in turn."""
    seconds: dict[str, dict[str, list[float]]] = {}
    # The first run of each is not counted: it compiles Python's modules and fills the disk's cache.
    for turn in range(repeats + 1):
        for size, file in (("one", "one.fasta"), ("many", "many.fasta")):
            for tool, command in commands(locus, file).items():
                if turn == 0 and size == "many":
                    continue
                used = cpu_of(command, folder)[0]
                if turn:
                    seconds.setdefault(tool, {}).setdefault(size, []).append(used)
        if turn:
            for code in ("pass", "import click"):
                empty = cpu_of((sys.executable, "-c", code), folder)[0]
                seconds.setdefault(f"python -c '{code}'", {}).setdefault("one", []).append(empty)
    return seconds


def of_embedded(folder: Path, repeats: int) -> dict[str, list[float]]:
    """Return CPU seconds with the embedded library, as it is for who gives no option.

    One sequence that is near to a record, beside ``import click``; one to which nothing is near, and `FAR` of them;
    one and `LONG` of each of `LENGTHS` (SIMULATED).
    """
    near, far = near_and_far()
    install(folder)
    commands: dict[str, tuple[object, ...]] = {
        "import click": (sys.executable, "-c", "import click")
    }
    queries = {"one near": near[:1], "one far": far[:1], "far": far}
    rng = random.Random(SEED)
    for length in LENGTHS:
        texts = [long_around(sequence, length, rng) for sequence in (near + far)[:LONG]]
        queries |= {f"one of {length}": texts[:1], f"{length}": texts}
    for name, sequences in queries.items():
        write_fasta(folder / f"{name}.fasta", ((str(n), text) for n, text in enumerate(sequences)))
        commands[name] = ("python/bin/forensics", "identify", f"{name}.fasta", "--jobs", 1)
    seconds: dict[str, list[float]] = {}
    for turn in range(repeats + 1):  # the first compiles
        for name, command in commands.items():
            used = cpu_of(command, folder)[0]
            if turn:
                seconds.setdefault(name, []).append(used)
    return seconds


def near_and_far() -> tuple[list[str], list[str]]:
    """Return real sequences of COI that are near to a record of the embedded library, and `FAR` that are near to none."""
    index = open_library().index("COI")
    records = read_set("COI", reconciled=False)
    random.Random(SEED).shuffle(records)
    is_near = {sequence: bool(search(index, sequence).hits) for _record, sequence in records[:2000]}
    near, far = (
        [text for text, near in is_near.items() if near is which] for which in (True, False)
    )
    return near, far[:FAR]


def long_around(sequence: str, length: int, rng: random.Random) -> str:
    """Return a sequence of a length, random but for a real one somewhere in it (SIMULATED)."""
    start = rng.randrange(length - len(sequence))
    others = "".join(rng.choices("ACGT", k=length - len(sequence)))
    return others[:start] + sequence + others[start:]


def cpu_of(command: Sequence[object], folder: Path) -> tuple[float, float]:
    """Run a command to its end; return its CPU seconds and the peak of its memory in MB."""
    environment = dict(os.environ)
    if str(command[0]) == sys.executable:
        environment["PYTHONPATH"] = str(ROOT)
    # As installed: modules are compiled once, wherever the developer keeps them from it.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    command = [sys.executable, "-I", "-S", "-c", _LAUNCH, *map(str, command)]
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    seconds, peak, code = map(float, told.stdout.split())
    if code:
        sys.exit(f"failed with {code:.0f}: {' '.join(command[5:])}")
    kilobyte = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return seconds, peak * kilobyte / 1e6


def agreement(folder: Path, locus: str, queries: Sequence[Query], count: int) -> dict[str, int]:
    """Count the queries whose best identity and ties are those of a loop over edlib.

    Where the set is too small for so many queries, they are also taken from the other strand.
    """
    index = open_library(folder / "library").index(locus)
    sequences = [query.sequence for query in queries]
    sequences = [*sequences, *map(reverse_complement, sequences)][:count]
    records = [index.sequence(haplotype) for haplotype in range(index.size)]
    expected = find_locus(locus).expected_length
    found = {"queries": len(sequences), "with a neighbour": 0, "agree": 0}
    for number, sequence in enumerate(sequences, 1):
        loop = whole_placements(records, sequence, expected)
        found["with a neighbour"] += bool(loop)
        found["agree"] += agrees(search(index, sequence), loop)
        if sys.stderr.isatty():
            print(f"\r{number} of {count}", end="", file=sys.stderr)
    return found


# -- the tables -------------------------------------------------------------------


def report(result: dict) -> None:
    """Print the tables of one set."""
    cpu, queries = result["cpu"], result["queries"]
    print(
        f"\n{result['locus']}: {result['reference']} reference records, {queries} queries; "
        f"{result['versions']}\n"
    )
    print("| | ms of CPU a query | queries a second | its rate / VSEARCH's | / megablast's |")
    print("|---|---|---|---|---|")
    each = {}
    for tool, times in cpu.items():
        count = min(queries, BY_REFERENCE) if tool == "search, reference" else queries
        if "many" in times:
            pairs = zip(times["one"], times["many"])
            each[tool] = [(many - one) / (count - 1) for one, many in pairs]
    for tool, times in each.items():
        middle = statistics.median(times)
        ratios = " | ".join(_ratio(each[peer], times) for peer in ("vsearch", "megablast"))
        print(f"| {tool} | {_spread(times)} | {1 / middle:.0f} | {ratios} |")
    print("\n| cold start of one query | ms of CPU | identify / it |\n|---|---|---|")
    for tool, times in cpu.items():
        if tool != "search":
            ratio = _ratio(cpu["identify"]["one"], times["one"])
            print(f"| {tool} | {_spread(times['one'])} | {ratio} |")
    found = result["agreement"]
    low, high = wilson(found["agree"], found["queries"])
    print(
        f"\nBest identity and every tie as a loop over edlib: {found['agree']} of "
        f"{found['queries']} ({100 * low:.1f}-{100 * high:.1f} %), {found['with a neighbour']} with "
        "a neighbour."
    )


def report_embedded(seconds: dict[str, list[float]]) -> None:
    """Print what one sequence and each further far one cost with the embedded library."""
    each = [(many - one) / (FAR - 1) for one, many in zip(seconds["one far"], seconds["far"])]
    print(
        "\nEmbedded library, as a table on the screen\n\n| | ms of CPU | over `import click` |\n|---|---|---|"
    )
    for name in ("import click", "one near", "one far"):
        ratio = _ratio(seconds[name], seconds["import click"])
        print(f"| {name} | {_spread(seconds[name])} | {ratio} |")
    print(f"| each further far, of {FAR} | {_spread(each)} | |")
    middles = []
    for length in LENGTHS:
        pairs = zip(seconds[f"one of {length}"], seconds[f"{length}"])
        each = [(many - one) / (LONG - 1) for one, many in pairs]
        middles.append(statistics.median(each))
        print(f"| each further of {length:,} bases, of {LONG} | {_spread(each)} | |")
    line = linregress(*np.log((LENGTHS, middles)))
    print(
        f"\nLong ones grow with the power {line.slope:.2f} of their bases (r² {line.rvalue**2:.2f})"
    )


def _spread(seconds: Sequence[float], form: Callable = "{:.2f}".format) -> str:
    one, low, high = (1000 * f(seconds) for f in (statistics.median, min, max))
    return f"{form(one)} ({form(low)}-{form(high)})"


def _ratio(above: Sequence[float], below: Sequence[float]) -> str:
    """Return the median ratio of paired runs."""
    return f"{statistics.median(a / b for a, b in zip(above, below)):.2f}"


if __name__ == "__main__":
    main()
