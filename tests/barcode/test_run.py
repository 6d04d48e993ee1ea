"""Results that live: tables, sums, slices, equality, reading back, notebooks."""

import pandas
import pytest
from simulation import SPECIES, far_sequence, query

import forensics
from forensics.barcode.run import INTEGER_COLUMNS, Identifications
from forensics.errors import InputError

ONE = query()
FAR = far_sequence()


@pytest.fixture
def table():
    return pandas.DataFrame(
        {
            "sequence": [ONE, FAR, query(SPECIES[3])],
            "mass": [3, 4, 5],
            "status": ["in", "out", "in"],
        },
        index=pandas.Index(["E1", "E2", "E3"], name="exhibit"),
    )


@pytest.fixture
def results(table, library):
    return forensics.identify(table, library=library)


def test_the_columns_of_the_sample_stand_beside_the_result(results, table):
    frame = results.to_frame()
    assert list(frame["exhibit"]) == list(frame["query"]) == ["E1", "E2", "E3"]
    assert list(frame["mass"]) == [3, 4, 5] and frame["mass"].dtype == "int64"
    assert list(frame["sample_status"]) == ["in", "out", "in"]  # `status` is that of the result
    joined = table.join(frame.set_index("exhibit")[["taxon"]])
    assert list(joined["taxon"])[::2] == [SPECIES[0], SPECIES[3]]


def test_whole_numbers_stay_whole_where_some_are_missing(results, library):
    frame = (results + forensics.identify({"E4": ONE}, library=library)).to_frame()
    assert {str(frame[name].dtype) for name in (*INTEGER_COLUMNS, "mass")} == {"Int64"}
    assert frame["mismatches"].isna().tolist() == [False, True, False, False]
    assert frame["mass"].isna().tolist() == [False, False, False, True]


def test_the_listing_is_that_of_what_was_called(results):
    frame = results.to_frame()
    assert frame["listing"][0] == results[0].listed_call().line()
    assert frame["appendices"][0] == "not covered"
    assert frame[["appendices", "listing", "listing_date"]].loc[1].isna().all()


def test_slices_and_sums_are_results(results):
    assert isinstance(results[1:], Identifications) and len(results[1:]) == 2
    assert results[:1] + results[1:] == results
    assert results[:1] != results[1:2]
    with pytest.raises(TypeError):
        results + [results[0]]


def test_a_result_equals_what_was_read_back_of_it(results, tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(results.to_json(), encoding="utf-8")
    assert forensics.read_results(path) == results
    assert Identifications.from_json(results.to_json()) == results
    assert Identifications.from_stored(result.to_dict() for result in results) == results
    assert results[0] == type(results[0]).from_json(results[0].to_json())
    assert results[0] != results[1] and results[0] != "E1"
    with pytest.raises(InputError):
        Identifications.from_json("{}\n")


def test_what_the_sample_brought_is_not_stored(results):
    assert "mass" not in results.to_json() and "sample_columns" not in results.to_json()


def test_a_notebook_shows_the_verdict_and_folds_the_details(results):
    html = results._repr_html_()
    assert html.count("<details>") == html.count("</details>") == 3
    assert html.index("NOTHING NEAR") < html.index(SPECIES[0])  # the doubtful ones first
    head, _fold, details = results[0]._repr_html_().partition("</summary>")
    assert SPECIES[0] in head and "CITES listing" in details and "CITES listing" not in head
    assert "library: simulated" in html
    assert Identifications([])._repr_html_() == "<div></div>"


def test_a_name_in_a_notebook_neither_is_markup_nor_turns_the_line_around(library):
    name = "\u202e<b>"
    html = forensics.identify({name: ONE}, library=library)._repr_html_()
    assert "<bdi>\u202e&lt;b&gt;</bdi>" in html and "\u202e<b>" not in html
