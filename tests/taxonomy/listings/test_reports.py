"""What was reported after the day of the table comes first as reported, with its source, and never as an Appendix."""

import csv
from datetime import date

import pytest

from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.lookup import in_words, reports
from forensics.taxonomy.listings.results import ListingResult, is_reported
from forensics.taxonomy.listings.table import AS_OF, above, clean_name, reported


def codes(found):
    return {note.code for note in found.notes}


def test_every_report_has_sources_a_confidence_and_words():
    assert len(reports()) == len(reported()) > 50
    for one in reports():
        assert one.sources and all(url.startswith("http") for url in one.sources), one.taxon
        assert one.confidence and in_words(one)
        assert one.since is None or one.since > AS_OF
        assert one.doubt or one.confidence != "conflicting", one.taxon


def test_names_of_reports_are_clean_and_only_a_subspecies_stands_below_a_species():
    """What a listing relies on, which is asked for with every identification."""
    for report in reports():
        assert clean_name(report.taxon) == report.taxon
        for name in above(report.taxon):
            assert " " not in name or report.taxon.startswith(f"{name} ")


def test_reports_are_those_that_were_gathered_but_for_two_of_which_the_species_is_not_known(
    evaluation_data,
):
    path = evaluation_data / "listings" / "amendments_since_2023.tsv"
    with open(path, encoding="utf-8", newline="") as stream:
        gathered = list(csv.DictReader(stream, delimiter="\t"))
    unclear = {"Pelophylax", "Celestus warreni"}
    later = sorted(
        (row["taxon"], row["action"])
        for row in gathered
        if row["adopted"] != "CoP19" and row["taxon"] not in unclear
    )
    assert sorted((one.taxon, one.action) for one in reports()) == later


def test_a_report_never_adds_an_appendix_but_one_that_is_marked_as_reported(some):
    for one in some(reports(), 4):
        for day in ("2024-06-01", "2026-03-05", "2027-01-01"):
            found = listing_of(one.taxon, date=day)
            then = listing_of(one.taxon, date=AS_OF if day > "2024-11-25" else day)
            assert one in found.reports
            added = set(found.appendices) - set(then.appendices)
            assert all(is_reported(name) or name == "not covered" for name in added), one.taxon


@pytest.mark.parametrize(
    "name, appendix, before",
    [
        ("Okapia johnstoni", "I", "not covered"),
        ("Gyps africanus", "I", "II"),
        ("Bycanistes brevis", "II", "not covered"),
        ("Rhynchobatus djiddensis", "II", "II"),
    ],
)
def test_from_the_day_that_was_reported_on_the_first_answer_is_the_reported_one(
    name, appendix, before
):
    earlier, found = (listing_of(name, date=day) for day in ("2026-03-04", "2026-03-05"))
    assert earlier.appendices == (before,) and "AMENDMENT_REPORTED" in codes(earlier)
    assert (found.status, found.appendices) == ("reported", (f"reported {appendix}",))
    assert [one.appendix for one in found.before] == [before]
    label, text = found.lines()[0]
    assert label == "CITES"
    assert text.startswith(f"reported: Appendix {appendix}, check against the official list. ")
    assert "depends" not in found.explanation() and "no listing found" not in found.explanation()
    (note,) = [note.message for note in found.notes if note.code == "AMENDMENT_REPORTED"]
    assert "read in no text of CITES" in note and "http" in note and "--" not in note
    record = found.to_dict()
    assert record["reports"][0]["sources"] and record["before"][0]["appendix"] == before
    assert ListingResult.from_stored(record).lines() == found.lines()


def test_on_paper_the_source_is_named_and_nobody_is_advised():
    found = listing_of("Gyps africanus", date="2026-11-27")
    text = dict(found.lines(on_paper=True)[:1])["CITES"]
    assert text.startswith(
        "Appendix I as reported in www.ifaw.org; not verified against the official list. "
    )
    for name in ("Gyps africanus", "Carcharhinus", "Centrophorus granulosus", "Arctocephalus"):
        printed = str(listing_of(name, date="2026-11-27").lines(on_paper=True))
        assert "as reported in" in printed and "check against" not in printed


def test_no_page_of_a_staging_site_and_no_index_of_texts_is_a_source():
    assert not [url for one in reports() for url in one.sources if "staging" in url or " " in url]


@pytest.mark.parametrize(
    "name",
    ["Centrophorus granulosus", "Galeorhinus galeus", "Mustelus schmitti", "Mustelus canis",
     "Holothuria lessoni"],
)  # fmt: skip
def test_a_listing_at_sea_of_which_no_day_is_known_says_so(name):
    found = listing_of(name, date="2026-11-27")
    assert found.appendices == ("reported II",)
    assert "since when is not known" in found.answers[0].reason
    assert found.answers[0].to_dict()["since"] is None
    # It was adopted at CoP20, and cannot be older than the rest of it.
    assert not is_reported(listing_of(name, date="2026-03-04").appendices[0])


def test_the_nearest_report_of_several_answers():
    found = listing_of("Mustelus schmitti", date="2026-11-27")
    assert len(found.reports) == 2 and found.answers[0].listing.taxon == "Mustelus schmitti"


def test_a_deletion_is_reported_as_such():
    found = listing_of("Damaliscus pygargus pygargus", date="2026-11-27")
    assert found.appendices == ("reported none",) and found.before[0].appendix == "II"
    assert found.answers[0].heading == (
        "reported: in no Appendix any more, check against the official list"
    )


def test_what_is_of_a_hybrid_stands_beside_the_table():
    found = listing_of("Gyps africanus x Gyps fulvus", generation=1, date="2026-11-27")
    assert set(found.appendices) == {"II", "reported I"} and not found.before


def test_until_the_day_of_the_table_nothing_is_reported():
    for one in reports():
        found = listing_of(one.taxon, date=AS_OF)
        assert not found.reports and "AMENDMENT_REPORTED" not in codes(found)


def test_a_proposal_that_was_refused_changes_no_answer():
    found = listing_of("Falco peregrinus", date="2026-06-01")
    assert found.appendices == ("I",) and "REFUSAL_REPORTED" in codes(found)
    # One page says refused, another that one species was listed: that is told, and no more.
    doubtful = listing_of("Brachypelma hamorii", lineage=["Theraphosidae"], date="2026-06-01")
    assert doubtful.appendices == ("II",) and "conflicting" in doubtful.explanation()


def test_another_annotation_of_some_populations_changes_none_that_depends_on_the_kind():
    for place, is_told in (("KE", False), ("BW", True), (None, True)):
        found = listing_of("Loxodonta africana", population=place, kind="MEA", date="2026-06-01")
        assert found.appendices == ("I",) and ("AMENDMENT_REPORTED" in codes(found)) is is_told


def test_a_genus_is_told_what_was_reported_of_its_species():
    found = listing_of("Carcharhinus", date="2026-06-01")
    assert found.status == "depends" and set(found.appendices) == {"reported I", "II"}
    assert found.answers[0].conditions[0] == "it is Carcharhinus longimanus"
    assert not listing_of("Carcharhinus plumbeus", date="2026-06-01").reports


def test_a_report_under_another_name_is_found_by_that_of_cites():
    for name in ("Paubrasilia echinata", "Caesalpinia echinata"):
        assert [one.action for one in listing_of(name, date="2026-06-01").reports] == ["rejected"]
    assert listing_of("Gyps rueppellii", date="2026-06-01").reports
    assert date(2026, 3, 5) == listing_of("Mobula birostris", date="2026-06-01").reports[0].since
