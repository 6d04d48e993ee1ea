"""Workbooks of spreadsheets, as people have them."""

import pytest

__all__ = ["workbook"]


def workbook(path, *first, merged=(), **sheets):
    """Write a workbook with the rows of each sheet, or with those of one that has no title of its own."""
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.Workbook()
    if sheets:
        book.remove(book.active)
    for title, rows in sheets.items() or [(None, first)]:
        sheet = book.create_sheet(title) if title else book.active
        for row in rows:
            sheet.append(row)
        for cells in merged:
            sheet.merge_cells(cells)
    book.save(path)
    return path
