"""Small files that would fill a workstation: each is refused soon, with its name and what to do."""

import gzip
import io
import tracemalloc
import zipfile

import pytest
from click.testing import CliRunner

from forensics.barcode.reading import reads
from forensics.cli import main
from forensics.errors import InputError
from forensics.genetics import sources
from forensics.genetics.reading import read_genotypes
from forensics.io import files, tables
from forensics.io.files import Budget, load_json, load_toml, open_archive, unpack
from forensics.io.tables import open_source, read_sheets, read_table

BLOCK = b"A1,138/140\n" * 100_000
HEAD = (
    "LOCUS       X          60 bp    DNA     linear   VRT 01-JAN-2020\n"
    "DEFINITION  x.\nACCESSION   X\nVERSION     X.1\n"
    "FEATURES             Location/Qualifiers\n     source          1..60\n"
)
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/s.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/s.xml"/></Relationships>',
}  # fmt: skip


def packed(block, times, head=b"", level=9):
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=level) as file:
        file.write(head)
        for _time in range(times):
            file.write(block)
    return stream.getvalue()


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(path, rows, *, sheets=1, strings="", part="xl/worksheets/s.xml"):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
            + "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="r1"/>' for n in range(sheets))
            + "</sheets></workbook>",
        )
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{strings}</sst>')
        archive.writestr(
            part,
            f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
        )
    return path


def test_a_packed_file_that_swells_beyond_reason_is_refused_by_every_reader(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_FREE", 1_000_000)
    table = tmp_path / "a.csv.gz"
    table.write_bytes(packed(BLOCK, 4))
    sequence = tmp_path / "a.fasta.gz"
    sequence.write_bytes(packed(b"ACGT" * 250_000, 4, b">x\n"))
    for arguments in (
        ("origin", "assign", "microbov-breeds", table),
        ("identify", sequence),
        ("trade", "validate", table),
    ):
        found = CliRunner().invoke(main, list(map(str, arguments)))
        assert found.exit_code == 3, found.output
        assert "250 times" in found.output or "XLSX" in found.output, found.output


def test_what_packs_as_data_do_is_read_whatever_its_length(monkeypatch):
    monkeypatch.setattr(files, "_FREE", 1000)
    whole = b"".join(b"A%d,%d\n" % (n, n * 7919 % 1009) for n in range(20_000))
    assert unpack(io.BytesIO(gzip.compress(whole)), "a").read() == whole
    with pytest.raises(InputError, match=r"a\.gz: unpacked, the file is more than 250 times"):
        unpack(io.BytesIO(gzip.compress(bytes(10**6))), "a.gz").read()


def test_a_cell_in_the_last_corner_of_a_sheet_fills_no_rows(tmp_path):
    path = workbook(
        tmp_path / "corner.xlsx",
        f'<row r="1">{cell("A1", "animal")}{cell("B1", "Fca8")}</row>'
        f'<row r="2">{cell("A2", "N1")}{cell("B2", "138/140")}</row>'
        f'<row r="1048576">{cell("XFD1048576", "x")}</row>',
    )
    assert path.stat().st_size < 3000
    with open_source(path) as source:
        ((_title, rows),) = ((sheet.title, list(sheet.rows)) for sheet in read_sheets(source))
    assert [row.line for row in rows] == [1, 2, 1048576]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (f'<row r="1">{cell("A1", "A" * 2**21)}</row>', "cell of more than 1048576 bytes"),
        (f'<row r="1">{"<c/>" * 1_100_000}</row>', "more than 1000000 tags"),
        ('<row r="1"><c><![CDATA[<row >]]></c></row>', "no spreadsheet program writes"),
    ],
)
def test_a_sheet_that_costs_a_parser_much_is_refused_before_it_is_parsed(tmp_path, rows, text):
    path = workbook(tmp_path / "b.xlsx", rows)
    tracemalloc.start()
    with pytest.raises(InputError, match=rf"b\.xlsx.*{text}"):
        read_table(path)
    assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    tracemalloc.stop()


def test_one_part_that_is_many_sheets_is_refused(tmp_path):
    path = workbook(tmp_path / "c.xlsx", f'<row r="1">{cell("A1", "x")}</row>', sheets=3)
    with pytest.raises(InputError, match="two sheets are one part"):
        read_table(path)


def test_no_part_is_read_that_was_not_looked_at(tmp_path, monkeypatch):
    parts = {name: text.replace("worksheets/s.xml", "media/s.xml") for name, text in PARTS.items()}
    monkeypatch.setattr(f"{__name__}.PARTS", parts)
    path = workbook(tmp_path / "m.xlsx", f'<row r="1">{cell("A1", "x")}</row>')
    with pytest.raises(InputError, match="name of a picture"):
        read_table(path)


def test_one_long_text_in_many_cells_counts_in_each(tmp_path):
    cells = '<c t="s"><v>0</v></c>' * 100
    path = workbook(
        tmp_path / "d.xlsx",
        f"<row>{cells}</row>" * 100,
        strings=f"<si><t>{'long ' * 6000}</t></si>",
    )
    with pytest.raises(InputError, match="longer than 9000000 bytes"):
        read_table(path, budget=Budget(max_bytes=9_000_000))


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        ({"max_rows": 2}, "line 4: More than 2 rows"),
        ({"max_columns": 2}, "line 1: More than 2 columns"),
        ({"max_cells": 5}, "line 2: More than 5 cells"),
        ({"max_bytes": 10}, "longer than 10 bytes"),
        ({"max_line": 4}, "line 1: a line has more than 4 characters"),
    ],
)
def test_a_table_beyond_its_budget_is_refused_with_the_line(budget, text):
    table = io.StringIO("a,b,c\n1,2,3\n4,5,6\n7,8,9\n")
    with pytest.raises(InputError, match=text):
        read_table(table, budget=Budget(**budget))


def test_rows_of_genotypes_are_bounded(monkeypatch):
    monkeypatch.setattr(sources, "BUDGET", Budget(max_rows=3))
    table = "id,Fca8\n" + "".join(f"N{n},138/140\n" for n in range(4))
    assert len(read_genotypes(io.StringIO(table[:-11])).animals) == 3
    with pytest.raises(InputError, match="line 5: More than 3 rows"):
        read_genotypes(io.StringIO(table))


def test_a_quoted_field_without_an_end_is_refused():
    with pytest.raises(InputError, match="quotation marks"):
        read_table(io.StringIO('a,b\n1,"' + "x\n" * 200_000))


@pytest.mark.parametrize(
    "inside", ["     gene            1..10\n", "ORIGIN\n" + "        1 acgtacgtac acgtacgtac\n"]
)
def test_an_entry_of_genbank_without_end_is_refused_before_it_is_parsed(
    tmp_path, monkeypatch, inside
):
    monkeypatch.setattr(reads, "MAX_ENTRY", 4000)
    whole = HEAD + "ORIGIN\n        1 " + "acgtacgtac " * 6 + "\n//\n"
    path = tmp_path / "a.gb"
    path.write_text(whole + HEAD + inside * 200 + "ORIGIN\n        1 acgt\n//\n", encoding="utf-8")
    queries = reads.read_queries(path)
    assert next(queries).name == "X.1"
    with pytest.raises(InputError, match=r"a\.gb, record 2: the entry is longer than 4000 char"):
        list(queries)


def test_json_is_looked_at_before_it_is_parsed(monkeypatch):
    assert load_json(b'\xef\xbb\xbf{"a": [1, 2]}') == {"a": [1, 2]}
    with pytest.raises(ValueError, match="nested too deeply"):
        load_json("[" * 200_000)
    monkeypatch.setattr(files, "MAX_VALUES", 10)
    with pytest.raises(ValueError, match="more than 10 values"):
        load_json("[" + "[]," * 20 + "[]]")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a." * 20_000 + "a = 1",
        "[" + '"a" . ' * 20_000 + "a]",
        "a={" * 90_000,
    ],
)
def test_toml_is_looked_at_before_it_is_parsed(text):
    assert load_toml(b'[a.b]\r\nc = "1. 2. 3."\r\n') == {"a": {"b": {"c": "1. 2. 3."}}}
    with pytest.raises(ValueError, match="nested too deeply|longer than"):
        load_toml(text)


def test_an_archive_of_too_many_or_too_long_members_is_refused(monkeypatch):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abcd":
            archive.writestr(name, bytes(10_000))
    with open_archive(stream, 40_000) as archive:
        assert archive.read("a") == bytes(10_000)
    for name, most in (("MAX_MEMBERS", 3), ("_FREE", 1000)):
        with monkeypatch.context() as patched:
            patched.setattr(files, name, most)
            patched.setattr(files, "MAX_SWELLING", 5)
            with (
                pytest.raises(zipfile.BadZipFile, match="which is too much for data"),
                open_archive(stream, 40_000),
            ):
                pass
    with pytest.raises(zipfile.BadZipFile), open_archive(stream, 39_999):
        pass


def test_the_parts_of_a_workbook_are_read_whatever_the_size_of_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_BLOCK", 7)
    monkeypatch.setattr(tables, "_MAX_TAGS", 40)
    monkeypatch.setattr(tables, "_MAX_TEXT", 400)
    row = f"<row>{cell('A1', 'a')}{cell('B1', 'b')}</row>"
    assert len(read_table(workbook(tmp_path / "e.xlsx", row * 50)).rows) == 49
