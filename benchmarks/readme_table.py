"""The table of docs/how-good.md in one run: accuracy and speed beside BLAST, VSEARCH, SINTAX, BOLD's rule.

    python benchmarks/readme_table.py --jobs 2
    python benchmarks/readme_table.py --seeds 3 --queries 150 --repeats 3

Accuracy is that of `species_calls` on whole COI barcodes, speed that of `speed` (CPU of a
process, medians of paired runs, one thread). BOLD's engine is a web service and cannot be timed;
its published rule is applied to VSEARCH's hits (`peers.bold_rule`).
"""

import argparse
import json
import math
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from evaluation import Query, interval, need_programs, read_set
from peers import versions
from species_calls import one_split
from species_report import matched_ratio
from species_scores import Counts
from speed import measure, prepare, tools

import forensics

__all__ = ["ROWS", "main"]

LOCUS = "COI"
# Records that are taken out of the whole set to be the queries whose time is measured.
TIMED, SEED = 300, 20261125
# Half of the queries are of species that the reference lacks; one in ten is.
MIXES = (0.5, 0.9)

# Row of the table, setting of `species_calls`, tool whose speed it has (None: not measured).
ROWS = (
    ("**this program, defaults** (confidence 0.95, prior 0.9)", "ours, confidence 0.95, prior 0.9", "identify"),
    ("this program, confidence 0.95, prior 0.5", "ours, confidence 0.95, prior 0.5", "identify"),
    ("this program, confidence 0.8, prior 0.9", "ours, confidence 0.8, prior 0.9", "identify"),
    ("BLAST (megablast), best hit from 99 %", "megablast top hit 99%", "megablast"),
    ("VSEARCH, best hit from 99 %", "vsearch top hit 99%", "vsearch"),
    ("VSEARCH, ties to the common ancestor, 99 %", "vsearch ties to ancestor 99%", "vsearch"),
    ("SINTAX (VSEARCH) at 0.8", "sintax 0.8", "sintax"),
    ("BOLD's published rule, 1 % (the rule, not the service)", "BOLD's rule 99%", None),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="splits")
    parser.add_argument("--queries", type=int, default=300,
                        help="known queries a split, and novel ones, at most")  # fmt: skip
    parser.add_argument("--repeats", type=int, default=5, help="paired runs of the clock")
    parser.add_argument("--jobs", type=int, default=1, help="splits at the same time")
    parser.add_argument("--output", type=Path, metavar="JSON")
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    read_set(LOCUS)  # ends here, not in a worker, where the data are absent
    begun, load = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), os.getloadavg()
    # The clock first, while this program alone keeps the machine busy.
    speed = timed(options.repeats)
    with ProcessPoolExecutor(options.jobs) as pool:
        calls = list(pool.map(_split, range(options.seeds), [options.queries] * options.seeds))
    results = {"machine": machine(begun, load), "speed": speed, "calls": calls}
    report(results)
    if options.output:
        text = json.dumps(results, indent=1, default=vars)
        options.output.write_text(text + "\n", encoding="utf-8")


def _split(seed: int, most: int) -> dict:
    return one_split(LOCUS, seed, (), most)[0]


def timed(repeats: int) -> dict[str, dict[str, list[float]]]:
    """Return the CPU seconds of each tool: of one query, and of each of many."""
    records = read_set(LOCUS, reconciled=False)
    random.Random(SEED).shuffle(records)
    queries = [Query(r.accession, s, r.species, r.genus, True) for r, s in records[:TIMED]]
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), LOCUS, records[TIMED:], queries)
        seconds = measure(Path(name), LOCUS, repeats, commands=_commands)
    return {
        tool: {
            "cold": used["one"],
            "each": [(m - o) / (TIMED - 1) for o, m in zip(used["one"], used["many"])],
        }
        for tool, used in seconds.items()
        if "many" in used
    }


def _commands(locus: str, queries: str) -> dict[str, tuple]:
    commands = tools(locus, queries)
    sintax = ("vsearch", "--sintax", queries, "--db", "reference.udb", "--strand", "both",
              "--tabbedout", "out.tsv", "--threads", 1, "--randseed", 1, "--quiet")  # fmt: skip
    return {tool: commands[tool] for tool in ("identify", "vsearch", "megablast")} | {
        "sintax": sintax
    }


def machine(begun: str, load: Sequence[float]) -> dict[str, str]:
    """Return when and where this was measured, and with what."""
    model = "unknown"
    if Path("/proc/cpuinfo").is_file():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {
        "date": begun,
        "machine": f"{os.cpu_count()} cores, {model}",
        "load before": f"{load[0]:.1f}",
        "python": platform.python_version(),
        "wildlife-forensics": forensics.__version__,
        **versions(Path.cwd()),
    }


# -- the tables -------------------------------------------------------------------


def report(results: dict) -> None:
    """Print the table of the README, then that of counts and times."""
    calls, speed = results["calls"], results["speed"]
    print("\n" + ", ".join(f"{key} {value}" for key, value in results["machine"].items()))
    first = calls[0]["counts"][ROWS[0][1]]
    print(
        f"\n{LOCUS}, whole sequences: {len(calls)} splits, in the first {first.known} queries whose "
        f"species is in the reference and {first.novel} whose species was taken out. Mean ± half of "
        f"the 95 % interval over splits, in %. Speed: {len(speed['identify']['cold'])} paired runs.\n"
    )
    print(
        "| | named right, species known | named wrong, species known | a species named, species "
        "missing | wrong of all names, half of the species missing | the same, one in ten missing | "
        "queries a second and core | first answer, ms |"
    )
    print("|---" * 8 + "|")
    for title, setting, tool in ROWS:
        counts = [split["counts"][setting] for split in calls]
        print(f"| {title} | {' | '.join((*_accuracy(counts), *_speed(speed.get(tool))))} |")
    print(
        "\n| setting | known | right | wrong | novel | a species named |\n|---|---|---|---|---|---|"
    )
    for _title, setting, _tool in ROWS:
        rows = [vars(split["counts"][setting]) for split in calls]
        keys = ("known", "correct", "wrong", "novel", "over_called")
        print(f"| {setting} | {' | '.join(str(sum(row[key] for row in rows)) for key in keys)} |")
    _matched(calls)
    print("\n| tool | ms of CPU a query (lowest-highest) | cold start, ms |\n|---|---|---|")
    for tool, used in speed.items():
        print(f"| {tool} | {_spread(used['each'], 2)} | {_spread(used['cold'], 0)} |")


def _matched(calls: Sequence[dict]) -> None:
    print(
        "\nWhere this program names as many known species as the tool (prior 0.5): wrong of all names, "
        "the tool → this program, in %\n\n| setting | our confidence | half missing | one in ten missing |"
        "\n|---|---|---|---|"
    )
    for _title, setting, _tool in ROWS:
        if setting not in calls[0]["matched"]:
            continue  # one of our own
        cells, sure = [], math.nan
        for mix in MIXES:
            peer, own, _told, sure, _hindsight = matched_ratio(calls, setting, f"{mix}")
            cells.append(f"{100 * peer:.1f} → {100 * own:.1f}")
        print(f"| {setting} | {sure:.2f} | {' | '.join(cells)} |")


def _accuracy(counts: Sequence[Counts]) -> list[str]:
    figures = (
        [c.correct / c.known for c in counts],
        [c.wrong / c.known for c in counts],
        [c.over_called / c.novel for c in counts],
        *([c.wrong_per_call(mix) for c in counts] for mix in MIXES),
    )
    cells = []
    for shares in figures:
        mean, half = interval(shares)
        cells.append(f"{100 * mean:.1f} ± {100 * half:.1f}")
    return cells


def _speed(used: dict[str, list[float]] | None) -> list[str]:
    if used is None:
        return ["-", "-"]
    rate, cold = 1 / statistics.median(used["each"]), 1000 * statistics.median(used["cold"])
    return [f"{rate:.0f}", f"{cold:.0f}"]


def _spread(seconds: Sequence[float], digits: int) -> str:
    middle, low, high = (1000 * of(seconds) for of in (statistics.median, min, max))
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


if __name__ == "__main__":
    sys.exit(main())
