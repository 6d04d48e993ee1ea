"""``forensics library fetch`` from servers on this machine."""

import json
import os
import signal
import subprocess
import sys

import pytest
from command_line import rows, typed
from loopback import BOLD, NCBI, Reply, barcode, bold_row, flat, made_records, witness_records
from patience import PATIENCE, wait_until

from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.panels import cover_library, read_panel
from forensics.barcode.reference.writing import write_library
from forensics.training import workshop_library

EMAIL = ("--email", "doe@lab.example")
ROWS = [bold_row(f"FIC{n:03d}-20", "Fictus albus", seed=n) for n in range(3)]


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


def command(server, output, *more, source="ncbi"):
    common = ["library", "fetch", "--source", source, "--server", server.url, "--output", output]
    return [*common, *(EMAIL if source == "ncbi" else ()), *more]


def fetch(server, output, *more, source="ncbi", **options):
    asked = ("--taxon", "Fictidae", "--locus", "COI")
    return typed(*command(server, output, *asked, *more, source=source), **options)


def content(output):
    suffixes = (".fasta", ".tsv", ".left_out.tsv", ".report.json")
    return {suffix: output.with_suffix(suffix).read_bytes() for suffix in suffixes}


def test_dry_run_fetches_nothing(ncbi, tmp_path):
    (row,) = json.loads(fetch(ncbi, tmp_path / "x.fasta", "--dry-run", "--format", "json").stdout)
    assert row["records"] == 3 and '"COX1"[Gene Name]' in row["query"]
    assert [path for path, _says in ncbi.requests] == ["/esearch.fcgi"]


def test_the_key_can_be_asked_for_and_is_not_shown(ncbi, tmp_path):
    secret = "0123456789abcdef"
    result = fetch(ncbi, tmp_path / "x.fasta", "--api-key-file", "-", text=f"{secret}\n")
    assert ncbi.requests[0][1]["api_key"] == secret and secret not in result.output


@pytest.mark.parametrize("name", ["x.fasta", "x.tsv", "x.left_out.tsv", "x.report.json"])
def test_nothing_is_overwritten(ncbi, tmp_path, name):
    (tmp_path / name).write_text("mine")
    fetch(ncbi, tmp_path / "x.fasta", expect=2)
    assert (tmp_path / name).read_text() == "mine"
    assert not ncbi.requests


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
    more = ("--taxon", "Fictidae", "--locus", "COI", "--api-key-file", key)
    with NCBI(many).running() as server:
        arguments = command(server, output, *more)
        code, said = start_and_stop(server, arguments, tmp_path / "x.fasta.part", how)
        assert code != 0
        if how == signal.SIGINT:
            assert code == 1 and "The data received are kept in" in said and "Traceback" not in said
        assert not list(tmp_path.glob("x.fasta")) and not list(tmp_path.glob("x.tsv"))
        seen = len(server.requests)
        typed(*arguments)
        batches = [s["id"] for _p, s in server.requests[seen:] if s.get("rettype") == "gbwithparts"]
        assert batches == ["FA000201.1"]  # the first 200 had arrived
        typed(*command(server, unbroken, *more))
    assert content(output) == content(unbroken)
    assert output.read_text().count(">") == 201
    assert not (tmp_path / "x.fasta.part").exists()


# -- BOLD -------------------------------------------------------------------------


def test_rows_of_another_taxon_are_counted_and_are_not_kept_for_the_next_run(tmp_path):
    others = [
        bold_row(f"PAN{n}-20", "Manis javanica", family="Manidae", seed=n) for n in range(5)
    ] + [bold_row("CYB1-20", "Fictus albus", marker="CYTB", seed=9)]
    output, raw = tmp_path / "x.fasta", tmp_path / "raw"
    with BOLD(others).running() as server:
        said = fetch(server, output, source="bold", expect=1).stderr
        assert "6 records arrived, but no sequence is left" in said
        assert "5 are of other taxa than Fictidae (Manis javanica)" in said
        assert "1 are of other loci than COI" in said
        assert not list(tmp_path.glob("x.*"))
        fetch(server, output, "--keep-raw", raw, source="bold", expect=1)
        assert "Manis javanica" in (raw / "records-00001.jsonl").read_text()  # asked for
        server.rows = ROWS  # what BOLD has been mended to
        assert "3 sequences of 3 records" in fetch(server, output, source="bold").stdout


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
    with NCBI(made_records()).running() as server:
        server.found = {
            "Fictus albus": ["FA000001.1", "FA000004.1"],
            "Fictus niger": ["FA000002.1"],
            "Fictus candidus": ["FA000003.1", "FA000006.1"],
            "Absentia": [],
        }
        yield server


@pytest.fixture
def ask(by_taxon, panel, tmp_path, key):
    """Fetch the panel from it into a file."""

    def ask(name, *more, **options):
        asked = ("--panel", panel, "--api-key-file", key, *more)
        return typed(*command(by_taxon, tmp_path / name, *asked), **options)

    return ask


def headers(path):
    return {line.rsplit("|", 1)[0][1:] for line in path.read_text().splitlines() if line[0] == ">"}


WHOLE = {
    "FA000001.1|Fictus albus|COI", "FA000004.1|Fictus albus|COI",
    "FA000002.1|Fictus niger|COI", "FA000002.1|Fictus niger|cytb",
    "FA000003.1|Fictus ruber|cytb", "FA000006.1|Fictus ruber|cytb",
}  # fmt: skip


def test_a_panel_from_the_first_request_to_a_library(ask, panel, tmp_path):
    output = tmp_path / "x.fasta"
    result = ask("x.fasta", "--keep-raw", tmp_path / "raw")
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
    # Simulated changes make stop codons, which the screening would find.
    build = "library build --no-calibration --no-screening --output"
    result = typed(build, tmp_path / "made", output, tmp_path / "x.tsv")
    assert "6 records, 3 species, loci COI, cytb" in result.stdout


def test_the_panel_of_central_africa_from_the_first_request_to_a_workshop(tmp_path, monkeypatch):
    """The records are made for the test: they bear the names of seized animals, and none is of one."""
    taxa = {t.taxon: t for t in read_panel("central-africa").taxa if "COI" in t.loci}
    given = {  # what a record is called; three genera of pangolins, and one name of before
        "Smutsia gigantea": "Smutsia gigantea", "Phataginus tricuspis": "Manis tricuspis",
        "Manis": "Manis javanica", "Loxodonta cyclotis": "Loxodonta cyclotis",
        "Psittacus erithacus": "Psittacus erithacus", "Osteolaemus": "Osteolaemus tetraspis",
    }  # fmt: skip
    made = {
        taxon: barcode(f"FA{n:06d}.1", name, seed=n)
        for n, (taxon, name) in enumerate(given.items(), 1)
    }
    with NCBI({record.id: flat(record) for record in made.values()}).running() as server:
        server.found = {name: [] for taxon in taxa.values() for name in taxon.names}
        server.found |= {taxon: [record.id] for taxon, record in made.items()}
        output = tmp_path / "africa.fasta"
        asked = ("--panel", "central-africa", "--locus", "COI", "--lang", "fr")
        result = typed(*command(server, output, *asked))
        assert len(server.terms) == len(taxa) > 90  # each taxon is searched, once
    assert f"6 sur {len(taxa)}" in result.stdout.splitlines()[0]
    assert {header.split("|")[1] for header in headers(output)} == set(given.values())
    build = "library build --no-calibration --no-screening --output"
    place = tmp_path / "libraries" / "central-africa"
    typed(build, place, output, tmp_path / "africa.tsv")
    monkeypatch.undo()  # the small library in the place of the embedded one
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    held = cover_library(workshop_library(tell=str), read_panel("central-africa"))
    assert set(given) <= set(taxa) - set(held.missing)


def test_a_panel_at_one_locus(ask, by_taxon, tmp_path):
    ask("x.fasta", "--locus", "cytb")
    assert headers(tmp_path / "x.fasta") == {one for one in WHOLE if one.endswith("cytb")}
    assert len(by_taxon.terms) == 2  # of the taxa that need it


def test_names_that_the_source_does_not_know_are_named_and_leave_with_3(ask, panel, tmp_path):
    panel.write_text(PANEL + "Fictus absurdus,COI,Fictus falsus,rats\n")
    result = ask("x.fasta", expect=3)
    assert "NCBI does not know the taxon 'Fictus absurdus'" in result.stderr.splitlines()[-1]
    assert headers(tmp_path / "x.fasta") == WHOLE
    assert "missing: Absentia, Fictus absurdus" in result.stdout
    report = json.loads((tmp_path / "x.report.json").read_text())
    assert ["unknown" in search for search in report["searches"]] == [False] * 4 + [True]
    result = ask("y.fasta", "--dry-run", "--format", "csv", expect=3)
    assert [row["records"] for row in rows(result)] == ["2", "1", "2", "0", "0"]


def test_a_server_that_drops_costs_no_record(ask, by_taxon, panel, tmp_path):
    output = tmp_path / "x.fasta"

    def cut_off(path, says):
        whole = by_taxon.answer(path, says) if says.get("rettype") == "gbwithparts" else None
        return whole and Reply(whole.body[:5000], promised=len(whole.body))

    def refused(path, says):
        return Reply(b"", 403) if says.get("db") == "taxonomy" else None

    by_taxon.faults = [cut_off, refused]
    ask("x.fasta", expect=1)
    assert not output.exists() and (tmp_path / "x.fasta.part").is_dir()
    seen = len(by_taxon.requests)

    # Another panel does not go on with it.
    panel.write_text(PANEL.replace("COI;cytb", "COI"))
    assert "the beginning of another request" in ask("x.fasta", expect=2).stderr
    panel.write_text(PANEL)
    ask("x.fasta")
    assert [says["db"] for _path, says in by_taxon.requests[seen:]] == ["taxonomy"]
    ask("unbroken.fasta")
    assert content(output) == content(tmp_path / "unbroken.fasta")
    assert headers(output) == WHOLE


def test_a_panel_at_bold_takes_a_row_of_two_taxa_once(panel, tmp_path):
    panel.write_text("taxon,loci,also\nFictidae,COI,\nFictus albus,COI,Nusquam\nAbsentia,COI,\n")
    output, raw = tmp_path / "x.fasta", tmp_path / "raw"
    with BOLD([*ROWS, bold_row("FIC9-20", "Fictus niger", seed=9)]).running() as server:
        server.asked = {}
        asked = ("--panel", panel, "--keep-raw", raw)
        result = typed(*command(server, output, *asked, source="bold"))
    assert "Fictus albus: 3 records" in result.stderr and "Absentia: 0 records" in result.stderr
    assert "4 sequences of 4 records" in result.stdout
    assert (tmp_path / "x.left_out.tsv").read_text().count("\n") == 1
    assert "missing: Absentia" in result.stdout
    again = ("--panel", panel, "--from", raw, "--output", tmp_path / "y.fasta")
    typed("library fetch --source bold", *again)
    assert (tmp_path / "y.fasta").read_bytes() == output.read_bytes()


def test_a_panel_of_which_nothing_is_found_leaves_nothing(ask, panel, tmp_path):
    panel.write_text("taxon,loci\nAbsentia,COI\n")
    assert "no sequence is left" in ask("x.fasta", expect=1).stderr
    assert not list(tmp_path.glob("x.*"))


def test_a_panel_with_a_fault_is_refused_before_any_request(ask, by_taxon, panel, tmp_path):
    panel.write_text(PANEL.replace("COI;cytb", "COI;cytz"))
    found = ask("x.fasta", expect=3)
    assert f"{panel}, line 3: Unknown locus 'cytz'" in found.stderr
    assert not by_taxon.requests and not list(tmp_path.glob("x.*"))
