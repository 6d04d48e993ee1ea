import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forensics.taxonomy import names
from forensics.taxonomy.names import parse_name


@pytest.mark.parametrize(
    "text, genus, species",
    [
        ("Manis javanica", "Manis", "Manis javanica"),
        ("Manis_javanica", "Manis", "Manis javanica"),
        ("  Manis   javanica ", "Manis", "Manis javanica"),
        ("Panthera tigris altaica", "Panthera", "Panthera tigris"),
        ("Panthera (Panthera) tigris", "Panthera", "Panthera tigris"),
        ("Bubo bubo", "Bubo", "Bubo bubo"),
        ("Polygonia c-album", "Polygonia", "Polygonia c-album"),
        ("Larus schistisagus", "Larus", "Larus schistisagus"),
        ("Manis", "Manis", ""),
        ("Aus sensu", "Aus", "Aus sensu"),
        ("Aus grus", "Aus", "Aus grus"),
        ("Canis lupus familiaris Group-3", "Canis", "Canis lupus"),
    ],
)
def test_names_reach_as_far_as_they_say(text, genus, species):
    name = parse_name(text)
    assert (name.genus, name.species, name.hybrid) == (genus, species, False)


@pytest.mark.parametrize(
    "text",
    [
        "Manis sp.", "Manis sp", "Manis sp. 2", "Manis sp.2", "Manis spp.", "Manis cf. javanica",
        "Manis aff. javanica", "Manis nr. javanica", "Manis gen. sp.", "Manis indet.",
        "Manis javanica complex", "Manis BOLD:AAA1234", "Manis 123", "Manis gr. javanica",
        "Manis javanica agg.", "Manis javanica group", "Manis javanica culionensis agg.",
        "Manis cf. javanica UGSB 10568", "Manis sp. javanica", "Manis like", "Manis (misc)",
        "Manis javanica-like", "Manis javanica s.l.", "Manis javanica sensu lato", "Manis Manis",
        "Manis COL-01",
    ],
)  # fmt: skip
def test_open_nomenclature_names_only_the_genus(text):
    name = parse_name(text)
    assert (name.genus, name.species) == ("Manis", "")
    assert name.label == text


@pytest.mark.parametrize(
    "text", ["Falco rusticolus x cherrug", "Falco rusticolus × F. cherrug", "Falco hybrid"]
)
def test_hybrids_name_no_species(text):
    name = parse_name(text)
    assert (name.genus, name.species, name.hybrid) == ("Falco", "", True)


@pytest.mark.parametrize(
    "text", ["", "uncultured bacterium", "sp.", "unidentified", "javanica", "123"]
)
def test_what_is_no_genus_is_none(text):
    name = parse_name(text)
    assert (name.genus, name.species) == ("", "")


def test_decomposed_accents_are_composed():
    assert parse_name("Isoe\u0308tes lacustris") == parse_name("Isoëtes lacustris")
    assert parse_name("Isoe\u0308tes lacustris").species == "Isoëtes lacustris"


def test_an_aggregate_written_with_an_underscore_is_one():
    assert parse_name("Tanytarsus lestagei_agg.").species == ""


WORDS = st.one_of(
    st.text("abxSMé-.× ", min_size=1, max_size=4),
    st.sampled_from(
        sorted(names._NO_NAMES | {"Manis", "javanica", "lato", "Sensu", "Sp", "(misc)"})
    ),
)


@given(st.lists(WORDS, max_size=3).map(" ".join))
@example("Sensu lato")
@example("M javanica")
def test_plain_binomials_are_read_as_the_patterns_read_them(text):
    read = parse_name.__wrapped__
    with pytest.MonkeyPatch.context() as patch:
        quick = read(text)
        patch.setattr(names, "_is_binomial", lambda *_words: False)
        assert quick == read(text)


def test_a_plain_binomial_asks_no_pattern(monkeypatch):
    monkeypatch.setattr(names, "re", None)
    assert parse_name.__wrapped__("Manis javanica").species == "Manis javanica"
