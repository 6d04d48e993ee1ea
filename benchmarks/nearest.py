"""Are the nearest records found, how fast, and how soon is one query answered?

    python benchmarks/nearest.py
    python benchmarks/nearest.py --queries 100 --exhaustive 10 --cold 3 --repeats 1

COI without 1,000 held-out records is built into a library and the 1,000 are identified. For 300
of them the search is held against two yardsticks: `exhaustive_search`, the project's plain
version of the same definition, and a loop over edlib that shares nothing with the project.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import edlib
from evaluation import ROOT, Query, Record, need_programs, read_set, run, wilson
from peers import (
    MAXIMUM_ACCEPTED,
    MAXIMUM_REFUSED,
    megablast,
    versions,
    vsearch,
    write_files,
    write_queries,
)

from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import MINIMUM_COVERAGE, Search, exhaustive_search, search
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.library import open_library

LOCUS = "COI"
# The peers' speed is taken on so many queries; megablast would need a minute for 1,000.
PEER_QUERIES = 200
SEED = 20261124
EPSILON = 1e-9
# By the code what it stands for; written out, not taken from the project.
BASES = dict(
    A="A", C="C", G="G", T="T", R="AG", Y="CT", S="CG", W="AT", K="GT", M="AC",
    B="CGT", D="AGT", H="ACT", V="ACG", N="ACGT",
)  # fmt: skip
CODE = re.compile("[^ACGT]")
EQUAL = [(a, b) for a in BASES for b in BASES if a < b and set(BASES[a]) & set(BASES[b])]
FORENSICS = (sys.executable, "-m", "forensics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=1000, help="records held out")
    parser.add_argument("--exhaustive", type=int, default=300, help="of them, proved one by one")
    parser.add_argument("--repeats", type=int, default=3, help="runs of the speed of many")
    parser.add_argument("--cold", type=int, default=15, help="runs of the cold start of one")
    parser.add_argument("--output", type=Path, metavar="JSON")
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    # Names as deposited: what is nearest does not depend on them.
    records = read_set(LOCUS, reconciled=False)
    random.Random(SEED).shuffle(records)
    held_out, reference = records[: options.queries], records[options.queries :]
    queries = [Query(r.accession, s, r.species, r.genus, True) for r, s in held_out]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, reference, queries)
        run("vsearch", "--makeudb_usearch", "reference.fasta", "--output", "reference.udb",
            "--quiet", folder=folder)  # fmt: skip
        result = {"versions": versions(folder), "reference": len(reference)}
        result["build"] = build(folder, reference)
        index = open_library(folder / "library").index(LOCUS)
        result["speed"] = speed(folder, queries, options.repeats)
        result["cold start"] = cold_start(folder, queries[0], options.cold)
        result["agreement"] = agreement(folder, index, reference, queries, options.exhaustive)
    report(result)
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


# -- time and memory --------------------------------------------------------------


def measured(command: Sequence[object], folder: Path) -> tuple[float, float]:
    """Run a command to its end; return its seconds and the peak of its memory in MB."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _pid, status, usage = os.wait4(process.pid, 0)  # the usage of this child alone
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed with {process.returncode}: {' '.join(map(str, command))}")
    kilobyte = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return seconds, usage.ru_maxrss * kilobyte / 1e6


def build(folder: Path, reference: Sequence[Record]) -> dict[str, tuple[float, float]]:
    """Build the library without and with calibration; the second one is used afterwards."""
    (folder / "library.fasta").write_text(
        "".join(f">{r.accession}|{r.name}|{LOCUS}|\n{sequence}\n" for r, sequence in reference)
    )
    command = (*FORENSICS, "library", "build", "library.fasta", "--output", "library")
    command += ("--no-screening",)  # what is timed is the index
    return {
        "without calibration": measured((*command, "--no-calibration"), folder),
        "with calibration": measured(command, folder),
    }


def _commands(queries: str) -> dict[str, tuple]:
    return {
        "forensics": (*FORENSICS, "identify", queries, "--library", "library", "--format", "json"),
        "vsearch": ("vsearch", "--usearch_global", queries, "--db", "reference.udb",
                    "--id", FLOOR, "--strand", "both", "--userout", "out.tsv",
                    "--userfields", "query+target+id", "--threads", 1, "--quiet"),
        "megablast": ("blastn", "-task", "megablast", "-query", queries, "-db", "blast",
                      "-max_target_seqs", 10, "-num_threads", 1, "-outfmt", "6"),
    }  # fmt: skip


def speed(folder: Path, queries: Sequence[Query], repeats: int) -> dict[str, list[float]]:
    """Return queries a second, one thread each, the tools in turn."""
    few = queries[:PEER_QUERIES]
    write_queries(folder, queries)
    (folder / "queries.fasta").rename(folder / "all.fasta")
    write_queries(folder, few)
    (folder / "queries.fasta").rename(folder / "few.fasta")
    rates: dict[str, list[float]] = {}
    for _ in range(repeats):
        for tool in _commands(""):
            file, count = (
                ("all.fasta", len(queries)) if tool == "forensics" else ("few.fasta", len(few))
            )
            seconds, _peak = measured(_commands(file)[tool], folder)
            rates.setdefault(tool, []).append(count / seconds)
    return rates


def cold_start(folder: Path, query: Query, repeats: int) -> dict[str, list[float]]:
    """Return seconds of a new process that answers one query, the tools in turn."""
    (folder / "one.fasta").write_text(f">one\n{query.sequence}\n")
    commands = {**_commands("one.fasta"), "python -c pass": (sys.executable, "-c", "pass")}
    times: dict[str, list[float]] = {}
    for _ in range(repeats):
        for tool, command in commands.items():
            times.setdefault(tool, []).append(measured(command, folder)[0])
    return times


# -- are they the nearest? --------------------------------------------------------


def agreement(
    folder: Path, index: Index, reference: Sequence[Record], queries: Sequence[Query], count: int
) -> dict[str, int]:
    """Count the queries for which the best identity and every tie are those of the yardsticks."""
    found = dict.fromkeys(("queries", "with a neighbour", "plain version", "edlib loop"), 0)
    nearest: list[set[str]] = []
    queries = queries[:count]
    records = [index.sequence(haplotype) for haplotype in range(index.size)]
    expected = find_locus(index.locus).expected_length
    for query in queries:
        ours, plain = search(index, query.sequence), exhaustive_search(index, query.sequence)
        found["queries"] += 1
        found["with a neighbour"] += bool(plain.hits)
        found["plain version"] += _best(ours) == _best(plain)
        found["edlib loop"] += agrees(ours, whole_placements(records, query.sequence, expected))
        nearest.append({index.sequence(haplotype) for haplotype in _best(plain)[1]})
        if sys.stderr.isatty():
            print(f"\r{found['queries']} of {count}", end="", file=sys.stderr)
    write_queries(folder, queries)
    peers = {
        "vsearch, its defaults": vsearch(folder, len(queries), FLOOR, accepted=1, refused=32),
        f"vsearch, {MAXIMUM_ACCEPTED} accepted and {MAXIMUM_REFUSED} refused": vsearch(
            folder, len(queries), FLOOR
        ),
        "megablast": megablast(folder, len(queries)),
    }
    for tool, hits in peers.items():
        found[tool] = sum(
            bool(of_query) and reference[of_query[0][0]][1] in best
            for of_query, best in zip(hits, nearest)
        )
    return found


def _best(found: Search, placed: Callable = lambda hit: True) -> tuple[float, set[int]]:
    """Return the best identity and the haplotypes that reach it."""
    if not found.hits:
        return 0.0, set()
    best = found.hits[0].identity
    ties = {h.haplotype for h in found.hits if h.identity >= best - EPSILON and placed(h)}
    return round(best, 9), ties


def whole_placements(records: Sequence[str], sequence: str, expected: int) -> dict[int, float]:
    """Return by record the identity of the shorter placed whole in the longer: the nearest, and some that are farther.

    Every record is aligned on both strands; edlib is told to give up where it is farther than the best until now.
    """
    least = MINIMUM_COVERAGE * min(len(sequence), expected)
    strands = (sequence, reverse_complement(sequence))
    identities: dict[int, float] = {}
    best = FLOOR
    for number, record in enumerate(records):
        length = min(len(sequence), len(record))
        if length < least - EPSILON:
            continue
        equal = EQUAL if CODE.search(sequence) or CODE.search(record) else None
        for strand in strands:
            most = int((1 - best) * length + EPSILON)
            inner, outer = sorted((strand, record), key=len)
            edits = edlib.align(inner, outer, mode="HW", k=most, additionalEqualities=equal)
            if edits["editDistance"] >= 0:
                identity = 1 - edits["editDistance"] / length
                identities[number] = max(identity, identities.get(number, 0.0))
                best = max(best, identity)
    return identities


def agrees(ours: Search, loop: dict[int, float]) -> bool:
    """Compare with the loop, which knows no partial overlaps: nothing in it may be nearer."""
    best, ties = _best(ours, lambda hit: hit.placement == "whole")
    if any(identity > best + EPSILON for identity in loop.values()):
        return False
    return ties == {haplotype for haplotype, i in loop.items() if i >= best - EPSILON}


# -- the tables -------------------------------------------------------------------


def report(result: dict) -> None:
    """Print the tables."""
    print(f"{LOCUS}: {result['reference']} reference records; {result['versions']}\n")
    print("| build | seconds | peak MB |\n|---|---|---|")
    for way, (seconds, megabytes) in result["build"].items():
        print(f"| {way} | {seconds:.1f} | {megabytes:.0f} |")
    print(
        "\n| tool | queries a second, median (lowest-highest) | forensics over it |\n|---|---|---|"
    )
    own = statistics.median(result["speed"]["forensics"])
    for tool, rates in result["speed"].items():
        middle = statistics.median(rates)
        print(f"| {tool} | {middle:.0f} ({min(rates):.0f}-{max(rates):.0f}) | {own / middle:.2f} |")
    print("\n| cold start of one query | seconds, median (lowest-highest) |\n|---|---|")
    for tool, times in result["cold start"].items():
        print(f"| {tool} | {statistics.median(times):.3f} ({min(times):.3f}-{max(times):.3f}) |")
    found = dict(result["agreement"])
    total, near = found.pop("queries"), found.pop("with a neighbour")
    print(f"\n{total} queries held against the yardsticks, {near} with a neighbour at the floor.\n")
    print("| best identity and every tie as | agree | Wilson 95 % |\n|---|---|---|")
    for yardstick in ("plain version", "edlib loop"):
        print(f"| {yardstick} | {_of(found.pop(yardstick), total)} |")
    print("\n| first hit is a nearest neighbour | found | Wilson 95 % |\n|---|---|---|")
    for tool, hits in found.items():
        print(f"| {tool} | {_of(hits, near)} |")


def _of(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits} of {total} | {100 * low:.1f}-{100 * high:.1f} %"


if __name__ == "__main__":
    main()
