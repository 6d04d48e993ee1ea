import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from listing_cases import CASES

from forensics.errors import UsageError
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.kinds import kinds, kinds_of
from forensics.taxonomy.listings.lookup import SOURCES, day_of
from forensics.taxonomy.listings.table import (
    Listing,
    Populations,
    Table,
    complete,
    countries,
    members,
    packaged,
    place_of,
)

NAMES = sorted(packaged().listings)
DAY = "2018-05-01"


def codes(result):
    return {note.code for note in result.notes}


def standing(result):
    """Return what is answered, under which conditions; of a taxon within it with its name."""
    return [(one.appendix, one.member, *one.conditions) for one in result.answers]


def test_no_listing_found_is_never_said_to_be_unprotected():
    found = listing_of("Corvus corax", lineage="Corvidae", date=DAY)
    assert found.status == "no listing found"
    assert "NOT_LISTED_IS_NOT_UNPROTECTED" in codes(found)
    assert "protected" not in found.answers[0].heading
    assert "may still protect" in found.explanation()


def test_every_answer_bears_the_day_of_the_table():
    for case in CASES:
        found = listing_of(case.taxon, **case.asked)
        assert found.to_dict()["as_of"] == "2023-11-25"
        assert "2023-11-25" in dict(found.lines())["As of"]


def test_a_day_after_the_table_is_told_and_so_is_what_the_press_reported():
    found = listing_of("Rhincodon typus", date="2026-11-25")
    assert {"AFTER_TABLE", "AMENDMENT_REPORTED"} <= codes(found)
    assert found.appendices == ("reported I",)
    assert not {"AFTER_TABLE", "AMENDMENT_REPORTED"} & codes(
        listing_of("Rhincodon typus", date=DAY)
    )


def test_a_misspelt_name_gets_a_suggestion_and_its_answer_a_condition():
    found = listing_of("Panthera tigirs", date=DAY)
    assert found.suggestions == ("Panthera tigris",) and "MISSPELT" in codes(found)
    assert all("the name is right as it is spelt" in one.conditions for one in found.answers)
    assert listing_of("Loxodonta afrikana", date=DAY).suggestions == ("Loxodonta africana",)
    assert listing_of("Aquilara malaccensis", date=DAY).suggestions == ("Aquilaria malaccensis",)
    assert listing_of("Aquilara", date=DAY).suggestions == ("Aquilaria",)
    assert not listing_of("Panthera tigirs", date=DAY, spelling=False).suggestions
    assert not listing_of("Panthera tigirs x Panthera leo", date=DAY).suggestions


def test_a_name_that_is_listed_for_some_populations_is_not_said_to_be_listed_as_part_alone():
    found = listing_of("Prionailurus bengalensis bengalensis", date=DAY)
    assert found.appendices == ("I", "II") and "BY_HIGHER_TAXON" not in codes(found)
    assert "BY_HIGHER_TAXON" in codes(listing_of("Prionailurus bengalensis", date=DAY))


@pytest.mark.parametrize("genus", ["Canis", "Cervus"])  # Manis and Cereus are one letter away
def test_the_genus_of_a_listed_species_is_no_slip(genus):
    assert not listing_of(genus, date=DAY).suggestions


@pytest.mark.parametrize(
    "slip, meant, less", [("Aloestrela suzanna", "Aloestrela suzannae", "II"), ("Ovis orientalis ophio", "Ovis orientalis ophion", "II")]
)  # fmt: skip
def test_a_slip_in_a_name_that_cites_does_not_use_bears_the_condition_too(slip, meant, less):
    """The genus or the species alone leads to a name of CITES, in another Appendix than the one that is meant."""
    found = listing_of(slip, date=DAY)
    assert found.suggestions == (meant,) and less in found.appendices
    assert listing_of(meant, date=DAY).appendices == ("I",)
    assert all("the name is right as it is spelt" in one.conditions for one in found.answers)


def test_a_genus_that_is_not_known_may_be_in_a_family_that_is_listed():
    found = listing_of("Newgenus exampli", date=DAY)
    assert "NOT_PLACED" in codes(found)
    placed = listing_of("Newgenus exampli", kind="LIV", date=DAY, lineage=["Orchidaceae"])
    assert placed.appendices == ("II",) and "NOT_PLACED" not in codes(placed)


@pytest.mark.parametrize(
    "name, asked, reason",
    [
        # A tree of which the table knows no family, the same with its family, and an animal without one.
        ("Entandrophragma cylindricum", {"date": DAY}, "does not know its family"),
        ("Entandrophragma cylindricum", {"date": DAY, "lineage": "Meliaceae"}, "Of plants"),
        ("Corvus corax", {"date": DAY}, "does not know its family"),
        (
            "Corvus corax",
            {"date": "2026-11-27", "lineage": "Corvidae"},
            "the last day that is covered",
        ),
        (
            "Corvus corax",
            {"date": "2010-05-01", "lineage": "Corvidae"},
            "it is complete from 2017-01-02",
        ),
    ],
)
def test_outside_what_the_table_covers_it_says_so_and_never_no_listing_found(name, asked, reason):
    found = listing_of(name, **asked)
    assert found.status == "not covered" and reason in found.answers[0].reason
    assert "no listing found" not in found.explanation()


def test_a_listing_of_some_populations_of_a_plant_says_that_others_are_not_in_it():
    found = listing_of("Panax ginseng", kind="ROO", population="KR", date=DAY)
    assert found.status == "no listing found"


def test_a_genus_of_which_only_single_species_are_synonyms_is_not_placed_by_them():
    # Kachuga smithii is Pangshura smithii, of Geoemydidae that are not listed as a family.
    for name in ("Kachuga smithii", "Conurus jandaya", "Simia troglodytes"):
        found = listing_of(name, date="2023-06-01")
        assert found.appendices == ("not covered",) and "NOT_PLACED" in codes(found), name


def test_a_genus_whose_name_others_bear_is_asked_about():
    found = listing_of("Aotus ericoides", date=DAY)  # a shrub; the night monkeys are Appendix II
    assert found.appendices == ("II", "no listing found")
    assert all("the genus Aotus of the" in one.conditions[0] for one in found.answers)
    assert listing_of("Panthera tigris", date=DAY).taxon.homonym is None
    before = listing_of("Abronia", date="2016-01-01")  # of neither genus was anything listed
    assert standing(before) == [("not covered", "")]  # before all changes are in the table


def test_what_the_table_does_not_hold_of_the_past_is_told():
    before = listing_of("Puma concolor couguar", date="1985-01-01")
    assert "SINCE_NOT_RECORDED" in codes(before)
    assert listing_of("Macaca sylvanus", date="1970-01-01").status == "no listing found"
    assert "BEFORE_CONVENTION" in codes(listing_of("Macaca sylvanus", date="1970-01-01"))
    crocodile = listing_of("Crocodylus moreletii", population="MX", date="2005-01-01")
    assert crocodile.appendices == ("II", "not covered")  # the order is held, the species is not
    unknown = listing_of("Lamna nasus", date="2010-01-01")
    assert "HISTORY_NOT_HELD" in codes(unknown) and standing(unknown) == [("not covered", "")]
    assert standing(crocodile) == [
        ("II", "", "Crocodylus moreletii was not listed by itself on that day"),
        ("not covered", "", "Crocodylus moreletii was listed by itself on that day"),
    ]
    assert "BEFORE_CONVENTION" not in codes(listing_of("Macaca sylvanus", date="1975-07-01"))


def test_an_amendment_that_is_adopted_but_not_in_force_is_told():
    assert "ADOPTED_NOT_IN_FORCE" in codes(listing_of("Manis javanica", date="2016-12-01"))
    assert "ADOPTED_NOT_IN_FORCE" not in codes(listing_of("Manis javanica", date="2016-09-01"))
    assert "ADOPTED_NOT_IN_FORCE" in codes(listing_of("Prionace glauca", date="2023-06-01"))


def test_reservations_in_force_on_the_day_are_told():
    japan = [one.party for one in listing_of("Balaenoptera physalus", date=DAY).reservations]
    assert {"JP", "NO", "IS"} <= set(japan)
    tusk = dict(population="ZW", kind="TUS")
    assert "ZW" in [
        one.party
        for one in listing_of("Loxodonta africana", date="1992-01-01", **tusk).reservations
    ]
    assert "ZW" not in [
        one.party
        for one in listing_of("Loxodonta africana", date="2000-01-01", **tusk).reservations
    ]


def test_reservations_are_those_of_the_taxon_its_appendix_and_the_day():
    def parties(day, **more):
        found = listing_of("Loxodonta africana", date=day, **more)
        return {one.party for one in found.reservations}

    first = {"BW", "MW", "ZA", "ZM", "ZW", "CN", "HK"}
    assert parties("1990-01-17") == set()
    assert parties("1990-01-18") == first
    assert parties("1991-03-18") == first - {"CN", "HK"} | {"NA"}
    assert parties("1997-09-17") == first - {"CN", "HK"} | {"NA"}
    assert parties("1997-09-18") == {"MW", "ZA", "ZM"}
    assert parties("1999-01-01", population="BW") == set()  # in Appendix II, of which is none
    assert listing_of("Panthera tigris", date=DAY).reservations == ()


def test_the_name_of_cites_is_told_with_its_reference():
    found = listing_of("Smutsia gigantea", date=DAY).to_dict()
    assert found["query"] == "Smutsia gigantea" and found["taxon"] == "Manis gigantea"
    assert found["nomenclature"]["reference"].startswith("Wilson & Reeder")


def test_nomenclature_has_dates():
    assert listing_of("Ovis orientalis", date="2018-01-01").taxon.name == "Ovis aries"
    assert listing_of("Ovis orientalis", date="2020-01-01").taxon.name == "Ovis gmelini"


def test_an_entry_has_the_fields_of_identify():
    entry = listing_of("Loxodonta africana", population="BW", date=DAY).entry()
    assert set(entry) == {"species", "appendix", "taxon", "as_of", "annotation"}
    assert entry["appendix"] == "I/II"


def test_a_kind_may_be_a_code_a_word_or_a_wider_word():
    assert kinds_of("tus") == kinds_of("tusk") == ("TUS",)
    assert set(kinds_of("raw ivory")) < set(kinds_of("ivory"))
    assert kinds_of("ivoire brut") == kinds_of("marfil en bruto") == kinds_of("raw ivory")
    assert kinds_of("ivoire") == kinds_of("marfil") == kinds_of("ivory")
    assert kinds_of("Écaille") == kinds_of("escama") == kinds_of("scale")
    assert kinds_of(None) == kinds_of(" ") == ()
    with pytest.raises(UsageError, match="tusks"):
        kinds_of("tussk")


def test_a_wide_code_has_all_that_it_may_mean():
    for asked in (
        dict(population="ZW", date=DAY), dict(population="ZW", source="I", date=DAY), dict(date=DAY)
    ):  # fmt: skip
        wide, narrow = (
            listing_of("Loxodonta africana", kind=kind, **asked) for kind in ("CAR", "IVC")
        )
        assert set(narrow.appendices) <= set(wide.appendices), asked
    for code in kinds():
        for narrower in kinds_of(code):
            assert set(kinds_of(narrower)) <= set(kinds_of(code)), (code, narrower)
    assert "IVC" in kinds_of("carving") and kinds_of("IVC") == ("IVC",)
    assert "IVJ" in kinds_of("jewellery")


def test_kinds_of_which_the_same_follows_stand_in_one_answer():
    found = listing_of("Loxodonta africana", population="ZW", kind="CAR", date=DAY)
    said = [one.conditions[0] for one in found.answers]
    assert len(said) == 3 and "bone carvings, carvings, horn carvings" in said[0]


def test_a_genus_that_cites_does_not_have_leads_to_the_one_that_it_has():
    for name, cites_name in (
        ("Hippotigris zebra", "Equus zebra"),
        ("Hippotigris zebra hartmannae", "Equus zebra hartmannae"),
        ("Hippotigris quagga", "Equus burchellii"),  # which has another name there
        ("Dolichohippus grevyi", "Equus grevyi"),
        ("Asinus hemionus", "Equus hemionus"),
        ("Lynchailurus colocolo", "Leopardus colocolo"),
        ("Sibbaldus musculus", "Balaenoptera musculus"),
        ("Hippotigris", "Equus"),
    ):
        found, by_cites = (listing_of(one, date=DAY) for one in (name, cites_name))
        assert found.taxon.name == by_cites.taxon.name == cites_name
        assert found.appendices == by_cites.appendices
        assert found.to_dict()["nomenclature"]["given"] == name
    assert listing_of("Hippotigris zebra", date=DAY).appendices[0] == "II"


def test_countries_are_read_by_code_and_name():
    assert place_of("côte d'ivoire") == "CI" and place_of("GL-West") == "GL-WEST"
    assert place_of("gl-west") == "GL-west" and place_of("NA") == "NA"
    with pytest.raises(UsageError, match="ISO 3166"):
        place_of("Atlantis")


@pytest.mark.parametrize(
    "wrong", [{"date": "1.2.2003"}, {"source": "Q"}, {"generation": 0}, {"population": "XX"}]
)
def test_what_is_asked_wrongly_is_a_usage_error(wrong):
    with pytest.raises(UsageError):
        listing_of("Manis javanica", **wrong)


ASKED = st.fixed_dictionaries(
    {},
    optional={
        "population": st.sampled_from(sorted(countries())),
        "kind": st.sampled_from(sorted(kinds())),
        "source": st.sampled_from(sorted(SOURCES)),
    },
)
DATES = st.dates(min_value=packaged().complete_since, max_value=packaged().as_of)


@given(st.sampled_from(NAMES), ASKED, DATES)
def test_there_is_always_an_answer_and_it_can_be_written(name, asked, day):
    found = listing_of(name, date=day, **asked)
    assert found.answers and found.status != "not known"
    assert json.loads(found.to_json())["answers"]
    assert found.lines() and found.explanation()


@given(st.sampled_from(NAMES), ASKED, DATES)
def test_what_is_known_besides_never_adds_an_appendix_to_what_may_apply(name, asked, day):
    """Population and kind only narrow; a source code may deem it otherwise, so it is left alone."""
    source = {"source": asked["source"]} if "source" in asked else {}
    wide = set(listing_of(name, date=day, **source).appendices)
    assert set(listing_of(name, date=day, **asked).appendices) <= wide


@given(st.text(max_size=60))
def test_any_text_for_a_name_gives_an_answer_or_is_refused(text):
    try:
        assert listing_of(text, date=DAY).answers
    except UsageError as error:
        assert "not a scientific name" in str(error)


@given(st.sampled_from(sorted(countries())), st.sampled_from(["BW NA", "not BW NA", "", "AR-Y"]))
def test_a_place_and_its_absence_are_never_both_outside(place, text):
    limited = Populations.from_text(text)
    assert limited.covers(None) in (None, True)
    assert limited.covers(place) in (True, False, None)


def test_a_genus_whose_every_species_is_listed_by_itself_is_what_they_are():
    for taxon in ("Manis", "Manis sp.", "Manidae", "Pholidota"):
        assert listing_of(taxon, date="2020-05-01").appendices == ("I",), taxon
    assert listing_of("Manis", date="2016-05-01").appendices == ("II",)
    # A species that the standard nomenclature does not have stays with the genus.
    assert listing_of("Manis nova", date="2020-05-01").appendices == ("II",)


def test_a_species_contains_what_begins_with_its_name():
    names = list(packaged().listings)
    longer = {" ".join(name.split()[:2]) for name in names if name.count(" ") > 1}
    assert longer
    for species in (*longer, "Fictus albus"):
        within = tuple(name for name in names if name.startswith(f"{species} "))
        assert members(species, packaged()) == within


def test_what_is_called_complete_is_so_in_the_table():
    for taxon, number in complete().items():
        species = [name for name in members(taxon, packaged()) if name.count(" ") == 1]
        assert len(species) == number, taxon


@pytest.mark.parametrize(
    "text", ["LOXODONTA AFRICANA", "loxodonta africana", " Loxodonta  africana "]
)
def test_the_case_of_a_name_changes_no_answer(text):
    found = listing_of(text, population="KE", date=DAY)
    assert (found.taxon.name, found.appendices) == ("Loxodonta africana", ("I",))


@pytest.mark.parametrize("text", ["", "  ", "L. africana", "123", None, float("nan"), ["Manis"], 3])
def test_what_is_no_scientific_name_is_refused_and_never_not_listed(text):
    with pytest.raises(UsageError):
        listing_of(text)


def test_a_lineage_may_be_one_name_in_any_case():
    for lineage in ("Felidae", "felidae", ("FELIDAE",), ["Felidae", "Carnivora"]):
        assert listing_of("Xyz abc", lineage=lineage, date=DAY).appendices == ("II",), lineage


def test_values_of_a_table_of_pandas_are_what_they_are():
    import pandas

    for nothing in (None, float("nan"), pandas.NA, pandas.NaT, ""):
        found = listing_of("Manis javanica", population=nothing, kind=nothing, source=nothing)
        assert (found.population, found.kind or None, found.source) == (None, None, None)
    assert day_of(pandas.NaT) == day_of(pandas.NA) == day_of(None)
    for day in (pandas.Timestamp("2016-12-01 10:00"), pandas.Timestamp("2016-12-01").date()):
        assert listing_of("Manis javanica", date=day).appendices == ("II",)
    for wrong in ({"population": 3}, {"kind": ["TUS"]}, {"source": 1.5}, {"generation": 2.5}):
        with pytest.raises(UsageError):
            listing_of("Felis catus x Felis silvestris", **wrong)


def test_a_generation_is_counted_from_the_parents():
    hybrid = "Felis catus x Prionailurus bengalensis"
    for wrong in (0, -1, 2.5, "2"):
        with pytest.raises(UsageError, match="1 .a parent. or more"):
            listing_of(hybrid, generation=wrong)
    assert listing_of(hybrid, population="CN", generation=4, date=DAY).appendices == ("II",)


def test_what_was_asked_is_kept_as_it_was_asked():
    found = listing_of("Manis javanica", population=" cm", kind=" TUS ", source=" i", date=DAY)
    assert (found.population, found.kind, found.source) == ("CM", "TUS", "I")
    assert listing_of("Manis javanica", kind=" ", date=DAY).kind is None


def test_a_generation_of_what_is_no_hybrid_is_refused():
    with pytest.raises(UsageError, match="Give both parents"):
        listing_of("Manis javanica", generation=2)


@pytest.mark.parametrize("name, code", [
    ("Cameroun", "CM"), ("cameroon", "CM"), ("Indonésie", "ID"), ("indonesie", "ID"),
    ("Côte d’Ivoire", "CI"), ("Cote d'Ivoire", "CI"), ("Moçambique", "MZ"), ("Viêt Nam", "VN"),
])  # fmt: skip
def test_countries_are_known_by_their_names_in_several_languages(name, code):
    assert place_of(name) == code


def test_a_word_that_is_placed_nowhere_is_not_known_and_never_not_listed():
    found = listing_of("Elephant")
    assert found.appendices == ("not covered",) and "NOT_PLACED" in codes(found)
    assert listing_of("Bombus", lineage="Apidae", date=DAY).appendices == ("no listing found",)


# -- conditions: what must be true for an answer ------------------------------------------


@pytest.mark.parametrize(
    "taxon, asked, expected",
    [
        # listed for some populations, for the others otherwise or not at all
        ("Pecari tajacu", {},
         [("II", "", "it is of another population"),
          ("no listing found", "", "it is of the populations of Mexico, United States of America")]),
        ("Pecari tajacu", {"population": "BR"}, [("II", "")]),
        ("Swietenia macrophylla", {"kind": "LOG"},
         [("II", "", "it is of the populations of Neotropics"),
          ("no listing found", "", "it is of another population")]),
        # with listed taxa within it
        ("Canis lupus", {"population": "IN"},
         [("I", "", "it is not Canis lupus dingo nor Canis lupus familiaris"),
          ("no listing found", "Canis lupus dingo"), ("no listing found", "Canis lupus familiaris")]),
        ("Swietenia", {"kind": "LOG", "population": "ID"},
         [("II", "Swietenia humilis"), ("II", "Swietenia mahagoni"),
          ("not covered", "", "it is not Swietenia humilis nor Swietenia mahagoni")]),
        ("Swietenia", {"kind": "LOG"},
         [("II", "Swietenia humilis"),
          ("II", "Swietenia macrophylla", "it is of the populations of Neotropics"),
          ("II", "Swietenia mahagoni"),
          ("not covered", "", "it is not Swietenia humilis nor Swietenia macrophylla (the "
           "populations of Neotropics) nor Swietenia mahagoni")]),
        # four are named, five are counted
        ("Apalone", {},
         [("I", "Apalone spinifera atra"), ("III", "Apalone ferox"), ("III", "Apalone mutica"),
          ("III", "Apalone spinifera", "it is not Apalone spinifera atra"),
          ("no listing found", "", "it is not Apalone ferox nor Apalone mutica nor Apalone spinifera "
           "nor Apalone spinifera atra")]),
        ("Bubalus", {},
         [("I", "Bubalus depressicornis"), ("I", "Bubalus mindorensis"), ("I", "Bubalus quarlesi"),
          ("III", "Bubalus arnee"), ("no listing found", "Bubalus bubalis"),
          ("no listing found", "", "it is none of the 5 taxa that are listed by themselves")]),
    ],
)  # fmt: skip
def test_each_answer_bears_what_must_be_true_for_it(taxon, asked, expected):
    assert standing(listing_of(taxon, date=DAY, **asked)) == expected


def test_why_something_is_in_no_appendix_is_said():
    people, cockatiel = (
        listing_of(one, date=DAY).answers[0] for one in ("Homo sapiens", "Nymphicus hollandicus")
    )
    assert people.reason.startswith("People are in no Appendix")
    assert cockatiel.reason == "Nymphicus hollandicus is left out of the Appendices by name."


def test_what_is_bred_for_trade_is_deemed_otherwise_in_appendix_i_alone():
    macaw, other = (
        listing_of(one, source="D", date=DAY).answers[0] for one in ("Ara macao", "Ara ararauna")
    )
    assert macaw.heading == "in Appendix I, this specimen deemed II"
    assert (other.heading, other.deemed, other.reason) == ("Appendix II", False, "")


def made(*rows):
    """Return a table of some rows: taxon, rank, Appendix, populations."""
    listings = {}
    for taxon, rank, appendix, populations in rows:
        row = Listing(taxon, rank, appendix, "", Populations.from_text(populations), (), None, None,
                      True, "made", "animals")  # fmt: skip
        listings[taxon] = (*listings.get(taxon, ()), row)
    return Table(listings, date(2025, 1, 1), date(2017, 1, 2))


def test_a_family_that_is_not_sure_to_hold_a_genus_leaves_other_answers_alone():
    within, without = (
        f"Galeocerdo is of the {family}" for family in ("Carcharhinidae", "Galeocerdonidae")
    )
    us, other = (
        "it is of the populations of United States of America",
        "it is of another population",
    )

    def asked(*rows):
        return standing(listing_of("Galeocerdo cuvier", date="2024-06-01", table=made(*rows)))

    assert asked(("Carcharhinidae", "family", "II", "US")) == [
        ("II", "", within, us),
        ("no listing found", "", other),
        ("no listing found", "", without),
    ]
    by_itself = ("Galeocerdo cuvier", "species", "I", "US")
    assert asked(by_itself, ("Carcharhinidae", "family", "II", "")) == [
        ("I", "", us),
        ("II", "", within, other),
        ("no listing found", "", without),
    ]
    assert asked(("Galeocerdo cuvier", "species", "I", "")) == [("I", "")]
    assert asked(by_itself) == [("I", "", us), ("no listing found", "", other)]


def test_rows_that_together_are_the_whole_world_leave_nothing_to_the_taxon_above():
    rows = (("Panthera leo", "species", "I", "IN"), ("Panthera leo", "species", "II", "not IN"))
    found = listing_of(
        "Panthera leo", date=DAY, table=made(*rows, ("Felidae", "family", "III", ""))
    )
    assert found.appendices == ("I", "II")
    found = listing_of(
        "Panthera leo", date=DAY, table=made(rows[0], ("Felidae", "family", "II", ""))
    )
    assert standing(found) == [
        ("I", "", "it is of the populations of India"), ("II", "", "it is of another population")
    ]  # fmt: skip


def test_the_day_that_the_table_states_is_not_after_it():
    found = listing_of("Rhincodon typus", date=packaged().as_of)
    assert found.reports == () and found.appendices == ("II",)
    assert not {"AFTER_TABLE", "AMENDMENT_REPORTED"} & codes(found)


# -- several answers on a screen ----------------------------------------------------------------


def test_an_elephant_is_answered_by_a_rule_what_decides_and_its_exceptions_together():
    """Thirteen paragraphs, nearly the same, were printed in the order of their Appendices."""
    lines = listing_of("Loxodonta africana", date="2023-11-25").lines()
    cites = [text for label, text in lines if label == "CITES"]
    south = "the populations of Botswana, Namibia, South Africa, Zimbabwe"
    assert cites[0] == f"Appendix I, but {south}: Appendix I or Appendix II."
    assert lines[1] == (
        "Decided by", "the population, then the kind of specimen"
    )  # fmt: skip
    everywhere_else, exceptions = cites[1:]
    assert everywhere_else.startswith(
        "Appendix I, if it is of all populations but those of Botswana"
    )
    assert exceptions.startswith(
        f"If it is of {south}. Appendix II, where (1) the specimen is: trophies"
    )
    assert exceptions.index("(9)") < exceptions.index(
        "Otherwise: in Appendix II, this specimen deemed I. Listed: Loxodonta africana"
    )
    assert exceptions.count(south) == 2  # as the condition of all, and as what is listed


def test_what_was_said_is_not_asked_for_again_and_on_paper_nothing_is():
    asked = {"population": "BW", "date": "2023-11-25"}
    lines = dict(listing_of("Loxodonta africana", **asked).lines())
    assert lines["Decided by"] == "the kind of specimen"
    found = listing_of("Loxodonta africana", date="2023-11-25")
    assert "Decided by" not in dict(found.lines(on_paper=True))
    decided = listing_of("Loxodonta africana", population="CM", kind="TUS", date="2026-11-27")
    assert [text[:11] for label, text in decided.lines() if label == "CITES"] == ["Appendix I."]
    # What is reported of four other countries is not told of this one.
    assert not decided.reports
