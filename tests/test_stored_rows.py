"""Rows that were written as CSV are read as rows, typed, and never taken for results."""

import csv
import io
import json

import pytest

import forensics
from forensics.barcode.identification import CSV_COLUMNS
from forensics.barcode.mixture.results import CSV_COLUMNS as MIXTURE_COLUMNS
from forensics.errors import InputError, UsageError
from forensics.io.cells import RowWriter
from forensics.origin.results import CSV_COLUMNS as ORIGIN_COLUMNS
from forensics.origin.results import Origin
from forensics.resources import folder
from forensics.stored_results import read_result
from forensics.stored_rows import (
    IdentificationRow,
    MixtureRow,
    OriginRow,
    ResultRows,
    _columns,
)


@pytest.fixture(scope="module")
def results():
    return forensics.identify(folder("reference_sequences") / "demonstration" / "exhibits.fasta")


def written(rows, columns, delimiter=","):
    stream = io.StringIO()
    RowWriter(stream, columns, delimiter=delimiter).write(rows)
    return stream.getvalue()


@pytest.fixture(scope="module")
def text(results):
    return written([result.to_row() for result in results], CSV_COLUMNS)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (IdentificationRow, CSV_COLUMNS),
        (OriginRow, ORIGIN_COLUMNS),
        (MixtureRow, MIXTURE_COLUMNS),
    ],
)
def test_the_fields_are_the_columns_that_are_written(kind, columns):
    assert tuple(_columns(kind)) == columns


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_rows_say_what_the_results_said(results, delimiter, tmp_path):
    path = tmp_path / "results.csv"
    path.write_text(written([r.to_row() for r in results], CSV_COLUMNS, delimiter), "utf-8")
    rows = forensics.read_results(path)
    assert isinstance(rows, ResultRows)
    assert [blank(row.to_row()) for row in rows] == [blank(result.to_row()) for result in results]
    assert [row.differences(result) for row, result in zip(rows, results)] == [()] * len(results)
    assert {type(row.probability) for row in rows} <= {float, type(None)}
    assert [row.line for row in rows] == list(range(2, 2 + len(rows)))


def blank(row):
    """Return a row as cells can tell it."""
    return {name: None if value == "" else value for name, value in row.items()}


def test_a_row_is_no_result(text):
    rows = forensics.read_results(text.splitlines())
    assert not isinstance(rows[0], forensics.Identification)
    assert not any(hasattr(rows[0], name) for name in ("to_dict", "to_json", "call", "candidates"))
    assert not hasattr(rows, "to_json")
    assert repr(rows).startswith("<rows of identify, without what else the results hold: ")


def test_differences_are_named(results, text):
    rows = forensics.read_results(text.splitlines())
    later = forensics.identify(
        folder("reference_sequences") / "demonstration" / "exhibits.fasta", in_library_prior=0.5
    )
    changed = {row.query: row.differences(result) for row, result in zip(rows, later)}
    assert "rank" in changed["skin"] and "rank" not in changed["scale"]
    assert rows[0].differences(rows[0]) == ()
    with pytest.raises(UsageError, match="other columns"):
        rows[0].differences(OriginRow(**dict.fromkeys(_columns(OriginRow), "")))


def test_the_frame_has_the_types_of_the_columns(results, text):
    frame = forensics.read_results(text.splitlines()).to_frame()
    expected = results.to_frame()[list(CSV_COLUMNS)]
    assert frame.dtypes.astype(str).to_dict() == expected.dtypes.astype(str).to_dict()
    assert frame.replace("", None).equals(expected.replace("", None))


def test_what_a_spreadsheet_program_makes_of_it_is_read(results, text):
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:  # a French one: decimal commas, its words for true and false, semicolons
        for name in ("identity", "probability", "coverage", "floor", "none_in_library"):
            row[name] = row[name].replace(".", ",")
        row["closest_other_identity"] = row["closest_other_identity"].replace(".", ",")
        row["search_exhaustive"] = {"True": "VRAI", "False": "FAUX"}[row["search_exhaustive"]]
        row["field number"] = f"00{row['index']}"
    again = written(rows, [*CSV_COLUMNS, "field number"], ";")
    read = forensics.read_results(again.splitlines())
    assert [blank(row.to_row()) for row in read] == [blank(result.to_row()) for result in results]
    assert read[0].other == {"field number": "001"}
    assert read.to_frame()["field number"].tolist()[:2] == ["001", "002"]


def test_a_name_that_looks_like_a_formula_comes_back():
    (result,) = forensics.identify(">=1+1\n" + "ACGT" * 60 + "\n")
    rows = forensics.read_results(written([result.to_row()], CSV_COLUMNS).splitlines())
    assert rows[0].query == "=1+1" and rows[0].differences(result) == ()


def test_the_csv_of_a_frame_is_read_with_its_listing(results, tmp_path):
    results.to_frame().to_csv(tmp_path / "frame.csv", index=False)
    rows = forensics.read_results(tmp_path / "frame.csv")
    assert [row.differences(result) for row, result in zip(rows, results)] == [()] * len(results)
    assert [row.appendices for row in rows] == [
        result.to_row()["appendices"] for result in results
    ] and any(row.appendices for row in rows)


def stored(root, name):
    path = root / "tests" / "golden" / "results" / f"{name}.jsonl"
    records = [json.loads(line)["result"] for line in path.read_text("utf-8").splitlines()]
    return [read_result(record) for record in records]


def test_rows_of_origin_are_read(root):
    results = [result for result in stored(root, "origin") if isinstance(result, Origin)]
    text = written([row for result in results for row in result.rows()], ORIGIN_COLUMNS)
    rows = forensics.read_results(text.splitlines())
    assert {type(row) for row in rows} == {OriginRow}
    assert [row.differences(result) for row, result in zip(rows, results)] == [()] * len(results)


def test_rows_of_a_mixture_are_read(root):
    mixtures = stored(root, "mixture")
    expected = [row for mixture in mixtures for row in mixture.rows()]
    rows = forensics.read_results(written(expected, MIXTURE_COLUMNS).splitlines())
    assert [row.to_row() for row in rows] == expected
    mixture = next(mixture for mixture in mixtures if len(mixture.rows()) > 1)
    with pytest.raises(UsageError, match="is not one row"):
        rows[0].differences(mixture)


def test_rows_of_before_placements_are_read(results):
    columns = [name for name in CSV_COLUMNS if not name.startswith("placement_")]
    text = written(
        [{name: result.to_row()[name] for name in columns} for result in results], columns
    )
    rows = forensics.read_results(text.splitlines())
    assert (
        {row.placement_rank for row in rows}
        == {row.placement_probability for row in rows}
        == {None}
    )


def test_a_head_alone_is_no_rows():
    assert len(forensics.read_results([",".join(CSV_COLUMNS)])) == 0


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("index", "first", "line 2: column 'index': found 'first'; expected a whole number"),
        ("index", "1.5", "expected a whole number"),
        ("index", "", "line 2: the column 'index' is empty"),
        ("identity", "high", "column 'identity': found 'high'; expected a number"),
        ("search_exhaustive", "maybe", "expected true or false"),
        ("floor", "", "the column 'floor' is empty"),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_named(text, column, value, message):
    rows = list(csv.DictReader(io.StringIO(text)))
    rows[0][column] = value
    with pytest.raises(InputError, match=message):
        forensics.read_results(written(rows, CSV_COLUMNS).splitlines())


def test_a_table_without_our_columns_is_not_read():
    with pytest.raises(InputError, match="these are rows for a spreadsheet"):
        forensics.read_results(["query,index,length", "A,1,600"])
