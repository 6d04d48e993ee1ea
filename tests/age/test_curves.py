import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.age.radiocarbon import Curve, calibrate, f14c_of_age, joined, read_curve
from forensics.errors import ForensicsError, InputError

TEXT = "# made\n" + "".join(f"{-x} {-100 * x} 8\n" for x in range(0, 10)) + "10 100 9\n"


def written(folder, text, name="made.14C"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_cal_bp_and_age_become_years_and_f14c(tmp_path):
    curve = read_curve(written(tmp_path, TEXT))
    assert curve.span == (1940.0, 1959.0)
    mean, error = curve.at(np.array([1950.0, 1955.0]))
    assert mean == pytest.approx([1.0, np.exp(500 / 8033)])
    assert error == pytest.approx([8 / 8033, np.exp(500 / 8033) * 8 / 8033])


def test_an_age_becomes_f14c_by_the_mean_life_of_libby():
    value, error = f14c_of_age(1234.0, 30.0)
    assert float(value) == pytest.approx(np.exp(-1234 / 8033))
    assert float(error) == pytest.approx(np.exp(-1234 / 8033) * 30 / 8033)


@pytest.mark.parametrize(
    "text",
    ["year,F14C,sd\n1950,1.0,0.002\n1960,1.25,0.003\n",
     "F14C;sd;year\n1,0;0,002;1950\n1,25;0,003;1960\n",
     '\ufeff"year"\t"sd"\t"F14C"\n1950\t0.002\t1.0\n1960\t0.003\t1.25\n'],
)  # fmt: skip
def test_tables_of_f14c_are_read_as_people_write_them(tmp_path, text):
    curve = read_curve(written(tmp_path, text, "x.csv"))
    assert curve.years.tolist() == [1950, 1960]
    assert curve.f14c.tolist() == [1.0, 1.25]
    assert curve.sd.tolist() == [0.002, 0.003]


@given(st.permutations(TEXT.splitlines()))
def test_the_order_of_lines_does_not_matter(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("x")
    one = read_curve(written(folder, TEXT))
    other = read_curve(written(folder, "\n".join(lines), "other.14C"))
    assert (one.years == other.years).all()
    assert (one.f14c == other.f14c).all() and (one.sd == other.sd).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no points"),
        ("# only\n1 2 3\n", "no points"),
        ("1 2\n3 4\n", "three numbers"),
        ("1 2 3\n1 5 3\n", "twice"),
        ("1 2 x\n", "expected cal BP"),
        ("1 2 3\n2 2 -3\n", "not below 0"),
        ("1 2 3\n2 nan 3\n", "expected cal BP"),
        ("1 -90000 3\n2 5 3\n", "must be between 0 and"),
        ("1 -1e308 3\n2 5 3\n", "must be between 0 and"),
        ("1 2 3\n1e300 5 3\n", "is its first column"),
        ("year,F14C\n1950,1\n", "expected cal BP"),
    ],
)
def test_what_is_no_curve_is_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_curve(written(tmp_path, text))


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        read_curve(tmp_path / "none.14C")


@given(
    st.lists(
        st.tuples(st.integers(0, len(TEXT) - 1), st.binary(max_size=4), st.integers(0, 6)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_a_damaged_curve_is_read_or_refused_and_never_crashes(tmp_path_factory, changes):
    content = bytearray(TEXT.encode())
    for place, new, drop in changes:
        content[place : place + drop] = new
    path = written(tmp_path_factory.getbasetemp(), bytes(content), "damaged.14C")
    try:
        found = calibrate(1.05, 0.003, read_curve(path), until=1958.0)
    except ForensicsError:
        return
    assert found.probabilities.sum() == pytest.approx(1.0)


def line(name, first, last, value):
    years = np.arange(first, last + 1.0)
    return Curve(name, years, np.full(len(years), value), np.full(len(years), 0.002), ({},))


def test_of_overlapping_curves_the_first_counts():
    curve = joined([line("a", 1945, 2000, 1.2), line("b", 1900, 1950, 0.98)])
    assert curve.span == (1900.0, 2000.0)
    assert curve.at(np.array([1944.0, 1945.0]))[0].tolist() == [0.98, 1.2]
    assert len(curve.sources) == 2


def test_years_between_two_curves_are_not_invented():
    with pytest.raises(InputError, match="uncovered"):
        joined([line("a", 1955, 2000, 1.2), line("b", 1800, 1900, 0.98)])
    with pytest.raises(InputError, match="No calibration curve"):
        joined([])
