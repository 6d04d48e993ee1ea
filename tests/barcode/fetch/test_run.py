import json
import shutil
from dataclasses import asdict

import pytest
from loopback import BOLD, Reply, barcode, bold_row, flat

from forensics.barcode.fetch.bold import Portal
from forensics.barcode.fetch.request import FetchError, Request, loci_of
from forensics.barcode.fetch.run import fetch_records, read_records
from forensics.barcode.reference.panels import Panel, PanelTaxon
from forensics.errors import InputError, UsageError

DATE = "2026-01-01T00:00:00Z"
NCBI_REQUEST = Request("ncbi", Panel("", (PanelTaxon("Fictidae", ("COI", "cytb")),)))
BOLD_REQUEST = Request("bold", Panel("", (PanelTaxon("Fictidae", ("COI",)),)))


def silent(text):
    pass


def texts_of(output):
    """Return what was written, by the ending of the file."""
    ends = (".fasta", ".tsv", ".left_out.tsv", ".report.json")
    return {end: output.with_suffix(end).read_text() for end in ends}


def same(texts):
    """Return what two fetches have in common: all but the port of the server."""
    report = json.loads(texts[".report.json"])
    return {**texts, ".report.json": {**report, "server": ""}}


@pytest.fixture
def fetched(tmp_path, entrez, witnesses, small_batches):
    """Fetch from NCBI on the loopback; returns the texts and where the raw records are kept."""

    def fetched(request=NCBI_REQUEST, name="x", **more):
        output, raw = tmp_path / f"{name}.fasta", tmp_path / f"{name}.raw"
        fetch_records(
            request, entrez, output, witnesses, now=DATE, keep_raw=raw, report=silent, **more
        )
        return texts_of(output), raw

    return fetched


@pytest.fixture
def read(tmp_path, witnesses):
    """Take records from files; returns what was built and the texts."""

    def read(request, *paths, name="again"):
        output = tmp_path / f"{name}.fasta"
        built = read_records(request, paths, output, witnesses, now=DATE)
        return built, texts_of(output)

    return read


def headers(fasta):
    return [line[1:] for line in fasta.splitlines() if line.startswith(">")]


def test_everything_that_the_search_found_is_there(fetched, flat_files):
    texts, raw = fetched()
    assert headers(texts[".fasta"]) == [
        "FA000001.1|Fictus albus|COI|GenBank",
        "FA000002.1|Fictus niger|COI|GenBank",
        "FA000003.1|Fictus ruber|COI|GenBank",
        "FA000004.1|Fictus albus|COI|GenBank",
        "FA000005.2|Fictus niger|COI|GenBank",
        "FA000007.1|Fictus sp. 1|COI|GenBank",
        "FA000001.1|Fictus albus|cytb|GenBank",
        "FA000002.1|Fictus niger|cytb|GenBank",
        "FA000003.1|Fictus ruber|cytb|GenBank",
        "FA000006.1|Fictus ruber|cytb|GenBank",
    ]
    report = json.loads(texts[".report.json"])
    (search,) = report["searches"]
    assert (search["taxon"], search["count"]) == ("Fictidae", 7)
    assert '"Fictidae"[Organism]' in search["query"] and search["understood"] == "made[Organism]"
    assert (report["source"], report["date"]) == ("ncbi", DATE)
    assert not any("doe@lab" in text or "0123456789abcdef" in text for text in texts.values())
    assert sorted(path.name for path in raw.iterdir())[:4] == [
        f"records-0000{n}.gb" for n in (1, 2, 3, 4)
    ]


def test_the_table_keeps_what_the_reader_of_tables_knows(fetched, tmp_path):
    from forensics.barcode.reference.references import read_references

    texts, _raw = fetched()
    (tmp_path / "x.fasta").write_text(texts[".fasta"])
    (tmp_path / "x.tsv").write_text(texts[".tsv"])
    records, left_out = read_references([tmp_path / "x.fasta", tmp_path / "x.tsv"])
    assert not left_out
    assert len(records) == 10
    first = {(r.accession, r.locus): r for r, _s in records}[("FA000001.1", "cytb")]
    assert (first.species, first.family, first.order) == ("Fictus albus", "Fictidae", "Fictiformes")
    assert (first.class_, first.phylum) == ("Mammalia", "Chordata")
    assert (first.voucher, first.institution) == ("MUS:Mamm:1", "MUS")


def test_a_name_without_a_species_stays_with_what_it_says(fetched):
    texts, _raw = fetched()
    row = next(line for line in texts[".tsv"].splitlines() if line.startswith("FA000007.1"))
    assert row.split("\t")[1:4] == ["Fictus sp. 1", "", "Fictus"]


def test_a_run_broken_at_any_request_continues_and_gives_the_same(fetched, ncbi):
    ncbi.listed = ncbi.listed[3:]  # without the genomes, which take long to read
    expected, _raw = fetched(name="unbroken")
    unbroken = len(ncbi.requests)
    assert unbroken == 6  # search, list in two pages, two batches, taxonomy
    for at in range(1, unbroken + 1):
        before = len(ncbi.requests)

        def fault(path, says, last=before + at):
            return Reply(b"", 403) if len(ncbi.requests) == last else None

        ncbi.faults = [fault]
        with pytest.raises(FetchError):
            fetched(name=f"broken{at}")
        assert same(fetched(name=f"broken{at}")[0]) == same(expected)
        # The one that was broken was asked twice; until the list stands, the search is made again.
        assert len(ncbi.requests) - before <= unbroken + 4


def test_what_arrived_is_not_asked_for_again(fetched, ncbi):
    def third(path, says):
        wanted = says.get("rettype") == "gbwithparts" and "FA000005.2" in says["id"]
        return Reply(b"", 500) if wanted else None

    ncbi.faults = [third] * 3
    with pytest.raises(FetchError, match="was not received completely in 3 attempts"):
        fetched()
    seen = len(ncbi.requests)
    fetched()
    asked = [says.get("id") for _path, says in ncbi.requests[seen:]]
    assert asked == ["FA000005.2,FA000006.1", "FA000007.1", "9000001,9000002,9000003,9000004"]


def test_a_withdrawn_record_is_an_error_that_names_it_and_can_be_left_out(fetched, ncbi):
    del ncbi.records["FA000005.2"]
    with pytest.raises(FetchError, match="1 records .* FA000005.2: withdrawn since the search"):
        fetched()
    without = Request(NCBI_REQUEST.source, NCBI_REQUEST.panel, without=("FA000005.2",))
    texts, _raw = fetched(without, name="without")
    assert len(headers(texts[".fasta"])) == 9
    assert "FA000005.2\t\tleft out by name (--without)" in texts[".left_out.tsv"]


def test_a_changed_version_is_an_error_that_names_it(fetched, ncbi, flat_files):
    ncbi.records["FA000005.3"] = flat_files["FA000005.2"].replace("FA000005.2", "FA000005.3")
    ncbi.versions["FA000005.2"] = "FA000005.3"
    with pytest.raises(FetchError, match="FA000005.2: now FA000005.3"):
        fetched()


def test_too_many_records_are_refused_before_any_is_fetched(fetched, ncbi):
    with pytest.raises(UsageError, match="find 7 records, more than 5"):
        fetched(most=5)
    assert not [says for _path, says in ncbi.requests if says.get("rettype") == "gbwithparts"]


def test_a_taxon_without_records_is_told(fetched, ncbi):
    ncbi.listed = []
    with pytest.raises(FetchError, match="records arrived, but no sequence is left"):
        fetched()


# -- local copies -----------------------------------------------------------------


def test_the_raw_records_give_the_same_sequences(fetched, read):
    texts, raw = fetched()
    _built, again = read(NCBI_REQUEST, raw)
    assert all(again[end] == texts[end] for end in (".fasta", ".tsv", ".left_out.tsv"))


def test_a_file_of_ones_own_is_cut_without_the_network(tmp_path, read, flat_files, monkeypatch):
    monkeypatch.setattr("socket.socket", None)
    path = tmp_path / "mine.gb"
    other = flat(barcode("FB1.1", "Alius albus", seed=3)).replace("Fictidae", "Aliidae")
    path.write_text("".join(flat_files.values()) + other + flat_files["FA000004.1"])
    made, _texts = read(NCBI_REQUEST, path)
    assert len(made.pieces) == 10
    assert made.passed_over == 1  # the record of another family
    (twice,) = made.left_out
    assert (twice.file, twice.record, twice.accession) == ("mine.gb", 9, "FA000004.1")


def test_an_empty_folder_is_told(tmp_path, read):
    with pytest.raises(InputError, match="the folder has no"):
        read(NCBI_REQUEST, tmp_path)


# -- BOLD -------------------------------------------------------------------------

ROWS = [
    *(bold_row(f"FIC{n:03d}-20", "Fictus albus", seed=n) for n in range(4)),
    bold_row("FIC004-20", "Fictus niger", marker="cytb", seed=4),
    bold_row("FIC005-20", "Fictus niger", marker="COI-3P", seed=5),
    bold_row("FIC006-20", "Fictus niger", nuc=""),
    bold_row("FIC000-20", "Fictus albus", seed=0),
    bold_row("FIC007-20", "", family="Fictidae", genus="", species="", identification="Fictidae"),
]


@pytest.fixture
def from_bold(tmp_path, asked, witnesses):
    def from_bold(server, name="x"):
        output, raw = tmp_path / f"{name}.fasta", tmp_path / f"{name}.raw"
        portal = Portal(asked(server.url))
        fetch_records(
            BOLD_REQUEST, portal, output, witnesses, now=DATE, keep_raw=raw, report=silent
        )
        return texts_of(output), raw

    return from_bold


def test_bold_is_fetched_and_what_is_not_taken_has_its_reason(from_bold):
    with BOLD(ROWS).running() as server:
        texts, _raw = from_bold(server)
    assert headers(texts[".fasta"]) == [f"FIC{n:03d}-20|Fictus albus|COI|BOLD" for n in range(4)]
    for accession, reason in (
        ("FIC005-20", "unknown locus 'COI-3P'"),
        ("FIC006-20", "it has no sequence"),
        ("FIC000-20", "the sequence occurs twice"),
        ("FIC007-20", "the name 'Fictidae' has no genus"),
    ):
        assert any(
            accession in line and reason in line for line in texts[".left_out.tsv"].splitlines()
        )
    assert json.loads(texts[".report.json"])["searches"] == [
        {"taxon": "Fictidae", "count": 9, "query": "tax:family:Fictidae"}
    ]


def test_bold_broken_off_continues_and_gives_the_same(from_bold):
    with BOLD(ROWS).running() as server:
        expected, _raw = from_bold(server, "unbroken")
        server.faults = [lambda path, says: Reply(b"", 400) if "download" in path else None]
        with pytest.raises(FetchError):
            from_bold(server, "broken")
        assert from_bold(server, "broken")[0] == expected


def test_a_batch_of_bold_that_was_damaged_is_asked_for_again(from_bold, tmp_path):
    with BOLD(ROWS).running() as server:
        expected, raw = from_bold(server)
        part = shutil.copytree(raw, tmp_path / "y.fasta.part")
        asks = {"source": "bold", "panel": asdict(BOLD_REQUEST.panel), "server": server.url}
        begun = {"started": DATE, **asks}
        (part / "request.json").write_text(json.dumps(begun))
        (part / "records-00001.jsonl").write_text("")
        (part / "records-00001.jsonl.sha256").write_text("0" * 64)
        assert from_bold(server, "y")[0] == expected


def test_the_raw_rows_of_bold_give_the_same_sequences(from_bold, read):
    with BOLD(ROWS).running() as server:
        texts, raw = from_bold(server)
    _built, again = read(BOLD_REQUEST, raw)
    assert all(again[end] == texts[end] for end in (".fasta", ".tsv"))


# -- what is asked for ------------------------------------------------------------


def test_loci_are_known_by_their_synonyms():
    assert loci_of(["COX1", "cyt b", "COI"]) == ("COI", "cytb")
    with pytest.raises(UsageError):
        loci_of(["nothing"])
