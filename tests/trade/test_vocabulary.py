import csv

from forensics.taxonomy.listings.kinds import kinds
from forensics.taxonomy.listings.table import country_names
from forensics.trade import vocabulary
from forensics.trade.vocabulary import (
    FIELDS,
    code_of,
    countries,
    country_of,
    names_of,
    range_states,
    term_of,
    terms,
    unit_of,
    units,
    values,
)


def test_every_word_stands_for_one_thing():
    for codes in ("term", "unit", "country", *values()):
        assert not [word for word, code in vocabulary._index(codes).items() if code is None]


def test_listings_know_every_term_of_records_and_call_it_the_same():
    assert not set(terms()) - set(kinds())
    assert "rostr" in kinds()["ROS"].name and kinds()["RUG"].name == "rugs"


def test_na_is_namibia():
    assert country_of("NA") == country_of("Namíbia") == "NA"
    assert country_of("N/A") is None


def test_words_of_three_languages_are_known():
    assert term_of("Écailles") == term_of("escamas") == term_of("scales") == "SCA"
    assert country_of("Côte d’Ivoire") == country_of("Costa do Marfim") == country_of("ci") == "CI"
    assert code_of("transport", "Avião") == code_of("transport", "by AIR") == "air"
    assert unit_of("KGS") == unit_of("quilos") == "kg"


def test_a_ton_is_no_tonne():
    assert unit_of("tonne") == "t" and unit_of("ton") is None


def test_every_value_says_whether_it_is_official():
    rows = vocabulary._rows("values.tsv")
    assert {row["status"] for row in rows} == {"official", "proposed", "house"}
    assert all(row["basis"] for row in rows)
    assert {field.status for field in FIELDS.values()} == {"official", "proposed", "house"}


def test_the_tables_agree_with_one_another():
    for term in terms().values():
        assert term.units and set(term.units) <= set(units())
    for field in FIELDS.values():
        assert (field.kind in ("code", "codes")) == bool(field.list)
        assert not field.list or names_of(field.list)
    for codes in range_states().values():
        assert all(vocabulary.countries()[code].kind == "country" for code in codes)


def test_the_fields_of_the_form_are_those_of_the_evaluation_data(evaluation_data):
    with open(evaluation_data / "trade" / "aitr_fields.csv", encoding="utf-8") as file:
        numbers = [int(row["n"]) for row in csv.DictReader(file)]
    assert sorted({field.number for field in FIELDS.values() if field.number}) == numbers


def test_the_terms_are_those_of_the_guidelines(evaluation_data):
    path = evaluation_data / "trade" / "cites_terms_units_2017.csv"
    with open(path, encoding="utf-8") as file:
        codes = {row["Code"].split(" ")[0] for row in csv.DictReader(file)}
    assert set(terms()) == codes


def test_the_countries_hold_those_of_the_parties(evaluation_data):
    path = evaluation_data / "trade" / "cites_parties.tsv"
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    missing = {row["code"] for row in rows} - set(vocabulary.countries())
    assert not missing
    unknown = [row["country"] for row in rows if country_of(row["country"]) is None]
    assert len(unknown) < 12, unknown


def test_a_country_has_the_names_of_the_listings_and_the_words_of_seizure_reports():
    known = countries()
    assert {code for code in known if known[code].kind == "country"} == set(country_names())
    assert known["ET"].names[:4] == country_names()["ET"]
    assert known["HK"].names == (
        "Hong Kong SAR China", "R.A.S. chinoise de Hong Kong", "Hong Kong, RAE da China",
        "Hong Kong", "Hong Kong SAR",
    )  # fmt: skip
    assert (known["ZR"].kind, known["ZR"].now) == ("former", "CD")
    assert known["XX"].kind == "cites"
