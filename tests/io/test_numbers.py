import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.io.numbers import AmbiguousNumberError, decimal_text, find_decimal_sign, parse_number

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
