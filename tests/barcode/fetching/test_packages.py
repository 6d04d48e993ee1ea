import gzip
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import bold_row

from forensics.barcode.fetching.bold import fetched_of_row
from forensics.barcode.fetching.packages import rows_in
from forensics.errors import InputError

ROWS = [bold_row(f"FIC{n:03d}-20", "Fictus albus", seed=n) for n in range(3)]
TSV = "\t".join(ROWS[0]) + "\n" + "".join("\t".join(map(str, r.values())) + "\n" for r in ROWS)
META = """<archive xmlns="http://rs.tdwg.org/dwc/text/">
<core rowType="http://rs.tdwg.org/dwc/terms/Occurrence" fieldsTerminatedBy="\\t" ignoreHeaderLines="1">
<files><location>occurrence.txt</location></files><id index="0"/>
<field index="0" term="http://rs.tdwg.org/dwc/terms/occurrenceID"/>
<field index="1" term="http://rs.tdwg.org/dwc/terms/scientificName"/>
<field index="2" term="http://rs.tdwg.org/dwc/terms/family"/>
<field index="3" term="http://rs.tdwg.org/dwc/terms/catalogNumber"/>
<field index="4" term="http://rs.tdwg.org/dwc/terms/decimalLatitude"/>
<field index="5" term="http://rs.tdwg.org/dwc/terms/decimalLongitude"/></core>
<extension rowType="http://rs.gbif.org/terms/1.0/DNADerivedData" ignoreHeaderLines="1">
<files><location>dna.txt</location></files><coreid index="0"/>
<field index="1" term="https://w3id.org/mixs/0000044"/>
<field index="2" term="http://rs.gbif.org/terms/dna_sequence"/></extension></archive>"""
OCCURRENCES = "id\tname\tfamily\tcat\tlat\tlon\nFIC1\tFictus albus\tFictidae\tV7\t-0.5\t11.2\n"
SEQUENCES = "id\tgene\tdna\nFIC1\tCOI-5P\tACGTACGT\nFIC1\tcytb\tTTTT\n"


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


def test_a_darwin_core_archive_gives_a_row_a_sequence(tmp_path):
    path = archive(
        tmp_path / "x.zip", meta__xml=META, occurrence__txt=OCCURRENCES, dna__txt=SEQUENCES
    )
    rows = [fetched_of_row(row) for row in rows_in(path)]
    assert [(r.accession, r.voucher, r.coordinates, m, s) for r, m, s, _p in rows] == [
        ("FIC1", "V7", "-0.5 11.2", "COI-5P", "ACGTACGT"),
        ("FIC1", "V7", "-0.5 11.2", "cytb", "TTTT"),
    ]
    assert rows[0][0].belongs_to({"Fictidae"})


def test_a_sequence_of_no_occurrence_is_told(tmp_path):
    path = archive(
        tmp_path / "x.zip", meta__xml=META, occurrence__txt=OCCURRENCES,
        dna__txt=SEQUENCES + "FIC9\tCOI-5P\tAC\n",
    )  # fmt: skip
    *_others, last = rows_in(path)
    assert last.problem == "of no occurrence in the core"


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


@pytest.mark.parametrize(
    "meta, reason",
    [
        ("<archive", "not XML"),
        ("<archive/>", "names no core"),
        (META.replace("occurrence.txt", "../../etc/passwd"), "damaged"),
        (META.replace('index="5"', 'index="5000"'), "names no table"),
        (META.replace('index="5"', 'index="x"'), "not that of an archive"),
    ],
)
def test_a_hostile_archive_is_told(tmp_path, meta, reason):
    path = archive(
        tmp_path / "x.zip", meta__xml=meta, occurrence__txt=OCCURRENCES, dna__txt=SEQUENCES
    )
    with pytest.raises(InputError, match=reason):
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
        archive(path, meta__xml=META, occurrence__txt=OCCURRENCES, dna__txt=SEQUENCES)
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
