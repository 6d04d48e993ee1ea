"""How do build, memory, cold start and speed grow with the library and with the queries?

    python benchmarks/scale.py --plot benchmarks/scale.svg
    python benchmarks/scale.py --sizes 1000 10000 --queries 1 100

Real COI records; a library of more than there are holds mutated copies of them too (a share of
up to 5 % of the bases is drawn anew), good for speed and nothing else. The queries are real and not in
the library, for the longest run repeated. CPU is that of a whole process, its start included.
"""

import argparse
import json
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from evaluation import Query, Record, need_programs, read_set, run
from peers import versions, write_files, write_queries
from speed import cpu_of, tools

from forensics.drawing import save_figure

LOCUS = "COI"
SEED = 20261125
HELD_OUT = 1000
SIZES, QUERIES = (1_000, 10_000, 100_000), (1, 100, 1_000)
# megablast takes half a second a query at 100,000 records: the peers get no more than so many.
PEER_QUERIES = 100
MUTATED = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="reference records")
    parser.add_argument("--queries", type=int, nargs="+", default=QUERIES, help="a run")
    parser.add_argument("--plot", type=Path, metavar="FILE")
    parser.add_argument("--output", type=Path, metavar="JSON")
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    records = read_set(LOCUS, reconciled=False)
    random.Random(SEED).shuffle(records)
    queries = [
        Query(r.accession, s, r.species, r.genus, True) for r, s in records[:HELD_OUT]
    ]  # fmt: skip
    results = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            results.append(of_size(Path(name), records[HELD_OUT:], size, queries, options.queries))
        print(f"{size} done", file=sys.stderr)
    report(results)
    if options.output:
        options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        plot(results, options.plot)


def library_of(records: list[Record], size: int) -> list[Record]:
    """Return so many records, the first ones real, the others mutated copies."""
    rng = random.Random(SEED)
    found = records[:size]
    while len(found) < size:
        record, sequence = records[len(found) % len(records)]
        bases = list(sequence)
        for _ in range(1 + rng.randrange(max(1, int(MUTATED * len(bases))))):
            bases[rng.randrange(len(bases))] = rng.choice("ACGT")
        record = replace(record, accession=f"{record.accession}x{len(found)}")
        found.append((record, "".join(bases)))
    return found


def of_size(
    folder: Path, records: list[Record], size: int, queries: list[Query], counts: list[int]
) -> dict:
    """Build a library of one size, identify so many queries, and let the peers do it."""
    reference = library_of(records, size)
    write_files(folder, reference, queries[:1])
    run("vsearch", "--makeudb_usearch", "reference.fasta", "--output", "reference.udb",
        "--quiet", folder=folder)  # fmt: skip
    with open(folder / "library.fasta", "w", encoding="ascii") as handle:
        for record, sequence in reference:
            handle.write(f">{record.accession}|{record.name}|{LOCUS}|\n{sequence}\n")
    build = cpu_of(
        (sys.executable, "-m", "forensics", "library", "build", "library.fasta",
         "--output", "library", "--no-screening", "--no-calibration"),
        folder,
    )  # fmt: skip
    index = (folder / "library" / LOCUS / "index.bin").stat().st_size / 1e6
    result = {"records": size, "versions": versions(folder), "build": build, "index MB": index}
    cpu_of(tools(LOCUS, "queries.fasta")["identify"], folder)  # compiles, fills the disk's cache
    for count in counts:
        many = [queries[n % len(queries)] for n in range(count)]
        write_queries(folder, many)
        for tool, command in tools(LOCUS, "queries.fasta").items():
            if tool == "search without C" or (
                "search" != tool != "identify" and count > PEER_QUERIES
            ):
                continue
            result.setdefault(tool, {})[str(count)] = cpu_of(command, folder)
    return result


# -- the tables -------------------------------------------------------------------


def each(times: dict[str, tuple[float, float]]) -> float:
    """Return seconds of CPU a query, those of the start taken off where one was run alone."""
    most = max(times, key=int)
    if most == "1":
        return times["1"][0]
    alone = times["1"][0] if "1" in times else 0.0
    return (times[most][0] - alone) / (int(most) - bool(alone))


def report(results: list[dict]) -> None:
    """Print the tables."""
    print(f"{LOCUS}; {results[0]['versions']}\n")
    print("| records | build, s of CPU | its peak MB | index MB |\n|---|---|---|---|")
    for one in results:
        seconds, peak = one["build"]
        print(f"| {one['records']:,} | {seconds:.1f} | {peak:.0f} | {one['index MB']:.0f} |")
    names = ("identify", "search", "vsearch", "megablast")
    counts = sorted(results[0]["identify"], key=int)
    for place, what, form in ((0, "seconds of CPU", "{:.2f}"), (1, "peak MB", "{:.0f}")):
        for tool in names:
            here = [count for count in counts if count in results[0][tool]]
            print(f"\n{tool}, {what} of a run of so many queries\n")
            print(f"| records | {' | '.join(here)} |\n|---{'|---' * len(here)}|")
            for one in results:
                cells = (form.format(one[tool][count][place]) for count in here)
                print(f"| {one['records']:,} | {' | '.join(cells)} |")
    print(f"\nQueries a second\n\n| records | {' | '.join(names)} |\n|---{'|---' * len(names)}|")
    for one in results:
        print(
            f"| {one['records']:,} | {' | '.join(f'{1 / each(one[tool]):.1f}' for tool in names)} |"
        )


def plot(results: list[dict], path: Path) -> None:
    """Draw queries a second and cold start over the size of the library."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    rate, cold = figure.subplots(1, 2)
    sizes = [one["records"] for one in results]
    for number, tool in enumerate(("identify", "search", "vsearch", "megablast")):
        style = {"marker": "os^v"[number], "color": f"C{number}", "label": tool}
        rate.plot(sizes, [1 / each(one[tool]) for one in results], **style)
        if tool != "search":
            cold.plot(sizes, [1000 * one[tool]["1"][0] for one in results], **style)
    for axes, what in (
        (rate, "queries a second of CPU"),
        (cold, "cold start of one query, ms of CPU"),
    ):
        axes.set(xscale="log", yscale="log", xlabel="reference records (COI)", ylabel=what)
        axes.legend()
    save_figure(figure, path, dpi=150)


if __name__ == "__main__":
    main()
