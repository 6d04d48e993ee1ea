"""What the law says, by which list, and what is told where the list is older than the day."""

import json
from dataclasses import make_dataclass
from datetime import date

import pytest
from training_case import compared
from typed_reports import as_finding, as_statement

from forensics.core.stored import from_stored
from forensics.errors import UsageError
from forensics.report import reported
from forensics.report.reported import notices_of_law
from forensics.report.statement import Exhibit
from forensics.taxonomy.listings import listing_of, read_official

INDEX = (
    "FullName,RankName,CurrentListing,Genus,Family,Order\nManis,GENUS,I,Manis,Manidae,Pholidota\n"
)


@pytest.fixture
def official(tmp_path):
    path = tmp_path / "index.csv"
    path.write_text(INDEX, encoding="utf-8")

    def official(day="2026-03-01"):
        return read_official(path, as_of=date.fromisoformat(day))

    return official


def test_a_list_older_than_the_seizure_is_told_on_the_first_page(build):
    built, page = build("page.html")
    (notice,) = built.notices
    assert "as of 2023-11-25" in notice and "day of the seizure, 2026-03-02" in notice
    assert page.index(notice.encode()) < page.index(b"<h2>")


def test_a_list_of_the_day_leaves_no_notice_and_stands_with_its_sum(build, official):
    built, page = build("page.html", law=official("2026-03-02"))
    assert built.notices == [] and b"later. Amendments between" not in page
    listed = built.statement["official_list"]
    assert listed["as_of"] == "2026-03-02" and listed["kind"] == "index"
    assert listed["sha256"].encode() in page and b"2026-03-02" in page
    entry = built.statement["findings"][0]["listings"][0]
    assert entry["as_of"] == "2026-03-02" and entry["appendices"] == ["I"]


def test_an_index_of_a_later_day_leaves_the_packaged_table_to_answer(build, official):
    built, _page = build(law=official("2026-11-01"))  # an index has no past
    assert built.notices and built.statement["findings"][0]["listings"][0]["as_of"] == "2023-11-25"


def test_a_list_that_is_a_part_without_the_taxon_is_the_first_that_is_said_of_it(build, tmp_path):
    path = tmp_path / "parrots.csv"
    path.write_text("FullName,RankName,CurrentListing\nPsittaciformes,ORDER,I/II/NC\n")
    built, _page = build(law=read_official(path, as_of=date(2026, 3, 2)))
    listing = built.statement["findings"][0]["listings"][0]
    assert (listing["appendices"], listing["as_of"]) == (["I"], "2023-11-25")
    # The library names the taxon as CITES does: no other name stands before what is said of its listing.
    (of_listing, first), *rest = listing["lines"]
    assert "name" not in dict(rest)
    # Of another name, the one that CITES has stands before all that is said of its listing.
    other = listing_of("Smutsia temminckii", date="2023-11-25")
    assert other.lines()[0] == ("CITES name", "Manis temminckii (Wilson & Reeder 2005)")
    assert of_listing == "cites"
    assert "is not in the official list given (parrots.csv, 2026-03-02)" in first
    assert built.notices


def test_without_an_official_list_the_statement_has_no_key_for_it(build):
    assert "official_list" not in build()[0].statement


def test_a_report_is_compared_with_the_list_that_it_was_built_with(build, official, case, embedded):
    built, _page = build("listed.json", law=official())
    said = json.loads(json.dumps(built.statement))
    asked = case, [embedded], said
    assert compared(*asked, law=official()) == []
    with pytest.raises(UsageError, match="--law"):
        compared(*asked)
    other = compared(*asked, law=official("2026-03-02"))
    assert "official_list.as_of" in {problem.field for problem in other}


def test_days_are_told_once_and_by_what_they_are(statement):
    one = statement["findings"][0]["listings"][0]
    statement["findings"][0]["listings"] = [
        one, one | {"taxon": "Cetacea"}, one | {"basis": "receipt", "day": "2026-03-03"},
        one | {"day": "2023-11-25"},
    ]  # fmt: skip
    first, second = notices_of_law(as_statement(statement))
    assert "day of the seizure, 2026-03-02" in first and "day of the receipt, 2026-03-03" in second


def test_a_family_whose_members_the_table_does_not_know_is_not_said_to_be_unlisted(monkeypatch):
    monkeypatch.setattr(reported, "reported_taxa", lambda _finding: [("family", "Elephantidae")])
    papers = make_dataclass("Papers", ["exhibits", "findings", "official_list"])
    stated = reported.add_listings(papers((), (as_finding({}),), None))
    (listing,) = stated.findings[0].listings
    assert (listing.taxon, listing.appendices) == ("Elephantidae", ("not covered",))


@pytest.mark.parametrize(
    "said, appendices",
    [
        ({"kind": "raw ivory", "population": "CM"}, ("I",)),
        ({"kind": "TUS", "population": "Cameroon"}, ("I",)),
        ({"kind": "hair", "population": "BW"}, ("II",)),
        ({}, ("I", "II")),
    ],
)
def test_kind_and_population_of_the_exhibit_decide_what_is_listed(monkeypatch, said, appendices):
    """A tusk of Cameroon had thirteen answers: what it was, and of where, was asked nowhere."""
    monkeypatch.setattr(
        reported, "reported_taxa", lambda _finding: [("species", "Loxodonta africana")]
    )
    exhibit = from_stored(Exhibit, _EXHIBIT | said)
    papers = make_dataclass("Papers", ["exhibits", "findings", "official_list"])
    stated = reported.add_listings(papers((exhibit,), (as_finding({}),), None))
    (listing,) = stated.findings[0].listings
    assert (listing.appendices, listing.day) == (appendices, "2026-11-27")
    answers = [text for label, text in listing.lines if label == "cites"]
    assert (len(answers) == 1) is (len(appendices) == 1)


_EXHIBIT = {
    "exhibit": "C1/1", "description": "tusk", "quantity": "1", "unit": "pieces", "remaining": None,
    "condition": None, "seals": [], "broken_seals": [], "received_at": "2026-11-28T08:00:00Z",
    "received_by": "Amina", "event": 7, "gone": None, "seized_at": "2026-11-27T08:00:00Z",
    "seizing_agency": None, "seizure_place": None, "received_from": None,
    "kind": None, "population": None,
}  # fmt: skip
