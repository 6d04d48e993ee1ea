"""The official lists; those that are written here are made, after their published columns."""

from datetime import date

import pytest

from forensics.errors import InputError
from forensics.taxonomy.listings import listing_of, read_official
from forensics.taxonomy.listings.results import NO_LISTING, NOT_COVERED
from forensics.taxonomy.listings.table import (
    AS_OF,
    EXCEPTED,
    Taxon,
    above,
    is_in_force,
    packaged,
)

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
    name, appendix, change, day, current, *, rank="SPECIES", party="", genus="", family="",
    annotation="",
):  # fmt: skip
    return (
        f"1,Animalia,Chordata,,,{family},{genus},,,{name},,{rank},{appendix},{party},,{change},{day},"
        f"{current},,,{annotation}\n"
    )  # fmt: skip


@pytest.fixture
def official(tmp_path):
    """A function that reads the list of some rows."""

    def read(head, *rows):
        path = tmp_path / "list.csv"
        path.write_text(head + "".join(rows), encoding="utf-8")
        return read_official(path, as_of=TODAY)

    return read


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
    found = listing_of("Panthera tigris", date="2026-11-01", law=index)
    assert found.appendices == ("I",) and found.as_of == TODAY
    assert not codes(found) & {"OFFICIAL_DIFFERS", "AFTER_TABLE"}
    assert found.provenance.library["official"]["as_of"] == "2026-11-01"


def test_where_they_differ_the_official_list_counts_and_that_is_told(index):
    found = listing_of("Okapia johnstoni", date="2026-11-01", law=index)
    assert found.appendices == ("I",) and "OFFICIAL_DIFFERS" in codes(found)
    shark = listing_of("Carcharhinus longimanus", date="2026-11-01", law=index)
    assert shark.appendices == ("I",) and "new text" in shark.answers[0].annotation


def test_remarks_are_made_of_the_answer_of_the_official_list(index):
    """A listed taxon must not bear the remarks of one of which the packaged table has nothing."""
    found = listing_of("Okapia johnstoni", source="I", date="2026-11-01", law=index)
    assert found.appendices == ("I",)
    assert codes(found) == {"OFFICIAL_DIFFERS", "SEIZED"}
    assert not found.suggestions and found.taxon.placed
    unlisted = listing_of("Nymphicus hollandicus", source="I", date="2026-11-01", law=index)
    assert "NOT_LISTED_IS_NOT_UNPROTECTED" in codes(unlisted) and "SEIZED" not in codes(unlisted)
    assert "APPENDIX_III_INCOMPLETE" not in codes(unlisted)  # the index has Appendix III


def test_a_name_that_only_the_official_list_knows_is_no_slip(tmp_path):
    path = tmp_path / "index.csv"
    path.write_text(INDEX + index_row("Panthera tigirs", "SPECIES", "I", "Panthera", "Felidae"))
    index = read_official(path, as_of=TODAY)
    found = listing_of("Panthera tigirs", date="2026-11-01", law=index)
    assert "MISSPELT" not in codes(found) and not found.suggestions
    assert not any("as it is spelt" in text for one in found.answers for text in one.conditions)


def test_reports_older_than_the_official_list_are_not_told(index, tmp_path):
    assert not listing_of("Okapia johnstoni", date="2026-11-01", law=index).reports
    path = tmp_path / "old.csv"
    path.write_text(INDEX + index_row("Panthera tigris", "SPECIES", "I", "Panthera", "Felidae"))
    old = read_official(path, as_of=date(2025, 1, 1))
    found = listing_of("Okapia johnstoni", date="2026-11-01", law=old)
    assert [one.taxon for one in found.reports] == ["Okapia johnstoni"]
    assert found.appendices == ("reported I",) and found.before[0].appendix == NOT_COVERED


def test_what_the_index_leaves_out_is_left_out(index):
    found = listing_of("Nymphicus hollandicus", date="2026-11-01", law=index)
    assert found.status == "no listing found" and "OFFICIAL_DIFFERS" not in codes(found)


def test_synonyms_of_the_index_are_followed(index, official):
    assert index.find("Felis tigris", TODAY).name == "Panthera tigris"
    said = "Felis Linnaeus, 1758; tigris Linnaeus; Felis tigris Linnaeus, 1758"
    tiger = official(INDEX, index_row("Panthera tigris", "SPECIES", "I", synonyms=said))
    assert tiger.names == {"Felis tigris": "Panthera tigris"}  # a genus alone is no name of a tiger


@pytest.mark.parametrize(
    "taxon, listing, asked, expected, differs",
    [
        # some of the taxon is in no Appendix: for both, for one of them alone
        ("Pecari tajacu", "II/NC", {}, ("II", NO_LISTING), False),
        ("Pecari tajacu", "II", {}, ("II",), True),
        ("Pecari tajacu", "II", {"population": "BR"}, ("II",), False),
        ("Corvus corax", "I/NC", {"population": "FR"}, ("I",), True),
        ("Corvus corax", "", {}, (NO_LISTING,), False),
        # populations: the index does not say which is in which Appendix
        ("Loxodonta africana", "I/II", {}, ("I", "II"), False),
        ("Loxodonta africana", "I/II", {"population": "KE"}, ("I",), False),
        ("Panthera tigris", "I/II", {}, ("I", "II"), True),
        ("Panthera tigris", "I/II", {"population": "IN"}, ("I",), False),
        ("Panthera tigris", "II", {"population": "IN"}, ("II",), True),
    ],
)
def test_the_index_counts_where_it_says_something_else(
    official, taxon, listing, asked, expected, differs
):
    index = official(INDEX, index_row(taxon, "SPECIES", listing))
    found = listing_of(taxon, date=TODAY, law=index, **asked)
    assert (found.appendices, found.as_of) == (expected, TODAY)
    assert (found.disagreement is not None) is differs
    assert not differs or found.disagreement.code == "OFFICIAL_DIFFERS"


def test_a_name_is_looked_for_as_it_was_given_before_that_of_cites(official):
    """*Loxodonta cyclotis* is covered as *L. africana* by the packaged table; a later index may list it."""
    africana = index_row("Loxodonta africana", "SPECIES", "I/II")
    found = listing_of("Loxodonta cyclotis", date=TODAY, law=official(INDEX, africana))
    assert (found.disagreement, found.as_of) == (None, TODAY)
    cyclotis = index_row("Loxodonta cyclotis", "SPECIES", "I")
    found = listing_of("Loxodonta cyclotis", date=TODAY, law=official(INDEX, africana, cyclotis))
    assert (found.appendices, found.disagreement.code) == (("I",), "OFFICIAL_DIFFERS")


def test_of_a_hybrid_the_packaged_table_answers(index):
    hybrid = "Felis catus x Prionailurus bengalensis"
    found = listing_of(hybrid, date="2026-11-01", law=index)
    assert found.appendices == listing_of(hybrid, date="2026-11-01").appendices
    assert "OFFICIAL_NOT_ASKED" in codes(found) and found.disagreement is None


def test_rows_that_are_empty_or_end_early_are_read_as_far_as_they_go(official):
    short = index_row("Panthera tigris", "SPECIES", "I").split(',"')[0]  # up to its Appendix
    index = official(INDEX, index_row("", "", ""), short + "\n")
    assert list(index.taxa) == ["Panthera tigris"]
    empty = history_row("", "", "", "", "")
    history = official(
        HISTORY, empty, history_row("Okapia johnstoni", "I", "ADDITION", "01/07/1975", "true")
    )
    assert list(history.taxa) == ["Okapia johnstoni"]


# -- lists that are a part ----------------------------------------------------------------


def whole_index(path, *, without=lambda name, above_it: False, renamed=()):
    """Write an index of all that the packaged table lists, but for some; others have a new name there."""
    listings = packaged().listings
    path.write_text(
        INDEX
        + "".join(
            index_row(f"Novo{name.lower()}", "SPECIES", rows[-1].appendix, synonyms=name)
            if name in renamed
            else index_row(
                name,
                rows[-1].rank.upper(),
                rows[-1].appendix,
                name.split(" ")[0] if " " in name else "",
            )
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
    [("Balaenoptera physalus", "I"), ("Cetacea", "II"), ("Manis javanica", "I"), ("Bos taurus", NOT_COVERED),
     ("Limnesia maculata", NOT_COVERED), ("Dalbergia nigra", "I")],
)  # fmt: skip
def test_a_part_says_nothing_of_what_it_lacks(parrots, name, expected):
    """An index of parrots alone made "no listing found" of a whale in Appendix I."""
    found = listing_of(name, date="2026-11-01", law=parrots, spelling=False)
    alone = listing_of(name, date="2026-11-01", spelling=False)
    assert expected in found.appendices and found.appendices == alone.appendices
    assert found.as_of == found.table_as_of == AS_OF
    assert found.disagreement.code == "NOT_IN_OFFICIAL_LIST"
    label, first = found.lines()[0]
    assert label == "CITES" and "is not in the official list given (parrots.csv" in first
    near = {"Balaenoptera physalus": "in Cetacea ", "Manis javanica": "in Pholidota "}.get(name, "")
    assert f"taxa listed {near}it holds 0." in first or not near
    assert [text for _label, text in found.lines()].count(first) == 1
    assert found.entry()["warnings"] == [found.disagreement.to_dict()]
    assert codes(alone) <= codes(found)


def test_what_a_part_holds_it_answers(parrots):
    found = listing_of("Ara macao", date="2026-11-01", law=parrots)
    assert (found.appendices, found.as_of, found.disagreement) == (("I",), TODAY, None)
    assert "warnings" not in found.entry()


def test_a_whole_list_says_that_a_taxon_is_not_listed_and_the_first_line_that_both_differ(tmp_path):
    whole = whole_index(tmp_path / "whole.csv")
    found = listing_of("Pan paniscus", date="2026-11-01", law=whole)
    assert (found.appendices, found.as_of, found.disagreement) == (("I",), TODAY, None)
    unlisted = listing_of("Bos taurus", date="2026-11-01", law=whole, spelling=False)
    assert (unlisted.appendices, unlisted.as_of, unlisted.disagreement) == (
        (NO_LISTING,),
        TODAY,
        None,
    )
    gone = whole_index(tmp_path / "gone.csv", without=lambda name, _above: name == "Dugong dugon")
    found = listing_of("Dugong dugon", date="2026-11-01", law=gone, spelling=False)
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
    found = listing_of(name, date="2026-11-01", law=part, spelling=False)
    assert "I" in found.appendices
    assert (found.disagreement.code, found.as_of) == ("NOT_IN_OFFICIAL_LIST", AS_OF)


def test_a_list_that_is_whole_around_a_name_but_a_part_of_the_kingdom_says_nothing_of_it(tmp_path):
    """A list of whales that misses one whale is no list of what is not listed."""
    whales = whole_index(
        tmp_path / "whales.csv",
        without=lambda name, above_it: (
            "Cetacea" not in (name, *above_it) or name == "Balaenoptera physalus"
        ),
    )
    found = listing_of("Balaenoptera physalus", date=TODAY, law=whales, spelling=False)
    assert found.appendices == ("I",) and found.disagreement.code == "NOT_IN_OFFICIAL_LIST"
    assert "taxa that are listed it holds" in found.disagreement.message
    # One of all animals needs no plants to say so.
    animals = whole_index(
        tmp_path / "animals.csv",
        without=lambda name, _above: (
            packaged().of(name)[0].kingdom == "plants" or name == "Balaenoptera physalus"
        ),
    )
    found = listing_of("Balaenoptera physalus", date=TODAY, law=animals, spelling=False)
    assert (found.appendices, found.disagreement.code) == ((NO_LISTING,), "OFFICIAL_DIFFERS")


def test_what_a_list_has_under_another_name_it_holds(tmp_path):
    whales = {name for name in packaged().listings if "Cetacea" in above(name) and " " in name}
    other = whole_index(
        tmp_path / "renamed.csv",
        without=lambda name, _above: name == "Balaenoptera physalus",
        renamed=whales,
    )
    found = listing_of("Balaenoptera physalus", date=TODAY, law=other, spelling=False)
    # The list, not the table; it has no row of the genus, and the whole order is in it.
    assert (found.appendices, found.disagreement.code) == (("II",), "OFFICIAL_DIFFERS")


def test_a_list_of_what_is_in_appendix_i_and_ii_today_is_whole_everywhere(official):
    """What was taken out, or is in Appendix III of a Party, need not be in it."""
    listings = packaged().listings
    today = {
        name
        for name, rows in listings.items()
        if any(is_in_force(row, AS_OF) and row.appendix in ("I", "II") for row in rows)
    }
    index = official(INDEX, *(index_row(name, "SPECIES", "II") for name in today))
    groups = {(name, *above(name))[-1] for name in listings}
    for group in sorted(groups):
        assert index.gap(Taxon("Novum nomen", "Novum nomen", (group,), None, True)) is None, group


def test_an_index_says_nothing_of_earlier_days(index):
    found = listing_of("Okapia johnstoni", date="2024-06-01", law=index)
    assert found.status == "not covered" and "INDEX_HAS_NO_DATES" in codes(found)
    assert found.as_of < TODAY


def test_a_later_day_than_that_of_the_index_is_told(index):
    assert "AFTER_TABLE" in codes(listing_of("Panthera tigris", date="2027-01-01", law=index))


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
    assert set(listing_of(name, date=day, law=history).appendices) == expected


def test_a_history_gives_appendix_iii_country_by_country(history):
    found = listing_of("Gazella dorcas", date="2005-01-01", law=history)
    assert {answer.listing.party for answer in found.answers} == {"TN"}
    later = listing_of("Gazella dorcas", date="2015-01-01", law=history)
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


APPENDIX_III = [
    history_row("Capra ficta", *row, rank="SPECIES", party=party)
    for *row, party in (
        ("III", "ADDITION", "22/04/1976", "false", "TN"),
        ("III", "ADDITION", "12/02/2008", "false", "DZ"),
        ("III", "DELETION", "01/03/2012", "false", "TN"),
        ("II", "ADDITION", "01/03/2015", "true", ""),
        ("III", "ADDITION", "01/03/2018", "false", "MA"),
        ("III", "DELETION", "01/03/2019", "false", "MA"),
    )
]


@pytest.mark.parametrize(
    "day, expected",
    [("1976-04-21", set()), ("1976-04-22", {"TN"}), ("2010-01-01", {"TN", "DZ"}), ("2012-03-01", {"DZ"}),
     ("2015-03-01", {"II"}), ("2018-06-01", {"II", "MA"}), ("2020-01-01", {"II"})],
)  # fmt: skip
def test_a_listing_of_a_party_ends_with_its_own_deletion_or_with_a_higher_appendix(
    official, day, expected
):
    listings = official(HISTORY, *APPENDIX_III).taxa["Capra ficta"].listings
    rows = [row for row in listings if is_in_force(row, date.fromisoformat(day))]
    assert {row.party or row.appendix for row in rows} == expected


def test_populations_of_one_taxon_stand_in_two_appendices_of_a_history(official):
    """What is current is not ended by what was added later."""
    rows = (("I", "18/01/1990"), ("II", "18/09/1997"))
    history = official(
        HISTORY,
        *(history_row("Loxodonta africana", one, "ADDITION", day, "true") for one, day in rows),
    )
    found = listing_of("Loxodonta africana", date=TODAY, law=history)
    assert (found.appendices, found.disagreement) == (("I", "II"), None)


def test_the_party_and_the_latest_annotation_of_a_history_are_told(history, official):
    agrees = listing_of("Gazella dorcas", date="2005-01-01", law=history)
    assert agrees.disagreement is None
    rows = (("12/02/1978", "of old"), ("12/02/1979", ""), ("12/02/1980", "the wild ones"))
    other = official(
        HISTORY,
        *(history_row("Gazella dorcas", "III", "ADDITION", day, "true", party="DZ", annotation=text)
          for day, text in rows),
    )  # fmt: skip
    found = listing_of("Gazella dorcas", date="2005-01-01", law=other)
    assert {one.annotation for one in found.answers} == {"the wild ones"}
    assert "III (DZ)" in found.disagreement.message and "III (TN)" in found.disagreement.message


@pytest.mark.parametrize(
    "name, day, expected",
    [
        # its own listing, none yet (then that of its genus), left out since its deletion, and again
        ("Bison ficta", "1979-01-01", NO_LISTING), ("Bison ficta", "1990-01-01", "II"),
        ("Bison ficta", "1996-01-01", "I"), ("Bison ficta", "2010-01-01", NO_LISTING),
        ("Bison ficta", "2021-01-01", "III"),
        # a reservation alone lists nothing; a deletion of what was listed before the list begins
        ("Bison reservata", "1990-01-01", "II"), ("Bison deleta", "1990-01-01", "II"),
        ("Bison deleta", "2000-02-01", NO_LISTING),
    ],
)  # fmt: skip
def test_a_taxon_that_is_not_listed_by_itself_goes_with_its_genus_until_it_is_left_out(
    official, name, day, expected
):
    of_bison = {"genus": "Bison", "family": "Bovidae"}
    history = official(
        HISTORY,
        history_row("Bison", "II", "ADDITION", "01/01/1980", "true", rank="GENUS", **of_bison),
        history_row("Bison ficta", "I", "ADDITION", "01/01/1995", "false", **of_bison),
        history_row("Bison ficta", "I", "DELETION", "01/02/2000", "false", **of_bison),
        history_row("Bison ficta", "III", "ADDITION", "01/01/2020", "true", party="US", **of_bison),
        history_row("Bison reservata", "II", "RESERVATION", "01/01/1980", "true", **of_bison),
        history_row("Bison deleta", "II", "DELETION", "01/02/2000", "true", **of_bison),
    )
    entry = history.find(name, date.fromisoformat(day))
    rows = entry.listings if entry else ()
    in_force = {row.appendix for row in rows if is_in_force(row, date.fromisoformat(day))}
    assert (in_force or {NO_LISTING}) == {expected}


def test_a_genus_of_which_the_list_has_no_row_is_in_the_family_that_it_lists(tmp_path):
    """A list of the family, without a row of the genus, made "no listing found" of a wedgefish."""
    whole = whole_index(tmp_path / "whole.csv")
    assert "Rhinidae" in whole.taxa and "Rhynchobatus" not in whole.above
    found = listing_of("Rhynchobatus djiddensis", date=TODAY, law=whole)
    assert (found.appendices, found.as_of, found.disagreement) == (("II",), TODAY, None)
