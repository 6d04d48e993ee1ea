"""Lists of items in workbooks: one sheet, so that no item of another one is lost."""

import pytest

from forensics.custody.batches import read_rows
from forensics.custody.fields import IDENTIFIER, Field
from forensics.custody.state import State
from forensics.errors import InputError

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
FIELDS = (Field("thing", IDENTIFIER),)


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_items_in_a_second_sheet_are_not_dropped_without_a_word(tmp_path):
    path = workbook(tmp_path / "l.xlsx", Scales=[["thing"], ["S1"]], Ivory=[["thing"], ["S2"]])
    with pytest.raises(InputError, match=r"2 sheets .*Scales, Ivory"):
        read_rows(path, FIELDS, State())


def test_sheets_that_are_empty_do_not_count(tmp_path):
    path = workbook(
        tmp_path / "l.xlsx", Empty=[], Scales=[["thing"], ["S1"]], Blank=[[" "], [None]]
    )
    assert read_rows(path, FIELDS, State()) == [{"thing": "S1"}]
