import csv
import io
import json
import re

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import InputError
from forensics.trade import import_file
from forensics.trade.exchange import (
    ETIS_COLUMNS,
    aitr_columns,
    export_seizures,
    write_etis,
)
from forensics.trade.importing import Totals
from forensics.trade.record import Seizure, Specimen, is_of_seizure
from forensics.trade.sheets import clean
from forensics.trade.store import memory_store
from forensics.trade.vocabulary import (
    FIELDS,
    QUANTITY_COLUMNS,
    SEIZURE_FIELDS,
    SPECIMEN_FIELDS,
    countries,
    names_of,
)

# -- records that a store can hold ---------------------------------------------------------

_ABSENT = {"", "-", "--", "n/a", "n.a.", "n.d.", "nd", "none", "null", "?", "néant", "neant"}
_LETTERS = st.characters(
    codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters="\n\t"
)
_TEXT = (
    st.one_of(st.text(_LETTERS, min_size=1, max_size=20),
              st.sampled_from(["=1+1", "+5", "-x", "@a", "a;b", 'say "no"', "l1\nl2", "'quoted'", "NA"]))
    .map(clean)
    .filter(lambda text: text.casefold() not in _ABSENT and text == clean(text) and "\r" not in text)
    # In a table a row that says "total" waits for a decision.
    .filter(lambda text: not Totals().suspect({"agency": text}, {}, ()))
)  # fmt: skip
_CODES = st.sampled_from([code for code, one in countries().items() if one.kind == "country"])
_NUMBERS = st.floats(0.0001, 1e9).map(lambda value: float(f"{value:.10g}"))
_DATES = st.one_of(
    st.dates().filter(lambda day: day.year > 1999).map(str), st.sampled_from(["2019", "2019-03"])
)


def _of_field(name):
    field = FIELDS[name]
    return {
        "text": _TEXT,
        "date": _DATES,
        "codes": st.lists(_CODES, min_size=1, max_size=3, unique=True).map("; ".join),
        "taxon": st.sampled_from(["Manis javanica", "Loxodonta africana", "Panthera tigris"]),
        "number": _NUMBERS,
        "latitude": st.floats(-90, 90).map(lambda value: round(value, 5) + 0.0),
        "longitude": st.floats(-180, 180).map(lambda value: round(value, 5) + 0.0),
        "currency": st.sampled_from(["USD", "EUR", "XAF"]),
        "code": _CODES
        if field.list == "country"
        else st.sampled_from(sorted(names_of(field.list)))
        if field.list
        else None,
    }[field.kind]


@st.composite
def _quantities(draw):
    kind = draw(st.sampled_from(["one", "range", "open", "words", "none"]))
    low = draw(_NUMBERS)
    if kind == "one":
        found = {"quantity_low": low, "quantity_high": low}
    elif kind == "range":
        found = {"quantity_low": low, "quantity_high": low * 2}
    elif kind == "open":
        found = {draw(st.sampled_from(["quantity_low", "quantity_high"])): low}
    elif kind == "words":
        return {"quantity_text": "a great many"}
    else:
        return {}
    if draw(st.booleans()):
        found["approximate"] = 1
    if draw(st.booleans()):
        found["quantity_text"] = "as the officer wrote"
    return found


def _some(names):
    return st.fixed_dictionaries({}, optional={name: _of_field(name) for name in names})


@st.composite
def _records(draw):
    held = []
    for _number in range(draw(st.integers(1, 3))):
        seizure = draw(_some(SEIZURE_FIELDS))
        specimens = []
        for _place in range(draw(st.integers(1, 3))):
            specimen = draw(_some(name for name in SPECIMEN_FIELDS if name != "quantity"))
            specimens.append({**specimen, **draw(_quantities())})
        held.append((seizure, specimens))
    return held


def stored(held):
    store = memory_store()
    with store.changing():
        for seizure, specimens in held:
            key = store.add_seizure(seizure)
            for number, specimen in enumerate(specimens, 1):
                store.add_specimen(key, number, None, specimen)
    return store


def plain(store):
    return [(dict(one.values), [dict(x.values) for x in one.specimens]) for one in store.seizures()]


def _seized(one):
    """Return a record with those of its specimens that were seized."""
    seizure, specimens = one
    kept = [each for each in specimens if is_of_seizure(seizure.get("basis"), each.get("source"))]
    return seizure, kept


def there_and_back(held, name, suffix, folder, **options):
    with stored(held) as store:
        made = export_seizures(store.seizures(), name, **options)
    path = folder / f"records.{suffix}"
    path.write_bytes(made.data)
    with memory_store() as other:
        import_file(other, path)
        return plain(other), made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exchange")


LOSSLESS = {
    "aitr csv": ("aitr", "csv", {"everything": True, "ending": "csv"}),
    "aitr csv in French": ("aitr", "csv", {"everything": True, "ending": "csv", "language": "fr"}),
    "aitr csv in Portuguese": (
        "aitr",
        "csv",
        {"everything": True, "ending": "csv", "language": "pt"},
    ),
    "aitr xlsx": ("aitr", "xlsx", {"everything": True, "ending": "xlsx"}),
    "geojson": ("geojson", "geojson", {}),
}


def test_a_record_whose_reference_is_a_word_for_a_total_comes_back_from_geojson(folder):
    record = ({"reference": "SOMA"}, [{"quantity_low": 1.0, "quantity_high": 1.0}])
    read, _made = there_and_back([record], "geojson", "geojson", folder)
    assert read == [record]


@pytest.mark.parametrize("kind", LOSSLESS)
@examples(100)
@given(held=_records())
def test_there_and_back_nothing_is_lost(folder, kind, held):
    name, suffix, options = LOSSLESS[kind]
    found, made = there_and_back(held, name, suffix, folder, **options)
    assert found == held and not made.left_out


def _referred(held):
    """Return records with a reference: a row that names no seizure waits for a person."""
    return [({**one, "reference": f"R{n}"}, kinds) for n, (one, kinds) in enumerate(held, 1)]


@examples(100)
@given(held=_records())
def test_the_form_loses_only_what_it_says(folder, held):
    held = _referred(held)
    found, made = there_and_back(held, "aitr", "csv", folder)
    lost = {(one.seizure, one.field) for one in made.left_out}
    kept = aitr_columns()
    rows = [specimen for _seizure, specimens in found for specimen in specimens]
    wanted = []
    for number, (seizure, specimens) in enumerate(held, 1):
        if len(_seized((seizure, specimens))[1]) < len(specimens):
            assert (number, "") in lost
        for specimen in _seized((seizure, specimens))[1]:
            for name in {*seizure, *specimen} & set(FIELDS):
                assert name in kept or name == "basis" or (number, name) in lost
            if {*seizure, *specimen} & {*kept, *QUANTITY_COLUMNS}:
                wanted.append({name: v for name, v in specimen.items() if name in kept})
            else:
                assert (number, "") in lost
    got = [{name: value for name, value in row.items() if name in kept} for row in rows]
    order = lambda one: json.dumps(one, sort_keys=True)  # noqa: E731
    assert sorted(got, key=order) == sorted(wanted, key=order)


@st.composite
def _ivory(draw):
    """Seizures of elephants with what ETIS can hold: one number a group."""
    names = ["reference", "date", "agency", "place", "admin1", "country", "departure", "transit",
             "destination", "transport", "concealment", "detection", "nationality", "information",
             "reason"]  # fmt: skip
    seizure = {**draw(_some(names)), "basis": "seizure"}
    specimens = []
    for term in draw(st.lists(st.sampled_from(["TUS", "IVC", "SKI"]), min_size=1, unique=True)):
        unit = draw(st.sampled_from(["kg", "no."]))
        low = draw(_NUMBERS)
        one = {"species": "Loxodonta africana", "term": term, "quantity_low": low, "quantity_high": low,
               "unit": unit}  # fmt: skip
        if draw(st.booleans()) and term != "SKI":
            one["origin"] = draw(_CODES)
        if unit == "kg" and draw(st.booleans()):
            one["pieces"] = float(draw(st.integers(1, 999)))
        specimens.append(one)
    order = {"TUS": 0, "IVC": 1, "SKI": 2}
    specimens.sort(key=lambda one: order[one["term"]])
    return [(seizure, specimens)]


@examples(100)
@given(held=_ivory())
def test_etis_gives_back_what_it_has_columns_for(folder, held):
    held = _referred(held)
    found, made = there_and_back(held, "etis", "csv", folder)
    assert not made.left_out
    (seizure, specimens) = held[0]
    origins = {one.get("origin") for one in specimens} - {None}
    for one in specimens:  # hides have the origins of the whole seizure
        if one["term"] == "SKI" and origins:
            one["origin"] = "; ".join(
                dict.fromkeys(o["origin"] for o in specimens if o.get("origin"))
            )
    assert [seizure, specimens] == list(found[0])


# -- what others ask of the files ----------------------------------------------------------

RECORDS = [
    (
        {"reference": "=R1", "date": "2019-03-05", "country": "SG", "transit": "AE; MY",
         "destination": "CN", "latitude": 1.25, "longitude": 103.5, "nationality": "CN"},
        [
            {"species": "Loxodonta africana", "term": "TUS", "quantity_low": 200.0,
             "quantity_high": 200.0, "unit": "kg", "origin": "UG", "pieces": 20.0},
            {"species": "Loxodonta africana", "term": "IVP", "quantity_low": 5.0, "quantity_high": 8.0,
             "unit": "kg", "origin": "NA"},
        ],
    ),
    ({"reference": "R2", "date": "2020", "basis": "trade report"}, [{"species": "Manis javanica"}]),
]  # fmt: skip


def written(name, **options):
    with stored(RECORDS) as store:
        return export_seizures(store.seizures(), name, **options)


def table_of(export):
    return list(csv.DictReader(io.StringIO(export.data.decode("utf-8-sig"), newline="")))


def test_columns_are_those_of_the_lists(evaluation_data):
    text = (evaluation_data / "trade" / "column_lists.md").read_text(encoding="utf-8")
    listed = re.search(r"44 columns\]: (.*?)\.?\n", text)[1].split(",")
    assert list(ETIS_COLUMNS) == listed and len(listed) == 44
    numbers = [FIELDS[name].number for name in aitr_columns()]
    assert numbers == sorted(numbers) and set(numbers) == set(range(1, 22))


@pytest.mark.parametrize("name", ["aitr", "etis"])
def test_no_cell_of_a_table_is_a_formula(name):
    for row in csv.reader(io.StringIO(written(name).data.decode("utf-8-sig"), newline="")):
        assert not [cell for cell in row if re.match(r"[=+@\t\r]|-\D", cell)]


def test_a_workbook_is_read_by_another_program_unchanged(tmp_path):
    import openpyxl

    path = tmp_path / "report.xlsx"
    path.write_bytes(written("aitr", ending="xlsx").data)
    rows = list(openpyxl.load_workbook(path)["report"].iter_rows())
    assert [cell.value for cell in rows[0]] == list(aitr_columns().values())
    assert rows[1][0].value == "'=R1" and {cell.data_type for row in rows for cell in row} <= {
        "s",
        "n",
    }
    quantity = list(aitr_columns()).index("quantity")
    assert rows[1][quantity].value == 200 and rows[2][quantity].value == "5-8"


def test_the_report_has_the_seizures_of_its_year_only():
    export = written("aitr", year=2019)
    assert export.records == 2 and {row["Date of seizure"] for row in table_of(export)} == {
        "2019-03-05"
    }
    assert "not in the year of the report" in {one.why for one in export.left_out}
    assert "a line of the legal trade" in {one.why for one in written("aitr").left_out}


def test_etis_tells_what_it_cannot_carry():
    export = written("etis")
    (row,) = table_of(export)
    assert (
        row["Raw Iv Wt (kg)"] == "200"
        and row["Raw Iv No. Pcs"] == "20"
        and row["Cty Org"] == "UG; NA"
    )
    told = {(one.field, one.why) for one in export.left_out}
    assert ("quantity", "ETIS has no ranges and no estimates") in told
    assert ("latitude", "ETIS has no such column") in told


@pytest.mark.parametrize("unit", ["no.", ""])
def test_pieces_of_what_is_counted_are_no_weight_to_etis(unit):
    tusks = {"species": "Loxodonta africana", "term": "TUS", "unit": unit, "pieces": 12.0,
             "quantity_low": 12.0, "quantity_high": 12.0}  # fmt: skip
    export = write_etis([Seizure({"date": "2019-03-05"}, (Specimen(tusks),))])
    (row,) = table_of(export)
    assert (row["Raw Iv No. Pcs"], row["Raw Iv Wt (kg)"]) == ("12", "")


def test_geojson_puts_longitude_first():
    held = json.loads(written("geojson").data)
    point, nothing = (feature["geometry"] for feature in held["features"])
    assert point == {"type": "Point", "coordinates": [103.5, 1.25]} and nothing is None


@pytest.mark.parametrize("content", ["[]", '[{"event_details": {}}]', "{}", '{"type": "Feature"}'])
def test_json_that_is_no_collection_of_features_is_refused(folder, content):
    (folder / "x.json").write_text(content)
    with memory_store() as store, pytest.raises(InputError, match="FeatureCollection"):
        import_file(store, folder / "x.json")
