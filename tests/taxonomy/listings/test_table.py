"""The packaged table is consistent with itself."""

import csv
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from forensics import messages
from forensics.taxonomy import listings
from forensics.taxonomy.listings import table
from forensics.taxonomy.listings.kinds import kinds
from forensics.taxonomy.listings.law import _CONDITIONS, annotations
from forensics.taxonomy.listings.lookup import reports
from forensics.taxonomy.listings.table import (
    REGION_NAMES,
    Populations,
    countries,
    country_names,
    is_in_force,
    place_of,
    regions,
)

FOLDER = Path(listings.__file__).parent
ROWS = [row for rows in table.packaged().listings.values() for row in rows]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tsv")), ids=lambda path: path.name)
def test_every_row_of_every_file_has_as_many_cells_as_its_header(path):
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert rows and not [row for row in rows if row.count("\t") != header.count("\t")]
    assert not [row for row in rows if any(cell != cell.strip() for cell in row.split("\t"))]


@pytest.mark.parametrize(
    "rows",
    [table.packaged().listings, table.synonyms(), table.genera(), table.homonyms(), table.families()],
)  # fmt: skip
def test_tables_in_which_keys_are_searched_for_are_in_their_order_and_each_key_is_found(rows):
    for lines in rows._lines.values():
        keys = [line.partition("\t")[0] for line in lines[1:]]
        assert keys == sorted(keys)
    assert len(rows) == len({*rows}) > 50
    for key in rows:
        assert key in rows
        found = [row for row in rows._rows(key)]
        assert found and all(key in row.values() for row in found)
        assert rows.beginning(key) == tuple(k for k in rows if k.startswith(f"{key} "))
    assert "Fictus" not in rows and rows.get("Fictus") is None and not rows.beginning("Fictus")


def test_appendices_ranks_and_parties_are_those_that_there_are():
    assert {row.appendix for row in ROWS} == {"I", "II", "III", table.EXCEPTED}
    assert {row.rank for row in ROWS} <= {
        "order", "family", "subfamily", "genus", "species", "subspecies",
    }  # fmt: skip
    assert all((row.appendix == "III") == bool(row.party) for row in ROWS)
    assert {row.party for row in ROWS if row.party} <= countries().keys()
    assert all(
        len(row.taxon.split()) == {"species": 2, "subspecies": 3}.get(row.rank, 1) for row in ROWS
    )


def test_every_annotation_that_is_named_is_defined_and_every_other_is_not_kept():
    named = {key for row in ROWS for key in row.annotations}
    assert named == annotations().keys()
    assert all(one.text and one.source for one in annotations().values())


def test_translators_have_every_condition_of_the_annotations_and_no_other():
    used = {part.condition for one in annotations().values() for part in one.clauses}
    assert used - {""} == set(_CONDITIONS)
    assert len(_CONDITIONS) == len(set(_CONDITIONS))


def test_a_listing_ends_after_it_began_and_no_two_claim_the_same_population():
    for taxon, rows in table.packaged().listings.items():
        for row in rows:
            assert row.until is None or row.since is None or row.since < row.until, taxon
        for one, other in combinations(rows, 2):
            if "III" in (one.appendix, other.appendix) and one.party != other.party:
                continue
            day = max(one.since or date.min, other.since or date.min, table.COMPLETE_SINCE)
            if not (is_in_force(one, day) and is_in_force(other, day)):
                continue
            a, b = one.populations, other.populations
            everywhere = {*a.codes, *b.codes, "ZZ-none"} & {*countries(), *a.codes, *b.codes}
            clash = [place for place in (*everywhere, "AQ") if a.covers(place) and b.covers(place)]
            assert not clash, (taxon, one, other, clash)


def test_amendments_are_in_force_ninety_days_after_the_meeting_that_adopted_them():
    for meeting in table.meetings():
        # Article XV 1 (c): 90 days after the meeting.
        assert meeting.closed + timedelta(days=90) == meeting.in_force, meeting
    by_name = {meeting.name: meeting for meeting in table.meetings()}
    for row in ROWS:
        if row.source.startswith("CoP") and row.since:
            assert row.since >= by_name[row.source].in_force, row
            assert row.since - by_name[row.source].in_force <= timedelta(days=660), row


def test_nothing_is_listed_before_the_convention_was_in_force():
    assert all(row.since is None or row.since >= table.IN_FORCE for row in ROWS)


def test_synonyms_lead_to_names_that_are_no_synonyms_on_the_same_day():
    for name, rows in table.synonyms().items():
        for row in rows:
            assert row.cites_name != name and row.reference
            for target in table.synonyms().get(row.cites_name, ()):
                day = max(row.since or date.min, target.since or date.min)
                assert not (
                    (row.until is None or day < row.until)
                    and (target.until is None or day < target.until)
                ), (name, row.cites_name, target.cites_name)


def test_no_listed_taxon_is_hidden_by_a_synonym_while_it_is_listed():
    for taxon, rows in table.packaged().listings.items():
        for synonym in table.synonyms().get(taxon, ()):
            for row in rows:
                day = max(synonym.since or date.min, row.since or date.min, table.IN_FORCE)
                hidden = is_in_force(row, day) and (synonym.until is None or day < synonym.until)
                assert not hidden, (taxon, row.since, synonym.cites_name)


def test_genera_stand_in_families_that_are_known():
    known = {*table.families(), *table.packaged().listings}
    for genus, above in table.genera().items():
        assert above and set(above) <= known, (genus, above)


def test_kinds_have_codes_that_differ_whatever_their_case():
    folded = [code.casefold() for code in kinds()]
    assert len(folded) == len(set(folded))
    with open(FOLDER / "kinds.tsv", encoding="utf-8") as stream:
        assert len(list(csv.reader(stream))) == len(kinds()) + 1


def test_a_taxon_is_within_what_is_above_it_and_within_nothing_else(some):
    reported = sorted({report.taxon for report in reports()})
    named = {*table.packaged().listings, *table.families(), *table.genera(), *reported}
    for taxon in some(sorted(named | {name for each in reported for name in table.above(each)}), 7):
        for name in reported:
            assert table.is_within(name, taxon) == (taxon in table.above(name)), (name, taxon)


def test_what_a_taxon_contains_is_what_has_it_above():
    """The oracle goes through all listings; members are looked up without."""
    packaged = table.packaged()
    within = {}
    for name in packaged.listings:
        for taxon in table.above(name):
            within.setdefault(taxon, []).append(name)
    words = {word for name in packaged.listings for word in (name, name.split(" ")[0])}
    for taxon in {*within, *words, *table.families(), *table.genera(), "Bombus", "Elephant"}:
        assert list(table.members(taxon, packaged)) == within.get(taxon, [])


def test_every_region_has_a_name_that_is_translated():
    assert {name.replace("_", " ") for name in regions()} == set(REGION_NAMES)


def test_a_country_is_found_by_its_name_in_every_language():
    for code, names in country_names().items():
        assert {place_of(name) for name in names} == {code}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "all populations but those of Namibia, South Africa, AR-Y"),
        ("fr", "toutes les populations sauf les suivantes\u00a0: Namibie, Afrique du Sud, AR-Y"),
        ("es", "todas las poblaciones excepto las de Namibia, Sudáfrica, AR-Y"),
    ],
)
def test_populations_are_named_in_the_language_of_the_reader(language, expected):
    messages.speak(language)
    try:
        assert Populations.from_text("not NA ZA AR-Y").in_words() == expected
    finally:
        messages.speak("en")
