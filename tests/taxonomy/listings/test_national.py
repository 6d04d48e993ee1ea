from datetime import date

import pytest

from forensics.errors import InputError
from forensics.taxonomy.listings import listing_of, read_schedule

SCHEDULE = """taxon;law;category;article;country;since;until
Manis javanica;Made-up Act;Schedule I;9;IN;1977-09-28;2022-12-31
Manis;Made-up Act;Protected;11;IN;2023-01-01;
Corvus corax;Made-up Act;Schedule IV;9(2);;;
"""


def written(tmp_path, text, name="schedule.csv", encoding="utf-8-sig"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_national_law_comes_first_and_goes_by_date_and_by_the_taxon_above(tmp_path):
    rows = read_schedule(written(tmp_path, SCHEDULE))
    before = listing_of("Manis javanica", date="2020-05-01", national=rows)
    assert [one.category for one in before.national] == ["Schedule I"]
    assert before.lines()[0] == (
        "National law",
        "IN: Made-up Act, article 9, Schedule I (Manis javanica)",
    )
    since = listing_of("Manis javanica", date="2023-05-01", national=rows)
    assert [one.category for one in since.national] == ["Protected"]
    assert since.to_dict()["national"][0]["line"] == 3
    for day, expected in (
        ("1977-09-27", []), ("1977-09-28", ["Schedule I"]), ("2022-12-30", ["Schedule I"]),
        ("2022-12-31", []), ("2023-01-01", ["Protected"]),
    ):  # fmt: skip
        found = listing_of("Manis javanica", date=day, national=rows)
        assert [one.category for one in found.national] == expected, day
    assert listing_of("Pan paniscus", date="2020-05-01", national=rows).national == ()


def test_a_species_that_no_appendix_has_is_told_as_protected_by_national_law(tmp_path):
    found = listing_of(
        "Corvus corax",
        date="2020-05-01",
        lineage="Corvidae",
        national=read_schedule(written(tmp_path, SCHEDULE)),
    )
    assert found.status == "no listing found" and found.national[0].article == "9(2)"


def test_a_schedule_may_use_another_name_than_cites_or_the_laboratory(tmp_path):
    rows = read_schedule(
        written(tmp_path, "species\tact\tschedule\nSmutsia gigantea\tLoi fictive\tAnnexe é\n")
    )
    assert listing_of("Smutsia gigantea", date="2020-05-01", national=rows).national
    assert listing_of("Manis gigantea", date="2020-05-01", national=rows).national


def test_windows_encodings_are_read(tmp_path):
    text = "taxon;law;category\nManis;Loi protégée;Annexe é\n"
    assert read_schedule(written(tmp_path, text, encoding="cp1252"))[0].category == "Annexe é"


@pytest.mark.parametrize(
    "text, line, said",
    [
        ("taxon;law\nManis;Act\n", 1, "missing: category"),
        ("taxon;law;category\nManis;;I\n", 2, "'law' is empty"),
        ("taxon;law;category;since\nManis;Act;I;1.2.2003\n", 2, "expected year, month and day"),
        ("taxon;law;category;country\nManis;Act;I;Atlantis\n", 2, "Atlantis"),
        ("taxon;law;category\nManis;Act;I;more\n", 2, "4 cells, but the header names 3"),
        ("taxon;law;category;since;until\nManis;Act;I;2003-01-01;2002-01-01\n", 2, "before it begins"),
        ("", None, "the table has no header"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, line, said):
    with pytest.raises(InputError) as caught:
        read_schedule(written(tmp_path, text))
    assert caught.value.line == line and said in str(caught.value)


def test_a_file_that_is_no_text_or_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="neither a table of text"):
        read_schedule(written(tmp_path, "taxon;law;category\n\0;a;b\n"))
    with pytest.raises(InputError):
        read_schedule(tmp_path / "nothing.csv")
    with pytest.raises(InputError):
        read_schedule(tmp_path)


def test_an_end_is_the_first_day_on_which_it_no_longer_holds(tmp_path):
    rows = read_schedule(written(tmp_path, SCHEDULE))
    assert rows[0].until == date(2022, 12, 31)
    assert listing_of("Manis javanica", date="2022-12-30", national=rows).national
    assert not listing_of("Manis javanica", date="2022-12-31", national=rows).national


@pytest.mark.parametrize(
    "name", ["panthera leo", "PANTHERA LEO", "Panthera_leo", "felidae", "Panthera spp."]
)
def test_a_row_in_another_case_is_found(tmp_path, name):
    path = tmp_path / "law.csv"
    path.write_text(f"taxon,law,category\n{name},Act,A\n", encoding="utf-8")
    (row,) = read_schedule(path)
    assert listing_of("Panthera leo", national=[row]).national == (row,)


def test_a_row_that_no_taxon_can_match_is_told_with_its_line(tmp_path):
    path = tmp_path / "law.csv"
    path.write_text("taxon,law,category\nManis,Act,A\n123,Act,A\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3.*not a scientific name"):
        read_schedule(path)


def test_a_quotation_mark_that_would_swallow_rows_is_refused(tmp_path):
    text = 'taxon;law;category\nManis;"Act;I\nPanthera;Act;I\n'
    with pytest.raises(InputError, match="quotation marks do not match there"):
        read_schedule(written(tmp_path, text))


def test_a_schedule_is_read_from_a_workbook_with_its_days(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["taxon", "law", "category", "since"])
    book.active.append(["Manis", "Act", "I", date(2019, 7, 1)])
    book.save(tmp_path / "schedule.xlsx")
    (protection,) = read_schedule(tmp_path / "schedule.xlsx")
    assert (protection.law, protection.since, protection.line) == ("Act", date(2019, 7, 1), 2)
