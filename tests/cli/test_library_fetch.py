import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from loopback import BOLD, NCBI, Reply, barcode, bold_row, flat, made_records, witness_records
from patience import PATIENCE, wait_until

from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library
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
    suffixes = (".fasta", ".tsv", ".left_out.tsv", ".report.json")
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


def test_the_raw_records_give_the_same_without_the_network(ncbi, tmp_path, key):
    output, again = tmp_path / "x.fasta", tmp_path / "y.fasta"
    forensics(*fetch(ncbi, output, *EMAIL, "--api-key-file", key, "--keep-raw", tmp_path / "raw"))
    asked = len(ncbi.requests)
    result = forensics(
        "library", "fetch", "--source", "ncbi", "--taxon", "Fictidae", "--locus", "COI",
        "--from", tmp_path / "raw", "--output", again,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert again.read_bytes() == output.read_bytes()
    assert len(ncbi.requests) == asked


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


def test_a_panel_tells_what_is_found_thin_and_missing(tmp_path):
    rows = [
        bold_row("PAN1-20", "Manis javanica", family="Manidae", order="Pholidota", museumid="M1"),
        bold_row("PAN2-20", "Manis javanica", family="Manidae", seed=2, inst="Other Museum"),
        bold_row("ELE1-20", "Elephas maximus", family="Elephantidae", seed=3),
    ]
    path = tmp_path / "BOLD.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = forensics(
        "library", "fetch", "--source", "bold", "--panel", "targets", "--from", path,
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
    assert report["panel"] == "targets" and len(report["taxa"]) == len(found)


@pytest.mark.parametrize(
    "arguments, part",
    [
        ([], "--source"),
        (["--source", "ncbi"], "--taxon or --panel"),
        (["--source", "ncbi", "--taxon", "Manidae", "--panel", "targets"], "--taxon or --panel"),
        (["--source", "ncbi", "--panel", "nothing"], "No panel is called 'nothing'"),
        (["--source", "ncbi", "--panel", "targets", "--locus", "trnH"], "Unknown locus"),
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
    ],
)
def test_options_that_do_not_fit_leave_with_2_before_any_request(tmp_path, arguments, part):
    result = forensics("library", "fetch", "--output", tmp_path / "x.fasta", *arguments)
    assert result.exit_code == 2
    assert part in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x.fasta", "x.tsv", "x.left_out.tsv", "x.report.json"])
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
            assert code == 1 and "The data received are kept in" in said and "Traceback" not in said
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
        assert "6 records arrived, but no sequence is left" in result.stderr
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


# -- panels -----------------------------------------------------------------------

PANEL = """taxon,loci,also,group
Fictus albus,COI,,mice
Fictus niger,COI;cytb,,mice
Fictus candidus,cytb,Nusquam,rats
Absentia,COI,,rats
"""


@pytest.fixture
def panel(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text(PANEL)
    return path


@pytest.fixture
def by_taxon():
    """A server that finds by the name of the organism, and knows a synonym of Fictus ruber."""
    records = made_records()
    with NCBI(records).running() as server:
        server.found = {
            "Fictus albus": ["FA000001.1", "FA000004.1"],
            "Fictus niger": ["FA000002.1"],
            "Fictus candidus": ["FA000003.1", "FA000006.1"],
            "Absentia": [],
        }
        yield server


def fetch_panel(server, panel, output, *more, source="ncbi"):
    asked = ["library", "fetch", "--source", source, "--server", server.url, "--output", output]
    return forensics(*asked, "--panel", panel, *(EMAIL if source == "ncbi" else ()), *more)


def headers(path):
    return {line.rsplit("|", 1)[0][1:] for line in path.read_text().splitlines() if line[0] == ">"}


WHOLE = {
    "FA000001.1|Fictus albus|COI", "FA000004.1|Fictus albus|COI",
    "FA000002.1|Fictus niger|COI", "FA000002.1|Fictus niger|cytb",
    "FA000003.1|Fictus ruber|cytb", "FA000006.1|Fictus ruber|cytb",
}  # fmt: skip


def test_a_panel_from_the_first_request_to_a_library(by_taxon, panel, tmp_path, key):
    output = tmp_path / "x.fasta"
    result = fetch_panel(
        by_taxon, panel, output, "--api-key-file", key, "--keep-raw", tmp_path / "raw"
    )
    assert result.exit_code == 0, result.stderr
    # Each taxon at its loci alone, although the genomes of albus and ruber have more; what NCBI
    # files under another name counts for the name by which it was found.
    assert headers(output) == WHOLE
    assert "Absentia: 0 records" in result.stderr
    said = result.stdout.splitlines()
    assert said[0] == f"Panel {panel}: 3 of 4 have records"
    assert said[1].split() == ["mice", "2", "of", "2", "COI", "3,", "cytb", "1"]
    assert said[2].split() == ["rats", "1", "of", "2", "cytb", "2;", "missing:", "Absentia"]
    report = json.loads((tmp_path / "x.report.json").read_text())
    assert {(row["taxon"], row["locus"]): row["status"] for row in report["taxa"]} == {
        ("Fictus albus", "COI"): "found", ("Fictus niger", "COI"): "thin",
        ("Fictus niger", "cytb"): "thin", ("Fictus candidus", "cytb"): "thin",
        ("Absentia", "COI"): "missing",
    }  # fmt: skip
    assert [search["taxon"] for search in report["searches"]] == [
        "Fictus albus", "Fictus niger", "Fictus candidus", "Absentia"
    ]  # fmt: skip

    build = ("library", "build", output, tmp_path / "x.tsv", "--no-calibration", "--no-screening")
    result = forensics(*build, "--output", tmp_path / "made")
    assert result.exit_code == 0, result.stderr
    assert "6 records, 3 species, loci COI, cytb" in result.stdout


def test_a_panel_at_one_locus(by_taxon, panel, tmp_path, key):
    output = tmp_path / "x.fasta"
    result = fetch_panel(by_taxon, panel, output, "--api-key-file", key, "--locus", "cytb")
    assert result.exit_code == 0, result.stderr
    assert headers(output) == {header for header in WHOLE if header.endswith("cytb")}
    assert len(by_taxon.terms) == 2  # of the taxa that need it


def test_names_that_the_source_does_not_know_are_named_and_leave_with_3(
    by_taxon, panel, tmp_path, key
):
    panel.write_text(PANEL + "Fictus absurdus,COI,Fictus falsus,rats\n")
    output = tmp_path / "x.fasta"
    result = fetch_panel(by_taxon, panel, output, "--api-key-file", key)
    assert result.exit_code == 3
    assert "NCBI does not know the taxon 'Fictus absurdus'" in result.stderr.splitlines()[-1]
    assert headers(output) == WHOLE
    assert "missing: Absentia, Fictus absurdus" in result.stdout
    report = json.loads((tmp_path / "x.report.json").read_text())
    assert ["unknown" in search for search in report["searches"]] == [False] * 4 + [True]
    result = fetch_panel(
        by_taxon, panel, tmp_path / "y.fasta", "--api-key-file", key, "--dry-run", "--format", "csv"
    )
    assert result.exit_code == 3
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["records"] for row in rows] == ["2", "1", "2", "0", "0"]


def test_a_server_that_drops_costs_no_record(by_taxon, panel, tmp_path, key):
    output, unbroken = tmp_path / "x.fasta", tmp_path / "unbroken.fasta"

    def cut_off(path, says):
        whole = by_taxon.answer(path, says) if says.get("rettype") == "gbwithparts" else None
        return whole and Reply(whole.body[:5000], promised=len(whole.body))

    def refused(path, says):
        return Reply(b"", 403) if says.get("db") == "taxonomy" else None

    by_taxon.faults = [cut_off, refused]
    result = fetch_panel(by_taxon, panel, output, "--api-key-file", key)
    assert result.exit_code == 1
    assert not output.exists() and (tmp_path / "x.fasta.part").is_dir()
    seen = len(by_taxon.requests)

    # Another panel does not go on with it.
    panel.write_text(PANEL.replace("COI;cytb", "COI"))
    result = fetch_panel(by_taxon, panel, output, "--api-key-file", key)
    assert result.exit_code == 2 and "the beginning of another request" in result.stderr
    panel.write_text(PANEL)

    result = fetch_panel(by_taxon, panel, output, "--api-key-file", key)
    assert result.exit_code == 0, result.stderr
    assert [says["db"] for _path, says in by_taxon.requests[seen:]] == ["taxonomy"]
    assert fetch_panel(by_taxon, panel, unbroken, "--api-key-file", key).exit_code == 0
    assert content(output) == content(unbroken)
    assert headers(output) == WHOLE


def test_a_panel_at_bold_takes_a_row_of_two_taxa_once(panel, tmp_path):
    panel.write_text("taxon,loci,also\nFictidae,COI,\nFictus albus,COI,Nusquam\nAbsentia,COI,\n")
    rows = [*ROWS, bold_row("FIC9-20", "Fictus niger", seed=9)]
    with BOLD(rows).running() as server:
        server.asked = {}
        result = fetch_panel(
            server, panel, tmp_path / "x.fasta", "--keep-raw", tmp_path / "raw", source="bold"
        )
    assert result.exit_code == 0, result.stderr
    assert "Fictus albus: 3 records" in result.stderr and "Absentia: 0 records" in result.stderr
    assert "4 sequences of 4 records" in result.stdout
    assert (tmp_path / "x.left_out.tsv").read_text().count("\n") == 1
    assert "missing: Absentia" in result.stdout
    result = forensics(
        "library", "fetch", "--source", "bold", "--panel", panel, "--from", tmp_path / "raw",
        "--output", tmp_path / "y.fasta",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "y.fasta").read_bytes() == (tmp_path / "x.fasta").read_bytes()


def test_a_panel_of_which_nothing_is_found_leaves_nothing(by_taxon, panel, tmp_path, key):
    panel.write_text("taxon,loci\nAbsentia,COI\n")
    result = fetch_panel(by_taxon, panel, tmp_path / "x.fasta", "--api-key-file", key)
    assert result.exit_code == 1 and "no sequence is left" in result.stderr
    assert not list(tmp_path.glob("x.*"))


def test_a_panel_with_a_fault_is_refused_before_any_request(by_taxon, panel, tmp_path):
    panel.write_text(PANEL.replace("COI;cytb", "COI;cytz"))
    result = fetch_panel(by_taxon, panel, tmp_path / "x.fasta")
    assert result.exit_code == 3
    assert f"{panel}, line 3: Unknown locus 'cytz'" in result.stderr
    assert not by_taxon.requests and not list(tmp_path.glob("x.*"))


def test_the_help_names_the_packaged_panels():
    from forensics.barcode.reference.panels import packaged_panels

    for command in ("fetch", "info"):
        text = " ".join(forensics("library", command, "--help").stdout.split())
        assert all(name in text for name in packaged_panels())
