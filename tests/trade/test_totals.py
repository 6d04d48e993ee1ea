"""Rows that look like totals: by a word in four languages, and by arithmetic."""

import functools
import operator
import random

import pytest

from forensics.trade import import_file, validate
from forensics.trade.importing import Totals, is_total_word
from forensics.trade.sheets import read_sheets
from forensics.trade.store import memory_store


@pytest.mark.parametrize(
    "cell",
    ["Total", "TOTAL:", "Grand total", "Sub-total 2025", "sum", "Totals", "Total 2025", "Total Kenya",
     "Somme", "Sous-total", "Total général", "Totaux", "Total des saisies 2025", "Suma", "Gran total",
     "Total general", "Subtotal", "Soma", "Total geral", "Totais", "Total (kg)", "Total tusks",
     "Total de decomisos"],
)  # fmt: skip
def test_words_for_a_total(cell):
    assert is_total_word(cell)


@pytest.mark.parametrize(
    "cell",
    ["Total petrol station, Douala", "summit", "Sumatra", "Tot Nederland", "Somalia", "in total 5 arrested",
     "Manis javanica", "", "Sumbawa", "SUMMA-12 port", "ensemble de sculptures"],
)  # fmt: skip
def test_words_that_only_begin_like_one(cell):
    assert not is_total_word(cell)


def specimen(amount, unit="kg"):
    return {"unit": unit, "quantity_low": amount, "quantity_high": amount}


def suspects(*rows):
    """Return the places of the rows that are suspected; a row is reference, date and amount."""
    totals = Totals()
    return [
        place
        for place, (reference, date, amount, *unit) in enumerate(rows)
        if totals.suspect(
            {"reference": reference}, {"reference": reference, "date": date},
            [specimen(amount, *unit)],
        )
    ]  # fmt: skip


def test_a_sum_without_date_and_reference_is_suspected():
    assert suspects(("R1", "2025", 300.0), ("R2", "2025", 351.0), ("", "", 651.0)) == [2]
    assert suspects(("R1", "2025", 300.0), ("R2", "2025", 351.0), ("", "", 650.0)) == []


def test_a_sum_in_a_row_that_has_them_needs_more_rows_and_digits():
    rows = [("R1", "2025", 120.5), ("R2", "2025", 30.2), ("R3", "2025", 500.0)]
    assert suspects(*rows, ("R4", "2025", 650.7)) == [3]
    assert suspects(*rows[:2], ("R4", "2025", 150.7)) == []
    assert suspects(*[("R", "2025", 1.0)] * 3, ("R4", "2025", 3.0)) == []


def test_subtotals_and_the_grand_total_are_all_suspected():
    rows = [("R1", "2025", 100.5), ("R2", "2025", 20.0), ("", "", 120.5),
            ("R3", "2025", 7.25), ("R4", "2025", 50.0), ("", "", 57.25), ("", "", 177.75)]  # fmt: skip
    assert suspects(*rows) == [2, 5, 6]


def test_units_are_added_up_apart():
    rows = [("R1", "2025", 100.0, "kg"), ("R2", "2025", 40.0, "no."), ("R3", "2025", 51.0, "kg")]
    assert suspects(*rows, ("", "", 151.0, "kg")) == [3]
    assert suspects(*rows, ("", "", 191.0, "kg")) == []


def test_a_rounded_total_is_one():
    rows = [("R1", "2025", 300.25), ("R2", "2025", 351.0)]
    assert suspects(*rows, ("", "", 651.0)) == [2]
    assert suspects(*rows, ("", "", 652.0)) == []


def test_a_sum_that_a_spreadsheet_added_up_in_binary_is_one():
    amounts = [119.74, 272.57, 185.61, 302.36]
    rows = [("R1", "2025", amount) for amount in amounts]
    total = functools.reduce(operator.add, amounts)  # sum rounds less from Python 3.12 on
    assert total != 880.28  # but 880.2800000000001
    assert suspects(*rows, ("R9", "2025", total)) == [4]
    assert suspects(*rows, ("", "", total)) == [4]


def test_tables_without_dates_and_references_have_no_bare_rows():
    assert suspects(("", "", 100.0), ("", "", 200.0), ("", "", 300.0)) == []


CSV = """Reference;Date;Species;Term;Quantity;Unit;Country
R1;2025-03-01;Loxodonta africana;TUS;300;kg;KE
R2;2025-04-01;Loxodonta africana;TUS;351;kg;KE
{total}
"""


@pytest.mark.parametrize(
    "total", ["Total;;;;651;kg;", "Total;2025-12-31;Loxodonta africana;TUS;651;kg;KE", ";;;;651;;",
              "Soma;2025;;;;;"]
)  # fmt: skip
def test_a_total_is_kept_and_waits(tmp_path, total):
    path = tmp_path / "s.csv"
    path.write_text(CSV.format(total=total), encoding="utf-8")
    with memory_store() as store:
        report = import_file(store, path)
        assert (report.account.read, report.seizures, report.account.waiting) == (3, 3, 1)
        assert [one.code for one in report.problems if one.row == 4][0] == "ROW_TOTAL"
        assert [one.id for one in store.seizures()] == [1, 2]
        held = list(store.seizures(everything=True))
        assert [one.standing for one in held] == ["counted", "counted", "waiting"]
        found = validate(store)
        assert found.counts["ROW_TOTAL"] == 1 and found.waiting == 1 and found.seizures == 2
        assert {one.code for one in found.problems if one.row == 4} == {"ROW_TOTAL"}


@pytest.mark.parametrize("name", ["manidae.csv", "brazil_prf_seizures_2015_2020.csv"])
def test_real_rows_that_are_no_totals_are_not_suspected(name, evaluation_data):
    with memory_store() as store:
        report = import_file(store, evaluation_data / "trade" / name)
    assert report.account.waiting == 0


@pytest.mark.slow
def test_in_shuffled_real_rows_chance_makes_few_totals(evaluation_data):
    (sheet,) = read_sheets(evaluation_data / "trade" / "manidae.csv")
    place = sheet.header.index("quantity")
    amounts = [float(row.cells[place]) for row in sheet.rows if row.cells[place]]
    draw, files = random.Random(1), 0
    for _turn in range(400):
        rows = [("R", "2015", amount, "no.") for amount in draw.sample(amounts, 200)]
        files += bool(suspects(*rows))
    assert files <= 2  # of 400 files of 200 rows; 0 when it was measured
