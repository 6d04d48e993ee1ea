import io

import numpy as np
import pandas as pd
import pytest

from forensics.errors import InputError
from forensics.individual.captive.measurements import isotope_of, read_measurements, unit_of

TABLE = "Sample;δ¹³C (‰, VPDB);d15N air;zinc (mg/kg);origin;farm\nA;-21,5;7;120;wild;1\nB;−20;8,5;;wild;2\n"


def read(text, **options):
    return read_measurements(io.BytesIO(text.encode()), **options)


def test_semicolons_decimal_commas_and_typographic_minus_are_read():
    found = read(TABLE, classes="origin", groups="farm")
    assert found.names == ("A", "B")
    assert found.columns == ("d13C", "d15N")
    assert found.units == ("‰ VPDB", "‰ AIR")
    assert found.values.tolist() == [[-21.5, 7.0], [-20.0, 8.5]]
    assert found.classes == ("wild", "wild") and found.groups == ("1", "2")
    assert len(found.sha256) == 64


def test_one_column_need_not_be_in_a_list():
    assert read(TABLE, columns="d15N air").columns == ("d15N",)


def test_a_missing_measurement_is_nan_and_never_a_number():
    found = read(TABLE, columns=["d13C", "zinc (mg/kg)"])
    assert found.units[1] == "mg/kg"
    assert np.isnan(found.values[1, 1]) and found.values[0, 1] == 120
    for mark in ("NA", "n/a", "-", "."):
        assert np.isnan(read(f"id,d13C,d15N\nA,{mark},7\n").values[0, 0])


@pytest.mark.parametrize(
    ("header", "isotope"),
    [
        ("d13C", "d13C"), ("δ13C", "d13C"), ("delta_15N", "d15N"), ("D34S_VCDT", "d34S"),
        ("dD", "d2H"), ("δ²H (‰ VSMOW)", "d2H"), ("d18O.PDB", "d18O"), ("C", None), ("dN15", None),
        ("d2H.sd", None), ("depth", None), ("date", None),
    ],
)  # fmt: skip
def test_isotopes_are_known_by_their_names(header, isotope):
    assert isotope_of(header) == isotope


def test_a_unit_is_what_the_header_says():
    assert unit_of("d2H [VSMOW]") == "‰ VSMOW"
    assert unit_of("d18O pdb") == "‰ PDB"
    assert unit_of("Sr (ppm)") == "ppm"
    assert unit_of("body mass") == ""


@pytest.mark.parametrize(
    ("text", "options", "line", "message"),
    [
        ("id,d13C\nA,-21\nB,x\n", {}, 3, "sample B, column d13C: found 'x'; expected a number"),
        ("id,d13C\nA,-9999\n", {}, 2, "not a delta value"),
        ("id,d13C\nA,inf\n", {}, 2, "expected a number"),
        ("id,d13C\nA,1e999\n", {}, 2, "expected a number"),
        ("id,d13C,d15N\nA,,\n", {}, 2, "A has no value of d13C, d15N"),
        ("id,d13C\n,-21\n", {}, 2, "has no name"),
        ("id,mass\nA,3\n", {}, None, "none is an isotope"),
        ("id,d13C\nA,3\n", {"columns": ["d15N"]}, None, "expected one column d15N"),
        ("id,d13C\nA,3\n", {"columns": ["d13C", "δ13C"]}, None, "measure the same"),
        ("id,d13C,delta13C\nA,3,3\n", {}, None, "measure the same: d13C, delta13C"),
        ("id,d13C,d13C\nA,3,3\n", {}, None, "expected one column d13C"),
        ("x,d13C\nA,3\n", {}, None, "--sample-column"),
        ("id,d13C,o\nA,3,\n", {"classes": "o"}, 2, "sample A, column o: empty"),
    ],
)
def test_bad_tables_are_refused_with_their_place(text, options, line, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")) as caught:
        read(text, **options)
    assert caught.value.line == line


def test_control_characters_of_a_stranger_are_not_repeated():
    with pytest.raises(InputError) as caught:
        read("id,d13C\n\x1b[31mA,\x1b[2Jx\n")
    assert "\x1b" not in str(caught.value)


def test_a_data_frame_reads_like_a_file():
    frame = pd.DataFrame({"sample": ["A", "B"], "d13C": [-21.5, float("nan")], "d15N": [7, 8]})
    found = read_measurements(frame)
    assert found.values[0].tolist() == [-21.5, 7] and np.isnan(found.values[1, 0])
    assert found.sha256 == ""


def test_a_workbook_reads_like_a_text(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "known.xlsx"
    pd.DataFrame({"sample": ["A"], "d13C": [-21.5]}).to_excel(path, index=False)
    assert read_measurements(path).values.tolist() == [[-21.5]]


def test_how_a_table_was_read_is_kept_so_that_it_can_be_read_again():
    how = {"columns": ["d13C"], "sample": "Sample", "classes": "origin", "groups": "farm",
           "missing": ["lost"]}  # fmt: skip
    found = read(TABLE, **how)
    assert found.read_with == how
    again = read(TABLE, **found.read_with)
    assert again.classes == found.classes and (again.values == found.values).all()
    assert read("id,d13C\nA,7\n").read_with == {}


def test_a_comma_in_a_delta_value_is_decimal_as_no_delta_has_thousands(tmp_path):
    (tmp_path / "x.csv").write_text("sample;d13C;Sr\nA;-21,345;0,708\n")
    assert read_measurements(tmp_path / "x.csv").values.tolist() == [[-21.345]]
    (tmp_path / "y.csv").write_text("sample;d13C;Sr\nA;-21,3;1,708\n")
    with pytest.raises(InputError, match=r"column 'Sr': '1,708' may be 1\.708 or 1708"):
        read_measurements(tmp_path / "y.csv", columns=["d13C", "Sr"])
    (tmp_path / "z.csv").write_text("sample;d13C;Sr\nA;-21,3;1,708\nB;-20,1;0,71\n")
    assert read_measurements(tmp_path / "z.csv", columns=["d13C", "Sr"]).values[0, 1] == 1.708


def test_sheets_of_measurements_that_were_not_read_are_named(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("second")):
        sheet.append(["sample", "d13C"])
        sheet.append([sheet.title, -21.5])
    book.save(tmp_path / "x.xlsx")
    first = read_measurements(tmp_path / "x.xlsx")
    assert (first.names, first.other_sheets) == (("Sheet",), ("second",))
    second = read_measurements(tmp_path / "x.xlsx", sheet="second")
    assert (second.names, second.other_sheets) == (("second",), ())
