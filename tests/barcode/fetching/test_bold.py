import json

import pytest
from loopback import BOLD, Reply, bold_row

from forensics.barcode.fetching import bold
from forensics.barcode.fetching.bold import Portal, fetched_of_row, locus_of, raw_key
from forensics.barcode.fetching.http import FetchError
from forensics.barcode.fetching.packages import json_row
from forensics.errors import UsageError

ROWS = [bold_row(f"FIC{n:03d}-20", "Fictus albus", seed=n) for n in range(5)]


@pytest.fixture
def server():
    with BOLD(ROWS).running() as running:
        yield running


@pytest.fixture
def portal(server, line):
    return Portal(line, server=server.url)


def first(part, reply):
    return lambda path, says: reply if part in path else None


def test_a_query_goes_through_its_steps(portal, server):
    found = portal.search(["Fictidae"])
    assert (found.query, found.count) == ("tax:family:Fictidae", 5)
    body = portal.records(found)
    assert [json.loads(line) for line in body.decode().splitlines()] == ROWS
    assert [path for path, _says in server.requests] == [
        "/query/preprocessor",
        "/query",
        "/documents/eAE%2Fmade%2Btoken%3D%3D",
        "/documents/eAE%2Fmade%2Btoken%3D%3D/download",
    ]
    assert server.requests[1][1] == {"query": "tax:family:Fictidae", "extent": "full"}


def test_a_taxon_that_bold_does_not_know_is_told(portal):
    with pytest.raises(FetchError, match="BOLD does not know Nusquam"):
        portal.search(["Nusquam"])


def test_a_name_of_several_taxa_asks_for_all_of_them(portal, server):
    answer = {
        "successful_terms": [
            {"submitted": "tax:na:Morus", "matched": "tax:genus:Morus,tax:species:Morus"}
        ]
    }
    server.faults = [first("preprocessor", Reply(json.dumps(answer).encode()))]
    assert portal.terms(["Morus"]) == "tax:genus:Morus;tax:species:Morus"


@pytest.mark.parametrize("name", ["a:b", "tax;geo", "x|y"])
def test_a_taxon_that_would_change_the_query_is_refused(portal, name):
    with pytest.raises(UsageError, match="cannot be the name"):
        portal.terms([name])


@pytest.mark.parametrize("step", ["/query/preprocessor", "/query", "/documents/eAE"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", 500),
        Reply(b"", 429),
        Reply(b"<html>BOLD Public Offline</html>", kind="text/html"),
        Reply(b'{"query_id": "x'),
        Reply(b"[]"),
        Reply(b"{}"),
        Reply(b"[" * 100_000),
        Reply(b'{"query_id": 7, "recordsTotal": "5", "successful_terms": [{"matched": 1}]}'),
        Reply(b'{"quer', promised=400),
    ],
)
def test_a_broken_answer_is_asked_for_again_and_never_taken(portal, server, step, reply):
    def fault(path, says):
        return reply if path.startswith(step) and (step != "/query" or path == step) else None

    server.faults = [fault]
    assert portal.search(["Fictidae"]).count == 5
    server.faults = [fault] * 3
    with pytest.raises(FetchError, match="did not arrive whole in 3 attempts"):
        portal.search(["Fictidae"])


WHOLE = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.mark.parametrize(
    "reply, reason",
    [
        (Reply(WHOLE[: WHOLE.rindex(b"{")]), "4 of 5 records came"),
        (Reply(WHOLE[:-40]), "record 5: not JSON"),
        (Reply(WHOLE[:-40], promised=len(WHOLE)), "bytes arrived"),
        (Reply(WHOLE[:-40], chunked=True), "cut off"),
        (Reply(b""), "0 of 5 records came"),
        (Reply(WHOLE + WHOLE[: WHOLE.index(b"\n") + 1]), "6 of 5 records came"),
        (Reply(WHOLE.replace(b'{"processid"', b"[", 1)), "record 1: not JSON"),
        (Reply(b'"text"\n' * 5), "record 1: not a JSON object"),
        (Reply(b"\xff" * 9), "not a text"),
    ],
)
def test_fewer_or_broken_records_are_never_taken(portal, server, told, reply, reason):
    found = portal.search(["Fictidae"])
    server.faults = [first("/download", reply)]
    assert portal.records(found) == WHOLE
    assert reason in told[0]
    server.faults = [first("/download", reply)] * 3
    with pytest.raises(FetchError, match="did not arrive whole"):
        portal.records(found)


def test_a_record_withdrawn_after_the_count_is_noticed(portal, server):
    found = portal.search(["Fictidae"])
    del server.rows[2]
    with pytest.raises(FetchError, match="4 of 5 records came"):
        portal.records(found)


def test_more_than_bold_gives_is_told_before_the_download(portal, server):
    server.total = bold.MAX_RECORDS + 1
    with pytest.raises(FetchError, match="ask for smaller taxa, or read a data package"):
        portal.search(["Fictidae"])


def test_what_a_row_says_is_kept():
    record, marker, sequence, problem = fetched_of_row(json_row(1, json.dumps(ROWS[0])))
    assert (record.accession, record.name, marker, problem) == (
        "FIC000-20",
        "Fictus albus",
        "COI-5P",
        "",
    )
    assert (record.voucher, record.institution) == ("S-FIC000-20", "Museum of Made")
    assert (record.country, record.coordinates) == ("Gabon", "-0.5 11.2")
    assert (record.collector, record.identifier, record.date) == ("R. Roe", "J. Doe", "2019-05-06")
    assert dict(record.ranks)["family"] == "Fictidae"
    assert len(sequence) == 658
    assert raw_key(json_row(1, json.dumps(ROWS[0]))) == "FIC000-20|COI-5P"


@pytest.mark.parametrize("process", ["", "=cmd()", "a b", "x|y", "\x1b[2J"])
def test_a_process_id_that_is_none_is_told(process):
    row = json_row(1, json.dumps({**ROWS[0], "processid": process}))
    assert "is not a process id" in fetched_of_row(row)[3]


def test_marker_codes_of_other_parts_are_not_taken_for_the_barcode():
    assert [locus_of(m) for m in ("COI-5P", "COI-3P", "COI-5PNMT1", "COII", "matK", "ITS2", "")] == [
        "COI", "", "", "", "matK", "ITS", "",
    ]  # fmt: skip
