import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.io.numbers import LETTERS, parse_degrees

DEGREES = st.floats(-180, 180).map(lambda value: round(value, 6))


@pytest.mark.parametrize("axis", ["latitude", "longitude"])
@pytest.mark.parametrize("comma", [".", ","])
@given(DEGREES)
def test_degrees_are_the_same_with_a_sign_and_with_a_letter(axis, comma, value):
    letter = LETTERS[axis][value < 0]
    assert parse_degrees(f"{value:.6f}".replace(".", comma), axis) == value
    assert parse_degrees(f"{abs(value):.6f}".replace(".", comma) + f"° {letter}", axis) == value


@pytest.mark.parametrize(
    "text", ["", "12°30'S", "12 30 15", "12.5 E", "-12.5 N", "1.234,5", "12.5.1", "N 12.5", "1e1", "nan"]
)  # fmt: skip
def test_minutes_other_axes_and_contradictions_are_refused(text):
    with pytest.raises(ValueError):
        parse_degrees(text, "latitude")


def test_a_minus_and_south_are_one_statement():
    assert parse_degrees("-12.5 S", "latitude") == parse_degrees("12,5S", "latitude") == -12.5
