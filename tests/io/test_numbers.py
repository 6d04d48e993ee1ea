import datetime
import math

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from forensics.io.numbers import (
    LETTERS,
    AmbiguousNumberError,
    day_of,
    decimal_text,
    find_decimal_sign,
    parse_degrees,
    parse_number,
    read_date,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
def test_what_python_writes_is_read_back(value):
    assert parse_number(repr(value)) == value


@given(st.floats(-1e9, 1e9).map(lambda value: round(value, 4)))
def test_a_decimal_comma_gives_the_number_or_is_refused_as_ambiguous(value):
    text = f"{value:.4f}".rstrip("0")
    text = text + "0" if text.endswith(".") else text
    try:
        assert parse_number(text.replace(".", ",")) == float(text)
    except AmbiguousNumberError as error:
        assert error.readings == (float(text), float(text.replace(".", "")))
        assert len(text.partition(".")[2]) == 3 and 1 <= abs(value) < 1000


@given(st.integers(1, 10**12 - 1))
def test_grouped_thousands_give_the_number_or_are_refused_as_ambiguous(value):
    text = f"{value:,}"
    assert parse_number(text.replace(",", "\u202f")) == value
    try:
        assert parse_number(text) == value
    except AmbiguousNumberError as error:
        assert float(value) in error.readings


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "1_000", "nan", "inf", "1e999", "١٢", "1,2,3", "1.2.3", "5,", "1 2", "0x10", "--1", "1,5 kg"],
)  # fmt: skip
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(ValueError):
        parse_number(text)


@pytest.mark.parametrize("text", ["1,234", "-1,234", "999,000", "1,000e3", "1,234E-2"])
def test_a_comma_that_may_be_of_thousands_is_refused(text):
    with pytest.raises(AmbiguousNumberError):
        parse_number(text)
    assert decimal_text(text) == text


def test_bounds_of_the_quantity_and_other_cells_decide_between_two_readings():
    assert parse_number("-21,345", minimum=-900, maximum=900) == -21.345
    assert parse_number("1,234", minimum=100) == 1234
    assert parse_number("1,234", decimal=find_decimal_sign(["1,234", "12,5", "NA"])) == 1.234
    assert find_decimal_sign(["1,234", "2,345"]) == find_decimal_sign(["12,5", "12.5"]) == ""


def test_bounds_refuse_nothing():
    assert parse_number("1200", minimum=-900, maximum=900) == 1200


def test_the_minus_of_word_processors_is_a_minus():
    assert parse_number("\u221221.5") == parse_number("\u201321,5") == -21.5


@given(st.text("0123456789.,-+eE '\u00a0", max_size=12))
def test_any_text_gives_a_finite_number_or_a_value_error(text):
    try:
        assert math.isfinite(parse_number(text))
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-03-05", "2019-03-05"), ("2019-3-5", "2019-03-05"), ("2019-03-05T10:20:00Z", "2019-03-05"),
        ("31/01/2015", "2015-01-31"), ("01/31/2015", "2015-01-31"), ("5.5.2019", "2019-05-05"),
        ("3 mars 2019", "2019-03-03"), ("1er août 2019", "2019-08-01"), ("March 3, 2019", "2019-03-03"),
        ("12 de março de 2020", "2020-03-12"), ("fév 2019", "2019-02"), ("2019", "2019"),
        ("2019-07", "2019-07"),
    ],
)  # fmt: skip
def test_a_date_with_one_reading_is_read(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text", ["2019-02-30", "43525", "03/04/19", "soon", "", "32/13/2019", "2019-13"]
)
def test_what_is_no_date_is_none(text):
    assert read_date(text) is None


def test_an_ambiguous_date_is_told_unless_the_order_is_known():
    assert read_date("03/04/2019") == ("2019-04-03", "2019-03-04")
    assert read_date("03/04/2019", "dmy") == "2019-04-03"
    assert read_date("03/04/2019", "mdy") == "2019-03-04"


@examples(100)
@given(st.dates(datetime.date(1900, 1, 1)))
def test_the_orders_never_make_another_day(day):
    assert (
        read_date(f"{day:%d/%m/%Y}", "dmy")
        == read_date(f"{day:%m/%d/%Y}", "mdy")
        == day.isoformat()
    )
    found = read_date(f"{day:%d/%m/%Y}")
    assert day.isoformat() in (found if isinstance(found, tuple) else (found,))
    assert day_of(day.isoformat()) == day


DEGREES = st.floats(-180, 180).map(lambda value: round(value, 6))


@pytest.mark.parametrize("axis", ["latitude", "longitude"])
@pytest.mark.parametrize("comma", [".", ","])
@given(DEGREES)
def test_degrees_are_the_same_with_a_sign_and_with_a_letter(axis, comma, value):
    letter = LETTERS[axis][value < 0]
    assert parse_degrees(f"{value:.6f}".replace(".", comma), axis) == value
    assert parse_degrees(f"{abs(value):.6f}".replace(".", comma) + f"° {letter}", axis) == value


@pytest.mark.parametrize(
    "text",
    ["", "12°30S", "12 30 15", "12.5 E", "-12.5 N", "1.234,5", "12.5.1", "N 12.5 S", "S12°60'", "12.5°30'S", "12°30.5'15\"S",
     "12'30\"S", "1e1", "nan"],
)  # fmt: skip
def test_minutes_without_sign_other_axes_and_contradictions_are_refused(text):
    with pytest.raises(ValueError):
        parse_degrees(text, "latitude")


@pytest.mark.parametrize(
    "text", ["12°30'S", "S12° 30.000'", "-12º30’", "12° 30′ 00″ S", "s 12,5", "12°30'0''S"]
)  # fmt: skip
def test_minutes_and_seconds_are_parts_of_a_degree(text):
    assert parse_degrees(text, "latitude") == -12.5
    assert parse_degrees("30°15'36\"E", "longitude") == pytest.approx(30.26)


def test_a_minus_and_south_are_one_statement():
    assert parse_degrees("-12.5 S", "latitude") == parse_degrees("12,5S", "latitude") == -12.5
