"""The packaged table of listings against Species+ as of CoP17 and of 2022.

Both sources are compared with, never copied. The table was corrected where they showed a gap (see
benchmarks/README.md for the figures before), so this is agreement, not an independent test.
"""

import ast
import csv
import gzip
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.lookup import upwards
from forensics.taxonomy.listings.results import NO_LISTING
from forensics.taxonomy.listings.table import EXCEPTED, is_in_force, packaged, taxon_of

# Day on which the last of the amendments of CoP17 was in force: the source has them all.
COP17, IN_2022 = date(2017, 10, 4), date(2022, 6, 22)
MISALIGNED = "SUBSPECIES"
DIFFERENCES = Path(__file__).with_name("listing_differences.tsv")


def appendices(name, day, *, place=None):
    """Return the Appendices that a name may be in, as the source writes them."""
    table = packaged()
    standing, _closed = upwards(taxon_of(name, day, table), place, day, table)
    return "/".join(sorted({row.appendix for row, _conditions in standing} - {EXCEPTED}, key=len))


def explained(source):
    with open(DIFFERENCES, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert all(row["why"] for row in rows)
    return {
        (row["name"], row["source_says"], row["table_says"])
        for row in rows
        if row["source"] == source
    }


@pytest.fixture(scope="module")
def animals(evaluation_data):
    path = evaluation_data / "listings" / "speciesplus_animals_2017.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 5856
    return rows


def test_animals_as_of_cop17_agree_but_for_what_is_explained(animals):
    rows = [row for row in animals if row["listing"] != MISALIGNED]
    assert len(animals) - len(rows) == 57
    shifted = [row for row in rows if " " not in row["scientific_name"]]
    assert len(shifted) == 8  # the subspecies stands where the name should, the name as the author
    differing = set()
    for row in rows:
        name = row["author"] if row in shifted else row["scientific_name"]
        says = appendices(name, COP17)
        if says != row["listing"]:
            differing.add((name, row["listing"], says))
    assert differing == explained("2017")
    assert 1 - len(differing) / len(rows) >= 0.995


def test_musk_deer_agree_when_they_are_asked_by_country(animals):
    codes = {"Afghanistan": "AF", "Bhutan": "BT", "China": "CN", "India": "IN", "Mongolia": "MN",
             "Myanmar": "MM", "Nepal": "NP", "Pakistan": "PK"}  # fmt: skip
    for row in animals:
        if (row["scientific_name"], row["listing"], "I/II") in explained("2017"):
            places = [codes[one] for one in row["range_states"].split(",") if one in codes]
            assert places
            found = {appendices(row["scientific_name"], COP17, place=place) for place in places}
            assert row["listing"] in found, row


def test_every_subspecies_whose_listing_the_source_lost_has_one_here(animals):
    lost = [row["author"] for row in animals if row["listing"] == MISALIGNED]
    assert "Ceratotherium simum simum" in lost
    for name in lost:
        assert listing_of(name, date=COP17).appendices[0] in ("I", "II", "III"), name


def test_animals_that_the_source_lacks_are_explained(animals):
    """The other way round: a row of the table that the source does not have may be an error."""
    table = packaged()
    names = {row["author"] if row["listing"] == MISALIGNED or " " not in row["scientific_name"]
             else row["scientific_name"] for row in animals}  # fmt: skip
    known = names | {taxon_of(name, COP17, table).name for name in names}
    genera = {name.split(" ")[0] for name in known}
    extra = {
        (row.taxon, "", row.appendix)
        for rows in table.listings.values()
        for row in rows
        if row.kingdom == "animals" and is_in_force(row, COP17) and row.appendix != EXCEPTED
        and (row.taxon not in known if " " in row.taxon
             else row.rank == "genus" and row.taxon not in genera)
    }  # fmt: skip
    assert extra == explained("lacks")


def test_plants_as_of_cop17_agree(evaluation_data):
    """By the taxon that the source names as listed: its rows lack the genera of species."""
    path = evaluation_data / "listings" / "speciesplus_listings_2017.csv.gz"
    wanted = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream, delimiter=";"):
            if len(row) > 7 and row[1] == "Plantae" and row[6] in ("I", "II", "III"):
                name = row[7].removesuffix(" spp.").replace(" var. ", " ")
                if re.fullmatch(r"[A-Z][a-z]+( [a-z-]+)*", name):
                    wanted[name] = row[6]
    assert len(wanted) > 200
    assert not [name for name, appendix in wanted.items() if appendices(name, COP17) != appendix]


@pytest.fixture(scope="module")
def rows_of_2022(evaluation_data):
    found = defaultdict(set)
    with open(evaluation_data / "listings" / "listings_2022.csv", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            party = ast.literal_eval(row["party"])["iso_code2"] if row["party"] else ""
            found[row["full_name"]].add((row["appendix"], party))
    return found


def test_mammals_of_2022_agree_but_for_what_is_explained(rows_of_2022):
    table, differing = packaged(), set()
    for name, want in rows_of_2022.items():
        standing, _closed = upwards(taxon_of(name, IN_2022, table), None, IN_2022, table)
        says = {(row.appendix, row.party) for row, _conditions in standing}
        says = {one for one in says if one[0] != EXCEPTED}
        if says != want:
            differing.add(
                (name, *("/".join(sorted({one for one, _ in them})) for them in (want, says)))
            )
    assert differing == explained("2022")
    assert len(rows_of_2022) == 437


def test_parrots_of_the_index_agree(evaluation_data):
    from forensics.taxonomy.listings import read_official

    path = evaluation_data / "listings" / "index_of_cites_species_parrots.csv"
    index = read_official(path, as_of=COP17)
    asked = [one for one in index.taxa.values() if one.rank in ("species", "subspecies")]
    assert len(asked) > 350
    differing = set()
    for taxon in asked:
        want = {row.appendix for row in taxon.listings} | ({"NC"} if taxon.partly else set())
        answers = listing_of(taxon.name, date=COP17).answers
        says = {one.population_appendix.replace(NO_LISTING, "NC") for one in answers}
        if says != want:
            differing.add((taxon.name, "/".join(sorted(want)), "/".join(sorted(says))))
    assert differing == explained("parrots")
