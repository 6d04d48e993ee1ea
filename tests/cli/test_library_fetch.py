import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from loopback import BOLD, NCBI, Reply, barcode, bold_row, flat, witness_records
from patience import PATIENCE, wait_until

from forensics.barcode.reference.library import open_library, write_library
from forensics.cli import main

EMAIL = ("--email", "doe@lab.example")
ROWS = [bold_row(f"FIC{n:03d}-20", "Fictus albus", seed=n) for n in range(3)]


def forensics(*arguments, **more):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **more)


@pytest.fixture(scope="module")
def witnesses(tmp_path_factory):
    path = tmp_path_factory.mktemp("witnesses") / "library"
    write_library(path, witness_records(), name="simulated", calibrated=False)
    return open_library(path)


@pytest.fixture(autouse=True)
def small_library(witnesses, monkeypatch):
    """A small library to compare with; the embedded one takes seconds."""
    monkeypatch.setattr("forensics.barcode.reference.library.open_library", lambda *_a: witnesses)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    monkeypatch.delenv("FORENSICS_EMAIL", raising=False)


@pytest.fixture(scope="module")
def many():
    """201 made records: two batches."""
    records = [barcode(f"FA{n:06d}.1", "Fictus albus", seed=n) for n in range(1, 202)]
    return {record.id: flat(record) for record in records}


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_text("0123456789abcdef\n")
    return path


@pytest.fixture
def ncbi(many):
    few = dict(list(many.items())[:3])
    with NCBI(few).running() as server:
        yield server


def fetch(server, output, *more, source="ncbi", loci="COI"):
    common = ["library", "fetch", "--source", source, "--server", server.url, "--output", output]
    return [*common, "--taxon", "Fictidae", "--locus", loci, *more]


def content(output):
    suffixes = (".fasta", ".tsv", ".left_out.tsv", ".lock.json")
    return {suffix: output.with_suffix(suffix).read_bytes() for suffix in suffixes}


def test_ncbi_from_the_first_request_to_a_library(ncbi, tmp_path, key):
    output = tmp_path / "x.fasta"
    result = forensics(
        *fetch(ncbi, output, *EMAIL, "--api-key-file", key, "--keep-raw", tmp_path / "raw")
    )
    assert result.exit_code == 0, result.stderr
    assert "3 sequences of 3 records" in result.stdout
    assert "thin" in result.stdout and "no voucher" in result.stdout
    assert not (tmp_path / "x.fasta.part").exists()
    # Simulated changes make stop codons, which the screening would find.
    build = ("library", "build", output, tmp_path / "x.tsv", "--no-calibration", "--no-screening")
    result = forensics(*build, "--output", tmp_path / "made")
    assert result.exit_code == 0, result.stderr
    assert "3 records, 1 species, loci COI" in result.stdout


def test_the_lock_makes_the_same_files_again(ncbi, tmp_path, key):
    output, again = tmp_path / "x.fasta", tmp_path / "y.fasta"
    forensics(*fetch(ncbi, output, *EMAIL, "--api-key-file", key, "--keep-raw", tmp_path / "raw"))
    asked = len(ncbi.requests)
    locked = ("library", "fetch", "--locked", tmp_path / "x.lock.json", "--output", again)
    result = forensics(*locked, "--from", tmp_path / "raw")
    assert result.exit_code == 0, result.stderr
    assert content(again) == content(output)
    assert len(ncbi.requests) == asked


def test_a_copy_that_differs_leaves_with_4_and_writes_nothing(ncbi, tmp_path, key):
    forensics(
        *fetch(
            ncbi,
            tmp_path / "x.fasta",
            *EMAIL,
            "--api-key-file",
            key,
            "--keep-raw",
            tmp_path / "raw",
        )
    )
    path = tmp_path / "raw" / "records-00001.gb"
    records = path.read_text()
    path.write_text(records[: records.index("//\n") + 3])
    result = forensics(
        "library", "fetch", "--locked", tmp_path / "x.lock.json", "--from", tmp_path / "raw",
        "--output", tmp_path / "y.fasta",
    )  # fmt: skip
    assert result.exit_code == 4
    assert "lacks 2 records of the lock: FA000002.1, FA000003.1" in result.stderr
    assert not list(tmp_path.glob("y.*"))


def test_dry_run_shows_the_query_and_fetches_nothing(ncbi):
    result = forensics(
        "library", "fetch", "--source", "ncbi", "--server", ncbi.url, "--taxon", "Fictidae",
        "--locus", "COI", *EMAIL, "--dry-run", "--format", "json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    (row,) = json.loads(result.stdout)
    assert row["records"] == 3 and '"COX1"[Gene Name]' in row["query"]
    assert [path for path, _says in ncbi.requests] == ["/esearch.fcgi"]


def test_the_key_can_be_asked_for(ncbi, tmp_path):
    result = forensics(
        *fetch(ncbi, tmp_path / "x.fasta", *EMAIL, "--api-key-file", "-"),
        input="0123456789abcdef\n",
    )
    assert result.exit_code == 0, result.stderr
    assert ncbi.requests[0][1]["api_key"] == "0123456789abcdef"
    assert "0123456789abcdef" not in result.output


def test_bold_and_its_files_give_the_same(tmp_path):
    with BOLD(ROWS).running() as server:
        result = forensics(*fetch(server, tmp_path / "x.fasta", source="bold"))
    assert result.exit_code == 0, result.stderr
    path = tmp_path / "BOLD.tsv"
    lines = ["\t".join(ROWS[0]), *("\t".join(map(str, row.values())) for row in ROWS)]
    path.write_text("\n".join(lines) + "\n")
    result = forensics(
        "library", "fetch", "--source", "bold", "--taxon", "Fictidae", "--locus", "COI",
        "--from", path, "--output", tmp_path / "y.fasta",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "y.fasta").read_bytes() == (tmp_path / "x.fasta").read_bytes()


def test_targets_tell_what_is_found_thin_and_missing(tmp_path):
    rows = [
        bold_row("PAN1-20", "Manis javanica", family="Manidae", order="Pholidota", museumid="M1"),
        bold_row("PAN2-20", "Manis javanica", family="Manidae", seed=2, inst="Other Museum"),
        bold_row("ELE1-20", "Elephas maximus", family="Elephantidae", seed=3),
    ]
    path = tmp_path / "BOLD.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = forensics(
        "library", "fetch", "--source", "bold", "--targets", "--from", path,
        "--output", tmp_path / "x.fasta", "--format", "csv",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    found = {(r["taxon"], r["locus"]): r for r in csv.DictReader(io.StringIO(result.stdout))}
    assert found["Manis javanica", "COI"]["status"] == "found"
    assert found["Elephas maximus", "COI"]["why"] == "one record"
    assert found["Elephas maximus", "cytb"]["status"] == "missing"
    assert found["Dalbergia", "rbcL"]["status"] == "missing"
    assert ("Dalbergia", "COI") not in found
    report = json.loads((tmp_path / "x.report.json").read_text())
    assert len(report["targets"]) == len(found)


@pytest.mark.parametrize(
    "arguments, part",
    [
        ([], "--source"),
        (["--source", "ncbi"], "--taxon or --targets"),
        (["--source", "ncbi", "--taxon", "Manidae", "--targets"], "--taxon or --targets"),
        (["--source", "ncbi", "--taxon", "Manidae"], "--locus"),
        (["--source", "ncbi", "--taxon", "Manidae", "--locus", "COI"], "e-mail"),
        (["--source", "ncbi", "--taxon", "Manidae", "--locus", "nothing"], "Unknown locus"),
        (
            ["--source", "bold", "--taxon", "x", "--locus", "COI", "--server", "file:///x"],
            "address",
        ),
        (
            ["--source", "bold", "--taxon", "x", "--locus", "COI", "--from", "x", "--dry-run"],
            "--from",
        ),
        (["--locked", "x"], "--from"),
        (["--locked", "x", "--taxon", "Manidae"], "--locked"),
    ],
)
def test_options_that_do_not_fit_leave_with_2_before_any_request(tmp_path, arguments, part):
    result = forensics("library", "fetch", "--output", tmp_path / "x.fasta", *arguments)
    assert result.exit_code == 2
    assert part in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["x.fasta", "x.tsv", "x.lock.json", "x.left_out.tsv", "x.report.json"]
)
def test_nothing_is_overwritten(ncbi, tmp_path, name):
    (tmp_path / name).write_text("mine")
    result = forensics(*fetch(ncbi, tmp_path / "x.fasta", *EMAIL))
    assert result.exit_code == 2
    assert (tmp_path / name).read_text() == "mine"
    assert not ncbi.requests


def test_the_output_is_named_as_fasta(ncbi, tmp_path):
    result = forensics(*fetch(ncbi, tmp_path / "x.tsv", *EMAIL))
    assert result.exit_code == 2 and "ends in .fasta" in result.stderr


def test_a_taxon_that_is_not_known_leaves_nothing(ncbi, tmp_path):
    result = forensics(
        "library", "fetch", "--source", "ncbi", "--server", ncbi.url, "--taxon", "Nusquam",
        "--locus", "COI", *EMAIL, "--output", tmp_path / "x.fasta",
    )  # fmt: skip
    assert result.exit_code == 1 and "does not know the taxon 'Nusquam'" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_withdrawn_record_is_an_error_and_without_leaves_it_out(ncbi, tmp_path, key):
    arguments = fetch(ncbi, tmp_path / "x.fasta", *EMAIL, "--api-key-file", key)
    del ncbi.records["FA000002.1"]
    result = forensics(*arguments)
    assert result.exit_code == 1
    assert "FA000002.1: withdrawn since the search" in result.stderr
    assert not (tmp_path / "x.fasta").exists()
    result = forensics(*arguments, "--without", "FA000002.1")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "x.fasta").read_text().count(">") == 2
    assert "FA000002.1" in (tmp_path / "x.left_out.tsv").read_text()


# -- a run that is killed ---------------------------------------------------------


def start_and_stop(server, arguments, part, how):
    """Start a fetch in a process of its own and stop it when its second batch hangs."""

    def hang(path, says):
        ids = says.get("id", "").split(",")
        return Reply(b"", wait=60) if len(ids) == 1 and ids[0].startswith("FA") else None

    server.faults = [hang]
    process = subprocess.Popen(
        [sys.executable, "-m", "forensics", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LANGUAGE": "en"},
    )  # fmt: skip

    def second_batch_hangs():
        assert process.poll() is None, process.communicate()
        return (part / "records-00001.gb.sha256").exists() and not server.faults

    assert wait_until(second_batch_hangs)
    process.send_signal(how)
    _printed, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows ends a process either way


@pytest.mark.parametrize("how", [KILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_killed_run_continues_and_gives_what_an_unbroken_one_gives(many, tmp_path, key, how):
    output, unbroken = tmp_path / "x.fasta", tmp_path / "unbroken.fasta"
    options = (*EMAIL, "--api-key-file", key)
    with NCBI(many).running() as server:
        code, said = start_and_stop(
            server, fetch(server, output, *options), tmp_path / "x.fasta.part", how
        )
        assert code != 0
        if how == signal.SIGINT:
            assert code == 1 and "What arrived is kept in" in said and "Traceback" not in said
        assert not list(tmp_path.glob("x.fasta")) and not list(tmp_path.glob("x.tsv"))
        seen = len(server.requests)
        result = forensics(*fetch(server, output, *options))
        assert result.exit_code == 0, result.stderr
        batches = [s["id"] for _p, s in server.requests[seen:] if s.get("rettype") == "gbwithparts"]
        assert batches == ["FA000201.1"]  # the first 200 had arrived
        result = forensics(*fetch(server, unbroken, *options))
        assert result.exit_code == 0, result.stderr
    assert content(output) == content(unbroken)
    assert output.read_text().count(">") == 201
    assert not (tmp_path / "x.fasta.part").exists()


def test_rows_of_another_taxon_are_counted_and_are_not_kept_for_the_next_run(tmp_path):
    rows = [
        bold_row(f"PAN{n}-20", "Manis javanica", family="Manidae", seed=n) for n in range(5)
    ] + [bold_row("CYB1-20", "Fictus albus", marker="CYTB", seed=9)]
    with BOLD(rows).running() as server:
        asked = fetch(server, tmp_path / "x.fasta", source="bold")
        result = forensics(*asked)
        assert result.exit_code == 1
        assert "6 records came, and no sequence is left" in result.stderr
        assert "5 are of other taxa than Fictidae (Manis javanica)" in result.stderr
        assert "1 are of other loci than COI" in result.stderr
        assert not list(tmp_path.glob("x.*"))
        server.rows = ROWS  # what BOLD has been mended to
        result = forensics(*asked)
    assert result.exit_code == 0, result.stderr
    assert "3 sequences of 3 records" in result.stdout


def test_what_came_in_vain_is_kept_where_it_was_asked_for(tmp_path):
    rows = [bold_row("PAN1-20", "Manis javanica", family="Manidae")]
    with BOLD(rows).running() as server:
        asked = fetch(server, tmp_path / "x.fasta", source="bold")
        assert forensics(*asked, "--keep-raw", tmp_path / "raw").exit_code == 1
    assert "Manis javanica" in (tmp_path / "raw" / "records-00001.jsonl").read_text()
