"""A listing that was printed as JSON is read back as it was."""

import json
from datetime import date

import pytest

import forensics
from forensics.errors import InputError
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.results import ListingResult

CASES = {
    "plain": ("Loxodonta cyclotis", {"population": "GA", "date": "2020-05-01"}),
    "deemed": ("Loxodonta africana", {"population": "BW", "kind": "TUS", "source": "I"}),
    "depends": ("Loxodonta africana", {}),
    "members": ("Felidae", {}),
    "unlisted": ("Bos taurus", {}),
    "misspelt": ("Panthera tigirs", {}),
    "hybrid": ("Felis catus x Prionailurus bengalensis", {"generation": 3}),
    "third": ("Odobenus rosmarus", {}),
    "reported": ("Carcharhinus longimanus", {"date": "2026-06-01"}),
    "reserved": ("Balaenoptera physalus", {}),
    "early": ("Panthera leo", {"date": "1970-01-01"}),
    "annotated": ("Panax quinquefolius", {}),
}


@pytest.fixture(params=CASES)
def listing(request):
    taxon, options = CASES[request.param]
    return listing_of(taxon, **options)


def test_what_is_read_back_is_stored_again_as_it_was(listing):
    record = json.loads(listing.to_json())
    again = ListingResult.from_stored(record)
    assert again.to_dict() == record
    assert (again.status, again.appendices) == (listing.status, listing.appendices)
    assert again.provenance == listing.provenance
    assert again.rows() == listing.rows()
    assert again.entry() == listing.entry()


def test_it_says_what_it_said(listing):
    again = ListingResult.from_stored(json.loads(listing.to_json()))
    said, says = listing.lines(), again.lines()
    if any(answer.member for answer in listing.answers):  # several members may stand in one line
        said = [line for line in said if line[0] != "CITES"]
        says = [line for line in says if line[0] != "CITES"]
    assert says == said


def test_the_cases_have_what_is_to_be_read():
    listings = {name: listing_of(taxon, **options) for name, (taxon, options) in CASES.items()}
    assert listings["deemed"].answers[0].deemed
    assert listings["depends"].status == "depends"
    assert listings["misspelt"].suggestions
    assert listings["third"].answers[0].listing.party
    assert listings["reported"].reports
    assert listings["reserved"].reservations
    assert any(answer.annotation for answer in listings["annotated"].answers)


def test_official_lists_and_national_law_are_read_back(tmp_path):
    from forensics.taxonomy.listings import read_official, read_schedule

    schedule = tmp_path / "schedule.csv"
    schedule.write_text("taxon,law,category,article,since\nPanthera leo,Act 7,A,3,2001-02-03\n")
    index = tmp_path / "index.csv"
    index.write_text(
        "Order,Family,Genus,FullName,RankName,CurrentListing,FullAnnotationEnglish,SynonymsWithAuthors\n"
        "Carnivora,Felidae,Panthera,Panthera leo,SPECIES,I/II,,\n"
    )
    listing = listing_of(
        "Panthera leo",
        date="2026-10-01",
        national=read_schedule(schedule),
        law=read_official(index, as_of=date(2026, 11, 1)),
    )
    assert listing.national and listing.official
    again = ListingResult.from_stored(json.loads(listing.to_json()))
    assert again.to_dict() == listing.to_dict()
    assert again.lines() == listing.lines()


def test_files_of_the_command_are_read_by_read_results(tmp_path):
    listings = [listing_of("Manis javanica"), listing_of("Panthera leo")]
    path = tmp_path / "listings.jsonl"
    path.write_text("".join(listing.to_json() + "\n" for listing in listings), encoding="utf-8")
    again = forensics.read_results(path)
    assert [type(each) for each in again] == [ListingResult, ListingResult]
    assert [each.sample for each in again] == ["Manis javanica", "Panthera leo"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "listed"}, "status is 'listed'; expected depends"),
        ({"appendices": ["III"]}, "appendices"),
        ({"answers": []}, "answers"),
        ({"date": "yesterday"}, "date is 'yesterday'; expected a day"),
        ({"answers": [{"appendix": "IV"}]}, "appendix is 'IV'; expected I, reported I, II"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(change, message):
    record = json.loads(listing_of("Loxodonta africana").to_json())
    with pytest.raises(InputError, match=message):
        ListingResult.from_stored(record | change)


def test_a_wrong_appendix_is_refused():
    record = json.loads(listing_of("Bos gaurus").to_json())
    record["answers"][0]["appendix"] = "IV"
    with pytest.raises(InputError, match="expected I, reported I, II"):
        ListingResult.from_stored(record)
