"""What of each aim of speed is taken already by parts that stay, if all else were free?

    python benchmarks/scale.py --folder scratch --sizes 10000 1000000
    python benchmarks/bounds.py --folder scratch

Commands run under Python's profiler. Counted are calls of the kernel (alignment, bounds, exemplars), which the
profiler does not slow down; the JSON encoder; SHA-256; what Python's import reads; fits of trees. What a query costs is
(run of all - run of one) / (queries - 1). The rest, which is our own Python, is left out: where the sum is above the aim,
no change of that Python would reach it. Where searches run in threads, what these take is the processor time of
the process less that of its first thread.
"""

import argparse
import json
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from custody import KEY
from evaluation import need_programs, read_set, write_fasta
from scale import KINDS, LENGTHS, LOCUS, queries_of, split
from speed import cpu_of, install, near_and_far, tools

#: How many times VSEARCH's rate is aimed at, by the number of records.
RATES = {10_000: 3, 100_000: 3, 1_000_000: 2}
_PROFILED = """
import cProfile, json, sys, time
from forensics.cli import main
profile = cProfile.Profile()
sys.argv = ["forensics", *sys.argv[2:]]
try:
    profile.runcall(main)
except SystemExit as end:
    if end.code not in (None, 0, 3):
        raise
profile.dump_stats("profile")
json.dump(time.process_time() - time.thread_time(), open("threads", "w"))
"""
#: A part, the end of the file and the name of the functions that take it; of all but the fits what they take themselves.
PARTS = {
    "kernel": ("", "_kernel."),
    "JSON": ("json/encoder.py", "encode"),
    "SHA-256": ("", "openssl_sha256"),
    "bytecode": ("", "marshal.loads"),
    "fits": ("gradient_boosting.py", "fit"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="that of scale.py")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    need_programs("vsearch")
    records = read_set(LOCUS, reconciled=False)
    built = [size for size in RATES if (options.folder / str(size) / "library").is_dir()]
    print(
        "| what | aim | kernel | JSON | other | together | the whole job |\n|---|---|---|---|---|---|---|"
    )
    for size in built:
        of_queries(options.folder / str(size), size, split(list(records)), options.repeats)
    with tempfile.TemporaryDirectory() as name:
        install(Path(name))
        of_start_and_far(Path(name), options.repeats)
        of_verification(options.repeats)
        of_build(Path(name), records)


def of_queries(folder: Path, size: int, sides: tuple[list, list], repeats: int) -> None:
    """Print what a query takes of each length and kind, beside so many times VSEARCH's rate; and of two threads."""
    for length in LENGTHS:
        for kind in KINDS:
            queries = queries_of(sides[0][:size] if kind == "known" else sides[1], length, kind)
            for file, texts in (("one", queries[:1]), ("many", queries)):
                write_fasta(folder / f"{file}.fasta", ((str(n), t) for n, t in enumerate(texts)))
            parts = [per_query(folder, len(queries)) for _ in range(repeats)]
            took = {
                tool: each(folder, tool, len(queries), repeats) for tool in ("vsearch", "identify")
            }
            row(
                f"{size:,} records, {length} bases, {kind}, ms", took["vsearch"] / RATES[size],
                middle(parts, "kernel"), middle(parts, "JSON"), 0.0, took["identify"],
            )  # fmt: skip
            locked = 1 - middle(parts, "kernel") / took["identify"]
            print(
                f"| two threads over one, the same | 1.8 | | | | at most {1 / (locked + (1 - locked) / 2):.2f} | |"
            )


def per_query(folder: Path, count: int) -> dict[str, float]:
    """Return what each part of a query takes, ms."""
    one, many = (
        profiled(folder, tools(LOCUS, f"{file}.fasta")["identify"][1:]) for file in ("one", "many")
    )
    return {part: 1000 * (many[part] - one[part]) / (count - 1) for part in PARTS}


def each(folder: Path, tool: str, count: int, repeats: int) -> float:
    """Return the milliseconds of CPU that a tool takes for a query."""
    taken = []
    for _ in range(repeats):
        one, many = (
            cpu_of(tools(LOCUS, f"{file}.fasta")[tool], folder)[0] for file in ("one", "many")
        )
        taken.append(1000 * (many - one) / (count - 1))
    return statistics.median(taken)


def of_start_and_far(folder: Path, repeats: int) -> None:
    """Print what the start of one known query takes, and each further one to which nothing is near."""
    near, far = near_and_far()
    for file, texts in (("near", near[:1]), ("one", far[:1]), ("many", far)):
        write_fasta(folder / f"{file}.fasta", ((str(n), text) for n, text in enumerate(texts)))
    embedded = {
        file: ("identify", f"{file}.fasta", "--jobs", 1) for file in ("near", "one", "many")
    }
    for command in embedded.values():  # compiles, and fills the disk's cache
        profiled(folder, command)
        cpu_of(("python/bin/forensics", *command), folder)
    runs = [
        {file: profiled(folder, command) for file, command in embedded.items()}
        for _ in range(repeats)
    ]
    clock = {
        file: statistics.median(
            cpu_of(("python/bin/forensics", *command), folder)[0] for _ in range(repeats)
        )
        for file, command in embedded.items()
    }
    click = statistics.median(
        cpu_of((sys.executable, "-c", "import click"), folder)[0] for _ in range(2 * repeats)
    )
    start = {part: 1000 * statistics.median(run["near"][part] for run in runs) for part in PARTS}
    row(
        "embedded library, start of one known query, ms (other: `import click`, SHA-256, bytecode)", 2300 * click,
        start["kernel"], start["JSON"], 1000 * click + start["SHA-256"] + start["bytecode"], 1000 * clock["near"],
    )  # fmt: skip
    further = [
        {part: 1000 * (run["many"][part] - run["one"][part]) / (len(far) - 1) for part in PARTS}
        for run in runs
    ]
    row(
        "embedded library, each further far query, ms", 5, middle(further, "kernel"), middle(further, "JSON"), 0.0,
        1000 * (clock["many"] - clock["one"]) / (len(far) - 1),
    )  # fmt: skip


def of_verification(repeats: int, count: int = 2000) -> None:
    """Print what the signatures of 100,000 events take, and the reading of their text, divided by two processors."""
    text = json.dumps({"things": ["K-1/7"], "location": "Store 1", "case": "K-1", "time": "2026-12-03T10:00:00Z"} | {
        f"field {n}": "a" * 40 for n in range(6)
    }).encode()  # fmt: skip
    signature, public = KEY.sign(text), KEY.public
    signed, read = [], []
    for _ in range(repeats):
        for taken, what in (
            (signed, lambda: public.verify(signature, text)),
            (read, lambda: json.loads(text)),
        ):
            began = time.process_time()
            for _n in range(count):
                what()
            taken.append(100_000 * (time.process_time() - began) / count)
    each_of = statistics.median(signed), statistics.median(read)
    row("`custody verify` of 100,000 events on two processors, s (other: Ed25519)", 8, 0.0, each_of[1] / 2,
        each_of[0] / 2, None)  # fmt: skip


def of_build(folder: Path, records: Sequence) -> None:
    """Print what the build of all of COI takes, screened and calibrated."""
    with open(folder / "library.fasta", "w", encoding="ascii") as handle:
        for record, sequence in records:
            handle.write(f">{record.accession}|{record.name}|{LOCUS}|\n{sequence}\n")
    command = ("library", "build", "library.fasta", "--output")
    whole = cpu_of(("python/bin/forensics", *command, "built"), folder)[0]
    parts = profiled(folder, (*command, "profiled"))
    modules, nothing = (
        statistics.median(cpu_of((sys.executable, "-c", code), folder)[0] for _ in range(3))
        for code in ("import sklearn.ensemble, scipy.stats", "pass")
    )
    row(
        f"`library build` of {len(records):,} COI, s (other: fits of trees, what they import)", 20,
        parts["kernel"] + parts["threads"], parts["JSON"], parts["fits"] + modules - nothing, whole,
    )  # fmt: skip


def profiled(folder: Path, command: Sequence[object]) -> dict[str, float]:
    """Run a command of ours under the profiler; return what each part took, and the threads, s."""
    program = folder / "python" / "bin" / "python"
    done = subprocess.run(
        [program, "-c", _PROFILED, "", *map(str, command)],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    stats = pstats.Stats(str(folder / "profile")).stats  # type: ignore[attr-defined]
    taken = {
        part: sum(
            cumulated if part == "fits" else own
            for (path, _line, name), (_c, _n, own, cumulated, _callers) in stats.items()
            if path.endswith(file) and function in name and (part != "fits" or name == "fit")
        )
        for part, (file, function) in PARTS.items()
    }
    return taken | {"threads": json.loads((folder / "threads").read_text())}


def middle(runs: Sequence[dict[str, float]], part: str) -> float:
    return statistics.median(run[part] for run in runs)


def row(
    what: str, aim: float, kernel: float, encoder: float, other: float, whole: float | None
) -> None:
    together = kernel + encoder + other
    told = f"**{together:.2f}**" if together > aim else f"{together:.2f}"
    print(
        f"| {what} | {aim:.2f} | {kernel:.2f} | {encoder:.2f} | {other:.2f} | {told} | "
        f"{'' if whole is None else format(whole, '.2f')} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
