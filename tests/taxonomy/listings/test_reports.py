"""What was reported after the day of the table is told with its source, and never becomes an Appendix."""

import csv
from datetime import date

import pytest

from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.lookup import in_words, reports
from forensics.taxonomy.listings.results import NOT_KNOWN
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


def test_reports_are_those_that_were_gathered(evaluation_data):
    path = evaluation_data / "listings" / "amendments_since_2023.tsv"
    with open(path, encoding="utf-8", newline="") as stream:
        gathered = list(csv.DictReader(stream, delimiter="\t"))
    later = sorted((row["taxon"], row["action"]) for row in gathered if row["adopted"] != "CoP19")
    assert sorted((one.taxon, one.action) for one in reports()) == later


def test_a_report_never_adds_an_appendix():
    for one in reports():
        for day in ("2024-06-01", "2026-03-05", "2027-01-01"):
            found = listing_of(one.taxon, date=day)
            then = listing_of(one.taxon, date=AS_OF if day > "2024-11-25" else day)
            assert one in found.reports
            added = set(found.appendices) - set(then.appendices)
            assert added <= {NOT_KNOWN}, (one.taxon, day)


@pytest.mark.parametrize(
    "name", ["Okapia johnstoni", "Gyps africanus", "Mustelus schmitti", "Bycanistes brevis"]
)
def test_from_the_day_that_was_reported_on_the_answer_is_not_known(name):
    before, after = (listing_of(name, date=day) for day in ("2026-03-04", "2026-03-05"))
    assert NOT_KNOWN not in before.appendices and "AMENDMENT_REPORTED" in codes(before)
    assert NOT_KNOWN in after.appendices and after.status == "depends"
    conditions = [text for one in after.answers for text in one.conditions]
    assert any("no amendment that was reported after 2023-11-25" in text for text in conditions)
    (note,) = [note.message for note in after.notes if note.code == "AMENDMENT_REPORTED"][:1]
    assert "read in no text of CITES" in note and "http" in note and "--" not in note
    assert after.to_dict()["reports"][0]["sources"]


def test_until_the_day_of_the_table_nothing_is_reported():
    for one in reports():
        found = listing_of(one.taxon, date=AS_OF)
        assert not found.reports and "AMENDMENT_REPORTED" not in codes(found)


def test_a_proposal_that_was_refused_changes_no_answer():
    found = listing_of("Falco peregrinus", date="2026-06-01")
    assert found.appendices == ("I",) and "REFUSAL_REPORTED" in codes(found)
    doubtful = listing_of("Brachypelma hamorii", lineage=["Theraphosidae"], date="2026-06-01")
    assert NOT_KNOWN in doubtful.appendices  # one page says refused, another that one was listed


def test_a_report_of_some_populations_leaves_the_others_as_they_are():
    kenya, botswana, anywhere = (
        listing_of("Loxodonta africana", population=place, kind="MEA", date="2026-06-01")
        for place in ("KE", "BW", None)
    )
    assert kenya.appendices == ("I",)
    assert NOT_KNOWN in botswana.appendices and NOT_KNOWN in anywhere.appendices
    assert any("Botswana" in " ".join(one.conditions) for one in anywhere.answers
               if one.appendix == NOT_KNOWN)  # fmt: skip


def test_a_genus_is_told_what_was_reported_of_its_species():
    found = listing_of("Carcharhinus", date="2026-06-01")
    (unknown,) = [one for one in found.answers if one.appendix == NOT_KNOWN]
    assert unknown.conditions[0] == "it is Carcharhinus longimanus"
    assert not listing_of("Carcharhinus plumbeus", date="2026-06-01").reports


def test_a_report_under_another_name_is_found_by_that_of_cites():
    for name in ("Paubrasilia echinata", "Caesalpinia echinata"):
        assert [one.action for one in listing_of(name, date="2026-06-01").reports] == ["rejected"]
    assert listing_of("Gyps rueppellii", date="2026-06-01").reports
    assert date(2026, 3, 5) == listing_of("Mobula birostris", date="2026-06-01").reports[0].since
