"""The official lists; those that are written here are made, after their published columns."""

from datetime import date

import pytest

from forensics.errors import InputError
from forensics.taxonomy.listings import listing_of, read_official
from forensics.taxonomy.listings.answers import NO_LISTING
from forensics.taxonomy.listings.nomenclature import above
from forensics.taxonomy.listings.table import AS_OF, EXCEPTED, packaged

INDEX = (
    "TaxonId,Kingdom,Phylum,Class,Order,Family,Genus,Species,Subspecies,FullName,AuthorYear,"
    "RankName,CurrentListing,FullAnnotationEnglish,#AnnotationSymbol,SynonymsWithAuthors\n"
)
HISTORY = (
    "TaxonId,Kingdom,Phylum,Class,Order,Family,Genus,Species,Subspecies,FullName,AuthorYear,RankName,"
    "Appendix,PartyIsoCode,PartyFullName,ChangeType,EffectiveAt,IsCurrent,#AnnotationSymbol,"
    "#Annotation,FullAnnotationEnglish\n"
)
TODAY = date(2026, 11, 1)


def index_row(name, rank, listing, genus="", family="", order="", annotation="", synonyms=""):
    return (
        f'1,Animalia,Chordata,,{order},{family},{genus},,,{name},,{rank},{listing},"{annotation}",,'
        f'"{synonyms}"\n'
    )


def history_row(
    name, appendix, change, day, current, *, rank="SPECIES", party="", genus="", family=""
):
    return (
        f"1,Animalia,Chordata,,,{family},{genus},,,{name},,{rank},{appendix},{party},,{change},{day},"
        f"{current},,,\n"
    )  # fmt: skip


@pytest.fixture
def index(tmp_path):
    path = tmp_path / "Index_of_CITES_Species.csv"
    path.write_text(
        INDEX
        + index_row("Okapia johnstoni", "SPECIES", "I", "Okapia", "Giraffidae", "Artiodactyla")
        + index_row("Felidae", "FAMILY", "I/II/NC", "", "Felidae", "Carnivora")
        + index_row("Panthera tigris", "SPECIES", "I", "Panthera", "Felidae", "Carnivora",
                    synonyms="Felis tigris Linnaeus, 1758")
        + index_row("Carcharhinus longimanus", "SPECIES", "I", "Carcharhinus", "Carcharhinidae",
                    "Carcharhiniformes", "All populations, new text")
        + index_row("Nymphicus hollandicus", "SPECIES", "NC", "Nymphicus", "Cacatuidae",
                    "Psittaciformes"),
        encoding="utf-8",
    )  # fmt: skip
    return read_official(path, as_of=TODAY)


def codes(found):
    return {note.code for note in found.notes}


def test_where_both_agree_the_answer_is_that_of_the_table_and_as_current_as_the_index(index):
    found = listing_of("Panthera tigris", date="2026-11-01", official=index)
    assert found.appendices == ("I",) and found.as_of == TODAY
    assert not codes(found) & {"OFFICIAL_DIFFERS", "AFTER_TABLE"}
    assert found.provenance.library["official"]["as_of"] == "2026-11-01"


def test_where_they_differ_the_official_list_counts_and_that_is_told(index):
    found = listing_of("Okapia johnstoni", date="2026-11-01", official=index)
    assert found.appendices == ("I",) and "OFFICIAL_DIFFERS" in codes(found)
    shark = listing_of("Carcharhinus longimanus", date="2026-11-01", official=index)
    assert shark.appendices == ("I",) and "new text" in shark.answers[0].annotation


def test_remarks_are_made_of_the_answer_of_the_official_list(index):
    """A listed taxon must not bear the remarks of one of which the packaged table has nothing."""
    found = listing_of("Okapia johnstoni", source="I", date="2026-11-01", official=index)
    assert found.appendices == ("I",)
    assert codes(found) == {"OFFICIAL_DIFFERS", "SEIZED"}
    assert not found.suggestions and found.taxon.placed
    unlisted = listing_of("Nymphicus hollandicus", source="I", date="2026-11-01", official=index)
    assert "NOT_LISTED_IS_NOT_UNPROTECTED" in codes(unlisted) and "SEIZED" not in codes(unlisted)
    assert "APPENDIX_III_INCOMPLETE" not in codes(unlisted)  # the index has Appendix III


def test_a_name_that_only_the_official_list_knows_is_no_slip(tmp_path):
    path = tmp_path / "index.csv"
    path.write_text(INDEX + index_row("Panthera tigirs", "SPECIES", "I", "Panthera", "Felidae"))
    index = read_official(path, as_of=TODAY)
    found = listing_of("Panthera tigirs", date="2026-11-01", official=index)
    assert "MISSPELT" not in codes(found) and not found.suggestions
    assert not any("as it is spelt" in text for one in found.answers for text in one.conditions)


def test_reports_older_than_the_official_list_are_not_told(index, tmp_path):
    assert not listing_of("Okapia johnstoni", date="2026-11-01", official=index).reports
    path = tmp_path / "old.csv"
    path.write_text(INDEX + index_row("Panthera tigris", "SPECIES", "I", "Panthera", "Felidae"))
    old = read_official(path, as_of=date(2025, 1, 1))
    found = listing_of("Okapia johnstoni", date="2026-11-01", official=old)
    assert [one.taxon for one in found.reports] == ["Okapia johnstoni"]
    assert found.appendices == ("not known", "no listing found")


def test_what_the_index_leaves_out_is_left_out(index):
    found = listing_of("Nymphicus hollandicus", date="2026-11-01", official=index)
    assert found.status == "no listing found" and "OFFICIAL_DIFFERS" not in codes(found)


def test_synonyms_of_the_index_are_followed(index):
    assert index.find("Felis tigris", TODAY).name == "Panthera tigris"


# -- lists that are a part ----------------------------------------------------------------


def whole_index(path, *, without=lambda name, above_it: False):
    """Write an index of all that the packaged table lists, but for some."""
    listings = packaged().listings
    path.write_text(
        INDEX
        + "".join(
            index_row(name, rows[-1].rank.upper(), rows[-1].appendix)
            for name, rows in ((name, listings[name]) for name in listings)
            if rows[-1].appendix != EXCEPTED and not without(name, above(name))
        ),
        encoding="utf-8",
    )
    return read_official(path, as_of=TODAY)


@pytest.fixture
def parrots(tmp_path):
    path = tmp_path / "parrots.csv"
    path.write_text(
        INDEX
        + index_row("Psittaciformes", "ORDER", "I/II/NC", "", "", "Psittaciformes")
        + index_row("Ara macao", "SPECIES", "I", "Ara", "Psittacidae", "Psittaciformes"),
        encoding="utf-8",
    )
    return read_official(path, as_of=TODAY)


@pytest.mark.parametrize(
    "name, expected",
    [("Balaenoptera physalus", "I"), ("Cetacea", "II"), ("Manis javanica", "I"), ("Bos taurus", NO_LISTING),
     ("Limnesia maculata", NO_LISTING), ("Dalbergia nigra", "I")],
)  # fmt: skip
def test_a_part_says_nothing_of_what_it_lacks(parrots, name, expected):
    """An index of parrots alone made "no listing found" of a whale in Appendix I."""
    found = listing_of(name, date="2026-11-01", official=parrots, spelling=False)
    alone = listing_of(name, date="2026-11-01", spelling=False)
    assert expected in found.appendices and found.appendices == alone.appendices
    assert found.as_of == found.table_as_of == AS_OF
    assert found.disagreement.code == "NOT_IN_OFFICIAL_LIST"
    label, first = found.lines()[0]
    assert label == "CITES" and "is not in the official list given (parrots.csv" in first
    assert [text for _label, text in found.lines()].count(first) == 1
    assert found.entry()["warnings"] == [found.disagreement.to_dict()]
    assert codes(alone) <= codes(found)


def test_what_a_part_holds_it_answers(parrots):
    found = listing_of("Ara macao", date="2026-11-01", official=parrots)
    assert (found.appendices, found.as_of, found.disagreement) == (("I",), TODAY, None)
    assert "warnings" not in found.entry()


def test_a_whole_list_says_that_a_taxon_is_not_listed_and_the_first_line_that_both_differ(tmp_path):
    whole = whole_index(tmp_path / "whole.csv")
    found = listing_of("Pan paniscus", date="2026-11-01", official=whole)
    assert (found.appendices, found.as_of, found.disagreement) == (("I",), TODAY, None)
    unlisted = listing_of("Bos taurus", date="2026-11-01", official=whole, spelling=False)
    assert (unlisted.appendices, unlisted.as_of, unlisted.disagreement) == (
        (NO_LISTING,),
        TODAY,
        None,
    )
    gone = whole_index(tmp_path / "gone.csv", without=lambda name, _above: name == "Dugong dugon")
    found = listing_of("Dugong dugon", date="2026-11-01", official=gone, spelling=False)
    assert (found.appendices, found.disagreement.code) == ((NO_LISTING,), "OFFICIAL_DIFFERS")
    assert found.lines()[0] == ("CITES", found.disagreement.message)
    assert (
        "Official list of 2026-11-01: no listing found. Packaged table of 2023-11-25: I."
        in found.lines()[0][1]
    )


@pytest.mark.parametrize(
    "name, without",
    [("Balaenoptera physalus", lambda name, above_it: "Cetacea" in (name, *above_it)),
     ("Panthera tigris", lambda name, above_it: "Felidae" in (name, *above_it)),
     ("Manis javanica", lambda name, above_it: name[0] in "KLMN"),
     ("Dalbergia nigra", lambda name, above_it: name[0] in "CDE")],
    ids=["an order", "a family", "letters", "letters of plants"],
)  # fmt: skip
def test_a_list_that_lacks_a_group_says_nothing_of_it(tmp_path, name, without):
    part = whole_index(tmp_path / "part.csv", without=without)
    found = listing_of(name, date="2026-11-01", official=part, spelling=False)
    assert "I" in found.appendices
    assert (found.disagreement.code, found.as_of) == ("NOT_IN_OFFICIAL_LIST", AS_OF)


def test_an_index_says_nothing_of_earlier_days(index):
    found = listing_of("Okapia johnstoni", date="2024-06-01", official=index)
    assert found.status == "no listing found" and "INDEX_HAS_NO_DATES" in codes(found)
    assert found.as_of < TODAY


def test_a_later_day_than_that_of_the_index_is_told(index):
    assert "AFTER_TABLE" in codes(listing_of("Panthera tigris", date="2027-01-01", official=index))


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "History_of_CITES_Listings.csv"
    path.write_text(
        HISTORY
        + history_row("Panthera tigris", "I", "ADDITION", "01/07/1975", "false", genus="Panthera",
                      family="Felidae")
        + history_row("Panthera tigris", "I", "ADDITION", "22/10/1987", "true", genus="Panthera",
                      family="Felidae")
        + history_row("Bison bison athabascae", "I", "ADDITION", "01/07/1975", "false",
                      rank="SUBSPECIES", genus="Bison", family="Bovidae")
        + history_row("Bison bison athabascae", "II", "ADDITION", "18/09/1997", "false",
                      rank="SUBSPECIES", genus="Bison", family="Bovidae")
        + history_row("Bison bison athabascae", "II", "DELETION", "02/01/2017", "true",
                      rank="SUBSPECIES", genus="Bison", family="Bovidae")
        + history_row("Gazella dorcas", "III", "ADDITION", "22/04/1976", "true", party="TN")
        + history_row("Gazella dorcas", "III", "ADDITION", "12/02/2008", "true", party="DZ")
        + history_row("Gazella dorcas", "III", "RESERVATION", "12/02/2008", "true", party="XX"),
        encoding="utf-8",
    )  # fmt: skip
    return read_official(path, as_of=TODAY)


@pytest.mark.parametrize(
    "name, day, expected",
    [
        ("Panthera tigris", "1980-01-01", {"I"}),
        ("Bison bison athabascae", "1990-01-01", {"I"}),
        ("Bison bison athabascae", "2010-01-01", {"II"}),
        ("Bison bison athabascae", "2018-01-01", {"no listing found"}),
        ("Gazella dorcas", "2005-01-01", {"III"}),
    ],
)
def test_a_history_answers_for_its_days(history, name, day, expected):
    assert set(listing_of(name, date=day, official=history).appendices) == expected


def test_a_history_gives_appendix_iii_country_by_country(history):
    found = listing_of("Gazella dorcas", date="2005-01-01", official=history)
    assert {answer.listing.party for answer in found.answers} == {"TN"}
    later = listing_of("Gazella dorcas", date="2015-01-01", official=history)
    assert {answer.listing.party for answer in later.answers} == {"TN", "DZ"}


@pytest.mark.parametrize(
    "text, line, said",
    [
        ("a,b\n1,2\n", 1, "neither the column CurrentListing"),
        (INDEX + index_row("Panthera tigris", "SPECIES", "IV"), 2, "not an Appendix"),
        (INDEX.replace("RankName,", "Rank,"), 1, "missing: rank"),
        (HISTORY + history_row("Panthera tigris", "I", "ADDITION", "31/02/1975", "true"), 2, "date"),
        (HISTORY + history_row("Panthera tigris", "I", "CHANGE", "01/07/1975", "true"), 2, "change"),
        (HISTORY + history_row("Panthera tigris", "X", "ADDITION", "01/07/1975", "true"), 2, "Appendix"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, line, said):
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_official(path, as_of=TODAY)
    assert caught.value.line == line and said in str(caught.value)
