"""Delayed entries into force stand with their sources; what is not sure has both answers."""

import csv
from datetime import date, timedelta

import pytest

from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.table import Table, delays, meetings, members, packaged, placements

CHECKED = ("CoP18", "CoP19")
ROWS = [row for rows in packaged().listings.values() for row in rows]


def codes(found):
    return {note.code for note in found.notes}


def test_every_amendment_that_was_put_off_stands_with_its_source_and_no_other():
    in_force = {meeting.name: meeting.in_force for meeting in meetings()}
    put_off = {
        (row.taxon, row.appendix, row.source, row.since)
        for row in ROWS
        if row.source in CHECKED and row.since and row.since != in_force[row.source]
    }
    assert put_off == {(one.taxon, one.appendix, one.meeting, one.since) for one in delays()}
    assert all(one.source for one in delays())
    for one in delays():
        assert one.since > in_force[one.meeting]
        assert one.earliest in (None, in_force[one.meeting]) and (one.doubt or not one.earliest)


def test_delays_agree_with_what_was_reported(evaluation_data):
    path = evaluation_data / "listings" / "amendments_since_2023.tsv"
    with open(path, encoding="utf-8", newline="") as stream:
        reported = [
            row for row in csv.DictReader(stream, delimiter="\t") if row["adopted"] == "CoP19"
        ]
    assert len(reported) == 6
    known = {one.taxon: one for one in delays()}
    for row in reported:
        # That of the bulbul is the day of the European Union: the Secretariat has the next one.
        days = {known[row["taxon"]].since, known[row["taxon"]].since - timedelta(days=1)}
        assert date.fromisoformat(row["in_force"]) in days, row["taxon"]


def test_what_changed_while_a_day_is_not_sure_is_that_listing_alone():
    """The answers of the days before and after stand for the two possibilities: nothing else may differ."""
    for one in delays():
        if one.earliest:
            for name in (one.taxon, *members(one.taxon, packaged())):
                days = {day for row in packaged().of(name) for day in (row.since, row.until) if day}
                inside = {day for day in days if one.earliest <= day <= one.since}
                assert inside <= {one.since}, name


@pytest.mark.parametrize("name", ["Thelenota", "Thelenota ananas"])
def test_a_first_day_that_is_not_sure_is_told_and_both_answers_stand_until_it_is(name):
    before, between, after = (
        listing_of(name, date=day) for day in ("2023-02-22", "2024-05-24", "2024-05-25")
    )
    assert before.appendices == ("no listing found",)
    assert between.appendices == ("II", "not covered") and "DATE_NOT_SURE" in codes(between)
    assert all("the listing of Thelenota was" in one.conditions[-1] for one in between.answers)
    assert after.appendices == ("II",) and "DATE_NOT_SURE" in codes(after)
    assert "DATE_NOT_SURE" not in codes(listing_of("Prionace glauca", date="2024-06-01"))


def test_another_table_knows_its_own_days():
    table = Table({"Thelenota": packaged().of("Thelenota")}, date(2024, 1, 1), date(2017, 1, 2))
    found = listing_of("Thelenota ananas", date="2023-06-01", table=table)
    assert found.appendices == ("no listing found",)


def test_a_family_that_is_not_sure_to_hold_a_genus_is_told():
    (genus,) = placements()
    found = listing_of(f"{genus} cuvier", date="2024-06-01")
    assert found.appendices == ("II", "not covered")
    assert [one.conditions[0] for one in found.answers] == [
        "Galeocerdo is of the Carcharhinidae",
        "Galeocerdo is of the Galeocerdonidae",
    ]
    assert "PLACEMENT_NOT_SURE" in codes(found)
    assert "PLACEMENT_NOT_SURE" not in codes(listing_of(f"{genus} cuvier", date="2023-06-01"))
    assert "PLACEMENT_NOT_SURE" not in codes(listing_of("Prionace glauca", date="2024-06-01"))


def test_an_amendment_adopted_two_years_before_its_entry_into_force_is_told():
    assert "ADOPTED_NOT_IN_FORCE" in codes(listing_of("Dipteryx odorata", date="2022-11-26"))
