from collections import defaultdict

import pytest
from trade_simulation import as_csv, planted, rows

from forensics.errors import InputError, UsageError
from forensics.trade import import_file
from forensics.trade.checks import read_ranges, validate, validate_records
from forensics.trade.problems import CHECKED
from forensics.trade.record import Seizure, Specimen
from forensics.trade.store import memory_store

GOOD_SEIZURE = {
    "reference": "R1", "date": "2019-03-05", "country": "SG", "destination": "CN", "transit": "AE",
    "agency": "Customs",
}  # fmt: skip
GOOD = {
    "species": "Manis javanica", "term": "SCA", "quantity_low": 5.0, "quantity_high": 5.0, "unit": "kg",
    "origin": "ID", "appendix": "I", "source": "W", "value": 10.0, "currency": "USD",
}  # fmt: skip

BROKEN = {
    "COUNTRY_MISSING": ({"country": None}, {}),
    "TERM_MISSING": ({}, {"term": None}),
    "TAXON_MISSING": ({}, {"species": None}),
    "APPENDIX_MISSING": ({}, {"appendix": None}),
    "QUANTITY_MISSING": ({}, {"quantity_low": None, "quantity_high": None}),
    "DATE_MISSING": ({"date": None}, {}),
    "REFERENCE_MISSING": ({"reference": None}, {}),
    "QUANTITY_NOT_NUMBER": ({}, {"quantity_low": 0.0, "quantity_high": 0.0}),
    "DATE_NOT_A_DATE": ({"date": "last week"}, {}),
    "DATE_INCOMPLETE": ({"date": "2019-03"}, {}),
    "TERM_UNKNOWN": ({}, {"term": "scailes"}),
    "SOURCE_UNKNOWN": ({}, {"source": "Q"}),
    "PURPOSE_UNKNOWN": ({}, {"purpose": "7"}),
    "UNIT_UNKNOWN": ({}, {"unit": "viss"}),
    "COUNTRY_UNKNOWN": ({"destination": "Chinaa"}, {}),
    "ORIGIN_UNKNOWN": ({}, {"origin": "Q1"}),
    "TAXON_UNKNOWN": ({}, {"species": "Manis javanika"}),
    "APPENDIX_UNKNOWN": ({}, {"appendix": "IV"}),
    "APPENDIX_NOT_IN_FORCE": ({}, {"appendix": "II"}),
    "TERM_UNIT": ({}, {"unit": "l"}),
    "TERM_PURPOSE": ({}, {"purpose": "Z"}),
    "TERM_TAXON": ({}, {"term": "TUS"}),
    "ORIGIN_NOT_RANGE_STATE": ({}, {"origin": "NO"}),
    "DEPARTURE_NOT_RANGE_STATE": ({"departure": "NO"}, {"origin": None}),
    "ROUTE_ORIGIN_TWICE": ({"transit": "AE; ID"}, {}),
    "ROUTE_RETURNS": ({"transit": "AE; CN"}, {}),
    "TAXON_SOURCE": ({}, {"source": "A"}),
    "DATE_OUT_OF_RANGE": ({"date": "1969-03-05"}, {"appendix": None}),
    "COUNTRY_FORMER": ({"destination": "ZR"}, {}),
    "COUNTRY_UNSPECIFIC": ({"country": "XX"}, {}),
    "TAXON_NOT_HELD": ({}, {"species": "Passer montanus", "appendix": None}),
    "TAXON_NOT_STANDARD": ({}, {"species": "Smutsia gigantea", "origin": "CM"}),
    "QUANTITY_NOT_WHOLE": ({}, {"term": "LIV", "unit": "no.", "quantity_low": 2.5}),
    "VALUE_NOT_IN_LIST": ({"agency": "Team 7"}, {}),
    "BASIS_UNKNOWN": ({"basis": "hearsay"}, {}),
    "CURRENCY_UNKNOWN": ({}, {"currency": "XYZ"}),
    "COORDINATES_IN_PAIRS": ({"latitude": 1.0}, {}),
}
TOGETHER = {"QUANTITY_OUTLYING", "DUPLICATE_RECORD", "DUPLICATE_REFERENCE"}


def seizure(of_seizure=(), of_specimen=(), number=1):
    common = {k: v for k, v in {**GOOD_SEIZURE, **dict(of_seizure)}.items() if v is not None}
    values = {k: v for k, v in {**GOOD, **dict(of_specimen)}.items() if v is not None}
    if "quantity_low" in dict(of_specimen):
        values["quantity_high"] = max(
            values.get("quantity_low", 0), 5.0 if values.get("quantity_low") else 0
        )
        if dict(of_specimen)["quantity_low"] is None:
            del values["quantity_high"]
    return Seizure(common, (Specimen(values, number, 1),), number)


def imported(folder, table):
    """Return a store with the records of a table."""
    (folder / "simulated.csv").write_bytes(as_csv(table))
    store = memory_store()
    import_file(store, folder / "simulated.csv")
    return store


def codes(*seizures, **options):
    return set(validate_records(seizures, **options).counts)


def test_a_good_record_is_told_of_nothing():
    assert not codes(seizure())


@pytest.mark.parametrize("code", BROKEN)
def test_a_record_that_breaks_one_rule_is_told_of_that_rule(code):
    found = codes(seizure(*BROKEN[code]))
    assert code in found
    assert len(found) <= 2, found  # an unknown term, say, leaves others unanswered, and breaks none


def test_a_quantity_without_a_unit_is_in_pieces():
    assert codes(seizure(of_specimen={"unit": None})) == {"TERM_UNIT"}  # scales are weighed
    assert not codes(seizure(of_specimen={"unit": None, "term": "LIV"}))


def test_every_rule_has_a_record_that_breaks_it():
    assert set(CHECKED) == set(BROKEN) | TOGETHER


def test_26_rules_adapt_those_of_legal_trade():
    assert [bool(rule.follows) for rule in CHECKED.values()] == [True] * 26 + [False] * (
        len(CHECKED) - 26
    )


@pytest.mark.parametrize(
    ("changes", "field", "proposed"),
    [
        (({"destination": "Camerroon"}, {}), "destination", "CM"),
        (({"destination": "ZR"}, {}), "destination", "CD"),
        (({"transit": "AE; Malaysya"}, {}), "transit", "AE; MY"),
        (({}, {"term": "scailes"}), "term", "SCA"),
        (({}, {"species": "Manis javanika"}), "species", "Manis javanica"),
        (({}, {"species": "Diceros ibcornis", "term": "HOR", "unit": "no.", "origin": "KE"}), "species",
         "Diceros bicornis"),
        (({}, {"appendix": "II"}), "appendix", "I"),
        (({}, {"appendix": None}), "appendix", "I"),
        (({}, {"unit": "tons"}), "unit", "t"),
        (({"agency": "national police"}, {}), "agency", "Police"),
    ],
)  # fmt: skip
def test_a_correction_is_proposed_where_one_is_likely(changes, field, proposed):
    found = [one for one in validate_records([seizure(*changes)]).problems if one.field == field]
    assert [one.suggestion for one in found] == [proposed]


@pytest.mark.parametrize(
    "changes",
    [({}, {"term": "leather"}), ({"destination": "Xanadu"}, {}), ({}, {"species": "Passer montanus"}),
     ({}, {"appendix": None, "species": "Loxodonta africana", "term": "TUS", "origin": "BW"})],
)  # fmt: skip
def test_nothing_is_proposed_where_two_things_or_none_are_likely(changes):
    assert all(not one.suggestion for one in validate_records([seizure(*changes)]).problems)


def test_the_appendix_is_asked_for_the_day_of_the_seizure():
    before = seizure({"date": "2019-11-25"}, {"species": "Geochelone elegans", "term": "LIV",
                     "unit": "no.", "origin": "IN", "appendix": "II"})  # fmt: skip
    after = seizure({"date": "2019-11-26"}, dict(before.specimens[0].values))
    assert "APPENDIX_NOT_IN_FORCE" not in codes(before)
    assert "APPENDIX_NOT_IN_FORCE" in codes(after)


def test_the_population_counts_for_the_appendix():
    ivory = {"species": "Loxodonta africana", "term": "TUS", "appendix": "II"}
    assert "APPENDIX_NOT_IN_FORCE" in codes(seizure({}, {**ivory, "origin": "KE"}))
    assert "APPENDIX_NOT_IN_FORCE" not in codes(seizure({}, {**ivory, "origin": "BW"}))


def test_two_seizures_that_are_alike_are_told_once():
    one, two = seizure(number=1), seizure({"reference": "R2"}, number=2)
    found = validate_records([one, two]).problems
    assert [(problem.code, problem.seizure) for problem in found] == [("DUPLICATE_RECORD", 2)]
    assert codes(one, seizure({"place": "elsewhere"}, number=2)) == {"DUPLICATE_REFERENCE"}


def test_lines_of_legal_trade_are_reported_twice_and_are_no_duplicates():
    trade = {"basis": "trade report", "country": None, "departure": "ID"}
    pair = [seizure(trade, {"origin": None}, number) for number in (1, 2)]
    assert not codes(*pair)


def test_a_quantity_far_beyond_the_others_is_told_and_a_small_count_is_not():
    many = [
        seizure({"reference": f"R{n}"}, {"quantity_low": 5.0 + n % 7, "origin": "ID"}, n)
        for n in range(1, 40)
    ]  # fmt: skip
    for n, one in enumerate(many):
        one.specimens[0].values["quantity_high"] = one.specimens[0].low
        one.values["place"] = str(n)
    assert not codes(*many)
    wrong = many[3].specimens[0].values
    wrong["quantity_low"] = wrong["quantity_high"] = 8000.0
    found = validate_records(many).problems
    assert [(one.code, one.seizure) for one in found] == [("QUANTITY_OUTLYING", 4)]


def test_the_year_of_the_report_is_asked():
    assert "DATE_OUT_OF_RANGE" in codes(seizure(), year=2020)
    with pytest.raises(UsageError):
        validate_records([seizure()], year=19)


def test_planted_errors_are_found_and_good_rows_left_alone(tmp_path):
    table, truth = planted(800, 90)
    with imported(tmp_path, table) as store:
        found = validate(store)
    told = defaultdict(set)
    for one in found.problems:
        if one.severity != "note":
            told[one.row].add(one.code)
    bad = {one.row for one in truth}
    assert len([row for row in told if row not in bad]) <= 3
    hidden = ("swapped", "range State, and", "ten times", "thousand times")
    missed = [
        one for one in truth
        if not told[one.row] & one.codes and not any(word in one.kind for word in hidden)
    ]  # fmt: skip
    assert not missed, missed


def test_simulated_rows_are_valid_before_errors_are_planted(tmp_path):
    with imported(tmp_path, rows(300)) as store:
        found = validate(store)
    assert {one.code for one in found.problems if one.severity != "note"} <= {"QUANTITY_OUTLYING"}


def test_range_states_come_from_the_official_index_too(tmp_path):
    index = tmp_path / "index.csv"
    index.write_text("FullName,All_DistributionISOCodes\nManis javanica,NO SE\nManis,ID\n")
    ranges = read_ranges(index)
    assert ranges == {"Manis javanica": frozenset({"NO", "SE"})}
    assert "ORIGIN_NOT_RANGE_STATE" in codes(seizure(), ranges=ranges)
    assert "ORIGIN_NOT_RANGE_STATE" not in codes(seizure({}, {"origin": "NO"}), ranges=ranges)
    index.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="missing: FullName"):
        read_ranges(index)


def test_the_official_index_counts_after_the_packaged_table(tmp_path):
    from datetime import date

    from forensics.taxonomy.listings import read_official

    index = tmp_path / "index.csv"
    index.write_text(
        "FullName,RankName,CurrentListing,Order,Family,Genus\nManis javanica,SPECIES,II,,,Manis\n"
    )
    official = read_official(index, as_of=date(2025, 6, 1))
    late = seizure({"date": "2025-06-01"})
    assert not codes(late)  # the packaged table does not know that day
    assert codes(late, law=official) == {"APPENDIX_NOT_IN_FORCE"}


@pytest.mark.parametrize("text", ["M. javanica", "0", "???"])
def test_what_is_no_scientific_name_is_told(text):
    assert "TAXON_UNKNOWN" in codes(seizure({}, {"species": text, "appendix": None}))


def test_a_record_alone_is_told_of_what_it_is_told_of_among_many(tmp_path):
    """What a check found of other records with the same values holds of this one, too."""
    table, _truth = planted(150, 75, seed=5)
    with imported(tmp_path, table) as store:
        records = list(store.seizures())
    many, alone = defaultdict(list), defaultdict(list)
    for one in validate_records(records).problems:
        if one.code not in TOGETHER:
            many[one.seizure].append(one)
    for record in records:
        alone[record.id] += [
            one for one in validate_records([record]).problems if one.code not in TOGETHER
        ]
    assert {key: found for key, found in alone.items() if found} == many
