import io

import pandas
import pytest

from forensics.errors import InputError
from forensics.io.tables import (
    Row,
    Source,
    cell_text,
    find_delimiter,
    parse_rows,
    read_sheets,
    rows_of_frame,
)


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
