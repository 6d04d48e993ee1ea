"""The command line of custody: lists of exhibits from spreadsheets."""

# ruff: noqa: F811  (fixtures are arguments)

import openpyxl
import pytest
from custody_office import _opened, office  # noqa: F401

from forensics.custody import open_ledger

ROWS = [
    ["exhibit", "description", "quantity", "unit", "seals"],
    ["C1/10", "écaille", "1,5", "g", "S10; S11"],
    ["C1/11", "scale", "2", "g", ""],
]


def write_list(path, rows):
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        encoding = "cp1252" if "windows" in path.name else "utf-8-sig"
        separator = "\t" if "tab" in path.name else ";"
        path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding=encoding)
        if separator == ";":  # a cell that holds the separator is quoted
            text = "\n".join(
                ";".join(f'"{cell}"' if ";" in str(cell) else str(cell) for cell in row)
                for row in rows
            )
            path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("name", ["list.csv", "windows.csv", "tab.tsv", "list.xlsx"])
def test_a_list_is_received_as_one_act(office, name):
    path = write_list(office.folder / name, ROWS)
    office.run("receive", "C1", "--list", path, "--as", "amina", "--dry-run")
    office.run("receive", "C1", "--list", path, "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == 6
        assert ledger.event(6).fields["exhibits"] == [
            {"exhibit": "C1/10", "description": "écaille", "quantity": "1.5", "unit": "g",
             "seals": ["S10", "S11"]},
            {"exhibit": "C1/11", "description": "scale", "quantity": "2", "unit": "g"},
        ]  # fmt: skip


@pytest.mark.parametrize(
    "row, text",
    [
        (["C1/12", "x", "much", "g", ""], "line 4: quantity: found 'much'"),
        (["C1/12", "x", "1", "stones", ""], "line 4: unit"),
        (["C1/12", "", "1", "g", ""], "line 4: description is missing"),
        (["C1/12", "x", "1", "g", "", "more"], "line 4: More cells"),
    ],
)
def test_a_list_is_taken_whole_or_not_at_all(office, row, text):
    path = write_list(office.folder / "list.csv", [*ROWS, row])
    result = office.run("receive", "C1", "--list", path, "--as", "amina", expect=3)
    assert text in result.stderr
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == 5


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "rows of data are expected"),
        (b"exhibit,colour\n1,red\n", "The columns are"),
        (b"\x00\x01\x02", "neither a table of text"),
        (b"PK\x03\x04garbage", "cannot be read"),
    ],
)
def test_what_is_no_list_is_told(office, content, text):
    path = office.folder / "list"
    path.write_bytes(content)
    result = office.run("receive", "C1", "--list", path, "--as", "amina", expect=3)
    assert text in result.stderr
