"""The sheet as people fill it in, and what is wrong with it."""

import pytest

from forensics.errors import InputError
from forensics.training.rounds import Answer, read_answers

SAMPLES = ("S01", "S02", "S03")
NAMES = {"Larus fuscus", "Larus argentatus", "Larus", "Laridae"}


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8"):
        path = tmp_path / "answers.csv"
        path.write_bytes(text.encode(encoding))
        return read_answers(path, SAMPLES, NAMES)

    return read


def test_answers_come_in_the_order_of_the_samples_and_what_has_no_row_is_unanswered(read):
    text = "sample,conclusion,taxon,remarks\nS03,inconclusive,,two peaks\nS01,identified,Larus,\n"
    assert read(text) == [
        Answer("S01", "identified", ("Larus",)),
        Answer("S02"),
        Answer("S03", "inconclusive", (), "two peaks"),
    ]


def test_the_sheet_is_read_as_spreadsheet_programs_write_it(read):
    text = "Remarks;TAXON;Conclusion;Sample\r\nétable;larus fuscus;Identified;s02\r\n;;Nothing near;S01\r\n"
    found = read(text, "cp1252")
    assert found[0].conclusion == "nothing_near"
    assert found[1] == Answer("S02", "identified", ("Larus fuscus",), "étable")


def test_several_species_are_a_set(read):
    found = read("sample,conclusion,taxon\nS01,identified,Larus fuscus; Larus argentatus\n")
    assert found[0].taxa == ("Larus fuscus", "Larus argentatus")


def test_a_workbook_is_read_too(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["sample", "conclusion", "taxon"], ["S01", "unusable", None]):
        book.active.append(row)
    book.save(tmp_path / "answers.xlsx")
    assert read_answers(tmp_path / "answers.xlsx", SAMPLES, NAMES)[0].conclusion == "unusable"


@pytest.mark.parametrize(
    "row, said",
    [
        ("S09,inconclusive,", "no sample 'S09' in this round; expected S01 to S03"),
        ("S01,perhaps,", "'perhaps' is no conclusion; write one of identified"),
        ("S01,identified,", "Identified as what"),
        ("S01,inconclusive,Larus fuscus", "stands beside 'inconclusive'"),
        ("S01,identified,Larus fuscas", "is it Larus fuscus"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, row, said):
    with pytest.raises(InputError, match=said) as caught:
        read(f"sample,conclusion,taxon\n{row}\n")
    assert caught.value.line == 2


def test_a_second_row_for_a_sample_is_refused(read):
    with pytest.raises(InputError, match="S01 has a row already") as caught:
        read("sample,conclusion,taxon\nS01,unusable,\nS01,inconclusive,\n")
    assert caught.value.line == 3


def test_a_missing_column_is_named(read):
    with pytest.raises(InputError, match="column taxon is missing"):
        read("sample,conclusion\nS01,unusable\n")


def test_a_name_that_nobody_knows_is_taken_as_it_stands(read):
    found = read("sample,conclusion,taxon\nS01,identified,Panthera tigris\n")
    assert found[0].taxa == ("Panthera tigris",)
