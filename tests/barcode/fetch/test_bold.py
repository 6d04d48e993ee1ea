import gzip
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import BOLD, Reply, bold_row

from forensics.barcode.fetch import bold
from forensics.barcode.fetch.bold import (
    Portal,
    fetched_of_row,
    json_row,
    locus_of,
    raw_key,
    rows_in,
)
from forensics.barcode.fetch.request import FetchError
from forensics.errors import InputError, UsageError

ROWS = [bold_row(f"FIC{n:03d}-20", "Fictus albus", seed=n) for n in range(5)]


@pytest.fixture
def server():
    with BOLD(ROWS).running() as running:
        yield running


@pytest.fixture
def portal(server, asked):
    return Portal(asked(server.url))


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
    with pytest.raises(FetchError, match="was not received completely in 3 attempts"):
        portal.search(["Fictidae"])


WHOLE = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.mark.parametrize(
    "reply, reason",
    [
        (Reply(WHOLE[: WHOLE.rindex(b"{")]), "4 of 5 records came"),
        (Reply(WHOLE[:-40]), "record 5: not JSON"),
        (Reply(WHOLE[:-40], promised=len(WHOLE)), "bytes arrived"),
        (Reply(WHOLE[:-40], chunked=True), "the connection broke"),
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
    with pytest.raises(FetchError, match="was not received completely"):
        portal.records(found)


def test_a_record_withdrawn_after_the_count_is_noticed(portal, server):
    found = portal.search(["Fictidae"])
    del server.rows[2]
    with pytest.raises(FetchError, match="4 of 5 records came"):
        portal.records(found)


def test_more_than_bold_gives_is_told_before_the_download(portal, server):
    server.total = bold.MAX_ANSWER + 1
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


# -- rows of files ---------------------------------------------------------------

TSV = "\t".join(ROWS[0]) + "\n" + "".join("\t".join(map(str, row.values())) + "\n" for row in ROWS)


def archive(path, **files):
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "."), text)
    return path


@pytest.mark.parametrize("form", ["tsv", "tsv.gz", "jsonl", "zip"])
def test_a_package_gives_its_rows(tmp_path, form):
    path = tmp_path / f"BOLD.{form}"
    if form == "zip":
        archive(path, BOLD_Public__tsv=TSV, datapackage__json="{}")
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    else:
        path.write_bytes(gzip.compress(TSV.encode()) if form.endswith("gz") else TSV.encode())
    rows = list(rows_in(path))
    assert [row.values["processid"] for row in rows] == [row["processid"] for row in ROWS]
    assert not any(row.problem for row in rows)
    record, marker, sequence, _problem = fetched_of_row(rows[0])
    assert (record.name, marker, sequence) == ("Fictus albus", "COI-5P", ROWS[0]["nuc"])


def test_columns_of_before_2024_are_known(tmp_path):
    path = tmp_path / "combined.tsv"
    path.write_text(
        "processID\tsampleid\tinstitution_storing\tfamily_name\tspecies_name\tlat\tlon\tcountry\t"
        "collectors\tmarkercode\tnucleotides\tgenbank_accession\n"
        "FIC1-07\tS1\tMade Museum\tFictidae\tFictus albus\t-0.5\t11.2\tGabon\tR. Roe\tCOI-5P\t"
        "ACGT\tAB000001\n"
    )
    record, marker, sequence, _problem = fetched_of_row(next(rows_in(path)))
    assert (record.accession, record.insdc, record.coordinates) == (
        "FIC1-07",
        "AB000001",
        "-0.5 11.2",
    )
    assert (record.institution, marker, sequence) == ("Made Museum", "COI-5P", "ACGT")
    assert dict(record.ranks) == {"family": "Fictidae"}


def test_fasta_of_bold_is_known(tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(
        ">FIC1-07|Fictus albus|COI-5P|AB000001\nACGT\nAC\n>FIC2-07|Fictus niger|COI-5P\nTT\n"
    )
    rows = [fetched_of_row(row) for row in rows_in(path)]
    assert [(r.accession, r.name, m, s) for r, m, s, _p in rows] == [
        ("FIC1-07", "Fictus albus", "COI-5P", "ACGTAC"),
        ("FIC2-07", "Fictus niger", "COI-5P", "TT"),
    ]


def test_a_row_of_another_width_is_told_and_not_passed_over(tmp_path):
    path = tmp_path / "x.tsv"
    lines = TSV.splitlines(keepends=True)
    path.write_text(lines[0] + lines[1].replace("\t", " ", 3) + lines[2])
    first, second = rows_in(path)
    assert "columns instead of" in first.problem and not second.problem
    assert (first.number, second.number) == (2, 3)


@pytest.mark.parametrize("form", ["tsv.gz", "zip"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_packed_file_that_was_cut_off_is_an_error(tmp_path, form, share):
    path = tmp_path / f"x.{form}"
    if form == "zip":
        archive(path, x__tsv=TSV)
    else:
        path.write_bytes(gzip.compress(TSV.encode()))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="damaged or cut off|ends too early"):
        list(rows_in(path))


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "empty"),
        (b"name\tsequence\nx\tACGT\n", "expected those of BOLD"),
        (b"hello", "expected those of BOLD"),
        (b"\x00" * 100, "expected those of BOLD"),
    ],
)
def test_what_is_no_file_of_bold_is_told(tmp_path, content, reason):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason):
        list(rows_in(path))


def test_an_archive_of_several_tables_is_told(tmp_path):
    path = archive(tmp_path / "x.zip", occurrence__txt=TSV, dna__txt=TSV)
    with pytest.raises(InputError, match="has 2 tables; expected one"):
        list(rows_in(path))


def test_a_line_without_end_is_told(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_bytes(b"processid\tnuc\nA\t" + b"A" * (1 << 20) + b"\n")
    with pytest.raises(InputError, match="line 2: the line is longer"):
        list(rows_in(path))


@given(
    st.integers(0, len(TSV) - 1), st.binary(max_size=6), st.sampled_from(["tsv", "jsonl", "zip"])
)
def test_a_mutated_file_gives_rows_or_an_error(tmp_path_factory, place, junk, form):
    path = tmp_path_factory.mktemp("mutated") / f"x.{form}"
    if form == "zip":
        archive(path, x__tsv=TSV)
        content = path.read_bytes()
    elif form == "jsonl":
        content = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    else:
        content = TSV.encode()
    place %= len(content)
    path.write_bytes(content[:place] + junk + content[place + len(junk) :])
    try:
        for row in rows_in(path):
            fetched_of_row(row)
    except InputError as error:
        assert str(path) in str(error)
