"""Seizure records: two real files, and planted errors in SIMULATED records, as the benchmark counts them."""

from collections import defaultdict

import pytest
from trade_simulation import as_csv, planted

from forensics.trade import import_file, validate
from forensics.trade.sheets import read_sheets, row_sha256
from forensics.trade.store import memory_store

FILES = {
    "manidae.csv": ("cites-shipments", 3631, 3631, 3631),
    "brazil_prf_seizures_2015_2020.csv": ("brazil-prf", 403, 1477, 229),
}


@pytest.mark.parametrize("name", FILES)
def test_no_row_of_a_real_file_is_lost(evaluation_data, name):
    mapping, rows, specimens, parsed = FILES[name]
    path = evaluation_data / "trade" / name
    if not path.is_file():
        pytest.skip(f"no {path}")
    (sheet,) = read_sheets(path)
    with memory_store() as store:
        report = import_file(store, path)
        kept = list(store.table("rows"))
        held = {(one.file, one.row) for seizure in store.seizures() for one in seizure.specimens}
    assert (report.mapping, report.account.read, report.specimens) == (mapping, rows, specimens)
    assert [(row["number"], row["sha256"]) for row in kept] == [
        (row.line, row_sha256(row)) for row in sheet.rows
    ]
    assert held == {(name, row.line) for row in sheet.rows}  # each is in a record
    assert report.parsed == parsed and report.account.read - report.parsed <= report.flagged


def test_quantities_of_trade_records_are_read_as_they_are(evaluation_data):
    path = evaluation_data / "trade" / "manidae.csv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    (sheet,) = read_sheets(path)
    place = sheet.header.index("quantity")
    with memory_store() as store:
        import_file(store, path)
        found = [one.low for seizure in store.seizures() for one in seizure.specimens]
    assert found == [float(row.cells[place]) for row in sheet.rows]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_300_planted_errors_in_5000_records_most_are_found(tmp_path, seed):
    table, truth = planted(5000, 300, seed)
    path = tmp_path / "simulated.csv"
    path.write_bytes(as_csv(table))
    with memory_store() as store:
        import_file(store, path)
        found = validate(store)
    told = defaultdict(set)
    for one in found.problems:
        if one.severity != "note":
            told[one.row].add(one.code)
    bad = {one.row for one in truth}
    assert len(truth) == 300
    assert sum(bool(told[one.row] & one.codes) for one in truth) >= 278
    assert sum(row not in bad for row in told) <= 8
