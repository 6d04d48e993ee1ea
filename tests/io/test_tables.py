import csv
import gzip
import io

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import InputError
from forensics.io.inputs import Budget
from forensics.io.tables import DAY, NUMBER, TEXT, Column, number_kind, read_table

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
        ("sample,value\nA,1,234\n", 2, "3 cells where the header names 2 columns"),
        ("sample;value\nA;1,234\n", 2, "column 'value': '1,234' may be 1.234 or 1234"),
        ("sample,value\nA,x\n", 2, "column 'value': found 'x'; expected a number"),
        ("sample,value\n,1\n", 2, "the column 'sample' is empty"),
        ("name,value\nA,1\n", 1, "found the columns name, value; missing: sample"),
        ("sample,value,measured\nA,1,2\n", 1, "two columns mean the same: value, measured"),
        ("sample,value,since\nA,1,3/4/2019\n", 2, "column 'since': found '3/4/2019'; expected year"),
        ("sample,value\nA,1\nB\n", 3, "1 cell where the header names 2 columns; was the row cut"),
        ('sample,value\nA,"1\nB,2\n', 3, "the quotation marks do not fit together"),
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


def test_a_table_of_too_many_rows_is_refused():
    with pytest.raises(InputError, match="More than 2 rows"):
        read("a,b\n1,2\n1,2\n1,2\n", budget=Budget(max_rows=2))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_are_refused(data):
    try:
        table = read_table(io.BytesIO(data))
    except InputError:
        return
    assert table.rows and all(len(row.cells) == len(table.header) for row in table.rows)
