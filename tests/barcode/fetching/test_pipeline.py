import json
import shutil

import pytest
from loopback import BOLD, Reply, barcode, bold_row, flat

from forensics.barcode.fetching.bold import Portal
from forensics.barcode.fetching.build import build_pieces
from forensics.barcode.fetching.http import FetchError
from forensics.barcode.fetching.lock import digest, read_lock
from forensics.barcode.fetching.outcome import outcome, rebuild
from forensics.barcode.fetching.pipeline import gather_bold, gather_files, gather_ncbi
from forensics.barcode.fetching.request import Request, loci_of
from forensics.barcode.fetching.staging import open_staging
from forensics.barcode.reference.panels import Panel, PanelTaxon
from forensics.errors import InputError, UsageError, VerificationError

DATE = "2026-01-01T00:00:00Z"
NCBI_REQUEST = Request("ncbi", Panel("", (PanelTaxon("Fictidae", ("COI", "cytb")),)))
BOLD_REQUEST = Request("bold", Panel("", (PanelTaxon("Fictidae", ("COI",)),)))


def silent(text):
    pass


@pytest.fixture
def fetched(tmp_path, entrez, witnesses, small_batches):
    """Fetch from NCBI on the loopback; returns the texts and where the raw records are kept."""

    def fetched(request=NCBI_REQUEST, name="x", **more):
        path = tmp_path / f"{name}.part"
        with open_staging(path, request.as_json(), now=DATE) as part:
            gathered = gather_ncbi(request, entrez, part, report=silent, **more)
            made = build_pieces(gathered, request, witnesses)
            texts = outcome(
                made, request, witnesses, searches=gathered.searches, date=part.started, server="made"
            )  # fmt: skip
            part.copy_to(tmp_path / f"{name}.raw")
        return texts, tmp_path / f"{name}.raw"

    return fetched


def headers(fasta):
    return [line[1:] for line in fasta.splitlines() if line.startswith(">")]


def test_everything_that_the_search_found_is_there(fetched, flat_files):
    texts, raw = fetched()
    assert headers(texts["fasta"]) == [
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
    lock = json.loads(texts["lock"])
    assert lock["records"] == {name: digest(text) for name, text in flat_files.items()}
    (search,) = lock["searches"]
    assert (search["count"], search["accessions"]) == (7, list(flat_files))
    assert lock["fasta_sha256"] == digest(texts["fasta"])
    assert "doe@lab.example" not in texts["lock"] and "0123456789abcdef" not in texts["lock"]
    assert sorted(path.name for path in raw.iterdir())[:4] == [
        f"records-0000{n}.gb" for n in (1, 2, 3, 4)
    ]


def test_the_table_keeps_what_the_reader_of_tables_knows(fetched, tmp_path):
    from forensics.barcode.reference.references import read_references

    texts, _raw = fetched()
    (tmp_path / "x.fasta").write_text(texts["fasta"])
    (tmp_path / "x.tsv").write_text(texts["table"])
    records, left_out = read_references([tmp_path / "x.fasta", tmp_path / "x.tsv"])
    assert not left_out
    assert len(records) == 10
    first = {(r.accession, r.locus): r for r, _s in records}[("FA000001.1", "cytb")]
    assert (first.species, first.family, first.order) == ("Fictus albus", "Fictidae", "Fictiformes")
    assert (first.class_, first.phylum) == ("Mammalia", "Chordata")
    assert (first.voucher, first.institution) == ("MUS:Mamm:1", "MUS")


def test_a_name_without_a_species_stays_with_what_it_says(fetched):
    texts, _raw = fetched()
    row = next(line for line in texts["table"].splitlines() if line.startswith("FA000007.1"))
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
        assert fetched(name=f"broken{at}")[0] == expected
        # The one that was broken was asked twice; until the list stands, the search is made again.
        assert len(ncbi.requests) - before <= unbroken + 4


def test_what_arrived_is_not_asked_for_again(fetched, ncbi):
    def third(path, says):
        wanted = says.get("rettype") == "gbwithparts" and "FA000005.2" in says["id"]
        return Reply(b"", 500) if wanted else None

    ncbi.faults = [third] * 3
    with pytest.raises(FetchError, match="did not arrive whole in 3 attempts"):
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
    assert len(headers(texts["fasta"])) == 9
    assert "FA000005.2\t\tleft out by name (--without)" in texts["left_out"]
    assert json.loads(texts["lock"])["request"]["without"] == ["FA000005.2"]


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
    with pytest.raises(FetchError, match="records came, and no sequence is left"):
        fetched()


# -- local copies -----------------------------------------------------------------


_FETCHED = {}  # once for all tests; each gets a copy that it may damage


@pytest.fixture
def locked(request, tmp_path, tmp_path_factory):
    """What a fetch gave, a copy of its raw records, and its lock."""
    if not _FETCHED:
        texts, raw = request.getfixturevalue("fetched")()
        _FETCHED[0] = texts, shutil.copytree(raw, tmp_path_factory.mktemp("raw") / "raw")
    texts, kept = _FETCHED[0]
    raw = shutil.copytree(kept, tmp_path / "copy")
    (tmp_path / "x.lock.json").write_text(texts["lock"])
    return texts, raw, read_lock(tmp_path / "x.lock.json")


def test_a_lock_and_a_copy_give_the_same_files(locked, witnesses):
    texts, raw, lock = locked
    _made, _request, again = rebuild(lock, [raw], witnesses, report=silent)
    assert again == {kind: texts[kind] for kind in ("fasta", "table", "left_out")}


def test_a_copy_with_more_records_gives_the_same(locked, witnesses):
    texts, raw, lock = locked
    (raw / "more.gb").write_text(flat(barcode("FA000009.1", "Fictus albus", seed=9)))
    _made, _request, again = rebuild(lock, [raw], witnesses, report=silent)
    assert again["fasta"] == texts["fasta"]


def test_a_copy_that_lacks_a_record_is_told(locked, witnesses):
    _texts, raw, lock = locked
    (raw / "records-00002.gb").unlink()
    with pytest.raises(VerificationError, match="lacks 2 records .*FA000003.1, FA000004.1"):
        rebuild(lock, [raw], witnesses, report=silent)


def test_a_copy_with_another_sequence_is_told(locked, witnesses, flat_files):
    _texts, raw, lock = locked
    path = raw / "records-00002.gb"
    other = flat(barcode("FA000004.1", "Fictus albus", seed=44))
    path.write_text(path.read_text().replace(flat_files["FA000004.1"], other))
    told = []
    with pytest.raises(VerificationError, match=r"another sequence: FA000004.1\|COI"):
        rebuild(lock, [raw], witnesses, report=told.append)
    assert "1 records of the copy are not those that were fetched: FA000004.1" in told[0]


def test_a_copy_with_other_annotation_only_is_told_and_gives_the_same_fasta(locked, witnesses):
    texts, raw, lock = locked
    path = raw / "records-00002.gb"
    path.write_text(path.read_text().replace("J. Made 1", "J. Made 2"))
    told = []
    _made, _request, again = rebuild(lock, [raw], witnesses, report=told.append)
    assert again["fasta"] == texts["fasta"]
    assert "FA000003.1, FA000004.1" in told[0]
    assert "what the table says of the records is not" in told[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda lock: lock["records"].pop("FA000001.1"),
        lambda lock: lock["records"].update({"FA000001.1": "0" * 64}),
        lambda lock: lock["sequences"].update({"FA000001.1|COI": "0" * 64}),
        lambda lock: lock.pop("request"),
        lambda lock: lock["request"]["panel"]["taxa"][0].update({"loci": 7}),
        lambda lock: lock["searches"][0].update({"accessions": [7]}),
        lambda lock: lock.update({"lock": 2}),
        lambda lock: lock.update({"date": None}),
    ],
)
def test_a_lock_that_was_changed_is_refused(locked, tmp_path, change):
    lock = locked[2]
    change(lock)
    (tmp_path / "y.json").write_text(json.dumps(lock))
    with pytest.raises(InputError, match="not a lock of a fetch, or it was changed"):
        read_lock(tmp_path / "y.json")


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "[" * 100_000])
def test_what_is_no_lock_is_refused(tmp_path, content):
    (tmp_path / "y.json").write_text(content)
    with pytest.raises(InputError, match="not a lock"):
        read_lock(tmp_path / "y.json")


def test_a_file_of_ones_own_is_cut_without_the_network(
    tmp_path, witnesses, flat_files, monkeypatch
):
    monkeypatch.setattr("socket.socket", None)
    path = tmp_path / "mine.gb"
    other = flat(barcode("FB1.1", "Alius albus", seed=3)).replace("Fictidae", "Aliidae")
    path.write_text("".join(flat_files.values()) + other + flat_files["FA000004.1"])
    made = build_pieces(gather_files(NCBI_REQUEST, [path]), NCBI_REQUEST, witnesses)
    assert len(made.pieces) == 10
    assert made.passed_over == 1  # the record of another family
    (twice,) = made.left_out
    assert (twice.file, twice.record, twice.accession) == ("mine.gb", 9, "FA000004.1")


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(InputError, match="the folder has no"):
        gather_files(NCBI_REQUEST, [tmp_path])


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
def from_bold(tmp_path, line, witnesses):
    def from_bold(server, name="x"):
        with open_staging(tmp_path / f"{name}.part", BOLD_REQUEST.as_json(), now=DATE) as part:
            portal = Portal(line, server=server.url)
            gathered = gather_bold(BOLD_REQUEST, portal, part, report=silent)
            made = build_pieces(gathered, BOLD_REQUEST, witnesses)
            texts = outcome(
                made, BOLD_REQUEST, witnesses, searches=gathered.searches, date=DATE, server="made"
            )  # fmt: skip
            part.copy_to(tmp_path / f"{name}.raw")
        return texts, tmp_path / f"{name}.raw"

    return from_bold


def test_bold_is_fetched_and_what_is_not_taken_has_its_reason(from_bold):
    with BOLD(ROWS).running() as server:
        texts, _raw = from_bold(server)
    assert headers(texts["fasta"]) == [f"FIC{n:03d}-20|Fictus albus|COI|BOLD" for n in range(4)]
    for accession, reason in (
        ("FIC005-20", "unknown locus 'COI-3P'"),
        ("FIC006-20", "it has no sequence"),
        ("FIC000-20", "the sequence occurs twice"),
        ("FIC007-20", "the name 'Fictidae' holds no genus"),
    ):
        assert any(accession in line and reason in line for line in texts["left_out"].splitlines())
    assert json.loads(texts["lock"])["searches"] == [
        {"taxon": "Fictidae", "count": 9, "query": "tax:family:Fictidae"}
    ]


def test_bold_broken_off_continues_and_gives_the_same(from_bold):
    with BOLD(ROWS).running() as server:
        expected, _raw = from_bold(server, "unbroken")
        server.faults = [lambda path, says: Reply(b"", 400) if "download" in path else None]
        with pytest.raises(FetchError):
            from_bold(server, "broken")
        assert from_bold(server, "broken")[0] == expected


def test_a_lock_of_bold_and_a_copy_give_the_same_files(from_bold, tmp_path, witnesses):
    with BOLD(ROWS).running() as server:
        texts, raw = from_bold(server)
    (tmp_path / "b.lock.json").write_text(texts["lock"])
    lock = read_lock(tmp_path / "b.lock.json")
    _made, _request, again = rebuild(lock, [raw], witnesses, report=silent)
    assert again["fasta"] == texts["fasta"] and again["table"] == texts["table"]
    shutil.rmtree(raw)
    raw.mkdir()
    (raw / "records-00001.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS[1:7]))
    with pytest.raises(VerificationError, match=r"lacks .*FIC000-20\|COI-5P"):
        rebuild(lock, [raw], witnesses, report=silent)


# -- what is asked for ------------------------------------------------------------


def test_loci_are_known_by_their_synonyms():
    assert loci_of(["COX1", "cyt b", "COI"]) == ("COI", "cytb")
    with pytest.raises(UsageError):
        loci_of(["nothing"])


def test_a_request_is_the_same_after_json():
    assert Request.from_json(json.loads(json.dumps(NCBI_REQUEST.as_json()))) == NCBI_REQUEST
