import csv
import gzip
import io

import pandas
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from simulation import query

from forensics.barcode.validating.validation import read_known
from forensics.cli import main
from forensics.errors import InputError
from forensics.io.numbers import defused, plain
from forensics.io.tables import (
    DAY,
    NUMBER,
    TEXT,
    Column,
    Row,
    Source,
    cell_text,
    find_delimiter,
    number_kind,
    parse_rows,
    read_sheets,
    read_table,
    rows_of_frame,
)

SAMPLE = Column("sample", TEXT, filled=True)
VALUE = Column("value", NUMBER, also=("measured",))
SINCE = Column("since", DAY, required=False)

# What csv writes it reads back, but for what spreadsheet programs cannot hold either.
CELL = st.text(
    st.characters(exclude_characters="\x00\ufffd\ufeff", exclude_categories=("Cs",)), max_size=8
)


def read(text: str, **options):
    return read_table(io.BytesIO(text.encode()), **options)


def values(text: str, *columns, **options):
    table = read(text, **options)
    return [tuple(record[column] for column in columns) for record in table.records(*columns)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=5))
def test_what_the_csv_module_writes_is_read_as_it_reads_it(delimiter, encoding, end, rows):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b", "c"), ("x", "y", "z"), *rows])
    table = read_table(io.BytesIO(buffer.getvalue().encode(encoding)), padded=False)
    oracle = csv.reader(io.StringIO(buffer.getvalue(), newline=""), delimiter=delimiter)
    expected = [tuple(cells) for cells in oracle if any(cell.strip() for cell in cells)]
    assert [table.header, *(row.cells for row in table.rows)] == expected


def test_windows_1252_gzip_and_old_line_ends_are_read():
    assert read_table(io.BytesIO("espèce;n\rlézard;1".encode("cp1252"))).rows[0].cells == (
        "lézard",
        "1",
    )
    assert read_table(io.BytesIO(gzip.compress(b"a,b\n1,2\n"))).rows[0].cells == ("1", "2")


def test_columns_are_found_by_their_names_and_read_as_their_kinds():
    text = "since;Measured;  SAMPLE\n2019-07-01;-21,3;A1\n;1,234;A2\n"
    assert [tuple(map(str, row)) for row in values(text, SAMPLE, VALUE, SINCE)] == [
        ("A1", "-21.3", "2019-07-01"),
        ("A2", "1.234", "None"),
    ]


def test_text_stays_text():
    assert values("sample,value\n007,\n1e5,2\nNA,\n", SAMPLE) == [("007",), ("1e5",), ("NA",)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("sample,value\nA,1,234\n", 2, "3 cells, but the header names 2 columns"),
        ("sample;value\nA;1,234\n", 2, "column 'value': '1,234' may be 1.234 or 1234"),
        ("sample,value\nA,x\n", 2, "column 'value': found 'x'; expected a number"),
        ("sample,value\n,1\n", 2, "the column 'sample' is empty"),
        ("name,value\nA,1\n", 1, "found the columns name, value; missing: sample"),
        ("sample,value,measured\nA,1,2\n", 1, "two columns have the same meaning: value, measured"),
        ("sample,value,since\nA,1,3/4/2019\n", 2, "column 'since': found '3/4/2019'; expected year"),
        ("sample,value\nA,1\nB\n", 3, "1 cell, but the header names 2 columns; was the row cut"),
        ('sample,value\nA,"1\nB,2\n', 3, "the quotation marks do not match there"),
        ("sample,value\n", None, "the table has no rows"),
        ("\n \n", None, "the table has no header"),
        ("", None, "the file is empty"),
        ("sample,value\nA\0,1\n", None, "neither a table of text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_column(text, line, message):
    with pytest.raises(InputError, match=message) as refused:
        values(text, SAMPLE, VALUE, SINCE)
    assert refused.value.line == line


def test_narrow_rows_are_taken_where_they_may_be():
    found = values("sample,value\nA\n", SAMPLE, VALUE, narrow_rows=True)
    assert [(name, str(value)) for name, value in found] == [("A", "nan")]


def test_bounds_of_a_column_decide_between_two_readings():
    delta = Column("value", number_kind(minimum=-900, maximum=900))
    assert values("sample;value\nA;-21,345\n", delta) == [(-21.345,)]


def test_a_frame_is_read_with_its_named_index():
    frame = pandas.DataFrame({"value": [1.5, None]}, index=pandas.Index(["A", "B"], name="sample"))
    table = read_table(frame)
    found = [(record[SAMPLE], str(record[VALUE])) for record in table.records(SAMPLE, VALUE)]
    assert found == [("A", "1.5"), ("B", "nan")]


@pytest.fixture
def workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")

    def make(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return make


def test_a_workbook_is_read_as_the_csv_of_it(workbook):
    path = workbook(first=[["sample", "value", None], ["A", 138.0, None], [None, None, None]])
    table = read_table(path)
    assert table.header == ("sample", "value")
    assert [(row.line, row.cells, row.typed) for row in table.rows] == [
        (2, ("A", "138"), frozenset({1}))
    ]


def test_several_sheets_are_refused_or_chosen_and_never_lost(workbook):
    rows = [["sample", "value"], ["A", 1]]
    path = workbook(one=rows, empty=[], two=[["sample", "value"], ["B", 2]])
    with pytest.raises(InputError, match=r"2 sheets that are not empty \(one, two\)"):
        read_table(path)
    assert read_table(path, first_sheet=True).other_sheets == ("two",)
    assert read_table(path, sheet="two").rows[0].cells == ("B", "2")
    with pytest.raises(InputError, match="no sheet three that is not empty; it has: one, two"):
        read_table(path, sheet="three")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_are_refused(data):
    try:
        table = read_table(io.BytesIO(data))
    except InputError:
        return
    assert table.rows and all(len(row.cells) == len(table.header) for row in table.rows)


def rows(data: bytes, **options) -> list[Row]:
    (sheet,) = read_sheets(Source(io.BytesIO(data), "list.csv"), **options)
    return list(sheet.rows)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_rows_have_the_number_of_their_last_line(sign):
    data = sign.join(("\r\nitem", "what")) + "\r\n" + sign.join(("1", '"a\nbead"')) + "\r\n"
    assert rows(data.encode()) == [Row(1, ()), Row(2, ("item", "what")), Row(4, ("1", "a\nbead"))]


@pytest.mark.parametrize(
    "data, line", [(b"a,b\0c", None), (b"a,b\n\x81,c", None), (b'a,b\n"1"x,2\n', 2)]
)
def test_what_is_no_csv_is_refused_with_its_file(data, line):
    with pytest.raises(InputError) as refused:
        rows(data)
    assert (refused.value.source, refused.value.line) == ("list.csv", line)


def test_the_delimiter_gives_rows_of_one_width():
    assert find_delimiter(["name, as deposited;share", "a;1,5", "b, c;2,5"]) == ";"
    assert find_delimiter(["date\ttext", "2019\tone, two, three", "2020\tfour"]) == "\t"
    assert find_delimiter(["name", "a"]) is None


def test_blanks_separate_cells_where_nothing_else_does():
    assert rows(b"id Fca8\nN1  138\n", blanks=True)[1].cells == ("N1", "138")


def test_a_mark_that_swallows_rows_is_refused_where_marks_are_text():
    lines = io.StringIO('a\tb\n"x" y\t1\n"z\t2\nw\t3\n', newline="")
    with pytest.raises(InputError, match="a quotation mark is not closed"):
        list(parse_rows(lines, "\t", source="x.tsv", strict=False))


def test_a_frame_with_several_rows_of_names_is_refused():
    frame = pandas.DataFrame([[1]], columns=pandas.MultiIndex.from_tuples([("a", "b")]))
    with pytest.raises(InputError, match="several rows of column names"):
        list(rows_of_frame(frame))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (1e-7, "0.0000001"), (1e22, "1" + "0" * 22), (True, "True"), (pandas.NaT, ""),
     (pandas.NA, ""), (float("inf"), "inf"), ("=1", "=1")],
)  # fmt: skip
def test_values_become_the_shortest_text_that_means_the_same(value, text):
    assert cell_text(value) == text


def test_a_day_of_pandas_is_a_day_and_keeps_an_hour_that_it_has():
    frame = pandas.DataFrame({"day": pandas.to_datetime(["2019-03-05T00:00", "2019-03-05T08:15"])})
    _header, first, second = rows_of_frame(frame)
    assert (first.cells, second.cells) == (("2019-03-05",), ("2019-03-05T08:15:00",))


@pytest.fixture
def forensics_csv(tmp_path, library_folder):
    """Identify one sequence under a header; return the query's cell of the CSV."""

    def run(header, output=None):
        (tmp_path / "q.fasta").write_text(f"{header}\n{query()}\n")
        arguments = ["identify", tmp_path / "q.fasta", "--library", library_folder]
        text = CliRunner().invoke(main, [*map(str, arguments), "--format", "csv"]).stdout
        if output:
            output.write_text(text, encoding="utf-8")
        return next(csv.DictReader(io.StringIO(text)))["query"]

    return run


@given(st.text(max_size=20))
def test_what_is_defused_is_no_formula_and_can_be_had_again(text):
    (cell,) = defused({"name": text}).values()
    assert len(cell) < 2 or cell[0] not in "=+-@\t\r\n"
    if not text.startswith("'"):
        assert plain(cell) == text


def test_numbers_and_strands_stay_as_they_are():
    row = {"identity": -0.5, "strand": "-", "records": 3, "taxon": None, "warnings": ""}
    assert defused(row) == row


def test_a_formula_in_a_header_reaches_no_spreadsheet(forensics_csv):
    assert forensics_csv(">=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert forensics_csv(">@cmd") == "'@cmd"
    assert forensics_csv(">plain") == "plain"


def test_the_laboratorys_specimens_are_matched_with_defused_queries(tmp_path, forensics_csv):
    forensics_csv(">=S1", tmp_path / "calls.csv")
    (tmp_path / "truth.csv").write_text("specimen,true species\n=S1,Fictus albus\n")
    (specimen,) = read_known([tmp_path / "truth.csv", tmp_path / "calls.csv"])
    assert specimen.name == "=S1"
