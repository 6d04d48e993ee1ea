"""How fast is the ledger, beside what the disk and the signature cost by themselves?

    python benchmarks/custody.py
    python benchmarks/custody.py --events 10000 --folder /mnt/other_disk

Appends by one and by four writers, each event synced; the worst wait of one of them;
verification of a long ledger by the command, with its second process; proofs. The ledgers are simulated.
"""

import argparse
import itertools
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from speed import cpu_of

from forensics.custody import Ledger, PrivateKey, create_ledger, open_ledger
from forensics.custody.ledger import NewAct
from forensics.custody.verify_bundle import root_with_leaf

RUNS = 5
SECONDS = 5.0  # each run of writers
WRITERS = 4
EXHIBITS = 100  # of a case: 401 events
TOGETHER = 1000  # events in a transaction, where a long ledger is made
KEY = PrivateKey(bytes(range(32)))  # of a simulated person; the same in every process


def new_ledger(folder: Path) -> Path:
    path = folder / "laboratory.db"
    create_ledger(
        path,
        key=KEY,
        laboratory="Simulated laboratory",
        person="amina",
        name="Amina Dupré",
        roles=["administrator", "manager", "custodian"],
    ).close()
    with open_ledger(path, key=KEY) as ledger:
        ledger.location(location="Store 1")
    return path


def acts(prefix: str) -> Iterator[NewAct]:
    """Yield acts of one case after the other: exhibits come in sealed, are stored, taken out, found mislabelled."""
    for number in itertools.count():
        case = {"case": f"{prefix}-{number}"}
        yield NewAct("case", case)
        for place in range(EXHIBITS):
            name = f"{prefix}-{number}/{place}"
            exhibit = {"exhibit": name, "description": "carved horn", "quantity": "120.5", "unit": "g",
                       "seals": [f"seal-{name}"]}  # fmt: skip
            things = {**case, "things": [name]}
            yield NewAct("receive", {**case, "exhibits": [exhibit], "seizure_place": "Quay 4"})
            yield NewAct("store", {**things, "location": "Store 1"})
            yield NewAct("retrieve", things)
            text = f"label {name} is smudged"
            yield NewAct("discrepancy", {**things, "kind": "other", "description": text})


def extend(path: Path, prefix: str, events: int) -> None:
    """Record so many events, many in a transaction."""
    with open_ledger(path, key=KEY) as ledger:
        series = acts(prefix)
        for left in range(events, 0, -TOGETHER):
            ledger.add_all(list(itertools.islice(series, min(left, TOGETHER))))


def record(ledger: Ledger, act: NewAct) -> None:
    ledger.add(act.type, **act.fields)


def write(path: Path, prefix: str) -> list[float]:
    """Record events for `SECONDS`; return what each took, seconds."""
    took = []
    with open_ledger(path, key=KEY) as ledger:
        ledger.size  # noqa: B018  replays before the clock starts
        end = time.perf_counter() + SECONDS
        for act in acts(prefix):
            began = time.perf_counter()
            if began >= end:
                return took
            record(ledger, act)
            took.append(time.perf_counter() - began)
    return took


def one_writer(path: Path, results) -> None:
    results.put(write(path, f"{os.getpid()}-{time.time_ns()}"))


def sync_time(folder: Path) -> float:
    """Median time of writing 4 kB and having them on the disk, seconds."""
    took = []
    with open(folder / "sync", "wb", buffering=0) as stream:
        for _ in range(100):
            began = time.perf_counter()
            stream.write(os.urandom(4096))
            os.fdatasync(stream.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def cpu_of_one(path: Path) -> float:
    with open_ledger(path, key=KEY) as ledger:
        ledger.size  # noqa: B018
        began = time.process_time()
        for act in itertools.islice(acts("cpu"), 200):
            record(ledger, act)
        return (time.process_time() - began) / 200


def spread(values: list[float], scale: float = 1.0, digits: int = 0) -> str:
    middle, low, high = statistics.median(values), min(values), max(values)
    return " ".join(
        (f"{middle * scale:,.{digits}f}", f"({low * scale:,.{digits}f}-{high * scale:,.{digits}f})")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=100_000, help="of the ledger verified")
    parser.add_argument("--folder", type=Path, help="where ledgers are written; default: TMPDIR")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        print(
            f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )
        print("\n| | found |\n|---|---|")
        print(f"| fdatasync of 4 kB, median of 100 | {sync_time(folder) * 1000:.2f} ms |")
        path = new_ledger(folder)
        print(f"| processor time of one event, mean of 200 | {cpu_of_one(path) * 1000:.2f} ms |")
        for writers in (1, WRITERS):
            rates, worst = [], []
            for _ in range(RUNS):
                results = context.Queue()
                group = [
                    context.Process(target=one_writer, args=(path, results)) for _ in range(writers)
                ]
                for process in group:
                    process.start()
                took = [results.get() for _ in group]
                for process in group:
                    process.join()
                rates.append(sum(map(len, took)) / SECONDS)
                worst.append(max(map(max, took)))
            print(
                f"| events a second, {writers} writers, {RUNS} runs of {SECONDS:.0f} s | {spread(rates)} |"
            )
            print(f"| worst wait of one event, {writers} writers | {max(worst):.2f} s |")
        with open_ledger(path) as ledger:
            missing = options.events - ledger.size
        if missing > 0:
            extend(path, "long", missing)
        began = time.perf_counter()
        cpu, peak = cpu_of((sys.executable, "-m", "forensics", "custody", "verify", path), folder)
        wall = time.perf_counter() - began
        print(
            f"| verification of {options.events:,} events | {wall:.1f} s ({cpu:.1f} s CPU), {peak:.0f} MB at most |"
        )
        print(f"| file | {path.stat().st_size / 2**20:.0f} MB |")
        with open_ledger(path) as ledger:
            began = time.perf_counter()
            ledger.size  # noqa: B018
            print(f"| opening it | {time.perf_counter() - began:.1f} s |")
            hashes = ledger.hashes()
            began = time.perf_counter()
            tree = ledger.tree()
            built = time.perf_counter() - began
        took = []
        for index in range(0, len(hashes), max(1, len(hashes) // 100)):
            began = time.perf_counter()
            proof = tree.inclusion_proof(index)
            took.append(time.perf_counter() - began)
            if root_with_leaf(hashes[index], index, len(hashes), proof) != tree.root():
                raise SystemExit("a proof does not hold")
        print(f"| tree read and built once | {built * 1000:.0f} ms |")
        print(f"| inclusion proof, 100 of them | {spread(took, 1000, 2)} ms |")


if __name__ == "__main__":
    main()
