"""The self-test, on a SIMULATED library that carries its own demonstration."""

import json

import pytest
from click.testing import CliRunner

from forensics import selftest
from forensics.barcode.reference.library import open_library
from forensics.cli import main
from forensics.selftest import EXPECTED, canonical, run_selftest

TIME = "2026-11-25T00:00:00Z"


def run(folder):
    return run_selftest(time=TIME, library=open_library(folder))


def test_an_untouched_installation_passes(demonstrated):
    record = run(demonstrated)
    assert record["result"] == "pass"
    assert [one["check"] for one in record["checks"]] == [
        "library.json", "sha256 of the library's files", "a.fasta: sequences", "a", "b",
    ]  # fmt: skip
    assert record["dependencies"]["click"]


def test_a_tampered_record_fails(demonstrated):
    table = demonstrated / "COI" / "records.tsv"
    table.write_bytes(table.read_bytes().replace(b"Nowhere", b"Elsewhe", 1))
    record = run(demonstrated)
    assert record["result"] == "fail"
    assert any("records.tsv" in str(one["found"]) for one in record["checks"] if not one["passed"])


def test_another_library_fails(demonstrated):
    path = demonstrated / "library.json"
    path.write_bytes(path.read_bytes() + b"\n")
    record = run(demonstrated)
    assert [one["check"] for one in record["checks"] if not one["passed"]] == ["library.json"]


@pytest.mark.parametrize(
    "key, value",
    [("taxon", "Fictus niger"), ("best_accession", "X"), ("identity", 0.5), ("status", "unusable"),
     ("probability", 0.5)],
)  # fmt: skip
def test_another_result_fails(demonstrated, key, value):
    path = demonstrated / "demonstration" / EXPECTED
    expected = json.loads(path.read_text())
    expected["queries"]["a.fasta"][0][key] = value
    path.write_text(json.dumps(expected))
    record = run(demonstrated)
    assert record["result"] == "fail"
    assert f"a: {key}" in [one["check"] for one in record["checks"] if not one["passed"]]


def test_identity_is_compared_to_its_tolerance(demonstrated):
    path = demonstrated / "demonstration" / EXPECTED
    expected = json.loads(path.read_text())
    expected["queries"]["a.fasta"][0]["identity"] += 1e-11
    path.write_text(json.dumps(expected))
    assert run(demonstrated)["result"] == "pass"


def test_without_expected_results_it_fails(demonstrated):
    (demonstrated / "demonstration" / EXPECTED).unlink()
    assert run(demonstrated)["result"] == "fail"


def test_the_record_is_canonical(demonstrated):
    record = run(demonstrated)
    data = canonical(record)
    assert data == canonical(json.loads(data))
    assert b'": ' not in data and b"\n" not in data
    assert json.loads(data)["time"] == TIME


@pytest.mark.parametrize("damaged", [False, True])
def test_the_command_prints_writes_and_leaves_with_0_or_4(
    demonstrated, damaged, tmp_path, monkeypatch
):
    if damaged:
        (demonstrated / "COI" / "records.fasta.gz").write_bytes(b"")
    monkeypatch.setattr(selftest, "open_library", lambda which: open_library(demonstrated))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    found = CliRunner().invoke(main, ["selftest", "--output", str(tmp_path / "r.json")])
    assert found.exit_code == (4 if damaged else 0), found.output
    record = json.loads((tmp_path / "r.json").read_bytes())
    assert record["result"] == ("fail" if damaged else "pass")
    assert record["time"] == "2023-11-14T22:13:20Z"
    assert ("FAIL" in found.stdout) == damaged


def test_this_installation_passes(embedded):
    assert run_selftest(time=TIME)["result"] == "pass"
