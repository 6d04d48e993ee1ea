"""Seizure records: what validation finds of planted errors (SIMULATED), and two real sets imported.

python benchmarks/trade.py
python benchmarks/trade.py --rows 5000 --errors 300 --seed 1
"""

import argparse
import csv
import io
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # the checkout, and its simulations

from trade_simulation import as_csv, planted  # noqa: E402

from forensics.trade.checks import validate  # noqa: E402
from forensics.trade.exchange import write_aitr  # noqa: E402
from forensics.trade.importing import import_file  # noqa: E402
from forensics.trade.record import number_text  # noqa: E402
from forensics.trade.store import create_store, memory_store  # noqa: E402

__all__ = ["main"]

DATA = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
REAL = {"manidae.csv": "cites-shipments", "brazil_prf_seizures_2015_2020.csv": "brazil-prf"}


def simulated(rows: int, errors: int, seed: int) -> None:
    """Print what is found, missed and told wrongly, of records that are SIMULATED."""
    table, truth = planted(rows, errors, seed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "simulated.csv"
        file.write_bytes(as_csv(table))
        start = time.perf_counter()
        with create_store(Path(folder) / "store.db") as store:
            import_file(store, file)
            imported = time.perf_counter() - start
            start = time.perf_counter()
            found = validate(store)
            validated = time.perf_counter() - start
            workbook(list(store.seizures()))
    told = defaultdict(set)
    for one in found.problems:
        if one.severity != "note":
            told[one.row].add(one.code)
    of_kind: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in truth:
        of_kind[one.kind][0] += 1
        of_kind[one.kind][1] += bool(told[one.row] & one.codes)
        of_kind[one.kind][2] += bool(told[one.row])
    print(f"SIMULATED: {rows} records, {len(truth)} planted errors, seed {seed}")
    print(f"import {imported:.2f} s, validation {validated:.2f} s")
    print("| planted | number | found as such | row told of |\n|---|---|---|---|")
    for kind, (number, right, any_code) in sorted(of_kind.items()):
        print(f"| {kind} | {number} | {right} | {any_code} |")
    right = sum(counts[1] for counts in of_kind.values())
    bad = {one.row for one in truth}
    extra = Counter(code for row, codes in told.items() if row not in bad for code in codes)
    beside = sum(len(told[one.row] - one.codes) for one in truth)
    false = sum(row not in bad for row in told if told[row])
    print(f"found {right}, missed {len(truth) - right}")
    print(
        f"rows without an error: {rows - len(truth)}; of them told of wrongly: {false} {dict(extra)}"
    )
    print(f"codes told of a row with an error beside the right one: {beside}")


def workbook(seizures: list) -> None:
    """Print whether openpyxl reads the cells of the report that were written, one by one."""
    import openpyxl

    start = time.perf_counter()
    made = write_aitr(seizures, ending="xlsx")
    took = time.perf_counter() - start
    plain = csv.reader(io.StringIO(write_aitr(seizures).data.decode("utf-8-sig"), newline=""))
    sheet = openpyxl.load_workbook(io.BytesIO(made.data))["report"]
    cells = differing = formulas = 0
    for row, wanted in zip(sheet.iter_rows(), plain, strict=True):
        for cell, text in zip(row, wanted, strict=True):
            value = number_text(cell.value) if isinstance(cell.value, (int, float)) else cell.value
            cells += 1
            differing += (value or "") != text
            formulas += cell.data_type == "f"
    print(
        f"report: {made.records} rows in {took:.2f} s; openpyxl reads {cells} cells, "
        f"{differing} differ, {formulas} are formulas"
    )


def real(folder: Path) -> None:
    """Print rows read, parsed and flagged of real files."""
    for name, mapping in REAL.items():
        start = time.perf_counter()
        with memory_store() as store:
            report = import_file(store, folder / "trade" / name, mapping=mapping)
            took = time.perf_counter() - start
            start = time.perf_counter()
            found = validate(store)
            checked = time.perf_counter() - start
            kept = store.counts()["rows"]
        flagged = {one.row for one in found.problems if one.severity != "note"}
        print(f"{name}: {report.rows} rows read, {kept} kept, {report.seizures} records, "
              f"{report.specimens} specimens")  # fmt: skip
        print(f"  parsed {report.parsed} rows, told of in reading {report.flagged}, "
              f"in reading or validation {len(flagged)}; {took:.2f} s and {checked:.2f} s")  # fmt: skip
        print(f"  {dict(sorted(found.counts.items(), key=lambda pair: -pair[1]))}")


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--errors", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    simulated(given.rows, given.errors, given.seed)
    if not (DATA / "trade").is_dir():
        print(f"no evaluation data in {DATA}; set FORENSICS_EVALUATION_DATA", file=sys.stderr)
        sys.exit(3)
    real(DATA)


if __name__ == "__main__":
    main()
